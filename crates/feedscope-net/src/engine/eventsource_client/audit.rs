//! Notes on bytes of an event stream that form no record. The crate skips such bytes without a report, so that core's
//! decoder reads the same bytes again. No record comes from here.

use feedscope_core::NoteCode;
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem, Undelivered};
use parking_lot::Mutex;

/// Code and text of a note.
pub(super) type Note = (NoteCode<'static>, String);

/// Reader of the bytes of one connection.
pub(super) struct Audit(Mutex<AuditState>);

struct AuditState {
    decoder: EventStreamDecoder,
    undelivered: Undelivered,
    /// Notes that were not taken yet.
    notes: Vec<Note>,
}

impl Audit {
    pub(super) fn new(max_message: u64) -> Self {
        Self(Mutex::new(AuditState {
            decoder: EventStreamDecoder::new(max_message),
            undelivered: Undelivered::default(),
            notes: Vec::new(),
        }))
    }

    /// Reads one chunk of the body.
    pub(super) fn read(&self, chunk: &[u8]) {
        let AuditState {
            decoder,
            undelivered,
            notes,
        } = &mut *self.0.lock();
        let mut records = false;
        decoder.feed(chunk, &mut |item: EventStreamItem<'_>| match item {
            EventStreamItem::Ignored { line } => undelivered.ignored_line(line),
            EventStreamItem::NoData { event, id, bytes } => {
                undelivered.event_without_data(event, id, bytes);
            }
            _ => records = true,
        });
        undelivered.after_read(records, &mut |code, text| {
            notes.push((code, text.to_owned()));
        });
    }

    /// Reports the totals at the end of the connection.
    pub(super) fn end(&self) {
        let AuditState {
            decoder,
            undelivered,
            notes,
        } = &mut *self.0.lock();
        undelivered.at_end(decoder.unfinished(), &mut |code, text| {
            notes.push((code, text.to_owned()));
        });
    }

    /// Takes the notes that were made since the last call.
    pub(super) fn take_notes(&self) -> Vec<Note> {
        std::mem::take(&mut self.0.lock().notes)
    }
}
