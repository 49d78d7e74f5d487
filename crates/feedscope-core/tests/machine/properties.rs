//! Properties of the machine for any sequence of inputs.

use std::time::Duration;

use feedscope_core::connection::{
    Action, CertificateProblem, ConnectionState, Ending, Failure, Http2Error, Http2Origin, Input,
    LifeRules, Machine, ProtocolRules, ReconnectPolicy, StateChange,
};
use feedscope_core::protocol::CloseCode;
use feedscope_core::time::Moment;
use proptest::prelude::*;

/// Maximum wait, in milliseconds.
const A_YEAR: u64 = 31_536_000_000;

/// The machine, and the state that an observer derives from inputs and actions alone.
struct Observed {
    machine: Machine,
    rules: LifeRules,
    now: Moment,
    /// True if a connection or an attempt has begun and not ended.
    lives: bool,
    timer: Option<Moment>,
    opens: u32,
    waits: u64,
    /// True if the server may have received the request of the newest attempt.
    sent: bool,
    /// Reconnection time in milliseconds, from the server or the default.
    reconnection_time: u64,
    /// Number of waits since the doubling was last reset.
    doublings: u32,
    open: Option<OpenConnection>,
}

/// State of an open connection.
#[derive(Clone, Copy)]
struct OpenConnection {
    since: Moment,
    delivered: bool,
    has_retry: bool,
    finished: bool,
}

impl Observed {
    fn new(rules: LifeRules, seed: u64) -> Self {
        let reconnection_time = rules.protocol.reconnection_time.as_millis();
        let reconnection_time = u64::try_from(reconnection_time).expect("it is short");
        Self {
            machine: Machine::new(rules.clone(), seed),
            rules,
            now: Moment::START,
            lives: false,
            timer: None,
            opens: 0,
            waits: 0,
            sent: false,
            reconnection_time,
            doublings: 0,
            open: None,
        }
    }

    /// Updates the expected doubling after an input, by the specification and not by the code.
    fn note_doubling(&mut self, input: &Input) {
        let state = self.machine.state();
        match (state, input, &mut self.open) {
            (ConnectionState::Connecting, Input::Opened { .. }, _) => {
                self.open = Some(OpenConnection {
                    since: self.now,
                    delivered: false,
                    has_retry: false,
                    finished: false,
                });
            }
            (ConnectionState::Open, Input::Delivered, Some(open)) => open.delivered = true,
            (ConnectionState::Open, Input::ReconnectionTime { .. }, Some(open)) => {
                open.has_retry = true;
            }
            (ConnectionState::Open, Input::Finished, Some(open)) => open.finished = true,
            (ConnectionState::Open, Input::Ended(ending), Some(open)) => {
                let sent_away = match ending {
                    Ending::ClosedByPeer { code, .. }
                    | Ending::Failed(Failure::ClosedByPeer { code, .. }) => {
                        [1008, 1013].contains(&code.0) || (4000..5000).contains(&code.0)
                    }
                    // ENHANCE_YOUR_CALM.
                    Ending::Failed(Failure::Http2(error)) => error.code == 11,
                    _ => false,
                };
                let lasted = self.now.since(open.since) >= Duration::from_secs(5);
                if open.has_retry || ((open.delivered || lasted) && !sent_away) {
                    self.doublings = 0;
                }
            }
            (
                ConnectionState::Idle | ConnectionState::Closed | ConnectionState::Failed,
                Input::Connect,
                _,
            ) => {
                self.doublings = 0;
            }
            _ => {}
        }
    }

    /// Performs a step and checks all visible results.
    fn step(&mut self, after: Duration, input: &Input) {
        self.now = self.now + after;
        let before = self.machine.state();
        self.note_doubling(input);
        match input {
            Input::Ended(_) => self.lives = false,
            Input::RequestSent | Input::Opened { .. } if before == ConnectionState::Connecting => {
                self.sent = true;
            }
            Input::TimerFired if self.timer <= Some(self.now) => self.timer = None,
            Input::ReconnectionTime { ms }
                if matches!(before, ConnectionState::Open | ConnectionState::Closing) =>
            {
                self.reconnection_time = *ms;
            }
            _ => {}
        }
        let mut actions = Vec::new();
        self.machine.step(self.now, input.clone(), &mut actions);
        let mut records = 0;
        for action in actions {
            match action {
                Action::Open { connection } => {
                    assert!(!self.lives, "a second connection while one lives");
                    assert!(
                        self.rules.sent_once.is_none() || !self.sent || *input == Input::Connect,
                        "a request that is sent once was repeated"
                    );
                    self.sent = false;
                    self.lives = true;
                    self.opens += 1;
                    assert_eq!(connection, self.opens);
                }
                Action::Close => assert!(self.lives, "nothing to close"),
                Action::SetTimer(at) => self.timer = Some(at),
                Action::CancelTimer => self.timer = None,
                Action::Record(change) => {
                    records += 1;
                    self.check_record(&change, input, before);
                }
            }
        }
        assert!(records <= 1, "a step enters one state");
        assert_eq!(
            records == 1,
            before != self.machine.state(),
            "one record for each change"
        );
        self.check_state();
    }

    fn check_state(&self) {
        let state = self.machine.state();
        assert_eq!(
            self.timer.is_some(),
            state == ConnectionState::Reconnecting,
            "{state:?}"
        );
        assert_eq!(self.timer, self.machine.retry_at());
        let has_connection = matches!(
            state,
            ConnectionState::Connecting | ConnectionState::Open | ConnectionState::Closing
        );
        assert_eq!(self.lives, has_connection, "{state:?}");
        assert_eq!(self.machine.reconnects(), self.waits);
        assert!(
            self.rules
                .max_reconnects
                .is_none_or(|most| self.waits <= most)
        );
        assert!(self.machine.failure().is_none() || state != ConnectionState::Open);
        let answered = self.machine.http_status().is_some();
        assert!(
            !answered || state != ConnectionState::Connecting,
            "the status of an earlier attempt"
        );
        assert!(answered || state != ConnectionState::Open);
        let asked_at = self.machine.asked_at();
        assert!(asked_at.is_none_or(|at| state == ConnectionState::Connecting && at <= self.now));
    }

    /// Checks that a record has the fields of its state and no others.
    fn check_record(&mut self, change: &StateChange, input: &Input, before: ConnectionState) {
        let StateChange {
            state,
            attempt,
            reconnects,
            delay_ms,
            status,
            reason,
        } = change;
        let waits = *state == ConnectionState::Reconnecting;
        let counts = waits || *state == ConnectionState::Connecting;
        assert_ne!(*state, ConnectionState::Idle);
        assert_eq!((attempt.is_some(), reconnects.is_some()), (counts, counts));
        assert!(attempt.is_none_or(|attempt| attempt >= 1));
        assert_eq!(delay_ms.is_some(), waits);
        assert!(
            reason.is_some()
                || matches!(state, ConnectionState::Connecting | ConnectionState::Open)
        );
        assert!(status.is_some() || *state != ConnectionState::Open);
        if let Some(delay) = *delay_ms {
            self.waits += 1;
            let Input::Ended(ending) = input else {
                panic!("a wait begins with an ending")
            };
            let open = self.open.filter(|_| before == ConnectionState::Open);
            let ended_in_order = *ending == Ending::EndOfStream && self.rules.protocol.may_just_end;
            assert!(
                !open.is_some_and(|open| open.finished) || !ended_in_order,
                "what was asked for has arrived"
            );
            let time = self.reconnection_time.max(100);
            let cap = time.max(30_000);
            let doubled = 2_u64.checked_pow(self.doublings).unwrap_or(u64::MAX);
            let least = time.saturating_mul(doubled).min(cap);
            let most = least.saturating_add(least / 4).min(cap);
            self.doublings += 1;
            let retry_after = retry_after_ms(ending);
            assert!(delay >= least.max(retry_after).min(A_YEAR), "{delay}");
            assert!(delay <= most.max(retry_after).min(A_YEAR), "{delay}");
            assert_eq!(
                self.machine.retry_at(),
                Some(self.now + Duration::from_millis(delay))
            );
        }
    }
}

fn retry_after_ms(ending: &Ending) -> u64 {
    match ending {
        Ending::Failed(failure) => failure.retry_after().map_or(0, |wait| {
            u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
        }),
        _ => 0,
    }
}

fn rules() -> impl Strategy<Value = LifeRules> {
    let protocol = prop_oneof![
        Just(ProtocolRules::EVENT_STREAM),
        Just(ProtocolRules::WEB_SOCKET)
    ];
    let policy = prop_oneof![
        4 => Just(ReconnectPolicy::Persistent),
        2 => Just(ReconnectPolicy::Browser),
        1 => Just(ReconnectPolicy::Never),
    ];
    let max_reconnects = prop_oneof![2 => Just(None), 1 => (0..6_u64).prop_map(Some)];
    let sent_once = prop_oneof![2 => Just(None), 1 => Just(Some("POST".to_owned()))];
    (protocol, policy, max_reconnects, sent_once).prop_map(
        |(protocol, policy, max_reconnects, sent_once)| LifeRules {
            protocol,
            policy,
            max_reconnects,
            sent_once,
        },
    )
}

fn failure() -> impl Strategy<Value = Failure> {
    let text = || "x".to_owned();
    let retry_after = prop_oneof![
        4 => (0..100_000_u64).prop_map(Duration::from_millis),
        1 => any::<u64>().prop_map(Duration::from_secs),
        1 => Just(Duration::MAX),
    ];
    let retry_after = proptest::option::of(retry_after);
    prop_oneof![
        Just(Failure::HostNotFound { host: text() }),
        Just(Failure::Refused { address: text() }),
        Just(Failure::Lost { detail: text() }),
        Just(Failure::NoCloseFrame),
        Just(Failure::Certificate {
            host: text(),
            problem: CertificateProblem::Other,
            detail: text()
        }),
        Just(Failure::NoContent),
        Just(Failure::ContentType {
            got: text(),
            body: text()
        }),
        Just(Failure::NotAcceptable { body: text() }),
        Just(Failure::UnknownCoding { coding: text() }),
        Just(Failure::DamagedCoding {
            coding: text(),
            detail: text()
        }),
        (0..1_000_u16, retry_after).prop_map(|(status, retry_after)| Failure::HttpStatus {
            status,
            retry_after,
            body: String::new()
        }),
        any::<u16>().prop_map(|code| Failure::ClosedByPeer {
            code: CloseCode(code),
            reason: String::new()
        }),
        (0..15_u32).prop_map(|code| Failure::Http2(Http2Error {
            code,
            origin: Http2Origin::Connection,
            text: String::new()
        })),
        (1_000..1_010_u16).prop_map(|code| Failure::Protocol {
            code: CloseCode(code),
            detail: String::new()
        }),
    ]
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        1 => Just(Ending::EndOfStream),
        1 => Just(Ending::ClosedByUs),
        1 => (999..1_016_u16).prop_map(|code| Ending::ClosedByPeer { code: CloseCode(code), reason: String::new() }),
        2 => failure().prop_map(Ending::Failed),
    ]
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => Just(Input::Connect),
        1 => Just(Input::Disconnect),
        2 => Just(Input::RetryNow),
        3 => Just(Input::RequestSent),
        1 => Just(Input::Redirected),
        4 => Just(Input::Opened { status: 200, detail: None }),
        2 => Just(Input::Delivered),
        1 => Just(Input::Finished),
        1 => prop_oneof![0..200_u64, 0..60_000_u64, Just(u64::MAX)].prop_map(|ms| Input::ReconnectionTime { ms }),
        6 => ending().prop_map(Input::Ended),
        4 => Just(Input::TimerFired),
    ]
}

fn inputs() -> impl Strategy<Value = Vec<(Duration, Input)>> {
    let after = prop_oneof![Just(0), 0..5_000_u64, 0..100_000_u64].prop_map(Duration::from_millis);
    proptest::collection::vec((after, input()), 0..80)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_inputs_keep_one_connection_and_every_bound(rules in rules(), seed: u64, inputs in inputs()) {
        let mut observed = Observed::new(rules, seed);
        for (after, input) in inputs {
            observed.step(after, &input);
        }
    }

    #[test]
    fn a_feed_left_alone_ends_up_open_or_at_an_end(
        rules in rules(),
        seed: u64,
        inputs in inputs(),
        endings in proptest::collection::vec(ending(), 1..20),
    ) {
        let mut observed = Observed::new(rules, seed);
        observed.step(Duration::ZERO, &Input::Connect);
        for (after, input) in inputs {
            observed.step(after, &input);
        }
        // Attempts fail in different ways, each after its wait. The last one may succeed.
        for ending in endings {
            observed.step(Duration::ZERO, &Input::Ended(ending));
            if let Some(at) = observed.timer {
                observed.step(at.since(observed.now), &Input::TimerFired);
                prop_assert_eq!(observed.machine.state(), ConnectionState::Connecting);
            }
        }
        observed.step(Duration::ZERO, &Input::Opened { status: 200, detail: None });
        let state = observed.machine.state();
        prop_assert!(
            matches!(state, ConnectionState::Open | ConnectionState::Closed | ConnectionState::Failed),
            "{:?}", state
        );
    }

    #[test]
    fn the_same_seed_does_the_same(rules in rules(), seed: u64, inputs in inputs()) {
        let mut machines = [Machine::new(rules.clone(), seed), Machine::new(rules, seed)];
        let mut now = Moment::START;
        for (after, input) in inputs {
            now = now + after;
            let [first, second] = machines.each_mut().map(|machine| {
                let mut actions = Vec::new();
                machine.step(now, input.clone(), &mut actions);
                actions
            });
            prop_assert_eq!(first, second);
        }
    }
}
