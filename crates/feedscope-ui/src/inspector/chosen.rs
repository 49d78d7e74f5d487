//! Selected record with derived data: its JSON outline, decoded base64 and changes since the previous record. Longer
//! work is left to the host of the analyses, and its result is used when it is available.

use feedscope_analysis::analysis::Task;
use feedscope_analysis::diff::{Diff, diff};
use feedscope_analysis::interpret::{
    Content, Decoded, Decoder, Interpreter, begins_like_json, read_outline,
};
use feedscope_analysis::job::Job;
use feedscope_analysis::listing::Listing;
use feedscope_analysis::look_back::{ChangedNumbers, changed_since, previous, previous_by_key};
use feedscope_analysis::record_key::RecordKey;
use feedscope_core::payload::json::{NoOutline, Outline, unescaped};
use feedscope_core::store::{ListingIndex, OwnedRecord};
use feedscope_core::{Direction, Kind};

use super::json::{CurrentMatch, JsonTree, ShownTree};
use super::matches::{Matches, Searched};
use super::sheet::TextSheet;
use super::tab::InspectorTab;
use crate::words;

/// Maximum bytes of a payload to process within the pass, which takes much less than a millisecond.
const AT_ONCE_BYTES: usize = 64 << 10;
/// Maximum bytes of a decoded payload within the pass. A small payload may have a huge output.
const DECODED_AT_ONCE_BYTES: usize = 256 << 10;
/// Maximum bytes to compare within the pass. Comparing takes longer.
const COMPARED_AT_ONCE_BYTES: usize = 8 << 10;

/// Selected record with its derived data.
pub(super) struct Chosen {
    listing: Listing,
    pub(super) record: OwnedRecord,
    /// Reader of the payloads.
    interpreter: Interpreter,
    /// Decoded payload, or a sentence and the fields for a kind without payload. It is the received payload until a large
    /// one is decoded.
    pub(super) content: Content,
    /// Payload that is being decoded; `None` if nothing is left to decode.
    decoding: Option<Job<Content>>,
    /// Payload as it was received or sent.
    pub(super) received: Content,
    /// Outline of the JSON payload, or the reason that there is none.
    pub(super) outline: Job<Result<Outline, NoOutline>>,
    pub(super) tree: JsonTree,
    pub(super) text: TextSheet,
    pub(super) hex: TextSheet,
    /// Number of listed records before this one when the previous record was looked for.
    earlier: ListingIndex,
    /// Record to compare with: the previous one of the same type in the list, or the one that the user has selected.
    pub(super) previous: Job<Option<OwnedRecord>>,
    /// The user has selected the record to compare with.
    pub(super) is_of_two: bool,
    /// Changed numbers since the last record about the same subject, from the first drawing of the tree on.
    changed: Option<Job<Option<ChangedNumbers>>>,
    /// Difference to the previous record, from the first request on.
    difference: Option<Job<Option<Diff>>>,
    pub(super) diff: TextSheet,
    pub(super) decoded: DecodedForm,
    /// Matches of the find bar and of the filter.
    pub(super) matches: Matches,
}

/// Form of decoded base64.
pub(super) struct DecodedForm {
    /// String of the tree that was decoded; `None` for the whole payload.
    pub(super) of: Option<usize>,
    /// Selected value of the tree when this decision was made.
    chosen: Option<usize>,
    /// Decoded bytes; `None` if the source is not base64.
    pub(super) result: Job<Option<Decoded>>,
    pub(super) sheet: TextSheet,
}

impl Chosen {
    /// Starts the work on a record.
    pub(super) fn new(listing: &Listing, record: OwnedRecord, interpreter: &Interpreter) -> Self {
        let received = content_of(&record);
        let (content, decoding) = match decoded_at_once(&record, interpreter) {
            Decoding::Done(content) => (content, None),
            Decoding::AsReceived => (received.clone(), None),
            Decoding::TooLong => (received.clone(), Some(decoded_later(&record, interpreter))),
        };
        let is_payload = has_payload(&record.record().kind);
        let outline = outline_of(&content, is_payload);
        let decoded = DecodedForm::of_payload(&content, is_payload);
        Self {
            listing: listing.clone(),
            earlier: listing.rank(record.row()),
            previous: previous_of(listing, &record),
            is_of_two: false,
            record,
            interpreter: interpreter.clone(),
            content,
            decoding,
            received,
            outline,
            tree: JsonTree::default(),
            text: TextSheet::default(),
            hex: TextSheet::default(),
            changed: None,
            difference: None,
            diff: TextSheet::default(),
            decoded,
            matches: Matches::default(),
        }
    }

    /// Uses the decoded payload as soon as it is available. It is called at the start of each pass.
    pub(super) fn take_in(&mut self) {
        let Some(content) = self.decoding.as_ref().and_then(Job::get) else {
            return;
        };
        self.content = content.clone();
        self.decoding = None;
        self.outline = outline_of(&self.content, true);
        self.decoded = DecodedForm::of_payload(&self.content, true);
        // The forms of the received payload are of no use any more.
        (self.text, self.tree) = Default::default();
        (self.changed, self.difference) = (None, None);
        self.matches.forget();
    }

    /// Returns true while the payload is being decoded.
    pub(super) fn is_decoding(&self) -> bool {
        self.decoding.is_some()
    }

    /// Compares with the previous record of another list, after a filter has changed or has found further records before
    /// this one. Returns true if it did so.
    pub(super) fn set_listing(&mut self, listing: &Listing) -> bool {
        let is_same = self.listing.is(listing);
        let earlier = listing.rank(self.record.row());
        let has_further = earlier > std::mem::replace(&mut self.earlier, earlier);
        // The user has selected the other record.
        if is_same && (!has_further || self.is_of_two) {
            return false;
        }
        self.listing = listing.clone();
        self.previous = previous_of(listing, &self.record);
        self.is_of_two = false;
        self.difference = None;
        true
    }

    /// Compares with this record.
    pub(super) fn compare_with(&mut self, other: OwnedRecord) {
        self.previous = Job::ready(Some(other));
        self.is_of_two = true;
        self.difference = None;
    }

    /// Compares with the previous record that has the same value at `key`, or without a key with that of the same type.
    pub(super) fn compare_by_key(&mut self, key: Option<&RecordKey>) {
        self.previous = match key {
            Some(key) => {
                previous_by_key(self.listing.store(), &self.record, key, &self.interpreter)
            }
            None => previous_of(&self.listing, &self.record),
        };
        self.is_of_two = false;
        self.difference = None;
    }

    /// Returns the analyses to run.
    pub(super) fn tasks(&self) -> impl Iterator<Item = Task> {
        let Self {
            outline,
            previous,
            changed,
            difference,
            decoded,
            decoding,
            matches,
            ..
        } = self;
        let tasks = [
            decoding.as_ref().and_then(Job::task),
            outline.task(),
            decoded.result.task(),
            previous.task(),
            changed.as_ref().and_then(Job::task),
            difference.as_ref().and_then(Job::task),
            matches.job().and_then(Job::task),
        ];
        tasks.into_iter().flatten()
    }

    /// Returns true if the record has this form.
    pub(super) fn has(&self, tab: InspectorTab) -> bool {
        match tab {
            InspectorTab::Json => match self.outline.get() {
                // The tab explains that the payload has too many values.
                Some(Ok(_) | Err(NoOutline::TooLarge)) => true,
                Some(Err(NoOutline::NotJson { .. })) => false,
                // Not parsed yet: most payloads with this first character are JSON.
                None => begins_like_json(self.content.bytes()),
            },
            InspectorTab::Text => true,
            InspectorTab::Hex | InspectorTab::Diff => has_payload(&self.record.record().kind),
            InspectorTab::Decoded => matches!(self.decoded.result.get(), Some(Some(_))),
        }
    }

    /// Returns the byte from which on the payload is not JSON, and the text there. `None` if it is JSON, not parsed yet, or
    /// does not begin with an object or an array.
    pub(super) fn broken_json(&self) -> Option<(usize, String)> {
        /// Maximum length of the text in characters.
        const SHOWN: usize = 12;
        let Some(Err(NoOutline::NotJson { at })) = self.outline.get() else {
            return None;
        };
        let bytes = self.content.bytes();
        if !begins_like_json(bytes) {
            return None;
        }
        let rest = &bytes[(*at).min(bytes.len())..];
        let rest = String::from_utf8_lossy(&rest[..rest.len().min(SHOWN * 4)]);
        let shown = rest.chars().take(SHOWN).collect();
        Some((*at, shown))
    }

    /// Returns the tab to show if the user has chosen `wanted`.
    pub(super) fn tab(&self, wanted: InspectorTab) -> InspectorTab {
        match self.record.record().kind {
            _ if self.has(wanted) => wanted,
            Kind::Binary { .. } => InspectorTab::Hex,
            _ if wanted == InspectorTab::Decoded && self.has(InspectorTab::Json) => {
                InspectorTab::Json
            }
            _ => InspectorTab::Text,
        }
    }

    /// Returns the tree with its data, or `None` if the payload is not JSON or not parsed yet.
    pub(super) fn tree(&mut self) -> Option<(&mut JsonTree, ShownTree<'_>)> {
        let outline = self.outline.get()?.as_ref().ok()?;
        let begin = || changed_since(self.listing.store(), &self.record, &self.interpreter);
        let changed = self.changed.get_or_insert_with(begin);
        let current = self.matches.current();
        let shown = ShownTree {
            marks: self.matches.marks(),
            current: current.map(|range| CurrentMatch {
                node: outline.value_at(range.start as usize),
                at: range.start as usize,
            }),
            outline,
            text: self.content.bytes(),
            arrival: Some(self.record.record().stamp),
            changed: changed.get().and_then(Option::as_ref),
            plotted: &[],
        };
        Some((&mut self.tree, shown))
    }

    /// Finds the matches of the expressions, and makes the requested one visible in the tree and in the text.
    pub(super) fn show_matches(&mut self, searched: &Searched) {
        if self.is_decoding() {
            return;
        }
        let is_small = self.content.bytes().len() <= AT_ONCE_BYTES;
        self.matches.sync(searched, &self.content, is_small);
        // The tree shows a match when it is parsed.
        if self.outline.get().is_none() {
            return;
        }
        let Some(range) = self.matches.take_wanted() else {
            return;
        };
        let is_current = self.matches.current().is_some();
        self.text.seek(range.clone(), is_current);
        if let Some(Ok(outline)) = self.outline.get() {
            self.tree.seek(outline.value_at(range.start as usize));
        }
    }

    /// Returns true if a form shows its whole content, so that every match is visible.
    pub(super) fn shows_all(&self, tab: InspectorTab) -> bool {
        match self.tab(tab) {
            InspectorTab::Json => self.tree.shows_all(),
            InspectorTab::Text => self.text.shows_all(),
            // The matches are not marked in these forms.
            InspectorTab::Hex | InspectorTab::Diff | InspectorTab::Decoded => true,
        }
    }

    /// Returns the difference to the previous record. The first call starts it; `None` until it has ended.
    pub(super) fn difference(&mut self) -> Option<&Option<Diff>> {
        let previous = self.previous.get()?.as_ref()?;
        let difference = self.difference.get_or_insert_with(|| {
            let new = self.content.clone();
            let (old, bytes) = match decoded_at_once(previous, &self.interpreter) {
                Decoding::Done(content) => {
                    let bytes = content.bytes().len();
                    (Some(content), bytes)
                }
                Decoding::AsReceived => {
                    let content = Content::Payload(previous.clone());
                    (Some(content), previous.payload().len())
                }
                Decoding::TooLong => (None, usize::MAX),
            };
            let bytes = bytes.saturating_add(new.bytes().len());
            let (previous, interpreter) = (previous.clone(), self.interpreter.clone());
            let job = Job::in_one_go(move |_wanted| {
                let old = old.or_else(|| decoded_content(&previous, &interpreter))?;
                let (old, new) = (old.interpretation(), new.interpretation());
                Some(diff(&old, &new, &words::equal_lines))
            });
            job.done_at_once(bytes <= COMPARED_AT_ONCE_BYTES)
        });
        difference.get()
    }

    /// Decodes the selected string of the tree if it is base64, else the payload.
    pub(super) fn decode(&mut self) {
        // The decision depends only on the selected value, so that it is made once for each.
        let chosen = self.tree.chosen;
        if self.decoded.chosen == chosen {
            return;
        }
        let is_payload = has_payload(&self.record.record().kind);
        let node = self
            .tree()
            .and_then(|(_, shown)| chosen.filter(|&node| shown.may_be_base64(node)));
        if node != self.decoded.of {
            self.decoded = match node {
                Some(node) => DecodedForm::of_value(self, node),
                None => DecodedForm::of_payload(&self.content, is_payload),
            };
        }
        self.decoded.chosen = chosen;
    }
}

impl DecodedForm {
    /// Starts to decode the whole payload.
    fn of_payload(content: &Content, is_payload: bool) -> Self {
        if !is_payload || !Decoder::Base64.may_fit(content.bytes()) {
            return Self::new(None, Job::ready(None));
        }
        let is_small = content.bytes().len() <= AT_ONCE_BYTES;
        let content = content.clone();
        let job =
            Job::in_one_go(move |_wanted| Some(Decoder::Base64.decode_to_show(content.bytes())));
        Self::new(None, job.done_at_once(is_small))
    }

    /// Starts to decode a string of the tree.
    fn of_value(chosen: &mut Chosen, node: usize) -> Self {
        let Some((_, shown)) = chosen.tree() else {
            return Self::new(None, Job::ready(None));
        };
        let range = shown.outline.range(shown.text, node);
        let is_small = range.len() <= AT_ONCE_BYTES;
        let content = chosen.content.clone();
        let job = Job::in_one_go(move |_wanted| {
            let written = String::from_utf8_lossy(&content.bytes()[range]);
            Some(Decoder::Base64.decode_to_show(unescaped(&written).as_bytes()))
        });
        Self::new(Some(node), job.done_at_once(is_small))
    }

    /// Creates decoded data that may not be available yet.
    fn new(of: Option<usize>, result: Job<Option<Decoded>>) -> Self {
        Self {
            of,
            chosen: None,
            result,
            sheet: TextSheet::default(),
        }
    }
}

/// Starts the search for the previous record of the same type in a list.
fn previous_of(listing: &Listing, record: &OwnedRecord) -> Job<Option<OwnedRecord>> {
    if has_payload(&record.record().kind) {
        previous(listing, record)
    } else {
        Job::ready(None)
    }
}

/// Returns true if records of a kind have a payload of their own.
pub(super) fn has_payload(kind: &Kind<'_>) -> bool {
    !matches!(
        kind,
        Kind::State(_) | Kind::Gap(_) | Kind::Retry { .. } | Kind::Note { .. }
    )
}

/// Returns the text of a record: its payload, or a sentence and the fields for a kind without payload.
fn content_of(record: &OwnedRecord) -> Content {
    match record.record().kind {
        Kind::State(change) => Content::text(format!(
            "{}\n\n{}",
            words::transition(&change),
            fields(record)
        )),
        Kind::Gap(gap) => Content::text(format!("{gap}\n\n{}", fields(record))),
        Kind::Retry { ms } => Content::text(format!("retry: {ms}")),
        _ => Content::Payload(record.clone()),
    }
}

/// Starts to read the outline of JSON.
fn outline_of(content: &Content, is_payload: bool) -> Job<Result<Outline, NoOutline>> {
    if !is_payload {
        return Job::ready(Err(NoOutline::NotJson { at: 0 }));
    }
    // Read at once where that is quick: the forms would otherwise flicker while the user steps through rows.
    let is_small = content.bytes().len() <= AT_ONCE_BYTES;
    read_outline(content.clone()).done_at_once(is_small)
}

/// Result of decoding a payload within the pass.
enum Decoding {
    Done(Content),
    /// No decoder applies to the record.
    AsReceived,
    /// The payload or its output is too large for the pass.
    TooLong,
}

/// Decodes the payload of a record if that is quick.
fn decoded_at_once(record: &OwnedRecord, interpreter: &Interpreter) -> Decoding {
    let kind = record.record().kind;
    let direction = kind.direction().unwrap_or(Direction::In);
    if interpreter.chain(direction).is_empty() || !has_payload(&kind) {
        return Decoding::AsReceived;
    }
    if record.payload().len() > AT_ONCE_BYTES {
        return Decoding::TooLong;
    }
    let quick = interpreter.within(DECODED_AT_ONCE_BYTES);
    match quick.interpret(&kind) {
        None => Decoding::AsReceived,
        Some(read) if read.exceeds(DECODED_AT_ONCE_BYTES) => Decoding::TooLong,
        Some(read) => Decoding::Done(Content::Made(read.into_bytes().into())),
    }
}

/// Starts to decode the payload of a record.
fn decoded_later(record: &OwnedRecord, interpreter: &Interpreter) -> Job<Content> {
    let (record, interpreter) = (record.clone(), interpreter.clone());
    Job::in_one_go(move |_wanted| decoded_content(&record, &interpreter))
}

/// Returns the decoded payload of a record; `None` if no decoder applies to it.
fn decoded_content(record: &OwnedRecord, interpreter: &Interpreter) -> Option<Content> {
    if interpreter.is_identity() || !has_payload(&record.record().kind) {
        return None;
    }
    let bytes = interpreter.interpret(&record.record().kind)?.into_bytes();
    Some(Content::Made(bytes.into()))
}

/// Returns the fields of a record as a line of JSON.
fn fields(record: &OwnedRecord) -> String {
    let mut line = Vec::new();
    feedscope_core::record::write_json_line(&mut line, &record.record(), None);
    String::from_utf8_lossy(&line).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use feedscope_analysis::filter::{Filter, ParseContext, Scan};
    use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, RowNumber, Store};
    use feedscope_core::{Record, Sink as _, Stamp};

    use super::*;

    #[test]
    fn the_previous_record_is_looked_for_again_when_a_filter_finds_earlier_ones() {
        let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
        for _ in 0..2 {
            writer.push(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: Kind::Line { data: b"a" },
            });
        }
        let filter = Filter::parse("a", &ParseContext::default()).unwrap();
        let scan = Scan::new(&store, Arc::new(filter), ClassSet::ALL);
        let hits = Listing::of_hits(&scan);
        let last = store.record(RowNumber(1)).unwrap();
        let mut chosen = Chosen::new(&hits, last, &Interpreter::default());
        assert_eq!(chosen.previous.get().map(Option::is_some), Some(false));
        assert!(!chosen.set_listing(&hits));
        // The scan reaches the rows.
        while !scan.step(1 << 20).done {}
        assert!(chosen.set_listing(&hits));
        let previous = chosen.previous.get().and_then(Option::as_ref);
        assert_eq!(previous.map(OwnedRecord::row), Some(RowNumber(0)));
        assert!(!chosen.set_listing(&hits));
    }
}
