//! Members of an object that an expression reads. Only they are made values of jq, because most of the time of a
//! calculation goes into values that it never looks at.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::{Opt, Part};
use jaq_json::{Map, Val, read};

use crate::fields::{FieldReader, FoundValue, MOST_PATHS, Path, Value, path};

/// Members that an expression reads from an object, if it does nothing else with the object.
#[derive(Debug)]
pub(super) struct Members {
    keys: Vec<String>,
    /// Reader of the members, in the order of the keys.
    reader: FieldReader,
}

impl Members {
    /// Returns the members that a term reads from its input; `None` if it may read or return the input as a whole.
    pub(super) fn of(term: &Term<&str>) -> Option<Self> {
        let mut keys = Vec::new();
        collect(term, &mut keys)?;
        if keys.is_empty() || keys.len() > MOST_PATHS {
            return None;
        }
        let reader = FieldReader::new(keys.iter().cloned().map(Path::of_key))?;
        Some(Self { keys, reader })
    }

    /// Returns an object with these members of the payload; `None` if it is no object, or is left to jq's parser.
    pub(super) fn read(&self, payload: &[u8]) -> Option<Val> {
        let values = self.reader.read(payload).ok()?;
        let mut object = Map::default();
        for (key, found) in self.keys.iter().zip(values) {
            let value = match found {
                // For jq, a member that is not there is `null`.
                FoundValue::Missing => continue,
                FoundValue::NoParts => return None,
                FoundValue::Value(value) => value_of(value)?,
            };
            object.insert(Val::from(key.clone()), value);
        }
        // `null` has no members either, but is no object.
        (!object.is_empty()).then(|| Val::obj(object))
    }
}

fn value_of(value: Value<'_>) -> Option<Val> {
    Some(match value {
        Value::Null => Val::Null,
        Value::Bool(bool) => Val::from(bool),
        Value::Text(text) => Val::from(text.to_str().into_owned()),
        Value::Number(number) => read::parse_single(number.as_bytes()).ok()?,
        Value::Array(bytes) | Value::Object(bytes) => read::parse_single(bytes).ok()?,
    })
}

/// Collects the members that a term reads from its input. `None` if the term uses the input in another way.
fn collect(term: &Term<&str>, keys: &mut Vec<String>) -> Option<()> {
    match term {
        Term::Num(_) | Term::Var(_) | Term::Arr(None) => Some(()),
        Term::Call(name, arguments) if arguments.is_empty() => {
            matches!(*name, "null" | "true" | "false").then_some(())
        }
        Term::Arr(Some(inner)) | Term::Neg(inner) | Term::TryCatch(inner, None) => {
            collect(inner, keys)
        }
        Term::Str(_, parts) => {
            for part in parts {
                if let StrPart::Term(term) = part {
                    collect(term, keys)?;
                }
            }
            Some(())
        }
        // What follows a pipe gets a value made of the members.
        Term::BinOp(left, BinaryOp::Pipe(None), _) => collect(left, keys),
        Term::BinOp(
            left,
            // What follows the binding of a variable gets the input again.
            BinaryOp::Pipe(Some(Pattern::Var(_)))
            | BinaryOp::Comma
            | BinaryOp::Alt
            | BinaryOp::Or
            | BinaryOp::And
            | BinaryOp::Math(_)
            | BinaryOp::Cmp(_),
            right,
        ) => {
            collect(left, keys)?;
            collect(right, keys)
        }
        Term::IfThenElse(branches, otherwise) => {
            for (test, then) in branches {
                collect(test, keys)?;
                collect(then, keys)?;
            }
            // Without an `else`, the input is the result.
            collect(otherwise.as_ref()?, keys)
        }
        Term::Path(from, parts) => {
            let mut parts = parts.0.iter();
            if matches!(**from, Term::Id) {
                let (Part::Index(Term::Str(None, key)), Opt::Essential) = parts.next()? else {
                    return None;
                };
                let key = path::key(key)?;
                // A member that is read twice is one value.
                if !keys.contains(&key) {
                    keys.push(key);
                }
            } else {
                collect(from, keys)?;
            }
            // An index is computed from the input of the whole path.
            for (part, _) in parts {
                match part {
                    Part::Index(index) => collect(index, keys)?,
                    Part::Range(low, high) => {
                        for end in [low, high].into_iter().flatten() {
                            collect(end, keys)?;
                        }
                    }
                }
            }
            Some(())
        }
        _ => None,
    }
}
