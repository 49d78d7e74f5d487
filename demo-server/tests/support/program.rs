//! Server in a separate process.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_demo-server");

/// Running server. It is ended when the test ends.
pub(crate) struct Program {
    child: Child,
    /// URLs that it printed.
    pub(crate) urls: Vec<String>,
}

impl Program {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_with(args, &[])
    }

    /// Starts the server with these variables in its environment.
    pub(crate) fn start_with(args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(args)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut urls = Vec::new();
        // The server prints nothing after these URLs and continues to run.
        while !urls
            .iter()
            .any(|url: &String| url.contains("/control?token="))
        {
            urls.push(lines.next().unwrap().unwrap());
        }
        Self { child, urls }
    }

    /// Returns the ID of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the URL with this end.
    pub(crate) fn url(&self, end: &str) -> &str {
        self.urls.iter().find(|url| url.ends_with(end)).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The server may have ended by itself. In this case the test has already failed.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
