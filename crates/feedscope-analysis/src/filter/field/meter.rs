//! Meters in a jq expression: calls that burn fuel, after each part that yields several values or creates new ones.

use std::ops::Range;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::load::span;
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};

use super::allowed;
use crate::fields;
use crate::filter::problem::ProblemKind;

/// Name of the function that burns fuel for the size of a value.
pub(super) const WEIGH: &str = "%weigh";
/// Name of the function for `*` on numbers and objects. The library's `*` of a string and a number could fill memory in
/// one step.
pub(super) const MULTIPLY: &str = "%multiply";
/// Inserts fuel meters into an expression, after each part that yields several values or creates new ones.
#[derive(Clone, Copy)]
pub(super) struct Meter<'s> {
    pub(super) code: &'s str,
    /// The part is evaluated at most once for each payload, so that a single small result needs no meter.
    pub(super) is_once: bool,
}

type Metered<'s> = Result<Term<&'s str>, (Range<usize>, ProblemKind)>;

impl<'s> Meter<'s> {
    pub(super) fn term(&self, term: Term<&'s str>) -> Metered<'s> {
        let refused = |what: &str| {
            Err((
                0..self.code.len(),
                ProblemKind::NotInFilters(what.to_owned()),
            ))
        };
        Ok(match term {
            // These terms yield at most one small value.
            Term::Id | Term::Num(_) | Term::Var(_) | Term::Arr(None) => term,
            Term::Recurse => weighed(term),
            Term::Str(format, parts) => {
                let part = |part| match part {
                    StrPart::Term(term) => Ok(StrPart::Term(self.often().term(term)?)),
                    other => Ok(other),
                };
                weighed(Term::Str(
                    format,
                    parts.into_iter().map(part).collect::<Result<_, _>>()?,
                ))
            }
            Term::Arr(Some(inner)) => weighed(Term::Arr(Some(self.boxed(*inner)?))),
            Term::Obj(entries) => {
                let often = self.often();
                let entry = |(key, value): (_, Option<_>)| {
                    Ok((
                        often.term(key)?,
                        value.map(|value| often.term(value)).transpose()?,
                    ))
                };
                weighed(Term::Obj(
                    entries.into_iter().map(entry).collect::<Result<_, _>>()?,
                ))
            }
            Term::Neg(inner) => Term::Neg(self.boxed(*inner)?),
            Term::BinOp(left, operator, right) => self.operation(*left, operator, *right)?,
            Term::TryCatch(inner, catch) => Term::TryCatch(
                self.boxed(*inner)?,
                catch.map(|catch| self.boxed(*catch)).transpose()?,
            ),
            Term::IfThenElse(branches, otherwise) => {
                // A condition with several values selects a branch for each one.
                let inner = self.beside(&branches.iter().map(|(test, _)| test).collect::<Vec<_>>());
                let branch = |(test, then)| Ok((inner.term(test)?, inner.term(then)?));
                let branches = branches.into_iter().map(branch).collect::<Result<_, _>>()?;
                Term::IfThenElse(
                    branches,
                    otherwise
                        .map(|otherwise| inner.boxed(*otherwise))
                        .transpose()?,
                )
            }
            Term::Call(name, arguments) => {
                if !allowed::is_callable(name, arguments.len()) {
                    return Err((
                        span(self.code, name),
                        ProblemKind::UnknownFunction(name.to_owned()),
                    ));
                }
                let often = self.often();
                let arguments = arguments.into_iter().map(|argument| often.term(argument));
                weighed(Term::Call(name, arguments.collect::<Result<_, _>>()?))
            }
            // A path of keys and numbers yields one part of its input.
            Term::Path(..) if self.is_once && fields::Path::of_term(&term).is_some() => term,
            Term::Path(from, path) => {
                let often = self.often();
                let index = |index| often.term(index);
                let part = |(part, optional)| {
                    let part = match part {
                        Part::Index(at) => Part::Index(index(at)?),
                        Part::Range(low, high) => {
                            Part::Range(low.map(index).transpose()?, high.map(index).transpose()?)
                        }
                    };
                    Ok((part, optional))
                };
                let path = Path(path.0.into_iter().map(part).collect::<Result<_, _>>()?);
                stepped(Term::Path(often.boxed(*from)?, path))
            }
            Term::Fold(name, ..) => return refused(name),
            Term::Def(..) => return refused("def"),
            Term::Label(..) | Term::Break(_) => return refused("label"),
        })
    }

    /// Returns the meter for parts that may be evaluated many times.
    fn often(self) -> Self {
        Self {
            is_once: false,
            ..self
        }
    }

    /// Returns the meter for a part that is evaluated for each value of these terms.
    fn beside(self, others: &[&Term<&str>]) -> Self {
        Self {
            is_once: self.is_once && others.iter().all(|other| is_single(other)),
            ..self
        }
    }

    fn boxed(
        &self,
        term: Term<&'s str>,
    ) -> Result<Box<Term<&'s str>>, (Range<usize>, ProblemKind)> {
        self.term(term).map(Box::new)
    }

    fn operation(
        &self,
        left: Term<&'s str>,
        operator: BinaryOp<&'s str>,
        right: Term<&'s str>,
    ) -> Metered<'s> {
        let operator = match operator {
            BinaryOp::Pipe(Some(pattern)) => BinaryOp::Pipe(Some(self.pattern(pattern)?)),
            other => other,
        };
        // A calculation with a number that is written in the expression yields a number, or fails.
        let is_number = [&left, &right]
            .iter()
            .any(|term| matches!(term, Term::Num(_)));
        let is_small = self.is_once
            && is_single(&left)
            && is_single(&right)
            && match operator {
                BinaryOp::Math(_) => is_number,
                BinaryOp::Cmp(_) | BinaryOp::And | BinaryOp::Or => true,
                _ => false,
            };
        let (of_left, of_right) = match operator {
            // The left side of a pipe gets one value.
            BinaryOp::Pipe(_) => (*self, self.beside(&[&left])),
            _ => (self.beside(&[&right]), self.beside(&[&left])),
        };
        // A calculation may create a larger value, as `+` on strings does.
        let is_larger = matches!(operator, BinaryOp::Math(_));
        let (left, right) = (of_left.term(left)?, of_right.term(right)?);
        let term = match operator {
            // The library's multiplication is replaced; see `MULTIPLY`.
            BinaryOp::Math(Math::Mul) => Term::Call(MULTIPLY, vec![left, right]),
            operator => Term::BinOp(Box::new(left), operator, Box::new(right)),
        };
        Ok(match is_larger {
            _ if is_small => term,
            true => weighed(term),
            false => stepped(term),
        })
    }

    fn pattern(
        &self,
        pattern: Pattern<&'s str>,
    ) -> Result<Pattern<&'s str>, (Range<usize>, ProblemKind)> {
        Ok(match pattern {
            Pattern::Var(_) => pattern,
            Pattern::Arr(inner) => Pattern::Arr(
                inner
                    .into_iter()
                    .map(|pattern| self.pattern(pattern))
                    .collect::<Result<_, _>>()?,
            ),
            Pattern::Obj(entries) => {
                let entry = |(key, pattern)| Ok((self.term(key)?, self.pattern(pattern)?));
                Pattern::Obj(entries.into_iter().map(entry).collect::<Result<_, _>>()?)
            }
        })
    }
}

/// Returns true if a term yields at most one value for each input.
pub(super) fn is_single(term: &Term<&str>) -> bool {
    /// Functions with at most one result. Their arguments must have one too.
    const FUNCTIONS: &[&str] = &[
        "null",
        "true",
        "false",
        "not",
        "length",
        "type",
        "tonumber",
        "tostring",
        "startswith",
        "endswith",
        "has",
        "contains",
    ];
    match term {
        Term::Id | Term::Num(_) | Term::Var(_) | Term::Arr(_) => true,
        Term::Str(_, parts) => !parts.iter().any(|part| matches!(part, StrPart::Term(_))),
        Term::Neg(inner) => is_single(inner),
        Term::Call(name, arguments) => FUNCTIONS.contains(name) && arguments.iter().all(is_single),
        Term::BinOp(left, operator, right) => {
            let is_one_for_one = matches!(
                operator,
                BinaryOp::Pipe(None)
                    | BinaryOp::And
                    | BinaryOp::Or
                    | BinaryOp::Math(_)
                    | BinaryOp::Cmp(_)
            );
            is_one_for_one && is_single(left) && is_single(right)
        }
        Term::Path(..) => fields::Path::of_term(term).is_some(),
        _ => false,
    }
}

fn weighed(term: Term<&str>) -> Term<&str> {
    Term::BinOp(
        Box::new(term),
        BinaryOp::Pipe(None),
        Box::new(Term::Call(WEIGH, Vec::new())),
    )
}

/// Burns one unit of fuel for every value that passes. The size does not matter, because parts of existing values are
/// shared, not copied.
fn stepped(term: Term<&str>) -> Term<&str> {
    Term::BinOp(
        Box::new(term),
        BinaryOp::Pipe(None),
        Box::new(Term::Call(STEP, Vec::new())),
    )
}

pub(super) const STEP: &str = "%step";
