//! Field whose path is most similar to a typed one. It reads no record.

/// Longest path that is compared, in characters. The effort grows with its square.
const LONGEST: usize = 80;

/// Returns the known path that is most similar to a typed one; `None` if none is similar. The first of equally similar paths
/// counts, so that the known ones are in the order of their frequency.
///
/// ```
/// use feedscope_analysis::fields::nearest;
///
/// let known = [".type", ".symbol", ".book.bid"];
/// assert_eq!(nearest(".sy", known), Some(".symbol"));
/// assert_eq!(nearest(".simbol", known), Some(".symbol"));
/// assert_eq!(nearest(".bid", known), Some(".book.bid"));
/// assert_eq!(nearest(".volume", known), None);
/// ```
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let typed = typed.trim_start_matches('.');
    if typed.is_empty() || typed.chars().count() > LONGEST {
        return None;
    }
    let ranked = known
        .into_iter()
        .filter_map(|path| Some((distance(typed, path)?, path)));
    // The first one of equal distances is the minimum.
    let nearest = ranked.min_by_key(|(distance, _)| *distance);
    nearest.map(|(_, path)| path)
}

/// Returns the distance of a known path from a typed one without its dot; `None` if they are not similar.
fn distance(typed: &str, path: &str) -> Option<usize> {
    let path = path.to_lowercase();
    let whole = path.trim_start_matches('.');
    if whole.chars().count() > LONGEST {
        return None;
    }
    let last = whole.rsplit('.').next().unwrap_or(whole);
    if whole == typed {
        return Some(0);
    }
    if last == typed {
        return Some(1);
    }
    // A beginning of a name is more likely than another word with a mistake.
    if whole.starts_with(typed) || last.starts_with(typed) {
        return Some(2);
    }
    let edits = edits(typed, whole).min(edits(typed, last));
    // One mistake in a short word, and two or three in a long one.
    let most = match typed.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let has_part = typed.len() >= 3 && whole.contains(typed);
    if edits <= most {
        Some(2 + edits)
    } else {
        has_part.then_some(9)
    }
}

/// Returns the number of characters that have to be inserted, removed, replaced or swapped with their neighbor.
fn edits(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let width = other.len() + 1;
    // Numbers of edits between beginnings: the last two rows and the present one.
    let mut before = vec![0; width];
    let mut above: Vec<usize> = (0..width).collect();
    for (row, character) in one.iter().enumerate() {
        let mut present = vec![row + 1; width];
        for (column, other_character) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(character != other_character);
            let mut least = replaced.min(above[column + 1] + 1).min(present[column] + 1);
            let is_swapped = row > 0
                && column > 0
                && *character == other[column - 1]
                && one[row - 1] == *other_character;
            if is_swapped {
                least = least.min(before[column - 1] + 1);
            }
            present[column + 1] = least;
        }
        before = above;
        above = present;
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (one, other, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("price", "price", 0),
            ("pirce", "price", 1),
            ("prce", "price", 1),
            ("prize", "price", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edits(one, other), expected, "{one} {other}");
            assert_eq!(edits(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn the_most_similar_path_is_nearest() {
        let known = [".type", ".price", ".symbol", ".book.bid", ".price_24h"];
        for (typed, expected) in [
            (".price", Some(".price")),
            ("PRICE", Some(".price")),
            (".pric", Some(".price")),
            (".pirce", Some(".price")),
            (".price_", Some(".price_24h")),
            (".24h", Some(".price_24h")),
            ("bid", Some(".book.bid")),
            (".boko.bid", Some(".book.bid")),
            (".quantity", None),
            (".", None),
            (".x", None),
        ] {
            assert_eq!(nearest(typed, known), expected, "{typed}");
        }
        assert_eq!(nearest(&"x".repeat(200), [".x"]), None);
    }
}
