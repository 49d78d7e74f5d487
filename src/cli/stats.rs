//! Arguments of `stats`.

use std::time::Duration;

use clap::Args;
use feedscope_analysis::lenses::Choice;

use super::argument::SourcesArgument;
use super::context::Context;
use super::fields::FieldPaths;
use super::inputs::{FilePlan, feeds_and_input};
use super::options::FeedArguments;
use super::output::ListFormat;
use super::reading::ReadingArguments;
use super::value;
use crate::plan::{Plan, RunOutput, TailPlan};
use crate::stats;
use crate::typed_filter::TypedFilter;

#[derive(Debug, Args)]
pub(super) struct StatsArguments {
    /// Feeds to measure, files with recorded feeds, or `-` for standard input
    ///
    /// An http:// or https:// URL is read as Server-Sent Events, a ws:// or wss:// URL as WebSocket. Without a scheme,
    /// localhost, an IP address, host:port or a dotted name gets http://. The name of a saved connection opens it. Files
    /// are those that `feedscope tail` shows, and are measured by their recorded times.
    #[arg(value_name = "URL|NAME|FILE|-", required_unless_present = "curl")]
    urls: Vec<String>,

    /// Measure only this feed of the files
    #[arg(long = "feed", value_name = "NAME", help_heading = "Files")]
    feed_name: Option<String>,

    #[command(flatten)]
    feed: FeedArguments,

    /// Disconnect after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = value::seconds, help_heading = "Output")]
    duration: Option<Duration>,

    /// The format: text for people, or a line of JSON for each feed
    #[arg(
        short,
        long,
        value_name = "FORM",
        default_value = "text",
        help_heading = "Output"
    )]
    output: ListFormat,

    /// Measure only payloads that match this filter, written as in the window: 'type:price .price > 100'
    ///
    /// Times in it are in UTC.
    #[arg(long = "where", value_name = "FILTER", value_parser = TypedFilter::parse, allow_hyphen_values = true, help_heading = "Output")]
    filter: Option<TypedFilter>,

    #[command(flatten)]
    fields: FieldPaths,

    #[command(flatten)]
    reading: ReadingArguments,
}

impl StatsArguments {
    pub(super) fn plan(mut self, context: &mut Context<'_>) -> Result<Plan, String> {
        let fields = self.fields.measured(&mut self.feed);
        let output = RunOutput::Measures(match self.output {
            ListFormat::Json => stats::ReportFormat::Json,
            ListFormat::Text => stats::ReportFormat::Text,
        });
        let sources = SourcesArgument::of(&self.urls)?;
        if !sources.files.is_empty() {
            if self.duration.is_some() {
                return Err("--duration is for feeds, and a file is given".to_owned());
            }
            let files = FilePlan {
                files: sources.files,
                feed: self.feed_name,
                follow: false,
                output,
                columns: None,
                fields,
                filter: self.filter,
                reading: self.reading.reading(Choice::Auto)?,
            };
            return files.plan(context, self.feed);
        }
        if self.feed_name.is_some() && !sources.has_input {
            return Err("--feed is for files, and no file is given".to_owned());
        }
        let (feeds, input) = feeds_and_input(context, &sources, self.feed, self.feed_name)?;
        Ok(Plan::Tail(TailPlan {
            feeds,
            input,
            duration: self.duration,
            output,
            columns: None,
            fields,
            filter: self.filter,
            reading: self.reading.reading(Choice::Auto)?,
            record: None,
        }))
    }
}
