//! Runtime of all feeds. It starts and ends their tasks. This module does not read or write sockets.

use std::fmt;
use std::io;
use std::sync::Arc;

use feedscope_core::connection::Failure;
use feedscope_core::feed::FeedSpec;
use feedscope_core::record::Sink;
use tokio::runtime::{Builder, Runtime};

use crate::clock::Clock;
use crate::driver::Driver;
use crate::handle::{FeedHandle, Mailbox};
use crate::http::Clients;
use crate::http::route::Route;
use crate::web_socket::http_url;

/// Number of threads for operations that block: name lookups and the reading of certificates.
const BLOCKING_THREADS: usize = 8;

/// Network side of the program. Dropping it ends all feeds at once, without a closing handshake.
pub struct Net {
    /// `None` only during the drop.
    runtime: Option<Runtime>,
    clock: Clock,
    clients: Clients,
}

/// Checks the proxy that the environment names for a feed. Nothing is connected.
///
/// # Errors
///
/// [`Failure::ProxySetting`] if the variable does not contain the address of a proxy.
pub fn check_proxy(spec: &FeedSpec) -> Result<(), Failure> {
    Route::to(&http_url(&spec.url)?, spec).map(|_| ())
}

impl Net {
    /// Starts `threads` threads that read and write, at least one.
    ///
    /// # Errors
    ///
    /// Returns an error if the system refuses a thread or a resource for waiting on sockets.
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

    /// Returns the clock that stamps the records of all feeds.
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Starts a feed's task, which is idle until it receives
    /// [`FeedCommand::Connect`](feedscope_core::feed::FeedCommand::Connect).
    ///
    /// Its records are pushed into `sink`. A thread of [`Net`] calls `wake` after each batch and after each change of
    /// the status, so that `wake` must not block.
    pub fn open<S: Sink>(
        &self,
        spec: FeedSpec,
        sink: S,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> FeedHandle {
        let mailbox = Arc::new(Mailbox::default());
        let clients = self.clients.clone();
        let driver = Driver::new(
            spec,
            sink,
            Arc::new(wake),
            self.clock(),
            clients,
            Arc::clone(&mailbox),
        );
        if let Some(runtime) = &self.runtime {
            runtime.spawn(driver.run());
        }
        FeedHandle::new(mailbox)
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for the tasks could take as long as a name lookup.
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").finish_non_exhaustive()
    }
}
