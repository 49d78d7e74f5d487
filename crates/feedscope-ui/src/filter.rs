//! A view's filter: what is typed, how far that is understood, and whose hits are shown. It looks for nothing itself.
//!
//! While something is typed, the view stays as it is until the next hits are worth being shown: a page of them, or those
//! around what the reader looks at, or whatever there is after a moment.

mod field;
mod problem;
mod typed;
mod values;

use std::sync::Arc;
use std::time::Duration;

use feedscope_core::Moment;
use feedscope_core::filter::{Filter, FilterProblem, ParseContext, Scan};
use feedscope_core::store::{Shown, Store};

use super::search::{Hits, PAGE, Search};

pub(crate) use field::{id as field_id, show as show_field};
pub(crate) use problem::show as show_problem;
pub(crate) use typed::Typed;
pub use values::Values;

/// How long the view waits for hits that fill it.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long it waits for those around the rows that the reader looks at: they may be far from the newest.
const PATIENCE_FOR_OLD: Duration = Duration::from_millis(300);

/// The filter of one view.
#[derive(Default)]
pub(crate) struct FilterView {
    typed: Typed,
    /// What the newest hits are of.
    made_of: Option<(Arc<Filter>, Shown)>,
    hits: Option<Hits>,
    /// Hits that will take the place of those.
    coming: Option<Coming>,
    /// Whether hits are wanted below the rows, as a list of their own, instead of in their place.
    pub(crate) is_below: bool,
    /// Whether there is no room for two lists.
    pub(crate) is_low: bool,
    values: Option<Values>,
}

struct Coming {
    hits: Hits,
    since: Moment,
}

/// What hits depend on besides what is typed.
pub(crate) struct Standing<'a> {
    pub(crate) store: &'a Store,
    pub(crate) shown: Shown,
    pub(crate) context: ParseContext,
    pub(crate) now: Moment,
    /// The oldest row that the reader looks at and wants to keep; `None` while the view follows the newest.
    pub(crate) needed: Option<u64>,
}

/// What became of the hits in a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// They are the same.
    None,
    /// Others are shown, or none.
    Switched {
        /// Whether those around what the reader looks at are among them already.
        is_complete: bool,
    },
}

impl FilterView {
    /// What is typed is kept, but not what was found: the store is another one.
    pub(crate) fn forget_hits(&mut self) {
        self.made_of = None;
        self.hits = None;
        self.coming = None;
        self.values = None;
    }

    /// Takes in what was typed since the last pass, and shows other hits as soon as they are worth it.
    pub(crate) fn keep_up(&mut self, standing: &Standing<'_>) -> Change {
        self.typed.judge(standing.context);
        let understood = self.typed.understood().cloned();
        let wanted = understood.map(|it| (it, standing.shown));
        if !is_same(wanted.as_ref(), self.made_of.as_ref()) {
            self.coming = wanted.as_ref().map(|(filter, shown)| Coming {
                hits: Hits {
                    store: standing.store.clone(),
                    scan: Scan::new(Arc::clone(filter), *shown),
                },
                since: standing.now,
            });
            self.made_of = wanted;
            if self.coming.is_none() && self.hits.take().is_some() {
                return Change::Switched { is_complete: true };
            }
        }
        match &self.coming {
            Some(coming) if coming.is_ready(standing) => {
                let is_complete = coming.has_reached(standing.needed);
                self.hits = self.coming.take().map(|coming| coming.hits);
                Change::Switched { is_complete }
            }
            _ => Change::None,
        }
    }

    /// Why what is typed now is no filter.
    pub(crate) fn problem(&self) -> Option<&FilterProblem> {
        self.typed.problem()
    }

    /// The hits that are shown.
    pub(crate) fn hits(&self) -> Option<&Hits> {
        self.hits.as_ref()
    }

    /// Those that are shown in place of the rows.
    pub(crate) fn hits_in_place(&self) -> Option<&Hits> {
        self.hits.as_ref().filter(|_| !self.is_below || self.is_low)
    }

    /// Those that are shown below the rows.
    pub(crate) fn hits_below(&self) -> Option<&Hits> {
        self.hits.as_ref().filter(|_| self.is_below && !self.is_low)
    }

    /// What is to be looked for.
    pub(crate) fn searches(&self) -> impl Iterator<Item = Search> {
        // What is about to go need not get any further.
        let coming = self.coming.as_ref().map(|coming| &coming.hits);
        let hits = coming.or(self.hits.as_ref()).cloned().map(Search::Hits);
        let values = self.values.clone().map(Search::Values);
        hits.into_iter().chain(values)
    }
}

impl Coming {
    fn is_ready(&self, standing: &Standing<'_>) -> bool {
        let progress = self.hits.scan.progress();
        if progress.done {
            return true;
        }
        let waited = standing.now.since(self.since);
        match standing.needed {
            Some(_) => self.has_reached(standing.needed) || waited >= PATIENCE_FOR_OLD,
            None => progress.hits_found >= PAGE || waited >= PATIENCE,
        }
    }

    fn has_reached(&self, row: Option<u64>) -> bool {
        let progress = self.hits.scan.progress();
        progress.done || row.is_none_or(|row| progress.looked_from.is_some_and(|from| from <= row))
    }
}

fn is_same(one: Option<&(Arc<Filter>, Shown)>, other: Option<&(Arc<Filter>, Shown)>) -> bool {
    match (one, other) {
        (Some((filter, shown)), Some((other, of))) => Arc::ptr_eq(filter, other) && shown == of,
        (None, None) => true,
        _ => false,
    }
}
