//! Course of a whole recording for a time bar.
//!
//! It is the number of records over time, the connection's life and the gaps. It reads the headers of blocks, the blocks with states, and a few blocks that are too long for their headers.

use feedscope_core::history::Span;
use feedscope_core::store::{Class, ClassSet, Detail, RowNumber, Store};
use feedscope_core::{ConnectionState, Moment};

use crate::job::Job;

/// Maximum number of gaps. More of them are closer together than points of a screen.
const MOST_GAPS: usize = 4_096;

/// Rows about the connection that are read at a time.
const ROWS_AT_ONCE: usize = 256;

/// Course of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordingProfile {
    /// First and last moment of the recording.
    pub span: (Moment, Moment),
    /// Number of received records of all feeds, in equal parts of the time.
    pub received: Vec<u64>,
    /// Life of the first feed's connection, oldest first.
    pub life: Vec<Span>,
    /// Moments of the gaps of the first feed: losses of the connection and missed records.
    pub gaps: Vec<Moment>,
}

/// Computes the course of a recording with these feeds between two moments.
pub fn recording_profile(
    stores: Vec<Store>,
    span: (Moment, Moment),
    columns: u32,
) -> Job<RecordingProfile> {
    Job::in_one_go(move |wanted| {
        let mut received = vec![0; columns as usize];
        for store in &stores {
            let of_feed = store.received_over(span.0, span.1, columns);
            for (sum, count) in received.iter_mut().zip(of_feed) {
                *sum += count;
            }
            if !wanted.still() {
                return None;
            }
        }
        // The strip has room for the life of one connection.
        let first = stores.first();
        let life = first.map_or_else(Vec::new, |store| store.history_between(span.0, span.1));
        let gaps = first.map_or_else(Vec::new, gaps);
        Some(RecordingProfile {
            span,
            received,
            life,
            gaps,
        })
    })
}

/// Returns the moments of the gaps of a feed, oldest first.
fn gaps(store: &Store) -> Vec<Moment> {
    let shown = ClassSet::NONE.with(Class::States, true);
    let mut gaps = Vec::new();
    let mut from = RowNumber(0);
    loop {
        let rows = store.rows(shown, from, RowNumber::MAX, ROWS_AT_ONCE, 0);
        let is_gap = |detail: &Detail| match detail {
            Detail::Gap(_) => true,
            Detail::State(change) => change.state == ConnectionState::Reconnecting,
            _ => false,
        };
        let found = rows.iter().filter(|row| is_gap(&row.detail));
        gaps.extend(found.map(|row| row.stamp.moment));
        match rows.last() {
            Some(last) if rows.len() == ROWS_AT_ONCE && gaps.len() < MOST_GAPS => {
                from = last.row + 1;
            }
            _ => break,
        }
    }
    gaps.dedup();
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedscope_core::connection::StateChange;
    use feedscope_core::record::{Kind, Record, Sink as _};
    use feedscope_core::store::{DEFAULT_BUDGET_BYTES, StoreWriter};
    use feedscope_core::time::Stamp;

    fn push(writer: &mut StoreWriter, ms: u64, kind: Kind<'_>) {
        let stamp = Stamp {
            moment: Moment::from_millis(ms),
            ..Stamp::default()
        };
        writer.push(&Record {
            stamp,
            connection: 1,
            kind,
        });
    }

    fn state(state: ConnectionState) -> Kind<'static> {
        Kind::State(StateChange::to(state))
    }

    #[test]
    fn feeds_are_counted_together_and_gaps_are_those_of_the_first() {
        let ms = Moment::from_millis;
        let (mut writer, one) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, 0, state(ConnectionState::Open));
        for at in [0, 100, 900] {
            push(&mut writer, at, Kind::Line { data: b"a" });
        }
        push(&mut writer, 950, state(ConnectionState::Reconnecting));
        let (mut writer, other) = Store::new(DEFAULT_BUDGET_BYTES);
        push(&mut writer, 500, Kind::Line { data: b"b" });
        push(&mut writer, 501, state(ConnectionState::Reconnecting));
        let job = recording_profile(vec![one, other], (ms(0), ms(1_000)), 4).done_at_once(true);
        let profile = job.get().unwrap();
        assert_eq!(profile.received, [2, 0, 1, 1]);
        assert_eq!(profile.gaps, [ms(950)]);
        let states: Vec<_> = profile.life.iter().map(|span| span.state).collect();
        let expected = [ConnectionState::Open, ConnectionState::Reconnecting];
        assert_eq!(states, expected);
    }

    #[test]
    fn a_recording_without_feeds_is_empty() {
        let span = (Moment::START, Moment::START);
        let job = recording_profile(Vec::new(), span, 2).done_at_once(true);
        assert_eq!(job.get().unwrap().received, [0, 0]);
    }
}
