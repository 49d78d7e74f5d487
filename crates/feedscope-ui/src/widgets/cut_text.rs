//! Text in one line: its width, and the ways in which it is cut where there is too little room.

use std::borrow::Cow;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Galley, Ui};

/// Returns the width of a text in one line.
pub(crate) fn measured(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter()
        .layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER)
        .size()
        .x
}

/// Returns the width of a text in one line with the widest digits, which does not change while a figure in it counts.
pub(crate) fn steady_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    let steady = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
    let steady: String = text.chars().map(steady).collect();
    measured(ui, &steady, font)
}

/// Lays out one line of text. A text that is too wide ends with an ellipsis.
pub(crate) fn cut(ui: &Ui, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, color));
    job.wrap = one_line(width);
    ui.painter().layout_job(job)
}

/// Lays out one line of a sentence. If it is too wide, it ends with an ellipsis, and no part of a figure is before it.
pub(crate) fn cut_sentence(
    ui: &Ui,
    text: &str,
    font: FontId,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    match shortened_sentence(ui, text, font.clone(), width) {
        Some(shortened) => cut(ui, &shortened, font, color, width),
        None => cut(ui, text, font, color, width),
    }
}

/// Returns a sentence that ends with an ellipsis before a figure that would be cut; `None` if no figure would be cut.
pub(crate) fn shortened_sentence(ui: &Ui, text: &str, font: FontId, width: f32) -> Option<String> {
    let galley = cut(ui, text, font, Color32::PLACEHOLDER, width);
    let row = galley.rows.first().filter(|_| galley.elided)?;
    // The last glyph is the ellipsis.
    let shown = row.glyphs.len().saturating_sub(1);
    let whole = before_cut_figure(text, shown)?;
    Some(format!("{whole}…"))
}

/// Units of figures. A number is no figure without its unit.
const UNITS: [&str; 13] = [
    "ns", "µs", "ms", "s", "min", "h", "d", "B", "kB", "MB", "GB", "TB", "%",
];

/// Returns the text before the figure of which only a part is among the first `shown` characters; `None` if there is none.
/// `1 min 5 s` is one figure. Of a noun after a number, three letters are necessary: `3 m…` could be minutes.
fn before_cut_figure(text: &str, shown: usize) -> Option<&str> {
    const LETTERS: usize = 3;
    const MARKS: [char; 5] = [';', ',', '.', ')', ':'];
    let end_of_shown = text
        .char_indices()
        .nth(shown)
        .map_or(text.len(), |(at, _)| at);
    let starts = text.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    });
    let is_number = |word: &str| {
        let digits = word.trim_start_matches(['(', '+', '-', '−']);
        digits.starts_with(|sign: char| sign.is_ascii_digit())
    };
    let mut words = starts.peekable();
    while let Some((start, word)) = words.next() {
        if !is_number(word) {
            continue;
        }
        let mut end = start + word.len();
        let mut has_unit = false;
        // A mark after a number or after a unit ends the figure.
        let mut has_ended = word.ends_with(MARKS);
        while !has_ended
            && let Some((next, word)) = words.next_if(|(_, word)| has_unit || !is_number(word))
        {
            has_ended = word.ends_with(MARKS);
            let name = word.trim_end_matches(MARKS);
            if is_number(word) {
                (end, has_unit) = (next + word.len(), false);
            } else if UNITS.contains(&name) {
                (end, has_unit) = (next + name.len(), true);
            } else {
                if !has_unit {
                    let letters = word.char_indices().nth(LETTERS);
                    end = next + letters.map_or(word.len(), |(at, _)| at);
                }
                has_ended = true;
            }
        }
        if start < end_of_shown && end_of_shown < end {
            return Some(text[..start].trim_end());
        }
    }
    None
}

/// Cuts a text that has more than `fitting` characters in its middle: `content_…delta`.
pub(crate) fn cut_middle(text: &str, fitting: usize) -> Cow<'_, str> {
    // The number of bytes is never smaller than that of the characters.
    if text.len() <= fitting {
        return Cow::Borrowed(text);
    }
    let characters = text.chars().count();
    if characters <= fitting {
        return Cow::Borrowed(text);
    }
    let kept = fitting.saturating_sub(1);
    // The beginning gets the odd character.
    let (start, end) = (kept.div_ceil(2), kept / 2);
    let head = text.chars().take(start);
    let tail = text.chars().skip(characters - end);
    Cow::Owned(head.chain(std::iter::once('…')).chain(tail).collect())
}

/// Returns a wrapping that cuts a line at any character and adds an ellipsis.
pub(crate) fn one_line(width: f32) -> TextWrapping {
    TextWrapping {
        max_width: width.max(0.0),
        max_rows: 1,
        break_anywhere: true,
        overflow_character: Some('…'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_in_its_middle() {
        for (text, fitting, expected) in [
            ("content_block_delta", 19, "content_block_delta"),
            ("content_block_delta", 14, "content…_delta"),
            ("content_block_delta", 9, "cont…elta"),
            ("content_block_delta", 1, "…"),
            ("größenänderung", 14, "größenänderung"),
            ("größenänderung", 7, "grö…ung"),
            ("", 0, ""),
        ] {
            assert_eq!(cut_middle(text, fitting), expected, "{text} in {fitting}");
        }
    }

    #[test]
    fn a_sentence_is_cut_before_a_figure() {
        let text = "ended; attempt 2 in 1 min 30 s";
        for (shown, expected) in [
            ("ended; att", None),
            ("ended; attempt ", None),
            ("ended; attempt 2", Some("ended; attempt")),
            ("ended; attempt 2 i", Some("ended; attempt")),
            ("ended; attempt 2 in", None),
            ("ended; attempt 2 in ", None),
            ("ended; attempt 2 in 1", Some("ended; attempt 2 in")),
            ("ended; attempt 2 in 1 min", Some("ended; attempt 2 in")),
            ("ended; attempt 2 in 1 min 3", Some("ended; attempt 2 in")),
            ("ended; attempt 2 in 1 min 30 ", Some("ended; attempt 2 in")),
            (text, None),
        ] {
            let shown = shown.chars().count();
            assert_eq!(before_cut_figure(text, shown), expected, "{shown}");
        }
        for (text, shown, expected) in [
            ("3 missed", "3", Some("")),
            ("3 missed", "3 m", Some("")),
            ("3 missed", "3 mis", None),
            ("HTTP 503 Service Unavailable", "HTTP 503 Ser", None),
            ("HTTP 503 Service Unavailable", "HTTP 50", Some("HTTP")),
            ("waited 3.2 s; größer", "waited 3.2 s; g", None),
            ("closed (1006); next", "closed (1006); n", None),
            ("closed (1006); next", "closed (1006", Some("closed")),
            ("waited 3.2 s; größer", "waited 3.2", Some("waited")),
        ] {
            let shown = shown.chars().count();
            assert_eq!(before_cut_figure(text, shown), expected, "{text} {shown}");
        }
    }
}
