//! Selected record with derived data: its JSON outline, decoded base64 and changes since the previous record. Longer
//! work runs on another thread, and its result is used when it is available.

use egui::Context;
use feedscope_core::Kind;
use feedscope_core::payload::base64_text;
use feedscope_core::payload::json::{
    Changed, Likeness, NoOutline, Outline, Reading, changed_numbers, likeness,
};
use feedscope_core::store::{Lookback, OwnedRecord, Store};

use super::Tab;
use super::body::Body;
use super::diff::{Comparison, compare};
use super::json::{JsonTree, Shown};
use super::later::{Later, Worker};
use super::sheet::Sheet;
use crate::words;

/// Maximum bytes of a payload to process within the pass, which takes much less than a millisecond.
const AT_ONCE_BYTES: usize = 64 << 10;
/// Maximum bytes to compare within the pass. Comparing takes longer.
const COMPARED_AT_ONCE_BYTES: usize = 8 << 10;

/// Selected record with its derived data.
pub(super) struct Chosen {
    store: Store,
    pub(super) record: OwnedRecord,
    /// Payload, or a sentence and the fields for a kind without payload.
    pub(super) body: Body,
    /// Outline of the JSON payload, or the reason that there is none.
    pub(super) outline: Later<Result<Outline, NoOutline>>,
    pub(super) tree: JsonTree,
    pub(super) text: Sheet,
    pub(super) hex: Sheet,
    /// Previous record of the same type.
    pub(super) previous: Later<Option<OwnedRecord>>,
    /// Changed numbers since the last record about the same subject; `None` before they were computed.
    changed: Option<Vec<Changed>>,
    /// Comparison with the previous record, from the first request on.
    comparison: Option<Later<Option<Comparison>>>,
    pub(super) diff: Sheet,
    pub(super) decoded: Decoded,
}

/// Decoded base64.
pub(super) struct Decoded {
    /// String of the tree that was decoded; `None` for the whole payload.
    pub(super) of: Option<usize>,
    /// Selected value of the tree when this decision was made.
    chosen: Option<usize>,
    /// Decoded bytes, with true if they are text; `None` if the source is not base64.
    pub(super) body: Later<Option<(Body, bool)>>,
    pub(super) sheet: Sheet,
}

impl Chosen {
    /// Starts the work on a record.
    pub(super) fn new(
        ctx: &Context,
        worker: &mut Worker,
        store: &Store,
        record: OwnedRecord,
    ) -> Self {
        let body = body_of(&record);
        let is_payload = has_payload(&record.record().kind);
        let bytes = body.bytes().len();
        let outline = if is_payload {
            let body = body.clone();
            worker.soon(ctx, bytes <= AT_ONCE_BYTES, move |wanted| {
                outline_of(&body, || wanted.still())
            })
        } else {
            Later::ready(Err(NoOutline::NotJson { at: 0 }))
        };
        let previous = if is_payload {
            previous_of(ctx, worker, store, &record)
        } else {
            Later::ready(None)
        };
        let decoded = Decoded::of_payload(ctx, worker, &body, is_payload);
        Self {
            store: store.clone(),
            record,
            body,
            outline,
            tree: JsonTree::default(),
            text: Sheet::default(),
            hex: Sheet::default(),
            previous,
            changed: None,
            comparison: None,
            diff: Sheet::default(),
            decoded,
        }
    }

    /// Returns true if the record has this form.
    pub(super) fn has(&self, tab: Tab) -> bool {
        match tab {
            Tab::Json => match self.outline.get() {
                // The tab explains that the payload has too many values.
                Some(Ok(_) | Err(NoOutline::TooLarge)) => true,
                Some(Err(NoOutline::NotJson { .. })) => false,
                // Not parsed yet: most payloads with this first character are JSON.
                None => matches!(beginning(self.body.bytes()).first(), Some(b'{' | b'[')),
            },
            Tab::Text => true,
            Tab::Hex | Tab::Diff => has_payload(&self.record.record().kind),
            Tab::Decoded => matches!(self.decoded.body.get(), Some(Some(_))),
        }
    }

    /// Returns the tab to show if the user has chosen `wanted`.
    pub(super) fn tab(&self, wanted: Tab) -> Tab {
        match self.record.record().kind {
            _ if self.has(wanted) => wanted,
            Kind::Binary { .. } => Tab::Hex,
            _ if wanted == Tab::Decoded && self.has(Tab::Json) => Tab::Json,
            _ => Tab::Text,
        }
    }

    /// Returns the tree with its data, or `None` if the payload is not JSON or not parsed yet.
    pub(super) fn tree(&mut self) -> Option<(&mut JsonTree, Shown<'_>)> {
        let outline = self.outline.get()?.as_ref().ok()?;
        if self.changed.is_none() {
            let changed = changed_since(&self.store, &self.record, outline, &self.body);
            self.changed = Some(changed);
        }
        let shown = Shown {
            outline,
            text: self.body.bytes(),
            arrival: self.record.record().stamp.utc,
            changed: self.changed.as_deref().unwrap_or_default(),
        };
        Some((&mut self.tree, shown))
    }

    /// Returns the comparison with the previous record. The first call starts it; `None` until it has ended.
    pub(super) fn comparison(
        &mut self,
        ctx: &Context,
        worker: &mut Worker,
    ) -> Option<&Option<Comparison>> {
        let previous = self.previous.get()?.as_ref()?;
        let comparison = self.comparison.get_or_insert_with(|| {
            let (old, new) = (Body::Payload(previous.clone()), self.body.clone());
            let bytes = old.bytes().len() + new.bytes().len();
            worker.soon(ctx, bytes <= COMPARED_AT_ONCE_BYTES, move |_| {
                Some(compare(old.bytes(), new.bytes()))
            })
        });
        comparison.get()
    }

    /// Decodes the selected string of the tree if it is base64, else the payload.
    pub(super) fn decode(&mut self, ctx: &Context, worker: &mut Worker) {
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
                Some(node) => Decoded::of_value(ctx, worker, self, node),
                None => Decoded::of_payload(ctx, worker, &self.body, is_payload),
            };
        }
        self.decoded.chosen = chosen;
    }
}

impl Decoded {
    /// Starts to decode the whole payload.
    fn of_payload(ctx: &Context, worker: &mut Worker, body: &Body, is_payload: bool) -> Self {
        let bytes = body.bytes().len();
        let decoded = if is_payload && may_be_base64(body.bytes()) {
            let body = body.clone();
            worker.soon(ctx, bytes <= AT_ONCE_BYTES, move |_| {
                Some(told_apart(base64_text::decoded(body.bytes())))
            })
        } else {
            Later::ready(None)
        };
        Self::new(None, decoded)
    }

    /// Starts to decode a string of the tree.
    fn of_value(ctx: &Context, worker: &mut Worker, chosen: &mut Chosen, node: usize) -> Self {
        let Some((_, shown)) = chosen.tree() else {
            return Self::new(None, Later::ready(None));
        };
        let range = shown.outline.range(shown.text, node);
        let body = chosen.body.clone();
        let decoded = worker.soon(ctx, range.len() <= AT_ONCE_BYTES, move |_| {
            let written = String::from_utf8_lossy(&body.bytes()[range]);
            let text = feedscope_core::payload::json::unescaped(&written);
            Some(told_apart(base64_text::decoded(text.as_bytes())))
        });
        Self::new(Some(node), decoded)
    }

    /// Creates decoded data that may not be available yet.
    fn new(of: Option<usize>, body: Later<Option<(Body, bool)>>) -> Self {
        Self {
            of,
            chosen: None,
            body,
            sheet: Sheet::default(),
        }
    }
}

/// Returns true if the beginning of a payload looks like base64.
fn may_be_base64(payload: &[u8]) -> bool {
    let near = beginning(payload);
    let is_of_alphabet = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n \t".contains(byte);
    near.len() >= base64_text::SHORTEST && near.iter().all(is_of_alphabet)
}

/// Returns the beginning of a payload without leading white space.
fn beginning(payload: &[u8]) -> &[u8] {
    payload[..payload.len().min(1 << 10)].trim_ascii_start()
}

/// Returns decoded bytes with true if they are text.
fn told_apart(decoded: Option<Vec<u8>>) -> Option<(Body, bool)> {
    let decoded = decoded?;
    let is_text = std::str::from_utf8(&decoded).is_ok_and(|text| {
        !text
            .chars()
            .any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t'))
    });
    Some((Body::Made(decoded.into()), is_text))
}

/// Returns the numbers that differ from the last record about the same subject.
///
/// That record has the same type and the same value in most of its strings. Only records nearby are examined, because
/// this runs within the pass.
fn changed_since(
    store: &Store,
    record: &OwnedRecord,
    outline: &Outline,
    body: &Body,
) -> Vec<Changed> {
    /// Maximum number of earlier records to examine.
    const MOST_RECORDS: usize = 64;
    /// Maximum number of rows to go back.
    const MOST_ROWS: u64 = 8_192;
    let Ok(new) = std::str::from_utf8(body.bytes()) else {
        return Vec::new();
    };
    if new.len() > COMPARED_AT_ONCE_BYTES {
        return Vec::new();
    }
    let new = (outline, new);
    let mut best: Option<(Likeness, OwnedRecord)> = None;
    let (mut before, stop) = (record.row(), record.row().saturating_sub(MOST_ROWS));
    // Among the records examined, the one with the most equal strings is the best; a perfect match ends the search.
    for _ in 0..MOST_RECORDS {
        let Lookback::Row(row) = store.earlier_like(record, before, before - stop) else {
            break;
        };
        // The next search continues before this record.
        before = row;
        let Some(earlier) = store.record(row) else {
            break;
        };
        let Some(likeness) = with_outline(&earlier, |old| likeness(old, new)) else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|(best, _)| likeness.equal > best.equal)
        {
            let is_alike = likeness.equal == likeness.of;
            best = Some((likeness, earlier));
            if is_alike {
                break;
            }
        }
    }
    // A record without strings has nothing that identifies its subject, so that any record of its type is accepted.
    let about_the_same = |likeness: &Likeness| likeness.equal > 0 || likeness.of == 0;
    best.filter(|(likeness, _)| about_the_same(likeness))
        .and_then(|(_, earlier)| with_outline(&earlier, |old| changed_numbers(old, new)))
        .unwrap_or_default()
}

/// Calls `look` with a record's payload as JSON. Returns `None` if it is not JSON, or too large for the pass.
fn with_outline<R>(record: &OwnedRecord, look: impl FnOnce((&Outline, &str)) -> R) -> Option<R> {
    let text = std::str::from_utf8(record.payload()).ok()?;
    if text.len() > COMPARED_AT_ONCE_BYTES {
        return None;
    }
    let outline = Outline::of(text).ok()?;
    Some(look((&outline, text)))
}

/// Parses the outline of a payload in portions. Returns `None` if the result is not wanted any more.
fn outline_of(body: &Body, wanted: impl Fn() -> bool) -> Option<Result<Outline, NoOutline>> {
    /// Bytes to parse between two checks if the result is still wanted.
    const PORTION_BYTES: usize = 1 << 20;
    let text = match std::str::from_utf8(body.bytes()) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return Some(Err(NoOutline::NotJson { at }));
        }
    };
    let mut reading = Reading::default();
    loop {
        match reading.advance(text.as_bytes(), PORTION_BYTES) {
            Ok(true) => return Some(Ok(reading.outline())),
            Ok(false) if wanted() => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error)),
        }
    }
}

/// Finds the previous record of the same type. Rows nearby are searched at once, others on another thread.
fn previous_of(
    ctx: &Context,
    worker: &mut Worker,
    store: &Store,
    record: &OwnedRecord,
) -> Later<Option<OwnedRecord>> {
    /// Number of rows to search within the pass.
    const NEAR_ROWS: u64 = 4_096;
    /// Number of rows to search in one step on the thread.
    const FAR_ROWS: u64 = 1 << 16;
    let mut before = match store.earlier_like(record, record.row(), NEAR_ROWS) {
        Lookback::Row(row) => return Later::ready(store.record(row)),
        Lookback::Nothing => return Later::ready(None),
        Lookback::Further(before) => before,
    };
    let (store, record) = (store.clone(), record.clone());
    worker.soon(ctx, false, move |wanted| {
        loop {
            match store.earlier_like(&record, before, FAR_ROWS) {
                Lookback::Row(row) => return Some(store.record(row)),
                Lookback::Nothing => return Some(None),
                Lookback::Further(_) if !wanted.still() => return None,
                Lookback::Further(further) => before = further,
            }
        }
    })
}

/// Returns true if records of a kind have a payload of their own.
pub(super) fn has_payload(kind: &Kind<'_>) -> bool {
    !matches!(
        kind,
        Kind::State(_) | Kind::Gap(_) | Kind::Retry { .. } | Kind::Note { .. }
    )
}

/// Returns the text of a record: its payload, or a sentence and the fields for a kind without payload.
fn body_of(record: &OwnedRecord) -> Body {
    match record.record().kind {
        Kind::State(change) => Body::text(format!(
            "{}\n\n{}",
            words::transition(&change),
            fields(record)
        )),
        Kind::Gap(gap) => Body::text(format!("{gap}\n\n{}", fields(record))),
        Kind::Retry { ms } => Body::text(format!("retry: {ms}")),
        _ => Body::Payload(record.clone()),
    }
}

/// Returns the fields of a record as a line of JSON.
fn fields(record: &OwnedRecord) -> String {
    let mut line = Vec::new();
    feedscope_core::record::write_json_line(&mut line, &record.record(), None);
    String::from_utf8_lossy(&line).trim_end().to_owned()
}
