//! Tests of the event-stream decoder.
//!
//! Cases are in `cases/event_stream/*.toml`: bytes in, items out, and a named case for each rule. Properties hold for
//! any division of the bytes. Recorded feeds are in `feeds/`, described in its `README.md`.

#[path = "support/case_files.rs"]
mod case_files;
#[path = "event_stream/cases.rs"]
mod cases;
#[path = "event_stream/item.rs"]
mod item;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "event_stream/properties.rs"]
mod properties;
#[path = "event_stream/recorded_feeds.rs"]
mod recorded_feeds;
#[path = "event_stream/reference.rs"]
mod reference;
