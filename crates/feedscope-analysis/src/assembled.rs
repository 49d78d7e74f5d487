//! Documents that arrive in parts, such as the answer of a large language model: text, reasoning, tool calls, stop reason
//! and usage, joined while they arrive. Stored data never changes.
//!
//! ```
//! use feedscope_analysis::assembled::Documents;
//! use feedscope_analysis::interpret::Interpreter;
//! use feedscope_analysis::lenses::{Choice, FeedAddress};
//! use feedscope_core::{Kind, Record, Stamp};
//!
//! let mut documents = Documents::new(Choice::Auto, &FeedAddress::default(), Interpreter::default());
//! let parts = [
//!     r#"{"object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hel"}}]}"#,
//!     r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
//!     "[DONE]",
//! ];
//! let mut complete = Vec::new();
//! for data in parts {
//!     let kind = Kind::Event { event: b"message", id: b"", data: data.as_bytes() };
//!     let read = documents.read(&Record { stamp: Stamp::default(), connection: 1, kind });
//!     assert!(read.is_part);
//!     complete.extend(read.ended);
//! }
//! assert_eq!((complete[0].text(), complete[0].is_complete()), ("Hello", true));
//! ```

mod document;
mod documents;
pub(crate) mod vendor;

pub use document::{Document, DocumentPart, PartKind, ToolCall};
pub use documents::{DocumentRead, Documents};

#[cfg(test)]
mod tests;
