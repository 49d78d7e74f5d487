//! Second opinion: two engines decode the same bytes. The tests cover agreement, known differences, and the effect on
//! the feed.

use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::{CloseCode, Engine};
use feedscope_core::second_opinion::{EngineDifference, EngineReport, Opinion, OpinionState};

use crate::feed::{Feed, again, of_kind, once, states, summaries, word};
use crate::server::{BINARY, FIN, Gate, PING, Server, close, frame, header, text};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

fn compared(mut spec: FeedSpec) -> FeedSpec {
    spec.reading.set_second_opinion(spec.protocol(), true);
    spec
}

/// Returns the opinion on a feed after its end.
fn opinion(feed: &Feed) -> Opinion {
    feed.to_end();
    feed.handle.status().second_opinion.clone().unwrap()
}

fn of_event_stream(body: &[u8]) -> (Feed, Opinion) {
    let server = Server::answering([HEAD.as_bytes(), body].concat());
    let feed = Feed::connect(compared(once(&server.http())));
    let opinion = opinion(&feed);
    (feed, opinion)
}

fn of_web_socket(bytes: Vec<u8>) -> Opinion {
    let server = Server::start(move |_, peer| {
        peer.accept("", &bytes);
        peer.wait_for_end();
    });
    opinion(&Feed::connect(compared(once(&server.ws()))))
}

/// Returns the texts of the notes about the comparison.
fn verdicts(feed: &Feed) -> Vec<String> {
    of_kind(&feed.records(), "note")
        .iter()
        .filter(|note| note["code"] == "second_opinion")
        .map(|note| word(note, "text").to_owned())
        .collect()
}

/// Returns the number of the first difference, and the result of the other engine there.
fn other(opinion: &Opinion) -> (u64, Option<EngineReport>) {
    let difference = opinion.difference().expect("a difference").clone();
    (difference.number, difference.other)
}

#[test]
fn engines_agree_on_a_plain_feed_and_the_timeline_says_so() {
    let body = ": hi\n\nevent: price\r\nid: 7\r\ndata: a\r\ndata: b\r\n\r\ndata\n\ndata: \u{e9}\n\nretry: 9\ndata:\n\ndata: unfinished\n";
    let (feed, opinion) = of_event_stream(body.as_bytes());
    assert_eq!(
        opinion,
        Opinion {
            engine: Engine::EventsourceClient,
            agreed: 6,
            standing: OpinionState::Ended
        }
    );
    assert_eq!(verdicts(&feed), ["eventsource-client agrees on 6 records"]);
    assert_eq!(states(&feed.records()).last(), Some(&"closed"));
}

#[test]
fn known_differences_of_the_eventsource_client_show() {
    let event = |data: &str| {
        Some(EngineReport::Event {
            event: "message".to_owned(),
            id: String::new(),
            data: data.to_owned(),
        })
    };
    // The crate loses an ID without data, which shows at the end of the connection. It also loses a `retry` field
    // without data, which shows at once.
    let (_, opinion) = of_event_stream(b"data: a\n\nid: 7\n\n");
    let Some(EngineDifference {
        number: 2,
        native: Some(EngineReport::Ending(native)),
        ..
    }) = opinion.difference()
    else {
        panic!("{opinion:?}");
    };
    assert_eq!(native.last_event_id, "7");
    let (_, opinion) = of_event_stream(b"retry: 5\n\ndata: a\n\n");
    assert_eq!(other(&opinion), (1, event("a")));
    // The standard has no field named `comment`.
    let (_, opinion) = of_event_stream(b"comment: x\ndata: a\n\n");
    assert_eq!(
        other(&opinion),
        (1, Some(EngineReport::Comment("x".to_owned())))
    );
}

#[test]
fn what_the_eventsource_client_gives_up_at_is_read_on() {
    for line in [&b"data: \xff"[..], b"unknown: b"] {
        let gate = Gate::default();
        let seen = gate.clone();
        let server = Server::start(move |_, peer| {
            peer.send(format!("{HEAD}data: a\n\n"));
            // The crate drops the other data of the piece that contains the line at which it gives up, so that this
            // line is sent separately.
            seen.wait();
            peer.send([line, b"\n\ndata: c\n\n"].concat());
        });
        let feed = Feed::connect(compared(once(&server.http())));
        feed.wait_for("the first", |records| summaries(records).len() == 1);
        gate.open();
        let opinion = opinion(&feed);
        let (number, Some(EngineReport::Ending(ending))) = other(&opinion) else {
            panic!("{opinion:?}");
        };
        assert_eq!((number, ending.gave_up.is_some()), (2, true), "{ending:?}");
        let records = feed.records();
        assert!(
            summaries(&records).contains(&"event message c".to_owned()),
            "{records:#?}"
        );
        let verdicts = verdicts(&feed);
        assert!(verdicts[0].contains("differs: at record 2"), "{verdicts:?}");
        assert_eq!(verdicts.len(), 1, "the first difference is what counts");
    }
}

#[test]
fn each_connection_is_compared_until_one_differs() {
    let server = Server::start(|number, peer| {
        let body = [
            "data: a\n\n",
            "retry: 1\ndata: b\n\n",
            "retry: 5\n\n",
            "retry: 6\n\n",
        ];
        peer.send(format!("{HEAD}{}", body[number]));
    });
    let feed = Feed::connect(compared(again(&server.http(), 3)));
    let opinion = opinion(&feed);
    assert_eq!(opinion.agreed, 3);
    let difference = opinion.difference().expect("a difference");
    assert_eq!(
        (difference.number, &difference.native),
        (1, &Some(EngineReport::Retry(5)))
    );
    assert_eq!(
        of_kind(&feed.records(), "note").len(),
        3,
        "the fourth is not compared"
    );
}

#[test]
fn the_bound_ends_a_comparison_and_not_the_feed() {
    let data = "x".repeat(1 << 20);
    let server = Server::start(move |_, peer| {
        peer.send(HEAD);
        for _ in 0..66 {
            peer.send(format!("data: {data}\n\n"));
        }
    });
    let feed = Feed::connect(compared(once(&server.http())));
    let opinion = opinion(&feed);
    assert_eq!(
        (opinion.agreed, &opinion.standing),
        (63, &OpinionState::Limit)
    );
    let records = feed.records();
    assert_eq!(of_kind(&records, "event").len(), 66);
    assert!(word(of_kind(&records, "note")[0], "text").contains("the first 64 MiB"));
}

#[test]
fn it_is_told_while_the_connection_is_open() {
    let gate = Gate::default();
    let seen = gate.clone();
    let server = Server::start(move |_, peer| {
        peer.send(format!("{HEAD}data: a\n\n"));
        seen.wait();
    });
    let feed = Feed::connect(compared(once(&server.http())));
    feed.wait_for_status("the opinion", |status| {
        status.second_opinion.as_ref().is_some_and(|opinion| {
            (opinion.agreed, &opinion.standing) == (1, &OpinionState::Comparing)
        })
    });
    gate.open();
    feed.to_end();
}

#[test]
fn the_crates_engine_can_be_compared_as_well() {
    let server = Server::answering(format!("{HEAD}data: a\n\nid: 7\n\n"));
    let mut spec = compared(once(&server.http()));
    spec.reading.choose(Engine::EventsourceClient);
    assert_eq!(other(&opinion(&Feed::connect(spec))).0, 2);
}

#[test]
fn engines_agree_on_messages_and_are_not_offered_compression() {
    let bytes = [
        text("hi"),
        frame(1, b"fra"),
        frame(FIN | PING, b"p"),
        frame(FIN, b"gment"),
        frame(FIN | BINARY, &[0, 255]),
        close(1000, "bye"),
    ];
    let bytes = bytes.concat();
    let server = Server::start(move |_, peer| {
        peer.accept("", &bytes);
        peer.wait_for_end();
    });
    let opinion = opinion(&Feed::connect(compared(once(&server.ws()))));
    assert_eq!(
        opinion,
        Opinion {
            engine: Engine::TokioTungstenite,
            agreed: 5,
            standing: OpinionState::Ended
        }
    );
    assert_eq!(
        header(&server.requests()[0], "sec-websocket-extensions"),
        None
    );
}

#[test]
fn engines_agree_on_what_breaks_the_protocol() {
    for (broken, code) in [
        (frame(FIN | 1, &[0xff]), 1007),
        (frame(FIN | 3, b""), 1002),
        (frame(FIN, b"nothing to continue"), 1002),
        (frame(0x70 | FIN | 1, b"reserved"), 1002),
    ] {
        let opinion = of_web_socket([text("hi"), broken.clone()].concat());
        assert_eq!(
            (opinion.agreed, &opinion.standing),
            (1, &OpinionState::Ended),
            "{code} for {broken:x?}"
        );
    }
}

#[test]
fn known_differences_of_tungstenite_show() {
    let violation = Some(EngineReport::Close {
        code: CloseCode(1002),
        reason: "Protocol violation".to_owned(),
    });
    // 1014 is registered at IANA, but the crate takes it for a code that must not be sent.
    let opinion = of_web_socket([text("hi"), close(1014, "gateway")].concat());
    assert_eq!(other(&opinion), (2, violation.clone()));
    let Some(EngineReport::Close {
        code: CloseCode(1014),
        ..
    }) = opinion.difference().unwrap().native
    else {
        panic!("{opinion:?}");
    };
    // 1005 must not be sent. The crate returns a close frame that the server never sent.
    let opinion = of_web_socket([text("hi"), close(1005, "")].concat());
    assert_eq!(other(&opinion), (2, violation));
    let Some(EngineReport::Ending(ending)) = &opinion.difference().unwrap().native else {
        panic!("{opinion:?}");
    };
    assert_eq!(ending.close_code, Some(CloseCode(1002)));
}
