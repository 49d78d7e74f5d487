//! Fuzzy search over short texts, such as names of connections or commands. It draws nothing.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Text that matches what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ranked {
    /// Index of the text.
    pub(crate) index: usize,
    /// Places of the matched characters, in order.
    pub(crate) matched: Vec<usize>,
}

/// Returns the texts that match, the best one first. Texts that match equally well keep their order, and without a typed
/// text all of them match.
pub(crate) fn rank<'a>(typed: &str, texts: impl IntoIterator<Item = &'a str>) -> Vec<Ranked> {
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, Ranked)> = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        let mut places = Vec::new();
        let haystack = Utf32Str::new(text, &mut buffer);
        if let Some(score) = pattern.indices(haystack, &mut matcher, &mut places) {
            places.sort_unstable();
            places.dedup();
            let matched = places.into_iter().map(|place| place as usize).collect();
            found.push((score, Ranked { index, matched }));
        }
    }
    // The sort is stable.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, ranked)| ranked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexes(typed: &str, texts: &[&str]) -> Vec<usize> {
        let ranked = rank(typed, texts.iter().copied());
        ranked.into_iter().map(|ranked| ranked.index).collect()
    }

    #[test]
    fn the_beginning_of_a_word_is_better_than_scattered_letters() {
        let texts = ["wikimedia-edits", "desk", "models"];
        assert_eq!(indexes("des", &texts)[0], 1);
        assert_eq!(indexes("", &texts), [0, 1, 2]);
        assert_eq!(indexes("nothing", &texts), [0; 0]);
    }

    #[test]
    fn matched_letters_are_named() {
        let ranked = rank("wde", ["Wikimédia-edits"]);
        assert_eq!(ranked[0].matched[0], 0);
        assert_eq!(ranked[0].matched.len(), 3);
    }
}
