//! Numbers of a JSON text that differ from those at the same positions in an earlier text.
//!
//! It is called only for texts that a person reads, not for large ones.

use std::collections::{HashMap, VecDeque};

use super::{Name, Outline, Shape};
use crate::payload::number::{NumberChange, change};

/// Number that differs from the earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Number of the value in the new text.
    pub node: usize,
    /// Difference from the earlier number.
    pub change: NumberChange,
}

/// Number of strings that a record has in common with an earlier one. Strings identify the subject of a record, and
/// numbers are its current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// Number of strings that are equal in both.
    pub equal: usize,
    /// Number of strings in the new record.
    pub of: usize,
}

/// Compares the strings that are direct members or elements of both, under the same key or index. Times and long
/// strings do not count, because they differ between records about the same subject.
pub fn likeness(old: (&Outline, &str), new: (&Outline, &str)) -> Likeness {
    let mut pairs = Vec::new();
    match (old.0.node(0).shape, new.0.node(0).shape) {
        (Shape::Object(_), Shape::Object(_)) => members(old, new, (0, 0), &mut pairs),
        (Shape::Array(_), Shape::Array(_)) => {
            pairs.extend(children(old.0, 0).zip(children(new.0, 0)));
        }
        _ => {}
    }
    let names = |node: &usize| is_name(new, *node);
    let of = children(new.0, 0).filter(names).count();
    let is_equal = |(before, after): &(usize, usize)| {
        is_name(new, *after) && written(old, *before) == written(new, *after)
    };
    Likeness {
        equal: pairs.iter().filter(|pair| is_equal(pair)).count(),
        of,
    }
}

/// Returns true if a value is a short string and not a time.
fn is_name(text: (&Outline, &str), node: usize) -> bool {
    const LONGEST: usize = 66;
    if text.0.node(node).shape != Shape::String {
        return false;
    }
    let written = written(text, node);
    // A time has a colon and at least the digits of hours and minutes.
    let is_time = written.contains(':') && written.bytes().filter(u8::is_ascii_digit).count() >= 4;
    written.len() <= LONGEST && !is_time
}

fn written<'t>((outline, text): (&Outline, &'t str), node: usize) -> &'t str {
    &text[outline.range(text.as_bytes(), node)]
}

/// Returns the numbers of a text that differ from the number at the same position in an earlier text: under the same
/// keys, and at the same index of an array. They are in the order of the text.
pub fn changed_numbers(old: (&Outline, &str), new: (&Outline, &str)) -> Vec<Changed> {
    let mut changed = Vec::new();
    let mut pairs = vec![(0, 0)];
    while let Some((before, after)) = pairs.pop() {
        match (old.0.node(before).shape, new.0.node(after).shape) {
            (Shape::Object(_), Shape::Object(_)) => members(old, new, (before, after), &mut pairs),
            (Shape::Array(_), Shape::Array(_)) => {
                pairs.extend(children(old.0, before).zip(children(new.0, after)));
            }
            (Shape::Number, Shape::Number) => {
                if let Some(change) = change(written(old, before), written(new, after)) {
                    changed.push(Changed {
                        node: after,
                        change,
                    });
                }
            }
            _ => {}
        }
    }
    // The stack returned the pairs in another order than the text.
    changed.sort_unstable_by_key(|changed| changed.node);
    changed
}

/// Pairs the members of two objects with the same keys, as written. If a key occurs more than once, the first
/// occurrences are paired, then the second ones.
fn members(
    old: (&Outline, &str),
    new: (&Outline, &str),
    (before, after): (usize, usize),
    pairs: &mut Vec<(usize, usize)>,
) {
    let mut known: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for child in children(old.0, before) {
        // A queue for each key keeps the order of repeated keys.
        known.entry(key(old, child)).or_default().push_back(child);
    }
    let same = |child| Some((known.get_mut(key(new, child))?.pop_front()?, child));
    pairs.extend(children(new.0, after).filter_map(same));
}

fn key<'t>((outline, text): (&Outline, &'t str), node: usize) -> &'t str {
    let range = outline.key(text.as_bytes(), node).unwrap_or_default();
    &text[range]
}

/// Returns the direct members or elements of an object or array.
fn children(outline: &Outline, node: usize) -> impl Iterator<Item = usize> {
    let end = outline.node(node).next;
    let mut next = node + 1;
    std::iter::from_fn(move || {
        let child = next;
        (child < end).then(|| next = outline.node(child).next)?;
        debug_assert_ne!(outline.node(child).name, Name::Root);
        Some(child)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes_of(old: &str, new: &str) -> Vec<String> {
        let (before, after) = (Outline::of(old).unwrap(), Outline::of(new).unwrap());
        let tell = |changed: &Changed| {
            let sign = if changed.change.rises { '+' } else { '-' };
            let path = after.path(new.as_bytes(), changed.node);
            format!("{path} {sign}{}", changed.change.by)
        };
        changed_numbers((&before, old), (&after, new))
            .iter()
            .map(tell)
            .collect()
    }

    #[test]
    fn records_about_the_same_thing_are_alike() {
        let of = |old: &str, new: &str| {
            let (before, after) = (Outline::of(old).unwrap(), Outline::of(new).unwrap());
            let Likeness { equal, of } = likeness((&before, old), (&after, new));
            (equal, of)
        };
        let acme = r#"{"symbol":"ACME","price":1,"at":"2026-11-21T05:49:14Z"}"#;
        assert_eq!(of(acme, &acme.replace("14Z", "15Z")), (1, 1));
        assert_eq!(of(acme, &acme.replace("ACME", "HOOLI")), (0, 1));
        assert_eq!(of(r#"["ticker",1,"a"]"#, r#"["ticker",2,"b"]"#), (1, 2));
        assert_eq!(of("{\"n\":1}", "{\"n\":2}"), (0, 0));
        assert_eq!(of("1", "[\"a\"]"), (0, 1));
    }

    #[test]
    fn numbers_are_compared_where_they_stand() {
        let old = r#"{"price":55.12,"volume":1200,"book":{"bid":[55.1,900],"n":1},"gone":1}"#;
        let new = r#"{"volume":1200,"price":55.16,"book":{"bid":[55,901,7],"n":"1"},"new":2}"#;
        assert_eq!(
            changes_of(old, new),
            [".price +0.04", ".book.bid[0] -0.1", ".book.bid[1] +1"]
        );
        assert_eq!(changes_of("1", "2"), [". +1"]);
        // A repeated key is two members.
        let twice = r#"{"n":1,"n":5}"#;
        assert_eq!(changes_of(twice, twice), Vec::<String>::new());
        assert_eq!(changes_of(twice, r#"{"n":2,"n":5,"n":7}"#), [".n +1"]);
        assert_eq!(changes_of(r#"{"n":1}"#, twice), Vec::<String>::new());
        assert_eq!(changes_of("[1]", "{\"a\":2}"), Vec::<String>::new());
    }
}
