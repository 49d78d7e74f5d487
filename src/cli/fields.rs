//! Arguments with the paths of fields that are measured.

use clap::Args;
use feedscope_analysis::fields::Path as FieldPath;
use feedscope_analysis::measures::MeasuredFields;

use super::options::FeedArguments;
use super::value;

/// Paths of fields that are measured.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fields")]
pub(super) struct FieldPaths {
    /// Measure the latency against the server's time at this path of a JSON payload, such as `.sent_at`
    ///
    /// The time may be in ISO 8601 (UTC if it names no zone) or RFC 2822, or a number of seconds, milliseconds,
    /// microseconds or nanoseconds since 1970, also as text. If the smallest latency is negative or above 10 seconds, the
    /// clocks differ: the percentiles are then corrected by it, and `offset_ms` is the server's clock minus ours.
    #[arg(long, value_name = "PATH", value_parser = value::path)]
    time_field: Option<FieldPath>,

    /// Find holes, repetitions and disorder in the numbers at this path, which should count up by one
    ///
    /// With --key PATH, each value at that path, such as .symbol, has a sequence of its own.
    #[arg(long, value_name = "PATH", value_parser = value::path)]
    sequence: Option<FieldPath>,
}

impl FieldPaths {
    /// Returns the fields to measure. The key of a sequence shares its option with the private key of a certificate.
    pub(super) fn measured(self, feed: &mut FeedArguments) -> MeasuredFields {
        let key = self.sequence.is_some().then(|| feed.take_field_key());
        MeasuredFields {
            time: self.time_field,
            sequence: self.sequence,
            key: key.flatten(),
        }
    }
}
