//! Both transports against a raw-socket server that drops, stalls, lies and redirects.
//!
//! Everything is on loopback, on ports that the system chose; every wait is for a condition, with a deadline.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what goes wrong is to be seen at once"
)]

mod authority;
mod compression;
mod cookies;
mod event_stream;
mod eventsource_client;
mod feed;
mod http2;
mod redirect;
mod request;
mod route;
mod server;
mod tls;
#[cfg(unix)]
mod unix_socket;
mod web_socket;
