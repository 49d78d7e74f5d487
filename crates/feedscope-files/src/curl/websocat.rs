//! Command lines of websocat, in the form in which connections are copied. Runs nothing.

use super::{CurlLine, Imported, words};
use crate::connections::OptionValue;

/// Options that make no difference here.
const IGNORED: [&str; 20] = [
    "--text",
    "-t",
    "--binary",
    "-b",
    "--one-message",
    "-1",
    "--no-close",
    "-n",
    "--exit-on-eof",
    "-E",
    "--unidirectional",
    "-u",
    "--unidirectional-reverse",
    "-U",
    "--quiet",
    "-q",
    "-v",
    "-vv",
    "--no-line",
    "--strict",
];

/// Reads a command line of websocat, as [`parse`](super::parse) reads one of curl.
///
/// # Errors
///
/// A sentence about a line that is not of websocat, has no URL, or has a quotation mark that is not closed.
pub fn parse(line: &str) -> Result<Imported, String> {
    let mut words = words::split(line)?.into_iter();
    if words.next().as_deref() != Some("websocat") {
        return Err("it does not begin with `websocat`".to_owned());
    }
    let mut line = CurlLine::default();
    while let Some(word) = words.next() {
        if IGNORED.contains(&word.as_str()) || word == "-" {
            continue;
        }
        if !word.starts_with('-') {
            line.set_url(word)?;
            continue;
        }
        // `--header=A: b` is the same as `--header 'A: b'`.
        let (name, glued) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.clone(), None),
        };
        let mut value = || {
            let value = glued.clone().or_else(|| words.next());
            value.ok_or_else(|| format!("{name} has no value"))
        };
        match name.as_str() {
            "-H" | "--header" => line.header(&value()?),
            "--origin" => line.headers.push(("Origin".to_owned(), value()?)),
            "--protocol" => {
                let protocols = value()?;
                let protocols = protocols.split(',').map(|name| name.trim().to_owned());
                line.set("subprotocol", OptionValue::Many(protocols.collect()));
            }
            "--basic-auth" => line.set("user", OptionValue::One(value()?)),
            "--ping-interval" => line.set("keepalive", OptionValue::One(value()?)),
            "-k" | "--insecure" => line.set("insecure", OptionValue::Flag(true)),
            _ => line.not_understood.push(word),
        }
    }
    line.imported()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::{CommandLine, Program};
    use crate::connections::{SavedConnection, SavedOption};

    #[test]
    fn a_copied_line_is_the_same_connection_again() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let option = |name: &str, value| SavedOption {
            name: name.to_owned(),
            value,
        };
        let connection = SavedConnection {
            url: "wss://a.test/chat?x=1&y=$${z}".to_owned(),
            headers: vec![
                header("X-A", "it's \"b\""),
                header("Origin", "https://b.test"),
            ],
            options: vec![
                option("subprotocol", OptionValue::Many(vec!["v1".to_owned()])),
                option("insecure", OptionValue::Flag(true)),
            ],
            ..SavedConnection::default()
        };
        let CommandLine { line, left_out } = CommandLine::of(&connection, Program::Websocat);
        assert!(left_out.is_empty(), "{left_out:?}");
        let imported = parse(&line).unwrap();
        assert_eq!(imported.connection, connection, "{line}");
        assert!(imported.not_understood.is_empty());
    }

    #[test]
    fn other_forms_and_unknown_parts() {
        let line =
            "websocat -t -E --header='A: b' --basic-auth u:p --odd --ping-interval 5 ws://a.test/";
        let imported = parse(line).unwrap();
        assert_eq!(imported.connection.url, "ws://a.test/");
        let header = ("A".to_owned(), "b".to_owned());
        assert_eq!(imported.connection.headers, [header]);
        let names = imported
            .connection
            .options
            .iter()
            .map(|it| it.name.as_str());
        assert!(names.eq(["user", "keepalive"]));
        assert_eq!(imported.not_understood, ["--odd"]);
        for (line, part) in [
            ("websocat -H", "-H has no value"),
            ("websocat --text", "no URL"),
            ("websocat ws://a.test ws://b.test", "more than one URL"),
            ("websocat 'ws://a.test", "not closed"),
            ("curl ws://a.test", "does not begin"),
        ] {
            let problem = parse(line).unwrap_err();
            assert!(problem.contains(part), "{line}: {problem}");
        }
    }
}
