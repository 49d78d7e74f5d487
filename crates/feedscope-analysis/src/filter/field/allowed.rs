//! Functions of jq that an expression may use. They end, change nothing and need no external data.

/// Functions and keywords that a user of jq may try but that a filter cannot use.
pub(super) const REFUSED: &[&str] = &[
    "$__prog_args",
    "break",
    "debug",
    "def",
    "del",
    "delpaths",
    "env",
    "foreach",
    "fromjson",
    "getpath",
    "halt",
    "halt_error",
    "import",
    "include",
    "input",
    "inputs",
    "label",
    "map_values",
    "now",
    "path",
    "paths",
    "pick",
    "recurse",
    "reduce",
    "repeat",
    "setpath",
    "stderr",
    "to_entries_paths",
    "until",
    "walk",
    "while",
];

/// Definitions in the jq language that may be called.
const DEFINED: &[(&str, usize)] = &[
    ("abs", 0),
    ("add", 0),
    ("add", 1),
    ("all", 0),
    ("all", 1),
    ("all", 2),
    ("any", 0),
    ("any", 1),
    ("any", 2),
    ("arrays", 0),
    ("booleans", 0),
    ("empty", 0),
    ("error", 0),
    ("error", 1),
    ("false", 0),
    ("first", 0),
    ("flatten", 0),
    ("from_entries", 0),
    ("in", 1),
    ("index", 1),
    ("infinite", 0),
    ("inside", 1),
    ("isarray", 0),
    ("isboolean", 0),
    ("isempty", 1),
    ("isinfinite", 0),
    ("isnan", 0),
    ("isnumber", 0),
    ("isobject", 0),
    ("isstring", 0),
    ("iterables", 0),
    ("join", 1),
    ("keys", 0),
    ("last", 0),
    ("map", 1),
    ("max", 0),
    ("max_by", 1),
    ("min", 0),
    ("min_by", 1),
    ("nan", 0),
    ("not", 0),
    ("nth", 1),
    ("nth", 2),
    ("null", 0),
    ("nulls", 0),
    ("numbers", 0),
    ("objects", 0),
    ("range", 1),
    ("range", 2),
    ("rindex", 1),
    ("scalars", 0),
    ("select", 1),
    ("split", 1),
    ("strings", 0),
    ("to_entries", 0),
    ("tostring", 0),
    ("true", 0),
    ("type", 0),
    ("unique", 0),
    ("unique_by", 1),
    ("values", 0),
    ("with_entries", 1),
];

/// Definitions that the allowed ones use.
const NEEDED: &[(&str, usize)] = &[("recurse", 1)];

/// Functions in Rust that may be called.
const NATIVE: &[(&str, usize)] = &[
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("ceil", 0),
    ("contains", 1),
    ("endswith", 1),
    ("explode", 0),
    ("first", 1),
    ("floor", 0),
    ("group_by", 1),
    ("has", 1),
    ("implode", 0),
    ("indices", 1),
    ("keys_unsorted", 0),
    ("last", 1),
    ("length", 0),
    ("limit", 2),
    ("ltrim", 0),
    ("ltrimstr", 1),
    ("range", 3),
    ("reverse", 0),
    ("round", 0),
    ("rtrim", 0),
    ("rtrimstr", 1),
    ("skip", 2),
    ("sort", 0),
    ("sort_by", 1),
    ("startswith", 1),
    ("tojson", 0),
    ("trim", 0),
    ("utf8bytelength", 0),
];

/// Functions in Rust that the definitions use.
const NEEDED_NATIVE: &[(&str, usize)] = &[
    ("error_empty", 0),
    ("key_values", 0),
    ("max_by_or_empty", 1),
    ("min_by_or_empty", 1),
];

/// Functions of this program.
const OWN: &[(&str, usize)] = &[("tonumber", 0)];

/// Returns true if an expression may call this function.
pub(super) fn is_callable(name: &str, arguments: usize) -> bool {
    [DEFINED, NATIVE, OWN]
        .iter()
        .any(|list| list.contains(&(name, arguments)))
}

/// Returns true if this definition of jq's libraries is loaded.
pub(super) fn is_defined(name: &str, arguments: usize) -> bool {
    [DEFINED, NEEDED]
        .iter()
        .any(|list| list.contains(&(name, arguments)))
}

/// Returns true if this Rust function of jq's libraries is loaded.
pub(super) fn is_native(name: &str, arguments: usize) -> bool {
    [NATIVE, NEEDED_NATIVE]
        .iter()
        .any(|list| list.contains(&(name, arguments)))
}

/// Returns all functions that an expression may call.
#[cfg(test)]
pub(super) fn callable() -> impl Iterator<Item = (&'static str, usize)> {
    [DEFINED, NATIVE, OWN].into_iter().flatten().copied()
}
