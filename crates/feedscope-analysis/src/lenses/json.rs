//! Values inside of JSON text, as parts of that text. Numbers and order stay as they are written.

use std::borrow::Cow;
use std::cmp::Ordering;

use feedscope_core::payload::json::unchecked_string_end;
use serde::de::IgnoredAny;

/// A value of JSON text that was checked. It is cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// Checks a text; `None` if it is not JSON, or nested too deep.
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?.trim_ascii();
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        Some(Self(text))
    }

    /// Parses an object or array. Other values are returned as `None` without a check of the whole text.
    pub(crate) fn document(bytes: &'a [u8]) -> Option<Self> {
        let first = bytes.trim_ascii_start().first()?;
        matches!(first, b'{' | b'[').then(|| Self::parse(bytes))?
    }

    /// Returns the text of the value.
    pub(crate) fn raw(self) -> &'a str {
        self.0
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    pub(crate) fn is_array(self) -> bool {
        self.0.starts_with('[')
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    /// Returns the value of a member that is not `null`. Of several members with this name, the last counts.
    ///
    /// Each call is a pass over the object. [`object`](Self::object) serves several names with one.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        last_named(inside(self.0, '{'), name).filter(|value| !value.is_null())
    }

    /// Returns the object for the search of several members. It is empty for other values.
    pub(crate) fn object(self) -> JsonObject<'a> {
        JsonObject::of(self)
    }

    /// Returns the text of a member that is a string.
    pub(crate) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.as_text()
    }

    /// Returns true if a member is this string.
    pub(crate) fn has(self, name: &str, text: &str) -> bool {
        self.get(name).is_some_and(|value| value.is(text))
    }

    /// Returns true if the value is this string.
    pub(crate) fn is(self, text: &str) -> bool {
        let [b'"', inner @ .., b'"'] = self.0.as_bytes() else {
            return false;
        };
        match inner.len().cmp(&text.len()) {
            // An escape is longer than its character. Therefore only a longer text may contain one and be equal.
            Ordering::Less => false,
            Ordering::Equal => inner == text.as_bytes() && !inner.contains(&b'\\'),
            Ordering::Greater => {
                // Equal strings differ for the first time in or after an escape.
                let mut pairs = inner.iter().zip(text.as_bytes());
                let differs = pairs.position(|(own, other)| own != other);
                let beginning = &inner[..=differs.unwrap_or(text.len())];
                beginning.contains(&b'\\') && self.as_text().is_some_and(|own| own == text)
            }
        }
    }

    /// Returns the first item of an array, and the text of the items behind it.
    pub(crate) fn first_item(self) -> Option<(Json<'a>, &'a str)> {
        let (value, after) = first_value(inside(self.0, '['))?;
        Some((Json(value), after_comma(after)))
    }

    /// Returns the text of a string.
    pub(crate) fn as_text(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inner.contains('\\') {
            serde_json::from_str(self.0).ok().map(Cow::Owned)
        } else {
            Some(Cow::Borrowed(inner))
        }
    }

    /// Returns the value of a whole number.
    pub(crate) fn as_u64(self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// Returns the names and values of an object; nothing for other values.
    pub(crate) fn members(self) -> impl Iterator<Item = (Json<'a>, Json<'a>)> {
        let mut rest = inside(self.0, '{');
        std::iter::from_fn(move || {
            let (name, value, after) = first_member(rest)?;
            rest = after;
            Some((name, value))
        })
    }

    /// Returns the items of an array; nothing for other values.
    pub(crate) fn items(self) -> impl Iterator<Item = Json<'a>> {
        let mut rest = inside(self.0, '[');
        std::iter::from_fn(move || {
            let (value, after) = first_value(rest)?;
            rest = after_comma(after);
            Some(Json(value))
        })
    }
}

/// Returns the text between brackets; an empty text for other values.
fn inside(text: &str, open: char) -> &str {
    match text.strip_prefix(open) {
        Some(rest) => &rest[..rest.len() - 1],
        None => "",
    }
}

fn after_comma(text: &str) -> &str {
    text.trim_ascii_start().strip_prefix(',').unwrap_or("")
}

/// Maximum number of members that are found in advance. Messages of protocols rarely have more.
const MAX_FOUND: usize = 12;

/// Object whose first members were found in one pass. It needs no memory but its own, because an object of a hostile
/// payload may have millions of members.
pub(crate) struct JsonObject<'a> {
    value: Json<'a>,
    /// Names without their quotation marks, and values.
    members: [(&'a str, Json<'a>); MAX_FOUND],
    len: usize,
    /// A name contains escapes, so that it may be equal to a shorter one.
    has_escapes: bool,
    /// Text of the other members.
    rest: &'a str,
}

impl<'a> JsonObject<'a> {
    fn of(value: Json<'a>) -> Self {
        let mut object = Self {
            value,
            members: [("", Json("")); MAX_FOUND],
            len: 0,
            has_escapes: false,
            rest: inside(value.0, '{'),
        };
        for place in &mut object.members {
            let Some((name, member, rest)) = first_member(object.rest) else {
                break;
            };
            // A name has its quotation marks.
            let name = name.0.get(1..name.0.len() - 1).unwrap_or_default();
            object.has_escapes |= name.as_bytes().contains(&b'\\');
            *place = (name, member);
            object.len += 1;
            object.rest = rest;
        }
        object
    }

    /// Returns the object as a value.
    pub(crate) fn value(&self) -> Json<'a> {
        self.value
    }

    /// Returns the value of a member that is not `null`, as [`Json::get`] does.
    pub(crate) fn get(&self, name: &str) -> Option<Json<'a>> {
        if self.has_escapes {
            return self.value.get(name);
        }
        let later = (!self.rest.is_empty()).then(|| last_named(self.rest, name));
        let found = later.flatten().or_else(|| {
            let mut members = self.members[..self.len].iter().rev();
            let found = members.find(|(key, _)| *key == name);
            found.map(|(_, value)| *value)
        });
        found.filter(|value| !value.is_null())
    }

    /// Returns the text of a member that is a string.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.as_text()
    }
}

/// Returns the value of the last member with a name in the inside of an object.
fn last_named<'a>(members: &'a str, name: &str) -> Option<Json<'a>> {
    let (mut rest, mut found) = (members, None);
    while let Some((key, value, after)) = first_member(rest) {
        if key.is(name) {
            found = Some(value);
        }
        rest = after;
    }
    found
}

/// Returns the name and the value of the first member in the inside of an object, and the text of the other members.
fn first_member(text: &str) -> Option<(Json<'_>, Json<'_>, &str)> {
    let (name, after) = first_value(text)?;
    let (value, after) = first_value(after.trim_ascii_start().strip_prefix(':')?)?;
    Some((Json(name), Json(value), after_comma(after)))
}

/// Splits checked text after its first value.
fn first_value(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let bytes = text.as_bytes();
    let end = match bytes.first()? {
        b'"' => unchecked_string_end(bytes, 0),
        b'{' | b'[' => container_end(bytes)?,
        _ => {
            let ends = |byte: &u8| {
                matches!(
                    byte,
                    b',' | b':' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n'
                )
            };
            bytes.iter().position(ends).unwrap_or(bytes.len())
        }
    };
    // A value ends between characters, because the text was checked.
    Some((text.get(..end)?, text.get(end..)?))
}

/// Returns the offset after the object or array that the text begins with.
fn container_end(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        // Most bytes between strings have no meaning for the depth.
        match STRUCTURE[usize::from(byte)] {
            Structure::None => {}
            Structure::Quote => at = unchecked_string_end(bytes, at - 1),
            Structure::Open => depth += 1,
            Structure::Close => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
    }
}

/// Meaning of a byte outside of strings for the depth.
#[derive(Clone, Copy)]
enum Structure {
    None,
    Quote,
    Open,
    Close,
}

const STRUCTURE: [Structure; 256] = {
    let mut table = [Structure::None; 256];
    table[b'"' as usize] = Structure::Quote;
    table[b'{' as usize] = Structure::Open;
    table[b'[' as usize] = Structure::Open;
    table[b'}' as usize] = Structure::Close;
    table[b']' as usize] = Structure::Close;
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_parts_of_the_text() {
        let json = Json::parse(br#" {"a": [1, {"b":"]"}, "x\"y"], "n":12345678901234567890123, "z":null, "a2":-1.50} "#);
        let json = json.unwrap();
        let items: Vec<_> = json.get("a").unwrap().items().map(Json::raw).collect();
        assert_eq!(items, ["1", r#"{"b":"]"}"#, r#""x\"y""#]);
        assert_eq!(json.get("n").unwrap().raw(), "12345678901234567890123");
        assert_eq!(json.get("z"), None);
        assert_eq!(json.get("a2").unwrap().raw(), "-1.50");
        let text = json.get("a").unwrap().items().last().unwrap();
        assert_eq!(text.as_text().unwrap(), "x\"y");
        assert_eq!(Json::parse(b"{\"a\":}"), None);
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        let filler: Vec<_> = (0..20).map(|number| format!("\"m{number}\":0,")).collect();
        let filler = filler.concat();
        for (text, expected) in [
            (r#"{"a":1,"b":"a","a":2}"#, Some("2")),
            (r#"{"b":"a"}"#, None),
            (r#"{"b":{"a":1}}"#, None),
            (r#"{"b":{"a":1},"a":[3]}"#, Some("[3]")),
            (r#"{"a":1,"\u0061":4}"#, Some("4")),
            (r#"{"a":1,"a":null}"#, None),
            (&format!("{{{filler}\"a\":7}}"), Some("7")),
            (&format!("{{\"a\":1,{filler}\"a\":7}}"), Some("7")),
            (&format!("{{\"a\":1,{filler}\"b\":7}}"), Some("1")),
            ("{}", None),
            ("[\"a\"]", None),
        ] {
            let json = Json::parse(text.as_bytes()).unwrap();
            assert_eq!(json.get("a").map(Json::raw), expected, "{text}");
            let object = json.object();
            assert_eq!(object.get("a").map(Json::raw), expected, "{text}");
        }
    }

    #[test]
    fn strings_are_compared_as_they_read() {
        for (raw, text, is_equal) in [
            (r#""name""#, "name", true),
            (r#""names""#, "name", false),
            (r#""nam""#, "name", false),
            (r#""n\u0061me""#, "name", true),
            (r#""n\u0062me""#, "name", false),
            (r#""\\n""#, "\\n", true),
            (r#""\u005cx""#, "\\x", true),
            (r#""\u005cy""#, "\\x", false),
            (r#""\n""#, "\\n", false),
            (r#""\n""#, "\n", true),
            ("12", "12", false),
        ] {
            let json = Json::parse(raw.as_bytes()).unwrap();
            assert_eq!(json.is(text), is_equal, "{raw} and {text}");
        }
    }

    proptest! {
        /// The parts agree with those of another reader.
        #[test]
        fn parts_are_those_of_a_tree(text in r#"\{("[a-c]":(\[(1|"a\\"b")?,?\{\}\]|[0-9]{1,3}|" é"),?){0,4}\}"#) {
            let tree: Result<serde_json::Value, _> = serde_json::from_str(&text);
            let json = Json::parse(text.as_bytes());
            prop_assert_eq!(json.is_some(), tree.is_ok());
            if let (Some(json), Ok(tree)) = (json, tree) {
                for name in ["a", "b", "c"] {
                    let part = json.get(name).map(|part| serde_json::from_str::<serde_json::Value>(part.raw()).unwrap());
                    prop_assert_eq!(part.as_ref(), tree.get(name));
                    prop_assert_eq!(json.object().get(name), json.get(name));
                }
            }
        }
    }
}
