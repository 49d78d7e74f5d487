//! Paths in a Rust source with their lines, and the names that the source defines. Comments, strings and characters are
//! skipped. This module does not judge the paths.

use std::collections::BTreeSet;

/// Path of several parts in the code, or imported path.
pub(super) struct Mention {
    /// Line number, counted from 1.
    pub(super) line: usize,
    /// Module that contains the mention, which may be inside of the file.
    pub(super) module: String,
    /// Path from the name of a crate or from `crate` on. `self` and `super` are resolved.
    pub(super) path: String,
    /// Present for `use` and `extern crate`. Everything below such a path can be reached by a shorter name.
    pub(super) import: Option<Import>,
}

/// Result of a `use`.
pub(super) struct Import {
    /// Name by which the module can use the imported item. `*` stands for all names of a module.
    pub(super) name: String,
    /// True if other modules can use the name too, as after `pub use` and `pub(crate) use`.
    pub(super) public: bool,
}

impl Mention {
    /// Returns true if this path is `target` or below it, or if it imports a module that contains it.
    pub(super) fn reaches(&self, target: &str) -> bool {
        let holder = self.path.trim_end_matches("::*");
        below(&self.path, target) || (self.import.is_some() && below(target, holder))
    }
}

/// Returns true if a path is `holder` or inside of it.
pub(super) fn below(path: &str, holder: &str) -> bool {
    path.strip_prefix(holder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns every path in the source of `module` (such as `crate::ui::pane`), in the order of the file.
pub(super) fn mentions(module: &str, text: &str) -> Vec<Mention> {
    read(module, tokens(text)).mentions
}

/// Contents of a source, apart from its tests.
#[derive(Default)]
pub(super) struct Outline {
    /// Paths in the order of the file.
    pub(super) mentions: Vec<Mention>,
    /// Paths of the items that are defined at the top of a module.
    pub(super) items: BTreeSet<String>,
    /// Paths of the modules in the file itself.
    pub(super) inner_modules: BTreeSet<String>,
    /// Paths of the modules that have files of their own, as after `mod name;`.
    pub(super) file_modules: BTreeSet<String>,
    /// Single words outside of paths and of `use`, such as the name of an imported type.
    pub(super) words: BTreeSet<String>,
}

/// Returns the contents of the source of `module` without each item that follows `#[cfg(test)]`.
pub(super) fn outline(module: &str, text: &str) -> Outline {
    read(module, without_tests(tokens(text)))
}

fn read(module: &str, tokens: Vec<Token<'_>>) -> Outline {
    let mut reader = Reader {
        tokens,
        at: 0,
        modules: vec![(module.to_owned(), 0)],
        found: Outline::default(),
    };
    reader.read();
    reader.found
}

struct Token<'a> {
    line: usize,
    /// Word, `::`, or a single sign.
    text: &'a str,
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// Enclosing modules, outermost first, each with the number of open braces inside of it.
    modules: Vec<(String, usize)>,
    found: Outline,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match (self.peek(0), self.peek(1), self.peek(2)) {
                ("mod", name, "{") => self.enter(name),
                ("mod", name, ";") => {
                    let path = self.inside(name);
                    self.found.file_modules.insert(path);
                    self.at += 3;
                }
                ("use", next, _) if next != "<" => {
                    let public = self
                        .at
                        .checked_sub(1)
                        .is_some_and(|before| matches!(self.tokens[before].text, "pub" | ")"));
                    self.at += 1;
                    self.use_tree("", public);
                }
                ("extern", "crate", name) => {
                    let import = Import {
                        name: name.to_owned(),
                        public: false,
                    };
                    self.find(name, self.line(), Some(import));
                    self.at += 3;
                }
                (keyword, name, _) if defines(keyword) && is_word(name) && !defines(name) => {
                    self.define(name);
                }
                ("macro_rules", "!", name) => {
                    self.at += 1;
                    self.define(name);
                }
                ("{", ..) => self.brace(true),
                ("}", ..) => self.brace(false),
                // A dot begins a field or a method of a value, which is no path.
                (".", ..) => self.at += 2,
                (text, ..) if text == "::" || is_word(text) => self.plain_path(),
                _ => self.at += 1,
            }
        }
    }

    fn peek(&self, ahead: usize) -> &'a str {
        self.tokens
            .get(self.at + ahead)
            .map_or("", |token| token.text)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    fn module(&self) -> &str {
        &self.modules[self.modules.len() - 1].0
    }

    fn inside(&self, name: &str) -> String {
        format!("{}::{name}", self.module())
    }

    fn enter(&mut self, name: &str) {
        let path = self.inside(name);
        self.found.inner_modules.insert(path.clone());
        self.modules.push((path, 0));
        self.at += 3;
    }

    /// Notes the item whose keyword and name come next, unless it belongs to a block, such as a method.
    fn define(&mut self, name: &str) {
        let (_, depth) = self.modules[self.modules.len() - 1];
        if depth == 0 {
            let path = self.inside(name);
            self.found.items.insert(path);
        }
        self.at += 2;
    }

    fn brace(&mut self, opened: bool) {
        self.at += 1;
        let innermost = self.modules.len() - 1;
        let depth = &mut self.modules[innermost].1;
        match (opened, *depth) {
            (true, _) => *depth += 1,
            (false, 0) if innermost > 0 => {
                self.modules.pop();
            }
            (false, _) => *depth = depth.saturating_sub(1),
        }
    }

    /// Reads one branch of a `use`, up to the sign after it. `prefix` is the path before the branch.
    fn use_tree(&mut self, prefix: &str, public: bool) {
        let mut path = prefix.to_owned();
        let mut line = self.line();
        let mut renamed = None;
        loop {
            match self.peek(0) {
                "{" => return self.use_group(&path, public),
                "as" => {
                    renamed = Some(self.peek(1));
                    self.at += 2;
                    break;
                }
                "::" => {}
                "self" if !path.is_empty() => line = self.line(),
                text if text == "*" || is_word(text) => {
                    line = self.line();
                    push(&mut path, text);
                }
                _ => break,
            }
            self.at += 1;
        }
        let last = path.rsplit("::").next().unwrap_or_default();
        let import = Import {
            name: renamed.unwrap_or(last).to_owned(),
            public,
        };
        self.find(&path, line, Some(import));
    }

    fn use_group(&mut self, path: &str, public: bool) {
        self.at += 1;
        while !matches!(self.peek(0), "}" | "") {
            self.use_tree(path, public);
            // This is a comma, or a sign that occurs only in the text of a macro.
            if self.peek(0) != "}" {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    /// Reads `a::b::c`. A single word is no path and is noted apart.
    fn plain_path(&mut self) {
        let line = self.line();
        let mut path = String::new();
        loop {
            let text = self.peek(0);
            if is_word(text) {
                push(&mut path, text);
            }
            self.at += 1;
            let goes_on = if text == "::" {
                is_word(self.peek(0))
            } else {
                self.peek(0) == "::"
            };
            if !goes_on {
                break;
            }
        }
        if path.contains("::") {
            self.find(&path, line, None);
        } else {
            self.found.words.insert(path);
        }
    }

    fn find(&mut self, path: &str, line: usize, import: Option<Import>) {
        let mention = Mention {
            line,
            module: self.module().to_owned(),
            path: self.resolve(path),
            import,
        };
        self.found.mentions.push(mention);
    }

    fn resolve(&self, path: &str) -> String {
        let module = self.module();
        let mut base = None;
        let mut rest = path;
        while let Some((first, after)) = rest.split_once("::") {
            let around = base.unwrap_or(module);
            base = match first {
                "self" => Some(around),
                "super" => Some(
                    around
                        .rsplit_once("::")
                        .map_or(around, |(parent, _)| parent),
                ),
                _ => break,
            };
            rest = after;
        }
        base.map_or_else(|| path.to_owned(), |base| format!("{base}::{rest}"))
    }
}

fn push(path: &mut String, part: &str) {
    if !path.is_empty() {
        path.push_str("::");
    }
    path.push_str(part);
}

/// Returns true if a keyword comes before the name of an item.
fn defines(keyword: &str) -> bool {
    matches!(
        keyword,
        "const" | "enum" | "fn" | "static" | "struct" | "trait" | "type"
    )
}

/// Removes each item after `#[cfg(test)]`, up to its semicolon or the end of its braces.
fn without_tests(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let rest = tokens.as_slice();
        let begins = token.text == ATTRIBUTE[0]
            && rest.len() >= ATTRIBUTE.len() - 1
            && rest
                .iter()
                .zip(&ATTRIBUTE[1..])
                .all(|(token, text)| token.text == *text);
        if !begins {
            kept.push(token);
            continue;
        }
        let mut depth = 0_usize;
        for token in tokens.by_ref().skip(ATTRIBUTE.len() - 1) {
            match token.text {
                "{" => depth += 1,
                "}" if depth <= 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
        }
    }
    kept
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Splits a source into words and signs. Comments, strings, characters and numbers are skipped.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut line = 1;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, seen) = if let Some(length) = passed_over(rest) {
            (length, false)
        } else if first.is_alphanumeric() || first == '_' {
            (word_length(rest), is_word(rest))
        } else if rest.starts_with("::") {
            (2, true)
        } else {
            (first.len_utf8(), !first.is_whitespace())
        };
        if seen {
            tokens.push(Token {
                line,
                text: &rest[..length],
            });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    tokens
}

fn word_length(text: &str) -> usize {
    text.find(|sign: char| !sign.is_alphanumeric() && sign != '_')
        .unwrap_or(text.len())
}

/// Returns the length of a comment, a string, a character or the quote of a lifetime at the start of `text`.
fn passed_over(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    let prefix = if is_word(text) { word_length(text) } else { 0 };
    let literal = &text[prefix..];
    match &text[..prefix] {
        "r" | "br" | "cr" => {
            let hashes = literal.find(|sign| sign != '#')?;
            let end = format!("\"{}", &literal[..hashes]);
            let body = literal[hashes..].strip_prefix('"')?;
            let length = body
                .find(&end)
                .map_or(body.len(), |found| found + end.len());
            Some(prefix + hashes + 1 + length)
        }
        "" | "b" | "c" if literal.starts_with('"') => Some(prefix + quoted(literal, '"')),
        "" | "b" if literal.starts_with('\'') => Some(prefix + character(literal)),
        _ => None,
    }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let (step, change) = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (2, 1),
            [b'*', b'/', ..] => (2, -1),
            _ => (1, 0),
        };
        at += step;
        depth += change;
        if depth == 0 {
            break;
        }
    }
    at
}

/// Returns the length of the text between two quotes, both included. A backslash removes the meaning of the next sign.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of `'x'` or `'\n'`, or of the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut signs = text.chars().skip(1);
    match (signs.next(), signs.next()) {
        (Some('\\'), _) | (Some(_), Some('\'')) => quoted(text, '\''),
        _ => 1,
    }
}
