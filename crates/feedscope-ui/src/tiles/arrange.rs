//! Focusing, resizing and moving of panes by keys.

use egui::{Pos2, Rect, Vec2, vec2};
use egui_tiles::{Container, Linear, LinearDir, Tile, TileId};

use super::Tiles;
use crate::ids::PaneId;
use crate::pane_request::PaneDirection;

impl PaneDirection {
    /// Returns the direction as a unit vector.
    fn step(self) -> Vec2 {
        match self {
            Self::Left => vec2(-1.0, 0.0),
            Self::Right => vec2(1.0, 0.0),
            Self::Up => vec2(0.0, -1.0),
            Self::Down => vec2(0.0, 1.0),
        }
    }

    /// Returns the direction of a row or column in which panes are neighbors in this direction.
    fn dir(self) -> LinearDir {
        match self {
            Self::Left | Self::Right => LinearDir::Horizontal,
            Self::Up | Self::Down => LinearDir::Vertical,
        }
    }

    /// Returns true for the direction of increasing coordinates.
    fn is_forward(self) -> bool {
        matches!(self, Self::Right | Self::Down)
    }
}

/// Share of a row or column that one key press moves.
const STEP: f32 = 0.05;

/// Minimum share of a pane that keys can reach.
const LEAST: f32 = 0.1;

impl Tiles {
    /// Returns the pane next to another one on a side. It is the one nearest to the pane's center.
    pub(crate) fn neighbor(&self, pane: PaneId, direction: PaneDirection) -> Option<PaneId> {
        let here = self.rect_of(pane)?;
        // Projecting onto the direction makes the four sides one case.
        let step = direction.step();
        let along = |at: Pos2| at.to_vec2().dot(step);
        let edge = along(here.center() + step * (here.size() / 2.0));
        let lies_beyond = |rect: &Rect| {
            let near = along(rect.center() - step * (rect.size() / 2.0));
            // A tolerance of a few points, because edges are rounded to whole pixels.
            near > edge - 4.0
        };
        let others = self.order().into_iter().filter(|it| *it != pane);
        others
            .filter_map(|it| Some((it, self.rect_of(it)?)))
            .filter(|(_, rect)| lies_beyond(rect))
            .min_by(|(_, a), (_, b)| {
                let distance = |rect: &Rect| rect.distance_to_pos(here.center());
                distance(a).total_cmp(&distance(b))
            })
            .map(|(it, _)| it)
    }

    /// Moves a pane to a side. It is swapped with the neighbor there, or becomes the edge of the window if there is
    /// none.
    pub(crate) fn carry(&mut self, pane: PaneId, direction: PaneDirection) {
        if let Some(other) = self.neighbor(pane, direction) {
            self.swap(pane, other);
            return;
        }
        let (Some(tile), Some(root)) = (self.tile_of(pane), self.tree.root) else {
            return;
        };
        // A direct child of the root row without a neighbor on that side is at the edge already.
        let is_edge = matches!(self.tree.tiles.get_container(root),
            Some(Container::Linear(row)) if row.dir == direction.dir() && row.children.contains(&tile));
        if root == tile || is_edge {
            return;
        }
        self.remove(pane);
        let tile = self.tree.tiles.insert_pane(pane);
        let Some(rest) = self.tree.root else {
            self.tree.root = Some(tile);
            return;
        };
        let both = if direction.is_forward() {
            vec![rest, tile]
        } else {
            vec![tile, rest]
        };
        let row = Linear::new(direction.dir(), both);
        self.tree.root = Some(self.tree.tiles.insert_container(row));
    }

    /// Swaps two panes. Each takes the place and the size of the other.
    fn swap(&mut self, one: PaneId, other: PaneId) {
        let (Some(a), Some(b)) = (self.tile_of(one), self.tile_of(other)) else {
            return;
        };
        if let Some(tile) = self.tree.tiles.get_mut(a) {
            *tile = Tile::Pane(other);
        }
        if let Some(tile) = self.tree.tiles.get_mut(b) {
            *tile = Tile::Pane(one);
        }
    }

    /// Moves the pane's edge on a side outwards. If the pane has no edge there, its opposite edge moves in that
    /// direction.
    pub(crate) fn resize(&mut self, pane: PaneId, direction: PaneDirection) {
        let Some(mut tile) = self.tile_of(pane) else {
            return;
        };
        // The edge belongs to the nearest row or column in this direction.
        while let Some(parent) = self.tree.tiles.parent_of(tile) {
            if let Some(Tile::Container(Container::Linear(row))) = self.tree.tiles.get_mut(parent)
                && row.dir == direction.dir()
                && row.children.len() > 1
            {
                move_edge(row, tile, direction.is_forward());
                return;
            }
            tile = parent;
        }
    }
}

/// Moves the edge after `tile` in a row, or the edge before it if it is the last one.
fn move_edge(row: &mut Linear, tile: TileId, forward: bool) {
    let Some(at) = row.children.iter().position(|it| *it == tile) else {
        return;
    };
    // The last tile has no edge after it.
    let before = at.min(row.children.len() - 2);
    let (left, right) = (row.children[before], row.children[before + 1]);
    let total: f32 = row.children.iter().map(|it| row.shares[*it]).sum();
    let (grows, shrinks) = if forward {
        (left, right)
    } else {
        (right, left)
    };
    // The step is smaller if the shrinking pane would become smaller than allowed.
    let step = (STEP * total).min(row.shares[shrinks] - LEAST * total);
    if step > 0.0 {
        row.shares[grows] += step;
        row.shares[shrinks] -= step;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Placement;
    use super::*;
    use crate::PaneScene;

    fn panes(ids: &[u32]) -> Vec<PaneScene> {
        let pane = |id: &u32| PaneScene {
            id: PaneId(*id),
            feed: None,
        };
        ids.iter().map(pane).collect()
    }

    fn ids(tiles: &Tiles) -> Vec<u32> {
        tiles.order().iter().map(|pane| pane.0).collect()
    }

    /// Returns the shares in percent of the row or column that a pane belongs to.
    fn shares(tiles: &Tiles, pane: u32) -> Vec<u32> {
        let parent = tiles
            .tree
            .tiles
            .parent_of(tiles.tile_of(PaneId(pane)).unwrap());
        let Some(Container::Linear(row)) = tiles.tree.tiles.get_container(parent.unwrap()) else {
            panic!("not in a row");
        };
        let total: f32 = row.children.iter().map(|it| row.shares[*it]).sum();
        let percent = |it: &TileId| (100.0 * row.shares[*it] / total).round() as u32;
        row.children.iter().map(percent).collect()
    }

    #[test]
    fn panes_come_and_go() {
        let mut tiles = Tiles::default();
        assert_eq!(tiles.sync(&panes(&[0, 1])), None);
        assert_eq!(ids(&tiles), [0, 1]);
        tiles.place_next(Placement::Right(PaneId(0)));
        assert_eq!(tiles.sync(&panes(&[0, 1, 2])), Some(PaneId(2)));
        assert_eq!(
            (ids(&tiles), shares(&tiles, 0)),
            (vec![0, 2, 1], vec![25, 25, 50])
        );
        tiles.place_next(Placement::Below(PaneId(1)));
        tiles.sync(&panes(&[0, 1, 2, 3]));
        assert_eq!(
            (ids(&tiles), shares(&tiles, 3)),
            (vec![0, 2, 1, 3], vec![50, 50])
        );
        tiles.place_next(Placement::Tab(PaneId(0)));
        tiles.sync(&panes(&[0, 1, 2, 3, 4]));
        assert_eq!(ids(&tiles), [0, 4, 2, 1, 3]);
        tiles.sync(&panes(&[3, 4]));
        assert_eq!(ids(&tiles), [4, 3]);
        tiles.sync(&panes(&[3]));
        assert_eq!(ids(&tiles), [3]);
        tiles.sync(&panes(&[5]));
        assert_eq!(ids(&tiles), [5]);
    }

    #[test]
    fn edges_are_moved_by_keys_within_bounds() {
        let mut tiles = Tiles::default();
        tiles.sync(&panes(&[0, 1]));
        tiles.resize(PaneId(0), PaneDirection::Right);
        assert_eq!(shares(&tiles, 0), [55, 45]);
        tiles.resize(PaneId(1), PaneDirection::Left);
        assert_eq!(shares(&tiles, 0), [50, 50]);
        for _ in 0..40 {
            tiles.resize(PaneId(1), PaneDirection::Right);
        }
        assert_eq!(shares(&tiles, 0), [90, 10]);
        // There is no edge in this direction.
        tiles.resize(PaneId(0), PaneDirection::Up);
        assert_eq!(shares(&tiles, 0), [90, 10]);
    }

    #[test]
    fn a_pane_without_a_neighbor_becomes_the_edge() {
        let mut tiles = Tiles::default();
        tiles.sync(&panes(&[0, 1, 2]));
        tiles.carry(PaneId(0), PaneDirection::Down);
        assert_eq!(
            (ids(&tiles), shares(&tiles, 0)),
            (vec![1, 2, 0], vec![50, 50])
        );
        // The pane is there already.
        tiles.carry(PaneId(0), PaneDirection::Down);
        assert_eq!(ids(&tiles), [1, 2, 0]);
    }
}
