//! Grid of the panes, and the place of a new pane: in the grid until the user changes the layout, beside a pane that is
//! large enough, or as a tab.

use std::ops::Range;

use egui::{Vec2, vec2};
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId, Tree};

use super::Tiles;
use super::layout::{Layout, LayoutPart};
use crate::ids::PaneId;
use crate::theme::size;

/// Minimum size of a readable pane in points. At this width, half of it is left for payloads.
const READABLE: Vec2 = vec2(400.0, 250.0);

impl Tiles {
    /// Places a pane in the grid if the layout is still one and each pane stays readable. Otherwise the pane gets half of
    /// `beside` or of the largest other pane, or becomes a tab behind `beside`.
    pub(super) fn place_roomiest(&mut self, pane: PaneId, beside: PaneId) {
        let all = [&self.order()[..], &[pane]].concat();
        let is_as_opened = self.is_as_opened();
        let rows = rows_of_grid(all.len(), self.area).len();
        let is_readable = quality(all.len(), rows, self.area) >= 1.0;
        if is_as_opened && (is_readable || all.len() == 1) {
            self.open_grid(&all);
        } else {
            let split = self.readable_split(beside);
            let tile = self.tree.tiles.insert_pane(pane);
            if let Some((anchor, dir)) = split {
                self.split(anchor, tile, dir);
                return;
            }
            match self.tile_of(beside) {
                Some(anchor) => {
                    self.add_tab(anchor, tile);
                    self.is_crowded = true;
                }
                None => self.append(tile),
            }
        }
        if is_as_opened {
            self.opened = self.layout();
        }
    }

    /// Returns true if the panes form the grid in which they were opened.
    pub(super) fn is_as_opened(&self) -> bool {
        let layout = self.layout();
        // The layout of a former window may be such a grid too.
        layout == self.opened || layout == grid_layout(&self.order(), self.area)
    }

    /// Places these panes in rows of nearly the same length, in place of the present layout.
    pub(super) fn open_grid(&mut self, panes: &[PaneId]) {
        self.tree = Tree::empty(self.tree.id());
        let mut rows = Vec::new();
        for row in rows_of_grid(panes.len(), self.area) {
            let panes = panes[row].iter();
            let tiles = panes.map(|pane| self.tree.tiles.insert_pane(*pane));
            let tiles: Vec<TileId> = tiles.collect();
            rows.push(self.line(LinearDir::Horizontal, tiles));
        }
        self.tree.root = Some(self.line(LinearDir::Vertical, rows));
    }

    /// Returns a tile that holds these tiles side by side or one above the other. A single one needs no other tile.
    fn line(&mut self, dir: LinearDir, tiles: Vec<TileId>) -> TileId {
        match tiles[..] {
            [only] => only,
            _ => self.tree.tiles.insert_container(Linear::new(dir, tiles)),
        }
    }

    /// Returns the pane that can be halved so that both halves are readable, `beside` before larger ones.
    fn readable_split(&self, beside: PaneId) -> Option<(TileId, LinearDir)> {
        let mut sizes = Vec::new();
        if let Some(root) = self.tree.root {
            self.collect_sizes(root, self.area, &mut sizes);
        }
        let of_beside = |pane: PaneId| pane == beside;
        sizes.sort_by(|(one, a), (other, b)| {
            let by_area = (b.x * b.y).total_cmp(&(a.x * a.y));
            of_beside(*other).cmp(&of_beside(*one)).then(by_area)
        });
        sizes.into_iter().find_map(|(pane, size)| {
            let dir = if size.x >= 2.0 * READABLE.x {
                LinearDir::Horizontal
            } else if size.y >= 2.0 * READABLE.y {
                LinearDir::Vertical
            } else {
                return None;
            };
            Some((self.tile_of(pane)?, dir))
        })
    }

    /// Appends the sizes of the visible panes of a tile. They follow from the layout, because new panes have not been drawn.
    fn collect_sizes(&self, tile: TileId, size: Vec2, sizes: &mut Vec<(PaneId, Vec2)>) {
        match self.tree.tiles.get(tile) {
            Some(Tile::Pane(pane)) => sizes.push((*pane, size)),
            Some(Tile::Container(Container::Linear(row))) => {
                let total: f32 = row.children.iter().map(|child| row.shares[*child]).sum();
                for child in &row.children {
                    let share = row.shares[*child] / total;
                    let part = match row.dir {
                        LinearDir::Horizontal => vec2(size.x * share, size.y),
                        LinearDir::Vertical => vec2(size.x, size.y * share),
                    };
                    self.collect_sizes(*child, part, sizes);
                }
            }
            Some(Tile::Container(Container::Tabs(tabs))) => {
                if let Some(active) = tabs.active {
                    let rest = vec2(size.x, size.y - size::TABS);
                    self.collect_sizes(active, rest, sizes);
                }
            }
            Some(Tile::Container(Container::Grid(_))) | None => {}
        }
    }
}

/// Returns the layout of these panes as a grid; `None` without panes.
fn grid_layout(panes: &[PaneId], area: Vec2) -> Option<Layout> {
    let line = |mut parts: Vec<Layout>, make: fn(Vec<LayoutPart>) -> Layout| {
        if parts.len() == 1 {
            return parts.pop();
        }
        let part = |layout| LayoutPart { share: 1.0, layout };
        Some(make(parts.into_iter().map(part).collect()))
    };
    let rows = rows_of_grid(panes.len(), area).into_iter();
    let rows = rows.filter_map(|row| {
        let panes = panes[row].iter().map(|pane| Layout::Pane(pane.0));
        line(panes.collect(), Layout::Row)
    });
    let rows: Vec<Layout> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    line(rows, Layout::Column)
}

/// Returns how readable panes in a grid are. The smaller ratio to the minimum size decides; 1 is enough.
fn quality(panes: usize, rows: usize, area: Vec2) -> f32 {
    let columns = panes.div_ceil(rows);
    let room = area / vec2(columns as f32, rows as f32) / READABLE;
    room.x.min(room.y).min(1.0)
}

/// Divides panes into rows of a grid, as few as leave each pane wide enough. If none do, the rows give the panes the best
/// proportions.
fn rows_of_grid(panes: usize, area: Vec2) -> Vec<Range<usize>> {
    if panes == 0 {
        return Vec::new();
    }
    let mut best = 1;
    for rows in 2..=panes {
        if quality(panes, rows, area) > quality(panes, best, area) {
            best = rows;
        }
    }
    let columns = panes.div_ceil(best);
    (0..panes.div_ceil(columns))
        .map(|row| row * columns..((row + 1) * columns).min(panes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PaneScene;
    use crate::pane_request::{PaneDirection, Placement};

    fn scenes(count: u32) -> Vec<PaneScene> {
        let scene = |id| PaneScene {
            id: PaneId(id),
            feed: None,
        };
        (1..=count).map(scene).collect()
    }

    /// Opens panes by a key, one after the other, until there are this many.
    fn open_up_to(tiles: &mut Tiles, from: u32, to: u32) {
        for count in from..=to {
            tiles.place_next(Placement::Roomiest(PaneId(1)));
            tiles.sync(&scenes(count));
        }
    }

    #[test]
    fn panes_of_a_key_form_the_grid_of_panes_that_are_opened_at_once() {
        for count in 2..=9 {
            let mut at_once = Tiles::default();
            at_once.sync(&scenes(count));
            let mut tiles = Tiles::default();
            tiles.sync(&scenes(1));
            open_up_to(&mut tiles, 2, count);
            assert_eq!(tiles.layout(), at_once.layout(), "{count}");
            assert!(!tiles.take_crowded());
        }
    }

    #[test]
    fn a_pane_becomes_a_tab_only_where_the_grid_would_not_be_readable() {
        let mut tiles = Tiles::default();
        tiles.sync(&scenes(9));
        open_up_to(&mut tiles, 10, 10);
        assert!(tiles.take_crowded());
        assert!(!tiles.take_crowded(), "it is reported once");
        let tabs = |tiles: &Tiles| format!("{:?}", tiles.layout()).contains("Tabs");
        assert!(tabs(&tiles));
        // With fewer panes, all of them are visible again.
        tiles.sync(&scenes(5));
        open_up_to(&mut tiles, 6, 6);
        assert!(!tabs(&tiles), "{:?}", tiles.layout());
    }

    #[test]
    fn the_layout_of_the_user_stays_and_a_large_pane_is_halved() {
        let mut tiles = Tiles::default();
        tiles.sync(&scenes(2));
        tiles.resize(PaneId(1), PaneDirection::Right);
        for _ in 0..3 {
            tiles.resize(PaneId(1), PaneDirection::Right);
        }
        open_up_to(&mut tiles, 3, 3);
        let Some(Layout::Row(parts)) = tiles.layout() else {
            panic!("{:?}", tiles.layout());
        };
        let panes: Vec<_> = parts.iter().map(|part| part.layout.clone()).collect();
        assert_eq!(panes, [1, 3, 2].map(Layout::Pane));
        assert!(parts[2].share < 1.0);
        // A feed that is found later in a file halves another pane, and does not become a sliver at the right end.
        tiles.sync(&scenes(4));
        let layout = format!("{:?}", tiles.layout());
        assert!(layout.contains("Column"), "{layout}");
    }

    #[test]
    fn panes_that_are_found_later_join_the_grid() {
        let mut at_once = Tiles::default();
        at_once.sync(&scenes(7));
        let mut tiles = Tiles::default();
        for found in [1, 2, 6, 7] {
            tiles.sync(&scenes(found));
        }
        assert_eq!(tiles.layout(), at_once.layout());
    }

    #[test]
    fn a_grid_of_a_former_window_is_extended() {
        let mut former = Tiles::default();
        former.sync(&scenes(4));
        let mut tiles = Tiles::default();
        tiles.set_layout(&former.layout().unwrap());
        tiles.sync(&scenes(4));
        open_up_to(&mut tiles, 5, 6);
        let mut at_once = Tiles::default();
        at_once.sync(&scenes(6));
        assert_eq!(tiles.layout(), at_once.layout());
    }

    #[test]
    fn panes_form_a_grid_in_which_each_stays_readable() {
        let lengths = |panes, width, height| {
            let rows = rows_of_grid(panes, vec2(width, height));
            rows.iter().map(Range::len).collect::<Vec<_>>()
        };
        assert_eq!(lengths(3, 1280.0, 760.0), [3]);
        assert_eq!(lengths(3, 1000.0, 760.0), [2, 1]);
        assert_eq!(lengths(4, 1280.0, 760.0), [2, 2]);
        assert_eq!(lengths(5, 1280.0, 760.0), [3, 2]);
        assert_eq!(lengths(6, 1280.0, 760.0), [3, 3]);
        assert_eq!(lengths(6, 1920.0, 1040.0), [3, 3]);
        assert_eq!(lengths(9, 1280.0, 760.0), [3, 3, 3]);
        assert_eq!(lengths(4, 1920.0, 1040.0), [4]);
    }
}
