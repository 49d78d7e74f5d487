//! Runner for `cases/event_stream/*.toml`. It decodes every case in the given chunks, as a whole, divided in two at
//! every byte, and byte by byte.

use feedscope_core::decode::{EventStreamDecoder, Oversized};
use serde::Deserialize;

use crate::case_files;
use crate::item::{StreamItem, decode};

/// Limit that exceeds every case, except the cases about the limit.
const NO_LIMIT: u64 = 1 << 20;

#[test]
fn every_case_holds() {
    case_files::run_all("event_stream", 101, run);
}

#[test]
fn a_case_that_expects_something_else_fails() {
    let case =
        |keys: &str| format!("[[case]]\nabout = 'x'\nchunks = [\"id: 7\\ndata: a\\n\\n\"]\n{keys}");
    assert_eq!(
        run(&case(
            "expect = [{ data = 'a', id = '7' }]\nlast_event_id = '7'"
        )),
        Ok(1)
    );
    for keys in [
        "expect = []",
        "expect = [{ data = 'a' }]",
        "expect = [{ data = 'b', id = '7' }]",
        "expect = [{ data = 'a', id = '7', event = 'x' }]",
        "expect = [{ data = 'a', id = '7' }, { retry = 1 }]",
        "expect = [{ data = 'a', id = '7' }]\nlast_event_id = '8'",
        "expect = [{ data = 'a', id = '7' }]\nskipping = 1",
        "expect = [{ data_hex = '61', data_text = 'b', id = '7' }]",
        "expect = [{ data = 'a', id = '7', retry = 1 }]",
        "expect = [{ data = 'a', id = '7', no_data = 5 }]",
        "expect = [{ no_data = 5, id = '7' }]",
        "expect = [{ ignored = 'id: 7' }, { data = 'a', id = '7' }]",
        "expect = [{ data = 'a', id = '7' }]\nunfinished = 1",
        "expect = [{}]",
        "expects = [{ data = 'a', id = '7' }]",
        "expect = [{ data = 'a', id = '7', about = 'x' }]",
        "hex = ['61']\nexpect = []",
        "",
    ] {
        assert!(run(&case(keys)).is_err(), "{keys}");
    }
}

/// Runs a file of cases. Returns its number of cases, or the description of the first failed case.
fn run(text: &str) -> Result<usize, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    for case in &file.case {
        case.run()
            .map_err(|problem| format!("{:?}: {problem}", case.about))?;
    }
    Ok(file.case.len())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    limit: Option<u64>,
    begin_with_id: Option<String>,
    /// Bytes of the only connection, as text or as hexadecimal digits.
    chunks: Option<Vec<String>>,
    hex: Option<Vec<String>>,
    /// Bytes of several connections, as an alternative.
    #[serde(default)]
    connection: Vec<Connection>,
    expect: Vec<Expected>,
    last_event_id: Option<String>,
    /// Number of bytes of the block, or of the comment, that is being skipped at the end.
    skipping: Option<u64>,
    skipping_comment: Option<u64>,
    /// Number of bytes of the unfinished block at the end.
    unfinished: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connection {
    chunks: Option<Vec<String>>,
    hex: Option<Vec<String>>,
}

/// One item. The present key determines its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    event: Option<String>,
    id: Option<String>,
    id_hex: Option<String>,
    data: Option<String>,
    data_hex: Option<String>,
    /// Text of `data_hex`.
    data_text: Option<String>,
    comment: Option<String>,
    retry: Option<u64>,
    /// Line without effect.
    ignored: Option<String>,
    ignored_hex: Option<String>,
    /// Number of bytes of a block that has a type or an id and no data.
    no_data: Option<u64>,
    too_long: Option<u64>,
    long_comment: Option<u64>,
}

/// Chunks of one connection.
type Chunks = Vec<Vec<u8>>;

impl Case {
    fn run(&self) -> Result<(), String> {
        let expected = self
            .expect
            .iter()
            .map(Expected::item)
            .collect::<Result<Vec<_>, _>>()?;
        let connections = self.connections()?;
        self.check("as cut", &connections, &expected)?;
        let whole: Vec<Vec<u8>> = connections.iter().map(|chunks| chunks.concat()).collect();
        let recut = |cut: &dyn Fn(&[u8]) -> Chunks| {
            whole.iter().map(|bytes| cut(bytes)).collect::<Vec<_>>()
        };
        self.check("whole", &recut(&|bytes| vec![bytes.to_vec()]), &expected)?;
        self.check(
            "byte by byte",
            &recut(&|bytes| bytes.chunks(1).map(<[u8]>::to_vec).collect()),
            &expected,
        )?;
        let longest = whole.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..=longest {
            let cut = recut(&|bytes| {
                let (before, after) = bytes.split_at(at.min(bytes.len()));
                vec![before.to_vec(), Vec::new(), after.to_vec()]
            });
            self.check(&format!("cut at byte {at}"), &cut, &expected)?;
        }
        Ok(())
    }

    fn connections(&self) -> Result<Vec<Chunks>, String> {
        if self.connection.is_empty() {
            return Ok(vec![bytes(self.chunks.as_deref(), self.hex.as_deref())?]);
        }
        if self.chunks.is_some() || self.hex.is_some() {
            return Err("has bytes beside those of its connections".to_owned());
        }
        self.connection
            .iter()
            .map(|one| bytes(one.chunks.as_deref(), one.hex.as_deref()))
            .collect()
    }

    fn check(
        &self,
        how: &str,
        connections: &[Chunks],
        expected: &[StreamItem],
    ) -> Result<(), String> {
        let mut decoder = EventStreamDecoder::new(self.limit.unwrap_or(NO_LIMIT));
        if let Some(id) = &self.begin_with_id {
            decoder.set_last_event_id(id.as_bytes());
        }
        let mut items = Vec::new();
        for chunks in connections {
            decoder.begin_connection();
            items.extend(decode(&mut decoder, chunks.iter().map(Vec::as_slice)));
        }
        same(how, "items", items.as_slice(), expected)?;
        if let Some(id) = &self.last_event_id {
            same(how, "last event ID", decoder.last_event_id(), id.as_bytes())?;
        }
        if let Some(bytes) = self.unfinished {
            let unfinished = decoder.unfinished().map(|block| block.bytes);
            same(how, "bytes unfinished", &unfinished, &Some(bytes))?;
        }
        same(
            how,
            "bytes being skipped",
            &decoder.skipping(),
            &oversized(self.skipping, self.skipping_comment),
        )
    }
}

impl Expected {
    fn item(&self) -> Result<StreamItem, String> {
        let data = either(self.data.as_deref(), self.data_hex.as_deref())?;
        let id = either(self.id.as_deref(), self.id_hex.as_deref())?;
        if let (Some(data), Some(text)) = (&data, &self.data_text) {
            same(
                "decoded",
                "data",
                String::from_utf8_lossy(data).as_ref(),
                text.as_str(),
            )?;
        }
        let of_block = self.event.is_some() || id.is_some();
        let mut items = Vec::new();
        if let Some(data) = data {
            items.push(StreamItem::Event {
                event: self.event.as_deref().unwrap_or("message").into(),
                id: id.clone().unwrap_or_default(),
                data,
            });
        } else if self.no_data.is_none() && (of_block || self.data_text.is_some()) {
            return Err("expects parts of an event without its data".to_owned());
        }
        items.extend(self.no_data.map(|bytes| StreamItem::NoData {
            event: self.event.as_deref().unwrap_or_default().into(),
            id: id.clone(),
            bytes,
        }));
        items.extend(
            self.comment
                .clone()
                .map(|text| StreamItem::Comment(text.into())),
        );
        items.extend(self.retry.map(StreamItem::Retry));
        items.extend(
            either(self.ignored.as_deref(), self.ignored_hex.as_deref())?.map(StreamItem::Ignored),
        );
        items.extend(oversized(self.too_long, self.long_comment).map(StreamItem::TooLong));
        match <[StreamItem; 1]>::try_from(items) {
            Ok([item]) => Ok(item),
            Err(_) => Err("expects what is not exactly one item".to_owned()),
        }
    }
}

fn oversized(event: Option<u64>, comment: Option<u64>) -> Option<Oversized> {
    event
        .map(Oversized::Event)
        .or(comment.map(Oversized::Comment))
}

fn same<T: PartialEq + std::fmt::Debug + ?Sized>(
    how: &str,
    what: &str,
    got: &T,
    expected: &T,
) -> Result<(), String> {
    if got == expected {
        return Ok(());
    }
    Err(format!(
        "{how}: {what}\n     got {got:?}\nexpected {expected:?}"
    ))
}

/// Returns the chunks, which are given in one of the two forms.
fn bytes(text: Option<&[String]>, hex: Option<&[String]>) -> Result<Chunks, String> {
    match (text, hex) {
        (Some(chunks), None) => Ok(chunks
            .iter()
            .map(|chunk| chunk.clone().into_bytes())
            .collect()),
        (None, Some(chunks)) => chunks.iter().map(|chunk| from_hex(chunk)).collect(),
        _ => Err("needs either `chunks` or `hex`".to_owned()),
    }
}

fn either(text: Option<&str>, hex: Option<&str>) -> Result<Option<Vec<u8>>, String> {
    match (text, hex) {
        (Some(_), Some(_)) => {
            Err("has the same value as text and in hexadecimal digits".to_owned())
        }
        (text, None) => Ok(text.map(|text| text.as_bytes().to_vec())),
        (None, Some(hex)) => from_hex(hex).map(Some),
    }
}

fn from_hex(digits: &str) -> Result<Vec<u8>, String> {
    let byte =
        |digits| u8::from_str_radix(digits, 16).map_err(|error| format!("{digits:?}: {error}"));
    digits.split_whitespace().map(byte).collect()
}
