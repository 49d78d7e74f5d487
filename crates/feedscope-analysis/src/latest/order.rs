//! Order of the keys of a table, computed apart from the window, because thousands of keys take milliseconds.

use std::cmp::Ordering;
use std::sync::Arc;

use feedscope_core::Moment;
use parking_lot::{Mutex, MutexGuard};

use super::{KeyRecords, Latest, StoreLatest};
use crate::analysis::{Analysis, Cadence, Effort, News, StepResult, Task};

/// Number of keys after which a waiting reader gets the table.
const KEYS_AT_ONCE: usize = 64;

/// Value by which keys are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderBy {
    /// Name of the key.
    Key,
    /// Newest value of a column. Numbers sort above texts.
    Value(usize),
    /// Difference of the newest number of the first column and the one before.
    Change,
    /// Records per second.
    Rate,
    /// Time since the newest record.
    Age,
}

/// Order that a view requests.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedOrder {
    /// Value by which the keys are ordered.
    pub by: OrderBy,
    /// The greatest value comes first.
    pub is_descending: bool,
    /// Part of the names of the listed keys, in letters of any case. All keys are listed if it is empty.
    pub typed: String,
    /// Present time, for rates and ages.
    pub now: Moment,
}

/// Keys in their order.
#[derive(Debug, Default)]
pub struct OrderedKeys {
    /// Places of the listed keys in [`Latest::keys`].
    pub places: Vec<usize>,
    /// Number of keys of the table when they were ordered.
    pub keys: usize,
    /// Number of this order. A later one is greater; 0 stands for no order.
    pub number: u64,
}

/// Order of the keys of one table. Clones share it.
#[derive(Clone)]
pub struct KeyOrder {
    shared: Arc<SharedOrder>,
}

struct SharedOrder {
    latest: StoreLatest,
    wanted: Mutex<Option<WantedOrder>>,
    ordered: Mutex<Arc<OrderedKeys>>,
    /// Names of the keys in the order of the table. A key never changes its name or place, unless the table starts again.
    names: Mutex<Names>,
}

/// Copies of the names, so that the table is not locked while they are compared.
#[derive(Default)]
struct Names {
    /// Number of times that the table had started again when the first name was copied.
    restarts: u64,
    copied: Vec<Box<str>>,
    /// Rank of each name among all of them.
    ranks: Vec<u32>,
}

/// Value of a key by which it is compared with others.
#[derive(Clone, Debug)]
enum Rank {
    Missing,
    Text(Box<str>),
    Number(f64),
}

impl KeyOrder {
    /// Creates the order of a table; empty until the first step after a request.
    pub fn new(latest: &StoreLatest) -> Self {
        Self {
            shared: Arc::new(SharedOrder {
                latest: latest.clone(),
                wanted: Mutex::new(None),
                ordered: Mutex::default(),
                names: Mutex::default(),
            }),
        }
    }

    /// Requests an order. It replaces a request that no step has begun.
    pub fn request(&self, wanted: WantedOrder) {
        *self.shared.wanted.lock() = Some(wanted);
    }

    /// Returns the newest order.
    pub fn value(&self) -> Arc<OrderedKeys> {
        Arc::clone(&self.shared.ordered.lock())
    }

    /// Returns the task for the host.
    pub fn task(&self) -> Task {
        let shared: Arc<SharedOrder> = Arc::clone(&self.shared);
        shared
    }
}

impl Analysis for SharedOrder {
    fn step(&self, _budget_bytes: usize) -> StepResult {
        // The request ends before the table is read, so that a later one is not lost.
        let wanted = self.wanted.lock().take();
        if let Some(wanted) = &wanted {
            let mut names = self.names.lock();
            let mut table = self.latest.value();
            if names.restarts != table.restarts {
                *names = Names {
                    restarts: table.restarts,
                    ..Names::default()
                };
            }
            let ranks = ranks(&mut table, &mut names.copied, wanted);
            drop(table);
            names.rank();
            let places = places(&names, ranks.as_deref(), wanted);
            let mut ordered = self.ordered.lock();
            *ordered = Arc::new(OrderedKeys {
                places,
                keys: names.copied.len(),
                number: ordered.number + 1,
            });
        }
        StepResult {
            news: News::visible_if(wanted.is_some()),
            is_done: true,
        }
    }

    fn is_stale(&self) -> bool {
        self.wanted.lock().is_some()
    }

    fn cadence(&self) -> Cadence {
        Cadence::OnDemand
    }

    fn effort(&self) -> Effort {
        // The keys are sorted at once, and the table must not wait for it.
        Effort::Long
    }
}

/// Copies the new names, and returns the values by which the keys are compared; `None` if the names decide alone.
fn ranks(
    table: &mut MutexGuard<'_, Latest>,
    names: &mut Vec<Box<str>>,
    wanted: &WantedOrder,
) -> Option<Vec<Rank>> {
    let mut ranks = (wanted.by != OrderBy::Key).then(Vec::new);
    let mut at = 0;
    // The table may grow between two parts.
    while let Some(key) = table.keys().get(at) {
        if at == names.len() {
            names.push(key.name().into());
        }
        if let Some(ranks) = &mut ranks {
            ranks.push(rank(key, wanted));
        }
        at += 1;
        // The thread that draws must not wait for thousands of keys.
        if at.is_multiple_of(KEYS_AT_ONCE) {
            MutexGuard::bump(table);
        }
    }
    if let Some(ranks) = &mut ranks {
        // The table may start again between two parts, with fewer keys than before.
        ranks.resize(names.len(), Rank::Missing);
    }
    ranks
}

fn rank(key: &KeyRecords, wanted: &WantedOrder) -> Rank {
    let number = |number: Option<f64>| number.map_or(Rank::Missing, Rank::Number);
    let change = || Some(key.value(0)?.number()? - key.previous_value(0)?.number()?);
    match wanted.by {
        OrderBy::Key => Rank::Missing,
        OrderBy::Value(column) => match key.value(column) {
            None => Rank::Missing,
            Some(value) => match value.number() {
                Some(number) => Rank::Number(number),
                None => Rank::Text(value.text().into()),
            },
        },
        OrderBy::Change => number(change()),
        OrderBy::Rate => Rank::Number(key.rate(wanted.now)),
        OrderBy::Age => Rank::Number(key.age(wanted.now).as_secs_f64()),
    }
}

fn places(names: &Names, ranks: Option<&[Rank]>, wanted: &WantedOrder) -> Vec<usize> {
    let typed = wanted.typed.trim().to_lowercase();
    let is_listed =
        |at: &usize| typed.is_empty() || names.copied[*at].to_lowercase().contains(&typed);
    let mut places: Vec<usize> = (0..names.copied.len()).filter(is_listed).collect();
    places.sort_unstable_by(|one, other| {
        let by_name = names.ranks[*one].cmp(&names.ranks[*other]);
        let Some(ranks) = ranks else {
            return if wanted.is_descending {
                by_name.reverse()
            } else {
                by_name
            };
        };
        let by_rank = ranks[*one].compare(&ranks[*other]);
        let by_rank = if wanted.is_descending {
            by_rank.reverse()
        } else {
            by_rank
        };
        by_rank.then(by_name)
    });
    places
}

impl Rank {
    /// Compares values. A missing one is below texts, and numbers are above them.
    fn compare(&self, other: &Self) -> Ordering {
        let group = |rank: &Self| match rank {
            Self::Missing => 0,
            Self::Text(_) => 1,
            Self::Number(_) => 2,
        };
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => group(self).cmp(&group(other)),
        }
    }
}

impl Names {
    /// Computes the ranks if there are new names.
    fn rank(&mut self) {
        let Self {
            copied: names,
            ranks,
            ..
        } = self;
        if ranks.len() == names.len() {
            return;
        }
        let mut sorted: Vec<usize> = (0..names.len()).collect();
        sorted.sort_unstable_by(|one, other| names[*one].cmp(&names[*other]));
        ranks.resize(names.len(), 0);
        for (rank, at) in sorted.into_iter().enumerate() {
            ranks[at] = rank as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Store};
    use feedscope_core::{Kind, Record, Sink as _, Stamp};

    use super::*;
    use crate::fields::Path;

    /// Returns the names of the keys in an order.
    fn names(records: &[&str], wanted: &WantedOrder) -> Vec<String> {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for (second, data) in records.iter().enumerate() {
            let data = data.as_bytes();
            let stamp = Stamp {
                moment: Moment::from_millis(second as u64 * 1_000),
                ..Stamp::default()
            };
            writer.push(&Record {
                stamp,
                connection: 1,
                kind: Kind::Line { data },
            });
        }
        let path = |text: &str| Path::parse(text).unwrap();
        let latest = StoreLatest::by_key(&store, path(".s"), vec![path(".p"), path(".q")]);
        while !latest.task().step(1 << 20).is_done {}
        let order = KeyOrder::new(&latest);
        assert!(order.value().places.is_empty() && !order.task().is_stale());
        order.request(wanted.clone());
        assert!(order.task().is_stale());
        assert_eq!(order.task().step(1).news, News::Visible);
        assert!(!order.task().is_stale() && order.task().step(1).news == News::None);
        let ordered = order.value();
        let table = latest.value();
        assert_eq!((ordered.number, ordered.keys), (1, table.keys().len()));
        let name = |at: &usize| table.keys()[*at].name().to_owned();
        ordered.places.iter().map(name).collect()
    }

    #[test]
    fn keys_are_ordered_by_each_value() {
        let records = [
            r#"{"s":"b","p":5}"#,
            r#"{"s":"a","p":20,"q":"x"}"#,
            r#"{"s":"b","p":"3.5"}"#,
            r#"{"s":"d","q":"y"}"#,
            r#"{"s":"c","p":20,"q":-7}"#,
        ];
        for (by, is_descending, typed, expected) in [
            (OrderBy::Key, false, "", "abcd"),
            (OrderBy::Key, true, "", "dcba"),
            (OrderBy::Value(0), true, "", "acbd"),
            (OrderBy::Value(0), false, "", "dbac"),
            // Numbers are above texts, and a key without a value is below them.
            (OrderBy::Value(1), true, "", "cdab"),
            (OrderBy::Change, true, "", "bacd"),
            (OrderBy::Rate, true, "", "cdba"),
            (OrderBy::Age, false, "", "cdba"),
            (OrderBy::Key, false, " B ", "b"),
        ] {
            let wanted = WantedOrder {
                by,
                is_descending,
                typed: typed.to_owned(),
                now: Moment::from_millis(4_000),
            };
            let names = names(&records, &wanted);
            assert_eq!(names.concat(), expected, "{wanted:?}");
        }
    }
}
