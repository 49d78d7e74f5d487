//! Recorded messages with random damage, and messages of many records: no panic, no growth of the state, and no time that
//! grows with the square of the size.

use super::*;
use crate::assembled::Documents;
use crate::test_numbers::Numbers;

/// Messages of all protocols. Each feed begins with its usual first ones.
const SAMPLES: &[(LensName, &[&str])] = &[
    (
        LensName::JsonRpc,
        &[
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"weather","arguments":{"a":[1,2]}}}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":{"isError":true,"content":[{"type":"text","text":"no"}]}}"#,
            "Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}",
            r#"[{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"x"}}]"#,
        ],
    ),
    (
        LensName::SocketIo,
        &[
            r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#,
            r#"452-/admin,12["photo",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]"#,
            "bAQIDBA==",
            r#"43/admin,12["ok"]"#,
            "2",
        ],
    ),
    (
        LensName::GraphqlWs,
        &[
            r#"{"type":"connection_init"}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"subscription OnTick { tick }"}}"#,
            r#"{"id":"1","type":"next","payload":{"data":{"tick":1},"errors":[{"message":"no"}]}}"#,
        ],
    ),
    (
        LensName::Signalr,
        &[
            "{\"protocol\":\"json\",\"version\":1}\u{1e}",
            "{\"type\":4,\"invocationId\":\"2\",\"target\":\"Count\",\"arguments\":[1]}\u{1e}{\"type\":6}\u{1e}",
            "{\"type\":3,\"invocationId\":\"2\",\"error\":\"far\"}\u{1e}",
        ],
    ),
    (
        LensName::Stomp,
        &[
            "CONNECT\naccept-version:1.2\nhost:h\n\n\0",
            "SEND\ndestination:/q\\c\nreceipt:r1\ncontent-length:3\n\na\0b\0\n",
            "a[\"MESSAGE\\ndestination:/q\\n\\nhi\\u0000\"]",
        ],
    ),
    (
        LensName::Phoenix,
        &[
            r#"["1","1","room:1","phx_join",{}]"#,
            r#"["1","1","room:1","phx_reply",{"status":"error","response":{"reason":"no"}}]"#,
            r#"{"topic":"room:2","event":"tick","payload":{},"ref":null}"#,
        ],
    ),
    (
        LensName::Llm,
        &[
            r#"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":3}}}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"sum","input":{}}}"#,
            r#"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#,
            r#"{"object":"chat.completion.chunk","choices":[{"index":1,"delta":{"content":"é"},"finish_reason":"stop"}]}"#,
            r#"{"candidates":[{"content":{"parts":[{"text":"a","thought":true}]},"finishReason":"STOP"}]}"#,
            r#"{"model":"m","message":{"content":"x","tool_calls":[]},"done":true,"eval_count":4}"#,
        ],
    ),
];

impl Numbers {
    fn damaged(&mut self, sample: &[u8]) -> Vec<u8> {
        const SIGNS: &[u8] = b"{}[]\",:\\\0\x1e\n0-9\xff\xc3";
        let mut bytes = sample.to_vec();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 if !bytes.is_empty() => bytes[at] = SIGNS[self.below(SIGNS.len())],
                1 => bytes.insert(at, SIGNS[self.below(SIGNS.len())]),
                2 => bytes.truncate(at),
                3 => {
                    // A part of the message comes again.
                    let part = bytes[at..bytes.len().min(at + 12)].to_vec();
                    bytes.extend(part);
                }
                _ if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                _ => {}
            }
        }
        bytes
    }
}

#[test]
fn damaged_messages_are_read_by_every_lens() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for (own, samples) in SAMPLES {
        for lens in LensName::ALL {
            // The own lens gets further than the others.
            let rounds = if lens == *own { 1_500 } else { 150 };
            let mut reader = reader(Choice::Named(lens));
            let choice = Choice::Named(lens);
            let address = FeedAddress::default();
            let mut documents = Documents::new(choice, &address, Interpreter::default());
            for round in 0..rounds {
                let sample = samples[numbers.below(samples.len())];
                let bytes = numbers.damaged(sample.as_bytes());
                let direction = if numbers.below(2) == 0 {
                    Direction::In
                } else {
                    Direction::Out
                };
                let record = record(direction, &bytes, numbers.below(6) == 0, round);
                documents.read(&record);
                for read in reader.read(&record) {
                    let mut json = Vec::new();
                    read.write_json(&mut json);
                    let text = String::from_utf8(json).unwrap();
                    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
                    assert!(!text.contains('\n'));
                    // A title is for one row.
                    assert!(read.title.len() <= 8 * bytes.len() + 600, "{}", read.title);
                }
            }
            let figures = reader.figures().unwrap();
            assert!(figures.unanswered <= figures.calls, "{lens:?}");
        }
    }
}

/// A message of many small records takes time in proportion to its size. With a pass over the rest for each record, these
/// would take minutes.
#[test]
fn messages_of_many_records_are_read_in_one_pass() {
    const COUNT: usize = 100_000;
    for (lens, part, own) in [
        (LensName::Stomp, "SEND\n\n\0", 1),
        (LensName::Signalr, "{\"type\":6}\u{1e}", 1),
        (LensName::SocketIo, "42[\"a\"]\u{1e}", 1),
        (
            LensName::JsonRpc,
            "Content-Length: 12\r\n\r\n{\"method\":1}",
            0,
        ),
    ] {
        let message = part.repeat(COUNT);
        let mut reader = reader(Choice::Named(lens));
        let reads = reader.read(&record(Direction::In, message.as_bytes(), false, 0));
        assert_eq!(reads.len(), own * COUNT, "{lens:?}");
    }
}

#[test]
fn state_of_hostile_feeds_is_bounded() {
    // Blocks and choices that never end, and calls without answers.
    let mut reader = reader(Choice::Named(LensName::Llm));
    let address = FeedAddress::default();
    let choice = Choice::Named(LensName::Llm);
    let mut documents = Documents::new(choice, &address, Interpreter::default());
    for number in 0..20_000 {
        let start = format!(
            r#"{{"type":"content_block_start","index":{number},"content_block":{{"type":"tool_use","id":"t{number}","name":"n"}}}}"#
        );
        let choice = format!(r#"{{"choices":[{{"index":{number},"delta":{{"content":"a"}}}}]}}"#);
        for message in [start, choice] {
            let record = record(Direction::In, message.as_bytes(), false, number);
            reader.read(&record);
            documents.read(&record);
        }
    }
    let growing = documents.growing().count();
    assert!(growing <= 1_024, "{growing} documents grow");
}
