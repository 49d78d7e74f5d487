//! Tests of jq expressions: valid ones give the results of jq, and harmful ones end.

use super::meter::is_single;
use super::*;

fn holds(code: &str, payload: &str) -> bool {
    let test =
        FieldTest::parse(code).unwrap_or_else(|(at, kind)| panic!("{code} at {at:?}: {kind}"));
    test.evaluator().is_true(payload.as_bytes())
}

#[test]
fn every_function_that_may_be_called_compiles() {
    for (name, arguments) in allowed::callable() {
        let code = match arguments {
            0 => format!(".a | {name}"),
            _ => format!(".a | {name}({})", vec!["."; arguments].join("; ")),
        };
        assert!(FieldTest::parse(&code).is_ok(), "{code}");
    }
}

#[test]
fn what_never_ends_ends() {
    let wide = format!("[{}]", vec!["1"; 5_000].join(","));
    for code in [
        ".. | range(1e12) | empty",
        "[range(1e12)] | length > 5",
        ". as $x | [range(1e12)] | length > 5",
        "(range(1e12) == -1) and .a == 1",
        ".a == 1 or (range(1e12) == -1)",
        "(.a == range(1e12)) and empty",
        "if range(1e12) == -1 then .a else empty end",
        "(range(1e12) | . * 2) < 0 and .a",
        "last(range(1e12)) > 1",
        "any(range(1e12); false)",
        "isempty(range(1e12) | select(false))",
        "[range(1e12)?] | length > 5",
        "[range(0; 1; 0)] | length > 5",
        "[.[] as $a | .[] as $b | .[] as $c | .[] as $d | $a] | length > 5",
        "[.[] + .[] + .[] + .[]] | length > 5",
        "[limit(1e12; .. , ..| range(1e12))] | length > 5",
    ] {
        assert!(!holds(code, &wide), "{code}");
    }
}

#[test]
fn what_grows_without_bound_stops() {
    let doubled = |what: &str, times| {
        std::iter::once("..")
            .chain(std::iter::repeat_n(what, times))
            .collect::<Vec<_>>()
            .join("|")
    };
    let wholes = [
        doubled(".+.", 36),
        doubled("[.,.]", 36),
        doubled("(.,.)", 36),
        doubled(".*.", 36),
        doubled("\"\\(.)\\(.)\"", 27),
    ];
    for code in wholes {
        for payload in [r#""abc""#, "[1,2]", "7"] {
            let _ends: bool = holds(&code, payload);
        }
    }
    assert!(!holds(". * 1e15 | length > 1", r#""abc""#));
}

#[test]
fn only_parts_with_one_value_need_no_meter() {
    let parsed = |code: &'static str| {
        let tokens = Lexer::new(code).lex().unwrap();
        Parser::new(&tokens).parse(Parser::term).unwrap()
    };
    for (code, expected) in [
        (".a", true),
        (".a[0].\"b c\" == 1", true),
        ("(.a * 2) > 1 and (.b | not)", true),
        ("(.a | startswith(\"x\")) or -.b < 0", true),
        (".[]", false),
        (".a[1:]", false),
        (".a[.b]", false),
        (".a, .b", false),
        ("(.a, 1) > 0", false),
        (".a // .b", false),
        ("..", false),
        ("range(1e12)", false),
        ("(.a | range(5)) > 1", false),
        ("\"\\(.[])\"", false),
        (".a | startswith(.b[])", false),
        (".[] as $x | 1", false),
    ] {
        assert_eq!(is_single(&parsed(code)), expected, "{code}");
    }
}

#[test]
fn what_a_filter_cannot_use_is_refused() {
    for (code, at) in [
        (".. | repeat(.)", 5..11),
        (".a = 1", 3..4),
        (".a |= 1", 3..5),
        ("[.[] | def f: f; f]", 7..10),
        (". | reduce .[] as $x (0; . + $x)", 4..10),
        (". | input", 4..9),
        (". | env", 4..7),
        (". | \"[[[\" | fromjson", 12..20),
    ] {
        let (place, kind) = FieldTest::parse(code).err().unwrap();
        assert_eq!(place, at, "{code}");
        assert!(
            matches!(kind, ProblemKind::NotInFilters(_)),
            "{code}: {kind:?}"
        );
    }
}

#[test]
fn deep_payloads_and_long_numbers_are_no_json_here() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(holds(".", &deep(100)));
    assert!(!holds(".", &deep(1_000_000)));
    assert!(!holds(".", &"[".repeat(1_000_000)));
    assert!(holds(".", &format!("[\"{}\"]", "[".repeat(1_000))));
    assert!(!holds(".", &"9".repeat(1_000_000)));
    assert!(FieldTest::parse(&format!(".{}", "(".repeat(100_000))).is_err());
    assert!(FieldTest::parse(&format!(". | {}1", "-".repeat(900))).is_err());
}

#[test]
fn an_expression_gives_the_same_with_only_the_members_that_it_reads() {
    let payloads = [
        r#"{"a":1,"b":"2","c":[1,{"a":5}],"d":{"a":null}}"#,
        r#"{"b":3,"a":-0.5e1,"a":7}"#,
        r#"{"a":"x\u00e9\n","b":"x\u00e9\n","z":{}}"#,
        r#"{"a":100000000000000000000000001,"b":1e400}"#,
        r#"{"a":"\ud800","b":1}"#,
        r#"{"\u0061":2,"b":[]}"#,
        r#"{"a":null,"b":false}"#,
        r#"{"a":{"b":[{"c":1},2]},"c":1}"#,
        r#" {"a" : [ 1 , 2 ] , "b" : 1 } "#,
        r#"{"z":1}"#,
        "{}",
        "[1,2]",
        "[]",
        "null",
        "\"a\"",
        "7",
        "{\"a\":1",
        "{\"a\":1}{\"a\":2}",
        "{\"a\":01}",
        "{\"a\":1,}",
        "{\"a\":\"\u{1}\"}",
    ];
    for (code, has_members) in [
        ("(.a * 2) > 1", true),
        ("(.a + .b) == 10 or .c", true),
        (".a // .b", true),
        (".a.b[0].c == .c", true),
        (".c[.a].a > 1", true),
        (".c[.a:.b] | length > 0", true),
        ("\"\\(.a)-\\(.b)\" | startswith(\"x\")", true),
        (".a as $x | .b | . == $x", true),
        ("[.a, .b] | length == 2", true),
        ("{a: .b} | .a", false),
        ("if .a then .b else .c end", true),
        ("(.a | keys) | length > 0", true),
        ("-.a < 0", true),
        (".a? | not", false),
        ("(.a | error)? // .b", true),
        ("if .a then .b end", false),
        (". == {}", false),
        ("length > 2", false),
        (".a and (keys | length) > 1", false),
        (".[0]", false),
        (".[]", false),
        ("..", false),
        (". as {a: $x} | $x", false),
        ("not", false),
    ] {
        let test = FieldTest::parse(code).unwrap_or_else(|problem| panic!("{code}: {problem:?}"));
        assert_eq!(test.members.is_some(), has_members, "{code}");
        let mut whole = FieldTest::parse(code).unwrap();
        whole.members = None;
        for payload in payloads {
            let outputs = |test: &FieldTest| {
                let mut outputs = Vec::new();
                test.evaluator().outputs(payload.as_bytes(), &mut |value| {
                    outputs.push(value.to_string());
                    true
                });
                outputs
            };
            assert_eq!(outputs(&test), outputs(&whole), "{code} on {payload}");
        }
    }
}
