//! Saved connections: names on the command line, variables, messages that are sent by themselves, and files of projects.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::quick_demo;
use crate::support::program::{Ended, Program, for_long_enough, run};
use crate::support::server::{After, Server};

/// A run with this file of connections as the user's own.
fn with_connections(text: &str, arguments: &[&str]) -> Program {
    let program = Program::new(arguments);
    let path = program.settings("").with_file_name("connections.toml");
    fs::write(path, text).unwrap();
    program
}

/// Data of the messages in this direction.
fn texts(ended: &Ended, direction: &str) -> Vec<String> {
    let records = ended.records();
    let is_there = |record: &&Value| record["kind"] == "text" && record["direction"] == direction;
    let data = |record: &Value| record["data"].as_str().unwrap().to_owned();
    records.iter().filter(is_there).map(data).collect()
}

fn toml(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_name_opens_its_connection_with_its_options() {
    let demo = quick_demo();
    let file = format!(
        "[echo]\nurl = \"{}/echo\"\nsend_on_connect = [\"from file\"]\nsend = \"${{WORD}}\"\n",
        demo.ws_url()
    );
    let tail = |word: &str, options: &[&str]| {
        let start = |seconds: &str| {
            let arguments = [&["tail", "echo", "--duration", seconds], options].concat();
            let program = with_connections(&file, &arguments).variable("WORD", word);
            program.spawn().end()
        };
        for_long_enough(start, |ended| texts(ended, "in").len() == 2)
    };
    let ended = tail("top-s3cret", &[]);
    ended.expect_status(0);
    assert_eq!(texts(&ended, "out"), ["from file", "‹WORD›"]);
    assert_eq!(texts(&ended, "in"), ["from file", "‹WORD›"]);
    assert!(!format!("{ended:?}").contains("top-s3cret"), "{ended:#?}");
    // Lists are replaced whole, and other options stay.
    let ended = tail("w", &["--send-on-connect", "given"]);
    assert_eq!(texts(&ended, "out"), ["given", "‹WORD›"]);
}

#[test]
fn a_missing_variable_and_a_broken_file_are_named() {
    let file = "[a]\nurl = \"http://localhost:1/${NOTHING}\"\n[b]\nurl = 5\n";
    let ended = with_connections(file, &["tail", "a"]).spawn().end();
    ended.expect_status(2);
    ended.expect_complaint(&["connections.toml, line 4, column 7", "`url` is a text"]);
    let file = "[a]\nurl = \"http://localhost:1/${NOTHING}\"\nshape = \"round\"\n";
    let ended = with_connections(file, &["tail", "a"]).spawn().end();
    ended.expect_status(2);
    ended.expect_complaint(&["`a`", "NOTHING"]);
    assert!(ended.out.is_empty());
    // A broken file does not concern a URL, and is named where an argument may be a name.
    let server = Server::event_stream("data: x\n\n", After::Close);
    let url = server.url("http", "/");
    let arguments = ["tail", &url, "--reconnect", "never"];
    let ended = with_connections("[a", &arguments).spawn().end();
    ended.expect_status(0);
    assert_eq!(ended.err, "");
    let host = url.trim_start_matches("http://");
    let arguments = ["tail", host, "--reconnect", "never"];
    let ended = with_connections("[a", &arguments).spawn().end();
    ended.expect_status(0);
    ended.expect_complaint(&["connections.toml, line 1"]);
}

#[test]
fn an_unknown_key_is_named_and_has_no_effect() {
    let server = Server::event_stream("data: x\n\n", After::Close);
    let file = format!(
        "[a]\nurl = \"{}\"\nreconnect = \"never\"\nshape = \"round\"\n",
        server.url("http", "/")
    );
    let ended = with_connections(&file, &["tail", "a"]).spawn().end();
    ended.expect_status(0);
    ended.expect_complaint(&["the connection `a` has an unknown key `shape`"]);
    // A wrong value is refused.
    let file = file.replace("\"never\"", "\"sometimes\"");
    let ended = with_connections(&file, &["tail", "a"]).spawn().end();
    ended.expect_status(2);
    ended.expect_complaint(&["the connection `a`", "sometimes"]);
}

#[test]
fn decoders_and_lens_of_a_connection_act_like_options() {
    // {"jsonrpc":"2.0","method":"tick"}
    let encoded = "eyJqc29ucnBjIjoiMi4wIiwibWV0aG9kIjoidGljayJ9";
    let server = Server::event_stream(&format!("data: {encoded}\n\n"), After::Close);
    let file = format!(
        "[a]\nurl = \"{}\"\nreconnect = \"never\"\ndecode = \"base64\"\nlens = \"json-rpc\"\n",
        server.url("http", "/")
    );
    let read = |arguments: &[&str]| {
        let ended = with_connections(&file, arguments).spawn().end();
        ended.expect_status(0);
        assert_eq!(ended.err, "");
        let records = ended.records();
        let event = records.iter().find(|record| record["kind"] == "event");
        event.unwrap()["read"].clone()
    };
    let own = read(&["tail", "a"]);
    assert_eq!(own["title"], "tick", "{own}");
    // An option of the command line replaces that of the file, and the others stay.
    assert_eq!(read(&["tail", "a", "--decode", "none"]), Value::Null);
    let without_lens = read(&["tail", "a", "--lens", "off"]);
    assert_eq!(without_lens["data"]["method"], "tick", "{without_lens}");
    // Measures use them, too.
    let stats = ["stats", "a", "-o", "json", "--sequence", ".id"];
    let ended = with_connections(&file, &stats).spawn().end();
    assert_eq!(ended.err, "");
    assert_eq!(ended.records()[0]["calls"]["lens"], "json-rpc", "{ended:?}");
    let wrong = file.replace("base64", "rot13");
    let ended = with_connections(&wrong, &["tail", "a"]).spawn().end();
    ended.expect_status(2);
    ended.expect_complaint(&["the connection `a`", "no decoder `rot13`"]);
}

#[test]
fn a_schema_is_found_beside_the_file_of_its_connection() {
    // The field 2 is 7.
    let server = Server::event_stream("data: EAc=\n\n", After::Close);
    let file = format!(
        "[a]\nurl = \"{}\"\nreconnect = \"never\"\ndecode = \"base64,protobuf:Tick\"\nproto = \"tick.proto\"\n",
        server.url("http", "/")
    );
    let program = with_connections(&file, &["tail", "a"]);
    let schema = "syntax = \"proto3\"; message Tick { uint64 number = 2; }";
    fs::write(program.settings("").with_file_name("tick.proto"), schema).unwrap();
    let ended = program.spawn().end();
    ended.expect_status(0);
    assert_eq!(ended.err, "");
    let records = ended.records();
    let event = records.iter().find(|record| record["kind"] == "event");
    assert_eq!(event.unwrap()["read"]["data"]["number"], 7, "{records:?}");
    let ended = with_connections(&file, &["tail", "a"]).spawn().end();
    ended.expect_status(2);
    ended.expect_complaint(&["the connection `a`", "tick.proto"]);
}

#[test]
fn messages_are_sent_at_intervals_and_as_answers() {
    let demo = quick_demo();
    let url = format!("{}/echo", demo.ws_url());
    let file = format!(
        "[echo]\nurl = \"{url}\"\n[[echo.messages]]\ntext = \"beat ${{counter}}\"\nevery = \"50ms\"\n\
         [[echo.messages]]\ntext = \"answer to the first\"\nwhen = '/^beat 1$/'\nonce = true\n"
    );
    let running = with_connections(&file, &["tail", "echo"]).spawn();
    running.record_where(|record| record["data"] == "beat 3" && record["direction"] == "in");
    running.signal("INT");
    let ended = running.end();
    ended.expect_status(130);
    let arguments = [
        "tail",
        &url,
        "--every",
        "50ms",
        "n${counter}",
        "--answer",
        "/^n2$/",
        "two",
    ];
    let running = Program::new(&arguments).spawn();
    let first = running.record_where(|record| record["direction"] == "out");
    assert_eq!(first["data"], "n1");
    running.record_where(|record| record["data"] == "two" && record["direction"] == "in");
    running.signal("INT");
    running.end().expect_status(130);
}

#[test]
fn a_project_has_to_be_allowed_once_for_its_content() {
    let server = Server::event_stream("data: x\n\n", After::Close);
    let folder = tempfile::tempdir().unwrap();
    let data = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    let text = format!(
        "[a]\nurl = \"{}\"\nreconnect = \"never\"\nheaders = {{ X-Key = \"${{KEY}}\" }}\n",
        server.url("http", "/")
    );
    fs::write(&path, &text).unwrap();
    let path = toml(&path);
    let ended = |arguments: &[&str]| {
        let program = Program::new(arguments).variable("KEY", "k");
        program
            .variable("XDG_DATA_HOME", data.path().to_str().unwrap())
            .spawn()
            .end()
    };
    let refused = ended(&["tail", "a", "--connections", &path]);
    refused.expect_status(2);
    refused.expect_complaint(&[
        "variables KEY",
        "no files",
        "http://127.0.0.1",
        "--allow-project",
    ]);
    ended(&["tail", "a", "--connections", &path, "--allow-project"]).expect_status(0);
    // The option may stand before the command, and the content is remembered.
    ended(&["--connections", &path, "tail", "a"]).expect_status(0);
    fs::write(&path, format!("{text}# changed\n")).unwrap();
    ended(&["tail", "a", "--connections", &path]).expect_status(2);
}

#[test]
fn files_of_a_project_stay_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    fs::create_dir(&project).unwrap();
    fs::write(folder.path().join("outside.env"), "KEY=s3cret\n").unwrap();
    fs::write(project.join(".env"), "KEY=s3cret\n").unwrap();
    let server = Server::event_stream("data: the s3cret\n\n", After::Close);
    let path = project.join("feeds.toml");
    let run_with = |env_file: &str| {
        let text = format!(
            "[a]\nurl = \"{}\"\nreconnect = \"never\"\nenv_file = \"{env_file}\"\n\
             headers = {{ X-Key = \"${{KEY}}\" }}\n",
            server.url("http", "/")
        );
        fs::write(&path, text).unwrap();
        let path = toml(&path);
        let program = Program::new(&["tail", "a", "--connections", &path, "--allow-project"]);
        program
            .variable("XDG_DATA_HOME", &toml(folder.path()))
            .spawn()
            .end()
    };
    let outside = run_with("../outside.env");
    outside.expect_status(2);
    outside.expect_complaint(&["outside of the folder"]);
    let inside = run_with(".env");
    inside.expect_status(0);
    // What the server repeats of it is masked too.
    assert!(
        inside.out.iter().any(|line| line.contains("the ‹KEY›")),
        "{inside:#?}"
    );
}

#[test]
fn the_list_has_groups_and_the_example_is_a_file() {
    let example = run(&["connections", "--example"]);
    example.expect_status(0);
    let text = example.out.join("\n");
    let listed = with_connections(&text, &["connections"]).spawn().end();
    listed.expect_status(0);
    assert_eq!(listed.err, "");
    assert_eq!(listed.out[0], "public");
    assert!(
        listed.out[1].starts_with("  wikimedia  https://"),
        "{listed:#?}"
    );
    let names = with_connections(&text, &["connections", "--names"])
        .spawn()
        .end();
    assert_eq!(names.out, ["wikimedia", "exchange"]);
    let line = with_connections(&text, &["connections", "wikimedia", "--as", "curl"])
        .spawn()
        .end();
    let expected = "curl -N https://stream.wikimedia.org/v2/stream/recentchange";
    assert_eq!(line.out, [expected]);
    let unknown = with_connections(&text, &["connections", "nobody", "--as", "tail"])
        .spawn()
        .end();
    unknown.expect_status(2);
    unknown.expect_complaint(&["`nobody`"]);
    let missing = run(&["connections"]);
    missing.expect_status(0);
    missing.expect_complaint(&["connections.toml does not exist", "--example"]);
    let broken = with_connections("[a]\n", &["connections"]).spawn().end();
    broken.expect_status(2);
    broken.expect_complaint(&["line 1", "has no `url`"]);
    let command = with_connections("[tail]\nurl = \"http://localhost/\"\n", &["tail", "tail"]);
    let command = command.spawn().end();
    command.expect_status(2);
    command.expect_complaint(&["`tail` is a command"]);
}

#[test]
fn a_line_of_curl_is_a_feed() {
    let server = Server::event_stream("data: x\n\n", After::Close);
    let line = format!(
        "curl -N '{}' -H 'A: b' --frobnicate",
        server.url("http", "/ticks")
    );
    let ended = run(&["tail", "--curl", &line, "--reconnect", "never"]);
    ended.expect_status(0);
    ended.expect_complaint(&["`--frobnicate` is not understood"]);
    assert!(
        ended.records().iter().any(|record| record["data"] == "x"),
        "{ended:#?}"
    );
    let wrong = run(&["tail", "--curl", "wget http://localhost/"]);
    wrong.expect_status(2);
    wrong.expect_complaint(&["--curl", "does not begin with `curl`"]);
    run(&["tail"]).expect_status(2);
}
