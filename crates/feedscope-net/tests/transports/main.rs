//! Tests of both transports against a server with raw sockets that drops connections, stalls, sends wrong answers and
//! redirects.
//!
//! All servers are on loopback, on ports that the system selects. Every wait is for a condition, with a deadline.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what goes wrong is to be seen at once"
)]
#![expect(
    clippy::duplicate_mod,
    reason = "the tests of WebSockets run once over each engine"
)]

mod accounting;
mod answers;
mod authority;
mod backpressure;
mod commands;
mod compression;
mod cookies;
mod deflate;
mod environment;
mod event_stream;
mod eventsource_client;
mod feed;
mod http2;
mod http2_faults;
mod lines;
mod reconnection;
mod redirect;
mod refusal;
mod request;
mod route;
mod second_opinion;
mod server;
mod tls;
mod tunnel;
#[cfg(unix)]
mod unix_socket;

/// Tests that run with each message layer.
#[path = "."]
mod native {
    pub(crate) const ENGINE: feedscope_core::protocol::Engine =
        feedscope_core::protocol::Engine::Native;

    mod web_socket;
    mod web_socket_endings;
}

#[path = "."]
mod tokio_tungstenite {
    pub(crate) const ENGINE: feedscope_core::protocol::Engine =
        feedscope_core::protocol::Engine::TokioTungstenite;

    mod web_socket;
    mod web_socket_endings;
}
