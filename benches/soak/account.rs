//! Check that each numbered record of a flood is in the store in order, or counted as let go.

use feedscope_core::store::Store;
use feedscope_core::{Kind, Record};

/// Result for a flood.
pub(crate) struct Account {
    pub(crate) is_good: bool,
    pub(crate) let_go: u64,
    pub(crate) sentence: String,
}

/// Checks the records of the store after a flood with the numbers from 1 to `poured`.
pub(crate) fn account(store: &Store, poured: u64) -> Account {
    let extent = store.extent();
    let let_go = extent.let_go;
    match numbers(store) {
        Ok((first, last)) if last != poured => Account {
            is_good: false,
            let_go,
            sentence: format!("from {first} to {last} are kept: the end is missing"),
        },
        Ok((first, last)) => {
            // States and notes are rows without a number. Every row is one of them, has a number or was let go.
            let others = extent.end.0 - poured;
            let kept = last + 1 - first;
            let unaccounted = (first - 1).abs_diff(let_go);
            let is_good = unaccounted <= others && kept + let_go <= extent.end.0;
            Account {
                is_good,
                let_go,
                sentence: format!("{kept} kept in order, {let_go} let go"),
            }
        }
        Err(sentence) => Account {
            is_good: false,
            let_go,
            sentence,
        },
    }
}

/// Returns the first and the last number in the store, if the numbers between them are complete.
fn numbers(store: &Store) -> Result<(u64, u64), String> {
    const PORTION_BYTES: usize = 1 << 20;
    let mut at = store.extent().first;
    let mut known: Option<(u64, u64)> = None;
    while let Some(portion) = store.portion(at, PORTION_BYTES) {
        if portion.numbers().start != at {
            return Err(format!("row {at} is missing"));
        }
        for number in portion.records().filter_map(|(_, record)| number(&record)) {
            known = match known {
                None => Some((number, number)),
                Some((first, last)) if number == last + 1 => Some((first, number)),
                Some((_, last)) => return Err(format!("{number} follows on {last}")),
            };
        }
        at = portion.numbers().end;
    }
    known.ok_or_else(|| "nothing is kept".to_owned())
}

/// Returns the number at the beginning of a payload.
fn number(record: &Record<'_>) -> Option<u64> {
    let (Kind::Event { data, .. } | Kind::Text { data, .. } | Kind::Binary { data, .. }) =
        record.kind
    else {
        return None;
    };
    std::str::from_utf8(data.get(..10)?).ok()?.parse().ok()
}
