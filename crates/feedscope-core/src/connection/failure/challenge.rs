//! Parser for `WWW-Authenticate` and `Proxy-Authenticate`: the login methods that a server or a proxy offers. It does
//! not log in.

use std::fmt;

use super::words::OutsideText;

/// One login method (RFC 9110 11.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// Scheme, such as `Basic` or `Bearer`.
    pub scheme: String,
    /// Part of the server that the login applies to; empty if the header has none.
    pub realm: String,
    /// Problem with the sent credentials (RFC 6750 3); empty if the header has none.
    pub error: String,
}

impl Challenge {
    /// Parses the values of all lines of the header, in order. It skips parts that it cannot parse.
    pub fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        let mut challenges = Vec::new();
        for line in lines {
            ChallengeReader(line).read_into(&mut challenges);
        }
        challenges
    }
}

impl fmt::Display for Challenge {
    /// Writes `Basic for “realm”`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", OutsideText(&self.scheme))?;
        if !self.realm.is_empty() {
            write!(f, " for “{}”", OutsideText(&self.realm))?;
        }
        Ok(())
    }
}

/// Unread part of a header's value.
struct ChallengeReader<'a>(&'a str);

impl<'a> ChallengeReader<'a> {
    /// Parses challenges until the value ends.
    ///
    /// A comma separates both challenges and the parameters of one challenge. Only the text after a name distinguishes
    /// them: `Basic realm="a", charset="UTF-8", Bearer`.
    fn read_into(&mut self, challenges: &mut Vec<Challenge>) {
        loop {
            self.skip(|c| c == ',' || c.is_ascii_whitespace());
            let name = self.take(is_token_char);
            if name.is_empty() {
                // Skip a character that cannot begin a name.
                let mut rest = self.0.chars();
                if rest.next().is_none() {
                    return;
                }
                self.0 = rest.as_str();
                continue;
            }
            if let Some(value) = self.parameter_value() {
                // A parameter before the first scheme belongs to no challenge and is skipped.
                if let Some(challenge) = challenges.last_mut() {
                    challenge.set(name, value);
                }
                continue;
            }
            challenges.push(Challenge {
                scheme: name.to_owned(),
                ..Challenge::default()
            });
            self.skip_token68();
        }
    }

    /// Returns the value after a name if an equals sign follows, which makes the name a parameter.
    fn parameter_value(&mut self) -> Option<String> {
        let value = self.0.trim_ascii_start().strip_prefix('=')?;
        self.0 = value.trim_ascii_start();
        Some(match self.0.strip_prefix('"') {
            Some(quoted) => {
                self.0 = quoted;
                self.quoted()
            }
            None => self
                .take(|c| c != ',' && !c.is_ascii_whitespace())
                .to_owned(),
        })
    }

    /// Returns the rest of a quoted string (RFC 9110 5.6.4). Without a closing quote, the string extends to the end of
    /// the line.
    fn quoted(&mut self) -> String {
        let mut value = String::new();
        let mut chars = self.0.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                // A backslash quotes the next character.
                '\\' => value.extend(chars.next()),
                c => value.push(c),
            }
        }
        self.0 = chars.as_str();
        value
    }

    /// Skips the token68 that some schemes have in place of parameters: `Negotiate YIIKvQ==`.
    fn skip_token68(&mut self) {
        let text = self.0.trim_ascii_start();
        let end = text
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-._~+/".contains(c)))
            .unwrap_or(text.len());
        let after = text[end..].trim_start_matches('=').trim_ascii_start();
        // A token without a following comma is the name of the first parameter.
        if end > 0 && (after.is_empty() || after.starts_with(',')) {
            self.0 = after;
        }
    }

    fn skip(&mut self, belongs: impl Fn(char) -> bool) {
        self.take(belongs);
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !belongs(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }
}

impl Challenge {
    fn set(&mut self, name: &str, value: String) {
        if name.eq_ignore_ascii_case("realm") {
            self.realm = value;
        // The description is more useful than the error code, whatever their order.
        } else if name.eq_ignore_ascii_case("error_description")
            || (name.eq_ignore_ascii_case("error") && self.error.is_empty())
        {
            self.error = value;
        }
    }
}

/// Returns true for the characters of a token (RFC 9110 5.6.2).
fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(scheme: &str, realm: &str, error: &str) -> Challenge {
        Challenge {
            scheme: scheme.to_owned(),
            realm: realm.to_owned(),
            error: error.to_owned(),
        }
    }

    #[test]
    fn schemes_and_realms_are_read_from_one_line_or_several() {
        for (lines, expected) in [
            (&["Basic"][..], vec![challenge("Basic", "", "")]),
            (
                &["Basic realm=\"Feeds, \\\"all\\\"\", charset=\"UTF-8\""],
                vec![challenge("Basic", "Feeds, \"all\"", "")],
            ),
            (
                // Example of RFC 9110 11.6.1.
                &[
                    "Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"",
                ],
                vec![
                    challenge("Basic", "simple", ""),
                    challenge("Newauth", "apps", ""),
                ],
            ),
            (
                &[
                    "Negotiate",
                    "NTLM TlRMTVNTUAAC==, Basic Realm=plain",
                    "Bearer",
                ],
                vec![
                    challenge("Negotiate", "", ""),
                    challenge("NTLM", "", ""),
                    challenge("Basic", "plain", ""),
                    challenge("Bearer", "", ""),
                ],
            ),
            (
                &[
                    "Bearer realm = \"x\" , error=\"invalid_token\", error_description=\"The token expired\"",
                ],
                vec![challenge("Bearer", "x", "The token expired")],
            ),
            (
                &["Bearer error_description=\"Too old\", error=\"invalid_token\""],
                vec![challenge("Bearer", "", "Too old")],
            ),
            (
                &["Digest realm=\"a\", nonce=\"b==\", qop=\"auth,auth-int\",, , Basic"],
                vec![challenge("Digest", "a", ""), challenge("Basic", "", "")],
            ),
            (&["", ",", "=;\u{e9}", "realm=\"of nothing\""], vec![]),
            (
                &["Basic realm=\"has no end"],
                vec![challenge("Basic", "has no end", "")],
            ),
        ] {
            assert_eq!(
                Challenge::parse(lines.iter().copied()),
                expected,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn a_challenge_reads_as_a_part_of_a_sentence() {
        assert_eq!(challenge("Basic", "a", "").to_string(), "Basic for “a”");
        assert_eq!(challenge("Bearer", "", "").to_string(), "Bearer");
        assert_eq!(
            challenge("Basic", "a\u{1b}b", "").to_string(),
            "Basic for “a\u{fffd}b”"
        );
    }
}
