//! Part of a pane beside its rows, with a tab each for the newest values by key, the measures of the feed, marks, and the
//! comparison with another feed. It is at the right of a wide pane, and below the rows of a narrow one.

mod compare;
mod latest;
mod marks;
mod measures;
mod parts;
mod place;

use egui::{Align2, Id, Rect, Sense, Ui};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::fields::Path;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::measures::MeasuredFields;
use feedscope_analysis::record_key::RecordKey;
use serde::{Deserialize, Serialize};

use crate::columns::KeptMeasured;
use crate::ids::PaneId;
use crate::scene::FeedScene;
use crate::theme::{Palette, font, size};
use crate::widgets::icon::Icon;
use crate::widgets::{
    ICON_BUTTON, Strip, bottom_line, describe_tab, icon_button, measured, panel, take_top, top_line,
};
use compare::CompareView;
use latest::LatestView;
use marks::MarksView;
use measures::MeasuresView;

pub(crate) use compare::OtherFeed;
pub(crate) use parts::{key_button, typed_key, typed_path};
pub(crate) use place::{SidePlace, SideWish};

/// Width of a pane that has room for a column beside its rows, in points.
const WIDE: f32 = 1100.0;

/// Width of that column.
const COLUMN: f32 = 416.0;

/// Height of the head.
const HEAD: f32 = 34.0;

/// Width in which the menus of a tab are readable. In less room, they are below the tabs.
const LEAST_MENUS: f32 = 150.0;

/// Lowest height below the rows.
pub(crate) const LEAST_HEIGHT: f32 = 120.0;

/// Tab of the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SideTab {
    /// Newest values by key.
    Latest,
    /// Measures of the feed.
    Measures,
    /// Marks of rows, colors of rows, and changes of fields.
    Marks,
    /// Comparison with another feed.
    Compare,
}

/// State of the part that a later window restores.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SideSession {
    /// Name of the open tab.
    pub tab: Option<String>,
}

/// State of the part.
#[derive(Default)]
pub(crate) struct SidePanel {
    open: Option<SideTab>,
    /// The user has just asked for a tab.
    is_asked: bool,
    latest: LatestView,
    /// Choice of the newest values when it was last compared with the kept one.
    compared_latest: Vec<String>,
    measures: MeasuresView,
    marks: MarksView,
    compare: CompareView,
}

impl SideTab {
    const ALL: [Self; 4] = [Self::Latest, Self::Measures, Self::Marks, Self::Compare];

    fn name(self) -> &'static str {
        match self {
            Self::Latest => "Latest",
            Self::Measures => "Measures",
            Self::Marks => "Marks",
            Self::Compare => "Compare",
        }
    }
}

impl SidePanel {
    /// Opens a tab, or closes the part if the tab is open.
    pub(crate) fn toggle(&mut self, tab: SideTab) {
        // The same command opens and closes the tab.
        self.open = Some(tab).filter(|_| self.open != Some(tab));
        self.is_asked = self.open.is_some();
    }

    /// Returns true once after the user has asked for a tab.
    pub(crate) fn take_asked(&mut self) -> bool {
        std::mem::take(&mut self.is_asked)
    }

    /// Returns true if a tab is open.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Returns the name of the open tab.
    pub(crate) fn tab_name(&self) -> &'static str {
        self.open.map_or("", SideTab::name)
    }

    /// Opens a tab.
    pub(crate) fn open(&mut self, tab: SideTab) {
        self.open = Some(tab);
        self.is_asked = true;
    }

    /// Shows the newest values by this field.
    pub(crate) fn show_latest_by(&mut self, feed: &FeedScene, key: RecordKey) {
        self.open(SideTab::Latest);
        self.latest.choose_key(&feed.store, key);
    }

    /// Checks that the number at this path counts up by one, and shows the result.
    pub(crate) fn check_sequence(&mut self, feed: &FeedScene, path: Path) {
        self.open(SideTab::Measures);
        self.measures.choose_sequence(&feed.store, path);
    }

    /// Returns the state that a later window restores.
    pub(crate) fn session(&self) -> SideSession {
        // A comparison needs the other feed of this window.
        let tab = self.open.filter(|tab| *tab != SideTab::Compare);
        SideSession {
            tab: tab.map(|tab| tab.name().to_owned()),
        }
    }

    /// Restores the state of a former window. The fields of the newest values belong to their feed.
    pub(crate) fn restore(&mut self, session: &SideSession) {
        let is_open = |tab: &SideTab| session.tab.as_deref() == Some(tab.name());
        self.open = SideTab::ALL.into_iter().find(is_open);
    }

    /// Restores the key and the columns of the newest values, unless the user has chosen others in this pane.
    pub(crate) fn restore_latest(&mut self, feed: &FeedScene, kept: &[String]) {
        self.latest.restore(&feed.store, kept);
    }

    /// Returns the key and the columns of the newest values if this pane has others than at the last call. Panes on one
    /// feed may have different ones, of which the one chosen last is kept.
    pub(crate) fn changed_latest(&mut self) -> Option<Vec<String>> {
        let choice = self.latest.choice();
        if choice.is_empty() || choice == self.compared_latest {
            return None;
        }
        self.compared_latest.clone_from(&choice);
        Some(choice)
    }

    /// Exchanges the measured fields with those that are kept for the feed. Returns the fields that the user has chosen
    /// since the last call.
    pub(crate) fn exchange_measured(&mut self, kept: &mut KeptMeasured) -> Option<MeasuredFields> {
        self.measures.exchange(kept)
    }

    /// Returns the field by which the newest values are shown.
    pub(crate) fn key(&self) -> Option<&RecordKey> {
        self.latest.key()
    }

    /// Shows the reason that a typed text is no filter for a color.
    pub(crate) fn refuse_rule(&mut self, text: String, problem: String) {
        self.marks.refuse(text, problem);
    }

    /// Takes the other feeds of the window, which are read only while the comparison is open.
    pub(crate) fn set_others(&mut self, others: impl Iterator<Item = OtherFeed>) {
        if self.open == Some(SideTab::Compare) {
            self.compare.set_others(others.collect());
        }
    }

    /// Measures the selected rows in place of the whole feed.
    pub(crate) fn measure_selection(&mut self) {
        self.measures.measure_selection();
    }

    /// Returns the measures of the feed.
    pub(crate) fn measures(&self) -> &MeasuresView {
        &self.measures
    }

    /// Reads the payloads with another interpreter.
    pub(crate) fn read_with(&mut self, feed: &FeedScene, interpreter: &Interpreter) {
        self.latest.read_with(&feed.store, interpreter);
        self.measures.read_with(interpreter);
        self.compare.read_with(interpreter);
    }

    /// Updates the analyses for this pass.
    pub(crate) fn sync(&mut self, feed: &FeedScene) {
        self.latest.read_until(feed.played_end());
        // A file is read as a whole only on request. The feed of a connection is measured all the time, because its
        // silence is judged by its past.
        if feed.source.file().is_none() || self.open == Some(SideTab::Measures) {
            self.measures.sync(&feed.store);
        }
    }

    /// Returns the analyses to run.
    pub(crate) fn tasks(&self) -> impl Iterator<Item = Task> {
        let is_open = self.open == Some(SideTab::Latest);
        // A closed table costs nothing. It catches up when it opens again.
        let latest = self.latest.tasks().filter(move |_| is_open);
        let is_open = self.open == Some(SideTab::Compare);
        let compare = self.compare.task().filter(|_| is_open);
        self.measures.tasks().chain(latest).chain(compare)
    }

    /// Returns the column beside the rows of a wide pane, and takes it off.
    pub(crate) fn take_column(&self, area: &mut Rect) -> Option<Rect> {
        if self.open.is_none() || area.width() < WIDE {
            return None;
        }
        let width = match self.open {
            // Several values need more room, and the rows keep more than half of the pane.
            Some(SideTab::Latest) => {
                let next = self.latest.values().saturating_sub(1) as f32;
                let most = (area.width() * 0.45).max(COLUMN);
                (COLUMN + next * latest::NEXT_VALUE).min(most)
            }
            _ => COLUMN,
        };
        let rect = area.with_min_x(area.right() - width.round());
        area.set_right(rect.left());
        Some(rect)
    }

    /// Returns the height below the rows of a narrow pane if `room` is left for both; 0 while the part is closed.
    pub(crate) fn height(&self, room: f32) -> f32 {
        if self.open.is_none() {
            return 0.0;
        }
        (room * 0.5).clamp(LEAST_HEIGHT.min(room), 320.0)
    }

    /// Draws the part.
    pub(crate) fn show(&mut self, ui: &mut Ui, place: &SidePlace<'_>) -> Option<SideWish> {
        let tab = self.open?;
        let mut area = place.rect;
        panel(ui, area);
        if area.left() > ui.clip_rect().left() {
            let stroke = egui::Stroke::new(1.0, Palette::of(ui).line);
            ui.painter()
                .vline(area.left() + 0.5, area.y_range(), stroke);
        }
        top_line(ui, area);
        let head = take_top(&mut area, HEAD);
        bottom_line(ui, head);
        let mut strip = Strip::new(head, 8.0, 4.0);
        // The places are taken from both ends, and the widgets are made from left to right, because Tab visits them so.
        let close = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
        // A comparison needs a second feed, so that its tab is there only while it is open.
        let is_listed = |other: &SideTab| *other != SideTab::Compare || tab == SideTab::Compare;
        for other in SideTab::ALL.into_iter().filter(is_listed) {
            if tab_button(ui, &mut strip, place.pane, other, other == tab) {
                self.open = Some(other);
            }
        }
        let mut rest = strip.rest(size::BUTTON);
        let has_menus = matches!(tab, SideTab::Latest | SideTab::Compare);
        if has_menus && rest.width() < LEAST_MENUS {
            // The menus have a line of their own below the tabs of a narrow part.
            let line = take_top(&mut area, HEAD);
            bottom_line(ui, line);
            rest = Strip::new(line, 8.0, 4.0).rest(size::BUTTON);
        }
        let wish = match tab {
            SideTab::Latest => self.latest.show(ui, place, rest, area),
            SideTab::Measures => self.measures.show(ui, place, rest, area),
            SideTab::Marks => self.marks.show(ui, place, area),
            SideTab::Compare => self.compare.show(ui, place, rest, area),
        };
        let id = Id::unique(("side close", place.pane));
        if icon_button(ui, close, id, Icon::Cross, "Close this part").clicked() {
            self.open = None;
        }
        if self.open != Some(tab) || wish.is_some() {
            // The rows have been drawn already.
            ui.ctx().request_repaint();
        }
        wish
    }
}

/// Draws a tab. Returns true if it was clicked.
fn tab_button(ui: &Ui, strip: &mut Strip, pane: PaneId, tab: SideTab, is_on: bool) -> bool {
    let palette = Palette::of(ui);
    let width = measured(ui, tab.name(), font::label()) + 18.0;
    if width > strip.room() {
        return false;
    }
    let rect = strip.left(width, 24.0);
    let id = Id::unique(("side tab", pane, tab.name()));
    let response = ui.interact(rect, id, Sense::click());
    describe_tab(&response, is_on, tab.name());
    if is_on || response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, size::RADIUS, palette.raise);
    }
    let color = if is_on { palette.text } else { palette.dim };
    let (center, align) = (rect.center(), Align2::CENTER_CENTER);
    ui.painter()
        .text(center, align, tab.name(), font::label(), color);
    response.clicked()
}
