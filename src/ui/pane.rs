//! A pane: one view on a feed, top to bottom as on screen. It holds the view's own state and hands each part its place.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::feed::Protocol;
use feedscope_core::{ConnectionState, Moment};
use jiff::tz::TimeZone;

use super::composer::{self, Composer};
use super::connection_bar::{self, UrlField};
use super::inspector::Inspector;
use super::options::Options;
use super::theme::{Palette, font, size};
use super::timeline::{self, TimelineView};
use super::widgets::icon::{self, Icon};
use super::widgets::{ICON_BUTTON, Strip, bottom_line, cut, icon_button, paint_left, panel};
use super::{Command, FeedId, FeedScene, PaneId, Scene, empty, filter_row, take_top, trace, words};

/// The state of a pane's view.
#[derive(Default)]
pub(crate) struct PaneView {
    /// Whose view it is: another feed begins with another view.
    feed: Option<FeedId>,
    pub(crate) url: UrlField,
    pub(crate) timeline: TimelineView,
    pub(crate) inspector: Inspector,
    composer: Composer,
    /// The options, while they are open.
    options: Option<Options>,
}

/// Where a pane is drawn.
pub(crate) struct Place<'a> {
    pub(crate) pane: PaneId,
    pub(crate) rect: Rect,
    /// Whether it is the one at the top left.
    pub(crate) first: bool,
    /// Whether keys go to this pane.
    pub(crate) focused: bool,
    pub(crate) now: Moment,
    pub(crate) zone: &'a TimeZone,
}

impl PaneView {
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        scene: &Scene<'_>,
        commands: &mut Vec<Command>,
    ) {
        let feed = scene.feed_of(place.pane);
        if self.feed != feed.map(|feed| feed.id) {
            self.feed = feed.map(|feed| feed.id);
            self.timeline = TimelineView::default();
            self.url.reset();
            self.options = None;
        }
        let mut area = place.rect;
        let bar = connection_bar::Place {
            pane: place.pane,
            rect: take_top(&mut area, size::CONNECTION_BAR),
            now: place.now,
        };
        panel(ui, bar.rect);
        let menu = connection_bar::show(ui, &bar, feed, &mut self.url, commands);
        if let Some(feed) = feed {
            if menu_items(&menu, feed, commands) {
                self.options = Some(Options::of(feed));
            }
            self.show_feed(ui, place, area, feed, commands);
            if let Some(options) = &mut self.options
                && !options.show(ui, place.pane, feed, commands)
            {
                self.options = None;
            }
        } else {
            self.banner(ui, place, &mut area, None);
            empty::show(ui, place.pane, area, scene, &mut self.url, commands);
        }
        let palette = Palette::of(ui);
        let edge = Stroke::new(1.0, palette.line);
        if place.rect.left() > 0.0 {
            ui.painter()
                .vline(place.rect.left() + 0.5, place.rect.y_range(), edge);
        }
        if !place.first {
            ui.painter()
                .hline(place.rect.x_range(), place.rect.top() + 0.5, edge);
        }
    }

    fn show_feed(
        &mut self,
        ui: &mut Ui,
        place: &Place<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let low = place.rect.height() < 330.0;
        let trace_height = if low { 10.0 } else { size::TRACE };
        let scope = take_top(&mut area, trace_height + size::HISTORY + size::STATS + 3.0);
        panel(ui, scope);
        trace::show(ui, place.pane, scope, feed, place.now, place.zone);
        bottom_line(ui, scope);
        self.banner(ui, place, &mut area, Some(feed));
        if feed.spec.protocol() == Protocol::WebSocket {
            let height = if low {
                composer::LOW_HEIGHT
            } else {
                composer::HEIGHT
            };
            let rect = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
            area.set_bottom(rect.top());
            self.composer.show(ui, place.pane, rect, feed, commands);
        }
        self.inspector.choose(&feed.store, self.timeline.selected);
        let height = self.inspector.height(area.height());
        if height > 0.0 {
            let rect = Rect::from_min_max(pos2(area.left(), area.bottom() - height), area.max);
            area.set_bottom(rect.top());
            if self.inspector.show(ui, place.pane, rect, place.zone) {
                self.timeline.selected = None;
            }
        }
        let row = take_top(&mut area, size::FILTER_ROW);
        filter_row::show(ui, place.pane, row, feed, &mut self.timeline);
        let keys = place.focused && !ui.ctx().egui_wants_keyboard_input();
        let timeline = timeline::Place {
            pane: place.pane,
            rows: area,
            zone: place.zone,
            keys,
        };
        timeline::show(ui, &timeline, feed, &mut self.timeline, commands);
    }

    /// What is wrong, in sentences: the text in the URL field, or why the feed failed.
    fn banner(&mut self, ui: &Ui, place: &Place<'_>, area: &mut Rect, feed: Option<&FeedScene>) {
        let failed = feed.filter(|feed| feed.status.state == ConnectionState::Failed);
        let (reason, advice) = match (&self.url.problem, failed) {
            (Some(problem), _) => (problem.clone(), None),
            (None, Some(feed)) => (
                feed.status.reason.clone().unwrap_or_default(),
                Some(words::WHAT_TO_CHECK),
            ),
            (None, None) => return,
        };
        let palette = Palette::of(ui);
        let width = area.width() - 70.0;
        let layout = |text: &str, font, color| {
            let mut job = egui::text::LayoutJob::single_section(
                text.to_owned(),
                egui::text::TextFormat::simple(font, color),
            );
            job.wrap = egui::text::TextWrapping {
                max_width: width,
                max_rows: 3,
                overflow_character: Some('…'),
                ..Default::default()
            };
            ui.painter().layout_job(job)
        };
        let reason_galley = layout(&reason, font::strong(12.5), palette.fail);
        let advice_galley = advice.map(|advice| layout(advice, font::label(), palette.dim));
        let advice_height = advice_galley
            .as_ref()
            .map_or(0.0, |galley| galley.size().y + 2.0);
        let rect = take_top(area, reason_galley.size().y + advice_height + 14.0);
        panel(ui, rect);
        ui.painter()
            .rect_filled(rect, 0.0, palette.fail.gamma_multiply(0.09));
        bottom_line(ui, rect);
        let response = ui.interact(rect, Id::unique(("banner", place.pane)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &reason));
        let left = rect.left() + 32.0;
        icon::paint(
            ui.painter(),
            Icon::Cross,
            pos2(
                rect.left() + 18.0,
                rect.top() + 7.0 + reason_galley.size().y.min(16.0) / 2.0,
            ),
            palette.fail,
        );
        let top = rect.top() + 7.0;
        let below = top + reason_galley.size().y + 2.0;
        ui.painter()
            .galley(pos2(left, top), reason_galley, palette.fail);
        if let Some(galley) = advice_galley {
            ui.painter().galley(pos2(left, below), galley, palette.dim);
        }
        if self.url.problem.is_some() {
            let cross =
                Rect::from_center_size(pos2(rect.right() - 20.0, rect.center().y), ICON_BUTTON);
            if icon_button(
                ui,
                cross,
                Id::unique(("banner close", place.pane)),
                Icon::Cross,
                "Close",
            )
            .clicked()
            {
                self.url.problem = None;
            }
        }
    }
}

/// The menu behind `⋯`; returns whether the options are wanted.
fn menu_items(menu: &egui::Response, feed: &FeedScene, commands: &mut Vec<Command>) -> bool {
    let mut options = false;
    egui::Popup::menu(menu).show(|ui| {
        ui.set_min_width(160.0);
        if ui.button("Connection options…").clicked() {
            options = true;
            ui.close();
        }
        if ui.button("Clear the timeline").clicked() {
            commands.push(Command::Clear(feed.id));
            ui.close();
        }
        if ui.button("Copy the URL").clicked() {
            ui.ctx().copy_text(feed.spec.url.to_string());
            ui.close();
        }
    });
    options
}

/// The tabs that stand for the panes where only one has room.
pub(crate) fn tabs(ui: &Ui, rect: Rect, scene: &Scene<'_>, focused: &mut PaneId) {
    panel(ui, rect);
    let palette = Palette::of(ui);
    let width = (rect.width() / scene.panes.len().max(1) as f32).min(280.0);
    for (i, pane) in scene.panes.iter().enumerate() {
        let (id, feed) = (pane.id, pane.feed.as_ref());
        let tab = Rect::from_min_size(
            rect.min + vec2(width * i as f32, 0.0),
            vec2(width, rect.height()),
        );
        let name = feed.map_or("No feed", |feed| feed.spec.url.path());
        let response = ui.interact(tab, Id::unique(("tab", id)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, *focused == id, name));
        if response.clicked() {
            *focused = id;
        }
        if *focused == id || response.hovered() {
            ui.painter().rect_filled(tab, 0.0, palette.raise);
        }
        if *focused == id {
            ui.painter().hline(
                tab.x_range(),
                tab.bottom() - 1.0,
                Stroke::new(2.0, palette.open),
            );
        }
        let mut strip = Strip::new(tab, 12.0, 8.0);
        let state = feed.map_or(ConnectionState::Idle, |feed| feed.status.state);
        icon::paint(
            ui.painter(),
            Icon::of_state(state, 0.0),
            strip.left(10.0, 10.0).center(),
            palette.state(state),
        );
        let color = if *focused == id {
            palette.text
        } else {
            palette.dim
        };
        let rest = strip.rest(16.0);
        paint_left(
            ui,
            rest.left(),
            rest.center().y,
            cut(ui, name, font::mono(), color, rest.width()),
        );
    }
    bottom_line(ui, rect);
}
