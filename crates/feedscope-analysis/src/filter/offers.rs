//! Values that a menu offers for a filter: event types, fields of JSON payloads, and the values of a field. They are
//! counted at the request of the menu, step by step.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use feedscope_core::store::Store;
use parking_lot::Mutex;

use super::values::{Counted, FieldCounts, FieldPath, KnownField, Newest, TypeCounts, ValueCounts};
use crate::analysis::{Analysis, Cadence, News, StepResult, Task};
use crate::interpret::Interpreter;

/// Number of the newest rows that are read, which is enough to find frequent values.
const NEWEST: usize = 10_000;
/// Maximum number of values of one kind, which is the capacity of a menu.
const MOST: usize = 14;
/// Maximum number of fields. More than a menu shows are needed to complete and correct what the user types.
const MOST_FIELDS: usize = 400;

/// Offers for one store. Clones share one state.
#[derive(Clone)]
pub struct Offers {
    shared: Arc<SharedOffers>,
}

struct SharedOffers {
    store: Store,
    interpreter: Interpreter,
    asked: Mutex<VecDeque<Question>>,
    /// Current question. It is locked for a whole step.
    work: Mutex<Option<OfferCounts>>,
    /// It is locked only for a short time.
    found: Mutex<Arc<FoundOffers>>,
}

/// Answers so far.
#[derive(Clone, Default)]
pub struct FoundOffers {
    /// Event types.
    pub types: Counted,
    /// Fields, the most frequent first. A menu has room only for the first ones.
    pub fields: Vec<KnownField>,
    /// Values of the requested fields; `None` while they are counted.
    pub values: BTreeMap<String, Option<Counted>>,
    /// True if event types and fields were counted once, so that empty lists mean that there are none.
    pub is_answered: bool,
}

enum Question {
    TypesAndFields,
    ValuesOf(String),
}

/// Question with the counts so far.
enum OfferCounts {
    TypesAndFields {
        newest: Newest,
        types: TypeCounts,
        fields: FieldCounts,
    },
    ValuesOf {
        path: String,
        newest: Newest,
        values: ValueCounts,
    },
}

impl Offers {
    /// Creates offers for `store`. Nothing is counted before a request.
    pub fn new(store: &Store) -> Self {
        Self::reading(store, Interpreter::default())
    }

    /// Creates offers for a store whose payloads `interpreter` reads.
    pub fn reading(store: &Store, interpreter: Interpreter) -> Self {
        Self {
            shared: Arc::new(SharedOffers {
                store: store.clone(),
                interpreter,
                asked: Mutex::default(),
                work: Mutex::default(),
                found: Mutex::default(),
            }),
        }
    }

    /// Requests event types and fields. Known ones remain until they are counted again, but values of fields are
    /// dropped.
    pub fn ask(&self) {
        // The counts of values may be outdated.
        Arc::make_mut(&mut *self.shared.found.lock()).values.clear();
        self.shared.asked.lock().push_back(Question::TypesAndFields);
    }

    /// Requests event types and fields, unless another request waits. Known values of fields remain.
    pub fn ask_again(&self) {
        let mut asked = self.shared.asked.lock();
        if asked.is_empty() {
            asked.push_back(Question::TypesAndFields);
        }
    }

    /// Requests the values of a field, unless they are known.
    pub fn ask_values(&self, path: &str) {
        let mut found = self.shared.found.lock();
        if found.values.contains_key(path) {
            return;
        }
        let values = &mut Arc::make_mut(&mut *found).values;
        values.insert(path.to_owned(), None);
        let question = Question::ValuesOf(path.to_owned());
        self.shared.asked.lock().push_back(question);
    }

    /// Returns the answers so far.
    pub fn found(&self) -> Arc<FoundOffers> {
        Arc::clone(&self.shared.found.lock())
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedOffers> = Arc::clone(&self.shared);
        shared
    }
}

impl Analysis for SharedOffers {
    fn step(&self, budget_bytes: usize) -> StepResult {
        let mut work = self.work.lock();
        if work.is_none() {
            // One question is answered at a time, in the order of the requests.
            let asked = self.asked.lock().pop_front();
            *work = asked.and_then(|question| self.begin(question));
        }
        let has_more = work
            .as_mut()
            .is_some_and(|work| self.go_on(work, budget_bytes));
        let ended = if has_more { None } else { work.take() };
        let news = News::visible_if(ended.is_some());
        if let Some(ended) = ended {
            self.publish(ended);
        }
        StepResult {
            news,
            is_done: work.is_none() && self.asked.lock().is_empty(),
        }
    }

    fn is_stale(&self) -> bool {
        // A locked mutex means that a question is being answered.
        !self.asked.lock().is_empty() || self.work.try_lock().is_none_or(|work| work.is_some())
    }

    fn cadence(&self) -> Cadence {
        Cadence::OnDemand
    }
}

impl SharedOffers {
    fn begin(&self, question: Question) -> Option<OfferCounts> {
        let newest = Newest::new(&self.store, NEWEST);
        match question {
            Question::TypesAndFields => Some(OfferCounts::TypesAndFields {
                newest,
                types: TypeCounts::default(),
                fields: FieldCounts::default(),
            }),
            Question::ValuesOf(path) => {
                let Ok(parsed) = FieldPath::parse(&path) else {
                    // A key that jq cannot express has no values to offer.
                    self.set_values(path, Counted::new());
                    return None;
                };
                Some(OfferCounts::ValuesOf {
                    path,
                    newest,
                    values: ValueCounts::new(parsed),
                })
            }
        }
    }

    /// Counts a portion of the rows. Returns false if all rows are counted.
    fn go_on(&self, work: &mut OfferCounts, budget_bytes: usize) -> bool {
        let interpreter = &self.interpreter;
        match work {
            OfferCounts::TypesAndFields {
                newest,
                types,
                fields,
            } => newest.step(&self.store, budget_bytes, |kind| {
                types.add(kind);
                fields.add(kind, interpreter);
            }),
            OfferCounts::ValuesOf { newest, values, .. } => {
                newest.step(&self.store, budget_bytes, |kind| {
                    values.add(kind, interpreter);
                })
            }
        }
    }

    fn publish(&self, ended: OfferCounts) {
        match ended {
            OfferCounts::TypesAndFields { types, fields, .. } => {
                let (types, fields) = (types.most_often(MOST), fields.most_often(MOST_FIELDS));
                let mut found = self.found.lock();
                let found = Arc::make_mut(&mut *found);
                (found.types, found.fields) = (types, fields);
                found.is_answered = true;
            }
            OfferCounts::ValuesOf { path, values, .. } => {
                self.set_values(path, values.most_often(MOST));
            }
        }
    }

    fn set_values(&self, path: String, values: Counted) {
        let mut found = self.found.lock();
        Arc::make_mut(&mut *found).values.insert(path, Some(values));
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::DEFAULT_BUDGET_BYTES;
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;

    #[test]
    fn what_is_asked_for_is_counted_in_steps() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for number in 0..100 {
            let data = format!("{{\"n\":{},\"odd key\":true}}", number % 2);
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Event {
                    event: b"tick",
                    id: b"",
                    data: data.as_bytes(),
                },
            });
        }
        let offers = Offers::new(&store);
        let task = offers.task();
        assert!(!task.is_stale(), "nothing was asked for");
        offers.ask();
        offers.ask_values(".n");
        offers.ask_values(".n");
        offers.ask_values("no path");
        let mut steps = 0;
        while task.is_stale() {
            task.step(1_000);
            steps += 1;
        }
        assert!(steps > 10, "{steps}");
        let found = offers.found();
        assert!(found.is_answered);
        assert_eq!(found.types, [("tick".to_owned(), 100)]);
        let fields: Vec<_> = found
            .fields
            .iter()
            .map(|it| (&*it.path, it.count))
            .collect();
        assert_eq!(fields, [(".\"odd key\"", 100), (".n", 100)]);
        let values = vec![("0".to_owned(), 50), ("1".to_owned(), 50)];
        assert_eq!(found.values[".n"], Some(values));
        assert_eq!(found.values["no path"], Some(Vec::new()));
        offers.ask();
        assert!(offers.found().values.is_empty() && task.is_stale());
    }
}
