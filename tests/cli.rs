//! The command line: the built program as a process, what it prints and how it ends.

mod demo;
mod display;
mod endings;
mod output;
mod usage;

use std::time::Duration;

use demo_server::{DemoServer, Options};

/// A demo server whose ticks come fast.
fn quick_demo() -> DemoServer {
    DemoServer::start(Options {
        tick: Duration::from_millis(20),
        ..Options::default()
    })
    .unwrap()
}
