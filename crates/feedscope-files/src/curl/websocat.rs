//! Command lines of websocat, in the form in which connections are copied. Runs nothing.

use super::options::Meaning;
use super::words::{self, FirstCommand};
use super::{CurlLine, Imported, Program};

const OF_WEBSOCAT: Program = Program {
    meaning: |name| Meaning::in_lists(name, LISTS),
    has_equals_sign: true,
};

pub(super) const LISTS: &[(&str, Meaning)] = &[
    ("-H --header", Meaning::Header),
    ("--origin", Meaning::HeaderNamed("Origin")),
    ("--protocol", Meaning::Subprotocols),
    ("--basic-auth", Meaning::Option("user")),
    ("--ping-interval", Meaning::Option("keepalive")),
    ("--socks5", Meaning::Proxy("socks5")),
    ("-k --insecure", Meaning::Flag("insecure")),
    (IGNORED, Meaning::Ignored),
    (IGNORED_WITH_VALUE, Meaning::IgnoredWithValue),
    (NO_EFFECT_WITH_VALUE, Meaning::NoEffectWithValue),
    ("-s --server-mode", Meaning::Refused),
    (REFUSED_WITH_VALUE, Meaning::RefusedWithValue),
];

const IGNORED: &str = "-t --text -b --binary -1 --one-message -n --no-close -E --exit-on-eof -u --unidirectional \
    -U --unidirectional-reverse -q --quiet -v --no-line -S --strict -0 --null-terminated --no-async-stdio --async-stdio \
    --no-fixups --oneshot --print-ping-rtts --timestamp-monotonic --websocket-ignore-zeromsg --base64 --base64-text";

const IGNORED_WITH_VALUE: &str = "-B --buffer-size --close-reason --close-status-code --max-messages --max-messages-rev \
    --conncap --queue-len --autoreconnect-delay-millis --byte-to-exit-on --max-ws-frame-length --max-ws-message-length \
    --ping-timeout --server-header --server-protocol --restrict-uri -F --static-file --pkcs12-der --pkcs12-passwd \
    --header-to-env --prometheus --binary-prefix --text-prefix";

const NO_EFFECT_WITH_VALUE: &str = "-p --preamble -P --preamble-reverse --tls-domain --websocket-version --crypto-key \
    --request-header -X --request-method --request-uri --socks5-bind-script --ws-c-uri";

const REFUSED_WITH_VALUE: &str =
    "--client-pkcs12-der --client-pkcs12-passwd --socks5-destination --exec-args";

/// Reads a command line of websocat, as [`parse`](super::parse) reads one of curl.
///
/// # Errors
///
/// A sentence about a line that is not of websocat, has no URL, or has a quotation mark that is not closed.
pub fn parse(line: &str) -> Result<Imported, String> {
    let FirstCommand { words, further } = words::split(line)?;
    let mut words = words.into_iter();
    if words.next().as_deref() != Some("websocat") {
        return Err("it does not begin with `websocat`".to_owned());
    }
    let mut line = CurlLine::default();
    while let Some(word) = words.next() {
        // Standard input and output.
        if word != "-" {
            line.take(word, &mut words, OF_WEBSOCAT)?;
        }
    }
    line.not_understood.extend(further);
    line.imported()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::{CommandLine, Program};
    use crate::connections::{OptionValue, SavedConnection, SavedOption};

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
        let line = "websocat -nvv -B 65536 --max-messages-rev=2 --ping-timeout 9 -H='A: b' -p x ws://a.test/ -";
        let imported = parse(line).unwrap();
        assert_eq!(imported.connection.url, "ws://a.test/");
        assert_eq!(
            imported.connection.headers,
            [("A".to_owned(), "b".to_owned())]
        );
        assert_eq!(imported.not_understood, ["-p"]);
        for (line, part) in [
            ("websocat -H", "-H has no value"),
            ("websocat -s 8080", "-s is not supported"),
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
