//! The runtime that carries all feeds. It starts tasks and ends them; it never reads or writes a socket itself.

use std::fmt;
use std::io;
use std::sync::Arc;

use feedscope_core::feed::FeedSpec;
use feedscope_core::record::Sink;
use tokio::runtime::{Builder, Runtime};

use crate::clock::Clock;
use crate::driver::Driver;
use crate::handle::{Desk, FeedHandle};
use crate::http::Clients;

/// Threads for what can only be done by waiting: name look-ups, and reading certificates.
const BLOCKING_THREADS: usize = 8;

/// Everything that touches a socket. Dropping it ends all feeds at once, without a word to their servers.
pub struct Net {
    /// `None` only while it is being dropped.
    runtime: Option<Runtime>,
    clock: Clock,
    clients: Clients,
}

impl Net {
    /// Starts the threads that read and write: `threads` of them, at least one.
    ///
    /// # Errors
    ///
    /// When the system refuses a thread or what it takes to wait for sockets.
    pub fn start(threads: usize) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("feedscope-net")
            .enable_all()
            .build()?;
        Ok(Self {
            runtime: Some(runtime),
            clock: Clock::new(),
            clients: Clients::default(),
        })
    }

    /// The clock that stamps the records of all feeds.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Starts a feed's task, idle until it is told to connect.
    ///
    /// Its records go into `sink`; `wake` is called after each batch of them and after each change of status, from one
    /// of the threads of [`Net`], and must not wait for anything.
    pub fn open<S: Sink>(
        &self,
        spec: FeedSpec,
        sink: S,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> FeedHandle {
        let desk = Arc::new(Desk::default());
        let clients = self.clients.clone();
        let driver = Driver::new(
            spec,
            sink,
            Arc::new(wake),
            self.clock(),
            clients,
            Arc::clone(&desk),
        );
        if let Some(runtime) = &self.runtime {
            runtime.spawn(driver.run());
        }
        FeedHandle::new(desk)
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").finish_non_exhaustive()
    }
}
