//! Comparisons of paths with constants, joined by `and`, `or` and `not`: decided from the bytes of a payload, without
//! jq. Where it decides, it decides as jq does; every other case is left to jq.

use std::borrow::Cow;
use std::cmp::Ordering;

use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::Cmp;

use crate::fields::{
    FieldReader, FoundValue, FoundValues, MOST_PATHS, Path, Value, is_decimal, path,
};

/// An expression that can be decided from bytes.
#[derive(Debug)]
pub(super) struct Quick {
    node: Node,
    reader: FieldReader,
}

/// A payload on which jq has to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeftToJq;

#[derive(Debug)]
enum Node {
    /// True unless the value is `null` or `false`.
    Truth(Operand),
    Compare(Operand, Cmp, Constant),
    And(Box<(Node, Node)>),
    Or(Box<(Node, Node)>),
    Not(Box<Node>),
}

/// A value of the payload.
#[derive(Clone, Copy, Debug)]
struct Operand {
    /// Place of its path in the reader.
    path: usize,
    /// It goes through `tonumber` first.
    to_number: bool,
}

#[derive(Debug)]
enum Constant {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
}

/// A number as jq holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Number {
    Whole(isize),
    Float(f64),
}

/// Longest text that `tonumber` reads.
const LONGEST_NUMBER: usize = 300;

impl Quick {
    /// The quick form of an expression; `None` if it has none.
    pub(super) fn of(term: &Term<&str>) -> Option<Self> {
        let mut paths = Vec::new();
        let node = node(term, &mut paths)?;
        let reader = FieldReader::new(paths)?;
        Some(Self { node, reader })
    }

    /// Returns true if the expression yields something other than `null` and `false` for `payload`.
    pub(super) fn is_true(&self, payload: &[u8]) -> Result<bool, LeftToJq> {
        let values = self.reader.read(payload).map_err(|_unread| LeftToJq)?;
        // An expression that fails yields nothing.
        Ok(self.node.outcome(&values)?.unwrap_or(false))
    }
}

fn node(term: &Term<&str>, paths: &mut Vec<Path>) -> Option<Node> {
    let both = |left, right, paths: &mut Vec<Path>| {
        Some(Box::new((node(left, paths)?, node(right, paths)?)))
    };
    match term {
        Term::BinOp(left, BinaryOp::And, right) => both(left, right, paths).map(Node::And),
        Term::BinOp(left, BinaryOp::Or, right) => both(left, right, paths).map(Node::Or),
        Term::BinOp(left, BinaryOp::Pipe(None), right) if is_call(right, "not") => {
            node(left, paths).map(|inner| Node::Not(Box::new(inner)))
        }
        Term::BinOp(left, BinaryOp::Cmp(comparison), right) => {
            // The constant may be on either side.
            if let Some(constant) = constant(right) {
                return Some(Node::Compare(operand(left, paths)?, *comparison, constant));
            }
            let constant = constant(left)?;
            let turned = turned(*comparison);
            Some(Node::Compare(operand(right, paths)?, turned, constant))
        }
        _ => operand(term, paths).map(Node::Truth),
    }
}

/// Collects the paths that an expression compares with constant numbers by their order.
pub(super) fn compared_with_numbers(term: &Term<&str>, paths: &mut Vec<Path>) {
    match term {
        Term::BinOp(left, BinaryOp::And | BinaryOp::Or, right) => {
            compared_with_numbers(left, paths);
            compared_with_numbers(right, paths);
        }
        Term::BinOp(left, BinaryOp::Pipe(None), right) if is_call(right, "not") => {
            compared_with_numbers(left, paths);
        }
        Term::BinOp(left, BinaryOp::Cmp(Cmp::Lt | Cmp::Le | Cmp::Gt | Cmp::Ge), right) => {
            let is_number = |term| matches!(constant(term), Some(Constant::Number(_)));
            let path = match (is_number(left), is_number(right)) {
                (false, true) => Path::of_term(left),
                (true, false) => Path::of_term(right),
                _ => None,
            };
            paths.extend(path);
        }
        _ => {}
    }
}

fn is_call(term: &Term<&str>, of: &str) -> bool {
    matches!(term, Term::Call(name, arguments) if *name == of && arguments.is_empty())
}

fn operand(term: &Term<&str>, paths: &mut Vec<Path>) -> Option<Operand> {
    let (path, to_number) = match term {
        Term::BinOp(inner, BinaryOp::Pipe(None), call) if is_call(call, "tonumber") => {
            (Path::of_term(inner)?, true)
        }
        _ => (Path::of_term(term)?, false),
    };
    // A path that occurs twice is read once.
    let known = paths.iter().position(|known| *known == path);
    let place = known.unwrap_or_else(|| {
        paths.push(path);
        paths.len() - 1
    });
    (place < MOST_PATHS).then_some(Operand {
        path: place,
        to_number,
    })
}

fn constant(term: &Term<&str>) -> Option<Constant> {
    Some(match term {
        Term::Num(number) => Constant::Number(Number::parse(number)?),
        Term::Neg(inner) => match &**inner {
            Term::Num(number) => Constant::Number(match Number::parse(number)? {
                Number::Whole(whole) => Number::Whole(whole.checked_neg()?),
                Number::Float(float) => Number::Float(-float),
            }),
            _ => return None,
        },
        Term::Str(None, parts) => Constant::Text(path::key(parts)?),
        _ if is_call(term, "null") => Constant::Null,
        _ if is_call(term, "true") => Constant::Bool(true),
        _ if is_call(term, "false") => Constant::Bool(false),
        _ => return None,
    })
}

/// The comparison that holds for exchanged sides.
fn turned(comparison: Cmp) -> Cmp {
    match comparison {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        Cmp::Eq => Cmp::Eq,
        Cmp::Ne => Cmp::Ne,
    }
}

impl Node {
    /// The result; `None` where the expression fails and yields nothing.
    fn outcome(&self, values: &FoundValues<'_>) -> Result<Option<bool>, LeftToJq> {
        match self {
            Self::Truth(operand) => {
                let value = operand.value(values)?;
                Ok(value.map(|value| !matches!(value, Operated::Null | Operated::Bool(false))))
            }
            Self::Compare(operand, comparison, constant) => {
                let value = operand.value(values)?;
                Ok(value.map(|value| value.compares(*comparison, constant)))
            }
            Self::And(both) => match both.0.outcome(values)? {
                Some(true) => both.1.outcome(values),
                other => Ok(other),
            },
            Self::Or(both) => match both.0.outcome(values)? {
                Some(false) => both.1.outcome(values),
                other => Ok(other),
            },
            Self::Not(inner) => Ok(inner.outcome(values)?.map(|holds| !holds)),
        }
    }
}

/// A value as jq orders it. Of arrays and objects, only the order against constants matters.
enum Operated<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    Container,
}

impl Operand {
    /// The value; `None` where jq has an error.
    fn value<'a>(self, values: &FoundValues<'a>) -> Result<Option<Operated<'a>>, LeftToJq> {
        let value = match values[self.path] {
            FoundValue::NoParts => return Ok(None),
            FoundValue::Missing | FoundValue::Value(Value::Null) => Operated::Null,
            FoundValue::Value(Value::Bool(bool)) => Operated::Bool(bool),
            FoundValue::Value(Value::Number(number)) => {
                Operated::Number(Number::parse(number).ok_or(LeftToJq)?)
            }
            FoundValue::Value(Value::Text(text)) => Operated::Text(text.to_str()),
            FoundValue::Value(Value::Array(_) | Value::Object(_)) => Operated::Container,
        };
        if !self.to_number {
            return Ok(Some(value));
        }
        match value {
            Operated::Number(_) => Ok(Some(value)),
            Operated::Text(text) => {
                // jq reads more forms of numbers than JSON has.
                // Other texts may be numbers to jq, such as `nan`, so that it decides.
                let is_plain = text.len() <= LONGEST_NUMBER && is_decimal(&text);
                let number = is_plain.then(|| Number::parse(&text)).flatten();
                number
                    .map(|number| Some(Operated::Number(number)))
                    .ok_or(LeftToJq)
            }
            _ => Ok(None),
        }
    }
}

impl Operated<'_> {
    fn compares(&self, comparison: Cmp, constant: &Constant) -> bool {
        match comparison {
            Cmp::Eq => self.equals(constant),
            Cmp::Ne => !self.equals(constant),
            Cmp::Lt => self.order(constant) == Ordering::Less,
            Cmp::Le => self.order(constant) != Ordering::Greater,
            Cmp::Gt => self.order(constant) == Ordering::Greater,
            Cmp::Ge => self.order(constant) != Ordering::Less,
        }
    }

    fn equals(&self, constant: &Constant) -> bool {
        match (self, constant) {
            // jq never takes an infinite number for equal to a whole one.
            (Self::Number(Number::Whole(whole)), Constant::Number(Number::Float(float)))
            | (Self::Number(Number::Float(float)), Constant::Number(Number::Whole(whole))) => {
                float.is_finite() && order_of_floats(*whole as f64, *float) == Ordering::Equal
            }
            _ => self.order(constant) == Ordering::Equal,
        }
    }

    fn order(&self, constant: &Constant) -> Ordering {
        match (self, constant) {
            (Self::Bool(one), Constant::Bool(other)) => one.cmp(other),
            (Self::Number(one), Constant::Number(other)) => one.order(*other),
            (Self::Text(one), Constant::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
            // Values of different types are ordered by their types.
            _ => self.rank().cmp(&constant.rank()),
        }
    }

    /// Place of its type in the order of jq.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
            Self::Container => 4,
        }
    }
}

impl Constant {
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Text(_) => 3,
        }
    }
}

impl Number {
    /// Reads a number as jq does; `None` for a whole number of more than 64 bits, which jq keeps exact.
    fn parse(text: &str) -> Option<Self> {
        // jq keeps numbers without a fraction or exponent exact.
        let is_whole = !text.contains(['.', 'e', 'E']);
        if is_whole {
            return text.parse().ok().map(Self::Whole);
        }
        text.parse().ok().map(Self::Float)
    }

    fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.cmp(&other),
            (one, other) => order_of_floats(one.float(), other.float()),
        }
    }

    fn float(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Float(float) => float,
        }
    }
}

/// The order of jq, in which both zeros are equal.
fn order_of_floats(one: f64, other: f64) -> Ordering {
    if one == 0.0 && other == 0.0 {
        return Ordering::Equal;
    }
    one.total_cmp(&other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::FieldTest;

    const CODES: &[&str] = &[
        ".a > 100",
        ".a < 100",
        ".a >= -1.5",
        ".a <= 1e2",
        ".a == 100",
        ".a != 100",
        ".a == 100.0",
        ".a == 9007199254740993",
        ".a > 99999999999999999999",
        "100 < .a",
        ".a == \"b\"",
        ".a < \"b\"",
        ".a == \"\\u00e9\\n\"",
        ".a == null",
        ".a == true",
        ".a > false",
        ".a",
        ".a.b",
        ".a.b > 1",
        ".a[0] > 1",
        ".[0] == 1",
        ".a > 1 and .b > 1",
        ".a > 1 or .b.c > 1",
        ".b.c > 1 or .a > 1",
        "(.a > 1 | not)",
        "(.a and (.b | not)) or .c == 0",
        "(.a|tonumber) > 100",
        "(.a.b|tonumber) > 1 | not",
        ".a == (\"b\")",
        ".a == 1e999",
    ];

    /// Expressions that jq alone decides.
    const NOT_QUICK: &[&str] = &[
        ".a?",
        ".a > .b",
        ".[]",
        ".a[-1] > 1",
        ".a + 1 > 2",
        ".a == {}",
        ".a | length > 1",
        ".a > 99999999999999999999",
        ".a // 1",
    ];

    #[test]
    fn only_simple_comparisons_are_quick() {
        let is_quick = |code: &str| FieldTest::parse(code).ok().unwrap().quick.is_some();
        for code in CODES {
            assert_eq!(is_quick(code), !NOT_QUICK.contains(code), "{code}");
        }
        assert!(NOT_QUICK.iter().all(|code| !is_quick(code)));
    }

    fn payload() -> impl Strategy<Value = String> {
        let value = || {
            prop_oneof![
                4 => prop_oneof![
                    Just("100".to_owned()), Just("100.0".to_owned()), Just("1e2".to_owned()), Just("-0".to_owned()),
                    Just("0.0".to_owned()), Just("1e999".to_owned()), Just("-1.5".to_owned()),
                    Just("9007199254740993".to_owned()), Just("9007199254740992.0".to_owned()),
                    Just("99999999999999999999".to_owned()), Just("-99999999999999999999".to_owned()),
                ],
                2 => "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,2})?",
                2 => prop_oneof![
                    Just("null".to_owned()), Just("true".to_owned()), Just("false".to_owned()), Just("NaN".to_owned()),
                    Just("Infinity".to_owned()), Just("[]".to_owned()), Just("[7]".to_owned()),
                    Just("{\"b\":2}".to_owned()), Just("{\"b\":\"150\"}".to_owned()), Just("{\"c\":0,\"c\":5}".to_owned()),
                ],
                3 => prop_oneof![
                    Just("\"b\"".to_owned()), Just("\"150\"".to_owned()), Just("\"é\\n\"".to_owned()),
                    Just("\"\\u00e9\\n\"".to_owned()), Just("\"+5\"".to_owned()), Just("\"NaN\"".to_owned()),
                    Just("\"0150.5\"".to_owned()), Just("\"\\ud83d\\ude00\"".to_owned()), Just("\"\\ud83d\"".to_owned()),
                    Just("\"1e400\"".to_owned()), Just("\" 5\"".to_owned()),
                ],
            ]
        };
        let pair = (
            prop_oneof![Just("a"), Just("b"), Just("c"), Just("\\u0061")],
            value(),
        );
        let object = proptest::collection::vec(pair, 0..4).prop_map(|pairs| {
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(key, value)| format!("\"{key}\":{value}"))
                .collect();
            format!("{{{}}}", pairs.join(","))
        });
        prop_oneof![
            8 => object,
            1 => value(),
            1 => value().prop_map(|value| format!("[{value}]")),
            1 => Just("{\"a\":1,}".to_owned()),
            1 => Just("# note\n{\"a\":150}".to_owned()),
            1 => Just("{a:150}".to_owned()),
            1 => Just(String::new()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        #[test]
        fn quick_and_jq_agree_on_every_payload(
            code in proptest::sample::select(CODES),
            payload in payload(),
        ) {
            let test = FieldTest::parse(code).ok().unwrap();
            let quick = test.evaluator().is_true(payload.as_bytes());
            let slow = FieldTest { quick: None, ..test };
            prop_assert_eq!(quick, slow.evaluator().is_true(payload.as_bytes()), "{} of {}", code, payload);
        }
    }
}
