//! Lines in Feedscope's own form, read back into records. The inverse of `write_json_line` in core.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feedscope_core::NoteCode;
use feedscope_core::connection::StateChange;
use feedscope_core::decode::WireInfo;
use feedscope_core::gap::Gap;
use feedscope_core::payload::json::unchecked_string_end;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind};
use feedscope_core::time::Timestamp;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::item::{FeedInfo, FeedProtocol};

/// Meaning of a line in Feedscope's own form.
#[derive(Debug)]
pub(super) enum LineContent<'a> {
    /// Description of a feed.
    Feed(FeedInfo),
    /// A record.
    Record(Box<LineRecord<'a>>),
}

/// Record of a line.
#[derive(Debug)]
pub(super) struct LineRecord<'a> {
    pub(super) at: Timestamp,
    pub(super) connection: u32,
    /// Name of its feed, where the line has one.
    pub(super) feed: Option<Cow<'a, str>>,
    pub(super) kind: LineProperty<'a>,
    /// Members that this version does not know, each with a comma before it.
    pub(super) extra: String,
}

/// Kind of a record, with its payload.
#[derive(Debug)]
pub(super) enum LineProperty<'a> {
    State(StateChange),
    Event {
        event: Cow<'a, str>,
        id: Cow<'a, str>,
        data: Cow<'a, [u8]>,
    },
    Comment(Cow<'a, [u8]>),
    Line(Cow<'a, [u8]>),
    Retry(u64),
    Message {
        is_text: bool,
        direction: Direction,
        data: Cow<'a, [u8]>,
        failed: Option<Cow<'a, str>>,
        wire: Option<WireInfo>,
    },
    Ping(Direction, Cow<'a, [u8]>),
    Pong(Direction, Cow<'a, [u8]>, Option<Duration>),
    Close(Direction, u16, Cow<'a, str>),
    Gap(Gap),
    Note(Cow<'a, str>, Cow<'a, str>),
    /// A kind of a later version.
    Unknown(Cow<'a, str>),
}

impl LineProperty<'_> {
    /// Name of an unknown kind.
    pub(super) fn word(&self) -> &str {
        match self {
            Self::Unknown(word) => word,
            _ => "",
        }
    }

    /// Returns the kind as core has it; `None` for an unknown one.
    pub(super) fn known(&self) -> Option<Kind<'_>> {
        Some(match self {
            Self::State(change) => Kind::State(change.clone()),
            Self::Event { event, id, data } => Kind::Event {
                event: event.as_bytes(),
                id: id.as_bytes(),
                data,
            },
            Self::Comment(data) => Kind::Comment { data },
            Self::Line(data) => Kind::Line { data },
            Self::Retry(ms) => Kind::Retry { ms: *ms },
            Self::Message {
                is_text,
                direction,
                data,
                failed,
                wire,
            } => {
                let (direction, failed, wire) = (*direction, failed.as_deref(), *wire);
                if *is_text {
                    Kind::Text {
                        direction,
                        data,
                        failed,
                        wire,
                    }
                } else {
                    Kind::Binary {
                        direction,
                        data,
                        failed,
                        wire,
                    }
                }
            }
            Self::Ping(direction, data) => Kind::Ping {
                direction: *direction,
                data,
            },
            Self::Pong(direction, data, rtt) => Kind::Pong {
                direction: *direction,
                data,
                rtt: *rtt,
            },
            Self::Close(direction, code, reason) => Kind::Close {
                direction: *direction,
                code: CloseCode(*code),
                reason,
            },
            Self::Gap(gap) => Kind::Gap(gap.clone()),
            Self::Note(code, text) => Kind::Note {
                code: NoteCode(code),
                text,
            },
            Self::Unknown(_) => return None,
        })
    }
}

/// Parses a line, without its end. Returns `None` for a line that is not in Feedscope's own form.
///
/// Such a line is an object with `at`, `connection` and `kind`, or the description of a feed. A known kind without the
/// members that it needs counts as an unknown kind, so that nothing of it is lost.
pub(super) fn parse(line: &[u8]) -> Option<LineContent<'_>> {
    let line = line.trim_ascii();
    // Most lines of other programs are recognized without a parser.
    if !line.starts_with(b"{") || memchr::memmem::find(line, b"\"kind\"").is_none() {
        return None;
    }
    let text = std::str::from_utf8(line).ok()?;
    // The members are then found without checking the form again.
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut members = Members::of(text);
    let kind = members.take("kind").and_then(string)?;
    if kind == "feed" {
        return members.feed().map(LineContent::Feed);
    }
    // A line without these members is a record of another program, also if it has a `kind`.
    let (at, connection) = (members.peek("at")?, members.peek("connection")?);
    let at = Timestamp::from_rfc3339(&string(at)?)?;
    let connection = connection.parse().ok()?;
    // The line is a record: its members are taken out, and those that are left pass through.
    members.take("at");
    members.take("connection");
    let feed = match members.peek("feed").and_then(string) {
        Some(feed) => {
            members.take("feed");
            Some(feed)
        }
        None => None,
    };
    let (kind, members) = match members.clone().kind(&kind, text) {
        Some((known, rest)) => (known, rest),
        None => (LineProperty::Unknown(kind), members),
    };
    Some(LineContent::Record(Box::new(LineRecord {
        at,
        connection,
        feed,
        kind,
        extra: members.extra(),
    })))
}

/// Members of a JSON object that are not used yet.
#[derive(Clone, Debug)]
struct Members<'a> {
    /// Names and values as they are written.
    all: Vec<(&'a str, &'a str)>,
}

impl<'a> Members<'a> {
    /// Finds the members of an object. `text` is valid JSON.
    fn of(text: &'a str) -> Self {
        let mut all = Vec::new();
        let bytes = text.as_bytes();
        let mut at = 1;
        // Each turn reads `"name" : value` and what separates it from the next member.
        while let Some(start) = next_of(bytes, at, |byte| byte == b'"') {
            let name_end = unchecked_string_end(bytes, start);
            let Some(colon) = next_of(bytes, name_end, |byte| byte == b':') else {
                break;
            };
            let Some(value) = next_of(bytes, colon + 1, |byte| !byte.is_ascii_whitespace()) else {
                break;
            };
            let end = value_end(bytes, value);
            all.push((&text[start..name_end], text[value..end].trim_end()));
            at = end + 1;
        }
        Self { all }
    }

    /// Returns the value of a member. Of several with the same name, the last one counts.
    fn peek(&self, name: &str) -> Option<&'a str> {
        // Names with escapes are not known ones, so that they need not be decoded.
        let is_it = |quoted: &str| quoted.get(1..quoted.len() - 1) == Some(name);
        self.all
            .iter()
            // The last of several equal names counts.
            .rev()
            .find(|(quoted, _)| is_it(quoted))
            .map(|&(_, value)| value)
    }

    /// Returns the value of a member, and takes all members with this name out.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let value = self.peek(name)?;
        self.all
            .retain(|(quoted, _)| quoted.get(1..quoted.len() - 1) != Some(name));
        Some(value)
    }

    fn take_text(&mut self, name: &str) -> Option<Cow<'a, str>> {
        self.take(name).and_then(string)
    }

    /// Takes the payload out: `data`, or `data_base64`.
    fn take_data(&mut self) -> Option<Cow<'a, [u8]>> {
        if self.peek("data").is_some() {
            return self.take_text("data").map(|text| match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            });
        }
        let text = self.take_text("data_base64")?;
        STANDARD.decode(text.as_bytes()).ok().map(Cow::Owned)
    }

    fn take_direction(&mut self) -> Option<Direction> {
        let word = self.take_text("direction")?;
        [Direction::In, Direction::Out]
            .into_iter()
            .find(|direction| direction.word() == word)
    }

    fn take_number<T: std::str::FromStr>(&mut self, name: &str) -> Option<T> {
        self.take(name)?.parse().ok()
    }

    /// Reads the members of a known kind, and returns those that are left.
    fn kind(mut self, kind: &str, text: &str) -> Option<(LineProperty<'a>, Self)> {
        let known = match kind {
            "state" => LineProperty::State(self.take_all(text)?),
            "gap" => LineProperty::Gap(self.take_all(text)?),
            "event" => LineProperty::Event {
                event: self.take_text("event")?,
                id: self.take_text("id")?,
                data: self.take_data()?,
            },
            "comment" => LineProperty::Comment(self.take_data()?),
            "line" => LineProperty::Line(self.take_data()?),
            "retry" => LineProperty::Retry(self.take_number("ms")?),
            "text" | "binary" => self.message(kind == "text")?,
            "ping" => LineProperty::Ping(self.take_direction()?, self.take_data()?),
            "pong" => {
                let (direction, data) = (self.take_direction()?, self.take_data()?);
                let rtt = match self.take("rtt_ms") {
                    Some(ms) => Some(milliseconds(ms)?),
                    None => None,
                };
                LineProperty::Pong(direction, data, rtt)
            }
            "close" => LineProperty::Close(
                self.take_direction()?,
                self.take_number("code")?,
                self.take_text("reason")?,
            ),
            "note" => LineProperty::Note(self.take_text("code")?, self.take_text("text")?),
            _ => return None,
        };
        Some((known, self))
    }

    fn message(&mut self, is_text: bool) -> Option<LineProperty<'a>> {
        let (direction, data) = (self.take_direction()?, self.take_data()?);
        let failed = match self.peek("failed") {
            Some(_) => Some(self.take_text("failed")?),
            None => None,
        };
        // Both are missing for a message in one plain frame.
        let (frames, compressed) = (self.peek("frames"), self.peek("compressed_bytes"));
        let wire = if frames.is_some() || compressed.is_some() {
            let wire_bytes = match compressed {
                Some(_) => self.take_number("compressed_bytes")?,
                None => data.len() as u64,
            };
            Some(WireInfo {
                frames: match frames {
                    Some(_) => self.take_number("frames")?,
                    None => 1,
                },
                compressed: compressed.is_some(),
                wire_bytes,
            })
        } else {
            None
        };
        Some(LineProperty::Message {
            is_text,
            direction,
            data,
            failed,
            wire,
        })
    }

    /// Reads a value whose fields are members, and takes them out.
    fn take_all<T: DeserializeOwned + Serialize>(&mut self, text: &str) -> Option<T> {
        let value: T = serde_json::from_str(text).ok()?;
        let serde_json::Value::Object(fields) = serde_json::to_value(&value).ok()? else {
            return None;
        };
        // Members that the value does not know stay behind as further ones.
        for name in fields.keys() {
            self.take(name);
        }
        Some(value)
    }

    /// Reads the description of a feed.
    fn feed(mut self) -> Option<FeedInfo> {
        let mut text = |name| self.take_text(name).map(Cow::into_owned);
        Some(FeedInfo {
            name: text("feed")?,
            url: text("url"),
            protocol: text("protocol").and_then(|word| FeedProtocol::of_word(&word)),
            engine: text("engine"),
            is_own: true,
            is_named: true,
            ..FeedInfo::default()
        })
    }

    /// Writes the members that are left, each with a comma before it.
    fn extra(&self) -> String {
        let mut extra = String::new();
        for (name, value) in &self.all {
            for part in [",", name, ":", value] {
                extra.push_str(part);
            }
        }
        extra
    }
}

/// Returns the text of a JSON string; `None` for another value.
fn string(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    // Only a text with escapes is copied.
    if inner.contains('\\') {
        return serde_json::from_str(raw).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// Parses milliseconds with a fraction, exact to the microsecond.
fn milliseconds(text: &str) -> Option<Duration> {
    let micros = text.parse::<f64>().ok()? * 1_000.0;
    (0.0..1e15)
        .contains(&micros)
        .then(|| Duration::from_micros(micros.round() as u64))
}

/// Returns the place of the first byte from `at` on that is wanted.
fn next_of(bytes: &[u8], at: usize, is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let place = bytes.get(at..)?.iter().position(|&byte| is_wanted(byte))?;
    Some(at + place)
}

/// Returns the place after the value that begins at `at`, which may contain blanks at its end.
fn value_end(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = at;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = unchecked_string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => return at,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(line: &str) -> LineRecord<'_> {
        match parse(line.as_bytes()) {
            Some(LineContent::Record(record)) => *record,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn unknown_members_and_kinds_are_kept() {
        let line = r#"{"at":"2026-11-21T05:49:14.524118Z","connection":2,"feed":"a\"b","kind":"text","direction":"in","data":"x","read":{"a":[1,"}"]} , "z": 1e400}"#;
        let read = record(line);
        assert_eq!(read.extra, r#","read":{"a":[1,"}"]},"z":1e400"#);
        assert_eq!((read.connection, read.feed.as_deref()), (2, Some("a\"b")));
        let read = record(
            r#"{"kind":"assembled","at":"2026-11-21T05:49:14Z","connection":1,"lens":"llm","data":null}"#,
        );
        assert!(matches!(&read.kind, LineProperty::Unknown(kind) if kind == "assembled"));
        assert_eq!(read.extra, r#","lens":"llm","data":null"#);
    }

    #[test]
    fn a_known_kind_without_its_members_is_kept_as_it_is() {
        for members in [
            r#""kind":"event","event":"x","data":"y""#,
            r#""kind":"text","direction":"up","data":"y""#,
            r#""kind":"binary","direction":"in","data_base64":"?""#,
            r#""kind":"retry","ms":-1"#,
            r#""kind":"state","state":"happy""#,
            r#""kind":"close","direction":"in","code":70000,"reason":"""#,
        ] {
            let line = format!(r#"{{"at":"2026-11-21T05:49:14Z","connection":1,{members}}}"#);
            let read = record(&line);
            let LineProperty::Unknown(kind) = &read.kind else {
                panic!("{line}");
            };
            let rest = members.replacen(&format!("\"kind\":\"{kind}\""), "", 1);
            assert_eq!(read.extra, rest);
        }
    }

    #[test]
    fn other_lines_are_not_records() {
        for line in [
            "",
            "kind",
            r#"{"kind":"event"}"#,
            r#"{"at":"2026-11-21T05:49:14Z","connection":1}"#,
            r#"{"at":"yesterday","connection":1,"kind":"retry","ms":1}"#,
            r#"{"at":"2026-11-21T05:49:14Z","connection":-1,"kind":"retry","ms":1}"#,
            r#"{"at":"2026-11-21T05:49:14Z","connection":1,"kind":2}"#,
            r#"{"at":"2026-11-21T05:49:14Z","connection":1,"kind":"retry","ms":1"#,
            r#"[{"at":"2026-11-21T05:49:14Z","connection":1,"kind":"retry","ms":1}]"#,
            r#"{"kind":"feed","url":"http://a.test/"}"#,
        ] {
            assert!(parse(line.as_bytes()).is_none(), "{line}");
        }
        assert!(parse(b"{\"kind\":\"feed\",\"feed\":\"\xff\"}").is_none());
    }

    #[test]
    fn a_description_names_a_feed() {
        let line = r#"{"kind":"feed","feed":"chat","url":"ws://a.test/chat","protocol":"web-socket","engine":"native","later":1}"#;
        let Some(LineContent::Feed(feed)) = parse(line.as_bytes()) else {
            panic!("{line}");
        };
        let expected = FeedInfo {
            name: "chat".to_owned(),
            url: Some("ws://a.test/chat".to_owned()),
            protocol: Some(FeedProtocol::WebSocket),
            engine: Some("native".to_owned()),
            is_own: true,
            is_named: true,
            ..FeedInfo::default()
        };
        assert_eq!(feed, expected);
    }
}
