//! Tests of the state machine of a feed's life. Scripts are in `cases/machine/*.toml`: inputs at their times, and the
//! expected actions. Properties hold for any inputs.

#[path = "support/case_files.rs"]
mod case_files;
#[path = "machine/properties.rs"]
mod properties;
#[path = "machine/script.rs"]
mod script;

use feedscope_core::connection::{
    Action, ConnectionState, Ending, Failure, Input, LifeRules, Machine, ProtocolRules,
    ReconnectPolicy,
};
use feedscope_core::time::Moment;

#[test]
fn scripts() {
    let one = |text: &str| script::run(text).map(|()| 1);
    case_files::run_all("machine", 11, one);
}

#[test]
fn a_script_that_expects_something_else_fails() {
    let script = |key: &str, actions: &str| {
        format!(
            "about = 'x'\nprotocol = 'event-stream'\n{key}\n\
             [[step]]\nat = 0\ninput = 'connect'\nactions = [{actions}]"
        )
    };
    let connecting =
        "{ open = 1 }, { record = { state = 'connecting', attempt = 1, reconnects = 0 } }";
    assert_eq!(script::run(&script("", connecting)), Ok(()));
    for (key, actions) in [
        ("retries = 3", connecting),
        ("", "{ open = 2 }, { record = { state = 'connecting' } }"),
        ("", "{ open = 1 }, { record = { state = 'open' } }"),
        (
            "",
            "{ open = 1 }, { record = { state = 'connecting', attempt = 2 } }",
        ),
        (
            "",
            "{ open = 1 }, { record = { state = 'connecting', status = 200 } }",
        ),
        (
            "",
            "{ open = 1 }, { record = { state = 'connecting', tries = 1 } }",
        ),
        ("", "{ record = { state = 'connecting' } }, { open = 1 }"),
        ("", "{ open = 1 }"),
        ("", ""),
    ] {
        assert!(
            script::run(&script(key, actions)).is_err(),
            "{key} {actions}"
        );
    }
}

#[test]
fn a_server_away_for_a_day_is_asked_twice_a_minute() {
    let rules = LifeRules {
        protocol: ProtocolRules::EVENT_STREAM,
        policy: ReconnectPolicy::Persistent,
        max_reconnects: None,
        sent_once: None,
    };
    let mut machine = Machine::new(rules, 1);
    let mut actions = Vec::new();
    let mut now = Moment::START;
    machine.step(now, Input::Connect, &mut actions);
    while now < Moment::from_millis(24 * 3_600_000) {
        let refused = Failure::Refused {
            address: "127.0.0.1:9".to_owned(),
        };
        machine.step(now, Input::Ended(Ending::Failed(refused)), &mut actions);
        now = machine.retry_at().unwrap();
        machine.step(now, Input::TimerFired, &mut actions);
        assert_eq!(machine.state(), ConnectionState::Connecting);
    }
    // 24 hours with half a minute each, except for shorter waits at the beginning.
    assert!(
        (2_880..2_890).contains(&machine.reconnects()),
        "{}",
        machine.reconnects()
    );
    assert_eq!(u64::from(machine.attempt()), machine.reconnects() + 1);
    assert_eq!(machine.connection(), machine.attempt());
    let opens = actions
        .iter()
        .filter(|action| matches!(action, Action::Open { .. }))
        .count();
    assert_eq!(opens as u64, machine.reconnects() + 1);
}
