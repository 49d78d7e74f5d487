//! First position in a file. Records without times are read from the beginning, as any text is; all others are shown from
//! their end.

use feedscope_core::store::Store;

use crate::file_scene::{FileScene, FileStage};
use crate::timeline::TimelineView;

/// Choice of the first position in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum FirstRow {
    /// The records are shown from their end, as far as they are known.
    #[default]
    Unknown,
    /// The records have no times so far, so that the view is at the first one.
    Top,
    /// The file is complete.
    Chosen,
}

impl FirstRow {
    /// Goes to the first row of a file whose records have no times, unless the user has moved the view. A file that is still
    /// written is shown from its end. Returns the choice for the next pass.
    pub(super) fn place(self, file: &FileScene, view: &mut TimelineView, store: &Store) -> Self {
        if self == Self::Chosen || file.stage == FileStage::Opening {
            return self;
        }
        let is_there = match self {
            Self::Top => view.is_at_first(),
            Self::Unknown | Self::Chosen => view.is_following(),
        };
        let mut next = self;
        if is_there && view.selected().is_none() {
            if file.stage != FileStage::BeingWritten && file.has_one_moment() {
                view.go_to_first(store);
                next = Self::Top;
            } else if self == Self::Top {
                view.follow();
                next = Self::Unknown;
            }
        }
        if matches!(file.stage, FileStage::Reading { .. }) {
            next
        } else {
            Self::Chosen
        }
    }
}
