//! Command `feedscope tail`: shows feeds without a window, with one line on standard output for each record.
//!
//! This module decides when the run ends and which exit status it returns. Its submodules format the lines and write
//! them.

pub(crate) mod automatic;
mod columns;
mod count_sink;
mod feeds;
mod input_sources;
mod line_sink;
mod meaning;
mod measure_sink;
mod names;
mod outlet;
mod parts;
mod recordings;
mod sent_messages;
mod sinks;
mod text;
mod watch;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_analysis::lenses::FeedAddress;
use feedscope_core::ConnectionState;
use feedscope_core::connection::{SLOW_ANSWER, awaited_answer, slow_answer_cause};
use feedscope_core::feed::FeedCommand;
use feedscope_core::safe_text::safe;
use feedscope_core::second_opinion::Opinion;
use feedscope_net::{Clock, Net};

use crate::complaint::complain;
use crate::plan::{RunOutput, TailPlan};
use crate::record::{InputRecording, PROGRESS_INTERVAL, RecordedSink, RunFeed, RunRecording};
use crate::signals::{self, Interruption};
use crate::stats::{self, FeedMeasures};
use count_sink::Totals;
use feeds::{RunningFeed, Sinks, label};
use outlet::Outlet;
use sinks::SinkMaker;
use watch::{Fate, RunWatch};

#[cfg(feature = "window")]
pub(crate) use names::short_names;

pub use columns::TextColumns;
pub use recordings::{files_of, run as run_file};

/// Longest time for a closing handshake after the end was requested.
const CLOSING_LIMIT: Duration = Duration::from_secs(3);

/// Interval at which the progress of a slow reader of standard output is checked during that time.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Interval at which a connection attempt is checked for a slow answer.
const WAIT_INTERVAL: Duration = Duration::from_secs(1);

/// Exit status of a run that succeeded, but in which another engine decoded the same bytes differently.
const ENGINES_DIFFER: u8 = 3;

/// Number of network threads. Decoding and writing use one core at most, and further feeds use another.
const THREADS: usize = 2;

/// Shows the feeds until they end or until `plan` requires the end. Returns the exit status.
pub fn run(plan: &TailPlan) -> io::Result<u8> {
    let start = Instant::now();
    // Standard input and files count as one more source behind the feeds.
    let sources = plan.feeds.len() + usize::from(plan.input.is_some());
    let watch = Arc::new(RunWatch::new(sources));
    let is_reported = Arc::clone(&watch);
    signals::watch(move |interruption| is_reported.interrupt(interruption))?;
    let named = plan.feeds.iter();
    let names = names::short_names(named.map(|feed| (&feed.spec.url, feed.name.as_deref())));
    // The file comes first: if it cannot be written, nothing is connected.
    let mut writers = Vec::new();
    let mut recording = None;
    if let Some(record) = &plan.record {
        let bell = Arc::clone(&watch);
        let feeds = plan.feeds.iter().zip(&names);
        let feeds = feeds.map(|(feed, name)| {
            let reading = plan.reading.of_feed(feed);
            RunFeed {
                spec: &feed.spec,
                name,
                reading: reading.recorded(),
                reader: reading.reader(&FeedAddress::of(&feed.spec)),
            }
        });
        match RunRecording::start(record, feeds, &plan.reading, move || bell.ring()) {
            Ok((started, stores)) => {
                recording = Some(started);
                writers = stores;
            }
            Err(refused) => {
                complain("cannot record", &refused.sentence);
                return Ok(refused.status);
            }
        }
    }
    let net = Net::start(THREADS.min(plan.feeds.len()).max(1))?;
    let of_input = recording.as_ref().zip(plan.record.as_ref());
    let of_input = of_input.and_then(|(recording, record)| recording.of_input(record));
    let mut run = TailRun::open(&net, plan, &watch, &names, writers, of_input)?;
    run.recording = recording;
    let reason = run.wait(plan.duration.map(|duration| start + duration));
    run.close(reason);
    run.summarize();
    Ok(run.exit_status(reason))
}

/// Reason for the end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// Every feed is closed or has failed.
    FeedsEnded,
    /// The requested duration is over.
    Duration,
    Interrupted(Interruption),
    /// Nothing more can be recorded, and there is no other output.
    RecordingEnded,
    /// The reader of standard output has left, or standard output cannot be written.
    OutputGone,
}

/// Run whose feeds are open.
struct TailRun {
    feeds: Vec<RunningFeed>,
    watch: Arc<RunWatch>,
    outlet: Arc<Outlet>,
    totals: Option<Arc<Totals>>,
    /// Measures of each feed, and their format, where they are the output.
    measures: Option<(Vec<FeedMeasures>, stats::ReportFormat)>,
    /// Sinks of the feeds of standard input or files.
    input: Option<SinkMaker>,
    clock: Clock,
    recording: Option<RunRecording>,
    /// The run has no output but the recording.
    only_records: bool,
    /// The end of the recording was reported.
    recording_ended: bool,
    /// Slow answers are reported on standard error.
    reports_waits: bool,
}

impl TailRun {
    fn open(
        net: &Net,
        plan: &TailPlan,
        watch: &Arc<RunWatch>,
        names: &[String],
        writers: Vec<RecordedSink>,
        of_input: Option<InputRecording>,
    ) -> io::Result<Self> {
        let outlet = Outlet::stdout(Arc::clone(watch))?;
        let totals = (plan.output == RunOutput::CountOnly).then(|| Arc::new(Totals::default()));
        let measures = match plan.output {
            RunOutput::Measures(form) | RunOutput::Recording(form) => {
                Some((measures(plan, names), form))
            }
            _ => None,
        };
        let mut writers = writers.into_iter();
        let sinks = Sinks {
            watch,
            outlet: &outlet,
            totals: totals.as_ref(),
            measures: measures.as_ref().map(|(measures, _)| &**measures),
            filter: plan.filter.as_ref(),
            fields: &plan.fields,
            columns: plan.columns.as_ref(),
            reading: &plan.reading,
            output: plan.output,
            record: plan.record.as_ref(),
        };
        let is_one_of_several = plan.feeds.len() + usize::from(plan.input.is_some()) > 1;
        let mut feeds = Vec::with_capacity(plan.feeds.len());
        for (index, (feed, name)) in plan.feeds.iter().zip(names).enumerate() {
            // The name only distinguishes the feeds, so that a single feed needs none.
            let name = is_one_of_several.then(|| name.clone());
            feeds.push(sinks.open(net, feed, index, name, names, writers.next())?);
        }
        let mut input = None;
        if let Some(plan_of_input) = &plan.input {
            let sinks = SinkMaker::new(&outlet, plan.output, plan.filter.as_ref(), &plan.fields)
                .with_columns(plan.columns.as_ref())
                .with_reading(&plan.reading)
                .with_recording(of_input)
                .with_totals(totals.as_ref());
            let reporter = watch::Reporter::new(Arc::clone(watch), plan.feeds.len());
            let of_input = sinks.clone();
            input_sources::start(
                plan_of_input,
                of_input,
                is_one_of_several,
                net.clock(),
                reporter,
            )?;
            input = Some(sinks);
        }
        // Sending starts after every feed has its handle, so that all feeds receive the same lines of standard input.
        let senders = plan.feeds.iter().zip(&feeds);
        sent_messages::send(
            senders
                .map(|(plan, shown)| (plan.send.clone(), Arc::clone(&shown.handle)))
                .collect(),
        )?;
        Ok(Self {
            feeds,
            watch: Arc::clone(watch),
            outlet,
            totals,
            measures,
            input,
            clock: net.clock(),
            recording: None,
            only_records: matches!(plan.output, RunOutput::Recording(_)),
            recording_ended: false,
            reports_waits: matches!(
                plan.output,
                RunOutput::Text | RunOutput::Measures(stats::ReportFormat::Text)
            ),
        })
    }

    /// Waits until there is a reason to end, and returns it. Failures are reported as soon as they occur.
    fn wait(&mut self, deadline: Option<Instant>) -> Reason {
        loop {
            // The counter is read first, so that a change during these checks ends the wait below at once.
            let seen = self.watch.changes();
            self.report_failures();
            if let Some(interruption) = self.watch.interruption() {
                return Reason::Interrupted(interruption);
            }
            if self.outlet.is_terminal_closed() {
                return Reason::Interrupted(Interruption::HungUp);
            }
            if self.report_recording_end() && self.only_records {
                return Reason::RecordingEnded;
            }
            if self.outlet.is_gone() {
                return Reason::OutputGone;
            }
            if self.watch.fates().iter().all(Fate::is_over) {
                return Reason::FeedsEnded;
            }
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Reason::Duration;
            }
            let next_looks = [
                deadline,
                self.report_slow_answers(),
                self.show_recording_progress(),
            ];
            self.watch
                .wait(seen, next_looks.into_iter().flatten().min());
        }
    }

    /// Reports the end of a recording that failed, once. Returns true if it has failed.
    fn report_recording_end(&mut self) -> bool {
        let failure = self.recording.as_ref().and_then(RunRecording::failure);
        if let Some(why) = failure
            && !self.recording_ended
        {
            self.recording_ended = true;
            complain("recording", &why);
        }
        self.recording_ended
    }

    /// Writes the progress of a recording to a terminal. Returns the time of the next change.
    fn show_recording_progress(&self) -> Option<Instant> {
        let recording = self.recording.as_ref().filter(|_| self.only_records)?;
        let mut terminal = io::stderr();
        if !terminal.is_terminal() {
            return None;
        }
        // The line is written over the one before it.
        let line = format!("\r\x1b[K{}", safe(&recording.progress_line()));
        terminal.write_all(line.as_bytes()).ok();
        Some(Instant::now() + PROGRESS_INTERVAL)
    }

    /// Ends the recording, after all feeds have ended. Reports anything that is not in it.
    fn finish_recording(&mut self) {
        let Some(recording) = &mut self.recording else {
            return;
        };
        let sentences = recording.finish();
        if self.only_records && io::stderr().is_terminal() {
            let line = format!("\r\x1b[K{}\n", safe(&recording.progress_line()));
            io::stderr().write_all(line.as_bytes()).ok();
        }
        for sentence in sentences {
            if !(self.recording_ended && recording.failure().as_ref() == Some(&sentence)) {
                complain("recording", &sentence);
            }
        }
    }

    /// Reports each slow answer once. Returns the time of the next check.
    fn report_slow_answers(&mut self) -> Option<Instant> {
        if !self.reports_waits {
            return None;
        }
        let now = self.clock.now().moment;
        let mut next_look = None;
        for feed in &mut self.feeds {
            let status = feed.handle.status();
            // A status is published after the record that woke this thread, so that it may still show the state before
            // `connecting`.
            let cannot_wait = match status.state {
                ConnectionState::Open => true,
                ConnectionState::Closed | ConnectionState::Failed => status.connection > 0,
                _ => false,
            };
            if cannot_wait || feed.slow_connection == Some(status.connection) {
                continue;
            }
            let waited = status.asked_at.map(|at| now.since(at));
            if let Some(waited) = waited.filter(|&waited| waited >= SLOW_ANSWER) {
                feed.slow_connection = Some(status.connection);
                let cause = slow_answer_cause(feed.protocol);
                complain(&feed.label, &format!("{}. {cause}", awaited_answer(waited)));
            } else {
                next_look = Some(Instant::now() + WAIT_INTERVAL);
            }
        }
        next_look
    }

    /// Disconnects the feeds that are still alive, and waits for their end.
    ///
    /// As long as a slow reader of standard output makes progress, it gets more time. A reader that is stuck does not
    /// delay the end for ever.
    fn close(&mut self, reason: Reason) {
        self.watch.begin_closing();
        let now = self.clock.now().moment;
        for (feed, fate) in self.feeds.iter_mut().zip(self.watch.fates()) {
            if !fate.is_over() {
                let asked_at = feed.handle.status().asked_at;
                feed.unanswered = asked_at.map(|at| awaited_answer(now.since(at)));
                feed.handle.command(FeedCommand::Disconnect);
            }
        }
        // After an interruption, progress of the reader does not extend the limit, because the user wants the end now.
        let interrupted = matches!(reason, Reason::Interrupted(_));
        let mut limit = Instant::now() + CLOSING_LIMIT;
        let mut written = self.outlet.written();
        for feed in &self.feeds {
            while !feed.handle.wait_ended(LOOK_INTERVAL) {
                let progress = self.outlet.written();
                if progress != written && !interrupted {
                    written = progress;
                    limit = Instant::now() + CLOSING_LIMIT;
                }
                if Instant::now() >= limit {
                    break;
                }
            }
        }
        self.report_failures();
        self.finish_recording();
        for (feed, opinion) in self.opinions() {
            complain(&feed.label, &opinion.to_string());
        }
    }

    /// Returns the opinion of a second engine about the same bytes, for each feed that has one.
    fn opinions(&self) -> impl Iterator<Item = (&RunningFeed, Opinion)> {
        let opinion = |feed: &RunningFeed| feed.handle.status().second_opinion.clone();
        self.feeds
            .iter()
            .filter_map(move |feed| Some((feed, opinion(feed)?)))
    }

    fn report_failures(&mut self) {
        for (feed, fate) in self.feeds.iter_mut().zip(self.watch.fates()) {
            if fate.is_failed() && !feed.is_reported {
                feed.is_reported = true;
                let reason = fate.reason.as_deref().unwrap_or("it failed");
                complain(&feed.label, &format!("{reason}{}", way_on(reason)));
            }
        }
    }

    /// Writes the last line of `--count-only`, or the report of `stats` or `record`.
    fn summarize(&self) {
        if let Some(totals) = &self.totals {
            self.outlet.write(totals.summary().as_bytes());
        }
        if let Some((feeds, form)) = &self.measures {
            let end = self.clock.now().moment;
            let mut report = stats::report(feeds, Some(end), *form);
            if let Some(input) = &self.input {
                // Feeds with recorded times end with their newest record.
                let of_input = stats::report(&input.measures.lock(), None, *form);
                if !report.is_empty() && *form == stats::ReportFormat::Text {
                    report.push('\n');
                }
                report.push_str(&of_input);
            }
            if self.only_records && *form == stats::ReportFormat::Text {
                // There is no other place to report a failure to.
                io::stderr().write_all(report.as_bytes()).ok();
            } else {
                self.outlet.write(report.as_bytes());
            }
        }
    }

    fn exit_status(&self, reason: Reason) -> u8 {
        // After a hang-up, neither of the two outputs can be written.
        if reason == Reason::Interrupted(Interruption::HungUp) {
            return Interruption::HungUp.exit_status();
        }
        if let Some(error) = self.outlet.failure() {
            complain("standard output", &error);
            return 1;
        }
        let all_well = match reason {
            Reason::Interrupted(interruption) => return interruption.exit_status(),
            Reason::OutputGone => return 0,
            Reason::RecordingEnded => return 1,
            Reason::FeedsEnded => self.watch.fates().iter().all(|fate| !fate.is_failed()),
            Reason::Duration => self.all_were_open(),
        };
        let differs = || {
            self.opinions()
                .any(|(_, opinion)| opinion.difference().is_some())
        };
        let is_recorded = || {
            let recording = self.recording.as_ref();
            recording.is_none_or(|recording| recording.failure().is_none())
        };
        if !all_well || !is_recorded() {
            1
        } else if differs() {
            ENGINES_DIFFER
        } else {
            0
        }
    }

    /// Returns true if no feed failed, and each feed was open at some time or was closed in order by the other side.
    /// Reports each feed that was never open.
    fn all_were_open(&self) -> bool {
        let mut all_well = true;
        for (feed, fate) in self.feeds.iter().zip(self.watch.fates()) {
            let never_open = !fate.was_open && !fate.is_failed();
            if never_open && !fate.closed_by_itself {
                let reason = feed.unanswered.as_deref().or(fate.reason.as_deref());
                let reason = reason.unwrap_or("no answer came");
                complain(&feed.label, &format!("was never open: {reason}"));
            }
            all_well &= !fate.is_failed() && (fate.was_open || fate.closed_by_itself);
        }
        all_well
    }
}

/// Returns the options that may read an answer which failed for this reason.
fn way_on(reason: &str) -> &'static str {
    let is_page = reason.contains(" (a web page), not text/event-stream");
    if reason.contains(", not text/event-stream") && !is_page {
        "; --format lines reads it line by line, --format event-stream as an event stream"
    } else if reason.contains("the server has no event stream at this path") {
        "; --format lines asks for lines instead"
    } else {
        ""
    }
}

/// Measures for each feed, with its name.
fn measures(plan: &TailPlan, names: &[String]) -> Vec<FeedMeasures> {
    let feeds = plan.feeds.iter().zip(names);
    feeds
        .map(|(feed, name)| {
            let measures = FeedMeasures::new(name, Some(label(feed)), plan.fields.clone());
            measures
                .with_reading(&plan.reading.of_feed(feed), &FeedAddress::of(&feed.spec))
                .with_filter(plan.filter.as_ref())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use feedscope_core::connection::Failure;

    use super::way_on;

    #[test]
    fn an_answer_that_another_format_may_read_leads_to_it() {
        let got = |got: &str| Failure::ContentType {
            got: got.to_owned(),
            body: "x".to_owned(),
        };
        let not_acceptable = Failure::NotAcceptable {
            body: String::new(),
        };
        for (failure, option) in [
            (got("text/plain"), "--format event-stream"),
            (got(""), "--format lines"),
            (not_acceptable, "--format lines"),
        ] {
            assert!(way_on(&failure.to_string()).contains(option), "{failure}");
        }
        assert_eq!(way_on(&got("text/html").to_string()), "");
        assert_eq!(way_on("connection lost"), "");
    }
}
