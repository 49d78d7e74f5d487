//! Notes on rows: marks that the user sets, filters that give rows a color, and findings of analyses, such as a new field or
//! a hole in a sequence. They belong to one view.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use feedscope_analysis::analysis::Task;
use feedscope_analysis::drift::{ShapeChange, StoreDrift};
use feedscope_analysis::errors::Towards;
use feedscope_analysis::filter::{Filter, FilterProblem, ParseContext};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::measures::{SequenceGap, StoreGapRows};
use feedscope_core::store::{RowNumber, Store};
use feedscope_core::{Moment, Record, Stamp};
use serde::{Deserialize, Serialize};

use crate::words::count;

/// Number of filters with a color. Each one is evaluated for every row in sight.
pub(crate) const MOST_RULES: usize = 4;

/// Number of marks, so that a list of them stays readable.
const MOST_MARKS: usize = 1_000;

/// Highest rate in records per second at which the fields of all records are compared, which costs some microseconds for
/// each record.
const FASTEST_COMPARED: f64 = 5_000.0;

/// Number of rows of a feed whose fields are compared.
const MOST_COMPARED: u64 = 2_000_000;

/// Mark of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// Time of the record.
    pub(crate) stamp: Stamp,
    /// Text of the user.
    pub(crate) note: String,
}

/// Mark of a former view of the same feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMark {
    /// Number of the row.
    pub row: u64,
    /// Time of the record in microseconds since 1970. The mark belongs only to a row of this time.
    pub utc_micros: i64,
    /// Text of the user.
    pub note: String,
}

/// Marks and filters that a later view of the same feed restores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptNotes {
    /// Marked rows.
    pub marks: Vec<KeptMark>,
    /// Filters that give rows a color.
    pub rules: Vec<String>,
}

impl KeptNotes {
    /// Returns true without marks and filters.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty() && self.rules.is_empty()
    }
}

/// Filter that gives rows a color.
#[derive(Clone)]
pub(crate) struct Rule {
    /// Text of the filter.
    pub(crate) text: String,
    /// Index of the color among those of lines.
    pub(crate) color: usize,
    filter: Arc<Filter>,
}

/// Kind of a note at the end of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoteKind {
    /// Text of the user.
    Mark,
    /// Finding of an analysis.
    Finding,
}

/// Notes of a view.
#[derive(Default)]
pub(crate) struct Annotations {
    marks: BTreeMap<RowNumber, Mark>,
    rules: Vec<Rule>,
    /// Reader of the payloads.
    interpreter: Interpreter,
    drift: Option<StoreDrift>,
    /// The fields of the records are compared at present.
    compares: bool,
    /// Marks of a former view, until their rows have been read.
    restored_marks: Vec<KeptMark>,
    /// Filters of a former view, until they are parsed.
    restored_rules: Vec<String>,
    /// Number of changes by the user.
    changes: u64,
    /// The next feed has the same data, so that the filters remain.
    keeps_rules: bool,
}

/// Notes of a view, with the rows that show a fault of a sequence.
#[derive(Clone, Copy)]
pub(crate) struct RowNotes<'a> {
    pub(crate) of_view: &'a Annotations,
    pub(crate) gaps: Option<&'a StoreGapRows>,
}

impl Annotations {
    /// Updates the analyses for this pass.
    pub(crate) fn sync(&mut self, store: &Store, now: Moment, context: ParseContext) {
        self.adopt_marks(store);
        // A feed without rows may stand for a file that is being opened, whose own feed takes its place.
        if store.extent().end > RowNumber(0) {
            for text in std::mem::take(&mut self.restored_rules) {
                // A filter of a former version may not be understood, and has no color then.
                self.add_rule(&text, context).ok();
            }
        }
        let (rate, _) = store.per_second(now, Duration::from_secs(2));
        // Above these limits, the comparison of shapes would take more time than it is worth.
        self.compares = rate < FASTEST_COMPARED && store.extent().end.0 < MOST_COMPARED;
        if self.compares {
            self.drift
                .get_or_insert_with(|| StoreDrift::reading(store, self.interpreter.clone()));
        }
    }

    /// Returns the marks and the filters that a later window restores.
    pub(crate) fn kept(&self) -> (Vec<KeptMark>, Vec<String>) {
        let marks = self.marks.iter().map(|(row, mark)| KeptMark {
            row: row.0,
            utc_micros: mark.stamp.utc.as_micros(),
            note: mark.note.clone(),
        });
        let rules = self.rules.iter().map(|rule| rule.text.clone());
        (
            marks.chain(self.restored_marks.iter().cloned()).collect(),
            rules.chain(self.restored_rules.iter().cloned()).collect(),
        )
    }

    /// Restores the marks and the filters of a former view.
    pub(crate) fn restore(&mut self, marks: Vec<KeptMark>, rules: Vec<String>) {
        self.restored_marks = marks;
        self.restored_rules = rules;
    }

    /// Keeps the filters for the next feed, which has the same data. Marks belong to the records of the present one.
    pub(crate) fn keep_rules(&mut self) {
        self.keeps_rules = true;
    }

    /// Returns the notes for another feed: what a former view left for a feed that has not appeared, and the filters that
    /// are kept.
    pub(crate) fn of_next_feed(&mut self) -> Self {
        let mut rules = std::mem::take(&mut self.rules);
        if !self.keeps_rules {
            rules.clear();
        }
        Self {
            rules,
            restored_marks: std::mem::take(&mut self.restored_marks),
            restored_rules: std::mem::take(&mut self.restored_rules),
            ..Self::default()
        }
    }

    /// Marks the rows of a former view that the store has. A connection has other records than in the former view, which
    /// have other times.
    fn adopt_marks(&mut self, store: &Store) {
        if self.restored_marks.is_empty() {
            return;
        }
        let end = store.extent().end;
        let (present, later): (Vec<KeptMark>, Vec<KeptMark>) = self
            .restored_marks
            .drain(..)
            .partition(|mark| RowNumber(mark.row) < end);
        self.restored_marks = later;
        for KeptMark {
            row,
            utc_micros,
            note,
        } in present
        {
            let row = RowNumber(row);
            let stamp = store.stamp(row);
            let stamp = stamp.filter(|stamp| stamp.utc.as_micros() == utc_micros);
            if let Some(stamp) = stamp {
                self.marks.entry(row).or_insert(Mark { stamp, note });
            }
        }
    }

    /// Reads the payloads with another interpreter, from the oldest record on.
    pub(crate) fn read_with(&mut self, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
        self.drift = None;
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        let drift = self.drift.as_ref().filter(|_| self.compares);
        drift.map(StoreDrift::task).into_iter()
    }

    /// Returns the number of changes by the user, with which a restored filter counts as well.
    pub(crate) fn change_count(&self) -> u64 {
        self.changes
    }

    /// Returns the next mark after a row, or the one before it. After the last mark, the first one follows.
    pub(crate) fn next_mark(&self, from: Option<RowNumber>, towards: Towards) -> Option<RowNumber> {
        let mut rows = self.marks.keys().copied();
        let Some(from) = from else {
            return match towards {
                Towards::Newer => rows.next(),
                Towards::Older => rows.next_back(),
            };
        };
        let next = match towards {
            Towards::Newer => self
                .marks
                .range((Bound::Excluded(from), Bound::Unbounded))
                .next(),
            Towards::Older => self.marks.range(..from).next_back(),
        };
        let next = next.map(|(row, _)| *row);
        next.or_else(|| self.next_mark(None, towards))
    }

    /// Marks a row, or removes its mark.
    pub(crate) fn toggle(&mut self, row: RowNumber, stamp: Stamp) {
        self.changes += 1;
        if self.marks.remove(&row).is_none() && self.marks.len() < MOST_MARKS {
            let note = String::new();
            self.marks.insert(row, Mark { stamp, note });
        }
    }

    /// Changes the text of a mark.
    pub(crate) fn set_note(&mut self, row: RowNumber, note: String) {
        if let Some(mark) = self.marks.get_mut(&row) {
            self.changes += 1;
            mark.note = note;
        }
    }

    /// Removes the mark of a row.
    pub(crate) fn remove(&mut self, row: RowNumber) {
        self.changes += 1;
        self.marks.remove(&row);
    }

    /// Returns the marks in the order of their rows.
    pub(crate) fn marks(&self) -> impl DoubleEndedIterator<Item = (RowNumber, &Mark)> {
        self.marks.iter().map(|(row, mark)| (*row, mark))
    }

    /// Returns the moments of the last two marks, the earlier one first.
    pub(crate) fn last_two(&self) -> Option<(Moment, Moment)> {
        let mut newest_first = self.marks.values().rev();
        // The marks are ordered by their rows, so that the last two are the newest.
        let (last, before) = (newest_first.next()?, newest_first.next()?);
        Some((before.stamp.moment, last.stamp.moment))
    }

    /// Returns the time between the last two marks.
    pub(crate) fn between_marks(&self) -> Option<Duration> {
        let (before, last) = self.last_two()?;
        Some(last.since(before))
    }

    /// Adds a filter that gives rows a color.
    ///
    /// # Errors
    ///
    /// The text is no filter.
    pub(crate) fn add_rule(
        &mut self,
        text: &str,
        context: ParseContext,
    ) -> Result<(), FilterProblem> {
        let filter = Filter::parse(text, &context)?;
        let is_known = self.rules.iter().any(|rule| rule.text == text);
        if filter.is_empty() || is_known || self.rules.len() == MOST_RULES {
            return Ok(());
        }
        // The first color that no other filter has.
        let is_free = |color: &usize| !self.rules.iter().any(|rule| rule.color == *color);
        let color = (0..MOST_RULES).find(is_free).unwrap_or_default();
        self.changes += 1;
        self.rules.push(Rule {
            text: text.to_owned(),
            color,
            filter: Arc::new(filter),
        });
        Ok(())
    }

    /// Removes the filter with this index.
    pub(crate) fn remove_rule(&mut self, index: usize) {
        if index < self.rules.len() {
            self.changes += 1;
            self.rules.remove(index);
        }
    }

    /// Returns the filters in their order.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Returns the color of a record: that of the first filter that matches.
    pub(crate) fn color(&self, record: &Record<'_>) -> Option<usize> {
        let rule = self.rules.iter().find(|rule| rule.filter.matches(record))?;
        Some(rule.color)
    }

    /// Returns the changes of fields so far.
    pub(crate) fn changes(&self) -> Vec<ShapeChange> {
        let drift = self.drift.as_ref();
        drift.map_or_else(Vec::new, |drift| drift.value().changes().to_vec())
    }

    /// Returns sentences about records and fields that are not compared.
    pub(crate) fn change_notes(&self) -> Vec<String> {
        let drift = self.drift.as_ref();
        let mut notes = drift.map_or_else(Vec::new, |drift| drift.value().notes());
        if !self.compares {
            notes.push(format!(
                "fields are compared below {} records a second, up to {} records",
                count(FASTEST_COMPARED as u64),
                count(MOST_COMPARED)
            ));
        }
        notes
    }
}

impl RowNotes<'_> {
    /// Returns true if the row is marked.
    pub(crate) fn is_marked(&self, row: RowNumber) -> bool {
        self.of_view.marks.contains_key(&row)
    }

    /// Returns the note at the end of a row.
    pub(crate) fn note(&self, row: RowNumber) -> Option<(NoteKind, String)> {
        let mark = self.of_view.marks.get(&row);
        if let Some(mark) = mark.filter(|mark| !mark.note.is_empty()) {
            return Some((NoteKind::Mark, mark.note.clone()));
        }
        let gap = self
            .gaps
            .and_then(|gaps| gaps.value().at(row).map(gap_words));
        let finding = gap.or_else(|| {
            let drift = self.of_view.drift.as_ref()?.value();
            let changes = drift.changes();
            // The changes are ordered by their rows.
            let first = changes.partition_point(|change| change.row < row);
            let of_row = changes[first..]
                .iter()
                .take_while(|change| change.row == row);
            let texts: Vec<String> = of_row.map(ShapeChange::to_string).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        });
        finding.map(|text| (NoteKind::Finding, text))
    }
}

/// Describes a fault of a sequence: `4 missed: .seq 29 to 34`.
fn gap_words(gap: &SequenceGap) -> String {
    let SequenceGap {
        faults,
        field,
        key,
        from,
        to,
    } = gap;
    let key = key
        .as_ref()
        .map_or_else(String::new, |key| format!(" of {key}"));
    let fault = if faults.missing > 0 {
        format!("{} missed", count(faults.missing))
    } else if faults.repeated > 0 {
        "repeated".to_owned()
    } else {
        "out of order".to_owned()
    };
    format!("{fault}: {field}{key} {from} to {to}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(ms: u64) -> Stamp {
        Stamp {
            moment: Moment::from_millis(ms),
            ..Stamp::default()
        }
    }

    #[test]
    fn a_mark_is_set_and_removed_by_the_same_key() {
        let mut notes = Annotations::default();
        notes.toggle(RowNumber(4), stamp(1_000));
        notes.toggle(RowNumber(2), stamp(400));
        notes.set_note(RowNumber(4), "spike".to_owned());
        let rows =
            |notes: &Annotations| -> Vec<u64> { notes.marks().map(|(row, _)| row.0).collect() };
        assert_eq!(rows(&notes), [2, 4]);
        assert_eq!(notes.between_marks(), Some(Duration::from_millis(600)));
        let of_rows = RowNotes {
            of_view: &notes,
            gaps: None,
        };
        assert!(of_rows.is_marked(RowNumber(2)) && !of_rows.is_marked(RowNumber(3)));
        let note = of_rows.note(RowNumber(4));
        assert_eq!(note, Some((NoteKind::Mark, "spike".to_owned())));
        assert_eq!(of_rows.note(RowNumber(2)), None);
        notes.toggle(RowNumber(4), stamp(1_000));
        assert_eq!((rows(&notes), notes.between_marks()), (vec![2], None));
    }

    #[test]
    fn the_next_mark_after_the_last_one_is_the_first() {
        let mut notes = Annotations::default();
        assert_eq!(notes.next_mark(None, Towards::Newer), None);
        for row in [2, 4, 9] {
            notes.toggle(RowNumber(row), stamp(row));
        }
        for (from, towards, expected) in [
            (None, Towards::Newer, 2),
            (None, Towards::Older, 9),
            (Some(2), Towards::Newer, 4),
            (Some(3), Towards::Older, 2),
            (Some(9), Towards::Newer, 2),
            (Some(2), Towards::Older, 9),
        ] {
            let next = notes.next_mark(from.map(RowNumber), towards);
            assert_eq!(next, Some(RowNumber(expected)), "{from:?} {towards:?}");
        }
    }

    #[test]
    fn marks_of_a_former_view_belong_to_rows_of_the_same_time() {
        use feedscope_core::{Kind, Sink as _, Timestamp};

        let mark = |row, utc_micros| KeptMark {
            row,
            utc_micros,
            note: "spike".to_owned(),
        };
        let mut notes = Annotations::default();
        let rules = vec!["size:>1".to_owned()];
        notes.restore(vec![mark(0, 1_000), mark(1, 7), mark(2, 3_000)], rules);
        // A recording takes the place of an empty store, which stands for it while it is opened.
        let context = ParseContext::default();
        notes.sync(&Store::new(0).1, Moment::START, context);
        notes = notes.of_next_feed();
        let (mut writer, store) = Store::new(1 << 20);
        let mut push = |micros| {
            writer.push(&Record {
                stamp: Stamp {
                    utc: Timestamp::from_micros(micros),
                    ..Stamp::default()
                },
                connection: 1,
                kind: Kind::Line { data: b"{}" },
            });
        };
        push(1_000);
        push(2_000);
        notes.sync(&store, Moment::START, context);
        let rows =
            |notes: &Annotations| -> Vec<u64> { notes.marks().map(|(row, _)| row.0).collect() };
        // The second row has another time, and the third one has not been read.
        assert_eq!(rows(&notes), [0]);
        let (marks, rules) = notes.kept();
        assert_eq!(marks, [mark(0, 1_000), mark(2, 3_000)]);
        assert_eq!(rules, ["size:>1"]);
        push(3_000);
        notes.sync(&store, Moment::START, context);
        assert_eq!(rows(&notes), [0, 2]);
        assert_eq!(notes.rules().len(), 1);
    }

    #[test]
    fn each_filter_has_a_color_of_its_own() {
        let mut notes = Annotations::default();
        let context = ParseContext::default();
        for text in ["size:>1", "acme", "acme", "a", "b", "c"] {
            notes.add_rule(text, context).unwrap();
        }
        assert!(notes.add_rule("size:>", context).is_err());
        let colors = |notes: &Annotations| -> Vec<usize> {
            notes.rules().iter().map(|rule| rule.color).collect()
        };
        assert_eq!(colors(&notes), [0, 1, 2, 3]);
        notes.remove_rule(1);
        notes.add_rule("other", context).unwrap();
        assert_eq!(colors(&notes), [0, 2, 3, 1]);
    }

    #[test]
    fn a_fault_is_described_with_its_numbers() {
        let gap = SequenceGap {
            faults: feedscope_analysis::measures::FaultCounts {
                missing: 4,
                ..Default::default()
            },
            field: ".seq".to_owned(),
            key: Some("ACME".to_owned()),
            from: "29".to_owned(),
            to: "34".to_owned(),
        };
        assert_eq!(gap_words(&gap), "4 missed: .seq of ACME 29 to 34");
    }
}
