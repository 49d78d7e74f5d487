//! Parts of a payload for people who read it. This code never changes a received byte.
//!
//! It covers the values of a JSON text, changes since an earlier record, decoded base64, and rows of text and of bytes.

pub mod base64_text;
pub mod escapes;
pub mod hex;
pub mod joiner;
pub mod json;
pub mod number;
pub mod text_rows;
