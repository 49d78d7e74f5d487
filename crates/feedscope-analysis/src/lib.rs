//! Meaning of a feed's records: all values that are computed from a [`Store`](feedscope_core::store::Store), without a
//! window, a thread, a clock, a file or a socket.
//!
//! | module | content |
//! |---|---|
//! | [`analysis`] | the trait that every computed value implements |
//! | [`recording_profile`] | course of a whole recording for a time bar |
//! | [`rounds`] | the scheduler that steps them, for any host |
//! | [`job`] | work with one result |
//! | [`interpret`] | the meaning of a payload: decoders, text, JSON |
//! | [`decoders`] | chains of decoders: compression, encoded text, binary formats to JSON |
//! | [`follow`] | values that grow with the records of a store |
//! | [`lenses`] | readers of the protocols above messages: names, pairs, keep-alives |
//! | [`assembled`] | documents that arrive in parts, such as the answer of a language model |
//! | [`record_key`] | the value that distinguishes one series of records from another |
//! | [`fields`] | the values of paths in JSON bytes, without a tree |
//! | [`filter`] | the text that a user types to see fewer rows, the scan for its hits, and the values for such a text |
//! | [`columns`] | the values of several columns in a payload |
//! | [`listing`] | the items of a view, by their index |
//! | [`density`] | the positions of errors, gaps and matches among the rows, and the density of the rows in time |
//! | [`jump`] | positions in a timeline that people type |
//! | [`look_back`] | earlier records for a comparison |
//! | [`diff`] | the difference between two payloads |
//! | [`ticks`] | numbered messages with a time: losses, repetitions and latencies |
//! | [`measures`] | counts, rates, silence, connections and losses of a feed over its whole life |
//! | [`series`] | lines of a plot: fields, rates, sizes and intervals over time |
//! | [`latest`] | the newest record of each value of a key |
//! | [`pairs`] | two feeds compared by a key: arrivals, records of only one, different payloads |
//! | [`drift`] | fields that appear, vanish or change their type |
//! | [`row_parts`] | the parts of payloads that rows with little room show |
//!
//! The host selects the thread for the work. Each step reads a bounded part of a store.
//!
//! ```
//! use std::sync::Arc;
//!
//! use feedscope_analysis::filter::{Filter, ParseContext, Scan};
//! use feedscope_analysis::listing::Listing;
//! use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, ListingIndex, RowNumber, Store};
//! use feedscope_core::{Kind, Record, Sink as _, Stamp};
//!
//! let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
//! for data in [&b"{\"price\":99}"[..], b"{\"price\":101}"] {
//!     let kind = Kind::Event { event: b"price", id: b"", data };
//!     writer.push(&Record { stamp: Stamp::default(), connection: 1, kind });
//! }
//! let filter = Filter::parse(".price > 100", &ParseContext::default()).unwrap();
//! let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
//! while !scan.step(1 << 20).done {}
//! let lines = Listing::of_hits(&scan).lines(ListingIndex(0), RowNumber::MAX, 10, 80);
//! assert_eq!(lines[0].text.preview, "{\"price\":101}");
//! ```
#![warn(missing_docs)]

pub mod analysis;
pub mod assembled;
pub mod columns;
pub mod decoders;
pub mod density;
pub mod diff;
pub mod drift;
pub mod error_report;
pub mod errors;
pub mod fields;
pub mod filter;
pub mod follow;
pub mod interpret;
pub mod job;
pub mod jump;
pub mod latest;
pub mod lenses;
pub mod listing;
pub mod look_back;
pub mod measures;
pub mod pairs;
pub mod record_key;
pub mod recording_profile;
pub mod rounds;
pub mod row_parts;
pub mod series;
pub mod ticks;

#[cfg(test)]
mod test_numbers;
#[cfg(test)]
mod test_store;
