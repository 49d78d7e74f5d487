//! Measures of the same records in the window and in `feedscope stats`.

use std::collections::BTreeSet;
use std::time::Duration;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable as _};
use feedscope::app::{App, KeptSettings};
use feedscope::plan::{FeedPlan, WindowFeeds};
use feedscope_core::feed::FeedSpec;
use feedscope_core::{ConnectionState, Direction, Kind};
use serde_json::Value;

use super::files::{Recording, open, state};
use super::fixture::stamp;
use super::whole::{Whole, app_window, until};
use crate::support::program::run;
use crate::support::server::{After, Server};

/// Name of a number in the window, its place in the JSON of `stats`, and the factor to the smallest unit of the window.
struct SharedNumber(&'static str, &'static str, f64);

/// All numbers that both show.
const SHARED: [SharedNumber; 25] = [
    SharedNumber("payloads", "/records", 1.0),
    SharedNumber("measured time", "/seconds", 1_000.0),
    SharedNumber("payload bytes", "/bytes", 1.0),
    SharedNumber("mean rate", "/rate/mean", 1.0),
    SharedNumber("busiest second", "/rate/max_1s", 1.0),
    SharedNumber("p50 of the sizes", "/size_bytes/p50", 1.0),
    SharedNumber("p99 of the sizes", "/size_bytes/p99", 1.0),
    SharedNumber("p50 of the intervals", "/interval_ms/p50", 1.0),
    SharedNumber("p99 of the intervals", "/interval_ms/p99", 1.0),
    SharedNumber("longest time without a record", "/longest_silence_ms", 1.0),
    SharedNumber("p50 of the latencies", "/latency_ms/p50", 1.0),
    SharedNumber("p99 of the latencies", "/latency_ms/p99", 1.0),
    SharedNumber("error of the clock", "/latency_ms/offset_ms", 1.0),
    SharedNumber("newest round trip", "/rtt_ms/last", 1.0),
    SharedNumber("p50 of the round trips", "/rtt_ms/p50", 1.0),
    SharedNumber("longest round trip", "/rtt_ms/max", 1.0),
    SharedNumber("newest time to open", "/time_to_open_ms/last", 1.0),
    SharedNumber("longest time to open", "/time_to_open_ms/max", 1.0),
    SharedNumber("part of the time that was open", "/open_ratio", 100.0),
    SharedNumber("reconnections", "/reconnects", 1.0),
    SharedNumber("records that never arrived", "/missed", 1.0),
    SharedNumber("records that arrived again", "/repeated", 1.0),
    // The first entry is that of the only key with faults, and the second one is the sum.
    SharedNumber(
        "missing numbers of the sequence",
        "/sequences/1/missing",
        1.0,
    ),
    SharedNumber(
        "repeated numbers of the sequence",
        "/sequences/1/repeated",
        1.0,
    ),
    SharedNumber(
        "disordered numbers of the sequence",
        "/sequences/1/out_of_order",
        1.0,
    ),
];

/// Numbers that only `stats` has.
const ONLY_IN_STATS: [&str; 17] = [
    "/types/price",
    "/connections",
    "/interval_ms/p90",
    "/interval_ms/max",
    "/size_bytes/p90",
    "/size_bytes/max",
    "/latency_ms/count",
    "/latency_ms/min",
    "/latency_ms/p90",
    "/latency_ms/max",
    "/rtt_ms/count",
    "/time_to_open_ms/count",
    "/time_to_open_ms/p50",
    "/sequences/0/missing",
    "/sequences/0/repeated",
    "/sequences/0/out_of_order",
    "/latency_ms/whole_seconds",
];

/// Pushes ticks with holes in their IDs and sequence, a late clock, pings, and a drop.
fn push_feed(recording: &mut Recording) {
    recording.push(stamp(0), state(ConnectionState::Connecting));
    recording.push(stamp(35), state(ConnectionState::Open));
    let (mut ms, mut id) = (100, 0);
    for number in 0..300_u64 {
        ms += 20 + number * 37 % 90;
        // Two IDs are missing.
        id += if number == 120 { 3 } else { 1 };
        // Each symbol has a sequence of its own. The second one lacks seven numbers, and has another one twice in place of
        // the next number.
        let (symbol, seq) = match (number % 3, number - number / 3) {
            (0, _) => ("ACME", number / 3),
            (_, 150) => ("ACNE", 149 + 7),
            (_, other @ 100..) => ("ACNE", other + 7),
            (_, other) => ("ACNE", other),
        };
        let delay = 50 + number * 53 % 200;
        let sent = 1_795_240_000_000 + ms + 30_000 - delay;
        let data = format!(
            "{{\"symbol\":\"{symbol}\",\"seq\":{seq},\"t\":{sent},\"pad\":\"{}\"}}",
            "x".repeat((number % 40) as usize)
        );
        let id_text = id.to_string();
        let kind = Kind::Event {
            event: b"price",
            id: id_text.as_bytes(),
            data: data.as_bytes(),
        };
        recording.push(stamp(ms), kind);
        if number % 50 == 49 {
            let pong = Kind::Pong {
                direction: Direction::In,
                data: b"",
                rtt: Some(Duration::from_micros(1_500 + number * 10)),
            };
            recording.push(stamp(ms), pong);
        }
        if number == 220 {
            recording.push(stamp(ms + 10), state(ConnectionState::Reconnecting));
            recording.push(stamp(ms + 2_010), state(ConnectionState::Connecting));
            recording.push(stamp(ms + 2_072), state(ConnectionState::Open));
            ms += 2_100;
        }
    }
}

/// Opens the measures of the only pane.
pub(super) fn open_measures(window: &mut Whole) {
    window.get_by_label("More").click();
    window.run_steps(3);
    window.get_by_label("Measures…").click();
    until(window, "the menus of the fields", |window| {
        window.query_by_label("Sequence none").is_some()
    });
}

/// Types the path of a field into the open menu of the measures.
pub(super) fn type_field(window: &mut Whole, path: &str) {
    let field = window.get_by_role_and_label(Role::TextInput, "Path of the field");
    field.focus();
    field.type_text(path);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
}

/// Types a field in a menu of the measures.
fn choose(window: &mut Whole, menu: &str, path: &str) {
    // The menus move while the numbers above them appear.
    until(window, "all records", |window| {
        shown(window, "payloads").as_deref() == Some("300")
    });
    window.run_steps(2);
    window.get_by_label(&format!("{menu} none")).click();
    window.run_steps(3);
    type_field(window, path);
}

/// Returns a number of the window, with its unit; `None` while it is not there.
fn shown(window: &Whole, name: &str) -> Option<String> {
    let start = format!("{name}: ");
    let nodes = window.query_all_by_label_contains(&start);
    let texts = nodes.filter_map(|node| node.accesskit_node().value());
    let mut numbers = texts.filter_map(|text| text.strip_prefix(&start).map(str::to_owned));
    numbers.next()
}

/// Returns the limits between which the exact value of a formatted number is, in its smallest unit.
fn limits(text: &str) -> (f64, f64) {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number = number.replace([',', '+'], "");
    let decimals = number.split_once('.').map_or(0, |(_, digits)| digits.len());
    let factor = match unit {
        "s" | "kB" => 1_000.0,
        // These units are the smallest, or have no other one beside them.
        "" | "ms" | "B" | "/s" | "%" | "reconnect" | "reconnects" => 1.0,
        _ => panic!("unit of {text}"),
    };
    let value = number.parse::<f64>().unwrap() * factor;
    // Some numbers are rounded, and durations are cut.
    let step = factor / 10_f64.powi(decimals as i32);
    (value - step, value + step)
}

/// Returns the places of all numbers in JSON.
fn numbers_in(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                numbers_in(value, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                numbers_in(value, &format!("{place}/{at}"), found);
            }
        }
        Value::Number(_) => {
            found.insert(place.to_owned());
        }
        _ => {}
    }
}

#[test]
fn the_window_and_stats_show_the_same_measures_of_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    push_feed(&mut recording);
    recording.recorder.finish();
    let path = recording.path.to_str().unwrap();
    let fields = [
        "--time-field",
        ".t",
        "--sequence",
        ".seq",
        "--key",
        ".symbol",
    ];
    let mut arguments = vec!["stats", path, "-o", "json"];
    arguments.extend(fields);
    let ended = run(&arguments);
    ended.expect_status(0);
    let stats = ended.records().remove(0);

    let mut window = open(&[&recording.path]);
    until(&mut window, "the whole file", |window| {
        window.query_by_label("State: recording").is_some()
    });
    open_measures(&mut window);
    choose(&mut window, "Time of the server", ".t");
    choose(&mut window, "Sequence", ".seq");
    choose(&mut window, "Key of the sequence", ".symbol");
    until(&mut window, "all records", |window| {
        let is_whole = shown(window, "payloads").as_deref() == Some("300");
        is_whole && shown(window, "keys with faults in the sequence").is_some()
    });

    let mut all = BTreeSet::new();
    numbers_in(&stats, "", &mut all);
    for SharedNumber(name, place, factor) in SHARED {
        let number = stats.pointer(place).and_then(Value::as_f64);
        let exact = number.unwrap_or_else(|| panic!("{place} in {stats}")) * factor;
        let text = shown(&window, name).unwrap_or_else(|| panic!("{name} is not shown"));
        let (least, most) = limits(&text);
        assert!(
            least < exact && exact < most,
            "{name}: {text}, and {exact} in stats"
        );
        all.remove(place);
    }
    for place in ONLY_IN_STATS {
        all.remove(place);
    }
    assert_eq!(all, BTreeSet::new(), "numbers that are not compared");
    // The feed has these faults, so that no measure compares 0 with 0 only.
    let sum = &stats["sequences"][1];
    let faults = [&stats["missed"], &sum["missing"], &sum["repeated"]];
    assert_eq!(faults, [2, 8, 1]);
}

/// Returns the note at the end of the selected row.
fn fault_of_selected_row(window: &Whole) -> Option<String> {
    let is_selected = |node: &AccessKitNode<'_>| node.is_selected() == Some(true);
    let rows = window.query_all_by_role(Role::ListBoxOption);
    let row = rows
        .into_iter()
        .find(|row| is_selected(&row.accesskit_node()))?;
    let notes = window.query_all_by_role(Role::Label);
    let mut notes = notes.filter(|note| row.rect().contains_rect(note.rect()));
    notes.find_map(|note| {
        note.accesskit_node()
            .value()
            .filter(|text| text.contains(".seq"))
    })
}

#[test]
fn the_faults_of_a_sequence_are_rows_of_the_window_lines_of_tail_and_counts_of_stats() {
    let folder = tempfile::tempdir().unwrap();
    let mut recording = Recording::start(folder.path());
    push_feed(&mut recording);
    recording.recorder.finish();
    let path = recording.path.to_str().unwrap();
    let fields = ["--sequence", ".seq", "--key", ".symbol", "-o", "json"];
    let stats = run(&[&["stats", path], &fields[..]].concat());
    let tail = run(&[&["tail", path], &fields[..]].concat());
    stats.expect_status(0);
    tail.expect_status(0);
    let gaps: Vec<Value> = tail.records();
    let gaps: Vec<&Value> = gaps.iter().filter(|gap| gap["field"] == ".seq").collect();
    let count = |gap: &Value, name: &str| gap[name].as_u64().unwrap_or(0);
    for fault in ["missing", "repeated", "out_of_order"] {
        let sum: u64 = gaps.iter().map(|gap| count(gap, fault)).sum();
        assert_eq!(
            sum,
            count(&stats.records()[0]["sequences"][1], fault),
            "{fault}"
        );
    }

    let mut window = open(&[&recording.path]);
    until(&mut window, "the whole file", |window| {
        window.query_by_label("State: recording").is_some()
    });
    open_measures(&mut window);
    choose(&mut window, "Sequence", ".seq");
    choose(&mut window, "Key of the sequence", ".symbol");
    let link = format!("{} faults in the sequence", gaps.len());
    until(&mut window, "the faults", |window| {
        window.query_by_label(&link).is_some()
    });
    for gap in gaps {
        window.get_by_label(&link).click();
        window.run_steps(6);
        let (from, to) = (&gap["from"], &gap["to"]);
        let [key, from, to] = [&gap["key"], from, to].map(|it| it.as_str().unwrap());
        let part = format!(".seq of {key} {from} to {to}");
        let note = fault_of_selected_row(&window).unwrap_or_else(|| panic!("no row for {gap}"));
        let word = match count(gap, "missing") {
            0 if count(gap, "repeated") > 0 => "repeated".to_owned(),
            0 => "out of order".to_owned(),
            missing => format!("{missing} missed"),
        };
        assert!(
            note.contains(&part) && note.contains(&word),
            "{note}: {gap}"
        );
    }
}

#[test]
fn the_window_and_stats_show_the_same_measures_of_a_live_feed() {
    let event = |number: u64| {
        // Two IDs and seven numbers of the sequence are missing.
        let id = if number < 120 { number } else { number + 2 };
        let seq = if number < 200 { number } else { number + 7 };
        let pad = "x".repeat((number % 40) as usize);
        let kind = if number.is_multiple_of(5) {
            "trade"
        } else {
            "price"
        };
        format!("event: {kind}\nid: {id}\ndata: {{\"seq\":{seq},\"pad\":\"{pad}\"}}\n\n")
    };
    let body: String = (1..301).map(event).collect();
    // The connection of the window stays open, and `stats` ends with its connection.
    let servers = [After::Stay, After::Close].map(|after| Server::event_stream(&body, after));
    let [url, url_of_stats] = servers
        .each_ref()
        .map(|server| server.url("http", "/ticks"));
    let ended = run(&[
        "stats",
        &url_of_stats,
        "--sequence",
        ".seq",
        "--reconnect",
        "never",
        "-o",
        "json",
    ]);
    ended.expect_status(0);
    let stats = ended.records().remove(0);
    let plan = FeedPlan::of(FeedSpec::new(url.parse().unwrap()));
    let feeds = WindowFeeds::Given(vec![plan]);
    let mut window = app_window(App::new(feeds, None, KeptSettings::default()).unwrap());
    until(&mut window, "the records", |window| {
        let feeds = window.state().feeds();
        feeds
            .first()
            .is_some_and(|feed| feed.store.extent().end.0 > 300)
    });
    open_measures(&mut window);
    choose(&mut window, "Sequence", ".seq");
    until(&mut window, "the sequence", |window| {
        // Another field is measured from the oldest record on.
        let is_whole = shown(window, "payloads").as_deref() == Some("300");
        is_whole && shown(window, "missing numbers of the sequence").is_some()
    });
    // Times differ between two connections. Everything else is equal.
    let is_timed = |place: &str| {
        [
            "/seconds",
            "/rate",
            "/interval",
            "/longest",
            "/time_to",
            "/open_ratio",
            "/latency",
            "/rtt",
        ]
        .iter()
        .any(|start| place.starts_with(start))
    };
    let mut compared = 0;
    for SharedNumber(name, place, factor) in SHARED {
        // The sum of a sequence without a key is the only entry.
        let place = place.replace("/sequences/1", "/sequences/0");
        if is_timed(&place) {
            continue;
        }
        let number = stats.pointer(&place).and_then(Value::as_f64);
        let exact = number.unwrap_or_else(|| panic!("{place} in {stats}")) * factor;
        let text = shown(&window, name).unwrap_or_else(|| panic!("{name} is not shown"));
        let (least, most) = limits(&text);
        assert!(
            least < exact && exact < most,
            "{name}: {text}, and {exact} in stats"
        );
        compared += 1;
    }
    assert_eq!(compared, 10);
    let faults = [&stats["missed"], &stats["sequences"][0]["missing"]];
    assert_eq!(faults, [2, 7]);
}
