//! Adds the entries of an archive to the recording that they are put aside in.

use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind};
use feedscope_core::time::{Stamp, Timestamp};
use feedscope_core::url_text::{masked, masked_text};
use url::Url;

use super::super::input::FileInput;
use super::super::item::{FeedInfo, FeedProtocol, FeedWriter as _, ReadError, ReadOptions};
use super::super::line::{self, LineContent};
use super::entry::{HarEntry, Own};
use super::message::{content, integer};
use super::records::{EntryRecords, Messages, OwnClock};
use super::remarks::Remarks;
use super::target::{HarFeed, PutAside, read_error};

/// Longest name of a feed that is made of a URL, in characters.
const LONGEST_NAME: usize = 24;

impl PutAside {
    /// Adds the records of an entry.
    pub(super) fn add(
        &mut self,
        mut entry: HarEntry,
        options: &mut ReadOptions,
        remarks: &mut Remarks,
    ) -> Result<(), ReadError> {
        remarks.too_long += entry.too_long;
        let Some(protocol) = entry.protocol() else {
            remarks.others += 1;
            return Ok(());
        };
        // An entry without a time gets that of the file.
        let began = entry.started.unwrap_or_else(|| (options.now)());
        let own = entry.own.take();
        let feed = self.feed(&entry, own.as_ref(), protocol, began, &options.name)?;
        if let Some(own) = own {
            return self.add_own(feed, own, entry, remarks);
        }
        // Each entry is the next connection of its feed.
        let connection = self.feeds[feed].connections + 1;
        self.feeds[feed].connections = connection;
        let mut records = EntryRecords {
            target: self,
            feed,
            connection,
            utc: began,
        };
        records.push_state(entry.status)?;
        let has_messages = !entry.messages.is_empty();
        match protocol {
            FeedProtocol::WebSocket => {
                let mut messages = entry.messages.pieces()?;
                while let Some(piece) = messages.next()? {
                    records.push_message(&piece, remarks)?;
                }
                if let Some(close) = entry.close {
                    let reason = close.reason.unwrap_or_default();
                    records.push(Kind::Close {
                        direction: Direction::In,
                        code: close.code.map_or(CloseCode::NO_STATUS, CloseCode),
                        reason: &reason,
                    })?;
                }
            }
            FeedProtocol::EventStream if entry.has_events && has_messages => {
                let mut events = entry.messages.pieces()?;
                while let Some(piece) = events.next()? {
                    records.push_event(&piece, remarks)?;
                }
            }
            FeedProtocol::EventStream => {
                remarks.without_times += u64::from(!entry.content.is_empty());
                records.push_stream(content(entry.content, entry.is_base64)?, options)?;
            }
            FeedProtocol::Lines => {
                remarks.without_times += u64::from(!entry.content.is_empty());
                records.push_lines(
                    content(entry.content, entry.is_base64)?,
                    options.max_message,
                )?;
            }
        }
        Ok(())
    }

    /// Returns the feed that an entry belongs to, which is made where it is new.
    fn feed(
        &mut self,
        entry: &HarEntry,
        own: Option<&Own>,
        protocol: FeedProtocol,
        began: Timestamp,
        fallback: &str,
    ) -> Result<usize, ReadError> {
        let has_url = own.is_none_or(|own| own.has_url);
        let url = Url::parse(&entry.url).ok();
        let shown = match &url {
            Some(url) => masked(url),
            None => masked_text(&entry.url),
        };
        let shown = (has_url && !shown.is_empty()).then_some(shown);
        let is_it = |feed: &HarFeed| match own {
            Some(own) => {
                feed.is_own && feed.info.name == own.feed && feed.info.protocol == Some(protocol)
            }
            // Two connections at the same time are two feeds, because the times of a feed never go back.
            None => {
                !feed.is_own
                    && feed.info.url == shown
                    && feed.info.protocol == Some(protocol)
                    && began >= feed.last.utc
            }
        };
        if let Some(known) = self.feeds.iter().position(is_it) {
            return Ok(known);
        }
        let stem = match own {
            Some(own) => own.feed.clone(),
            None => url.as_ref().map_or_else(|| fallback.to_owned(), name_of),
        };
        let is_taken = |name: &str| self.feeds.iter().any(|feed| feed.info.name == name);
        let mut name = stem.clone();
        let mut number = 2;
        // The feed of a recording may share its name with one of another protocol.
        while own.is_none() && is_taken(&name) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        let info = FeedInfo {
            name,
            url: shown,
            protocol: Some(protocol),
            engine: own.and_then(|own| own.engine.clone()),
            is_own: true,
            is_named: true,
            started: own.and_then(|own| own.started).or(Some(began)),
            ..FeedInfo::default()
        };
        self.writer.add_feed(&info).map_err(read_error)?;
        self.feeds.push(HarFeed {
            info,
            is_own: own.is_some(),
            connections: 0,
            last: Stamp::default(),
        });
        Ok(self.feeds.len() - 1)
    }

    /// Adds an entry that Feedscope wrote: its records between its messages, in their order.
    fn add_own(
        &mut self,
        feed: usize,
        own: Own,
        entry: HarEntry,
        remarks: &mut Remarks,
    ) -> Result<(), ReadError> {
        let protocol = entry_protocol(&own);
        // The messages are read in step with the records around them.
        let mut messages = Messages {
            protocol,
            pieces: entry.messages.pieces()?,
            lines: match protocol {
                FeedProtocol::Lines => Some(FileInput::new(entry.content.read()?)),
                _ => None,
            },
            times: own.times.pieces()?,
            line: Vec::new(),
        };
        let mut clock = OwnClock {
            anchors: own.clock,
            next: 0,
            number: 0,
            current: None,
        };
        let connection = own.connection;
        let mut elements = own.records.pieces()?;
        while let Some(element) = elements.next()? {
            // A number stands for as many messages.
            if let Some(count) = integer(&element) {
                for _ in 0..count {
                    if !messages.next(self, feed, connection, &mut clock, remarks)? {
                        break;
                    }
                }
            } else if let Some(LineContent::Record(read)) = line::parse(&element)
                && let Some(kind) = read.kind.known()
            {
                let stamp = clock.stamp(read.at, self.origin);
                self.push(feed, read.connection, stamp, kind)?;
            } else {
                remarks.malformed += 1;
            }
        }
        // Messages that another program added are behind those that are counted.
        while messages.next(self, feed, connection, &mut clock, remarks)? {}
        Ok(())
    }
}

fn entry_protocol(own: &Own) -> FeedProtocol {
    own.protocol.unwrap_or(FeedProtocol::EventStream)
}

/// Returns a short name for a feed: the last segment of its path, or its host.
fn name_of(url: &Url) -> String {
    let segment = url
        .path_segments()
        .and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    let stem = segment.or(url.host_str()).unwrap_or("feed");
    stem.chars().take(LONGEST_NAME).collect()
}
