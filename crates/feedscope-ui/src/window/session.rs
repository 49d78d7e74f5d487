//! State of the window that a later window restores: the layout, and the state of each pane's view.

use std::collections::BTreeMap;

use feedscope_analysis::measures::MeasuredFields;
use serde::{Deserialize, Serialize};

use super::Window;
use crate::annotations::{Annotations, KeptNotes};
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

    /// Returns the number of changes of marks and colors by the user, in all views on a feed.
    pub fn note_changes(&self, feed: FeedId) -> u64 {
        let notes = self.panes.values().filter_map(|view| view.notes_of(feed));
        notes.map(Annotations::change_count).sum()
    }

    /// Returns the marks and colors of all views on a feed.
    pub fn kept_notes(&self, feed: FeedId) -> KeptNotes {
        let mut marks = BTreeMap::new();
        let mut rules = Vec::new();
        for notes in self.panes.values().filter_map(|view| view.notes_of(feed)) {
            let (of_view, filters) = notes.kept();
            for mark in of_view {
                marks.entry(mark.row).or_insert(mark);
            }
            let new = filters.into_iter().filter(|filter| !rules.contains(filter));
            let new: Vec<String> = new.collect();
            rules.extend(new);
        }
        KeptNotes {
            marks: marks.into_values().collect(),
            rules,
        }
    }

    /// Restores marks and colors in a pane whose feed appears in the next pass.
    pub fn restore_notes(&mut self, pane: PaneId, notes: KeptNotes) {
        self.panes.entry(pane).or_default().restore_notes(notes);
    }

    /// Restores marks and colors in a closed pane, which shows them when it is opened again.
    pub fn restore_closed_notes(&mut self, pane: PaneId, notes: KeptNotes) {
        let view = self.closed_views.entry(pane).or_default();
        view.restore_notes(notes);
    }

    /// Shows the marks and colors of a closed pane in another pane, whose feed appears in the next pass.
    pub fn move_closed_notes(&mut self, closed: PaneId, pane: PaneId) {
        if let Some(view) = self.closed_views.remove(&closed) {
            self.restore_notes(pane, view.notes());
        }
    }

    /// Keeps the colors, the plot and the part beside the rows of a pane for its next feed, which has the same data.
    pub fn keep_for_next_feed(&mut self, pane: PaneId) {
        if let Some(view) = self.panes.get_mut(&pane) {
            view.keep_for_next_feed();
        }
    }

    /// Returns the reading of a feed's payloads, if the user or a connection has changed it.
    pub fn reading_of(&self, feed: FeedId) -> PayloadReading {
        self.lenses.reading_of(feed)
    }

    /// Returns the key and the columns of the newest values of a feed, the key first; empty without a key.
    pub fn latest_of(&self, feed: FeedId) -> Vec<String> {
        let latest = self.columns.latest_of(feed);
        latest.map_or_else(Vec::new, |paths| paths.borrow().clone())
    }

    /// Returns the fields that the measures of a feed read.
    pub fn measured_of(&self, feed: FeedId) -> MeasuredFields {
        let kept = self.columns.measured_of(feed);
        kept.map(|kept| kept.borrow().fields.clone())
            .unwrap_or_default()
    }

    /// Returns the columns of a feed, and its columns of fields.
    pub fn columns_of(&self, feed: FeedId) -> (ColumnChoice, Vec<String>) {
        let choice = self.columns.of(feed).map(|columns| columns.get().choice);
        let fields = self.columns.fields_of(feed);
        let fields = fields.map(|fields| fields.borrow().paths().to_vec());
        (choice.unwrap_or_default(), fields.unwrap_or_default())
    }
}
