//! Headlines that are combined from parts. Some of them correct the previous one.

use serde::Serialize;

use super::Maker;

const SECTIONS: [&str; 4] = ["city", "business", "science", "sport"];
const SUBJECTS: [&str; 8] = [
    "Harbor council",
    "Weather office",
    "Night train operators",
    "Local bakers",
    "University library",
    "Ferry company",
    "Chess federation",
    "Botanic garden",
];
const VERBS: [&str; 6] = [
    "announces",
    "postpones",
    "welcomes",
    "questions",
    "celebrates",
    "reviews",
];
const OBJECTS: [&str; 8] = [
    "a second bridge",
    "record visitor numbers",
    "new opening hours",
    "the longest queue on record",
    "plans for a quieter square",
    "an unexpected surplus",
    "the return of the tram",
    "a hundred years of service",
];

#[derive(Serialize)]
struct Story<'a> {
    id: u64,
    section: &'a str,
    headline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<u64>,
    words: u32,
    sent_at: &'a str,
}

pub(super) struct News {
    random: fastrand::Rng,
}

impl News {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed ^ 0x0eed),
        }
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.random.usize(0..from.len())]
    }
}

impl Maker for News {
    fn make(&mut self, id: u64, sent_at: &str) -> (&'static str, String) {
        // One of eight headlines corrects the previous one.
        let corrects = (id > 1 && self.random.u32(0..8) == 0).then(|| id - 1);
        let (subject, verb) = (self.pick(&SUBJECTS), self.pick(&VERBS));
        let headline = Story {
            id,
            section: self.pick(&SECTIONS),
            headline: format!("{subject} {verb} {}", self.pick(&OBJECTS)),
            corrects,
            words: self.random.u32(120..1_400),
            sent_at,
        };
        let json = serde_json::to_string(&headline).expect("numbers and text always make JSON");
        let event = if corrects.is_some() {
            "correction"
        } else {
            "headline"
        };
        (event, json)
    }
}
