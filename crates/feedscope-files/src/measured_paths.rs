//! Paths of the fields that a feed's measures read, as the files of the user contain them. This module reads and writes no
//! file, and does not check the paths.

use serde::{Deserialize, Serialize};
use toml_edit::{InlineTable, Item, TableLike, Value};

/// Paths of the fields that the measures of a feed read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeasuredPaths {
    /// The server's time, for the latency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// A number that should count up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// The value that distinguishes one sequence from another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl MeasuredPaths {
    /// Returns true if no field is measured.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the paths as a table in one line.
    pub(crate) fn to_value(&self) -> Value {
        let Self {
            time,
            sequence,
            key,
        } = self;
        let paths = [("time", time), ("sequence", sequence), ("key", key)].into_iter();
        let set = paths.filter_map(|(name, path)| Some((name, path.as_deref()?)));
        Value::InlineTable(set.collect::<InlineTable>())
    }

    /// Parses a table. `unknown` gets the other keys of the table. Returns `None` if a path is not a text.
    pub(crate) fn parse(item: &Item, mut unknown: impl FnMut(&str, &Item)) -> Option<Self> {
        let table: &dyn TableLike = item.as_table_like()?;
        let mut paths = Self::default();
        for (key, item) in table.iter() {
            let path = match key {
                "time" => &mut paths.time,
                "sequence" => &mut paths.sequence,
                "key" => &mut paths.key,
                _ => {
                    unknown(key, item);
                    continue;
                }
            };
            *path = Some(item.as_str()?.to_owned());
        }
        Some(paths)
    }
}
