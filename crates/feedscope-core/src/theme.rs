//! Theme of the window: one type for the settings file, the command line and the window.

use std::fmt;
use std::str::FromStr;

/// Theme of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    /// Theme of the desktop.
    #[default]
    System,
    /// Dark theme.
    Dark,
    /// Light theme.
    Light,
}

impl ThemeChoice {
    /// All themes, in the order in which messages list them.
    pub const ALL: [Self; 3] = [Self::System, Self::Dark, Self::Light];

    /// Returns the theme's name in the settings file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// Error for a name that is not the name of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownTheme;

impl fmt::Display for UnknownTheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [system, dark, light] = ThemeChoice::ALL.map(ThemeChoice::name);
        write!(f, "the theme is \"{system}\", \"{dark}\" or \"{light}\"")
    }
}

impl std::error::Error for UnknownTheme {}

impl FromStr for ThemeChoice {
    type Err = UnknownTheme;

    fn from_str(name: &str) -> Result<Self, UnknownTheme> {
        let named = Self::ALL.into_iter().find(|theme| theme.name() == name);
        named.ok_or(UnknownTheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_read_back_and_others_are_refused() {
        for theme in ThemeChoice::ALL {
            assert_eq!(theme.name().parse(), Ok(theme));
        }
        for name in ["", "Dark", "blue", "dark "] {
            assert_eq!(name.parse::<ThemeChoice>(), Err(UnknownTheme));
        }
        assert_eq!(
            UnknownTheme.to_string(),
            "the theme is \"system\", \"dark\" or \"light\""
        );
    }
}
