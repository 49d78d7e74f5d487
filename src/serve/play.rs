//! Selection and timing of the records that a client gets. It does not write them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::store::{
    Class, ClassSet, ListingIndex, OwnedRecord, Portion, RowNumber, Store,
};
use feedscope_core::time::{Moment, Timestamp};
use feedscope_files::recording::OpenedFeed;
use tokio::time::Instant;

use super::life::{PlayLife, RecordedConnection, RecordedEnding};
use crate::plan::{ServePlan, Since};

/// Bytes of a store that are read at a time.
const PORTION_BYTES: usize = 1 << 20;

/// Timing that all feeds share.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// Moment of the recording that a client gets at once.
    zero: Moment,
    /// Moment before which nothing is played.
    not_before: Moment,
    /// Factor of the pace; `None` for as fast as the client reads.
    speed: Option<f64>,
    is_looped: bool,
    plays_drops: bool,
    ends: bool,
}

impl Schedule {
    pub(super) fn new(plan: &ServePlan, feeds: &[OpenedFeed]) -> Self {
        let zero = match plan.since {
            Some(since) => since_moment(since, feeds),
            // The first record of all feeds arrives at once, and each other at its own distance from it.
            None => feeds
                .iter()
                .filter_map(|feed| first_moment(&feed.store))
                .min(),
        };
        let zero = zero.unwrap_or(Moment::START);
        Self {
            zero,
            not_before: plan.since.map_or(Moment::START, |_| zero),
            speed: plan.speed,
            is_looped: plan.is_looped,
            plays_drops: plan.plays_drops,
            ends: plan.ends,
        }
    }
}

/// Moment of the first record of a feed that can be played.
fn first_moment(store: &Store) -> Option<Moment> {
    let mut player = PlayedRows::new(store, RowNumber(0)..store.extent().end);
    player.next()?;
    player.moment
}

/// Moment of a point in time that the user named.
fn since_moment(since: Since, feeds: &[OpenedFeed]) -> Option<Moment> {
    match since {
        Since::Beginning(after) => Some(Moment::START + after),
        Since::Time(at) => feeds
            .iter()
            .filter_map(|feed| {
                let row = feed.store.row_at(Timestamp::from_micros(at));
                feed.store.stamp(row)
            })
            .map(|stamp| stamp.moment)
            .min(),
    }
}

/// Form in which a feed is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServedForm {
    EventStream,
    Lines,
    WebSocket,
}

/// Feed that clients can read.
#[derive(Debug)]
pub(super) struct PlayedFeed {
    path: String,
    form: ServedForm,
    store: StoreHandle,
    life: PlayLife,
    schedule: Schedule,
    /// First row that is played.
    first: RowNumber,
    /// Last event ID of the recording; empty if it has none.
    last_id: Vec<u8>,
    /// Number of connections so far, where they are played one by one.
    connections: AtomicUsize,
}

/// Store without its records in `Debug`.
struct StoreHandle(Store);

impl std::fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.0.extent())
    }
}

/// Records for one client.
#[derive(Debug)]
pub(super) struct PlayedStream {
    /// Rows of the recording.
    pub(super) rows: std::ops::Range<RowNumber>,
    /// Moment of the recording that is played at once.
    pub(super) zero: Moment,
    /// End of the connection after the last record.
    pub(super) ending: PlayEnding,
}

/// End of a connection after its last record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PlayEnding {
    /// It stays open in silence. A WebSocket is closed.
    Silence,
    /// It ends in order, at this moment of the recording.
    End(Option<Moment>),
    /// It is dropped, at this moment of the recording.
    Drop(Moment),
}

/// Answer to a client.
#[derive(Debug)]
pub(super) enum PlayAnswer {
    Play(PlayedStream),
    /// HTTP status of a refusal.
    Refuse(u16),
    /// The recorded connection had no answer.
    Drop,
}

impl PlayedFeed {
    pub(super) fn new(feed: &OpenedFeed, schedule: &Schedule) -> Self {
        let store = feed.store.clone();
        let form = match feed.description.protocol.as_str() {
            "web-socket" => ServedForm::WebSocket,
            "lines" => ServedForm::Lines,
            _ if has_lines(&store) => ServedForm::Lines,
            _ => ServedForm::EventStream,
        };
        let first = first_at(&store, schedule.not_before);
        Self {
            path: path_of(&feed.description.name),
            form,
            life: PlayLife::of_store(&store),
            last_id: last_id(&store),
            store: StoreHandle(store),
            schedule: schedule.clone(),
            first,
            connections: AtomicUsize::new(0),
        }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn form(&self) -> ServedForm {
        self.form
    }

    pub(super) fn is_web_socket(&self) -> bool {
        self.form == ServedForm::WebSocket
    }

    /// Returns the offered subprotocol that the recorded connections used.
    pub(super) fn subprotocol<'a>(
        &self,
        mut offered: impl Iterator<Item = &'a str>,
    ) -> Option<&'a str> {
        offered.find(|name| self.life.subprotocols.iter().any(|known| known == name))
    }

    /// Close frame after the last record.
    pub(super) fn close(&self) -> (CloseCode, &str) {
        match &self.life.close {
            // These codes stand for frames without a code, and for lost connections (RFC 6455 7.4.1).
            Some((code, reason)) if !matches!(code.0, 1005 | 1006 | 1015) => (*code, reason),
            _ => (CloseCode::NORMAL_CLOSURE, ""),
        }
    }

    fn is_looped(&self) -> bool {
        self.schedule.is_looped
    }

    /// Returns the records for the next client. `last_event_id` is empty where it sent none.
    pub(super) fn next_play(&self, last_event_id: &[u8]) -> PlayAnswer {
        let is_resumed = !last_event_id.is_empty();
        let is_last = is_resumed && last_event_id == self.last_id;
        let end = self.store.0.extent().end;
        let silence = if self.schedule.ends || self.form == ServedForm::Lines {
            PlayEnding::End(None)
        } else {
            PlayEnding::Silence
        };
        let rows = if is_resumed {
            self.after_id(last_event_id).unwrap_or(self.first)..end
        } else {
            self.first..end
        };
        if !self.schedule.plays_drops {
            if is_last && !self.is_looped() {
                return PlayAnswer::Refuse(204);
            }
            return PlayAnswer::Play(PlayedStream {
                zero: self.zero_of(&rows, is_resumed),
                rows,
                ending: silence,
            });
        }
        let nth = self.connections.fetch_add(1, Ordering::Relaxed);
        let Some(recorded) = self.life.connections.get(nth) else {
            // All recorded connections were played.
            if is_last {
                return PlayAnswer::Refuse(204);
            }
            return PlayAnswer::Play(PlayedStream {
                zero: self.zero_of(&rows, is_resumed),
                rows,
                ending: silence,
            });
        };
        self.play_recorded(recorded, silence)
    }

    /// Returns the records of a recorded connection.
    fn play_recorded(&self, recorded: &RecordedConnection, silence: PlayEnding) -> PlayAnswer {
        let Some(opened_at) = recorded.opened_at else {
            return match recorded.ending {
                RecordedEnding::Refused(status) => PlayAnswer::Refuse(status),
                RecordedEnding::Open => PlayAnswer::Play(PlayedStream {
                    rows: recorded.end..recorded.end,
                    zero: self.schedule.zero,
                    ending: silence,
                }),
                RecordedEnding::Ended(_) | RecordedEnding::Lost(_) => PlayAnswer::Drop,
            };
        };
        PlayAnswer::Play(PlayedStream {
            rows: recorded.first.max(self.first)..recorded.end,
            zero: opened_at.max(self.schedule.not_before),
            ending: match recorded.ending {
                // A close frame ends a WebSocket in order, whatever the reason was.
                RecordedEnding::Lost(at) if !self.is_web_socket() || self.life.close.is_none() => {
                    PlayEnding::Drop(at)
                }
                RecordedEnding::Ended(at) | RecordedEnding::Lost(at) => PlayEnding::End(Some(at)),
                RecordedEnding::Open | RecordedEnding::Refused(_) => silence,
            },
        })
    }

    /// Moment that is played at once. A client that resumes waits only for what is left.
    fn zero_of(&self, rows: &std::ops::Range<RowNumber>, is_resumed: bool) -> Moment {
        let before = rows.start.checked_sub(1).filter(|_| is_resumed);
        let resumed_at = before.and_then(|row| self.store.0.stamp(row));
        resumed_at.map_or(self.schedule.zero, |stamp| {
            stamp.moment.max(self.schedule.zero)
        })
    }

    /// First row after the events with this ID; `None` where there is none.
    fn after_id(&self, id: &[u8]) -> Option<RowNumber> {
        let store = &self.store.0;
        let mut rows = PlayedRows::new(store, self.first..store.extent().end);
        let mut after = None;
        while let Some(owned) = rows.next() {
            let Kind::Event { id: found, .. } = owned.record().kind else {
                continue;
            };
            if found == id {
                after = Some(owned.row() + 1);
            } else if after.is_some() {
                break;
            }
        }
        after
    }

    /// Returns the rows of a play, in order.
    pub(super) fn rows(&self, play: &PlayedStream) -> PlayedRows {
        PlayedRows::new(&self.store.0, play.rows.clone())
    }

    /// Time at which a record of this moment is due, for a client that began at `start`.
    pub(super) fn due(&self, start: Instant, zero: Moment, moment: Moment) -> Instant {
        match self.schedule.speed {
            None => start,
            Some(speed) => {
                let wait = moment.since(zero).as_secs_f64() / speed;
                start + Duration::try_from_secs_f64(wait).unwrap_or(FAR)
            }
        }
    }

    /// Returns the start and the records of the next round for a client whose round began at `start`, or `None` where
    /// there is none. `last` is the moment of the last record of the round, if it had any.
    pub(super) fn next_round(
        &self,
        start: Instant,
        zero: Moment,
        last: Option<Moment>,
    ) -> Option<(Instant, PlayedStream)> {
        // A round without records would be repeated without a pause.
        let last = last.filter(|_| self.is_looped())?;
        match self.next_play(b"") {
            // The next round begins where this one ended.
            PlayAnswer::Play(play) => Some((start.max(self.due(start, zero, last)), play)),
            PlayAnswer::Refuse(_) | PlayAnswer::Drop => None,
        }
    }
}

/// Longest wait, which is as good as never.
const FAR: Duration = Duration::from_hours(24 * 365);

/// Rows that can be played, one after the other.
pub(super) struct PlayedRows {
    store: Store,
    end: RowNumber,
    portion: Option<Portion>,
    at: usize,
    /// Moment of the row that was returned last.
    pub(super) moment: Option<Moment>,
}

impl PlayedRows {
    fn new(store: &Store, rows: std::ops::Range<RowNumber>) -> Self {
        Self {
            portion: (rows.start < rows.end)
                .then(|| store.portion(rows.start, PORTION_BYTES))
                .flatten(),
            store: store.clone(),
            end: rows.end,
            at: 0,
            moment: None,
        }
    }

    /// Returns the next record that a server sent.
    pub(super) fn next(&mut self) -> Option<OwnedRecord> {
        loop {
            let portion = self.portion.as_ref()?;
            let rows = portion.rows();
            if self.at >= rows.len() {
                let next = portion.numbers().end;
                self.portion = self.store.portion(next, PORTION_BYTES);
                self.at = 0;
                continue;
            }
            let row = rows.first_row() + self.at as u64;
            if row >= self.end {
                return None;
            }
            let owned = portion.owned(self.at)?;
            self.at += 1;
            let record = owned.record();
            if is_played(&record) {
                self.moment = Some(record.stamp.moment);
                return Some(owned);
            }
        }
    }
}

/// Returns true if a server sent the record. States, gaps and notes are about it, and a client sent the other direction.
fn is_played(record: &Record<'_>) -> bool {
    match &record.kind {
        Kind::Event { .. } | Kind::Comment { .. } | Kind::Retry { .. } | Kind::Line { .. } => true,
        Kind::Text { direction, .. } | Kind::Binary { direction, .. } => {
            *direction == Direction::In
        }
        _ => false,
    }
}

/// First row at or after a moment. Moments of a feed never go back.
fn first_at(store: &Store, moment: Moment) -> RowNumber {
    let (mut low, mut high) = (0, store.extent().end.0);
    while low < high {
        let middle = low + (high - low) / 2;
        let is_before = store
            .stamp(RowNumber(middle))
            .is_some_and(|stamp| stamp.moment < moment);
        if is_before {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    RowNumber(low)
}

/// ID of the last event; empty if it has none.
fn last_id(store: &Store) -> Vec<u8> {
    let events = ClassSet::NONE.with(Class::Events, true);
    let count = store.rank(events, RowNumber::MAX);
    let last = count
        .checked_sub(1)
        .and_then(|last| store.select(events, last))
        .and_then(|row| store.record(row));
    match last.as_ref().map(OwnedRecord::record) {
        Some(Record {
            kind: Kind::Event { id, .. },
            ..
        }) => id.to_vec(),
        _ => Vec::new(),
    }
}

/// Returns true if the feed was read line by line.
fn has_lines(store: &Store) -> bool {
    let lines = ClassSet::NONE.with(Class::Lines, true);
    store.select(lines, ListingIndex(0)).is_some()
}

/// Path of a feed's name.
fn path_of(name: &str) -> String {
    let mut url = url::Url::parse("http://localhost/").expect("it is a URL");
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().push(name);
    }
    url.path().to_owned()
}
