//! Arguments of `record`, and the options of a recording that `tail` has too.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use feedscope_analysis::filter::Column;
use feedscope_analysis::lenses::Choice;
use feedscope_files::recording::{DEFAULT_LEFT_FREE, Existing, RecordingTarget, Roll};

use super::context::Context;
use super::fields::FieldPaths;
use super::options::FeedArguments;
use super::output::ListFormat;
use super::reading::ReadingArguments;
use super::saved::NamedFeeds;
use super::value;
use crate::plan::{RecordPlan, RunOutput, TailPlan};
use crate::stats;
use crate::typed_filter::TypedFilter;

/// Time after which another Parquet file begins, if --roll is not given.
const PARQUET_ROLL: Roll = Roll::After(Duration::from_hours(1));

#[derive(Debug, Args)]
pub(super) struct RecordArguments {
    /// Feeds to record
    ///
    /// An http:// or https:// URL is read as Server-Sent Events, a ws:// or wss:// URL as WebSocket. Without a scheme,
    /// localhost, an IP address, host:port or a dotted name gets http://. The name of a saved connection opens it.
    #[arg(value_name = "URL|NAME", required_unless_present = "curl")]
    urls: Vec<String>,

    /// The file to write, such as capture.feedscope
    #[arg(
        short = 'O',
        long = "out",
        value_name = "FILE",
        required_unless_present = "parquet",
        conflicts_with = "parquet",
        help_heading = "Recording"
    )]
    out: Option<PathBuf>,

    /// Write Parquet files into this folder instead, as `convert` does; another one each hour, or as --roll requires
    ///
    /// The records are first in a recording beside the folder, so that a crash loses none. It is deleted when its Parquet
    /// files are complete. One that a crash has left there is converted by the next run.
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["append", "force"],
        help_heading = "Recording"
    )]
    parquet: Option<PathBuf>,

    /// Add columns with values of the payloads to the Parquet files: price=.price,.symbol
    ///
    /// Each is a jq expression, with a name before it. A column is empty where the expression yields nothing.
    #[arg(
        long,
        value_name = "COLUMNS",
        requires = "parquet",
        help_heading = "Recording"
    )]
    columns: Option<String>,

    /// Record only events and messages that match this filter, as typed in the window; states, gaps and notes stay
    ///
    /// The measures at the end are of the records that match. The number of the others is reported.
    #[arg(long = "where", value_name = "FILTER", value_parser = TypedFilter::parse, allow_hyphen_values = true, help_heading = "Recording")]
    filter: Option<TypedFilter>,

    #[command(flatten)]
    recording: RecordingArguments,

    #[command(flatten)]
    feed: FeedArguments,

    /// Disconnect after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = value::seconds, help_heading = "Recording")]
    duration: Option<Duration>,

    /// The format of the measures at the end: text on standard error, or JSON on standard output
    #[arg(
        short,
        long,
        value_name = "FORM",
        default_value = "text",
        help_heading = "Recording"
    )]
    output: ListFormat,

    #[command(flatten)]
    fields: FieldPaths,

    #[command(flatten)]
    reading: ReadingArguments,
}

/// Options of a recording.
#[derive(Debug, Args)]
#[command(next_help_heading = "Recording")]
pub(super) struct RecordingArguments {
    /// Add another session to the file if it exists
    #[arg(long, conflicts_with = "force")]
    append: bool,

    /// Replace the file if it exists
    #[arg(long)]
    force: bool,

    /// Begin another file after this time or size, such as 1h or 1G: FILE-0001, FILE-0002 and so on
    ///
    /// Each file is complete in itself. They are opened together by naming all of them, or their folder.
    #[arg(long, value_name = "TIME|SIZE", value_parser = value::roll)]
    roll: Option<Roll>,

    /// Leave out the payloads of records that match this filter; the records stay
    ///
    /// It is for secrets in messages. Values of variables such as ${TOKEN} are left out without it.
    #[arg(long, value_name = "FILTER", value_parser = TypedFilter::parse, allow_hyphen_values = true)]
    mask: Option<TypedFilter>,

    /// Write the values of variables such as ${TOKEN} into the recording as they are
    #[arg(long)]
    keep_secrets: bool,

    /// End the recording while this much of the disk is still free; 1G if not given
    #[arg(long, value_name = "SIZE", value_parser = value::any_size)]
    leave_free: Option<u64>,
}

impl RecordArguments {
    pub(super) fn plan(mut self, context: &mut Context<'_>) -> Result<TailPlan, String> {
        let fields = self.fields.measured(&mut self.feed);
        let NamedFeeds { feeds, .. } = context.feeds(&self.urls, self.feed)?;
        let feeds = feeds.into_iter();
        if let Some(columns) = &self.columns {
            Column::parse_list(columns).map_err(|problem| format!("--columns: {problem}"))?;
        }
        let filter = self.filter.as_ref();
        if filter.is_some_and(TypedFilter::is_about_unanswered) {
            return Err(
                "--where: only the end of a recording shows which requests have no answer; record all of them, and use \
                 the filter with `tail` or `stats`"
                    .to_owned(),
            );
        }
        let record = match &self.parquet {
            Some(folder) => Some(self.recording.plan_parquet(folder)?),
            None => self.recording.plan(self.out)?,
        };
        let record = record.map(|record| RecordPlan {
            columns: self.columns,
            filter: self.filter.clone(),
            ..record
        });
        Ok(TailPlan {
            reading: self.reading.reading(Choice::Off)?,
            feeds: feeds.map(|(url, options)| options.at(url)).collect(),
            input: None,
            duration: self.duration,
            output: RunOutput::Recording(match self.output {
                ListFormat::Json => stats::ReportFormat::Json,
                ListFormat::Text => stats::ReportFormat::Text,
            }),
            columns: None,
            fields,
            filter: self.filter,
            record,
        })
    }
}

impl RecordingArguments {
    /// Returns true if one of them was given.
    pub(super) fn is_given(&self) -> bool {
        self.append
            || self.force
            || self.roll.is_some()
            || self.leave_free.is_some()
            || self.mask.is_some()
            || self.keep_secrets
    }

    /// Returns the recording to `file`, if there is one.
    pub(super) fn plan(self, file: Option<PathBuf>) -> Result<Option<RecordPlan>, String> {
        let Some(path) = file else {
            return if self.is_given() {
                Err(
                    "--append, --force, --roll, --leave-free, --mask and --keep-secrets need --record"
                        .to_owned(),
                )
            } else {
                Ok(None)
            };
        };
        if self.append && self.roll.is_some() {
            return Err("--append adds to one file, and --roll writes several".to_owned());
        }
        // The parser refuses both together.
        let existing = match (self.append, self.force) {
            (true, _) => Existing::Append,
            (_, true) => Existing::Replace,
            _ => Existing::Refuse,
        };
        Ok(Some(RecordPlan {
            target: RecordingTarget {
                path,
                existing,
                left_free: self.leave_free.unwrap_or(DEFAULT_LEFT_FREE),
            },
            roll: self.roll,
            parquet: None,
            columns: None,
            filter: None,
            mask: self.mask,
            keeps_secrets: self.keep_secrets,
        }))
    }

    /// Returns the recording beside a folder of Parquet files.
    fn plan_parquet(mut self, folder: &Path) -> Result<RecordPlan, String> {
        // The components are without a slash at the end.
        let folder: PathBuf = folder.components().collect();
        let Some(name) = folder.file_name() else {
            return Err(format!("--parquet: {} has no name", folder.display()));
        };
        // The recording beside the folder keeps the records until they are in the folder.
        let mut name = name.to_owned();
        name.push(".feedscope");
        let path = folder.with_file_name(name);
        // Without rolling, the folder would be filled only at the end.
        self.roll.get_or_insert(PARQUET_ROLL);
        let plan = self.plan(Some(path))?;
        let plan = plan.ok_or("--parquet needs a folder")?;
        Ok(RecordPlan {
            parquet: Some(folder),
            ..plan
        })
    }
}
