//! Position and pace of a recording that is played. The present time and the moments of the records are arguments.
//!
//! A replay has two times: the *present*, which runs, and the *position*, which is a moment of the recording. While it
//! plays, the position moves as fast as the present, times the speed.

use std::time::Duration;

use crate::time::Moment;

/// Longest silence that is played where silence is skipped.
pub const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// Speeds that a user can choose from, as multiples of the original pace, in percent.
const SPEEDS: [u32; 11] = [
    10, 25, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000,
];

/// Speed of a replay, as a multiple of the original pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    percent: u32,
}

/// Replay of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Replay {
    first: Moment,
    last: Moment,
    position: Moment,
    /// The position is the end of the recording, also when the recording grows.
    is_at_end: bool,
    /// Present time and position from which the position is computed; `None` while the replay stands.
    since: Option<(Moment, Moment)>,
    speed: Speed,
    skips_silence: bool,
    is_repeated: bool,
}

impl Speed {
    /// The original pace.
    pub const ORIGINAL: Self = Self { percent: 100 };

    /// Returns all speeds, the slowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        SPEEDS.into_iter().map(|percent| Self { percent })
    }

    /// Returns the next higher speed, or the highest.
    #[must_use]
    pub fn faster(self) -> Self {
        Self::all()
            .find(|speed| speed.percent > self.percent)
            .unwrap_or(self)
    }

    /// Returns the next lower speed, or the lowest.
    #[must_use]
    pub fn slower(self) -> Self {
        let slower = Self::all().take_while(|speed| speed.percent < self.percent);
        slower.last().unwrap_or(self)
    }

    /// Returns the factor of the original pace.
    pub fn factor(self) -> f64 {
        f64::from(self.percent) / 100.0
    }

    /// Returns the time of a recording that is played in `time`.
    fn played_in(self, time: Duration) -> Duration {
        let nanos = time.as_nanos().saturating_mul(u128::from(self.percent)) / 100;
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Replay {
    /// Creates a replay that stands at the end of a recording with these first and last moments.
    pub fn new(first: Moment, last: Moment) -> Self {
        Self {
            first,
            last,
            position: last,
            is_at_end: true,
            since: None,
            speed: Speed::ORIGINAL,
            skips_silence: false,
            is_repeated: false,
        }
    }

    /// Returns the first and the last moment of the recording.
    pub fn span(&self) -> (Moment, Moment) {
        (self.first, self.last)
    }

    /// Returns the moment up to which records have been played, as of the last [`advance`](Self::advance).
    pub fn position(&self) -> Moment {
        self.position
    }

    /// Returns true if all records have been played. Records that are added to the recording are shown at once.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Returns true while the position moves.
    pub fn is_playing(&self) -> bool {
        self.since.is_some()
    }

    /// Returns the speed.
    pub fn speed(&self) -> Speed {
        self.speed
    }

    /// Returns true if long silence is skipped.
    pub fn skips_silence(&self) -> bool {
        self.skips_silence
    }

    /// Returns true if the recording begins again after its end.
    pub fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    /// Sets the moments of a recording that has grown.
    pub fn set_span(&mut self, first: Moment, last: Moment) {
        (self.first, self.last) = (first, last);
        self.position = if self.is_at_end {
            last
        } else {
            self.position.clamp(first, last.max(first))
        };
    }

    /// Plays from the position on; at the end of the recording, from its start.
    pub fn play(&mut self, now: Moment) {
        if self.is_at_end {
            self.position = self.first;
            self.is_at_end = false;
        }
        self.since = Some((now, self.position));
    }

    /// Stops at the position of the last [`advance`](Self::advance).
    pub fn pause(&mut self) {
        self.since = None;
    }

    /// Moves to a moment of the recording, and continues to play from there if it plays.
    pub fn seek(&mut self, now: Moment, to: Moment) {
        self.position = to.clamp(self.first, self.last.max(self.first));
        // The end ends a replay, so that the user can play the last moments again only from before it.
        self.is_at_end = self.position >= self.last;
        self.since = self
            .since
            .filter(|_| !self.is_at_end)
            .map(|_| (now, self.position));
    }

    /// Changes the speed. The position of the last [`advance`](Self::advance) stays.
    pub fn set_speed(&mut self, now: Moment, speed: Speed) {
        self.speed = speed;
        self.since = self.since.map(|_| (now, self.position));
    }

    /// Skips silence that is longer than [`LONGEST_SILENCE`], or plays it.
    pub fn set_skips_silence(&mut self, skips_silence: bool) {
        self.skips_silence = skips_silence;
    }

    /// Begins again after the end, or stops there.
    pub fn set_repeated(&mut self, is_repeated: bool) {
        self.is_repeated = is_repeated;
    }

    /// Moves the position to that of the present time. `around` returns the moments of the last record at or before a
    /// moment, and of the first record after it.
    pub fn advance(
        &mut self,
        now: Moment,
        around: impl FnOnce(Moment) -> (Option<Moment>, Option<Moment>),
    ) {
        let Some((since, from)) = self.since else {
            return;
        };
        let played = self.speed.played_in(now.since(since));
        self.position = (from + played).min(self.last);
        if self.position >= self.last {
            // A repetition begins at the moment of the call, so that the time beyond the end is not played.
            if self.is_repeated {
                self.position = self.first;
                self.since = Some((now, self.first));
            } else {
                self.is_at_end = true;
                self.since = None;
            }
            return;
        }
        if self.skips_silence
            && let (Some(before), Some(next)) = around(self.position)
            && next.since(before) > LONGEST_SILENCE
        {
            self.position = next;
            self.since = Some((now, next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Input of a replay at a present time in milliseconds.
    enum Do {
        Play,
        Pause,
        Seek(u64),
        Faster,
        Slower,
        Skip,
        Repeat,
        Grow(u64),
        Nothing,
    }

    fn ms(ms: u64) -> Moment {
        Moment::from_millis(ms)
    }

    /// Moments of the records around a moment.
    fn around(records: &[u64], at: Moment) -> (Option<Moment>, Option<Moment>) {
        let passed = records.partition_point(|&record| ms(record) <= at);
        let moment = |nth: usize| records.get(nth).copied().map(ms);
        (passed.checked_sub(1).and_then(moment), moment(passed))
    }

    /// Carries out inputs at present times on a recording of these records, and compares the position after each.
    #[track_caller]
    fn check(records: &[u64], steps: &[(u64, Do, u64, bool)]) -> Replay {
        let mut replay = Replay::new(ms(records[0]), ms(*records.last().unwrap()));
        for (nth, (now, input, position, is_playing)) in steps.iter().enumerate() {
            let now = ms(*now);
            replay.advance(now, |at| around(records, at));
            match *input {
                Do::Play => replay.play(now),
                Do::Pause => replay.pause(),
                Do::Seek(to) => replay.seek(now, ms(to)),
                Do::Faster => replay.set_speed(now, replay.speed().faster()),
                Do::Slower => replay.set_speed(now, replay.speed().slower()),
                Do::Skip => replay.set_skips_silence(!replay.skips_silence()),
                Do::Repeat => replay.set_repeated(!replay.is_repeated()),
                Do::Grow(last) => replay.set_span(ms(records[0]), ms(last)),
                Do::Nothing => {}
            }
            let is = (replay.position(), replay.is_playing());
            assert_eq!(is, (ms(*position), *is_playing), "step {nth}");
        }
        replay
    }

    #[test]
    fn a_replay_moves_as_the_present_does() {
        let records = [100, 200, 5_000, 9_000];
        let replay = check(
            &records,
            &[
                (0, Do::Nothing, 9_000, false),
                // At the end, it begins at the start.
                (1_000, Do::Play, 100, true),
                (1_500, Do::Nothing, 600, true),
                (2_000, Do::Pause, 1_100, false),
                (7_000, Do::Nothing, 1_100, false),
                (7_000, Do::Play, 1_100, true),
                (8_000, Do::Nothing, 2_100, true),
                // It stops at the end.
                (99_000, Do::Nothing, 9_000, false),
            ],
        );
        assert!(replay.is_at_end());
    }

    #[test]
    fn a_change_of_speed_moves_nothing() {
        let records = [0, 100_000];
        check(
            &records,
            &[
                (0, Do::Play, 0, true),
                (1_000, Do::Faster, 1_000, true),
                (2_000, Do::Faster, 3_000, true),
                (3_000, Do::Slower, 8_000, true),
                (4_000, Do::Slower, 10_000, true),
                (5_000, Do::Slower, 11_000, true),
                (6_000, Do::Pause, 11_500, false),
                // A replay that stands keeps its speed.
                (7_000, Do::Play, 11_500, true),
                (8_000, Do::Nothing, 12_000, true),
            ],
        );
    }

    #[test]
    fn a_replay_continues_from_where_the_user_moved_it() {
        let records = [1_000, 2_000, 60_000];
        let replay = check(
            &records,
            &[
                (0, Do::Seek(30_000), 30_000, false),
                (500, Do::Play, 30_000, true),
                (1_500, Do::Seek(10_000), 10_000, true),
                (2_500, Do::Nothing, 11_000, true),
                // Moments outside of the recording are those of its ends.
                (2_500, Do::Seek(0), 1_000, true),
                (3_000, Do::Seek(70_000), 60_000, false),
                (4_000, Do::Nothing, 60_000, false),
                (5_000, Do::Play, 1_000, true),
            ],
        );
        assert!(!replay.is_at_end());
    }

    #[test]
    fn long_silence_is_skipped() {
        let records = [0, 1_000, 6_000, 11_001, 90_000, 91_000];
        let replay = check(
            &records,
            &[
                (0, Do::Skip, 91_000, false),
                (0, Do::Play, 0, true),
                (500, Do::Nothing, 500, true),
                // Silence of exactly the limit is played.
                (1_500, Do::Nothing, 1_500, true),
                (6_000, Do::Nothing, 11_001, true),
                (6_100, Do::Nothing, 90_000, true),
                (6_600, Do::Nothing, 90_500, true),
                (8_000, Do::Nothing, 91_000, false),
            ],
        );
        assert!(replay.is_at_end());
    }

    #[test]
    fn a_repeated_replay_begins_again() {
        let records = [1_000, 2_000];
        check(
            &records,
            &[
                (0, Do::Repeat, 2_000, false),
                (0, Do::Play, 1_000, true),
                (999, Do::Nothing, 1_999, true),
                (1_000, Do::Nothing, 1_000, true),
                (1_500, Do::Nothing, 1_500, true),
                (1_600, Do::Repeat, 1_600, true),
                (9_000, Do::Nothing, 2_000, false),
            ],
        );
    }

    #[test]
    fn the_end_of_a_recording_that_grows_is_followed() {
        let records = [0, 1_000];
        let replay = check(
            &records,
            &[
                (0, Do::Grow(2_000), 2_000, false),
                (0, Do::Seek(500), 500, false),
                (0, Do::Grow(3_000), 500, false),
                (0, Do::Play, 500, true),
                (9_000, Do::Nothing, 3_000, false),
                (9_500, Do::Grow(4_000), 4_000, false),
            ],
        );
        assert!(replay.is_at_end());
    }

    #[test]
    fn a_recording_without_a_duration_is_at_its_end() {
        let replay = check(&[7], &[(0, Do::Play, 7, true), (1, Do::Nothing, 7, false)]);
        assert!(replay.is_at_end());
    }

    #[test]
    fn speeds_end_at_the_slowest_and_the_fastest() {
        let mut speed = Speed::ORIGINAL;
        for _ in 0..20 {
            speed = speed.faster();
        }
        assert!((speed.factor() - 1_000.0).abs() < 1e-9);
        for _ in 0..20 {
            speed = speed.slower();
        }
        assert!((speed.factor() - 0.1).abs() < 1e-9);
    }
}
