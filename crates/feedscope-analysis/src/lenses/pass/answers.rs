//! Documents of a pass: those that have ended, within limits, and those that grow.

use std::collections::VecDeque;
use std::sync::Arc;

use feedscope_core::Moment;
use feedscope_core::record::Record;

use crate::assembled::{Document, Documents};

/// Maximum number of documents that are kept after their end, and of their bytes.
const MAX_ENDED: usize = 100;
const MAX_BYTES: usize = 32 << 20;

/// Documents of a feed so far.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    /// Documents in the order of their ends, and then those that grow.
    pub answers: Vec<AssembledAnswer>,
    /// Number of earlier documents that are not kept.
    pub let_go: u64,
    /// Time of the request whose answer has no part yet.
    pub awaited_since: Option<Moment>,
}

/// Document with its state.
#[derive(Clone, Debug)]
pub struct AssembledAnswer {
    /// Number in the feed, from 1.
    pub number: u64,
    /// The document so far.
    pub document: Arc<Document>,
    /// More parts may follow.
    pub is_growing: bool,
}

impl AssembledAnswer {
    /// Returns the whole text; of an answer without text, its tool calls.
    pub fn whole_text(&self) -> String {
        let document = &self.document;
        if !document.text().is_empty() {
            return document.text().to_owned();
        }
        let calls = document.tool_calls().iter();
        let calls = calls.map(|call| format!("{} {}", call.name, call.arguments));
        calls.collect::<Vec<_>>().join("\n")
    }
}

/// Documents that have ended.
#[derive(Default)]
pub(super) struct Ended {
    kept: VecDeque<Arc<Document>>,
    bytes: usize,
    let_go: u64,
}

impl Ended {
    fn push(&mut self, document: Document) {
        self.bytes += document.byte_count();
        self.kept.push_back(Arc::new(document));
        // The newest document stays, even if it is larger than the limit.
        while self.kept.len() > 1 && (self.kept.len() > MAX_ENDED || self.bytes > MAX_BYTES) {
            let Some(oldest) = self.kept.pop_front() else {
                break;
            };
            self.bytes -= oldest.byte_count();
            self.let_go += 1;
        }
    }
}

impl Documents {
    /// Reads the next record, and moves documents that end with it to `ended`. Returns true if any document changed.
    pub(super) fn read_into(&mut self, record: &Record<'_>, ended: &mut Ended) -> bool {
        if self.is_idle() {
            return false;
        }
        let awaited = self.awaited_since();
        let read = self.read(record);
        let has_ended = !read.ended.is_empty();
        for document in read.ended {
            ended.push(document);
        }
        read.is_part || has_ended || self.awaited_since() != awaited
    }
}

impl Assembled {
    pub(super) fn of(documents: &Documents, ended: &Ended) -> Self {
        let complete = ended
            .kept
            .iter()
            .map(|document| (Arc::clone(document), false));
        let growing = documents
            .growing()
            .map(|document| (Arc::new(document.clone()), true));
        let numbered = (ended.let_go + 1..).zip(complete.chain(growing));
        let answer = |(number, (document, is_growing))| AssembledAnswer {
            number,
            document,
            is_growing,
        };
        Self {
            answers: numbered.map(answer).collect(),
            let_go: ended.let_go,
            awaited_since: documents.awaited_since(),
        }
    }
}
