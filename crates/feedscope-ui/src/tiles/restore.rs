//! Layout of the tiles as a value, and tiles from such a value.

use std::collections::BTreeSet;

use egui_tiles::{Container, Linear, LinearDir, Tabs, Tile, TileId};

use super::Tiles;
use super::layout::{Layout, LayoutPart};
use crate::ids::PaneId;

/// Limits of a share. The usual share is 1.
const SHARES: std::ops::RangeInclusive<f32> = 0.01..=100.0;

impl Tiles {
    /// Returns the layout; `None` without panes.
    pub(crate) fn layout(&self) -> Option<Layout> {
        self.layout_of(self.tree.root?)
    }

    fn layout_of(&self, tile: TileId) -> Option<Layout> {
        let container = match self.tree.tiles.get(tile)? {
            Tile::Pane(pane) => return Some(Layout::Pane(pane.0)),
            Tile::Container(container) => container,
        };
        let share = |child: TileId| match container {
            Container::Linear(row) => row.shares[child],
            Container::Tabs(_) | Container::Grid(_) => 1.0,
        };
        let parts = container.children().filter_map(|child| {
            let layout = self.layout_of(*child)?;
            // Thousandths are more exact than a pixel, and the text stays short.
            let share = (share(*child) * 1000.0).round() / 1000.0;
            Some(LayoutPart { share, layout })
        });
        let parts: Vec<LayoutPart> = parts.collect();
        Some(match container {
            Container::Linear(row) if row.dir == LinearDir::Vertical => Layout::Column(parts),
            Container::Linear(_) | Container::Grid(_) => Layout::Row(parts),
            Container::Tabs(tabs) => {
                let front = |tile: &TileId| Some(*tile) == tabs.active;
                Layout::Tabs {
                    front: tabs.children.iter().position(front).unwrap_or(0),
                    tabs: parts.into_iter().map(|part| part.layout).collect(),
                }
            }
        })
    }

    /// Replaces the layout. A pane that occurs twice keeps its first place.
    pub(crate) fn set_layout(&mut self, layout: &Layout) {
        *self = Self {
            area: self.area,
            ..Self::default()
        };
        self.tree.root = self.build(layout, &mut BTreeSet::new());
    }

    /// Builds the tiles of a layout. Returns `None` if it has no panes.
    fn build(&mut self, layout: &Layout, placed: &mut BTreeSet<u32>) -> Option<TileId> {
        match layout {
            Layout::Pane(id) => {
                let is_new = placed.insert(*id);
                is_new.then(|| self.tree.tiles.insert_pane(PaneId(*id)))
            }
            Layout::Row(parts) => self.build_line(LinearDir::Horizontal, parts, placed),
            Layout::Column(parts) => self.build_line(LinearDir::Vertical, parts, placed),
            Layout::Tabs { front, tabs } => {
                let built: Vec<_> = tabs.iter().map(|tab| self.build(tab, placed)).collect();
                let active = built.get(*front).copied().flatten();
                let children: Vec<TileId> = built.into_iter().flatten().collect();
                if let [] | [_] = children[..] {
                    return children.first().copied();
                }
                let mut tabs = Tabs::new(children);
                if let Some(active) = active {
                    tabs.set_active(active);
                }
                Some(self.tree.tiles.insert_container(tabs))
            }
        }
    }

    fn build_line(
        &mut self,
        dir: LinearDir,
        parts: &[LayoutPart],
        placed: &mut BTreeSet<u32>,
    ) -> Option<TileId> {
        let built = parts.iter().filter_map(|part| {
            let share = if part.share.is_finite() {
                part.share
            } else {
                1.0
            };
            Some((self.build(&part.layout, placed)?, share))
        });
        let built: Vec<(TileId, f32)> = built.collect();
        if let [] | [_] = built[..] {
            return built.first().map(|(tile, _)| *tile);
        }
        let mut row = Linear::new(dir, built.iter().map(|(tile, _)| *tile).collect());
        for (tile, share) in built {
            row.shares
                .set_share(tile, share.clamp(*SHARES.start(), *SHARES.end()));
        }
        Some(self.tree.tiles.insert_container(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(share: f32, layout: Layout) -> LayoutPart {
        LayoutPart { share, layout }
    }

    fn nested() -> Layout {
        let tabs = Layout::Tabs {
            front: 1,
            tabs: vec![Layout::Pane(2), Layout::Pane(5)],
        };
        let column = Layout::Column(vec![part(1.0, tabs), part(0.5, Layout::Pane(4))]);
        Layout::Row(vec![part(1.25, Layout::Pane(1)), part(0.75, column)])
    }

    #[test]
    fn a_layout_is_the_same_after_a_restart() {
        let mut tiles = Tiles::default();
        assert_eq!(tiles.layout(), None);
        tiles.set_layout(&nested());
        assert_eq!(tiles.layout(), Some(nested()));
        assert_eq!(tiles.order(), [1, 2, 5, 4].map(PaneId));
        let text = serde_json::to_string(&nested()).unwrap();
        assert_eq!(serde_json::from_str::<Layout>(&text).unwrap(), nested());
    }

    #[test]
    fn a_wrong_layout_gives_a_useful_one() {
        let mut tiles = Tiles::default();
        tiles.set_layout(&Layout::Row(vec![
            part(f32::INFINITY, Layout::Pane(1)),
            part(0.0, Layout::Pane(1)),
            part(-3.0, Layout::Column(Vec::new())),
            part(
                1.0,
                Layout::Tabs {
                    front: 9,
                    tabs: vec![Layout::Pane(2)],
                },
            ),
        ]));
        let expected = Layout::Row(vec![part(1.0, Layout::Pane(1)), part(1.0, Layout::Pane(2))]);
        assert_eq!(tiles.layout(), Some(expected));
        tiles.set_layout(&Layout::Row(Vec::new()));
        assert_eq!(tiles.layout(), None);
    }
}
