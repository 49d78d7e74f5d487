//! Standard input as a source of `tail`, `stats` and `convert`, and files of all formats.

use crate::support::program::{Ended, Program, run};

/// Runs `tail` on an input that ends.
fn tail(arguments: &[&str], input: &str) -> Ended {
    run_on(&[&["tail"], arguments].concat(), input)
}

/// Runs the program on an input that ends.
fn run_on(arguments: &[&str], input: &str) -> Ended {
    let mut running = Program::new(arguments).with_input().spawn();
    running.write(input);
    running.close_input();
    running.end()
}

const OWN: &str = "{\"at\":\"2026-11-21T05:49:14.524118Z\",\"connection\":3,\"feed\":\"a\",\"kind\":\"event\",\"event\":\"price\",\"id\":\"7\",\"data\":\"{}\",\"read\":{\"lens\":\"x\"}}
{\"at\":\"2026-11-21T05:49:15.000000Z\",\"connection\":1,\"feed\":\"b\",\"kind\":\"state\",\"state\":\"failed\",\"reason\":\"lost\"}
{\"at\":\"2026-11-21T05:49:16.000000Z\",\"connection\":1,\"feed\":\"b\",\"kind\":\"weather\",\"sky\":[1]}
";

#[test]
fn lines_that_tail_printed_pass_through() {
    let ended = tail(&["-"], OWN);
    ended.expect_status(0);
    assert_eq!(ended.out, OWN.lines().collect::<Vec<_>>());
    assert_eq!(ended.err, "");
    let unnamed = OWN
        .replace("\"feed\":\"a\",", "")
        .replace("\"feed\":\"b\",", "");
    let ended = tail(&["-"], &unnamed);
    assert_eq!(ended.out, unnamed.lines().collect::<Vec<_>>());
}

#[test]
fn other_lines_are_records_between_open_and_closed() {
    let ended = tail(&["-"], "one\r\n\ntwo");
    ended.expect_status(0);
    let records = ended.records();
    let short: Vec<_> = records
        .iter()
        .map(|record| {
            let text = record["state"].as_str().or(record["data"].as_str());
            (record["kind"].as_str().unwrap(), text.unwrap())
        })
        .collect();
    assert_eq!(
        short,
        [
            ("state", "open"),
            ("line", "one"),
            ("line", "two"),
            ("state", "closed")
        ]
    );
    assert_eq!(records[3]["reason"], "the input ended");
}

#[test]
fn an_empty_input_ends_in_order() {
    let ended = tail(&["-"], "");
    ended.expect_status(0);
    assert_eq!(ended.out, [""; 0]);
}

#[test]
fn a_line_is_printed_before_the_next_one_comes() {
    let mut running = Program::new(&["tail", "-"]).with_input().spawn();
    running.write("one\n");
    let line = running.record_where(|record| record["kind"] == "line");
    assert_eq!(line["data"], "one");
    running.signal("INT");
    running.end().expect_status(130);
}

#[test]
fn an_event_stream_is_read_where_the_option_says_so() {
    let ended = tail(&["-", "--format", "event-stream"], "id: 7\ndata: x\n\n");
    ended.expect_status(0);
    assert_eq!(
        (&ended.records()[1]["id"], ended.out.len()),
        (&"7".into(), 3)
    );
}

#[test]
fn what_was_received_is_counted_by_recorded_times() {
    let ended = tail(&["-", "--count-only"], OWN);
    ended.expect_status(0);
    assert_eq!(
        ended.out,
        ["{\"kind\":\"summary\",\"events\":1,\"bytes\":2,\"seconds\":0.475882}"]
    );
}

#[test]
fn text_shows_every_line() {
    let ended = tail(&["-", "-o", "text"], OWN);
    ended.expect_status(0);
    assert_eq!(ended.out.len(), 3, "{:?}", ended.out);
    assert!(ended.out[2].contains("\"sky\":[1]"), "{:?}", ended.out);
}

#[test]
fn standard_input_is_read_once() {
    for (arguments, part) in [
        (&["tail", "-", "-"][..], "given twice"),
        (&["tail", "-", "ws://localhost", "--send", "-"], "--send -"),
        (&["-"], "feedscope tail -"),
        (&["record", "-", "-O", "x.feedscope"], "feedscope tail -"),
        (&["tail", "-", "--echo"], "--echo is for WebSockets"),
        (&["stats", "-", "missing.ndjson"], "no such file"),
        (&["serve", "-"], "convert it"),
    ] {
        let ended = run(arguments);
        ended.expect_status(2);
        ended.expect_complaint(&[part]);
    }
}

#[test]
fn measures_are_taken_by_recorded_times() {
    let ended = run_on(&["stats", "-", "-o", "json"], OWN);
    ended.expect_status(0);
    let records = ended.records();
    let figures: Vec<_> = records
        .iter()
        .map(|feed| (feed["feed"].as_str().unwrap(), feed["records"].as_u64()))
        .collect();
    assert_eq!(figures, [("a", Some(1)), ("b", Some(0))]);
    let ended = run_on(&["stats", "-", "--feed", "c"], OWN);
    ended.expect_status(1);
    ended.expect_complaint(&["no feed `c`; there are a, b"]);
}

#[test]
fn one_feed_of_the_input_can_be_selected() {
    let ended = tail(&["-", "--feed", "b", "--where", "is:state"], OWN);
    ended.expect_status(0);
    assert_eq!(ended.out, [OWN.lines().nth(1).unwrap()]);
}

#[test]
fn a_conversion_passes_each_line_of_a_live_input_on() {
    let mut running = Program::new(&["convert", "-", "-"]).with_input().spawn();
    running.write("one\n");
    assert_eq!(
        running.record_where(|record| record["kind"] == "line")["data"],
        "one"
    );
    running.write("two\n");
    assert_eq!(
        running.record_where(|record| record["kind"] == "line")["data"],
        "two"
    );
    running.close_input();
    running.end().expect_status(0);
}

#[test]
fn every_readable_format_is_shown_measured_and_converted_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // Two events of one feed, whose records all formats contain.
    let lines = OWN
        .lines()
        .next()
        .unwrap()
        .replace(",\"read\":{\"lens\":\"x\"}", "");
    let lines = format!(
        "{lines}\n{}\n",
        lines
            .replace("14.524118", "16.000000")
            .replace("\"7\"", "\"8\"")
    );
    std::fs::write(path("a.ndjson"), &lines).unwrap();
    let names = ["a.ndjson", "a.feedscope", "a.feedscope.zst", "a.ndjson.gz"];
    for name in &names[1..] {
        let ended = run(&["convert", &path("a.ndjson"), &path(name)]);
        ended.expect_status(0);
        assert_eq!(ended.err, "");
    }
    let measured = run(&["stats", &path("a.ndjson"), "-o", "json"]);
    measured.expect_status(0);
    assert_eq!(measured.records()[0]["records"], 2);
    for name in names {
        let shown = run(&["tail", &path(name)]);
        shown.expect_status(0);
        let without_feed = |text: &str| text.replace("\"feed\":\"a\",", "");
        let out: Vec<_> = shown.out.iter().map(|line| without_feed(line)).collect();
        let expected = without_feed(&lines);
        assert_eq!(out, expected.lines().collect::<Vec<_>>(), "{name}");
        assert_eq!(
            run(&["stats", &path(name), "-o", "json"]).out,
            measured.out,
            "{name}"
        );
        let counted = run(&["tail", &path(name), "--count-only"]);
        assert!(
            counted.out[0].ends_with("\"seconds\":1.475882}"),
            "{counted:?}"
        );
    }
    let ended = run(&["convert", &path("a.feedscope.zst"), &path("a.sse")]);
    ended.expect_status(0);
    let ended = run(&["tail", &path("a.sse"), "-o", "text"]);
    ended.expect_status(0);
    assert_eq!(ended.out.len(), 2, "{ended:#?}");
    // Two files are read one after the other.
    let ended = run(&["tail", &path("a.sse"), &path("a.ndjson")]);
    ended.expect_status(0);
    assert_eq!(ended.out.len(), 4, "{ended:#?}");
}

#[test]
fn standard_input_is_recorded_as_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.feedscope");
    let path = path.to_str().unwrap();
    // A recording has no place for members and kinds of later versions.
    let known: Vec<String> = OWN
        .lines()
        .take(2)
        .map(|line| line.replace(",\"read\":{\"lens\":\"x\"}", "") + "\n")
        .collect();
    let ended = tail(&["-", "--record", path], &known.concat());
    ended.expect_status(0);
    let recorded = run(&["tail", path]);
    recorded.expect_status(0);
    assert_eq!(recorded.out, ended.out);
    // Lines of other programs have the times of their reading, and an existing file is refused.
    let again = tail(&["-", "--record", path], "one\n");
    again.expect_status(2);
    let ended = tail(
        &["-", "--record", path, "--force", "--mask", "two"],
        "one\ntwo\n",
    );
    ended.expect_status(0);
    let lines: Vec<_> = run(&["tail", path]).records();
    let data: Vec<_> = lines
        .iter()
        .filter_map(|line| line["data"].as_str())
        .collect();
    assert_eq!(data, ["one", "\u{2039}masked, 3 bytes\u{203a}"]);
    assert_eq!(lines.len(), 4, "{lines:#?}");
}

#[test]
fn a_file_that_cannot_be_read_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.ndjson.gz");
    std::fs::write(&path, b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut").unwrap();
    let ended = run(&["tail", path.to_str().unwrap()]);
    ended.expect_status(1);
    ended.expect_complaint(&["cut.ndjson.gz"]);
}
