//! Six weather stations that report in turn. Strong wind results in a warning.

use serde::Serialize;

use super::Maker;

/// Names and first temperatures in tenths of a degree.
const STATIONS: [(&str, i32); 6] = [
    ("harbor", 142),
    ("airport", 128),
    ("old town", 151),
    ("summit", 34),
    ("lighthouse", 119),
    ("orchard", 147),
];

/// Wind from which a report is a warning, in tenths of a meter a second.
const STRONG: i32 = 170;

#[derive(Serialize)]
struct Observation<'a> {
    id: u64,
    station: &'a str,
    temperature_c: f64,
    humidity: i32,
    pressure_hpa: f64,
    wind: Wind,
    sent_at: &'a str,
}

#[derive(Serialize)]
struct Wind {
    speed_ms: f64,
    from_degrees: i32,
}

/// Weather station. All values are in tenths, except for the humidity in percent and the direction in degrees.
struct Station {
    temperature: i32,
    humidity: i32,
    pressure: i32,
    speed: i32,
    direction: i32,
}

pub(super) struct Weather {
    random: fastrand::Rng,
    stations: [Station; STATIONS.len()],
}

impl Weather {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed ^ 0x3ea7),
            stations: STATIONS.map(|(_, temperature)| Station {
                temperature,
                humidity: 60,
                pressure: 10_132,
                speed: 60,
                direction: 240,
            }),
        }
    }

    fn drift(&mut self, value: i32, most: i32, range: (i32, i32)) -> i32 {
        (value + self.random.i32(-most..=most)).clamp(range.0, range.1)
    }
}

impl Maker for Weather {
    fn make(&mut self, id: u64, sent_at: &str) -> (&'static str, String) {
        let at = id as usize % STATIONS.len();
        let old = &self.stations[at];
        let (temperature, humidity, pressure) = (old.temperature, old.humidity, old.pressure);
        let (speed, direction) = (old.speed, old.direction);
        self.stations[at] = Station {
            temperature: self.drift(temperature, 3, (-250, 420)),
            humidity: self.drift(humidity, 2, (15, 100)),
            pressure: self.drift(pressure, 4, (9_600, 10_500)),
            speed: self.drift(speed, 14, (0, 320)),
            // A direction continues at 0 after 359 degrees.
            direction: (direction + self.random.i32(-12..=12)).rem_euclid(360),
        };
        let new = &self.stations[at];
        let observation = Observation {
            id,
            station: STATIONS[at].0,
            temperature_c: tenths(new.temperature),
            humidity: new.humidity,
            pressure_hpa: tenths(new.pressure),
            wind: Wind {
                speed_ms: tenths(new.speed),
                from_degrees: new.direction,
            },
            sent_at,
        };
        let json = serde_json::to_string(&observation).expect("numbers and text always make JSON");
        let event = if new.speed >= STRONG {
            "warning"
        } else {
            "observation"
        };
        (event, json)
    }
}

fn tenths(value: i32) -> f64 {
    f64::from(value) / 10.0
}
