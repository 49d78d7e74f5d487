//! Payloads taken apart for people who look at one: what stands in a JSON text, what changed since the record before,
//! what a base64 text stands for. Never changes a byte of what came.

pub mod base64_text;
pub mod json;
pub mod number;
