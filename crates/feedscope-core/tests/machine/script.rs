//! Parser and runner for machine scripts. Times are in milliseconds; values that depend on jitter are given as a range.

use std::time::Duration;

use feedscope_core::connection::{
    Action, CertificateProblem, ConnectionState, Ending, Failure, Http2Error, Http2Origin, Input,
    LifeRules, Machine, ProtocolRules, ReconnectPolicy, StateChange,
};
use feedscope_core::protocol::CloseCode;
use feedscope_core::time::Moment;
use serde::Deserialize;

/// Number of seeds for each script. The result of a script must not depend on the seed.
const SEEDS: u64 = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(rename = "about")]
    _about: String,
    protocol: ScriptProtocol,
    #[serde(default)]
    policy: ReconnectPolicy,
    max_reconnects: Option<u64>,
    sent_once: Option<String>,
    step: Vec<ScriptStep>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ScriptProtocol {
    EventStream,
    WebSocket,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptStep {
    at: At,
    input: ScriptInput,
    #[serde(default)]
    actions: Vec<Expected>,
}

/// Time of a step.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum At {
    /// Milliseconds after the start of the script, or after the last timer if there was one.
    Millis(u64),
    Word(AtWord),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AtWord {
    /// Time at which the current timer is due.
    Timer,
    /// One millisecond before the timer is due.
    BeforeTimer,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ScriptInput {
    Connect,
    Disconnect,
    RetryNow,
    RequestSent,
    Redirected,
    Opened { status: u16, detail: Option<String> },
    Delivered,
    Finished,
    ReconnectionTime(u64),
    Ended(ScriptEnding),
    TimerFired,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ScriptEnding {
    EndOfStream,
    ClosedByPeer {
        code: u16,
        #[serde(default)]
        reason: String,
    },
    ClosedByUs,
    Failed(ScriptFailure),
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum ScriptFailure {
    HostNotFound,
    Refused,
    Lost,
    NoCloseFrame,
    Certificate,
    HttpStatus {
        status: u16,
        retry_after: Option<u64>,
        #[serde(default)]
        body: String,
    },
    NoContent,
    ContentType(String),
    /// A GOAWAY with this code.
    Http2(u32),
    Handshake,
    Protocol(u16),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Expected {
    Open(u32),
    Close,
    Record(ExpectedRecord),
    SetTimer,
    CancelTimer,
}

/// Expected record. A missing field allows any value that the state may have, except for `status`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRecord {
    state: ConnectionState,
    attempt: Option<u32>,
    reconnects: Option<u64>,
    /// Minimum and maximum.
    delay_ms: Option<[u64; 2]>,
    status: Option<u16>,
    reason: Option<String>,
}

/// Runs a script. An error contains the first step with other actions.
pub(crate) fn run(text: &str) -> Result<(), String> {
    let script: Script = toml::from_str(text).map_err(|error| error.to_string())?;
    for seed in 0..SEEDS {
        play(&script, seed).map_err(|problem| format!("seed {seed}, {problem}"))?;
    }
    Ok(())
}

fn play(script: &Script, seed: u64) -> Result<(), String> {
    let rules = LifeRules {
        protocol: match script.protocol {
            ScriptProtocol::EventStream => ProtocolRules::EVENT_STREAM,
            ScriptProtocol::WebSocket => ProtocolRules::WEB_SOCKET,
        },
        policy: script.policy,
        max_reconnects: script.max_reconnects,
        sent_once: script.sent_once.clone(),
    };
    let mut machine = Machine::new(rules, seed);
    let mut base = Moment::START;
    for (i, step) in script.step.iter().enumerate() {
        let mut check = || {
            let now = when(step.at, &mut base, machine.retry_at())?;
            let mut actions = Vec::new();
            machine.step(now, step.input.clone().into(), &mut actions);
            compare(&step.actions, &actions)?;
            check_answers(&machine, now, &actions)
        };
        check().map_err(|problem| format!("step {}: {problem}", i + 1))?;
    }
    Ok(())
}

fn when(at: At, base: &mut Moment, retry_at: Option<Moment>) -> Result<Moment, String> {
    let word = match at {
        At::Millis(ms) => return Ok(*base + Duration::from_millis(ms)),
        At::Word(word) => word,
    };
    let due = retry_at.ok_or("no timer runs")?;
    match word {
        AtWord::BeforeTimer => Ok(due - Duration::from_millis(1)),
        AtWord::Timer => {
            *base = due;
            Ok(due)
        }
    }
}

fn compare(expected: &[Expected], actions: &[Action]) -> Result<(), String> {
    let matches = expected.len() == actions.len()
        && expected
            .iter()
            .zip(actions)
            .all(|(expected, action)| match (expected, action) {
                (Expected::Open(number), Action::Open { connection }) => number == connection,
                (Expected::Record(expected), Action::Record(change)) => expected.matches(change),
                (Expected::Close, Action::Close)
                | (Expected::SetTimer, Action::SetTimer(_))
                | (Expected::CancelTimer, Action::CancelTimer) => true,
                _ => false,
            });
    if matches {
        Ok(())
    } else {
        Err(format!("expected {expected:#?}, got {actions:#?}"))
    }
}

impl ExpectedRecord {
    fn matches(&self, change: &StateChange) -> bool {
        let same =
            |expected: Option<u64>, told: Option<u64>| expected.is_none() || expected == told;
        self.state == change.state
            && same(self.attempt.map(u64::from), change.attempt.map(u64::from))
            && same(self.reconnects, change.reconnects)
            && self.delay_ms.is_none_or(|[least, most]| {
                change
                    .delay_ms
                    .is_some_and(|delay| (least..=most).contains(&delay))
            })
            && self.status == change.status
            && (self.reason.is_none() || self.reason == change.reason)
    }
}

/// Checks that the machine's state agrees with its actions.
fn check_answers(machine: &Machine, now: Moment, actions: &[Action]) -> Result<(), String> {
    for action in actions {
        let agrees = match action {
            Action::Open { connection } => machine.connection() == *connection,
            Action::Record(change) => {
                machine.state() == change.state
                    && machine.since() == now
                    && machine.reason() == change.reason.as_deref()
                    && change
                        .attempt
                        .is_none_or(|attempt| attempt == machine.attempt())
                    && change
                        .reconnects
                        .is_none_or(|reconnects| reconnects == machine.reconnects())
                    && (change.status.is_none() || change.status == machine.http_status())
            }
            Action::SetTimer(at) => machine.retry_at() == Some(*at),
            Action::CancelTimer => machine.retry_at().is_none(),
            Action::Close => machine.state() == ConnectionState::Closing,
        };
        if !agrees {
            return Err(format!("{machine:#?} does not agree with {action:?}"));
        }
    }
    Ok(())
}

impl From<ScriptInput> for Input {
    fn from(input: ScriptInput) -> Self {
        match input {
            ScriptInput::Connect => Self::Connect,
            ScriptInput::Disconnect => Self::Disconnect,
            ScriptInput::RetryNow => Self::RetryNow,
            ScriptInput::RequestSent => Self::RequestSent,
            ScriptInput::Redirected => Self::Redirected,
            ScriptInput::Opened { status, detail } => Self::Opened { status, detail },
            ScriptInput::Delivered => Self::Delivered,
            ScriptInput::Finished => Self::Finished,
            ScriptInput::ReconnectionTime(ms) => Self::ReconnectionTime { ms },
            ScriptInput::Ended(ending) => Self::Ended(ending.into()),
            ScriptInput::TimerFired => Self::TimerFired,
        }
    }
}

impl From<ScriptEnding> for Ending {
    fn from(ending: ScriptEnding) -> Self {
        match ending {
            ScriptEnding::EndOfStream => Self::EndOfStream,
            ScriptEnding::ClosedByPeer { code, reason } => Self::ClosedByPeer {
                code: CloseCode(code),
                reason,
            },
            ScriptEnding::ClosedByUs => Self::ClosedByUs,
            ScriptEnding::Failed(failure) => Self::Failed(failure.into()),
        }
    }
}

impl From<ScriptFailure> for Failure {
    fn from(failure: ScriptFailure) -> Self {
        let text = |text: &str| text.to_owned();
        match failure {
            ScriptFailure::HostNotFound => Self::HostNotFound {
                host: text("feeds.invalid"),
            },
            ScriptFailure::Refused => Self::Refused {
                address: text("127.0.0.1:9"),
            },
            ScriptFailure::Lost => Self::Lost {
                detail: text("connection reset by peer"),
            },
            ScriptFailure::NoCloseFrame => Self::NoCloseFrame,
            ScriptFailure::Certificate => Self::Certificate {
                host: text("feeds.test:443"),
                problem: CertificateProblem::Dates,
                detail: text("it expired"),
            },
            ScriptFailure::HttpStatus {
                status,
                retry_after,
                body,
            } => Self::HttpStatus {
                status,
                retry_after: retry_after.map(Duration::from_secs),
                body,
            },
            ScriptFailure::NoContent => Self::NoContent,
            ScriptFailure::ContentType(got) => Self::ContentType {
                got,
                body: String::new(),
            },
            ScriptFailure::Http2(code) => Self::Http2(Http2Error {
                code,
                origin: Http2Origin::Connection,
                text: String::new(),
            }),
            ScriptFailure::Handshake => Self::Handshake {
                detail: text("no Sec-WebSocket-Accept"),
            },
            ScriptFailure::Protocol(code) => Self::Protocol {
                code: CloseCode(code),
                detail: text("it did not fit"),
            },
        }
    }
}
