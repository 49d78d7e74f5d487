//! Line about the failure of a feed, an error in the URL field or a slow answer, with the button that carries an advice out.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, Galley, Id, Pos2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::ConnectionState;
use feedscope_core::connection::Advice;

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
use crate::{trace, words};

/// Text of the line.
struct BannerText {
    reason: String,
    advice: Option<String>,
    /// False for a slow answer, which is no failure yet.
    is_error: bool,
    /// Button that carries the advice out.
    cure: Option<Cure>,
}

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
        let Some(BannerText {
            reason,
            advice,
            is_error,
            cure,
        }) = self.banner_text(ui, place, feed)
        else {
            return;
        };
        let palette = Palette::of(ui);
        let (color, shape, role) = if is_error {
            (palette.fail, Icon::Cross, Role::Alert)
        } else {
            let state = ConnectionState::Connecting;
            let shape = Icon::of_state(state, 0.0);
            (palette.state(state), shape, Role::Status)
        };
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
        let close_width = if self.url.problem.is_some() {
            ICON_BUTTON.x
        } else {
            0.0
        };
        let whole_width = area.width() - 46.0 - close_width;
        // In a narrow pane, the buttons have a line of their own below the text.
        let is_narrow = |buttons: f32| whole_width - buttons < LEAST_BESIDE_BUTTONS;
        let beside = |buttons: f32| {
            if is_narrow(buttons) {
                whole_width
            } else {
                whole_width - buttons
            }
        };
        let (mut reason_galley, mut advice_galley) = layouts(beside(cure_width));
        let is_long = is_long(&reason_galley) || advice_galley.as_ref().is_some_and(is_long);
        let mut buttons_width = cure_width;
        if is_long {
            buttons_width += self.extent_width(ui) + 10.0;
            (reason_galley, advice_galley) = layouts(beside(buttons_width));
        }
        let is_narrow = is_narrow(buttons_width);
        let advice_height = advice_galley
            .as_ref()
            .map_or(0.0, |galley| galley.size().y + 2.0);
        let line_height = if is_narrow && buttons_width > 0.0 {
            size::BUTTON + 8.0
        } else {
            0.0
        };
        let text_height = reason_galley.size().y + advice_height;
        let rect = take_top(area, text_height + 14.0 + line_height);
        panel(ui, rect);
        ui.painter()
            .rect_filled(rect, 0.0, color.gamma_multiply(tint::BANNER));
        bottom_line(ui, rect);
        let text_area = if is_narrow {
            rect.with_max_y(rect.bottom() - line_height)
        } else {
            rect.with_max_x(rect.right() - buttons_width)
        };
        let sentences = [Some(reason.as_str()), advice.as_deref()];
        let sentences: Vec<&str> = sentences.into_iter().flatten().collect();
        let id = Id::unique(("banner", place.pane));
        let response = ui.interact(text_area, id, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(role, true, sentences.join("\n")));
        let left = rect.left() + 32.0;
        let top = rect.top() + 7.0;
        let icon_y = top + reason_galley.size().y.min(16.0) / 2.0;
        icon::paint(ui.painter(), shape, pos2(rect.left() + 18.0, icon_y), color);
        let below = top + reason_galley.size().y + 2.0;
        ui.painter().galley(pos2(left, top), reason_galley, color);
        if let Some(galley) = advice_galley {
            ui.painter().galley(pos2(left, below), galley, palette.dim);
        }
        // Both buttons are in one line: beside the text at its first line, or below it.
        let corner = if is_narrow {
            pos2(left, rect.bottom() - size::BUTTON - 7.0)
        } else {
            let lower = (rect.center().y - size::BUTTON / 2.0).min(rect.top() + 7.0);
            pos2(rect.right() - close_width - buttons_width, lower)
        };
        let cure = cure.map(|cure| (cure, cure_width));
        self.banner_buttons(ui, place, corner, (cure, is_long), commands);
        if self.url.problem.is_some() {
            self.offer_to_close(ui, place, rect);
        }
    }

    /// Returns the text of the line; `None` if there is nothing to report.
    fn banner_text(
        &self,
        ui: &Ui,
        place: &PanePlace<'_>,
        feed: Option<&FeedScene>,
    ) -> Option<BannerText> {
        let text = |reason: String, advice: Option<String>, is_error| BannerText {
            reason,
            advice,
            is_error,
            cure: None,
        };
        // An error in the URL field is newer than a failure, so that it has priority.
        if let Some(problem) = &self.url.problem {
            return Some(text(problem.clone(), None, true));
        }
        let feed = feed?;
        let unreadable = feed.source.file().and_then(|file| file.problem.clone());
        if let Some(problem) = unreadable {
            return Some(text(problem, None, true));
        }
        let LiveSource { spec, status } = feed.source.live()?;
        if status.state == ConnectionState::Failed {
            let advice = status.advice;
            let reason = status.reason.clone().unwrap_or_default();
            let cure = advice.and_then(|advice| cure::of(advice, spec, &reason));
            let advice = advice.map(|advice| advice.to_string());
            return Some(BannerText {
                cure,
                ..text(reason, advice, true)
            });
        }
        if status.state == ConnectionState::Idle
            && let Some(reason) = &feed.waits
        {
            return Some(text(reason.clone(), None, false));
        }
        if let Some((waited, cause)) = words::slow_answer(status, spec.protocol(), place.now) {
            return Some(text(waited, Some(cause.to_owned()), false));
        }
        // A short reason of a reconnection is under the trace.
        let reason = trace::reconnect_reason(feed)?;
        let is_long = !trace::fits_reason(ui, reason, place.rect.width());
        // Without TLS on the other side, every attempt ends like this.
        if let Some(advice @ Advice::LeaveTlsOut) = status.advice {
            let sentences = if is_long {
                text(reason.to_owned(), Some(advice.to_string()), true)
            } else {
                text(advice.to_string(), None, false)
            };
            return Some(BannerText {
                cure: cure::of(advice, spec, reason),
                ..sentences
            });
        }
        is_long.then(|| text(reason.to_owned(), None, true))
    }

    /// Draws the button of an advice with its width, and that for the whole of a long reason, from this corner on.
    fn banner_buttons(
        &mut self,
        ui: &Ui,
        place: &PanePlace<'_>,
        mut corner: Pos2,
        (cure, is_long): (Option<(Cure, f32)>, bool),
        commands: &mut Vec<Command>,
    ) {
        if let Some((cure, width)) = cure {
            let rect = Rect::from_min_size(corner, vec2(width - 14.0, size::BUTTON));
            self.cure(ui, place, rect, cure, commands);
            corner.x += width;
        }
        if is_long {
            let size = vec2(self.extent_width(ui), size::BUTTON);
            self.switch_extent(ui, place, Rect::from_min_size(corner, size));
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
            Cure::Options(_, field) => self.open_options(field),
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

/// Minimum width of the text beside its buttons in points.
const LEAST_BESIDE_BUTTONS: f32 = 300.0;

/// Lines of a reason that are shown on request. A server's words are at most a few kilobytes.
const MOST_LINES: usize = 20;

/// Lines of a reason that are shown by themselves.
const FEW_LINES: usize = 3;

/// Lays out a reason in this color, or an advice, within a width and a number of lines.
fn layout(ui: &Ui, text: &str, color: Option<Color32>, (width, most): (f32, usize)) -> Arc<Galley> {
    let (font, color) = match color {
        Some(color) => (font::strong_label(), color),
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
