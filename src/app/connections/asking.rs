//! Places of variables in a connection, as the question about their values shows them, and the correction of typed
//! values.

use feedscope_core::url_text::is_secret_header;
use feedscope_files::connections::{MessageContent, OptionValue, SavedConnection};
use feedscope_ui::AskedVariable;

/// Maximum number of characters of a text that are shown on each side of a variable.
const MOST_SHOWN: usize = 24;

/// Place of a variable in a connection.
struct VariablePlace<'a> {
    part: Part<'a>,
    /// Text before the variable.
    before: &'a str,
    /// Text after it.
    after: &'a str,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Url,
    /// The header with this name.
    Header(&'a str),
    /// The option with this name.
    Option(&'a str),
    Message,
}

impl VariablePlace<'_> {
    /// Returns the texts around the field for the value.
    fn around(&self) -> (String, String) {
        let end = |text: &str| {
            let skipped = text.chars().count().saturating_sub(MOST_SHOWN);
            text.chars().skip(skipped).collect::<String>()
        };
        let start = |text: &str| text.chars().take(MOST_SHOWN).collect::<String>();
        match self.part {
            // The URL is above the question, so that its nearest parts show the place.
            Part::Url => {
                let at = self.before.rfind(['/', '?', '&', '=', '#']);
                let at = at.map_or(0, |at| match self.before.as_bytes()[at] {
                    b'=' => self.before[..at]
                        .rfind(['/', '?', '&', '#'])
                        .unwrap_or_default(),
                    _ => at,
                });
                let to = self.after.find(['/', '?', '&', '#']);
                let before = self.before[at..].trim_start_matches('/');
                (
                    end(before),
                    start(&self.after[..to.unwrap_or(self.after.len())]),
                )
            }
            // Other parts of such a header may be secrets themselves.
            Part::Header(name) if is_secret_header(name) && !is_scheme(self.before) => {
                (format!("{name}: … "), String::new())
            }
            Part::Header(name) => (format!("{name}: {}", end(self.before)), start(self.after)),
            Part::Option(name) => (format!("{name} … "), String::new()),
            Part::Message => ("message … ".to_owned(), String::new()),
        }
    }

    /// Returns the place as the object of a sentence.
    fn name(&self) -> String {
        match self.part {
            Part::Url => "its URL".to_owned(),
            Part::Header(name) => format!("its header {name}"),
            Part::Option(name) => format!("its option {name}"),
            Part::Message => "its messages".to_owned(),
        }
    }
}

/// Returns the variables with these names as the window asks for them.
pub(super) fn asked(connection: &SavedConnection, names: &[String]) -> Vec<AskedVariable> {
    let variable = |name: &String| {
        let places = places(connection, name);
        let (before, after) = places
            .first()
            .map(VariablePlace::around)
            .unwrap_or_default();
        AskedVariable {
            name: name.clone(),
            before,
            after,
        }
    };
    names.iter().map(variable).collect()
}

/// Returns the place of a variable as the object of a sentence; its name if it has no place.
pub(in crate::app) fn place_of(connection: &SavedConnection, name: &str) -> String {
    let places = places(connection, name);
    places
        .first()
        .map_or_else(|| name.to_owned(), VariablePlace::name)
}

/// Returns a typed value without the parts that the connection has already: a user who is asked for `Bearer ${TOKEN}`
/// may paste the token with `Bearer`, or the whole header.
pub(super) fn corrected(connection: &SavedConnection, name: &str, typed: &str) -> String {
    let mut value = typed;
    for place in places(connection, name) {
        let Part::Header(header) = place.part else {
            // Spaces may belong to any other text.
            return typed.to_owned();
        };
        value = value.trim();
        if is_secret_header(header)
            && let Some(rest) = after_word(value, header)
            && let Some(rest) = rest.strip_prefix(':')
        {
            value = rest.trim_start();
        }
        let scheme = place.before.trim();
        while is_scheme(place.before)
            && let Some(rest) = after_word(value, scheme)
            && rest.starts_with(char::is_whitespace)
        {
            value = rest.trim_start();
        }
    }
    // The parts may be all of it.
    let value = if value.is_empty() { typed } else { value };
    value.to_owned()
}

/// Returns true for one word with a space after it, such as `Bearer `, and for no text.
fn is_scheme(before: &str) -> bool {
    before.is_empty()
        || before
            .split_once(' ')
            .is_some_and(|(_, rest)| rest.is_empty())
}

/// Returns the text after a word at its beginning, in capital or small letters.
fn after_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    (!word.is_empty() && start.eq_ignore_ascii_case(word)).then_some(rest)
}

/// Returns the places of a variable, in the order of the connection.
fn places<'a>(connection: &'a SavedConnection, name: &str) -> Vec<VariablePlace<'a>> {
    let variable = format!("${{{name}}}");
    let mut places = Vec::new();
    let mut add = |part: Part<'a>, text: &'a str| {
        if let Some((before, after)) = text.split_once(&variable) {
            places.push(VariablePlace {
                part,
                before,
                after,
            });
        }
    };
    for (header, text) in &connection.headers {
        add(Part::Header(header), text);
    }
    add(Part::Url, &connection.url);
    for option in &connection.options {
        let part = Part::Option(&option.name);
        match &option.value {
            OptionValue::Flag(_) => {}
            OptionValue::One(text) => add(part, text),
            OptionValue::Many(texts) => texts.iter().for_each(|text| add(part, text)),
        }
    }
    for message in &connection.messages {
        if let MessageContent::Text(text) = &message.content {
            add(Part::Message, text);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> SavedConnection {
        let header = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        SavedConnection {
            url: "https://u:${P}@a.test/x?a=1&token=${T}&b=2".to_owned(),
            headers: vec![
                header("Authorization", "Bearer ${A}"),
                header("Cookie", "sid=s3cret; b=${C}"),
                header("X-Desk", "of ${D} only"),
            ],
            ..SavedConnection::default()
        }
    }

    #[test]
    fn the_line_of_a_variable_is_shown_with_a_gap() {
        let names = ["A", "C", "D", "P", "T", "Z"].map(str::to_owned);
        let asked = asked(&connection(), &names);
        let shown: Vec<_> = asked
            .iter()
            .map(|it| format!("{}[{}]{}", it.before, it.name, it.after))
            .collect();
        assert_eq!(
            shown,
            [
                "Authorization: Bearer [A]",
                "Cookie: … [C]",
                "X-Desk: of [D] only",
                "u:[P]@a.test",
                "&token=[T]",
                "[Z]",
            ]
        );
        assert_eq!(place_of(&connection(), "A"), "its header Authorization");
        assert_eq!(place_of(&connection(), "T"), "its URL");
    }

    #[test]
    fn what_the_connection_has_already_is_dropped_from_a_typed_value() {
        for (name, typed, expected) in [
            ("A", "t0ken", "t0ken"),
            ("A", " Bearer t0ken\n", "t0ken"),
            ("A", "bearer Bearer t0ken", "t0ken"),
            ("A", "Authorization: Bearer t0ken", "t0ken"),
            ("A", "BearerOfNews", "BearerOfNews"),
            ("A", "Bearer", "Bearer"),
            ("A", " ", " "),
            ("D", "of x", "x"),
            ("D", "x-desk: y", "x-desk: y"),
            ("P", " p w ", " p w "),
        ] {
            assert_eq!(corrected(&connection(), name, typed), expected, "{typed}");
        }
    }
}
