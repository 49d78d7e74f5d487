//! Attacks on the demo server. They have a separate test program because they use most of the processor, and the other
//! tests wait for results with a deadline.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot help fails its test"
)]

mod attack; // Clients that do harm, and what they take.
#[expect(
    dead_code,
    unused_imports,
    reason = "most of it serves the tests of main.rs"
)]
mod support; // A small client for both protocols.
