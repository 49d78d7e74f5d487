//! Documents of a feed: which records are parts, and when a document has ended.

use feedscope_core::ConnectionState;
use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::store::RowNumber;
use feedscope_core::time::Moment;

use super::document::Document;
use super::vendor::{Delta, Vendors, sign};
use crate::interpret::Interpreter;
use crate::lenses::{Choice, FeedAddress, Json, LensName, Message};

/// Maximum number of messages that are searched for signs of an answer.
const MAX_TRIED: usize = 64;

/// Maximum number of documents that grow at the same time.
const MAX_OPEN: usize = 128;

/// Documents of one feed.
pub struct Documents {
    interpreter: Interpreter,
    /// The lens for answers is on, or may still be recognized.
    lens: Sought,
    vendors: Vendors,
    open: Vec<Open>,
    model: Option<String>,
    /// Time of the request of the connection, or of the last sent message.
    requested: Option<Moment>,
    /// No part of the answer to that request has arrived, and the connection has not ended.
    is_requested: bool,
    next_row: u64,
    /// Number of messages without a sign of an answer.
    tried: usize,
    /// All documents of the connection are complete.
    has_finished: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    /// Another lens is in use.
    No,
    Yes,
    Found,
}

struct Open {
    answer: Option<String>,
    document: Document,
}

/// Result of reading a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocumentRead {
    /// The record is a part of a document.
    pub is_part: bool,
    /// Documents that are complete or broken off.
    pub ended: Vec<Document>,
}

impl Documents {
    /// Creates the documents of a feed.
    pub fn new(choice: Choice, address: &FeedAddress, interpreter: Interpreter) -> Self {
        let lens = match choice {
            Choice::Named(LensName::Llm) => Sought::Found,
            Choice::Auto if address.lens().is_none() => Sought::Yes,
            _ => Sought::No,
        };
        Self {
            interpreter,
            lens,
            vendors: Vendors::default(),
            open: Vec::new(),
            model: None,
            requested: None,
            is_requested: false,
            next_row: 0,
            tried: 0,
            has_finished: false,
        }
    }

    /// Returns the documents that are growing.
    pub fn growing(&self) -> impl Iterator<Item = &Document> {
        self.open.iter().map(|open| &open.document)
    }

    /// Returns true if at least one document of this connection is complete, and none is growing. If the stream then
    /// ends, there is no reason to request it again.
    pub fn has_finished(&self) -> bool {
        self.has_finished && self.open.iter().all(|open| open.document.is_complete())
    }

    /// Sets the number of the next row, for records that do not follow the ones before.
    pub(crate) fn go_to(&mut self, row: RowNumber) {
        self.next_row = row.0;
    }

    /// Returns true if no answer is sought, because another lens is in use or the feed has none.
    pub(crate) fn is_idle(&self) -> bool {
        self.lens == Sought::No
    }

    /// Returns the time of the request whose answer has no part yet.
    pub(crate) fn awaited_since(&self) -> Option<Moment> {
        let is_awaited = self.lens == Sought::Found && self.is_requested && self.open.is_empty();
        self.requested.filter(|_| is_awaited)
    }

    /// Reads the next record. The records of a feed are numbered as rows in the order of the calls.
    pub fn read(&mut self, record: &Record<'_>) -> DocumentRead {
        let row = RowNumber(self.next_row);
        self.next_row += 1;
        let at = record.stamp.moment;
        let event = match &record.kind {
            Kind::State(change) => return self.read_state(change.state, at),
            Kind::Event { event, .. } => *event,
            Kind::Line { .. } | Kind::Text { .. } | Kind::Binary { .. } => b"",
            _ => return DocumentRead::default(),
        };
        let direction = record.kind.direction().unwrap_or(Direction::In);
        if self.lens == Sought::No {
            return DocumentRead::default();
        }
        if direction == Direction::Out {
            self.requested = Some(at);
            self.is_requested = true;
            return DocumentRead::default();
        }
        let Some(read) = self.interpreter.interpret(&record.kind) else {
            return DocumentRead::default();
        };
        let message = Message {
            direction,
            event,
            bytes: read.bytes(),
            is_binary: false,
        };
        // Until the first part, other messages are passed on as they are.
        if self.lens == Sought::Yes {
            let json = Json::document(message.bytes);
            if json.and_then(|json| sign(&message, json)).is_none() {
                self.tried += 1;
                // Later messages cost nothing in a feed of another kind.
                if self.tried == MAX_TRIED {
                    self.lens = Sought::No;
                }
                return DocumentRead::default();
            }
            self.lens = Sought::Found;
        }
        let mut deltas = Vec::new();
        if self.vendors.read(&message, &mut deltas).is_none() {
            return DocumentRead::default();
        }
        for delta in &deltas {
            self.add(delta, row, at);
        }
        let is_done = deltas.contains(&Delta::Done);
        DocumentRead {
            is_part: true,
            ended: if is_done {
                self.end_answer(at)
            } else {
                Vec::new()
            },
        }
    }

    /// Ends all documents, because no more records follow.
    pub fn finish(&mut self) -> Vec<Document> {
        let open = std::mem::take(&mut self.open);
        let documents = open.into_iter().map(|open| ended(open.document));
        documents.filter(|document| !document.is_empty()).collect()
    }

    fn read_state(&mut self, state: ConnectionState, at: Moment) -> DocumentRead {
        let ended = match state {
            ConnectionState::Connecting => {
                self.requested = Some(at);
                self.is_requested = true;
                self.has_finished = false;
                self.vendors = Vendors::default();
                self.model = None;
                self.finish()
            }
            ConnectionState::Open | ConnectionState::Idle => Vec::new(),
            _ => {
                self.is_requested = false;
                let ended = self.finish();
                self.has_finished |= !ended.is_empty() && ended.iter().all(Document::is_complete);
                ended
            }
        };
        DocumentRead {
            is_part: false,
            ended,
        }
    }

    fn add(&mut self, delta: &Delta, row: RowNumber, at: Moment) {
        if let Delta::Start { model: Some(model) } = delta {
            self.model = Some(model.clone());
        }
        let answer = self.vendors.answer.clone();
        let choice = match delta {
            Delta::Text { choice, .. }
            | Delta::Reasoning { choice, .. }
            | Delta::Tool { choice, .. }
            | Delta::Stop { choice, .. } => *choice,
            Delta::KeepAlive | Delta::Beside { .. } => return,
            // These are about all choices of the answer.
            Delta::Start { .. } | Delta::Usage { .. } | Delta::Done | Delta::Error { .. } => {
                let own = self.open.iter_mut().filter(|open| open.answer == answer);
                let mut count = 0;
                for open in own {
                    open.document.add(delta, row, at);
                    count += 1;
                }
                let needs_one = !matches!(delta, Delta::Start { .. } | Delta::Done);
                if count > 0 || !needs_one {
                    return;
                }
                0
            }
        };
        // An answer may have several choices, which grow at the same time.
        let is_own = |open: &Open| open.answer == answer && open.document.choice == choice;
        let place = self.open.iter().position(is_own);
        let place = place.unwrap_or_else(|| {
            // The oldest document has waited longest for its end.
            if self.open.len() == MAX_OPEN {
                self.open.remove(0);
            }
            self.is_requested = false;
            let document = Document::new(choice, self.model.clone(), self.requested);
            self.open.push(Open { answer, document });
            self.open.len() - 1
        });
        self.open[place].document.add(delta, row, at);
    }

    /// Takes the documents of the answer that the last message belonged to.
    fn end_answer(&mut self, at: Moment) -> Vec<Document> {
        let answer = &self.vendors.answer;
        let (own, other) = std::mem::take(&mut self.open)
            .into_iter()
            .partition(|open| open.answer == *answer);
        self.open = other;
        let own: Vec<Open> = own;
        let documents = own.into_iter().map(|mut open| {
            open.document.last = Some(at);
            ended(open.document)
        });
        let mut documents: Vec<_> = documents.filter(|document| !document.is_empty()).collect();
        documents.sort_by_key(Document::choice);
        self.has_finished |= !documents.is_empty() && documents.iter().all(Document::is_complete);
        documents
    }
}

fn ended(mut document: Document) -> Document {
    document.end();
    document
}
