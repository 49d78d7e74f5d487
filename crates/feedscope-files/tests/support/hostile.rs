//! Readers of files that others may have written, for files of any bytes. A test of this crate and the fuzz targets share
//! them: reading ends without a panic.

use std::path::Path;

use feedscope_core::Timestamp;
use feedscope_files::connections::{EnvFile, SavedConnections, text_of};
use feedscope_files::formats::{
    FeedInfo, FeedWriter, FileInput, FileItem, Format, ItemSink, ReadOptions, WriteOptions, reader,
    writer,
};
use feedscope_files::settings::SettingsFile;
use feedscope_files::{curl, session};

/// Longest message. It is small, so that short files exceed it.
const MOST_MESSAGE: u64 = 1 << 10;

/// Converts a file into another format, without keeping the result.
pub(crate) fn convert(format: Format, bytes: Vec<u8>, to: Format) {
    let options = ReadOptions {
        name: "hostile".to_owned(),
        max_message: MOST_MESSAGE,
        now: Box::new(|| Timestamp::from_micros(1_795_240_154_524_118)),
    };
    let input = FileInput::new(std::io::Cursor::new(bytes));
    let Ok(mut reader) = reader(format, input, options) else {
        return;
    };
    let out = Box::new(std::io::sink());
    let mut target = Target {
        writer: writer(to, out, &WriteOptions::default()).ok(),
        feeds: 0,
    };
    while let Ok(true) = reader.read(&mut target) {}
    if let Some(writer) = target.writer {
        writer.finish().ok();
    }
}

struct Target {
    /// `None` after the format had no room for a feed.
    writer: Option<Box<dyn FeedWriter>>,
    feeds: usize,
}

impl ItemSink for Target {
    fn add_feed(&mut self, feed: &FeedInfo) {
        self.feeds += 1;
        let writer = self.writer.as_mut();
        if writer.is_some_and(|writer| writer.add_feed(feed).is_err()) {
            self.writer = None;
        }
    }

    fn push(&mut self, item: FileItem<'_>) {
        assert!(
            item.feed() < self.feeds,
            "each feed comes before its first item"
        );
        let writer = self.writer.as_mut();
        if writer.is_some_and(|writer| writer.write(&item, &[]).is_err()) {
            self.writer = None;
        }
    }
}

/// Reader of a text file, with a good file.
pub(crate) struct TextReader {
    /// Content of a good file.
    pub(crate) good: &'static str,
    /// Reads the file at this path.
    pub(crate) read: fn(&Path),
}

/// All readers of text files.
pub(crate) const TEXT_READERS: [TextReader; 5] = [
    TextReader {
        good: feedscope_files::connections::EXAMPLE,
        read: |path| {
            if let Ok(Some(connections)) = SavedConnections::load(path) {
                for connection in connections.all() {
                    connection.clone().replace_secrets();
                }
                text_of(connections.all()).ok();
            }
        },
    },
    TextReader {
        good: "# a comment\nexport TOKEN='s3cret'\nKEY=\"a b\\n\"\nEMPTY=\n",
        read: |path| {
            if let Ok(file) = EnvFile::load(path) {
                file.get("TOKEN");
            }
        },
    },
    TextReader {
        good: "theme = \"dark\"\nrecord_sessions = true\nsessions_limit = \"2G\"\nrecent_urls = [\"http://a.test/x\"]\n",
        read: |path| {
            SettingsFile::load(path.to_owned());
        },
    },
    TextReader {
        good: "{\"version\":1,\"panes\":[{\"url\":\"http://a.test/x\",\"follows\":true}],\"sizes\":[0.5,1e3]}",
        read: |path| {
            session::load::<serde_json::Value>(path).ok();
        },
    },
    TextReader {
        good: "curl -N 'https://u:p@a.test/x?token=1' -H $'Accept: text/\\x65vent-stream' \\\n  -H \"X: \\\"1\\\"\" --data-raw '{\"a\":1}' ^\n -k",
        read: |path| {
            if let Ok(line) = std::fs::read_to_string(path) {
                curl::parse(&line).ok();
            }
        },
    },
];
