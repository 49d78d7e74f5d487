//! Decoders, lenses and documents in `tail` and `stats`, on records that come from standard input.

use serde_json::{Value, json};

use crate::support::program::{Ended, Program, run};

/// Runs the program on records that end.
fn run_on(arguments: &[&str], records: &[Value]) -> Ended {
    let mut running = Program::new(arguments).with_input().spawn();
    for record in records {
        running.write(&format!("{record}\n"));
    }
    running.close_input();
    running.end()
}

/// A record as `tail` prints it, `millis` after the first.
fn record(millis: u32, fields: &Value) -> Value {
    let mut record = json!({
        "at": format!("2026-11-21T05:49:14.{millis:03}000Z"),
        "connection": 1,
    });
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

fn message(millis: u32, direction: &str, data: &str) -> Value {
    let fields = json!({"kind": "text", "direction": direction, "data": data});
    record(millis, &fields)
}

fn binary(data_base64: &str) -> Value {
    let fields = json!({"kind": "binary", "direction": "in", "data_base64": data_base64});
    record(0, &fields)
}

fn event(millis: u32, data: &str) -> Value {
    let fields = json!({"kind": "event", "event": "message", "id": "", "data": data});
    record(millis, &fields)
}

#[test]
fn payloads_are_decoded_beside_the_received_bytes() {
    // {"a": 2^53 + 1} in MessagePack, and a byte that begins no value.
    let records = [binary("gaFhzwAgAAAAAAAB"), binary("wQ==")];
    let ended = run_on(&["tail", "-", "--decode", "msgpack"], &records);
    ended.expect_status(0);
    let found = ended.records();
    assert_eq!(found[0]["data_base64"], "gaFhzwAgAAAAAAAB");
    assert!(
        ended.out[0].ends_with(r#","read":{"data":{"a":9007199254740993}}}"#),
        "{}",
        ended.out[0]
    );
    assert_eq!(found[1]["read"]["step"], 1);
    assert_eq!(found[1]["read"]["byte"], 0);
    assert!(
        found[1]["read"]["error"]
            .as_str()
            .unwrap()
            .contains("no value begins")
    );
    // Filters read the decoded form.
    let filter = [
        "tail",
        "-",
        "--decode",
        "msgpack",
        "--where",
        ".a == 9007199254740993",
    ];
    let ended = run_on(&filter, &records);
    assert_eq!(ended.out.len(), 1);
    let sent = message(0, "out", "YTE=");
    let ended = run_on(
        &["tail", "-", "--decode", "hex", "--decode-sent", "base64"],
        &[sent],
    );
    assert_eq!(ended.records()[0]["read"]["data"], "a1");
}

#[test]
fn a_schema_names_the_fields_of_protobuf() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tick.proto");
    let text = "syntax = \"proto3\"; message Tick { string symbol = 1; uint64 number = 2; }";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["tail", "-", "--decode", "protobuf:Tick", "--proto", file];
    let ended = run_on(&arguments, &[binary("CgRBQ01FEAc=")]);
    assert_eq!(
        ended.records()[0]["read"]["data"],
        json!({"symbol": "ACME", "number": 7})
    );
    let ended = run_on(
        &["tail", "-", "--decode", "protobuf"],
        &[binary("CgRBQ01FEAc=")],
    );
    assert_eq!(
        ended.records()[0]["read"]["data"],
        json!({"1": "ACME", "2": 7})
    );
}

#[test]
fn wrong_decoders_and_lenses_are_refused_before_anything_connects() {
    for (arguments, part) in [
        (&["--decode", "rot13"][..], "no decoder `rot13`"),
        (&["--decode", "protobuf:X"], "requires a schema"),
        (
            &["--proto", "/nowhere.proto", "--decode", "protobuf"],
            "/nowhere.proto",
        ),
        (&["--lens", "nothing"], "there is no lens `nothing`"),
        (&["--keep"], "--keep requires a protocol"),
        (&["--keep", "--lens", "json-rpc"], "requires no messages"),
    ] {
        let ended = run(&[&["tail", "ws://127.0.0.1:9/"], arguments].concat());
        ended.expect_status(2);
        assert!(ended.err.contains(part), "{arguments:?}: {}", ended.err);
    }
}

#[test]
fn a_lens_adds_what_it_reads() {
    let records = [
        message(
            0,
            "out",
            r#"{"jsonrpc":"2.0","id":7,"method":"subscribe","params":["ticks"]}"#,
        ),
        message(12, "in", r#"{"jsonrpc":"2.0","id":7,"result":"s1"}"#),
        message(
            20,
            "in",
            r#"[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b"}]"#,
        ),
        message(
            30,
            "in",
            r#"{"jsonrpc":"2.0","id":8,"error":{"code":-1,"message":"no"}}"#,
        ),
        message(40, "in", "hello"),
    ];
    let ended = run_on(&["tail", "-", "--lens", "auto"], &records);
    ended.expect_status(0);
    let found = ended.records();
    assert_eq!(found[0]["read"]["title"], "→ subscribe ticks #7");
    assert_eq!(
        found[1]["read"]["title"],
        "← answer to #7 (subscribe) after 12 ms"
    );
    assert_eq!(
        (&found[1]["read"]["answers"], &found[1]["read"]["ms"]),
        (&json!(7), &json!(12.0))
    );
    assert_eq!(found[2]["read"][1]["name"], "b");
    assert_eq!(found[3]["read"]["error"], "no (-1)");
    assert!(found[4].get("read").is_none());
    assert_eq!(ended.err, "");
    let plain = run_on(&["tail", "-"], &records);
    assert!(
        plain
            .records()
            .iter()
            .all(|record| record.get("read").is_none())
    );
    let errors = run_on(
        &["tail", "-", "--lens", "json-rpc", "--where", "is:error"],
        &records,
    );
    assert_eq!(errors.out.len(), 1);
    let call = |id: u32| {
        let data = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"x"}}"#);
        message(50, "out", &data)
    };
    let answered = message(60, "in", r#"{"jsonrpc":"2.0","id":20,"result":1}"#);
    let records = [records.as_slice(), &[call(20), call(21), answered]].concat();
    let waiting = [
        "tail",
        "-",
        "--lens",
        "json-rpc",
        "--where",
        "is:unanswered",
    ];
    let waiting = run_on(&waiting, &records);
    assert_eq!(waiting.out.len(), 1);
    assert_eq!(waiting.records()[0]["read"]["id"], 21);
    // The negation shows a request as soon as its answer arrives, before it.
    let answered = [
        "tail",
        "-",
        "--lens",
        "json-rpc",
        "--where",
        "-is:unanswered is:out",
    ];
    let answered = run_on(&answered, &records);
    let ids: Vec<_> = answered
        .records()
        .iter()
        .map(|it| it["read"]["id"].clone())
        .collect();
    assert_eq!(ids, [json!(7), json!(20)]);
    // Counts and measures know the errors of the lens as well.
    let errors = ["--lens", "json-rpc", "--where", "is:error"];
    let counted = run_on(
        &[&["tail", "-", "--count-only"], &errors[..]].concat(),
        &records,
    );
    assert_eq!(counted.records()[0]["events"], 1);
    let measured = run_on(
        &[&["stats", "-", "-o", "json"], &errors[..]].concat(),
        &records,
    );
    let measured = &measured.records()[0];
    assert_eq!(measured["calls"]["calls"], 3, "{measured}");
    assert_eq!(measured["calls"]["unanswered"], 1, "{measured}");
    let text = run_on(&["tail", "-", "-o", "text", "--lens", "auto"], &records);
    assert!(
        text.out[0].contains("→ subscribe ticks #7"),
        "{}",
        text.out[0]
    );
}

#[test]
fn counts_and_measures_know_which_requests_have_an_answer() {
    let call = |direction: &str, id: u32| {
        let data = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"x"}}"#);
        message(50, direction, &data)
    };
    let answered = message(60, "in", r#"{"jsonrpc":"2.0","id":20,"result":1}"#);
    let records = [call("out", 7), call("out", 20), answered, call("in", 9)];
    for (filter, expected) in [("is:unanswered", 2), ("-is:unanswered is:out", 1)] {
        let options = ["--lens", "json-rpc", "--where", filter];
        let measured = [&["stats", "-", "-o", "json"], &options[..]].concat();
        let measured = &run_on(&measured, &records).records()[0];
        assert_eq!(measured["records"], expected, "{filter}: {measured}");
    }
    let filter = ["--lens", "json-rpc", "--where", "is:unanswered"];
    let counted = [&["tail", "-", "--count-only"], &filter[..]].concat();
    // Only what arrives is counted.
    assert_eq!(run_on(&counted, &records).records()[0]["events"], 1);
}

#[test]
fn stats_count_calls() {
    let records = [
        message(0, "out", r#"{"jsonrpc":"2.0","id":1,"method":"a"}"#),
        message(
            30,
            "in",
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-5,"message":"no"}}"#,
        ),
        message(40, "out", r#"{"jsonrpc":"2.0","id":2,"method":"a"}"#),
    ];
    let ended = run_on(&["stats", "-", "-o", "json"], &records);
    ended.expect_status(0);
    let calls = &ended.records()[0]["calls"];
    assert_eq!(
        (&calls["lens"], &calls["calls"], &calls["unanswered"]),
        (&json!("json-rpc"), &json!(2), &json!(1))
    );
    assert_eq!(calls["ms"]["p50"], 30.0);
    assert_eq!(calls["errors"], json!([{"code": "-5", "count": 1}]));
    let text = run_on(&["stats", "-"], &records);
    assert!(
        text.out
            .iter()
            .any(|line| line.contains("2 requests of json-rpc, 1 unanswered")),
        "{:?}",
        text.out
    );
}

#[test]
fn parts_of_an_answer_are_one_line() {
    let chunk = |delta: &str| {
        format!(
            r#"{{"object":"chat.completion.chunk","model":"m","choices":[{{"index":0,"delta":{delta}}}]}}"#
        )
    };
    let records = [
        event(0, &chunk(r#"{"content":"Hel"}"#)),
        event(100, &chunk(r#"{"content":"lo"}"#)),
        event(
            200,
            r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        ),
        event(300, "[DONE]"),
        event(400, r#"{"price":1}"#),
    ];
    let ended = run_on(&["tail", "-", "--assembled"], &records);
    ended.expect_status(0);
    let found = ended.records();
    let kinds: Vec<_> = found
        .iter()
        .map(|record| record["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["assembled", "event"]);
    assert_eq!(
        (&found[0]["text"], &found[0]["complete"]),
        (&json!("Hello"), &json!(true))
    );
    assert_eq!(
        (&found[0]["stop_reason"], &found[0]["parts"]),
        (&json!("stop"), &json!(2))
    );
    // An answer that stops in the middle is written at the end.
    let broken = run_on(&["tail", "-", "--assembled"], &records[..2]);
    let found = broken.records();
    assert_eq!(
        (found.len(), &found[0]["complete"], &found[0]["text"]),
        (1, &json!(false), &json!("Hello"))
    );
    assert!(
        found[0]["error"]
            .as_str()
            .unwrap()
            .starts_with("broken off")
    );
}
