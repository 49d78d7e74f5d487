//! Message of the composer that is about to be written into the file of connections: its checks, and its effect.
//!
//! Nothing is written here.

use std::path::{Path, PathBuf};

use feedscope_core::record::Secrets;
use feedscope_core::url_text::is_secret_name;
use feedscope_files::connections::{MessageContent, SavedConnection, SavedMessage};
use feedscope_ui::FeedId;
use serde_json::Value;

use super::of_feed::with_variables;
use crate::automatic::{Automatic, AutomaticContent};
use crate::cli::saved::{ConnectionSource, message_of, variables_of};

/// Maximum length of a text in the file, which is read as a whole whenever it has changed.
const MOST_BYTES: usize = 1 << 20;

/// Message that is about to be written into the file.
#[derive(Clone)]
pub(super) struct NewMessage {
    message: SavedMessage,
    /// Values that were inserted into the feed.
    secrets: Secrets,
    /// Variables of the message that the feed has no values for.
    missing: Vec<String>,
    /// Path of the file of connections, beside which other files are found.
    path: Option<PathBuf>,
    /// The file belongs to a project.
    is_project: bool,
}

/// Message whose change is in the file.
pub(super) struct WrittenMessage {
    pub(super) feed: FeedId,
    /// Message that was changed or removed; `None` for a new one.
    pub(super) former: Option<SavedMessage>,
    /// Message as the feed sends it; `None` if it cannot be sent, or was removed.
    pub(super) new: Option<Automatic>,
    /// The message was saved, and not removed.
    pub(super) is_saved: bool,
    /// Sentence about a message that cannot be sent yet.
    pub(super) note: Option<String>,
}

impl NewMessage {
    /// Checks a message of the composer. A value that was inserted for a variable becomes this variable.
    pub(super) fn new(
        name: &str,
        content: MessageContent,
        secrets: Secrets,
        (path, is_project): (Option<&Path>, bool),
    ) -> Result<Self, String> {
        let content = match content {
            MessageContent::Text(text) => MessageContent::Text(with_variables(&text, &secrets)),
            other => other,
        };
        match &content {
            MessageContent::Text(text)
            | MessageContent::Base64(text)
            | MessageContent::Hex(text)
                if text.len() > MOST_BYTES =>
            {
                return Err(
                    "its text is longer than 1 MiB; write it into a file, and save a message of the form File"
                        .to_owned(),
                );
            }
            MessageContent::Text(text) => refuse_secret(text)?,
            _ => {}
        }
        let message = SavedMessage {
            name: Some(name.to_owned()),
            content,
            ..SavedMessage::default()
        };
        let connection = SavedConnection {
            messages: vec![message.clone()],
            ..SavedConnection::default()
        };
        let mut missing = variables_of(&connection);
        missing.retain(|name| value_of(&secrets, name).is_none());
        Ok(Self {
            message,
            secrets,
            missing,
            path: path.map(Path::to_owned),
            is_project,
        })
    }

    /// Gives the message the further keys of the one that it replaces.
    pub(super) fn set_former(&mut self, former: &SavedMessage) {
        let content = std::mem::take(&mut self.message.content);
        self.message = SavedMessage {
            content,
            ..former.clone()
        };
    }

    /// Returns the message as the file will have it.
    pub(super) fn message(&self) -> &SavedMessage {
        &self.message
    }

    /// Returns the name of the message.
    pub(super) fn name(&self) -> String {
        self.message.name.clone().unwrap_or_default()
    }

    /// Returns the effect of writing the message in the place of the former one. A file that it names is read.
    pub(super) fn written(
        self,
        feed: FeedId,
        former: Option<SavedMessage>,
    ) -> Result<WrittenMessage, String> {
        let known = |name: &str| value_of(&self.secrets, name);
        let variable = |name: &str| Some(known(name).unwrap_or_default());
        let source = ConnectionSource {
            file: self.path.as_deref(),
            is_project: self.is_project,
            variable: &variable,
            keyring: &|name| Ok(known(&format!("keyring:{name}")).unwrap_or_default()),
        };
        // A wrong message would keep its connection from being opened.
        let message = message_of(&self.message, &source)?;
        if let (MessageContent::Base64(_) | MessageContent::Hex(_), AutomaticContent::Binary(bytes)) =
            (&self.message.content, &message.content)
            && let Ok(text) = std::str::from_utf8(bytes)
        {
            if with_variables(text, &self.secrets) != text {
                return Err("it contains a value that was inserted for a variable".to_owned());
            }
            refuse_secret(text)?;
        }
        let note = (!self.missing.is_empty()).then(|| {
            let names = self.missing.iter().map(|name| format!("${{{name}}}"));
            let names = names.collect::<Vec<_>>().join(", ");
            format!(
                "The message `{}` is saved. It can be sent when its connection is opened again, because this feed has no \
                 value for {names}.",
                self.name()
            )
        });
        Ok(WrittenMessage {
            feed,
            former,
            new: note.is_none().then_some(message),
            is_saved: true,
            note,
        })
    }
}

/// Returns the value that was inserted for a variable.
fn value_of(secrets: &Secrets, name: &str) -> Option<String> {
    let name = name.strip_prefix("ask:").unwrap_or(name);
    Some(secrets.value_of(name)?.into_owned())
}

/// Refuses a JSON text with a value whose key announces a secret, because the file is no place for it.
fn refuse_secret(text: &str) -> Result<(), String> {
    let Some(key) = secret_key(text) else {
        return Ok(());
    };
    Err(format!(
        "the value of `{key}` looks like a secret; write a variable in its place, such as ${{TOKEN}}"
    ))
}

/// Returns the key of the first value that looks like a secret. A value with a variable in it is none.
fn secret_key(text: &str) -> Option<String> {
    /// Number in place of a variable, which may stand for a value or within a text.
    const MARK: &str = "7300000000007";
    fn in_value(value: &Value) -> Option<String> {
        match value {
            Value::Object(fields) => fields.iter().find_map(|(name, value)| match value {
                Value::String(text) if is_secret_name(name) => {
                    (!text.is_empty() && !text.contains(MARK)).then(|| name.clone())
                }
                Value::Number(number) if is_secret_name(name) => {
                    (number.to_string() != MARK).then(|| name.clone())
                }
                value => in_value(value),
            }),
            Value::Array(items) => items.iter().find_map(in_value),
            _ => None,
        }
    }
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((_, after)) = after.split_once('}') else {
            break;
        };
        marked.push_str(before);
        marked.push_str(MARK);
        rest = after;
    }
    marked.push_str(rest);
    in_value(&serde_json::from_str(&marked).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(content: MessageContent, secrets: &[(&str, &str)]) -> Result<NewMessage, String> {
        let secrets = secrets
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        NewMessage::new("a", content, Secrets::new(secrets), (None, false))
    }

    #[test]
    fn a_value_under_the_key_of_a_secret_is_refused_unless_it_is_a_variable() {
        for (text, key) in [
            (r#"{"op":"auth","args":[{"apiKey":"x"}]}"#, Some("apiKey")),
            (r#"{"n":${counter},"token":"x"}"#, Some("token")),
            (r#"{"token":"Bearer ${TOKEN}"}"#, None),
            (r#"{"token":${TOKEN}}"#, None),
            (r#"{"token":""}"#, None),
            (r#"{"op":"subscribe"}"#, None),
            ("token=x", None),
        ] {
            assert_eq!(secret_key(text).as_deref(), key, "{text}");
        }
        let refused = new(MessageContent::Text(r#"{"token":"x"}"#.to_owned()), &[]);
        assert!(
            refused
                .err()
                .unwrap()
                .contains("`token` looks like a secret")
        );
        // The bytes of a binary message are looked at, too.
        let bytes = MessageContent::Base64("eyJ0b2tlbiI6IngifQ==".to_owned());
        let refused = new(bytes, &[]).unwrap().written(FeedId(1), None);
        assert!(
            refused
                .err()
                .unwrap()
                .contains("`token` looks like a secret")
        );
    }

    #[test]
    fn a_text_keeps_its_variables_and_gets_those_of_its_feed() {
        let secrets = [("DESK", "s3cret")];
        let text = MessageContent::Text("login s3cret ${DESK} ${counter}".to_owned());
        let known = new(text, &secrets).unwrap();
        let expected = MessageContent::Text("login ${DESK} ${DESK} ${counter}".to_owned());
        assert_eq!(known.message.content, expected);
        let written = known.written(FeedId(1), None).unwrap();
        assert!(written.new.is_some() && written.note.is_none());
        // A feed whose records would show the value does not get the message.
        let other = new(MessageContent::Text("${OTHER}".to_owned()), &secrets).unwrap();
        let written = other.written(FeedId(1), None).unwrap();
        assert!(written.new.is_none() && written.note.unwrap().contains("${OTHER}"));
        // Such a text would keep the connection from being opened.
        let wrong = new(MessageContent::Text("a ${".to_owned()), &[]).unwrap();
        assert!(wrong.written(FeedId(1), None).is_err());
    }
}
