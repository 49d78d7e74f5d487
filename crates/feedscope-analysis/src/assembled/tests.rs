//! Hand-written parts of each vendor, after the documents of the vendors. `tests/peers/models` compares recorded feeds and
//! further ones with the vendors' own libraries.

use feedscope_core::connection::StateChange;
use feedscope_core::record::{Kind, Record};
use feedscope_core::time::{Moment, Stamp};
use feedscope_core::{ConnectionState, Direction};
use proptest::prelude::*;

use super::*;
use crate::interpret::Interpreter;
use crate::lenses::{Choice, FeedAddress, LensName};

fn state<'a>(state: ConnectionState) -> Kind<'a> {
    Kind::State(StateChange::to(state))
}

fn documents() -> Documents {
    Documents::new(
        Choice::Named(LensName::Llm),
        &FeedAddress::default(),
        Interpreter::default(),
    )
}

/// Reads events a second apart after a request, then the end of the stream.
fn all(events: &[&str]) -> Vec<Document> {
    let mut documents = documents();
    let mut ended = Vec::new();
    let mut second = 0;
    let mut push = |kind: Kind<'_>| {
        let stamp = Stamp {
            moment: Moment::from_millis(second * 1_000),
            ..Stamp::default()
        };
        second += 1;
        ended.extend(
            documents
                .read(&Record {
                    stamp,
                    connection: 1,
                    kind,
                })
                .ended,
        );
    };
    push(state(ConnectionState::Connecting));
    for data in events {
        push(Kind::Event {
            event: b"message",
            id: b"",
            data: data.as_bytes(),
        });
    }
    push(state(ConnectionState::Closed));
    ended
}

fn json(document: &Document) -> serde_json::Value {
    serde_json::from_str(&format!("{{{}}}", document.json_fields())).unwrap()
}

#[test]
fn choices_and_calls_of_chat_completions_are_apart() {
    let found = all(&[
        r#"{"object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
        r#"{"object":"chat.completion.chunk","choices":[{"index":1,"delta":{"content":"one"}},{"index":0,"delta":{"content":"ze"}}]}"#,
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"ro","tool_calls":[{"index":0,"id":"c0","function":{"name":"f","arguments":""}},{"index":1,"id":"c1","function":{"name":"g","arguments":"{\"a\""}}]}}]}"#,
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":":12345678901234567890}"}}]}}]}"#,
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"},{"index":1,"delta":{},"finish_reason":"length"}]}"#,
        r#"{"object":"chat.completion.chunk","choices":[],"usage":{"total_tokens":9,"x":null}}"#,
        "[DONE]",
    ]);
    assert_eq!(found.len(), 2);
    let zero = found[0].json_fields();
    assert!(
        zero.contains(r#"{"id":"c1","name":"g","arguments":{"a":12345678901234567890}}"#),
        "{zero}"
    );
    assert_eq!(
        (found[0].text(), found[0].stop_reason()),
        ("zero", Some("tool_calls"))
    );
    assert_eq!(
        (found[1].text(), found[1].stop_reason()),
        ("one", Some("length"))
    );
    assert!(
        found
            .iter()
            .all(|document| document.is_complete() && document.model() == Some("m"))
    );
    assert_eq!(
        json(&found[1])["usage"],
        serde_json::json!({"total_tokens": 9})
    );
    assert_eq!(json(&found[1])["first_part_ms"], 2_000.0);
    assert_eq!(json(&found[0])["seconds"], 7.0);
    let rows: Vec<u64> = found[0].parts().iter().map(|part| part.row.0).collect();
    assert_eq!(rows, [2, 3, 3, 3, 4]);
    assert_eq!(found[0].parts()[1].start, 2);
}

#[test]
fn reasoning_appears_once() {
    let chunk = |delta: &str| {
        format!(r#"{{"object":"chat.completion.chunk","choices":[{{"index":0,"delta":{delta}}}]}}"#)
    };
    let events = [
        chunk(
            r#"{"reasoning":"a","reasoning_content":"a","reasoning_details":[{"type":"reasoning.text","text":"a"}]}"#,
        ),
        chunk(
            r#"{"reasoning":"","reasoning_details":[{"type":"reasoning.summary","summary":"b"}]}"#,
        ),
        chunk(r#"{"reasoning_content":"c"}"#),
        chunk(r#"{"refusal":"I cannot"}"#),
    ];
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let found = all(&events);
    assert_eq!((found[0].reasoning(), found[0].text()), ("abc", "I cannot"));
    assert!(!found[0].is_complete());
    assert!(found[0].error().unwrap().contains("broken off"));
    assert_eq!(found[0].stalls().0, 3);
}

#[test]
fn blocks_of_anthropic_are_joined_without_the_tools_of_the_server() {
    let found = all(&[
        r#"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":5,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"zz"}}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
        r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"now","input":{}}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"Hi"}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":30}}"#,
        r#"{"type":"message_stop"}"#,
    ]);
    let json = json(&found[0]);
    assert_eq!(
        (found.len(), &json["text"], &json["reasoning"]),
        (1, &"Hi".into(), &"hm".into())
    );
    assert_eq!(
        json["tool_calls"],
        serde_json::json!([{"id":"t","name":"now","arguments":{}}])
    );
    assert_eq!(
        json["usage"],
        serde_json::json!({"input_tokens":5,"output_tokens":30})
    );
    assert_eq!(
        (&json["complete"], &json["stop_reason"]),
        (&true.into(), &"tool_use".into())
    );
}

#[test]
fn responses_and_realtime_answers_are_apart_by_their_ids() {
    let found = all(&[
        r#"{"type":"response.created","response":{"id":"a","model":"g"}}"#,
        r#"{"type":"response.created","response":{"id":"b","model":"g"}}"#,
        r#"{"type":"response.output_text.delta","response_id":"a","delta":"A"}"#,
        r#"{"type":"response.output_item.added","response_id":"b","output_index":0,"item":{"type":"function_call","call_id":"k","name":"f","arguments":""}}"#,
        r#"{"type":"response.function_call_arguments.delta","response_id":"b","output_index":0,"delta":"[1"}"#,
        r#"{"type":"response.done","response":{"id":"b","status":"cancelled","status_details":{"reason":"turn_detected"}}}"#,
        r#"{"type":"response.reasoning_summary_text.delta","response_id":"a","delta":"why"}"#,
        r#"{"type":"response.incomplete","response":{"id":"a","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"total_tokens":3}}}"#,
    ]);
    assert_eq!(found.len(), 2);
    assert_eq!(
        json(&found[0])["tool_calls"],
        serde_json::json!([{"id":"k","name":"f","arguments":"[1"}])
    );
    assert_eq!(found[0].stop_reason(), Some("turn_detected"));
    assert_eq!((found[1].text(), found[1].reasoning()), ("A", "why"));
    assert_eq!(found[1].stop_reason(), Some("max_output_tokens"));
}

#[test]
fn answers_of_gemini_end_with_the_stream() {
    let found = all(&[
        r#"{"candidates":[{"content":{"parts":[{"text":"think","thought":true},{"text":"A"}]},"index":0}],"modelVersion":"gem"}"#,
        r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":1}}},{"functionCall":{"name":"f","args":{"x":2}}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"totalTokenCount":4}}"#,
    ]);
    let json = json(&found[0]);
    assert_eq!(
        (&json["text"], &json["reasoning"], &json["complete"]),
        (&"A".into(), &"think".into(), &true.into())
    );
    assert_eq!(json["tool_calls"][1]["arguments"]["x"], 2);
    let refused = all(&[r#"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{}}"#]);
    assert!(refused[0].error().unwrap().contains("SAFETY"));
}

#[test]
fn lines_of_ollama_end_with_done() {
    let found = all(&[
        r#"{"model":"q","message":{"role":"assistant","content":"","thinking":"t"},"done":false}"#,
        r#"{"model":"q","message":{"role":"assistant","content":"Hi","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":false}"#,
        r#"{"model":"q","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","eval_count":7,"total_duration":9}"#,
    ]);
    let json = json(&found[0]);
    assert_eq!(
        (&json["text"], &json["reasoning"], &json["stop_reason"]),
        (&"Hi".into(), &"t".into(), &"stop".into())
    );
    assert_eq!(
        json["usage"],
        serde_json::json!({"eval_count":7,"total_duration":9})
    );
    assert_eq!(
        json["tool_calls"],
        serde_json::json!([{"name":"f","arguments":{"a":1}}])
    );
}

#[test]
fn a_refused_answer_says_why() {
    let found = all(&[
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}"#,
        r#"{"error":{"message":"overloaded","code":"busy"}}"#,
    ]);
    assert_eq!(
        (found[0].is_complete(), found[0].error()),
        (false, Some("overloaded"))
    );
    let alone =
        all(&[r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#]);
    assert_eq!(alone[0].error(), Some("Overloaded"));
}

#[test]
fn a_document_is_bounded() {
    let part = "x".repeat(1 << 20);
    let chunk = format!(
        r#"{{"object":"chat.completion.chunk","choices":[{{"index":0,"delta":{{"content":"{part}"}}}}]}}"#
    );
    let chunks = vec![&*chunk; 20];
    let found = all(&chunks);
    assert_eq!(found[0].text().len(), document::MAX_BYTES);
    assert_eq!(found[0].left_out_bytes(), 4 << 20);
}

#[test]
fn other_messages_are_no_parts() {
    let mut documents = Documents::new(
        Choice::Auto,
        &FeedAddress::default(),
        Interpreter::default(),
    );
    let mut is_part = |data: &str| {
        let kind = Kind::Event {
            event: b"",
            id: b"",
            data: data.as_bytes(),
        };
        documents
            .read(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind,
            })
            .is_part
    };
    assert!(!is_part("{\"price\":1}"));
    assert!(!is_part("[DONE]"), "no answer has begun");
    assert!(is_part(
        r#"{"object":"chat.completion.chunk","choices":[]}"#
    ));
    assert!(!is_part("{\"price\":1}"));
    assert!(is_part("[DONE]"));
    let sent = Kind::Text {
        direction: Direction::Out,
        data: b"{\"type\":\"response.create\"}",
        failed: None,
        wire: None,
    };
    assert!(
        !documents
            .read(&Record {
                stamp: Stamp::default(),
                connection: 1,
                kind: sent
            })
            .is_part
    );
}

proptest! {
    /// No events cause a panic, and each document is JSON.
    #[test]
    fn any_events_are_read(events in proptest::collection::vec(
        r#"(\{"type":"(message_start|content_block_(start|delta|stop)|message_delta|response\.(created|done|output_text\.delta))","index":[0-2],"(delta|message|response|content_block)":(\{"(text|partial_json|id|status|type)":"(a|tool_use|\{)"\}|1|null)\}|\{"choices":\[(\{"index":[01],"delta":\{"(content|reasoning)":"é"\}\}|7)?\]\}|\[DONE\]|.{0,10})"#, 0..12)) {
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        for document in all(&events) {
            let text = format!("{{{}}}", document.json_fields());
            prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        }
    }
}
