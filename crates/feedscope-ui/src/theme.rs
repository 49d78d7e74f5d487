//! Colors, sizes and fonts of the window. No other file creates a color.
#![expect(
    clippy::disallowed_methods,
    reason = "colors are made here, and only here"
)]

use std::num::NonZeroUsize;
use std::sync::Arc;

use egui::{
    Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, Style, TextStyle,
    Theme, Ui, Visuals,
};
use feedscope_core::{ConnectionState, ThemeChoice};

use crate::feed_source::FeedSource;

/// Colors of one theme. Everything that carries meaning has a contrast of at least 4.5 : 1 with its background, also on
/// a selection and on a tinted row.
pub(crate) struct Palette {
    /// Background of rows.
    pub(crate) bg: Color32,
    /// Background of bars and panels.
    pub(crate) panel: Color32,
    /// Background of buttons.
    pub(crate) raise: Color32,
    /// Background of a button under the pointer.
    pub(crate) hover: Color32,
    /// Borders of one pixel.
    pub(crate) line: Color32,
    /// Payloads and words.
    pub(crate) text: Color32,
    /// Labels, hints, times, IDs and sizes.
    pub(crate) dim: Color32,
    /// The same texts in a selected row.
    dim_selected: Color32,
    /// Marks of white space, scroll thumbs and edges under the pointer. Nothing that must be read has this color.
    pub(crate) faint: Color32,
    /// The state open, the primary button and the trace.
    pub(crate) open: Color32,
    /// Connecting, reconnecting, and messages that wait to be sent.
    pub(crate) wait: Color32,
    /// Failures, losses and errors.
    pub(crate) fail: Color32,
    /// Received records.
    pub(crate) incoming: Color32,
    /// Sent records.
    pub(crate) outgoing: Color32,
    /// The selected row, and chips that are switched on.
    pub(crate) selection: Color32,
    /// Background of text that the filter matches.
    pub(crate) mark: Color32,
    /// Background of text that the find bar matches.
    pub(crate) found: Color32,
    /// Marks of matches in the strip beside the scroll handle.
    pub(crate) matched: Color32,
    /// Marks of rows, and their notes.
    pub(crate) flag: Color32,
    /// Text on the primary button.
    pub(crate) on_accent: Color32,
    /// Keys of JSON objects.
    pub(crate) key: Color32,
    /// Strings of JSON, and event types.
    pub(crate) string: Color32,
    /// Numbers of JSON, IDs and codes.
    pub(crate) number: Color32,
    /// Lines of a plot. None is the color of a state.
    pub(crate) series: [Color32; 4],
}

/// Creates a color from its hexadecimal notation.
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Colors of the dark theme.
static DARK: Palette = Palette {
    bg: rgb(0x0f_1318),
    panel: rgb(0x15_1a21),
    raise: rgb(0x1c_232c),
    hover: rgb(0x23_2b35),
    line: rgb(0x26_2f3a),
    text: rgb(0xd7_dde5),
    dim: rgb(0x87_93a1),
    dim_selected: rgb(0x96_a2b0),
    faint: rgb(0x6b_7785),
    open: rgb(0x3f_cf8e),
    wait: rgb(0xf0_b23e),
    fail: rgb(0xf5_6f79),
    incoming: rgb(0x5c_b8ff),
    outgoing: rgb(0xc7_92ea),
    selection: rgb(0x20_303f),
    mark: rgb(0x45_401a),
    found: rgb(0x7a_4c0e),
    matched: rgb(0xd9_c659),
    flag: rgb(0xf2_d75c),
    on_accent: rgb(0x06_150e),
    key: rgb(0x7f_c4ff),
    string: rgb(0x9a_d78b),
    number: rgb(0xf0_a46b),
    series: [
        rgb(0x4f_c7c9),
        rgb(0xe3_8fb5),
        rgb(0xc7_b95a),
        rgb(0x99_a6ff),
    ],
};

/// Colors of the light theme.
static LIGHT: Palette = Palette {
    bg: rgb(0xf3_f5f8),
    panel: rgb(0xff_ffff),
    raise: rgb(0xee_f1f5),
    hover: rgb(0xe2_e7ed),
    line: rgb(0xdb_e1e8),
    text: rgb(0x1d_2630),
    dim: rgb(0x56_626f),
    dim_selected: rgb(0x4d_5965),
    faint: rgb(0x7c_8895),
    open: rgb(0x0e_744c),
    wait: rgb(0x8a_5700),
    fail: rgb(0xb8_2631),
    incoming: rgb(0x0a_65b0),
    outgoing: rgb(0x8a_3fc0),
    selection: rgb(0xdc_ebfa),
    mark: rgb(0xfb_eeb4),
    found: rgb(0xff_cf7d),
    matched: rgb(0xb0_8a00),
    flag: rgb(0x73_5b00),
    on_accent: rgb(0xff_ffff),
    key: rgb(0x0b_5ea8),
    string: rgb(0x29_7018),
    number: rgb(0x9c_490a),
    series: [
        rgb(0x0b_7275),
        rgb(0xa8_2e6a),
        rgb(0x6f_5f00),
        rgb(0x46_50c4),
    ],
};

impl Palette {
    /// Returns the colors of the theme in which `ui` is drawn.
    pub(crate) fn of(ui: &Ui) -> &'static Self {
        Self::of_visuals(ui.visuals())
    }

    /// Returns the colors of the theme of these visuals.
    pub(crate) fn of_visuals(visuals: &egui::Visuals) -> &'static Self {
        if visuals.dark_mode { &DARK } else { &LIGHT }
    }

    /// Returns the color of labels, times, IDs and sizes in a row.
    pub(crate) fn dim_in_row(&self, is_selected: bool) -> Color32 {
        if is_selected {
            self.dim_selected
        } else {
            self.dim
        }
    }

    /// Returns the color of a state. A shape or a word always shows the state as well.
    pub(crate) fn state(&self, state: ConnectionState) -> Color32 {
        match state {
            ConnectionState::Open => self.open,
            ConnectionState::Connecting
            | ConnectionState::Reconnecting
            | ConnectionState::Closing => self.wait,
            ConnectionState::Failed => self.fail,
            ConnectionState::Idle | ConnectionState::Closed => self.dim,
        }
    }

    /// Returns the color of the ring around the part with the keyboard focus.
    pub(crate) fn focus(&self) -> Color32 {
        self.incoming
    }

    /// Color of a source: that of the state of its connection. A file has no state.
    pub(crate) fn source(&self, source: &FeedSource) -> Color32 {
        source.state().map_or(self.dim, |state| self.state(state))
    }
}

/// Shares of a color in the backgrounds that are tinted with it.
pub(crate) mod tint {
    /// Row of a state, a gap or a note.
    pub(crate) const ROW: f32 = 0.08;
    /// The same row under the pointer.
    pub(crate) const HOVERED_ROW: f32 = 0.11;
    /// Banner of a failure.
    pub(crate) const BANNER: f32 = 0.09;
    /// Notice about the whole window, and chip of an active fault.
    pub(crate) const NOTICE: f32 = 0.12;
    /// Chip of an active fault under the pointer.
    pub(crate) const HOVERED_NOTICE: f32 = 0.2;
    /// Pill of a connection's state.
    pub(crate) const PILL: f32 = 0.13;
    /// Line of a difference.
    pub(crate) const DIFF: f32 = 0.06;
    /// Changed part of such a line, on top of the tint of the line.
    pub(crate) const CHANGED_PART: f32 = 0.1;
}

/// Heights and widths in points.
pub(crate) mod size {
    /// Bar at the top of the window.
    pub(crate) const TOP_BAR: f32 = 40.0;
    /// Bar at the top of a pane.
    pub(crate) const CONNECTION_BAR: f32 = 42.0;
    /// Line of the message rate.
    pub(crate) const TRACE: f32 = 28.0;
    /// Strip of the connection's states.
    pub(crate) const HISTORY: f32 = 4.0;
    /// Line of statistics.
    pub(crate) const STATS: f32 = 18.0;
    /// Strip of tabs.
    pub(crate) const TABS: f32 = 32.0;
    pub(crate) const FILTER_ROW: f32 = 34.0;
    pub(crate) const FIND_BAR: f32 = 34.0;
    /// Head of the list of hits below the rows.
    pub(crate) const SELECTION_LINE: f32 = 28.0;
    pub(crate) const HITS_HEAD: f32 = 24.0;
    /// Message about the whole window.
    pub(crate) const BANNER: f32 = 32.0;
    /// Names of the columns above the rows.
    pub(crate) const COLUMN_HEADER: f32 = 24.0;
    /// Row of a timeline.
    pub(crate) const ROW: f32 = 22.0;
    /// Height of a line of a payload.
    pub(crate) const LINE: f32 = 19.0;
    pub(crate) const BUTTON: f32 = 26.0;
    pub(crate) const CHIP: f32 = 22.0;
    /// Radius of rounded corners.
    pub(crate) const RADIUS: f32 = 6.0;
    pub(crate) const DEMO_STRIP: f32 = 38.0;
    /// Distance of content from the edges of a bar.
    pub(crate) const PADDING: f32 = 10.0;
    /// Width of the window below which panes are stacked.
    pub(crate) const STACK_BELOW: f32 = 900.0;
    /// Minimum height of stacked panes. If they would be lower, they become tabs.
    pub(crate) const LEAST_STACKED: f32 = 230.0;
    /// Height of the window below which panes become tabs.
    pub(crate) const TABS_BELOW: f32 = 600.0;
}

/// Fonts by purpose.
pub(crate) mod font {
    use super::{FontFamily, FontId};

    /// Returns the font of words.
    pub(crate) fn words() -> FontId {
        FontId::new(13.0, FontFamily::Proportional)
    }

    /// Returns the font of buttons, chips and labels.
    pub(crate) fn label() -> FontId {
        FontId::new(12.0, FontFamily::Proportional)
    }

    /// Returns the font of statistics and hints.
    pub(crate) fn small() -> FontId {
        FontId::new(11.5, FontFamily::Proportional)
    }

    /// Returns the font of the titles of sheets.
    pub(crate) fn title() -> FontId {
        semibold(16.0)
    }

    /// Returns the font of the program's name and of signs in circles.
    pub(crate) fn name() -> FontId {
        semibold(14.0)
    }

    /// Returns the font of headings in a sheet or a list.
    pub(crate) fn heading() -> FontId {
        semibold(13.0)
    }

    /// Returns the font of primary buttons and important lines.
    pub(crate) fn strong_label() -> FontId {
        semibold(12.5)
    }

    /// Returns the font of states and important values.
    pub(crate) fn strong() -> FontId {
        semibold(12.0)
    }

    /// Returns the font of the figures below a trace.
    pub(crate) fn strong_small() -> FontId {
        semibold(11.5)
    }

    /// Returns the font of the text of an answer. `heading` is the level of a heading, or 0.
    pub(crate) fn answer(heading: usize, is_strong: bool) -> FontId {
        let points = match heading {
            1 => 18.0,
            2 => 16.0,
            _ => 14.0,
        };
        if is_strong {
            return semibold(points);
        }
        FontId {
            size: points,
            ..words()
        }
    }

    fn semibold(points: f32) -> FontId {
        FontId::new(points, FontFamily::Name("semibold".into()))
    }

    /// Returns the font of payloads, times and URLs.
    pub(crate) fn mono() -> FontId {
        FontId::new(12.0, FontFamily::Monospace)
    }

    /// Returns the font of figures on a chip and of times at an axis.
    pub(crate) fn mono_small() -> FontId {
        FontId::monospace(11.0)
    }

    /// Returns the font of the time of a replay.
    pub(crate) fn mono_large() -> FontId {
        FontId::monospace(14.0)
    }
}

/// Returns the color over the window behind a sheet. The feed behind it stays readable.
pub(crate) fn scrim() -> Color32 {
    Color32::from_black_alpha(60)
}

/// Returns the color that clears the window before anything is drawn.
///
/// It is the background of rows, which cover the largest part, so that no pixel of it is painted twice. This matters on
/// a software rasterizer.
pub fn ground(visuals: &Visuals) -> Color32 {
    if visuals.dark_mode { DARK.bg } else { LIGHT.bg }
}

/// Installs the program's fonts. Glyphs of other scripts come from the system's fonts.
pub fn install_fonts(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::empty();
    for (name, bytes) in [
        (
            "inter",
            &include_bytes!("../../../assets/fonts/Inter-Regular.ttf")[..],
        ),
        (
            "inter-semibold",
            include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf"),
        ),
        (
            "jetbrains-mono",
            include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf"),
        ),
    ] {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    // The second font supplies the glyphs that the first one lacks.
    for (family, names) in [
        (FontFamily::Proportional, ["inter", "jetbrains-mono"]),
        (FontFamily::Monospace, ["jetbrains-mono", "inter"]),
        (
            FontFamily::Name("semibold".into()),
            ["inter-semibold", "jetbrains-mono"],
        ),
    ] {
        fonts
            .families
            .insert(family, names.map(str::to_owned).to_vec());
    }
    ctx.set_fonts(fonts);
    // A sheet that has just been opened needs two passes before the one that is presented.
    ctx.options_mut(|options| {
        options.max_passes = NonZeroUsize::new(3).unwrap_or(options.max_passes);
    });
    ctx.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
    ctx.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
}

/// Returns the theme that is not in use.
pub(crate) fn other(ui: &Ui) -> ThemeChoice {
    if ui.visuals().dark_mode {
        ThemeChoice::Light
    } else {
        ThemeChoice::Dark
    }
}

/// Switches the theme.
pub(crate) fn set_theme(ctx: &egui::Context, choice: ThemeChoice) {
    ctx.set_theme(match choice {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Dark => egui::ThemePreference::Dark,
        ThemeChoice::Light => egui::ThemePreference::Light,
    });
}

/// Returns egui's style with the colors of a theme.
fn style(palette: &Palette, mut visuals: Visuals) -> Style {
    let radius = CornerRadius::same(size::RADIUS as u8);
    visuals.panel_fill = palette.panel;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.window_corner_radius = radius;
    visuals.menu_corner_radius = radius;
    visuals.window_shadow = egui::Shadow::NONE;
    visuals.popup_shadow = egui::Shadow::NONE;
    visuals.extreme_bg_color = palette.bg;
    visuals.faint_bg_color = palette.raise;
    visuals.weak_text_color = Some(palette.dim);
    visuals.hyperlink_color = palette.incoming;
    visuals.selection.bg_fill = palette.incoming.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, palette.open);
    visuals.text_cursor.stroke = Stroke::new(1.5, palette.open);
    // A blinking cursor would require passes while nothing else changes.
    visuals.text_cursor.blink = false;
    let widgets = &mut visuals.widgets;
    for (widget, fill) in [
        (&mut widgets.noninteractive, palette.panel),
        (&mut widgets.inactive, palette.raise),
        (&mut widgets.hovered, palette.hover),
        (&mut widgets.active, palette.hover),
        (&mut widgets.open, palette.hover),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, palette.line);
        widget.fg_stroke = Stroke::new(1.0, palette.text);
        widget.corner_radius = radius;
        widget.expansion = 0.0;
    }
    let mut style = Style {
        visuals,
        ..Style::default()
    };
    style.text_styles = [
        (TextStyle::Small, font::small()),
        (TextStyle::Body, font::words()),
        (TextStyle::Button, font::label()),
        (TextStyle::Heading, font::title()),
        (TextStyle::Monospace, font::mono()),
    ]
    .into();
    style.spacing.button_padding = egui::vec2(10.0, 4.0);
    style.spacing.item_spacing = egui::vec2(8.0, 6.0);
    style.spacing.menu_margin = egui::Margin::same(6);
    style.interaction.tooltip_delay = 0.3;
    // Animations are off: only the feed moves.
    style.animation_time = 0.0;
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the relative luminance of WCAG 2.
    fn luminance(color: Color32) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Returns every background of a theme with its name and the colors that are drawn on it.
    fn pairs(p: &Palette) -> Vec<(&'static str, Color32, Vec<Color32>)> {
        let on = |ground: Color32, color: Color32, share| ground.blend(color.gamma_multiply(share));
        let states = [p.open, p.wait, p.fail];
        let signs = [p.incoming, p.outgoing, p.flag];
        let json = [p.key, p.string, p.number];
        let all = [&[p.text, p.dim][..], &states, &signs, &json].concat();
        let selected = [&[p.text, p.dim_selected][..], &states, &signs, &json].concat();
        let mut pairs = vec![
            ("rows", p.bg, all.clone()),
            ("panel", p.panel, all.clone()),
            ("button, and hovered line of a tree", p.raise, all.clone()),
            ("hovered row", on(p.bg, p.raise, 0.6), all),
            (
                "hovered button, item of a menu",
                p.hover,
                vec![p.text, p.dim, p.open, p.fail],
            ),
            ("selection", p.selection, selected),
            ("match of the filter", p.mark, vec![p.text]),
            ("match of the find bar", p.found, vec![p.text]),
            ("primary button", p.open, vec![p.on_accent]),
            (
                "hovered primary button",
                p.open.lerp_to_gamma(p.text, 0.12),
                vec![p.on_accent],
            ),
            ("mark of an unverified server", p.fail, vec![p.panel]),
        ];
        for (color, rest) in [
            (p.open, vec![]),
            (p.wait, vec![p.fail]),
            (p.fail, vec![]),
            (p.dim, vec![]),
        ] {
            let row = [vec![p.text, p.dim, color], rest].concat();
            let ground = |share| on(p.bg, color, share);
            pairs.push(("tinted row", ground(tint::ROW), row.clone()));
            pairs.push(("hovered tinted row", ground(tint::HOVERED_ROW), row));
            pairs.push(("pill", on(p.panel, color, tint::PILL), vec![color]));
        }
        let banner = on(p.panel, p.fail, tint::BANNER);
        pairs.push(("banner", banner, vec![p.fail, p.dim]));
        let notice = on(p.panel, p.wait, tint::NOTICE);
        pairs.push(("notice", notice, vec![p.text, p.wait]));
        let chip = on(p.panel, p.wait, tint::HOVERED_NOTICE);
        pairs.push(("hovered chip of a fault", chip, vec![p.text, p.wait]));
        for color in [p.open, p.fail] {
            let line = on(p.panel, color, tint::DIFF);
            let part = on(line, color, tint::CHANGED_PART);
            pairs.push(("line of a difference", line, vec![color]));
            pairs.push(("changed part of such a line", part, vec![color]));
        }
        pairs
    }

    #[test]
    fn everything_that_carries_meaning_can_be_read() {
        let mut wrong = Vec::new();
        for (theme, palette) in [("dark", &DARK), ("light", &LIGHT)] {
            for (name, ground, colors) in pairs(palette) {
                let measured = colors.iter().map(|color| (color, contrast(*color, ground)));
                let low = measured.filter(|(_, contrast)| *contrast < 4.5);
                wrong.extend(low.map(|(color, contrast)| {
                    format!("{theme}, {name}: {color:?} on {ground:?} has {contrast:.2}")
                }));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn the_ring_of_the_focus_can_be_seen_on_every_ground() {
        let mut wrong = Vec::new();
        for (theme, palette) in [("dark", &DARK), ("light", &LIGHT)] {
            // The ring has a line of the color of rows inside, so that one of both differs from any part.
            assert!(contrast(palette.focus(), palette.bg) >= 3.0);
            let around = pairs(palette)
                .into_iter()
                .map(|(name, ground, _)| (name, ground));
            let part = |ground| contrast(palette.bg, ground).max(contrast(palette.focus(), ground));
            let low = around.filter(|(_, ground)| part(*ground) < 3.0);
            wrong.extend(low.map(|(name, ground)| format!("{theme}, {name}: {ground:?}")));
            // Bars, menus and rows surround the ring itself.
            for ground in [palette.bg, palette.panel, palette.raise, palette.hover] {
                assert!(
                    contrast(palette.focus(), ground) >= 3.0,
                    "{theme}: {ground:?}"
                );
            }
            assert!(contrast(palette.focus(), palette.selection) >= 3.0);
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn parts_of_controls_can_be_seen() {
        for palette in [&DARK, &LIGHT] {
            // A scroll thumb on its track, and an edge under the pointer.
            for ground in [palette.raise, palette.bg, palette.panel] {
                assert!(contrast(palette.faint, ground) >= 3.0);
            }
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        let (black, white) = (Color32::BLACK, Color32::WHITE);
        assert!((contrast(black, white) - 21.0).abs() < 1e-9);
        assert!((contrast(white, white) - 1.0).abs() < 1e-9);
        // WCAG's own example: #767676 is the lightest gray that can be read on white.
        assert!(contrast(rgb(0x76_7676), white) >= 4.5);
        assert!(contrast(rgb(0x77_7777), white) < 4.5);
    }
}
