//! Connection to `egui_tiles`: drawing of panes, tabs and edges in its tree.

use std::collections::BTreeMap;

use egui::accesskit::Role;
use egui::{
    Color32, Id, PointerButton, Rect, Response, Sense, Stroke, Style, Ui, UiBuilder, Visuals,
    WidgetText, vec2,
};
use egui_tiles::{
    Behavior, ResizeState, SimplificationOptions, TabState, Tabs, TileId, UiResponse,
};
use feedscope_analysis::filter::ParseContext;
use feedscope_core::Moment;
use jiff::tz::TimeZone;

use crate::columns::AllColumns;
use crate::command::Command;
use crate::feed_names;
use crate::ids::PaneId;
use crate::lens::AllLenses;
use crate::pane::{self, PaneTab, PaneView};
use crate::pane_request::PaneRequest;
use crate::pointer::{Press, is_dragged_away, presses};
use crate::scene::{FeedScene, Scene};
use crate::theme::{Palette, size};
use crate::widgets::{bottom_line, panel, take_top};
use crate::words;

/// Rules that keep a tree small: no empty rows, no rows of one pane, and no row in a row of the same direction.
pub(super) const SIMPLIFICATION: SimplificationOptions = SimplificationOptions {
    prune_empty_tabs: true,
    prune_empty_containers: true,
    prune_single_child_tabs: true,
    prune_single_child_containers: true,
    all_panes_must_have_tabs: false,
    join_nested_linear_containers: true,
    flatten_tabs_in_tabs: true,
};

/// Minimum size of a pane that is dragged, in points.
const LEAST_PANE: f32 = 200.0;

/// Widest and narrowest width of a tab, in points.
const TAB_WIDTH: (f32, f32) = (200.0, 120.0);

/// Narrowest width of a tab of a small window, in points. More tabs than have room at this width are scrolled.
const LEAST_TAB: f32 = 64.0;

/// Data for drawing the panes in one pass.
pub(crate) struct Drawing<'a, 'b> {
    pub(crate) views: &'a mut BTreeMap<PaneId, PaneView>,
    pub(crate) scene: &'a Scene<'b>,
    /// Area of all panes.
    pub(crate) area: Rect,
    /// Pane that receives the keys.
    pub(crate) focused: &'a mut PaneId,
    /// Requests about the panes themselves.
    pub(crate) requests: &'a mut Vec<PaneRequest>,
    pub(crate) now: Moment,
    pub(crate) zone: &'a TimeZone,
    pub(crate) columns: &'a AllColumns,
    pub(crate) lenses: &'a AllLenses,
    /// Context for parsing a filter in this pass.
    pub(crate) context: ParseContext,
    /// Width of the tabs that are being drawn.
    pub(crate) tab_width: f32,
    /// Panes drawn so far, with their places.
    pub(crate) drawn: Vec<(PaneId, Rect)>,
    /// Pane whose tab was pressed.
    pub(crate) front: Option<PaneId>,
    pub(crate) commands: &'a mut Vec<Command>,
}

impl Drawing<'_, '_> {
    /// Returns the name of a pane in tabs. A pane that sends messages by itself is marked, because a tab may hide it.
    fn name(&self, pane: PaneId) -> String {
        let feed = self.scene.feed_of(pane);
        let name = feed_names::of(feed, self.scene);
        if feed.is_some_and(FeedScene::sends_by_itself) {
            words::sending(&name)
        } else {
            name
        }
    }

    /// Draws a pane. Returns true if the user drags it; only a `movable` pane can be dragged.
    pub(crate) fn pane(&mut self, ui: &mut Ui, id: PaneId, rect: Rect, movable: bool) -> bool {
        self.drawn.push((id, rect));
        let place = pane::PanePlace {
            pane: id,
            rect,
            area: self.area,
            focused: *self.focused == id,
            alone: self.views.len() == 1 || rect == self.area,
            movable: movable && self.views.len() > 1,
            now: self.now,
            utc: self.scene.now.utc,
            zone: self.zone,
            columns: self.columns,
            lenses: self.lenses,
            context: self.context,
        };
        let feed = self.scene.feed_of(id);
        let state = feed.map_or_else(
            || "no feed".to_owned(),
            |feed| words::source_state(&feed.source),
        );
        let name = format!("Pane {}: {}, {state}", self.drawn.len(), self.name(id));
        let Some(view) = self.views.get_mut(&id) else {
            return false;
        };
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(rect)
                .id_salt(("pane", id))
                .accessibility_role(Role::Group)
                .accessibility_label(name),
        );
        child.set_clip_rect(ui.clip_rect());
        view.show(&mut child, &place, self.scene, self.requests, self.commands)
    }

    /// Draws a strip of tabs and the selected pane below it, where only one pane has room.
    pub(crate) fn show_alone(&mut self, ui: &mut Ui, order: &[PaneId]) {
        let strip = take_top(&mut self.area, size::TABS);
        panel(ui, strip);
        let width = (strip.width() / order.len().max(1) as f32).clamp(LEAST_TAB, 280.0);
        let names: Vec<String> = order.iter().map(|pane| self.name(*pane)).collect();
        let shorts = feed_names::in_narrow_tabs(&names, PaneTab::fitting(ui, width));
        // The chosen tab and the next one are in sight, so that a click leads to each tab.
        let in_sight = (strip.width() / width).floor().max(1.0) as usize;
        let chosen = order.iter().position(|pane| *pane == *self.focused);
        let first = chosen.map_or(0, |chosen| {
            (chosen + 2).min(order.len()).saturating_sub(in_sight)
        });
        let tabs = order.iter().enumerate().zip(names.into_iter().zip(shorts));
        for (place, ((i, pane), (name, short))) in tabs.skip(first).take(in_sight).enumerate() {
            let rect = Rect::from_min_size(
                strip.min + vec2((width * place as f32).round(), 0.0),
                vec2(width, strip.height()),
            );
            let tab = PaneTab {
                pane: *pane,
                feed: self.scene.feed_of(*pane),
                name,
                short,
                number: Some(i + 1),
                chosen: *self.focused == *pane,
            };
            let id = Id::unique(("tab", pane));
            let response = ui.interact(tab.handle(rect), id, Sense::click());
            if tab.show(ui, rect, &response) {
                self.requests.push(PaneRequest::Close(*pane));
            } else if is_chosen(ui, &response) {
                *self.focused = *pane;
            }
        }
        bottom_line(ui, strip);
        self.pane(ui, *self.focused, self.area, false);
    }

    /// Draws the panes one above the other.
    pub(crate) fn show_stacked(&mut self, ui: &mut Ui, order: &[PaneId]) {
        let area = self.area;
        let share = area.height() / order.len().max(1) as f32;
        // Rounding each edge by itself leaves no gap between the panes.
        let edge = |i: usize| area.top() + (share * i as f32).round();
        for (i, pane) in order.iter().enumerate() {
            let rect = Rect::from_x_y_ranges(area.x_range(), edge(i)..=edge(i + 1));
            self.pane(ui, *pane, rect, false);
        }
    }
}

impl Behavior<PaneId> for Drawing<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut PaneId) -> UiResponse {
        let rect = ui.max_rect();
        if self.pane(ui, *pane, rect, true) {
            UiResponse::DragStarted
        } else {
            UiResponse::None
        }
    }

    fn tab_title_for_pane(&mut self, pane: &PaneId) -> WidgetText {
        self.name(*pane).into()
    }

    fn tab_ui(
        &mut self,
        tiles: &mut egui_tiles::Tiles<PaneId>,
        ui: &mut Ui,
        id: Id,
        tile: TileId,
        state: &TabState,
    ) -> Response {
        let size = vec2(self.tab_width, ui.available_height());
        let (_, rect) = ui.allocate_space(size);
        // egui_tiles drags the tile with this very ID, and a press that lasts long would start that. Therefore the tab has
        // an ID of its own, and the drag starts once the pointer has moved.
        let response = ui.interact(
            PaneTab::without_cross(rect),
            id.with("tab"),
            Sense::click_and_drag(),
        );
        if is_dragged_away(&response) {
            ui.ctx().set_dragged_id(id);
        }
        // A group of tabs contains panes only, because nested groups are flattened.
        if let Some(pane) = tiles.get_pane(&tile) {
            let tab = PaneTab {
                pane: *pane,
                feed: self.scene.feed_of(*pane),
                name: self.name(*pane),
                short: String::new(),
                number: None,
                chosen: state.active,
            };
            if tab.show(ui, rect, &response) {
                self.requests.push(PaneRequest::Close(*pane));
            }
            if is_chosen(ui, &response) {
                *self.focused = *pane;
                self.front = Some(*pane);
            }
        }
        self.on_tab_button(tiles, tile, response)
    }

    fn tab_bar_left_ui(
        &mut self,
        _tiles: &egui_tiles::Tiles<PaneId>,
        ui: &mut Ui,
        _tile: TileId,
        tabs: &Tabs,
    ) {
        // Nothing is drawn here. The call just gives the width that the following tabs can use.
        let share = ui.available_width() / tabs.children.len().max(1) as f32;
        let (widest, narrowest) = TAB_WIDTH;
        self.tab_width = share.floor().clamp(narrowest, widest);
    }

    fn is_tile_draggable(&self, tiles: &egui_tiles::Tiles<PaneId>, tile: TileId) -> bool {
        // The strip behind tabs is no handle. Panes have their grip, and tabs are dragged one by one. The tile that is
        // being drawn is not among `tiles`.
        tiles.get_container(tile).is_none()
    }

    fn is_tab_bar_visible(&self, _tile: TileId, tabs: &Tabs) -> bool {
        tabs.children.len() > 1
    }

    fn tab_bar_height(&self, _style: &Style) -> f32 {
        size::TABS
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        Palette::of_visuals(visuals).panel
    }

    fn tab_bar_hline_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, Palette::of_visuals(visuals).line)
    }

    fn gap_width(&self, _style: &Style) -> f32 {
        // The panes draw the line between them, because a gap would not fall on whole pixels.
        0.0
    }

    fn resize_stroke(&self, style: &Style, state: ResizeState) -> Stroke {
        let palette = Palette::of_visuals(&style.visuals);
        match state {
            ResizeState::Idle => Stroke::NONE,
            ResizeState::Hovering => Stroke::new(2.0, palette.faint),
            ResizeState::Dragging => Stroke::new(2.0, palette.open),
        }
    }

    fn min_size(&self) -> f32 {
        LEAST_PANE
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SIMPLIFICATION
    }

    fn cycle_tabs_with_keyboard(&self) -> bool {
        // Ctrl Tab cycles through all panes, independent of the pointer.
        false
    }

    fn drag_preview_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, Palette::of_visuals(visuals).open)
    }

    fn drag_preview_color(&self, visuals: &Visuals) -> Color32 {
        Palette::of_visuals(visuals).open.gamma_multiply(0.15)
    }
}

/// Returns true if a tab was pressed, or chosen by a key or a screen reader.
fn is_chosen(ui: &Ui, tab: &Response) -> bool {
    let is_pressed = |press: &Press| {
        press.button == PointerButton::Primary && tab.interact_rect.contains(press.at)
    };
    tab.clicked() || presses(ui).iter().any(is_pressed)
}
