//! Parts of answers in the forms of the vendors: `OpenAI` (chat, completions, responses, realtime) and services with the
//! same forms, Anthropic, Gemini, and Ollama.
//!
//! One message gives one or several [`Delta`]s. The state that is needed across messages is bounded.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::lenses::{Json, JsonObject, Message};

/// Change of an answer by a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Delta {
    /// The message only keeps the connection open.
    KeepAlive,
    /// An answer begins, or its model is known.
    Start { model: Option<String> },
    /// Text of a choice.
    Text { choice: u64, text: String },
    /// Reasoning of a choice.
    Reasoning { choice: u64, text: String },
    /// Tool call of a choice, or a part of its arguments.
    Tool {
        choice: u64,
        /// Number of the call; `None` for a new call, or for the last one if there is no name.
        slot: Option<u64>,
        id: Option<String>,
        name: Option<String>,
        arguments: String,
    },
    /// A choice has ended for this reason.
    Stop { choice: u64, reason: String },
    /// Names and JSON texts of the usage.
    Usage { values: Vec<(String, String)> },
    /// No more parts follow.
    Done,
    /// Text that is no part of the answer, such as the input of a tool that runs on the server, or a cited text.
    Beside { what: &'static str, text: String },
    /// The answer was refused or broken off by the server.
    Error { text: String, code: Option<String> },
}

/// Message after the last part of an answer. It is the only one that is not JSON.
pub(crate) const DONE: &str = "[DONE]";

/// Maximum number of blocks of an answer whose kind is remembered.
const MAX_BLOCKS: usize = 4_096;

/// Reader of the forms of all vendors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vendors {
    /// Blocks of Anthropic that are tool calls of the client, and whether arguments have arrived.
    tools: BTreeMap<u64, bool>,
    /// Answer that the last message belonged to, where answers have IDs.
    pub(crate) answer: Option<String>,
}

/// Returns the reason for which a message is a part of an answer.
pub(crate) fn sign(_message: &Message<'_>, json: Json<'_>) -> Option<&'static str> {
    if let Some(choices) = json.get("choices").filter(|choices| choices.is_array()) {
        // A service may leave the object empty in a first chunk without choices.
        let object = json.text("object");
        let is_chunk = object.is_some_and(|object| object.contains("completion"));
        let first = choices.items().next();
        let has_delta = first.is_some_and(|first| first.get("delta").is_some());
        if is_chunk || has_delta {
            return Some("a message has the `choices` of OpenAI");
        }
    }
    // Other feeds may have candidates too, such as those of an election.
    let candidates = json.get("candidates").into_iter().flat_map(Json::items);
    let is_candidate = |candidate: Json<'_>| {
        candidate.get("content").is_some_and(Json::is_object)
            || candidate.get("finishReason").is_some()
    };
    if candidates.take(1).any(is_candidate) {
        return Some("a message has the `candidates` of Gemini");
    }
    let is_line = json.get("message").is_some() || json.get("response").is_some();
    if json.get("done").is_some() && json.get("model").is_some() && is_line {
        return Some("a line has the fields `model` and `done` of Ollama");
    }
    let kind = json.text("type")?;
    match &*kind {
        "message_start" if json.get("message").is_some() => {
            Some("an event has the type `message_start` of Anthropic")
        }
        "session.created" if json.get("session").is_some() => {
            Some("a message has the type `session.created` of OpenAI's realtime interface")
        }
        "response.created" if json.get("response").is_some() => {
            Some("an event has the type `response.created` of OpenAI")
        }
        _ => None,
    }
}

impl Vendors {
    /// Returns true if copies of the state would need much memory.
    pub(crate) fn is_large(&self) -> bool {
        /// Most blocks of an answer of the usual size.
        const USUAL: usize = 64;
        self.tools.len() > USUAL
    }

    /// Appends the changes by a message, and returns its name; `None` if it is not of a known form.
    pub(crate) fn read(
        &mut self,
        message: &Message<'_>,
        out: &mut Vec<Delta>,
    ) -> Option<Cow<'static, str>> {
        if message.bytes.trim_ascii() == DONE.as_bytes() {
            out.push(Delta::Done);
            return Some(Cow::Borrowed(DONE));
        }
        // The forms of the vendors differ in the names of their fields, so that one test for each is enough.
        let json = &Json::document(message.bytes)?.object();
        if message.direction == feedscope_core::Direction::Out {
            // A client of the realtime interface sends commands, which are no parts.
            let kind = json.text("type")?;
            return Some(Cow::Owned(kind.into_owned()));
        }
        if json.get("choices").is_some_and(Json::is_array) {
            chat(json, out);
            return Some(Cow::Borrowed("chunk"));
        }
        if json.get("candidates").is_some()
            || json.get("promptFeedback").is_some()
            || json.get("usageMetadata").is_some()
        {
            gemini(json, out);
            return Some(Cow::Borrowed("chunk"));
        }
        if json.get("done").is_some() && json.get("model").is_some() {
            ollama(json, out);
            return Some(Cow::Borrowed("line"));
        }
        if let Some(kind) = json.text("type") {
            let known = if kind.starts_with("response.")
                || kind.starts_with("session.")
                || kind.contains("conversation.")
                || kind.starts_with("rate_limits")
                || kind.starts_with("input_audio")
            {
                self.responses(&kind, json, out);
                true
            } else {
                self.anthropic(&kind, json, out)
            };
            return known.then(|| Cow::Owned(kind.into_owned()));
        }
        let error = json.get("error")?;
        out.push(error_of(error));
        Some(Cow::Borrowed("error"))
    }

    /// Reads an event of Anthropic. Returns false for other types.
    fn anthropic(&mut self, kind: &str, json: &JsonObject<'_>, out: &mut Vec<Delta>) -> bool {
        let index = json.get("index").and_then(Json::as_u64).unwrap_or(0);
        match kind {
            // A new answer has new blocks.
            "message_start" => {
                self.tools.clear();
                let message = json.get("message");
                let model = message.and_then(|message| message.text("model"));
                out.push(Delta::Start {
                    model: model.map(Cow::into_owned),
                });
                usage(message.and_then(|message| message.get("usage")), out);
            }
            "content_block_start" => {
                if let Some(block) = json.get("content_block") {
                    self.anthropic_block(index, block, out);
                }
            }
            "content_block_delta" => {
                let Some(delta) = json.get("delta").map(Json::object) else {
                    return true;
                };
                text(delta.text("text"), out);
                reasoning(delta.text("thinking"), out);
                if let Some(part) = delta.text("partial_json") {
                    if let Some(has_arguments) = self.tools.get_mut(&index) {
                        // The first part is usually empty.
                        *has_arguments |= !part.is_empty();
                        out.push(tool(Some(index), None, None, part.into_owned()));
                    } else {
                        beside("input ", Some(part), out);
                    }
                }
                let citation = delta.get("citation");
                let cited = citation.and_then(|it| it.text("cited_text"));
                beside("cites ", cited, out);
            }
            "content_block_stop" => {
                // A tool without arguments has an empty object.
                if self.tools.get(&index) == Some(&false) {
                    out.push(tool(Some(index), None, None, "{}".to_owned()));
                }
                self.tools.remove(&index);
            }
            "message_delta" => {
                let delta = json.get("delta");
                stop(0, delta.and_then(|delta| delta.text("stop_reason")), out);
                usage(json.get("usage"), out);
            }
            "message_stop" => out.push(Delta::Done),
            "ping" => out.push(Delta::KeepAlive),
            "error" => out.push(error_of(json.get("error").unwrap_or(json.value()))),
            _ => return false,
        }
        true
    }

    fn anthropic_block(&mut self, index: u64, block: Json<'_>, out: &mut Vec<Delta>) {
        text(block.text("text"), out);
        reasoning(block.text("thinking"), out);
        // Other types with `tool_use` in their names run on the server.
        if block.has("type", "tool_use") && self.tools.len() < MAX_BLOCKS {
            let input = block
                .get("input")
                .filter(|input| input.members().next().is_some());
            self.tools.insert(index, input.is_some());
            let id = block.text("id").map(Cow::into_owned);
            let name = block.text("name").unwrap_or_default().into_owned();
            let input = input.map_or("", Json::raw).to_owned();
            out.push(tool(Some(index), id, Some(name), input));
        } else if block.has("type", "server_tool_use") {
            beside("server tool ", block.text("name"), out);
        }
    }

    /// Reads an event of the responses or the realtime interface.
    fn responses(&mut self, kind: &str, json: &JsonObject<'_>, out: &mut Vec<Delta>) {
        let response = json.get("response");
        let id = json
            .text("response_id")
            .or_else(|| response.and_then(|response| response.text("id")));
        if let Some(id) = id {
            self.answer = Some(id.into_owned());
        }
        // Calls are apart by their place in the output.
        let slot = json.get("output_index").and_then(Json::as_u64);
        let delta = || json.text("delta");
        match kind {
            "response.created" => {
                let model = response.and_then(|response| response.text("model"));
                out.push(Delta::Start {
                    model: model.map(Cow::into_owned),
                });
            }
            "response.output_text.delta"
            | "response.text.delta"
            | "response.refusal.delta"
            | "response.audio_transcript.delta"
            | "response.output_audio_transcript.delta" => {
                text(delta(), out);
            }
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
                reasoning(delta(), out);
            }
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                out.push(tool(
                    slot,
                    None,
                    None,
                    delta().unwrap_or_default().into_owned(),
                ));
            }
            "response.output_item.added" => {
                let Some(item) = json.get("item") else { return };
                let item = item.object();
                if matches!(
                    item.text("type").as_deref(),
                    Some("function_call" | "custom_tool_call")
                ) {
                    // An answer to the call names `call_id`, not the ID of the item.
                    let id = item.text("call_id").or_else(|| item.text("id"));
                    let name = item.text("name").unwrap_or_default().into_owned();
                    let arguments = item.text("arguments").or_else(|| item.text("input"));
                    let id = id.map(Cow::into_owned);
                    let arguments = arguments.unwrap_or_default().into_owned();
                    out.push(tool(slot, id, Some(name), arguments));
                }
            }
            "response.completed"
            | "response.incomplete"
            | "response.failed"
            | "response.done"
            | "response.cancelled" => {
                let Some(response) = response else { return };
                ended_response(response, out);
            }
            _ => {}
        }
    }
}

/// Reads the last event of a response.
fn ended_response(response: Json<'_>, out: &mut Vec<Delta>) {
    let response = response.object();
    let status = response.text("status");
    let details = response
        .get("incomplete_details")
        .or_else(|| response.get("status_details"));
    // The reason is more exact than the status `incomplete`.
    let reason = details.and_then(|details| details.text("reason"));
    if let Some(model) = response.text("model") {
        out.push(Delta::Start {
            model: Some(model.into_owned()),
        });
    }
    usage(response.get("usage"), out);
    let error = response
        .get("error")
        .or_else(|| details.and_then(|details| details.get("error")));
    if let Some(error) = error {
        out.push(error_of(error));
    }
    stop(0, reason.or(status), out);
    out.push(Delta::Done);
}

/// Reads a chunk of chat completions or completions.
fn chat(json: &JsonObject<'_>, out: &mut Vec<Delta>) {
    let model = json.text("model").filter(|model| !model.is_empty());
    if let Some(model) = model {
        out.push(Delta::Start {
            model: Some(model.into_owned()),
        });
    }
    let choices = json.get("choices");
    for choice in choices.into_iter().flat_map(Json::items) {
        let choice = choice.object();
        let index = choice.get("index").and_then(Json::as_u64).unwrap_or(0);
        // Completions have the text itself. Some services send a whole message at the end.
        let delta = choice.get("delta").map(Json::object);
        let mut add_text = |part: Option<Cow<'_, str>>| {
            if let Some(part) = part.filter(|part| !part.is_empty()) {
                out.push(Delta::Text {
                    choice: index,
                    text: part.into_owned(),
                });
            }
        };
        add_text(choice.text("text"));
        if let Some(delta) = &delta {
            add_text(delta.text("content"));
            add_text(delta.text("refusal"));
            chat_reasoning(index, delta, out);
            for call in delta.get("tool_calls").into_iter().flat_map(Json::items) {
                chat_tool(index, call, out);
            }
            // The older form has one call without an ID.
            if let Some(function) = delta.get("function_call") {
                let name = function.text("name").map(Cow::into_owned);
                let arguments = function.text("arguments").unwrap_or_default().into_owned();
                out.push(Delta::Tool {
                    choice: index,
                    slot: Some(0),
                    id: None,
                    name,
                    arguments,
                });
            }
        }
        stop(index, choice.text("finish_reason"), out);
        if let Some(error) = choice.get("error") {
            out.push(error_of(error));
        }
    }
    // Groq sends usage and errors in a field of its own.
    let of_groq = json.get("x_groq");
    usage(
        json.get("usage")
            .or_else(|| of_groq.and_then(|groq| groq.get("usage"))),
        out,
    );
    let error = json
        .get("error")
        .or_else(|| of_groq.and_then(|groq| groq.get("error")));
    if let Some(error) = error {
        out.push(error_of(error));
    }
}

/// Reads the reasoning of a chunk once, even if it is sent under several names.
fn chat_reasoning(choice: u64, delta: &JsonObject<'_>, out: &mut Vec<Delta>) {
    let plain = delta
        .text("reasoning")
        .or_else(|| delta.text("reasoning_content"));
    let plain = plain.filter(|text| !text.is_empty());
    let text = plain.map_or_else(
        || {
            let details = delta
                .get("reasoning_details")
                .into_iter()
                .flat_map(Json::items);
            details
                .filter_map(|detail| detail.text("text").or_else(|| detail.text("summary")))
                .collect::<String>()
        },
        Cow::into_owned,
    );
    if !text.is_empty() {
        out.push(Delta::Reasoning { choice, text });
    }
}

fn chat_tool(choice: u64, call: Json<'_>, out: &mut Vec<Delta>) {
    let call = call.object();
    // Custom tools have text in place of JSON arguments.
    let function = call.get("function").or_else(|| call.get("custom"));
    let function = function.map(Json::object);
    let id = call.text("id").filter(|id| !id.is_empty());
    let name = function.as_ref().and_then(|function| function.text("name"));
    let name = name.filter(|name| !name.is_empty());
    let arguments = function.and_then(|function| {
        function
            .text("arguments")
            .or_else(|| function.text("input"))
    });
    out.push(Delta::Tool {
        choice,
        slot: call.get("index").and_then(Json::as_u64),
        id: id.map(Cow::into_owned),
        name: name.map(Cow::into_owned),
        arguments: arguments.unwrap_or_default().into_owned(),
    });
}

/// Reads a chunk of Gemini.
fn gemini(json: &JsonObject<'_>, out: &mut Vec<Delta>) {
    if let Some(model) = json.text("modelVersion") {
        out.push(Delta::Start {
            model: Some(model.into_owned()),
        });
    }
    for candidate in json.get("candidates").into_iter().flat_map(Json::items) {
        let candidate = candidate.object();
        let choice = candidate.get("index").and_then(Json::as_u64).unwrap_or(0);
        let parts = candidate
            .get("content")
            .and_then(|content| content.get("parts"));
        for part in parts.into_iter().flat_map(Json::items) {
            let part = part.object();
            // Gemini marks reasoning with a flag on a usual part of text.
            let is_thought = part
                .get("thought")
                .is_some_and(|thought| thought.raw() == "true");
            if let Some(text) = part.text("text").filter(|text| !text.is_empty()) {
                let text = text.into_owned();
                out.push(if is_thought {
                    Delta::Reasoning { choice, text }
                } else {
                    Delta::Text { choice, text }
                });
            }
            if let Some(call) = part.get("functionCall") {
                let id = call.text("id").map(Cow::into_owned);
                let name = call.text("name").unwrap_or_default().into_owned();
                let arguments = call.get("args").map_or("{}", Json::raw).to_owned();
                out.push(Delta::Tool {
                    choice,
                    slot: None,
                    id,
                    name: Some(name),
                    arguments,
                });
            }
        }
        stop(choice, candidate.text("finishReason"), out);
    }
    let blocked = json
        .get("promptFeedback")
        .and_then(|feedback| feedback.text("blockReason"));
    if let Some(reason) = blocked {
        let text = format!("the prompt was refused: {reason}");
        out.push(Delta::Error {
            text,
            code: Some(reason.into_owned()),
        });
    }
    usage(json.get("usageMetadata"), out);
    if let Some(error) = json.get("error") {
        out.push(error_of(error));
    }
}

/// Reads a line of Ollama.
fn ollama(json: &JsonObject<'_>, out: &mut Vec<Delta>) {
    let model = json.text("model").map(Cow::into_owned);
    out.push(Delta::Start { model });
    let message = json.get("message").map(Json::object);
    text(json.text("response"), out);
    reasoning(json.text("thinking"), out);
    if let Some(message) = message {
        reasoning(message.text("thinking"), out);
        text(message.text("content"), out);
        for call in message.get("tool_calls").into_iter().flat_map(Json::items) {
            let Some(function) = call.get("function") else {
                continue;
            };
            let id = call.text("id").map(Cow::into_owned);
            let name = function.text("name").unwrap_or_default().into_owned();
            let arguments = function.get("arguments").map_or("{}", Json::raw).to_owned();
            out.push(tool(None, id, Some(name), arguments));
        }
    }
    if json.get("done").is_some_and(|done| done.raw() == "true") {
        stop(0, json.text("done_reason"), out);
        // Ollama puts the usage beside the other fields of the last line.
        let numbers = json.value().members().filter_map(|(name, value)| {
            let name = name.as_text()?;
            let is_usage = name.ends_with("_count") || name.ends_with("_duration");
            is_usage.then(|| (name.into_owned(), value.raw().to_owned()))
        });
        out.push(Delta::Usage {
            values: numbers.collect(),
        });
        out.push(Delta::Done);
    }
    if let Some(error) = json.get("error") {
        out.push(error_of(error));
    }
}

fn text(part: Option<Cow<'_, str>>, out: &mut Vec<Delta>) {
    if let Some(part) = part.filter(|part| !part.is_empty()) {
        out.push(Delta::Text {
            choice: 0,
            text: part.into_owned(),
        });
    }
}

/// Adds a text beside the answer, if there is one.
fn beside(what: &'static str, text: Option<Cow<'_, str>>, out: &mut Vec<Delta>) {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        let text = text.into_owned();
        out.push(Delta::Beside { what, text });
    }
}

fn reasoning(part: Option<Cow<'_, str>>, out: &mut Vec<Delta>) {
    if let Some(part) = part.filter(|part| !part.is_empty()) {
        out.push(Delta::Reasoning {
            choice: 0,
            text: part.into_owned(),
        });
    }
}

fn stop(choice: u64, reason: Option<Cow<'_, str>>, out: &mut Vec<Delta>) {
    if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
        out.push(Delta::Stop {
            choice,
            reason: reason.into_owned(),
        });
    }
}

fn tool(slot: Option<u64>, id: Option<String>, name: Option<String>, arguments: String) -> Delta {
    Delta::Tool {
        choice: 0,
        slot,
        id,
        name,
        arguments,
    }
}

fn usage(values: Option<Json<'_>>, out: &mut Vec<Delta>) {
    let Some(values) = values else { return };
    let values = values.members().filter(|(_, value)| !value.is_null());
    let values: Vec<_> = values
        .filter_map(|(name, value)| Some((name.as_text()?.into_owned(), value.raw().to_owned())))
        .collect();
    if !values.is_empty() {
        out.push(Delta::Usage { values });
    }
}

/// Returns the text and the code of an error in the forms of the vendors.
fn error_of(error: Json<'_>) -> Delta {
    let text = error.text("message").or_else(|| error.as_text());
    // The vendors name the code of an error differently.
    let code = ["code", "type", "status"]
        .iter()
        .find_map(|name| error.get(name));
    let code = code.map(|code| code.raw().trim_matches('"').to_owned());
    Delta::Error {
        text: text.map_or_else(|| error.raw().to_owned(), Cow::into_owned),
        code,
    }
}
