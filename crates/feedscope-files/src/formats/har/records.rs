//! Records of one entry: those of other programs, and those that Feedscope wrote.

use feedscope_core::NoteCode;
use feedscope_core::connection::{ConnectionState, StateChange};
use feedscope_core::record::Kind;
use feedscope_core::time::{Moment, Stamp, Timestamp};

use super::super::input::FileInput;
use super::super::item::{
    FeedInfo, FeedProtocol, FeedReader as _, FileItem, ItemSink, ReadError, ReadOptions,
};
use super::super::sse;
use super::message::{Event, Message, integer, timestamp};
use super::remarks::Remarks;
use super::spool::Pieces;
use super::target::{PutAside, moment_since};

/// Moments of the records of an entry that Feedscope wrote.
pub(super) struct OwnClock {
    pub(super) anchors: Vec<(u64, i64, i64)>,
    pub(super) next: usize,
    /// Number of the next record.
    pub(super) number: u64,
    pub(super) current: Option<(i64, i64)>,
}

impl OwnClock {
    pub(super) fn stamp(&mut self, utc: Timestamp, origin: Option<i64>) -> Stamp {
        while let Some(&(number, moment, at)) = self.anchors.get(self.next)
            && number <= self.number
        {
            self.current = Some((moment, at));
            self.next += 1;
        }
        // Between two anchors both clocks run alike.
        self.number += 1;
        let moment = match self.current {
            Some((moment, at)) => {
                let micros = moment.saturating_add(utc.as_micros().saturating_sub(at));
                Moment::from_nanos(u64::try_from(micros).unwrap_or(0).saturating_mul(1_000))
            }
            None => moment_since(origin.unwrap_or(utc.as_micros()), utc),
        };
        Stamp { moment, utc }
    }
}

/// Messages of an entry that Feedscope wrote.
pub(super) struct Messages {
    pub(super) protocol: FeedProtocol,
    pub(super) pieces: Pieces,
    /// Text of a body that is read by lines.
    pub(super) lines: Option<FileInput>,
    pub(super) times: Pieces,
    pub(super) line: Vec<u8>,
}

impl Messages {
    /// Adds the next message. Returns false if there is none.
    pub(super) fn next(
        &mut self,
        target: &mut PutAside,
        feed: usize,
        connection: u32,
        clock: &mut OwnClock,
        remarks: &mut Remarks,
    ) -> Result<bool, ReadError> {
        if let Some(lines) = &mut self.lines {
            let line = &mut self.line;
            if lines.read_line(line, usize::MAX)? == 0 {
                return Ok(false);
            }
            line.truncate(line.strip_suffix(b"\n").map_or(line.len(), <[u8]>::len));
            // Archives of other programs have no times for lines. Such a line has that of the one before.
            let time = self.times.next()?.and_then(|piece| integer(&piece));
            let utc = time.map_or(target.feeds[feed].last.utc, |micros| {
                Timestamp::from_micros(micros as i64)
            });
            let stamp = clock.stamp(utc, target.origin);
            target.push(feed, connection, stamp, Kind::Line { data: line })?;
            return Ok(true);
        }
        let Some(piece) = self.pieces.next()? else {
            return Ok(false);
        };
        let fallback = target.feeds[feed].last.utc;
        if self.protocol == FeedProtocol::WebSocket {
            let Ok(message) = serde_json::from_slice::<Message>(&piece) else {
                // One message that is no JSON does not end the reading of the others. It is counted and reported.
                remarks.malformed += 1;
                return Ok(true);
            };
            let stamp = clock.stamp(timestamp(message.time).unwrap_or(fallback), target.origin);
            message.with_kind(remarks, |kind| target.push(feed, connection, stamp, kind))?;
        } else {
            let Ok(event) = serde_json::from_slice::<Event>(&piece) else {
                remarks.malformed += 1;
                return Ok(true);
            };
            let stamp = clock.stamp(timestamp(event.time).unwrap_or(fallback), target.origin);
            target.push(feed, connection, stamp, event.kind(remarks))?;
        }
        Ok(true)
    }
}

/// Records of one entry of another program.
pub(super) struct EntryRecords<'a> {
    pub(super) target: &'a mut PutAside,
    pub(super) feed: usize,
    pub(super) connection: u32,
    /// Time of the newest record.
    pub(super) utc: Timestamp,
}

impl EntryRecords<'_> {
    pub(super) fn push(&mut self, kind: Kind<'_>) -> Result<(), ReadError> {
        let stamp = self.target.stamp_at(self.utc);
        self.target.push(self.feed, self.connection, stamp, kind)
    }

    /// Adds the state after the answer.
    pub(super) fn push_state(&mut self, status: Option<u16>) -> Result<(), ReadError> {
        // A socket has 101, and an event stream 200.
        let is_open = status.is_none_or(|status| (100..400).contains(&status) && status != 0);
        self.push(Kind::State(StateChange {
            state: if is_open {
                ConnectionState::Open
            } else {
                ConnectionState::Failed
            },
            attempt: None,
            reconnects: None,
            delay_ms: None,
            status: status.filter(|status| *status > 0),
            reason: None,
        }))
    }

    /// Takes over a time, unless it is not known or goes back.
    fn advance(&mut self, time: Option<f64>) {
        self.utc = timestamp(time).unwrap_or(self.utc);
    }

    pub(super) fn push_message(
        &mut self,
        piece: &[u8],
        remarks: &mut Remarks,
    ) -> Result<(), ReadError> {
        let Ok(message) = serde_json::from_slice::<Message>(piece) else {
            remarks.malformed += 1;
            return Ok(());
        };
        self.advance(message.time);
        message.with_kind(remarks, |kind| self.push(kind))
    }

    pub(super) fn push_event(
        &mut self,
        piece: &[u8],
        remarks: &mut Remarks,
    ) -> Result<(), ReadError> {
        let Ok(event) = serde_json::from_slice::<Event>(piece) else {
            remarks.malformed += 1;
            return Ok(());
        };
        self.advance(event.time);
        self.push(event.kind(remarks))
    }

    /// Adds the records of a body that is an event stream.
    pub(super) fn push_stream(
        &mut self,
        body: FileInput,
        options: &ReadOptions,
    ) -> Result<(), ReadError> {
        let began = self.utc;
        let mut reader = sse::SseReader::new(
            body,
            ReadOptions {
                name: String::new(),
                max_message: options.max_message,
                now: Box::new(move || began),
            },
        );
        let mut taker = Taker {
            records: self,
            failure: None,
        };
        loop {
            let has_more = reader.read(&mut taker)?;
            if let Some(error) = taker.failure.take() {
                return Err(error);
            }
            if !has_more {
                return Ok(());
            }
        }
    }

    /// Adds the records of a body that is read by lines. Empty lines keep a connection alive and are no records.
    pub(super) fn push_lines(&mut self, mut body: FileInput, limit: u64) -> Result<(), ReadError> {
        let mut line = Vec::new();
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        loop {
            let whole = body.read_line(&mut line, most.saturating_add(2))?;
            if whole == 0 {
                return Ok(());
            }
            // Both line ends are those of the body, not of the record.
            let text = line.strip_suffix(b"\n").unwrap_or(&line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if whole > limit.saturating_add(2) {
                let text =
                    format!("a line of {whole} bytes was skipped: the limit is {limit} bytes");
                self.push(Kind::Note {
                    code: NoteCode::MESSAGE_TOO_LONG,
                    text: &text,
                })?;
            } else if !text.is_empty() {
                self.push(Kind::Line { data: text })?;
            }
        }
    }
}

/// Takes the records of a body.
struct Taker<'a, 'b> {
    records: &'a mut EntryRecords<'b>,
    failure: Option<ReadError>,
}

impl ItemSink for Taker<'_, '_> {
    fn add_feed(&mut self, _feed: &FeedInfo) {}

    fn push(&mut self, item: FileItem<'_>) {
        if let FileItem::Record { record, .. } = item
            && self.failure.is_none()
        {
            self.failure = self.records.push(record.kind).err();
        }
    }
}
