//! GraphQL over WebSocket, in both subprotocols: `graphql-transport-ws`, and the older `graphql-ws`. Also the events of
//! GraphQL over SSE.

use super::frame::{Frame, PairRole};
use super::json::Json;
use super::{Lens, Message};

/// Lens for GraphQL.
pub(super) struct GraphqlWs;

/// Key of the first exchange.
const INIT: &str = "connection_init";

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>, json: Json<'_>) -> Option<&'static str> {
    let kind = json.text("type");
    match (kind.as_deref(), message.event) {
        (Some("connection_init" | "connection_ack" | "connection_error"), _) => {
            Some("a message has the type `connection_init` or `connection_ack`")
        }
        (Some("subscribe" | "start"), _) if json.get("id").is_some() => {
            let query = json.get("payload").and_then(|payload| payload.get("query"));
            query.map(|_| "a message subscribes to a GraphQL query")
        }
        (None, b"next") => (json.get("data").is_some() || json.get("payload").is_some())
            .then_some("an event has the type `next` of GraphQL"),
        _ => None,
    }
}

impl Lens for GraphqlWs {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        if let Some(json) = Json::document(message.bytes) {
            out.extend(frame(message, json));
        }
    }
}

fn frame(message: &Message<'_>, json: Json<'_>) -> Option<Frame> {
    let of_event = match message.event {
        b"next" | b"complete" => std::str::from_utf8(message.event).ok(),
        _ => None,
    };
    let json = json.object();
    let kind = json.text("type");
    let kind = kind.as_deref().or(of_event)?;
    let id = json.get("id").map(Json::raw);
    // The events of SSE have the result itself as their data, where the connection has one operation.
    let payload = json.get("payload").or(of_event.map(|_| json.value()));
    // A subscription gets any number of results before it is complete.
    let answers = |has_more| match id {
        Some(id) => PairRole::Answers {
            key: id.to_owned(),
            has_more,
        },
        None => PairRole::Alone,
    };
    let frame = match kind {
        "connection_init" => Frame::named(kind, kind).with_role(PairRole::Asks(INIT.to_owned())),
        "connection_ack" => Frame::named(kind, kind).with_role(PairRole::answers(INIT)),
        "connection_error" => Frame::named(kind, kind)
            .with_role(PairRole::answers(INIT))
            .with_error(Some(payload.map_or_else(|| kind.to_owned(), error_text))),
        "ping" | "pong" | "ka" => Frame::keep_alive(kind),
        "connection_terminate" => Frame::named(kind, kind),
        "subscribe" | "start" => {
            let words = match payload.and_then(operation) {
                Some(operation) => format!("{kind} {operation}"),
                None => kind.to_owned(),
            };
            let role = id.map_or(PairRole::Alone, |id| PairRole::Asks(id.to_owned()));
            Frame::named(kind, words).with_role(role)
        }
        "next" | "data" => {
            let errors = payload.and_then(|payload| payload.get("errors"));
            Frame::named(kind, kind)
                .with_role(answers(true))
                .with_error(errors.map(error_text))
        }
        "error" => Frame::named(kind, kind)
            .with_role(answers(false))
            .with_error(Some(payload.map_or_else(|| kind.to_owned(), error_text))),
        "complete" if message.direction == feedscope_core::Direction::Out => {
            let role = id.map_or(PairRole::Alone, |id| PairRole::Cancels(id.to_owned()));
            Frame::named(kind, kind).with_role(role)
        }
        "complete" => Frame::named(kind, kind).with_role(answers(false)),
        "stop" => {
            let role = id.map_or(PairRole::Alone, |id| PairRole::Cancels(id.to_owned()));
            Frame::named(kind, kind).with_role(role)
        }
        _ => return None,
    };
    let is_keep_alive = frame.role == PairRole::KeepAlive;
    let data = payload.filter(|_| !is_keep_alive).map(Json::raw);
    Some(frame.with_id(id).with_data(data))
}

/// Returns the name of an operation, or the field that it subscribes to.
fn operation(payload: Json<'_>) -> Option<String> {
    if let Some(name) = payload.text("operationName") {
        return Some(name.into_owned());
    }
    let query = payload.text("query")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut words = query.split(|c| !is_name(c)).filter(|word| !word.is_empty());
    let first = words.next()?;
    // `subscription OnTick { … }`, or `{ tick }` and `subscription { tick }` without a name.
    let after = query.trim_start().strip_prefix(first).map(str::trim_start);
    let is_keyword = matches!(first, "subscription" | "query" | "mutation");
    let name = match after {
        Some(after) if is_keyword && after.starts_with(is_name) => words.next()?,
        _ if is_keyword => words.next()?,
        _ => first,
    };
    Some(name.to_owned())
}

/// Returns the message of the first error.
fn error_text(errors: Json<'_>) -> String {
    let first = if errors.is_array() {
        errors.items().next()
    } else {
        Some(errors)
    };
    let message = first.and_then(|error| error.text("message"));
    message.map_or_else(|| errors.raw().to_owned(), std::borrow::Cow::into_owned)
}
