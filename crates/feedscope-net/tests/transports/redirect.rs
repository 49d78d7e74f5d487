//! Redirects of event streams: followed, bounded, and without credentials to other origins.

use feedscope_core::protocol::Engine;

use crate::feed::{Feed, once, states, summaries, word};
use crate::server::{Server, header};

const FEED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: there\n\n";

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

#[test]
fn every_kind_of_redirect_is_followed() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::start(move |number, peer| {
            peer.send(if number == 0 {
                redirect(status, "/there?x=1#y")
            } else {
                FEED.to_owned()
            });
        });
        let records = Feed::connect(once(&server.http())).to_end();
        assert_eq!(summaries(&records), ["event message there"], "{status}");
        assert_eq!(
            states(&records),
            ["connecting", "open", "closed"],
            "one attempt: {status}"
        );
        assert!(
            server.requests()[1].starts_with("GET /there?x=1 "),
            "{:?}",
            server.requests()
        );
        assert!(
            word(&records[1], "reason").contains("/there"),
            "{:#?}",
            records[1]
        );
    }
}

#[test]
fn redirects_that_lead_nowhere_fail() {
    for (answer, says) in [
        (
            redirect(302, "/feed"),
            "more than 20 redirects; the last one leads to http://127.0.0.1",
        ),
        (redirect(302, "ftp://127.0.0.1/"), "scheme ftp"),
        (redirect(302, "http://[/"), "no URL"),
        (
            "HTTP/1.1 302 Found\r\n\r\n".to_owned(),
            "without a Location",
        ),
        ("HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(), "304"),
    ] {
        let server = Server::answering(answer.clone());
        let reason = Feed::connect(once(&server.http())).end_reason();
        assert!(
            reason.starts_with("failed") && reason.contains(says),
            "{reason} for {answer:?}"
        );
    }
}

#[test]
fn redirects_without_end_are_followed_twenty_times() {
    let server = Server::start(|number, peer| peer.send(redirect(307, &format!("/{number}"))));
    let reason = Feed::connect(once(&server.http())).end_reason();
    assert!(reason.contains("20 redirects"), "{reason}");
    assert_eq!(server.requests().len(), 21);
}

#[test]
fn headers_of_the_user_stay_with_their_origin() {
    let back = Server::answering(FEED);
    let home = back.url("http", "/back");
    let away = Server::start(move |_, peer| peer.send(redirect(302, &home)));
    let there = away.url("http", "/away");
    let first = Server::start(move |number, peer| {
        peer.send(redirect(
            302,
            if number == 0 { "/same-origin" } else { &there },
        ));
    });
    let mut spec = once(&first.http().replace("//", "//user:password@"));
    let typed = [
        ("Cookie", "a=b"),
        ("X-Api-Key", "k"),
        ("X-Auth-Token", "t"),
        ("X-Harmless", "yes"),
        ("User-Agent", "me"),
    ];
    spec.http.headers = typed
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.into()))
        .collect();
    spec.http.last_event_id = "7".into();
    let records = Feed::connect(spec).to_end();
    let opened = word(&records[1], "reason");
    assert!(
        opened.contains("without the headers that were set for the first one"),
        "{opened}"
    );
    let set_by_user = [
        "authorization",
        "cookie",
        "x-api-key",
        "x-auth-token",
        "x-harmless",
    ];
    for (server, keeps) in [(&first, true), (&away, false), (&back, false)] {
        for request in server.requests() {
            for name in set_by_user {
                assert_eq!(
                    header(&request, name).is_some(),
                    keeps,
                    "{name} in {request}"
                );
            }
            assert_eq!(header(&request, "last-event-id"), Some("7"), "{request}");
            // The program's own value replaces the user's header.
            let user_agent = header(&request, "user-agent").unwrap();
            assert_eq!(user_agent.starts_with("feedscope/"), !keeps, "{request}");
            assert_eq!(header(&request, "accept"), Some("text/event-stream"));
        }
    }
    assert_eq!(first.requests().len(), 2);
    assert_eq!(back.requests().len(), 1);
}

#[test]
fn the_authorization_is_dropped_where_it_was_typed_too() {
    let away = Server::answering(FEED);
    let there = away.http();
    let first = Server::start(move |_, peer| peer.send(redirect(308, &there)));
    let mut spec = once(&first.http());
    spec.http.headers = vec![("authorization".into(), "Bearer secret".into())];
    let records = Feed::connect(spec).to_end();
    assert_eq!(
        header(&first.requests()[0], "authorization"),
        Some("Bearer secret")
    );
    assert_eq!(header(&away.requests()[0], "authorization"), None);
    assert!(!format!("{records:?}").contains("secret"));
}

#[test]
fn a_redirect_to_the_same_url_may_set_a_cookie() {
    let gate = |set_at: &'static str, back_to: &'static str| {
        Server::start(move |_, peer| {
            let has_cookie = header(&peer.head, "cookie") == Some("sid=1");
            let path = peer.head.split(' ').nth(1).unwrap_or_default();
            if has_cookie && path == "/feed" {
                peer.send(FEED);
            } else if path == set_at {
                peer.send(format!(
                    "HTTP/1.1 302 Found\r\nSet-Cookie: sid=1; Path=/\r\nLocation: {back_to}\r\nContent-Length: 0\r\n\r\n"
                ));
            } else {
                peer.send(redirect(302, set_at));
            }
        })
    };
    for set_at in ["/feed", "/login"] {
        let server = gate(set_at, "/feed");
        let records = Feed::connect(once(&server.http())).to_end();
        assert_eq!(summaries(&records), ["event message there"], "{set_at}");
    }
}

#[test]
fn the_other_engine_keeps_headers_with_their_origin_too() {
    let back = Server::answering(FEED);
    let home = back.http();
    let away = Server::start(move |_, peer| peer.send(redirect(301, &home)));
    let there = away.http();
    let first = Server::start(move |_, peer| peer.send(redirect(307, &there)));
    let mut spec = once(&first.http());
    spec.reading.choose(Engine::EventsourceClient);
    spec.http.headers = vec![("X-Vendor".into(), "s3cret".into())];
    spec.http.last_event_id = "7".into();
    Feed::connect(spec).to_end();
    for (server, keeps) in [(&first, true), (&away, false), (&back, false)] {
        let request = &server.requests()[0];
        assert_eq!(header(request, "x-vendor").is_some(), keeps, "{request}");
        assert_eq!(header(request, "last-event-id"), Some("7"), "{request}");
        assert_eq!(header(request, "accept"), Some("text/event-stream"));
    }
}

#[test]
fn a_body_stays_with_its_origin() {
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let away = Server::answering(FEED);
        let there = away.http();
        let first = Server::start(move |_, peer| peer.send(redirect(307, &there)));
        let mut spec = once(&first.http());
        spec.reading.choose(engine);
        spec.http.body = Some(b"question".to_vec().into());
        let reason = Feed::connect(spec).end_reason();
        assert!(
            reason.contains("the body of the request is not sent there"),
            "{reason}"
        );
        assert_eq!(away.requests().len(), 0);
    }
    // A redirect that turns the request into a GET drops the body anyway.
    let away = Server::answering(FEED);
    let there = away.http();
    let first = Server::start(move |_, peer| peer.send(redirect(303, &there)));
    let mut spec = once(&first.http());
    spec.http.body = Some(b"question".to_vec().into());
    assert_eq!(
        summaries(&Feed::connect(spec).to_end()),
        ["event message there"]
    );
    assert!(away.requests()[0].starts_with("GET "));
}

#[test]
fn a_redirect_that_an_engine_does_not_follow_is_attributed_to_it() {
    let server = Server::answering(redirect(302, "/there"));
    let mut spec = once(&server.http());
    spec.reading.choose(Engine::EventsourceClient);
    assert_eq!(
        Feed::connect(spec).end_reason(),
        "failed: the redirect leads nowhere: the eventsource-client crate does not follow HTTP 302"
    );
}

#[test]
fn a_401_of_another_origin_explains_that_headers_were_left_out() {
    let target = Server::answering("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n\r\n");
    let remark = "; the request was redirected to another origin, \
         where the headers that were set for the first one are not sent";
    for engine in [Engine::Native, Engine::EventsourceClient] {
        let elsewhere = Server::answering(redirect(307, &target.http()));
        let here = Server::start(|number, peer| match number {
            0 => peer.send(redirect(307, "/there")),
            _ => peer.send("HTTP/1.1 401 Unauthorized\r\n\r\n"),
        });
        for (server, has_headers, is_explained) in [
            (&elsewhere, true, true),
            (&elsewhere, false, false),
            (&here, true, false),
        ] {
            let mut spec = once(&server.http());
            spec.reading.choose(engine);
            if has_headers {
                spec.http.headers = vec![("Authorization".into(), "Bearer hunter2".into())];
            }
            let reason = Feed::connect(spec).end_reason();
            assert!(reason.starts_with("failed: HTTP 401"), "{reason}");
            assert_eq!(
                reason.contains(remark),
                is_explained,
                "{engine:?}: {reason}"
            );
        }
    }
}
