//! The hubs, their seeded makers, and the thread that publishes their items on time.

mod market;
mod news;
mod scores;
mod weather;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::clock::Clock;
use crate::hub::Hub;
use crate::life::Life;
use crate::path::Feed;
use crate::timestamp::timestamp;

/// The running feeds.
#[derive(Debug, Default)]
pub(crate) struct Hubs {
    events: Arc<Hub>,
    scores: Arc<Hub>,
    news: Arc<Hub>,
    weather: Arc<Hub>,
}

impl Hubs {
    /// The hub that this feed follows, where it follows one.
    pub(crate) fn of(&self, feed: Feed) -> Option<&Arc<Hub>> {
        match feed {
            Feed::Events | Feed::Ticker => Some(&self.events),
            Feed::Scores => Some(&self.scores),
            Feed::News => Some(&self.news),
            Feed::Weather => Some(&self.weather),
            _ => None,
        }
    }
}

/// Makes a feed's items, always the same from the same seed but for the time of sending.
trait Maker: Send {
    /// The event type and JSON of the item with this id.
    fn make(&mut self, id: u64, sent_at: &str) -> (&'static str, String);
}

/// Runs until the server ends: publishes every hub's items on time.
pub(crate) fn run(life: &Life, clock: &Clock, hubs: &Hubs, seed: u64, tick: Duration) {
    let mut slots = slots(hubs, seed, tick, clock.now());
    loop {
        let now = clock.now();
        for slot in &mut slots {
            slot.publish_due(now, clock.wall());
        }
        let next = slots.iter().map(|slot| slot.due).min();
        if !life.wait(next.unwrap_or(now + tick)) {
            return;
        }
    }
}

struct Slot {
    hub: Arc<Hub>,
    maker: Box<dyn Maker>,
    every: Duration,
    due: Instant,
}

impl Slot {
    fn publish_due(&mut self, now: Instant, wall: SystemTime) {
        if self.due > now {
            return;
        }
        let (event, data) = self.maker.make(self.hub.next_id(), &timestamp(wall));
        self.hub.publish(event, data);
        self.due += self.every;
        // After a long sleep of the machine the feed goes on; it does not make up for what nobody saw.
        if self.due + self.every * 8 < now {
            self.due = now + self.every;
        }
    }
}

/// The feeds and their intervals, in ticks: at five ticks a second, scores come every 1.6 s.
fn slots(hubs: &Hubs, seed: u64, tick: Duration, now: Instant) -> Vec<Slot> {
    let every = tick.max(Duration::from_micros(100));
    let slot = |hub: &Arc<Hub>, maker: Box<dyn Maker>, ticks: u32| Slot {
        hub: Arc::clone(hub),
        maker,
        every: every * ticks,
        due: now,
    };
    vec![
        slot(&hubs.events, Box::new(market::Market::new(seed)), 1),
        slot(&hubs.scores, Box::new(scores::Scores::new(seed)), 8),
        slot(&hubs.weather, Box::new(weather::Weather::new(seed)), 12),
        slot(&hubs.news, Box::new(news::News::new(seed)), 32),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_everything_but_the_time() {
        type Make = fn(u64) -> Box<dyn Maker>;
        let makers: [Make; 4] = [
            |seed| Box::new(market::Market::new(seed)),
            |seed| Box::new(scores::Scores::new(seed)),
            |seed| Box::new(news::News::new(seed)),
            |seed| Box::new(weather::Weather::new(seed)),
        ];
        for make in makers {
            let run = |seed| {
                let mut maker = make(seed);
                (1..500).map(|id| maker.make(id, "")).collect::<Vec<_>>()
            };
            assert_eq!(run(7), run(7));
            assert_ne!(run(7), run(8));
            for (id, (event, data)) in run(7).iter().enumerate() {
                let json: serde_json::Value = serde_json::from_str(data).unwrap();
                assert_eq!(json["id"], id + 1, "{event}");
            }
        }
    }
}
