//! Text form of a record, as one line for people: time, direction, type, ID and payload in columns. Characters that
//! could control a terminal are replaced.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use feedscope_analysis::assembled::Document;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Read;
use feedscope_analysis::measures::{FaultCounts, SequenceGap};
use feedscope_core::connection::{StateChange, Wait};
use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::safe_text::write_safe;
use feedscope_core::{ConnectionState, Timestamp};
use jiff::tz::TimeZone;

use super::columns::TextColumns;

/// Width of the type column in characters. A longer type moves the rest of the line to the right.
const TYPE_WIDTH: usize = 12;

/// Width of the ID column in characters. A longer ID moves the rest of the line to the right.
const ID_WIDTH: usize = 8;

/// Number of bytes of a binary payload that are shown.
const HEX_BYTES: usize = 32;

/// Format of the lines of one feed.
pub(super) struct TextForm {
    feed: Option<String>,
    /// Width of the name column: the length of the longest name in the run.
    feed_width: usize,
    zone: TimeZone,
    colored: bool,
    /// Columns in place of the usual ones.
    columns: Option<TextColumns>,
    interpreter: Interpreter,
}

impl TextForm {
    /// Creates a format with local times. It uses colors if standard output is a terminal and `NO_COLOR` is empty or
    /// not set.
    pub(super) fn new(feed: Option<String>, feed_width: usize) -> Self {
        // https://no-color.org: an empty value has no effect.
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = !no_color && io::stdout().is_terminal();
        Self {
            feed,
            feed_width,
            zone: TimeZone::system(),
            colored,
            columns: None,
            interpreter: Interpreter::default(),
        }
    }

    /// Reads the payloads of the columns with these decoders.
    pub(super) fn set_interpreter(&mut self, interpreter: &Interpreter) {
        self.interpreter = interpreter.clone();
    }

    pub(super) fn interpreter(&self) -> &Interpreter {
        &self.interpreter
    }

    /// Shows these columns in place of the usual ones.
    pub(super) fn with_columns(self, columns: Option<TextColumns>) -> Self {
        Self { columns, ..self }
    }

    /// Appends the line of a fault of a sequence.
    pub(super) fn write_sequence_gap(&self, out: &mut Vec<u8>, at: Timestamp, gap: &SequenceGap) {
        let FaultCounts {
            missing,
            repeated,
            out_of_order,
        } = gap.faults;
        let fault = if missing > 0 {
            format!("{missing} missing")
        } else if repeated > 0 {
            format!("{repeated} repeated")
        } else {
            format!("{out_of_order} out of order")
        };
        let key = gap.key.as_deref().map(|key| format!(", key {key}"));
        let text = format!(
            "{fault} at {}{} between {} and {}",
            gap.field,
            key.unwrap_or_default(),
            gap.from,
            gap.to
        );
        // The columns are those of a gap at a resume.
        self.paint(out, TextPaint::Dim);
        self.time(out, at);
        self.paint(out, TextPaint::Plain);
        if let Some(feed) = &self.feed {
            out.push(b' ');
            padded(out, feed.as_bytes(), self.feed_width);
        }
        self.paint(out, TextPaint::Waiting);
        out.extend_from_slice(" · ".as_bytes());
        padded(out, b"gap", TYPE_WIDTH);
        self.paint(out, TextPaint::Plain);
        out.push(b' ');
        padded(out, b"", ID_WIDTH);
        out.push(b' ');
        write_safe(out, text.as_bytes());
        out.push(b'\n');
    }

    /// Appends the line of one record with its meaning in place of the payload.
    pub(super) fn write_read(&self, out: &mut Vec<u8>, record: &Record<'_>, reads: &[Read]) {
        let words = |read: &Read| {
            let data = read.data.as_deref().unwrap_or_default();
            if read.title.is_empty() {
                data.to_owned()
            } else {
                read.title.clone()
            }
        };
        let titles: Vec<_> = reads.iter().map(words).collect();
        let titles = titles.join(" | ");
        self.write_with(out, record, (!titles.is_empty()).then_some(&*titles));
    }

    /// Appends the line of a document that is complete or broken off.
    pub(super) fn write_document(&self, out: &mut Vec<u8>, at: Timestamp, document: &Document) {
        self.paint(out, TextPaint::Dim);
        self.time(out, at);
        self.paint(out, TextPaint::Plain);
        if let Some(feed) = &self.feed {
            out.push(b' ');
            padded(out, feed.as_bytes(), self.feed_width);
        }
        let paint = if document.is_complete() {
            TextPaint::Good
        } else {
            TextPaint::Bad
        };
        self.paint(out, paint);
        out.extend_from_slice(" · ".as_bytes());
        padded(out, b"assembled", TYPE_WIDTH);
        self.paint(out, TextPaint::Plain);
        out.push(b' ');
        padded(out, document.choice().to_string().as_bytes(), ID_WIDTH);
        out.push(b' ');
        let end = document
            .error()
            .or(document.stop_reason())
            .unwrap_or("complete");
        let mut words = format!("{end}, {} parts", document.part_count());
        for call in document.tool_calls() {
            // Writing to a string cannot fail.
            write!(words, ", calls {}({})", call.name, call.arguments).ok();
        }
        if !document.text().is_empty() {
            words.push_str(": ");
            words.push_str(document.text());
        }
        write_safe(out, words.as_bytes());
        out.push(b'\n');
    }

    /// Appends the line of one record.
    pub(super) fn write_line(&self, out: &mut Vec<u8>, record: &Record<'_>) {
        self.write_with(out, record, None);
    }

    /// Appends the line of one record, with other words in place of the payload.
    fn write_with(&self, out: &mut Vec<u8>, record: &Record<'_>, words: Option<&str>) {
        match &self.columns {
            Some(columns) => {
                if let Some(feed) = &self.feed {
                    padded(out, feed.as_bytes(), self.feed_width);
                    out.push(b' ');
                }
                self.paint(out, paint_of(&record.kind));
                columns.write(out, self, record);
            }
            None => self.write_usual_columns(out, record, words),
        }
        // Empty columns at the end leave no spaces behind.
        while out.last() == Some(&b' ') {
            out.pop();
        }
        if self.columns.is_some() {
            self.paint(out, TextPaint::Plain);
        }
        out.push(b'\n');
    }

    fn write_usual_columns(&self, out: &mut Vec<u8>, record: &Record<'_>, words: Option<&str>) {
        self.paint(out, TextPaint::Dim);
        self.time(out, record.stamp.utc);
        self.paint(out, TextPaint::Plain);
        if let Some(feed) = &self.feed {
            out.push(b' ');
            padded(out, feed.as_bytes(), self.feed_width);
        }
        self.paint(out, paint_of(&record.kind));
        out.extend_from_slice(arrow(&record.kind).as_bytes());
        padded(out, name(&record.kind), TYPE_WIDTH);
        self.paint(out, TextPaint::Plain);
        out.push(b' ');
        padded(out, id(&record.kind), ID_WIDTH);
        out.push(b' ');
        match words {
            Some(words) => write_safe(out, words.as_bytes()),
            None => payload(out, &record.kind),
        }
    }

    /// Appends the time of day, such as `05:49:14.524`. A time outside of the range of calendars is written as in JSON.
    pub(super) fn time(&self, out: &mut Vec<u8>, at: Timestamp) {
        let Ok(timestamp) = jiff::Timestamp::from_microsecond(at.as_micros()) else {
            return out.extend_from_slice(&at.to_rfc3339());
        };
        let time = self.zone.to_datetime(timestamp).time();
        let (hour, minute, second, milli) = (
            time.hour(),
            time.minute(),
            time.second(),
            time.millisecond(),
        );
        put(
            out,
            format_args!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
        );
    }

    fn paint(&self, out: &mut Vec<u8>, paint: TextPaint) {
        if self.colored {
            out.extend_from_slice(paint.sequence());
        }
    }
}

/// Terminal colors that are used. Each one appears beside a word or a symbol with the same meaning.
#[derive(Clone, Copy)]
enum TextPaint {
    Plain,
    Dim,
    Good,
    Waiting,
    Bad,
    Sent,
}

impl TextPaint {
    fn sequence(self) -> &'static [u8] {
        match self {
            Self::Plain => b"\x1b[0m",
            Self::Dim => b"\x1b[2m",
            Self::Good => b"\x1b[32m",
            Self::Waiting => b"\x1b[33m",
            Self::Bad => b"\x1b[31m",
            Self::Sent => b"\x1b[36m",
        }
    }
}

fn paint_of(kind: &Kind<'_>) -> TextPaint {
    match kind {
        Kind::State(change) => match change.state {
            ConnectionState::Open => TextPaint::Good,
            ConnectionState::Connecting
            | ConnectionState::Reconnecting
            | ConnectionState::Closing => TextPaint::Waiting,
            ConnectionState::Failed => TextPaint::Bad,
            ConnectionState::Idle | ConnectionState::Closed => TextPaint::Plain,
        },
        Kind::Gap(_) => TextPaint::Waiting,
        Kind::Comment { .. } | Kind::Retry { .. } | Kind::Ping { .. } | Kind::Pong { .. } => {
            TextPaint::Dim
        }
        _ if kind.direction() == Some(Direction::Out) => TextPaint::Sent,
        _ => TextPaint::Plain,
    }
}

pub(super) fn arrow(kind: &Kind<'_>) -> &'static str {
    match kind.direction() {
        Some(Direction::In) => " ↓ ",
        Some(Direction::Out) => " ↑ ",
        None => " · ",
    }
}

/// Returns the text of the type column: the state of a transition, the type of an event, or the kind of other records.
pub(super) fn name<'a>(kind: &Kind<'a>) -> &'a [u8] {
    match kind {
        Kind::State(change) => change.state.word().as_bytes(),
        Kind::Event { event, .. } => event,
        _ => kind.word().as_bytes(),
    }
}

pub(super) fn id<'a>(kind: &Kind<'a>) -> &'a [u8] {
    match kind {
        Kind::Event { id, .. } => id,
        _ => b"",
    }
}

pub(super) fn payload(out: &mut Vec<u8>, kind: &Kind<'_>) {
    match kind {
        Kind::State(change) => transition(out, change),
        Kind::Event { data, .. } | Kind::Comment { data } | Kind::Line { data } => {
            write_safe(out, data);
        }
        Kind::Retry { ms } => put(out, format_args!("{ms} ms")),
        Kind::Text { data, failed, .. } => {
            write_safe(out, data);
            not_sent(out, *failed);
        }
        Kind::Binary { data, failed, .. } => {
            put(out, format_args!("{} B", data.len()));
            hex(out, data);
            not_sent(out, *failed);
        }
        Kind::Ping { data, .. } => hex(out, data),
        Kind::Pong { data, rtt, .. } => {
            if let Some(rtt) = rtt {
                put(
                    out,
                    format_args!("round trip {:.1} ms", rtt.as_secs_f64() * 1e3),
                );
            }
            hex(out, data);
        }
        Kind::Close { code, reason, .. } => {
            put(out, format_args!("{code} "));
            write_safe(out, reason.as_bytes());
        }
        Kind::Gap(gap) => write_safe(out, gap.to_string().as_bytes()),
        Kind::Note { text, .. } => write_safe(out, text.as_bytes()),
    }
}

/// Appends the known details of a transition: reason, HTTP status, attempt and delay.
fn transition(out: &mut Vec<u8>, change: &StateChange) {
    let start = out.len();
    let next = |out: &mut Vec<u8>| {
        if out.len() > start {
            out.extend_from_slice(b"; ");
        }
    };
    if let Some(reason) = &change.reason {
        write_safe(out, reason.as_bytes());
    }
    if let Some(status) = change.status
        && change.state == ConnectionState::Open
    {
        next(out);
        put(out, format_args!("HTTP {status}"));
    }
    // The first attempt is only worth a word if it is delayed.
    if let Some(attempt) = change.attempt
        && (attempt > 1 || change.delay_ms.is_some())
    {
        next(out);
        put(out, format_args!("attempt {attempt}"));
    }
    if let Some(ms) = change.delay_ms {
        let wait = Duration::from_millis(ms);
        if wait < Duration::from_mins(2) {
            put(out, format_args!(" in {:.1} s", wait.as_secs_f64()));
        } else {
            put(out, format_args!(" in {}", Wait(wait)));
        }
    }
}

fn not_sent(out: &mut Vec<u8>, failed: Option<&str>) {
    if let Some(reason) = failed {
        out.extend_from_slice(b"  (not sent: ");
        write_safe(out, reason.as_bytes());
        out.push(b')');
    }
}

/// Appends the first bytes with two hexadecimal digits each.
fn hex(out: &mut Vec<u8>, data: &[u8]) {
    for byte in &data[..data.len().min(HEX_BYTES)] {
        put(out, format_args!(" {byte:02x}"));
    }
    if data.len() > HEX_BYTES {
        out.extend_from_slice(" …".as_bytes());
    }
}

/// Appends `bytes` in a safe form, and spaces up to `width` characters.
fn padded(out: &mut Vec<u8>, bytes: &[u8], width: usize) {
    let start = out.len();
    write_safe(out, bytes);
    // Counts characters, that is, every byte except for continuation bytes. The width that a terminal gives to each
    // character is unknown.
    let shown = out[start..]
        .iter()
        .filter(|&&byte| byte & 0xc0 != 0x80)
        .count();
    out.resize(out.len() + width.saturating_sub(shown), b' ');
}

fn put(out: &mut Vec<u8>, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what)
        .expect("a vector takes what it is given");
}

#[cfg(test)]
mod tests {
    use feedscope_core::NoteCode;
    use feedscope_core::gap::Gap;
    use feedscope_core::protocol::CloseCode;
    use feedscope_core::time::Stamp;

    use super::*;

    fn line_of(form: &TextForm, kind: Kind<'_>) -> String {
        let stamp = Stamp {
            utc: Timestamp::from_micros(1_795_240_154_524_118),
            ..Stamp::default()
        };
        let mut out = Vec::new();
        form.write_line(
            &mut out,
            &Record {
                stamp,
                connection: 1,
                kind,
            },
        );
        String::from_utf8(out).unwrap()
    }

    fn form(feed: Option<&str>, colored: bool) -> TextForm {
        TextForm {
            feed: feed.map(str::to_owned),
            feed_width: 6,
            zone: TimeZone::UTC,
            colored,
            columns: None,
            interpreter: Interpreter::default(),
        }
    }

    fn check(kind: Kind<'_>, expected: &str) {
        assert_eq!(
            line_of(&form(None, false), kind),
            format!("05:49:14.524{expected}\n")
        );
    }

    fn change(state: ConnectionState) -> StateChange {
        StateChange {
            state,
            attempt: None,
            reconnects: None,
            delay_ms: None,
            status: None,
            reason: None,
        }
    }

    #[test]
    fn each_kind_has_its_line() {
        let direction = Direction::In;
        check(
            Kind::Event {
                event: b"message",
                id: b"41",
                data: b"{}",
            },
            " ↓ message      41       {}",
        );
        check(
            Kind::Event {
                event: b"a-very-long-type",
                id: b"",
                data: b"x",
            },
            " ↓ a-very-long-type          x",
        );
        check(
            Kind::Comment { data: b"tick" },
            " ↓ comment               tick",
        );
        check(Kind::Line { data: b"[1]" }, " ↓ line                  [1]");
        check(Kind::Retry { ms: 3000 }, " ↓ retry                 3000 ms");
        check(
            Kind::Text {
                direction: Direction::Out,
                data: b"hi",
                failed: Some("stopped"),
                wire: None,
            },
            " ↑ text                  hi  (not sent: stopped)",
        );
        check(
            Kind::Binary {
                direction,
                data: &[0, 255],
                failed: None,
                wire: None,
            },
            " ↓ binary                2 B 00 ff",
        );
        check(
            Kind::Close {
                direction,
                code: CloseCode(1001),
                reason: "bye",
            },
            " ↓ close                 1001 bye",
        );
        let gap = Gap {
            missing: Some(3),
            repeated: None,
            from: "4".to_owned(),
            to: "8".to_owned(),
        };
        check(
            Kind::Gap(gap),
            " · gap                   3 missed between id 4 and 8",
        );
        check(
            Kind::Note {
                code: NoteCode::CLOCK_JUMP,
                text: "late",
            },
            " · note                  late",
        );
        let rtt = Some(Duration::from_micros(1_042));
        check(
            Kind::Pong {
                direction,
                data: b"",
                rtt,
            },
            " ↓ pong                  round trip 1.0 ms",
        );
    }

    #[test]
    fn columns_of_fields_have_their_numbers_at_the_right() {
        let columns = TextColumns::parse("time,type,.symbol,.price,.note").unwrap();
        let form = form(None, false).with_columns(Some(columns));
        let line = |data: &str| {
            line_of(
                &form,
                Kind::Line {
                    data: data.as_bytes(),
                },
            )
        };
        let first = line(r#"{"symbol":"ACME","price":101.5,"note":"x"}"#);
        assert_eq!(first, "05:49:14.524  line  ACME  101.5  x\n");
        let lines = [
            (r#"{"symbol":"B","price":"7"}"#, "line  B         7"),
            (
                r#"{"symbol":"\u001b[2J","price":"high"}"#,
                "line  ␛[2J  high",
            ),
            // A record without the fields shows its payload.
            (r#"{"heartbeat":1}"#, "line  {\"heartbeat\":1}"),
            ("no JSON", "line  no JSON"),
        ];
        for (data, expected) in lines {
            assert_eq!(line(data), format!("05:49:14.524  {expected}\n"));
        }
        let closed = line_of(&form, Kind::State(change(ConnectionState::Closed)));
        assert_eq!(closed, "05:49:14.524  closed\n");
    }

    #[test]
    fn parts_of_a_record_may_be_columns() {
        let columns = TextColumns::parse("direction,size,id,payload").unwrap();
        let form = form(Some("feed"), false).with_columns(Some(columns));
        let line = |id: &str, data: &str| {
            let kind = Kind::Event {
                event: b"",
                id: id.as_bytes(),
                data: data.as_bytes(),
            };
            line_of(&form, kind)
        };
        assert_eq!(line("1", "twelve bytes"), "feed   ↓  12  1  twelve bytes\n");
        assert_eq!(line("", "x"), "feed   ↓   1     x\n");
    }

    #[test]
    fn transitions_say_what_there_is_to_say() {
        check(Kind::State(change(ConnectionState::Closed)), " · closed");
        let open = StateChange {
            status: Some(200),
            ..change(ConnectionState::Open)
        };
        check(Kind::State(open), " · open                  HTTP 200");
        let reconnecting = StateChange {
            attempt: Some(2),
            delay_ms: Some(3100),
            reason: Some("lost\u{1b}".to_owned()),
            ..change(ConnectionState::Reconnecting)
        };
        check(
            Kind::State(reconnecting),
            " · reconnecting          lost␛; attempt 2 in 3.1 s",
        );
        let far = StateChange {
            attempt: Some(2),
            delay_ms: Some(259_200_000),
            ..change(ConnectionState::Reconnecting)
        };
        check(
            Kind::State(far),
            " · reconnecting          attempt 2 in 3 days",
        );
    }

    #[test]
    fn escape_sequences_pass_nowhere() {
        let evil = "\u{1b}[2J\u{202e}";
        let bytes = evil.as_bytes();
        for kind in [
            Kind::Event {
                event: bytes,
                id: bytes,
                data: bytes,
            },
            Kind::Comment { data: bytes },
            Kind::Text {
                direction: Direction::In,
                data: bytes,
                failed: Some(evil),
                wire: None,
            },
            Kind::Close {
                direction: Direction::In,
                code: CloseCode(1000),
                reason: evil,
            },
            Kind::Note {
                code: NoteCode(evil),
                text: evil,
            },
            Kind::State(StateChange {
                reason: Some(evil.to_owned()),
                ..change(ConnectionState::Failed)
            }),
        ] {
            let line = line_of(&form(Some(evil), false), kind);
            assert!(
                !line.trim_end().contains(['\u{1b}', '\u{202e}', '\n']),
                "{line:?}"
            );
        }
    }

    #[test]
    fn feeds_are_named_and_colors_end_where_they_began() {
        let line = line_of(&form(Some("chat"), true), Kind::Comment { data: b"x" });
        assert!(line.contains(" chat  "), "{line:?}");
        assert!(
            line.rfind("\u{1b}[0m") > line.rfind("\u{1b}[2m"),
            "{line:?}"
        );
    }
}
