//! Value that distinguishes one series of records from another: a field of the payloads, or the ID or type of a record.

use std::borrow::Cow;
use std::fmt;

use feedscope_core::Kind;

use crate::fields::{FieldReader, FoundValue, NotAPath, Path, Value};
use crate::measures::key_text;

/// Key of records. Cheap to clone.
///
/// ```
/// use feedscope_analysis::fields::Path;
/// use feedscope_analysis::record_key::RecordKey;
///
/// let symbol = Path::parse(".symbol").unwrap();
/// assert_eq!(RecordKey::parse(".symbol").unwrap(), RecordKey::Field(symbol));
/// assert_eq!(RecordKey::parse("id").unwrap(), RecordKey::Id);
/// assert_eq!(RecordKey::Type.to_string(), "type");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKey {
    /// A field of the payload.
    Field(Path),
    /// The last event ID of an event.
    Id,
    /// The type of an event, or the kind of another record.
    Type,
}

impl RecordKey {
    /// Parses what was typed: a path, `id` or `type`. A path begins with a dot, so that the others are no fields.
    ///
    /// # Errors
    ///
    /// It is neither.
    pub fn parse(text: &str) -> Result<Self, NotAPath> {
        match text.trim() {
            "id" => Ok(Self::Id),
            "type" => Ok(Self::Type),
            text => Path::parse(text).map(Self::Field),
        }
    }

    /// Returns the path of the field; `None` for the other keys.
    pub fn field(&self) -> Option<&Path> {
        match self {
            Self::Field(path) => Some(path),
            Self::Id | Self::Type => None,
        }
    }

    /// Returns the value in a record as text; `None` without one. `found` is the value of the field in its payload.
    pub(crate) fn text<'a>(
        &self,
        kind: &Kind<'a>,
        found: Option<FoundValue<'a>>,
    ) -> Option<Cow<'a, str>> {
        match (self, kind) {
            (Self::Field(_), _) => {
                let value = found?.value().filter(|value| *value != Value::Null)?;
                Some(key_text(Some(value)))
            }
            (Self::Id, Kind::Event { id, .. }) if !id.is_empty() => {
                Some(String::from_utf8_lossy(id))
            }
            (Self::Type, Kind::Event { event, .. }) if !event.is_empty() => {
                Some(String::from_utf8_lossy(event))
            }
            (Self::Id, _) => None,
            (Self::Type, _) => Some(Cow::Borrowed(kind.word())),
        }
    }
}

impl From<Path> for RecordKey {
    fn from(path: Path) -> Self {
        Self::Field(path)
    }
}

impl fmt::Display for RecordKey {
    /// As it was typed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(path) => path.fmt(f),
            Self::Id => f.write_str("id"),
            Self::Type => f.write_str("type"),
        }
    }
}

/// Reads the values of one key.
#[derive(Debug)]
pub(crate) struct KeyReader {
    key: RecordKey,
    fields: FieldReader,
}

impl KeyReader {
    pub(crate) fn new(key: RecordKey) -> Self {
        let fields = FieldReader::new(key.field().cloned()).unwrap_or_default();
        Self { key, fields }
    }

    /// Returns the value in a record with this decoded payload.
    pub(crate) fn read<'a>(&self, kind: &Kind<'a>, data: &'a [u8]) -> Option<Cow<'a, str>> {
        let found = match self.key {
            RecordKey::Field(_) => self.fields.read(data).ok().map(|[found, ..]| found),
            RecordKey::Id | RecordKey::Type => None,
        };
        self.key.text(kind, found)
    }
}

/// Returns the value of a key in a record with this decoded payload; `None` without one.
pub fn value_of(key: &RecordKey, kind: &Kind<'_>, data: &[u8]) -> Option<String> {
    let reader = KeyReader::new(key.clone());
    let value = reader.read(kind, data);
    value.map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_from_the_record_or_its_payload() {
        let data = br#"{"k":7,"no":null}"#;
        let event = Kind::Event {
            event: b"price",
            id: b"42",
            data,
        };
        let text = Kind::Text {
            direction: feedscope_core::Direction::In,
            data,
            wire: None,
            failed: None,
        };
        for (key, of_event, of_text) in [
            (".k", Some("7"), Some("7")),
            (".no", None, None),
            (".other", None, None),
            ("id", Some("42"), None),
            ("type", Some("price"), Some("text")),
        ] {
            let parsed = RecordKey::parse(key).unwrap();
            assert_eq!(parsed.to_string(), key);
            let value = |kind| value_of(&parsed, kind, data);
            assert_eq!(value(&event).as_deref(), of_event, "{key}");
            assert_eq!(value(&text).as_deref(), of_text, "{key}");
        }
        assert!(RecordKey::parse("symbol").is_err());
    }
}
