//! The dependencies that a `Cargo.toml` names, and on which line. Those of tests are left out; it never judges any.

/// One entry among a manifest's dependencies.
pub(super) struct Dependency {
    /// Counted from 1.
    pub(super) line: usize,
    /// The package's own name, also where the manifest gives it another.
    pub(super) name: String,
    /// The entry as it stands in the file, on one line.
    pub(super) entry: String,
}

/// The dependencies of a manifest that are not for tests, in their order.
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
    /// `[dependencies]`, also for one target or for building.
    List,
    /// `[dependencies.name]`.
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

/// What follows `package =`.
fn renamed(code: &str) -> Option<&str> {
    let (_, rest) = code.split_once("package = \"")?;
    rest.split('"').next()
}
