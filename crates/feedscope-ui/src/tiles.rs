//! Layout of the panes: side by side, stacked or as tabs, with the sizes that the user has chosen. It stores the panes'
//! IDs only.
//!
//! Until the user changes the layout, the panes form a grid, which each new pane extends while all panes stay readable.
//!
//! The layout is a tree of `egui_tiles`. Its leaves are panes; its inner nodes are rows, columns and groups of tabs. A
//! row stores the share of each child, so that the layout keeps its proportions when the window is resized.

mod arrange;
mod behavior;
mod grid;
mod layout;
mod restore;

use egui::accesskit::Role;
use egui::{Id, Rect, Ui, UiBuilder, Vec2, vec2};
use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId, Tree};

use crate::ids::PaneId;
use crate::pane_request::Placement;
use crate::scene::PaneScene;
use crate::theme::size;
pub(crate) use behavior::Drawing;
pub use layout::{Layout, LayoutPart};

/// Layout of the panes.
pub(crate) struct Tiles {
    tree: Tree<PaneId>,
    /// Placement of the next new pane.
    next: Option<Placement>,
    /// Size of the area for panes.
    area: Vec2,
    /// Panes that were closed, with the tree before, the one closed last at the end.
    former: Vec<(PaneId, Tree<PaneId>)>,
    /// Layout of the panes as they were opened, without a change by the user; `None` without panes.
    opened: Option<Layout>,
    /// A pane has become a tab because no other place had room for it.
    is_crowded: bool,
}

/// Area for panes in a window of usual size. It counts where the window shows one pane at a time.
const USUAL_AREA: Vec2 = vec2(1280.0, 760.0);

/// Maximum number of closed panes whose places are kept.
const MOST_FORMER: usize = 8;

impl Default for Tiles {
    fn default() -> Self {
        Self {
            tree: Tree::empty(Id::unique("panes")),
            next: None,
            area: USUAL_AREA,
            former: Vec::new(),
            opened: None,
            is_crowded: false,
        }
    }
}

impl Tiles {
    /// Sets the placement of the next new pane.
    pub(crate) fn place_next(&mut self, placement: Placement) {
        self.next = Some(placement);
    }

    /// Sets the size of the area for panes.
    pub(crate) fn set_area(&mut self, area: Vec2) {
        self.area = area;
    }

    /// Returns true once if a pane has become a tab because no other place had room for it.
    pub(crate) fn take_crowded(&mut self) -> bool {
        std::mem::take(&mut self.is_crowded)
    }

    /// Adds new panes and removes closed ones. Returns the new pane that was requested with a placement.
    pub(crate) fn sync(&mut self, panes: &[PaneScene]) -> Option<PaneId> {
        let is_there = |id: PaneId| panes.iter().any(|pane| pane.id == id);
        let gone = self.order().into_iter().filter(|id| !is_there(*id));
        let gone: Vec<PaneId> = gone.collect();
        let is_as_opened = !gone.is_empty() && self.is_as_opened();
        for pane in gone {
            self.keep_place(pane);
            self.remove(pane);
        }
        if is_as_opened {
            // The next pane may fill the place of a closed one.
            self.opened = self.layout();
        }
        let mut asked_for = None;
        let mut unplaced = Vec::new();
        for pane in panes {
            if self.tile_of(pane.id).is_none() {
                // Panes without a placement come from the start of the program or from a file, not from a request.
                let placement = self.next.take();
                asked_for = asked_for.or(placement.map(|_| pane.id));
                match placement {
                    _ if self.return_to_place(pane.id) => {}
                    Some(placement) => self.insert(pane.id, placement),
                    None => unplaced.push(pane.id),
                }
            }
        }
        if !unplaced.is_empty() {
            self.add_unplaced(&unplaced);
        }
        asked_for
    }

    /// Returns the panes in reading order: from left to right, from top to bottom, tabs in their order.
    pub(crate) fn order(&self) -> Vec<PaneId> {
        let mut order = Vec::new();
        if let Some(root) = self.tree.root {
            self.collect(root, &mut order);
        }
        order
    }

    /// Appends the panes of a tile to `order`.
    fn collect(&self, tile: TileId, order: &mut Vec<PaneId>) {
        match self.tree.tiles.get(tile) {
            Some(Tile::Pane(pane)) => order.push(*pane),
            Some(Tile::Container(container)) => {
                for child in container.children() {
                    self.collect(*child, order);
                }
            }
            None => {}
        }
    }

    /// Draws the panes, and handles drags of their edges, grips and tabs.
    pub(crate) fn show(&mut self, ui: &mut Ui, area: Rect, drawing: &mut Drawing<'_, '_>) {
        let mut child = ui.new_child(UiBuilder::new().max_rect(area).id_salt("panes"));
        child.set_clip_rect(ui.clip_rect().intersect(area));
        self.tree.ui(drawing, &mut child);
        name_edges(ui);
        if let Some(pane) = drawing.front.take() {
            self.bring_to_front(pane);
            ui.ctx().request_repaint();
        }
    }

    /// Makes the tab of a pane the visible one, if the pane is a tab.
    pub(crate) fn bring_to_front(&mut self, pane: PaneId) {
        self.tree
            .make_active(|_, tile| matches!(tile, Tile::Pane(it) if *it == pane));
    }

    /// Returns the area of a pane in the last pass, or `None` if it was behind another tab.
    fn rect_of(&self, pane: PaneId) -> Option<Rect> {
        self.tree.tiles.rect(self.tile_of(pane)?)
    }

    /// Returns the tile of a pane.
    fn tile_of(&self, pane: PaneId) -> Option<TileId> {
        self.tree.tiles.find_pane(&pane)
    }

    /// Keeps the present layout for the case that a pane, which is closed now, is opened again.
    fn keep_place(&mut self, pane: PaneId) {
        self.former.retain(|(id, _)| *id != pane);
        self.former.push((pane, self.tree.clone()));
        if self.former.len() > MOST_FORMER {
            self.former.remove(0);
        }
    }

    /// Puts a reopened pane back where it was. Returns false if it is new, or if other panes have been opened or closed
    /// since.
    fn return_to_place(&mut self, pane: PaneId) -> bool {
        let Some(at) = self.former.iter().position(|(id, _)| *id == pane) else {
            return false;
        };
        let (_, tree) = self.former.remove(at);
        let mut before = self.order();
        before.push(pane);
        before.sort_unstable();
        let former = Self {
            tree,
            ..Self::default()
        };
        let mut panes = former.order();
        panes.sort_unstable();
        if panes != before {
            return false;
        }
        self.tree = former.tree;
        true
    }

    /// Adds panes without a placement, each beside the one before. The feeds of a file are found one after the other.
    fn add_unplaced(&mut self, panes: &[PaneId]) {
        let mut last = self.order().last().copied();
        for &pane in panes {
            self.place_roomiest(pane, last.unwrap_or(pane));
            last = Some(pane);
        }
    }

    /// Inserts a new pane at its placement.
    fn insert(&mut self, pane: PaneId, placement: Placement) {
        let (anchor, dir) = match placement {
            Placement::Roomiest(beside) => return self.place_roomiest(pane, beside),
            Placement::Right(anchor) => (anchor, Some(LinearDir::Horizontal)),
            Placement::Below(anchor) => (anchor, Some(LinearDir::Vertical)),
            Placement::Tab(anchor) => (anchor, None),
        };
        let tile = self.tree.tiles.insert_pane(pane);
        match (self.tile_of(anchor), dir) {
            (Some(anchor), Some(dir)) => self.split(anchor, tile, dir),
            (Some(anchor), None) => self.add_tab(anchor, tile),
            // The anchor was closed since the request.
            (None, _) => self.append(tile),
        }
    }

    /// Adds a tile at the right end of the window.
    fn append(&mut self, tile: TileId) {
        let Some(root) = self.tree.root else {
            self.tree.root = Some(tile);
            return;
        };
        match self.tree.tiles.get_mut(root) {
            Some(Tile::Container(Container::Linear(row))) if row.dir == LinearDir::Horizontal => {
                row.add_child(tile);
            }
            _ => {
                let row = Linear::new(LinearDir::Horizontal, vec![root, tile]);
                self.tree.root = Some(self.tree.tiles.insert_container(row));
            }
        }
    }

    /// Halves a tile and puts another one beside it or below it.
    fn split(&mut self, anchor: TileId, tile: TileId, dir: LinearDir) {
        // If the pane is a tab, the whole group of tabs is halved.
        let anchor = self.tabs_of(anchor).unwrap_or(anchor);
        // In a row of the same direction, the new tile becomes a neighbor; otherwise a new row holds both.
        let parent = self.tree.tiles.parent_of(anchor);
        if let Some(parent) = parent
            && let Some(Tile::Container(Container::Linear(row))) = self.tree.tiles.get_mut(parent)
            && row.dir == dir
            && let Some(at) = row.children.iter().position(|it| *it == anchor)
        {
            // Both halves together keep the share of the former tile.
            let half = row.shares[anchor] / 2.0;
            row.shares.set_share(anchor, half);
            row.shares.set_share(tile, half);
            row.children.insert(at + 1, tile);
            return;
        }
        let row = self
            .tree
            .tiles
            .insert_container(Linear::new(dir, vec![anchor, tile]));
        self.replace(parent, anchor, row);
    }

    /// Adds a tile as a tab behind `anchor`, and makes it the visible one.
    fn add_tab(&mut self, anchor: TileId, tile: TileId) {
        if let Some(parent) = self.tabs_of(anchor)
            && let Some(Tile::Container(Container::Tabs(tabs))) = self.tree.tiles.get_mut(parent)
        {
            let at = tabs.children.iter().position(|it| *it == anchor);
            tabs.children
                .insert(at.map_or(tabs.children.len(), |at| at + 1), tile);
            tabs.set_active(tile);
            return;
        }
        // The anchor is not a tab yet, so that a new group of tabs replaces it.
        let parent = self.tree.tiles.parent_of(anchor);
        let mut tabs = Tabs::new(vec![anchor, tile]);
        tabs.set_active(tile);
        let tabs = self.tree.tiles.insert_container(tabs);
        self.replace(parent, anchor, tabs);
    }

    /// Returns the group of tabs that a tile belongs to.
    fn tabs_of(&self, tile: TileId) -> Option<TileId> {
        let parent = self.tree.tiles.parent_of(tile)?;
        let container = self.tree.tiles.get_container(parent)?;
        matches!(container, Container::Tabs(_)).then_some(parent)
    }

    /// Replaces the tile `old` by `new`, under `parent` or as the root.
    fn replace(&mut self, parent: Option<TileId>, old: TileId, new: TileId) {
        let parent = parent.and_then(|parent| self.tree.tiles.get_mut(parent));
        if let Some(Tile::Container(container)) = parent {
            let place = container.replace_child(old, new);
            debug_assert!(place.is_some(), "a parent knows its children");
        } else {
            self.tree.root = Some(new);
        }
    }

    /// Removes a pane and simplifies the tree.
    fn remove(&mut self, pane: PaneId) {
        let Some(tile) = self.tile_of(pane) else {
            return;
        };
        if self.tree.root == Some(tile) {
            self.tree.root = None;
        }
        self.tree.remove_recursively(tile);
        self.tree.simplify(&behavior::SIMPLIFICATION);
    }
}

/// Returns the size of the area for a grid of panes. A window that is too narrow or too low for it shows one pane at a time,
/// and has the grid when it is enlarged.
pub(crate) fn area_of_grid(window: Rect, area: Rect) -> Vec2 {
    if window.width() < size::STACK_BELOW || window.height() < size::TABS_BELOW {
        return USUAL_AREA;
    }
    area.size()
}

/// Gives the edges between panes a name for screen readers. They are the only widgets without one, because `egui_tiles`
/// draws them.
fn name_edges(ui: &Ui) {
    let is_edge =
        |widget: &egui::WidgetRect| widget.sense.senses_drag() && widget.sense.is_focusable();
    let edges: Vec<Id> = ui.ctx().viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(ui.layer_id());
        widgets.filter(|it| is_edge(it)).map(|it| it.id).collect()
    });
    for edge in edges {
        ui.ctx().accesskit_node_builder(edge, |node| {
            if node.role() == Role::Unknown {
                node.set_role(Role::Splitter);
                node.set_label("Edge between panes");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reopened_pane_returns_to_its_place_and_size() {
        let scenes = |ids: &[u32]| -> Vec<PaneScene> {
            let scene = |id: &u32| PaneScene {
                id: PaneId(*id),
                feed: None,
            };
            ids.iter().map(scene).collect()
        };
        let part = |share, layout| LayoutPart { share, layout };
        let column = Layout::Column(vec![part(0.5, Layout::Pane(2)), part(1.5, Layout::Pane(3))]);
        let layout = Layout::Row(vec![part(1.25, Layout::Pane(1)), part(0.75, column)]);
        let mut tiles = Tiles::default();
        tiles.set_layout(&layout);
        tiles.sync(&scenes(&[1, 3]));
        tiles.sync(&scenes(&[3]));
        tiles.place_next(Placement::Right(PaneId(3)));
        assert_eq!(tiles.sync(&scenes(&[3, 1])), Some(PaneId(1)));
        tiles.place_next(Placement::Right(PaneId(3)));
        assert_eq!(tiles.sync(&scenes(&[3, 1, 2])), Some(PaneId(2)));
        assert_eq!(tiles.layout(), Some(layout));
        // After another pane has been opened, the former layout does not fit any more.
        tiles.sync(&scenes(&[1, 3]));
        tiles.sync(&scenes(&[1, 3, 4]));
        tiles.place_next(Placement::Right(PaneId(4)));
        tiles.sync(&scenes(&[1, 3, 4, 2]));
        assert_eq!(tiles.order(), [1, 3, 4, 2].map(PaneId));
    }
}
