//! Tests with recordings of real feeds (`feeds/`). Each must match its row in `SOURCES.md`.

#![expect(clippy::disallowed_methods, reason = "the recordings are files")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use feedscope_core::decode::EventStreamDecoder;

use crate::item::{StreamItem, decode};

/// Number of bytes and events of each file, from `SOURCES.md`.
type Sources = BTreeMap<String, (usize, usize)>;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/feeds")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).expect("a recording can be read")
}

/// Returns the rows of the tables whose first cell is the name of a file.
fn sources() -> Sources {
    let text =
        std::fs::read_to_string(folder().join("SOURCES.md")).expect("SOURCES.md can be read");
    text.lines().filter_map(source).collect()
}

fn sources_of(kind: &str) -> Sources {
    let mut sources = sources();
    sources.retain(|name, _| name.ends_with(kind));
    sources
}

/// Parses one row. The bytes and the events are the last numbers before the cell about changes.
fn source(row: &str) -> Option<(String, (usize, usize))> {
    let name = row.strip_prefix("| `")?.split('`').next()?;
    let mut cells = row.trim_end_matches([' ', '|']).rsplit('|').map(str::trim);
    let mut number = |skip| cells.nth(skip)?.parse().ok();
    let events = number(1)?;
    Some((name.to_owned(), (number(0)?, events)))
}

fn items(name: &str) -> Vec<StreamItem> {
    decode(
        &mut EventStreamDecoder::new(1 << 20),
        [read(name).as_slice()],
    )
}

fn events(name: &str) -> Vec<(String, String, String)> {
    let text = |bytes| String::from_utf8(bytes).expect("these recordings are UTF-8");
    let event = |item| match item {
        StreamItem::Event { event, id, data } => Some((text(event), text(id), text(data))),
        _ => None,
    };
    items(name).into_iter().filter_map(event).collect()
}

fn comments(name: &str) -> Vec<String> {
    let comment = |item| match item {
        StreamItem::Comment(text) => String::from_utf8(text).ok(),
        _ => None,
    };
    items(name).into_iter().filter_map(comment).collect()
}

#[test]
fn event_streams_have_the_events_that_their_sources_say() {
    let sources = sources_of(".sse");
    assert_eq!(sources.len(), 10);
    for (name, (bytes, count)) in sources {
        let stream = read(&name);
        assert_eq!(stream.len(), bytes, "{name}");
        assert_eq!(events(&name).len(), count, "{name}");
        let whole = items(&name);
        for size in [1, 7, 100, 4096] {
            let cut = decode(&mut EventStreamDecoder::new(1 << 20), stream.chunks(size));
            assert!(cut == whole, "{name} in chunks of {size}");
        }
    }
}

#[test]
fn web_socket_recordings_have_the_messages_that_their_sources_say() {
    let sources = sources_of(".ws.jsonl");
    assert_eq!(sources.len(), 14);
    for (name, (bytes, count)) in sources {
        let recording = String::from_utf8(read(&name)).expect("recordings are UTF-8");
        assert_eq!(
            (recording.len(), recording.lines().count()),
            (bytes, count),
            "{name}"
        );
        for line in recording.lines() {
            let message: serde_json::Value =
                serde_json::from_str(line).expect("each line is a JSON object");
            assert!(message["data"].is_string(), "{name}: {line}");
        }
    }
}

#[test]
fn every_recording_has_a_source() {
    let sources = sources();
    let entries = folder()
        .read_dir()
        .expect("the folder of recordings can be read");
    for entry in entries {
        let name = entry
            .expect("its entries can be read")
            .file_name()
            .into_string()
            .expect("names are UTF-8");
        let recording = [".sse", ".ws.jsonl", ".har"]
            .iter()
            .any(|end| name.ends_with(end));
        assert_eq!(sources.contains_key(&name), recording, "{name}");
    }
}

#[test]
fn comments_are_told_apart_from_events() {
    let processing = comments("openrouter-processing-comments.sse");
    assert!(!processing.is_empty());
    assert!(
        processing
            .iter()
            .all(|comment| comment == "OPENROUTER PROCESSING"),
        "{processing:?}"
    );
    let pings = comments("mcp-deepwiki-crlf-pings.sse");
    assert!(
        !pings.is_empty() && pings.iter().all(|comment| comment.starts_with("ping")),
        "{pings:?}"
    );
    assert_eq!(
        comments("mastodon-user-stream.sse"),
        [")"],
        "the heartbeat that is cut off last is none"
    );
}

#[test]
fn event_types_and_ids_are_as_they_were_sent() {
    let anthropic = events("anthropic-messages-web-search.sse");
    assert_eq!(anthropic[0].0, "message_start");
    assert_eq!(anthropic[anthropic.len() - 1].0, "message_stop");
    let groq = events("groq-error-event.sse");
    assert_eq!(groq[0].0, "message");
    assert_eq!(groq[groq.len() - 1].0, "error");
    let openai = events("openai-chat-completions.sse");
    assert_eq!(openai[openai.len() - 1].2, "[DONE]");
    for (_, id, data) in events("wikimedia-eventstreams-assembled.sse") {
        for json in [&id, &data] {
            assert!(
                serde_json::from_str::<serde_json::Value>(json).is_ok(),
                "{json}"
            );
        }
        assert!(id.starts_with('['), "{id}");
    }
}

#[test]
fn data_of_crlf_streams_has_no_cr() {
    for name in ["mcp-deepwiki-crlf-pings.sse", "gemini-thinking-crlf.sse"] {
        assert!(read(name).contains(&b'\r'), "{name}");
        assert!(
            events(name).iter().all(|(_, _, data)| !data.contains('\r')),
            "{name}"
        );
    }
}
