//! The number of a row and the place of a row in a listing: two types, so that they cannot be swapped. Both cost as much
//! as the integer that they hold.

use std::fmt;
use std::ops::{Add, AddAssign, Range, Sub};

/// The number of a record in its store, from 0 for the first that ever arrived. It stays the same for as long as the
/// feed lives, whatever is let go or cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowNumber(pub u64);

/// The place of a row among those that a listing shows, from 0 for the oldest. It changes when older rows are let go,
/// or found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingIndex(pub u64);

impl RowNumber {
    /// A number that no row ever has.
    pub const MAX: Self = Self(u64::MAX);

    /// The numbers in a range, in order.
    pub fn each(range: Range<Self>) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (range.start.0..range.end.0).map(Self)
    }
}

/// Counting on and back, and the distance between two.
macro_rules! counts {
    ($number:ident) => {
        impl $number {
            /// The number `count` before this one, or the first.
            #[must_use]
            pub const fn saturating_sub(self, count: u64) -> Self {
                Self(self.0.saturating_sub(count))
            }

            /// The number `count` before this one; `None` where there is none.
            pub const fn checked_sub(self, count: u64) -> Option<Self> {
                match self.0.checked_sub(count) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// Distance from `earlier` to this one; `None` where `earlier` is later.
            pub const fn checked_since(self, earlier: Self) -> Option<u64> {
                self.0.checked_sub(earlier.0)
            }

            /// Distance from `earlier` to this one; 0 where `earlier` is later.
            pub const fn since(self, earlier: Self) -> u64 {
                self.0.saturating_sub(earlier.0)
            }
        }

        impl fmt::Display for $number {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Add<u64> for $number {
            type Output = Self;

            fn add(self, count: u64) -> Self {
                Self(self.0 + count)
            }
        }

        impl AddAssign<u64> for $number {
            fn add_assign(&mut self, count: u64) {
                self.0 += count;
            }
        }

        impl Sub for $number {
            type Output = u64;

            /// Distance from `earlier` to this one; `earlier` must not be later.
            fn sub(self, earlier: Self) -> u64 {
                self.0 - earlier.0
            }
        }
    };
}

counts!(RowNumber);
counts!(ListingIndex);
