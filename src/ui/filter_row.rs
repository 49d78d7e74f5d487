//! The row above a timeline: which classes of records it shows, and whether it is paused. Knows no rows.

use egui::{Id, Rect, Sense, Ui, pos2};
use feedscope_core::feed::Protocol;
use feedscope_core::store::Class;

use super::theme::{Palette, font, size};
use super::timeline::TimelineView;
use super::widgets::icon::{self, Icon};
use super::widgets::{Look, Strip, bottom_line, button_width, chip, chip_width};
use super::{FeedScene, PaneId};

/// Draws the row and obeys it.
pub(crate) fn show(ui: &Ui, pane: PaneId, rect: Rect, feed: &FeedScene, view: &mut TimelineView) {
    let palette = Palette::of(ui);
    bottom_line(ui, rect);
    let mut strip = Strip::new(rect, size::PADDING, 6.0);
    pause_button(ui, &mut strip, pane, feed, view);
    let chips: &[(Class, &str, Option<Icon>)] = match feed.spec.protocol() {
        Protocol::EventStream => &[
            (Class::States, "states", None),
            (Class::Comments, "comments", None),
            (Class::Events, "events", None),
        ],
        Protocol::WebSocket => &[
            (Class::States, "states", None),
            (Class::PingPong, "ping / pong", None),
            (Class::Sent, "sent", Some(Icon::ArrowUp)),
            (Class::Received, "received", Some(Icon::ArrowDown)),
        ],
    };
    for &(class, text, icon) in chips {
        let width = chip_width(ui, text, icon.is_some());
        if strip.room() < width {
            break;
        }
        let on = view.shown.has(class);
        let icon = icon.map(|icon| {
            (
                icon,
                if icon == Icon::ArrowUp {
                    palette.outgoing
                } else {
                    palette.incoming
                },
            )
        });
        if chip(
            ui,
            strip.right(width, size::CHIP),
            Id::unique((text, pane)),
            icon,
            text,
            on,
        )
        .clicked()
        {
            view.shown = view.shown.with(class, !on);
        }
    }
}

fn pause_button(
    ui: &Ui,
    strip: &mut Strip,
    pane: PaneId,
    feed: &FeedScene,
    view: &mut TimelineView,
) {
    let palette = Palette::of(ui);
    let (name, shape) = if view.paused_end.is_some() {
        ("Resume", Icon::Play)
    } else {
        ("Pause", Icon::Pause)
    };
    // As wide as the longer word: nothing else moves when it changes.
    let rect = strip.right(button_width(ui, "Resume", Look::Ghost) + 16.0, size::BUTTON);
    let response = ui.interact(rect, Id::unique(("pause", pane)), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Button, true, name));
    let lit = response.hovered() || response.has_focus() || view.paused_end.is_some();
    if lit {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    let color = if view.paused_end.is_some() {
        palette.wait
    } else if lit {
        palette.text
    } else {
        palette.dim
    };
    icon::paint(
        ui.painter(),
        shape,
        pos2(rect.left() + 14.0, rect.center().y),
        color,
    );
    ui.painter().text(
        pos2(rect.left() + 24.0, rect.center().y),
        egui::Align2::LEFT_CENTER,
        name,
        font::label(),
        color,
    );
    if response.clicked() {
        view.toggle_pause(feed);
    }
    response.on_hover_text("Freezes the view, never the connection (P)");
}
