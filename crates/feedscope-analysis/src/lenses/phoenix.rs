//! Channels of Phoenix, as Supabase Realtime uses them: `[join_ref, ref, topic, event, payload]` of version 2, and objects
//! of version 1.

use super::frame::{Frame, PairRole};
use super::json::Json;
use super::{Lens, Message};

/// Lens for Phoenix.
pub(super) struct Phoenix;

/// Topic of the connection itself.
const PHOENIX: &str = "phoenix";

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(_message: &Message<'_>, json: Json<'_>) -> Option<&'static str> {
    let parts = PhoenixMessage::of(json)?;
    let event = parts.event.as_text()?;
    let is_known = matches!(
        &*event,
        "phx_join" | "phx_reply" | "phx_leave" | "phx_error" | "phx_close"
    );
    let is_heartbeat = event == "heartbeat" && parts.topic.is(PHOENIX);
    (is_known || is_heartbeat).then_some("a message has an event of Phoenix, such as `phx_join`")
}

struct PhoenixMessage<'a> {
    reference: Option<Json<'a>>,
    topic: Json<'a>,
    event: Json<'a>,
    payload: Option<Json<'a>>,
}

impl<'a> PhoenixMessage<'a> {
    fn of(json: Json<'a>) -> Option<Self> {
        if json.is_object() {
            let json = json.object();
            return Some(Self {
                reference: json.get("ref"),
                topic: json.get("topic")?,
                event: json.get("event")?,
                payload: json.get("payload"),
            });
        }
        // A sixth item shows that the array is longer than that of Phoenix.
        let items: Vec<_> = json.items().take(6).collect();
        let [_join, reference, topic, event, payload] = items[..] else {
            return None;
        };
        Some(Self {
            reference: Some(reference).filter(|reference| !reference.is_null()),
            topic,
            event,
            payload: Some(payload),
        })
    }
}

impl Lens for Phoenix {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        let json = Json::document(message.bytes);
        out.extend(json.and_then(|json| frame(message, json)));
    }
}

fn frame(message: &Message<'_>, json: Json<'_>) -> Option<Frame> {
    let parts = PhoenixMessage::of(json)?;
    let (topic, event) = (parts.topic.as_text()?, parts.event.as_text()?);
    let reference = parts.reference.map(Json::raw);
    if topic == PHOENIX && matches!(&*event, "heartbeat" | "phx_reply") {
        return Some(Frame::keep_alive("heartbeat").with_channel(Some(topic)));
    }
    let status = parts.payload.and_then(|payload| payload.text("status"));
    let response = parts.payload.and_then(|payload| payload.get("response"));
    let is_out = message.direction == feedscope_core::Direction::Out;
    let frame = match (&*event, reference) {
        ("phx_reply", Some(reference)) => {
            let error = (status.as_deref() != Some("ok")).then(|| reason(response));
            Frame::named(&event, format!("answer [{topic}]"))
                .with_role(PairRole::answers(reference))
                .with_error(error)
        }
        ("phx_error", _) => {
            Frame::named(&event, format!("{event} {topic}")).with_error(Some(reason(parts.payload)))
        }
        // Only the client asks. A reference in a message of the server names the join of its channel.
        (_, Some(reference)) if is_out => Frame::named(&event, format!("{event} {topic}"))
            .with_role(PairRole::Asks(reference.to_owned())),
        _ => Frame::named(&event, format!("{event} {topic}")),
    };
    Some(
        frame
            .with_id(reference)
            .with_channel(Some(topic))
            .with_data(parts.payload.map(Json::raw)),
    )
}

/// Returns the reason in the response of a refused request.
fn reason(response: Option<Json<'_>>) -> String {
    let Some(response) = response else {
        return "the server gave no reason".to_owned();
    };
    let text = response.text("reason").or_else(|| response.as_text());
    text.map_or_else(|| response.raw().to_owned(), std::borrow::Cow::into_owned)
}
