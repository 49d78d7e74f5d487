//! Files on disk: the settings, the session, recordings, and older records that do not fit in memory.
//!
//! This layer has no access to the window, to sockets or to feeds.

pub mod command_line;
pub mod connections;
pub mod curl;
mod disk;
pub mod disk_history;
pub mod formats;
pub mod measured_paths;
pub mod recording;
mod regular_file;
pub mod session;
pub mod settings;
