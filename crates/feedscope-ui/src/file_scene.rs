//! Files that feeds were opened from, as the window shows them.

use feedscope_core::Stamp;

/// File that a feed was opened from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileScene {
    /// Path of the file, as the user gave it.
    pub path: String,
    /// Name of the feed in the file; empty until it is known.
    pub feed: String,
    /// The file is a recording of Feedscope, and not a file of another format.
    pub is_recording: bool,
    /// Progress of its opening.
    pub stage: FileStage,
    /// Stamps of the first and the last record; `None` while there are none.
    pub span: Option<(Stamp, Stamp)>,
    /// Sentence about a file that cannot be read, or not as a whole.
    pub problem: Option<String>,
    /// Sentence on what the file does not contain, which is not an error.
    pub note: Option<String>,
}

/// Progress of the opening of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileStage {
    /// The file is being opened.
    #[default]
    Opening,
    /// Its records are being read.
    Reading {
        /// Part that was read, in percent.
        percent: u8,
    },
    /// Another program is writing the file, and new records appear as they are written.
    BeingWritten,
    /// All records are there.
    Complete,
    /// The file cannot be opened.
    Failed,
}

impl FileScene {
    /// Returns the name of the file, without its folder.
    pub fn name(&self) -> &str {
        let name = self.path.trim_end_matches('/').rsplit(['/', '\\']).next();
        name.unwrap_or(&self.path)
    }

    /// Returns true if the records have no times. All of them have the same moment then, and the file is known to lack
    /// something.
    pub fn lacks_times(&self) -> bool {
        let has_span = |(first, last): &(Stamp, Stamp)| first.moment < last.moment;
        self.note.is_some() && !self.span.as_ref().is_some_and(has_span)
    }

    /// Returns true if all records that are known so far have the same moment, unless the file is a recording.
    pub(crate) fn has_one_moment(&self) -> bool {
        let is_one = |(first, last): &(Stamp, Stamp)| first.moment == last.moment;
        !self.is_recording && self.span.as_ref().is_some_and(is_one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_without_its_folder() {
        for (path, name) in [
            ("captures/a.feedscope", "a.feedscope"),
            ("a.sse", "a.sse"),
            ("captures/", "captures"),
        ] {
            let file = FileScene {
                path: path.to_owned(),
                ..FileScene::default()
            };
            assert_eq!(file.name(), name);
        }
    }
}
