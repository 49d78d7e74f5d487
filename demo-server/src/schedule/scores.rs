//! Three football matches at a time. Each item is a minute of one match, in turn. New matches follow the finished ones.

use serde::Serialize;

use super::Maker;

const TEAMS: [(&str, [&str; 3]); 8] = [
    ("Harbor", ["Okafor", "Lindqvist", "Marsh"]),
    ("Millbrook", ["Tanaka", "Duarte", "Wills"]),
    ("Northgate", ["Haddad", "Petrov", "Quinn"]),
    ("Riverside", ["Silva", "Novak", "Bright"]),
    ("Summit", ["Mbeki", "Larsen", "Costa"]),
    ("Valley", ["Ito", "Romero", "Flint"]),
    ("Westerly", ["Adeyemi", "Koch", "Moreau"]),
    ("Ironbridge", ["Sato", "Varga", "Pike"]),
];

/// Number of matches that are played at once.
const PITCHES: usize = 3;

#[derive(Serialize)]
struct Report<'a> {
    id: u64,
    #[serde(rename = "match")]
    number: u32,
    minute: u32,
    home: &'a str,
    away: &'a str,
    score: [u32; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    scorer: Option<&'a str>,
    sent_at: &'a str,
}

struct Match {
    number: u32,
    minute: u32,
    teams: [usize; 2],
    score: [u32; 2],
}

pub(super) struct Scores {
    random: fastrand::Rng,
    played: u32,
    matches: Vec<Match>,
}

impl Scores {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed ^ 0x5c0e),
            played: 0,
            matches: Vec::new(),
        }
    }

    fn kick_off(&mut self) -> Match {
        self.played += 1;
        let home = self.random.usize(0..TEAMS.len());
        // The other team is never the same one.
        let away = (home + self.random.usize(1..TEAMS.len())) % TEAMS.len();
        Match {
            number: self.played,
            minute: 0,
            teams: [home, away],
            score: [0, 0],
        }
    }

    /// Plays a minute. Returns the event and the scorer.
    fn play(&mut self, pitch: usize) -> (&'static str, Option<&'static str>) {
        let game = &mut self.matches[pitch];
        game.minute += 1;
        if game.minute > 90 {
            game.minute = 90;
            return ("final", None);
        }
        // A match has about three goals, with one in 28 minutes.
        if self.random.u32(0..28) > 0 {
            return ("clock", None);
        }
        let side = self.random.usize(0..2);
        game.score[side] += 1;
        let scorers = TEAMS[game.teams[side]].1;
        ("goal", Some(scorers[self.random.usize(0..scorers.len())]))
    }
}

impl Maker for Scores {
    fn make(&mut self, id: u64, sent_at: &str) -> (&'static str, String) {
        let pitch = id as usize % PITCHES;
        let (event, scorer) = if self.matches.len() < PITCHES {
            let game = self.kick_off();
            // The first items fill the pitches in the order of their turns.
            self.matches.push(game);
            ("kickoff", None)
        } else {
            self.play(pitch)
        };
        let last = self.matches.len() - 1;
        let shown = if event == "kickoff" { last } else { pitch };
        let game = &self.matches[shown];
        let report = Report {
            id,
            number: game.number,
            minute: game.minute,
            home: TEAMS[game.teams[0]].0,
            away: TEAMS[game.teams[1]].0,
            score: game.score,
            scorer,
            sent_at,
        };
        let json = serde_json::to_string(&report).expect("numbers and text always make JSON");
        if event == "final" {
            self.matches[pitch] = self.kick_off();
        }
        (event, json)
    }
}
