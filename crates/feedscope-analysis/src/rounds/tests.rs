//! Tests of the order and the times in which analyses are stepped.

use feedscope_core::store::{ClassSet, DEFAULT_BUDGET_BYTES, Store, StoreWriter};
use feedscope_core::{Kind, NoteCode, Record, Sink as _, Stamp};

use super::*;
use crate::density::{self, Density, WantedParts};
use crate::filter::{Filter, ParseContext, Scan};
use crate::job::Job;
use crate::listing::Listing;

fn push(writer: &mut StoreWriter, data: &str, times: usize) {
    for _ in 0..times {
        let kind = Kind::Event {
            event: b"price",
            id: b"",
            data: data.as_bytes(),
        };
        writer.push(&Record {
            stamp: Stamp::default(),
            connection: 1,
            kind,
        });
    }
}

fn scan(store: &Store, typed: &str) -> Scan {
    let filter = Filter::parse(typed, &ParseContext::default()).unwrap();
    Scan::new(store, Arc::new(filter), ClassSet::ALL)
}

#[test]
fn rounds_rest_when_all_is_done_and_densities_wait_for_their_time() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, "needle", 10);
    let wanted = WantedParts {
        listing: Listing::of_classes(&store, ClassSet::ALL),
        end: None,
        matches: None,
        lens: None,
    };
    let density = Density::new(&store, wanted);
    let tasks = [scan(&store, "needle").task(), density.task()];
    let mut rounds = Rounds::new(Effort::Short);
    let begin = Moment::from_millis(1_000);
    let round = rounds.round(&tasks, true, 0, begin);
    assert!(round.wakes && !round.goes_on, "{round:?}");
    assert_eq!(density.overview().places, 10);
    // There are no changes, so that there is no work now or later.
    let rest = Round {
        wakes: false,
        goes_on: false,
        due: None,
    };
    assert_eq!(rounds.round(&tasks, false, 1, begin), rest);
    // Hits are found at once. The density is updated at its due time.
    push(&mut writer, "needle", 10);
    let round = rounds.round(&tasks, true, 1, begin + ROUND_INTERVAL);
    let taken = begin + density::INTERVAL;
    let due = |due| Round { due, ..rest };
    assert_eq!(
        round,
        Round {
            wakes: true,
            ..due(Some(taken))
        }
    );
    assert_eq!(density.overview().places, 10);
    // The record differs from the others. Otherwise the density would not change.
    writer.push(&Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: Kind::Note {
            code: NoteCode("x"),
            text: "hay",
        },
    });
    let round = rounds.round(&tasks, false, 2, taken);
    assert_eq!(density.overview().places, 21);
    let late = taken + density::INTERVAL;
    assert_eq!(round, due(Some(late)));
    // Without a pass that shows the update, one pass is requested, once.
    assert_eq!(
        rounds.round(&tasks, false, 3, taken + ROUND_INTERVAL),
        due(Some(late))
    );
    assert!(rounds.round(&tasks, false, 3, late).wakes);
    assert_eq!(rounds.round(&tasks, false, 3, late), rest);
}

/// In this variant, passes for other changes show the update.
#[test]
fn an_update_that_passes_showed_requests_none() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    let wanted = WantedParts {
        listing: Listing::of_classes(&store, ClassSet::ALL),
        end: None,
        matches: None,
        lens: None,
    };
    let tasks = [Density::new(&store, wanted).task()];
    let mut rounds = Rounds::new(Effort::Short);
    let begin = Moment::from_millis(1_000);
    rounds.round(&tasks, true, 0, begin);
    writer.push(&Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: Kind::Note {
            code: NoteCode("x"),
            text: "hay",
        },
    });
    let taken = begin + density::INTERVAL;
    let round = rounds.round(&tasks, true, 2, taken);
    assert!(!round.wakes && round.due.is_some(), "{round:?}");
    let round = rounds.round(&tasks, false, 4, taken + ROUND_INTERVAL);
    assert!(!round.wakes && round.due.is_none(), "{round:?}");
}

#[test]
fn counts_that_only_go_up_wake_the_window_now_and_then() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, &"needle ".repeat(16), 100_000);
    let tasks = [scan(&store, "needle").task()];
    let mut rounds = Rounds::new(Effort::Short);
    let begin = Moment::START;
    let mut taken = Vec::new();
    for _ in 0..100 {
        let round = rounds.round(&tasks, false, 0, begin);
        taken.push(round.wakes);
        if !round.goes_on {
            break;
        }
    }
    // The window wakes for the first hits and for the end.
    assert!(taken.len() > 10, "{taken:?}");
    assert!(taken[0] && taken[taken.len() - 1]);
    assert!(!taken[1..taken.len() - 1].contains(&true), "{taken:?}");
}

#[test]
fn long_work_is_left_to_a_host_of_its_own() {
    let job = Job::in_one_go(|_wanted| Some(1));
    let tasks = [job.task().unwrap()];
    let begin = Moment::START;
    let round = Rounds::new(Effort::Short).round(&tasks, true, 0, begin);
    assert!(!round.wakes && !round.goes_on && job.get().is_none());
    let round = Rounds::new(Effort::Long).round(&tasks, false, 0, begin);
    assert!(round.wakes && !round.goes_on);
    assert_eq!(job.get(), Some(&1));
}

/// A completed scan continues only when records arrive; an incomplete one goes first.
#[test]
fn what_was_never_looked_at_goes_first() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, "needle", 1);
    let (done, fresh) = (scan(&store, "needle"), scan(&store, "hay"));
    let tasks = [done.task()];
    let mut rounds = Rounds::new(Effort::Short);
    rounds.round(&tasks, true, 0, Moment::START);
    push(&mut writer, "needle", 1);
    let tasks = [done.task(), fresh.task()];
    rounds.round(&tasks, false, 0, Moment::START);
    assert_eq!((done.count(), fresh.progress().looked_at), (1, 2));
    rounds.round(&tasks, true, 0, Moment::START);
    assert_eq!(done.count(), 2);
}
