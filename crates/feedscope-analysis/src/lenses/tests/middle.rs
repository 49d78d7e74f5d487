//! Feeds whose records begin in the middle of a connection: nothing is invented about the records before, and keep-alive
//! messages are counted as usual.

use super::*;

/// Checks a script of messages in the middle of a connection. No answer has a request, and nothing is unanswered. Returns
/// the number of keep-alive messages.
fn check_middle(lens: LensName, script: &str) -> u64 {
    let reader = check(lens, script);
    let figures = reader.figures().unwrap();
    assert_eq!((figures.calls, figures.unanswered), (0, 0), "{lens:?}");
    assert!(figures.ms.is_none(), "no time of an answer is known");
    figures.keep_alives
}

#[test]
fn answers_of_json_rpc_need_no_request() {
    let keep_alives = check_middle(
        LensName::JsonRpc,
        r#"
        < {"jsonrpc":"2.0","id":41,"result":{"ok":true}}
        = ← answer to #41
        < {"jsonrpc":"2.0","id":42,"error":{"code":-1,"message":"no"}}
        = ← error to #42: no (-1)
        < {"jsonrpc":"2.0","id":"p","method":"ping"}
        = ping #p
        > {"jsonrpc":"2.0","id":"p","result":{}}
        = → answer to #p
        < {"method":"Network.dataReceived","params":{"requestId":"1"},"sessionId":"S"}
        = Network.dataReceived
        "#,
    );
    assert_eq!(keep_alives, 1);
}

#[test]
fn graphql_continues_without_its_subscription() {
    let keep_alives = check_middle(
        LensName::GraphqlWs,
        r#"
        < {"id":"9","type":"next","payload":{"data":{"tick":1}}}
        = ← next to #9
        < {"type":"ping"}
        = ping
        > {"type":"pong"}
        = pong
        < {"type":"ka"}
        = ka
        < {"id":"9","type":"complete"}
        = ← complete to #9
        < {"type":"connection_ack"}
        = ← connection_ack
        > {"id":"8","type":"complete"}
        = → complete #8
        "#,
    );
    assert_eq!(keep_alives, 3);
}

#[test]
fn signalr_continues_without_its_handshake() {
    let keep_alives = check_middle(
        LensName::Signalr,
        r#"
        < {"type":6}\e
        = ping
        < {"type":3,"invocationId":"5","result":1}\e{"type":2,"invocationId":"6","item":2}\e
        = ← answer to #5
        = ← item to #6
        > {"type":6}\e
        = ping
        < {}\e
        = ← handshake
        > {"type":5,"invocationId":"6"}\e
        = → cancel #6
        <b 02 91 06
        = ping
        "#,
    );
    assert_eq!(keep_alives, 3);
}

#[test]
fn stomp_continues_without_its_connect() {
    let keep_alives = check_middle(
        LensName::Stomp,
        r"
        < \n
        = heartbeat
        < MESSAGE\nsubscription:s-9\ndestination:/topic/a\n\nx\0
        = MESSAGE /topic/a #s-9
        < RECEIPT\nreceipt-id:r9\n\n\0
        = ← RECEIPT to #r9
        > \n
        = heartbeat
        < ERROR\nmessage:late\n\n\0
        = ← ERROR: late
        < rest of a frame\0
        ",
    );
    assert_eq!(keep_alives, 2);
}

#[test]
fn phoenix_continues_without_its_join() {
    let keep_alives = check_middle(
        LensName::Phoenix,
        r#"
        < ["3","9","room:1","phx_reply",{"status":"ok","response":{}}]
        = ← answer [room:1] to #9
        < ["3",null,"room:1","news",{}]
        = news room:1
        < [null,"10","phoenix","phx_reply",{"status":"ok","response":{}}]
        = heartbeat
        < ["3","11","room:1","presence_diff",{}]
        = presence_diff room:1 #11
        "#,
    );
    assert_eq!(keep_alives, 1);
}

#[test]
fn parts_of_a_model_need_no_beginning() {
    let keep_alives = check_middle(
        LensName::Llm,
        r#"
        < {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"and so"}}
        = text “and so”
        < {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"a\":1}"}}
        = input “"a":1}”
        < {"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}
        = server tool “web_search”
        < {"type":"content_block_delta","index":4,"delta":{"type":"citations_delta","citation":{"cited_text":"At noon","url":"http://a.test/"}}}
        = cites “At noon”
        < {"type":"ping"}
        = ping
        < {"type":"content_block_stop","index":1}
        = content_block_stop
        < {"type":"message_stop"}
        = message_stop
        < {"choices":[{"index":0,"delta":{"tool_calls":[{"index":3,"function":{"arguments":"1}"}}]}}]}
        = arguments “1}”
        "#,
    );
    assert_eq!(keep_alives, 1);
}

#[test]
fn engine_io_continues_without_its_handshake() {
    let keep_alives = check_middle(
        LensName::SocketIo,
        r#"
        < 2
        = ping
        > 3
        = pong
        < 43/admin,17["ok"]
        = ← answer [namespace /admin] to #17
        < 40{"sid":"late"}
        = ← connected
        <b 010203
        = attachment of an event that is not among the records
        < 42["tick",1]
        = emit tick
        "#,
    );
    assert_eq!(keep_alives, 2);
}

/// A lens is found without the first messages of its connection, where a message has a sign of its own.
#[test]
fn the_middle_of_a_connection_is_recognized() {
    for (message, lens) in [
        (r#"{"jsonrpc":"2.0","id":41,"result":1}"#, LensName::JsonRpc),
        (
            r#"{"method":"Network.dataReceived","params":{}}"#,
            LensName::JsonRpc,
        ),
        (
            "{\"type\":3,\"invocationId\":\"5\",\"result\":1}\u{1e}",
            LensName::Signalr,
        ),
        (
            "MESSAGE\nsubscription:0\ndestination:/a\n\nx\0",
            LensName::Stomp,
        ),
        (
            r#"["3","9","room:1","phx_reply",{"status":"ok","response":{}}]"#,
            LensName::Phoenix,
        ),
        (r#"42["tick",1]"#, LensName::SocketIo),
        (
            r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{}}]}"#,
            LensName::Llm,
        ),
    ] {
        let mut reader = reader(Choice::Auto);
        reader.read(&record(Direction::In, message.as_bytes(), false, 0));
        assert_eq!(reader.lens(), Some(lens), "{message}");
    }
}
