//! Variables in the texts of connections and options: `${NAME}` from the environment or a file, and the variables of a
//! message such as `${counter}`. Values are collected, so that no record shows them.

use crate::automatic::{Template, TemplatePart as MessagePart};

/// The sources of values.
#[derive(Clone, Copy)]
pub(super) struct ValueSources<'a> {
    /// Reads a variable of the environment or of a file.
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads an entry of the system's keyring. The error is a sentence.
    pub(super) keyring: &'a dyn Fn(&str) -> Result<String, String>,
}

/// Replaces variables, and remembers the values that it inserted.
pub(super) struct Variables<'a> {
    sources: ValueSources<'a>,
    inserted: Vec<(String, String)>,
}

/// A part of a text with variables.
#[derive(Debug, PartialEq, Eq)]
enum TextPart<'t> {
    Text(&'t str),
    /// A literal `${`.
    Escaped,
    Variable(&'t str),
}

impl<'a> Variables<'a> {
    /// Creates variables whose values come from `sources`.
    pub(super) fn new(sources: ValueSources<'a>) -> Self {
        Self {
            sources,
            inserted: Vec::new(),
        }
    }

    /// The text with values in place of its variables. `$${` is a literal `${`.
    pub(super) fn expand(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::with_capacity(text.len());
        for part in parts(text)? {
            match part {
                TextPart::Text(text) => out.push_str(text),
                TextPart::Escaped => out.push_str("${"),
                TextPart::Variable(name) if of_message(name).is_some() => {
                    return Err(format!("`${{{name}}}` stands in saved messages only"));
                }
                TextPart::Variable(name) => out.push_str(&self.value(name)?),
            }
        }
        Ok(out)
    }

    /// The text as a template, in which the variables of messages are replaced at each sending.
    pub(super) fn template(&mut self, text: &str) -> Result<Template, String> {
        let mut template = Vec::new();
        for part in parts(text)? {
            template.push(match part {
                TextPart::Text(text) => MessagePart::Text(text.to_owned()),
                TextPart::Escaped => MessagePart::Text("${".to_owned()),
                TextPart::Variable(name) => match of_message(name) {
                    Some(part) => part,
                    None => MessagePart::Text(self.value(name)?),
                },
            });
        }
        Ok(Template(template))
    }

    /// Names and values that were inserted.
    pub(super) fn inserted(self) -> Vec<(String, String)> {
        self.inserted
    }

    fn value(&mut self, name: &str) -> Result<String, String> {
        if let Some(asked) = name.strip_prefix("ask:") {
            let value = (self.sources.variable)(name)
                .ok_or_else(|| format!("`${{ask:{asked}}}` is asked for in the window only"))?;
            self.inserted.push((asked.to_owned(), value.clone()));
            return Ok(value);
        }
        let value = match name.strip_prefix("keyring:") {
            Some(entry) => (self.sources.keyring)(entry)?,
            None => (self.sources.variable)(name)
                .ok_or_else(|| format!("the environment has no variable `{name}`"))?,
        };
        self.inserted.push((name.to_owned(), value.clone()));
        Ok(value)
    }
}

/// The names of the variables in a text, in order. A text with a mistake has none.
pub(super) fn names(text: &str) -> Vec<&str> {
    let parts = parts(text).unwrap_or_default();
    let name = |part| match part {
        TextPart::Variable(name) if of_message(name).is_none() => Some(name),
        _ => None,
    };
    parts.into_iter().filter_map(name).collect()
}

/// The text with values in place of the variables that `lookup` knows. The others stay, as does a text with a mistake.
pub(super) fn expand_known(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let Ok(parts) = parts(text) else {
        return text.to_owned();
    };
    let part = |part| match part {
        TextPart::Text(text) => text.to_owned(),
        TextPart::Escaped => "$${".to_owned(),
        TextPart::Variable(name) => lookup(name).unwrap_or_else(|| format!("${{{name}}}")),
    };
    parts.into_iter().map(part).collect()
}

/// The variable of a message with this name.
fn of_message(name: &str) -> Option<MessagePart> {
    Some(match name {
        "counter" => MessagePart::Counter,
        "now" => MessagePart::Now,
        "now_ms" => MessagePart::NowMillis,
        "uuid" => MessagePart::Uuid,
        _ => return None,
    })
}

fn parts(text: &str) -> Result<Vec<TextPart<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        // `$${` is a literal `${`.
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([TextPart::Text(before), TextPart::Escaped]);
            rest = after;
            continue;
        }
        let (name, left) = after.split_once('}').ok_or("`${` has no `}`")?;
        parts.extend([TextPart::Text(before), TextPart::Variable(name)]);
        rest = left;
    }
    parts.push(TextPart::Text(rest));
    parts.retain(|part| *part != TextPart::Text(""));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCES: ValueSources<'_> = ValueSources {
        variable: &|name| match name {
            "A" => Some("${B}".to_owned()),
            "B" => Some("é".to_owned()),
            _ => None,
        },
        keyring: &|entry| match entry {
            "desk" => Ok("s3cret".to_owned()),
            _ => Err(format!("no entry {entry}")),
        },
    };

    #[test]
    fn values_are_inserted_once_and_remembered() {
        let mut variables = Variables::new(SOURCES);
        assert_eq!(
            variables
                .expand("a ${A}${B} $${B} $5 ${keyring:desk}$")
                .as_deref(),
            Ok("a ${B}é ${B} $5 s3cret$")
        );
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            variables.inserted(),
            [
                pair("A", "${B}"),
                pair("B", "é"),
                pair("keyring:desk", "s3cret")
            ]
        );
    }

    #[test]
    fn mistakes_are_sentences() {
        let mut variables = Variables::new(SOURCES);
        for (text, part) in [
            ("${C}", "no variable `C`"),
            ("${A", "has no `}`"),
            ("${counter}", "saved messages only"),
            ("${keyring:desk2}", "no entry desk2"),
            ("${ask:TOKEN}", "window only"),
        ] {
            let problem = variables.expand(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
        assert!(variables.template("${C}").is_err());
        assert!(variables.inserted().is_empty());
    }

    #[test]
    fn messages_have_variables_of_their_own() {
        let mut variables = Variables::new(SOURCES);
        let template = variables
            .template("${counter}:${B}:${now}${now_ms}${uuid}$${now}")
            .unwrap();
        let text = |text: &str| MessagePart::Text(text.to_owned());
        assert_eq!(
            template.0,
            [
                MessagePart::Counter,
                text(":"),
                text("é"),
                text(":"),
                MessagePart::Now,
                MessagePart::NowMillis,
                MessagePart::Uuid,
                text("${"),
                text("now}"),
            ]
        );
        assert_eq!(names("${counter} ${A} $${X} ${Y}"), ["A", "Y"]);
    }

    #[test]
    fn known_values_are_inserted_and_other_variables_stay() {
        let known = |text: &str| expand_known(text, SOURCES.variable);
        assert_eq!(
            known("a ${B}${C} $${B} ${keyring:desk}"),
            "a é${C} $${B} ${keyring:desk}"
        );
        assert_eq!(known("${B"), "${B");
    }
}
