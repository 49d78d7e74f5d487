//! Fuzz target for all lenses, and for documents that are put together, on any messages.
//!
//! The input is divided into messages at U+0001; the byte before each has its direction and type. Each meaning is one
//! line of JSON. Two readers of the same messages agree.

#![no_main]

use feedscope_analysis::assembled::Documents;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{Choice, FeedAddress, LensName, LensReader};
use feedscope_core::{Direction, Kind, Moment, Record, Stamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let choices = LensName::ALL
        .map(Choice::Named)
        .into_iter()
        .chain([Choice::Auto]);
    for choice in choices {
        let reader = || LensReader::new(choice, FeedAddress::default(), Interpreter::default());
        let (mut one, mut other) = (reader(), reader());
        let mut documents = Documents::new(choice, &FeedAddress::default(), Interpreter::default());
        let mut ended = Vec::new();
        for (number, message) in input.split(|byte| *byte == 1).enumerate() {
            let Some((mark, data)) = message.split_first() else {
                continue;
            };
            let direction = if mark & 1 == 0 {
                Direction::In
            } else {
                Direction::Out
            };
            let (failed, wire) = (None, None);
            let kind = match mark & 6 {
                0 => Kind::Event {
                    event: b"next",
                    id: b"",
                    data,
                },
                2 => Kind::Binary {
                    direction,
                    data,
                    failed,
                    wire,
                },
                _ => Kind::Text {
                    direction,
                    data,
                    failed,
                    wire,
                },
            };
            let stamp = Stamp {
                moment: Moment::from_millis(number as u64),
                ..Stamp::default()
            };
            let record = Record {
                stamp,
                connection: 1,
                kind,
            };
            let reads = one.read(&record);
            assert_eq!(reads, other.read(&record));
            for read in reads {
                let mut json = Vec::new();
                read.write_json(&mut json);
                assert!(!json.contains(&b'\n'));
                serde_json::from_slice::<serde::de::IgnoredAny>(&json).expect("a meaning is JSON");
            }
            ended.extend(documents.read(&record).ended);
        }
        ended.extend(documents.finish());
        for document in ended {
            let json = format!("{{{}}}", document.json_fields());
            serde_json::from_str::<serde::de::IgnoredAny>(&json).expect("a document is JSON");
        }
        let figures = one.figures();
        assert!(figures.is_none_or(|figures| figures.unanswered <= figures.calls));
    }
});
