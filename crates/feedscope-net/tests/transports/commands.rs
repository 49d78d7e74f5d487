//! Commands to a feed whose task has no time to take them.

use std::sync::Arc;

use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::{Kind, NoteCode, Record, Sink};
use feedscope_net::Net;
use parking_lot::Mutex;

use crate::feed::{DEADLINE, once};
use crate::server::{Gate, refused_address};

/// Number of messages that wait as commands.
const ROOM: usize = 10_000;

/// Sink that stops its feed at the first record until the test opens the gate.
struct Stopping {
    reached: Gate,
    gate: Gate,
    notes: Arc<Mutex<Vec<String>>>,
}

impl Sink for Stopping {
    fn push(&mut self, record: &Record<'_>) {
        self.reached.open();
        self.gate.wait();
        if let Kind::Note {
            code: NoteCode::COMMANDS_REFUSED,
            text,
        } = record.kind
        {
            self.notes.lock().push(text.to_owned());
        }
    }

    fn flush(&mut self) {}
}

#[test]
fn messages_without_room_are_reported_in_the_timeline() {
    let net = Net::start(1).unwrap();
    let (reached, gate) = (Gate::default(), Gate::default());
    let notes = Arc::default();
    let sink = Stopping {
        reached: reached.clone(),
        gate: gate.clone(),
        notes: Arc::clone(&notes),
    };
    let url = format!("ws://{}/", refused_address());
    let handle = net.open(once(&url), sink, || {});
    handle.command(FeedCommand::Connect);
    reached.wait();
    for _ in 0..ROOM + 2 {
        handle.command(FeedCommand::Send(Outgoing::Text("abc".to_owned())));
    }
    // Commands of a person have room beside the messages.
    handle.command(FeedCommand::Disconnect);
    assert_eq!(handle.backlog(), ROOM + 1);
    gate.open();
    assert!(handle.wait_ended(DEADLINE));
    let text = "refused, because too many commands waited: 2 messages of 6 bytes to send";
    assert_eq!(*notes.lock(), [text]);
}
