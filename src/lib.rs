//! Feedscope, an oscilloscope for live feeds: the program behind `src/main.rs`, as a library so that tests reach its
//! parts. What is true without a window, a socket or a file is in `feedscope-core`.
//!
//! Layers, each knowing only those after it: `main` → `app` (with [`cli`], [`tail`] and [`demo`]) → `feedscope-ui`,
//! `feedscope-files` and `feedscope-net`, which never know each other → `feedscope-core`.
//!
//! The feature `window`, on by default, adds `app` and `feedscope-ui`. A build without it has no window and needs no
//! graphics libraries; [`windowless`] then shows as text what a window would show.

#[cfg(feature = "window")]
pub mod app;
pub mod cli;
pub mod complaint;
pub mod demo;
pub mod demo_feeds;
pub mod plan;
pub mod signals;
pub mod tail;
pub mod windowless;
