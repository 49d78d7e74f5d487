//! Messages that a feed is sent without a person: at an interval, or as an answer to what arrives. Plain values; the
//! command that opens the feed sends them.

use std::time::Duration;

use feedscope_analysis::lenses::LensName;
use feedscope_core::Timestamp;
use feedscope_core::feed::Outgoing;
use feedscope_files::connections::{SavedMessage, escaped};

use crate::typed_filter::TypedFilter;

/// Answers in a second, unless the message has a limit of its own.
const DEFAULT_LIMIT: u32 = 10;

/// Shortest interval between two messages.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(10);

/// A message with the occasion at which it is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Automatic {
    /// Name of the message, for people.
    pub name: Option<String>,
    /// The occasion.
    pub trigger: Trigger,
    /// The message.
    pub content: AutomaticContent,
    /// Keys that send it in the window.
    pub key: Option<String>,
    /// The message in the file of saved connections, if it is there.
    pub saved: Option<SavedMessage>,
}

/// The occasion at which a message is sent, while the feed is open.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// At this interval. The first message is sent one interval after the feed opened.
    Every(Duration),
    /// At the interval that the server announces in this protocol, and at `usual` until then.
    Announced {
        /// Protocol of the announcement.
        lens: LensName,
        /// Interval until then.
        usual: Duration,
    },
    /// As soon as the feed is open.
    OnConnect,
    /// When the user sends it.
    ByHand,
    /// When arriving data matches.
    Answer {
        /// The filter over arriving data.
        filter: TypedFilter,
        /// Only the first match of a connection is answered.
        once: bool,
        /// Most answers in a second.
        limit: u32,
    },
}

/// The content of an automatic message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AutomaticContent {
    /// A text that is made anew for each message.
    Template(Template),
    /// Always the same bytes.
    Binary(Vec<u8>),
}

/// A text with variables that are replaced at each sending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template(pub Vec<TemplatePart>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// The number of the message in this connection, from 1.
    Counter,
    /// The time in the form of RFC 3339.
    Now,
    /// Milliseconds since 1970.
    NowMillis,
    /// A random UUID.
    Uuid,
}

/// The values of the variables of one message.
#[derive(Clone, Copy, Debug, Default)]
pub struct TemplateValues {
    /// The number of the message in this connection, from 1.
    pub counter: u64,
    /// The time of sending.
    pub now: Timestamp,
    /// Random bits.
    pub random: u128,
}

impl Trigger {
    /// Returns the interval at the beginning of a connection; `None` for other occasions.
    pub fn interval(&self) -> Option<Duration> {
        match self {
            Self::Every(interval)
            | Self::Announced {
                usual: interval, ..
            } => Some(*interval),
            Self::OnConnect | Self::ByHand | Self::Answer { .. } => None,
        }
    }

    /// Returns true if received data may send the message or change its interval.
    pub fn listens(&self) -> bool {
        matches!(self, Self::Answer { .. } | Self::Announced { .. })
    }

    /// Reads the interval of a message, such as `20s`.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong.
    pub fn every(text: &str) -> Result<Self, String> {
        let interval = parse_duration(text)
            .ok_or_else(|| format!("`{text}` is no length of time such as 20s, 500ms or 1m"))?;
        if interval < SHORTEST_INTERVAL {
            return Err("a message is sent every 10ms at most".to_owned());
        }
        Ok(Self::Every(interval))
    }

    /// Reads the filter of an answer.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong.
    pub fn answer(filter: &str, once: bool, limit: Option<u32>) -> Result<Self, String> {
        Ok(Self::Answer {
            filter: TypedFilter::parse(filter)?,
            once,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
        })
    }
}

impl AutomaticContent {
    /// Returns the beginning of the text, or the number of bytes, for a message without a name.
    pub fn beginning(&self) -> String {
        /// Number of characters.
        const LENGTH: usize = 24;
        match self {
            Self::Binary(bytes) => format!("{} B", bytes.len()),
            Self::Template(Template(parts)) => {
                // The first fixed text describes the message best, because the values of its variables change.
                let text = parts.iter().find_map(|part| match part {
                    TemplatePart::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                text.unwrap_or("message").chars().take(LENGTH).collect()
            }
        }
    }

    /// The message with these values.
    pub fn message(&self, values: &TemplateValues) -> Outgoing {
        match self {
            Self::Template(template) => Outgoing::Text(template.fill(values)),
            Self::Binary(bytes) => Outgoing::Binary(bytes.clone()),
        }
    }
}

impl From<Template> for AutomaticContent {
    fn from(template: Template) -> Self {
        Self::Template(template)
    }
}

impl From<Vec<u8>> for AutomaticContent {
    /// Bytes of a binary message.
    fn from(bytes: Vec<u8>) -> Self {
        Self::Binary(bytes)
    }
}

impl Template {
    /// Returns the text with its variables, as it is written in a file.
    pub fn to_text(&self) -> String {
        let text = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => escaped(text),
            TemplatePart::Counter => "${counter}".to_owned(),
            TemplatePart::Now => "${now}".to_owned(),
            TemplatePart::NowMillis => "${now_ms}".to_owned(),
            TemplatePart::Uuid => "${uuid}".to_owned(),
        };
        self.0.iter().map(text).collect()
    }

    /// The text with these values.
    pub fn fill(&self, values: &TemplateValues) -> String {
        let text = |part: &TemplatePart| match part {
            TemplatePart::Text(text) => text.clone(),
            TemplatePart::Counter => values.counter.to_string(),
            TemplatePart::Now => values.now.to_string(),
            TemplatePart::NowMillis => values.now.as_micros().div_euclid(1_000).to_string(),
            TemplatePart::Uuid => uuid(values.random),
        };
        self.0.iter().map(text).collect()
    }
}

/// A UUID of version 4 (RFC 9562, section 5.4).
fn uuid(random: u128) -> String {
    const VERSION: u128 = 4 << 76;
    const VARIANT: u128 = 2 << 62;
    // The version and the variant replace six random bits.
    let bits = random & !(0xf << 76) & !(3 << 62) | VERSION | VARIANT;
    let digits = format!("{bits:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| &digits[range]);
    parts.join("-")
}

/// Reads a length of time with one of the units `ms s m h d`; seconds without a unit.
pub fn parse_duration(text: &str) -> Option<Duration> {
    // A number without a unit counts seconds, as everywhere on the command line.
    let digits = text.find(|char: char| !char.is_ascii_digit() && char != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let seconds = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_for_each_message() {
        let template = Template(vec![
            TemplatePart::Text("{\"n\":".to_owned()),
            TemplatePart::Counter,
            TemplatePart::Text(",\"at\":\"".to_owned()),
            TemplatePart::Now,
            TemplatePart::Text("\",\"ms\":".to_owned()),
            TemplatePart::NowMillis,
            TemplatePart::Text("} ".to_owned()),
            TemplatePart::Uuid,
        ]);
        let values = TemplateValues {
            counter: 7,
            now: Timestamp::from_micros(1_795_240_154_524_118),
            random: u128::MAX,
        };
        let expected = "{\"n\":7,\"at\":\"2026-11-21T05:49:14.524118Z\",\"ms\":1795240154524} \
            ffffffff-ffff-4fff-bfff-ffffffffffff";
        assert_eq!(
            AutomaticContent::from(template).message(&values),
            Outgoing::Text(expected.to_owned())
        );
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn lengths_of_time_have_a_unit() {
        for (text, ms) in [
            ("20s", 20_000),
            ("500ms", 500),
            ("1.5m", 90_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
            ("3", 3_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Some(Duration::from_millis(ms)),
                "{text}"
            );
        }
        for text in ["", "s", "1x", "-1s", "1 2s", "1e400s"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn triggers_are_checked() {
        assert_eq!(
            Trigger::every("20s"),
            Ok(Trigger::Every(Duration::from_secs(20)))
        );
        assert!(Trigger::every("1ms").unwrap_err().contains("10ms"));
        assert!(Trigger::every("often").unwrap_err().contains("`often`"));
        let problem = Trigger::answer("size:big", false, None).unwrap_err();
        assert!(problem.contains("the filter `size:big`"), "{problem}");
        let Ok(Trigger::Answer { limit, .. }) = Trigger::answer("ping", true, None) else {
            panic!("an answer was refused");
        };
        assert_eq!(limit, DEFAULT_LIMIT);
    }
}
