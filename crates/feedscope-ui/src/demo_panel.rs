//! Demo panel: the pages about the demo server, docked above the demo strip and beside the feeds.
//!
//! It stores the open page only. Its content comes from the scene, and the user's requests go out as commands.
//!
//! If the panes would become too low beside the panel, it covers them instead, until the user tries a suggestion or
//! closes it.

mod clients;
mod compare;
mod faults;
mod picture;
mod place;
mod tour;

pub(crate) use place::DemoPagePlace;
pub(crate) use tour::REFUSED_FOR;

use std::time::Duration;

use egui::{Id, Rect, Sense, Stroke, Ui, pos2};

use crate::command::Command;
use crate::demo_scene::{DemoCommand, DemoScene};
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::{
    ICON_BUTTON, Look, Strip, bottom_line, button, button_width, cut, describe_tab, icon_button,
    measured, paint_left, panel, take_top, top_line,
};

/// Height of the row of tabs in points.
const HEADER: f32 = 34.0;
/// Height of the panel in a wide window.
const WIDE_HEIGHT: f32 = HEADER + 166.0;
/// Height of the panel in a narrow window, where its parts are closer together.
const NARROW_HEIGHT: f32 = HEADER + 216.0;
/// Minimum height of a pane in points; a lower one shows too little to watch.
const LEAST_PANE: f32 = 250.0;

/// Page of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Suggestions of what to try.
    Tour,
    /// Comparison of the same ticks over both protocols.
    Compare,
    /// Faults that the server can show.
    Faults,
    /// Clients of the server.
    Clients,
}

impl Page {
    const ALL: [Self; 4] = [Self::Tour, Self::Compare, Self::Faults, Self::Clients];

    /// Returns the text of the page's tab.
    fn title(self) -> &'static str {
        match self {
            Self::Tour => "Try this",
            Self::Compare => "SSE against WebSocket",
            Self::Faults => "Faults",
            Self::Clients => "Clients",
        }
    }
}

/// State of the panel.
#[derive(Default)]
pub(crate) struct DemoPanel {
    /// Open page; `None` if the panel is closed.
    page: Option<Page>,
    /// The first pass has decided whether the tour opens by itself.
    is_settled: bool,
    /// The panel covers the panes, because there is no room beside them.
    is_alone: bool,
    /// The panel was beside the panes in the last pass.
    is_beside: bool,
    /// Feed that the faults are switched for; `None` stands for all feeds.
    faulty_feed: Option<String>,
}

impl DemoPanel {
    /// Returns the open page.
    pub(crate) fn page(&self) -> Option<Page> {
        self.page
    }

    /// Opens a page.
    pub(crate) fn open(&mut self, page: Page) {
        self.page = Some(page);
    }

    /// Returns true if the panel covers the panes.
    pub(crate) fn covers_panes(&self) -> bool {
        self.page.is_some() && self.is_alone
    }

    /// Closes the panel.
    pub(crate) fn close(&mut self) {
        self.page = None;
    }

    /// Opens a page, or closes the panel if that page is open.
    pub(crate) fn toggle(&mut self, page: Page) {
        self.page = (self.page != Some(page)).then_some(page);
    }

    /// Returns the interval at which the open page changes by itself.
    pub(crate) fn wants_repaint_in(&self) -> Option<Duration> {
        match self.page? {
            // Wire bytes are sampled while no bytes are on their way, which is between two ticks.
            Page::Compare => Some(Duration::from_millis(100)),
            Page::Clients => Some(Duration::from_millis(500)),
            Page::Tour | Page::Faults => None,
        }
    }

    /// Cuts the area of the panel off `area`. `stacked` is the number of panes that are stacked in it.
    pub(crate) fn take_place(
        &mut self,
        area: &mut Rect,
        stacked: usize,
        demo: &DemoScene,
    ) -> Option<Rect> {
        let height = if area.width() >= size::STACK_BELOW {
            WIDE_HEIGHT
        } else {
            NARROW_HEIGHT
        };
        // Each of the stacked panes must remain high enough.
        let has_room = area.height() - height >= LEAST_PANE * stacked as f32;
        // The tour opens by itself only in the first pass, and only if it leaves the panes enough room.
        if !self.is_settled {
            self.is_settled = true;
            if has_room && !demo.tour_dismissed {
                self.page = Some(Page::Tour);
            }
        }
        if self.is_beside && !has_room {
            // The window has become smaller: the panes stay and the panel closes.
            self.page = None;
        }
        self.is_beside = self.page.is_some() && has_room;
        self.page?;
        self.is_alone = !has_room;
        // Without room beside the panes, the panel covers all of them.
        let top = if has_room {
            area.bottom() - height
        } else {
            area.top()
        };
        let place = Rect::from_min_max(pos2(area.left(), top), area.max);
        area.set_bottom(top);
        Some(place)
    }

    /// Draws the panel.
    pub(crate) fn show(
        &mut self,
        ui: &mut Ui,
        place: &DemoPagePlace<'_>,
        commands: &mut Vec<Command>,
    ) {
        let Some(page) = self.page else { return };
        let mut rect = place.rect;
        panel(ui, rect);
        top_line(ui, rect);
        let header = take_top(&mut rect, HEADER);
        bottom_line(ui, header);
        self.header(ui, header, place.demo, commands);
        let page_place = DemoPagePlace {
            rect: rect.shrink2(egui::vec2(12.0, 4.0)),
            ..*place
        };
        // Only commands of this page count below, and not those of the header.
        let before = commands.len();
        match page {
            Page::Tour => tour::show(ui, &page_place, commands),
            Page::Compare => compare::show(ui, &page_place, commands),
            Page::Faults => faults::show(ui, &page_place, &mut self.faulty_feed, commands),
            Page::Clients => clients::show(ui, &page_place),
        }
        let asked_for = &commands[before..];
        // The comparison is about to start, so that its page is shown.
        if asked_for.contains(&Command::Demo(DemoCommand::Compare)) {
            self.page = Some(Page::Compare);
        } else if page == Page::Tour && self.is_alone && !asked_for.is_empty() {
            // The panel covers the panes here. It closes so that the user sees the effect.
            self.page = None;
        }
    }

    /// Draws the tabs and the buttons of the panel.
    fn header(&mut self, ui: &Ui, rect: Rect, demo: &DemoScene, commands: &mut Vec<Command>) {
        let mut strip = Strip::new(rect, 12.0, 8.0);
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        for page in Page::ALL {
            let title = page.title();
            let tab = strip.left(measured(ui, title, font::label()) + 16.0, rect.height());
            if tab_button(ui, tab, title, self.page == Some(page)).clicked() {
                self.page = Some(page);
            }
        }
        let (name, hint) = if demo.tour_dismissed {
            ("Show at start", "Opens this panel when the demo starts")
        } else {
            (
                "Don't show at start",
                "Keeps this panel closed from the next start on",
            )
        };
        let width = button_width(ui, name, Look::Ghost);
        // The button is left out where the tabs need its room.
        if strip.room() >= width {
            let place = strip.right(width, size::BUTTON);
            let id = Id::unique("tour at start");
            if button(ui, place, id, name, Look::Ghost)
                .on_hover_text(hint)
                .clicked()
            {
                let wanted = DemoCommand::TourAtStart(demo.tour_dismissed);
                commands.push(Command::Demo(wanted));
            }
        }
        let close_id = Id::unique("demo panel close");
        if icon_button(ui, close, close_id, Icon::Cross, "Close the panel").clicked() {
            self.close();
        }
    }
}

/// Draws the tab of a page.
fn tab_button(ui: &Ui, rect: Rect, title: &'static str, chosen: bool) -> egui::Response {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, Id::unique(("demo tab", title)), Sense::click());
    describe_tab(&response, chosen, title);
    let color = if chosen || response.hovered() {
        palette.text
    } else {
        palette.dim
    };
    let galley = cut(ui, title, font::label(), color, rect.width());
    paint_left(ui, rect.left() + 8.0, rect.center().y, galley);
    if chosen {
        let line = Stroke::new(2.0, palette.open);
        ui.painter()
            .hline(rect.x_range(), rect.bottom() - 1.0, line);
    }
    response
}
