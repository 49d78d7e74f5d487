//! One task a feed: the only loop that awaits. It tells the machine what happened and executes what the machine wants.
//! It never decides a transition itself.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use feedscope_core::ConnectionState;
use feedscope_core::connection::{
    Action, Ending, Failure, Input, LifeRules, Machine, ProtocolRules,
};
use feedscope_core::feed::{FeedCommand, FeedSpec, FeedStatus, Outgoing, WireTraffic};
use feedscope_core::gap::GapTracker;
use feedscope_core::protocol::Protocol;
use feedscope_core::record::{Kind, Sink};
use tokio::time::{Instant, Sleep};

use crate::batch::{Batch, Wake};
use crate::clock::Clock;
use crate::engine::{self, Attempt, Connection, Opened, Opening, Port, Traffic};
use crate::handle::{Desk, End};
use crate::hold::Hold;
use crate::http::{Clients, CookieJar, Negotiated, headers};
use crate::outbox::{Outbox, record_unsent};
use crate::progress::Progress;
use crate::second_opinion::SecondOpinion;

/// How far apart statuses are whose news may wait, such as a new last event ID. Less than the time between the records of
/// a calm feed, so that one pass of the window shows a record and the status that it led to.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(150);

/// A feed's task.
pub(crate) struct Driver<S> {
    attempt: Attempt,
    machine: Machine,
    line: Line<S>,
    /// Whether the line is read.
    hold: Hold,
    /// When the machine wants to hear that its time has come.
    timer: Option<Pin<Box<Sleep>>>,
    /// When what may wait was last published, or was no news.
    looked_at: Instant,
    /// When what may wait is published.
    publish_timer: Option<Pin<Box<Sleep>>>,
    port: Port<S>,
    desk: Arc<Desk>,
    wake: Wake,
    subprotocol: Option<String>,
    /// What the open connection uses.
    negotiated: Negotiated,
    /// What the status tells of the wire.
    published_wire: Option<WireTraffic>,
    /// What another engine makes of the same bytes, where that was asked for.
    second_opinion: Option<SecondOpinion>,
    /// Whether there was a connection before, so that the next one is a resume.
    was_open: bool,
    /// Whether the machine did something since the status was last published.
    stepped: bool,
    /// Whether the user asked for the end, or nobody is there to ask for anything.
    dismissed: bool,
}

/// What there is of the feed on the wire.
enum Line<S> {
    Down,
    Opening(Opening<S>),
    Up(Box<dyn Connection<S>>),
}

/// Why the task goes on.
enum Turn<S> {
    Commands,
    Timer,
    Inputs,
    OpeningDone(Result<Opened<S>, Failure>),
}

impl<S: Sink> Driver<S> {
    pub(crate) fn new(
        spec: FeedSpec,
        sink: S,
        wake: Wake,
        clock: Clock,
        clients: Clients,
        desk: Arc<Desk>,
    ) -> Self {
        let rules = LifeRules {
            protocol: ProtocolRules::of(spec.protocol()),
            policy: spec.policy,
            max_reconnects: spec.max_reconnects,
            sent_once: spec.sent_once().map(str::to_owned),
        };
        let last_event_id = spec.last_event_id.clone().into_bytes();
        let batch = Batch::new(sink, Arc::clone(&wake), clock.clone());
        let second_opinion = SecondOpinion::of(&spec);
        Self {
            attempt: Attempt {
                spec: Arc::new(spec),
                last_event_id,
                clients,
                cookies: Arc::new(CookieJar::default()),
                clock,
                progress: Progress::default(),
                tee: None,
            },
            machine: Machine::new(rules, fastrand::u64(..)),
            line: Line::Down,
            hold: Hold::default(),
            timer: None,
            looked_at: Instant::now(),
            publish_timer: None,
            port: Port {
                batch,
                inputs: Vec::new(),
                gaps: GapTracker::default(),
                outbox: Outbox::default(),
                traffic: Traffic::default(),
            },
            desk,
            wake,
            subprotocol: None,
            negotiated: Negotiated::new(),
            published_wire: None,
            second_opinion,
            was_open: false,
            stepped: false,
            dismissed: false,
        }
    }

    /// Runs until the handle is gone and the feed has ended.
    pub(crate) async fn run(mut self) {
        let _over = OverGuard(Arc::clone(&self.desk));
        loop {
            match std::future::poll_fn(|context| self.poll_turn(context)).await {
                Turn::Commands => self.obey_commands(),
                Turn::Timer => {
                    self.timer = None;
                    self.port.inputs.push(Input::TimerFired);
                }
                Turn::OpeningDone(Ok(opened)) => self.begin_connection(opened),
                Turn::OpeningDone(Err(failure)) => {
                    self.port.end(Ending::Failed(failure));
                }
                Turn::Inputs => {}
            }
            self.tell_machine();
            self.settle();
            if self.desk.is_abandoned() && !self.machine.state().is_live() {
                self.give_up_all();
                return;
            }
        }
    }

    /// Lets everything that can happen happen; ready when something did that this task has to act upon.
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<Turn<S>> {
        if self.desk.poll_news(context).is_ready() {
            return Poll::Ready(Turn::Commands);
        }
        if let Some(timer) = &mut self.timer
            && timer.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Turn::Timer);
        }
        // Whoever wants the end does not wait for a disk.
        let is_held = matches!(self.line, Line::Up(_))
            && !self.dismissed
            && self.hold.poll(context, &mut self.port.batch).is_pending();
        let turn = match &mut self.line {
            Line::Down => Poll::Pending,
            Line::Up(_) if is_held => Poll::Pending,
            Line::Opening(opening) => {
                let turn = opening.as_mut().poll(context).map(Turn::OpeningDone);
                // Before the result, because the machine judges a failure by what was sent.
                self.port.inputs.extend(self.attempt.progress.take_inputs());
                if turn.is_pending() && !self.port.inputs.is_empty() {
                    return Poll::Ready(Turn::Inputs);
                }
                turn
            }
            Line::Up(connection) => {
                let turn = connection.poll(context, &mut self.port);
                if let Some(second_opinion) = &mut self.second_opinion {
                    second_opinion.advance(&mut self.port.batch);
                    self.port.traffic.stale |= second_opinion.changed();
                }
                turn.map(|()| Turn::Inputs)
            }
        };
        if turn.is_pending() {
            self.poll_publish(context);
        }
        turn
    }

    fn obey_commands(&mut self) {
        for command in self.desk.take_commands() {
            match command {
                FeedCommand::Connect => {
                    self.dismissed = false;
                    self.port.inputs.push(Input::Connect);
                }
                FeedCommand::Disconnect => {
                    self.dismissed = true;
                    self.port.inputs.push(Input::Disconnect);
                }
                FeedCommand::RetryNow => self.port.inputs.push(Input::RetryNow),
                FeedCommand::Send(message) => self.take_message(message),
                FeedCommand::GiveUp(number) => self.give_up(number),
            }
            // In order: what follows may depend on what this one did.
            self.tell_machine();
        }
        if self.desk.is_abandoned() {
            self.dismissed = true;
            self.port.inputs.push(Input::Disconnect);
        }
    }

    fn take_message(&mut self, message: Outgoing) {
        if self.attempt.spec.protocol() == Protocol::EventStream {
            self.port.batch.restamp();
            record_unsent(
                &mut self.port.batch,
                &message,
                "an event stream takes no messages",
            );
        } else {
            self.port.outbox.push(message);
        }
    }

    fn give_up(&mut self, number: u64) {
        if let Some(message) = self.port.outbox.take(number) {
            self.port.batch.restamp();
            record_unsent(
                &mut self.port.batch,
                &message,
                "given up before it was sent",
            );
        }
    }

    /// Nobody is left to connect the feed again: what waits never goes out.
    fn give_up_all(&mut self) {
        self.port.batch.restamp();
        while let Some(message) = self.port.outbox.take_next() {
            record_unsent(
                &mut self.port.batch,
                &message,
                "the feed was closed before it was sent",
            );
        }
        self.port.batch.finish();
    }

    fn begin_connection(&mut self, opened: Opened<S>) {
        let Opened {
            status,
            detail,
            subprotocol,
            negotiated,
            skipped_lines,
            connection,
        } = opened;
        if self.was_open {
            self.port.gaps.on_resume();
        }
        self.was_open = true;
        self.subprotocol = subprotocol;
        self.negotiated = negotiated;
        self.line = Line::Up(connection);
        if let Some(second_opinion) = &mut self.second_opinion {
            second_opinion.begin(&self.attempt);
        }
        self.port.inputs.push(Input::Opened { status, detail });
        if let Some(note) = skipped_lines {
            // The note follows the record of the state.
            self.tell_machine();
            self.port.batch.note("skipped_header_lines", &note);
        }
    }

    /// Hands the machine everything that happened, and does what it wants.
    fn tell_machine(&mut self) {
        let mut actions = Vec::new();
        while !self.port.inputs.is_empty() {
            for input in std::mem::take(&mut self.port.inputs) {
                if matches!(input, Input::Ended(_)) {
                    self.hang_up();
                }
                // These enter no state, but the status carries the time of the request.
                self.stepped |= matches!(input, Input::RequestSent | Input::Redirected);
                let now = self.port.batch.restamp().moment;
                self.machine.step(now, input, &mut actions);
                self.port.batch.set_connection(self.machine.connection());
                for action in actions.drain(..) {
                    self.stepped = true;
                    self.execute(action);
                }
            }
        }
    }

    fn execute(&mut self, action: Action) {
        match action {
            Action::Open { connection } => {
                self.port.batch.set_connection(connection);
                if let Some(text) = headers::unsent_id(&self.attempt.last_event_id) {
                    self.port.batch.note("last_event_id_not_sent", &text);
                }
                self.attempt.progress = Progress::default();
                self.attempt.tee = self.second_opinion.as_ref().and_then(SecondOpinion::tee);
                self.line = Line::Opening(engine::open(self.attempt.clone()));
            }
            Action::Close => self.close(),
            Action::Record(change) => self.port.batch.push(Kind::State(change)),
            Action::SetTimer(moment) => {
                let at = self.attempt.clock.instant(moment);
                self.timer = Some(Box::pin(tokio::time::sleep_until(at)));
            }
            Action::CancelTimer => self.timer = None,
        }
    }

    fn close(&mut self) {
        match &mut self.line {
            Line::Up(connection) => connection.close(&mut self.port),
            // An attempt is given up by dropping it.
            Line::Opening(_) | Line::Down => {
                self.port.end(Ending::ClosedByUs);
            }
        }
    }

    /// Nothing lives on the wire any more; what the next attempt needs of it is kept.
    fn hang_up(&mut self) {
        self.keep_last_event_id();
        if let Some(second_opinion) = &mut self.second_opinion {
            second_opinion.end(&mut self.port.batch);
        }
        self.line = Line::Down;
        self.subprotocol = None;
        self.negotiated.clear();
    }

    fn keep_last_event_id(&mut self) -> bool {
        if let Line::Up(connection) = &self.line
            && let Some(id) = connection.last_event_id()
            && id != self.attempt.last_event_id
        {
            self.attempt.last_event_id.clear();
            self.attempt.last_event_id.extend_from_slice(id);
            return true;
        }
        false
    }

    /// After each turn: records become visible first, then the status that follows from them, then its end.
    fn settle(&mut self) {
        self.port.batch.finish();
        // A change of the queue alone is published when the connection had its chance to send it.
        if std::mem::take(&mut self.stepped) {
            self.publish();
        }
        let state = self.machine.state();
        if !state.is_live() && (self.dismissed || state != ConnectionState::Idle) {
            self.desk.set_end(End::Ended);
        } else {
            self.desk.set_end(End::Alive);
        }
    }

    /// Publishes what changed while the task only read and wrote.
    fn poll_publish(&mut self, context: &mut Context<'_>) {
        self.port.batch.finish();
        if self.port.traffic.changed || self.port.outbox.take_changed() {
            self.publish();
        }
        if self.port.traffic.stale && self.publish_timer.is_none() {
            let at = self.looked_at + PUBLISH_INTERVAL;
            if at <= Instant::now() {
                self.publish_news();
            } else {
                self.publish_timer = Some(Box::pin(tokio::time::sleep_until(at)));
            }
        }
        if let Some(timer) = &mut self.publish_timer
            && timer.as_mut().poll(context).is_ready()
        {
            self.publish_timer = None;
            self.publish_news();
        }
    }

    /// Publishes what may have waited, if it is news.
    fn publish_news(&mut self) {
        self.nothing_waits();
        let other_news = self.wire() != self.published_wire
            || self
                .second_opinion
                .as_ref()
                .is_some_and(SecondOpinion::changed);
        if self.keep_last_event_id() || other_news {
            self.publish();
        }
    }

    /// What may have waited is published, or is no news: the next look is an interval away, however much comes.
    fn nothing_waits(&mut self) {
        self.port.traffic.stale = false;
        self.looked_at = Instant::now();
    }

    fn wire(&self) -> Option<WireTraffic> {
        match &self.line {
            Line::Up(connection) => connection.wire(),
            Line::Down | Line::Opening(_) => None,
        }
    }

    fn publish(&mut self) {
        self.keep_last_event_id();
        self.published_wire = self.wire();
        self.nothing_waits();
        self.port.traffic.changed = false;
        self.port.outbox.take_changed();
        let Self { machine, port, .. } = self;
        self.desk.publish(FeedStatus {
            state: machine.state(),
            since: machine.since(),
            connection: machine.connection(),
            asked_at: machine.asked_at(),
            attempt: machine.attempt(),
            reconnects: machine.reconnects(),
            retry_at: machine.retry_at(),
            reason: machine.reason().map(str::to_owned),
            advice: machine.failure().and_then(Failure::advice),
            http_status: machine.http_status(),
            last_event_id: String::from_utf8_lossy(&self.attempt.last_event_id).into_owned(),
            rtt: port.traffic.rtt,
            subprotocol: self.subprotocol.clone(),
            negotiated: self.negotiated.clone(),
            wire: self.published_wire,
            second_opinion: self.second_opinion.as_mut().map(SecondOpinion::tell),
            missed: port.traffic.missed,
            repeated: port.traffic.repeated,
            queue: port.outbox.list(),
        });
        (self.wake)();
    }
}

/// Says that the task is over, however it came to its end.
struct OverGuard(Arc<Desk>);

impl Drop for OverGuard {
    fn drop(&mut self) {
        self.0.task_is_over();
    }
}
