//! Codes of the notes that core and net write into a timeline. Machines read them, so that they never change.

/// The computer's clock went forward or back.
pub const CLOCK_JUMP: &str = "clock_jump";
/// Remark on the content coding of a body.
pub const CONTENT_CODING: &str = "content_coding";
/// A stored record cannot be read.
pub const DAMAGED: &str = "damaged";
/// Blocks of an event stream with a type or an ID, but without data.
pub const EVENT_WITHOUT_DATA: &str = "event_without_data";
/// Reading paused because the disk was slower than the feed.
pub const HELD_BACK: &str = "held_back";
/// Problem with the older records that are stored on disk.
pub const HISTORY_ON_DISK: &str = "history_on_disk";
/// Lines of an event stream without effect.
pub const IGNORED_LINES: &str = "ignored_lines";
/// A last event ID that cannot be sent as a header.
pub const LAST_EVENT_ID_NOT_SENT: &str = "last_event_id_not_sent";
/// An event or a message is longer than the limit.
pub const MESSAGE_TOO_LONG: &str = "message_too_long";
/// Records that a recorder could not read in time.
pub const NOT_RECORDED: &str = "not_recorded";
/// A ping or a close frame was never sent.
pub const NOT_SENT: &str = "not_sent";
/// Result of a second opinion on a connection.
pub const SECOND_OPINION: &str = "second_opinion";
/// Malformed header lines of an answer, which were skipped.
pub const SKIPPED_HEADER_LINES: &str = "skipped_header_lines";
/// Bytes at the end of a recording that form no whole block, or a recording that was not ended.
pub const TORN_END: &str = "torn_end";
/// Messages that may not have arrived, because the connection broke.
pub const UNCONFIRMED: &str = "unconfirmed";
/// Block of an event stream in which its connection ended.
pub const UNFINISHED_EVENT: &str = "unfinished_event";
