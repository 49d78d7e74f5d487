//! HAR 1.2, the archives that browsers, proxies and test programs write.
//!
//! An entry is a connection. Messages of WebSockets are in `_webSocketMessages` and events in `_eventSourceMessages`, as
//! Chrome writes them. `_feedscope` contains everything that HAR has no room for, so that nothing is lost between two
//! Feedscopes.
//!
//! An entry may be larger than memory, and its members come in any order. Both sides therefore put records aside on disk.

mod entries;
mod entry;
mod message;
mod read;
mod records;
mod remarks;
mod spool;
mod target;
mod write;

pub(super) use read::HarReader;
pub(super) use write::HarWriter;

/// Number of microseconds in a second, the unit of times in HAR.
const MICROS: f64 = 1e6;

#[cfg(test)]
mod tests;
