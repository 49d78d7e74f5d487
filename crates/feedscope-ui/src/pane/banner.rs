//! Line about the failure of a feed, an error in the URL field or a slow answer, with the button that carries an advice out.

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use feedscope_core::ConnectionState;

use super::{PanePlace, PaneView};
use crate::command::{Command, PaneCommand};
use crate::connection_bar;
use crate::cure::{self, Cure};
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
        let failed = feed.filter(|feed| feed.status.state == ConnectionState::Failed);
        let slow = feed
            .and_then(|feed| words::slow_answer(&feed.status, feed.source.protocol(), place.now));
        let palette = Palette::of(ui);
        let unreadable = feed.and_then(|feed| feed.source.file()?.problem.clone());
        let (reason, advice, is_error) = match (&self.url.problem, failed, slow) {
            (Some(problem), ..) => (problem.clone(), None, true),
            _ if let Some(problem) = unreadable => (problem, None, true),
            (None, Some(feed), _) => (
                feed.status.reason.clone().unwrap_or_default(),
                feed.status.advice.map(|advice| advice.to_string()),
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
            .and_then(|feed| Some((feed, feed.status.advice?)))
            .and_then(|(feed, advice)| cure::of(advice, feed.source.url()));
        let cure_width = cure.as_ref().map_or(0.0, |cure| {
            button_width(ui, cure.name(), Look::Plain) + 14.0
        });
        let width = area.width() - 70.0 - cure_width;
        // At most three lines, so that a long reason leaves room for the rows.
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
        let reason_galley = layout(&reason, font::strong(12.5), color);
        let advice_galley = advice
            .as_deref()
            .map(|advice| layout(advice, font::label(), palette.dim));
        let advice_height = advice_galley
            .as_ref()
            .map_or(0.0, |galley| galley.size().y + 2.0);
        let rect = take_top(area, reason_galley.size().y + advice_height + 14.0);
        panel(ui, rect);
        ui.painter()
            .rect_filled(rect, 0.0, color.gamma_multiply(tint::BANNER));
        bottom_line(ui, rect);
        let text_area = rect.with_max_x(rect.right() - cure_width);
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
        if let Some(cure) = cure {
            let size = vec2(cure_width - 14.0, size::BUTTON);
            let corner = pos2(rect.right() - cure_width + 4.0, rect.center().y - 13.0);
            self.cure(ui, place, Rect::from_min_size(corner, size), cure, commands);
        }
        if self.url.problem.is_some() {
            let center = pos2(rect.right() - 20.0, rect.center().y);
            let cross = Rect::from_center_size(center, ICON_BUTTON);
            let id = Id::unique(("banner close", place.pane));
            if icon_button(ui, cross, id, Icon::Cross, "Close").clicked() {
                self.url.problem = None;
            }
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
