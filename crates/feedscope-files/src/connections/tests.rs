//! Connections as people write them, and the sentences about mistakes.

use super::*;

fn parse(text: &str) -> SavedConnections {
    SavedConnections::parse(Path::new("c.toml"), text.to_owned()).unwrap_or_else(|what| {
        let path = PathBuf::from("c.toml");
        panic!("{}", ConnectionsProblem { path, what })
    })
}

fn problem(text: &str) -> String {
    let what = SavedConnections::parse(Path::new("c.toml"), text.to_owned()).unwrap_err();
    let path = PathBuf::from("c.toml");
    ConnectionsProblem { path, what }.to_string()
}

#[test]
fn a_connection_has_options_headers_and_messages() {
    let all = parse(
        r#"
        [desk]
        url = "wss://example.org/feed"
        group = "work"
        headers = { Authorization = "Bearer ${TOKEN}", X-A = "1" }
        subprotocols = ["v2"]
        max_reconnects = 3
        connect_timeout = 2.5
        insecure = true
        filter = ".price > 100"
        columns = ["time", ".price"]
        measures = { time = ".at", sequence = ".seq" }
        env_file = ".env"
        [[desk.messages]]
        name = "heartbeat"
        text = '{"n":${counter}}'
        every = "20s"
        [[desk.messages]]
        hex = "00 01"
        when = "/^2$/"
        once = true
        limit = 3

        ["two words"]
        url = "http://localhost/"
        messages = [{ text = "a" }]
        "#,
    );
    let desk = all.find("desk").unwrap();
    assert_eq!(desk.url, "wss://example.org/feed");
    assert_eq!(
        desk.headers[0],
        ("Authorization".to_owned(), "Bearer ${TOKEN}".to_owned())
    );
    let option = |name: &str, value| SavedOption {
        name: name.to_owned(),
        value,
    };
    assert_eq!(
        desk.options,
        [
            option("subprotocols", OptionValue::Many(vec!["v2".to_owned()])),
            option("max-reconnects", OptionValue::One("3".to_owned())),
            option("connect-timeout", OptionValue::One("2.5".to_owned())),
            option("insecure", OptionValue::Flag(true)),
        ]
    );
    assert_eq!(desk.env_file.as_deref(), Some(Path::new(".env")));
    assert_eq!(desk.measures.time.as_deref(), Some(".at"));
    assert_eq!(desk.measures.sequence.as_deref(), Some(".seq"));
    assert_eq!(desk.measures.key, None);
    assert_eq!(desk.messages[0].every.as_deref(), Some("20s"));
    let answer = &desk.messages[1];
    assert_eq!(answer.content, MessageContent::Hex("00 01".to_owned()));
    assert!(answer.once && answer.limit == Some(3));
    assert_eq!(all.find("two words").unwrap().messages.len(), 1);
    assert!(all.find("nothing").is_none() && all.unknown().is_empty());
}

#[test]
fn mistakes_are_named_with_line_and_column() {
    for (text, expected) in [
        ("[a\n", "c.toml, line 1, column 3: "),
        ("[a]\nurl = 5", "c.toml, line 2, column 7: `url` is a text"),
        (
            "[a]\ngroup = \"x\"",
            "c.toml, line 2, column 9: the connection `a` has no `url`",
        ),
        (
            "[a]\nurl = \"x\"\nheaders = [1]",
            "c.toml, line 3, column 11: `headers` names headers",
        ),
        (
            "[a]\nurl = \"x\"\nmeasures = [\".seq\"]",
            "c.toml, line 3, column 12: `measures` names fields with paths",
        ),
        (
            "[a]\nurl = \"x\"\nmeasures = { time = 5 }",
            "`measures` names fields with paths",
        ),
        (
            "[a]\nurl = \"x\"\nproxy = { a = 1 }",
            "c.toml, line 3, column 9: `proxy` is a text or number",
        ),
        (
            "[a]\nurl = \"x\"\n[[a.messages]]\nname = \"b\"",
            "line 4, column 8: a message has one of `text`",
        ),
        (
            "[a]\nurl = \"x\"\nmessages = [{ text = \"b\", hex = \"00\" }]",
            "a message has one of `text`",
        ),
        (
            "[a]\nurl = \"x\"\nmessages = [{ text = \"b\", limit = 0 }]",
            "`limit` is a number from 1",
        ),
        ("[a]\nurl = \"é\" 5", "line 2, column 11: "),
    ] {
        let problem = problem(text);
        assert!(problem.contains(expected), "{text}: {problem}");
    }
}

#[test]
fn unknown_keys_are_named_and_no_error() {
    let all = parse(
        "version = 1\n[a]\nurl = \"x\"\nmeasures = { rate = \".r\" }\n[[a.messages]]\ntext = \"b\"\ncolor = \"red\"\n",
    );
    let unknown: Vec<_> = all
        .unknown()
        .iter()
        .map(|key| (key.line, key.key.as_str()))
        .collect();
    assert_eq!(
        unknown,
        [
            (1, "version"),
            (4, "a.measures.rate"),
            (7, "a.messages.color")
        ]
    );
    assert_eq!(all.all().len(), 1);
}

#[test]
fn the_example_is_read() {
    let example = parse(EXAMPLE);
    assert!(example.unknown().is_empty());
    assert!(
        example
            .find("exchange")
            .is_some_and(|exchange| exchange.url.starts_with("wss:"))
    );
    // Its comments are right too.
    let all: String = EXAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(code) if code.starts_with('[') || code.contains(" = ") => format!("{code}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let all = parse(&all);
    assert_eq!(all.find("desk").unwrap().messages.len(), 1);
    assert_eq!(all.find("exchange").unwrap().messages.len(), 1);
}

#[test]
fn files_are_read_unless_they_are_missing_or_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    assert!(SavedConnections::load(&path).unwrap().is_none());
    std::fs::write(&path, "[a]\nurl = \"x\"\n").unwrap();
    let all = SavedConnections::load(&path).unwrap().unwrap();
    assert_eq!((all.path(), all.text()), (&*path, "[a]\nurl = \"x\"\n"));
    let problem = SavedConnections::load(folder.path())
        .unwrap_err()
        .to_string();
    assert!(problem.contains("not a regular file"), "{problem}");
}
