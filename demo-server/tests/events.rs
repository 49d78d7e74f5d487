//! Event streams.

use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::support::{
    EventStream, connect, exchange, request, server, server_with_tick, still_server, wait_until,
};

#[test]
fn ticks_have_consecutive_ids_and_say_the_same_inside() {
    let server = server();
    let mut stream = EventStream::open(&server.http_url(), "/events", &["Accept: */*"]);
    assert!(stream.head.contains("Content-Type: text/event-stream\r\n"));
    assert!(stream.head.contains("Cache-Control: no-store\r\n"));
    let first = stream.next_block().unwrap().unwrap();
    assert_eq!(first.retry, "1000");
    let mut last = None;
    for _ in 0..200 {
        let event = stream.expect();
        assert_eq!(event.kind, "price");
        let id = event.number();
        assert!(last.is_none_or(|last| id == last + 1), "{last:?} {id}");
        last = Some(id);
        let tick: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(tick["id"], id);
        assert!(
            ["ACME", "GLOBEX", "INITECH", "UMBRELLA", "HOOLI"]
                .contains(&tick["symbol"].as_str().unwrap())
        );
        let price = tick["price"].as_f64().unwrap();
        assert!(tick["book"]["bid"][0].as_f64().unwrap() < price);
        assert!(tick["book"]["ask"][0].as_f64().unwrap() > price);
        assert!(tick["volume"].as_u64().unwrap() > 0);
        let sent_at = tick["sent_at"].as_str().unwrap();
        assert_eq!((sent_at.len(), &sent_at[23..]), (24, "Z"));
    }
}

#[test]
fn the_same_seed_tells_the_same_prices() {
    let prices = || {
        let server = server();
        let mut stream = EventStream::open(&server.http_url(), "/events?lastEventId=0", &[]);
        let prices = (0..50).map(|_| {
            let tick: Value = serde_json::from_str(&stream.expect().data).unwrap();
            (tick["symbol"].to_string(), tick["price"].to_string())
        });
        prices.collect::<Vec<_>>()
    };
    assert_eq!(prices(), prices());
}

#[test]
fn ids_run_on_while_nobody_listens_and_a_resume_gets_what_it_missed() {
    let server = server();
    let url = server.http_url();
    let last = EventStream::open(&url, "/events", &[]).expect().number();
    let newest = || EventStream::open(&url, "/events", &[]).expect().number();
    wait_until("twenty ticks have gone by", || newest() > last + 20);
    let header = format!("Last-Event-ID: {last}");
    let mut by_header = EventStream::open(&url, "/events", &[&header]);
    let mut by_query = EventStream::open(&url, &format!("/events?lastEventId={last}"), &[]);
    for missed in 1..100 {
        assert_eq!(by_header.expect().number(), last + missed);
        assert_eq!(by_query.expect().number(), last + missed);
    }
}

#[test]
fn an_id_that_is_none_of_ours_starts_with_the_newest() {
    let server = server();
    let url = server.http_url();
    let first = EventStream::open(&url, "/events", &[]).expect().number();
    for id in ["999999999", "x", "-1", "č", "18446744073709551616", ""] {
        let header = format!("Last-Event-ID: {id}");
        let id = EventStream::open(&url, "/events", &[&header])
            .expect()
            .number();
        assert!(id >= first, "{id}");
    }
}

#[test]
fn a_resume_from_before_the_history_starts_with_the_oldest_kept() {
    let server = server_with_tick(Duration::from_micros(100));
    let url = server.http_url();
    let newest = || EventStream::open(&url, "/events", &[]).expect().number();
    wait_until("the history is full", || newest() > 4_200);
    let mut stream = EventStream::open(&url, "/events", &["Last-Event-ID: 1"]);
    let oldest = stream.expect().number();
    assert!(oldest > 2, "{oldest}");
    assert_eq!(stream.expect().number(), oldest + 1);
}

#[test]
fn a_silent_stream_opens_at_once() {
    // Time stands still, so that the server cannot wait for anything.
    let (server, _clock) = still_server();
    let mut stream = EventStream::open(&server.http_url(), "/events?lastEventId=1", &[]);
    assert_eq!(stream.next_block().unwrap().unwrap().retry, "1000");
}

#[test]
fn talk_begins_with_its_id_line() {
    let server = server();
    let mut stream = EventStream::open(&server.http_url(), "/talk", &[]);
    let start: Vec<u8> = (0..4).map(|_| stream.byte().unwrap().unwrap()).collect();
    assert_eq!(start, b"id: ");
    let second = EventStream::open(&server.http_url(), "/talk", &[]).expect();
    assert_eq!(second.kind, "");
    // Both times have the same format, so that they compare as text. The event is sent after the connection has begun.
    let sent = second.data.strip_prefix("new server event ").unwrap();
    assert_eq!(sent.len(), second.id.len());
    assert!(sent >= second.id.as_str(), "{sent} before {}", second.id);
}

/// Returns the milliseconds of the day for the time at the end of a text, as in `…T05:49:14.523Z`.
fn millis_of_the_day(text: &str) -> i64 {
    let (_, time) = text.rsplit_once('T').unwrap();
    let numbers: Vec<i64> = time
        .trim_end_matches('Z')
        .split([':', '.'])
        .map(|number| number.parse().unwrap())
        .collect();
    ((numbers[0] * 60 + numbers[1]) * 60 + numbers[2]) * 1_000 + numbers[3]
}

#[test]
fn talk_goes_on_every_five_seconds_under_one_id() {
    let (server, clock) = still_server();
    let mut stream = EventStream::open(&server.http_url(), "/talk", &[]);
    let mut last = stream.expect();
    for _ in 0..3 {
        wait_until("it waits five seconds", || {
            clock.is_awaited(Duration::from_secs(5))
        });
        clock.advance(Duration::from_millis(4_999));
        clock.advance(Duration::from_millis(1));
        let next = stream.expect();
        assert_eq!(next.id, last.id);
        // The text of an event that was sent a millisecond earlier would show a shorter time.
        let passed = (millis_of_the_day(&next.data) - millis_of_the_day(&last.data))
            .rem_euclid(24 * 3_600 * 1_000);
        assert_eq!(passed, 5_000, "{last:?} {next:?}");
        last = next;
    }
}

#[test]
fn the_other_feeds_each_have_a_shape_of_their_own() {
    let server = server_with_tick(Duration::from_micros(500));
    let expected = [
        (
            "/scores",
            &["kickoff", "clock", "goal", "final"][..],
            "minute",
        ),
        ("/news", &["headline", "correction"], "section"),
        ("/weather", &["observation", "warning"], "temperature_c"),
    ];
    for (path, types, field) in expected {
        let mut stream = EventStream::open(&server.http_url(), path, &["Last-Event-ID: 0"]);
        for id in 1..20 {
            let event = stream.expect();
            assert!(types.contains(&event.kind.as_str()), "{event:?}");
            assert_eq!(event.number(), id);
            let data: Value = serde_json::from_str(&event.data).unwrap();
            assert!(!data[field].is_null(), "{event:?}");
        }
    }
}

#[test]
fn an_old_client_gets_the_stream_without_chunks() {
    let server = server();
    let url = server.http_url();
    let mut stream = EventStream::open_raw(&url, "GET /events HTTP/1.0\r\n\r\n");
    assert!(!stream.head.contains("chunked"), "{}", stream.head);
    let first = stream.expect().number();
    assert_eq!(stream.expect().number(), first + 1);
}

#[test]
fn a_flood_is_exactly_as_long_as_asked_and_a_comeback_is_told_to_stay_away() {
    let server = server();
    let url = server.http_url();
    let mut stream = EventStream::open(&url, "/flood?n=5000&size=200", &[]);
    for id in 1..=5_000 {
        let event = stream.expect();
        assert_eq!(event.number(), id);
        assert_eq!(event.data.len(), 200);
    }
    assert_eq!(stream.next().unwrap(), None);
    let mut large = EventStream::open(&url, "/flood?n=3&size=1048576", &[]);
    for _ in 0..3 {
        assert_eq!(large.expect().data.len(), 1 << 20);
    }
    assert_eq!(large.next().unwrap(), None);
    let again = request(&url, "GET", "/flood?n=5000", &["Last-Event-ID: 5000"]);
    assert_eq!(exchange(&url, &again).status, 204);
    let rest = request(&url, "GET", "/flood?n=3", &["Last-Event-ID: 2"]);
    assert!(exchange(&url, &rest).body.contains("id: 3\n"));
    for query in ["size=1048577", "n=x", "rate=-5"] {
        let wrong = request(&url, "GET", &format!("/flood?{query}"), &[]);
        assert_eq!(exchange(&url, &wrong).status, 400, "{query}");
    }
}

#[test]
fn a_paced_flood_keeps_its_pace() {
    // Delay until the next item. It is due one nanosecond after its time.
    const NEXT: Duration = Duration::from_nanos(1_000_001);
    let (server, clock) = still_server();
    let mut stream = EventStream::open(&server.http_url(), "/flood?n=201&rate=1000", &[]);
    assert_eq!(stream.expect().number(), 1);
    wait_until("it waits for its time", || clock.is_awaited(NEXT));
    clock.advance(Duration::from_millis(100));
    for id in 2..=101 {
        assert_eq!(stream.expect().number(), id);
    }
    wait_until("it waits again", || clock.is_awaited(NEXT));
    clock.advance(Duration::from_millis(100));
    for id in 102..=201 {
        assert_eq!(stream.expect().number(), id);
    }
    assert_eq!(stream.next().unwrap(), None);
}

#[test]
fn head_tells_what_get_would_and_keeps_nothing_open() {
    let server = server();
    let url = server.http_url();
    let answer = exchange(&url, &request(&url, "HEAD", "/events", &[]));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
    assert_eq!(answer.body, "");
}

#[test]
fn a_client_that_goes_away_is_noticed() {
    let server = server();
    let url = server.http_url();
    let mut socket = connect(&url);
    socket
        .write_all(request(&url, "GET", "/events", &[]).as_bytes())
        .unwrap();
    wait_until("it is listed", || server.clients().len() == 1);
    let client = server.clients().remove(0);
    assert_eq!(client.feed.path(), "/events");
    assert_eq!(client.address, socket.local_addr().unwrap());
    wait_until("something was sent", || server.clients()[0].sent > 500);
    drop(socket);
    wait_until("it is gone", || server.clients().is_empty());
}
