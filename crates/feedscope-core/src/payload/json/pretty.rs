//! JSON text with a line for each value, for a comparison line by line. Keys keep their order, and numbers and strings
//! stay as written.

use super::strings::string_end;

/// Maximum depth of indentation. Without it, nested brackets would cost the square of their number.
const DEEPEST: usize = 64;

/// Writes a JSON text in lines, with an indentation of two. A text that is not JSON is divided as far as possible.
pub fn pretty(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'"' => {
                // A string without an end extends to the end of the text.
                at = string_end(bytes, at).unwrap_or(bytes.len());
                out.push_str(&text[start..at]);
            }
            b'{' | b'[' => {
                at += 1;
                out.push(char::from(byte));
                // Empty objects and arrays stay on one line.
                let inside = bytes[at..].trim_ascii_start();
                if matches!(inside.first(), Some(b'}' | b']')) {
                    at = bytes.len() - inside.len() + 1;
                    out.push(char::from(inside[0]));
                } else {
                    depth += 1;
                    break_line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                at += 1;
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(char::from(byte));
            }
            b',' => {
                at += 1;
                out.push(',');
                break_line(&mut out, depth);
            }
            b':' => {
                at += 1;
                out.push_str(": ");
            }
            _ => {
                let rest = &bytes[at..];
                // A number or literal ends at the next structural character.
                let ends = |byte: &u8| b" \t\n\r\"{}[],:".contains(byte);
                at += rest.iter().position(ends).unwrap_or(rest.len());
                out.push_str(&text[start..at]);
            }
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_gets_a_line_and_stays_as_written() {
        let text = r#"{"b":1.50,"a":[ 12345678901234567890,{} , [],"x , \" {y"],"c":{"d":null}}"#;
        let lines = r#"{
  "b": 1.50,
  "a": [
    12345678901234567890,
    {},
    [],
    "x , \" {y"
  ],
  "c": {
    "d": null
  }
}"#;
        assert_eq!(pretty(text), lines);
        assert_eq!(pretty(lines), lines);
        assert_eq!(pretty(" 7 "), "7");
    }

    #[test]
    fn depth_costs_no_square() {
        let text = "[".repeat(20_000) + &"]".repeat(20_000);
        assert!(pretty(&text).len() < text.len() * 140);
    }

    #[test]
    fn what_is_no_json_is_not_lost() {
        for text in ["{\"a", "nulé", "]}", "\"\\"] {
            let kept = pretty(text).replace(['\n', ' '], "");
            assert_eq!(kept, text);
        }
    }
}
