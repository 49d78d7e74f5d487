//! Confirmation of commands whose effect may be out of sight.

use std::collections::BTreeMap;

use egui::Ui;
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::store::{Class, ClassSet};

use crate::command::{Command, MessageCommand, PaneCommand, RecordingCommand};
use crate::demo_scene::DemoCommand;
use crate::ids::{FeedId, PaneId};
use crate::pane::PaneView;
use crate::scene::Scene;
use crate::shortcuts::{Shortcut, key_name};
use crate::toast::{Confirmation, ToastAction};
use crate::{toast, words};

/// Returns the message about the commands of a pass; `None` if the window shows their effect.
pub(super) fn of(
    ui: &Ui,
    commands: &[Command],
    scene: &Scene<'_>,
    views: &BTreeMap<PaneId, PaneView>,
) -> Option<Confirmation> {
    let key = || key_name(ui, Shortcut::ReopenPane);
    let records_of = |pane| Some(scene.feed_of(pane)?.store.extent().end.0).filter(|it| *it > 0);
    // Nobody misses the states of a connection that failed.
    let missed_in = |pane| {
        let store = &scene.feed_of(pane)?.store;
        let payloads = ClassSet::ALL.with(Class::States, false);
        let has_payloads = store.rank(payloads, store.extent().end).0 > 0;
        records_of(pane).filter(|_| has_payloads)
    };
    let restorable = |text: &dyn Fn(&str) -> String| toast::restorable(text(&key()), text(""));
    commands.iter().find_map(|command| match command {
        Command::Pane(PaneCommand::Close(pane)) => {
            let records = records_of(*pane)?;
            Some(restorable(&|key| words::closed(records, key)))
        }
        Command::Pane(PaneCommand::ConnectTo { pane, .. })
        | Command::Demo(DemoCommand::Flood(Some(pane))) => {
            let records = missed_in(*pane)?;
            let had_filter = views.get(pane).is_some_and(|view| !view.filter.is_empty());
            Some(restorable(&|key| words::replaced(records, had_filter, key)))
        }
        Command::Pane(PaneCommand::ConnectWith { pane, .. }) => {
            let records = missed_in(*pane)?;
            Some(restorable(&|key| words::reconnected(records, key)))
        }
        Command::Demo(DemoCommand::Flood(None)) => {
            records_of(scene.demo.as_ref()?.flooded?)?;
            Some(restorable(&|key| words::flood_stopped(key)))
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
            Some(words::recording_starts(if *from_now { 0 } else { earlier }).into())
        }
        Command::Feed(feed, FeedCommand::Send(message)) => {
            let class = match message {
                Outgoing::Text(_) | Outgoing::Binary(_) => Class::Sent,
                Outgoing::Ping(_) => Class::PingPong,
                Outgoing::Close { .. } => Class::States,
            };
            out_of_sight(*feed, class, scene, views)
        }
        Command::Message(MessageCommand::Send(feed, _) | MessageCommand::SendFile(feed, _)) => {
            out_of_sight(*feed, Class::Sent, scene, views)
        }
        _ => None,
    })
}

/// Returns the message about a sent message of a class that may be out of sight in all panes of the feed.
fn out_of_sight(
    feed: FeedId,
    class: Class,
    scene: &Scene<'_>,
    views: &BTreeMap<PaneId, PaneView>,
) -> Option<Confirmation> {
    let shows_feed = |pane: &PaneId| scene.feed_of(*pane).is_some_and(|it| it.id == feed);
    let mut reason = None;
    for (&pane, view) in views.iter().filter(|(pane, _)| shows_feed(pane)) {
        let ([text, short], name, action) = if !view.timeline.shown.has(class) {
            let (texts, name) = words::sent_hidden(class);
            (texts, name, ToastAction::ShowClass(pane, class))
        } else if view.filter.hides_rows() {
            let action = ToastAction::ClearFilter(pane);
            (words::SENT_UNDER_FILTER, words::CLEAR_FILTER, action)
        } else if view.timeline.is_following() || view.timeline.has_free_room() {
            return None;
        } else {
            let action = ToastAction::GoToNewest(pane);
            (words::SENT_BELOW, words::GO_TO_NEWEST, action)
        };
        reason = Some(Confirmation {
            text: text.to_owned(),
            short: Some(short.to_owned()),
            button: Some((name, action)),
        });
    }
    reason
}
