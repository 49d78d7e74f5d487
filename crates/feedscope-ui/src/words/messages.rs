//! Words about saved messages.

use feedscope_core::store::Class;

use super::{duration, whole_seconds};
use crate::messages::MessageScene;

/// Returns the text of the chip of a message. `index` is its place among the messages, from 0.
pub(crate) fn message_chip(message: &MessageScene, index: usize) -> String {
    let name = &message.name;
    let own = message.key.as_deref().map(message_key);
    let Some(automatic) = &message.automatic else {
        return match own {
            Some(key) => format!("{name}  {key}"),
            None if index < 9 => format!("{name}  Alt {}", index + 1),
            None => name.clone(),
        };
    };
    let occasion = match (&automatic.every, &automatic.when) {
        (Some(every), _) => format!("every {}", duration(*every)),
        (None, Some(filter)) => format!("answers {filter}"),
        (None, None) if automatic.is_on_connect => "on connect".to_owned(),
        (None, None) => "not required by the server".to_owned(),
    };
    match (automatic.is_on, automatic.next_in) {
        (false, _) => format!("{name}  {occasion}, stopped"),
        (true, Some(next)) => format!("{name}  {occasion}, next in {}", whole_seconds(next)),
        (true, None) if automatic.every.is_some() => {
            format!("{name}  {occasion}, waits for the feed")
        }
        (true, None) => format!("{name}  {occasion}, {} sent", automatic.sent),
    }
}

/// Returns the keys of a message. A single character is pressed together with Alt.
pub(crate) fn message_key(written: &str) -> String {
    let written = written.trim();
    let mut signs = written.chars();
    match (signs.next(), signs.next()) {
        (Some(sign), None) => format!("Alt {}", sign.to_ascii_uppercase()),
        _ => written.to_owned(),
    }
}

/// Returns the effect of a click on the chip.
pub(crate) fn message_action(message: &MessageScene) -> String {
    let name = &message.name;
    match &message.automatic {
        None => format!("Send {name}"),
        Some(automatic) if automatic.is_on => format!("Stop {name}"),
        Some(_) => format!("Start {name}"),
    }
}

/// Returns the sentence of the form of a connection that is saved because of a message.
pub(crate) fn saved_with_message(name: &str) -> String {
    format!("The message `{name}` is saved with this connection, which is not in the file yet.")
}

/// Returns the sentence of the form of a connection that is saved already.
pub(crate) fn replaces_connection(name: &str) -> String {
    format!("`{name}` is saved already and is replaced. Under another name, it is saved once more.")
}

/// Returns the question before a saved message is removed.
pub(crate) fn remove_message(name: &str) -> String {
    format!("Remove {name}?")
}

/// Returns the name of a pane that sends messages by itself.
pub(crate) fn sending(name: &str) -> String {
    format!("{name} · sending")
}

/// Message after a message was sent that the filter of its pane may hide, and its short form.
pub(crate) const SENT_UNDER_FILTER: [&str; 2] = [
    "Sent. The filter of this pane may hide the message.",
    "Sent. The filter may hide it.",
];

/// Message after a message was sent while the view shows older records, and its short form.
pub(crate) const SENT_BELOW: [&str; 2] = [
    "Sent. The message is below, with the newest records.",
    "Sent. The message is below.",
];

/// Buttons of these messages.
pub(crate) const CLEAR_FILTER: &str = "Clear the filter";
pub(crate) const GO_TO_NEWEST: &str = "Go to it";

/// Returns the message after something of a class was sent that the pane does not show, its short form, and the name of its
/// button.
pub(crate) fn sent_hidden(class: Class) -> ([&'static str; 2], &'static str) {
    match class {
        Class::PingPong => (
            [
                "Ping sent. Pings and pongs are hidden in this pane.",
                "Ping sent, hidden.",
            ],
            "Show pings and pongs",
        ),
        Class::States => (
            [
                "Close frame sent. States are hidden in this pane.",
                "Close frame sent, hidden.",
            ],
            "Show states",
        ),
        _ => (
            [
                "Sent. Sent messages are hidden in this pane.",
                "Sent, hidden.",
            ],
            "Show sent messages",
        ),
    }
}

/// Button of a message about records that can be opened again.
pub(crate) const RESTORE: &str = "Restore";

/// Message about a new pane where all others would get too small to be read beside it.
pub(crate) const NEW_TAB: &str =
    "No room for another pane beside the others. The new pane is a tab.";

/// Returns the message after a pane with records was closed. `key` opens it again; it is empty if there is none.
pub(crate) fn closed(records: u64, key: &str) -> String {
    let records = super::counted(records, "record");
    with_key(&format!("Pane closed, with {records}"), key)
}

/// Returns the message after another feed has replaced records in a pane, and the filter if there was one. `key` opens them
/// again. Without a key, the message is short.
pub(crate) fn replaced(records: u64, had_filter: bool, key: &str) -> String {
    let records = super::counted(records, "record");
    if key.is_empty() {
        let filter = if had_filter { " and the filter" } else { "" };
        return format!("Replaced: {records}{filter}.");
    }
    let filter = if had_filter { " and of the filter" } else { "" };
    with_key(
        &format!("Another feed took the place of {records}{filter}"),
        key,
    )
}

/// Returns the message after a flood was stopped. `key` opens its records again; it is empty if there is none. Their number is
/// not known yet, because more of them are on their way.
pub(crate) fn flood_stopped(key: &str) -> String {
    with_key("Flood stopped. Its records can be restored", key)
}

/// Returns the message after a feed was connected with other options. `key` opens its earlier records again. Without a key,
/// the message is short.
pub(crate) fn reconnected(records: u64, key: &str) -> String {
    let records = super::counted(records, "earlier record");
    let connected = if key.is_empty() {
        "Connected"
    } else {
        "Connected with other options"
    };
    with_key(&format!("{connected}, without the {records}"), key)
}

/// Adds the key of the button to a sentence.
fn with_key(sentence: &str, key: &str) -> String {
    if key.is_empty() {
        format!("{sentence}.")
    } else {
        format!("{sentence}. Restore: {key}")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::messages::AutomaticScene;

    #[test]
    fn chips_name_the_occasion_and_the_next_time() {
        let automatic = |automatic| MessageScene {
            name: "ping".to_owned(),
            automatic: Some(automatic),
            ..MessageScene::default()
        };
        let every = AutomaticScene {
            every: Some(Duration::from_secs(20)),
            is_on: true,
            ..AutomaticScene::default()
        };
        let next = AutomaticScene {
            next_in: Some(Duration::from_millis(14_600)),
            ..every.clone()
        };
        let stopped = AutomaticScene {
            is_on: false,
            ..every.clone()
        };
        let answer = AutomaticScene {
            when: Some("text:=2".to_owned()),
            is_on: true,
            sent: 3,
            ..AutomaticScene::default()
        };
        let first = AutomaticScene {
            is_on_connect: true,
            is_on: true,
            sent: 1,
            ..AutomaticScene::default()
        };
        for (scene, chip) in [
            (first, "ping  on connect, 1 sent"),
            (every, "ping  every 20.0 s, waits for the feed"),
            (next, "ping  every 20.0 s, next in 14 s"),
            (stopped, "ping  every 20.0 s, stopped"),
            (answer, "ping  answers text:=2, 3 sent"),
        ] {
            assert_eq!(message_chip(&automatic(scene), 0), chip);
        }
        let by_hand = MessageScene {
            name: "subscribe".to_owned(),
            ..MessageScene::default()
        };
        assert_eq!(message_chip(&by_hand, 1), "subscribe  Alt 2");
        assert_eq!(message_chip(&by_hand, 9), "subscribe");
        assert_eq!(message_action(&by_hand), "Send subscribe");
        for (key, chip) in [
            ("3", "subscribe  Alt 3"),
            ("x", "subscribe  Alt X"),
            ("Ctrl F5", "subscribe  Ctrl F5"),
        ] {
            let own = MessageScene {
                key: Some(key.to_owned()),
                ..by_hand.clone()
            };
            assert_eq!(message_chip(&own, 1), chip);
        }
    }
}
