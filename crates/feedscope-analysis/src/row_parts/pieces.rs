//! Division of a payload into its values, each with the text before it and its path. It is tolerant: every text has a
//! division, also JSON that is cut or not valid.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Largest number of bytes of a payload that are compared.
pub const LONGEST: usize = 1_024;

/// Number of names that make the shape of a payload.
const NAMES: usize = 6;

/// Number of words of a text that are compared one by one. The others are one value.
const WORDS: u64 = 3;

/// Names of texts that people or models write.
const TEXT_NAMES: [&str; 9] = [
    "\"text\"",
    "\"content\"",
    "\"message\"",
    "\"msg\"",
    "\"body\"",
    "\"delta\"",
    "\"title\"",
    "\"comment\"",
    "\"summary\"",
];

/// Values of a payload.
#[derive(Debug, PartialEq)]
pub(super) struct Pieces {
    pub(super) is_json: bool,
    /// Kind of the payload with its first names. Payloads of one shape have the same meaning.
    pub(super) shape: u64,
    /// Values in their order. The last one may be empty, with the text behind the last value before it.
    pub(super) list: Vec<Piece>,
    /// End of the compared part.
    pub(super) end: usize,
}

/// Value with the text before it, such as its key.
#[derive(Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) path: u64,
    /// Start of the text before the value.
    pub(super) start: usize,
    /// Start of the value.
    pub(super) value: usize,
    pub(super) end: usize,
    /// The name or the place of the value is that of a text, also if it has a single word.
    pub(super) is_text: bool,
}

impl Piece {
    pub(super) fn lead_hash(&self, text: &str) -> u64 {
        hash(&text[self.start..self.value])
    }

    pub(super) fn value_hash(&self, text: &str) -> u64 {
        hash(&text[self.value..self.end])
    }
}

/// Object or list that contains the next value.
struct Container {
    path: u64,
    is_list: bool,
    /// Hash of the last key, or number of the next member of a list.
    member: u64,
    expects_key: bool,
    /// The last key is the name of a text.
    has_text: bool,
}

impl Pieces {
    /// Divides a payload.
    pub(super) fn of(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(LONGEST)];
        // A packet of Socket.IO begins with digits.
        let prefix = text.len()
            - text
                .trim_start_matches(|it: char| it.is_ascii_digit())
                .len();
        let content = text[prefix..].trim_start();
        if content.starts_with(['{', '[']) {
            of_json(text, text.len() - content.len())
        } else {
            of_words(text)
        }
    }
}

/// Divides JSON that begins at `start`.
fn of_json(text: &str, start: usize) -> Pieces {
    let bytes = text.as_bytes();
    let mut shape = hash("json");
    let mut names = 0;
    let mut list = Vec::new();
    let mut containers: Vec<Container> = Vec::new();
    let (mut at, mut lead) = (start, 0);
    while let Some(&byte) = bytes.get(at) {
        let expects_key = containers.last().is_some_and(|it| it.expects_key);
        match byte {
            b'{' | b'[' => {
                let closing = if byte == b'{' { b'}' } else { b']' };
                if bytes.get(at + 1) != Some(&closing) {
                    containers.push(Container {
                        path: path(&containers),
                        is_list: byte == b'[',
                        member: 0,
                        expects_key: byte == b'{',
                        has_text: false,
                    });
                    at += 1;
                    continue;
                }
                // An empty list or object is a value.
            }
            b'}' | b']' => {
                containers.pop();
                at += 1;
                continue;
            }
            b',' | b':' => {
                if let Some(container) = containers.last_mut() {
                    if container.is_list {
                        container.member += u64::from(byte == b',');
                    } else {
                        container.expects_key = byte == b',';
                    }
                }
                at += 1;
                continue;
            }
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => {}
        }
        let end = end_of_value(bytes, at);
        if expects_key && byte == b'"' {
            let key = hash(&text[at..end]);
            if containers.len() == 1 && names < NAMES {
                shape = combined(shape, key);
                names += 1;
            }
            if let Some(container) = containers.last_mut() {
                container.member = key;
                container.has_text = TEXT_NAMES.contains(&&text[at..end]);
            }
        } else {
            list.push(Piece {
                path: path(&containers),
                start: lead,
                value: at,
                end,
                is_text: byte == b'"' && containers.last().is_some_and(|it| it.has_text),
            });
            lead = end;
        }
        at = end;
    }
    close(list, (shape, true), lead, text.len())
}

/// Returns the end of a string, of an empty list or object, or of another value that starts at `start`.
fn end_of_value(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start + 1..];
    let length = match bytes[start] {
        b'"' => {
            let mut is_escaped = false;
            let is_end = |byte: &u8| {
                let ends = *byte == b'"' && !is_escaped;
                is_escaped = *byte == b'\\' && !is_escaped;
                ends
            };
            rest.iter().position(is_end).map_or(rest.len(), |at| at + 1)
        }
        b'{' | b'[' => 1,
        _ => {
            let is_end = |byte: &u8| {
                matches!(byte, b',' | b':' | b'}' | b']' | b'"') || byte.is_ascii_whitespace()
            };
            rest.iter().position(is_end).unwrap_or(rest.len())
        }
    };
    start + 1 + length
}

/// Divides a text into words. A word such as `level=info` has a name. Other words are compared by their places.
fn of_words(text: &str) -> Pieces {
    let mut shape = hash("words");
    let mut names = 0;
    let mut list = Vec::new();
    let mut lead = 0;
    let mut words = 0;
    let is_separator = |it: char| it.is_whitespace() || matches!(it, ';' | '|');
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let word = &rest[..rest.find(is_separator).unwrap_or(rest.len())];
        let name = word.find('=').filter(|equals| *equals > 0);
        // A value with a name may contain commas.
        let comma = word.find(',').filter(|_| name.is_none());
        let word = &word[..comma.unwrap_or(word.len())];
        let (value, end, path) = match name {
            Some(equals) => {
                let name = hash(&word[..equals]);
                if names < NAMES {
                    shape = combined(shape, name);
                    names += 1;
                }
                let value = at + equals + 1;
                let end = if text[value..].starts_with('"') {
                    end_of_value(text.as_bytes(), value)
                } else {
                    at + word.len()
                };
                (value, end, name)
            }
            None if word.is_empty() => {
                at += rest.chars().next().map_or(1, char::len_utf8);
                continue;
            }
            None if words == WORDS => (at, text.len(), WORDS),
            None => {
                words += 1;
                (at, at + word.len(), words - 1)
            }
        };
        list.push(Piece {
            path,
            start: lead,
            value,
            end,
            is_text: path == WORDS,
        });
        (lead, at) = (end, end);
    }
    close(list, (shape, false), lead, text.len())
}

/// Adds the text behind the last value.
fn close(mut list: Vec<Piece>, (shape, is_json): (u64, bool), lead: usize, end: usize) -> Pieces {
    if lead < end {
        list.push(Piece {
            path: u64::MAX,
            start: lead,
            value: end,
            end,
            is_text: false,
        });
    }
    Pieces {
        is_json,
        shape,
        list,
        end,
    }
}

/// Returns the path of the next value.
fn path(containers: &[Container]) -> u64 {
    containers
        .last()
        .map_or(0, |container| combined(container.path, container.member))
}

fn combined(one: u64, other: u64) -> u64 {
    // The constant is that of FNV; both halves of the result depend on both numbers.
    (one.rotate_left(23) ^ other)
        .wrapping_mul(0x0100_0000_01b3)
        .rotate_left(17)
        ^ one
}

pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<&str> {
        let pieces = Pieces::of(text);
        pieces
            .list
            .iter()
            .map(|piece| &text[piece.value..piece.end])
            .collect()
    }

    #[test]
    fn values_of_json_are_pieces() {
        assert_eq!(
            values(r#"{"a":"one, {two}","b":[1,{"c":null}],"d":[],"e":{}}"#),
            [r#""one, {two}""#, "1", "null", "[]", "{}", ""]
        );
        assert_eq!(
            values(r#"42["event",{"text":"a \" b"}]"#),
            [r#""event""#, r#""a \" b""#, ""]
        );
        assert_eq!(values(r#"{"a":"cut in the mid"#), [r#""cut in the mid"#]);
    }

    #[test]
    fn words_of_a_text_are_pieces() {
        assert_eq!(
            values("@color=#FF;name=ada; :ada!x PRIVMSG #room :Hello to all"),
            ["#FF", "ada", ":ada!x", "PRIVMSG", "#room", ":Hello to all"]
        );
        assert_eq!(
            values("INFO request served path=/a"),
            ["INFO", "request", "served", "/a"]
        );
    }

    #[test]
    fn the_same_place_has_the_same_path_in_payloads_of_any_length() {
        let path_of_last = |text: &str| {
            let pieces = Pieces::of(text);
            pieces.list[pieces.list.len() - 2].path
        };
        let one = path_of_last(r#"{"list":[1,2],"text":"a"}"#);
        assert_eq!(one, path_of_last(r#"{"list":[1,2,3,4],"text":"b"}"#));
        assert_ne!(one, path_of_last(r#"{"list":[1,2],"test":"a"}"#));
    }

    proptest! {
        #[test]
        fn every_text_is_divided_without_a_gap(text in r#"([{}\[\]:,"\\= ;a0é…]|word|"key":|="){0,40}"#) {
            let pieces = Pieces::of(&text);
            let mut end = 0;
            for piece in &pieces.list {
                prop_assert_eq!(piece.start, end);
                prop_assert!(piece.start <= piece.value && piece.value <= piece.end);
                prop_assert!(text.is_char_boundary(piece.value) && text.is_char_boundary(piece.end));
                end = piece.end;
            }
            prop_assert_eq!(end, pieces.end);
        }
    }
}
