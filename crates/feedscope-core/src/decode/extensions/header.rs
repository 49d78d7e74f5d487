//! Parser for the grammar of `Sec-WebSocket-Extensions` (RFC 6455 9.1). It depends on no particular extension.

/// One extension with its parameters, as written in the header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Extension {
    pub(super) name: String,
    pub(super) parameters: Vec<Parameter>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// Value without its quotes.
    pub(super) value: Option<String>,
}

/// Parses the value of one header: at least one extension, separated by commas. List elements may be empty (RFC 2616
/// 2.1, to which RFC 6455 refers).
pub(super) fn parse(value: &str) -> Option<Vec<Extension>> {
    let mut reader = HeaderReader { rest: value };
    let mut found = Vec::new();
    loop {
        reader.skip_blanks();
        // An element of the list may be empty.
        if !reader.at_end() && !reader.at(',') {
            found.push(reader.extension()?);
        }
        if reader.at_end() {
            break;
        }
        if !reader.take(',') {
            return None;
        }
    }
    (!found.is_empty()).then_some(found)
}

struct HeaderReader<'a> {
    rest: &'a str,
}

impl HeaderReader<'_> {
    /// Parses `token *( ";" extension-param )`.
    fn extension(&mut self) -> Option<Extension> {
        let name = self.token()?;
        let mut parameters = Vec::new();
        while self.take(';') {
            parameters.push(self.parameter()?);
        }
        Some(Extension { name, parameters })
    }

    /// Parses `token [ "=" (token | quoted-string) ]`.
    fn parameter(&mut self) -> Option<Parameter> {
        let name = self.token()?;
        let value = if self.take('=') {
            Some(self.value()?)
        } else {
            None
        };
        Some(Parameter { name, value })
    }

    fn value(&mut self) -> Option<String> {
        self.skip_blanks();
        if self.take('"') {
            self.quoted()
        } else {
            self.token()
        }
    }

    /// Parses a token with the blanks around it.
    fn token(&mut self) -> Option<String> {
        self.skip_blanks();
        let end = self
            .rest
            .find(|sign| !is_token_sign(sign))
            .unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.skip_blanks();
        (!token.is_empty()).then(|| token.to_owned())
    }

    /// Parses the text after a quote up to the next quote. RFC 6455 9.1 requires a token inside.
    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut signs = self.rest.char_indices();
        while let Some((at, sign)) = signs.next() {
            match sign {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    self.skip_blanks();
                    return (!text.is_empty()).then_some(text);
                }
                // A backslash quotes the next character.
                '\\' => text.push(signs.next()?.1),
                sign => text.push(sign),
            }
            // RFC 6455 9.1: without its quotes, the value must be a token.
            if !text.ends_with(is_token_sign) {
                return None;
            }
        }
        None
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn at(&self, sign: char) -> bool {
        self.rest.starts_with(sign)
    }

    fn take(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// Returns true for visible ASCII except separators (RFC 2616 2.2).
fn is_token_sign(sign: char) -> bool {
    sign.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats the parsed value in one canonical form.
    fn read(value: &str) -> Option<String> {
        let text = |extension: &Extension| {
            let mut text = extension.name.clone();
            for Parameter { name, value } in &extension.parameters {
                text = match value {
                    Some(value) => format!("{text};{name}={value}"),
                    None => format!("{text};{name}"),
                };
            }
            text
        };
        Some(parse(value)?.iter().map(text).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn lists_parameters_quotes_and_blanks_are_read() {
        for (value, expected) in [
            ("a", "a"),
            ("a,b", "a,b"),
            (" a ; b = c\t, d;e ", "a;b=c,d;e"),
            ("a; b=\"c\" ;d", "a;b=c;d"),
            ("a; b=\"\\c\\d\"", "a;b=cd"),
            (",, a ,,b,", "a,b"),
            ("!#$%&'*+-.^_`|~09azAZ", "!#$%&'*+-.^_`|~09azAZ"),
        ] {
            assert_eq!(read(value).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_not_read() {
        for value in [
            "",
            " ",
            ",",
            ";",
            "a;",
            "a;;b",
            "a b",
            "a;b=",
            "a;b=,c",
            "a;b=\"",
            "a;b=\"\"",
            "a;b=\"c",
            "a;b=\"c d\"",
            "a;b=\"c\"d",
            "a;b==c",
            "=b",
            "a=b",
            "a;=b",
            "a;b c",
            "a/b",
            "ä",
            "a\u{7f}",
            "a;b=\"\\",
        ] {
            assert_eq!(read(value), None, "{value:?}");
        }
    }
}
