//! Filter of a view: the typed text, its parsed form, and the hits that are shown. The app runs the search itself.
//!
//! While the user types, the view keeps its hits until the next ones are worth showing: a full page, or the hits around
//! the rows in sight, or any hits after a short time.

mod field;
mod problem;
mod suggested;
mod typed;
mod values;

use std::sync::Arc;
use std::time::Duration;

use feedscope_analysis::analysis::Task;
use feedscope_analysis::filter::{
    Filter, FilterProblem, PAGE_HITS, ParseContext, Scan, ScanProgress, narrowed,
};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{LensName, LensPass};
use feedscope_core::Moment;
use feedscope_core::store::{ClassSet, RowNumber, Store};

pub(crate) use field::{id as field_id, open_values, show as show_field};
pub(crate) use problem::{HEIGHT as NOTICE_HEIGHT, show as show_notice};
pub(crate) use typed::{Typed, typed_path};
use values::ValuesMenu;

use crate::suggestions::Suggestions;

/// Maximum time to wait for a page of hits.
const PATIENCE: Duration = Duration::from_millis(100);

/// Maximum time to wait for hits around the rows in sight, which may be far from the newest row.
const PATIENCE_FOR_OLD: Duration = Duration::from_millis(300);

/// Filter of one view.
#[derive(Default)]
pub(crate) struct FilterView {
    typed: Typed,
    /// Last filter that had hits, with its text; no filter shows all rows.
    fruitful: (Option<Arc<Filter>>, String),
    /// Filter and classes that the newest hits belong to.
    made_of: Option<(Arc<Filter>, ClassSet)>,
    /// Lens that the newest hits were read by, if there is a filter.
    made_by: Option<(LensPass, Option<LensName>)>,
    /// Hits that are shown, if there is a filter.
    hits: Option<Scan>,
    /// Text of the filter that they belong to; empty if all rows are shown.
    shown_text: String,
    /// Hits that will replace the present ones.
    coming: Option<Coming>,
    /// The hits are a list of their own below the rows, instead of replacing them.
    pub(crate) is_below: bool,
    /// There is no room for two lists.
    pub(crate) is_low: bool,
    /// Filter that the user probably means by a text that has no hits or the wrong ones.
    meant: Option<String>,
    /// Values that the menu of the filter offers.
    values: Option<ValuesMenu>,
    /// Suggestions below the field, from the same values.
    suggestions: Suggestions,
    /// The field had the focus in the last pass.
    was_focused: bool,
    /// Way of the keys from the field to the hits.
    entry: HitsEntry,
    /// Reader of the payloads whose values the menu offers.
    interpreter: Interpreter,
}

/// Way of the keys from the field to the hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum HitsEntry {
    #[default]
    Unwanted,
    /// The user leaves the field as soon as there are hits.
    Wanted,
}

/// Hits that are not shown yet, with the start of their search.
struct Coming {
    hits: Scan,
    /// Text of their filter.
    text: String,
    /// Time when the search started.
    since: Moment,
}

/// Data that the hits depend on besides the typed text.
pub(crate) struct FilterContext<'a> {
    pub(crate) store: &'a Store,
    /// Classes of records that the view shows.
    pub(crate) shown: ClassSet,
    pub(crate) context: ParseContext,
    pub(crate) now: Moment,
    /// Oldest row in sight that must stay there; `None` while the view follows the newest row.
    pub(crate) needed: Option<RowNumber>,
    /// Pass of the lens, for conditions about its marks.
    pub(crate) lens: Option<&'a LensPass>,
}

/// Effect of a pass on the hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterChange {
    /// The same hits are shown.
    None,
    /// Other hits are shown, or none.
    Switched {
        /// The hits around the rows in sight are among them already.
        is_complete: bool,
    },
}

impl FilterView {
    /// Adds a condition to the typed text.
    pub(crate) fn narrow(&mut self, chosen: &str, context: ParseContext) {
        self.typed.text = narrowed(&self.typed.text, chosen, &context);
    }

    /// Replaces the typed text.
    pub(crate) fn set(&mut self, text: &str) {
        text.clone_into(&mut self.typed.text);
    }

    /// Returns the typed text.
    pub(crate) fn text(&self) -> &str {
        &self.typed.text
    }

    /// Returns true if nothing is typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.typed.text.is_empty()
    }

    /// Returns true if the rows without a hit are hidden now, or as soon as the typed text is in force.
    pub(crate) fn hides_rows(&self) -> bool {
        let is_coming = !self.is_empty() && self.problem().is_none();
        self.is_in_place() && (self.hits.is_some() || is_coming)
    }

    /// Returns true if hits replace the rows, and are not a list below them.
    fn is_in_place(&self) -> bool {
        !self.is_below || self.is_low
    }

    /// Offers the values of payloads that `interpreter` reads.
    pub(crate) fn read_with(&mut self, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.values = None;
    }

    /// Drops the hits but not the typed text, because the view has another store.
    pub(crate) fn forget_hits(&mut self) {
        self.made_of = None;
        self.made_by = None;
        self.hits = None;
        self.shown_text.clear();
        self.coming = None;
        self.values = None;
        self.meant = None;
        self.fruitful = (None, String::new());
    }

    /// Looks for the filter that the user probably means: if the typed text has an error or no hits, or compares numbers with
    /// texts.
    fn sync_meant(&mut self, store: &Store, context: ParseContext) {
        let is_fruitless = |hits: &Scan| {
            let progress = hits.progress();
            progress.done && progress.hits_found == 0
        };
        let is_wrong = self.problem().is_some()
            || self.missing_path().is_some()
            || self.coming.is_none() && self.hits().is_some_and(is_fruitless);
        let text = &self.typed.text;
        if !is_wrong && !text.contains(['<', '>', '=']) {
            self.meant = None;
            return;
        }
        let values = self
            .values
            .get_or_insert_with(|| ValuesMenu::new(store, &self.interpreter));
        let meant = values.meant(text, context);
        let meant = meant.filter(|meant| is_wrong || meant.is_certain);
        self.meant = meant.map(|meant| meant.text.clone());
    }

    /// Parses the text if it has changed, and switches to other hits as soon as they are worth showing.
    pub(crate) fn sync(&mut self, standing: &FilterContext<'_>) -> FilterChange {
        self.typed.parse_if_changed(standing.context);
        self.remember_fruitful();
        let understood = self.typed.understood().cloned();
        let wanted = understood.map(|it| (it, standing.shown));
        // Only a changed text gives a new `Arc`, so that its address identifies the filter.
        let lens = standing.lens.map(|lens| (lens.clone(), lens.lens()));
        let is_read_alike = wanted.is_none() || is_same_lens(lens.as_ref(), self.made_by.as_ref());
        if !is_same(wanted.as_ref(), self.made_of.as_ref()) || !is_read_alike {
            self.coming = wanted.as_ref().map(|(filter, shown)| Coming {
                hits: match standing.lens {
                    Some(lens) => Scan::through(standing.store, Arc::clone(filter), *shown, lens),
                    None => Scan::new(standing.store, Arc::clone(filter), *shown),
                },
                text: self.typed.in_force().to_owned(),
                since: standing.now,
            });
            self.made_by = lens;
            // Without a filter, the rows are shown again at once.
            self.made_of = wanted;
            if self.coming.is_none() && self.hits.take().is_some() {
                self.shown_text.clear();
                return FilterChange::Switched { is_complete: true };
            }
        }
        let coming = self.coming.take_if(|coming| coming.is_ready(standing));
        let Some(coming) = coming else {
            return FilterChange::None;
        };
        let is_complete = has_reached(&coming.hits.progress(), standing.needed);
        self.hits = Some(coming.hits);
        self.shown_text = coming.text;
        FilterChange::Switched { is_complete }
    }

    /// Remembers the filter whose hits are in sight. While the typed text has an error, this filter applies again if the one
    /// before the error was only a step towards it: a path that no record has, such as `.prise` before `.prise >`, or a text
    /// without hits.
    fn remember_fruitful(&mut self) {
        let Some(understood) = self.typed.understood().cloned() else {
            self.fruitful = (None, String::new());
            return;
        };
        let text = self.typed.in_force();
        let is_of = |(filter, _): &(Arc<Filter>, ClassSet)| Arc::ptr_eq(filter, &understood);
        let is_shown = self.coming.is_none() && self.made_of.as_ref().is_some_and(is_of);
        let progress = self.hits().filter(|_| is_shown).map(Scan::progress);
        if progress.is_some_and(|progress| progress.hits_found > 0) {
            self.fruitful = (Some(understood), text.to_owned());
            return;
        }
        let (filter, before) = &self.fruitful;
        let is_without_hits = progress.is_some_and(|progress| progress.done);
        // The rows in sight are those of the earlier filter, or the typed text goes on from it.
        let is_step = self.missing_path().is_some()
            || is_without_hits && self.typed.text.starts_with(before.as_str());
        if self.typed.problem().is_some() && is_step && self.typed.text.starts_with(text) {
            let (filter, before) = (filter.clone(), before.clone());
            self.typed.fall_back(filter, &before);
        }
    }

    /// Returns true once if the user has left the field for the rows, and the rows are those of the typed text.
    pub(crate) fn takes_to_hits(&mut self) -> bool {
        if self.problem().is_some() || self.missing_path().is_some() {
            // The mistake is corrected in the field.
            self.entry = HitsEntry::Unwanted;
        }
        let progress = self.hits().map(Scan::progress);
        if progress.is_some_and(|progress| progress.done && progress.hits_found == 0) {
            self.entry = HitsEntry::Unwanted;
        }
        let is_fruitless = progress.is_some_and(|progress| progress.hits_found == 0);
        let is_ready = self.coming.is_none() && !is_fruitless;
        is_ready && std::mem::take(&mut self.entry) == HitsEntry::Wanted
    }

    /// Returns the path at the end of the typed text if no record has a value there. The rows stay then, because the user
    /// may still be typing the path.
    pub(crate) fn missing_path(&self) -> Option<&str> {
        let is_searched = |coming: &Coming| {
            let progress = coming.hits.progress();
            progress.done && progress.hits_found == 0
        };
        let coming = self.coming.as_ref().filter(|coming| is_searched(coming))?;
        typed_path(&coming.text)
    }

    /// Returns the text of the filter that the hits belong to; empty if all rows are shown.
    pub(crate) fn in_force(&self) -> &str {
        &self.shown_text
    }

    /// Returns the error in the typed text.
    pub(crate) fn problem(&self) -> Option<&FilterProblem> {
        self.typed.problem()
    }

    /// Returns the hits that are shown.
    pub(crate) fn hits(&self) -> Option<&Scan> {
        self.hits.as_ref()
    }

    /// Returns the hits that replace the rows.
    pub(crate) fn hits_in_place(&self) -> Option<&Scan> {
        self.hits.as_ref().filter(|_| self.is_in_place())
    }

    /// Returns the hits that are shown below the rows.
    pub(crate) fn hits_below(&self) -> Option<&Scan> {
        self.hits.as_ref().filter(|_| !self.is_in_place())
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        // Hits that are about to be replaced need no further search, unless nothing may ever replace them.
        let coming = self.coming.as_ref().map(|coming| coming.hits.task());
        let stays = coming.is_none() || self.missing_path().is_some();
        let shown = self.hits.as_ref().filter(|_| stays).map(Scan::task);
        let hits = coming.into_iter().chain(shown);
        let values = self.values.as_ref().map(ValuesMenu::task);
        hits.chain(values)
    }
}

impl Coming {
    /// Returns true if these hits may replace the present ones.
    fn is_ready(&self, standing: &FilterContext<'_>) -> bool {
        let progress = self.hits.progress();
        if progress.hits_found == 0 && typed_path(&self.text).is_some() {
            return false;
        }
        if progress.done {
            return true;
        }
        let waited = standing.now.since(self.since);
        match standing.needed {
            Some(_) => has_reached(&progress, standing.needed) || waited >= PATIENCE_FOR_OLD,
            None => progress.hits_found >= PAGE_HITS || waited >= PATIENCE,
        }
    }
}

/// Returns true if a search has reached this row. It goes from the newest row to the oldest.
pub(crate) fn has_reached(progress: &ScanProgress, row: Option<RowNumber>) -> bool {
    progress.done || row.is_none_or(|row| progress.looked_from.is_some_and(|from| from <= row))
}

/// Returns true if both read the records in the same way.
pub(crate) fn is_same_lens(
    one: Option<&(LensPass, Option<LensName>)>,
    other: Option<&(LensPass, Option<LensName>)>,
) -> bool {
    match (one, other) {
        (Some((pass, lens)), Some((other, of))) => pass.is(other) && lens == of,
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Returns true if both are the same parsed filter over the same classes.
fn is_same(one: Option<&(Arc<Filter>, ClassSet)>, other: Option<&(Arc<Filter>, ClassSet)>) -> bool {
    match (one, other) {
        (Some((filter, shown)), Some((other, of))) => Arc::ptr_eq(filter, other) && shown == of,
        (None, None) => true,
        _ => false,
    }
}
