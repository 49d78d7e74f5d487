//! A file with variables, such as `.env`. It is read where a connection names it, and nothing of it is printed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// Names and values of one file. The values may be secrets, so that `Debug` hides them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EnvFile {
    values: BTreeMap<String, String>,
}

impl fmt::Debug for EnvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}

impl EnvFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// A sentence about a file that cannot be read, or the line that is not `NAME=VALUE`.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = super::read_regular(path)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        Self::parse(&text).map_err(|line| {
            format!(
                "{}, line {line}: it is not written NAME=VALUE",
                path.display()
            )
        })
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Reads lines `NAME=VALUE`, with `export` before the name or not. Quotation marks around a value are left out; in
    /// double ones, `\n`, `\"` and `\\` are escapes. Returns the number of a line in another form.
    fn parse(text: &str) -> Result<Self, usize> {
        let mut values = BTreeMap::new();
        for (place, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let line = line.strip_prefix("export ").unwrap_or(line);
            let (name, value) = line.split_once('=').ok_or(place + 1)?;
            let name = name.trim();
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(place + 1);
            }
            values.insert(name.to_owned(), unquoted(value.trim()).ok_or(place + 1)?);
        }
        Ok(Self { values })
    }
}

/// The value without its quotation marks, or without a comment; `None` if the marks are not closed.
fn unquoted(value: &str) -> Option<String> {
    if let Some(quoted) = value.strip_prefix('\'') {
        return quoted.split_once('\'').map(|(inner, _)| inner.to_owned());
    }
    let Some(quoted) = value.strip_prefix('"') else {
        // A comment needs a space before it, because values may contain `#`.
        let end = value.find(" #").unwrap_or(value.len());
        return Some(value[..end].trim_end().to_owned());
    };
    let mut text = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'n' => text.push('\n'),
                escaped @ ('"' | '\\') => text.push(escaped),
                other => text.extend(['\\', other]),
            },
            char => text.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_shells_write_them() {
        let text = "# note\n\nA=1\nexport B = two words # note\nC='it''s #1'\nD=\"a\\n\\\"b\\\\\"\nE=\nF=a#b\n";
        let file = EnvFile::parse(text).unwrap();
        for (name, value) in [
            ("A", "1"),
            ("B", "two words"),
            ("C", "it"),
            ("D", "a\n\"b\\"),
            ("E", ""),
            ("F", "a#b"),
        ] {
            assert_eq!(file.get(name), Some(value), "{name}");
        }
        assert_eq!(file.get("G"), None);
    }

    #[test]
    fn other_lines_are_named_and_values_are_not_printed() {
        for (text, line) in [
            ("A=1\nB", 2),
            ("=1", 1),
            ("A B=1", 1),
            ("A=\"1", 1),
            ("A='1", 1),
        ] {
            assert_eq!(EnvFile::parse(text), Err(line), "{text}");
        }
        let secret = EnvFile::parse("TOKEN=s3cret").unwrap();
        assert_eq!(format!("{secret:?}"), "{\"TOKEN\"}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, "TOKEN s3cret").unwrap();
        let problem = EnvFile::load(&path).unwrap_err();
        assert!(
            problem.ends_with(".env, line 1: it is not written NAME=VALUE"),
            "{problem}"
        );
    }
}
