//! Task of a feed, with the only loop that awaits. It passes inputs to the machine and executes the machine's actions.
//! It does not decide about transitions itself.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use feedscope_core::connection::{
    Action, Ending, Failure, Input, LifeRules, Machine, ProtocolRules,
};
use feedscope_core::feed::{FeedCommand, FeedSpec, FeedStatus, Outgoing};
use feedscope_core::gap::GapTracker;
use feedscope_core::protocol::{Protocol, StreamFormat};
use feedscope_core::record::{Kind, Sink};
use feedscope_core::{ConnectionState, NoteCode};
use tokio::time::Sleep;

use crate::backpressure::Backpressure;
use crate::batch::{Batch, Wake};
use crate::clock::Clock;
use crate::engine::{self, Attempt, Connection, Opened, Opening, Port, TrafficFigures};
use crate::handle::{End, Mailbox};
use crate::http::{Clients, CookieJar, Negotiated, headers};
use crate::outbox::{Outbox, record_unsent};
use crate::progress::AttemptProgress;
use crate::second_opinion::SecondOpinion;
use crate::status::{StatusPublisher, Urgency};

/// Task of a feed.
pub(crate) struct Driver<S> {
    attempt: Attempt,
    machine: Machine,
    link: NetworkState<S>,
    /// Pauses reading while the sink has no room.
    backpressure: Backpressure,
    /// Timer that the machine has set.
    timer: Option<Pin<Box<Sleep>>>,
    port: Port<S>,
    mailbox: Arc<Mailbox>,
    subprotocol: Option<String>,
    /// Format of the newest answer.
    format: StreamFormat,
    /// Protocols and parameters of the open connection.
    negotiated: Negotiated,
    /// Second engine that reads the same bytes, if requested.
    second_opinion: Option<SecondOpinion>,
    /// True if there was a connection before, so that the next one is a resume.
    was_open: bool,
    /// Last event ID of the newest note that it is not sent.
    noted_id: Option<Vec<u8>>,
    /// True if the user requested the end, or if the handle was dropped.
    end_requested: bool,
}

/// State of the feed on the network.
enum NetworkState<S> {
    Down,
    Opening(Opening<S>),
    Up(Box<dyn Connection<S>>),
}

/// Reason for which the task continues.
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
        mailbox: Arc<Mailbox>,
    ) -> Self {
        let rules = LifeRules {
            protocol: ProtocolRules::of(spec.protocol()),
            policy: spec.life.policy,
            max_reconnects: spec.life.max_reconnects,
            sent_once: spec.sent_once().map(str::to_owned),
        };
        // The option is the ID until the first event replaces it (HTML standard, section 9.2.6).
        let last_event_id = spec.http.last_event_id.clone().into_bytes();
        let batch = Batch::new(sink, Arc::clone(&wake), clock.clone());
        let status = StatusPublisher::new(Arc::clone(&mailbox), wake);
        let second_opinion = SecondOpinion::of(&spec);
        Self {
            attempt: Attempt {
                spec: Arc::new(spec),
                last_event_id,
                clients,
                cookies: Arc::new(CookieJar::default()),
                clock,
                progress: AttemptProgress::default(),
                tee: None,
            },
            // Each feed has its own random delays, so that many feeds do not reconnect at the same time.
            machine: Machine::new(rules, fastrand::u64(..)),
            link: NetworkState::Down,
            backpressure: Backpressure::default(),
            timer: None,
            port: Port {
                batch,
                inputs: Vec::new(),
                gaps: GapTracker::default(),
                outbox: Outbox::default(),
                traffic: TrafficFigures::default(),
                status,
            },
            mailbox,
            subprotocol: None,
            format: StreamFormat::Auto,
            negotiated: Negotiated::new(),
            second_opinion,
            was_open: false,
            noted_id: None,
            end_requested: false,
        }
    }

    /// Runs until the handle is dropped and the feed has ended.
    pub(crate) async fn run(mut self) {
        let _over = OverGuard(Arc::clone(&self.mailbox));
        loop {
            match std::future::poll_fn(|context| self.poll_turn(context)).await {
                Turn::Commands => self.run_commands(),
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
            // The inputs of this turn are processed, and their records become visible, before the task may end.
            self.step_machine();
            self.finish_turn();
            if self.mailbox.is_abandoned() && !self.machine.state().is_live() {
                self.give_up_all();
                return;
            }
        }
    }

    /// Polls everything that can make progress. Ready if this task must act on the result.
    fn poll_turn(&mut self, context: &mut Context<'_>) -> Poll<Turn<S>> {
        if self.mailbox.poll_news(context).is_ready() {
            return Poll::Ready(Turn::Commands);
        }
        if let Some(timer) = &mut self.timer
            && timer.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Turn::Timer);
        }
        // A feed that is about to end is not paused, so that its end does not wait for a disk.
        let is_held = matches!(self.link, NetworkState::Up(_))
            && !self.end_requested
            && self
                .backpressure
                .poll(context, &mut self.port.batch)
                .is_pending();
        let turn = match &mut self.link {
            NetworkState::Down => Poll::Pending,
            NetworkState::Up(_) if is_held => Poll::Pending,
            NetworkState::Opening(opening) => {
                let turn = opening.as_mut().poll(context).map(Turn::OpeningDone);
                // These inputs precede the result, because the machine rates a failure by whether the request was sent.
                self.port.inputs.extend(self.attempt.progress.take_inputs());
                if turn.is_pending() && !self.port.inputs.is_empty() {
                    return Poll::Ready(Turn::Inputs);
                }
                turn
            }
            NetworkState::Up(connection) => {
                let turn = connection.poll(context, &mut self.port);
                if let Some(second_opinion) = &mut self.second_opinion {
                    if second_opinion.is_reading() {
                        self.port.status.changed(Urgency::Interval);
                    }
                    second_opinion.advance(&mut self.port.batch);
                }
                turn.map(|()| Turn::Inputs)
            }
        };
        // Nothing is left to do now, so that the status can be published.
        if turn.is_pending() {
            self.poll_publish(context);
        }
        turn
    }

    fn run_commands(&mut self) {
        let (commands, refused) = self.mailbox.take_commands();
        for command in commands {
            match command {
                FeedCommand::Connect => {
                    self.end_requested = false;
                    self.port.inputs.push(Input::Connect);
                }
                FeedCommand::Disconnect => {
                    self.end_requested = true;
                    self.port.inputs.push(Input::Disconnect);
                }
                FeedCommand::RetryNow => self.port.inputs.push(Input::RetryNow),
                FeedCommand::Send(message) => self.take_message(message),
                FeedCommand::GiveUp(number) => self.give_up(number),
            }
            // The machine runs after each command, because the next command may depend on its effect.
            self.step_machine();
        }
        if !refused.is_empty() {
            let batch = &mut self.port.batch;
            batch.restamp();
            batch.note(NoteCode::COMMANDS_REFUSED, &refused.to_string());
        }
        if self.mailbox.is_abandoned() {
            self.end_requested = true;
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
        } else if let Err((message, why)) = self.port.outbox.push(message) {
            self.port.batch.restamp();
            record_unsent(&mut self.port.batch, &message, &why);
        } else {
            self.port.status.changed(Urgency::Idle);
        }
    }

    fn give_up(&mut self, number: u64) {
        if let Some(message) = self.port.outbox.take(number) {
            self.port.status.changed(Urgency::Idle);
            self.port.batch.restamp();
            record_unsent(
                &mut self.port.batch,
                &message,
                "given up before it was sent",
            );
        }
    }

    /// Records all waiting messages as not sent. Without a handle, the feed is never connected again.
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
            reads_lines,
            negotiated,
            skipped_lines,
            connection,
        } = opened;
        // The first event of a resume shows which events were lost.
        if self.was_open {
            self.port.gaps.on_resume();
        }
        self.was_open = true;
        self.noted_id = None;
        self.subprotocol = subprotocol;
        self.format = if reads_lines {
            StreamFormat::Lines
        } else {
            StreamFormat::EventStream
        };
        self.negotiated = negotiated;
        self.link = NetworkState::Up(connection);
        if let Some(second_opinion) = &mut self.second_opinion
            && !reads_lines
        {
            second_opinion.begin(&self.attempt);
        }
        self.port.inputs.push(Input::Opened { status, detail });
        if let Some(second_opinion) = &self.second_opinion
            && reads_lines
        {
            let note = second_opinion.not_for_lines();
            // The note follows the record of the state.
            self.step_machine();
            self.port.batch.note(NoteCode::SECOND_OPINION, &note);
        }
        if let Some(note) = skipped_lines {
            // The record of the transition precedes the note.
            self.step_machine();
            self.port.batch.note(NoteCode::SKIPPED_HEADER_LINES, &note);
        }
    }

    /// Passes all inputs to the machine and executes its actions.
    fn step_machine(&mut self) {
        let mut actions = Vec::new();
        // An action can produce further inputs, so that this repeats until there are none.
        while !self.port.inputs.is_empty() {
            for input in std::mem::take(&mut self.port.inputs) {
                if matches!(input, Input::Ended(_)) {
                    self.drop_link();
                }
                // These inputs change no state, but the status contains the time of the request.
                if matches!(input, Input::RequestSent | Input::Redirected) {
                    self.port.status.changed(Urgency::EndOfTurn);
                }
                let now = self.port.batch.restamp().moment;
                self.machine.step(now, input, &mut actions);
                self.port.batch.set_connection(self.machine.connection());
                for action in actions.drain(..) {
                    self.port.status.changed(Urgency::EndOfTurn);
                    self.execute(action);
                }
            }
        }
    }

    fn execute(&mut self, action: Action) {
        match action {
            Action::Open { connection } => {
                self.port.batch.set_connection(connection);
                self.note_unsent_id();
                self.attempt.progress = AttemptProgress::default();
                self.attempt.tee = self.second_opinion.as_ref().and_then(SecondOpinion::tee);
                self.link = NetworkState::Opening(engine::open(self.attempt.clone()));
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

    /// Notes an id that cannot be sent, once until the feed is open again.
    fn note_unsent_id(&mut self) {
        let id = &self.attempt.last_event_id;
        if self.noted_id.as_ref() == Some(id) {
            return;
        }
        if let Some(text) = headers::unsent_id(id) {
            self.noted_id = Some(id.clone());
            self.port
                .batch
                .note(NoteCode::LAST_EVENT_ID_NOT_SENT, &text);
        }
    }

    fn close(&mut self) {
        match &mut self.link {
            NetworkState::Up(connection) => connection.close(&mut self.port),
            // Dropping an attempt cancels it.
            NetworkState::Opening(_) | NetworkState::Down => {
                self.port.end(Ending::ClosedByUs);
            }
        }
    }

    /// Drops the connection or the attempt. The last event ID is kept for the next attempt.
    fn drop_link(&mut self) {
        self.keep_last_event_id();
        if let Some(second_opinion) = &mut self.second_opinion {
            second_opinion.end(&mut self.port.batch);
        }
        self.link = NetworkState::Down;
        self.subprotocol = None;
        self.negotiated.clear();
    }

    fn keep_last_event_id(&mut self) {
        if let NetworkState::Up(connection) = &self.link
            && let Some(id) = connection.last_event_id()
            && id != self.attempt.last_event_id
        {
            self.attempt.last_event_id.clear();
            self.attempt.last_event_id.extend_from_slice(id);
        }
    }

    /// Finishes a turn: makes its records visible, then publishes the status that follows from them, and finally
    /// reports the end of the feed.
    fn finish_turn(&mut self) {
        self.port.batch.finish();
        // A change of the queue alone is published later, after the connection had a chance to send the message.
        if self.port.status.is_due_at_end_of_turn() {
            self.publish();
        }
        let state = self.machine.state();
        if !state.is_live() && (self.end_requested || state != ConnectionState::Idle) {
            self.mailbox.set_end(End::Ended);
        } else {
            self.mailbox.set_end(End::Alive);
        }
    }

    /// Publishes changes that happened while the task only read and wrote.
    fn poll_publish(&mut self, context: &mut Context<'_>) {
        self.port.batch.finish();
        if self.port.status.poll_due(context).is_ready() {
            self.publish();
        }
    }

    fn publish(&mut self) {
        self.keep_last_event_id();
        // The layer counts the traffic of the present connection only.
        let wire = match &self.link {
            NetworkState::Up(connection) => connection.wire(),
            NetworkState::Down | NetworkState::Opening(_) => None,
        };
        let Self { machine, port, .. } = self;
        let status = FeedStatus {
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
            reads_lines: self.format == StreamFormat::Lines,
            negotiated: self.negotiated.clone(),
            wire,
            second_opinion: self.second_opinion.as_ref().map(SecondOpinion::opinion),
            missed: port.traffic.missed,
            repeated: port.traffic.repeated,
            queue: port.outbox.list(),
        };
        port.status.publish(status);
    }
}

/// Reports the end of the task when it is dropped, so that it covers every way to end.
struct OverGuard(Arc<Mailbox>);

impl Drop for OverGuard {
    fn drop(&mut self) {
        self.0.task_is_over();
    }
}
