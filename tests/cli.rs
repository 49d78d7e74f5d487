//! Command line: the output and the end of the built program as a process.

mod connections;
mod convert;
mod demo;
mod display;
mod endings;
mod output;
mod payloads;
mod recordings;
mod standard_input;
mod stats;
mod usage;

use std::time::Duration;

use demo_server::{DemoServer, Options};

/// Starts a demo server with a short tick.
fn quick_demo() -> DemoServer {
    DemoServer::start(Options {
        tick: Duration::from_millis(20),
        ..Options::default()
    })
    .unwrap()
}
