//! Feedscope, an oscilloscope for live feeds. This is the program behind `src/main.rs`, as a library so that tests can
//! use its parts. Code that needs no window, socket or file is in `feedscope-core`.
//!
//! Each layer depends only on the layers after it: `main` → `app` (with [`cli`] and the commands, such as [`tail`]) →
//! `feedscope-ui`, `feedscope-files` and `feedscope-net`, which do not depend on each other → `feedscope-analysis` →
//! `feedscope-core`. Net and files use core alone.
//!
//! The feature `window`, on by default, adds `app` and `feedscope-ui`. A build without it has no window and needs no
//! graphics libraries. In such a build, [`windowless`] shows the feeds of a window as text.

#[cfg(feature = "window")]
pub mod app;
pub mod automatic;
mod awaited;
pub mod cli;
pub mod complaint;
pub mod connections;
pub mod convert;
pub mod demo;
pub mod demo_feeds;
mod keyring;
pub mod mask;
pub mod plan;
pub mod reading;
pub mod record;
mod schema;
pub mod serve;
pub mod signals;
pub mod stats;
pub mod tail;
pub mod typed_filter;
pub mod windowless;
