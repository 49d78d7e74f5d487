//! Text of printable ASCII characters in the monospaced font, drawn without a layout of its own.
//!
//! All characters have the same width, and the font has no ligatures of them, so that each glyph comes from a table. All
//! texts of a list become one mesh. The glyphs are at the same pixels as those of egui's layout. Other texts need that
//! layout.

use std::ops::Range;
use std::sync::Arc;

use egui::epaint::text::PlacedRow;
use egui::epaint::{Mesh, TextShape, Vertex};
use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, Galley, Pos2, Rect, Ui, pos2, vec2};

use crate::theme::font;

/// First character of the table. The others follow in their order.
const FIRST: u8 = b' ';

/// Last character before the ellipsis.
const LAST: u8 = b'~';

/// Place of the ellipsis in the table.
const ELLIPSIS: usize = (LAST - FIRST) as usize + 1;

/// Number of images of a glyph: one for each quarter of a pixel at which it may begin.
const QUARTERS: u8 = 4;

/// Number of characters whose beginnings are computed in advance.
const PLACES: usize = 512;

/// Texts of one pass.
#[derive(Default)]
pub(crate) struct GlyphRuns {
    table: Option<Table>,
    mesh: Mesh,
    /// Texts that were painted in the pass before. Their memory is used again as soon as they are on screen.
    painted: Option<Arc<Galley>>,
}

/// Part of a text that fits into its room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fitting {
    /// Number of characters.
    kept: usize,
    /// An ellipsis follows them.
    is_cut: bool,
    /// Width in points.
    pub(crate) width: f32,
}

/// Colors of a text.
#[derive(Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) color: Color32,
    /// Color of the parts with a background.
    pub(crate) marked: Color32,
}

/// Part of a text in bytes, with its background.
pub(crate) type MarkedPart = (Range<usize>, Option<Color32>);

/// Returns true if a text consists of characters of the table.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (FIRST..=LAST).contains(&byte))
}

impl GlyphRuns {
    /// Begins a pass. Glyphs are looked up again if their places in the font's texture have changed.
    pub(crate) fn begin(&mut self, ui: &Ui) {
        if let Some(mesh) = self.painted.take().and_then(mesh_of) {
            self.mesh = mesh;
        }
        self.mesh.clear();
        let reference = layout(ui, '…', 0.0);
        let is_current = |table: &Table| Arc::ptr_eq(&table.reference, &reference);
        if !self.table.as_ref().is_some_and(is_current) {
            self.table = Some(Table::new(ui, reference));
        }
    }

    /// Returns the part of a text that fits into a width; `None` for a text that needs egui's layout.
    pub(crate) fn fitting(&self, text: &str, width: f32) -> Option<Fitting> {
        let table = self.table.as_ref()?;
        // A loop without an early end is faster, because almost all texts consist of such characters.
        let is_in_table = text
            .bytes()
            .fold(true, |all, byte| all & table.is_drawn[usize::from(byte)]);
        is_in_table.then(|| table.fitting(text.len(), width))
    }

    /// Adds a text with its left edge at `at`, centered vertically. `parts` are the whole text in its order.
    pub(crate) fn add(
        &mut self,
        ui: &Ui,
        at: Pos2,
        (text, fitting): (&str, Fitting),
        parts: &[MarkedPart],
        ink: Ink,
    ) {
        let Self { table, mesh, .. } = self;
        let Some(table) = table else { return };
        let scale = table.scale;
        let corner = pos2(at.x, at.y - table.height / 2.0);
        let corner = pos2(
            (corner.x * scale).round() / scale,
            (corner.y * scale).round() / scale,
        );
        mesh.reserve_vertices(fitting.kept * 4 + 4);
        mesh.reserve_triangles(fitting.kept * 2 + 2);
        let bytes = text.as_bytes();
        let mut color = ink.color;
        for (part, ground) in parts {
            let kept = part.start..part.end.min(fitting.kept);
            if kept.is_empty() {
                break;
            }
            color = ground.map_or(ink.color, |_| ink.marked);
            if let Some(ground) = ground {
                let left = table.position(kept.start).pixels / scale;
                let right = table.right(kept.end - 1);
                let size = vec2(right - left, table.height);
                let area = Rect::from_min_size(corner + vec2(left, 0.0), size);
                ui.painter().rect_filled(area.expand(1.0), 0.0, *ground);
            }
            for place in kept {
                let glyph = usize::from(bytes[place] - FIRST);
                table.add_to(mesh, corner, (glyph, table.position(place)), color);
            }
        }
        if fitting.is_cut {
            let position = table.after(fitting.kept);
            table.add_to(mesh, corner, (ELLIPSIS, position), color);
        }
    }

    /// Paints the texts of the pass.
    pub(crate) fn paint(&mut self, ui: &Ui) {
        let Some(table) = self.table.as_ref().filter(|_| !self.mesh.is_empty()) else {
            return;
        };
        let mesh = std::mem::take(&mut self.mesh);
        // All texts are drawn within the clip rectangle, so that their own bounds need not be computed.
        let galley = table.galley(mesh, ui.clip_rect());
        self.painted = Some(Arc::clone(&galley));
        let shape = TextShape::new(Pos2::ZERO, galley, Color32::PLACEHOLDER);
        ui.painter().add(shape);
    }
}

/// Glyphs of the monospaced font.
struct Table {
    /// Layout of an ellipsis. egui lays it out again if the font's texture was rebuilt or the scale has changed.
    reference: Arc<Galley>,
    glyphs: Vec<[Option<Quad>; QUARTERS as usize]>,
    /// States for each byte whether it is a character that has the same glyph in each text. The font moves an accent
    /// (`` ` ``) up after a capital letter.
    is_drawn: [bool; 256],
    /// Beginnings of the first characters of a text.
    positions: Vec<GlyphPosition>,
    /// Pixels per point.
    scale: f32,
    /// Width of a character in pixels.
    advance: f32,
    /// Height of a line in points.
    height: f32,
}

/// Image of a glyph, and its area relative to the pixel at which it begins.
#[derive(Clone, Copy)]
struct Quad {
    area: Rect,
    image: Rect,
}

/// Beginning of a glyph.
#[derive(Clone, Copy)]
struct GlyphPosition {
    /// Whole pixels.
    pixels: f32,
    quarter: usize,
}

impl GlyphPosition {
    /// Rounds a distance in pixels to a quarter of a pixel, as egui does.
    fn new(pixels: f32) -> Self {
        let quarters = (pixels * f32::from(QUARTERS) + 0.5).floor();
        let whole = (quarters / f32::from(QUARTERS)).floor();
        Self {
            pixels: whole,
            quarter: (quarters - whole * f32::from(QUARTERS)) as usize,
        }
    }
}

impl Table {
    fn new(ui: &Ui, reference: Arc<Galley>) -> Self {
        let scale = reference.pixels_per_point;
        let glyph = reference.rows.first().and_then(|row| row.glyphs.first());
        let advance = glyph.map_or(0.0, |glyph| glyph.advance_width * scale);
        let characters = (FIRST..=LAST).map(char::from).chain(['…']);
        let images = |character| {
            let quads = (0..QUARTERS).map(|quarter| {
                let pixels = f32::from(quarter) / f32::from(QUARTERS);
                Quad::of(&layout(ui, character, pixels / scale))
            });
            let mut images = [None; QUARTERS as usize];
            images
                .iter_mut()
                .zip(quads)
                .for_each(|(image, quad)| *image = quad);
            images
        };
        let mut table = Self {
            glyphs: characters.map(images).collect(),
            is_drawn: [false; 256],
            positions: (0..PLACES)
                .map(|place| GlyphPosition::new(place as f32 * advance))
                .collect(),
            scale,
            advance,
            height: reference.size().y,
            reference,
        };
        for byte in FIRST..=LAST {
            table.is_drawn[usize::from(byte)] = table.is_alike(ui, char::from(byte));
        }
        table
    }

    /// Returns true if a character has the glyph of the table beside letters, digits and itself, and they have theirs.
    fn is_alike(&self, ui: &Ui, character: char) -> bool {
        let neighbors = ['A', 'z', '0', character, ' '];
        let text: String = neighbors
            .into_iter()
            .flat_map(|neighbor| [neighbor, character])
            .collect();
        let galley = lay_out(ui, &text, 0.0);
        let Some(row) = galley.rows.first() else {
            return false;
        };
        let mut glyphs = text.bytes().zip(&row.glyphs).enumerate();
        glyphs.all(|(place, (byte, glyph))| {
            let quarter = self.position(place).quarter;
            let expected = &self.glyphs[usize::from(byte - FIRST)][quarter];
            let [left, top] = glyph.uv_rect.min;
            match expected {
                Some(quad) => quad.image.min == pos2(f32::from(left), f32::from(top)),
                None => glyph.uv_rect.is_nothing(),
            }
        })
    }

    /// Returns the beginning of the character at this place of a text.
    fn position(&self, place: usize) -> GlyphPosition {
        let known = self.positions.get(place).copied();
        known.unwrap_or_else(|| GlyphPosition::new(place as f32 * self.advance))
    }

    /// Returns the right edge of the character at this place, in points from the beginning of the text.
    fn right(&self, place: usize) -> f32 {
        (self.position(place).pixels + self.advance) / self.scale
    }

    /// Returns the width of this number of characters in points.
    fn width(&self, characters: usize) -> f32 {
        characters as f32 * self.advance / self.scale
    }

    /// Returns the beginning of an ellipsis after this number of characters.
    fn after(&self, kept: usize) -> GlyphPosition {
        let last = kept.checked_sub(1);
        GlyphPosition::new(last.map_or(0.0, |last| self.position(last).pixels + self.advance))
    }

    /// Returns the part of a text with this number of characters that fits into a width, as egui's layout cuts a line.
    fn fitting(&self, length: usize, width: f32) -> Fitting {
        // The layout rounds a width, and allows half a point more.
        let most = width.max(0.0).round() + 0.5;
        let Some(last) = length.checked_sub(1) else {
            return Fitting {
                kept: 0,
                is_cut: false,
                width: 0.0,
            };
        };
        if last == 0 || self.right(last) <= most {
            return Fitting {
                kept: length,
                is_cut: false,
                width: self.width(length),
            };
        }
        let end = |kept: usize| {
            let left = kept.checked_sub(1).map_or(0.0, |last| self.right(last));
            left + self.advance / self.scale
        };
        // A lower bound of the width of a character gives a number that is not too small.
        let guess = (most * self.scale / self.advance.max(1.0)).ceil() as usize + 1;
        let fits = |kept: &usize| end(*kept) <= most;
        let kept = (0..=guess.min(last)).rev().find(fits).unwrap_or_default();
        Fitting {
            kept,
            is_cut: true,
            width: self.width(kept + 1),
        }
    }

    fn add_to(
        &self,
        mesh: &mut Mesh,
        corner: Pos2,
        (glyph, position): (usize, GlyphPosition),
        color: Color32,
    ) {
        let Some(Quad { area, image }) = self.glyphs[glyph][position.quarter] else {
            return;
        };
        let offset = corner.to_vec2() + vec2(position.pixels / self.scale, 0.0);
        let area = area.translate(offset);
        let vertex = |pos, uv| Vertex { pos, uv, color };
        let first = mesh.vertices.len() as u32;
        // One call for all corners checks the room of the mesh once.
        mesh.indices.extend_from_slice(&[
            first,
            first + 1,
            first + 2,
            first + 2,
            first + 1,
            first + 3,
        ]);
        mesh.vertices.extend_from_slice(&[
            vertex(area.left_top(), image.left_top()),
            vertex(area.right_top(), image.right_top()),
            vertex(area.left_bottom(), image.left_bottom()),
            vertex(area.right_bottom(), image.right_bottom()),
        ]);
    }

    /// Returns a galley that consists of a mesh within these bounds. Its glyphs have coordinates of the font's texture,
    /// whose size egui knows only after the pass.
    fn galley(&self, mesh: Mesh, bounds: Rect) -> Arc<Galley> {
        let mut galley = Galley::clone(&self.reference);
        galley.num_vertices = mesh.vertices.len();
        galley.num_indices = mesh.indices.len();
        galley.mesh_bounds = bounds;
        if let Some(PlacedRow { pos, row, .. }) = galley.rows.first_mut() {
            *pos = Pos2::ZERO;
            let row = Arc::make_mut(row);
            row.glyphs.clear();
            row.visuals.glyph_vertex_range = 0..mesh.vertices.len();
            row.visuals.mesh_bounds = bounds;
            row.visuals.mesh = mesh;
        }
        Arc::new(galley)
    }
}

/// Returns the mesh of a galley; `None` while another owner has the galley.
fn mesh_of(galley: Arc<Galley>) -> Option<Mesh> {
    let row = Arc::into_inner(galley)?.rows.pop()?.row;
    Some(Arc::into_inner(row)?.visuals.mesh)
}

impl Quad {
    /// Returns the only glyph of a galley, or `None` if it has no image.
    fn of(galley: &Galley) -> Option<Self> {
        let row = galley.rows.first()?;
        let [first, .., last] = &row.visuals.mesh.vertices[..] else {
            return None;
        };
        Some(Self {
            area: Rect::from_min_max(first.pos, last.pos),
            image: Rect::from_min_max(first.uv, last.uv),
        })
    }
}

/// Lays out a character after some space.
fn layout(ui: &Ui, character: char, space: f32) -> Arc<Galley> {
    lay_out(ui, character.encode_utf8(&mut [0; 4]), space)
}

/// Lays out a text after some space.
fn lay_out(ui: &Ui, text: &str, space: f32) -> Arc<Galley> {
    let mut job = LayoutJob::default();
    let format = TextFormat::simple(font::mono(), Color32::WHITE);
    job.append(text, space, format);
    ui.painter().layout_job(job)
}

#[cfg(test)]
mod tests {
    use egui::epaint::Vertex;

    use super::*;
    use crate::theme::install_fonts;
    use crate::widgets::one_line;

    const INK: Ink = Ink {
        color: Color32::RED,
        marked: Color32::BLUE,
    };

    /// Runs a test with the program's fonts at this number of pixels per point.
    fn with_ui(scale: f32, test: impl Fn(&Ui)) {
        let ctx = egui::Context::default();
        install_fonts(&ctx);
        let input = || {
            let mut input = egui::RawInput::default();
            if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
                viewport.native_pixels_per_point = Some(scale);
            }
            input
        };
        // The first pass only installs the fonts.
        ctx.run_ui(input(), |_| {}).drop_without_applying_deltas();
        let mut runs = 0;
        ctx.run_ui(input(), |ui| {
            assert!((ui.ctx().pixels_per_point() - scale).abs() < 1e-6);
            runs += 1;
            test(ui);
        })
        .drop_without_applying_deltas();
        assert!(runs > 0);
    }

    /// Returns the vertices of egui's layout of a text.
    fn laid_out(ui: &Ui, text: &str, width: f32) -> (Vec<Vertex>, f32) {
        let format = TextFormat::simple(font::mono(), INK.color);
        let mut job = LayoutJob::single_section(text.to_owned(), format);
        job.wrap = one_line(width);
        let galley = ui.painter().layout_job(job);
        let row = &galley.rows[0];
        let moved = |vertex: &Vertex| Vertex {
            pos: vertex.pos + row.pos.to_vec2(),
            ..*vertex
        };
        let vertices = row.visuals.mesh.vertices.iter().map(moved).collect();
        (vertices, galley.size().x)
    }

    /// Characters that the font may draw in another way beside others.
    const ACCENTS: [u8; 3] = [b'`', b'^', b'~'];

    /// Text of all other characters in a random order.
    fn text(seed: &mut u64, length: usize) -> String {
        let mut next = || {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let byte = FIRST + ((*seed >> 33) % u64::from(LAST - FIRST + 1)) as u8;
            if ACCENTS.contains(&byte) { b'W' } else { byte }
        };
        (0..length).map(|_| char::from(next())).collect()
    }

    #[test]
    fn glyphs_are_where_the_layout_places_them() {
        for scale in [1.0, 1.25, 1.5, 2.0] {
            with_ui(scale, |ui| {
                let mut seed = 7;
                let mut runs = GlyphRuns::default();
                for length in (1..=40).chain([300]) {
                    for width in [0.0, 3.0, 7.0, 60.0, 71.4, 100.3, f32::INFINITY] {
                        let text = text(&mut seed, length);
                        runs.begin(ui);
                        let fitting = runs.fitting(&text, width).unwrap();
                        let height = runs.table.as_ref().unwrap().height;
                        let at = pos2(0.0, height / 2.0);
                        runs.add(ui, at, (&text, fitting), &[(0..length, None)], INK);
                        let (expected, expected_width) = laid_out(ui, &text, width);
                        let case = format!("{text:?} in {width} at {scale}");
                        let vertices = &runs.mesh.vertices;
                        assert_eq!(vertices.len(), expected.len(), "{case}");
                        for (vertex, expected) in vertices.iter().zip(&expected) {
                            let distance = vertex.pos.distance(expected.pos);
                            assert!(distance < 0.01, "{case}: {vertex:?} {expected:?}");
                            assert_eq!(vertex.uv, expected.uv, "{case}");
                            assert_eq!(vertex.color, expected.color, "{case}");
                        }
                        // egui rounds widths, partly to whole pixels.
                        let difference = (fitting.width - expected_width).abs();
                        assert!(
                            difference <= 1.1,
                            "{case}: {} {expected_width}",
                            fitting.width
                        );
                    }
                }
            });
        }
    }

    #[test]
    fn a_marked_part_has_its_own_color() {
        with_ui(1.0, |ui| {
            let mut runs = GlyphRuns::default();
            runs.begin(ui);
            let fitting = runs.fitting("abcd", 100.0).unwrap();
            let parts = [(0..1, None), (1..3, Some(Color32::GREEN)), (3..4, None)];
            runs.add(ui, Pos2::ZERO, ("abcd", fitting), &parts, INK);
            let colors: Vec<_> = runs.mesh.vertices.chunks(4).map(|it| it[0].color).collect();
            assert_eq!(colors, [INK.color, INK.marked, INK.marked, INK.color]);
        });
    }

    #[test]
    fn other_characters_need_a_layout() {
        with_ui(1.0, |ui| {
            let mut runs = GlyphRuns::default();
            runs.begin(ui);
            for text in ["W`", "é", "a\tb", "a\u{7f}", "👍", "\u{202e}"] {
                assert_eq!(runs.fitting(text, 100.0), None, "{text:?}");
            }
            assert!(runs.fitting("", 10.0).unwrap().width.abs() < 1e-6);
            let table = runs.table.as_ref().unwrap();
            for byte in FIRST..=LAST {
                let is_drawn = table.is_drawn[usize::from(byte)];
                let character = char::from(byte);
                assert!(
                    is_drawn || ACCENTS.contains(&byte),
                    "{character} needs a layout"
                );
            }
        });
    }

    #[test]
    fn the_whole_mesh_reaches_the_screen() {
        let ctx = egui::Context::default();
        install_fonts(&ctx);
        let mut runs = GlyphRuns::default();
        let mut vertices = Vec::new();
        for _ in 0..2 {
            let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
                runs.begin(ui);
                let fitting = runs.fitting("abc", 100.0).unwrap();
                let at = pos2(10.0, 10.0);
                runs.add(ui, at, ("abc", fitting), &[(0..3, None)], INK);
                runs.paint(ui);
            });
            let shapes = std::mem::take(&mut output.shapes);
            let primitives = ctx.tessellate(shapes, output.pixels_per_point);
            output.drop_without_applying_deltas();
            vertices.clear();
            for primitive in primitives {
                if let egui::epaint::Primitive::Mesh(mesh) = primitive.primitive {
                    vertices.extend(mesh.vertices);
                }
            }
        }
        let colored = vertices.iter().filter(|vertex| vertex.color == INK.color);
        assert_eq!(colored.count(), 12);
        // The next pass uses the memory of the mesh again.
        let mesh = runs.painted.take().and_then(mesh_of);
        assert!(mesh.is_some_and(|mesh| mesh.vertices.len() == 12));
    }
}
