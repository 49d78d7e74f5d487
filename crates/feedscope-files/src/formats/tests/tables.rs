//! Tests of the formats with columns or schemas: CSV, MCAP and Parquet.

use super::*;

#[test]
fn a_table_guards_what_a_spreadsheet_would_execute() {
    let data = |data: &'static str| {
        item(
            0,
            0,
            Kind::Line {
                data: data.as_bytes(),
            },
        )
    };
    let items = [
        data("=cmd|' /C calc'!A0"),
        data("-12.5e3"),
        data("a,\"b\"\nc"),
        data("+1-1"),
        data("\t=1"),
    ];
    let options = WriteOptions {
        columns: vec!["price".to_owned()],
        ..WriteOptions::default()
    };
    let (bytes, remarks) = written(Format::Csv, &options, &[feed("a")], &items).unwrap();
    let mut table = ::csv::Reader::from_reader(&bytes[..]);
    let headers = table.headers().unwrap().clone();
    assert_eq!(headers.get(headers.len() - 1), Some("price"));
    let at = headers.iter().position(|name| name == "data").unwrap();
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    let cells: Vec<_> = rows.iter().map(|row| row[at].to_owned()).collect();
    assert_eq!(
        cells,
        [
            "'=cmd|' /C calc'!A0",
            "-12.5e3",
            "a,\"b\"\nc",
            "'+1-1",
            "'\t=1"
        ]
    );
    assert_eq!(&rows[0][headers.len() - 1], "'=1+1");
    assert!(
        remarks[0].starts_with("8 cells begin with '"),
        "{remarks:?}"
    );
    let options = WriteOptions {
        unguarded: true,
        ..options
    };
    let (bytes, remarks) = written(Format::Csv, &options, &[feed("a")], &items[..1]).unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains(",=cmd|"));
    assert_eq!(remarks, Vec::<String>::new());
}

#[test]
fn every_field_of_a_line_has_a_column() {
    let (bytes, _) = written(
        Format::Csv,
        &WriteOptions::default(),
        &[feed("a")],
        &kinds()
            .into_iter()
            .map(|kind| item(0, 0, kind))
            .collect::<Vec<_>>(),
    )
    .unwrap();
    let mut table = ::csv::Reader::from_reader(&bytes[..]);
    let headers = table.headers().unwrap().clone();
    for (row, kind) in table.records().map(Result::unwrap).zip(kinds()) {
        let mut line = Vec::new();
        item(0, 0, kind).write_json_line(&mut line, Some("a"));
        let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
        for (name, value) in line.as_object().unwrap() {
            let at = headers.iter().position(|header| header == name).unwrap();
            let expected = match value {
                serde_json::Value::String(text) => text.clone(),
                serde_json::Value::Null => String::new(),
                other => other.to_string(),
            };
            assert_eq!(row[at], expected, "{name} of {line}");
        }
    }
}

#[test]
fn messages_of_mcap_are_objects_with_a_schema() {
    let event = |at, event: &'static str, data: &'static str| {
        item(
            0,
            at,
            Kind::Event {
                event: event.as_bytes(),
                id: b"",
                data: data.as_bytes(),
            },
        )
    };
    let mut items = vec![
        event(0, "price", "{\"price\": 1.50}"),
        event(1, "price", "17"),
        event(2, "price", "plain"),
    ];
    items.extend(kinds().into_iter().map(|kind| item(1, 3, kind)));
    let feeds = [feed("a/b"), feed("chat")];
    let (bytes, _) = written(Format::Mcap, &WriteOptions::default(), &feeds, &items).unwrap();
    let messages: Vec<_> = ::mcap::MessageStream::new(&bytes)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(messages.len(), items.len());
    let of = |topic: &str| {
        let found = messages
            .iter()
            .filter(|message| message.channel.topic == topic);
        found
            .map(|message| String::from_utf8(message.data.to_vec()).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("/a_b/price"),
        [
            "{\"price\": 1.50}",
            "{\"value\":17}",
            "{\"text\":\"plain\"}"
        ]
    );
    assert_eq!(of("/chat/binary/sent"), ["{\"base64\":\"AP8=\"}"]);
    assert_eq!(of("/chat/retry"), ["{\"value\":18446744073709551615}"]);
    // A state, a message that was not sent, a close, a gap and a note.
    let log = of("/chat/connection");
    assert_eq!(log.len(), 5, "{log:?}");
    assert!(
        log[0].contains("reconnecting, status 503, attempt 2, in 3000 ms, lost"),
        "{log:?}"
    );
    for message in &messages {
        let schema = message.channel.schema.as_ref().unwrap();
        assert_eq!(
            (&*schema.encoding, &*message.channel.message_encoding),
            ("jsonschema", "json")
        );
        let schema: serde_json::Value = serde_json::from_slice(&schema.data).unwrap();
        assert_eq!(schema["type"], "object");
        let data: serde_json::Value = serde_json::from_slice(&message.data).unwrap();
        for (name, value) in data.as_object().unwrap() {
            assert!(
                schema["properties"].get(name).is_some(),
                "{name}: {value} is not in {schema}"
            );
        }
    }
    let first = messages.iter().map(|message| message.log_time).min();
    assert_eq!(first, Some(AT as u64 * 1_000));
    let summary = ::mcap::Summary::read(&bytes).unwrap().unwrap();
    assert!(!summary.chunk_indexes.is_empty() && summary.stats.is_some());
}

/// Rows of a Parquet file as JSON.
fn parquet_rows(bytes: &[u8]) -> Vec<serde_json::Value> {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    let value = |field: &::parquet::record::Field| -> serde_json::Value {
        use ::parquet::record::Field;
        match field {
            Field::Null => serde_json::Value::Null,
            Field::Bool(value) => (*value).into(),
            Field::Long(value) | Field::TimestampMicros(value) => (*value).into(),
            Field::Double(value) => (*value).into(),
            Field::Str(value) => value.clone().into(),
            Field::Bytes(value) => value.data().to_vec().into(),
            other => panic!("{other:?}"),
        }
    };
    rows.map(|row| {
        let row = row.unwrap();
        let columns = row.get_column_iter();
        columns
            .map(|(name, field)| (name.clone(), value(field)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
    .collect()
}

#[test]
fn a_table_of_columns_has_every_field() {
    let feeds = [feed("a")];
    let items: Vec<_> = kinds().into_iter().map(|kind| item(0, 0, kind)).collect();
    let (bytes, _) = written(Format::Parquet, &WriteOptions::default(), &feeds, &items).unwrap();
    let rows = parquet_rows(&bytes);
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(items) {
        let mut line = Vec::new();
        item.write_json_line(&mut line, Some("a"));
        let line: serde_json::Value = serde_json::from_slice(&line).unwrap();
        for (name, value) in line.as_object().unwrap() {
            let found = match name.as_str() {
                "at" => continue,
                "data_base64" => &row["data_bytes"],
                name => &row[name],
            };
            let is_same = match value {
                serde_json::Value::Number(number) if number.as_u64() == Some(u64::MAX) => {
                    found.as_i64() == Some(i64::MAX)
                }
                // The code of a close frame is a text, because that of a note is one.
                serde_json::Value::Number(number) if name == "code" => {
                    found.as_str() == Some(&number.to_string())
                }
                _ if name == "data_base64" => !found.is_null(),
                value => found == value,
            };
            assert!(is_same, "{name}: {value} became {found}");
        }
    }
}

#[test]
fn the_first_rows_decide_on_the_types_of_requested_columns() {
    let out = KeptOutput::default();
    let options = WriteOptions {
        columns: ["number", "flag", "text", "none"]
            .map(str::to_owned)
            .to_vec(),
        ..WriteOptions::default()
    };
    let mut writer = writer(Format::Parquet, Box::new(out.clone()), &options).unwrap();
    writer.add_feed(&feed("a")).unwrap();
    let number = |text: &str| Cell::Number(text.to_owned());
    let retry = || item(0, 0, Kind::Retry { ms: 1 });
    for cells in [
        [number("1"), Cell::Bool(true), number("2"), Cell::Empty],
        [
            Cell::Empty,
            Cell::Empty,
            Cell::Text("x".to_owned()),
            Cell::Empty,
        ],
        [
            number("2.5"),
            Cell::Bool(false),
            Cell::Json("[1]".to_owned()),
            Cell::Empty,
        ],
    ] {
        writer.write(&retry(), &cells).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), Vec::<String>::new());
    let bytes = out.0.lock().unwrap().clone();
    let rows = parquet_rows(&bytes);
    let columns = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    let null = serde_json::Value::Null;
    assert_eq!(columns("number"), [1.0.into(), null.clone(), 2.5.into()]);
    assert_eq!(columns("flag"), [true.into(), null.clone(), false.into()]);
    assert_eq!(columns("text"), ["2", "x", "[1]"]);
    assert_eq!(columns("none"), [null.clone(), null.clone(), null]);
}

#[test]
fn a_folder_has_a_file_for_each_feed_and_day() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("out");
    let mut writer = Box::new(FolderWriter::create(&path, Vec::new()).unwrap());
    for name in ["a", "b/c=1"] {
        writer.add_feed(&feed(name)).unwrap();
    }
    for (feed, at) in [(0, 0), (1, 1), (0, 2), (0, DAY), (0, DAY + 1)] {
        writer
            .write(&item(feed, at, Kind::Retry { ms: 7 }), &[])
            .unwrap();
    }
    assert!(!path.exists() && writer.partial().exists());
    writer.finish().unwrap();
    let rows = |file: &str| parquet_rows(&std::fs::read(path.join(file)).unwrap()).len();
    assert_eq!(rows("feed=a/date=2026-11-21/part-0001.parquet"), 2);
    assert_eq!(rows("feed=a/date=2026-11-22/part-0002.parquet"), 2);
    assert_eq!(rows("feed=b%2Fc%3D1/date=2026-11-21/part-0001.parquet"), 1);
    assert!(matches!(
        FolderWriter::create(&path, Vec::new()),
        Err(OutputError::Exists(_))
    ));
    // A folder that is not completed leaves nothing.
    let other = parent.path().join("other");
    drop(FolderWriter::create(&other, Vec::new()).unwrap());
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1);
}
