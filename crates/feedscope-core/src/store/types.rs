//! Event types of a chunk that is being written.

use std::collections::HashMap;
use std::ops::Range;

use super::layout::{TYPE_END_LEN, u32_at};
use super::row::MOST_TYPES;

/// Event types of a chunk. Each one is stored once and has a number.
#[derive(Default)]
pub(super) struct Types {
    /// End of each name in `names`.
    pub(super) ends: Vec<[u8; TYPE_END_LEN]>,
    pub(super) names: Vec<u8>,
    pub(super) numbers: HashMap<Box<[u8]>, u16>,
    /// Number of the newest event's type, and the range of its name.
    pub(super) last: Option<(u16, Range<usize>)>,
}

impl Types {
    /// Maximum length of a name in bytes. Together with [`MOST_TYPES`], it bounds memory when every event has a new
    /// type.
    const LONGEST: usize = 64;
    /// Maximum number of types that are kept from one group to the next.
    pub(super) const FEW: usize = 16;

    pub(super) fn number_of(&mut self, name: &[u8]) -> Option<u16> {
        // Most events have the same type as the previous one.
        if let Some((number, place)) = &self.last
            && self.names[place.clone()] == *name
        {
            return Some(*number);
        }
        let number = match self.numbers.get(name) {
            Some(&number) => number,
            None if name.len() > Self::LONGEST || self.ends.len() >= MOST_TYPES => return None,
            None => {
                let number = self.ends.len() as u16;
                self.names.extend_from_slice(name);
                self.ends.push((self.names.len() as u32).to_le_bytes());
                self.numbers.insert(name.into(), number);
                number
            }
        };
        self.last = Some((number, self.place(number)));
        Some(number)
    }

    /// Returns the numbers of these types among its own; `None` if one of them has no room.
    pub(super) fn numbers_of(&mut self, others: &Self) -> Option<Vec<u16>> {
        (0..others.ends.len() as u16)
            .map(|number| self.number_of(&others.names[others.place(number)]))
            .collect()
    }

    pub(super) fn place(&self, number: u16) -> Range<usize> {
        let end = |at: usize| u32_at(&self.ends[at], 0) as usize;
        let number = usize::from(number);
        number.checked_sub(1).map_or(0, end)..end(number)
    }

    /// Drops the data that is needed only for more events.
    pub(super) fn seal(&mut self) {
        self.ends.shrink_to_fit();
        self.names.shrink_to_fit();
        self.numbers = HashMap::new();
        self.last = None;
    }

    pub(super) fn memory(&self) -> usize {
        // The size of a name on the heap is estimated.
        let number = size_of::<(Box<[u8]>, u16)>() + Self::LONGEST / 4;
        self.names.capacity()
            + self.ends.capacity() * TYPE_END_LEN
            + self.numbers.capacity() * number
    }
}
