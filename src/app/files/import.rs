//! Files of other formats in panes: their records are read into stores.

use std::path::Path;
use std::sync::Arc;

use feedscope_core::NoteCode;
use feedscope_core::record::{Kind, Record, Sink as _};
use feedscope_core::store::{Class, DEFAULT_BUDGET_BYTES, Store, StoreWriter};
use feedscope_files::disk_history;
use feedscope_files::formats::{
    self, Consumed, FeedInfo, FeedProtocol, FeedReader, FileInput, FileItem, Format, ItemSink,
    ReadOptions,
};
use feedscope_files::recording::RecordedReading;
use feedscope_ui::FileStage;

use super::opening::{FoundFeed, MOST_FEEDS, SharedOpening, further_feeds};

/// Size of the records on disk, so that a file of usual size loses none. They are in memory first.
const DISK_BYTES: u64 = 64 << 30;

/// Reads a file until its end, or until no pane shows it.
pub(super) fn run(path: &Path, shared: &Arc<SharedOpening>) {
    let about = path.display();
    let (mut reader, consumed) = match open(path) {
        Ok(opened) => opened,
        Err(sentence) => return shared.fail(sentence),
    };
    let length = path.metadata().map_or(0, |metadata| metadata.len()).max(1);
    let mut stores = Stores {
        shared,
        feeds: Vec::new(),
        protocols: Vec::new(),
        further: 0,
    };
    let mut percent = None;
    loop {
        let more = reader.read(&mut stores);
        if shared.is_over() {
            return;
        }
        // A compressed file is counted before its decompression.
        let now = u8::try_from(consumed.bytes() * 100 / length)
            .unwrap_or(100)
            .min(100);
        match more {
            Ok(true) if percent == Some(now) => {}
            Ok(true) => {
                percent = Some(now);
                stores.publish(FileStage::Reading { percent: now }, None, None);
            }
            Ok(false) => {
                if stores.feeds.is_empty() {
                    shared.fail(format!("{about}: the file contains no feed"));
                } else {
                    let note = sentences(&reader.remarks());
                    stores.publish(FileStage::Complete, None, note);
                }
                return;
            }
            Err(error) => {
                let problem = format!("{about}: {error}. The records before this place are shown.");
                if stores.feeds.is_empty() {
                    shared.fail(format!("{about}: {error}"));
                } else {
                    let note = sentences(&reader.remarks());
                    stores.publish(FileStage::Complete, Some(problem), note);
                }
                return;
            }
        }
    }
}

/// Opens a file, but reads no record.
///
/// # Errors
///
/// A sentence, where the file is not there, or where its format cannot be read.
pub(super) fn open(path: &Path) -> Result<(Box<dyn FeedReader>, Consumed), String> {
    let about = path.display();
    // A folder that cannot be read gives another error below.
    if matches!(path.try_exists(), Ok(false)) {
        return Err(format!("{about}: there is no such file"));
    }
    let failed = |error: &dyn std::fmt::Display| format!("{about}: {error}");
    // A text that is not UTF-8 has a better sentence than that about its format. The beginning of a pipe can be read only
    // once.
    if path.is_file() {
        let opened = FileInput::open(path);
        let begun = opened.and_then(|(mut input, _)| input.recognize());
        begun.map_err(|error| failed(&error))?;
    }
    let Some(format) = Format::of_file(path) else {
        let words: Vec<_> = readable().map(Format::word).collect();
        return Err(format!(
            "{about}: neither its ending nor its content shows one of the formats {}",
            words.join(", ")
        ));
    };
    // A pipe has no length.
    if path
        .metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
    {
        return Err(failed(&"the file is empty"));
    }
    let (input, consumed) = FileInput::open(path).map_err(|error| failed(&error))?;
    let reader = formats::reader(format, input, ReadOptions::of_file(path));
    let reader = reader.map_err(|error| failed(&error))?;
    Ok((reader, consumed))
}

/// Returns remarks as sentences, or `None` if there are none.
fn sentences(remarks: &[String]) -> Option<String> {
    let sentence = |remark: &String| {
        let mut characters = remark.chars();
        let first = characters.next().map(char::to_uppercase);
        let first = first.into_iter().flatten();
        first.chain(characters).chain(['.']).collect::<String>()
    };
    let sentences: Vec<String> = remarks.iter().map(sentence).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Formats that can be read.
fn readable() -> impl Iterator<Item = Format> {
    Format::ALL.into_iter().filter(|format| format.is_read())
}

/// Stores of the feeds of a file.
struct Stores<'a> {
    shared: &'a SharedOpening,
    feeds: Vec<(StoreWriter, Store)>,
    /// Protocols of the feeds. Where the file names none, the first record of a protocol shows it.
    protocols: Vec<Option<FeedProtocol>>,
    /// Number of feeds beyond [`MOST_FEEDS`], whose records are left out.
    further: usize,
}

impl Stores<'_> {
    fn publish(&self, stage: FileStage, problem: Option<String>, note: Option<String>) {
        let notes = note.into_iter().chain(further_feeds(self.further));
        let note = notes.reduce(|before, more| format!("{before} {more}"));
        let spans = self.feeds.iter().map(|(_, store)| store.span()).collect();
        self.shared.publish(|state| {
            state.stage = stage;
            state.problem = problem;
            state.note = note;
            state.spans = spans;
        });
    }
}

impl ItemSink for Stores<'_> {
    fn add_feed(&mut self, feed: &FeedInfo) {
        if self.feeds.len() == MOST_FEEDS {
            self.further += 1;
            return;
        }
        let (writer, store) =
            match disk_history::start(disk_history::HistoryFolder::default(), DISK_BYTES) {
                Ok(spill) => Store::with_spill(DEFAULT_BUDGET_BYTES, spill),
                // Without the disk, the oldest records of a very large file are let go, and counted.
                Err(_no_disk) => Store::new(DEFAULT_BUDGET_BYTES),
            };
        self.feeds.push((writer, store.clone()));
        self.protocols.push(feed.protocol);
        self.shared.add_feed(FoundFeed {
            name: feed.name.clone(),
            path: self.shared.path.clone(),
            url: feed.url.clone(),
            protocol: feed.protocol,
            reading: RecordedReading::default(),
            store,
            notes: None,
        });
    }

    fn push(&mut self, item: FileItem<'_>) {
        let Some((writer, _)) = self.feeds.get_mut(item.feed()) else {
            return;
        };
        match &item {
            FileItem::Record { feed, record, .. } => {
                if let Some(protocol @ None) = self.protocols.get_mut(*feed)
                    && let Some(shown) = protocol_of(&record.kind)
                {
                    *protocol = Some(shown);
                    let shown = (*feed, shown);
                    self.shared
                        .publish(|state| state.shown_protocols.push(shown));
                }
                writer.push(record);
            }
            FileItem::Unknown {
                stamp, connection, ..
            } => {
                // Its text is kept as it was.
                let mut line = Vec::new();
                item.write_json_line(&mut line, None);
                let text = String::from_utf8_lossy(&line);
                writer.push(&Record {
                    stamp: *stamp,
                    connection: *connection,
                    kind: Kind::Note {
                        code: NoteCode::UNKNOWN_KIND,
                        text: text.trim_end(),
                    },
                });
            }
        }
    }
}

/// Returns the protocol to which a record belongs, where its class shows it.
fn protocol_of(kind: &Kind<'_>) -> Option<FeedProtocol> {
    match Class::of(kind.tag(), kind.direction()) {
        Class::Events | Class::Comments => Some(FeedProtocol::EventStream),
        Class::Received | Class::Sent | Class::PingPong => Some(FeedProtocol::WebSocket),
        Class::Lines => Some(FeedProtocol::Lines),
        Class::States => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn a_file_without_a_known_ending_is_opened_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, expected) in [
            ("feed.txt", "data: a\n\n", FileStage::Complete),
            (
                "ticks.json",
                "{\"price\":1}\n{\"price\":2}\n",
                FileStage::Complete,
            ),
            ("app.log", "06:00 INFO started\n", FileStage::Failed),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let shared = Arc::new(SharedOpening::of_path(path.clone(), Box::new(|| {})));
            run(&path, &shared);
            let state = shared.state.lock();
            assert_eq!(state.stage, expected, "{name}: {:?}", state.problem);
            let problem = state.problem.as_deref().unwrap_or_default();
            let sentence = "neither its ending nor its content shows one of the formats feedscope, ndjson, sse, har";
            assert_eq!(
                problem.ends_with(sentence),
                expected == FileStage::Failed,
                "{problem}"
            );
        }
    }

    #[test]
    fn the_feeds_of_a_file_that_have_no_panes_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("many.ndjson");
        let mut lines = String::new();
        for feed in 0..MOST_FEEDS + 2 {
            let at = "2026-11-21T05:49:14.000000Z";
            writeln!(
                lines,
                r#"{{"at":"{at}","connection":1,"feed":"f{feed}","kind":"comment","data":"x"}}"#
            )
            .unwrap();
        }
        std::fs::write(&path, lines).unwrap();
        let shared = Arc::new(SharedOpening::of_path(path.clone(), Box::new(|| {})));
        run(&path, &shared);
        let state = shared.state.lock();
        assert_eq!(state.found.len(), MOST_FEEDS);
        assert_eq!(state.stage, FileStage::Complete);
        let note = state.note.as_deref().unwrap();
        assert_eq!(
            note,
            "2 further feeds are not shown, because the window shows 100 feeds of a file."
        );
    }
}
