//! Arguments of the window.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use feedscope_core::ThemeChoice;

use super::argument::{INPUT_IS_FOR_COMMANDS, SourcesArgument};
use super::context::Context;
use super::options::{FeedArguments, Uses};
use super::reading::ReadingArguments;
use super::record::RecordingArguments;
use super::saved::{self, NamedFeeds};
use super::{desktop, value};
use crate::plan::{Automation, FeedOptions, RecordPlan, WindowFeeds, WindowPlan};
use crate::reading::FeedReading;

#[derive(Debug, Args)]
pub(super) struct WindowArguments {
    /// Feeds or files to open, a pane for each feed; the last window where none is given
    ///
    /// An http:// or https:// URL is read as Server-Sent Events, a ws:// or wss:// URL as WebSocket. Without a scheme,
    /// localhost, an IP address, host:port or a dotted name gets http://. The name of a saved connection opens it. A file
    /// is a recording (*.feedscope) or another file with recorded feeds; a folder stands for all recordings in it. Feeds
    /// and files can be mixed.
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
    pub(super) fn plan(self, context: &mut Context<'_>) -> Result<WindowPlan, String> {
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
        let SourcesArgument {
            files,
            has_input,
            feeds: mut urls,
        } = SourcesArgument::of_any(&self.urls)?;
        if has_input {
            return Err(INPUT_IS_FOR_COMMANDS.to_owned());
        }
        if !files.is_empty() && urls.is_empty() && !self.feed.has_curl() {
            return self.plan_files(context, files);
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
        let feeds = if feeds.is_empty() && saved.is_empty() && files.is_empty() {
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
            let feeds = feeds.map(|(url, options)| keeping(options).at(url));
            if files.is_empty() {
                WindowFeeds::Given(feeds.collect())
            } else {
                WindowFeeds::Mixed(feeds.collect(), files)
            }
        };
        Ok(WindowPlan {
            feeds,
            size: self.size,
            theme: self.theme,
            record,
            saved,
            connections,
            reading,
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
        // Options of a connection or of its records are refused, because they have no effect here.
        if self.budget.is_some() || self.disk_history.is_some() {
            return Err(
                "--budget and --disk-history are for feeds, and only files are given".to_owned(),
            );
        }
        let options = self
            .feed
            .options(context.environment.sources(), Uses::input())?;
        if options.names_format() {
            return Err("--format is for feeds: the ending of a file names its format".to_owned());
        }
        if let Some(option) = saved::first_of_connection(context.matches) {
            return Err(format!("--{option} is for feeds, and only files are given"));
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
