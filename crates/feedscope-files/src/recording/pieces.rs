//! Rows of the blocks of a file that count: of two blocks with common rows, the later one. Reads no file.

use std::collections::BTreeMap;
use std::ops::Range;

use feedscope_core::store::RowNumber;

use super::scan::{BlockScan, RowsBlock};

/// Rows of a block that no later block contains.
pub(super) struct Piece {
    /// Place of the block among those of the scan. A file may have a million blocks, so that the header is not copied.
    pub(super) block: usize,
    pub(super) rows: Range<RowNumber>,
}

/// Returns the rows of each feed by their first row: of two blocks with common rows, the later one counts.
pub(super) fn pieces(scan: &BlockScan) -> BTreeMap<u32, BTreeMap<RowNumber, Piece>> {
    let mut feeds: BTreeMap<u32, BTreeMap<RowNumber, Piece>> = BTreeMap::new();
    for (block, RowsBlock { header, .. }) in scan.blocks.iter().enumerate() {
        let (first, end) = (header.first_row(), header.end_row());
        if first == end {
            continue;
        }
        let pieces = feeds.entry(header.tags().feed).or_default();
        // The last piece that begins before the block may reach into it, and even beyond it.
        if let Some((_, before)) = pieces.range_mut(..first).next_back()
            && before.rows.end > first
        {
            let rest = end..before.rows.end;
            before.rows.end = first;
            if rest.start < rest.end {
                let rest = Piece {
                    block: before.block,
                    rows: rest,
                };
                pieces.insert(end, rest);
            }
        }
        while let Some((&begin, _)) = pieces.range(first..end).next() {
            if let Some(mut covered) = pieces.remove(&begin)
                && covered.rows.end > end
            {
                covered.rows.start = end;
                pieces.insert(end, covered);
            }
        }
        let piece = Piece {
            block,
            rows: first..end,
        };
        pieces.insert(first, piece);
    }
    feeds
}
