//! Feedscope's demo server: live feeds over Server-Sent Events and WebSocket, on loopback only.
//!
//! It runs inside the program that starts it, on two ports, and ends with it. The modules are listed in the order in
//! which a client meets them:
//!
//! | module | responsibility |
//! |---|---|
//! | `door` | the listening sockets, which can be closed for a while |
//! | `connection` | every accepted socket, so that any can be cut at any time |
//! | `head`, `answer` | requests that are read within limits and checked; short answers |
//! | `http`, `event_stream` | the gate before `tiny_http`, its routes; event streams on the wire |
//! | `web_socket`, `outbox` | handshakes and reading with `tungstenite`; frames that wait to be written |
//! | `budget`, `memory` | the limit for the waiting bytes of all WebSockets together; the system's allocator |
//! | `hub`, `schedule` | feeds that run with or without clients, and their items |
//! | `talk`, `flood`, `chat` | the feeds that are made for each client, and the one that clients make |
//! | `clock` | the time source of all modules |
//! | `faults`, `control` | faults on request, and the path that controls them |
//! | `page` | the page that shows the feeds in a browser |
//!
//! ```
//! use std::io::{Read as _, Write as _};
//!
//! let server = demo_server::DemoServer::start(demo_server::Options::default())?;
//! let address = server.http_url().replace("http://", "");
//! let mut socket = std::net::TcpStream::connect(&address)?;
//! write!(socket, "GET /talk HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
//! let mut answer = [0; 15];
//! socket.read_exact(&mut answer)?;
//! assert_eq!(&answer, b"HTTP/1.1 200 OK");
//! # Ok::<(), std::io::Error>(())
//! ```
#![warn(missing_docs)]

mod answer;
mod budget;
mod chat;
mod clock;
mod connection;
mod control;
mod door;
mod event_stream;
mod faults;
mod flood;
mod head;
mod http;
mod hub;
mod life;
mod memory;
mod outbox;
mod page;
mod path;
mod schedule;
mod source;
mod talk;
mod timestamp;
mod web_socket;

use std::fmt;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tungstenite::protocol::frame::coding::CloseCode;

use crate::budget::Budget;
use crate::chat::Chat;
use crate::clock::Wake;
use crate::connection::{Connection, Connections};
use crate::door::Door;
use crate::faults::Faults;
use crate::http::Inner;
use crate::life::Life;
use crate::outbox::Outbox;
use crate::schedule::Hubs;

pub use crate::clock::{Clock, ManualClock};
pub use crate::connection::Client;
pub use crate::faults::{Fault, UnknownFault};
pub use crate::memory::{return_freed_memory, return_pages_of_crowds};
pub use crate::path::Feed;

/// Limit for the connections of each port at one time. Further connections are closed when they arrive. Twice this
/// number of sockets and the descriptors of the program itself stay below 1,024, the usual limit of a process.
const MOST_CONNECTIONS: usize = 400;

/// Time limit for a new connection to get the place of one that was cut for it.
const ROOM_TIME: Duration = Duration::from_secs(1);

/// Time limit for the answer of WebSocket clients when the server ends.
const FAREWELL_TIME: Duration = Duration::from_millis(150);

/// Time limit until no socket listens after a request to refuse. The threads of the doors only need a wake-up.
const REFUSE_TIME: Duration = Duration::from_secs(1);

/// Time limit for the threads to end when the server is dropped.
const STOP_TIME: Duration = Duration::from_millis(190);

/// Options of a demo server.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port for HTTP; 0 selects any free port.
    pub http_port: u16,
    /// Port for WebSocket; 0 selects any free port.
    pub ws_port: u16,
    /// Seed of the items of all feeds. Except for the time of sending, they depend only on it.
    pub seed: u64,
    /// Time between two ticks of `/events`. The intervals of `/scores`, `/weather` and `/news` are 8, 12 and 32 times
    /// as long.
    pub tick: Duration,
    /// Time source of the feeds, the faults and the clients' time limits.
    pub clock: Clock,
}

impl Default for Options {
    /// Returns options with free ports, always the same seed, and five ticks a second.
    fn default() -> Self {
        Self {
            http_port: 0,
            ws_port: 0,
            seed: 7,
            // This rate looks alive and is slow enough to be read.
            tick: Duration::from_millis(200),
            clock: Clock::default(),
        }
    }
}

/// Running demo server. Dropping it ends it, within 200 ms.
///
/// No method waits for a client or for the network, so that all of them can be called from a window's thread.
pub struct DemoServer {
    shared: Arc<SharedServer>,
}

/// State that the threads of the server share.
pub(crate) struct SharedServer {
    clock: Clock,
    life: Arc<Life>,
    http_door: Door,
    ws_door: Door,
    connections: Connections,
    faults: Arc<Faults>,
    inner: Inner,
    hubs: Hubs,
    chat: Chat,
    outboxes: Mutex<Vec<Weak<Outbox>>>,
    budget: Arc<Budget>,
    /// Token that `/control` requires.
    token: String,
}

impl DemoServer {
    /// Starts a server. Fails if a port is taken, or if there are no more descriptors or threads.
    pub fn start(options: Options) -> io::Result<Self> {
        let Options {
            http_port,
            ws_port,
            seed,
            tick,
            clock,
        } = options;
        let (http_door, http_listener) = Door::bind(http_port)?;
        let (ws_door, ws_listener) = Door::bind(ws_port)?;
        let life = Arc::new(Life::new(clock.clone()));
        let faults = Arc::new(Faults::default());
        let shared = Arc::new(SharedServer {
            http_door,
            ws_door,
            connections: Connections::new(Arc::clone(&faults), clock.clone()),
            faults,
            inner: Inner::start()?,
            hubs: Hubs::default(),
            chat: Chat::new(Arc::clone(&life), clock.clone(), seed),
            outboxes: Mutex::default(),
            budget: Budget::new(budget::SERVER_LIMIT),
            token: format!("{:032x}", fastrand::u128(..)),
            life,
            clock,
        });
        let wake: Arc<dyn Wake> = Arc::clone(&shared) as _;
        shared.clock.subscribe(Arc::downgrade(&wake));
        // From here on, dropping the server ends the threads that have begun, if another one cannot start.
        let server = Self { shared };
        server.start_threads(http_listener, ws_listener, seed, tick)?;
        Ok(server)
    }

    fn start_threads(
        &self,
        http_listener: TcpListener,
        ws_listener: TcpListener,
        seed: u64,
        tick: Duration,
    ) -> io::Result<()> {
        let life = &self.shared.life;
        let shared = Arc::clone(&self.shared);
        life.spawn("demo-clock", move || {
            schedule::run(&shared.life, &shared.clock, &shared.hubs, seed, tick);
        })?;
        let shared = Arc::clone(&self.shared);
        life.spawn("demo-bot", move || shared.chat.run_bot())?;
        let shared = Arc::clone(&self.shared);
        life.spawn("demo-http", move || shared.inner.run(&shared))?;
        let shared = Arc::clone(&self.shared);
        life.spawn("demo-http-door", move || {
            let room = Arc::new(Room::new(shared.http_port()));
            shared.http_door.run(&shared.life, http_listener, |socket| {
                let serve =
                    |shared: &Arc<SharedServer>, c: &Arc<Connection>| http::serve(shared, c);
                shared.let_in(socket, &room, "demo-http-client", serve);
            });
        })?;
        let shared = Arc::clone(&self.shared);
        life.spawn("demo-ws-door", move || {
            let room = Arc::new(Room::new(shared.ws_port()));
            shared.ws_door.run(&shared.life, ws_listener, |socket| {
                shared.let_in(socket, &room, "demo-ws-client", web_socket::serve);
            });
        })?;
        Ok(())
    }

    /// Returns the URL of the HTTP side, as in `http://127.0.0.1:41270`.
    pub fn http_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.shared.http_port())
    }

    /// Returns the URL of the WebSocket side, as in `ws://127.0.0.1:41271`.
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.shared.ws_port())
    }

    /// Returns the URLs of the page and of every feed.
    pub fn urls(&self) -> Vec<String> {
        let (http, ws) = (self.http_url(), self.ws_url());
        let feeds = Feed::ALL.into_iter().map(|feed| {
            let base = if feed.is_web_socket() { &ws } else { &http };
            format!("{base}{feed}")
        });
        std::iter::once(format!("{http}/")).chain(feeds).collect()
    }

    /// Returns the URL of `/control`, with the required token. Actions are sent there with POST.
    pub fn control_url(&self) -> String {
        format!("{}/control?token={}", self.http_url(), self.shared.token)
    }

    /// Cuts every connection, without a closing handshake or an end of the stream.
    pub fn drop_connections(&self) {
        self.shared.connections.drop_all();
    }

    /// Cuts every connection of one feed, in the same way.
    pub fn drop_connections_of(&self, feed: Feed) {
        for connection in self.shared.connections.snapshot() {
            if connection.feed() == Some(feed) {
                connection.cut();
            }
        }
    }

    /// Refuses new connections for this long from now. No socket listens, so that the system reports the connection as
    /// refused. Open connections stay. Zero ends a refusal.
    pub fn refuse_for(&self, time: Duration) {
        self.shared.refuse_for(time);
    }

    /// Returns the remaining time for which new connections are refused, if they are.
    pub fn refusing_for(&self) -> Option<Duration> {
        self.shared.life.refusing_for()
    }

    /// Stalls every connection. The connections stay open and send nothing, until the stall is switched off and the
    /// delayed data follows.
    pub fn stall(&self, on: bool) {
        if on {
            self.set_fault(None, Fault::Stall);
        } else {
            self.clear_fault(None, Fault::Stall);
        }
    }

    /// Returns true while every connection is stalled.
    pub fn stalled(&self) -> bool {
        self.shared.faults.list().contains(&(None, Fault::Stall))
    }

    /// Switches a fault on, for one feed or for all. It replaces another fault of the same kind.
    pub fn set_fault(&self, feed: Option<Feed>, fault: Fault) {
        self.shared.faults.set(feed, fault);
    }

    /// Switches off the fault that was switched on with the same arguments.
    pub fn clear_fault(&self, feed: Option<Feed>, fault: Fault) {
        self.shared.faults.remove(feed, fault);
        self.shared.connections.poke_all();
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.shared.faults.clear(None);
        self.shared.connections.poke_all();
    }

    /// Returns the faults that are on, each with its feed; `None` stands for all feeds.
    pub fn faults(&self) -> Vec<(Option<Feed>, Fault)> {
        self.shared.faults.list()
    }

    /// Returns the clients of the feeds, in the order in which they connected.
    pub fn clients(&self) -> Vec<Client> {
        self.shared.connections.clients()
    }

    /// Begins to end the server, and returns at once. WebSockets receive a close frame with 1001 and have a short time
    /// to answer. All other connections are cut. A second call has no effect.
    pub fn stop(&self) {
        if !self.shared.life.stop() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let farewell = self
            .shared
            .life
            .spawn("demo-stop", move || shared.send_farewell());
        if farewell.is_err() {
            // Without a thread, all connections are cut at once.
            self.shared.connections.cut_all();
        }
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        self.stop();
        self.shared.life.wait_until_over(Instant::now() + STOP_TIME);
    }
}

impl fmt::Debug for DemoServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DemoServer")
            .field("http_url", &self.http_url())
            .field("ws_url", &self.ws_url())
            .finish_non_exhaustive()
    }
}

/// Places for the connections to one port.
#[derive(Debug)]
struct Room {
    port: u16,
    taken: Mutex<Taken>,
    left: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    now: usize,
    /// Largest number of taken places since memory was last returned.
    most: usize,
}

/// Taken place. Dropping it returns the place.
struct TakenPlace(Arc<Room>);

impl Room {
    fn new(port: u16) -> Self {
        Self {
            port,
            taken: Mutex::default(),
            left: Condvar::new(),
        }
    }

    /// Takes a place, if necessary that of another connection.
    fn take(self: &Arc<Self>, connections: &Connections) -> Option<TakenPlace> {
        let is_full = || self.taken.lock().now >= MOST_CONNECTIONS;
        if is_full() && !connections.make_room(self.port) {
            return None;
        }
        let mut taken = self.taken.lock();
        let deadline = Instant::now() + ROOM_TIME;
        // The connection that gave up its place needs a moment to end.
        while taken.now >= MOST_CONNECTIONS {
            if self.left.wait_until(&mut taken, deadline).timed_out() {
                return None;
            }
        }
        taken.now += 1;
        taken.most = taken.most.max(taken.now);
        Some(TakenPlace(Arc::clone(self)))
    }
}

impl Wake for SharedServer {
    fn wake(&self) {
        self.life.wake();
        self.connections.wake_all();
        self.chat.wake_bot();
    }
}

impl Drop for TakenPlace {
    fn drop(&mut self) {
        /// Number of connections from which memory is returned. Fewer connections occupy too little.
        const CROWD: usize = 8;
        let mut taken = self.0.taken.lock();
        taken.now -= 1;
        // Memory is returned once for a crowd that leaves, and not for each connection.
        let is_leaving = taken.most >= CROWD && taken.now <= taken.most / 2;
        if is_leaving {
            taken.most = taken.now;
        }
        drop(taken);
        self.0.left.notify_all();
        if is_leaving {
            memory::return_free_pages();
        }
    }
}

/// Connection that is being served. Dropping it removes the connection from the list and returns its place.
struct Stay {
    shared: Arc<SharedServer>,
    connection: Arc<Connection>,
    _place: TakenPlace,
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.shared.connections.remove(&self.connection);
    }
}

impl SharedServer {
    pub(crate) fn http_port(&self) -> u16 {
        self.http_door.port()
    }

    pub(crate) fn ws_port(&self) -> u16 {
        self.ws_door.port()
    }

    /// Records a WebSocket, which receives a close frame when the server ends.
    pub(crate) fn note_outbox(&self, outbox: &Arc<Outbox>) {
        let mut outboxes = self.outboxes.lock();
        outboxes.retain(|old| old.strong_count() > 0);
        outboxes.push(Arc::downgrade(outbox));
    }

    pub(crate) fn refuse_for(&self, time: Duration) {
        self.life.refuse_for(time);
        self.http_door.knock();
        self.ws_door.knock();
    }

    /// Does the same as [`refuse_for`](Self::refuse_for), and returns as soon as no socket listens any more.
    pub(crate) fn refuse_from_now(&self, time: Duration) {
        self.refuse_for(time);
        if !time.is_zero() {
            let deadline = Instant::now() + time.min(REFUSE_TIME);
            self.http_door.wait_until_shut(deadline);
            self.ws_door.wait_until_shut(deadline);
        }
    }

    /// Serves a client on a separate thread, if there is room for it.
    fn let_in(
        self: &Arc<Self>,
        socket: TcpStream,
        room: &Arc<Room>,
        name: &str,
        serve: impl FnOnce(&Arc<Self>, &Arc<Connection>) + Send + 'static,
    ) {
        let Some(place) = room.take(&self.connections) else {
            return;
        };
        let Ok(connection) = self.connections.add(socket) else {
            // The client has already closed the connection.
            return;
        };
        let stay = Stay {
            shared: Arc::clone(self),
            connection,
            _place: place,
        };
        // If no thread can be started, dropping the stay closes the connection.
        self.life
            .spawn(name, move || serve(&stay.shared, &stay.connection))
            .ok();
    }

    fn send_farewell(&self) {
        for outbox in self.outboxes.lock().iter().filter_map(Weak::upgrade) {
            outbox.close(CloseCode::Away, "the server ends");
        }
        // An event stream has no farewell, so that it is cut.
        for connection in self.connections.snapshot() {
            if !connection.feed().is_some_and(Feed::is_web_socket) {
                connection.cut();
            }
        }
        self.http_door.knock();
        self.ws_door.knock();
        self.inner.unblock();
        self.chat.wake_bot();
        self.connections
            .wait_until_none(Instant::now() + FAREWELL_TIME);
        self.connections.cut_all();
    }
}
