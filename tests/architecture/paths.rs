//! Paths in a Rust source with their lines. Comments, strings and characters are skipped. This module does not judge
//! the paths.

/// Path of several parts in the code, or imported path.
pub(super) struct Mention {
    /// Line number, counted from 1.
    pub(super) line: usize,
    /// Path from the name of a crate or from `crate` on. `self` and `super` are resolved.
    pub(super) path: String,
    /// True for `use` and `extern crate`. Everything below such a path can be reached by a shorter name.
    imported: bool,
}

impl Mention {
    /// Returns true if this path is `target` or below it, or if it imports a module that contains it.
    pub(super) fn reaches(&self, target: &str) -> bool {
        let holder = self.path.trim_end_matches("::*");
        below(&self.path, target) || (self.imported && below(target, holder))
    }
}

fn below(path: &str, holder: &str) -> bool {
    path.strip_prefix(holder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns every path in the source of `module` (such as `crate::ui::pane`), in the order of the file.
pub(super) fn mentions(module: &str, text: &str) -> Vec<Mention> {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        modules: vec![(module.to_owned(), 0)],
        found: Vec::new(),
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
    found: Vec<Mention>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        while self.at < self.tokens.len() {
            match (self.peek(0), self.peek(1), self.peek(2)) {
                ("mod", name, "{") => self.enter(name),
                ("use", next, _) if next != "<" => {
                    self.at += 1;
                    self.use_tree("");
                }
                ("extern", "crate", name) => {
                    self.find(name, self.line(), true);
                    self.at += 3;
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

    fn enter(&mut self, name: &str) {
        let (around, _) = &self.modules[self.modules.len() - 1];
        self.modules.push((format!("{around}::{name}"), 0));
        self.at += 3;
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
    fn use_tree(&mut self, prefix: &str) {
        let mut path = prefix.to_owned();
        let mut line = self.line();
        loop {
            match self.peek(0) {
                "{" => return self.use_group(&path),
                "as" => {
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
        self.find(&path, line, true);
    }

    fn use_group(&mut self, path: &str) {
        self.at += 1;
        while !matches!(self.peek(0), "}" | "") {
            self.use_tree(path);
            // This is a comma, or a sign that occurs only in the text of a macro.
            if self.peek(0) != "}" {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    /// Reads `a::b::c`. A single word is no path.
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
            self.find(&path, line, false);
        }
    }

    fn find(&mut self, path: &str, line: usize, imported: bool) {
        let path = self.resolve(path);
        self.found.push(Mention {
            line,
            path,
            imported,
        });
    }

    fn resolve(&self, path: &str) -> String {
        let (module, _) = &self.modules[self.modules.len() - 1];
        let mut base = None;
        let mut rest = path;
        while let Some((first, after)) = rest.split_once("::") {
            let around = base.unwrap_or(module.as_str());
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
