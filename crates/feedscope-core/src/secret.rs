//! [`Secret`]: a value that is not written when a structure is formatted for debugging.

use std::fmt;
use std::str::FromStr;

/// Value whose `Debug` form is always the same, such as the value of a header or the password of a proxy.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Secret<T = String>(T);

impl<T> Secret<T> {
    /// Returns the value itself. A caller that shows it to a person masks it.
    pub fn reveal(&self) -> &T {
        &self.0
    }

    /// Returns the value itself, without a copy.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T: FromStr> FromStr for Secret<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹secret›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_compared_but_not_written() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), {
            "‹secret› Some(\n    ‹secret›,\n)"
        });
        assert_eq!(secret, "hunter2".to_owned().into());
        assert_ne!(secret, "hunter3".into());
        assert_eq!(secret.reveal(), "hunter2");
        assert_eq!(secret.into_revealed(), "hunter2");
    }
}
