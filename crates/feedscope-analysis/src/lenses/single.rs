//! Reading of single records again, such as those in view, from a kept state of the lens and without counting them again.

use std::time::Duration;

use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::store::RowNumber;

use super::frame::{Frame, PairRole};
use super::message::{decoded_data, is_new_connection, message_parts};
use super::pairs::Request;
use super::read::Read;
use super::{Lens, LensName, Message};
use crate::interpret::Interpreter;
use crate::listing::ItemId;

/// Lens in a state from which records are read on.
pub(super) struct Single {
    name: LensName,
    lens: Box<dyn Lens>,
    /// First row that the state does not include.
    pub(super) next: RowNumber,
}

impl Single {
    pub(super) fn new(name: LensName, lens: Box<dyn Lens>, next: RowNumber) -> Self {
        Self { name, lens, next }
    }

    /// Reads the record of `row`. `request_of` returns the request that an item of it answers, with the time since it.
    pub(super) fn read(
        &mut self,
        row: RowNumber,
        record: &Record<'_>,
        interpreter: &Interpreter,
        request_of: impl Fn(ItemId) -> Option<(Request, Duration)>,
    ) -> Vec<Read> {
        self.next = row + 1;
        let Some((event, is_binary)) = message_parts(&record.kind) else {
            if let Kind::State(change) = &record.kind
                && is_new_connection(change.state)
            {
                self.lens.reset();
            }
            return Vec::new();
        };
        let Some(document) = interpreter.interpret(&record.kind) else {
            return Vec::new();
        };
        let direction = record.kind.direction().unwrap_or(Direction::In);
        if let Some(failure) = document.failed() {
            return vec![Read::of_failure(Some(self.name), failure)];
        }
        let is_decoded = !interpreter.chain(direction).is_empty();
        let message = Message {
            direction,
            event,
            bytes: document.bytes(),
            is_binary: is_binary && !is_decoded,
        };
        // Records are not counted again, so that only the frames are of interest.
        let mut frames = Vec::new();
        self.lens.read(&message, &mut frames);
        if frames.is_empty() && is_decoded {
            let json = decoded_data(document.bytes());
            return vec![Read::of_decoded(Some(self.name), Some(json))];
        }
        let read = |(part, frame): (usize, Frame)| {
            let part = part as u32;
            let answered = match &frame.role {
                PairRole::Answers { .. } => request_of(ItemId { row, part }),
                _ => None,
            };
            Read::of_frame(self.name, direction, frame, answered)
        };
        frames.into_iter().enumerate().map(read).collect()
    }
}

/// Reads a record without a lens: its decoded payload, or the failure of a decoder.
pub(super) fn read_decoded(record: &Record<'_>, interpreter: &Interpreter) -> Vec<Read> {
    if message_parts(&record.kind).is_none() {
        return Vec::new();
    }
    let direction = record.kind.direction().unwrap_or(Direction::In);
    if interpreter.chain(direction).is_empty() {
        return Vec::new();
    }
    let Some(document) = interpreter.interpret(&record.kind) else {
        return Vec::new();
    };
    vec![match document.failed() {
        Some(failure) => Read::of_failure(None, failure),
        None => Read::of_decoded(None, Some(decoded_data(document.bytes()))),
    }]
}
