//! Plan of a run: the request on the command line as plain values. Only `cli` reads the arguments themselves.

use std::path::PathBuf;
use std::time::Duration;

use demo_server::{Fault, Feed};
use feedscope_analysis::measures::MeasuredFields;
use feedscope_core::feed::FeedSpec;
use feedscope_core::{ThemeChoice, Timestamp};
use feedscope_files::command_line::Program;
use feedscope_files::formats::Format;
use feedscope_files::recording::{RecordingTarget, Roll};
use url::Url;

use crate::reading::{FeedReading, RunReading};
use crate::stats::ReportFormat;
use crate::tail::TextColumns;
use crate::typed_filter::TypedFilter;

mod feed;
mod input;

pub use feed::{FeedOptions, FeedPlan, ToSend, is_web_socket};
pub use input::{InputPlan, InputSource};

/// Mode of the run, with its options.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a run makes one and hands it on once"
)]
pub enum Plan {
    /// Open the window.
    Window(WindowPlan),
    /// Show feeds, or their measures, on standard output.
    Tail(TailPlan),
    /// Convert files.
    Convert(ConvertPlan),
    /// Convert connections.
    ConvertConnections(ConvertConnectionsPlan),
    /// List saved connections.
    Connections(ConnectionsPlan),
    /// Show the records of files on standard output.
    TailFile(TailFilePlan),
    /// Play files as a server.
    Serve(ServePlan),
    /// Run the demo server alone.
    Demo(DemoPlan),
}

impl Plan {
    /// Returns the specs of the feeds that the command line names.
    pub fn named_feeds(&self) -> Vec<&FeedSpec> {
        let plans = match self {
            Self::Tail(plan) => &plan.feeds,
            Self::Window(WindowPlan {
                feeds: WindowFeeds::Given(plans),
                ..
            }) => plans,
            Self::Window(WindowPlan {
                feeds: WindowFeeds::Mixed(sources),
                ..
            }) => {
                let feeds = sources.iter().filter_map(|source| match source {
                    WindowSource::Feed(plan) => Some(&plan.spec),
                    WindowSource::Files(_) => None,
                });
                return feeds.collect();
            }
            Self::Window(_)
            | Self::TailFile(_)
            | Self::Serve(_)
            | Self::Convert(_)
            | Self::ConvertConnections(_)
            | Self::Connections(_)
            | Self::Demo(_) => {
                return Vec::new();
            }
        };
        plans.iter().map(|plan| &plan.spec).collect()
    }
}

/// Name that stands for standard input and standard output.
pub const STANDARD_STREAM: &str = "-";

/// Conversion that the command line requests.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertPlan {
    /// Files to read, in order.
    pub inputs: Vec<PathBuf>,
    /// File to write.
    pub out: PathBuf,
    /// Format of the inputs; `None` if their endings name it.
    pub from: Option<Format>,
    /// Format of the output.
    pub to: Format,
    /// Text of the filter, which was checked.
    pub filter: Option<String>,
    /// Names of the feeds to write; empty for all.
    pub feeds: Vec<String>,
    /// Start of the records to write.
    pub since: Option<Timestamp>,
    /// End of the records to write.
    pub until: Option<Timestamp>,
    /// Text of the requested columns, which was checked.
    pub columns: Option<String>,
    /// Write texts that a spreadsheet would execute as they are.
    pub unguarded: bool,
    /// Replace an existing file.
    pub force: bool,
    /// Records whose payloads are left out.
    pub mask: Option<TypedFilter>,
}

/// Conversion of connections that the command line requests.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvertConnectionsPlan {
    /// Files to read, or command lines of curl.
    pub inputs: Vec<String>,
    /// Form of the inputs.
    pub from: ConnectionInput,
    /// File to write.
    pub out: PathBuf,
    /// Form of the output.
    pub to: ConnectionOutput,
    /// Write secrets as they are.
    pub keeps_secrets: bool,
    /// Replace an existing file.
    pub force: bool,
}

/// Form of connections that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionInput {
    /// File of saved connections.
    Toml,
    /// Command line of curl.
    Curl,
}

/// Form of connections that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionOutput {
    /// File of saved connections.
    Toml,
    /// Command lines for a Unix shell.
    CommandLine(Program),
}

impl ConvertPlan {
    /// Returns true if the output is a folder with a file for each feed and day.
    pub fn is_folder(&self) -> bool {
        let is_named_so = self.out.as_os_str().as_encoded_bytes().ends_with(b"/");
        self.to == Format::Parquet && (is_named_so || self.out.is_dir())
    }
}

/// Feeds that a window opens.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowFeeds {
    /// Feeds of the last window, or those of the demo with these options if there is nothing to restore.
    Last(FeedOptions),
    /// The two feeds of the embedded demo server, with these options.
    Demo(FeedOptions),
    /// Given feeds, in a pane each.
    Given(Vec<FeedPlan>),
    /// Feeds of these files, in a pane each.
    Files(Vec<PathBuf>),
    /// Given feeds and files in the order of the command line, each feed in a pane.
    Mixed(Vec<WindowSource>),
    /// Links and files that the desktop passes on. No feed is opened without a question.
    Links(Vec<DesktopLink>),
}

/// Source of panes on the command line.
#[derive(Clone, Debug, PartialEq)]
pub enum WindowSource {
    /// Given feed.
    Feed(Box<FeedPlan>),
    /// Files that are opened together.
    Files(Vec<PathBuf>),
}

/// Argument that the desktop passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DesktopLink {
    /// URL of a feed.
    Feed(Url),
    /// Path of a file.
    File(PathBuf),
    /// Sentence about an argument that is not opened.
    Refused(String),
}

/// Width and height of the smallest window that has room for all parts, in points.
pub const SMALLEST_WINDOW: [f32; 2] = [480.0, 360.0];

/// Window that the command line requests.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowPlan {
    /// Feeds in its panes.
    pub feeds: WindowFeeds,
    /// Size in points, instead of the one in the settings.
    pub size: Option<[f32; 2]>,
    /// Theme, instead of the one in the settings.
    pub theme: Option<ThemeChoice>,
    /// Recording of all feeds of the command line.
    pub record: Option<RecordPlan>,
    /// Names of saved connections that are opened after a question.
    pub saved: Vec<String>,
    /// File of saved connections, in place of the user's own.
    pub connections: Option<PathBuf>,
    /// Reading of the payloads of files. Feeds have their own.
    pub reading: FeedReading,
    /// Steps that the window performs by itself.
    pub automation: Automation,
}

/// Steps that a window performs without a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Automation {
    /// The window closes after this time.
    pub duration: Option<Duration>,
    /// Path for a picture of the window (a PNG), taken just before it closes.
    pub screenshot: Option<PathBuf>,
    /// Path for the measurements (JSON), written after the window has closed.
    pub report: Option<PathBuf>,
}

/// Output of a run without a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunOutput {
    /// One line of JSON for each record.
    #[default]
    Json,
    /// One line of text for each record, for people.
    Text,
    /// Only a summary at the end.
    CountOnly,
    /// Only the measures of each feed at the end.
    Measures(ReportFormat),
    /// Nothing but a recording, and the measures of each feed at the end.
    Recording(ReportFormat),
}

/// Run of `tail` or `stats` that the command line requests.
#[derive(Clone, Debug, PartialEq)]
pub struct TailPlan {
    /// Feeds to show, in order.
    pub feeds: Vec<FeedPlan>,
    /// Standard input or files, if records are read from there.
    pub input: Option<InputPlan>,
    /// The feeds are disconnected after this time.
    pub duration: Option<Duration>,
    /// Format of the records.
    pub output: RunOutput,
    /// Columns of the lines of text.
    pub columns: Option<TextColumns>,
    /// Fields that are measured besides the payloads themselves.
    pub fields: MeasuredFields,
    /// Recording of the records, beside the output.
    pub record: Option<RecordPlan>,
    /// Only records that match are shown or measured.
    pub filter: Option<TypedFilter>,
    /// Interpretation of the payloads.
    pub reading: RunReading,
}

/// List of saved connections that the command line requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionsPlan {
    /// File in place of the user's own.
    pub file: Option<PathBuf>,
    /// Names of connections to print; all if there are none.
    pub names: Vec<String>,
    /// Form of the list.
    pub form: ConnectionsForm,
}

/// Form in which saved connections are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionsForm {
    /// Groups, names and URLs, for people.
    #[default]
    List,
    /// Only the names, one per line, for the shell's completion.
    Names,
    /// A command line for each, for this program.
    CommandLine(Program),
    /// An example of the file.
    Example,
}

/// Recording that the command line requests.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordPlan {
    /// File to write.
    pub target: RecordingTarget,
    /// Limit at which the next file begins.
    pub roll: Option<Roll>,
    /// Folder of Parquet files that each complete file is converted into.
    pub parquet: Option<PathBuf>,
    /// Text of the columns of those files, which was checked.
    pub columns: Option<String>,
    /// Only payloads that match are recorded, beside states and gaps.
    pub filter: Option<TypedFilter>,
    /// Records whose payloads are left out.
    pub mask: Option<TypedFilter>,
    /// Write values of variables as they are.
    pub keeps_secrets: bool,
}

impl RecordPlan {
    /// Returns true if the payloads in the file differ from those that are shown.
    pub fn changes_payloads(&self) -> bool {
        self.mask.is_some() || self.keeps_secrets
    }
}

/// Run of `tail` or `stats` with recordings.
#[derive(Clone, Debug, PartialEq)]
pub struct TailFilePlan {
    /// Files, in the order given.
    pub files: Vec<PathBuf>,
    /// Name of the one feed to show.
    pub feed: Option<String>,
    /// Wait for more records while a recording is being written.
    pub follow: bool,
    /// Format of the records.
    pub output: RunOutput,
    /// Columns of the lines of text.
    pub columns: Option<TextColumns>,
    /// Fields that are measured besides the payloads themselves.
    pub fields: MeasuredFields,
    /// Only records that match are shown or measured.
    pub filter: Option<TypedFilter>,
    /// Interpretation of the payloads.
    pub reading: RunReading,
}

/// Run of `serve`.
#[derive(Clone, Debug, PartialEq)]
pub struct ServePlan {
    /// Files to play.
    pub files: Vec<PathBuf>,
    /// Name of the one feed to play.
    pub feed: Option<String>,
    /// Port on loopback; 0 selects any free port.
    pub port: u16,
    /// Factor of the pace; `None` for as fast as a client reads.
    pub speed: Option<f64>,
    /// Begin again after the last record.
    pub is_looped: bool,
    /// Point in time to begin at.
    pub since: Option<Since>,
    /// Play each recorded connection, with its end, to one client.
    pub plays_drops: bool,
    /// End event streams after the last record.
    pub ends: bool,
    /// Origins of pages that may read the feeds.
    pub allowed_origins: Vec<String>,
}

/// Point in time within a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// UTC, in microseconds since 1970.
    Time(i64),
    /// Time since the beginning.
    Beginning(Duration),
}

/// Demo server without a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DemoPlan {
    /// Port of its HTTP side; 0 selects any free port.
    pub port: u16,
    /// Faults that are set at the start, each for one feed or, with `None`, for all feeds.
    pub faults: Vec<(Option<Feed>, Fault)>,
}
