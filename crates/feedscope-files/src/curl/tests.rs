//! Lines as browsers and documents write them.

use super::*;
use crate::command_line::{CommandLine, Program};

/// The connection in short: URL, headers, options.
fn short(line: &str) -> String {
    let Imported {
        connection,
        not_understood,
    } = parse(line).unwrap_or_else(|problem| panic!("{line}: {problem}"));
    let mut parts = vec![connection.url];
    parts.extend(
        connection
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    parts.extend(connection.options.iter().map(|option| match &option.value {
        OptionValue::Flag(_) => format!("--{}", option.name),
        OptionValue::One(value) => format!("--{}={value}", option.name),
        OptionValue::Many(values) => format!("--{}={}", option.name, values.join(",")),
    }));
    parts.extend(not_understood.iter().map(|part| format!("?{part}")));
    parts.join(" | ")
}

/// Expects that the line which a connection gives is the same connection.
fn expect_again(connection: &SavedConnection) {
    let CommandLine { line, left_out } = CommandLine::of(connection, Program::Curl);
    if left_out.is_empty() {
        assert_eq!(&parse(&line).unwrap().connection, connection, "{line}");
    }
}

#[test]
fn variables_of_a_line_stay_variables() {
    let line = "curl \"http://a.test/${X}\" -H \"A: Bearer ${B}\" -d \"c=$C\" --data-urlencode \"d=$D\" --odd='${e}'";
    // A value that is not known yet cannot be encoded.
    let expected = "http://a.test/${X} | A: Bearer ${B} | --data-raw=c=${C} | ?--data-urlencode d=${D} | ?--odd=${e}";
    assert_eq!(short(line), expected);
}

#[test]
fn lines_give_the_request_that_they_describe() {
    for (line, expected) in [
        ("curl http://a.test/x", "http://a.test/x"),
        ("curl -sSNL 'http://a.test/'", "http://a.test/"),
        (
            "curl --url http://a.test/ -k",
            "http://a.test/ | --insecure",
        ),
        (
            "curl http://a.test/ -H 'A: b' --header 'C:d'",
            "http://a.test/ | A: b | C: d",
        ),
        (
            "curl -H'A: b' -XPOST http://a.test/",
            "http://a.test/ | A: b | --request=POST",
        ),
        ("curl http://a.test/ -H 'A;'", "http://a.test/ | A: "),
        ("curl http://a.test/ -H 'A:'", "http://a.test/ | ?-H 'A:'"),
        (
            "curl http://a.test/ -b 'a=1; b=2' -A me -e http://b.test/",
            "http://a.test/ | Cookie: a=1; b=2 | User-Agent: me | Referer: http://b.test/",
        ),
        (
            "curl http://a.test/ -b jar.txt",
            "http://a.test/ | ?-b jar.txt",
        ),
        (
            "curl http://a.test/ -u me:pw",
            "http://a.test/ | --user=me:pw",
        ),
        (
            "curl http://a.test/ -d a=1 -d @file",
            "http://a.test/ | --data-raw=a=1 | --data=@file",
        ),
        (
            "curl http://a.test/ -d a=1 -d b=2 -X PUT -X PATCH",
            "http://a.test/ | --request=PATCH | --data-raw=a=1,b=2",
        ),
        (
            r#"curl http://a.test/ --data-raw '@{"a":1}'"#,
            r#"http://a.test/ | --data-raw=@{"a":1}"#,
        ),
        (
            r"curl http://a.test/ --data-binary $'a\nb'",
            "http://a.test/ | --data-raw=a\nb",
        ),
        (
            "curl http://a.test/ --data-binary @f",
            "http://a.test/ | ?--data-binary @f",
        ),
        (
            "curl http://a.test/ --data-urlencode 'q=a b&c'",
            "http://a.test/ | --data-raw=q=a+b%26c",
        ),
        (
            "curl -G http://a.test/ -d a=1 -d b=2",
            "http://a.test/?a=1&b=2",
        ),
        (
            "curl http://a.test/ --json '{}'",
            "http://a.test/ | --json={}",
        ),
        (
            "curl http://a.test/ --compressed --http2 -o out",
            "http://a.test/",
        ),
        (
            "curl http://a.test/ -H 'Accept-Encoding: gzip, br' -H 'Accept: */*'",
            "http://a.test/ | Accept: */*",
        ),
        (
            "curl http://a.test/ -x socks5://p:1 --resolve a:1:::1",
            "http://a.test/ | --proxy=socks5://p:1 | --resolve=a:1:::1",
        ),
        (
            "curl http://a.test/ --frobnicate --max-time 3",
            "http://a.test/ | ?--frobnicate",
        ),
        (
            "curl 'http://a.test/${x}' -H 'A: ${b}'",
            "http://a.test/$${x} | A: $${b}",
        ),
        (
            "curl 'wss://a.test/' -H 'Upgrade: websocket' -H 'Connection: Upgrade' -H 'Sec-WebSocket-Key: x==' \
             -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Protocol: v1, v2' -H 'Origin: http://b.test'",
            "wss://a.test/ | Origin: http://b.test | --subprotocol=v1,v2",
        ),
        (
            "curl ^\"http://a.test/^\" ^\n  -H ^\"A: b^\" ^\n  --data-raw ^\"{^\\^\"a^\\^\":1}^\"",
            "http://a.test/ | A: b | --data-raw={\"a\":1}",
        ),
    ] {
        match parse(line) {
            Ok(imported) => {
                assert_eq!(short(line), expected, "{line}");
                expect_again(&imported.connection);
            }
            Err(problem) => assert!(problem.contains(expected), "{line}: {problem}"),
        }
    }
}

#[test]
fn options_with_a_value_take_it_along() {
    for (line, expected) in [
        (
            "curl -N -m 5 --max-time 5 --retry 3 -w '%{http_code}' -D - -c jar http://a.test/",
            "http://a.test/",
        ),
        (
            "curl -m5 -sSLm5 -sSLm 5 -oout -XPOST http://a.test/",
            "http://a.test/ | --request=POST",
        ),
        (
            "curl --no-keepalive --no-progress-meter --no-insecure http://a.test/",
            "http://a.test/ | ?--no-insecure",
        ),
        (
            "curl --oauth2-bearer t --socks5-hostname p:1 http://a.test/",
            "http://a.test/ | Authorization: Bearer t | --proxy=socks5h://p:1",
        ),
        // The value may be a secret, so that only the name is in the list.
        (
            "curl -U me:s3cret --pass=x --pass s3cret -4 http://a.test/",
            "http://a.test/ | ?-U | ?--pass=x | ?--pass | ?-4",
        ),
    ] {
        assert_eq!(short(line), expected, "{line}");
    }
}

#[test]
fn mistakes_are_sentences() {
    for (line, part) in [
        ("", "does not begin with `curl`"),
        ("wget http://a.test/", "does not begin with `curl`"),
        ("curl -s", "no URL"),
        ("curl http://a.test/ http://b.test/", "more than one URL"),
        ("curl http://a.test/ -H", "-H has no value"),
        ("curl 'http://a.test/", "not closed"),
        ("curl http://a.test/ -m", "-m has no value"),
        ("curl -F a=b http://a.test/", "-F is not supported"),
        ("curl -sT f http://a.test/", "-T is not supported"),
        (
            "curl http://a.test/ --digest -u a:b",
            "--digest is not supported",
        ),
        (
            "curl --odd 5 http://a.test/",
            "more than one URL, or --odd has a value, which is not known here",
        ),
    ] {
        let problem = parse(line).unwrap_err();
        assert!(problem.contains(part), "{line}: {problem}");
    }
    assert_eq!(
        parse("curl a.test --frobnicate -W").unwrap().not_understood,
        ["--frobnicate", "-W"]
    );
}

#[test]
fn an_option_has_one_meaning() {
    let lists = options::LISTS.iter().chain(websocat::LISTS);
    let mut names: Vec<_> = options::LISTS
        .iter()
        .flat_map(|(names, _)| names.split_whitespace())
        .collect();
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
    assert!(twice.is_empty(), "{twice:?}");
    for name in lists.flat_map(|(names, _)| names.split_whitespace()) {
        let is_short = name.chars().count() == 2;
        assert!(
            name.starts_with('-') && (is_short || name.starts_with("--")),
            "{name}"
        );
    }
}
