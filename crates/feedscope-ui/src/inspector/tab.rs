//! The forms in which a record is shown, and the tabs that lead to them.

use egui::accesskit::Role;
use egui::{Align2, Id, Rect, Sense, Ui, WidgetInfo};

use super::super::PaneId;
use super::super::theme::{Palette, font, size};
use super::super::widgets::{Strip, measured};

/// A form in which a record is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Json,
    Text,
    Hex,
    Diff,
    Decoded,
}

impl Tab {
    /// In the order in which they stand: what comes and goes is last, so that the others stay where they are.
    pub(super) const ALL: [Self; 5] =
        [Self::Json, Self::Text, Self::Hex, Self::Diff, Self::Decoded];

    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Text => "Text",
            Self::Hex => "Hex",
            Self::Diff => "Diff with previous",
            Self::Decoded => "Decoded",
        }
    }

    /// What stands on the tab where there is little room.
    fn short_name(self) -> &'static str {
        match self {
            Self::Diff => "Diff",
            other => other.name(),
        }
    }

    /// The widget that draws it.
    pub(super) fn id(self, pane: PaneId) -> Id {
        let name = match self {
            Self::Json => "inspector json",
            Self::Text => "inspector text",
            Self::Hex => "inspector hex",
            Self::Diff => "inspector diff",
            Self::Decoded => "inspector decoded",
        };
        Id::unique((name, pane))
    }

    /// Whether its lines can be wrapped.
    pub(super) fn is_wrapped(self) -> bool {
        matches!(self, Self::Text | Self::Diff | Self::Decoded)
    }
}

/// Draws the tabs at the strip's left end; returns the one that was chosen.
pub(super) fn show(ui: &Ui, strip: &mut Strip, pane: PaneId, tabs: &[Tab], on: Tab) -> Option<Tab> {
    const PADDING: f32 = 18.0;
    let width = |name: &str| measured(ui, name, font::label()) + PADDING;
    let needed: f32 = tabs.iter().map(|tab| width(tab.name()) + 4.0).sum();
    let is_tight = needed > strip.room();
    let mut chosen = None;
    for &tab in tabs {
        let text = if is_tight {
            tab.short_name()
        } else {
            tab.name()
        };
        let width = width(text);
        if width > strip.room() {
            break;
        }
        if button(ui, strip.left(width, 24.0), pane, tab, text, tab == on) {
            chosen = Some(tab);
        }
    }
    chosen
}

fn button(ui: &Ui, rect: Rect, pane: PaneId, tab: Tab, text: &str, on: bool) -> bool {
    let palette = Palette::of(ui);
    let id = Id::unique(("inspector tab", pane, tab.name()));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, tab.name()));
    if on || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    let color = if on { palette.text } else { palette.dim };
    ui.painter().text(
        rect.center(),
        Align2::CENTER_CENTER,
        text,
        font::label(),
        color,
    );
    response.clicked()
}
