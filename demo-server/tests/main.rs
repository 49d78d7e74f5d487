//! Tests of the demo server from outside, with raw sockets. They check the bytes on the wire without a client library.
#![expect(
    clippy::unwrap_used,
    reason = "a helper that cannot help fails its test"
)]

mod access; // Host, Origin, methods, paths, heads that are no heads.
mod chat; // /chat, with its bot.
mod control; // Dropping, refusing, stalling, faults, /control, stopping.
mod crowd; // Many at once, and those who mean no good.
mod events; // /events, /talk, /flood and the other event streams.
mod messages; // /echo, /ticker, /flood over WebSocket; handshakes and closes.
mod page_files; // What the page consists of.
mod program; // The program: its output, its options.
#[expect(
    dead_code,
    unused_imports,
    reason = "some of it serves the tests of hostile.rs"
)]
mod support; // A small client for both protocols.
