//! State of a pane's view that a later window restores.

use feedscope_core::store::ClassSet;
use serde::{Deserialize, Serialize};

use super::PaneView;
use crate::annotations::{Annotations, KeptMark, KeptNotes};
use crate::ids::FeedId;
use crate::inspector::InspectorPlace;
use crate::plot::PlotSession;
use crate::side::SideSession;

/// State of a pane's view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaneSession {
    /// Typed filter.
    pub filter: String,
    /// Classes of records that are shown, as bits; `None` for the usual ones.
    pub classes: Option<u16>,
    /// Hits of the filter are a list of their own below the rows.
    pub hits_below: bool,
    /// Height of the inspector in points, as earlier versions kept it.
    #[serde(skip_serializing)]
    pub inspector_height: Option<f32>,
    /// Place and size of the inspector.
    pub inspector: InspectorPlace,
    /// Sent texts, oldest first.
    pub sent: Vec<String>,
    /// Text in the composer that has not been sent.
    pub draft: String,
    /// Name of the form of that text, or of the next message.
    pub draft_form: String,
    /// Filters that give rows a color.
    pub rules: Vec<String>,
    /// Marked rows.
    pub marks: Vec<KeptMark>,
    /// Part beside the rows.
    pub side: SideSession,
    /// Plot below the rows.
    pub plot: PlotSession,
}

impl PaneView {
    /// Returns the marks and colors if the pane shows this feed.
    pub(crate) fn notes_of(&self, feed: FeedId) -> Option<&Annotations> {
        Some(&self.annotations).filter(|_| self.feed == Some(feed))
    }

    /// Restores marks and colors. They wait for the feed that appears in the next pass.
    pub(crate) fn restore_notes(&mut self, notes: KeptNotes) {
        self.annotations.restore(notes.marks, notes.rules);
    }

    /// Keeps the colors, the plot and the part beside the rows for the next feed, which has the same data.
    pub(crate) fn keep_for_next_feed(&mut self) {
        self.annotations.keep_rules();
        self.plot.keep();
        if self.restored_side.is_none() {
            self.restored_side = Some(self.side.session());
        }
    }

    /// Returns the marks and colors.
    pub(crate) fn notes(&self) -> KeptNotes {
        let (marks, rules) = self.annotations.kept();
        KeptNotes { marks, rules }
    }

    /// Returns the state that a later window restores.
    pub(crate) fn session(&self) -> PaneSession {
        let shown = match self.restored_classes {
            // The feed has not appeared yet.
            Some(shown) => shown,
            None => self.timeline.shown,
        };
        let (marks, rules) = self.annotations.kept();
        let (draft, form) = self.composer.draft();
        PaneSession {
            filter: self.filter.text().to_owned(),
            classes: (shown != ClassSet::USUAL).then(|| shown.bits()),
            hits_below: self.filter.is_below,
            inspector_height: None,
            inspector: self.inspector.place(),
            sent: self.composer.sent().to_vec(),
            draft: draft.to_owned(),
            draft_form: form.to_owned(),
            rules,
            marks,
            side: match &self.restored_side {
                Some(side) => side.clone(),
                None => self.side.session(),
            },
            plot: match &self.restored_plot {
                Some(plot) => plot.clone(),
                None => self.plot.session(),
            },
        }
    }

    /// Restores the state of a former view.
    pub(crate) fn restore(&mut self, session: PaneSession) {
        self.filter.set(&session.filter);
        self.filter.is_below = session.hits_below;
        // The timeline begins anew with the feed, which appears later.
        self.restored_classes = session.classes.map(ClassSet::of_bits);
        self.restored_side = Some(session.side);
        self.restored_plot = Some(session.plot);
        self.inspector.set_place(InspectorPlace {
            height: session.inspector.height.or(session.inspector_height),
            ..session.inspector
        });
        self.composer.set_sent(session.sent);
        self.composer.set_draft(session.draft, &session.draft_form);
        self.annotations.restore(session.marks, session.rules);
    }
}
