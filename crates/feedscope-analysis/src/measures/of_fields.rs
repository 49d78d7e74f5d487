//! Measures of fields in payloads: the latency against the server's time, and sequences of numbers. The paths are chosen
//! by the user, and read in one pass.

use std::borrow::Cow;

use super::latency::{Latencies, Latency};
use super::sequence::{FaultCounts, SequenceFaults, Sequences, whole_number};
use super::server_time::ServerTime;
use crate::fields::{FieldReader, FoundValue, Path, Value};

/// Paths of fields to measure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeasuredFields {
    /// The server's time, for the latency.
    pub time: Option<Path>,
    /// A number that should count up.
    pub sequence: Option<Path>,
    /// The value that distinguishes one sequence from another.
    pub key: Option<Path>,
}

/// A fault of a sequence, where it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceGap {
    /// One fault.
    pub faults: FaultCounts,
    /// The path of the number.
    pub field: String,
    /// The key, where one was named and found.
    pub key: Option<String>,
    /// The number before the fault.
    pub from: String,
    /// The number that showed it.
    pub to: String,
}

/// Reports the faults of a sequence one by one, as they arrive.
#[derive(Clone, Debug, Default)]
pub struct SequenceWatch {
    measures: FieldMeasures,
}

impl SequenceWatch {
    /// A watch on the sequence of these fields. The time is not read.
    pub fn new(fields: MeasuredFields) -> Self {
        let measures = FieldMeasures::new(MeasuredFields {
            time: None,
            ..fields
        });
        Self { measures }
    }

    /// Reads a payload that arrived, and returns the fault that it shows.
    pub fn look(&mut self, data: &[u8]) -> Option<SequenceGap> {
        self.measures.read(0, data)
    }
}

/// The measures of fields so far.
#[derive(Clone, Debug, Default)]
pub(super) struct FieldMeasures {
    fields: MeasuredFields,
    /// The paths that are set, in the order of [`MeasuredFields`].
    reader: FieldReader,
    latencies: Latencies,
    sequences: Sequences,
    /// Payloads with a value that is not a whole number in place of the sequence's number.
    not_numbers: u64,
}

impl FieldMeasures {
    pub(super) fn new(fields: MeasuredFields) -> Self {
        let MeasuredFields {
            time,
            sequence,
            key,
        } = &fields;
        let paths = [time, sequence, key].into_iter().flatten().cloned();
        Self {
            reader: FieldReader::new(paths).unwrap_or_default(),
            fields,
            ..Self::default()
        }
    }

    /// Reads a payload that arrived at this time.
    #[inline]
    pub(super) fn receive(&mut self, arrival_micros: i64, data: &[u8]) {
        if !self.reader.is_empty() {
            self.read(arrival_micros, data);
        }
    }

    /// Reads a payload, and returns the fault of its sequence.
    fn read(&mut self, arrival_micros: i64, data: &[u8]) -> Option<SequenceGap> {
        let values = self.reader.read(data).ok()?;
        let mut values = values.into_iter();
        // The reader returns a value for each path in use, in the order of the fields.
        let mut next = |path: &Option<Path>| {
            let found = path.as_ref().and_then(|_| values.next());
            found.and_then(FoundValue::value)
        };
        let time = next(&self.fields.time);
        let number = next(&self.fields.sequence);
        let key = next(&self.fields.key);
        if let Some(time) = time.and_then(ServerTime::parse) {
            self.latencies.add(arrival_micros, time);
        }
        // A message without the number, such as a heartbeat, is not part of the sequence.
        if let Some(value) = number.filter(|value| *value != Value::Null) {
            match value.number().and_then(|number| whole_number(&number)) {
                Some(number) => {
                    let key_text = key_text(key);
                    let fault = self.sequences.add(&key_text, number);
                    return fault.map(|(faults, from)| SequenceGap {
                        faults,
                        field: self
                            .fields
                            .sequence
                            .as_ref()
                            .map(Path::to_string)
                            .unwrap_or_default(),
                        key: key.map(|_| key_text.into_owned()),
                        from: from.to_string(),
                        to: number.to_string(),
                    });
                }
                None => self.not_numbers += 1,
            }
        }
        None
    }

    pub(super) fn latency(&self) -> Option<Latency> {
        let field = self.fields.time.as_ref()?;
        self.latencies.figures(field.to_string())
    }

    pub(super) fn sequences(&self) -> Vec<SequenceFaults> {
        match &self.fields.sequence {
            Some(field) if self.sequences.numbers() > 0 => {
                let has_keys = self.fields.key.is_some();
                self.sequences.faults(&field.to_string(), has_keys)
            }
            _ => Vec::new(),
        }
    }

    /// Sentences about fields that were not found or not followed.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match (&self.fields.time, self.latency()) {
            (Some(field), None) => notes.push(format!("no payload has a time at {field}")),
            (Some(field), Some(latency)) if latency.whole_seconds => {
                notes.push(format!(
                    "{field} has whole seconds: each latency is uncertain by one second"
                ));
            }
            _ => {}
        }
        if let Some(field) = &self.fields.sequence {
            if self.sequences.numbers() == 0 {
                notes.push(format!("no payload has a whole number at {field}"));
            } else if self.not_numbers > 0 {
                let count = self.not_numbers;
                notes.push(format!(
                    "{count} payloads have another value than a whole number at {field}"
                ));
            }
        }
        if self.sequences.left_out() > 0 {
            let count = self.sequences.left_out();
            notes.push(format!(
                "{count} payloads have keys beyond the number that is followed"
            ));
        }
        notes
    }
}

/// The text of a key: a text as it is, other values as JSON.
pub(crate) fn key_text(value: Option<Value<'_>>) -> Cow<'_, str> {
    match value {
        None => Cow::Borrowed(""),
        Some(Value::Null) => Cow::Borrowed("null"),
        Some(Value::Bool(true)) => Cow::Borrowed("true"),
        Some(Value::Bool(false)) => Cow::Borrowed("false"),
        Some(Value::Number(number)) => Cow::Borrowed(number),
        Some(Value::Text(text)) => text.to_str(),
        Some(Value::Array(json) | Value::Object(json)) => String::from_utf8_lossy(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(time: Option<&str>, sequence: Option<&str>, key: Option<&str>) -> FieldMeasures {
        let path = |text: Option<&str>| text.map(|text| Path::parse(text).unwrap());
        FieldMeasures::new(MeasuredFields {
            time: path(time),
            sequence: path(sequence),
            key: path(key),
        })
    }

    #[test]
    fn latency_and_sequences_are_read_from_one_payload() {
        let mut measures = fields(Some(".at"), Some(".seq"), Some(".symbol"));
        for (seq, symbol) in [
            ("1", "\"a\""),
            ("\"10\"", "7"),
            ("3", "\"a\""),
            ("\"11\"", "7"),
        ] {
            let json = format!("{{\"at\":1795240154.5,\"seq\":{seq},\"symbol\":{symbol}}}");
            measures.receive(1_795_240_154_700_000, json.as_bytes());
        }
        measures.receive(0, b"not JSON");
        measures.receive(0, b"{\"seq\":null}");
        let latency = measures.latency().unwrap();
        assert_eq!((latency.field.as_str(), latency.count), (".at", 4));
        assert!((latency.percentiles.p50 - 200.0).abs() < 1e-6);
        let faults = measures.sequences();
        assert_eq!(faults.len(), 2);
        assert_eq!(
            (faults[0].key.as_deref(), faults[0].faults.missing),
            (Some("a"), 1)
        );
        assert_eq!((&faults[1].key, faults[1].faults.missing), (&None, 1));
        assert!(measures.notes().is_empty());
    }

    #[test]
    fn fields_that_are_not_found_are_reported() {
        let mut measures = fields(Some(".at"), Some(".seq"), None);
        measures.receive(0, b"{\"seq\":\"x\"}");
        let notes = measures.notes();
        assert_eq!(
            notes,
            [
                "no payload has a time at .at",
                "no payload has a whole number at .seq"
            ]
        );
        assert!(measures.sequences().is_empty() && measures.latency().is_none());
        measures.receive(0, b"{\"seq\":4,\"at\":\"1795240154\"}");
        let notes = measures.notes();
        assert!(
            notes[0].contains("whole seconds") && notes[1].starts_with("1 payloads have another")
        );
        assert_eq!(measures.sequences().len(), 1);
    }

    #[test]
    fn faults_are_reported_where_they_arrive() {
        let path = |text: &str| Some(Path::parse(text).unwrap());
        let mut watch = SequenceWatch::new(MeasuredFields {
            time: None,
            sequence: path(".n"),
            key: path(".k"),
        });
        let mut look = |key: &str, number: u32| {
            let json = format!("{{\"k\":\"{key}\",\"n\":{number}}}");
            let gap = watch.look(json.as_bytes())?;
            let FaultCounts {
                missing,
                repeated,
                out_of_order,
            } = gap.faults;
            let key = gap.key.unwrap_or_default();
            Some((key, missing, repeated, out_of_order, gap.from, gap.to))
        };
        let fault = |key: &str, missing, repeated, out_of_order, from: &str, to: &str| {
            let text = str::to_owned;
            Some((
                text(key),
                missing,
                repeated,
                out_of_order,
                text(from),
                text(to),
            ))
        };
        assert_eq!(look("a", 1), None);
        assert_eq!(look("b", 7), None);
        assert_eq!(look("a", 4), fault("a", 2, 0, 0, "1", "4"));
        assert_eq!(look("a", 4), fault("a", 0, 1, 0, "4", "4"));
        assert_eq!(look("a", 2), fault("a", 0, 0, 1, "4", "2"));
        assert_eq!(look("b", 8), None);
    }

    #[test]
    fn without_fields_nothing_is_read() {
        let mut measures = FieldMeasures::default();
        measures.receive(0, b"{\"seq\":4}");
        assert!(measures.notes().is_empty() && measures.sequences().is_empty());
    }
}
