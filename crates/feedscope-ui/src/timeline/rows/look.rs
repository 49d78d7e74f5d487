//! Sign and background of a row.

use egui::Color32;
use feedscope_core::store::{Detail, RowText};
use feedscope_core::{ConnectionState, Direction, KindTag};

use crate::theme::{Palette, tint};
use crate::widgets::icon::Icon;

/// Returns the icon and color of a row. The icon shows its kind even without the color.
pub(super) fn sign(palette: &Palette, line: &RowText) -> (Icon, Color32) {
    match (&line.detail, line.direction) {
        (Detail::State(change), _) if change.state == ConnectionState::Reconnecting => {
            (Icon::Cross, palette.fail)
        }
        (Detail::State(change), _) => (
            Icon::of_state(change.state, 0.0),
            palette.state(change.state),
        ),
        (Detail::Gap(gap), _) => (
            Icon::Gap,
            if gap.missing == Some(0) {
                palette.open
            } else {
                palette.wait
            },
        ),
        (_, Some(Direction::In)) => (Icon::ArrowDown, palette.incoming),
        (_, Some(Direction::Out)) => (Icon::ArrowUp, palette.outgoing),
        (_, None) => (Icon::Dot, palette.wait),
    }
}

/// Returns the background color of a row, if it has one.
pub(super) fn ground(
    palette: &Palette,
    line: &RowText,
    selected: bool,
    hovered: bool,
) -> Option<Color32> {
    if selected {
        return Some(palette.selection);
    }
    let color = match &line.detail {
        Detail::State(change) => Some(match change.state {
            ConnectionState::Open => palette.open,
            ConnectionState::Closed => palette.dim,
            // A drop is a loss, too, and has the color of its sign.
            ConnectionState::Failed | ConnectionState::Reconnecting => palette.fail,
            _ => palette.wait,
        }),
        Detail::Gap(gap) if gap.missing == Some(0) => Some(palette.open),
        Detail::Gap(_) => Some(palette.wait),
        _ if line.tag == KindTag::Note || line.failed.is_some() => Some(palette.wait),
        _ => None,
    };
    match color {
        Some(color) => Some(color.gamma_multiply(if hovered {
            tint::HOVERED_ROW
        } else {
            tint::ROW
        })),
        None => hovered.then(|| palette.raise.gamma_multiply(0.6)),
    }
}
