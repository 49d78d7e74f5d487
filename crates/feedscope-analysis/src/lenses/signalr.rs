//! `SignalR`: messages of ASP.NET Core in JSON and `MessagePack`, and the older messages of ASP.NET.

use super::frame::{Frame, PairRole};
use super::json::Json;
use super::{Lens, Message};
use crate::decoders::Decoder;

/// Lens for `SignalR`.
pub(super) struct Signalr;

/// Separator of JSON messages.
const SEPARATOR: u8 = 0x1e;

/// Key of the first exchange.
const HANDSHAKE: &str = "handshake";

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>) -> Option<&'static str> {
    if let Some(rest) = message.bytes.strip_suffix(&[SEPARATOR]) {
        let first = rest.split(|byte| *byte == SEPARATOR).next()?;
        let json = Json::document(first)?;
        let is_handshake = json.get("protocol").is_some() && json.get("version").is_some();
        let kind = json.get("type").and_then(Json::as_u64);
        return (is_handshake || kind.is_some_and(|kind| (1..=9).contains(&kind)))
            .then_some("a message of SignalR ends with U+001E");
    }
    let json = Json::document(message.bytes)?;
    let is_hub_call =
        json.text("H").is_some() && json.text("M").is_some() && json.get("A").is_some();
    let is_push = json.get("C").is_some() && json.get("M").is_some_and(Json::is_array);
    (is_hub_call || is_push).then_some("a message has the fields of ASP.NET SignalR")
}

impl Lens for Signalr {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        if message.is_binary && !is_json(message.bytes) {
            return packed(message.bytes, out);
        }
        if !message.bytes.ends_with(&[SEPARATOR]) {
            if let Some(json) = Json::document(message.bytes) {
                old_messages(message, json, out);
            }
            return;
        }
        // Each message ends with the separator, so that the last part is empty.
        let parts = message.bytes.split(|byte| *byte == SEPARATOR);
        for part in parts.filter(|part| !part.is_empty()) {
            let json = Json::document(part);
            out.extend(json.and_then(|json| SignalrMessage::of_json(json).frame()));
        }
    }
}

/// Returns true if binary data is a message in JSON, as some servers send it. Behind the length of a packed message, there
/// is an array, which has another first byte.
fn is_json(bytes: &[u8]) -> bool {
    matches!(bytes, [b'{', b'"' | b'}' | b' ', .., SEPARATOR])
}

/// Fields of a message in either form.
#[derive(Default)]
struct SignalrMessage<'a> {
    kind: Option<u64>,
    id: Option<Json<'a>>,
    target: Option<Json<'a>>,
    data: Option<Json<'a>>,
    error: Option<Json<'a>>,
    /// A handshake, which has no type.
    handshake: Option<Json<'a>>,
}

impl<'a> SignalrMessage<'a> {
    fn of_json(json: Json<'a>) -> Self {
        let object = json.object();
        let kind = object.get("type").and_then(Json::as_u64);
        Self {
            kind,
            id: object.get("invocationId"),
            target: object.get("target"),
            data: ["arguments", "item", "result", "sequenceId"]
                .iter()
                .find_map(|name| object.get(name)),
            error: object.get("error"),
            handshake: kind.is_none().then_some(json),
        }
    }

    /// Reads the positions of a message in `MessagePack`.
    fn of_array(json: Json<'a>) -> Self {
        let items: Vec<_> = json.items().take(8).collect();
        let at = |place: usize| items.get(place).copied().filter(|value| !value.is_null());
        let kind = at(0).and_then(Json::as_u64);
        let mut parts = Self {
            kind,
            ..Self::default()
        };
        match kind {
            Some(1 | 4) => (parts.id, parts.target, parts.data) = (at(2), at(3), at(4)),
            Some(2) => (parts.id, parts.data) = (at(2), at(3)),
            Some(3) => {
                parts.id = at(2);
                // The kind of the result: 1 is an error, 2 nothing, 3 a value.
                match at(3).and_then(Json::as_u64) {
                    Some(1) => parts.error = at(4),
                    Some(3) => parts.data = at(4),
                    _ => {}
                }
            }
            Some(5) => parts.id = at(2),
            Some(7) => parts.error = at(1),
            Some(8 | 9) => parts.data = at(1),
            _ => {}
        }
        parts
    }

    fn frame(&self) -> Option<Frame> {
        let id = self.id.map(Json::raw);
        // The handshake has no id, so that calls get names which differ from its own.
        let key = |id: &str| format!("call:{id}");
        let target = self.target.and_then(Json::as_text);
        let target = target.as_deref().unwrap_or("");
        let answers = |has_more| match id {
            Some(id) => PairRole::Answers {
                key: key(id),
                has_more,
            },
            None => PairRole::Alone,
        };
        let error = self.error.map(|error| {
            let text = error.as_text();
            text.map_or_else(|| error.raw().to_owned(), std::borrow::Cow::into_owned)
        });
        if let Some(handshake) = self.handshake {
            let is_request = handshake.get("protocol").is_some();
            let frame = if is_request {
                Frame::named(HANDSHAKE, HANDSHAKE).with_role(PairRole::Asks(HANDSHAKE.to_owned()))
            // The answer to a handshake is an empty object, or one with an error.
            } else if error.is_some() || handshake.members().next().is_none() {
                let role = PairRole::answers(HANDSHAKE);
                Frame::named(HANDSHAKE, HANDSHAKE)
                    .with_role(role)
                    .with_error(error)
            } else {
                return None;
            };
            return Some(frame.with_data(Some(handshake.raw())));
        }
        let call = |words: &str| {
            let role = id.map_or(PairRole::Alone, |id| PairRole::Asks(key(id)));
            Frame::named(target, format!("{words} {target}")).with_role(role)
        };
        // The numbers are those of the hub protocol's message types.
        let frame = match self.kind? {
            1 => call("call"),
            2 => Frame::named("item", "item").with_role(answers(true)),
            3 => Frame::new("answer")
                .with_role(answers(false))
                .with_error(error),
            4 => call("stream"),
            5 => {
                let role = id.map_or(PairRole::Alone, |id| PairRole::Cancels(key(id)));
                Frame::named("cancel", "cancel").with_role(role)
            }
            6 => Frame::keep_alive("ping"),
            7 => Frame::named("close", "close").with_error(error),
            8 => Frame::named("ack", "ack"),
            9 => Frame::named("sequence", "sequence"),
            _ => return None,
        };
        Some(frame.with_id(id).with_data(self.data.map(Json::raw)))
    }
}

/// Reads messages of `MessagePack`, each after its length.
fn packed(bytes: &[u8], out: &mut Vec<Frame>) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let Some((length, after)) = length(rest) else {
            return;
        };
        let Some((message, after)) = after.split_at_checked(length) else {
            return;
        };
        rest = after;
        // The rest of a damaged message has no reliable boundaries.
        let Ok(json) = Decoder::MessagePack.decode(message) else {
            return;
        };
        let json = Json::document(&json).filter(|json| json.is_array());
        out.extend(json.and_then(|json| SignalrMessage::of_array(json).frame()));
    }
}

/// Reads a length of up to five bytes with seven bits each.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

/// Reads a message of ASP.NET `SignalR`, which may contain several calls of the client's methods.
fn old_messages(message: &Message<'_>, json: Json<'_>, out: &mut Vec<Frame>) {
    if json.is_object() && json.members().next().is_none() {
        return out.push(Frame::keep_alive("keep alive"));
    }
    let id = json.get("I").map(Json::raw);
    // The client writes the ID as a number, and the server as a text.
    let key = id.map(|id| format!("old:{}", id.trim_matches('"')));
    if let Some(calls) = json.get("M").filter(|calls| calls.is_array()) {
        // Some pushes carry only the position in the stream.
        let before = out.len();
        for call in calls.items() {
            out.extend(old_call(call, None, None));
        }
        if out.len() == before {
            out.push(Frame::named("init", "init").with_data(Some(json.raw())));
        }
    } else if json.get("H").is_some() {
        out.extend(old_call(json, id, key));
    } else if let Some(key) = key.filter(|_| message.direction == feedscope_core::Direction::In) {
        let error = json.text("E");
        let frame = Frame::new("answer")
            .with_role(PairRole::answers(key))
            .with_id(id)
            .with_error(error)
            .with_data(json.get("R").map(Json::raw));
        out.push(frame);
    }
}

fn old_call(call: Json<'_>, id: Option<&str>, key: Option<String>) -> Option<Frame> {
    let (hub, method) = (call.text("H")?, call.text("M")?);
    Some(
        Frame::named(&method, format!("call {method} [hub {hub}]"))
            .with_role(key.map_or(PairRole::Alone, PairRole::Asks))
            .with_channel(Some(hub))
            .with_id(id)
            .with_data(call.get("A").map(Json::raw)),
    )
}
