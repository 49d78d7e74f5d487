//! Arguments of `tail`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use feedscope_analysis::fields::Path as FieldPath;
use feedscope_analysis::measures::MeasuredFields;

use super::argument::SourcesArgument;
use super::context::Context;
use super::inputs::{FilePlan, feeds_and_input};
use super::options::FeedArguments;
use super::output::ListFormat;
use super::reading::LensArguments;
use super::record::RecordingArguments;
use super::value;
use crate::plan::{Plan, RunOutput, TailPlan};
use crate::tail::TextColumns;
use crate::typed_filter::TypedFilter;

#[derive(Debug, Args)]
pub(super) struct TailArguments {
    /// Feeds to show, files with recorded feeds, or `-` for standard input
    ///
    /// An http:// or https:// URL is read as Server-Sent Events, a ws:// or wss:// URL as WebSocket. Without a scheme,
    /// localhost, an IP address, host:port or a dotted name gets http://. The name of a saved connection opens it. A file
    /// is a recording (*.feedscope) or has a format that `feedscope convert` reads; a folder stands for all recordings in
    /// it. Standard input is read by lines; lines that `feedscope tail` printed keep their times, kinds and feeds.
    #[arg(value_name = "URL|NAME|FILE|-", required_unless_present = "curl")]
    urls: Vec<String>,

    /// Show only this feed of the files
    #[arg(long = "feed", value_name = "NAME", help_heading = "Files")]
    feed_name: Option<String>,

    /// Wait for more records while a recording is being written
    #[arg(long, help_heading = "Files")]
    follow: bool,

    #[command(flatten)]
    feed: FeedArguments,

    /// Record the feeds to this file as well
    #[arg(long, value_name = "FILE", help_heading = "Recording")]
    record: Option<PathBuf>,

    #[command(flatten)]
    recording: RecordingArguments,

    /// Disconnect after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = value::seconds, help_heading = "Output")]
    duration: Option<Duration>,

    /// The format of each record: a line of JSON, or of text for people
    #[arg(
        short,
        long,
        value_name = "FORM",
        default_value = "json",
        help_heading = "Output"
    )]
    output: ListFormat,

    /// Columns of the lines of text: parts of a record, and fields of its payload, such as time,.symbol,.price
    ///
    /// The parts are time, connection, direction, type, id, size and payload. A field is a jq expression that begins with
    /// a dot or a bracket. Numbers are at the right of their column, also those in decimal text. A record without any of
    /// the fields has its payload in their place.
    #[arg(long, value_name = "COLUMNS", value_parser = TextColumns::parse, allow_hyphen_values = true, help_heading = "Output")]
    columns: Option<TextColumns>,

    /// Report holes, repetitions and disorder in the numbers at this path as lines of the kind `gap`
    ///
    /// The numbers should count up by one. With --key PATH, each value at that path, such as `.symbol`, has a sequence of
    /// its own.
    #[arg(long, value_name = "PATH", value_parser = value::path, help_heading = "Output")]
    sequence: Option<FieldPath>,

    /// Show only records that match this filter, written as in the window: 'type:price .price > 100'
    ///
    /// Times in it are in UTC.
    #[arg(long = "where", value_name = "FILTER", value_parser = TypedFilter::parse, allow_hyphen_values = true, help_heading = "Output")]
    filter: Option<TypedFilter>,

    #[command(flatten)]
    reading: LensArguments,

    /// Print nothing but a summary at the end: events and messages received, their payload bytes, and the seconds
    /// from the first record to the last
    #[arg(long, help_heading = "Output")]
    count_only: bool,
}

impl TailArguments {
    pub(super) fn plan(self, context: &mut Context<'_>) -> Result<Plan, String> {
        if self.columns.is_some() && self.output() == RunOutput::Json {
            return Err("--columns is for lines of text: add -o text".to_owned());
        }
        let sources = SourcesArgument::of(&self.urls)?;
        if sources.files.is_empty() {
            self.plan_feeds(context, &sources).map(Plan::Tail)
        } else {
            self.plan_files(context, sources.files)
        }
    }

    /// Returns the form of the output.
    fn output(&self) -> RunOutput {
        match self.output {
            // `--count-only` has priority over a form, which then has no effect.
            _ if self.count_only => RunOutput::CountOnly,
            ListFormat::Json => RunOutput::Json,
            ListFormat::Text => RunOutput::Text,
        }
    }

    /// Returns the fields of the sequence. Its key shares its option with the private key of a certificate.
    fn take_fields(&mut self) -> MeasuredFields {
        let sequence = self.sequence.take();
        let key = sequence.is_some().then(|| self.feed.take_field_key());
        MeasuredFields {
            time: None,
            sequence,
            key: key.flatten(),
        }
    }

    fn plan_files(
        mut self,
        context: &mut Context<'_>,
        files: Vec<PathBuf>,
    ) -> Result<Plan, String> {
        let output = self.output();
        let for_feeds = [
            (self.record.is_some(), "--record"),
            (self.recording.is_given(), "an option of --record"),
            (self.duration.is_some(), "--duration"),
            (self.reading.keep, "--keep"),
        ];
        if let Some((_, option)) = for_feeds.iter().find(|(is_given, _)| *is_given) {
            return Err(format!("{option} is for feeds, and a file is given"));
        }
        let fields = self.take_fields();
        FilePlan {
            files,
            feed: self.feed_name,
            follow: self.follow,
            output,
            fields,
            columns: self.columns,
            filter: self.filter,
            reading: self.reading.reading()?,
        }
        .plan(context, self.feed)
    }

    fn plan_feeds(
        mut self,
        context: &mut Context<'_>,
        sources: &SourcesArgument,
    ) -> Result<TailPlan, String> {
        let for_files = [
            (self.feed_name.is_some() && !sources.has_input, "--feed"),
            (self.follow, "--follow"),
        ];
        if let Some((_, option)) = for_files.iter().find(|(is_given, _)| *is_given) {
            return Err(format!("{option} is for files, and no file is given"));
        }
        let output = self.output();
        let fields = self.take_fields();
        let record = self.recording.plan(self.record)?;
        let reading = self.reading.reading()?;
        let (mut feeds, input) = feeds_and_input(context, sources, self.feed, self.feed_name)?;
        for feed in &mut feeds {
            reading.keep(feed)?;
        }
        Ok(TailPlan {
            feeds,
            input,
            duration: self.duration,
            output,
            columns: self.columns,
            fields,
            filter: self.filter,
            reading,
            record,
        })
    }
}
