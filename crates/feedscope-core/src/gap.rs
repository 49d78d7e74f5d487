//! What a resume lost or repeated, told from the ids around it. Stub to be filled.

use serde::{Deserialize, Serialize};

/// What can be known about a resume from the ids on both sides of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// How many records never came, where ids are consecutive integers; `None` where ids do not tell.
    pub missing: Option<u64>,
    /// How many records came a second time; `None` where ids do not tell.
    pub repeated: Option<u64>,
    /// The last id before the connection was lost.
    pub from: String,
    /// The first id after it.
    pub to: String,
}
