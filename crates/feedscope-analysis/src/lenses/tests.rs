//! Tables of cases for each lens. A line is a message: `>` was sent, `<` was received, with the expected titles below it.
//!
//! The recorded frames are those of `feedscope-core/tests/feeds`, whose sources are named there. The others are from the
//! documents of the protocols.

mod hostile;
mod keepers;
mod middle;
mod recognized;

use feedscope_core::ConnectionState;
use feedscope_core::connection::StateChange;
use feedscope_core::record::{Direction, Kind, Record};
use feedscope_core::time::{Moment, Stamp};
use proptest::prelude::*;

use super::*;
use crate::decoders::Chain;
use crate::interpret::Interpreter;

fn reader(choice: Choice) -> LensReader {
    LensReader::new(choice, FeedAddress::default(), Interpreter::default())
}

fn state<'a>(state: ConnectionState) -> Kind<'a> {
    Kind::State(StateChange::to(state))
}

fn record(direction: Direction, data: &[u8], is_binary: bool, millis: u64) -> Record<'_> {
    let (failed, wire) = (None, None);
    let kind = if is_binary {
        Kind::Binary {
            direction,
            data,
            failed,
            wire,
        }
    } else {
        Kind::Text {
            direction,
            data,
            failed,
            wire,
        }
    };
    let stamp = Stamp {
        moment: Moment::from_millis(millis),
        ..Stamp::default()
    };
    Record {
        stamp,
        connection: 1,
        kind,
    }
}

/// Reads a script: `> TEXT` and `< TEXT` are messages, `>b HEX` and `<b HEX` binary ones, and the lines below them that
/// begin with `=` are the expected titles. Each message comes 12 milliseconds after the one before.
fn check(lens: LensName, script: &str) -> LensReader {
    let mut reader = reader(Choice::Named(lens));
    let lines: Vec<&str> = script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let mut at = 0;
    let mut millis = 0;
    while at < lines.len() {
        let (mark, text) = lines[at].split_once(' ').unwrap_or((lines[at], ""));
        let direction = if mark.starts_with('>') {
            Direction::Out
        } else {
            Direction::In
        };
        let is_binary = mark.ends_with('b');
        let text = text
            .replace("\\0", "\0")
            .replace("\\e", "\u{1e}")
            .replace("\\n", "\n");
        let bytes = if is_binary {
            Chain::parse("hex", None)
                .unwrap()
                .decode(text.as_bytes())
                .unwrap()
                .into_owned()
        } else {
            text.clone().into_bytes()
        };
        let reads = reader.read(&record(direction, &bytes, is_binary, millis));
        let expected = lines[at + 1..]
            .iter()
            .take_while(|line| line.starts_with('='));
        let expected: Vec<&str> = expected.map(|line| line[1..].trim()).collect();
        let titles: Vec<&str> = reads.iter().map(|read| read.title.as_str()).collect();
        assert_eq!(titles, expected, "{} {text}", lens.word());
        at += 1 + expected.len();
        millis += 12;
    }
    reader
}

#[test]
fn json_rpc_pairs_calls_with_their_answers() {
    let reader = check(
        LensName::JsonRpc,
        r#"
        > {"jsonrpc":"2.0","id":7,"method":"subscribe","params":{"channel":"ticks"}}
        = → subscribe ticks #7
        < {"jsonrpc":"2.0","id":7,"result":null}
        = ← answer to #7 (subscribe) after 12 ms
        < {"jsonrpc":"2.0","method":"tick","params":{"price":1}}
        = tick
        > {"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"weather","arguments":{}}}
        = → tools/call weather #a
        < {"jsonrpc":"2.0","id":"a","error":{"code":-32601,"message":"no such tool"}}
        = ← error to #a (tools/call) after 12 ms: no such tool (-32601)
        < {"jsonrpc":"2.0","id":99,"result":1}
        = ← answer to #99
        < {"jsonrpc":"2.0","error":{"code":-32700,"message":"parse error"},"id":null}
        = error without a request: parse error (-32700)
        > [{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0","id":2,"method":"b"}]
        = → a #1
        = → b #2
        < [{"jsonrpc":"2.0","id":2,"result":{}},{"jsonrpc":"2.0","id":1,"result":{}}]
        = ← answer to #2 (b) after 12 ms
        = ← answer to #1 (a) after 12 ms
        < {"jsonrpc":"2.0","id":7,"method":"sampling/createMessage"}
        = ← sampling/createMessage #7
        > {"jsonrpc":"2.0","id":5,"method":"eth_subscribe","params":["newHeads"]}
        = → eth_subscribe newHeads #5
        < Content-Length: 38\n\n
        < {"price":1}
        < hello
        "#,
    );
    let figures = reader.figures().unwrap();
    assert_eq!((figures.calls, figures.unanswered), (6, 2));
    assert_eq!(figures.errors.len(), 2);
    assert!((figures.ms.unwrap().p50 - 12.0).abs() < 0.2);
    assert_eq!(reader.unanswered().len(), 2);
}

#[test]
fn headers_of_lsp_are_passed_over() {
    let mut reader = reader(Choice::Auto);
    let one = r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#;
    let both = format!(
        "Content-Length: {}\r\n\r\n{one}Content-Length: {}\r\nContent-Type: x\r\n\r\n{one}",
        one.len(),
        one.len()
    );
    let reads = reader.read(&record(Direction::Out, both.as_bytes(), false, 0));
    assert_eq!(reads.len(), 2);
    assert_eq!(reader.recognized().unwrap().lens, LensName::JsonRpc);
}

#[test]
fn socket_io_names_events_and_puts_attachments_in_place() {
    check(
        LensName::SocketIo,
        r#"
        < 0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}
        = open
        > 40/admin,{"token":"t"}
        = → connect [namespace /admin]
        < 40/admin,{"sid":"y"}
        = ← connected [namespace /admin] (connect) after 12 ms
        > 42/admin,21["price",{"a":1}]
        = → emit price [namespace /admin] #21
        < 43/admin,21["ok"]
        = ← answer [namespace /admin] to #21 (price) after 12 ms
        < 42["tick",1,2]
        = emit tick
        < 2
        = ping
        > 3
        = pong
        < 44/secret,{"message":"not authorized"}
        = ← connect refused [namespace /secret]: not authorized
        < 451-["photo",{"_placeholder":true,"num":0},"end"]
        = emit photo, 1 attachment follows
        <b 010203
        = emit photo
        < 41/admin,
        = disconnect [namespace /admin]
        < 6
        = noop
        < hello
        < 42{"no":"array"}
        <b ff
        = attachment of an event that is not among the records
        "#,
    );
    let mut reader = reader(Choice::Named(LensName::SocketIo));
    let packet =
        br#"452-/a,7["photo",{"x":{"_placeholder":true,"num":1}},[{"_placeholder":true,"num":0}]]"#;
    reader.read(&record(Direction::In, packet, false, 0));
    let second = reader.read(&record(Direction::In, &[1], true, 0));
    assert_eq!(second[0].title, "attachment 1 of 2");
    let whole = reader.read(&record(Direction::In, &[2, 3], true, 0));
    let mut json = Vec::new();
    whole[0].write_json(&mut json);
    assert_eq!(
        String::from_utf8(json).unwrap(),
        r#"{"lens":"socket.io","title":"← emit photo [namespace /a] #7","name":"photo","channel":"/a","id":7,"data":[{"x":{"$bytes":"AgM="}},[{"$bytes":"AQ=="}]]}"#
    );
}

#[test]
fn engine_io_3_marks_binary_data() {
    let address = FeedAddress {
        url: "ws://h/socket.io/?EIO=3".to_owned(),
        ..FeedAddress::default()
    };
    let mut reader = LensReader::new(Choice::Auto, address, Interpreter::default());
    let packet = br#"451-["photo",{"_placeholder":true,"num":0}]"#;
    reader.read(&record(Direction::In, packet, false, 0));
    let whole = reader.read(&record(Direction::In, &[4, 9], true, 0));
    assert_eq!(whole[0].data.as_deref(), Some(r#"[{"$bytes":"CQ=="}]"#));
    assert_eq!(reader.recognized().unwrap().reason, "the URL has `EIO=3`");
    // In HTTP, several packets are in one payload.
    let both = "42[\"a\"]\u{1e}42[\"b\"]";
    let reads = reader.read(&record(Direction::In, both.as_bytes(), false, 0));
    assert_eq!(reads.len(), 2);
}

#[test]
fn graphql_of_both_subprotocols_is_paired() {
    let reader = check(
        LensName::GraphqlWs,
        r#"
        > {"type":"connection_init"}
        = → connection_init
        < {"type":"connection_ack"}
        = ← connection_ack (connection_init) after 12 ms
        > {"id":"1","type":"subscribe","payload":{"query":"subscription OnTick { tick }"}}
        = → subscribe OnTick #1
        < {"id":"1","type":"next","payload":{"data":{"tick":1}}}
        = ← next to #1 (subscribe) after 12 ms
        < {"id":"1","type":"next","payload":{"data":null,"errors":[{"message":"no tick"}]}}
        = ← next to #1 (subscribe) after 24 ms: no tick
        < {"type":"ping"}
        = ping
        < {"id":"1","type":"complete"}
        = ← complete to #1 (subscribe) after 48 ms
        > {"id":"2","type":"start","payload":{"query":"{ tock }"}}
        = → start tock #2
        < {"id":"2","type":"data","payload":{"data":{}}}
        = ← data to #2 (start) after 12 ms
        < {"type":"ka"}
        = ka
        > {"id":"2","type":"stop"}
        = → stop #2
        > {"id":"3","type":"subscribe","payload":{"operationName":"Q","query":"query Q { a }"}}
        = → subscribe Q #3
        < {"id":"3","type":"error","payload":[{"message":"bad query"}]}
        = ← error to #3 (subscribe) after 12 ms: bad query
        < {"type":"something_else"}
        "#,
    );
    let figures = reader.figures().unwrap();
    assert_eq!(
        (figures.calls, figures.unanswered, figures.keep_alives),
        (4, 0, 2)
    );
}

#[test]
fn signalr_is_read_in_json_and_in_message_pack() {
    check(
        LensName::Signalr,
        r#"
        > {"protocol":"json","version":1}\e
        = → handshake
        < {}\e
        = ← handshake (handshake) after 12 ms
        > {"type":1,"invocationId":"1","target":"Add","arguments":[1,2]}\e
        = → call Add #1
        < {"type":6}\e{"type":3,"invocationId":"1","result":3}\e
        = ping
        = ← answer to #1 (Add) after 12 ms
        > {"type":4,"invocationId":"2","target":"Count","arguments":[]}\e
        = → stream Count #2
        < {"type":2,"invocationId":"2","item":1}\e
        = ← item to #2 (Count) after 12 ms
        < {"type":3,"invocationId":"2","error":"too far"}\e
        = ← answer to #2 (Count) after 24 ms: too far
        < {"type":1,"target":"Tick","arguments":[7]}\e
        = call Tick
        < {"type":7,"error":"closed"}\e
        = close: closed
        <b 0b 95 01 80 c0 a4 5469636b 91 07
        = call Tick
        <b 02 91 06 02 91 06
        = ping
        = ping
        <b 05 91
        > {"protocol":"json","version":1}\e
        = → handshake
        <b 7b7d1e
        = ← handshake (handshake) after 12 ms
        <b 7b2274797065223a367d1e
        = ping
        < {"H":"chat","M":"x"}
        = call x [hub chat]
        "#,
    );
}

#[test]
fn stomp_frames_end_with_nul() {
    check(
        LensName::Stomp,
        r#"
        > CONNECT\naccept-version:1.2\nhost:h\n\n\0
        = → CONNECT
        < CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0
        = ← CONNECTED (CONNECT) after 12 ms
        > SUBSCRIBE\nid:s-0\ndestination:/topic/a\nreceipt:r1\n\n\0
        = → SUBSCRIBE /topic/a #r1
        < RECEIPT\nreceipt-id:r1\n\n\0\n
        = ← RECEIPT to #r1 (SUBSCRIBE) after 12 ms
        < MESSAGE\nsubscription:s-0\nmessage-id:1\ndestination:/topic/a\ncontent-length:7\n\n{"a":1}\0MESSAGE\nsubscription:s-0\ndestination:/b\cc\n\nx\0
        = MESSAGE /topic/a #s-0
        = MESSAGE /b:c #s-0
        < \n
        = heartbeat
        < ERROR\nmessage:bad\n\ndetails\0
        = ← ERROR: bad
        < o
        = open of SockJS
        < h
        = heartbeat
        < a["MESSAGE\u000adestination:/q\u000a\u000ahi\u0000"]
        = MESSAGE /q
        < nothing
        "#,
    );
}

#[test]
fn phoenix_replies_answer_their_references() {
    check(
        LensName::Phoenix,
        r#"
        > ["1","1","room:1","phx_join",{}]
        = → phx_join room:1 #1
        < ["1","1","room:1","phx_reply",{"status":"ok","response":{}}]
        = ← answer [room:1] to #1 (phx_join) after 12 ms
        > ["1","2","room:1","shout",{"a":1}]
        = → shout room:1 #2
        < ["1","2","room:1","phx_reply",{"status":"error","response":{"reason":"unmatched topic"}}]
        = ← answer [room:1] to #2 (shout) after 12 ms: unmatched topic
        < [null,null,"room:1","news",{"b":2}]
        = news room:1
        > [null,"3","phoenix","heartbeat",{}]
        = heartbeat
        < [null,"3","phoenix","phx_reply",{"status":"ok","response":{}}]
        = heartbeat
        < {"topic":"room:2","event":"tick","payload":{},"ref":null}
        = tick room:2
        < [1,2,3]
        "#,
    );
}

#[test]
fn pairs_are_bounded_and_end_with_the_connection() {
    let mut reader = reader(Choice::Named(LensName::JsonRpc));
    for id in 0..10_100 {
        let call = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"x"}}"#);
        reader.read(&record(Direction::Out, call.as_bytes(), false, 0));
    }
    let figures = reader.figures().unwrap();
    assert_eq!(
        (figures.calls, figures.unanswered, figures.let_go),
        (10_100, 10_000, 100)
    );
    let kind = state(ConnectionState::Connecting);
    reader.read(&Record {
        stamp: Stamp::default(),
        connection: 2,
        kind,
    });
    let answer = br#"{"jsonrpc":"2.0","id":10099,"result":1}"#;
    let reads = reader.read(&record(Direction::In, answer, false, 0));
    assert_eq!(
        reads[0].request, None,
        "an answer belongs to its connection"
    );
    assert_eq!(reader.figures().unwrap().unanswered, 10_000);
}

/// Messages that are near to those of the protocols.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"}"),
        Just("{\"id\":1,\"result\":[]}"),
        Just("451-[\"a\",{\"_placeholder\":true,\"num\":0}]"),
        Just("42/é,12[\"x\"]"),
        Just("{\"type\":1,\"invocationId\":\"1\"}"),
        Just("\u{1e}"),
        Just("\0"),
        Just("\n\n"),
        Just("MESSAGE\n"),
        Just("[null,\"1\",\"t\",\"phx_reply\",{}]"),
        Just("a[\"x\"]"),
        Just("{\"choices\":[{\"delta\":{}}]}"),
        Just("{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"a\"}}"),
        Just("["),
        Just("]"),
        Just("{"),
        Just("\""),
        Just("Content-Length: 3\r\n\r\n"),
    ];
    prop_oneof![
        proptest::collection::vec(part, 0..5).prop_map(|parts| parts.concat().into_bytes()),
        proptest::collection::vec(any::<u8>(), 0..60),
    ]
}

proptest! {
    /// No messages cause a panic in any lens, and each meaning is a line of JSON.
    #[test]
    fn any_messages_are_read(messages in proptest::collection::vec((any_message(), any::<bool>(), any::<bool>()), 0..8)) {
        let choices = LensName::ALL.map(Choice::Named).into_iter().chain([Choice::Auto]);
        for choice in choices {
            let mut reader = reader(choice);
            for (bytes, is_sent, is_binary) in &messages {
                let direction = if *is_sent { Direction::Out } else { Direction::In };
                for read in reader.read(&record(direction, bytes, *is_binary, 0)) {
                    let mut json = Vec::new();
                    read.write_json(&mut json);
                    let text = String::from_utf8(json).unwrap();
                    prop_assert!(!text.contains('\n'));
                    prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
                }
            }
        }
    }
}
