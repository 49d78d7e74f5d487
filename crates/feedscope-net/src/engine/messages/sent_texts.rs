//! Texts that were sent and may come back from the peer, as those of a chat do. A text that came back has arrived. This
//! module compares texts only; it counts nothing.

use std::collections::VecDeque;

use memchr::memmem;

/// Number of texts that are remembered.
const REMEMBERED: usize = 64;

/// Largest length of a remembered text in bytes.
const LONGEST: usize = 4_096;

/// Number of received messages that are compared after a text was sent, so that a fast feed is not searched for long.
const COMPARED: u32 = 1_000;

/// Shortest text that is searched within a message, in bytes. A shorter one may be there by chance.
const SHORTEST: usize = 2;

/// Texts of one connection.
#[derive(Debug, Default)]
pub(super) struct SentTexts {
    /// Texts in the order in which they were sent.
    list: VecDeque<SentText>,
    /// Number of received messages that are still compared.
    left: u32,
}

#[derive(Debug)]
struct SentText {
    /// Number of the message.
    number: u64,
    plain: Box<[u8]>,
    /// The text as a string of JSON; empty if it is too short to be searched.
    quoted: Vec<u8>,
}

impl SentTexts {
    /// Remembers a text that was sent as the message with this number.
    pub(super) fn push(&mut self, number: u64, text: &str) {
        if text.len() > LONGEST {
            return;
        }
        if self.list.len() == REMEMBERED {
            self.list.pop_front();
        }
        self.left = COMPARED;
        self.list.push_back(SentText {
            number,
            plain: text.as_bytes().into(),
            quoted: if text.len() >= SHORTEST {
                quoted(text)
            } else {
                Vec::new()
            },
        });
    }

    /// Returns the number of the newest message whose text a received message repeats, as a whole or as a value of JSON.
    #[inline]
    pub(super) fn came_back(&mut self, received: &[u8]) -> Option<u64> {
        if self.left == 0 {
            return None;
        }
        self.compare(received)
    }

    fn compare(&mut self, received: &[u8]) -> Option<u64> {
        self.left -= 1;
        let at = self.list.iter().rposition(|sent| sent.is_in(received));
        let number = at.map(|at| self.list[at].number);
        // The texts up to this one need not come back any more.
        self.list.drain(..at.map_or(0, |at| at + 1));
        if self.list.is_empty() {
            self.left = 0;
        }
        if self.left == 0 {
            self.list.clear();
        }
        number
    }
}

impl SentText {
    fn is_in(&self, received: &[u8]) -> bool {
        if *self.plain == *received {
            return true;
        }
        // A string before a colon is a name and no value.
        let is_value = |at: usize| {
            let rest = received[at + self.quoted.len()..].trim_ascii_start();
            rest.first() != Some(&b':')
        };
        !self.quoted.is_empty() && memmem::find_iter(received, &self.quoted).any(is_value)
    }
}

/// Returns a text as a string of JSON, in the form that most programs write.
fn quoted(text: &str) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend([b'\\', byte]),
            b'\n' => quoted.extend(*b"\\n"),
            b'\r' => quoted.extend(*b"\\r"),
            b'\t' => quoted.extend(*b"\\t"),
            _ => quoted.push(byte),
        }
    }
    quoted.push(b'"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_whole_or_as_a_value() {
        let mut texts = SentTexts::default();
        assert_eq!(texts.came_back(b"Hello"), None);
        texts.push(0, "Hello");
        texts.push(1, "say \"hi\"");
        texts.push(2, "text");
        assert_eq!(
            texts.came_back(br#"{"text":"Hell"}"#),
            None,
            "a name, and a part of a text"
        );
        assert_eq!(texts.came_back(br#"{"text":"Hello"}"#), Some(0));
        assert_eq!(texts.came_back(b"Hello"), None, "it came back before");
        assert_eq!(texts.came_back(br#"["say \"hi\""]"#), Some(1));
        assert_eq!(texts.came_back(b"text"), Some(2));
        assert!(texts.list.is_empty());
    }

    #[test]
    fn short_texts_come_back_only_as_whole_messages() {
        let mut texts = SentTexts::default();
        texts.push(0, "1");
        assert_eq!(texts.came_back(br#"{"level":"1"}"#), None);
        assert_eq!(texts.came_back(b"1"), Some(0));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut texts = SentTexts::default();
        for number in 0..100 {
            texts.push(number, &format!("text {number}"));
        }
        assert_eq!(texts.list.len(), REMEMBERED);
        assert_eq!(texts.came_back(b"text 35"), None);
        for _ in 0..COMPARED {
            texts.came_back(b"another message");
        }
        assert_eq!((texts.came_back(b"text 90"), texts.list.len()), (None, 0));
        texts.push(100, &"a".repeat(LONGEST + 1));
        assert!(texts.list.is_empty());
    }
}
