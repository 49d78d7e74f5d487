//! `feedscope tail`: feeds without a window, each record a line on standard output. Decides when the run is over and
//! with which exit status; how lines look and where they go is below, in its modules.

mod count;
mod input;
mod lines;
mod names;
mod outlet;
mod text;
mod watch;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use feedscope_core::ConnectionState;
use feedscope_core::connection::{SLOW_ANSWER, awaited_answer, slow_answer_cause};
use feedscope_core::feed::{FeedCommand, FeedSpec};
use feedscope_core::protocol::Protocol;
use feedscope_core::record::Sink;
use feedscope_core::second_opinion::Opinion;
use feedscope_core::url_text::masked;
use feedscope_net::{Clock, FeedHandle, Net};

use crate::complaint::complain;
use crate::plan::{FeedPlan, Output, TailPlan};
use crate::signals::{self, Interruption};
use count::{CountSink, Totals};
use lines::LineSink;
use outlet::Outlet;
use watch::{Fate, Watch};

/// How long a closing handshake may take once the end was asked for.
const CLOSING_LIMIT: Duration = Duration::from_secs(3);

/// How often a slow reader of standard output is looked at meanwhile.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// Interval at which a connection attempt is checked for a slow answer.
const WAIT_INTERVAL: Duration = Duration::from_secs(1);

/// The exit status where all went well, and another engine tells something else of the same bytes.
const ENGINES_DIFFER: u8 = 3;

/// Network threads: decoding and writing share one core at most, several feeds another.
const THREADS: usize = 2;

/// Shows the feeds until they end or `plan` says so; returns the exit status.
pub fn run(plan: &TailPlan) -> io::Result<u8> {
    let start = Instant::now();
    let watch = Arc::new(Watch::new(plan.feeds.len()));
    let told = Arc::clone(&watch);
    signals::watch(move |interruption| told.interrupt(interruption))?;
    let net = Net::start(THREADS.min(plan.feeds.len()))?;
    let mut run = Run::open(&net, plan, &watch)?;
    let reason = run.wait(plan.duration.map(|duration| start + duration));
    run.close(reason);
    run.summarize();
    Ok(run.exit_status(reason))
}

/// Why a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// No feed lives any more.
    FeedsEnded,
    /// The duration asked for is over.
    Duration,
    Interrupted(Interruption),
    /// Nobody reads standard output any more, or it cannot be written.
    OutputGone,
}

/// A run with its feeds open.
struct Run {
    feeds: Vec<Shown>,
    watch: Arc<Watch>,
    outlet: Arc<Outlet>,
    totals: Option<Arc<Totals>>,
    clock: Clock,
    /// Slow answers are reported on standard error.
    reports_waits: bool,
}

/// One feed of a run.
struct Shown {
    handle: Arc<FeedHandle>,
    protocol: Protocol,
    /// What it is called on standard error.
    label: String,
    /// Its failure was told.
    told: bool,
    /// Number of the newest connection whose slow answer was reported.
    slow_connection: Option<u32>,
    /// The wait for an answer that the end of the run cut short.
    unanswered: Option<String>,
}

impl Run {
    fn open(net: &Net, plan: &TailPlan, watch: &Arc<Watch>) -> io::Result<Self> {
        let outlet = Outlet::stdout(Arc::clone(watch))?;
        let totals = (plan.output == Output::CountOnly).then(|| Arc::new(Totals::default()));
        let names = names::short_names(plan.feeds.iter().map(|feed| &feed.spec.url));
        let sinks = Sinks {
            watch,
            outlet: &outlet,
            totals: totals.as_ref(),
            output: plan.output,
        };
        let mut feeds = Vec::with_capacity(plan.feeds.len());
        for (index, (FeedPlan { spec, .. }, name)) in plan.feeds.iter().zip(&names).enumerate() {
            // The name only tells feeds apart; a single one needs none.
            let name = (plan.feeds.len() > 1).then(|| name.clone());
            feeds.push(sinks.open(net, spec, index, name, &names));
        }
        let senders = plan.feeds.iter().zip(&feeds);
        input::send(
            senders
                .map(|(plan, shown)| (plan.send.clone(), Arc::clone(&shown.handle)))
                .collect(),
        )?;
        Ok(Self {
            feeds,
            watch: Arc::clone(watch),
            outlet,
            totals,
            clock: net.clock(),
            reports_waits: plan.output == Output::Text,
        })
    }

    /// Waits for the first reason to end; failures are told as they come.
    fn wait(&mut self, deadline: Option<Instant>) -> Reason {
        loop {
            let seen = self.watch.changes();
            self.tell_failures();
            if let Some(interruption) = self.watch.interruption() {
                return Reason::Interrupted(interruption);
            }
            if self.outlet.is_terminal_closed() {
                return Reason::Interrupted(Interruption::HungUp);
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
            let next_look = self.report_slow_answers();
            self.watch
                .wait(seen, deadline.into_iter().chain(next_look).min());
        }
    }

    /// Reports each answer that is slow, once; returns when to look again.
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

    /// Ends what still lives, in order. A slow reader of standard output is waited for; a stuck one is not for ever.
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
        self.tell_failures();
        for (feed, opinion) in self.opinions() {
            complain(&feed.label, &opinion.to_string());
        }
    }

    /// What other engines make of the same bytes, where that was asked for.
    fn opinions(&self) -> impl Iterator<Item = (&Shown, Opinion)> {
        let opinion = |feed: &Shown| feed.handle.status().second_opinion.clone();
        self.feeds
            .iter()
            .filter_map(move |feed| Some((feed, opinion(feed)?)))
    }

    fn tell_failures(&mut self) {
        for (feed, fate) in self.feeds.iter_mut().zip(self.watch.fates()) {
            if fate.is_failed() && !feed.told {
                feed.told = true;
                complain(&feed.label, fate.reason.as_deref().unwrap_or("it failed"));
            }
        }
    }

    /// The last line of `--count-only`.
    fn summarize(&self) {
        if let Some(totals) = &self.totals {
            self.outlet.write(totals.summary().as_bytes());
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
            Reason::FeedsEnded => self.watch.fates().iter().all(|fate| !fate.is_failed()),
            Reason::Duration => self.all_were_open(),
        };
        let differs = || {
            self.opinions()
                .any(|(_, opinion)| opinion.difference().is_some())
        };
        if !all_well {
            1
        } else if differs() {
            ENGINES_DIFFER
        } else {
            0
        }
    }

    /// Whether every feed was open at some time or ended in order by itself, and none failed.
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

/// What the sinks of a run share.
struct Sinks<'a> {
    watch: &'a Arc<Watch>,
    outlet: &'a Arc<Outlet>,
    totals: Option<&'a Arc<Totals>>,
    output: Output,
}

impl Sinks<'_> {
    fn open(
        &self,
        net: &Net,
        spec: &FeedSpec,
        index: usize,
        name: Option<String>,
        names: &[String],
    ) -> Shown {
        let teller = watch::Teller::new(Arc::clone(self.watch), index);
        let handle = match (self.totals, self.output) {
            (Some(totals), _) => start(net, spec, CountSink::new(Arc::clone(totals), teller)),
            (None, Output::Text) => {
                let width = names
                    .iter()
                    .map(|name| name.chars().count())
                    .max()
                    .unwrap_or(0);
                let form = text::TextForm::new(name, width);
                start(
                    net,
                    spec,
                    LineSink::text(form, Arc::clone(self.outlet), teller),
                )
            }
            (None, _) => start(
                net,
                spec,
                LineSink::json(name, Arc::clone(self.outlet), teller),
            ),
        };
        Shown {
            handle: Arc::new(handle),
            protocol: spec.protocol(),
            label: masked(&spec.url),
            told: false,
            slow_connection: None,
            unanswered: None,
        }
    }
}

/// Opens a feed and connects it. Nothing needs to be woken: the sink tells every transition itself.
fn start(net: &Net, spec: &FeedSpec, sink: impl Sink) -> FeedHandle {
    let handle = net.open(spec.clone(), sink, || {});
    handle.command(FeedCommand::Connect);
    handle
}
