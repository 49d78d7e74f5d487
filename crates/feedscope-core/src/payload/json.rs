//! Outline of a JSON text (RFC 8259): its values in order, with their positions in the text. It does not create values
//! or keep the text.
//!
//! Therefore numbers and strings stay as they were written.
//!
//! A text of a hundred megabytes has millions of values. Each value needs twelve bytes, and an object or array needs
//! twenty more. Data that can be found again in the text around a value is not stored.

mod changes;
mod outline;
mod pretty;
mod reading;
mod strings;

pub use changes::{Changed, Likeness, changed_numbers, likeness};
pub use outline::{Name, NoOutline, Node, Outline, Shape};
pub use pretty::pretty;
pub use reading::Reading;
pub use strings::{unchecked_string_end, unescaped};

#[cfg(test)]
mod tests;
