//! Cases for the recognition of a lens by the address of a feed and by its messages.

use std::time::Duration;

use feedscope_core::record::Direction;

use super::{reader, record};
use crate::lenses::*;

#[test]
fn the_lens_is_recognized_by_address_and_by_messages() {
    let by_address = |url: &str, subprotocol: &[&str]| {
        let subprotocols = subprotocol.iter().map(|&name| name.to_owned()).collect();
        let address = FeedAddress {
            url: url.to_owned(),
            subprotocols,
        };
        address.lens().map(|found| found.lens)
    };
    assert_eq!(
        by_address("ws://h/socket.io/?EIO=4&transport=websocket", &[]),
        Some(LensName::SocketIo)
    );
    assert_eq!(
        by_address("ws://h/", &["graphql-transport-ws"]),
        Some(LensName::GraphqlWs)
    );
    assert_eq!(
        by_address("ws://h/", &["x", "v12.stomp"]),
        Some(LensName::Stomp)
    );
    assert_eq!(
        by_address("ws://h/s/websocket?vsn=2.0.0", &[]),
        Some(LensName::Phoenix)
    );
    assert_eq!(by_address("ws://h/?x=EIO=4", &[]), None);
    for (message, lens) in [
        (r#"0{"sid":"a","pingInterval":1}"#, Some(LensName::SocketIo)),
        // A recording may begin in the middle of a connection.
        (r#"42["price",1]"#, Some(LensName::SocketIo)),
        (r#"42/admin,7["add",1,2]"#, Some(LensName::SocketIo)),
        ("42[1,2]", None),
        (r#"42x["price"]"#, None),
        (r#"42["price""#, None),
        (r#"{"type":"connection_ack"}"#, Some(LensName::GraphqlWs)),
        (
            r#"{"id":1,"method":"Page.enable"}"#,
            Some(LensName::JsonRpc),
        ),
        (
            r#"{"id":1,"jsonrpc":"2.0","method":"x"}"#,
            Some(LensName::JsonRpc),
        ),
        ("{\"type\":6}\u{1e}", Some(LensName::Signalr)),
        (r#"{"C":"x","M":[]}"#, Some(LensName::Signalr)),
        ("CONNECTED\nversion:1.2\n\n\0", Some(LensName::Stomp)),
        (
            r#"[null,"1","phoenix","heartbeat",{}]"#,
            Some(LensName::Phoenix),
        ),
        (
            r#"{"object":"chat.completion.chunk","choices":[]}"#,
            Some(LensName::Llm),
        ),
        (
            r#"{"type":"message_start","message":{}}"#,
            Some(LensName::Llm),
        ),
        (
            r#"{"model":"m","response":"x","done":false}"#,
            Some(LensName::Llm),
        ),
        (
            r#"{"candidates":[{"content":{"parts":[]}}]}"#,
            Some(LensName::Llm),
        ),
        (r#"{"candidates":[{"name":"A","votes":3}]}"#, None),
        (r#"{"object":"menu","choices":["a","b"]}"#, None),
        (r#"{"price":1,"type":"tick"}"#, None),
        ("[1,2,3,4,5]", None),
        (r#"{"id":1,"method":"subscribe"}"#, None),
        ("hello", None),
        ("", None),
    ] {
        let mut reader = reader(Choice::Auto);
        reader.read(&record(Direction::In, message.as_bytes(), false, 0));
        assert_eq!(reader.lens(), lens, "{message}");
    }
}

#[test]
fn requests_before_the_recognition_are_paired() {
    let mut reader = reader(Choice::Auto);
    // The DevTools protocol has no `jsonrpc`, so that a call without a domain is no sign.
    let first = br#"{"id":1,"method":"attach"}"#;
    assert!(
        reader
            .read(&record(Direction::Out, first, false, 0))
            .is_empty()
    );
    let event = br#"{"method":"Page.loaded","params":{}}"#;
    assert_eq!(
        reader.read(&record(Direction::In, event, false, 5)).len(),
        1
    );
    let answer = br#"{"id":1,"result":{}}"#;
    let reads = reader.read(&record(Direction::In, answer, false, 8));
    assert_eq!(reads[0].wait, Some(Duration::from_millis(8)));
}
