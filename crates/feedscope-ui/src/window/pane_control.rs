//! Opening, closing and focusing of panes, for menus, tabs, buttons and keys alike. `tiles` stores the layout, and the
//! app stores the feeds.

use egui::{Id, Key, RichText, Ui};

use super::Window;
use crate::command::{Command, FilePurpose, PaneCommand};
use crate::connection_bar::url_id;
use crate::ids::PaneId;
use crate::pane::PaneView;
use crate::pane_request::{PaneRequest, Placement};
use crate::path_dialog::PathDialog;
use crate::recording_scene::RecordingScene;
use crate::scene::{FeedScene, PaneScene, Scene};
use crate::theme::{Palette, font};
use crate::timeline::{self, List};
use crate::widgets::{focus_harmless, sheet};
use crate::{sheet_focus, tiles, words};

impl Window {
    /// Adds a view for each new pane, and drops the views of panes that cannot be opened again.
    pub(super) fn sync(&mut self, ui: &Ui, scene: &Scene<'_>) {
        let is_there = |id: PaneId| scene.panes.iter().any(|pane| pane.id == id);
        if self.panes.keys().any(|id| !is_there(*id)) {
            self.activity.note_closed();
        }
        let gone = self.panes.extract_if(.., |id, _| !is_there(*id));
        self.closed_views.extend(gone);
        self.closed_views
            .retain(|id, _| is_there(*id) || scene.closed.contains(id));
        for pane in scene.panes {
            let closed = &mut self.closed_views;
            let view = || closed.remove(&pane.id).unwrap_or_default();
            self.panes.entry(pane.id).or_insert_with(view);
        }
        self.columns
            .sync(scene.panes.iter().filter_map(|pane| pane.feed.as_ref()));
        self.columns.sync(scene.feeds());
        self.lenses.sync(scene.panes);
        if self.tiles.order().is_empty() {
            self.tiles
                .set_area(tiles::area_of_grid(ui.max_rect(), ui.max_rect()));
        }
        let opened = self.tiles.sync(scene.panes);
        if self.tiles.take_crowded() {
            self.toast.report(words::NEW_TAB.to_owned());
        }
        if let Some(pane) = opened {
            self.focused = pane;
            if scene.feed_of(pane).is_none() {
                // The user opens an empty pane in order to type a URL.
                ui.memory_mut(|memory| memory.request_focus(url_id(pane)));
            } else if self.activity.take_awaited() {
                // What the user types next is for the pane that was asked for, and not for a field of the former one.
                timeline::focus(ui, pane, List::Rows);
            }
        }
        if !is_there(self.focused) {
            // The focused pane was closed, so that the one before it receives the keys again.
            let last = self.activity.last_active(is_there);
            let next = last.or_else(|| self.tiles.order().first().copied());
            self.focused = next.unwrap_or(self.focused);
        }
        self.activity.note_active(self.focused);
        self.closing = self.closing.filter(|pane| is_there(*pane));
        self.toast.sync(scene.closed);
    }

    /// Carries out a request, or asks the user first if unsent messages would be lost or a recording would end.
    pub(super) fn fulfill(
        &mut self,
        request: PaneRequest,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        match request {
            PaneRequest::Open(placement, feed) => {
                self.tiles.place_next(placement);
                self.activity.await_pane();
                commands.push(Command::Pane(PaneCommand::Open(feed)));
            }
            PaneRequest::Close(pane)
                if self.is_left_unsent(pane, scene) || ended_recording(pane, scene).is_some() =>
            {
                self.closing = Some(pane);
            }
            PaneRequest::Close(pane) => commands.push(Command::Pane(PaneCommand::Close(pane))),
            PaneRequest::OpenFile => self.path_dialog = Some(PathDialog::new(FilePurpose::Open)),
            PaneRequest::SaveAs(pane) => self.open_save_dialog(pane, scene),
            PaneRequest::Save => self.prepare_save(scene, commands),
            PaneRequest::RecordTo(feed) => {
                self.path_dialog = Some(PathDialog::new(FilePurpose::Record(feed)));
            }
            PaneRequest::Reopen if scene.closed.is_empty() => {}
            PaneRequest::Reopen => {
                self.tiles.place_next(self.roomiest());
                self.activity.await_pane();
                commands.push(Command::Pane(PaneCommand::Reopen));
            }
        }
    }

    /// Returns the placement of a new pane: where it has room.
    pub(super) fn roomiest(&self) -> Placement {
        Placement::Roomiest(self.focused)
    }

    /// Selects rows that a comparison in the pane of another feed leads to, each in the first pane of its feed.
    pub(super) fn go_to_other_rows(&mut self, ui: &Ui, scene: &Scene<'_>) {
        let rows: Vec<_> = self
            .panes
            .values_mut()
            .filter_map(PaneView::take_other_row)
            .collect();
        for (feed, row) in rows {
            let is_of_feed = |pane: &PaneId| scene.feed_of(*pane).is_some_and(|it| it.id == feed);
            let pane = self.tiles.order().into_iter().find(is_of_feed);
            let Some(pane) = pane else { continue };
            if let Some(view) = self.panes.get_mut(&pane) {
                view.go_to_row(row);
                self.tiles.bring_to_front(pane);
                // The rows of the other pane may have been drawn already.
                ui.ctx().request_repaint();
            }
        }
    }

    /// Focuses a pane and makes it visible.
    pub(super) fn go_to(&mut self, ui: &Ui, pane: PaneId) {
        self.focused = pane;
        self.tiles.bring_to_front(pane);
        // A text field of the former pane must not receive the next keys. Tab goes on from the rows of this pane.
        timeline::focus(ui, pane, List::Rows);
    }

    /// Returns true if unsent messages would be lost with this pane: messages that wait for a feed that no other pane
    /// shows, or text in the composer.
    fn is_left_unsent(&self, pane: PaneId, scene: &Scene<'_>) -> bool {
        let written = self.panes.get(&pane).is_some_and(PaneView::is_writing);
        written
            || scene
                .feed_of(pane)
                .is_some_and(|feed| is_last_view(pane, feed, scene) && feed.source.waiting() > 0)
    }

    /// Draws the question before a pane with unsent messages or a recording is closed.
    pub(super) fn show_closing(&mut self, ui: &Ui, scene: &Scene<'_>, commands: &mut Vec<Command>) {
        let Some(pane) = self.closing else { return };
        let feed = scene.feed_of(pane);
        let waiting = feed
            .filter(|feed| is_last_view(pane, feed, scene))
            .map_or(0, |feed| feed.source.waiting());
        let writing = self.panes.get(&pane).is_some_and(PaneView::is_writing);
        let palette = Palette::of(ui);
        let modal =
            sheet(ui, Id::unique(("closing", pane)), "Close this pane?").show(ui.ctx(), |ui| {
                ui.set_width(380.0_f32.min(ui.ctx().content_rect().width() - 60.0));
                ui.label(RichText::new("Close this pane?").font(font::title()));
                if let Some(feed) = feed {
                    let url = RichText::new(feed.address()).font(font::mono());
                    ui.label(url.color(palette.dim));
                }
                if waiting > 0 || writing {
                    ui.label(words::what_closing_loses(waiting, writing));
                }
                if let Some(recording) = ended_recording(pane, scene) {
                    ui.label(words::recording_would_end(recording));
                }
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    let close = ui.button(RichText::new("Close the pane").color(palette.fail));
                    let keep = ui.button("Keep it");
                    focus_harmless(ui, &keep, &close);
                    (close.clicked(), keep.clicked())
                })
                .inner
            });
        let (closed, kept) = modal.inner;
        if closed {
            commands.push(Command::Pane(PaneCommand::Close(pane)));
        }
        let escaped = ui.input(|input| input.key_pressed(Key::Escape));
        if closed || kept || escaped || modal.should_close() {
            self.closing = None;
            // Without a closed pane, the keys are where they were, also if the menu of another pane was used.
            let before = sheet_focus::widget_behind(ui).filter(|_| !closed);
            let before = before.and_then(|widget| self.activity.pane_of_drawn(ui, widget));
            self.focused = before.unwrap_or(self.focused);
        }
    }
}

/// Returns the recording that ends with a pane, because no other pane shows one of its feeds.
fn ended_recording<'a>(pane: PaneId, scene: &Scene<'a>) -> Option<&'a RecordingScene> {
    let panes: &'a [PaneScene] = scene.panes;
    let recording_of = |it: &'a PaneScene| {
        let recording = it.feed.as_ref()?.recording.as_deref();
        recording.filter(|recording| recording.is_running())
    };
    let recording = recording_of(panes.iter().find(|it| it.id == pane)?)?;
    let mut others = panes.iter().filter(|it| it.id != pane);
    let goes_on =
        others.any(|it| recording_of(it).is_some_and(|other| other.path == recording.path));
    (!goes_on).then_some(recording)
}

/// Returns true if no other pane shows this feed.
fn is_last_view(pane: PaneId, feed: &FeedScene, scene: &Scene<'_>) -> bool {
    let shows = |it: &PaneScene| it.feed.as_ref().is_some_and(|it| it.id == feed.id);
    !scene.panes.iter().any(|it| it.id != pane && shows(it))
}
