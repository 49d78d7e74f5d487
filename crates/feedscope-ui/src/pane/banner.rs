//! Line about the failure of a feed, an error in the URL field or a slow answer, with the button that carries an advice out.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, Galley, Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::ConnectionState;

use super::{PanePlace, PaneView};
use crate::command::{Command, PaneCommand};
use crate::connection_bar;
use crate::cure::{self, Cure};
use crate::feed_source::LiveSource;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, bottom_line, button, button_width, icon_button, panel, take_top,
};
use crate::words;

impl PaneView {
    /// Draws the error of the URL field, the reason that the feed has failed, or the wait for a slow answer.
    pub(super) fn banner(
        &mut self,
        ui: &Ui,
        place: &PanePlace<'_>,
        area: &mut Rect,
        feed: Option<&FeedScene>,
        commands: &mut Vec<Command>,
    ) {
        // An error in the URL field is newer than a failure, so that it has priority.
        let live = feed.and_then(|feed| feed.source.live());
        let failed = live.filter(|live| live.status.state == ConnectionState::Failed);
        let slow = live.and_then(|LiveSource { spec, status }| {
            words::slow_answer(status, spec.protocol(), place.now)
        });
        let palette = Palette::of(ui);
        let unreadable = feed.and_then(|feed| feed.source.file()?.problem.clone());
        let (reason, advice, is_error) = match (&self.url.problem, failed, slow) {
            (Some(problem), ..) => (problem.clone(), None, true),
            _ if let Some(problem) = unreadable => (problem, None, true),
            (None, Some(LiveSource { status, .. }), _) => (
                status.reason.clone().unwrap_or_default(),
                status.advice.map(|advice| advice.to_string()),
                true,
            ),
            (None, None, Some((waited, cause))) => (waited, Some(cause.to_owned()), false),
            (None, None, None) => return,
        };
        let (color, shape, role) = if is_error {
            (palette.fail, Icon::Cross, Role::Alert)
        } else {
            let state = ConnectionState::Connecting;
            (
                palette.state(state),
                Icon::of_state(state, 0.0),
                Role::Status,
            )
        };
        let cure = failed
            .filter(|_| self.url.problem.is_none())
            .and_then(|live| cure::of(live.status.advice?, &live.spec.url));
        let cure_width = cure.as_ref().map_or(0.0, |cure| {
            button_width(ui, cure.name(), Look::Plain) + 14.0
        });
        // A long reason has three lines and leaves room for the rows, until the user asks for all of it.
        let most = if self.shows_whole_reason {
            MOST_LINES
        } else {
            FEW_LINES
        };
        let layouts = |width: f32| {
            let color = Some(color);
            let advice = advice.as_deref();
            let advice = advice.map(|advice| layout(ui, advice, None, (width, most)));
            (layout(ui, &reason, color, (width, most)), advice)
        };
        let (mut reason_galley, mut advice_galley) = layouts(area.width() - 70.0 - cure_width);
        let is_long = is_long(&reason_galley) || advice_galley.as_ref().is_some_and(is_long);
        let mut buttons_width = cure_width;
        if is_long {
            buttons_width += self.extent_width(ui) + 10.0;
            (reason_galley, advice_galley) = layouts(area.width() - 70.0 - buttons_width);
        }
        let advice_height = advice_galley
            .as_ref()
            .map_or(0.0, |galley| galley.size().y + 2.0);
        let rect = take_top(area, reason_galley.size().y + advice_height + 14.0);
        panel(ui, rect);
        ui.painter()
            .rect_filled(rect, 0.0, color.gamma_multiply(tint::BANNER));
        bottom_line(ui, rect);
        let text_area = rect.with_max_x(rect.right() - buttons_width);
        let response = ui.interact(
            text_area,
            Id::unique(("banner", place.pane)),
            Sense::hover(),
        );
        response.widget_info(|| {
            let sentences = [Some(reason.as_str()), advice.as_deref()];
            let sentences: Vec<&str> = sentences.into_iter().flatten().collect();
            WidgetInfo::labeled(role, true, sentences.join("\n"))
        });
        let left = rect.left() + 32.0;
        icon::paint(
            ui.painter(),
            shape,
            pos2(
                rect.left() + 18.0,
                rect.top() + 7.0 + reason_galley.size().y.min(16.0) / 2.0,
            ),
            color,
        );
        let top = rect.top() + 7.0;
        let below = top + reason_galley.size().y + 2.0;
        ui.painter().galley(pos2(left, top), reason_galley, color);
        if let Some(galley) = advice_galley {
            ui.painter().galley(pos2(left, below), galley, palette.dim);
        }
        if is_long {
            let size = vec2(self.extent_width(ui), size::BUTTON);
            let corner = pos2(rect.right() - buttons_width, rect.top() + 4.0);
            self.switch_extent(ui, place, Rect::from_min_size(corner, size));
        }
        if let Some(cure) = cure {
            let size = vec2(cure_width - 14.0, size::BUTTON);
            let corner = pos2(rect.right() - cure_width + 4.0, rect.center().y - 13.0);
            self.cure(ui, place, Rect::from_min_size(corner, size), cure, commands);
        }
        if self.url.problem.is_some() {
            self.offer_to_close(ui, place, rect);
        }
    }

    /// Draws the button that closes the error of the URL field.
    fn offer_to_close(&mut self, ui: &Ui, place: &PanePlace<'_>, rect: Rect) {
        let center = pos2(rect.right() - 20.0, rect.center().y);
        let cross = Rect::from_center_size(center, ICON_BUTTON);
        let id = Id::unique(("banner close", place.pane));
        if icon_button(ui, cross, id, Icon::Cross, "Close").clicked() {
            self.url.problem = None;
        }
    }

    /// Returns the name of the button that shows all of a long reason, or its beginning.
    fn extent_name(&self) -> &'static str {
        if self.shows_whole_reason {
            "Show less"
        } else {
            "Show all"
        }
    }

    fn extent_width(&self, ui: &Ui) -> f32 {
        button_width(ui, self.extent_name(), Look::Ghost)
    }

    /// Draws that button.
    fn switch_extent(&mut self, ui: &Ui, place: &PanePlace<'_>, rect: Rect) {
        let id = Id::unique(("whole reason", place.pane));
        if button(ui, rect, id, self.extent_name(), Look::Ghost).clicked() {
            self.shows_whole_reason = !self.shows_whole_reason;
        }
    }

    /// Draws the button that carries an advice out.
    fn cure(
        &mut self,
        ui: &Ui,
        place: &PanePlace<'_>,
        rect: Rect,
        cure: Cure,
        commands: &mut Vec<Command>,
    ) {
        let id = Id::unique(("cure", place.pane));
        if !button(ui, rect, id, cure.name(), Look::Plain).clicked() {
            return;
        }
        match cure {
            Cure::Options(_) => self.open_options(),
            Cure::EditUrl => {
                let id = connection_bar::url_id(place.pane);
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            Cure::Open(_, url) => commands.push(Command::Pane(PaneCommand::ConnectTo {
                pane: place.pane,
                url,
            })),
        }
    }
}

/// Lines of a reason that are shown on request. A server's words are at most a few kilobytes.
const MOST_LINES: usize = 20;

/// Lines of a reason that are shown by themselves.
const FEW_LINES: usize = 3;

/// Lays out a reason in this color, or an advice, within a width and a number of lines.
fn layout(ui: &Ui, text: &str, color: Option<Color32>, (width, most): (f32, usize)) -> Arc<Galley> {
    let (font, color) = match color {
        Some(color) => (font::strong(12.5), color),
        None => (font::label(), Palette::of(ui).dim),
    };
    let format = TextFormat::simple(font, color);
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping {
        max_width: width,
        max_rows: most,
        overflow_character: Some('…'),
        ..TextWrapping::default()
    };
    ui.painter().layout_job(job)
}

/// Returns true for a text with more lines than are shown by themselves.
fn is_long(galley: &Arc<Galley>) -> bool {
    galley.elided || galley.rows.len() > FEW_LINES
}
