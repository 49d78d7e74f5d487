//! Fuzzy search over short texts, such as names of connections or commands. It draws nothing.

use std::cmp::Reverse;

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

/// Number of letters of a match that may begin within a word. Fewer letters are somewhere in almost every text.
const LEAST_WITHIN_WORD: usize = 3;

/// Kinds of matches, the best one first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MatchKind {
    /// All matched letters are whole words.
    Words,
    /// All matched letters are beginnings of words.
    Beginnings,
    /// Some matched letters are within a word.
    WithinWords,
    /// Some matched letters are scattered over a text.
    Scattered,
}

/// Returns the texts that match, the best one first: whole words, beginnings of words, parts of words, and scattered
/// letters. Texts that match equally well keep their order, and without a typed text all of them match.
pub(crate) fn rank<'a>(typed: &str, texts: impl IntoIterator<Item = &'a str>) -> Vec<Ranked> {
    ranked_by_kind(typed, texts, MatchKind::Scattered)
}

/// Returns the texts that match without scattered letters, which are somewhere in almost every sentence.
pub(crate) fn rank_sentences<'a>(
    typed: &str,
    texts: impl IntoIterator<Item = &'a str>,
) -> Vec<Ranked> {
    ranked_by_kind(typed, texts, MatchKind::WithinWords)
}

/// Returns the texts whose kind of match is at most as bad as `worst`.
fn ranked_by_kind<'a>(
    typed: &str,
    texts: impl IntoIterator<Item = &'a str>,
    worst: MatchKind,
) -> Vec<Ranked> {
    let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut found: Vec<(MatchKind, u32, Ranked)> = Vec::new();
    for (index, text) in texts.into_iter().enumerate() {
        let mut places = Vec::new();
        let haystack = Utf32Str::new(text, &mut buffer);
        if let Some(score) = pattern.indices(haystack, &mut matcher, &mut places) {
            places.sort_unstable();
            places.dedup();
            let matched: Vec<usize> = places.into_iter().map(|place| place as usize).collect();
            let kind = kind(text, &matched);
            if kind <= worst {
                found.push((kind, score, Ranked { index, matched }));
            }
        }
    }
    // The sort is stable.
    found.sort_by_key(|(kind, score, _)| (*kind, Reverse(*score)));
    found.into_iter().map(|(.., ranked)| ranked).collect()
}

/// Returns the kind of a match with letters at these places of a text.
fn kind(text: &str, matched: &[usize]) -> MatchKind {
    let letters: Vec<char> = text.chars().collect();
    let is_letter = |at: usize| {
        letters
            .get(at)
            .is_some_and(|letter| letter.is_alphanumeric())
    };
    let runs = matched.chunk_by(|one, other| one + 1 == *other);
    let mut kind = MatchKind::Words;
    for run in runs {
        let (first, last) = (run[0], run[run.len() - 1]);
        let begins_word = first == 0 || !is_letter(first - 1) || !is_letter(first);
        let ends_word = !is_letter(last + 1) || !is_letter(last);
        kind = kind.max(match (begins_word, ends_word) {
            (true, true) => MatchKind::Words,
            (true, false) => MatchKind::Beginnings,
            (false, _) if run.len() >= LEAST_WITHIN_WORD => MatchKind::WithinWords,
            (false, _) => MatchKind::Scattered,
        });
    }
    kind
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
    fn scattered_letters_match_names_and_no_sentences() {
        let indexes = |typed: &str, texts: &[&str]| {
            let ranked = rank_sentences(typed, texts.iter().copied());
            ranked.into_iter().map(|it| it.index).collect::<Vec<_>>()
        };
        let texts = [
            "Disconnect the feed",
            "Compare with the record before",
            "Record this feed",
            "Search in recordings",
        ];
        // A whole word comes before the beginning of a word, and the beginning of the text before its middle.
        assert_eq!(indexes("record", &texts), [2, 1, 3]);
        assert_eq!(indexes("rtf", &texts), [2], "beginnings of words");
        assert_eq!(indexes("onnec", &texts), [0], "part of a word");
        assert_eq!(indexes("cn", &texts), [0; 0], "two letters within words");
        assert_eq!(indexes("dfd", &texts), [0; 0]);
        assert_eq!(rank("nws", ["weather", "news"])[0].index, 1);
    }

    #[test]
    fn matched_letters_are_named() {
        let ranked = rank("wed", ["Wikimédia-edits"]);
        assert_eq!(ranked[0].matched[0], 0);
        assert_eq!(ranked[0].matched.len(), 3);
    }
}
