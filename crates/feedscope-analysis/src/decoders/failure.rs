//! Failure of a decoder, with the step and the byte at which it occurred.

use std::fmt;

/// Failure of one step of a chain. Its text form is a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeFailure {
    /// Number of the step in the chain, from 1.
    pub step: usize,
    /// Name of the decoder.
    pub decoder: &'static str,
    /// Position in the input of the step.
    pub byte: usize,
    /// Reason of the failure.
    pub problem: DecodeProblem,
}

/// Reason that a decoder failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeProblem {
    /// The input is not in the format, for this reason.
    Wrong(&'static str),
    /// The input ends before its content does.
    Cut,
    /// Bytes follow the end of the content.
    LeftOver,
    /// Values are nested deeper than is supported.
    TooDeep,
    /// The output is larger than `limit` bytes, which is `ratio` times the input or more.
    TooLarge {
        /// Maximum size of the output in bytes.
        limit: usize,
        /// Size of the output up to the limit, divided by the size of the input.
        ratio: u64,
    },
}

/// Failure of a decoder, without its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepFailure {
    pub(super) byte: usize,
    pub(super) problem: DecodeProblem,
}

impl StepFailure {
    pub(super) fn new(byte: usize, problem: DecodeProblem) -> Self {
        Self { byte, problem }
    }

    pub(super) fn wrong(byte: usize, reason: &'static str) -> Self {
        Self::new(byte, DecodeProblem::Wrong(reason))
    }

    /// The output is larger than `limit`, from `input_bytes` of input.
    pub(super) fn too_large(byte: usize, limit: usize, input_bytes: usize) -> Self {
        let ratio = (limit / input_bytes.max(1)) as u64;
        Self::new(byte, DecodeProblem::TooLarge { limit, ratio })
    }
}

impl DecodeFailure {
    /// Returns true if the output was larger than this limit.
    pub(crate) fn is_at(&self, output_limit: usize) -> bool {
        matches!(self.problem, DecodeProblem::TooLarge { limit, .. } if limit == output_limit)
    }
}

impl fmt::Display for DecodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            step,
            decoder,
            byte,
            problem,
        } = self;
        write!(
            f,
            "{decoder} (step {step}) failed at byte {byte}: {problem}"
        )
    }
}

impl fmt::Display for DecodeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(reason) => f.write_str(reason),
            Self::Cut => f.write_str("the input ends before its content does"),
            Self::LeftOver => f.write_str("bytes follow the end of the content"),
            Self::TooDeep => f.write_str("values are nested too deep"),
            Self::TooLarge { limit, ratio } => {
                let mib = limit >> 20;
                write!(
                    f,
                    "the output is larger than {mib} MiB, which is {ratio} times the input"
                )
            }
        }
    }
}
