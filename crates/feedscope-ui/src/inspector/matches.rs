//! Matches of the find bar and of the view's filter in the payload of the selected record: their places, the current one,
//! and the one that must become visible.

use std::ops::Range;
use std::sync::Arc;

use feedscope_analysis::filter::Filter;
use feedscope_analysis::interpret::Content;
use feedscope_analysis::job::Job;

use crate::shortcuts::FindStep;
use crate::timeline::Marks;

/// Maximum number of matches of each word in a payload. Nobody steps through more, and each takes memory.
const MOST: usize = 10_000;

/// Expressions whose matches are marked in a payload.
#[derive(Clone, Default)]
pub(crate) struct Searched {
    /// Expression of the find bar.
    pub(crate) find: Option<Arc<Filter>>,
    /// Filter of the view.
    pub(crate) filter: Option<Arc<Filter>>,
}

impl Searched {
    /// Returns true if both are the same expressions.
    fn is(&self, other: &Self) -> bool {
        let is_same = |one: &Option<Arc<Filter>>, other: &Option<Arc<Filter>>| match (one, other) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        is_same(&self.find, &other.find) && is_same(&self.filter, &other.filter)
    }
}

/// Places of the matches in a payload, in bytes, sorted and apart.
#[derive(Debug, Default)]
pub(super) struct MatchedParts {
    pub(super) find: Vec<Range<u64>>,
    pub(super) filter: Vec<Range<u64>>,
}

/// Position of the find bar within a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MatchPosition {
    /// Number of the current match, from 0.
    pub(crate) current: Option<usize>,
    /// Number of matches in the payload.
    pub(crate) count: usize,
    /// The payload may have more matches.
    pub(crate) is_capped: bool,
}

/// Match that must become visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WantedMatch {
    /// First one, without becoming the current one. A record was selected.
    InSight,
    /// First one of the find bar.
    First,
    /// Last one of the find bar.
    Last,
    /// Current one.
    Current,
}

impl WantedMatch {
    /// Returns the match by which a step enters a record.
    pub(super) fn entered_by(step: FindStep) -> Self {
        match step {
            FindStep::Next => Self::First,
            FindStep::Previous => Self::Last,
        }
    }
}

/// Matches in the payload of the selected record.
pub(super) struct Matches {
    of: Searched,
    /// `None` until the payload is searched.
    parts: Option<Job<MatchedParts>>,
    /// Number of the current match of the find bar.
    current: Option<usize>,
    wanted: Option<WantedMatch>,
}

impl Default for Matches {
    fn default() -> Self {
        Self {
            of: Searched::default(),
            parts: None,
            current: None,
            wanted: Some(WantedMatch::InSight),
        }
    }
}

impl Matches {
    /// Starts the search if the expressions have changed. A small payload is searched within the pass.
    pub(super) fn sync(&mut self, searched: &Searched, content: &Content, is_small: bool) {
        if self.parts.is_some() && self.of.is(searched) {
            return;
        }
        self.of = searched.clone();
        self.current = None;
        let (searched, content) = (searched.clone(), content.clone());
        let job = Job::in_one_go(move |_wanted| {
            let find_all = |filter: Option<Arc<Filter>>| {
                filter.map_or_else(Vec::new, |filter| places(&filter, content.bytes()))
            };
            Some(MatchedParts {
                find: find_all(searched.find),
                filter: find_all(searched.filter),
            })
        });
        self.parts = Some(job.done_at_once(is_small));
    }

    /// Searches again in the next pass, because the payload has changed.
    pub(super) fn forget(&mut self) {
        self.parts = None;
    }

    /// Returns the search; `None` before it starts.
    pub(super) fn job(&self) -> Option<&Job<MatchedParts>> {
        self.parts.as_ref()
    }

    /// Returns the places; `None` until they are known.
    pub(super) fn parts(&self) -> Option<&MatchedParts> {
        self.parts.as_ref()?.get()
    }

    /// Returns the filters whose matches are marked in the values of a tree.
    pub(super) fn marks(&self) -> Marks<'_> {
        Marks {
            filter: self.of.filter.as_deref(),
            find: self.of.find.as_deref(),
        }
    }

    /// Returns the current match of the find bar.
    pub(super) fn current(&self) -> Option<Range<u64>> {
        self.parts()?.find.get(self.current?).cloned()
    }

    /// Returns the position of the find bar; `None` if the payload has no match or is not searched yet.
    pub(super) fn position(&self) -> Option<MatchPosition> {
        let count = self.parts()?.find.len();
        (count > 0).then_some(MatchPosition {
            current: self.current,
            count,
            is_capped: count >= MOST,
        })
    }

    /// Moves to the next or previous match. Returns false if there is none in this direction.
    pub(super) fn step(&mut self, step: FindStep) -> bool {
        let count = self.parts().map_or(0, |parts| parts.find.len());
        let next = match (self.current, step) {
            (None, FindStep::Next) => Some(0),
            (None, FindStep::Previous) => count.checked_sub(1),
            (Some(current), FindStep::Next) => Some(current + 1),
            (Some(current), FindStep::Previous) => current.checked_sub(1),
        };
        let Some(next) = next.filter(|&next| next < count) else {
            return false;
        };
        self.current = Some(next);
        self.wanted = Some(WantedMatch::Current);
        true
    }

    /// Requests that a match becomes visible.
    pub(super) fn want(&mut self, wanted: WantedMatch) {
        self.wanted = Some(wanted);
    }

    /// Returns the match that must become visible now, and takes the request out. `None` also while the payload is being
    /// searched.
    pub(super) fn take_wanted(&mut self) -> Option<Range<u64>> {
        self.parts()?;
        let wanted = self.wanted.take()?;
        let parts = self.parts()?;
        match wanted {
            WantedMatch::InSight => parts.find.first().or(parts.filter.first()).cloned(),
            WantedMatch::First | WantedMatch::Last => {
                let last = parts.find.len().checked_sub(1)?;
                self.current = Some(if wanted == WantedMatch::Last { last } else { 0 });
                self.current()
            }
            WantedMatch::Current => self.current(),
        }
    }
}

/// Returns the places of the words and patterns of a filter in bytes. Only valid text is searched, as in the rows.
fn places(filter: &Filter, bytes: &[u8]) -> Vec<Range<u64>> {
    let mut found = Vec::new();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        let left = MOST - found.len();
        let ranges = filter.first_highlights(chunk.valid(), left);
        let moved = ranges
            .into_iter()
            .map(|range| (at + range.start) as u64..(at + range.end) as u64);
        found.extend(moved.take(left));
        if found.len() >= MOST {
            break;
        }
        at += chunk.valid().len() + chunk.invalid().len();
    }
    found
}

#[cfg(test)]
mod tests {
    use feedscope_analysis::filter::ParseContext;

    use super::*;

    fn filter(text: &str) -> Arc<Filter> {
        Arc::new(Filter::parse(text, &ParseContext::default()).unwrap())
    }

    #[test]
    fn places_are_found_on_both_sides_of_invalid_bytes() {
        let bytes = b"acme \xff\xfe Acme, acmes";
        assert_eq!(places(&filter("acme"), bytes), [0..4, 8..12, 14..18]);
        assert_eq!(places(&filter(".price > 1"), bytes), []);
        let touching = places(&filter("a"), b"aaaaaaaaaa");
        assert_eq!((touching.len(), touching[0].end), (1, 10));
        let many = b"a ".repeat(2 * MOST);
        assert_eq!(places(&filter("a"), &many).len(), MOST);
    }

    #[test]
    fn steps_end_at_the_last_match_and_enter_at_either_end() {
        let content = Content::text("acme, acme, acme".to_owned());
        let searched = Searched {
            find: Some(filter("acme")),
            filter: None,
        };
        let mut matches = Matches::default();
        assert!(!matches.step(FindStep::Next), "nothing is searched yet");
        matches.sync(&searched, &content, true);
        assert_eq!(matches.take_wanted(), Some(0..4));
        assert_eq!(
            matches.current(),
            None,
            "a selected record has no current match"
        );
        for expected in [0..4, 6..10, 12..16] {
            assert!(matches.step(FindStep::Next));
            assert_eq!(matches.take_wanted(), Some(expected.clone()));
            assert_eq!(matches.current(), Some(expected));
        }
        assert!(!matches.step(FindStep::Next));
        assert!(matches.step(FindStep::Previous));
        assert_eq!(matches.current(), Some(6..10));
        matches.want(WantedMatch::entered_by(FindStep::Previous));
        assert_eq!(matches.take_wanted(), Some(12..16));
        let position = matches.position().unwrap();
        assert_eq!(
            (position.current, position.count, position.is_capped),
            (Some(2), 3, false)
        );
        matches.sync(&Searched::default(), &content, true);
        assert_eq!(matches.position(), None);
        assert!(!matches.step(FindStep::Next));
    }
}
