//! Tests of sentences.

use std::time::Duration;

use feedscope_analysis::filter::ScanProgress;
use feedscope_core::connection::StateChange;
use feedscope_core::feed::FeedStatus;
use feedscope_core::protocol::Protocol;
use feedscope_core::store::ListingIndex;
use feedscope_core::{ConnectionState, Moment, Timestamp};
use jiff::tz::TimeZone;

use super::*;

#[test]
fn numbers_are_written_for_people() {
    assert_eq!(count(0), "0");
    assert_eq!(count(999), "999");
    assert_eq!(count(1_204), "1,204");
    assert_eq!(count(12_345_678), "12,345,678");
    assert_eq!(counted(1, "reconnect"), "1 reconnect");
    assert_eq!(counted(0, "reconnect"), "0 reconnects");
    assert_eq!(rate(11.96), "12.0");
    assert_eq!(rate(36_356.4), "36,356");
    assert_eq!(bytes(999), "999 B");
    assert_eq!(bytes(1_400), "1.4 kB");
    assert_eq!(bytes(999_999), "1.0 MB");
    assert_eq!(bytes(12_300_000), "12.3 MB");
}

#[test]
fn what_was_found_is_said_as_far_as_it_is_known() {
    let so_far = ScanProgress {
        hits_found: 1_204,
        looked_at: 439,
        total: 1_000,
        ..ScanProgress::default()
    };
    assert_eq!(found(&so_far), "1,204 hits · searched 43 %");
    assert_eq!(found_short(&so_far), "1,204 · 43 %");
    assert_eq!(
        found_at(Some(ListingIndex(2)), &so_far),
        "1,204 found · searched 43 %"
    );
    let done = ScanProgress {
        looked_at: 1_000,
        done: true,
        ..so_far
    };
    assert_eq!(found(&done), "1,204 hits");
    assert_eq!(found_short(&done), "1,204");
    assert_eq!(found_at(Some(ListingIndex(2)), &done), "3 of 1,204");
    assert_eq!(found_at(None, &done), "1,204 found");
    let nothing = ScanProgress {
        done: true,
        ..ScanProgress::default()
    };
    assert_eq!(found_at(None, &nothing), "nothing found");
}

#[test]
fn a_type_is_written_as_a_filter_reads_it() {
    use feedscope_analysis::filter::{Filter, ParseContext};
    use feedscope_core::{Kind, Record, Stamp};

    for name in ["price", "two words", "a \"b\" \\", "-x", "/a/"] {
        let filter = Filter::parse(&qualified_type(name), &ParseContext::default()).unwrap();
        let kind = Kind::Event {
            event: name.as_bytes(),
            id: b"",
            data: b"",
        };
        let stamp = Stamp::default();
        let connection = 1;
        assert!(
            filter.matches(&Record {
                stamp,
                connection,
                kind
            }),
            "{name}"
        );
    }
}

#[test]
fn lengths_of_time_are_written_for_people() {
    for (ms, words) in [
        (61, "61 ms"),
        (6_949, "6.9 s"),
        (59_999, "59.9 s"),
        (252_000, "4 min 12 s"),
        (7_380_000, "2 h 3 min"),
        (93_600_000, "1 d 2 h"),
    ] {
        assert_eq!(duration(Duration::from_millis(ms)), words);
    }
    assert_eq!(round_trip(Duration::from_micros(420)), "0.4 ms");
    for (seconds, words) in [
        (0, "0.0 s"),
        (2, "2.0 s"),
        (252, "4 min 12 s"),
        (93_600, "1 d 2 h"),
        (259_200, "3 days"),
        (273_600, "3 days 4 h"),
        (u64::MAX, "584942417355 years"),
    ] {
        assert_eq!(wait_words(Duration::from_secs(seconds)), words);
    }
}

#[test]
fn a_pane_says_how_long_an_answer_is_awaited() {
    let asked = FeedStatus {
        state: ConnectionState::Connecting,
        asked_at: Some(Moment::from_millis(1_000)),
        attempt: 1,
        ..FeedStatus::default()
    };
    let at = |ms: u64| Moment::from_millis(1_000 + ms);
    assert_eq!(state(&asked, at(900)), "connecting");
    assert_eq!(
        state(&asked, at(17_900)),
        "connecting: asked 17 s ago, no answer yet"
    );
    assert_eq!(state_short(&asked, at(17_900)), "connecting 17 s");
    let again = FeedStatus {
        attempt: 3,
        ..asked
    };
    assert_eq!(
        state(&again, at(2_000)),
        "connecting: asked 2 s ago, no answer yet · attempt 3"
    );
    let protocol = Protocol::EventStream;
    assert_eq!(slow_answer(&again, protocol, at(4_999)), None);
    let (sentence, cause) = slow_answer(&again, protocol, at(5_000)).unwrap();
    assert_eq!(sentence, "Asked 5 s ago, no answer yet");
    assert!(cause.contains("with the first event"), "{cause}");
    let open = FeedStatus {
        state: ConnectionState::Open,
        asked_at: None,
        ..again
    };
    assert_eq!(slow_answer(&open, protocol, at(60_000)), None);
}

#[test]
fn a_row_tells_how_long_after_the_one_above_it_came() {
    for (nanos, words) in [
        (0, "+0.0 ms"),
        (1_140_000, "+1.1 ms"),
        (82_400_000, "+82 ms"),
        (1_042_000_000, "+1.042 s"),
        (252_000_000_000, "+4 min 12 s"),
    ] {
        let at = Moment::from_nanos(5 + nanos);
        assert_eq!(since_above(at, Moment::from_nanos(5)), words);
    }
}

#[test]
fn a_difference_of_times_is_never_a_negative_zero() {
    let reference = Moment::from_millis(10_000);
    for (nanos, words) in [
        (10_000_000_000, "+0.0 ms"),
        (9_999_960_000, "+0.0 ms"),
        (9_999_940_000, "-0.1 ms"),
        (10_000_040_000, "+0.0 ms"),
        (9_917_600_000, "-82 ms"),
        (11_042_000_000, "+1.042 s"),
    ] {
        let at = Moment::from_nanos(nanos);
        assert_eq!(since_reference(at, reference), words, "{nanos}");
    }
    assert_eq!([-0.4, 0.4, -1.5].map(signed_ms), ["0 ms", "0 ms", "-1 ms"]);
    assert_eq!(axis_number(-0.0, "ms"), "0 ms");
    assert_eq!(axis_number(-1.5, ""), "-1.5");
}

#[test]
fn a_plotted_number_has_no_digits_of_a_computed_fraction() {
    for (value, digits, words) in [
        (101.618_013_9, 6, "101.618"),
        (-101.618_013_9, 4, "-101.6"),
        (0.1 + 0.2, 6, "0.3"),
        (123_456.7, 2, "123457"),
        (99.999_99, 3, "100"),
        (0.001_234_567_8, 6, "0.001235"),
        (1e-12, 6, "1e-12"),
        (2_500_000.0, 6, "2.5e6"),
        (0.0, 6, "0"),
    ] {
        assert_eq!(plotted_number(value, "", digits), words, "{value}");
    }
    assert_eq!(plotted_number(2.0, "ms", 6), "2 ms");
}

#[test]
fn a_time_near_the_arrival_is_told_against_it() {
    let arrival = Timestamp::from_micros(1_795_240_154_524_118);
    let told = |text: &str| against_arrival(text, arrival);
    for (text, words) in [
        ("2026-11-21T05:49:14.523Z", "1.1 ms before arrival"),
        ("2026-11-21T06:49:14.524118+01:00", "0.0 ms before arrival"),
        ("2026-11-21T05:49:20Z", "5.4 s after arrival"),
    ] {
        assert_eq!(told(text).as_deref(), Some(words), "{text}");
    }
    for text in ["2026-11-21T07:49:14Z", "2026-11-21", "05:49:14", "noon", ""] {
        assert_eq!(told(text), None, "{text}");
    }
}

#[test]
fn times_are_shown_in_the_zone_asked_for() {
    let at = Timestamp::from_micros(1_795_240_154_524_118);
    assert_eq!(time_of_day(at, &TimeZone::UTC), "05:49:14.524");
    assert_eq!(
        date_and_time(at, &TimeZone::UTC),
        "2026-11-21 05:49:14.524118 UTC"
    );
    let east = TimeZone::fixed(jiff::tz::offset(2));
    assert_eq!(time_of_day(at, &east), "07:49:14.524");
}

#[test]
fn a_transition_reads_as_a_sentence() {
    let change = |state, attempt, delay_ms, status, reason: Option<&str>| {
        let reason = reason.map(str::to_owned);
        transition(&StateChange {
            state,
            attempt,
            reconnects: attempt.map(u64::from),
            delay_ms,
            status,
            reason,
        })
    };
    let lost = change(
        ConnectionState::Reconnecting,
        Some(2),
        Some(3_000),
        None,
        Some("connection lost"),
    );
    assert_eq!(lost, "connection lost; attempt 2 in 3.0 s");
    assert_eq!(
        change(ConnectionState::Connecting, Some(2), None, None, None),
        "connecting again: attempt 2"
    );
    assert_eq!(
        change(ConnectionState::Open, None, None, Some(200), None),
        "open: 200 OK"
    );
    assert_eq!(
        change(ConnectionState::Closed, None, None, None, None),
        "closed"
    );
}

#[test]
fn a_difference_is_shown_with_its_surroundings() {
    for (one, other, expected) in [
        ("", "", 0),
        (r#"{"a":1}"#, r#"{"a":2}"#, 2),
        ("abcdefgh", "abcdefgh!", 5),
        // A character is not cut.
        ("äöüx", "äöüy", 2),
    ] {
        assert_eq!(difference_start(one, other, 3), expected, "{one} {other}");
    }
}

#[test]
fn different_prices_do_not_look_alike_without_an_ellipsis() {
    let prices = [
        "0.00619345",
        "0.00619349",
        "0.0061935",
        "0.00619",
        "61.9345",
        "61.93",
    ];
    for fitting in 4..12 {
        let shown = prices.map(|price| fitting_number(price, fitting));
        for (place, text) in shown.iter().enumerate() {
            let is_cut = text.contains('…') || text.len() > fitting;
            assert!(is_cut || !shown[..place].contains(text), "{fitting} {text}");
        }
    }
}

#[test]
fn a_long_number_is_shortened_to_its_room() {
    for (text, fitting, expected) in [
        ("0.00001303", 12, "0.00001303"),
        ("0.00001303", 9, "1.303e-5"),
        ("64012.55000000", 9, "64012.55"),
        ("14.777512345", 8, "14.7775…"),
        ("0.00619345", 8, "0.00619…"),
        ("0.00619345", 10, "0.00619345"),
        ("-0.00000000", 4, "-0"),
        ("123456789012345", 9, "1.234…e14"),
        ("0.000000123456", 9, "1.234…e-7"),
        ("12345678901234567890", 12, "1.234567…e19"),
        ("1200000000000000000000", 8, "1.2e21"),
        ("12.5", 1, "12.5"),
        ("high", 2, "high"),
    ] {
        assert_eq!(fitting_number(text, fitting), expected, "{text}");
    }
}
