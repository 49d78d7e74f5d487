//! Engine.IO 3 and 4 with Socket.IO 2 to 5: packets, namespaces, acknowledgements and binary attachments.

use feedscope_core::Direction;

use super::frame::{Frame, PairRole};
use super::json::Json;
use super::text::bytes_json;
use super::{Lens, LensState, Message};

/// Lens for Socket.IO.
pub(super) struct SocketIo {
    /// Engine.IO 3 puts a byte before binary data.
    is_version_3: bool,
    /// Packets that wait for their attachments, for each direction.
    incomplete: [Option<Incomplete>; 2],
}

/// Maximum size of the attachments of one packet. Those of a larger packet are not kept.
const MAX_ATTACHMENT_BYTES: usize = 16 << 20;

/// Maximum number of attachments of one packet.
const MAX_ATTACHMENTS: usize = 1_000;

/// Separator of packets in one payload of HTTP (Engine.IO 4).
const SEPARATOR: char = '\u{1e}';

/// Packet that waits for its attachments.
struct Incomplete {
    frame: Frame,
    /// Number of attachments that the packet announced.
    expected: usize,
    attachments: Vec<Vec<u8>>,
    bytes: usize,
}

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>) -> Option<&'static str> {
    if let Some(event) = message.bytes.strip_prefix(b"42") {
        return is_event(event).then_some("a message is an event of Socket.IO");
    }
    let rest = message.bytes.strip_prefix(b"0")?;
    let json = Json::document(rest)?;
    (json.get("sid").is_some() && json.get("pingInterval").is_some())
        .then_some("a message opens a session of Engine.IO")
}

/// Returns true if a packet is an event: a namespace and an ID if there are any, and a list that begins with a name.
fn is_event(packet: &[u8]) -> bool {
    let begin = packet.iter().position(|&byte| byte == b'[');
    let Some((head, list)) = begin.map(|at| packet.split_at(at)) else {
        return false;
    };
    let digits = head.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let namespace = &head[..head.len() - digits.count()];
    let is_head =
        namespace.is_empty() || (namespace.starts_with(b"/") && namespace.ends_with(b","));
    let first = Json::document(list).and_then(|list| list.items().next());
    is_head && first.is_some_and(|name| name.raw().starts_with('"'))
}

impl SocketIo {
    pub(super) fn new(url: &str) -> Self {
        Self {
            is_version_3: url.contains("EIO=3"),
            incomplete: [None, None],
        }
    }

    /// Adds an attachment to the packet that waits for it.
    fn attach(&mut self, direction: Direction, bytes: &[u8]) -> Option<Frame> {
        let bytes = match bytes {
            [4, rest @ ..] if self.is_version_3 => rest,
            _ => bytes,
        };
        let place = &mut self.incomplete[usize::from(direction == Direction::Out)];
        let Some(waiting) = place.as_mut() else {
            // The records begin in the middle of a connection, or the packet before was damaged.
            let title = "attachment of an event that is not among the records".to_owned();
            return Some(Frame {
                data: Some(bytes_json(bytes)),
                ..Frame::named("attachment", title)
            });
        };
        waiting.bytes += bytes.len();
        let kept = if waiting.bytes <= MAX_ATTACHMENT_BYTES {
            bytes.to_vec()
        } else {
            Vec::new()
        };
        waiting.attachments.push(kept);
        let number = waiting.attachments.len();
        if number < waiting.expected {
            return Some(Frame::named(
                "attachment",
                format!("attachment {number} of {}", waiting.expected),
            ));
        }
        place.take().map(Incomplete::complete)
    }
}

impl Incomplete {
    /// Returns the whole packet, with the attachments in their places.
    fn complete(self) -> Frame {
        let mut frame = self.frame;
        if self.bytes > MAX_ATTACHMENT_BYTES {
            let limit = MAX_ATTACHMENT_BYTES >> 20;
            frame.error = Some(format!(
                "the attachments exceed {limit} MiB and are left out"
            ));
            return frame;
        }
        let data = frame
            .data
            .as_deref()
            .and_then(|data| Json::parse(data.as_bytes()));
        if let Some(data) = data {
            let mut out = String::new();
            replace_placeholders(data, &self.attachments, &mut out, 0);
            frame.data = Some(out);
        }
        frame
    }
}

/// Appends a value with attachments in the places of `{"_placeholder":true,"num":N}`.
fn replace_placeholders(value: Json<'_>, attachments: &[Vec<u8>], out: &mut String, depth: usize) {
    /// The reader of JSON has a lower limit.
    const MAX_DEPTH: usize = 128;
    if depth >= MAX_DEPTH {
        return out.push_str(value.raw());
    }
    if value.is_object() {
        let is_place = value
            .get("_placeholder")
            .is_some_and(|mark| mark.raw() == "true");
        let number = value.get("num").and_then(Json::as_u64);
        let attachment = number.and_then(|number| attachments.get(usize::try_from(number).ok()?));
        // An object of the same form without an attachment of that number is data of the sender.
        if let Some(attachment) = attachment.filter(|_| is_place) {
            return out.push_str(&bytes_json(attachment));
        }
        out.push('{');
        for (place, (name, member)) in value.members().enumerate() {
            if place > 0 {
                out.push(',');
            }
            out.push_str(name.raw());
            out.push(':');
            replace_placeholders(member, attachments, out, depth + 1);
        }
        out.push('}');
    } else if value.is_array() {
        out.push('[');
        for (place, item) in value.items().enumerate() {
            if place > 0 {
                out.push(',');
            }
            replace_placeholders(item, attachments, out, depth + 1);
        }
        out.push(']');
    } else {
        out.push_str(value.raw());
    }
}

impl Lens for SocketIo {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        let direction = message.direction;
        if message.is_binary {
            out.extend(self.attach(direction, message.bytes));
            return;
        }
        let Ok(text) = std::str::from_utf8(message.bytes) else {
            return;
        };
        for packet in text.split(SEPARATOR) {
            // In HTTP, binary data is base64 after a `b`.
            let attachment = packet.strip_prefix('b').and_then(|text| {
                use base64::Engine as _;
                let text = text
                    .strip_prefix('4')
                    .filter(|_| self.is_version_3)
                    .unwrap_or(text);
                base64::engine::general_purpose::STANDARD.decode(text).ok()
            });
            match attachment {
                Some(bytes) => out.extend(self.attach(direction, &bytes)),
                None => out.extend(self.packet(direction, packet)),
            }
        }
    }

    fn reset(&mut self) {
        self.incomplete = [None, None];
    }

    fn state(&self) -> LensState {
        // Attachments may be large, so that only a lens that waits for none is kept.
        if self.incomplete.iter().any(Option::is_some) {
            return LensState::Unkept;
        }
        LensState::Kept(Box::new(Self {
            is_version_3: self.is_version_3,
            incomplete: [None, None],
        }))
    }
}

impl SocketIo {
    /// Reads a packet of Engine.IO.
    fn packet(&mut self, direction: Direction, packet: &str) -> Option<Frame> {
        let (kind, rest) = (packet.get(..1)?, packet.get(1..)?);
        match kind {
            "0" => {
                let handshake = Json::document(rest.as_bytes())?;
                Some(Frame::named("open", "open").with_data(Some(handshake.raw())))
            }
            "1" if rest.is_empty() => Some(Frame::named("close", "close of Engine.IO")),
            "2" | "3" if rest.is_empty() || rest == "probe" => {
                Some(Frame::keep_alive(if kind == "2" { "ping" } else { "pong" }))
            }
            "4" => self.message(direction, rest),
            "5" if rest.is_empty() => Some(Frame::named("upgrade", "upgrade")),
            "6" if rest.is_empty() => Some(Frame::keep_alive("noop")),
            _ => None,
        }
    }

    /// Reads a packet of Socket.IO: `TYPE[COUNT-][NAMESPACE,][ID][JSON]`.
    fn message(&mut self, direction: Direction, packet: &str) -> Option<Frame> {
        let (kind, mut rest) = (packet.get(..1)?, packet.get(1..)?);
        let mut expected = 0;
        if matches!(kind, "5" | "6") {
            let (count, after) = rest.split_once('-')?;
            expected = count
                .parse()
                .ok()
                .filter(|&count: &usize| count <= MAX_ATTACHMENTS)?;
            rest = after;
        }
        let mut namespace = None;
        if rest.starts_with('/') {
            let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
            // A namespace may have a query, which only the server needs.
            namespace = Some(name.split('?').next().unwrap_or(name));
            rest = after;
        }
        // The ID of an acknowledgement stands directly before the JSON.
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let id = Some(&rest[..digits]).filter(|id| !id.is_empty());
        let body = &rest[digits..];
        let json = Json::parse(body.as_bytes());
        if json.is_none() && !body.is_empty() {
            return None;
        }
        let of = namespace.unwrap_or("/");
        let place = namespace
            .map(|name| format!(" [namespace {name}]"))
            .unwrap_or_default();
        let connect_key = || format!("connect:{of}");
        let ack_key = |id: &str| format!("ack:{of}:{id}");
        let frame = match kind {
            "0" if direction == Direction::Out => {
                Frame::named("connect", format!("connect{place}"))
                    .with_role(PairRole::Asks(connect_key()))
            }
            "0" => Frame::named("connect", format!("connected{place}"))
                .with_role(PairRole::answers(connect_key())),
            "1" => Frame::named("disconnect", format!("disconnect{place}")),
            "2" | "5" => {
                let (event, arguments) = json?.first_item()?;
                let event = event.as_text().unwrap_or(event.raw().into());
                let data = ["[", arguments, "]"].concat();
                let role = id.map_or(PairRole::Alone, |id| PairRole::Asks(ack_key(id)));
                Frame::named(&event, ["emit ", &*event, &*place].concat())
                    .with_role(role)
                    .with_data(Some(data))
            }
            "3" | "6" => {
                // An answer is a list of arguments.
                json.filter(|json| json.is_array())?;
                Frame::new(format!("answer{place}")).with_role(PairRole::answers(ack_key(id?)))
            }
            "4" => {
                let text = json.and_then(|json| json.text("message").or_else(|| json.as_text()));
                let text = text.map_or_else(|| body.to_owned(), std::borrow::Cow::into_owned);
                Frame::named("connect_error", format!("connect refused{place}"))
                    .with_role(PairRole::answers(connect_key()))
                    .with_error(Some(text))
            }
            _ => return None,
        };
        let mut frame = frame.with_channel(Some(of)).with_id(id);
        if frame.data.is_none() {
            frame.data = json.map(|json| json.raw().to_owned());
        }
        if expected == 0 {
            return Some(frame);
        }
        let (plural, verb) = if expected == 1 {
            ("", "follows")
        } else {
            ("s", "follow")
        };
        let words = format!("{}, {expected} attachment{plural} {verb}", frame.words);
        let name = frame.name.clone();
        let slot = &mut self.incomplete[usize::from(direction == Direction::Out)];
        // Attachments follow their packet at once, so that a second packet shows a loss.
        let is_interrupted = slot.is_some();
        *slot = Some(Incomplete {
            frame,
            expected,
            attachments: Vec::new(),
            bytes: 0,
        });
        let first = Frame {
            name,
            ..Frame::new(words)
        };
        let interrupted = "the packet before lacks attachments";
        Some(
            first
                .with_channel(Some(of))
                .with_error(is_interrupted.then_some(interrupted)),
        )
    }
}
