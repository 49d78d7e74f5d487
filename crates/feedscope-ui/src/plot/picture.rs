//! Picture of a plot for the clipboard, as the window shows it.

use std::sync::Arc;

use egui::{ColorImage, Rect, Ui};
use parking_lot::Mutex;

/// Picture that is taken of the next pass.
#[derive(Default)]
pub(super) struct Picture {
    taken: Arc<Mutex<Option<ColorImage>>>,
}

impl Picture {
    /// Takes a picture of an area of the window. It is copied as soon as the pixels are known.
    pub(super) fn request(&self, ui: &Ui, area: Rect) {
        let scale = ui.ctx().pixels_per_point();
        let taken = Arc::clone(&self.taken);
        let ctx = ui.ctx().clone();
        ui.ctx().request_screenshot(move |window| {
            *taken.lock() = cropped(&window, area, scale);
            ctx.request_repaint();
        });
    }

    /// Copies the picture when it has been taken.
    pub(super) fn copy_taken(&self, ui: &Ui) {
        if let Some(picture) = self.taken.lock().take() {
            ui.ctx().copy_image(picture);
        }
    }
}

/// Returns the pixels of an area in points; `None` if it is outside of the image.
fn cropped(image: &ColorImage, area: Rect, scale: f32) -> Option<ColorImage> {
    let within = |points: f32, most: usize| ((points * scale).round().max(0.0) as usize).min(most);
    let [width, height] = image.size;
    let (left, right) = (within(area.left(), width), within(area.right(), width));
    let (top, bottom) = (within(area.top(), height), within(area.bottom(), height));
    let size = [right.checked_sub(left)?, bottom.checked_sub(top)?];
    (size[0] > 0 && size[1] > 0).then(|| image.region_by_pixels([left, top], size))
}

#[cfg(test)]
mod tests {
    use egui::{Color32, pos2};

    use super::*;

    #[test]
    fn the_picture_has_the_pixels_of_the_area() {
        let mut image = ColorImage::filled([6, 4], Color32::BLACK);
        for at in [(2, 1), (3, 2), (4, 2)] {
            image[at] = Color32::WHITE;
        }
        let part = |from, to| cropped(&image, Rect::from_min_max(from, to), 2.0);
        let picture = part(pos2(1.0, 0.5), pos2(2.0, 1.5)).unwrap();
        assert_eq!(picture.size, [2, 2]);
        let is_white: Vec<bool> = picture
            .pixels
            .iter()
            .map(|color| *color == Color32::WHITE)
            .collect();
        assert_eq!(is_white, [true, false, false, true]);
        // The window may have become smaller.
        assert_eq!(part(pos2(1.0, 1.0), pos2(9.0, 9.0)).unwrap().size, [4, 2]);
        assert!(part(pos2(5.0, 5.0), pos2(9.0, 9.0)).is_none());
    }
}
