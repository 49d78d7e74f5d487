//! Pass of a lens over the records of a store, for views: the errors, pairs and keep-alive messages of all rows, the
//! sentences of the rows in view, and the documents that grow.
//!
//! The pass goes forward once. It keeps a few bytes for rows that are errors, keep-alive messages or answers, and no
//! text. The text of a row in view is read again, from the nearest kept state of the lens. All memory is bounded.

mod answers;
mod known;
mod texts;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use feedscope_core::store::{RowNumber, Store};
use parking_lot::Mutex;

use super::calls::CallFigures;
use super::read::Read;
use super::reader::LensReader;
use super::recognition::{Choice, FeedAddress, LensName, Recognized};
use crate::analysis::{Analysis, News, StepResult, Task};
use crate::assembled::Documents;
use crate::interpret::Interpreter;
use crate::listing::ItemId;

use answers::Ended;
pub use answers::{Assembled, AssembledAnswer};
use known::{Known, PortionResults};
use texts::PassSource;

/// Factor by which a byte takes longer through a lens than one that is only searched.
const EFFORT: usize = 8;

/// Pass of a lens over a store. It is cheap to clone; clones are the same pass.
#[derive(Clone)]
pub struct LensPass {
    shared: Arc<SharedPass>,
}

struct SharedPass {
    source: PassSource,
    /// It is locked for a whole step.
    progress: Mutex<PassPosition>,
    /// False before the first step, and if the last step left unread rows or texts.
    has_caught_up: AtomicBool,
    /// Nothing has to be read any more: no lens fits, and there are no decoders.
    is_idle: AtomicBool,
}

/// Position of the pass, with the state of the lens there.
struct PassPosition {
    next_row: RowNumber,
    reader: LensReader,
    documents: Documents,
    ended: Ended,
}

impl LensPass {
    /// Creates a pass that has read no rows.
    pub fn new(
        store: &Store,
        choice: Choice,
        address: FeedAddress,
        interpreter: Interpreter,
    ) -> Self {
        let progress = PassPosition::new(store, choice, &address, &interpreter);
        let is_idle = progress.is_idle();
        let recognized = progress.reader.recognized().cloned();
        let known = Known::new(progress.reader.lens(), recognized, progress.next_row);
        Self {
            shared: Arc::new(SharedPass {
                source: PassSource {
                    store: store.clone(),
                    address,
                    interpreter,
                    known: Mutex::new(known),
                },
                progress: Mutex::new(progress),
                has_caught_up: AtomicBool::new(false),
                is_idle: AtomicBool::new(is_idle),
            }),
        }
    }

    /// Returns true if both are the same pass.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Returns the task for the host; `None` if nothing has to be read.
    pub fn task(&self) -> Option<Task> {
        let shared: Arc<SharedPass> = Arc::clone(&self.shared);
        (!self.is_idle()).then_some(shared as Task)
    }

    /// Returns true if records are neither decoded nor read by a lens.
    pub fn is_idle(&self) -> bool {
        self.shared.is_idle.load(Ordering::Acquire)
    }

    /// Returns the lens in use.
    pub fn lens(&self) -> Option<LensName> {
        self.shared.source.known.lock().lens
    }

    /// Returns the reason for the lens, if the user did not name it.
    pub fn recognized(&self) -> Option<Recognized> {
        self.shared.source.known.lock().recognized.clone()
    }

    /// Returns the interpreter of the payloads.
    pub fn interpreter(&self) -> &Interpreter {
        &self.shared.source.interpreter
    }

    /// Returns the facts about the feed.
    pub fn address(&self) -> &FeedAddress {
        &self.shared.source.address
    }

    /// Returns the row before which all stored rows have been read.
    pub fn read_to(&self) -> RowNumber {
        self.shared.source.known.lock().read_to
    }

    /// Returns the figures about calls as far as the pass has come; `None` without a lens, or while a step is running.
    pub fn figures(&self) -> Option<CallFigures> {
        self.shared.progress.try_lock()?.reader.figures()
    }

    /// Returns the number of rows with an error.
    pub fn errors(&self) -> u64 {
        self.shared.source.known.lock().errors.count()
    }

    /// Returns the first row with an error among these rows.
    pub(crate) fn first_error(&self, rows: &Range<RowNumber>) -> Option<RowNumber> {
        self.with_marks(|marks| marks.first_error(rows))
    }

    /// Returns the number of pairs that were removed, because only a limited number is kept.
    pub fn pairs_let_go(&self) -> u64 {
        self.with_marks(|marks| marks.pairs_let_go)
    }

    /// Returns the number of keep-alive messages.
    pub fn keep_alives(&self) -> u64 {
        self.shared.source.known.lock().keep_alives.count()
    }

    /// Returns the requests without an answer, oldest first.
    pub fn unanswered(&self) -> Arc<[ItemId]> {
        Arc::clone(&self.shared.source.known.lock().unanswered)
    }

    /// Returns the request that this item answers.
    pub fn request_of(&self, answer: ItemId) -> Option<ItemId> {
        self.shared.source.known.lock().request_of(answer)
    }

    /// Returns the first answer to this request.
    pub fn answer_to(&self, request: ItemId) -> Option<ItemId> {
        self.shared.source.known.lock().answer_to(request)
    }

    /// Returns the documents so far.
    pub fn assembled(&self) -> Arc<Assembled> {
        Arc::clone(&self.shared.source.known.lock().assembled)
    }

    /// Returns the meanings of these rows, which must be in order; `None` for rows that a later step reads. A row
    /// without a meaning has an empty list.
    pub fn meanings(&self, rows: &[RowNumber]) -> Vec<Option<Arc<[Read]>>> {
        texts::meanings(&self.shared.source, rows)
    }

    /// Calls `f` with the rows that have an error, are keep-alive messages, or have requests without an answer.
    pub(crate) fn with_marks<T>(&self, f: impl FnOnce(&Known) -> T) -> T {
        f(&self.shared.source.known.lock())
    }
}

impl PassPosition {
    fn new(
        store: &Store,
        choice: Choice,
        address: &FeedAddress,
        interpreter: &Interpreter,
    ) -> Self {
        Self {
            next_row: store.extent().first,
            reader: LensReader::new(choice, address.clone(), interpreter.clone()),
            documents: Documents::new(choice, address, interpreter.clone()),
            ended: Ended::default(),
        }
    }

    fn is_idle(&self) -> bool {
        self.reader.is_idle() && self.documents.is_idle()
    }
}

impl Analysis for SharedPass {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let budget = (budget_bytes / EFFORT).max(1);
        let progress = &mut *self.progress.lock();
        // A view waits for its texts, so that they come before new records.
        let has_texts = texts::read_wanted(&self.source, budget);
        let mut is_visible = has_texts;
        if let Some(portion) = self.source.store.portion(progress.next_row, budget) {
            let numbers = portion.numbers();
            progress.go_to(numbers.start);
            let before = progress.reader.lens();
            let mut batch = PortionResults::default();
            for (row, record) in portion.records() {
                // The documents come first, because a recognized lens begins anew.
                let is_changed = progress.documents.read_into(&record, &mut progress.ended);
                batch.is_document_changed |= is_changed;
                let reads = progress.reader.read(&record);
                batch.add(row, reads, &progress.reader);
                if before.is_none() && progress.reader.lens().is_some() {
                    // The records before the recognized one are read once more.
                    self.restart(progress);
                    return StepResult {
                        news: News::Visible,
                        is_done: false,
                    };
                }
            }
            progress.next_row = numbers.end;
            is_visible |= self.publish(progress, batch);
        }
        let is_idle = progress.is_idle();
        self.is_idle.store(is_idle, Ordering::Release);
        let has_read_all = progress.next_row >= self.source.store.extent().end;
        let is_done = is_idle || (has_read_all && !self.source.known.lock().has_wanted());
        self.has_caught_up.store(is_done, Ordering::Release);
        StepResult {
            news: News::visible_if(is_visible),
            is_done,
        }
    }

    fn is_stale(&self) -> bool {
        let is_idle = self.is_idle.load(Ordering::Acquire);
        !is_idle
            && (!self.has_caught_up.load(Ordering::Acquire)
                || self.source.known.lock().has_wanted())
    }
}

impl PassPosition {
    fn go_to(&mut self, row: RowNumber) {
        self.reader.go_to(row);
        self.documents.go_to(row);
    }
}

impl SharedPass {
    /// Begins anew with the recognized lens.
    fn restart(&self, progress: &mut PassPosition) {
        let Some(lens) = progress.reader.lens() else {
            return;
        };
        let recognized = progress.reader.recognized().cloned();
        let choice = Choice::Named(lens);
        *progress = PassPosition::new(
            &self.source.store,
            choice,
            &self.source.address,
            &self.source.interpreter,
        );
        *self.source.known.lock() = Known::new(Some(lens), recognized, progress.next_row);
        self.has_caught_up.store(false, Ordering::Release);
    }

    /// Makes the results of a portion known. Returns true if a view has shown rows or documents that they change.
    fn publish(&self, progress: &PassPosition, batch: PortionResults) -> bool {
        let assembled = batch
            .is_document_changed
            .then(|| Assembled::of(&progress.documents, &progress.ended));
        let unanswered = batch
            .has_pairs
            .then(|| Arc::from(progress.reader.unanswered()));
        let mut known = self.source.known.lock();
        let is_document_changed = assembled.is_some();
        if let Some(assembled) = assembled {
            known.assembled = Arc::new(assembled);
        }
        if let Some(unanswered) = unanswered {
            known.unanswered = unanswered;
        }
        // A view that has not shown these rows gets them with the pass for the records themselves.
        let is_shown = std::mem::take(&mut known.has_shown_unread);
        known.take(batch, progress.next_row, self.source.store.extent().first);
        is_shown || is_document_changed
    }
}

#[cfg(test)]
mod tests;
