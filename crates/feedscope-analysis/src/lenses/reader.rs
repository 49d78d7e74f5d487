//! Reader of a feed's records through its decoders and its lens. It goes forward only, and its state is bounded.

use std::collections::VecDeque;
use std::fmt;

use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::time::Moment;

use super::calls::{CallFigures, Calls};
use super::frame::{Frame, PairRole};
use super::message::{decoded_data, is_new_connection, message_parts};
use super::pairs::{Pairs, Request};
use super::read::Read;
use super::recognition::{Choice, FeedAddress, LensName, Recognized};
use super::{Lens, LensState, Message};
use crate::interpret::Interpreter;
use crate::listing::ItemId;
use feedscope_core::store::RowNumber;

/// Maximum number of messages that are searched for signs of a protocol.
const MAX_TRIED: usize = 64;

/// Limits of the messages that are kept until a lens is selected, which then also reads them.
const MAX_KEPT: usize = 16;
const MAX_KEPT_BYTES: usize = 64 << 10;

/// Reads the records of one feed in order.
pub struct LensReader {
    interpreter: Interpreter,
    address: FeedAddress,
    active: Option<Active>,
    /// Reason of a selection without the user.
    recognized: Option<Recognized>,
    /// Messages before the selection; `None` if no lens is sought.
    kept: Option<Kept>,
    pairs: Pairs,
    calls: Calls,
    next_row: u64,
}

struct Active {
    name: LensName,
    lens: Box<dyn Lens>,
    /// Buffer that is used again for each message.
    frames: Vec<Frame>,
}

#[derive(Default)]
struct Kept {
    messages: VecDeque<KeptMessage>,
    bytes: usize,
    tried: usize,
}

struct KeptMessage {
    direction: Direction,
    event: Vec<u8>,
    bytes: Vec<u8>,
    is_binary: bool,
    at: Moment,
    row: RowNumber,
}

impl LensReader {
    /// Creates a reader for a feed.
    pub fn new(choice: Choice, address: FeedAddress, interpreter: Interpreter) -> Self {
        let recognized = match choice {
            Choice::Auto => address.lens(),
            _ => None,
        };
        let name = match choice {
            Choice::Named(name) => Some(name),
            _ => recognized.as_ref().map(|found| found.lens),
        };
        let is_sought = choice == Choice::Auto && name.is_none();
        Self {
            active: name.map(|name| Active::new(name, &address)),
            interpreter,
            address,
            recognized,
            kept: is_sought.then(Kept::default),
            pairs: Pairs::default(),
            calls: Calls::default(),
            next_row: 0,
        }
    }

    /// Returns true if records are neither decoded nor read by a lens.
    pub fn is_idle(&self) -> bool {
        self.active.is_none() && self.kept.is_none() && self.interpreter.is_identity()
    }

    /// Returns the lens in use.
    pub fn lens(&self) -> Option<LensName> {
        self.active.as_ref().map(|active| active.name)
    }

    /// Returns the reason for the lens, if the user did not name it.
    pub fn recognized(&self) -> Option<&Recognized> {
        self.recognized.as_ref()
    }

    /// Returns the interpreter of the payloads.
    pub fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    /// Returns the figures about calls; `None` without a lens.
    pub fn figures(&self) -> Option<CallFigures> {
        let lens = self.lens()?;
        let waiting = self.pairs.unanswered();
        Some(self.calls.figures(lens.word(), waiting, self.pairs.let_go))
    }

    /// Returns the requests without an answer, also those of ended connections, oldest first.
    pub fn unanswered(&self) -> Vec<ItemId> {
        self.pairs.unanswered_items()
    }

    /// Sets the number of the next row, for records that do not follow the ones before.
    pub(super) fn go_to(&mut self, row: RowNumber) {
        self.next_row = row.0;
    }

    /// Returns the state of the lens; `None` without a lens.
    pub(super) fn state(&self) -> Option<LensState> {
        self.active.as_ref().map(|active| active.lens.state())
    }

    /// Reads the next record. The records of a feed are numbered as rows in the order of the calls.
    pub fn read(&mut self, record: &Record<'_>) -> Vec<Read> {
        let row = RowNumber(self.next_row);
        self.next_row += 1;
        let Some((event, is_binary)) = message_parts(&record.kind) else {
            if let Kind::State(change) = &record.kind
                && is_new_connection(change.state)
            {
                self.begin_connection();
            }
            return Vec::new();
        };
        if self.is_idle() {
            return Vec::new();
        }
        let Some(document) = self.interpreter.interpret(&record.kind) else {
            return Vec::new();
        };
        // Events and lines arrive; only messages have both directions.
        let direction = record.kind.direction().unwrap_or(Direction::In);
        if let Some(failure) = document.failed() {
            return vec![Read::of_failure(self.lens(), failure)];
        }
        let is_decoded = !self.interpreter.chain(direction).is_empty();
        let message = Message {
            direction,
            event,
            bytes: document.bytes(),
            // Decoded binary data is usually text.
            is_binary: is_binary && !is_decoded,
        };
        let mut reads = self.read_message(&message, record.stamp.moment, row);
        if reads.is_empty() && is_decoded {
            let json = decoded_data(document.bytes());
            reads.push(Read::of_decoded(self.lens(), Some(json)));
        }
        reads
    }

    fn begin_connection(&mut self) {
        self.calls.lost += self.pairs.clear();
        if let Some(active) = &mut self.active {
            active.lens.reset();
        }
    }

    fn read_message(&mut self, message: &Message<'_>, at: Moment, row: RowNumber) -> Vec<Read> {
        if let Some(kept) = &mut self.kept {
            let Some(found) = Recognized::of_message(message) else {
                if !kept.keep(message, at, row) {
                    self.kept = None;
                }
                return Vec::new();
            };
            let mut active = Active::new(found.lens, &self.address);
            self.recognized = Some(found);
            // The lens also reads the messages before, for their requests.
            for old in std::mem::take(&mut kept.messages) {
                let (pairs, calls) = (&mut self.pairs, &mut self.calls);
                active.read(&old.message(), old.at, old.row, pairs, calls);
            }
            self.active = Some(active);
            self.kept = None;
        }
        let (pairs, calls) = (&mut self.pairs, &mut self.calls);
        match &mut self.active {
            Some(active) => active.read(message, at, row, pairs, calls),
            None => Vec::new(),
        }
    }
}

impl fmt::Debug for LensReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("LensReader");
        debug.field("lens", &self.lens());
        debug.field("recognized", &self.recognized);
        debug.finish_non_exhaustive()
    }
}

impl Active {
    fn new(name: LensName, address: &FeedAddress) -> Self {
        Self {
            name,
            lens: name.lens(address),
            frames: Vec::new(),
        }
    }

    fn read(
        &mut self,
        message: &Message<'_>,
        at: Moment,
        row: RowNumber,
        pairs: &mut Pairs,
        calls: &mut Calls,
    ) -> Vec<Read> {
        self.lens.read(message, &mut self.frames);
        let frames = self.frames.drain(..).enumerate();
        let from = message.direction;
        frames
            .map(|(part, frame)| {
                let item = ItemId {
                    row,
                    part: part as u32,
                };
                let (mut answered, mut cancelled) = (None, None);
                match &frame.role {
                    PairRole::Asks(key) => {
                        calls.ask();
                        let request = Request {
                            item,
                            at,
                            id: frame.id.clone(),
                            name: frame.name.clone(),
                            was_answered: false,
                        };
                        if pairs.ask(from, key.clone(), request).is_some() {
                            calls.lost += 1;
                        }
                    }
                    PairRole::Answers { key, has_more } => {
                        answered = pairs.answer(from, key, at, *has_more);
                        if let Some((request, wait)) = &answered
                            && !request.was_answered
                        {
                            calls.answer(*wait);
                        }
                    }
                    PairRole::Cancels(key) => {
                        cancelled = pairs.cancel(from, key).map(|request| request.item);
                    }
                    PairRole::KeepAlive => calls.keep_alive(),
                    PairRole::Alone => {}
                }
                // Errors without a code are counted by their text.
                if let Some(error) = &frame.error {
                    calls.error(frame.error_code.as_deref().unwrap_or(error));
                }
                Read {
                    cancelled,
                    ..Read::of_frame(self.name, from, frame, answered)
                }
            })
            .collect()
    }
}

impl Kept {
    /// Keeps a message. Returns false if enough messages were searched.
    fn keep(&mut self, message: &Message<'_>, at: Moment, row: RowNumber) -> bool {
        self.tried += 1;
        if self.messages.len() < MAX_KEPT && self.bytes + message.bytes.len() <= MAX_KEPT_BYTES {
            self.bytes += message.bytes.len();
            self.messages.push_back(KeptMessage {
                direction: message.direction,
                event: message.event.to_vec(),
                bytes: message.bytes.to_vec(),
                is_binary: message.is_binary,
                at,
                row,
            });
        }
        self.tried < MAX_TRIED
    }
}

impl KeptMessage {
    fn message(&self) -> Message<'_> {
        Message {
            direction: self.direction,
            event: &self.event,
            bytes: &self.bytes,
            is_binary: self.is_binary,
        }
    }
}
