//! Closing of a window: after a given time, or at the user's request. A picture is taken just before, if one was
//! requested. Feeds are closed elsewhere.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{ColorImage, Context, ScreenshotCallback, ViewportCommand};
use parking_lot::Mutex;

use crate::complaint::complain;
use crate::plan::Automation;

/// Time limit for a picture. A hidden window is never painted, so that a picture may never come.
const PICTURE_LIMIT: Duration = Duration::from_secs(3);

/// State machine that decides when the window closes.
pub(super) struct Leaving {
    automation: Automation,
    /// Time when the window opened, from which the duration counts.
    opened: Instant,
    stage: LeavingStage,
    /// Picture that eframe has delivered and that has not been saved.
    picture: Arc<Mutex<Option<Arc<ColorImage>>>>,
    /// Everything that was requested before the end has succeeded.
    is_well: bool,
}

/// Stage on the way to a closed window.
enum LeavingStage {
    Staying,
    /// A picture has been requested.
    Picturing {
        since: Instant,
    },
    Leaving,
}

impl Leaving {
    /// Creates the state of a window that opens now.
    pub(super) fn new(automation: Automation) -> Self {
        Self {
            automation,
            opened: Instant::now(),
            stage: LeavingStage::Staying,
            picture: Arc::default(),
            is_well: true,
        }
    }

    /// Returns true if everything that was requested before the end has succeeded.
    pub(super) fn is_well(&self) -> bool {
        self.is_well
    }

    /// Advances the state. Must be called in each pass. A signal closes the window as the user does, with a picture if
    /// one was requested.
    pub(super) fn look(&mut self, ctx: &Context, is_interrupted: bool) {
        let is_asked = ctx.input(|input| input.viewport().close_requested());
        match self.stage {
            LeavingStage::Staying => self.stay(ctx, is_asked, is_interrupted),
            LeavingStage::Picturing { since } => self.wait_for_picture(ctx, is_asked, since),
            LeavingStage::Leaving => {}
        }
    }

    /// Stays open until the user closes the window, a signal arrives or its time is over.
    fn stay(&mut self, ctx: &Context, is_asked: bool, is_interrupted: bool) {
        let left = self
            .automation
            .duration
            .map(|duration| duration.saturating_sub(self.opened.elapsed()));
        if !is_asked && !is_interrupted && left != Some(Duration::ZERO) {
            if let Some(left) = left {
                // Without input there would be no pass at the end of the duration.
                ctx.request_repaint_after(left);
            }
            return;
        }
        if self.automation.screenshot.is_none() {
            self.leave(ctx, is_asked);
            return;
        }
        // The window must stay open until it has been painted once more.
        if is_asked {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        }
        let (picture, window) = (Arc::clone(&self.picture), ctx.clone());
        ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(
            move |image| {
                *picture.lock() = Some(image);
                window.request_repaint();
            },
        )));
        ctx.request_repaint();
        self.stage = LeavingStage::Picturing {
            since: Instant::now(),
        };
    }

    /// Saves the picture and closes the window, or waits for the picture up to the limit.
    fn wait_for_picture(&mut self, ctx: &Context, is_asked: bool, since: Instant) {
        let picture = self.picture.lock().take();
        let result = match picture {
            Some(image) => self.save(&image),
            None if since.elapsed() >= PICTURE_LIMIT => {
                Err(io::Error::other("the window is not painted"))
            }
            None => {
                // The user may close the window again while the picture is pending.
                if is_asked {
                    ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                }
                ctx.request_repaint_after(Duration::from_millis(100));
                return;
            }
        };
        if let Err(error) = result {
            let file = self
                .automation
                .screenshot
                .as_deref()
                .unwrap_or(Path::new("picture"));
            complain(
                &file.display().to_string(),
                &format!("the picture cannot be written: {error}"),
            );
            self.is_well = false;
        }
        self.leave(ctx, is_asked);
    }

    /// Closes the window, unless the user's request is closing it already.
    fn leave(&mut self, ctx: &Context, is_asked: bool) {
        if !is_asked {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        self.stage = LeavingStage::Leaving;
    }

    /// Writes the picture to the requested path.
    fn save(&self, image: &ColorImage) -> io::Result<()> {
        match &self.automation.screenshot {
            Some(path) => write_png(path, image),
            None => Ok(()),
        }
    }
}

/// Writes a picture as a PNG file without an alpha channel, because the window is opaque.
fn write_png(path: &Path, image: &ColorImage) -> io::Result<()> {
    let side = |points: usize| u32::try_from(points).map_err(io::Error::other);
    let [width, height] = image.size;
    let mut encoder = png::Encoder::new(
        BufWriter::new(File::create(path)?),
        side(width)?,
        side(height)?,
    );
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    let pixels: Vec<u8> = image
        .pixels
        .iter()
        .flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()])
        .collect();
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_written_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("picture.png");
        let image = ColorImage::filled([3, 2], egui::Color32::RED);
        write_png(&path, &image).unwrap();
        let mut reader = png::Decoder::new(io::BufReader::new(File::open(&path).unwrap()))
            .read_info()
            .unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.width, info.height), (3, 2));
        assert_eq!(bytes, [255, 0, 0].repeat(6));
    }
}
