//! Number of a row in its store, and index of a row in a listing. They are two types, so that they cannot be swapped.
//! Both have the size of an integer.

use std::fmt;
use std::ops::{Add, AddAssign, Range, Sub};

/// Number of a record in its store, from 0 for the first record of the feed. It never changes, even if other rows are
/// let go or cleared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowNumber(pub u64);

/// Index of a row among the rows that a listing shows, from 0 for the oldest. It changes when older rows are let go or
/// found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingIndex(pub u64);

impl RowNumber {
    /// Number that no row ever has.
    pub const MAX: Self = Self(u64::MAX);

    /// Returns the numbers in a range, in order.
    pub fn each(range: Range<Self>) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (range.start.0..range.end.0).map(Self)
    }
}

/// Implements addition, subtraction and distance for a type of number.
macro_rules! counts {
    ($number:ident) => {
        impl $number {
            /// Returns the number that is `count` before this one; at least 0.
            #[must_use]
            pub const fn saturating_sub(self, count: u64) -> Self {
                Self(self.0.saturating_sub(count))
            }

            /// Returns the number that is `count` before this one; `None` if it would be negative.
            pub const fn checked_sub(self, count: u64) -> Option<Self> {
                match self.0.checked_sub(count) {
                    Some(number) => Some(Self(number)),
                    None => None,
                }
            }

            /// Returns the distance from `earlier` to this number; `None` if `earlier` is later.
            pub const fn checked_since(self, earlier: Self) -> Option<u64> {
                self.0.checked_sub(earlier.0)
            }

            /// Returns the distance from `earlier` to this number; 0 if `earlier` is later.
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

            /// Returns the distance from `earlier` to this number. `earlier` must not be later.
            fn sub(self, earlier: Self) -> u64 {
                self.0 - earlier.0
            }
        }
    };
}

counts!(RowNumber);
counts!(ListingIndex);
