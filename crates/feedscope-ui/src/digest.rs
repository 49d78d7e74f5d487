//! Latest changes of all feeds in one sentence, which a screen reader announces every few seconds. Nothing is drawn.

use std::collections::BTreeMap;
use std::time::Duration;

use egui::accesskit::{Live, Role};
use egui::{Id, Sense, Ui, WidgetInfo};
use feedscope_core::store::RowNumber;
use feedscope_core::{ConnectionState, Moment};

use crate::feed_names;
use crate::ids::FeedId;
use crate::scene::{FeedScene, Scene};
use crate::widgets::nowhere;
use crate::words;

/// Minimum time between two announcements, so that they do not cover what the user reads.
const INTERVAL: Duration = Duration::from_secs(5);

/// Changes since the last announcement.
#[derive(Default)]
pub(crate) struct Digest {
    /// Sentence that was announced last.
    text: String,
    announced_at: Option<Moment>,
    seen: BTreeMap<FeedId, Seen>,
}

/// State of a feed at the last announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    end: RowNumber,
    /// State and attempt of a connection; a file has none.
    life: Option<(ConnectionState, u32)>,
}

impl Seen {
    fn of(feed: &FeedScene) -> Self {
        Self {
            end: feed.store.extent().end,
            life: feed
                .source
                .status()
                .map(|status| (status.state, status.attempt)),
        }
    }
}

impl Digest {
    /// Makes the sentence for this pass known to screen readers.
    pub(crate) fn show(&mut self, ui: &Ui, scene: &Scene<'_>) {
        self.sync(scene);
        if self.text.is_empty() {
            return;
        }
        let id = Id::unique("digest");
        let response = ui.interact(nowhere(ui), id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &self.text));
        ui.ctx()
            .accesskit_node_builder(id, |node| node.set_live(Live::Polite));
    }

    /// Writes the next sentence if its time has come and something has changed.
    fn sync(&mut self, scene: &Scene<'_>) {
        let now = scene.now.moment;
        let is_due = self.announced_at.is_none_or(|at| now.since(at) >= INTERVAL);
        if !is_due {
            return;
        }
        let is_several = scene.feeds().count() > 1;
        let mut sentences = Vec::new();
        let mut seen = BTreeMap::new();
        for feed in scene.feeds() {
            let present = Seen::of(feed);
            seen.insert(feed.id, present);
            // A feed that has just been opened has no changes yet.
            let Some(before) = self.seen.get(&feed.id).copied() else {
                continue;
            };
            let changes = changes(before, present);
            if !changes.is_empty() && is_several {
                sentences.push(format!("{}: {changes}", feed_names::of(Some(feed), scene)));
            } else if !changes.is_empty() {
                sentences.push(changes);
            }
        }
        // The first pass only takes the present state, because nothing has changed yet.
        if self.announced_at.is_none() || !sentences.is_empty() {
            self.announced_at = Some(now);
            self.text = sentences.join("; ");
            self.seen = seen;
        }
    }
}

/// Describes the changes of a feed: `42 new, reconnecting, attempt 2`.
fn changes(before: Seen, present: Seen) -> String {
    let mut parts = Vec::new();
    let new = present.end.since(before.end);
    if new > 0 {
        parts.push(format!("{} new", words::count(new)));
    }
    if let (Some((former, before)), Some((state, attempt))) = (before.life, present.life) {
        if state != former {
            parts.push(state.word().to_owned());
        }
        let is_trying = matches!(
            state,
            ConnectionState::Connecting | ConnectionState::Reconnecting
        );
        if is_trying && attempt > 0 && attempt != before {
            parts.push(format!("attempt {attempt}"));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_one_sentence() {
        use ConnectionState::{Open, Reconnecting};
        let seen = |end, state, attempt| Seen {
            end: RowNumber(end),
            life: Some((state, attempt)),
        };
        let open = seen(10, Open, 1);
        assert_eq!(changes(open, open), "");
        assert_eq!(changes(open, seen(1_252, Open, 1)), "1,242 new");
        let lost = seen(12, Reconnecting, 2);
        assert_eq!(changes(open, lost), "2 new, reconnecting, attempt 2");
        assert_eq!(changes(lost, seen(12, Reconnecting, 3)), "attempt 3");
        assert_eq!(changes(lost, seen(14, Open, 0)), "2 new, open");
        let file = |end| Seen {
            end: RowNumber(end),
            life: None,
        };
        assert_eq!(changes(file(3), file(5)), "2 new");
    }
}
