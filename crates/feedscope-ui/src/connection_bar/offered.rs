//! Saved connections and URLs that the URL field suggests.

use feedscope_core::url_text::complete_url;

use crate::command::{Command, PaneCommand, SavedCommand};
use crate::ids::PaneId;
use crate::ranking::rank;
use crate::scene::Scene;
use crate::suggestions::Suggestion;

/// Maximum number of entries.
const MOST: usize = 40;

/// Target of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// Opens the saved connection with this name.
    Saved(String),
    /// Connects to this URL.
    Url(String),
}

/// Choice of the user.
pub(super) enum UrlChoice {
    /// Carries out this command.
    Run(Command),
    /// Puts this URL into the field, because the user must replace its masked secrets.
    Complete(String),
}

/// Entries of the list.
#[derive(Default)]
pub(super) struct OfferedUrls {
    pub(super) shown: Vec<Suggestion>,
    targets: Vec<Target>,
}

impl OfferedUrls {
    /// Returns the entries that match the typed text, apart from the URL that the pane shows.
    pub(super) fn new(scene: &Scene<'_>, typed: &str, shown: &str) -> Self {
        let saved = scene.saved.connections.iter().map(|saved| {
            let name = saved.form.name.clone();
            (name.clone(), saved.shown_url.clone(), Target::Saved(name))
        });
        let urls = |urls: &'_ [String], detail: &'static str| {
            let entry = move |url: &String| {
                let target = Target::Url(url.clone());
                (url.clone(), detail.to_owned(), target)
            };
            urls.iter().map(entry).collect::<Vec<_>>()
        };
        let entries: Vec<_> = saved
            .chain(urls(scene.recent, "recent"))
            .chain(urls(scene.examples, "example"))
            // The pane shows this feed already.
            .filter(|(text, ..)| text != shown)
            .collect();
        let texts: Vec<_> = entries
            .iter()
            .map(|(text, detail, _)| format!("{text} {detail}"))
            .collect();
        let ranked = rank(typed.trim(), texts.iter().map(String::as_str));
        let mut offered = Self::default();
        for hit in ranked.into_iter().take(MOST) {
            let (text, detail, target) = entries[hit.index].clone();
            offered.shown.push(Suggestion { text, detail });
            offered.targets.push(target);
        }
        offered
    }

    /// Returns the effect of an entry in this pane.
    pub(super) fn choose(&self, index: usize, pane: PaneId) -> Option<UrlChoice> {
        let command = match self.targets.get(index)? {
            Target::Saved(name) => Command::Saved(SavedCommand::Open {
                name: name.clone(),
                pane: Some(pane),
                values: Vec::new(),
                is_allowed: false,
            }),
            Target::Url(text) => {
                let Some(url) = complete_url(text) else {
                    return Some(UrlChoice::Complete(text.clone()));
                };
                Command::Pane(PaneCommand::ConnectTo { pane, url })
            }
        };
        Some(UrlChoice::Run(command))
    }
}
