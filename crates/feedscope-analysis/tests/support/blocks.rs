//! Execution of every analysis on a store with any data in its blocks. It only checks that each analysis ends.

use std::sync::{Arc, LazyLock};

use feedscope_analysis::density::{Density, WantedParts};
use feedscope_analysis::filter::{Filter, ParseContext, Scan, event_types, fields};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::listing::Listing;
use feedscope_core::store::{ClassSet, ListingIndex, Store};

static FILTERS: LazyLock<Vec<Arc<Filter>>> = LazyLock::new(|| {
    let typed = [
        "still",
        "price",
        "type:price",
        "-x",
        "id:17",
        "size:>3",
        ".a",
    ];
    let context = ParseContext::default();
    let filters = typed.map(|typed| Filter::parse(typed, &context).expect("it is a filter"));
    filters.map(Arc::new).into()
});

/// Runs every analysis on `store` until its end.
pub(super) fn analyze_everything(store: &Store) {
    event_types(store, 100, 10);
    fields(store, &Interpreter::default(), 100, 10);
    for filter in &*FILTERS {
        scan(store, filter);
    }
    let wanted = WantedParts {
        listing: Listing::of_classes(store, ClassSet::USUAL),
        end: None,
        matches: None,
        lens: None,
    };
    let density = Density::new(store, wanted);
    density.update(1 << 20);
    density.overview();
}

fn scan(store: &Store, filter: &Arc<Filter>) {
    let scan = Scan::new(store, Arc::clone(filter), ClassSet::ALL);
    let mut steps = 0;
    while !scan.step(500).done {
        steps += 1;
        assert!(steps < 1_000, "it does not get done");
    }
    let hits = scan.rows(ListingIndex(0), usize::MAX);
    assert!(hits.is_sorted_by(|earlier, later| earlier < later));
}
