//! Payloads taken apart for people who look at one: the values of a JSON text, what changed since the record before, what
//! a base64 text stands for, rows of text and bytes. Never changes a byte of what came.

pub mod base64_text;
pub mod hex;
pub mod json;
pub mod number;
pub mod text_rows;
