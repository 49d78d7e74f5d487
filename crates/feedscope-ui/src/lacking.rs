//! Sentences about a field that no record has, with the field that is nearest to it.

use egui::{Id, Ui};
use feedscope_analysis::fields::nearest;
use feedscope_analysis::filter::fields;
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::store::Store;

use crate::{offers, words};

/// Number of the newest rows whose fields are read.
const NEWEST: usize = 2_000;

/// Number of fields among which the nearest one is.
const MOST: usize = 400;

/// Field or other key that no record has.
pub(crate) struct Lacking {
    /// Sentence about it.
    pub(crate) sentence: String,
    /// Path of the nearest field.
    pub(crate) nearest: Option<String>,
}

impl Lacking {
    /// Creates the sentence about a key of a store. `id` is that of the place that shows it, and `feed` the name of the feed
    /// if it is not that of the pane.
    pub(crate) fn new(
        ui: &Ui,
        id: Id,
        (store, interpreter): (&Store, &Interpreter),
        key: &str,
        feed: Option<&str>,
    ) -> Self {
        let known = offers::kept(ui, id.with("known fields"), || -> Vec<String> {
            let found = fields(store, interpreter, NEWEST, MOST);
            found.into_iter().map(|field| field.path).collect()
        });
        let paths = known.iter().map(String::as_str);
        let nearest = key.starts_with('.').then(|| nearest(key, paths)).flatten();
        let nearest = nearest.filter(|path| *path != key);
        Self {
            sentence: words::no_such_field(key, nearest, feed),
            nearest: nearest.map(str::to_owned),
        }
    }
}
