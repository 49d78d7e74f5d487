use std::sync::mpsc;

use feedscope_analysis::density::{Density, Wanted};
use feedscope_analysis::filter::{Filter, ParseContext, Scan};
use feedscope_analysis::listing::Listing;
use feedscope_core::store::{DEFAULT_BUDGET_BYTES, Shown, Store, StoreWriter};
use feedscope_core::{Kind, Record, Sink as _, Stamp};
use feedscope_ui::Hits;

use super::*;

/// Time limit that is long enough for a thread to run on a busy machine.
const LONG: Duration = Duration::from_secs(20);

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

fn hits(store: &Store, typed: &str) -> Hits {
    let filter = Filter::parse(typed, &ParseContext::default()).unwrap();
    Hits {
        store: store.clone(),
        scan: Scan::new(Arc::new(filter), Shown::ALL),
    }
}

/// Returns a searcher, and the receiver of its wake-ups.
fn searcher() -> (Searcher, mpsc::Receiver<()>) {
    let (told, wakes) = mpsc::sync_channel(1);
    // The queue has one place, so that wake-ups that were not received count once.
    let wake = move || told.try_send(()).unwrap_or(());
    (Searcher::start(wake).unwrap(), wakes)
}

/// Waits for wake-ups until `holds` returns true.
fn wait(wakes: &mpsc::Receiver<()>, holds: impl Fn() -> bool) {
    let limit = Instant::now() + LONG;
    while !holds() {
        wakes
            .recv_timeout(limit.saturating_duration_since(Instant::now()))
            .unwrap();
    }
}

#[test]
fn what_is_there_is_found_and_what_comes_is_found_when_told() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, "hay", 1_000);
    push(&mut writer, "needle", 2);
    let (searcher, wakes) = searcher();
    let hits = hits(&store, "needle");
    searcher.look_for(vec![Search::Hits(hits.clone())]);
    wait(&wakes, || hits.scan.progress().done);
    assert_eq!(hits.scan.count(), 2);
    push(&mut writer, "needle", 3);
    searcher.waker()();
    wait(&wakes, || hits.scan.count() == 5);
}

#[test]
fn a_search_that_nobody_wants_any_more_is_given_up() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    // A jq expression over many rows is slow.
    push(&mut writer, r#"{"n":1}"#, 200_000);
    let (searcher, wakes) = searcher();
    let slow = hits(&store, ".n == 1");
    searcher.look_for(vec![Search::Hits(slow.clone())]);
    wait(&wakes, || slow.scan.count() > 0);
    let quick = hits(&store, "is:comment");
    searcher.look_for(vec![Search::Hits(quick.clone())]);
    wait(&wakes, || quick.scan.progress().done);
    let far = slow.scan.progress();
    assert!(!far.done);
    // A step that was running may still end. No other step starts.
    push(&mut writer, "{}", 1);
    searcher.waker()();
    let other = hits(&store, "is:text");
    searcher.look_for(vec![Search::Hits(other.clone())]);
    wait(&wakes, || other.scan.progress().done);
    assert_eq!(slow.scan.progress(), far);
}

#[test]
fn the_thread_ends_with_its_searcher() {
    let (searcher, wakes) = searcher();
    drop(searcher);
    // The thread drops its end of the queue when it ends.
    assert_eq!(
        wakes.recv_timeout(LONG),
        Err(mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn rounds_rest_when_all_is_done_and_densities_wait_for_their_time() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, "needle", 10);
    let wanted = Wanted {
        listing: Listing::of_classes(&store, Shown::ALL),
        end: None,
        matches: None,
    };
    let density = Density::new(&store, wanted);
    let searches = [
        Search::Hits(hits(&store, "needle")),
        Search::Density(density.clone()),
    ];
    let mut rounds = Rounds::default();
    let begin = Instant::now();
    let round = rounds.round(&searches, true, 0, begin);
    assert!(round.wakes && !round.goes_on, "{round:?}");
    assert_eq!(density.overview().places, 10);
    // Nothing is new, so that there is nothing to do now or later.
    let rest = Round {
        wakes: false,
        goes_on: false,
        due: None,
    };
    assert_eq!(rounds.round(&searches, false, 1, begin), rest);
    // Hits are found at once. The density is updated when it is due.
    push(&mut writer, "needle", 10);
    let round = rounds.round(&searches, true, 1, begin + ROUND_INTERVAL);
    let taken = begin + DENSITY_INTERVAL;
    let due = |due| Round { due, ..rest };
    assert_eq!(
        round,
        Round {
            wakes: true,
            ..due(Some(taken))
        }
    );
    assert_eq!(density.overview().places, 10);
    // The record differs from the others, because otherwise the density would look the same.
    writer.push(&Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: Kind::Note {
            code: "x",
            text: "hay",
        },
    });
    let round = rounds.round(&searches, false, 2, taken);
    assert_eq!(density.overview().places, 21);
    assert_eq!(round, due(Some(taken + DENSITY_INTERVAL)));
    // Passes that other changes request show the update. Without such a pass, one is requested.
    let mut without = Rounds { ..rounds };
    assert_eq!(
        rounds.round(&searches, false, 4, taken + ROUND_INTERVAL),
        rest
    );
    let late = taken + DENSITY_INTERVAL;
    assert!(without.round(&searches, false, 3, late).wakes);
    assert_eq!(without.round(&searches, false, 3, late), rest);
}

#[test]
fn counts_that_only_go_up_wake_the_window_now_and_then() {
    let (mut writer, store) = Store::new(DEFAULT_BUDGET_BYTES);
    push(&mut writer, &"needle ".repeat(16), 100_000);
    let searches = [Search::Hits(hits(&store, "needle"))];
    let mut rounds = Rounds::default();
    let begin = Instant::now();
    let mut taken = Vec::new();
    for _ in 0..100 {
        let round = rounds.round(&searches, false, 0, begin);
        let goes_on = round.goes_on;
        taken.push(round.wakes);
        if !goes_on {
            break;
        }
    }
    // The window is woken for the first hits and for the end.
    assert!(taken.len() > 10, "{taken:?}");
    assert!(taken[0] && taken[taken.len() - 1]);
    assert!(!taken[1..taken.len() - 1].contains(&true), "{taken:?}");
}
