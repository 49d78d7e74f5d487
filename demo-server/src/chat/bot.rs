//! Bot of the chat: it sends one answer to every message after a short delay. The time is an argument. The bot never
//! answers its own messages.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use crate::timestamp::time_of_day;

/// Minimum and maximum time before an answer, in milliseconds.
const THINKING: (u64, u64) = (300, 700);

/// Limit for the number of pending answers. Further messages get no answer.
const MOST: usize = 1_000;

const JOKES: [&str; 4] = [
    "Why did the event stream never get lonely? It always had a connection.",
    "I would tell you a UDP joke, but you might not get it.",
    "A WebSocket walks into a bar. The bartender says: shall we upgrade you?",
    "There are two hard things in streaming: exactly once, in order, and exactly once.",
];

const FALLBACKS: [&str; 4] = [
    "I heard you, {name}: {text}",
    "{text}, you say? Everyone here has seen it now, {name}",
    "Noted, {name}: {text}",
    "{name}, I would have said the same: {text}",
];

const HELP: &str = "Ask me for the time, a joke or a ping; /nick NAME changes your name, /join ROOM the room, \
    /who tells who is here";

pub(super) struct Bot {
    random: fastrand::Rng,
    /// Messages in the order in which their answers are due.
    queue: VecDeque<Heard>,
}

struct Heard {
    due: Instant,
    room: String,
    from: String,
    text: String,
}

/// Answer of the bot, with its room.
pub(super) struct BotAnswer {
    pub(super) room: String,
    pub(super) text: String,
}

impl Bot {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed ^ 0xb07),
            queue: VecDeque::new(),
        }
    }

    /// Adds a message that will be answered. Returns false if too many answers are pending.
    pub(super) fn receive(&mut self, now: Instant, room: &str, from: &str, text: &str) -> bool {
        if self.queue.len() == MOST {
            return false;
        }
        let due = now + Duration::from_millis(self.random.u64(THINKING.0..=THINKING.1));
        // Answers are sent in the order of the questions. The previous one is never due later than this one may be.
        let due = self.queue.back().map_or(due, |last| due.max(last.due));
        self.queue.push_back(Heard {
            due,
            room: room.to_owned(),
            from: from.to_owned(),
            text: text.chars().take(120).collect(),
        });
        true
    }

    /// Returns the time at which the next answer is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.queue.front().map(|heard| heard.due)
    }

    /// Returns the next answer, if it is due.
    pub(super) fn next_answer(&mut self, now: Instant, time: SystemTime) -> Option<BotAnswer> {
        let heard = self.queue.pop_front_if(|heard| heard.due <= now)?;
        Some(BotAnswer {
            text: self.answer(&heard.from, &heard.text, time),
            room: heard.room,
        })
    }

    fn answer(&mut self, from: &str, text: &str, time: SystemTime) -> String {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        // Whole words are compared, so that `sometimes` is no question about the time.
        let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
        if has(&["time", "clock"]) {
            format!("{} UTC in the server room", time_of_day(time))
        } else if has(&["help"]) {
            HELP.to_owned()
        } else if has(&["joke", "jokes"]) {
            JOKES[self.random.usize(0..JOKES.len())].to_owned()
        } else if has(&["ping"]) {
            "pong".to_owned()
        } else if has(&["hello", "hi", "hey"]) {
            format!("Hello {from}, ask me for the time")
        } else if has(&["bye", "goodbye"]) {
            format!("Goodbye {from}, the stream goes on without you")
        } else if text.trim_end().ends_with('?') {
            format!("Good question, {from}. I only know the time, a joke and a ping")
        } else {
            let fallback = FALLBACKS[self.random.usize(0..FALLBACKS.len())];
            fallback.replace("{name}", from).replace("{text}", text)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn every_message_gets_one_answer_in_order_and_in_time() {
        let mut bot = Bot::new(1);
        let start = Instant::now();
        for n in 0..100 {
            assert!(bot.receive(start, "lobby", "ada", &format!("number {n}")));
        }
        assert!(bot.next_answer(start, UNIX_EPOCH).is_none());
        assert!(bot.due().unwrap() >= start + Duration::from_millis(THINKING.0));
        let late = start + Duration::from_millis(THINKING.1);
        for n in 0..100 {
            let answer = bot.next_answer(late, UNIX_EPOCH).unwrap();
            assert!(
                answer.text.contains(&format!("number {n}")),
                "{}",
                answer.text
            );
        }
        assert!(bot.next_answer(late, UNIX_EPOCH).is_none());
        assert_eq!(bot.due(), None);
    }

    #[test]
    fn questions_are_recognized() {
        let mut bot = Bot::new(1);
        let mut ask = |text: &str| bot.answer("ada", text, UNIX_EPOCH);
        assert_eq!(ask("Hello Server!"), "Hello ada, ask me for the time");
        assert_eq!(ask("what TIME is it?"), "00:00:00 UTC in the server room");
        assert_eq!(ask("ping"), "pong");
        assert!(ask("help me").contains("/nick"));
        assert!(JOKES.contains(&ask("a joke, please").as_str()));
        assert!(ask("why?").starts_with("Good question, ada"));
    }
}
