//! Files of every readable format as this version writes them: `tests/formats/v1.*`. Every later version must read them.
//!
//! Files of a released version are never written again: a change of a format gets new files beside these.

use super::*;

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/formats")
        .join(name)
}

/// Lines of a file, by feed.
fn lines(name: &str) -> (Vec<FeedInfo>, Vec<String>) {
    let path = path(name);
    let format = Format::of_path(&path).unwrap();
    let (input, _) = FileInput::open(&path).unwrap();
    let mut reader = reader(format, input, options()).unwrap();
    let mut read = Read::default();
    while reader.read(&mut read).unwrap() {}
    let mut lines = read.lines;
    // Formats with times hand records of several feeds out in their order, and lines in that of the file.
    lines.sort_by_key(|line| line.contains("\"feed\":\"chat\""));
    (read.feeds, lines)
}

#[test]
fn files_of_every_version_are_read() {
    let (feeds, expected) = lines("v1.ndjson");
    assert_eq!((feeds.len(), expected.len()), (2, 12));
    for name in ["v1.feedscope", "v1.har", "v1.har.zst", "v1.ndjson.gz"] {
        let (found, found_lines) = lines(name);
        assert_eq!(found_lines, expected, "{name}");
        for (found, feed) in found.iter().zip(&feeds) {
            // Lines do not contain when the recording began.
            let started = None;
            assert_eq!(
                FeedInfo {
                    started,
                    ..found.clone()
                },
                *feed,
                "{name}"
            );
        }
    }
    let (_, events) = lines("v1.sse");
    let kinds: Vec<_> = events
        .iter()
        .map(|line| line[line.find("\"kind\"").unwrap()..].trim_end().to_owned())
        .collect();
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    assert!(
        kinds[0].contains("\"event\":\"a/b\",\"id\":\"7\""),
        "{kinds:?}"
    );
}
