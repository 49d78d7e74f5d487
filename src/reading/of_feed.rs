//! Interpretation of the payloads of one feed, whose own options come first, and the messages of its protocol.

use feedscope_analysis::decoders::Chain;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{Choice, FeedAddress, KeeperTrigger, LensName, keeper};
use feedscope_core::Direction;

use super::{FeedReading, RunReading};
use crate::automatic::{
    Automatic, AutomaticContent, Template, TemplatePart, TemplateValues, Trigger,
};
use crate::plan::FeedPlan;
use crate::typed_filter::TypedFilter;

impl RunReading {
    /// Returns the interpretation for a feed, whose own options come first.
    #[must_use]
    pub fn of_feed(&self, feed: &FeedPlan) -> Self {
        let FeedReading {
            received,
            sent,
            lens,
        } = &feed.reading;
        let chain = |own: &Option<Chain>, direction| {
            let usual = self.interpreter.chain(direction);
            own.as_ref().unwrap_or(usual).clone()
        };
        Self {
            interpreter: Interpreter::new(
                chain(received, Direction::In),
                chain(sent, Direction::Out),
            ),
            lens: lens.unwrap_or(self.lens),
            ..self.clone()
        }
    }

    /// Adds the messages that the protocol of a feed requires, if they were requested.
    ///
    /// # Errors
    ///
    /// Returns a sentence if the protocol is not known before the first message.
    pub fn keep(&self, feed: &mut FeedPlan) -> Result<(), String> {
        if !self.is_kept {
            return Ok(());
        }
        // Some servers send only after the client, so that the protocol must be known before.
        let address = FeedAddress::of(&feed.spec);
        let lens = match feed.reading.lens.unwrap_or(self.lens) {
            Choice::Named(lens) => Some(lens),
            Choice::Auto => address.lens().map(|found| found.lens),
            Choice::Off => None,
        };
        let Some(lens) = lens else {
            return Err(
                "--keep requires a protocol: name it with --lens, because neither subprotocol nor URL determines it"
                    .to_owned(),
            );
        };
        let messages = keeper_messages(lens, &address)?;
        if messages.is_empty() {
            return Err(format!(
                "--keep: the protocol of the lens {} requires no messages",
                lens.word()
            ));
        }
        // What the protocol requires goes out before the messages of the user.
        let mut first = Vec::new();
        for message in messages {
            if message.trigger == Trigger::OnConnect {
                // It has no variables.
                first.push(message.content.message(&TemplateValues::default()));
            } else {
                feed.automatic.push(message);
            }
        }
        feed.spec.web_socket.send_on_connect.splice(0..0, first);
        Ok(())
    }
}

/// Returns the messages that the protocol of a lens requires from its client.
///
/// # Errors
///
/// Returns a sentence about a wrong filter.
pub fn keeper_messages(lens: LensName, address: &FeedAddress) -> Result<Vec<Automatic>, String> {
    let messages = keeper(lens, address).into_iter().map(|message| {
        Ok(Automatic {
            name: Some(message.name.to_owned()),
            trigger: match message.trigger {
                KeeperTrigger::OnConnect => Trigger::OnConnect,
                KeeperTrigger::Every(interval) => Trigger::Every(interval),
                KeeperTrigger::Announced(usual) => Trigger::Announced { lens, usual },
                KeeperTrigger::Answer { filter, once } => Trigger::Answer {
                    filter: TypedFilter::parse(filter)?,
                    once,
                    limit: KEEPER_LIMIT,
                },
            },
            content: AutomaticContent::Template(template(&message.text)),
            key: None,
            saved: None,
        })
    });
    messages.collect()
}

/// Most answers of a keeper in a second.
const KEEPER_LIMIT: u32 = 10;

/// Returns the template of a text, whose only variable is the counter.
fn template(text: &str) -> Template {
    let mut parts = Vec::new();
    for (place, part) in text.split("${counter}").enumerate() {
        if place > 0 {
            parts.push(TemplatePart::Counter);
        }
        if !part.is_empty() {
            parts.push(TemplatePart::Text(part.to_owned()));
        }
    }
    Template(parts)
}
