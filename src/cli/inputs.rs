//! Files and standard input as the inputs of `tail` and `stats`.

use std::path::PathBuf;

use feedscope_analysis::measures::MeasuredFields;

use super::argument::{FilesArgument, SourcesArgument};
use super::context::Context;
use super::options::{FeedArguments, Uses};
use super::saved::NamedFeeds;
use crate::plan::{FeedPlan, InputPlan, Plan, RunOutput, TailFilePlan, TailPlan};
use crate::reading::RunReading;
use crate::tail::TextColumns;
use crate::typed_filter::TypedFilter;

/// Files to show or measure, before their formats are known.
pub(super) struct FilePlan {
    pub(super) files: Vec<PathBuf>,
    pub(super) feed: Option<String>,
    pub(super) follow: bool,
    pub(super) output: RunOutput,
    pub(super) columns: Option<TextColumns>,
    pub(super) fields: MeasuredFields,
    pub(super) filter: Option<TypedFilter>,
    pub(super) reading: RunReading,
}

impl FilePlan {
    pub(super) fn plan(
        self,
        context: &mut Context<'_>,
        options: FeedArguments,
    ) -> Result<Plan, String> {
        if options.has_curl() {
            return Err("--curl is for feeds, and a file is given".to_owned());
        }
        // Options of a connection are refused, because they have no effect here.
        let options = options.options(context.environment.sources(), Uses::input())?;
        let Self {
            files,
            feed,
            follow,
            output,
            columns,
            fields,
            filter,
            reading,
        } = self;
        // Recordings are merged by time and can be followed; other files are read once.
        match FilesArgument::of(files, options.named_format())? {
            FilesArgument::Recordings(files) => Ok(Plan::TailFile(TailFilePlan {
                files,
                feed,
                follow,
                output,
                columns,
                fields,
                filter,
                reading,
            })),
            FilesArgument::Others(_) if follow => {
                Err("--follow is for recordings, and another file is given".to_owned())
            }
            FilesArgument::Others(sources) => Ok(Plan::Tail(TailPlan {
                feeds: Vec::new(),
                input: Some(options.input(sources, feed)),
                duration: None,
                output,
                columns,
                fields,
                filter,
                reading,
                record: None,
            })),
        }
    }
}

/// Returns the feeds, and standard input if it is among the sources.
pub(super) fn feeds_and_input(
    context: &mut Context<'_>,
    sources: &SourcesArgument,
    options: FeedArguments,
    feed: Option<String>,
) -> Result<(Vec<FeedPlan>, Option<InputPlan>), String> {
    if sources.has_input && sources.feeds.is_empty() && !options.has_curl() {
        let options = options.options(context.environment.sources(), Uses::input())?;
        return Ok((Vec::new(), Some(options.of_standard_input(feed))));
    }
    // Standard input beside feeds has the options of the feeds.
    let NamedFeeds { feeds, options, .. } = context.feeds(&sources.feeds, options)?;
    if sources.has_input && options.reads_input() {
        return Err("`-` and --send - both read standard input: leave one of them out".to_owned());
    }
    let input = sources.has_input.then(|| options.of_standard_input(feed));
    let feeds = feeds.into_iter().map(|(url, options)| options.at(url));
    Ok((feeds.collect(), input))
}
