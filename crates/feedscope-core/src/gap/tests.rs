//! Tests of what a resume lost or repeated.

use super::*;

/// Feeds ids, where `|` is a resume, and returns the gaps, each with the id that it came before. The payload is the id,
/// with what follows an apostrophe.
fn gaps(script: &str) -> Vec<(String, String)> {
    let mut tracker = GapTracker::new();
    let mut gaps = Vec::new();
    for id in script.split(' ') {
        match id {
            "|" => tracker.on_resume(),
            // An event without any id, which a list cut at spaces cannot hold.
            "-" => gaps.extend(
                tracker
                    .on_event(b"", b"")
                    .map(|gap| ("-".to_owned(), gap.to_string())),
            ),
            data => {
                let id = data.split('\'').next().unwrap_or_default();
                let finding = tracker.on_event(id.as_bytes(), data.as_bytes());
                gaps.extend(finding.map(|gap| (id.to_owned(), gap.to_string())));
            }
        }
    }
    gaps
}

fn check(script: &str, expected: &[(&str, &str)]) {
    let gaps = gaps(script);
    let gaps: Vec<_> = gaps
        .iter()
        .map(|(id, gap)| (id.as_str(), gap.as_str()))
        .collect();
    assert_eq!(gaps, expected, "{script}");
}

const UNKNOWN: &str = "ids do not show what was missed";

#[test]
fn consecutive_ids_tell_what_was_missed() {
    check("1 2 3 | 4 5", &[("4", "nothing missed")]);
    check(
        "1062 1063 | 1073",
        &[("1073", "9 missed between id 1063 and 1073")],
    );
    check("0 1 | 3", &[("3", "1 missed between id 1 and 3")]);
    check("1 2", &[]);
    check("1 2 |", &[]);
    check(
        "18446744073709551613 18446744073709551614 | 18446744073709551615",
        &[("18446744073709551615", "nothing missed")],
    );
}

#[test]
fn repetitions_are_counted_until_the_stream_goes_past_them() {
    check("1 2 3 4 | 2 3 4 5", &[("5", "3 repeated")]);
    check("1 2 3 4 | 4 5", &[("5", "1 repeated")]);
    check(
        "1 2 3 4 | 3 4 7",
        &[("7", "2 missed after id 4, 2 repeated")],
    );
    check("1 2 3 4 | 3 4", &[]);
}

#[test]
fn a_gap_says_between_which_ids() {
    let mut tracker = GapTracker::new();
    assert_eq!(tracker.on_event(b"7", b"7"), None);
    assert_eq!(tracker.on_event(b"8", b"8"), None);
    tracker.on_resume();
    assert_eq!(tracker.on_event(b"7", b"7"), None);
    assert_eq!(tracker.on_event(b"8", b"8"), None);
    let gap = Gap {
        missing: Some(1),
        repeated: Some(2),
        from: "8".to_owned(),
        to: "7".to_owned(),
    };
    assert_eq!(tracker.on_event(b"10", b"10"), Some(IdFinding::Gap(gap)));
    tracker.on_resume();
    let gap = Gap {
        missing: Some(4),
        repeated: Some(0),
        from: "10".to_owned(),
        to: "15".to_owned(),
    };
    assert_eq!(tracker.on_event(b"15", b"15"), Some(IdFinding::Gap(gap)));
}

#[test]
fn every_break_is_judged_for_itself() {
    check(
        "1 2 | 3 | 4 | 6 | 6 7",
        &[
            ("3", "nothing missed"),
            ("4", "nothing missed"),
            ("6", "1 missed between id 4 and 6"),
            ("7", "1 repeated"),
        ],
    );
    // Nothing came in between, or nothing that decides: there is one finding.
    check("1 2 | | | 5", &[("5", "2 missed between id 2 and 5")]);
    check(
        "1 2 3 | 2 | 3 5",
        &[("5", "1 missed after id 3, 2 repeated")],
    );
}

#[test]
fn an_id_that_is_left_out_within_a_connection_is_missing() {
    check(
        "1 2 3 4 6 7 10 11",
        &[
            ("6", "1 missed between id 4 and 6"),
            ("10", "2 missed between id 7 and 10"),
        ],
    );
    // Three steps by one come first.
    check("1 2 3 5 6", &[]);
    check("2 4 6 8 10 12", &[]);
    check("a b c d f", &[]);
    check(
        "- 7 7 8 - 9 10 10 12",
        &[("12", "1 missed between id 10 and 12")],
    );
    // IDs that come again are reported with the next one.
    check("1 2 3 4 5 3 4 6 7", &[("6", "2 repeated")]);
    check("1 2 3 4 2 7", &[("7", "2 missed after id 4, 1 repeated")]);
    // An id of another kind in between changes nothing.
    check("1 2 3 4 x 5 7", &[("7", "1 missed between id 5 and 7")]);
    // The server counts anew.
    check(
        "500 501 502 503 1 2 3 4 6",
        &[("1", UNKNOWN), ("6", "1 missed between id 4 and 6")],
    );
}

#[test]
fn a_hole_before_a_break_does_not_hide_what_the_break_lost() {
    check(
        "1 2 3 4 6 | 9",
        &[
            ("6", "1 missed between id 4 and 6"),
            ("9", "2 missed between id 6 and 9"),
        ],
    );
    check(
        "1 2 3 4 5 4 | 6 8",
        &[("6", "1 repeated"), ("8", "1 missed between id 6 and 8")],
    );
}

#[test]
fn ids_that_no_longer_count_up_end_the_check_with_one_finding() {
    let sparse: Vec<String> = (0..80).map(|n| (100 + 10 * n).to_string()).collect();
    let gaps = gaps(&format!("1 2 3 4 {}", sparse.join(" ")));
    assert_eq!(gaps.len(), 51);
    let ended = IdFinding::NoLongerCounting.to_string();
    assert_eq!(gaps[50].1, ended);
    assert!(
        gaps[..50]
            .iter()
            .all(|(_, gap)| gap.contains("missed between"))
    );
    // Half of the steps are few enough.
    let half: Vec<String> = (0..300).map(|n| (100 + n + n / 2).to_string()).collect();
    let gaps = self::gaps(&format!("96 97 98 99 {}", half.join(" ")));
    assert!(gaps.len() > 100);
    assert!(gaps.iter().all(|(_, gap)| *gap != ended));
}

#[test]
fn other_ids_do_not_tell() {
    check("a b | c", &[("c", UNKNOWN)]);
    check("- - | -", &[("-", UNKNOWN)]);
    check("| 1", &[("1", UNKNOWN)]);
    // Only one id came before the break, so that their growth is unknown.
    check("5 | 6", &[("6", UNKNOWN)]);
    check("10 20 30 | 40", &[("40", UNKNOWN)]);
    check("3 2 1 | 0", &[("0", UNKNOWN)]);
    check("1 2 | c", &[("c", UNKNOWN)]);
    check("1 2 | +3", &[("+3", UNKNOWN)]);
    check(
        "1 2 | 18446744073709551616",
        &[("18446744073709551616", UNKNOWN)],
    );
    check("18446744073709551615 0 | 1", &[("1", UNKNOWN)]);
}

#[test]
fn a_server_that_counts_anew_repeats_nothing() {
    check("500 501 502 | 1 2 3", &[("1", UNKNOWN)]);
    check(
        "500 501 | 1 2 | 3",
        &[("1", UNKNOWN), ("3", "nothing missed")],
    );
    // More repetitions than there were events.
    check("1 2 3 | 1 2 1 2", &[("1", UNKNOWN)]);
    // Other events have the same ids: the first one, or the last one.
    check("1 2 3 | 1'new 2'new 3'new 4", &[("1", UNKNOWN)]);
    check("1 2 3 | 2'new 3'new 4", &[("3", UNKNOWN)]);
    check(
        "1 2 3 4 5 | 4'new 5'new 6 | 6'newer 7'newer",
        &[("5", UNKNOWN), ("7", "nothing missed")],
    );
    // An event with the ID in force, which is none of its own.
    check("1 2 3 | 3'hello 4", &[("4", "nothing missed")]);
    check("1 2 3 | 3 4", &[("4", "1 repeated")]);
}

#[test]
fn events_without_an_id_of_their_own_say_nothing() {
    // A greeting at the top of each connection, with the id in force or with none.
    check("- 1 2 3 | 3 4", &[("4", "nothing missed")]);
    check("- 1 2 3 | - 4", &[("4", "nothing missed")]);
    check("- 1 2 3 | - 7", &[("7", "3 missed between id 3 and 7")]);
    check("1 1 2 2 3 3 | 4", &[("4", "nothing missed")]);
    check("1 2 3 | 3 3 4", &[("4", "nothing missed")]);
    check("1 2 3 | 2 2 3 3 4", &[("4", "2 repeated")]);
    let nothing_else = "1 2 |".to_owned() + &" -".repeat(15);
    check(&nothing_else, &[]);
    check(&(nothing_else + " -"), &[("-", UNKNOWN)]);
}

#[test]
fn sentences() {
    let gap = |missing, repeated| {
        Gap {
            missing,
            repeated,
            from: "4".to_owned(),
            to: "9".to_owned(),
        }
        .to_string()
    };
    assert_eq!(gap(Some(0), Some(0)), "nothing missed");
    assert_eq!(gap(Some(0), None), "nothing missed");
    assert_eq!(gap(Some(4), None), "4 missed between id 4 and 9");
    assert_eq!(gap(None, Some(4)), "4 repeated");
    assert_eq!(gap(None, None), UNKNOWN);
}
