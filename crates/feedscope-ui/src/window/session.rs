//! State of the window that a later window restores: the layout, and the state of each pane's view.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Window;
use crate::columns::ColumnChoice;
use crate::ids::{FeedId, PaneId};
use crate::lens::PayloadReading;
use crate::pane::PaneSession;
use crate::tiles::Layout;

/// State of a window, without the feeds and the received data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowSession {
    /// Layout of the panes.
    pub layout: Option<Layout>,
    /// ID of the pane that receives the keys.
    pub focused: u32,
    /// State of the panes' views, by the panes' IDs.
    pub views: BTreeMap<u32, PaneSession>,
}

impl Window {
    /// Returns the state that a later window restores.
    pub fn session(&self) -> WindowSession {
        let order = self.tiles.order();
        let view = |pane: &PaneId| Some((pane.0, self.panes.get(pane)?.session()));
        WindowSession {
            layout: self.tiles.layout(),
            focused: self.focused.0,
            views: order.iter().filter_map(view).collect(),
        }
    }

    /// Restores the state of a former window. The panes must have the same IDs.
    pub fn restore(&mut self, session: WindowSession) {
        if let Some(layout) = &session.layout {
            self.tiles.set_layout(layout);
        }
        self.focused = PaneId(session.focused);
        for (pane, view) in session.views {
            self.panes.entry(PaneId(pane)).or_default().restore(view);
        }
    }

    /// Returns the reading of a feed's payloads, if the user or a connection has changed it.
    pub fn reading_of(&self, feed: FeedId) -> PayloadReading {
        self.lenses.reading_of(feed)
    }

    /// Returns the columns of a feed, and its columns of fields.
    pub fn columns_of(&self, feed: FeedId) -> (ColumnChoice, Vec<String>) {
        let choice = self.columns.of(feed).map(|columns| columns.get().choice);
        let fields = self.columns.fields_of(feed);
        let fields = fields.map(|fields| fields.borrow().paths().to_vec());
        (choice.unwrap_or_default(), fields.unwrap_or_default())
    }
}
