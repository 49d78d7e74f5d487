//! Both transports against a raw-socket server that drops, stalls, lies and redirects.
//!
//! Everything is on loopback, on ports that the system chose; every wait is for a condition, with a deadline.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what goes wrong is to be seen at once"
)]

mod event_stream;
mod feed;
mod redirect;
mod server;
mod tls;
mod web_socket;
