//! Command line: parses arguments into a [`Plan`], or returns a refusal that names the mistake.
//!
//! It prints nothing. The only files it reads are those that a request's body comes from.

mod argument;
mod convert;
mod desktop;
mod help;
mod options;
mod reading;
mod record;
pub mod saved;
mod serve;
mod value;
mod variables;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{
    ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};
use feedscope_analysis::fields::Path as FieldPath;
use feedscope_analysis::lenses::Choice;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::ThemeChoice;
use feedscope_files::command_line::Program;
use feedscope_files::connections::TrustedProjects;

use crate::plan::{
    Automation, ConnectionsForm, ConnectionsPlan, DemoPlan, FeedOptions, FeedPlan, InputPlan, Plan,
    RecordPlan, RunOutput, STANDARD_STREAM, TailFilePlan, TailPlan, WindowFeeds, WindowPlan,
};
use crate::reading::{FeedReading, RunReading};
use crate::stats;
use crate::tail::TextColumns;
use crate::typed_filter::TypedFilter;
use argument::{FilesArgument, SourcesArgument};
use options::{FeedArguments, Uses};
use reading::{LensArguments, ReadingArguments};
use record::{RecordArguments, RecordingArguments};
use saved::NamedFeeds;
use serve::ServeArguments;
use variables::ValueSources;

/// Sentence about `-` where a feed or a file is expected.
const INPUT_IS_FOR_COMMANDS: &str = "standard input is read by `feedscope tail -` and `stats -`";

/// Reason that arguments give no plan.
#[derive(Debug)]
pub enum Refusal {
    /// Message of `clap`: a wrong option, or the help that the user requested.
    Arguments(clap::Error),
    /// One sentence that names the mistake.
    Sentence(String),
}

/// Things outside of the arguments that a plan depends on.
pub struct Environment<'a> {
    /// Reads a variable of the environment.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Reads an entry of the system's keyring. The error is a sentence.
    pub keyring: &'a dyn Fn(&str) -> Result<String, String>,
    /// The user's file of saved connections.
    pub connections: Option<PathBuf>,
    /// The contents of project files that the user has allowed.
    pub trusted: Option<TrustedProjects>,
}

impl<'a> Environment<'a> {
    /// The environment of the user who runs the program.
    pub fn usual(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        let (connections, trusted) = saved::usual_files();
        Self {
            variable,
            keyring: &crate::keyring::secret,
            connections,
            trusted,
        }
    }

    fn sources(&self) -> ValueSources<'a> {
        ValueSources {
            variable: self.variable,
            keyring: self.keyring,
        }
    }
}

/// Parses `arguments`, which start with the program's name, into a plan without saved connections. `variable` reads the
/// environment.
pub fn plan(
    arguments: impl IntoIterator<Item = OsString>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Plan, Refusal> {
    let environment = Environment {
        variable,
        keyring: &crate::keyring::secret,
        connections: None,
        trusted: None,
    };
    plan_in(arguments, &environment).map(|(plan, _warnings)| plan)
}

/// Parses `arguments` into a plan, with sentences about parts of the user's files that have no effect.
pub fn plan_in(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment<'_>,
) -> Result<(Plan, Vec<String>), Refusal> {
    let arguments = file_after_command(arguments.into_iter().collect());
    let matches = Arguments::command()
        .try_get_matches_from(arguments)
        .map_err(Refusal::Arguments)?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(Refusal::Arguments)?;
    // The options of a feed are those of the command, or of the window.
    let of_command = matches
        .subcommand()
        .map_or(&matches, |(_, matches)| matches);
    let mut context = Context {
        matches: of_command,
        environment,
        warnings: Vec::new(),
    };
    let plan = match arguments.command {
        None => arguments.window.plan(&mut context).map(Plan::Window),
        Some(CliCommand::Tail(tail)) => tail.plan(&mut context),
        Some(CliCommand::Record(record)) => record.plan(&mut context).map(Plan::Tail),
        Some(CliCommand::Serve(serve)) => serve.plan().map(Plan::Serve),
        Some(CliCommand::Stats(stats)) => stats.plan(&mut context),
        Some(CliCommand::Connections(connections)) => Ok(Plan::Connections(connections.plan())),
        Some(CliCommand::Convert(convert)) => convert.plan(),
        Some(CliCommand::Demo(demo)) => Ok(Plan::Demo(demo.plan())),
    };
    let plan = plan.map_err(Refusal::Sentence)?;
    Ok((plan, context.warnings))
}

/// What the parser of a command needs besides its own arguments.
struct Context<'a> {
    matches: &'a ArgMatches,
    environment: &'a Environment<'a>,
    warnings: Vec<String>,
}

impl Context<'_> {
    /// Returns the feeds that the arguments `typed` name.
    fn feeds(&mut self, typed: &[String], feed: FeedArguments) -> Result<NamedFeeds, String> {
        let mut feeds = saved::feeds(typed, feed, self.matches, self.environment)?;
        self.warnings.append(&mut feeds.warnings);
        Ok(feeds)
    }
}

/// Moves `--connections FILE` and `--allow-project` behind the command that follows them, because options of a command
/// stand behind it.
fn file_after_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut end = 1;
    // The options that may stand before the command.
    while let Some(argument) = arguments.get(end).and_then(|argument| argument.to_str()) {
        end += match argument {
            "--connections" => 2,
            "--allow-project" => 1,
            _ if argument.starts_with("--connections=") => 1,
            _ => break,
        };
    }
    // Without a command, the options are those of the window and stay in place.
    let is_command = |argument: &OsString| {
        let mut commands = Arguments::command();
        commands.build();
        argument
            .to_str()
            .is_some_and(|name| commands.find_subcommand(name).is_some())
    };
    if end > 1 && arguments.get(end).is_some_and(is_command) {
        arguments[1..=end].rotate_right(1);
    }
    arguments
}

#[derive(Debug, Parser)]
#[command(
    name = "feedscope",
    version,
    about = help::ABOUT,
    long_about = help::LONG_ABOUT,
    after_long_help = help::AFTER,
    after_help = help::SEE_LONG,
    args_conflicts_with_subcommands = true,
    override_usage = help::USAGE,
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<CliCommand>,
    #[command(flatten)]
    window: WindowArguments,
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Show feeds on standard output: a line of JSON for each record
    #[command(long_about = help::TAIL_LONG_ABOUT, after_long_help = help::TAIL_AFTER, after_help = help::SEE_LONG)]
    Tail(TailArguments),
    /// Record feeds to a file
    #[command(long_about = help::RECORD_LONG_ABOUT, after_long_help = help::RECORD_AFTER, after_help = help::SEE_LONG)]
    Record(RecordArguments),
    /// Play a recording as a server, on loopback only
    #[command(long_about = help::SERVE_LONG_ABOUT, after_long_help = help::SERVE_AFTER, after_help = help::SEE_LONG)]
    Serve(ServeArguments),
    /// Measure feeds: counts, rates, silence, losses and latency, printed at the end
    #[command(long_about = help::STATS_LONG_ABOUT, after_long_help = help::STATS_AFTER, after_help = help::SEE_LONG)]
    Stats(StatsArguments),
    /// Convert files with recorded feeds from one format into another
    #[command(long_about = help::CONVERT_LONG_ABOUT, after_long_help = help::CONVERT_AFTER, after_help = help::SEE_LONG)]
    Convert(convert::ConvertArguments),
    /// List saved connections, or print an example of their file
    Connections(ConnectionsArguments),
    /// Run the demo server alone
    #[command(long_about = help::DEMO_LONG_ABOUT)]
    Demo(DemoArguments),
}

#[derive(Debug, Args)]
struct WindowArguments {
    /// Feeds or files to open, a pane for each feed; the last window where none is given
    ///
    /// An http:// or https:// URL is read as Server-Sent Events, a ws:// or wss:// URL as WebSocket. Without a scheme,
    /// localhost, an IP address, host:port or a dotted name gets http://. The name of a saved connection opens it. A file
    /// is a recording (*.feedscope) or another file with recorded feeds; a folder stands for all recordings in it.
    #[arg(value_name = "URL|NAME|FILE")]
    urls: Vec<String>,

    /// Open the embedded demo server's feeds
    #[arg(long, conflicts_with = "urls")]
    demo: bool,

    /// Open the demo instead of the panes of the last window
    #[arg(long, alias = "new", conflicts_with = "urls", help_heading = "Window")]
    no_restore: bool,

    /// Open links and files as a desktop passes them on; ask before anything is connected
    ///
    /// A link is a ws:// or wss:// URL, or `feedscope://open?url=URL`. Everything behind this option is a link or a file.
    #[arg(
        long,
        value_name = "LINK|FILE",
        num_args = 0..,
        allow_hyphen_values = true,
        conflicts_with_all = ["urls", "demo", "no_restore"],
        help_heading = "Window"
    )]
    from_desktop: Option<Vec<String>>,

    #[command(flatten)]
    feed: FeedArguments,

    /// Keep records of up to this size in memory, for each feed; 512M, unless the settings have another size
    #[arg(long, value_name = "SIZE", value_parser = value::budget, help_heading = "Window")]
    budget: Option<u64>,

    /// Keep older records on disk, up to this size for each feed, such as 8G; 0 for none, as usual
    ///
    /// They are in temporary files that are gone when the program is. Without it the oldest records are let go, and
    /// counted, when memory is used up.
    #[arg(long, value_name = "SIZE", value_parser = value::disk_history, help_heading = "Window")]
    disk_history: Option<u64>,

    /// Record the feeds to this file
    #[arg(long, value_name = "FILE", help_heading = "Recording")]
    record: Option<PathBuf>,

    #[command(flatten)]
    recording: RecordingArguments,

    #[command(flatten)]
    reading: ReadingArguments,

    /// Close by itself after this many seconds
    #[arg(long, value_name = "SECONDS", value_parser = value::seconds, help_heading = "Window")]
    duration: Option<Duration>,

    /// The window's size in points, such as 1280x800
    #[arg(long, value_name = "WxH", value_parser = value::size, help_heading = "Window")]
    size: Option<[f32; 2]>,

    /// The window's theme, for this run
    #[arg(long, value_name = "THEME", value_parser = value::theme(), help_heading = "Window")]
    theme: Option<ThemeChoice>,

    /// Write a picture of the window (a PNG) just before it closes
    #[arg(long, value_name = "FILE", help_heading = "Window")]
    screenshot: Option<PathBuf>,

    /// Write what was measured (JSON) when the window has closed
    ///
    /// `first_frame_ms` from the start of the process; `frames`; `frame_ms` with `p50`, `p99` and `max`: the CPU time
    /// that the window's thread spent on logic, layout and tessellation of a frame, without painting;
    /// `peak_rss_bytes`; and for each feed `url`, `state`, `records`, `bytes`, `let_go` for want of
    /// memory, `cleared` by hand, `memory_bytes` and `disk_bytes` of its records,
    /// `disk_problem` if the history on disk has ended, and `reconnects`.
    #[arg(long, value_name = "FILE", help_heading = "Window")]
    report: Option<PathBuf>,
}

impl WindowArguments {
    fn plan(self, context: &mut Context<'_>) -> Result<WindowPlan, String> {
        if let Some(links) = self.from_desktop.as_ref().filter(|links| !links.is_empty()) {
            let links = links.iter().map(|typed| desktop::link(typed)).collect();
            return Ok(WindowPlan {
                feeds: WindowFeeds::Links(links),
                size: self.size,
                theme: self.theme,
                record: None,
                saved: Vec::new(),
                connections: self.feed.saved.connections.clone(),
                reading: FeedReading::default(),
                automation: self.automation(),
            });
        }
        let sources = SourcesArgument::of(&self.urls)?;
        if sources.has_input {
            return Err(INPUT_IS_FOR_COMMANDS.to_owned());
        }
        if !sources.files.is_empty() {
            return self.plan_files(context, sources.files);
        }
        let automation = self.automation();
        let reading = self.reading.given()?;
        let record = self.recording.plan(self.record)?;
        // A recording of the window contains what its panes show.
        if record.as_ref().is_some_and(RecordPlan::changes_payloads) {
            return Err(
                "--mask and --keep-secrets are for `record` and `tail --record`, not for the window"
                    .to_owned(),
            );
        }
        let connections = self.feed.saved.connections.clone();
        let mut urls = self.urls;
        // Options of the command line replace those of the file, which a question in the window does not know.
        let has_options = saved::has_options(context.matches);
        let saved = if has_options {
            Vec::new()
        } else {
            saved::take_asked(&mut urls, &self.feed.saved, context.environment)
        };
        let NamedFeeds { feeds, options, .. } = context.feeds(&urls, self.feed)?;
        // A window may be started without a terminal, so that nobody could type there.
        let reads_input = feeds.iter().any(|(_, options)| options.reads_input());
        if reads_input || options.reads_input() {
            return Err(
                "--send - reads standard input, which only `feedscope tail` does".to_owned(),
            );
        }
        let keeping = |options: FeedOptions| {
            let options = options.reading(&reading);
            options.keeping(self.budget, self.disk_history)
        };
        let feeds = if feeds.is_empty() && saved.is_empty() {
            // Options of a feed and a recording concern the feeds of the command line, and so the demo's.
            let is_last = !(self.demo || self.no_restore || has_options || record.is_some());
            let options = keeping(options);
            if is_last {
                WindowFeeds::Last(options)
            } else {
                WindowFeeds::Demo(options)
            }
        } else {
            let feeds = feeds.into_iter();
            WindowFeeds::Given(
                feeds
                    .map(|(url, options)| keeping(options).at(url))
                    .collect(),
            )
        };
        Ok(WindowPlan {
            feeds,
            size: self.size,
            theme: self.theme,
            record,
            saved,
            connections,
            reading: FeedReading::default(),
            automation,
        })
    }

    fn plan_files(self, context: &Context<'_>, files: Vec<PathBuf>) -> Result<WindowPlan, String> {
        let automation = self.automation();
        let reading = self.reading.given()?;
        let connections = self.feed.saved.connections.clone();
        if self.record.is_some() || self.recording.is_given() {
            return Err("--record is for feeds, and a file is given".to_owned());
        }
        // Options of a connection are refused, because they have no effect here.
        let options = self
            .feed
            .options(context.environment.sources(), Uses::input())?;
        if options.names_format() {
            return Err("--format is for feeds: the ending of a file names its format".to_owned());
        }
        Ok(WindowPlan {
            feeds: WindowFeeds::Files(files),
            size: self.size,
            theme: self.theme,
            record: None,
            saved: Vec::new(),
            connections,
            reading,
            automation,
        })
    }

    /// Returns the steps that the window performs by itself.
    fn automation(&self) -> Automation {
        Automation {
            duration: self.duration,
            screenshot: self.screenshot.clone(),
            report: self.report.clone(),
        }
    }
}

#[derive(Debug, Args)]
struct TailArguments {
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ListFormat {
    Json,
    Text,
}

impl TailArguments {
    fn plan(self, context: &mut Context<'_>) -> Result<Plan, String> {
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

    fn plan_files(self, context: &mut Context<'_>, files: Vec<PathBuf>) -> Result<Plan, String> {
        let output = self.output();
        let for_feeds = [
            (self.record.is_some(), "--record"),
            (self.recording.is_given(), "an option of --record"),
            (self.duration.is_some(), "--duration"),
            (self.sequence.is_some(), "--sequence"),
            (self.reading.keep, "--keep"),
        ];
        if let Some((_, option)) = for_feeds.iter().find(|(is_given, _)| *is_given) {
            return Err(format!("{option} is for feeds, and a file is given"));
        }
        FilePlan {
            files,
            feed: self.feed_name,
            follow: self.follow,
            output,
            fields: MeasuredFields::default(),
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
        let record = self.recording.plan(self.record)?;
        let key = self.sequence.is_some().then(|| self.feed.take_field_key());
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
            fields: MeasuredFields {
                time: None,
                sequence: self.sequence,
                key: key.flatten(),
            },
            filter: self.filter,
            reading,
            record,
        })
    }
}

/// Files to show or measure, before their formats are known.
struct FilePlan {
    files: Vec<PathBuf>,
    feed: Option<String>,
    follow: bool,
    output: RunOutput,
    columns: Option<TextColumns>,
    fields: MeasuredFields,
    filter: Option<TypedFilter>,
    reading: RunReading,
}

impl FilePlan {
    fn plan(self, context: &mut Context<'_>, options: FeedArguments) -> Result<Plan, String> {
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
fn feeds_and_input(
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

#[derive(Debug, Args)]
struct StatsArguments {
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

/// Paths of fields that are measured.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fields")]
struct FieldPaths {
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
    fn measured(self, feed: &mut FeedArguments) -> MeasuredFields {
        let key = self.sequence.is_some().then(|| feed.take_field_key());
        MeasuredFields {
            time: self.time_field,
            sequence: self.sequence,
            key: key.flatten(),
        }
    }
}

impl StatsArguments {
    fn plan(mut self, context: &mut Context<'_>) -> Result<Plan, String> {
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

#[derive(Debug, Args)]
struct ConnectionsArguments {
    /// Connections for --as; all of them if none is given
    #[arg(value_name = "NAME", requires = "form")]
    only: Vec<String>,

    /// Print command lines of this program, for a Unix shell; variables stay variables
    #[arg(long = "as", id = "form", value_name = "PROGRAM", conflicts_with_all = ["example", "names"])]
    form: Option<ProgramName>,

    /// List the connections in this file in place of the user's own
    #[arg(long, value_name = "FILE")]
    connections: Option<PathBuf>,

    /// Print an example of the file, with comments
    #[arg(long, conflicts_with = "connections")]
    example: bool,

    /// Print only the names, one per line, as for the completion of a shell
    #[arg(long, conflicts_with = "example")]
    names: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProgramName {
    Curl,
    Websocat,
    Tail,
}

impl ConnectionsArguments {
    fn plan(self) -> ConnectionsPlan {
        let form = match self.form {
            Some(ProgramName::Curl) => ConnectionsForm::CommandLine(Program::Curl),
            Some(ProgramName::Websocat) => ConnectionsForm::CommandLine(Program::Websocat),
            Some(ProgramName::Tail) => ConnectionsForm::CommandLine(Program::Tail),
            None if self.example => ConnectionsForm::Example,
            None if self.names => ConnectionsForm::Names,
            None => ConnectionsForm::List,
        };
        ConnectionsPlan {
            file: self.connections,
            names: self.only,
            form,
        }
    }
}

#[derive(Debug, Args)]
struct DemoArguments {
    /// The port of the HTTP side; any free one if not given
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,

    /// Do this wrong from the start, for every feed or for one; may be given several times
    #[arg(long = "fault", value_name = "NAME[@/FEED]", value_parser = value::faults, long_help = help::fault())]
    faults: Vec<value::FaultList>,
}

impl DemoArguments {
    fn plan(self) -> DemoPlan {
        let faults = self
            .faults
            .into_iter()
            .flat_map(|value::FaultList(faults)| faults);
        DemoPlan {
            port: self.port,
            faults: faults.collect(),
        }
    }
}

/// Returns the sentence for a text that is not a URL. A misplaced command gets its own hint.
fn not_a_feed(typed: &str, problem: &dyn std::fmt::Display) -> String {
    match typed {
        STANDARD_STREAM => INPUT_IS_FOR_COMMANDS.to_owned(),
        // clap takes a command only as the first argument, so that it arrives here as a URL.
        "tail" | "record" | "serve" | "stats" | "convert" | "connections" | "demo" => {
            format!("`{typed}` is a command and comes first: feedscope {typed} …")
        }
        _ => problem.to_string(),
    }
}

impl FeedOptions {
    /// Returns true if standard input is to be sent to the feeds.
    fn reads_input(&self) -> bool {
        self.send().contains(&crate::plan::ToSend::InputLines)
    }
}

#[cfg(test)]
mod tests;
