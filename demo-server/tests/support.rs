//! Shared parts of the tests: servers with a short tick, waits for conditions, and raw clients.

mod http;
mod program;
mod web_socket;

use std::net::TcpStream;
use std::time::{Duration, Instant};

use demo_server::{DemoServer, ManualClock, Options};

pub(crate) use http::{Answer, EventStream, exchange, request};
pub(crate) use program::{PROGRAM, Program};
pub(crate) use web_socket::{WebSocket, frame};

/// Longest wait in these tests.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Starts a server with a tick every five milliseconds.
pub(crate) fn server() -> DemoServer {
    server_with_tick(Duration::from_millis(5))
}

pub(crate) fn server_with_tick(tick: Duration) -> DemoServer {
    let options = Options {
        tick,
        ..Options::default()
    };
    DemoServer::start(options).unwrap()
}

/// Starts a server with a tick every second. Its time stands still until the returned clock is moved.
pub(crate) fn still_server() -> (DemoServer, ManualClock) {
    let clock = ManualClock::default();
    let options = Options {
        tick: Duration::from_secs(1),
        clock: clock.clock(),
        ..Options::default()
    };
    (DemoServer::start(options).unwrap(), clock)
}

/// Drops a server. Fails if the drop waits for clients that do not read, because a write to one of them may take much
/// longer.
pub(crate) fn end(server: DemoServer) {
    let dropping = std::thread::Builder::new()
        .name("dropping".to_owned())
        .spawn(move || drop(server))
        .unwrap();
    wait_until("the server has ended", || dropping.is_finished());
}

/// Returns the `127.0.0.1:PORT` of a URL.
pub(crate) fn authority(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    rest.split('/').next().unwrap()
}

pub(crate) fn connect(url: &str) -> TcpStream {
    let socket = TcpStream::connect(authority(url)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_write_timeout(Some(PATIENCE)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// Waits until `condition` holds.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "still not so: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
