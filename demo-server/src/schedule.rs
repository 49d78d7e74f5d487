//! Hubs, the makers of their items with their seeds, and the thread that publishes the items on time.

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

/// Running feeds.
#[derive(Debug, Default)]
pub(crate) struct Hubs {
    events: Arc<Hub>,
    scores: Arc<Hub>,
    news: Arc<Hub>,
    weather: Arc<Hub>,
}

impl Hubs {
    /// Returns the hub that this feed follows, if it follows one.
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

/// Maker of a feed's items. The same seed always results in the same items, except for the time of sending.
trait Maker: Send {
    /// Returns the event type and the JSON of the item with this ID.
    fn make(&mut self, id: u64, sent_at: &str) -> (&'static str, String);
}

/// Publishes every hub's items on time until the server ends.
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
        // After a long suspension of the machine, the feed continues with the current time. It does not make up for the
        // items that nobody saw.
        if self.due + self.every * 8 < now {
            self.due = now + self.every;
        }
    }
}

/// Returns the feeds with their intervals in ticks. At five ticks a second, scores arrive every 1.6 s.
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
