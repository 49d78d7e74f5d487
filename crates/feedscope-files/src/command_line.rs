//! Saved connections as command lines of curl, websocat and Feedscope itself, for a Unix shell. Variables stay variables,
//! so that a line contains no secret that the file does not contain.

use crate::connections::{OptionValue, SavedConnection, SavedOption, has_variable, unescaped};

/// A program that a connection is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `curl`, for event streams.
    Curl,
    /// `websocat`, for WebSockets.
    Websocat,
    /// `feedscope tail`.
    Tail,
}

/// Options with the same name and meaning in curl.
const OF_CURL: [&str; 13] = [
    "request",
    "user",
    "proxy",
    "cacert",
    "cert",
    "key",
    "unix-socket",
    "resolve",
    "connect-timeout",
    "json",
    "insecure",
    "data",
    "data-raw",
];

/// A command line, and the parts of the connection that it does not express.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The line.
    pub line: String,
    /// Keys of the connection that the program has no option for.
    pub left_out: Vec<String>,
}

impl CommandLine {
    /// Writes a connection for a program.
    pub fn of(connection: &SavedConnection, program: Program) -> Self {
        let mut line = Self::default();
        let begin = match program {
            Program::Curl => "curl -N",
            Program::Websocat => "websocat",
            Program::Tail => "feedscope tail",
        };
        line.line.push_str(begin);
        line.word(&connection.url);
        for (name, value) in &connection.headers {
            line.line.push_str(" -H");
            // To curl, `Name:` removes a header, and `Name;` sends an empty one.
            if program == Program::Curl && value.is_empty() {
                line.word(&format!("{name};"));
            } else {
                line.word(&format!("{name}: {value}"));
            }
        }
        for option in &connection.options {
            line.option(option, program);
        }
        if !connection.messages.is_empty() {
            line.left_out.push("messages".to_owned());
        }
        line
    }

    fn option(&mut self, option: &SavedOption, program: Program) {
        let name = option.name.as_str();
        let singular = name.strip_suffix('s').unwrap_or(name);
        let known = match program {
            Program::Tail if matches!(name, "subprotocols" | "headers") => Some(singular),
            Program::Tail => Some(name),
            Program::Curl => Some(name).filter(|name| OF_CURL.contains(name)),
            Program::Websocat if singular == "subprotocol" => Some("protocol"),
            Program::Websocat => Some(name).filter(|name| matches!(*name, "insecure" | "origin")),
        };
        let Some(known) = known else {
            self.left_out.push(name.replace('-', "_"));
            return;
        };
        let values = match &option.value {
            OptionValue::Flag(false) => return,
            OptionValue::Flag(true) => {
                self.line.push_str(" --");
                self.line.push_str(known);
                return;
            }
            OptionValue::One(value) => std::slice::from_ref(value),
            OptionValue::Many(values) => values,
        };
        for value in values {
            self.line.push_str(" --");
            self.line.push_str(known);
            self.word(value);
        }
    }

    /// Appends a text as one word. `${NAME}` stays a variable of the shell, and `$${` becomes a literal `${`.
    fn word(&mut self, text: &str) {
        self.line.push(' ');
        let mut rest = text;
        if !has_variable(text) {
            let text = unescaped(text);
            let is_plain = !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&byte));
            if is_plain {
                self.line.push_str(&text);
            } else {
                self.line.push('\'');
                self.line.push_str(&text.replace('\'', "'\\''"));
                self.line.push('\'');
            }
            return;
        }
        // Double quotation marks let the shell replace variables.
        self.line.push('"');
        while let Some(char) = rest.chars().next() {
            if let Some(after) = rest.strip_prefix("$${") {
                self.line.push_str("\\${");
                rest = after;
                continue;
            }
            if rest.starts_with("${") {
                let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                self.line.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            if matches!(char, '"' | '\\' | '$' | '`') {
                self.line.push('\\');
            }
            self.line.push(char);
            rest = &rest[char.len_utf8()..];
        }
        self.line.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curl;

    fn line(connection: &SavedConnection, program: Program) -> String {
        CommandLine::of(connection, program).line
    }

    #[test]
    fn what_curl_wrote_is_written_again() {
        for line in [
            "curl -N http://a.test/",
            "curl -N 'http://a.test/?a=1&b=2' -H 'Accept: */*' -H 'Authorization: Bearer x'",
            r#"curl -N http://a.test/ --request POST --data-raw '{"a":"it'\''s"}'"#,
            "curl -N http://a.test/ --user me:pw --insecure",
            "curl -N 'http://a.test/${x}' -H 'A: $5 `b` \"c\"'",
            "curl -N http://a.test/ --data @file --data-raw ''",
        ] {
            let imported = curl::parse(line).unwrap();
            assert!(imported.not_understood.is_empty(), "{line}");
            let again = CommandLine::of(&imported.connection, Program::Curl);
            assert_eq!(again.line, line);
            assert_eq!(curl::parse(&again.line).unwrap(), imported);
        }
    }

    #[test]
    fn variables_stay_variables_of_the_shell() {
        let connection = SavedConnection {
            url: "wss://a.test/$${x}?t=${TOKEN}".to_owned(),
            headers: vec![("A".to_owned(), "\"$5\" ${KEY}".to_owned())],
            options: vec![
                SavedOption {
                    name: "subprotocols".to_owned(),
                    value: OptionValue::Many(vec!["v1".to_owned(), "v2".to_owned()]),
                },
                SavedOption {
                    name: "max-reconnects".to_owned(),
                    value: OptionValue::One("3".to_owned()),
                },
                SavedOption {
                    name: "echo".to_owned(),
                    value: OptionValue::Flag(false),
                },
            ],
            ..SavedConnection::default()
        };
        assert_eq!(
            line(&connection, Program::Tail),
            r#"feedscope tail "wss://a.test/\${x}?t=${TOKEN}" -H "A: \"\$5\" ${KEY}" --subprotocol v1 --subprotocol v2 --max-reconnects 3"#
        );
        let websocat = CommandLine::of(&connection, Program::Websocat);
        assert!(
            websocat.line.ends_with("--protocol v1 --protocol v2"),
            "{websocat:?}"
        );
        assert_eq!(websocat.left_out, ["max_reconnects", "echo"]);
    }
}
