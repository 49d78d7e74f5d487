//! Tabs of the inspector, one for each form of a record.

use egui::{Align2, Id, Rect, Sense, Ui};

use crate::ids::PaneId;
use crate::theme::{Palette, font, size};
use crate::widgets::{Strip, describe_tab, measured};

/// Form of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InspectorTab {
    Json,
    Text,
    Hex,
    Diff,
    Decoded,
}

impl InspectorTab {
    /// All forms in order. Forms that some records lack come last, so that the other tabs keep their positions.
    pub(super) const ALL: [Self; 5] =
        [Self::Json, Self::Text, Self::Hex, Self::Diff, Self::Decoded];

    /// Returns the text of the tab.
    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Text => "Text",
            Self::Hex => "Hex",
            Self::Diff => "Diff with previous",
            Self::Decoded => "Decoded",
        }
    }

    /// Returns a shorter text of the tab.
    fn short_name(self) -> &'static str {
        match self {
            Self::Diff => "Diff",
            other => other.name(),
        }
    }

    /// Returns the ID of the widget that draws the form.
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

    /// Returns true if the lines of the form can be wrapped.
    pub(super) fn is_wrapped(self) -> bool {
        matches!(self, Self::Text | Self::Diff | Self::Decoded)
    }
}

/// Text of the tab with the difference of two selected rows.
const DIFF_OF_TWO: &str = "Diff of two rows";

/// Draws the tabs at the left end of the strip. `is_of_two` is true for the difference of two selected rows. Returns the tab
/// that was clicked.
pub(super) fn show(
    ui: &Ui,
    strip: &mut Strip,
    pane: PaneId,
    tabs: &[InspectorTab],
    on: InspectorTab,
    is_of_two: bool,
) -> Option<InspectorTab> {
    const PADDING: f32 = 18.0;
    let width = |name: &str| measured(ui, name, font::label()) + PADDING;
    let name = |tab: InspectorTab| match tab {
        InspectorTab::Diff if is_of_two => DIFF_OF_TWO,
        other => other.name(),
    };
    let needed: f32 = tabs.iter().map(|&tab| width(name(tab)) + 4.0).sum();
    // All tabs change to their short texts together.
    let is_tight = needed > strip.room();
    let mut chosen = None;
    for &tab in tabs {
        let text = if is_tight {
            tab.short_name()
        } else {
            name(tab)
        };
        let width = width(text);
        if width > strip.room() {
            break;
        }
        let texts = (text, name(tab));
        if button(ui, strip.left(width, 24.0), pane, tab, texts, tab == on) {
            chosen = Some(tab);
        }
    }
    chosen
}

/// Draws a tab with a text, and with its name for screen readers. Returns true if it was clicked.
fn button(
    ui: &Ui,
    rect: Rect,
    pane: PaneId,
    tab: InspectorTab,
    (text, name): (&str, &str),
    on: bool,
) -> bool {
    let palette = Palette::of(ui);
    let id = Id::unique(("inspector tab", pane, tab.name()));
    let response = ui.interact(rect, id, Sense::click());
    describe_tab(&response, on, name);
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
