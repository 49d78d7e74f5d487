//! Time bar under the panes: plays the active recording, and shows the course of the whole recording and the position in
//! it. It is absent where no pane shows a recording.

mod axis;

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Id, Popup, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_analysis::analysis::Task;
use feedscope_core::Moment;
use feedscope_core::replay::Speed;

use crate::command::Command;
use crate::ids::{FeedId, PaneId};
use crate::menu_focus;
use crate::replay_scene::{ReplayAction, ReplayScene};
use crate::scene::{FeedScene, Scene};
use crate::shortcuts::{ReplayStep, Shortcut, ViewShortcut, with_key};
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::switch::{switch, switch_width};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cut, icon_button, measured, paint_left, panel,
    primary_icon_button, take_bottom, take_top, top_line,
};
use crate::words;
use axis::Axis;

pub(crate) use axis::ReplayBarPlace;

/// Width of the window below which the buttons are above the axis.
const STACK_BELOW: f32 = 800.0;

/// Height of the bar.
const HEIGHT: f32 = 72.0;

/// Height of the bar with the buttons above the axis.
const STACKED_HEIGHT: f32 = 104.0;

/// Height of the buttons above the axis.
const BUTTONS: f32 = 36.0;

/// Width of the buttons beside the axis.
const LEFT: f32 = 316.0;

/// Interval between two passes while a recording plays.
const FRAME: Duration = Duration::from_millis(50);

/// State of the time bar.
#[derive(Default)]
pub(crate) struct ReplayBar {
    /// Feed of the recording that was shown last.
    active: Option<FeedId>,
    axis: Axis,
}

/// Returns the time until the next pass, if a recording plays.
pub(crate) fn wants_repaint_in(scene: &Scene<'_>) -> Option<Duration> {
    let is_playing = |replay: &ReplayScene| replay.clock.is_playing();
    let mut replays = scene.feeds().filter_map(|feed| feed.replay.as_ref());
    replays.any(is_playing).then_some(FRAME)
}

impl ReplayBar {
    /// Cuts the bar off the bottom of `area` if a pane shows a recording. The recording of the focused pane is active, or
    /// else the one that was active before.
    pub(crate) fn take_place<'a>(
        &mut self,
        area: &mut Rect,
        scene: &'a Scene<'_>,
        focused: PaneId,
    ) -> Option<(&'a FeedScene, Rect)> {
        // The pane with the keys has priority over the recording that was active before.
        let has_replay = |feed: &&FeedScene| feed.replay.is_some();
        let of_focused = scene.feed_of(focused).filter(has_replay);
        let before = scene.feeds().find(|feed| Some(feed.id) == self.active);
        let feed = of_focused
            .or(before.filter(has_replay))
            .or_else(|| scene.feeds().find(has_replay));
        self.active = feed.map(|feed| feed.id);
        let feed = feed?;
        let height = if area.width() < STACK_BELOW {
            STACKED_HEIGHT
        } else {
            HEIGHT
        };
        Some((feed, take_bottom(area, height.min(area.height()))))
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        self.axis.tasks()
    }

    /// Draws the bar. Returns a step to another record, which depends on the list of a pane.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        place: &ReplayBarPlace<'_>,
        commands: &mut Vec<Command>,
    ) -> Option<ReplayStep> {
        let replay = place.feed.replay.as_ref()?;
        let step;
        panel(ui, place.rect);
        top_line(ui, place.rect);
        let mut area = place.rect.shrink2(vec2(12.0, 0.0));
        let mut actions = Vec::new();
        // While the handle is dragged, the figures are those of its position.
        let position = self.axis.position(replay);
        if place.rect.width() < STACK_BELOW {
            let buttons = take_top(&mut area, BUTTONS);
            let mut strip = Strip::new(buttons, 0.0, 6.0);
            step = show_buttons(ui, &mut strip, replay, &mut actions);
            show_time(ui, &mut strip, place, replay, position);
            show_switches(ui, &mut strip, replay, &mut actions);
        } else {
            let mut left = area.with_max_x(area.left() + LEFT);
            let buttons = take_top(&mut left, 44.0).with_min_y(place.rect.top() + 6.0);
            let mut strip = Strip::new(buttons, 0.0, 6.0);
            step = show_buttons(ui, &mut strip, replay, &mut actions);
            show_time(ui, &mut strip, place, replay, position);
            show_name(ui, left, place.feed, replay, position);
            let width = switches_width(ui);
            let right = area.with_min_x(area.right() - width);
            for (nth, switch) in switches(replay).into_iter().enumerate() {
                let y = place.rect.top() + 10.0 + 28.0 * nth as f32;
                let rect = Rect::from_min_size(pos2(right.left(), y), vec2(width, 24.0));
                show_switch(ui, rect, &switch, &mut actions);
            }
            area = Rect::from_x_y_ranges(left.right() + 12.0..=right.left() - 24.0, area.y_range());
        }
        self.axis.show(ui, area, place, replay, &mut actions);
        let feed = place.feed.id;
        commands.extend(
            actions
                .into_iter()
                .map(|action| Command::Replay(feed, action)),
        );
        step
    }
}

/// Draws the buttons that play and step, and the menu of speeds.
fn show_buttons(
    ui: &Ui,
    strip: &mut Strip,
    replay: &ReplayScene,
    actions: &mut Vec<ReplayAction>,
) -> Option<ReplayStep> {
    let mut stepped = None;
    let (icon, name) = if replay.clock.is_playing() {
        (Icon::Pause, "Pause the recording")
    } else {
        (Icon::Play, "Play the recording")
    };
    let rect = strip.left(34.0, size::BUTTON);
    let hint = with_key(ui, name, Shortcut::View(ViewShortcut::Pause));
    if primary_icon_button(ui, rect, Id::unique("replay"), icon, name, &hint).clicked() {
        actions.push(ReplayAction::Toggle);
    }
    for (icon, name, step) in [
        (Icon::StepBack, "Previous record", ReplayStep::Back),
        (Icon::StepForward, "Next record", ReplayStep::Forward),
    ] {
        let rect = strip.left(ICON_BUTTON.x, ICON_BUTTON.y);
        if icon_button(ui, rect, Id::unique(("replay", name)), icon, name).clicked() {
            stepped = Some(step);
        }
    }
    let text = words::speed(replay.clock.speed());
    // The widest speed, so that the time beside it does not move.
    let widest = Speed::all().last().map(words::speed).unwrap_or_default();
    let rect = strip.left(button_width(ui, &widest, Look::Plain), size::BUTTON);
    let menu = button(ui, rect, Id::unique("replay speed"), &text, Look::Plain);
    menu.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Speed: {text}")));
    Popup::menu(&menu).show(|ui| {
        for speed in Speed::all() {
            let is_present = speed == replay.clock.speed();
            let choice = ui.selectable_label(is_present, words::speed(speed));
            if is_present {
                menu_focus::begin_at(ui, choice.id);
            }
            if choice.clicked() {
                actions.push(ReplayAction::SetSpeed(speed));
                ui.close();
            }
        }
    });
    stepped
}

/// Draws the time of day at the position.
fn show_time(
    ui: &Ui,
    strip: &mut Strip,
    place: &ReplayBarPlace<'_>,
    replay: &ReplayScene,
    position: Moment,
) {
    let text = words::time_of_day(replay.utc_at(position), place.zone);
    let font = font::mono_large();
    let width = measured(ui, &text, font.clone()).ceil() + 4.0;
    let rect = strip.left(width.min(strip.room()), size::BUTTON);
    let galley = cut(ui, &text, font, Palette::of(ui).text, rect.width());
    paint_left(ui, rect.left() + 4.0, rect.center().y, galley);
    let response = ui.interact(rect, Id::unique("replay time"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Position: {text}")));
}

/// Draws the name of the file, and the part of it that has been played.
fn show_name(ui: &Ui, rect: Rect, feed: &FeedScene, replay: &ReplayScene, position: Moment) {
    let (first, last) = replay.clock.span();
    let played = words::played_of(position.since(first), last.since(first));
    let color = Palette::of(ui).dim;
    let y = rect.top() + 10.0;
    let name = feed.source.file().map_or("", |file| file.name());
    // The played part is always legible, so that the name is cut.
    let room = rect.width() - measured(ui, &played, font::small()) - 16.0;
    let galley = cut(ui, name, font::small(), color, room.max(0.0));
    let after = rect.left() + galley.size().x + 16.0;
    paint_left(ui, rect.left(), y, galley);
    let galley = cut(ui, &played, font::small(), color, rect.right() - after);
    paint_left(ui, after, y, galley);
    let line = Rect::from_center_size(pos2(rect.center().x, y), vec2(rect.width(), 16.0));
    let response = ui.interact(line, Id::unique("replay name"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}, {played}")));
}

/// Switch of the bar.
struct Switch {
    name: String,
    is_on: bool,
    /// Request that changes it.
    action: ReplayAction,
}

fn switches(replay: &ReplayScene) -> [Switch; 2] {
    let (skips, repeats) = (replay.clock.skips_silence(), replay.clock.is_repeated());
    [
        Switch {
            name: words::skip_silence(),
            is_on: skips,
            action: ReplayAction::SkipSilence(!skips),
        },
        Switch {
            name: "Repeat".to_owned(),
            is_on: repeats,
            action: ReplayAction::Repeat(!repeats),
        },
    ]
}

fn switches_width(ui: &Ui) -> f32 {
    switch_width(ui, &words::skip_silence())
}

fn show_switch(ui: &Ui, rect: Rect, it: &Switch, actions: &mut Vec<ReplayAction>) {
    let id = Id::unique(("replay switch", &it.name));
    if switch(ui, rect, id, &it.name, it.is_on).clicked() {
        actions.push(it.action);
    }
}

/// Draws the switches after the time, as many as there is room for.
fn show_switches(
    ui: &Ui,
    strip: &mut Strip,
    replay: &ReplayScene,
    actions: &mut Vec<ReplayAction>,
) {
    // The places are taken from the right, and the switches are made from the left, because Tab visits them so.
    let mut places = Vec::new();
    for it in switches(replay).into_iter().rev() {
        let width = switch_width(ui, &it.name);
        if strip.room() < width {
            break;
        }
        places.push((strip.right(width, 24.0), it));
    }
    for (rect, it) in places.into_iter().rev() {
        show_switch(ui, rect, &it, actions);
    }
}
