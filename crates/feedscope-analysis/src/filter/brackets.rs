//! Brackets and strings of a jq expression in a text, where the expression has no end mark of its own.

/// State of an expression up to a character.
#[derive(Default)]
pub(super) struct Brackets {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Brackets {
    /// Takes the next character. Returns true if it is outside of all brackets and strings, and begins none of them.
    pub(super) fn is_outside(&mut self, c: char) -> bool {
        match c {
            _ if self.escaped => self.escaped = false,
            '\\' if self.in_string => self.escaped = true,
            '"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            '(' | '[' | '{' => self.depth += 1,
            ')' | ']' | '}' => self.depth = self.depth.saturating_sub(1),
            _ => return self.depth == 0,
        }
        false
    }

    /// Returns true within a string.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }
}
