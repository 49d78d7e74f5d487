//! Counts of calls: requests, their times, and errors by code. They are kept exactly for the life of a feed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::measures::{Histogram, Percentiles};

/// Maximum number of error codes that are counted apart.
const MAX_CODES: usize = 100;

/// Name under which further codes are counted.
const OTHER: &str = "other";

const MICROS_PER_MILLI: f64 = 1e3;

#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    asked: u64,
    keep_alives: u64,
    times: Histogram,
    errors: BTreeMap<String, u64>,
    /// Requests of ended connections, and replaced ones, without an answer.
    pub(super) lost: u64,
}

/// Figures about the calls of a feed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CallFigures {
    /// Name of the lens.
    pub lens: &'static str,
    /// Number of requests, in both directions.
    pub calls: u64,
    /// Number of requests without an answer.
    pub unanswered: u64,
    /// Time from a request to its first answer, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<Percentiles>,
    /// Number of keep-alive messages.
    pub keep_alives: u64,
    /// Errors by code, the most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorCount>,
    /// Number of requests that were forgotten, because too many waited at once. They are not among the unanswered.
    #[serde(skip_serializing_if = "is_zero")]
    pub let_go: u64,
}

/// Number of errors with one code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ErrorCount {
    /// Code, or the beginning of the text where there is none.
    pub code: String,
    /// Number of errors.
    pub count: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

impl Calls {
    pub(super) fn ask(&mut self) {
        self.asked += 1;
    }

    pub(super) fn answer(&mut self, wait: Duration) {
        self.times.add(wait.as_micros() as u64);
    }

    pub(super) fn keep_alive(&mut self) {
        self.keep_alives += 1;
    }

    pub(super) fn error(&mut self, code: &str) {
        /// Longest text that stands for a code.
        const LONGEST: usize = 80;
        let code: String = code.chars().take(LONGEST).collect();
        let is_known = self.errors.contains_key(&code);
        // Bounds memory when every error has a new code.
        let code = if is_known || self.errors.len() < MAX_CODES {
            code
        } else {
            OTHER.to_owned()
        };
        *self.errors.entry(code).or_default() += 1;
    }

    pub(super) fn figures(&self, lens: &'static str, waiting: u64, let_go: u64) -> CallFigures {
        let counts = self.errors.iter();
        let mut errors: Vec<_> = counts
            .map(|(code, count)| ErrorCount {
                code: code.clone(),
                count: *count,
            })
            .collect();
        // Codes with equal counts stay in alphabetical order.
        errors.sort_by_key(|error| std::cmp::Reverse(error.count));
        CallFigures {
            lens,
            calls: self.asked,
            unanswered: self.lost + waiting,
            ms: Percentiles::of(&self.times, MICROS_PER_MILLI),
            keep_alives: self.keep_alives,
            errors,
            let_go,
        }
    }
}
