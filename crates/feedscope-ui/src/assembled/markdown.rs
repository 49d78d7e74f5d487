//! The simple parts of Markdown: headings, lists, bold text, code. Every shown character keeps its place in the text.

use std::ops::Range;

/// Look of a run of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) is_strong: bool,
    pub(super) is_code: bool,
}

/// Line of Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MarkdownLine {
    /// Level of a heading; 0 for other lines.
    pub(super) heading: usize,
    /// Sign of a list before the text.
    pub(super) bullet: Option<&'static str>,
    /// Number of spaces before the sign.
    pub(super) indent: usize,
    /// Runs of text, by their bytes in the line.
    pub(super) runs: Vec<(Range<usize>, Style)>,
    /// The line begins or ends a block of code, and is not shown.
    pub(super) is_fence: bool,
}

/// Reads a line. Lines in a block of code are shown as they are.
pub(super) fn line(text: &str, is_code: bool) -> MarkdownLine {
    let indent = text.len() - text.trim_start_matches(' ').len();
    let rest = &text[indent..];
    if rest.starts_with("```") {
        return MarkdownLine {
            is_fence: true,
            ..MarkdownLine::default()
        };
    }
    // Signs have no meaning within a block of code.
    if is_code {
        let style = Style {
            is_code,
            ..Style::default()
        };
        return MarkdownLine {
            runs: vec![(0..text.len(), style)],
            ..MarkdownLine::default()
        };
    }
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    if (1..=6).contains(&hashes) && rest[hashes..].starts_with(' ') {
        return MarkdownLine {
            heading: hashes,
            runs: runs(text, indent + hashes + 1, true),
            ..MarkdownLine::default()
        };
    }
    let is_item = ["- ", "* ", "+ "].iter().any(|sign| rest.starts_with(sign));
    if is_item {
        return MarkdownLine {
            bullet: Some("• "),
            indent,
            runs: runs(text, indent + 2, false),
            ..MarkdownLine::default()
        };
    }
    MarkdownLine {
        runs: runs(text, 0, false),
        ..MarkdownLine::default()
    }
}

/// Divides a text from byte `start` on at the signs of bold text and code, which are left out where they are in pairs.
fn runs(text: &str, start: usize, is_heading: bool) -> Vec<(Range<usize>, Style)> {
    let mut runs = Vec::new();
    let mut style = Style {
        is_strong: is_heading,
        is_code: false,
    };
    let (mut from, mut at) = (start, start);
    while at < text.len() {
        let rest = &text[at..];
        let sign = if rest.starts_with('`') {
            "`"
        } else if !style.is_code && rest.starts_with("**") {
            "**"
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let is_open = if sign == "`" {
            style.is_code
        } else {
            style.is_strong && !is_heading
        };
        // A sign without its partner is a sign like others.
        if !is_open && !rest[sign.len()..].contains(sign) {
            at += sign.len();
            continue;
        }
        // An empty run has nothing to show.
        if from < at {
            runs.push((from..at, style));
        }
        if sign == "`" {
            style.is_code = !style.is_code;
        } else {
            style.is_strong = is_heading || !style.is_strong;
        }
        at += sign.len();
        from = at;
    }
    if from < text.len() {
        runs.push((from..text.len(), style));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<(&str, bool, bool)> {
        let line = line(text, false);
        let runs = line.runs.into_iter();
        runs.map(|(range, style)| (&text[range], style.is_strong, style.is_code))
            .collect()
    }

    #[test]
    fn bold_text_and_code_lose_their_signs() {
        assert_eq!(
            shown("a **b** `c**` d"),
            [
                ("a ", false, false),
                ("b", true, false),
                (" ", false, false),
                ("c**", false, true),
                (" d", false, false)
            ]
        );
        assert_eq!(shown("2 ** 3 `"), [("2 ** 3 `", false, false)]);
    }

    #[test]
    fn headings_lists_and_blocks_of_code_are_known() {
        assert_eq!(
            (line("## A", false).heading, shown("## A")),
            (2, vec![("A", true, false)])
        );
        let item = line("  - é", false);
        assert_eq!(
            (item.bullet, item.indent, item.runs[0].0.clone()),
            (Some("• "), 2, 4..6)
        );
        assert!(line("```rust", false).is_fence && line("#no", false).heading == 0);
        assert!(line("- a", true).bullet.is_none());
    }
}
