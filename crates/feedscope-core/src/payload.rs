//! Payloads taken apart for people who look at one: what stands in a JSON text, what changed since the record before.
//! Never changes a byte of what came.

pub mod json;
