//! Lines of requests that wait for their answers, for the filters `is:unanswered` and `-is:unanswered`. Their number is
//! bounded.

use std::collections::BTreeMap;

use feedscope_analysis::lenses::Read;

/// Maximum number of lines that wait. The oldest one is written when there are more.
const MAX_WAITING: usize = 10_000;

/// Lines that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Written {
    /// Lines of requests that stay without an answer, at the end of their connection.
    #[default]
    Unanswered,
    /// Lines of requests that get an answer, before it.
    Answered,
}

/// Lines of records whose requests have no answer yet, by the number of the record.
#[derive(Default)]
pub(super) struct WaitingLines {
    lines: BTreeMap<u64, Waiting>,
    written: Written,
}

struct Waiting {
    /// Number of requests in the record without an answer.
    requests: usize,
    line: Vec<u8>,
}

impl WaitingLines {
    /// Creates an empty list of which these lines are written.
    pub(super) fn new(written: Written) -> Self {
        Self {
            lines: BTreeMap::new(),
            written,
        }
    }

    /// Removes the requests that these records answer. Appends their lines to `out` if those are written.
    pub(super) fn answer(&mut self, reads: &[Read], out: &mut Vec<u8>) {
        for item in reads.iter().filter_map(|read| read.request) {
            let Some(waiting) = self.lines.get_mut(&item.row.0) else {
                continue;
            };
            // A batch waits until all of its requests have answers.
            waiting.requests = waiting.requests.saturating_sub(1);
            if waiting.requests == 0
                && let Some(waiting) = self.lines.remove(&item.row.0)
                && self.written == Written::Answered
            {
                out.extend_from_slice(&waiting.line);
            }
        }
    }

    /// Keeps the line of a record with requests. Appends the oldest line to `out` if too many wait.
    pub(super) fn keep(&mut self, row: u64, reads: &[Read], line: Vec<u8>, out: &mut Vec<u8>) {
        let requests = reads.iter().filter(|read| read.is_request).count();
        self.lines.insert(row, Waiting { requests, line });
        if self.lines.len() > MAX_WAITING
            && let Some((_, oldest)) = self.lines.pop_first()
            && self.written == Written::Unanswered
        {
            out.extend_from_slice(&oldest.line);
        }
    }

    /// Removes all lines, because their connection has ended and no answer can follow. Appends them to `out` in order if
    /// those are written.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        for waiting in std::mem::take(&mut self.lines).into_values() {
            if self.written == Written::Unanswered {
                out.extend_from_slice(&waiting.line);
            }
        }
    }
}
