//! JSON-RPC 2.0 and its relatives: MCP, the Chrome `DevTools` protocol, the language server protocol, Ethereum.
//!
//! The `DevTools` protocol leaves `jsonrpc` out. The base protocol of LSP puts headers before each message.

use super::frame::{Frame, PairRole};
use super::json::Json;
use super::{Lens, Message};

/// Lens for JSON-RPC.
pub(super) struct JsonRpc;

/// Returns the reason for which a message is of this protocol.
pub(super) fn sign(message: &Message<'_>, json: Option<Json<'_>>) -> Option<&'static str> {
    if message.bytes.starts_with(b"Content-Length:") {
        return Some("a message begins with the header of LSP, `Content-Length`");
    }
    let json = json?;
    let first = if json.is_array() {
        json.items().next()?
    } else {
        json
    };
    if !first.is_object() {
        return None;
    }
    if first.has("jsonrpc", "2.0") {
        return Some("a message has `\"jsonrpc\": \"2.0\"`");
    }
    // A call of the DevTools protocol: `{"id":1,"method":"Page.enable"}`, with a domain and a command.
    let method = first.text("method")?;
    let is_domain = |(domain, command): (&str, &str)| {
        domain.starts_with(|c: char| c.is_ascii_uppercase())
            && domain
                .chars()
                .chain(command.chars())
                .all(|c| c.is_ascii_alphanumeric())
            && !command.is_empty()
    };
    let is_devtools = method.split_once('.').is_some_and(is_domain);
    (is_devtools && first.get("id").is_none_or(|id| id.as_u64().is_some()))
        .then_some("a message has a method of the DevTools protocol")
}

impl Lens for JsonRpc {
    fn read(&mut self, message: &Message<'_>, out: &mut Vec<Frame>) {
        for part in parts(message.bytes) {
            let Some(json) = Json::document(part) else {
                continue;
            };
            if json.is_array() {
                // A batch is one message with several records.
                out.extend(json.items().filter_map(frame));
            } else {
                out.extend(frame(json));
            }
        }
    }
}

/// Returns the messages behind headers, or the whole payload.
fn parts(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if !rest.starts_with(b"Content-") {
            return Some(std::mem::take(&mut rest));
        }
        let end = memchr::memmem::find(rest, b"\r\n\r\n")?;
        let (head, body) = (&rest[..end], &rest[end + 4..]);
        let length = String::from_utf8_lossy(head).lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_length = name.eq_ignore_ascii_case("content-length");
            is_length.then(|| value.trim().parse::<usize>().ok())?
        });
        // A length beyond the message is cut to the message.
        let length = length.unwrap_or(body.len()).min(body.len());
        rest = &body[length..];
        Some(&body[..length])
    })
}

fn frame(json: Json<'_>) -> Option<Frame> {
    let json = json.object();
    let id = json.get("id").map(Json::raw);
    let session = json.text("sessionId");
    // The ID of the DevTools protocol is unique within a session.
    let key = |id: &str| format!("{}:{id}", session.as_deref().unwrap_or_default());
    let frame = match (json.text("method"), json.get("error")) {
        (Some(method), _) => {
            let params = json.get("params");
            let subject = params.and_then(|params| subject(&method, params));
            let words = match subject {
                Some(subject) => format!("{method} {subject}"),
                None => method.clone().into_owned(),
            };
            let role = id.map_or(PairRole::Alone, |id| PairRole::Asks(key(id)));
            // The answer to a ping is an empty result like any other.
            let role = if id.is_some() && method == "ping" {
                // A ping of MCP only keeps the connection open.
                PairRole::KeepAlive
            } else {
                role
            };
            Frame::named(&method, words)
                .with_role(role)
                .with_data(params.map(Json::raw))
        }
        (None, Some(error)) => {
            let message = error.text("message").or_else(|| error.as_text());
            let code = error.get("code").map(|code| code.raw().to_owned());
            let text = match (&message, &code) {
                (Some(message), Some(code)) => format!("{message} ({code})"),
                (Some(message), None) => message.clone().into_owned(),
                _ => error.raw().to_owned(),
            };
            let role = id.map_or(PairRole::Alone, |id| PairRole::answers(key(id)));
            let mut frame = Frame::new(if id.is_some() {
                "error"
            } else {
                "error without a request"
            });
            frame.error_code = code;
            frame
                .with_role(role)
                .with_error(Some(text))
                .with_data(Some(error.raw()))
        }
        (None, None) => {
            // A result may be null, which `get` leaves out.
            let mut members = json.value().members();
            let result = members.find(|(name, _)| name.is("result"));
            let (_, result) = result?;
            let id = id?;
            // MCP reports a failed tool as a result with a flag.
            let is_tool_error = result
                .get("isError")
                .is_some_and(|value| value.raw() == "true");
            let error = is_tool_error.then(|| tool_error(result));
            Frame::new("answer")
                .with_role(PairRole::answers(key(id)))
                .with_error(error)
                .with_data(Some(result.raw()))
        }
    };
    Some(frame.with_id(id).with_channel(session))
}

/// Returns the parameter that tells calls of the same method apart.
fn subject(method: &str, params: Json<'_>) -> Option<String> {
    let text = if params.is_array() {
        // As in `eth_subscribe` with `newHeads`.
        params.items().next()?.as_text()?
    } else {
        let names: &[&str] = match method {
            "tools/call" | "prompts/get" => &["name"],
            "resources/read" | "resources/subscribe" => &["uri"],
            _ => &["channel", "topic", "stream"],
        };
        let params = params.object();
        names.iter().find_map(|name| params.text(name))?
    };
    let is_short = text.chars().count() <= 60;
    is_short.then(|| text.into_owned())
}

/// Returns the text of a failed tool of MCP.
fn tool_error(result: Json<'_>) -> String {
    let content = result
        .get("content")
        .and_then(|content| content.items().next());
    let text = content.and_then(|item| item.text("text"));
    text.map_or_else(
        || "the tool failed".to_owned(),
        std::borrow::Cow::into_owned,
    )
}
