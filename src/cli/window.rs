//! Arguments of the window.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use feedscope_core::ThemeChoice;
use feedscope_files::recording::Roll;

use super::argument::{INPUT_IS_FOR_COMMANDS, SourcesArgument};
use super::context::Context;
use super::options::{FeedArguments, Uses};
use super::reading::ReadingArguments;
use super::record::RecordingArguments;
use super::saved::{self, NamedFeeds};
use super::{desktop, value};
use crate::plan::{
    Automation, FeedOptions, FeedPlan, RecordPlan, WindowFeeds, WindowPlan, WindowSource,
};
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

    /// Do not open the panes of the last window; without a feed or a file, open the demo
    #[arg(long, alias = "new", help_heading = "Window")]
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
            mut feeds_before,
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
            let all = urls.clone();
            let asked = saved::take_asked(&mut urls, &self.feed.saved, context.environment);
            // A connection that is asked for is opened later.
            for before in &mut feeds_before {
                let is_left = |typed: &&String| !asked.contains(typed);
                *before = all[..*before].iter().filter(is_left).count();
            }
            asked
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
                WindowFeeds::Mixed(in_order(feeds, feeds_before.into_iter().zip(files)))
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

/// Returns feeds and files in the order of their arguments. Each file has the number of the feeds before it. The files of one
/// recording take the place of the first of them.
fn in_order(
    feeds: impl Iterator<Item = FeedPlan>,
    files: impl Iterator<Item = (usize, PathBuf)>,
) -> Vec<WindowSource> {
    let mut sources = Vec::new();
    let mut files = files.peekable();
    let mut feeds = feeds.enumerate().peekable();
    while files.peek().is_some() || feeds.peek().is_some() {
        let number = feeds.peek().map_or(usize::MAX, |(number, _)| *number);
        if let Some((_, path)) = files.next_if(|(before, _)| *before <= number) {
            add_file(&mut sources, path);
        } else if let Some((_, plan)) = feeds.next() {
            sources.push(WindowSource::Feed(Box::new(plan)));
        }
    }
    sources
}

fn add_file(sources: &mut Vec<WindowSource>, path: PathBuf) {
    let whole = Roll::whole(&path);
    let parts = sources.iter_mut().find_map(|source| match source {
        WindowSource::Files(paths) if whole.is_some() => {
            let is_part = paths.iter().any(|other| Roll::whole(other) == whole);
            is_part.then_some(paths)
        }
        _ => None,
    });
    match parts {
        Some(parts) => parts.push(path),
        None => sources.push(WindowSource::Files(vec![path])),
    }
}
