//! Files on disk: what is kept from one run to the next, and what a run has no memory for. It knows no window, no socket and no feed.

pub mod disk_history;
pub mod settings;
