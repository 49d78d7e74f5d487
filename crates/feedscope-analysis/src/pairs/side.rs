//! Feed of a comparison.

/// Feed of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedSide {
    /// The feed from which differences are counted.
    Base,
    /// The feed that is compared with it.
    Other,
}

impl ComparedSide {
    /// Both feeds.
    pub const BOTH: [Self; 2] = [Self::Base, Self::Other];

    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Base => Self::Other,
            Self::Other => Self::Base,
        }
    }
}
