//! `convert`: what is written, what is refused, and what is left behind.

use std::path::{Path, PathBuf};

use crate::support::DEADLINE;
use crate::support::program::{Ended, Program, run};

const STREAM: &str = ": hi\nid: 7\nevent: price\ndata: {\"price\":101.50,\"symbol\":\"=A\"}\n\ndata: {\"price\":99}\n\n";

/// Folder with one event stream.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ticks.sse"), STREAM).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `convert` with these files of the folder, and options.
    fn convert(&self, files: &[&str], options: &[&str]) -> Ended {
        let file = |name: &&str| match *name {
            "-" => "-".to_owned(),
            name => self.path(name).display().to_string(),
        };
        let mut arguments = vec!["convert".to_owned()];
        arguments.extend(options.iter().map(|&option| option.to_owned()));
        arguments.extend(files.iter().map(file));
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        run(&arguments)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .unwrap()
        .permissions()
        .mode()
        .is_multiple_of(0o100)
}

#[test]
fn a_stream_becomes_lines_and_a_stream_again() {
    let folder = Folder::new();
    let ended = folder.convert(&["ticks.sse", "ticks.ndjson.gz"], &[]);
    ended.expect_status(0);
    ended.expect_complaint(&["ticks.sse", "the file has no times"]);
    assert!(is_private(&folder.path("ticks.ndjson.gz")));
    let lines = folder.convert(&["ticks.ndjson.gz", "-"], &["--from", "ndjson"]);
    lines.expect_status(0);
    let kinds: Vec<_> = lines
        .records()
        .iter()
        .map(|record| record["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["feed", "comment", "event", "event"]);
    assert_eq!(lines.records()[0]["feed"], "ticks");
    folder
        .convert(&["ticks.ndjson.gz", "back.sse"], &[])
        .expect_status(0);
    assert_eq!(folder.text("back.sse"), STREAM);
    assert_eq!(folder.names(), ["back.sse", "ticks.ndjson.gz", "ticks.sse"]);
}

#[test]
fn a_filter_that_compares_text_with_a_number_is_reported_once() {
    let folder = Folder::new();
    let prices = "data: {\"price\":\"0.43\"}\n\ndata: {\"price\":\"0.44\"}\n\n";
    std::fs::write(folder.path("prices.sse"), prices).unwrap();
    let options = ["--to", "ndjson", "--where"];
    let ended = folder.convert(
        &["prices.sse", "-"],
        &[&options[..], &[".price > 1"]].concat(),
    );
    ended.expect_status(0);
    // The result is that of jq, and the sentence says how numbers are compared.
    let events = |ended: &Ended| {
        let lines = ended.out.iter();
        lines
            .filter(|line| line.contains("\"kind\":\"event\""))
            .count()
    };
    assert_eq!(events(&ended), 2);
    let sentence = "jq compares .price as text, such as \"0.43\"";
    assert_eq!(ended.err.matches(sentence).count(), 1, "{}", ended.err);
    ended.expect_complaint(&["(.price|tonumber)"]);
    let numbers = [&options[..], &["(.price|tonumber) > 1"]].concat();
    let ended = folder.convert(&["prices.sse", "-"], &numbers);
    assert_eq!(events(&ended), 0);
    assert!(!ended.err.contains("jq compares"), "{}", ended.err);
    let ended = folder.convert(
        &["ticks.sse", "-"],
        &[&options[..], &[".price > 100"]].concat(),
    );
    assert_eq!(events(&ended), 1);
    assert!(!ended.err.contains("jq compares"), "{}", ended.err);
}

#[test]
fn a_table_has_the_requested_columns() {
    let folder = Folder::new();
    let options = ["--where", "is:event", "--columns", "price=.price,.symbol"];
    let ended = folder.convert(&["ticks.sse", "ticks.csv"], &options);
    ended.expect_status(0);
    ended.expect_complaint(&["1 cell begin with '", "--no-guard"]);
    let table = folder.text("ticks.csv");
    let rows: Vec<_> = table.split("\r\n").collect();
    assert!(rows[0].ends_with(",price,symbol"), "{table}");
    assert!(rows[1].ends_with(",101.50,'=A"), "{table}");
    assert!(rows[2].ends_with(",99,"), "{table}");
    let options = [&options[..], &["--no-guard", "--force"]].concat();
    let ended = folder.convert(&["ticks.sse", "ticks.csv"], &options);
    ended.expect_status(0);
    assert!(folder.text("ticks.csv").contains(",101.50,=A\r\n"));
}

#[test]
fn a_selection_is_a_feed_and_a_span_of_time() {
    let folder = Folder::new();
    let line = |second: u8, feed: &str| {
        format!(
            "{{\"at\":\"2026-11-21T05:49:{second:02}.000000Z\",\"connection\":1,\"feed\":\"{feed}\",\"kind\":\"comment\",\"data\":\"{second}\"}}\n"
        )
    };
    let file = [line(1, "a"), line(2, "b"), line(3, "a"), line(4, "a")].concat();
    std::fs::write(folder.path("all.ndjson"), file).unwrap();
    let options = [
        "--feed",
        "a",
        "--since",
        "2026-11-21T05:49:02Z",
        "--until",
        "2026-11-21T06:49:04+01:00",
    ];
    let ended = folder.convert(&["all.ndjson", "-"], &options);
    ended.expect_status(0);
    assert_eq!(ended.out.len(), 2, "{:?}", ended.out);
    assert_eq!(format!("{}\n", ended.out[1]), line(3, "a"));
    let ended = folder.convert(&["all.ndjson", "a.sse"], &["--feed", "c"]);
    ended.expect_status(1);
    ended.expect_complaint(&["no feed c", "a, b"]);
    let ended = folder.convert(&["all.ndjson", "a.sse"], &[]);
    ended.expect_status(1);
    ended.expect_complaint(&["--feed a or --feed b"]);
    assert_eq!(folder.names(), ["all.ndjson", "ticks.sse"]);
}

#[test]
fn wrong_usage_ends_with_2_and_writes_nothing() {
    let folder = Folder::new();
    std::fs::write(folder.path("there.csv"), "theirs").unwrap();
    for (files, options, part) in [
        (&["ticks.sse", "there.csv"][..], &[][..], "the file exists"),
        (&["missing.sse", "out.csv"], &[], "no such file"),
        (&["ticks.sse", "out.xyz"], &[], "--to"),
        (&["ticks.xyz", "out.csv"], &[], "--from"),
        (&["there.csv", "out.ndjson"], &[], "cannot read them"),
        (&["ticks.sse", "ticks.sse", "out.csv"], &[], "given twice"),
        (
            &["ticks.sse", "ticks.sse"],
            &["--force"],
            "read and written",
        ),
        (&["-", "-", "out.csv"], &[], "given twice"),
        (
            &["ticks.sse", "out.csv"],
            &["--where", "size:big"],
            "--where",
        ),
        (
            &["ticks.sse", "out.csv"],
            &["--columns", ".a |"],
            "--columns",
        ),
        (&["ticks.sse", "out.sse"], &["--columns", ".a"], "--columns"),
        (&["ticks.sse", "out.sse"], &["--no-guard"], "--no-guard"),
        (&["ticks.sse", "out.csv"], &["--since", "noon"], "--since"),
        (&["ticks.sse", "out.csv"], &["--to", "xml"], "--to"),
        (&["ticks.sse"], &[], "FILE"),
    ] {
        let ended = folder.convert(files, options);
        ended.expect_status(2);
        ended.expect_complaint(&[part]);
        assert_eq!(ended.out, [""; 0]);
        assert_eq!(folder.names(), ["there.csv", "ticks.sse"], "{files:?}");
    }
    assert_eq!(folder.text("there.csv"), "theirs");
}

#[test]
fn an_input_that_is_damaged_leaves_no_output() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("cut.sse.gz"),
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03cut",
    )
    .unwrap();
    let ended = folder.convert(&["cut.sse.gz", "out.ndjson"], &[]);
    ended.expect_status(1);
    ended.expect_complaint(&["cut.sse.gz"]);
    assert_eq!(folder.names(), ["cut.sse.gz", "ticks.sse"]);
}

#[test]
fn an_interruption_leaves_no_part_of_the_output() {
    let folder = Folder::new();
    let out = folder.path("out.ndjson");
    let out = out.to_str().unwrap();
    let mut running = Program::new(&["convert", "-", out]).with_input().spawn();
    running.write("a line\n");
    let has_part = || {
        folder
            .names()
            .iter()
            .any(|name| name.starts_with(".feedscope-"))
    };
    let until = std::time::Instant::now() + DEADLINE;
    while !has_part() {
        assert!(std::time::Instant::now() < until, "{:?}", folder.names());
        std::thread::yield_now();
    }
    // The program waits for more input.
    running.signal("INT");
    running.end().expect_status(130);
    assert_eq!(folder.names(), ["ticks.sse"]);
}

#[test]
fn standard_input_may_be_an_event_stream() {
    let folder = Folder::new();
    let out = folder.path("out.csv");
    let mut running = Program::new(&["convert", "-", out.to_str().unwrap(), "--from", "sse"])
        .with_input()
        .spawn();
    running.write(STREAM);
    running.close_input();
    running.end().expect_status(0);
    assert!(folder.text("out.csv").contains(",input,event,,price,7,"));
}

#[test]
fn archives_messages_and_columns_are_written_by_their_endings() {
    let folder = Folder::new();
    for name in ["a.feedscope", "a.har.zst", "a.mcap", "a.parquet"] {
        folder.convert(&["ticks.sse", name], &[]).expect_status(0);
        assert!(is_private(&folder.path(name)), "{name}");
    }
    let shown = |name: &str| {
        let ended = run(&["tail", folder.path(name).to_str().unwrap()]);
        ended.expect_status(0);
        ended.out
    };
    let lines = shown("a.feedscope");
    assert_eq!(lines.len(), 3);
    let archived = shown("a.har.zst")
        .join("\n")
        .replace("\"feed\":\"ticks\",", "");
    assert_eq!(archived, lines.join("\n"));
    // A folder needs a name that ends with a slash, and is never replaced.
    let ended = folder.convert(&["a.feedscope", "out/"], &["--columns", "price=.price"]);
    ended.expect_status(0);
    assert!(folder.path("out/feed=ticks").is_dir());
    let ended = folder.convert(&["a.feedscope", "out/"], &["--force"]);
    ended.expect_status(2);
    for (name, format) in [("a.mcap", "MCAP"), ("a.parquet", "Parquet")] {
        let ended = folder.convert(&[name, "b.ndjson"], &[]);
        ended.expect_status(2);
        let sentence = format!("Feedscope writes {format} files and cannot read them");
        ended.expect_complaint(&[sentence.as_str()]);
    }
}

#[test]
fn no_secret_of_an_archive_is_written() {
    let folder = Folder::new();
    let har = r#"{"log":{"entries":[{"startedDateTime":"2026-11-21T05:49:14Z",
        "request":{"url":"wss://user:s3cret@a.test/chat?token=s3cret","headers":[{"name":"Cookie","value":"s3cret"}],
            "cookies":[{"name":"a","value":"s3cret"}],"postData":{"text":"s3cret"},"queryString":[{"name":"token","value":"s3cret"}]},
        "response":{"status":101,"headers":[{"name":"Set-Cookie","value":"s3cret"}],"content":{}},
        "_webSocketMessages":[{"type":"receive","time":1795240154.5,"opcode":1,"data":"hello"}]}]}}"#;
    std::fs::write(folder.path("in.har"), har).unwrap();
    for name in [
        "b.feedscope",
        "b.ndjson",
        "b.csv",
        "b.har",
        "b.mcap",
        "b.parquet",
        "b.ndjson.gz",
        "b.har.zst",
        "b.feedscope.zst",
        "b.ndjson.zst",
        "b.csv.zst",
    ] {
        folder.convert(&["in.har", name], &[]).expect_status(0);
        let bytes = std::fs::read(folder.path(name)).unwrap();
        // Compressed files are shown by the program itself, which decompresses them.
        let shown = run(&["convert", folder.path(name).to_str().unwrap(), "-"])
            .out
            .join("\n");
        // The secret, and its base64 at each of three places.
        for secret in [&b"s3cret"[..], b"czNjcmV0", b"MzY3Jld", b"zM2NyZX"] {
            let is_there = |bytes: &[u8]| bytes.windows(secret.len()).any(|part| part == secret);
            assert!(!is_there(&bytes) && !is_there(shown.as_bytes()), "{name}");
        }
    }
}

#[test]
fn masked_payloads_are_left_out_of_a_file() {
    let folder = Folder::new();
    let options = ["--mask", "symbol", "--columns", "price=.price"];
    let ended = folder.convert(&["ticks.sse", "ticks.csv"], &options);
    ended.expect_status(0);
    let table = folder.text("ticks.csv");
    assert!(
        table.contains("‹masked, 30 bytes›") && !table.contains("101.50"),
        "{table}"
    );
    assert!(table.contains("{\"\"price\"\":99}"), "{table}");
    let ended = folder.convert(&["ticks.sse", "other.csv"], &["--mask", "size:big"]);
    ended.expect_status(2);
    ended.expect_complaint(&["size:big"]);
}
