//! Dependencies in a `Cargo.toml` with their lines, except for those of tests. This module does not judge them.

/// Entry in the dependencies of a manifest.
pub(super) struct Dependency {
    /// Line number, counted from 1.
    pub(super) line: usize,
    /// Name of the package itself, even if the manifest renames it.
    pub(super) name: String,
    /// Entry as in the file, on one line.
    pub(super) entry: String,
}

/// Returns the dependencies of a manifest in order, except for those of tests.
pub(super) fn dependencies(text: &str) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    let mut section = Section::Other;
    for (index, line) in text.lines().enumerate() {
        let code = line.split('#').next().unwrap_or_default().trim();
        if code.starts_with('[') {
            section = Section::of(code.trim_matches(['[', ']']));
            if let Section::One(name) = &section {
                found.push(Dependency {
                    line: index + 1,
                    name: name.clone(),
                    entry: String::new(),
                });
            }
        } else if matches!(section, Section::List) && code.contains('=') {
            let key = code
                .split(['=', '.'])
                .next()
                .unwrap_or_default()
                .trim()
                .trim_matches('"');
            let name = renamed(code).unwrap_or(key);
            found.push(Dependency {
                line: index + 1,
                name: name.to_owned(),
                entry: code.to_owned(),
            });
        } else if let (Section::One(_), Some(dependency)) = (&section, found.last_mut()) {
            dependency.entry.push_str(code);
            if let Some(name) = renamed(code) {
                name.clone_into(&mut dependency.name);
            }
        }
    }
    found
}

enum Section {
    /// Section `[dependencies]`, also for one target or for a build script.
    List,
    /// Section `[dependencies.name]`.
    One(String),
    Other,
}

impl Section {
    fn of(header: &str) -> Self {
        let (table, last) = header.rsplit_once('.').unwrap_or(("", header));
        if is_list(last) {
            Self::List
        } else if is_list(table.rsplit('.').next().unwrap_or_default()) {
            Self::One(last.to_owned())
        } else {
            Self::Other
        }
    }
}

fn is_list(table: &str) -> bool {
    matches!(table, "dependencies" | "build-dependencies")
}

/// Returns the text after `package =`.
fn renamed(code: &str) -> Option<&str> {
    let (_, rest) = code.split_once("package = \"")?;
    rest.split('"').next()
}
