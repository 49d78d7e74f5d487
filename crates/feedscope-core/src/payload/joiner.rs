//! Characters without a width that belong to the text around them: joiners and variation selectors (Unicode Standard,
//! sections 23.2 and 23.4; Unicode Technical Standard 51, section 1.4).
//!
//! The same characters can hide in a text. Therefore they only count as part of it where a writer needs them.

/// Zero width joiner, between the parts of one emoji.
const JOINER: char = '\u{200d}';

/// Zero width non-joiner, between letters that would otherwise be connected.
const NON_JOINER: char = '\u{200c}';

/// Returns true if the character at byte `at` has no width and belongs to the text around it.
///
/// Such characters are a joiner between emoji, a non-joiner between letters of other scripts than Latin, and a variation
/// selector after a sign that has variants.
pub fn is_joined(text: &[u8], at: usize) -> bool {
    // All these characters have three bytes, and begin with one of two.
    if !matches!(text.get(at), Some(0xe2 | 0xef)) {
        return false;
    }
    let sign = next_char(text, at);
    match sign {
        Some(JOINER) => {
            let after = next_char(text, at + JOINER.len_utf8());
            base_before(text, at).is_some_and(is_pictograph) && after.is_some_and(is_pictograph)
        }
        Some(NON_JOINER) => {
            let after = next_char(text, at + NON_JOINER.len_utf8());
            last_char(&text[..at]).is_some_and(is_joining_letter)
                && after.is_some_and(is_joining_letter)
        }
        Some(sign) if is_selector(sign) => {
            let before = last_char(&text[..at]);
            before.is_some_and(|sign| is_pictograph(sign) || is_keycap(sign))
        }
        _ => false,
    }
}

/// Returns the character that a joiner follows, without the modifiers between them.
fn base_before(text: &[u8], mut at: usize) -> Option<char> {
    // A pictograph has at most a skin tone and a variation selector.
    for _ in 0..3 {
        let sign = last_char(&text[..at])?;
        if !is_selector(sign) && !is_skin_tone(sign) {
            return Some(sign);
        }
        at -= sign.len_utf8();
    }
    None
}

fn next_char(text: &[u8], at: usize) -> Option<char> {
    let bytes = text.get(at..text.len().min(at + 4))?;
    bytes.utf8_chunks().next()?.valid().chars().next()
}

fn last_char(text: &[u8]) -> Option<char> {
    let start = (1..=4).find_map(|length| {
        let start = text.len().checked_sub(length)?;
        (text[start] & 0xc0 != 0x80).then_some(start)
    })?;
    std::str::from_utf8(&text[start..]).ok()?.chars().next()
}

fn is_selector(sign: char) -> bool {
    matches!(sign, '\u{fe0e}' | '\u{fe0f}')
}

fn is_skin_tone(sign: char) -> bool {
    matches!(sign, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Returns true for the signs of a keycap emoji.
fn is_keycap(sign: char) -> bool {
    matches!(sign, '0'..='9' | '#' | '*')
}

/// Returns true for signs that can be emoji: the blocks of symbols and pictographs, and the few symbols of Latin-1.
fn is_pictograph(sign: char) -> bool {
    matches!(
        sign,
        '©' | '®' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
            | '\u{2190}'..='\u{2bff}'
            | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

/// Returns true for letters of scripts in which letters are connected. Between Latin letters, the character only hides.
fn is_joining_letter(sign: char) -> bool {
    // The blocks from Arabic to Khmer, and the forms of Arabic letters.
    matches!(sign, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1780}'..='\u{17ff}' | '\u{1800}'..='\u{18af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the characters of a text that are not joined, in the order of the text.
    fn shown(text: &str) -> String {
        let signs = text.char_indices();
        let drawn = signs.filter(|&(at, _)| !is_joined(text.as_bytes(), at));
        drawn.map(|(_, sign)| sign).collect()
    }

    #[test]
    fn joiners_in_their_place_are_part_of_the_text() {
        for (text, expected) in [
            ("👩\u{200d}💻 ok", "👩💻 ok"),
            ("👩🏽\u{200d}🚀", "👩🏽🚀"),
            ("❤\u{fe0f}", "❤"),
            ("❤\u{fe0f}\u{200d}🔥", "❤🔥"),
            ("🏳\u{fe0f}\u{200d}🌈", "🏳🌈"),
            ("1\u{fe0f}\u{20e3}", "1\u{20e3}"),
            ("می\u{200c}خواهم", "میخواهم"),
            ("क्\u{200c}ष", "क्ष"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn joiners_alone_stay_visible() {
        for text in [
            "pay\u{200c}pal",
            "a\u{200d}b",
            "\u{200d}👩",
            "👩\u{200d}",
            "👩\u{200d} 💻",
            "a\u{fe0f}",
            "\u{fe0f}",
            "می\u{200c}",
            "\u{200c}",
            "👩\u{200d}\u{200d}💻",
            "plain",
        ] {
            assert_eq!(shown(text), text, "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_not_joined() {
        for bytes in [
            &b"\xe2"[..],
            b"\xe2\x80",
            b"\xf0\x9f\x91\xe2\x80\x8d\xff",
            b"\xef\xb8\x8f",
        ] {
            for at in 0..=bytes.len() {
                assert!(!is_joined(bytes, at), "{bytes:?} {at}");
            }
        }
    }
}
