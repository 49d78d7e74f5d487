//! Carries out what Feedscope's connection machine decides: sockets in, records out. It never decides when to connect,
//! to wait or to give up, and knows no window and no file.
//!
//! The modules stand in the order in which data travels:
//!
//! | module | owns |
//! |---|---|
//! | `net`, `handle` | [`Net`], which starts feeds, and [`FeedHandle`], which commands one |
//! | `driver` | one task a feed, the only loop that awaits: commands, timers, the connection |
//! | `http` | clients, headers, redirects, and what the errors of the HTTP stack mean |
//! | `event_stream`, `web_socket` | the two transports: a request, and whether its answer is a feed |
//! | `engine` | the engines, which turn bytes into records |
//! | `second_opinion` | a connection's bytes read by two engines side by side, where that is asked for |
//! | `progress` | how far an attempt's request is, on its way to the driver |
//! | `outbox` | messages that wait for the connection |
//! | `batch` | what one read yields, pushed into the feed's sink |
//! | `hold` | waiting with the next read while the sink has no room |
//! | `clock` | [`Clock`], the only place that asks the time |
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

mod batch;
mod clock;
mod driver;
mod engine;
mod event_stream;
mod handle;
mod hold;
mod http;
mod net;
mod outbox;
mod progress;
mod second_opinion;
mod web_socket;

pub use clock::Clock;
pub use handle::FeedHandle;
pub use net::Net;
