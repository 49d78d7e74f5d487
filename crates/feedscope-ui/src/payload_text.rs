//! Text from outside, prepared for drawing. Control characters and characters that change the direction of text become
//! marks. One mark replaces one character, so that positions stay and a copy contains the original text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Ui};
use feedscope_core::payload::joiner::is_joined;

use crate::theme::font;
use crate::widgets::glyph_run::is_plain;

/// Returns the character to draw instead of `sign`, which is `sign` itself for most characters.
///
/// Line feeds and tabs are frequent in payloads, so that they have the signs that editors use. Other control characters have
/// pictures of their own (U+2400 and on). Characters that reorder or hide their neighbors
/// (Unicode bidirectional controls, zero-width characters) are replaced, because a payload could otherwise show a text
/// that differs from its content.
pub(crate) fn visible(sign: char) -> char {
    match sign {
        '\n' => '⏎',
        '\t' => '⇥',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + sign as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        other => other,
    }
}

/// Cache of how characters are drawn: the mark, if they need one, and the width. Each character is looked up once,
/// because egui's fonts are behind a lock.
#[derive(Default)]
pub(crate) struct Signs {
    known: RefCell<HashMap<char, Sign>>,
}

/// Drawing of one character.
#[derive(Clone)]
pub(crate) struct Sign {
    /// Width in points.
    pub(crate) width: f32,
    /// Mark that replaces the character: a picture of a control character, or the code point if no font has a glyph.
    pub(crate) mark: Option<Arc<str>>,
}

impl Signs {
    /// Maximum number of cached characters. A text in many scripts has thousands; more than this is noise.
    const MOST: usize = 1 << 16;

    /// Returns the drawing of a character in the payload's font. Tabs are not replaced.
    pub(crate) fn of(&self, ui: &Ui, sign: char) -> Sign {
        let mut known = self.known.borrow_mut();
        if let Some(known) = known.get(&sign) {
            return known.clone();
        }
        // Starting again is simpler than finding old entries, and it almost never happens.
        if known.len() >= Self::MOST {
            known.clear();
        }
        let font = font::mono();
        let found = ui.ctx().fonts_mut(|fonts| {
            let mark = (sign != '\t')
                .then(|| mark_of(sign, |shown| fonts.has_glyph(&font, shown)))
                .flatten();
            let drawn = mark.clone().unwrap_or_else(|| sign.to_string());
            let widths = drawn.chars().map(|sign| fonts.glyph_width(&font, sign));
            Sign {
                width: widths.sum(),
                mark: mark.map(Arc::from),
            }
        });
        known.insert(sign, found.clone());
        found
    }
}

/// Returns the mark that replaces a character, or `None` if the character is drawn itself.
fn mark_of(sign: char, mut has_glyph: impl FnMut(char) -> bool) -> Option<String> {
    let shown = visible(sign);
    let has_glyph = shown.is_ascii() || has_glyph(shown);
    if shown == sign && has_glyph {
        None
    } else if has_glyph && shown != '\u{fffd}' {
        Some(shown.to_string())
    // A replacement character would make different characters look alike, so that the code point is shown.
    } else {
        Some(format!("[{:04X}]", u32::from(sign)))
    }
}

/// Lays out a text as one line. Marks and code points have the color `mark`.
pub(crate) fn line_job(
    ui: &Ui,
    text: &str,
    font: &FontId,
    color: Color32,
    mark: Color32,
) -> LayoutJob {
    let mut job = LayoutJob::default();
    append_line(
        ui,
        &mut job,
        text,
        &TextFormat::simple(font.clone(), color),
        mark,
    );
    job
}

/// Appends a text to `job` in the way of [`line_job`]. Joiners that belong to the text around them are not drawn.
pub(crate) fn append_line(
    ui: &Ui,
    job: &mut LayoutJob,
    text: &str,
    format: &TextFormat,
    mark: Color32,
) {
    if is_plain(text) {
        job.append(text, 0.0, format.clone());
        return;
    }
    // Characters that need no mark are appended in runs, because each section costs time in layout.
    let mut run = String::with_capacity(text.len());
    let flush = |job: &mut LayoutJob, run: &mut String| {
        if !run.is_empty() {
            job.append(run, 0.0, format.clone());
            run.clear();
        }
    };
    for (at, sign) in text.char_indices() {
        if is_joined(text.as_bytes(), at) {
            continue;
        }
        let has_glyph = |shown| {
            ui.ctx()
                .fonts_mut(|fonts| fonts.has_glyph(&format.font_id, shown))
        };
        let Some(mark_text) = mark_of(sign, has_glyph) else {
            run.push(sign);
            continue;
        };
        flush(job, &mut run);
        job.append(
            &mark_text,
            0.0,
            TextFormat {
                color: mark,
                ..format.clone()
            },
        );
    }
    flush(job, &mut run);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_deceive_is_made_visible() {
        assert_eq!(visible('a'), 'a');
        assert_eq!(visible('\u{1b}'), '␛');
        assert_eq!(['\n', '\t', '\r'].map(visible), ['⏎', '⇥', '␍']);
        for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{85}'] {
            assert_eq!(visible(hidden), '\u{fffd}');
        }
    }

    #[test]
    fn the_lines_of_a_payload_are_a_line_with_dim_signs() {
        let context = egui::Context::default();
        crate::theme::install_fonts(&context);
        let mut texts = Vec::new();
        let mut output = context.run_ui(egui::RawInput::default(), |ui| {
            let (color, dim) = (Color32::WHITE, Color32::GRAY);
            let job = line_job(ui, "one\ntwo\t\r", &font::mono(), color, dim);
            let sections = job.sections.iter();
            texts = sections
                .map(|part| {
                    let text = &job.text[part.byte_range.start.0..part.byte_range.end.0];
                    (text.to_owned(), part.format.color == dim)
                })
                .collect();
        });
        output.textures_delta.clear();
        let texts: Vec<_> = texts.iter().map(|(text, dim)| (&**text, *dim)).collect();
        assert_eq!(
            texts,
            [
                ("one", false),
                ("⏎", true),
                ("two", false),
                ("⇥[000D]", true)
            ]
        );
    }

    #[test]
    fn what_no_font_has_shows_its_code_point() {
        let no_font = |_| false;
        assert_eq!(mark_of('a', no_font), None);
        assert_eq!(mark_of('é', no_font).as_deref(), Some("[00E9]"));
        assert_eq!(mark_of('\u{202e}', |_| true).as_deref(), Some("[202E]"));
        assert_eq!(mark_of('\u{7}', |_| true).as_deref(), Some("␇"));
        assert_eq!(mark_of('\u{7}', no_font).as_deref(), Some("[0007]"));
    }
}
