//! Place of the window on the screens. A window is never placed where no screen is.

use eframe::CreationContext;
use egui::{Pos2, Rect, Vec2, ViewportCommand, ViewportInfo, pos2, vec2};
use serde::{Deserialize, Serialize};

/// Part of the title bar, in pixels, that must be on a screen so that the user can move the window.
const LEAST_VISIBLE: Vec2 = vec2(120.0, 24.0);

/// Place of a window. Its size is in the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::app) struct WindowPlace {
    /// Upper left corner in pixels; `None` where the system does not report it.
    position: Option<[i32; 2]>,
    /// The window fills its screen.
    is_maximized: bool,
}

impl WindowPlace {
    /// Returns the place of a window that was here before.
    pub(in crate::app) fn of(info: &ViewportInfo, pixels_per_point: f32, before: Self) -> Self {
        if info.minimized == Some(true) || info.fullscreen == Some(true) {
            return before;
        }
        let is_maximized = info.maximized == Some(true);
        let corner = info.outer_rect.map(|rect| rect.min * pixels_per_point);
        let corner = corner.map(|corner| [corner.x.round() as i32, corner.y.round() as i32]);
        Self {
            // The place before it was maximized returns with the next start.
            position: if is_maximized {
                before.position
            } else {
                corner.or(before.position)
            },
            is_maximized,
        }
    }

    /// Moves a new window to this place, if it is on a screen.
    pub(in crate::app) fn apply(self, creation: &CreationContext<'_>) {
        let ctx = &creation.egui_ctx;
        if let (Some(position), Some(window)) = (self.position, creation.winit_window()) {
            let screens = window.available_monitors().map(|screen| {
                let (corner, size) = (screen.position(), screen.size());
                let corner = pos2(corner.x as f32, corner.y as f32);
                Rect::from_min_size(corner, vec2(size.width as f32, size.height as f32))
            });
            let screens: Vec<Rect> = screens.collect();
            if let Some(corner) = on_a_screen(position, &screens) {
                let corner = (corner.to_vec2() / window.scale_factor() as f32).to_pos2();
                ctx.send_viewport_cmd(ViewportCommand::OuterPosition(corner));
            }
        }
        if self.is_maximized {
            ctx.send_viewport_cmd(ViewportCommand::Maximized(true));
        }
    }
}

/// Returns the corner of a window, in pixels, if enough of its title bar is on one of the screens.
fn on_a_screen(corner: [i32; 2], screens: &[Rect]) -> Option<Pos2> {
    let corner = pos2(corner[0] as f32, corner[1] as f32);
    let title = Rect::from_min_size(corner, LEAST_VISIBLE);
    let shows = |screen: &Rect| screen.contains_rect(title);
    screens.iter().any(shows).then_some(corner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_never_placed_where_no_screen_is() {
        let screen = |x, y| Rect::from_min_size(pos2(x, y), vec2(1920.0, 1080.0));
        let both = [screen(0.0, 0.0), screen(-1920.0, 200.0)];
        for (corner, with_both, with_one) in [
            ([0, 0], true, true),
            ([1700, 1000], true, true),
            ([-1000, 300], true, false),
            ([-1000, 0], false, false),
            ([1900, 500], false, false),
            ([100, 1070], false, false),
            ([i32::MAX, i32::MIN], false, false),
        ] {
            let there = |screens| on_a_screen(corner, screens).is_some();
            assert_eq!((there(&both), there(&both[..1])), (with_both, with_one));
            assert!(!there(&[]));
        }
    }

    #[test]
    fn a_maximized_window_keeps_the_corner_that_it_had_before() {
        let info = |maximized, minimized, x| ViewportInfo {
            outer_rect: Some(Rect::from_min_size(pos2(x, 20.0), vec2(800.0, 600.0))),
            maximized: Some(maximized),
            minimized: Some(minimized),
            ..ViewportInfo::default()
        };
        let place = |position, is_maximized| WindowPlace {
            position: Some(position),
            is_maximized,
        };
        let normal = WindowPlace::of(&info(false, false, 10.0), 2.0, WindowPlace::default());
        assert_eq!(normal, place([20, 40], false));
        let maximized = WindowPlace::of(&info(true, false, 0.0), 2.0, normal);
        assert_eq!(maximized, place([20, 40], true));
        let minimized = WindowPlace::of(&info(false, true, -30000.0), 2.0, maximized);
        assert_eq!(minimized, maximized);
        // Wayland reports no corner.
        let unknown = WindowPlace::of(&ViewportInfo::default(), 1.0, normal);
        assert_eq!(unknown, normal);
    }
}
