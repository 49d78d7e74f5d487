//! A listening socket that can be closed and opened again on the same port. Knows nothing of what is spoken behind it.
//!
//! Refusing means that nothing listens: a client gets the operating system's own "connection refused", not an answer
//! that says so. The port is free meanwhile; should another program take it, the door waits until it is given back.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::life::Life;

/// Pause after a failed attempt to bind a port, or to accept a connection without a free descriptor.
const PAUSE: Duration = Duration::from_millis(50);

/// A place where clients come in.
#[derive(Debug)]
pub(crate) struct Door {
    address: SocketAddr,
    shut: Mutex<bool>,
    changed: Condvar,
}

impl Door {
    /// Binds a port of the loopback interface; 0 is any that is free.
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

    /// Hands every client to `enter` until the server ends. Runs on a thread of its own.
    pub(crate) fn run(&self, life: &Life, listener: TcpListener, mut enter: impl FnMut(TcpStream)) {
        let mut open = Some(listener);
        while !life.is_stopping() {
            if life.refusing_for().is_some() {
                // Dropping it also resets those who have knocked and not been let in.
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
                // Out of descriptors, most likely: those who are in will leave some day.
                Err(_) => life.pause(PAUSE),
            }
        }
    }

    /// Waits until nothing listens any more, but not past `deadline`.
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

    /// Brings [`run`](Self::run) back from waiting for a client, by being one.
    pub(crate) fn knock(&self) {
        // Refused where the door is closed already, which is as good.
        TcpStream::connect_timeout(&self.address, PAUSE).ok();
    }
}
