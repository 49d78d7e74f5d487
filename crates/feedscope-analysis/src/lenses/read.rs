//! Meaning of one record within a message, for rows and lines of JSON.

use std::borrow::Cow;
use std::time::Duration;

use feedscope_core::Direction;

use super::LensName;
use super::frame::{Frame, PairRole, PartText};
use super::pairs::Request;
use super::text::shortened;
use crate::decoders::DecodeFailure;
use crate::listing::ItemId;

/// Meaning of one record within a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// Lens that read it; `None` if only decoders are on.
    pub lens: Option<LensName>,
    /// Text of the row.
    pub title: String,
    /// Event, method, target, command or message type.
    pub name: Option<Cow<'static, str>>,
    /// Namespace, session, destination or topic.
    pub channel: Option<String>,
    /// ID as JSON text.
    pub id: Option<String>,
    /// ID of the request that the record answers, as JSON text.
    pub answers: Option<String>,
    /// Request that the record answers, if it was seen.
    pub request: Option<ItemId>,
    /// Request of the same side that the record gives up, if it was seen.
    pub cancelled: Option<ItemId>,
    /// Time since that request.
    pub wait: Option<Duration>,
    /// Text of an error.
    pub error: Option<String>,
    /// Content as JSON text.
    pub data: Option<String>,
    /// The record only keeps the connection open.
    pub is_keep_alive: bool,
    /// The record is a request.
    pub is_request: bool,
    /// Failure of a decoder.
    pub failure: Option<DecodeFailure>,
    /// Text that the record adds to a document, if it does nothing else.
    pub part: Option<PartText>,
}

impl Read {
    /// Creates the meaning of a payload that was decoded, without a lens. `json` is its text, if it is JSON.
    pub(super) fn of_decoded(lens: Option<LensName>, json: Option<String>) -> Self {
        Self {
            lens,
            title: String::new(),
            name: None,
            channel: None,
            id: None,
            answers: None,
            request: None,
            cancelled: None,
            wait: None,
            error: None,
            data: json,
            is_keep_alive: false,
            is_request: false,
            failure: None,
            part: None,
        }
    }

    /// Creates the meaning of a payload that could not be decoded.
    pub(super) fn of_failure(lens: Option<LensName>, failure: &DecodeFailure) -> Self {
        let text = failure.to_string();
        Self {
            title: text.clone(),
            error: Some(text),
            failure: Some(failure.clone()),
            ..Self::of_decoded(lens, None)
        }
    }

    /// Creates the meaning of a record from its frame and the request that it answers.
    pub(super) fn of_frame(
        lens: LensName,
        direction: Direction,
        mut frame: Frame,
        answered: Option<(Request, Duration)>,
    ) -> Self {
        // An answer is useful even if its request was sent before the recording began.
        let (request, wait) = answered.unzip();
        let is_answer = matches!(frame.role, PairRole::Answers { .. });
        let title = title(direction, &mut frame, request.as_ref(), wait);
        let (id, answers) = if is_answer {
            (None, frame.id)
        } else {
            (frame.id, None)
        };
        Self {
            lens: Some(lens),
            title,
            name: frame.name,
            channel: frame.channel,
            id,
            answers,
            request: request.map(|request| request.item),
            cancelled: None,
            wait,
            error: frame.error,
            data: frame.data,
            is_keep_alive: frame.role == PairRole::KeepAlive,
            is_request: matches!(frame.role, PairRole::Asks(_)),
            failure: None,
            part: frame.part,
        }
    }

    /// Appends the object `read` of a line of JSON.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let mut object = Object {
            out,
            is_empty: true,
        };
        object.out.push(b'{');
        if let Some(lens) = self.lens {
            object.text("lens", lens.word());
        }
        if !self.title.is_empty() {
            object.text("title", &self.title);
        }
        let texts = [
            ("name", self.name.as_deref()),
            ("channel", self.channel.as_deref()),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                object.text(name, value);
            }
        }
        for (name, value) in [("id", &self.id), ("answers", &self.answers)] {
            if let Some(value) = value {
                object.raw(name, value);
            }
        }
        if let Some(wait) = self.wait {
            let micros = wait.as_micros();
            object.raw("ms", &format!("{}.{:03}", micros / 1000, micros % 1000));
        }
        if let Some(error) = &self.error {
            object.text("error", error);
        }
        if let Some(failure) = &self.failure {
            object.raw("step", &failure.step.to_string());
            object.raw("byte", &failure.byte.to_string());
        }
        if let Some(data) = &self.data {
            object.raw("data", data);
        }
        object.out.push(b'}');
    }
}

struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl Object<'_> {
    fn key(&mut self, name: &str) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out
            .extend_from_slice(format!("\"{name}\":").as_bytes());
    }

    fn text(&mut self, name: &str, value: &str) {
        self.key(name);
        // Texts always serialize, and a vector takes all bytes.
        serde_json::to_writer(&mut *self.out, value).ok();
    }

    /// Appends a value that is JSON text. Line ends in it are only white space.
    fn raw(&mut self, name: &str, value: &str) {
        self.key(name);
        let bytes = value.bytes();
        self.out
            .extend(bytes.map(|byte| if byte < b' ' { b' ' } else { byte }));
    }
}

/// Composes the text of a row, and takes the words of the frame for it.
fn title(
    direction: Direction,
    frame: &mut Frame,
    request: Option<&Request>,
    wait: Option<Duration>,
) -> String {
    let words = std::mem::take(&mut frame.words);
    let id = frame.id.as_deref().map(|id| id.trim_matches('"'));
    let is_alone = matches!(frame.role, PairRole::Alone | PairRole::KeepAlive);
    if is_alone && id.is_none() && frame.error.is_none() {
        // The usual row of a stream consists of its words.
        return words;
    }
    let mut title = String::with_capacity(words.len() + 64);
    if !is_alone {
        title.push_str(match direction {
            Direction::In => "← ",
            Direction::Out => "→ ",
        });
    }
    let is_answer = matches!(frame.role, PairRole::Answers { .. });
    title.push_str(if is_answer && words.is_empty() {
        "answer"
    } else {
        &words
    });
    if let Some(id) = id {
        title.push_str(if is_answer { " to #" } else { " #" });
        title.push_str(shortened(id, 40));
    }
    if let Some(name) = request.and_then(|request| request.name.as_deref()) {
        title.push_str(" (");
        title.push_str(shortened(name, 40));
        title.push(')');
    }
    if let Some(wait) = wait {
        title.push_str(" after ");
        title.push_str(&duration(wait));
    }
    if let Some(error) = &frame.error {
        title.push_str(": ");
        title.push_str(shortened(error, 200));
    }
    title
}

/// Returns a duration in the unit that suits its size.
fn duration(wait: Duration) -> String {
    let millis = wait.as_secs_f64() * 1e3;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else if millis < 10_000.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.1} s", wait.as_secs_f64())
    }
}
