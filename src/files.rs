//! Files on disk: what is kept from one run to the next. It knows no window, no socket and no feed.

pub mod settings;
