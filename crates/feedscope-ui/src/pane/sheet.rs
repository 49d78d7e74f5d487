//! Sheets that cover the window while a pane uses them: the connection options and the second opinion.

use egui::Ui;
use feedscope_core::feed::FeedSpec;

use crate::command::Command;
use crate::ids::PaneId;
use crate::lens::FeedLens;
use crate::options::{OptionField, Options};
use crate::scene::FeedScene;
use crate::second_opinion::OpinionSheet;

/// Sheet that a key or a button has requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WantedSheet {
    /// The connection options at this field.
    Options(OptionField),
    SecondOpinion,
}

/// Sheet that covers the window while it is open.
pub(super) enum Sheet {
    Options(Box<Options>),
    SecondOpinion(OpinionSheet),
}

impl Sheet {
    /// Creates the sheet with the options of a connection, at a field.
    pub(super) fn options(spec: &FeedSpec, first: OptionField) -> Self {
        Self::Options(Box::new(Options::of(spec, first)))
    }

    /// Creates the sheet of the second opinion.
    pub(super) fn second_opinion() -> Self {
        Self::SecondOpinion(OpinionSheet::default())
    }

    /// Returns true if the sheet stays open when the pane shows this feed.
    pub(super) fn is_of(&self, feed: Option<&FeedScene>) -> bool {
        match self {
            Self::Options(_) => false,
            Self::SecondOpinion(_) => feed.is_some_and(|feed| {
                feed.source
                    .spec()
                    .is_some_and(|spec| spec.second_opinion().is_some())
            }),
        }
    }

    /// Draws the sheet. Returns true if it stays open.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        pane: PaneId,
        (feed, lens): (&FeedScene, Option<&FeedLens>),
        commands: &mut Vec<Command>,
    ) -> bool {
        match self {
            Self::Options(options) => options.show(ui, pane, (feed, lens), commands),
            Self::SecondOpinion(sheet) => sheet.show(ui, pane, feed, commands),
        }
    }
}
