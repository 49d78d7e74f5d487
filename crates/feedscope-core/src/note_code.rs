//! Codes of the notes that the program writes into a timeline. Machines read them, so that they never change.

use std::fmt;

/// Stable word of a note, for machines.
///
/// A file may contain codes of a later version, so that any word is a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoteCode<'a>(pub &'a str);

impl NoteCode<'static> {
    /// The computer's clock went forward or back.
    pub const CLOCK_JUMP: Self = Self("clock_jump");
    /// Commands of a person or of a program that found no room, such as messages to send.
    pub const COMMANDS_REFUSED: Self = Self("commands_refused");
    /// Remark on the content coding of a body.
    pub const CONTENT_CODING: Self = Self("content_coding");
    /// A stored record cannot be read.
    pub const DAMAGED: Self = Self("damaged");
    /// Error of a connection, as a HAR file of a browser contains it.
    pub const ERROR: Self = Self("error");
    /// Blocks of an event stream with a type or an ID, but without data.
    pub const EVENT_WITHOUT_DATA: Self = Self("event_without_data");
    /// Reading paused because the disk was slower than the feed.
    pub const HELD_BACK: Self = Self("held_back");
    /// Problem with the older records that are stored on disk.
    pub const HISTORY_ON_DISK: Self = Self("history_on_disk");
    /// The last event IDs no longer count up, so that gaps cannot be found.
    pub const IDS_NOT_COUNTED: Self = Self("ids_not_counted");
    /// Lines of an event stream without effect.
    pub const IGNORED_LINES: Self = Self("ignored_lines");
    /// Number of the empty lines that kept a connection alive.
    pub const KEEP_ALIVES: Self = Self("keep_alives");
    /// A last event ID that cannot be sent as a header.
    pub const LAST_EVENT_ID_NOT_SENT: Self = Self("last_event_id_not_sent");
    /// An event or a message is longer than the limit.
    pub const MESSAGE_TOO_LONG: Self = Self("message_too_long");
    /// Records that a recorder could not read in time.
    pub const NOT_RECORDED: Self = Self("not_recorded");
    /// A ping or a close frame was never sent.
    pub const NOT_SENT: Self = Self("not_sent");
    /// Result of a second opinion on a connection.
    pub const SECOND_OPINION: Self = Self("second_opinion");
    /// Malformed header lines of an answer, which were skipped.
    pub const SKIPPED_HEADER_LINES: Self = Self("skipped_header_lines");
    /// Bytes at the end of a recording that form no whole block, or a recording that was not ended.
    pub const TORN_END: Self = Self("torn_end");
    /// Messages that may not have arrived, because the connection broke.
    pub const UNCONFIRMED: Self = Self("unconfirmed");
    /// Block of an event stream in which its connection ended.
    pub const UNFINISHED_EVENT: Self = Self("unfinished_event");
    /// Line in which the stream of its source ended.
    pub const UNFINISHED_LINE: Self = Self("unfinished_line");
    /// Record of a file, of a kind that this version does not know.
    pub const UNKNOWN_KIND: Self = Self("unknown_kind");
}

impl<'a> NoteCode<'a> {
    /// Returns the word.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Display for NoteCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}
