//! Payloads taken apart for people who look at one. Never changes a byte of what came.
//!
//! The values of a JSON text, what changed since the record before, what base64 stands for, rows of text and of bytes.

pub mod base64_text;
pub mod hex;
pub mod json;
pub mod number;
pub mod text_rows;
