//! Values of paths in JSON bytes, read without building a tree: for filters, measures and everything else that looks at
//! one field of many payloads.
//!
//! A [`FieldReader`] goes over the bytes once for all of its paths. It reads strict JSON (RFC 8259) only, so that a payload
//! that it refuses may still be read by another reader. As in a tree, the last of several equal keys counts.
//!
//! ```
//! use feedscope_analysis::fields::{FieldReader, FoundValue, Path, Value};
//!
//! let reader = FieldReader::new([Path::parse(".symbol").unwrap(), Path::parse(".book.bid[1]").unwrap()]).unwrap();
//! let found = reader.read(br#"{"symbol":"ACME","book":{"bid":["14.70","14.69"]}}"#).unwrap();
//! assert_eq!(found[1].value().and_then(|bid| bid.number()).as_deref(), Some("14.69"));
//! let FoundValue::Value(Value::Text(symbol)) = found[0] else { panic!() };
//! assert_eq!(symbol.to_str(), "ACME");
//! ```

mod nearest;
pub(crate) mod path;
mod scan;
mod text;
mod value;

pub use nearest::nearest;
pub use path::{NotAPath, Path};
pub use scan::Unread;
pub use text::Text;
pub use value::{FoundValue, FoundValues, MOST_PATHS, Value};

pub(crate) use value::is_decimal;

#[cfg(test)]
use path::PathStep;

/// Reads the values of several paths in one pass.
#[derive(Clone, Debug, Default)]
pub struct FieldReader {
    paths: Vec<Path>,
}

impl FieldReader {
    /// A reader for these paths; `None` if they are more than [`MOST_PATHS`].
    pub fn new(paths: impl IntoIterator<Item = Path>) -> Option<Self> {
        let paths: Vec<_> = paths.into_iter().collect();
        (paths.len() <= MOST_PATHS).then_some(Self { paths })
    }

    /// Returns true if there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Reads the values in a payload. Places after those of the paths are [`FoundValue::Missing`].
    ///
    /// # Errors
    ///
    /// The payload is not strict JSON, or has numbers or nesting beyond the limits of filters.
    pub fn read<'a>(&self, json: &'a [u8]) -> Result<FoundValues<'a>, Unread> {
        scan::read(json, &self.paths)
    }
}

#[cfg(test)]
mod tests;
