//! Text from outside made fit to be drawn: control and direction-changing characters become marks, one for one, so that
//! positions stay and copying gives what came. Never changes what is stored.

use std::borrow::Cow;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Ui};

/// What is drawn for a character; itself for most.
///
/// Control characters have pictures of their own (U+2400 and on). Characters that reorder or hide what stands around
/// them (Unicode bidirectional controls, zero-width signs) would let a payload show something else than it says.
pub(crate) fn visible(sign: char) -> char {
    match sign {
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

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

/// The text as it is drawn over several lines: line feeds break them, all else is made visible, sign for sign.
pub(crate) fn visible_lines(text: &str) -> Cow<'_, str> {
    if text
        .chars()
        .all(|sign| sign == '\n' || sign == '\t' || visible(sign) == sign)
    {
        return Cow::Borrowed(text);
    }
    let shown = |sign| {
        if sign == '\n' || sign == '\t' {
            sign
        } else {
            visible(sign)
        }
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// The text as one line: marks in `mark`, and the code point of what no font has.
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

/// Puts a text behind what `job` holds, as [`line_job`] does.
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
    let mut run = String::with_capacity(text.len());
    let flush = |job: &mut LayoutJob, run: &mut String| {
        if !run.is_empty() {
            job.append(run, 0.0, format.clone());
            run.clear();
        }
    };
    for sign in text.chars() {
        let shown = visible(sign);
        let has_glyph = shown.is_ascii()
            || ui
                .ctx()
                .fonts_mut(|fonts| fonts.has_glyph(&format.font_id, shown));
        if shown == sign && has_glyph {
            run.push(sign);
            continue;
        }
        flush(job, &mut run);
        let written = if has_glyph && shown != '\u{fffd}' {
            shown.to_string()
        } else {
            format!("[{:04X}]", u32::from(sign))
        };
        job.append(
            &written,
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
        assert_eq!(visible('\n'), '␊');
        for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{85}'] {
            assert_eq!(visible(hidden), '\u{fffd}');
        }
    }

    #[test]
    fn lines_keep_their_breaks_and_their_length() {
        let text = "a\r\nb\tc\u{202e}d";
        let shown = visible_lines(text);
        assert_eq!(shown, "a␍\nb\tc\u{fffd}d");
        assert_eq!(shown.chars().count(), text.chars().count());
        assert!(matches!(visible_lines("plain\ntext é"), Cow::Borrowed(_)));
    }
}
