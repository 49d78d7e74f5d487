//! Confirmation of commands whose effect may be out of sight.

use std::collections::BTreeMap;

use egui::Ui;
use feedscope_core::feed::FeedCommand;

use crate::command::{Command, MessageCommand, PaneCommand, RecordingCommand, SavedCommand};
use crate::demo_scene::DemoCommand;
use crate::ids::{FeedId, PaneId};
use crate::pane::PaneView;
use crate::scene::Scene;
use crate::shortcuts::{Shortcut, key_name};
use crate::words;

/// Returns the sentence about the commands of a pass; `None` if the window shows their effect.
pub(super) fn of(
    ui: &Ui,
    commands: &[Command],
    scene: &Scene<'_>,
    views: &BTreeMap<PaneId, PaneView>,
) -> Option<String> {
    commands.iter().find_map(|command| match command {
        Command::Pane(PaneCommand::Close(pane)) => {
            let feed = scene.feed_of(*pane)?;
            let records = feed.store.extent().end.0;
            (records > 0).then(|| words::closed(records, &key_name(ui, Shortcut::ReopenPane)))
        }
        Command::Pane(PaneCommand::ConnectTo { pane, .. })
        | Command::Saved(SavedCommand::Open {
            pane: Some(pane), ..
        })
        | Command::Demo(DemoCommand::Flood(Some(pane))) => {
            let records = scene.feed_of(*pane)?.store.extent().end.0;
            let key = key_name(ui, Shortcut::ReopenPane);
            (records > 0).then(|| words::replaced(records, &key))
        }
        Command::Demo(DemoCommand::Compare | DemoCommand::Usual) => {
            let records = scene.feeds().map(|feed| feed.store.extent().end.0).sum();
            let key = key_name(ui, Shortcut::ReopenPane);
            (records > 0).then(|| words::replaced(records, &key))
        }
        Command::Recording(RecordingCommand::Start {
            feeds, from_now, ..
        }) => {
            let of_feed = |id: FeedId| scene.feeds().find(|feed| feed.id == id);
            let kept = |id: &FeedId| {
                let extent = of_feed(*id).map(|feed| feed.store.extent());
                extent.map_or(0, |extent| extent.end - extent.first)
            };
            let earlier = feeds.iter().map(kept).sum();
            Some(words::recording_starts(if *from_now { 0 } else { earlier }))
        }
        Command::Feed(feed, FeedCommand::Send(_))
        | Command::Message(MessageCommand::Send(feed, _) | MessageCommand::SendFile(feed, _)) => {
            out_of_sight(*feed, scene, views).map(str::to_owned)
        }
        _ => None,
    })
}

/// Returns the reason that a sent message may be out of sight in all panes of the feed.
fn out_of_sight(
    feed: FeedId,
    scene: &Scene<'_>,
    views: &BTreeMap<PaneId, PaneView>,
) -> Option<&'static str> {
    let shows_feed = |pane: &PaneId| scene.feed_of(*pane).is_some_and(|it| it.id == feed);
    let mut reason = None;
    for (_, view) in views.iter().filter(|(pane, _)| shows_feed(pane)) {
        reason = Some(if !view.filter.is_empty() {
            words::SENT_UNDER_FILTER
        } else if view.timeline.is_following() {
            return None;
        } else {
            words::SENT_BELOW
        });
    }
    reason
}
