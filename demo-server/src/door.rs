//! Listening socket that can be closed and opened again on the same port. This module handles no protocol.
//!
//! While connections are refused, no socket listens. A client gets the "connection refused" of the operating system and
//! not an answer of the server. During this time the port is free. If another program takes it, the door waits until
//! the port is free again.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::life::Life;

/// Pause after a failed attempt to bind a port, or to accept a connection without a free descriptor.
const PAUSE: Duration = Duration::from_millis(50);

/// Address of a listening socket, and whether it is closed at the moment.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    shut: Mutex<bool>,
    changed: Condvar,
}

impl Door {
    /// Binds a port of the loopback interface; 0 selects any free port.
    pub(crate) fn bind(port: u16) -> io::Result<(Self, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        let door = Self {
            address,
            shut: Mutex::new(false),
            changed: Condvar::new(),
        };
        Ok((door, listener))
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Passes every client to `enter` until the server ends. Runs on a separate thread.
    pub(crate) fn run(&self, life: &Life, listener: TcpListener, mut enter: impl FnMut(TcpStream)) {
        let mut open = Some(listener);
        while !life.is_stopping() {
            if life.refusing_for().is_some() {
                // Dropping the listener also resets the connections that are not accepted yet.
                open = None;
                self.set_shut(true);
                life.wait_while_refusing();
                continue;
            }
            let Some(listener) = &open else {
                open = TcpListener::bind(self.address).ok();
                if open.is_some() {
                    self.set_shut(false);
                } else {
                    life.pause(PAUSE);
                }
                continue;
            };
            match listener.accept() {
                Ok((socket, _)) if !life.is_stopping() && life.refusing_for().is_none() => {
                    enter(socket);
                }
                Ok(_) => {}
                // The usual cause is a lack of descriptors. Connected clients will release theirs.
                Err(_) => life.pause(PAUSE),
            }
        }
    }

    /// Waits until no socket listens any more, at most until `deadline`.
    pub(crate) fn wait_until_shut(&self, deadline: Instant) {
        let mut shut = self.shut.lock();
        while !*shut {
            if self.changed.wait_until(&mut shut, deadline).timed_out() {
                return;
            }
        }
    }

    fn set_shut(&self, shut: bool) {
        *self.shut.lock() = shut;
        self.changed.notify_all();
    }

    /// Ends the wait of [`run`](Self::run) for a client by connecting to it.
    pub(crate) fn knock(&self) {
        // A refusal means that the door is already closed, which is just as good.
        TcpStream::connect_timeout(&self.address, PAUSE).ok();
    }
}
