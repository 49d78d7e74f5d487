//! Commands that a feed has not taken yet, in order. The list is bounded, and the commands that it refuses are counted.
//! This module does not execute commands.

use std::fmt;

use feedscope_core::feed::FeedCommand;
use feedscope_core::numbers::counted;

use crate::outbox::{MOST_BYTES, MOST_MESSAGES};

/// Maximum number of commands that wait. A feed that is closed gives up each waiting message with a command of its own,
/// and the commands of a person have room beside them.
const MOST_COMMANDS: usize = 2 * MOST_MESSAGES + 1_000;

/// Commands that wait until the task of their feed takes them. A task that is alive takes them at each turn, so that only a
/// task without time lets the list grow.
#[derive(Debug, Default)]
pub(crate) struct CommandList {
    waiting: Vec<FeedCommand>,
    /// Number of messages among the commands.
    messages: usize,
    /// Payload bytes of these messages.
    bytes: usize,
    refused: RefusedCommands,
}

/// Numbers of commands that found no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RefusedCommands {
    /// Messages to send.
    pub(crate) messages: u64,
    /// Payload bytes of these messages.
    pub(crate) bytes: u64,
    /// Other commands.
    pub(crate) others: u64,
}

impl CommandList {
    /// Appends a command. Returns false if it has no room. Messages leave room for other commands, so that a feed with
    /// many messages can be disconnected.
    pub(crate) fn push(&mut self, command: FeedCommand) -> bool {
        let length = match &command {
            FeedCommand::Send(message) => Some(message.payload_len()),
            _ => None,
        };
        let has_room = match length {
            Some(length) => {
                let is_first = self.messages == 0;
                self.messages < MOST_MESSAGES && (is_first || self.bytes + length <= MOST_BYTES)
            }
            None => self.waiting.len() < MOST_COMMANDS,
        };
        match length {
            Some(length) if has_room => {
                self.messages += 1;
                self.bytes += length;
            }
            Some(length) => {
                self.refused.messages += 1;
                self.refused.bytes += length as u64;
            }
            None if has_room => {}
            None => self.refused.others += 1,
        }
        if has_room {
            self.waiting.push(command);
        }
        has_room
    }

    /// Removes and returns all commands, with the numbers of those that were refused since the last call.
    pub(crate) fn take(&mut self) -> (Vec<FeedCommand>, RefusedCommands) {
        let Self {
            waiting, refused, ..
        } = std::mem::take(self);
        (waiting, refused)
    }

    /// Returns the number of commands that wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }
}

impl RefusedCommands {
    /// Returns true if no command was refused.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for RefusedCommands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            messages,
            bytes,
            others,
        } = *self;
        let mut parts = Vec::new();
        if messages > 0 {
            let (messages, bytes) = (counted(messages, "message"), counted(bytes, "byte"));
            parts.push(format!("{messages} of {bytes} to send"));
        }
        if others > 0 {
            parts.push(counted(others, "other command"));
        }
        write!(
            f,
            "refused, because too many commands waited: {}",
            parts.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use feedscope_core::feed::Outgoing;

    use super::*;

    fn send(text: &str) -> FeedCommand {
        FeedCommand::Send(Outgoing::Text(text.to_owned()))
    }

    #[test]
    fn messages_beyond_the_limit_are_counted_and_leave_room_for_commands() {
        let mut list = CommandList::default();
        for _ in 0..MOST_MESSAGES {
            assert!(list.push(send("")));
        }
        assert!(!list.push(send("one more")));
        assert!(!list.push(send("x")));
        assert!(list.push(FeedCommand::Disconnect));
        let (taken, refused) = list.take();
        assert_eq!(taken.len(), MOST_MESSAGES + 1);
        assert_eq!(taken.last(), Some(&FeedCommand::Disconnect));
        assert_eq!(
            refused.to_string(),
            "refused, because too many commands waited: 2 messages of 9 bytes to send"
        );
        assert!(list.push(send("later")), "the list is empty again");
        assert!(list.take().1.is_empty(), "reported once");
    }

    #[test]
    fn bytes_are_limited_apart_from_one_message_of_any_length() {
        let mut list = CommandList::default();
        let long = || FeedCommand::Send(Outgoing::Binary(vec![0; MOST_BYTES + 1]));
        assert!(list.push(long()));
        assert!(!list.push(long()));
        let (taken, refused) = list.take();
        assert_eq!((taken.len(), refused.messages), (1, 1));
        assert!(list.push(long()));
    }

    #[test]
    fn other_commands_are_limited_too() {
        let mut list = CommandList::default();
        for number in 0..MOST_COMMANDS as u64 {
            assert!(list.push(FeedCommand::GiveUp(number)));
        }
        assert!(!list.push(FeedCommand::Connect));
        assert_eq!(list.len(), MOST_COMMANDS);
        let (_, refused) = list.take();
        assert_eq!(
            refused.to_string(),
            "refused, because too many commands waited: 1 other command"
        );
    }
}
