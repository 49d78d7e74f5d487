//! Import cycles between the files of a package. A file uses another one if it names an item that the other one defines,
//! also if the name comes through a re-export. The declaration of a child and its re-export are no use of the child. This
//! module does not judge the cycles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::paths::{self, Mention, Outline, below};

/// Limit for the re-exports from a path to its item. Only a `use` that leads back to itself reaches it.
const LONGEST_WAY: usize = 32;

/// File of a package.
pub(super) struct Source {
    /// Path of its module, such as `crate::store`.
    pub(super) module: String,
    pub(super) file: String,
    pub(super) text: String,
}

/// Files of which each one uses each other one, directly or through others of them.
pub(super) struct Cycle {
    pub(super) files: BTreeSet<String>,
    /// Uses between these files.
    uses: Vec<Use>,
}

/// Use of an item of another file.
#[derive(Clone)]
struct Use {
    file: String,
    /// First line that names the item.
    line: usize,
    /// Path of the item where it is defined.
    item: String,
    used: String,
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files use each other:", self.files.len())?;
        for Use {
            file,
            line,
            item,
            used,
        } in &self.uses
        {
            write!(f, "\n  {file}:{line}: `{item}` is in {used}")?;
        }
        Ok(())
    }
}

/// Returns the cycles of a package. Files that only tests declare are skipped.
pub(super) fn cycles(sources: &[Source]) -> Vec<Cycle> {
    let uses = Package::read(sources).uses();
    let mut used_by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Use { file, used, .. } in &uses {
        used_by.entry(file).or_default().insert(used);
    }
    let reached: BTreeMap<_, _> = used_by
        .keys()
        .map(|file| (*file, reached_from(file, &used_by)))
        .collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        // Two files belong together if each of them reaches the other one.
        let circle: BTreeSet<_> = others
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
            .map(|other| (*other).to_owned())
            .collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    let cycle = |files: BTreeSet<String>| {
        let inside = |one: &&Use| files.contains(&one.file) && files.contains(&one.used);
        Cycle {
            uses: uses.iter().filter(inside).cloned().collect(),
            files,
        }
    };
    circles.into_iter().map(cycle).collect()
}

fn reached_from<'a>(
    file: &'a str,
    used_by: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![file];
    while let Some(file) = waiting.pop() {
        for used in used_by.get(file).into_iter().flatten() {
            if reached.insert(*used) {
                waiting.push(used);
            }
        }
    }
    reached
}

/// Files of a package by the paths of their modules.
struct Package<'a> {
    files: BTreeMap<&'a str, File<'a>>,
}

struct File<'a> {
    name: &'a str,
    outline: Outline,
    /// Imported paths by the paths that they get here. Those of globs end with `::*`.
    imports: BTreeMap<String, Vec<String>>,
}

/// Target of a path.
enum Target<'a> {
    /// Module, by its path.
    Module(String),
    Item(Item<'a>),
}

struct Item<'a> {
    /// Module of the file that defines it.
    module: &'a str,
    path: String,
}

impl<'a> Package<'a> {
    fn read(sources: &'a [Source]) -> Self {
        let mut files = BTreeMap::new();
        let mut waiting = vec!["crate".to_owned()];
        // Only files that are declared outside of tests are read.
        while let Some(module) = waiting.pop() {
            let Some(source) = sources.iter().find(|source| source.module == module) else {
                panic!("no source for the module {module}");
            };
            let file = File::read(source);
            waiting.extend(file.outline.file_modules.iter().cloned());
            files.insert(source.module.as_str(), file);
        }
        Self { files }
    }

    /// Returns the uses of other files in the order of the files, one for each item.
    fn uses(&self) -> Vec<Use> {
        let mut uses = Vec::new();
        for (module, file) in &self.files {
            let mut seen = BTreeSet::new();
            for mention in &file.outline.mentions {
                for item in self.used(module, file, mention) {
                    if item.module != *module && seen.insert(item.path.clone()) {
                        uses.push(Use {
                            file: file.name.to_owned(),
                            line: mention.line,
                            used: self.files[item.module].name.to_owned(),
                            item: item.path,
                        });
                    }
                }
            }
        }
        uses
    }

    /// Returns the items that a mention in a file uses.
    fn used(&self, module: &str, file: &File<'_>, mention: &Mention) -> Vec<Item<'a>> {
        let Mention {
            module: from,
            path,
            import,
            ..
        } = mention;
        let words = &file.outline.words;
        if let Some(holder) = path.strip_suffix("::*") {
            // A glob uses the items whose names occur in the file.
            let named = |word: &String| self.item(from, &format!("{holder}::{word}"));
            return words.iter().filter_map(named).collect();
        }
        let only_passed_on = |item: &Item<'_>| {
            import.as_ref().is_some_and(|import| {
                import.public && below(item.module, module) && !words.contains(&import.name)
            })
        };
        let item = self.item(from, path);
        item.filter(|item| !only_passed_on(item))
            .into_iter()
            .collect()
    }

    fn item(&self, from: &str, path: &str) -> Option<Item<'a>> {
        match self.find(from, path, 0)? {
            Target::Item(item) => Some(item),
            Target::Module(_) => None,
        }
    }

    /// Finds the target of a path that the module `from` uses. A path into another package has none.
    fn find(&self, from: &str, path: &str, way: usize) -> Option<Target<'a>> {
        let mut parts = path.split("::").peekable();
        let mut at = if parts.next_if_eq(&"crate").is_some() {
            "crate".to_owned()
        } else {
            from.to_owned()
        };
        while let Some(part) = parts.next() {
            match self.name(&at, part, parts.peek().is_none(), way)? {
                Target::Module(module) => at = module,
                // The rest is a variant or a function of the type.
                item @ Target::Item(_) => return Some(item),
            }
        }
        Some(Target::Module(at))
    }

    /// Finds a name in the module `at`. The last part of a path prefers an item to a module of the same name.
    fn name(&self, at: &str, name: &str, is_last: bool, way: usize) -> Option<Target<'a>> {
        if way > LONGEST_WAY {
            return None;
        }
        let (module, file) = self.file_of(at)?;
        let path = format!("{at}::{name}");
        let is_module =
            self.files.contains_key(path.as_str()) || file.outline.inner_modules.contains(&path);
        if is_module && !is_last {
            return Some(Target::Module(path));
        }
        if file.outline.items.contains(&path) {
            return Some(Target::Item(Item { module, path }));
        }
        let named = file.imported(at, name);
        let globs = file
            .imported(at, "*")
            .filter_map(|path| path.strip_suffix("::*"));
        named
            .map(str::to_owned)
            .chain(globs.map(|holder| format!("{holder}::{name}")))
            .find_map(|path| self.find(at, &path, way + 1))
            .or(is_module.then_some(Target::Module(path)))
    }

    /// Returns the file that contains a module.
    fn file_of(&self, module: &str) -> Option<(&'a str, &File<'a>)> {
        let mut outer = module;
        loop {
            if let Some((path, file)) = self.files.get_key_value(outer) {
                return Some((path, file));
            }
            (outer, _) = outer.rsplit_once("::")?;
        }
    }
}

impl<'a> File<'a> {
    fn read(source: &'a Source) -> Self {
        let outline = paths::outline(&source.module, &source.text);
        let mut imports: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for mention in &outline.mentions {
            if let Some(import) = &mention.import {
                let here = format!("{}::{}", mention.module, import.name);
                imports.entry(here).or_default().push(mention.path.clone());
            }
        }
        Self {
            name: &source.file,
            outline,
            imports,
        }
    }

    /// Returns the paths that a module of this file imports by a name.
    fn imported(&self, module: &str, name: &str) -> impl Iterator<Item = &str> {
        let found = self.imports.get(&format!("{module}::{name}"));
        found.into_iter().flatten().map(String::as_str)
    }
}
