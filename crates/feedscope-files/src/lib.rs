//! Files on disk: the settings, and older records that do not fit in memory.
//!
//! This layer has no access to the window, to sockets or to feeds.

pub mod disk_history;
pub mod settings;
