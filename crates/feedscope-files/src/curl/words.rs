//! The words of a command line, as a Unix shell or the command prompt of Windows splits it. A variable of the shell becomes one
//! of the connection, and nothing is replaced or run.

use crate::connections::escaped;

/// First command of a line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FirstCommand {
    pub(super) words: Vec<String>,
    /// What follows the command: a pipe, a redirection or another command.
    pub(super) further: Option<String>,
}

/// Splits the first command of a line into words. A `^` before a quotation mark or a line end shows the form of Windows, in
/// which nothing follows the command. The prompt of a shell is left out.
///
/// The words have the form of the texts of a saved connection: `${NAME}` is a variable, and `$${` a literal `${`.
pub(super) fn split(line: &str) -> Result<FirstCommand, String> {
    let line = line.trim_start();
    let line = line.strip_prefix("$ ").unwrap_or(line);
    let is_of_windows = ["^\"", "^\n", "^\r\n"]
        .iter()
        .any(|sign| line.contains(sign));
    if is_of_windows {
        let words = of_windows(&without_carets(line))?;
        Ok(FirstCommand {
            words: words.iter().map(|word| escaped(word)).collect(),
            further: None,
        })
    } else {
        of_shell(line)
    }
}

const NOT_CLOSED: &str = "a quotation mark is not closed";

/// Word of a Unix shell.
#[derive(Default)]
struct ShellWord {
    /// Finished part, in the form of a saved connection.
    done: String,
    /// Text after it, as it is.
    text: String,
}

impl ShellWord {
    fn push(&mut self, sign: char) {
        self.text.push(sign);
    }

    fn push_variable(&mut self, name: &str) {
        self.end_text();
        self.done.push_str("${");
        self.done.push_str(name);
        self.done.push('}');
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.done.push_str(&escaped(&text));
    }

    fn finished(mut self) -> String {
        self.end_text();
        self.done
    }
}

/// Takes what follows a `$` outside of single quotation marks. `${NAME}` is a variable, and so is `$NAME` in capital letters.
/// Other names after a `$` are usual in URLs, such as `$filter`, so that they stay as they are.
fn dollar(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut ShellWord,
) -> Result<(), String> {
    let is_name = |name: &str| {
        let mut signs = name.chars();
        signs
            .next()
            .is_some_and(|sign| sign == '_' || sign.is_ascii_alphabetic())
            && signs.all(|sign| sign == '_' || sign.is_ascii_alphanumeric())
    };
    match chars.peek() {
        Some('(') => return Err(RUNS_COMMAND.to_owned()),
        Some('{') => {
            chars.next();
            let mut name = String::new();
            loop {
                match chars.next().ok_or("`${` has no `}`")? {
                    '}' => break,
                    sign => name.push(sign),
                }
            }
            if !is_name(&name) {
                return Err(format!("`${{{name}}}` is not the name of a variable"));
            }
            word.push_variable(&name);
        }
        _ => {
            let is_part = |sign: &char| *sign == '_' || sign.is_ascii_alphanumeric();
            let name: String = chars.clone().take_while(is_part).collect();
            let is_usual = !name.contains(|sign: char| sign.is_ascii_lowercase());
            if is_name(&name) && is_usual {
                word.push_variable(&name);
                chars.by_ref().take(name.len()).for_each(drop);
            } else {
                word.push('$');
            }
        }
    }
    Ok(())
}

const RUNS_COMMAND: &str =
    "it runs another command in `$(…)`, which Feedscope does not: write its output in that place";

/// POSIX quoting, and `$'…'` of bash.
fn of_shell(line: &str) -> Result<FirstCommand, String> {
    let mut words = Vec::new();
    let mut word: Option<ShellWord> = None;
    let mut further = None;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            _ if ends_command(char, chars.peek().copied(), word.is_none()) => {
                let rest: String = std::iter::once(char).chain(chars).collect();
                further = Some(rest.trim_end().to_owned());
                break;
            }
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take().map(ShellWord::finished)),
            '\\' => match chars.next() {
                // A line that goes on, also with the line end of Windows.
                Some('\n') | None => {}
                Some('\r') if chars.peek() == Some(&'\n') => {
                    chars.next();
                }
                Some(other) => word.get_or_insert_default().push(other),
            },
            '\'' => {
                let text = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(NOT_CLOSED)? {
                        '\'' => break,
                        other => text.push(other),
                    }
                }
            }
            // Browsers use this form for line ends and quotation marks.
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                ansi_c(&mut chars, &mut word.get_or_insert_default().text)?;
            }
            '$' => dollar(&mut chars, word.get_or_insert_default())?,
            '`' => return Err(RUNS_COMMAND.to_owned()),
            '"' => double_quoted(&mut chars, word.get_or_insert_default())?,
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word.map(ShellWord::finished));
    Ok(FirstCommand { words, further })
}

/// Returns true for an unquoted sign that ends a command. `;`, `&`, `<` and `>` within a word are parts of a URL that lacks its
/// quotation marks.
fn ends_command(sign: char, next: Option<char>, begins_word: bool) -> bool {
    let ends_word = next.is_none_or(char::is_whitespace);
    match sign {
        '|' => true,
        ';' => ends_word,
        '&' if next == Some('>') => begins_word,
        '&' => ends_word || next == Some('&'),
        '<' | '>' => begins_word,
        '1' | '2' => begins_word && next == Some('>'),
        _ => false,
    }
}

/// The rest of a text in double quotation marks.
fn double_quoted(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    word: &mut ShellWord,
) -> Result<(), String> {
    loop {
        match chars.next().ok_or(NOT_CLOSED)? {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(NOT_CLOSED)? {
                '\n' => {}
                escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                other => {
                    word.push('\\');
                    word.push(other);
                }
            },
            '$' => dollar(chars, word)?,
            '`' => return Err(RUNS_COMMAND.to_owned()),
            other => word.push(other),
        }
    }
}

/// The rest of `$'…'`, with the escapes of ANSI C.
fn ansi_c(
    chars: &mut std::iter::Peekable<impl Iterator<Item = char>>,
    text: &mut String,
) -> Result<(), String> {
    loop {
        match chars.next().ok_or(NOT_CLOSED)? {
            '\'' => return Ok(()),
            '\\' => {
                let escape = chars.next().ok_or(NOT_CLOSED)?;
                text.push(match escape {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'e' | 'E' => '\u{1b}',
                    'f' => '\u{c}',
                    'v' => '\u{b}',
                    'x' => number(chars, 16, 2)?,
                    'u' => number(chars, 16, 4)?,
                    'U' => number(chars, 16, 8)?,
                    '0'..='7' => {
                        let first = escape.to_digit(8).unwrap_or(0);
                        octal(chars, first)?
                    }
                    other => other,
                });
            }
            other => text.push(other),
        }
    }
}

/// Up to two further octal digits after the first one.
fn octal(
    chars: &mut std::iter::Peekable<impl Iterator<Item = char>>,
    first: u32,
) -> Result<char, String> {
    let mut code = first;
    for _ in 0..2 {
        match chars.peek().and_then(|char| char.to_digit(8)) {
            Some(digit) => {
                code = code * 8 + digit;
                chars.next();
            }
            None => break,
        }
    }
    ascii(code)
}

/// The character with a number of up to `most` digits.
fn number(
    chars: &mut std::iter::Peekable<impl Iterator<Item = char>>,
    radix: u32,
    most: usize,
) -> Result<char, String> {
    let mut code = 0;
    for _ in 0..most {
        match chars.peek().and_then(|char| char.to_digit(radix)) {
            Some(digit) => {
                code = code * radix + digit;
                chars.next();
            }
            None => break,
        }
    }
    if most == 2 {
        return ascii(code);
    }
    char::from_u32(code).ok_or_else(|| "a `\\u` names no character".to_owned())
}

/// A byte as a character. Bytes that are only a part of a character are not read.
fn ascii(code: u32) -> Result<char, String> {
    char::from_u32(code)
        .filter(char::is_ascii)
        .ok_or_else(|| "an escape names a byte that is no character of its own".to_owned())
}

/// The line as the command prompt passes it on: `^` takes the meaning from the next character.
fn without_carets(line: &str) -> String {
    let line = line.replace("\r\n", "\n");
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '^' => match chars.next() {
                // A line that goes on. An empty line after it is a line end of the text.
                Some('\n') if chars.peek() == Some(&'\n') => {
                    chars.next();
                    out.push('\n');
                }
                Some('\n') | None => {}
                Some(other) => out.push(other),
            },
            other => out.push(other),
        }
    }
    out
}

/// Words with double quotation marks, in which `\"` and `""` are a mark.
fn of_windows(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut is_quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            ' ' | '\t' | '\n' if !is_quoted => words.extend(word.take()),
            '\\' if chars.peek() == Some(&'"') => {
                chars.next();
                word.get_or_insert_default().push('"');
            }
            '\\' if is_quoted && chars.peek() == Some(&'\\') => {
                // Browsers double every backslash.
                chars.next();
                word.get_or_insert_default().push('\\');
            }
            // Two marks in a quoted text are one mark of the text.
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    if is_quoted {
        return Err(NOT_CLOSED.to_owned());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let words = split(line).map(|found| found.words);
        assert_eq!(
            words.as_deref(),
            Ok(&expected
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()[..]),
            "{line}"
        );
    }

    #[test]
    fn a_command_ends_before_a_pipe_or_a_redirection() {
        for (line, words, further) in [
            (
                "curl -N http://a.test/ | jq .",
                &["curl", "-N", "http://a.test/"][..],
                Some("| jq ."),
            ),
            (
                "curl 'http://a.test/?x=a|b'",
                &["curl", "http://a.test/?x=a|b"],
                None,
            ),
            ("curl \"a|\\\"|\" u", &["curl", "a|\"|", "u"], None),
            (
                "curl http://a.test/?a=1&b=2",
                &["curl", "http://a.test/?a=1&b=2"],
                None,
            ),
            ("curl u > file", &["curl", "u"], Some("> file")),
            ("curl u 2>/dev/null", &["curl", "u"], Some("2>/dev/null")),
            ("curl u && echo", &["curl", "u"], Some("&& echo")),
            ("curl u; echo", &["curl", "u"], Some("; echo")),
            ("curl a\\|b", &["curl", "a|b"], None),
            ("curl $'a\\'|' u", &["curl", "a'|", "u"], None),
            ("$ curl u", &["curl", "u"], None),
            // In the form of Windows, these signs are in quotation marks that have a caret.
            (
                "curl ^\"u^\" -H ^\"A: b; c ^| d^\"",
                &["curl", "u", "-H", "A: b; c | d"],
                None,
            ),
        ] {
            let found = split(line).unwrap();
            assert_eq!(found.words, words, "{line}");
            assert_eq!(found.further.as_deref(), further, "{line}");
        }
    }

    #[test]
    fn shells_quote_in_four_ways() {
        check("a  b\tc", &["a", "b", "c"]);
        check(r#"'a b' "c d" e\ f"#, &["a b", "c d", "e f"]);
        check(r#"a'b'"c"d ''"#, &["abcd", ""]);
        check(r#""a\"b\\c\$d\e""#, &[r#"a"b\c$d\e"#]);
        check("'it'\\''s'", &["it's"]);
        check(r"$'it\'s\n\x41\u00e9\U0001f600\101\0'", &["it's\nAé😀A\0"]);
        check("a \\\n b \\\r\n c", &["a", "b", "c"]);
        check("$a 5$", &["$a", "5$"]);
    }

    #[test]
    fn variables_of_the_shell_become_variables_of_the_connection() {
        for (line, expected) in [
            ("\"Bearer ${TOKEN}\"", "Bearer ${TOKEN}"),
            ("Bearer:$TOKEN.x", "Bearer:${TOKEN}.x"),
            ("\"$A_1$B\"", "${A_1}${B}"),
            // In single quotation marks and after a backslash, nothing is a variable.
            ("'${A}'", "$${A}"),
            ("$'${A}'", "$${A}"),
            ("\"\\${A}\"", "$${A}"),
            ("'$''{A}'", "$${A}"),
            // Names of parameters in URLs are usual.
            ("\"http://a/?$filter=1&$5\"", "http://a/?$filter=1&$5"),
            ("^\"${A}^\"", "$${A}"),
        ] {
            check(line, &[expected]);
        }
        for (line, part) in [
            ("\"$(cat token)\"", "runs another command"),
            ("`cat token`", "runs another command"),
            ("\"${A:-b}\"", "`${A:-b}` is not the name"),
            ("\"${A\"", "has no `}`"),
        ] {
            let problem = split(line).unwrap_err();
            assert!(problem.contains(part), "{line}: {problem}");
        }
    }

    #[test]
    fn the_command_prompt_quotes_with_carets() {
        check(
            "curl ^\"http://a/^\" ^\n  -H ^\"A: b^\"",
            &["curl", "http://a/", "-H", "A: b"],
        );
        check("^\"{^\\^\"a^\\^\":1}^\"", &["{\"a\":1}"]);
        check("^\"100^% ^^ ^&^\"", &["100% ^ &"]);
        check("a ^\r\n \"b\"\"c\"", &["a", "b\"c"]);
        check("^\"a^\n\nb^\"", &["a\nb"]);
        check("^\"a\\\\b^\"", &["a\\b"]);
    }

    #[test]
    fn open_quotation_marks_are_refused() {
        for line in ["'a", "\"a", "$'a", "$'a\\", "\"a\\", "^\"a"] {
            assert_eq!(split(line).unwrap_err(), NOT_CLOSED, "{line}");
        }
        assert!(split(r"$'\xc3\xa9'").unwrap_err().contains("byte"));
        assert!(split(r"$'\ud800'").unwrap_err().contains("no character"));
    }
}
