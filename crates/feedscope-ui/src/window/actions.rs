//! Effects of the commands that have a key or stand in the command palette, on the window and its panes.

use egui::Ui;
use feedscope_core::feed::FeedCommand;
use jiff::tz::TimeZone;

use super::Window;
use crate::command::{
    Command, FilePurpose, MessageCommand, RecordingCommand, RecordsCommand, SavedCommand,
    SettingCommand,
};
use crate::command_palette::CommandPalette;
use crate::demo_panel::{Page, REFUSED_FOR};
use crate::demo_scene::DemoCommand;
use crate::ids::PaneId;
use crate::options::OptionField;
use crate::pane::PaneView;
use crate::pane_request::{PaneRequest, Placement};
use crate::path_dialog::PathDialog;
use crate::replay_scene::ReplayAction;
use crate::saved::ConnectionList;
use crate::scene::{FeedScene, Scene};
use crate::session_recordings::SessionRecordingsSheet;
use crate::shortcuts::{
    self, CommandContext, DemoShortcut, ReplayShortcut, ReplayStep, Shortcut, ViewShortcut,
};
use crate::toast::ToastAction;
use crate::trace::TraceScale;
use crate::{composer, connection_bar, filter, messages, theme, words};

impl Window {
    /// Handles the pressed keys before any widget receives them.
    pub(super) fn handle_keys(&mut self, ui: &Ui, scene: &Scene<'_>, commands: &mut Vec<Command>) {
        self.refused_typing.take_keys(ui);
        // The own keys of a saved message come before the usual ones.
        if let Some(feed) = scene
            .feed_of(self.focused)
            .filter(|_| !shortcuts::is_covered(ui))
        {
            messages::take_keys(ui, feed, commands);
        }
        for about_panes in [true, false] {
            // The other commands apply to the pane that is focused by now.
            let standing = CommandContext::of(scene, self.focused);
            let in_new_pane = self.is_in_new_pane(ui, scene);
            for shortcut in shortcuts::taken(ui, &standing, about_panes, in_new_pane) {
                self.run(shortcut, ui, scene, commands);
            }
        }
        let standing = CommandContext::of(scene, self.focused);
        if shortcuts::is_refused(ui, &standing, Shortcut::WriteMessage) {
            let source = scene.feed_of(self.focused).map(|feed| &feed.source);
            self.toast
                .confirm(words::not_sendable(source).to_owned().into());
            // The user types the message before the sentence is read.
            self.refused_typing.begin(ui);
        }
    }

    /// Returns true if the focus is in the URL field of a pane without a feed, and nothing has been typed there.
    fn is_in_new_pane(&self, ui: &Ui, scene: &Scene<'_>) -> bool {
        let pane = self.focused;
        let is_untouched = |view: &PaneView| view.url.is_untouched();
        scene.feed_of(pane).is_none()
            && ui.memory(|memory| memory.has_focus(connection_bar::url_id(pane)))
            && self.panes.get(&pane).is_some_and(is_untouched)
    }

    /// Carries out a command about the text in the composer of the focused pane.
    fn run_on_message(&mut self, shortcut: Shortcut) {
        let view = self.panes.get_mut(&self.focused);
        match (shortcut, view) {
            (Shortcut::FormatJson, Some(view)) => view.format_message(),
            (Shortcut::SaveMessage, Some(view)) => view.name_message(),
            _ => {}
        }
    }

    /// Carries out one command of the list.
    pub(super) fn run(
        &mut self,
        shortcut: Shortcut,
        ui: &Ui,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        // The panel closes so that the user sees the effect on a pane.
        if self.demo_panel.covers_panes() && is_about_panes(shortcut) {
            self.demo_panel.close();
        }
        let pane = self.focused;
        let focus = |id| ui.memory_mut(|memory| memory.request_focus(id));
        match shortcut {
            Shortcut::ToggleHelp => self.help_open = !self.help_open,
            Shortcut::TogglePalette => {
                self.palette = match self.palette.take() {
                    Some(_) => None,
                    None => Some(CommandPalette::default()),
                };
            }
            Shortcut::Demo(shortcut) => self.run_in_demo(shortcut, scene, commands),
            Shortcut::ToggleTour => self.toggle_tour(scene, commands),
            Shortcut::SwitchTheme => {
                commands.push(Command::Setting(SettingCommand::Theme(theme::other(ui))));
            }
            Shortcut::SwitchTimeZone => {
                commands.push(Command::Setting(SettingCommand::Utc(!self.utc)));
            }
            Shortcut::EditUrl => self.edit_url(ui, pane, scene),
            Shortcut::OpenConnections => self.connection_list = Some(ConnectionList::default()),
            Shortcut::SessionRecordings => self.open_session_recordings(),
            Shortcut::SaveRecords => self.open_save_dialog(pane, scene),
            Shortcut::SaveConnection => self.prepare_save(scene, commands),
            Shortcut::OpenFile => self.path_dialog = Some(PathDialog::new(FilePurpose::Open)),
            Shortcut::WriteMessage => focus(composer::text_id(pane)),
            Shortcut::EditFilter => focus(filter::field_id(pane)),
            Shortcut::ToggleConnection => toggle_connection(pane, scene, commands),
            Shortcut::RetryNow => {
                let feed = scene.feed_of(pane);
                commands.extend(feed.map(|feed| Command::Feed(feed.id, FeedCommand::RetryNow)));
            }
            Shortcut::SendSaved(index) => send_saved(pane, index, scene, commands),
            Shortcut::FormatJson | Shortcut::SaveMessage => self.run_on_message(shortcut),
            Shortcut::StopAutomatic => {
                commands.push(Command::Message(MessageCommand::StopAutomatic));
            }
            Shortcut::ToggleRecording => toggle_recording(pane, scene, commands),
            Shortcut::RecordTo
            | Shortcut::CopyAs(_)
            | Shortcut::CopyPath
            | Shortcut::CopyUrl
            | Shortcut::ClearRecords
            | Shortcut::OpenRight
            | Shortcut::OpenBelow => self.run_of_menu(shortcut, ui, scene, commands),
            Shortcut::FocusPane(index) => {
                if let Some(pane) = self.tiles.order().get(index) {
                    self.go_to(ui, *pane);
                }
            }
            Shortcut::FocusNextPane => self.go_to_pane_after(ui, 1),
            Shortcut::FocusPreviousPane => {
                // One step back is the same as all the others forward.
                self.go_to_pane_after(ui, self.tiles.order().len().saturating_sub(1));
            }
            Shortcut::FocusNeighbor(direction) => {
                if let Some(neighbor) = self.tiles.neighbor(pane, direction) {
                    self.go_to(ui, neighbor);
                }
            }
            Shortcut::ResizePane(direction) => self.tiles.resize(pane, direction),
            Shortcut::MovePane(direction) => self.tiles.carry(pane, direction),
            Shortcut::OpenPane => {
                self.fulfill(PaneRequest::Open(self.roomiest(), None), scene, commands);
            }
            Shortcut::OpenTab => {
                let request = PaneRequest::Open(Placement::Tab(pane), None);
                self.fulfill(request, scene, commands);
            }
            Shortcut::OpenView => {
                if let Some(feed) = scene.feed_of(pane) {
                    let request = PaneRequest::Open(self.roomiest(), Some(feed.id));
                    self.fulfill(request, scene, commands);
                }
            }
            Shortcut::ClosePane => self.fulfill(PaneRequest::Close(pane), scene, commands),
            Shortcut::ReopenPane => self.fulfill(PaneRequest::Reopen, scene, commands),
            Shortcut::View(shortcut) => {
                let zone = if self.utc {
                    &TimeZone::UTC
                } else {
                    scene.time_zone
                };
                // Escape in a part of the pane leaves this part only. The selected row stays.
                let is_left =
                    shortcut == ViewShortcut::CloseInnermost && self.activity.is_left(ui, pane);
                let stays = |view: &PaneView| is_left && !view.has_bar();
                if let Some(view) = self.panes.get_mut(&pane).filter(|view| !stays(view)) {
                    run_in_view(
                        shortcut,
                        ui,
                        pane,
                        view,
                        scene.feed_of(pane),
                        zone,
                        commands,
                    );
                }
            }
        }
    }

    /// Focuses the field for the URL of a pane. The bar of a file has none, so that the list of connections takes the URL.
    fn edit_url(&mut self, ui: &Ui, pane: PaneId, scene: &Scene<'_>) {
        let feed = scene.feed_of(pane);
        if feed.is_some_and(|feed| !feed.source.is_live()) {
            self.connection_list = Some(ConnectionList::default());
        } else {
            ui.memory_mut(|memory| memory.request_focus(connection_bar::url_id(pane)));
        }
    }

    /// Carries out a command that is an item of the pane's menu.
    fn run_of_menu(
        &mut self,
        shortcut: Shortcut,
        ui: &Ui,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let pane = self.focused;
        match shortcut {
            Shortcut::RecordTo => {
                if let Some(feed) = scene.feed_of(pane) {
                    self.fulfill(PaneRequest::RecordTo(feed.id), scene, commands);
                }
            }
            Shortcut::CopyAs(program) => {
                let copy = |feed: &FeedScene| SavedCommand::CopyAs(feed.id, program);
                commands.extend(scene.feed_of(pane).map(copy).map(Command::Saved));
            }
            Shortcut::CopyPath => {
                if let Some(file) = scene.feed_of(pane).and_then(|feed| feed.source.file()) {
                    ui.ctx().copy_text(file.path.clone());
                }
            }
            Shortcut::CopyUrl => {
                if let Some(url) = scene.feed_of(pane).and_then(|feed| feed.source.url()) {
                    ui.ctx().copy_text(url.to_string());
                }
            }
            Shortcut::ClearRecords => {
                let feed = scene.feed_of(pane);
                commands.extend(feed.map(|feed| Command::Records(RecordsCommand::Clear(feed.id))));
            }
            Shortcut::OpenRight => {
                let request = PaneRequest::Open(Placement::Right(pane), None);
                self.fulfill(request, scene, commands);
            }
            Shortcut::OpenBelow => {
                let request = PaneRequest::Open(Placement::Below(pane), None);
                self.fulfill(request, scene, commands);
            }
            _ => {}
        }
    }

    /// Opens the list of the recordings of sessions.
    fn open_session_recordings(&mut self) {
        self.session_recordings = Some(SessionRecordingsSheet::default());
    }

    /// Focuses the pane that is `step` panes after the focused one. After the last pane comes the first.
    fn go_to_pane_after(&mut self, ui: &Ui, step: usize) {
        let order = self.tiles.order();
        let here = order.iter().position(|pane| *pane == self.focused);
        if let Some(here) = here {
            self.go_to(ui, order[(here + step) % order.len()]);
        }
    }

    /// Opens or closes the demo's tour. If the demo is hidden, it is shown again with its tour.
    fn toggle_tour(&mut self, scene: &Scene<'_>, commands: &mut Vec<Command>) {
        match &scene.demo {
            Some(demo) if demo.hidden => {
                commands.push(Command::Demo(DemoCommand::Show(true)));
                self.demo_panel.open(Page::Tour);
            }
            Some(_) => self.demo_panel.toggle(Page::Tour),
            None => {}
        }
    }

    /// Goes to the next record of a recording, or to the one before, in the list of the focused pane or of the first one
    /// that shows the feed.
    pub(super) fn step_replay(
        &mut self,
        feed: &FeedScene,
        step: ReplayStep,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let shows = |pane: &PaneId| scene.feed_of(*pane).is_some_and(|it| it.id == feed.id);
        let first = scene.panes.iter().map(|pane| pane.id).find(shows);
        let pane = Some(self.focused).filter(shows).or(first);
        let view = pane.and_then(|pane| self.panes.get_mut(&pane));
        let action = view.and_then(|view| view.step_replay(feed, step));
        commands.extend(action.map(|action| Command::Replay(feed.id, action)));
    }

    /// Carries out the effect of the button of a message.
    pub(super) fn run_of_toast(
        &mut self,
        ui: &Ui,
        action: ToastAction,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let pane = match action {
            ToastAction::Reopen => {
                self.fulfill(PaneRequest::Reopen, scene, commands);
                return;
            }
            ToastAction::ShowClass(pane, _)
            | ToastAction::ClearFilter(pane)
            | ToastAction::GoToNewest(pane) => pane,
        };
        let Some(view) = self.panes.get_mut(&pane) else {
            return;
        };
        // The message is about one that was sent. Its field gets back the caret that the click has taken.
        ui.memory_mut(|memory| memory.request_focus(composer::text_id(pane)));
        match action {
            ToastAction::ShowClass(_, class) => {
                view.timeline.shown = view.timeline.shown.with(class, true);
            }
            ToastAction::ClearFilter(_) => {
                view.filter.set("");
                // The sent message is the newest record.
                view.timeline.follow();
            }
            ToastAction::GoToNewest(_) => view.timeline.follow(),
            ToastAction::Reopen => {}
        }
    }

    /// Carries out one command about the demo server.
    fn run_in_demo(
        &mut self,
        shortcut: DemoShortcut,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let Some(demo) = &scene.demo else { return };
        let command = match shortcut {
            DemoShortcut::Drop => DemoCommand::Drop,
            DemoShortcut::Refuse => DemoCommand::Refuse(REFUSED_FOR),
            DemoShortcut::Stall => DemoCommand::Stall(!demo.stalled),
            DemoShortcut::Flood if demo.flooded.is_some() => DemoCommand::Flood(None),
            DemoShortcut::Flood => DemoCommand::Flood(Some(self.focused)),
            DemoShortcut::Compare => DemoCommand::Compare,
            DemoShortcut::Hide => DemoCommand::Show(false),
            DemoShortcut::Faults => {
                self.demo_panel.open(Page::Faults);
                DemoCommand::Show(true)
            }
        };
        commands.push(Command::Demo(command));
    }
}

/// Disconnects the pane's feed if it is live, and connects it otherwise.
fn toggle_connection(pane: PaneId, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    // A file has no connection.
    if let Some(feed) = scene.feed_of(pane)
        && let Some(state) = feed.source.state()
    {
        let command = if state.is_live() {
            FeedCommand::Disconnect
        } else {
            FeedCommand::Connect
        };
        commands.push(Command::Feed(feed.id, command));
    }
}

/// Sends the saved message with this index, if it is one that the user sends.
fn send_saved(pane: PaneId, index: usize, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    if let Some(feed) = scene.feed_of(pane)
        && let Some(message) = feed.messages.get(index)
        && message.automatic.is_none()
    {
        commands.push(Command::Message(MessageCommand::Send(feed.id, index)));
    }
}

/// Starts the recording of the pane's feed, or stops it.
fn toggle_recording(pane: PaneId, scene: &Scene<'_>, commands: &mut Vec<Command>) {
    let live = scene.feed_of(pane).filter(|feed| feed.source.is_live());
    commands.extend(live.map(|feed| {
        if feed.is_recorded() {
            Command::Recording(RecordingCommand::Stop(feed.id))
        } else {
            Command::Recording(RecordingCommand::Start {
                feeds: vec![feed.id],
                file: None,
                from_now: false,
            })
        }
    }));
}

/// Carries out one action on the view of a pane.
fn run_in_view(
    shortcut: ViewShortcut,
    ui: &Ui,
    pane: PaneId,
    view: &mut PaneView,
    feed: Option<&FeedScene>,
    zone: &TimeZone,
    commands: &mut Vec<Command>,
) {
    match shortcut {
        ViewShortcut::Replay(shortcut) => {
            let action =
                feed.and_then(|feed| Some((feed.id, replay_action(shortcut, view, feed)?)));
            commands.extend(action.map(|(feed, action)| Command::Replay(feed, action)));
        }
        ViewShortcut::Find => view.find.open(ui, pane),
        ViewShortcut::FindStep(step) => view.find.step(ui, pane, step),
        ViewShortcut::ErrorStep(towards) => view.go_to_error(towards),
        ViewShortcut::Options => view.open_options(OptionField::Headers),
        ViewShortcut::Lens => view.open_lens(),
        ViewShortcut::Decoders => view.open_decoders(),
        ViewShortcut::Raw => view.timeline.switch_raw(),
        ViewShortcut::Partner => view.want_partner(),
        ViewShortcut::Assembled => view.assembled.toggle(),
        ViewShortcut::Plot => view.open_plot(),
        ViewShortcut::InspectorPlace => view.switch_inspector(),
        ViewShortcut::SelectTrace => view.select_trace(),
        ViewShortcut::SelectBetweenMarks => view.select_between_marks(feed),
        ViewShortcut::TraceSpan { is_longer } => TraceScale::step(ui, is_longer),
        ViewShortcut::Side(tab) => view.toggle_side(tab),
        ViewShortcut::Mark => view.toggle_mark(feed),
        ViewShortcut::MarkStep(towards) => view.go_to_mark(towards),
        ViewShortcut::SecondOpinion => view.open_second_opinion(),
        ViewShortcut::HitsBelow => view.filter.is_below = !view.filter.is_below,
        ViewShortcut::Columns => view.timeline.open_columns(),
        ViewShortcut::FilterValues => filter::open_values(ui, pane),
        ViewShortcut::TimeReference => view.toggle_reference(feed),
        ViewShortcut::Pause => match feed {
            Some(feed) if feed.replay.is_some() => {
                commands.push(Command::Replay(feed.id, ReplayAction::Toggle));
            }
            Some(feed) => view.timeline.toggle_pause(feed),
            None => {}
        },
        ViewShortcut::Menu => view.open_menu(ui, pane),
        ViewShortcut::ToggleClass(class) => {
            let shown = &mut view.timeline.shown;
            *shown = shown.with(class, !shown.has(class));
        }
        ViewShortcut::GoToRow => view.jump.open(ui, pane),
        ViewShortcut::CopySelected => {
            let zone = feed.and_then(|feed| feed.source.zone_of_times(zone));
            view.copy_selected(ui, zone);
        }
        ViewShortcut::CloseInnermost if view.is_naming() => {
            if let Some(feed) = feed {
                view.end_naming(feed.id);
            }
        }
        ViewShortcut::CloseInnermost if view.jump.is_open() => view.jump.close(),
        ViewShortcut::CloseInnermost if view.find.is_open() => view.find.close(),
        ViewShortcut::CloseInnermost => {
            view.url.forget_problem();
            view.timeline.deselect();
        }
    }
}

/// Returns the request of a shortcut about a replay.
fn replay_action(
    shortcut: ReplayShortcut,
    view: &mut PaneView,
    feed: &FeedScene,
) -> Option<ReplayAction> {
    match shortcut {
        ReplayShortcut::Step(step) => view.step_replay(feed, step),
        ReplayShortcut::Faster => Some(ReplayAction::Faster),
        ReplayShortcut::Slower => Some(ReplayAction::Slower),
    }
}

/// Returns true for a command whose effect is in the panes.
fn is_about_panes(shortcut: Shortcut) -> bool {
    !matches!(
        shortcut,
        Shortcut::ToggleHelp
            | Shortcut::TogglePalette
            | Shortcut::Demo(_)
            | Shortcut::ToggleTour
            | Shortcut::SwitchTheme
            | Shortcut::SwitchTimeZone
            | Shortcut::OpenConnections
            | Shortcut::SessionRecordings
            | Shortcut::OpenFile
    )
}
