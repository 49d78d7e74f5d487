//! Evaluation of a jq expression on payloads, with limited fuel. It reads no environment, clock or file, and it ends
//! for every expression and every payload.
//!
//! Three rules ensure this. The parser refuses functions that may never end or that change values. Every part of the
//! expression that can yield many values, or larger values, burns fuel. Payloads with deep nesting do not count as
//! JSON, because values are parsed and compared recursively.
//!
//! For example, `.price * 2 > 100` is compiled as `(%multiply(.price | %step; 2) | %weigh) > 100 | %step`. `%step`
//! burns one unit for each value that passes. `%weigh` burns the size of the value, because a multiplication creates a
//! new value. When the fuel is used up, both fail, which ends the expression without a match.

mod allowed;
mod members;
mod meter;
mod quick;

use std::cell::Cell;
use std::ops::Range;

use feedscope_core::payload::json::unchecked_string_end;
use jaq_core::data::{DataT, HasLut};
use jaq_core::load::lex::{StrPart, Tok, Token};
use jaq_core::load::parse::{Def, Term};
use jaq_core::load::{Arena, File, Lexer, Loader, Parser, span};
use jaq_core::native::{Fun, bome, v};
use jaq_core::{Ctx, Error, Lut, Native, ValR, Vars};
use jaq_json::{Val, read};
use jaq_std::ValT as _;

use super::problem::ProblemKind;
use crate::fields::Path;
use members::Members;
use meter::{MULTIPLY, Meter, STEP, WEIGH};
use quick::{Quick, compared_with_numbers};

/// Compiled jq expression.
pub(super) struct FieldTest {
    compiled: jaq_core::Filter<Fueled>,
    /// The form of a simple expression that most payloads are decided with, without jq.
    quick: Option<Quick>,
    /// Paths that the expression compares with numbers by their order.
    number_paths: Vec<Path>,
    /// The members that the expression reads, if it needs no others.
    members: Option<Members>,
}

/// Maximum length of an expression, which is longer than people type.
const LONGEST: usize = 1_000;
/// Maximum number of brackets, because every bracket may nest.
const MOST_BRACKETS: usize = 64;
/// Maximum number of tokens, because each may cause one more step of recursion.
const MOST_TOKENS: usize = 256;

impl FieldTest {
    /// Compiles typed text. An error contains its position in `code`.
    pub(super) fn parse(code: &str) -> Result<Self, (Range<usize>, ProblemKind)> {
        let brackets = code.bytes().filter(|byte| b"([{".contains(byte)).count();
        if code.len() > LONGEST || brackets > MOST_BRACKETS {
            return Err((0..code.len(), ProblemKind::FieldTooLong));
        }
        let tokens = Lexer::new(code).lex().map_err(|errors| {
            let (expected, rest) = errors
                .into_iter()
                .next_back()
                .expect("there is one where lexing failed");
            let at = span(code, rest).start;
            (
                at..next_char(code, at),
                ProblemKind::FieldSyntax(expected.as_str().to_owned()),
            )
        })?;
        let mut left = MOST_TOKENS;
        check(code, &tokens, &mut left)?;
        let term = Parser::new(&tokens).parse(Parser::term).map_err(|errors| {
            let (expected, found) = errors
                .into_iter()
                .next()
                .expect("there is one where parsing failed");
            let at = span(code, Token::opt_as_str(found, code));
            let expected = expected.as_str();
            // The end of a part in brackets is no end of the expression.
            let is_at_end = found.is_none() && !code.trim_end().ends_with([')', ']', '}']);
            if expected == "term" && is_at_end {
                return (at, ProblemKind::FieldEnds);
            }
            (at, ProblemKind::FieldSyntax(expected.to_owned()))
        })?;
        let quick = Quick::of(&term);
        let members = Members::of(&term);
        let mut number_paths = Vec::new();
        compared_with_numbers(&term, &mut number_paths);
        let meter = Meter {
            code,
            is_once: true,
        };
        let term = meter.term(term)?;
        Ok(Self {
            compiled: compile(code, term)?,
            quick,
            number_paths,
            members,
        })
    }

    /// Returns true if most payloads are decided without jq.
    pub(super) fn is_quick(&self) -> bool {
        self.quick.is_some()
    }

    /// Paths that the expression compares with numbers by their order.
    pub(super) fn number_paths(&self) -> &[Path] {
        &self.number_paths
    }

    /// Creates the evaluator for payloads.
    pub(super) fn evaluator(&self) -> Evaluator<'_> {
        Evaluator {
            test: self,
            run: Run {
                lut: &self.compiled.lut,
                fuel: Cell::new(0),
            },
        }
    }
}

/// Returns the end of the character at `at`.
fn next_char(code: &str, at: usize) -> usize {
    at + code[at..].chars().next().map_or(0, char::len_utf8)
}

/// Refuses tokens that the parser accepts but a filter cannot use. The error contains the position.
fn check(
    code: &str,
    tokens: &[Token<&str>],
    left: &mut usize,
) -> Result<(), (Range<usize>, ProblemKind)> {
    for Token(text, token) in tokens {
        *left = left
            .checked_sub(1)
            .ok_or((0..code.len(), ProblemKind::FieldTooLong))?;
        let refused = match token {
            Tok::Sym => matches!(*text, "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//="),
            Tok::Word => allowed::REFUSED.contains(text),
            Tok::Fmt => !matches!(*text, "@text"),
            _ => false,
        };
        if refused {
            return Err((
                span(code, text),
                ProblemKind::NotInFilters((*text).to_owned()),
            ));
        }
        match token {
            // Brackets and strings contain tokens, which are checked too.
            Tok::Block(inner) => check(code, inner, left)?,
            Tok::Str(parts) => {
                for part in parts {
                    if let StrPart::Term(token) = part {
                        check(code, std::slice::from_ref(token), left)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Name of the definition that contains the expression.
const MAIN: &str = "main";

fn compile<'s>(
    code: &'s str,
    term: Term<&'s str>,
) -> Result<jaq_core::Filter<Fueled>, (Range<usize>, ProblemKind)> {
    let main = Def {
        name: MAIN,
        args: Vec::new(),
        body: term,
    };
    let prelude = jaq_core::defs()
        .chain(jaq_std::defs())
        .chain(jaq_json::defs());
    let prelude = prelude.filter(|def| allowed::is_defined(def.name, def.args.len()));
    // The library's definitions are `'static`. A new vector is needed, because the expression lives only as long as
    // `code`.
    let mut prelude: Vec<Def<&'s str>> = prelude.collect();
    prelude.push(main);
    let natives = jaq_core::funs()
        .chain(jaq_std::base_funs())
        .chain(jaq_json::funs());
    let natives = natives
        .filter(|(name, arguments, _)| allowed::is_native(name, arguments.len()))
        .chain(own_natives());

    let unknown = |name: &str| {
        // An unknown name outside of `code` comes from the library.
        let inside = code.as_bytes().as_ptr_range().contains(&name.as_ptr());
        (
            if inside {
                span(code, name)
            } else {
                0..code.len()
            },
            ProblemKind::UnknownFunction(name.to_owned()),
        )
    };
    let arena = Arena::default();
    let modules = Loader::new(prelude)
        .load(
            &arena,
            File {
                code: MAIN,
                path: (),
            },
        )
        .map_err(|_never| unknown(MAIN))?;
    jaq_core::Compiler::default()
        .with_funs(natives)
        .compile(modules)
        .map_err(|errors| {
            unknown(
                errors
                    .into_iter()
                    .flat_map(|(_, undefined)| undefined)
                    .next()
                    .map_or(code, |(name, _)| name),
            )
        })
}

/// Types for jq's evaluator: its values, and the data that contains the fuel.
struct Fueled;

impl DataT for Fueled {
    type V<'a> = Val;
    type Data<'a> = &'a Run<'a>;
}

struct Run<'a> {
    lut: &'a Lut<Fueled>,
    fuel: Cell<usize>,
}

impl<'a> HasLut<'a, Fueled> for &'a Run<'a> {
    fn lut(&self) -> &'a Lut<Fueled> {
        self.lut
    }
}

impl Run<'_> {
    fn burn(&self, amount: usize) -> Result<(), Error<Val>> {
        self.fuel.set(self.fuel.get().saturating_sub(amount));
        if self.fuel.get() == 0 {
            Err(Error::new(Val::Null))
        } else {
            Ok(())
        }
    }
}

fn own_natives() -> impl Iterator<Item = Fun<Fueled>> {
    let step: Fun<Fueled> = (
        STEP,
        v(0),
        Native::new(|cv| bome(cv.0.data().burn(1).map(|()| cv.1))),
    );
    let weigh: Fun<Fueled> = (
        WEIGH,
        v(0),
        Native::new(|cv| {
            let weight = weight(&cv.1, cv.0.data().fuel.get());
            bome(cv.0.data().burn(weight).map(|()| cv.1))
        }),
    );
    let multiply: Fun<Fueled> = (
        MULTIPLY,
        v(2),
        Native::new(|mut cv| {
            let right = cv.0.pop_var();
            let left = cv.0.pop_var();
            bome(multiplied(left, right))
        }),
    );
    let to_number: Fun<Fueled> = ("tonumber", v(0), Native::new(|cv| bome(number(cv.1))));
    [step, weigh, multiply, to_number].into_iter()
}

/// Returns the number of values and bytes of text in a value, up to about `most`. Shared parts count each time.
fn weight(value: &Val, most: usize) -> usize {
    let mut weight = 1;
    match value {
        Val::BStr(text) | Val::TStr(text) => weight += text.len(),
        Val::Arr(items) => {
            for item in items.iter() {
                // A value with many shared parts would be huge when it is expanded.
                if weight >= most {
                    break;
                }
                weight += self::weight(item, most - weight);
            }
        }
        Val::Obj(entries) => {
            for (key, item) in entries.iter() {
                if weight >= most {
                    break;
                }
                weight += self::weight(key, most - weight);
                weight += self::weight(item, most.saturating_sub(weight));
            }
        }
        Val::Null | Val::Bool(_) | Val::Num(_) => {}
    }
    weight
}

// A result that overflows an integer becomes a floating-point number.
fn multiplied(left: Val, right: Val) -> ValR<Val> {
    match (&left, &right) {
        (Val::Obj(_), Val::Obj(_)) => left * right,
        _ => match (
            left.as_isize(),
            right.as_isize(),
            left.as_f64(),
            right.as_f64(),
        ) {
            (Some(l), Some(r), ..) if l.checked_mul(r).is_some() => Ok(Val::from(l * r)),
            (.., Some(l), Some(r)) => Ok(Val::from(l * r)),
            _ => Err(Error::new(Val::Null)),
        },
    }
}

/// Implements `tonumber` for numbers only. The library's version would parse any JSON to any depth.
fn number(value: Val) -> ValR<Val> {
    let text = match &value {
        Val::Num(_) => return Ok(value),
        Val::TStr(text) if text.len() <= MOST_DIGITS => text,
        _ => return Err(Error::new(Val::Null)),
    };
    read::parse_single_num(text)
        .map(Val::Num)
        .ok_or_else(|| Error::new(Val::Null))
}

/// Evaluator of one expression for many payloads.
pub(super) struct Evaluator<'a> {
    test: &'a FieldTest,
    run: Run<'a>,
}

impl Evaluator<'_> {
    /// Returns true if `payload` is JSON for which the expression yields a value other than `null` and `false` before
    /// it fails. This is the rule of jq's `select`.
    pub(super) fn is_true(&self, payload: &[u8]) -> bool {
        if let Some(Ok(is_true)) = self.test.quick.as_ref().map(|quick| quick.is_true(payload)) {
            return is_true;
        }
        let truthy = |value: Val| !matches!(value, Val::Null | Val::Bool(false));
        self.outputs(payload, &mut |value| !truthy(value))
    }

    /// Passes the outputs of the expression to `keep_on`. Returns true if `keep_on` returned false, and false if the
    /// expression ended or failed first.
    pub(super) fn outputs(&self, payload: &[u8], keep_on: &mut dyn FnMut(Val) -> bool) -> bool {
        /// Base amount of fuel, which is enough for any useful expression on a small payload.
        const LEAST: usize = 20_000;
        /// Amount of fuel for each byte of a payload, so that an expression may visit all of it a dozen times.
        const PER_BYTE: usize = 16;
        if !is_safe_json(payload) {
            return false;
        }
        let members = self.test.members.as_ref();
        let Some(input) = members
            .and_then(|members| members.read(payload))
            .or_else(|| read::parse_single(payload).ok())
        else {
            return false;
        };
        self.run.fuel.set(LEAST + PER_BYTE * payload.len());
        let context = Ctx::<Fueled>::new(&self.run, Vars::new([]));
        for output in self.test.compiled.id.run((context, input)) {
            // An error ends the evaluation, as in jq.
            let Ok(value) = output else { return false };
            if !keep_on(value) {
                return true;
            }
        }
        false
    }
}

/// Maximum depth of a payload, because values are parsed, compared and dropped recursively.
const MOST_NESTING: usize = 128;
/// Maximum number of digits. The time to parse a number grows with the square of its digits.
const MOST_DIGITS: usize = 400;

/// Returns true if a payload may be JSON and has neither deep nesting nor long numbers. It does not check the rest of
/// the form.
fn is_safe_json(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii();
    let begins = bytes.first().is_some_and(|first| {
        matches!(
            first,
            b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
        )
    });
    let (mut depth, mut digits, mut at) = (0_usize, 0_usize, 0);
    while begins && at < bytes.len() {
        match bytes[at] {
            // Brackets and digits in a string do not count.
            b'"' => at = unchecked_string_end(bytes, at) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        digits = if bytes.get(at).is_some_and(u8::is_ascii_digit) {
            digits + 1
        } else {
            0
        };
        if depth > MOST_NESTING || digits > MOST_DIGITS {
            return false;
        }
        at += 1;
    }
    begins
}

#[cfg(test)]
mod tests;
