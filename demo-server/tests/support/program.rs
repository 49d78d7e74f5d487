//! The server as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_demo-server");

/// A running server; ended when the test ends.
pub(crate) struct Program {
    child: Child,
    /// What it printed.
    pub(crate) urls: Vec<String>,
}

impl Program {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_with(args, &[])
    }

    /// Starts it with these variables in its environment.
    pub(crate) fn start_with(args: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(args)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut urls = Vec::new();
        // It prints no more than this and runs on.
        while !urls
            .iter()
            .any(|url: &String| url.contains("/control?token="))
        {
            urls.push(lines.next().unwrap().unwrap());
        }
        Self { child, urls }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The URL that ends like this.
    pub(crate) fn url(&self, end: &str) -> &str {
        self.urls.iter().find(|url| url.ends_with(end)).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself, which the test will have said.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
