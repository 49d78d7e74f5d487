//! Things outside of the arguments that a plan depends on: variables, the keyring and the files of saved connections.

use std::path::PathBuf;

use feedscope_files::connections::{SavedConnections, TrustedProjects};

use super::variables::ValueSources;

/// Things outside of the arguments that a plan depends on.
pub struct Environment<'a> {
    /// Reads a variable of the environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads an entry of the system's keyring. The error is a sentence.
    pub keyring: &'a dyn Fn(&str) -> Result<String, String>,
    /// The user's file of saved connections.
    pub connections: Option<PathBuf>,
    /// The contents of project files that the user has allowed.
    pub trusted: Option<TrustedProjects>,
}

impl<'a> Environment<'a> {
    /// The environment of the user who runs the program.
    pub fn usual(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let (connections, trusted) = usual_files();
        Self {
            variable,
            keyring: &crate::keyring::secret,
            connections,
            trusted,
        }
    }

    pub(super) fn sources(&self) -> ValueSources<'a> {
        ValueSources {
            variable: self.variable,
            keyring: self.keyring,
        }
    }
}

/// Files of the user for connections, as the program finds them.
fn usual_files() -> (Option<PathBuf>, Option<TrustedProjects>) {
    (SavedConnections::usual_path(), TrustedProjects::usual())
}
