//! What a feed's records mean: everything that is computed from a [`Store`](feedscope_core::store::Store), without a
//! window, a thread, a clock, a file or a socket.
//!
//! | module | owns |
//! |---|---|
//! | [`filter`] | the text that a user types to see fewer rows, and how far a scan for its hits has come |
//! | [`listing`] | the rows that a view goes over, by their places |
//! | [`density`] | where errors, gaps and matches lie among the rows, and how densely the rows came |
//! | [`jump`] | places to go to, as people type them |
//!
//! Whoever runs the program decides on which thread the work is done: each step looks at a bounded part of a store.
//!
//! ```
//! use std::sync::Arc;
//!
//! use feedscope_analysis::filter::{Filter, ParseContext, Scan};
//! use feedscope_analysis::listing::Listing;
//! use feedscope_core::store::{DEFAULT_BUDGET_BYTES, ListingIndex, RowNumber, Shown, Store};
//! use feedscope_core::{Kind, Record, Sink as _, Stamp};
//!
//! let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
//! for data in [&b"{\"price\":99}"[..], b"{\"price\":101}"] {
//!     let kind = Kind::Event { event: b"price", id: b"", data };
//!     writer.push(&Record { stamp: Stamp::default(), connection: 1, kind });
//! }
//! let filter = Filter::parse(".price > 100", &ParseContext::default()).unwrap();
//! let scan = Scan::new(Arc::new(filter), Shown::ALL);
//! while !scan.step(&store, 1 << 20).done {}
//! let lines = Listing::of_hits(&store, &scan).lines(ListingIndex(0), RowNumber::MAX, 10, 80);
//! assert_eq!(lines[0].text.preview, "{\"price\":101}");
//! ```
#![warn(missing_docs)]

pub mod density;
pub mod filter;
pub mod jump;
pub mod listing;
