//! Texts about the messages that a protocol requires from its client.

use feedscope_analysis::lenses::{KeeperMessage, KeeperTrigger, LensName};

use super::lens::lens_name;
use super::{counted, duration};

/// Text of the chip.
pub(crate) const KEEPER_CHIP: &str = "stay connected? ▾";

/// Returns the explanation of the chip.
pub(crate) fn about_keeper(lens: LensName) -> String {
    format!(
        "A server of {} closes the connection of a client that does not send these messages. Feedscope can send them.",
        lens_name(lens)
    )
}

/// Returns the entry that adds the messages.
pub(crate) fn add_keeper(count: usize) -> String {
    format!("Send {} from now on", counted(count as u64, "message"))
}

/// Returns the name of a message with its occasion and the reason for it.
pub(crate) fn keeper_message(message: &KeeperMessage) -> String {
    let occasion = match message.trigger {
        KeeperTrigger::OnConnect => "on connect".to_owned(),
        KeeperTrigger::Every(interval) => format!("every {}", duration(interval)),
        KeeperTrigger::Announced(interval) => format!(
            "at the interval of the server, or every {}",
            duration(interval)
        ),
        KeeperTrigger::Answer { once: true, .. } => "once in each connection".to_owned(),
        KeeperTrigger::Answer { once: false, .. } => "as an answer".to_owned(),
    };
    format!("{}, {occasion}. {}", message.name, message.reason)
}
