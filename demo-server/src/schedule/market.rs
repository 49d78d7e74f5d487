//! Stock ticker: five invented companies with prices on a random walk.

use serde::Serialize;

use super::Maker;

/// Symbols, first prices in cents, and largest steps in cents.
const COMPANIES: [(&str, i64, i64); 5] = [
    ("ACME", 12_840, 16),
    ("GLOBEX", 4_217, 9),
    ("INITECH", 986, 4),
    ("UMBRELLA", 7_105, 14),
    ("HOOLI", 5_512, 8),
];

#[derive(Serialize)]
struct Tick<'a> {
    id: u64,
    symbol: &'a str,
    price: f64,
    volume: u32,
    book: Book,
    sent_at: &'a str,
}

/// Best price and number of shares on either side.
#[derive(Serialize)]
struct Book {
    bid: (f64, u32),
    ask: (f64, u32),
}

pub(super) struct Market {
    random: fastrand::Rng,
    cents: [i64; COMPANIES.len()],
}

impl Market {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            cents: COMPANIES.map(|(_, start, _)| start),
        }
    }

    fn step(&mut self, company: usize) -> i64 {
        let (_, start, most) = COMPANIES[company];
        // The mean of two random numbers is roughly bell-shaped. The pull to the first price keeps the prices of an
        // evening on one plot.
        let walk = self
            .random
            .i64(-most..=most)
            .midpoint(self.random.i64(-most..=most));
        let home = (start - self.cents[company]) / 200;
        self.cents[company] = (self.cents[company] + walk + home).max(100);
        self.cents[company]
    }

    fn shares(&mut self) -> u32 {
        self.random.u32(1..=24) * 100
    }
}

impl Maker for Market {
    fn make(&mut self, id: u64, sent_at: &str) -> (&'static str, String) {
        let company = self.random.usize(0..COMPANIES.len());
        let cents = self.step(company);
        let spread = self.random.i64(1..=4);
        let tick = Tick {
            id,
            symbol: COMPANIES[company].0,
            price: money(cents),
            volume: self.shares(),
            book: Book {
                bid: (money(cents - spread), self.shares()),
                ask: (money(cents + spread), self.shares()),
            },
            sent_at,
        };
        let json = serde_json::to_string(&tick).expect("numbers and text always make JSON");
        ("price", json)
    }
}

fn money(cents: i64) -> f64 {
    cents as f64 / 100.0
}
