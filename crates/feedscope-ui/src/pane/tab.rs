//! Tab of a pane.

use egui::{Id, Rect, Stroke, Ui};
use feedscope_core::ConnectionState;

use crate::feed_source::FeedSource;
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    Strip, cut, cut_middle, describe_tab, icon_button, measured, name_on_hover, paint_left,
};

/// Tab of a pane.
pub(crate) struct PaneTab<'a> {
    pub(crate) pane: PaneId,
    pub(crate) feed: Option<&'a FeedScene>,
    pub(crate) name: String,
    /// Name for a tab without a cross.
    pub(crate) short: String,
    /// Number of the pane, which the key that goes to it has. It stands before the name in a narrow tab, because several names
    /// may look alike there.
    pub(crate) number: Option<usize>,
    /// The pane of the tab is visible.
    pub(crate) chosen: bool,
}

impl PaneTab<'_> {
    /// Returns the part of the tab that selects it: all except the cross.
    pub(crate) fn handle(&self, rect: Rect) -> Rect {
        if self.has_cross(rect) {
            Self::without_cross(rect)
        } else {
            rect
        }
    }

    /// Returns the part of a tab beside its cross.
    pub(crate) fn without_cross(rect: Rect) -> Rect {
        rect.with_max_x(rect.right() - 34.0)
    }

    /// Returns the number of usual characters that have room in a tab of this width without a cross.
    pub(crate) fn fitting(ui: &Ui, width: f32) -> usize {
        // The state and the number stand before the name. Usual names have as many narrow signs as wide ones.
        let number = measured(ui, "9 ", font::small());
        let sign = measured(ui, "ticks lines", font::small()) / 11.0;
        let room = width - 2.0 * 6.0 - 10.0 - 6.0 - number;
        (room / sign).floor().max(1.0) as usize
    }

    /// Returns true if the tab has room for a cross. In a narrow one, the name needs the room more.
    fn has_cross(&self, rect: Rect) -> bool {
        /// Least width of a tab with a cross, in points.
        const LEAST: f32 = 140.0;
        self.number.is_none() || rect.width() >= LEAST
    }

    /// Draws the tab. Returns true if the user closes it.
    pub(crate) fn show(&self, ui: &Ui, rect: Rect, response: &egui::Response) -> bool {
        let palette = Palette::of(ui);
        let name = &self.name;
        describe_tab(response, self.chosen, name);
        let lit = ui.rect_contains_pointer(rect);
        if self.chosen || lit {
            ui.painter().rect_filled(rect, 0.0, palette.raise);
        }
        if self.chosen {
            let y = rect.bottom() - 1.0;
            ui.painter()
                .hline(rect.x_range(), y, Stroke::new(2.0, palette.open));
        }
        let has_cross = self.has_cross(rect);
        let mut strip = Strip::new(rect, if has_cross { 12.0 } else { 6.0 }, 6.0);
        let source = self.feed.map(|feed| &feed.source);
        let icon = match source {
            Some(FeedSource::File(_)) => Icon::File,
            Some(FeedSource::Live(live)) => Icon::of_state(live.status.state, 0.0),
            None => Icon::of_state(ConnectionState::Idle, 0.0),
        };
        icon::paint(
            ui.painter(),
            icon,
            strip.left(10.0, 10.0).center(),
            source.map_or(palette.dim, |source| palette.source(source)),
        );
        let mut closed = response.middle_clicked();
        // The cross keeps its room while it is not drawn, so that the name does not move.
        let cross = has_cross.then(|| strip.right(18.0, 18.0));
        if let Some(cross) = cross
            && (self.chosen || lit)
        {
            let id = Id::unique(("close tab", self.pane));
            closed |= icon_button(ui, cross, id, Icon::Cross, "Close the pane").clicked();
        }
        let color = if self.chosen {
            palette.text
        } else {
            palette.dim
        };
        let rest = strip.rest(16.0);
        let galley = if let Some(number) = self.number.filter(|_| !has_cross) {
            let text = once_cut(ui, format!("{number} {}", self.short), rest.width());
            cut(ui, &text, font::small(), color, rest.width())
        } else {
            let sign = measured(ui, "0", font::mono());
            let fitting = (rest.width() / sign).floor().max(1.0) as usize;
            let fitted = cut_middle(name, fitting);
            cut(ui, &fitted, font::mono(), color, rest.width())
        };
        paint_left(ui, rest.left(), rest.center().y, galley);
        name_on_hover(response.clone(), name);
        closed
    }
}

/// Returns a text that was cut already, without more characters before its ellipsis until it fits, so that it does not get a
/// second ellipsis.
fn once_cut(ui: &Ui, mut text: String, width: f32) -> String {
    while measured(ui, &text, font::small()) > width {
        let before = text.find('…').map(|cut| text[..cut].char_indices());
        let Some((last, _)) = before.and_then(|mut before| before.next_back()) else {
            break;
        };
        text.remove(last);
    }
    text
}
