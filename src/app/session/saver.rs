//! Saving of the session: its thread, and the state that was handed over for writing.

use std::path::PathBuf;

use feedscope_core::Moment;
use feedscope_files::session::{self, SessionWriter};
use serde::Serialize;

use super::files::SessionFiles;
use super::place::WindowPlace;
use super::saved::Session;

/// Files of the session, and the state that was handed over for writing.
#[derive(Default)]
pub(in crate::app) struct Saver {
    pub(super) writer: Option<SessionWriter>,
    pub(super) session_path: Option<PathBuf>,
    pub(super) place_path: Option<PathBuf>,
    /// State that the files have, or will have soon.
    pub(super) session: Session,
    pub(super) place: WindowPlace,
    pub(super) looked_at: Option<Moment>,
}

impl Saver {
    /// Starts to save in these files. Without a thread, nothing is saved.
    pub(in crate::app) fn start(files: &SessionFiles) -> Self {
        let is_needed = files.session.is_some() || files.place.is_some();
        Self {
            writer: is_needed
                .then(|| SessionWriter::start("This session is").ok())
                .flatten(),
            session_path: files.session.clone(),
            place_path: files.place.clone(),
            ..Self::default()
        }
    }

    /// Sets the place that the files have.
    pub(in crate::app) fn set_place(&mut self, place: WindowPlace) {
        self.place = place;
    }

    pub(super) fn write<T: Serialize>(&self, path: Option<&PathBuf>, content: &T) {
        // The content consists of texts and numbers, which JSON always has a form for.
        if let (Some(writer), Some(path), Ok(text)) =
            (&self.writer, path, session::text_of(content))
        {
            writer.write(path.clone(), text);
        }
    }
}
