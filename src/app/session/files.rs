//! Files of the session and of the place of the window.

use std::path::PathBuf;

use feedscope_files::session;

use super::place::WindowPlace;
use super::saved::Session;
use crate::complaint::complain;

/// Files that a window restores and saves.
#[derive(Clone, Debug, Default)]
pub struct SessionFiles {
    /// File of the panes and feeds; `None` if they are not saved.
    pub session: Option<PathBuf>,
    /// File of the window's place; `None` if it is not saved.
    pub place: Option<PathBuf>,
}

impl SessionFiles {
    /// Returns the usual files.
    pub fn usual() -> Self {
        Self {
            session: session::usual_path("session.json"),
            place: session::usual_path("window.json"),
        }
    }

    /// Loads the session of the last window that had a feed of the user's own. A file that cannot be used is reported,
    /// and is not overwritten.
    pub(in crate::app) fn load(&mut self) -> (Option<Session>, Option<String>) {
        let Some(path) = &self.session else {
            return (None, None);
        };
        match session::load::<Session>(path) {
            Ok(session) => (session.filter(Session::has_own_feed), None),
            Err(problem) => {
                if problem.is_in_place() {
                    self.session = None;
                }
                complain("session", &problem.to_string());
                (None, Some(problem.to_string()))
            }
        }
    }

    /// Loads the place of the last window. A place that cannot be read is not needed.
    pub(in crate::app) fn load_place(&mut self) -> WindowPlace {
        let loaded = self.place.as_deref().map(session::load::<WindowPlace>);
        match loaded {
            Some(Ok(Some(place))) => place,
            Some(Ok(None)) | None => WindowPlace::default(),
            Some(Err(problem)) => {
                if problem.is_in_place() {
                    self.place = None;
                }
                WindowPlace::default()
            }
        }
    }
}
