//! Accepted sockets and the list of all of them, so that each one can be cut at any time. This module handles bytes,
//! faults and waits, and no protocol.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Condvar, Mutex};

use crate::clock::Clock;
use crate::faults::{Fault, Faults};
use crate::path::Feed;

/// Time limit for a write to a client that does not read. After it, the connection is cut.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// Capacity in bytes of a buffer for the next write. Allocators return blocks of this size to the system as soon as
/// they are free, and the unused part of a block takes no memory.
pub(crate) const BUFFER: usize = 128 << 10;

/// Number of the write that [`Fault::Cut`] cuts in two. Earlier writes arrive before the cut.
const CUT_WRITE: u64 = 10;

/// Client of a feed.
#[derive(Clone, Debug)]
pub struct Client {
    /// Number that is unique while the server runs.
    pub id: u64,
    /// Address of the client.
    pub address: SocketAddr,
    /// Feed that the client reads.
    pub feed: Feed,
    /// Time at which the client connected.
    pub since: SystemTime,
    /// Number of bytes sent to the client so far, including the framing.
    pub sent: u64,
    /// Number of bytes that wait to be sent to the client.
    pub waiting: usize,
}

/// Accepted socket.
#[derive(Debug)]
pub(crate) struct Connection {
    id: u64,
    /// Port of the server on which it was accepted.
    port: u16,
    socket: TcpStream,
    peer: SocketAddr,
    since: SystemTime,
    feed: OnceLock<Feed>,
    /// True if the connection controls the faults, so that it has none itself.
    steers: AtomicBool,
    sent: AtomicU64,
    waiting: AtomicUsize,
    writes: AtomicU64,
    signal: Mutex<Signal>,
    changed: Condvar,
    faults: Arc<Faults>,
    clock: Clock,
}

/// Stage in the life of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// The request is not complete.
    #[default]
    Arriving,
    /// The connection is answered, or reads a feed.
    Served,
    /// The last answer was written, and the client has a short time to read it.
    Leaving,
}

#[derive(Debug)]
struct Signal {
    stage: Stage,
    /// Start of the stage.
    since: Instant,
    /// Start of the write in progress.
    writing_since: Option<Instant>,
    /// True if something may have changed. It stays true until a waiting thread has seen it, so that no change is
    /// missed.
    poked: bool,
    /// True if the socket is shut down, so that nothing more can be written or read.
    cut: bool,
    /// True if the reading side has reached the end, so that waiting for the client is useless.
    heard_all: bool,
}

impl Connection {
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Marks a connection that controls the faults. It has no faults itself, and dropping all connections leaves it
    /// open.
    pub(crate) fn set_steers(&self) {
        self.steers.store(true, Ordering::Relaxed);
    }

    pub(crate) fn feed(&self) -> Option<Feed> {
        self.feed.get().copied()
    }

    /// Records the feed that this connection reads. Only the first call has an effect.
    pub(crate) fn set_feed(&self, feed: Feed) {
        self.feed.set(feed).ok();
    }

    /// Records the number of bytes that wait to be sent, for the list of clients.
    pub(crate) fn set_waiting(&self, bytes: usize) {
        self.waiting.store(bytes, Ordering::Relaxed);
    }

    /// Reads the bytes that have arrived, or waits for them until `deadline`.
    pub(crate) fn read_until(&self, buf: &mut [u8], deadline: Instant) -> io::Result<usize> {
        loop {
            let left = deadline.saturating_duration_since(self.clock.now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.socket
                .set_read_timeout(Some(self.clock.read_time(left)))?;
            match (&self.socket).read(buf) {
                // The loop reads the clock again and continues.
                Err(error) if is_short(&error) => {}
                result => return result,
            }
        }
    }

    /// Removes the time limit of reads.
    pub(crate) fn read_without_limit(&self) -> io::Result<()> {
        self.socket.set_read_timeout(None)
    }

    pub(crate) fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        (&self.socket).read(buf)
    }

    /// Writes all of `bytes`, with the current faults. An error means that the connection is over.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        // A connection that controls the faults must work while they are on.
        if self.steers.load(Ordering::Relaxed) {
            return self.write_out(bytes);
        }
        let feed = self.feed();
        self.hold_while_stalled(|| self.waiting.load(Ordering::Relaxed));
        let delay = self.faults.find(feed, |fault| match fault {
            Fault::Delay(time) => Some(time),
            _ => None,
        });
        if let Some(time) = delay {
            self.rest(time);
        }
        let nth = self.writes.fetch_add(1, Ordering::Relaxed) + 1;
        if nth == CUT_WRITE && self.faults.has(feed, Fault::Cut) {
            // The client receives the first half of the write.
            self.write_out(&bytes[..bytes.len() / 2])?;
            self.cut();
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.faults.has(feed, Fault::Split) {
            for byte in bytes {
                self.write_out(std::slice::from_ref(byte))?;
            }
        } else {
            self.write_out(bytes)?;
        }
        self.sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(())
    }

    fn write_out(&self, bytes: &[u8]) -> io::Result<()> {
        self.signal.lock().writing_since = Some(self.clock.now());
        // This time shows how long the client has not read.
        let result = (&self.socket).write_all(bytes);
        self.signal.lock().writing_since = None;
        result
    }

    /// Marks that the request is complete. From now on, the connection is cut for others only if it does not read.
    pub(crate) fn set_served(&self) {
        let now = self.clock.now();
        self.signal.lock().set_stage(Stage::Served, now);
    }

    /// Returns the rank of this connection among those that may be cut for others. The smallest rank is cut first.
    /// Returns `None` if this connection must not be cut.
    fn dispensable(&self, now: Instant) -> Option<(u8, Instant)> {
        /// Duration of a write after which a client counts as not reading.
        const SLOW: Duration = Duration::from_secs(1);
        let signal = self.signal.lock();
        match (signal.stage, signal.writing_since) {
            (Stage::Arriving | Stage::Leaving, _) => Some((0, signal.since)),
            (Stage::Served, Some(since)) if now.saturating_duration_since(since) >= SLOW => {
                Some((1, since))
            }
            (Stage::Served, _) => None,
        }
    }

    /// Waits until something may have changed, or until `deadline` if there is one.
    ///
    /// Returns false if the connection is cut.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> bool {
        let mut signal = self.signal.lock();
        while !signal.poked && !signal.cut {
            match deadline {
                None => self.changed.wait(&mut signal),
                Some(at) => {
                    if self.clock.wait_until(&self.changed, &mut signal, at) {
                        break;
                    }
                }
            }
        }
        signal.poked = false;
        !signal.cut
    }

    /// Wakes the waiting thread, because something may have changed.
    pub(crate) fn poke(&self) {
        self.signal.lock().poked = true;
        self.changed.notify_all();
    }

    /// Ends the connection without a closing handshake. All reads, writes and waits on it return at once.
    pub(crate) fn cut(&self) {
        self.signal.lock().cut = true;
        self.changed.notify_all();
        // This fails if the client has already closed the connection, which has the same result.
        self.socket.shutdown(Shutdown::Both).ok();
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.signal.lock().cut
    }

    /// Closes the writing side of the socket.
    pub(crate) fn end_writing(&self) {
        self.socket.shutdown(Shutdown::Write).ok();
    }

    /// Records that the client will send nothing more.
    pub(crate) fn set_heard_all(&self) {
        self.signal.lock().heard_all = true;
        self.changed.notify_all();
    }

    /// Gives the client this time to close its side, and then cuts the connection.
    pub(crate) fn cut_after(&self, time: Duration) {
        let deadline = self.clock.now() + time;
        let mut signal = self.signal.lock();
        signal.set_stage(Stage::Leaving, self.clock.now());
        while !signal.heard_all && !signal.cut {
            if self.clock.wait_until(&self.changed, &mut signal, deadline) {
                break;
            }
        }
        drop(signal);
        self.cut();
    }

    /// Ends the connection so that the last answer arrives. Closing a socket with unread bytes resets the connection,
    /// and a reset can destroy earlier data.
    pub(crate) fn close_gently(&self) {
        /// Largest number of bytes that are read from a client that continues to send.
        const MOST_BYTES: usize = 256 << 10;
        let now = self.clock.now();
        self.signal.lock().set_stage(Stage::Leaving, now);
        self.end_writing();
        let deadline = now + Duration::from_millis(500);
        let mut buf = [0; 4096];
        let mut seen = 0;
        while seen < MOST_BYTES {
            match self.read_until(&mut buf, deadline) {
                Ok(0) | Err(_) => break,
                Ok(n) => seen += n,
            }
        }
        self.cut();
    }

    /// Waits while the connection is stalled. `waiting` returns the number of delayed bytes, for the list of clients.
    pub(crate) fn hold_while_stalled(&self, waiting: impl Fn() -> usize) {
        while self.faults.has(self.feed(), Fault::Stall) {
            self.set_waiting(waiting());
            let mut signal = self.signal.lock();
            if signal.cut {
                return;
            }
            // Clearing faults wakes all threads, but another waiter may have consumed the wake-up. Therefore the faults
            // are checked at intervals.
            self.changed
                .wait_for(&mut signal, Duration::from_millis(250));
        }
    }

    fn rest(&self, time: Duration) {
        let deadline = self.clock.now() + time;
        let mut signal = self.signal.lock();
        while !signal.cut && !self.clock.wait_until(&self.changed, &mut signal, deadline) {}
    }

    fn to_client(&self) -> Option<Client> {
        Some(Client {
            id: self.id,
            address: self.peer,
            feed: self.feed().filter(|_| !self.is_cut())?,
            since: self.since,
            sent: self.sent.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed),
        })
    }
}

impl Signal {
    fn new(now: Instant) -> Self {
        Self {
            stage: Stage::default(),
            since: now,
            writing_since: None,
            poked: false,
            cut: false,
            heard_all: false,
        }
    }

    fn set_stage(&mut self, stage: Stage, now: Instant) {
        self.stage = stage;
        self.since = now;
    }
}

/// Returns true for a read that ended before its time was over, because a clock that is moved by hand must be read, or
/// because the process was stopped and continues.
fn is_short(error: &io::Error) -> bool {
    // The system reports the end of the time as one of the first two kinds.
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

/// All open connections, in the order in which they were accepted.
#[derive(Debug)]
pub(crate) struct Connections {
    faults: Arc<Faults>,
    clock: Clock,
    last_id: AtomicU64,
    living: Mutex<Vec<Arc<Connection>>>,
    changed: Condvar,
}

impl Connections {
    pub(crate) fn new(faults: Arc<Faults>, clock: Clock) -> Self {
        Self {
            faults,
            clock,
            last_id: AtomicU64::new(0),
            living: Mutex::new(Vec::new()),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn add(&self, socket: TcpStream) -> io::Result<Arc<Connection>> {
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(WRITE_TIME))?;
        let connection = Arc::new(Connection {
            id: self.last_id.fetch_add(1, Ordering::Relaxed) + 1,
            port: socket.local_addr()?.port(),
            peer: socket.peer_addr()?,
            socket,
            since: self.clock.wall(),
            feed: OnceLock::new(),
            steers: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            writes: AtomicU64::new(0),
            signal: Mutex::new(Signal::new(self.clock.now())),
            changed: Condvar::new(),
            faults: Arc::clone(&self.faults),
            clock: self.clock.clone(),
        });
        self.living.lock().push(Arc::clone(&connection));
        Ok(connection)
    }

    /// Cuts `connection`, if it is not cut yet, and removes it from the list.
    pub(crate) fn remove(&self, connection: &Connection) {
        connection.cut();
        let mut living = self.living.lock();
        living.retain(|other| other.id != connection.id);
        if living.is_empty() {
            self.changed.notify_all();
        }
    }

    /// Cuts one connection to `port` whose place another one may have. It is the oldest whose request is not complete
    /// or whose last answer was written, or the one that has not read for the longest time. Returns false if all places
    /// are in use.
    pub(crate) fn make_room(&self, port: u16) -> bool {
        let living = self.snapshot();
        let here = living.iter().filter(|connection| connection.port == port);
        // A connection that is cut already will leave its place soon.
        if here.clone().any(|connection| connection.is_cut()) {
            return true;
        }
        let now = self.clock.now();
        let ranked = here.filter_map(|c| Some((c.dispensable(now)?, c)));
        let first = ranked.min_by_key(|(rank, _)| *rank);
        first.map(|(_, connection)| connection.cut()).is_some()
    }

    pub(crate) fn cut_all(&self) {
        for connection in self.snapshot() {
            connection.cut();
        }
    }

    /// Cuts every connection except for those that control the faults.
    pub(crate) fn drop_all(&self) {
        for connection in self.snapshot() {
            if !connection.steers.load(Ordering::Relaxed) {
                connection.cut();
            }
        }
    }

    /// Makes all waits compare their deadline with the clock again.
    pub(crate) fn wake_all(&self) {
        for connection in self.snapshot() {
            let _signal = connection.signal.lock();
            connection.changed.notify_all();
        }
    }

    pub(crate) fn poke_all(&self) {
        for connection in self.snapshot() {
            connection.poke();
        }
    }

    pub(crate) fn clients(&self) -> Vec<Client> {
        self.snapshot()
            .iter()
            .filter_map(|c| c.to_client())
            .collect()
    }

    pub(crate) fn snapshot(&self) -> Vec<Arc<Connection>> {
        self.living.lock().clone()
    }

    /// Waits until no connection is open, at most until `deadline`.
    pub(crate) fn wait_until_none(&self, deadline: Instant) {
        let mut living = self.living.lock();
        while !living.is_empty() {
            if self.changed.wait_until(&mut living, deadline).timed_out() {
                return;
            }
        }
    }
}
