//! Cases for the messages that a protocol requires from its client, and for their intervals.

use std::time::Duration;

use crate::lenses::*;

#[test]
fn the_server_announces_the_interval_of_its_client() {
    let announced = |lens, text: &str| announced_interval(lens, text.as_bytes());
    let every = |ms| Some(AnnouncedInterval::Every(Duration::from_millis(ms)));
    // Engine.IO 3, as npm's socket.io 2 sends it.
    let open = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":5000}"#;
    assert_eq!(announced(LensName::SocketIo, open), every(25_000));
    assert_eq!(announced(LensName::SocketIo, r#"0{"sid":"x"}"#), None);
    assert_eq!(
        announced(LensName::SocketIo, r#"42["pingInterval",1]"#),
        None
    );
    let stomp = |beats: &str| {
        let frame = format!("CONNECTED\nversion:1.2\n{beats}\n\n\0");
        announced(LensName::Stomp, &frame)
    };
    // The client sends at least as often as it offers and the server requires.
    assert_eq!(stomp("heart-beat:5000,20000"), every(16_000));
    assert_eq!(stomp("heart-beat:0,5000"), every(8_000));
    assert_eq!(stomp("heart-beat:10000,0"), Some(AnnouncedInterval::Never));
    assert_eq!(stomp("server:x"), Some(AnnouncedInterval::Never));
    assert_eq!(stomp("heart-beat:10000,soon"), None);
    assert_eq!(
        announced(LensName::Stomp, "MESSAGE\nheart-beat:1,1\n\n\0"),
        None
    );
    assert_eq!(announced(LensName::Phoenix, open), None);
}

#[test]
fn each_keeper_has_what_its_protocol_requires() {
    let address = |url: &str, subprotocol: &str| FeedAddress {
        url: url.to_owned(),
        subprotocols: vec![subprotocol.to_owned()],
    };
    let texts = |lens, address: &FeedAddress| {
        keeper(lens, address)
            .into_iter()
            .map(|message| message.text)
            .collect::<Vec<_>>()
    };
    let any = address("wss://user@h.example:8443/x?vsn=2.0.0", "");
    assert_eq!(texts(LensName::SocketIo, &any), ["40", "3"]);
    assert_eq!(
        texts(LensName::SocketIo, &address("ws://h/?EIO=3", "")),
        ["2"]
    );
    assert!(texts(LensName::Stomp, &any)[0].starts_with("CONNECT\naccept-version:1.0,1.1,1.2\n"));
    assert!(texts(LensName::Phoenix, &any)[0].starts_with("[null,"));
    assert!(texts(LensName::Phoenix, &address("ws://h/", ""))[0].starts_with("{\"topic\""));
    assert_eq!(texts(LensName::GraphqlWs, &any).len(), 2);
    assert_eq!(
        texts(LensName::GraphqlWs, &address("ws://h/", "graphql-ws")).len(),
        1
    );
    assert!(texts(LensName::Signalr, &any)[0].ends_with('\u{1e}'));
    assert!(texts(LensName::Llm, &any).is_empty());
    for message in LensName::ALL
        .into_iter()
        .flat_map(|lens| keeper(lens, &any))
    {
        if let KeeperTrigger::Answer { filter, .. } = message.trigger {
            let parsed =
                crate::filter::Filter::parse(filter, &crate::filter::ParseContext::default());
            assert!(parsed.is_ok(), "{filter}");
        }
    }
}
