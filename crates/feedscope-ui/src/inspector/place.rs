//! Place and size of the inspector, which the user chooses.

use serde::{Deserialize, Serialize};

/// Place of the inspector, as a later window restores it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InspectorPlace {
    /// It is beside the rows if the pane is wide enough.
    pub beside: bool,
    /// Height in points below the rows; `None` for the usual one.
    pub height: Option<f32>,
    /// Width in points beside the rows; `None` for the usual one.
    pub width: Option<f32>,
}
