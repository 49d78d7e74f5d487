//! The outline of a JSON text (RFC 8259): its values in the order in which they stand, as ranges of the text, so that
//! numbers and strings stay as they were written. Builds no values and recurses nowhere.

use std::fmt;
use std::ops::Range;

/// The values of a JSON text, in the order in which they stand; the first is the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    nodes: Vec<Node>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// How many objects and arrays it stands in.
    pub depth: u32,
    /// What it is known by in the one that it stands in.
    pub name: Name,
    /// What it is.
    pub shape: Shape,
    /// Where it stands in the text, with its quotation marks or brackets.
    pub range: Range<usize>,
    /// The node after its last descendant.
    pub end: usize,
}

/// What a value is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The whole text.
    Root,
    /// A member: where its key stands in the text, with its quotation marks.
    Key(Range<usize>),
    /// An element, counted from 0.
    Index(usize),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object with this many members.
    Object(usize),
    /// An array with this many elements.
    Array(usize),
    /// A string.
    String,
    /// A number, as written.
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

/// Where a text stops being JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// The offset of the first byte that cannot stand there.
    pub at: usize,
}

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not JSON from byte {} on", self.at)
    }
}

impl std::error::Error for NotJson {}

impl Outline {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// With the offset where it stops being JSON.
    pub fn of(text: &str) -> Result<Self, NotJson> {
        let mut reader = Reader {
            bytes: text.as_bytes(),
            at: 0,
            nodes: Vec::new(),
            open: Vec::new(),
        };
        reader.read().map_err(|()| NotJson { at: reader.at })?;
        Ok(Self {
            nodes: reader.nodes,
        })
    }

    /// The values, in the order in which they stand.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The path to a value, as `jq` writes it: `.book.bid[0]`, `."odd key"`, `.` for the whole.
    pub fn path(&self, text: &str, node: usize) -> String {
        let mut names = Vec::new();
        let mut depth = self.nodes[node].depth + 1;
        // Upwards: the nearest earlier node of each smaller depth is the one that it stands in.
        for candidate in self.nodes[..=node].iter().rev() {
            if candidate.depth < depth {
                depth = candidate.depth;
                names.push(&candidate.name);
            }
        }
        let mut path = String::new();
        for name in names.into_iter().rev() {
            match name {
                Name::Root => {}
                Name::Index(index) => {
                    path.push_str(if path.is_empty() { ".[" } else { "[" });
                    path.push_str(&index.to_string());
                    path.push(']');
                }
                Name::Key(range) => {
                    let key = &text[range.clone()];
                    path.push('.');
                    path.push_str(if is_plain_key(key) {
                        &key[1..key.len() - 1]
                    } else {
                        key
                    });
                }
            }
        }
        if path.is_empty() {
            ".".to_owned()
        } else {
            path
        }
    }
}

/// Whether a key, given with its quotation marks, needs none after a dot.
fn is_plain_key(key: &str) -> bool {
    let inner = &key[1..key.len() - 1];
    !inner.is_empty()
        && !inner.starts_with(|sign: char| sign.is_ascii_digit())
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A string as it reads, for a range with its quotation marks: escapes are resolved.
pub fn unescaped(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned())
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    /// The objects and arrays that the reader stands in.
    open: Vec<usize>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), ()> {
        self.space();
        let mut name = Name::Root;
        loop {
            let opened = self.value(name)?;
            // After a value: what it stands in goes on or ends, as often as ends follow each other.
            let mut first = opened;
            name = loop {
                self.space();
                let Some(&inside) = self.open.last() else {
                    return if self.at == self.bytes.len() {
                        Ok(())
                    } else {
                        Err(())
                    };
                };
                let is_object = matches!(self.nodes[inside].shape, Shape::Object(_));
                if self.peek() == Some(if is_object { b'}' } else { b']' }) {
                    self.at += 1;
                    self.close(inside);
                    first = false;
                    continue;
                }
                if !first {
                    self.expect(b',')?;
                    self.space();
                }
                break self.name_in(inside)?;
            };
        }
    }

    /// The name of the next value in an object or array; counts it.
    fn name_in(&mut self, inside: usize) -> Result<Name, ()> {
        match self.nodes[inside].shape {
            Shape::Object(count) => {
                let start = self.at;
                self.string()?;
                let key = start..self.at;
                self.space();
                self.expect(b':')?;
                self.space();
                self.nodes[inside].shape = Shape::Object(count + 1);
                Ok(Name::Key(key))
            }
            Shape::Array(count) => {
                self.nodes[inside].shape = Shape::Array(count + 1);
                Ok(Name::Index(count))
            }
            _ => Err(()),
        }
    }

    /// Reads a scalar whole, or the opening bracket; returns whether it was that.
    fn value(&mut self, name: Name) -> Result<bool, ()> {
        let start = self.at;
        let shape = match self.peek().ok_or(())? {
            b'{' | b'[' => {
                let shape = if self.bytes[start] == b'{' {
                    Shape::Object(0)
                } else {
                    Shape::Array(0)
                };
                self.at += 1;
                self.add(name, shape, start);
                self.open.push(self.nodes.len() - 1);
                return Ok(true);
            }
            b'"' => {
                self.string()?;
                Shape::String
            }
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => {
                self.number()?;
                Shape::Number
            }
        };
        self.add(name, shape, start);
        Ok(false)
    }

    fn add(&mut self, name: Name, shape: Shape, start: usize) {
        let depth = self.open.len() as u32;
        let end = self.nodes.len() + 1;
        self.nodes.push(Node {
            depth,
            name,
            shape,
            range: start..self.at,
            end,
        });
    }

    fn close(&mut self, inside: usize) {
        self.open.pop();
        let end = self.nodes.len();
        let node = &mut self.nodes[inside];
        node.range.end = self.at;
        node.end = end;
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), ()> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(())
        }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<Shape, ()> {
        for &byte in word {
            self.expect(byte)?;
        }
        Ok(Shape::Literal)
    }

    /// RFC 8259 section 7.
    fn string(&mut self) -> Result<(), ()> {
        self.expect(b'"')?;
        loop {
            match self.peek().ok_or(())? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek().ok_or(())? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        b'u' => {
                            self.at += 1;
                            for _ in 0..4 {
                                if !self.peek().ok_or(())?.is_ascii_hexdigit() {
                                    return Err(());
                                }
                                self.at += 1;
                            }
                        }
                        _ => return Err(()),
                    }
                }
                0..0x20 => return Err(()),
                _ => self.at += 1,
            }
        }
    }

    /// RFC 8259 section 6.
    fn number(&mut self) -> Result<(), ()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Depth, path and text of each value.
    fn lines(text: &str) -> Vec<(u32, String, &str)> {
        let outline = Outline::of(text).unwrap();
        let paths = (0..outline.nodes().len()).map(|node| outline.path(text, node));
        outline
            .nodes()
            .iter()
            .zip(paths)
            .map(|(node, path)| (node.depth, path, &text[node.range.clone()]))
            .collect()
    }

    #[test]
    fn values_stand_in_order_with_their_paths() {
        let text = r#"{"id": 12345678901234567890, "book": {"bid": [55.10, 900], "odd key": null}, "end": []}"#;
        let expected = [
            (0, ".", text),
            (1, ".id", "12345678901234567890"),
            (1, ".book", r#"{"bid": [55.10, 900], "odd key": null}"#),
            (2, ".book.bid", "[55.10, 900]"),
            (3, ".book.bid[0]", "55.10"),
            (3, ".book.bid[1]", "900"),
            (2, r#".book."odd key""#, "null"),
            (1, ".end", "[]"),
        ];
        assert_eq!(
            lines(text),
            expected.map(|(depth, path, text)| (depth, path.to_owned(), text))
        );
        assert_eq!(lines("[[1]]")[2].1, ".[0][0]");
    }

    #[test]
    fn a_subtree_ends_where_the_next_value_begins() {
        let outline = Outline::of(r#"[{"a":1,"b":[2,3]},4]"#).unwrap();
        let ends: Vec<_> = outline.nodes().iter().map(|node| node.end).collect();
        assert_eq!(ends, [7, 6, 3, 6, 5, 6, 7]);
        assert_eq!(outline.nodes()[1].shape, Shape::Object(2));
        assert_eq!(outline.nodes()[0].shape, Shape::Array(2));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("[1,]", 3),
            ("[,1]", 1),
            ("{\"a\" 1}", 5),
            ("{\"a\":1,}", 7),
            ("[1 2]", 3),
            ("[1]x", 3),
            ("\"a\nb\"", 2),
            ("\"\\x\"", 2),
            ("01", 1),
            ("1.", 2),
            ("nul", 3),
            ("[DONE]", 1),
            ("{\"a\":1]", 6),
        ] {
            assert_eq!(Outline::of(text), Err(NotJson { at }), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let text = "[".repeat(200_000) + &"]".repeat(200_000);
        assert_eq!(Outline::of(&text).unwrap().nodes().len(), 200_000);
    }

    #[test]
    fn escapes_are_resolved_for_reading() {
        assert_eq!(unescaped(r#""a\u00e9\n""#), "aé\n");
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".*".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                proptest::collection::hash_map(".*", inner, 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// What a JSON writer writes is read, and every range reads back as the value that stands there.
        #[test]
        fn what_is_written_is_outlined(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let outline = Outline::of(&text).unwrap();
            let whole: serde_json::Value = serde_json::from_str(&text[outline.nodes()[0].range.clone()]).unwrap();
            prop_assert_eq!(whole, serde_json::from_str::<serde_json::Value>(&text).unwrap());
            for node in outline.nodes() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text[node.range.clone()]).is_ok());
            }
        }

        /// Any text: no panic, and the same verdict as a JSON parser's.
        #[test]
        fn any_text_gets_the_verdict_of_a_parser(text in r#"[\[\]{}",:0-9a-z\\ .eE+-]{0,40}"#) {
            let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(Outline::of(&text).is_ok(), theirs, "{}", text);
        }
    }
}
