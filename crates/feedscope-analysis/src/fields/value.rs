//! Values in JSON bytes, as a scan finds them at the ends of paths.

use std::borrow::Cow;

use super::text::Text;

/// Number of paths that one reader takes.
pub const MOST_PATHS: usize = 8;

/// The value at the end of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum FoundValue<'a> {
    /// There is nothing there; jq has `null`.
    #[default]
    Missing,
    /// The path leads into a number, text or literal, or names a key of an array; jq has an error.
    NoParts,
    /// A value.
    Value(Value<'a>),
}

/// A JSON value in its bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    /// A text.
    Text(Text<'a>),
    /// An array with its brackets.
    Array(&'a [u8]),
    /// An object with its braces.
    Object(&'a [u8]),
}

/// The values of a reader's paths, in their order.
pub type FoundValues<'a> = [FoundValue<'a>; MOST_PATHS];

impl<'a> FoundValue<'a> {
    /// The value; `None` where there is none.
    pub fn value(self) -> Option<Value<'a>> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::NoParts => None,
        }
    }
}

impl<'a> Value<'a> {
    /// A number, or a text that is a decimal number, as exchanges send prices.
    pub fn number(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Number(number) => Some(Cow::Borrowed(number)),
            Self::Text(text) => Some(text.to_str()).filter(|text| is_decimal(text)),
            _ => None,
        }
    }

    /// The number as a float; `None` if there is none, or it is beyond the range of floats.
    pub fn float(self) -> Option<f64> {
        let number: f64 = self.number()?.parse().ok()?;
        number.is_finite().then_some(number)
    }
}

/// Returns true for a decimal number as JSON writes it. Leading zeros are allowed, as in texts with a fixed width.
pub(crate) fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    is_digits(whole) && fraction.is_none_or(is_digits) && unsigned.is_none_or(is_digits)
}
