//! Typed filter text with one more term that was selected from a list. It works only on text.

use super::field::FieldTest;
use super::parse::{ParseContext, ranges};
use super::term::{Term, Test};

/// Returns the text of a filter for rows that match both `typed` and `chosen`.
///
/// `chosen` is a qualifier, as in `type:price`, or a comparison of a field, as in `.symbol == "ACME"`. It replaces an
/// existing term of the same name, because both together would rarely match a row. A filter can contain only one jq
/// expression, so that a further one is joined with the first.
pub fn narrowed(typed: &str, chosen: &str, context: &ParseContext) -> String {
    let typed = typed.trim();
    let Ok(terms) = ranges(typed, *context) else {
        return joined(typed, chosen);
    };
    for (Term { negated, test }, range) in &terms {
        let place = &typed[range.clone()];
        let replacement = match test {
            Test::Type(_) if !negated && chosen.starts_with("type:") => chosen.to_owned(),
            Test::Field(_) if chosen.starts_with('.') => {
                if is_comparison_like(place, chosen) {
                    chosen.to_owned()
                } else {
                    both(place.trim_end(), chosen)
                }
            }
            _ => continue,
        };
        let (before, after) = (&typed[..range.start], &typed[range.end..]);
        // A jq expression extends to the next qualifier, including the space between them.
        let space = if after.is_empty() || after.starts_with(char::is_whitespace) {
            ""
        } else {
            " "
        };
        return format!("{before}{replacement}{space}{after}");
    }
    if chosen.starts_with('.') {
        // Words after a jq expression would become part of it, so that it must be last.
        joined(typed, chosen)
    } else {
        joined(chosen, typed)
    }
}

/// Returns a jq expression that is true if both are true.
fn both(place: &str, chosen: &str) -> String {
    let both = format!("({place}) and {chosen}");
    if place.contains('#') && FieldTest::parse(&both).is_err() {
        // A comment extends to the end of its line, so that a line break must follow it.
        return format!("({place}\n) and {chosen}");
    }
    both
}

fn joined(left: &str, right: &str) -> String {
    if left.is_empty() || right.is_empty() {
        format!("{left}{right}")
    } else {
        format!("{left} {right}")
    }
}

/// Returns true if `place` only compares the same field with a value.
fn is_comparison_like(place: &str, chosen: &str) -> bool {
    const EQUALS: &str = " == ";
    let Some(path) = chosen.find(EQUALS).map(|at| &chosen[..at]) else {
        return false;
    };
    place
        .strip_prefix(path)
        .and_then(|rest| rest.strip_prefix(EQUALS))
        .is_some_and(|value| serde_json::from_str::<serde_json::Value>(value.trim()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    #[test]
    fn a_term_is_added_or_takes_the_place_of_its_like() {
        for (typed, chosen, result) in [
            ("", "type:price", "type:price"),
            ("acme", "type:price", "type:price acme"),
            ("a type:news b", "type:price", "a type:price b"),
            ("-type:news", "type:price", "type:price -type:news"),
            ("acme", ".s == \"X\"", "acme .s == \"X\""),
            ("a .s == \"Y\"", ".s == \"X\"", "a .s == \"X\""),
            (".s == \"Y\" is:in", ".s == \"X\"", ".s == \"X\" is:in"),
            (".n > 1 is:in", ".s == 7", "(.n > 1) and .s == 7 is:in"),
            (".a | .b", ".s == true", "(.a | .b) and .s == true"),
            (
                ".s == 1 or .s == 2",
                ".s == 3",
                "(.s == 1 or .s == 2) and .s == 3",
            ),
            (".n > 1", "type:price", "type:price .n > 1"),
            (".a # b", ".s == 3", "(.a # b\n) and .s == 3"),
            (".a == \"#b\"", ".s == 3", "(.a == \"#b\") and .s == 3"),
            // Text that cannot be parsed is kept.
            ("size:big", "type:price", "size:big type:price"),
        ] {
            let context = ParseContext::default();
            assert_eq!(narrowed(typed, chosen, &context), result);
            if typed != "size:big" {
                assert!(Filter::parse(result, &context).is_ok(), "{result}");
            }
        }
    }
}
