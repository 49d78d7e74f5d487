//! Network side of Feedscope. It executes the actions of the connection machine: it reads sockets and produces records.
//!
//! This package does not decide when to connect, to wait or to give up. It depends on no window and no file.
//!
//! The modules are listed in the order in which data travels:
//!
//! | module | responsibility |
//! |---|---|
//! | `net`, `handle` | [`Net`], which starts feeds, and [`FeedHandle`], which controls one feed |
//! | `driver` | one task for each feed, with the only loop that awaits: commands, timers, the connection |
//! | `http` | clients, headers, redirects, and the meaning of the HTTP stack's errors |
//! | `event_stream`, `web_socket` | the two transports: a request, and the check of its answer |
//! | `engine` | the engines, which turn bytes into records |
//! | `second_opinion` | decoding of a connection's bytes by two engines side by side, if requested |
//! | `progress` | progress of an attempt's request, reported to the driver |
//! | `outbox` | messages that wait for the connection |
//! | `batch` | records of one read, pushed into the feed's sink |
//! | `backpressure` | pauses reading while the sink has no room |
//! | `clock` | [`Clock`], the only module that reads the time |
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use feedscope_core::feed::{FeedCommand, FeedSpec};
//! use feedscope_core::{Record, Sink};
//! use feedscope_net::Net;
//!
//! struct Counter(u64);
//!
//! impl Sink for Counter {
//!     fn push(&mut self, _: &Record<'_>) {
//!         self.0 += 1;
//!     }
//!     fn flush(&mut self) {
//!         println!("{} records", self.0);
//!     }
//! }
//!
//! let net = Net::start(1)?;
//! let url = url::Url::parse("http://localhost:8080/events")?;
//! let feed = net.open(FeedSpec::new(url), Counter(0), || {});
//! feed.command(FeedCommand::Connect);
//! feed.wait_ended(Duration::from_secs(5));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(missing_docs)]

mod attempt;
mod backpressure;
mod batch;
mod clock;
mod command_list;
mod driver;
mod engine;
mod event_stream;
mod handle;
mod http;
mod net;
mod outbox;
mod progress;
mod second_opinion;
mod status;
mod web_socket;

pub use clock::Clock;
pub use handle::FeedHandle;
pub use net::{Net, check_proxy};
