//! How a window ends: by itself after a time, or because it was asked to; with a picture taken just before, if one is
//! wanted. It closes no feed.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{ColorImage, Context, ScreenshotCallback, ViewportCommand};
use parking_lot::Mutex;

use crate::plan::Automation;
use crate::tail::complain;

/// How long a picture may take: a window that is not shown is never painted.
const PICTURE_LIMIT: Duration = Duration::from_secs(3);

/// Decides when the window closes.
pub(super) struct Leaving {
    automation: Automation,
    opened: Instant,
    stage: Stage,
    picture: Arc<Mutex<Option<Arc<ColorImage>>>>,
    is_well: bool,
}

enum Stage {
    Staying,
    /// A picture was asked for.
    Picturing {
        since: Instant,
    },
    Leaving,
}

impl Leaving {
    /// For a window that opens now.
    pub(super) fn new(automation: Automation) -> Self {
        Self {
            automation,
            opened: Instant::now(),
            stage: Stage::Staying,
            picture: Arc::default(),
            is_well: true,
        }
    }

    /// Whether everything that was wanted before the end was done.
    pub(super) fn is_well(&self) -> bool {
        self.is_well
    }

    /// To be called in each pass; an interrupted window leaves without a picture.
    pub(super) fn look(&mut self, ctx: &Context, is_interrupted: bool) {
        let is_asked = ctx.input(|input| input.viewport().close_requested());
        if is_interrupted && !matches!(self.stage, Stage::Leaving) {
            self.leave(ctx, is_asked);
            return;
        }
        match self.stage {
            Stage::Staying => self.stay(ctx, is_asked),
            Stage::Picturing { since } => self.wait_for_picture(ctx, is_asked, since),
            Stage::Leaving => {}
        }
    }

    fn stay(&mut self, ctx: &Context, is_asked: bool) {
        let left = self
            .automation
            .duration
            .map(|duration| duration.saturating_sub(self.opened.elapsed()));
        if !is_asked && left != Some(Duration::ZERO) {
            if let Some(left) = left {
                ctx.request_repaint_after(left);
            }
            return;
        }
        if self.automation.screenshot.is_none() {
            self.leave(ctx, is_asked);
            return;
        }
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
        self.stage = Stage::Picturing {
            since: Instant::now(),
        };
    }

    fn wait_for_picture(&mut self, ctx: &Context, is_asked: bool, since: Instant) {
        let picture = self.picture.lock().take();
        let result = match picture {
            Some(image) => self.save(&image),
            None if since.elapsed() >= PICTURE_LIMIT => {
                Err(io::Error::other("the window is not painted"))
            }
            None => {
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

    fn leave(&mut self, ctx: &Context, is_asked: bool) {
        if !is_asked {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        self.stage = Stage::Leaving;
    }

    fn save(&self, image: &ColorImage) -> io::Result<()> {
        match &self.automation.screenshot {
            Some(path) => write_png(path, image),
            None => Ok(()),
        }
    }
}

/// The window is opaque, so its picture needs no alpha.
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
