//! Colors and styles of the lines of a plot. Each value of the key has a color, and each number has dashes of its own, so
//! that the lines of one key belong together.

use egui::Color32;
use egui_plot::LineStyle;

use crate::theme::Palette;

/// Parts of the color of the text in the colors of the second, third and fourth number or round of colors.
const TONES: [f32; 4] = [0.0, 0.35, 0.6, 0.8];

/// Looks of the lines of a plot, in the order in which they are asked for.
pub(super) struct Looks<'a> {
    palette: &'a Palette,
    /// Values of the key in the order of their first lines.
    keys: Vec<Box<str>>,
    has_several_numbers: bool,
}

/// Look of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    pub(super) color: Color32,
    /// Distinguishes lines of the same color.
    pub(super) style: LineStyle,
}

impl<'a> Looks<'a> {
    /// Creates the looks for a plot of this many numbers.
    pub(super) fn new(palette: &'a Palette, numbers: usize) -> Self {
        Self {
            palette,
            keys: Vec::new(),
            has_several_numbers: numbers > 1,
        }
    }

    /// Returns the look of the line of a number and a key, which is empty without a key.
    pub(super) fn of_line(&mut self, number: usize, key: &str) -> Look {
        let colors = self.palette.series.len();
        let place = self.place(number, key);
        let round = place / colors;
        let color = self.palette.series[place % colors];
        if key.is_empty() || !self.has_several_numbers {
            let style = style_of(round);
            return Look { color, style };
        }
        // The dashes belong to the number, so that the colors of more keys differ by their tone.
        Look {
            color: self.toned(color, round),
            style: style_of(number),
        }
    }

    /// Returns the color of the bars of a number and a key. Bars have no dashes.
    pub(super) fn of_bars(&mut self, number: usize, key: &str) -> Color32 {
        let colors = self.palette.series.len();
        let place = self.place(number, key);
        let color = self.palette.series[place % colors];
        let step = if key.is_empty() {
            place / colors
        } else {
            place / colors + number
        };
        self.toned(color, step)
    }

    /// Returns the place of a line among those of different colors.
    fn place(&mut self, number: usize, key: &str) -> usize {
        if key.is_empty() {
            return number;
        }
        let known = self.keys.iter().position(|known| **known == *key);
        known.unwrap_or_else(|| {
            self.keys.push(key.into());
            self.keys.len() - 1
        })
    }

    fn toned(&self, color: Color32, step: usize) -> Color32 {
        color.lerp_to_gamma(self.palette.text, TONES[step % TONES.len()])
    }
}

fn style_of(step: usize) -> LineStyle {
    match step % 4 {
        0 => LineStyle::Solid,
        1 => LineStyle::dashed_dense(),
        2 => LineStyle::dotted_dense(),
        _ => LineStyle::dashed_loose(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_color_and_a_number_one_style() {
        let palette = Palette::of_visuals(&egui::Visuals::dark());
        let mut looks = Looks::new(palette, 2);
        let acme = [looks.of_line(0, "ACME"), looks.of_line(1, "ACME")];
        let hooli = [looks.of_line(0, "HOOLI"), looks.of_line(1, "HOOLI")];
        for key in [acme, hooli] {
            assert_eq!(key[0].color, key[1].color);
            assert_ne!(key[0].style, key[1].style);
        }
        assert_ne!(acme[0].color, hooli[0].color);
        assert_eq!(acme[1].style, hooli[1].style);
        // Bars have no dashes, so that each number has a tone of the color.
        let bars = [0, 1].map(|number| ["ACME", "HOOLI"].map(|key| looks.of_bars(number, key)));
        let mut colors = bars.concat();
        colors.sort_by_key(Color32::to_array);
        colors.dedup();
        assert_eq!(colors.len(), 4);
    }

    #[test]
    fn numbers_without_a_key_and_keys_of_one_number_differ_by_color() {
        let palette = Palette::of_visuals(&egui::Visuals::dark());
        let mut looks = Looks::new(palette, 2);
        let [first, second] = [0, 1].map(|number| looks.of_line(number, ""));
        assert_ne!(first.color, second.color);
        assert_eq!(first.style, second.style);
        let mut looks = Looks::new(palette, 1);
        let all: Vec<Look> = (0..palette.series.len() * 4)
            .map(|key| looks.of_line(0, &format!("key {key}")))
            .collect();
        for (place, look) in all.iter().enumerate() {
            assert!(!all[..place].contains(look), "{place}");
        }
    }

    #[test]
    fn many_keys_of_several_numbers_have_different_looks() {
        let palette = Palette::of_visuals(&egui::Visuals::dark());
        let mut looks = Looks::new(palette, 4);
        let mut all: Vec<Look> = Vec::new();
        for number in 0..4 {
            for key in 0..palette.series.len() * 2 {
                let look = looks.of_line(number, &format!("key {key}"));
                assert!(!all.contains(&look), "{number} {key}");
                all.push(look);
            }
        }
    }
}
