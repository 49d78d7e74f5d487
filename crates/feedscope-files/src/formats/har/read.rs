//! Reader of a HAR. Its entries are put aside as a recording, so that their records come in the order of their times.

use super::super::input::FileInput;
use feedscope_core::numbers::counted;

use super::super::item::{FeedReader, ItemSink, ReadError, ReadOptions};
use super::super::json_stream::JsonStream;
use super::super::native::StoreReader;
use super::entry::HarEntry;
use super::remarks::Remarks;
use super::target::PutAside;

/// Bytes of a message besides its data, and the growth of data whose every byte is escaped.
const OTHER_BYTES: u64 = 1 << 20;
const ESCAPED_BYTE: u64 = 6;

/// Reader of a HAR.
pub(in super::super) struct HarReader {
    phase: ReadPhase,
    options: ReadOptions,
    remarks: Remarks,
}

/// Part of the work that comes next.
enum ReadPhase {
    /// Nothing was read.
    Begin(JsonStream),
    /// The next entry is read.
    Entries {
        json: JsonStream,
        is_first: bool,
        target: Box<PutAside>,
    },
    /// The records come out in the order of their times.
    Records(StoreReader),
    Over,
}

impl HarReader {
    pub(in super::super) fn new(input: FileInput, options: ReadOptions) -> Self {
        Self {
            phase: ReadPhase::Begin(JsonStream::new(input)),
            options,
            remarks: Remarks::default(),
        }
    }

    /// Most bytes of a message as JSON.
    fn most(&self) -> usize {
        let most = self.options.max_message.saturating_mul(ESCAPED_BYTE);
        usize::try_from(most.saturating_add(OTHER_BYTES)).unwrap_or(usize::MAX)
    }
}

impl FeedReader for HarReader {
    fn read(&mut self, out: &mut dyn ItemSink) -> Result<bool, ReadError> {
        // After an error the reader is at its end.
        match std::mem::replace(&mut self.phase, ReadPhase::Over) {
            ReadPhase::Begin(mut json) => {
                find_entries(&mut json)?;
                self.phase = ReadPhase::Entries {
                    json,
                    is_first: true,
                    target: Box::new(PutAside::new()?),
                };
                Ok(true)
            }
            ReadPhase::Entries {
                mut json,
                mut is_first,
                mut target,
            } => {
                if !json.next_element(&mut is_first)? {
                    finish(&mut json)?;
                    self.phase = ReadPhase::Records(target.complete()?);
                    return Ok(true);
                }
                let entry = HarEntry::read(&mut json, self.most())?;
                target.add(entry, &mut self.options, &mut self.remarks)?;
                self.phase = ReadPhase::Entries {
                    json,
                    is_first,
                    target,
                };
                Ok(true)
            }
            ReadPhase::Records(mut records) => {
                let has_more = records.read(out)?;
                if has_more {
                    self.phase = ReadPhase::Records(records);
                }
                Ok(has_more)
            }
            ReadPhase::Over => Ok(false),
        }
    }

    fn is_waiting(&self) -> bool {
        false
    }

    fn remarks(&self) -> Vec<String> {
        let Remarks {
            others,
            without_times,
            without_data,
            malformed,
            too_long,
        } = self.remarks;
        let limit = self.options.max_message;
        [
            (others, counted(others, "other request") + " left out"),
            (
                without_times,
                format!(
                    "times are not known of the events of {}: all have the time at which it began",
                    counted(without_times, "connection")
                ),
            ),
            (
                without_data,
                counted(without_data, "message") + " without data",
            ),
            (
                malformed,
                counted(malformed, "malformed message") + " left out",
            ),
            (
                too_long,
                format!(
                    "{} skipped: the limit is {limit} bytes",
                    counted(too_long, "message")
                ),
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, remark)| remark)
        .collect()
    }
}

/// Reads up to the first entry.
fn find_entries(json: &mut JsonStream) -> Result<(), ReadError> {
    for name in ["log", "entries"] {
        let mut is_first = true;
        if !json.begin(b'{')? {
            return Err(json.malformed("this is no HAR"));
        }
        loop {
            match json.next_member(&mut is_first)? {
                Some(found) if found == name => break,
                Some(_) => json.skip()?,
                None => {
                    return Err(json.malformed("this is no HAR, because `log.entries` is missing"));
                }
            }
        }
    }
    if json.begin(b'[')? {
        Ok(())
    } else {
        Err(json.malformed("`log.entries` is no array"))
    }
}

/// Reads what follows the last entry, so that a file that was cut is noticed.
fn finish(json: &mut JsonStream) -> Result<(), ReadError> {
    // The objects `log` and the one around it are still open.
    for _ in 0..2 {
        let mut is_first = false;
        while json.next_member(&mut is_first)?.is_some() {
            json.skip()?;
        }
    }
    Ok(())
}
