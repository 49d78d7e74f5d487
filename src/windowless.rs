//! Feeds of a window as text, for a machine without a display and for a build without the window.

use std::io;
use std::path::PathBuf;

use feedscope_analysis::lenses::Choice;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_files::formats::Format;
use feedscope_files::settings::SettingsFile;

use crate::complaint::complain;
use crate::demo_feeds;
use crate::plan::{
    Automation, FeedPlan, RecordPlan, RunOutput, TailFilePlan, TailPlan, WindowFeeds, WindowPlan,
};
use crate::reading::{FeedReading, RunReading};
use crate::tail;

/// Shows the feeds of `plan` as text in a build without the window, and returns the exit status.
///
/// Settings of the window have no effect on text. A settings file with an error is reported, as a window reports it.
pub fn run(plan: WindowPlan) -> io::Result<u8> {
    let problem = SettingsFile::usual_path().and_then(|path| SettingsFile::load(path).2);
    if let Some(problem) = problem {
        complain("settings", &problem.to_string());
    }
    // The demo server must run until the text ends, because the feeds are on it.
    let (feeds, _demo) = match plan.feeds {
        WindowFeeds::Given(feeds) => (feeds, None),
        WindowFeeds::Files(files) => {
            return show_files(files, plan.reading, "this build of feedscope has none");
        }
        WindowFeeds::Mixed(..) => return Ok(refuse_mixture("this build of feedscope has none")),
        WindowFeeds::Links(_) => return Ok(refuse_links("this build of feedscope has none")),
        WindowFeeds::Demo(options) | WindowFeeds::Last(options) => {
            let (feeds, demo) = demo_feeds::start(&options)?;
            (feeds, Some(demo))
        }
    };
    show_text(
        feeds,
        plan.record,
        &plan.automation,
        "this build of feedscope has none",
    )
}

/// Reports why there is no window for links, which are opened only after a question. Returns the exit status.
pub(crate) fn refuse_links(why: &str) -> u8 {
    complain(
        "no window",
        &format!("{why}; links are opened in a window only"),
    );
    1
}

/// Reports why there is no window for feeds beside files. Returns the exit status.
pub(crate) fn refuse_mixture(why: &str) -> u8 {
    let sentence = format!("{why}; feeds and files are shown together in a window only");
    complain("no window", &sentence);
    1
}

/// Reports why there is no window, and shows the records of its files as text. Returns the exit status.
pub(crate) fn show_files(files: Vec<PathBuf>, reading: FeedReading, why: &str) -> io::Result<u8> {
    let is_recording = |path: &PathBuf| Format::of_file(path) == Some(Format::Feedscope);
    if !files.iter().all(is_recording) {
        let sentence = format!("{why}; `feedscope tail FILE` shows these files as text");
        complain("no window", &sentence);
        return Ok(1);
    }
    complain("no window", &format!("{why}; showing text instead"));
    tail::run_file(&TailFilePlan {
        files,
        feed: None,
        follow: false,
        output: RunOutput::Text,
        fields: MeasuredFields::default(),
        columns: None,
        filter: None,
        reading: reading.of_run(Choice::Off),
    })
}

/// Reports why there is no window, and shows its feeds as text. Returns the exit status.
pub(crate) fn show_text(
    feeds: Vec<FeedPlan>,
    record: Option<RecordPlan>,
    automation: &Automation,
    why: &str,
) -> io::Result<u8> {
    complain("no window", &format!("{why}; showing text instead"));
    if automation.screenshot.is_some() || automation.report.is_some() {
        complain("no window", "there will be no picture and no report");
    }
    tail::run(&TailPlan {
        reading: RunReading::default(),
        feeds,
        input: None,
        duration: automation.duration,
        output: RunOutput::Text,
        columns: None,
        fields: MeasuredFields::default(),
        filter: None,
        record,
    })
}
