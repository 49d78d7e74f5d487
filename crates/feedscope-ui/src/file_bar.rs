//! Bar of a pane that shows a file: what the source is, the path of the file, and a button that closes it.

use std::borrow::Cow;

use egui::accesskit::Role;
use egui::{Id, Rect, Sense, Ui, WidgetInfo, pos2};

use crate::connection_bar::{ConnectionBarPlace, Drawn, grip};
use crate::feed_names;
use crate::file_scene::{FileScene, FileStage};
use crate::pane_request::PaneRequest;
use crate::replay_scene::ReplayScene;
use crate::theme::{Palette, font, size, tint};
use crate::widgets::icon::{self, Icon};
use crate::widgets::{
    ICON_BUTTON, Look, Strip, button, button_width, cut, cut_middle, field_ground, icon_button,
    measured, paint_left,
};
use crate::words;

/// Number of characters of a path that distinguish most files. The buttons give way to them: they become icons, and at last
/// only the menu has them.
const READABLE_PATH: f32 = 20.0;

/// Minimum number of characters of a path beside the name of a feed.
const LEAST_PATH: usize = 6;

/// Draws the bar.
pub(crate) fn show(
    ui: &Ui,
    place: &ConnectionBarPlace<'_>,
    file: &FileScene,
    replay: Option<&ReplayScene>,
    requests: &mut Vec<PaneRequest>,
) -> Drawn {
    let mut strip = Strip::new(place.rect, size::PADDING, 8.0);
    let is_dragged = place.movable && grip(ui, &mut strip, place.pane);
    // The places are taken from the right, and the buttons are made from the left, because Tab visits them in this order.
    let menu = strip.right(ICON_BUTTON.x, ICON_BUTTON.y);
    stage_pill(ui, &mut strip, place, file, replay);
    let path = READABLE_PATH * measured(ui, "0", font::mono()) + 18.0;
    let mut offered = vec![("Close", Icon::Cross, PaneRequest::Close(place.pane))];
    // A file that cannot be opened has no records to save.
    if file.stage != FileStage::Failed {
        offered.push(("Save as…", Icon::Save, PaneRequest::SaveAs(place.pane)));
    }
    let words = offered
        .iter()
        .map(|(name, ..)| button_width(ui, name, Look::Plain) + 8.0);
    let has_words = strip.room() - words.sum::<f32>() >= path;
    let mut buttons = Vec::new();
    for (name, icon, request) in offered {
        let width = if has_words {
            button_width(ui, name, Look::Plain)
        } else {
            ICON_BUTTON.x
        };
        if strip.room() - width - 8.0 < path {
            break;
        }
        buttons.push((strip.right(width, size::BUTTON), (name, icon), request));
    }
    for (rect, (name, icon), request) in buttons.into_iter().rev() {
        let id = Id::unique((name, place.pane));
        let response = if has_words {
            button(ui, rect, id, name, Look::Plain)
        } else {
            icon_button(ui, rect, id, icon, name)
        };
        if response.clicked() {
            requests.push(request);
        }
    }
    if strip.room() > 0.0 {
        show_path(ui, strip.rest(size::BUTTON), place, file);
    }
    let menu_id = Id::unique(("menu", place.pane));
    let menu = icon_button(ui, menu, menu_id, Icon::Dots, "More");
    Drawn {
        menu,
        folded: Vec::new(),
        is_dragged,
    }
}

/// Draws the pill with the kind of the source.
fn stage_pill(
    ui: &Ui,
    strip: &mut Strip,
    place: &ConnectionBarPlace<'_>,
    file: &FileScene,
    replay: Option<&ReplayScene>,
) {
    let palette = Palette::of(ui);
    let text = words::file_stage(file, replay);
    let is_playing = replay.is_some_and(|replay| replay.clock.is_playing());
    let color = match file.stage {
        _ if is_playing => palette.open,
        FileStage::Failed => palette.fail,
        FileStage::BeingWritten => palette.open,
        FileStage::Opening | FileStage::Reading { .. } => palette.wait,
        FileStage::Complete => palette.dim,
    };
    // A percentage does not move the path back and forth.
    let steady = |sign: char| if sign.is_ascii_digit() { '0' } else { sign };
    let widest: String = text.chars().map(steady).collect();
    let width = (measured(ui, &widest, font::strong()) + 32.0).ceil();
    let rect = strip.left(width.min(strip.room()), 24.0);
    ui.painter()
        .rect_filled(rect, 12.0, color.gamma_multiply(tint::PILL));
    let center = pos2(rect.left() + 13.0, rect.center().y);
    icon::paint(ui.painter(), Icon::File, center, color);
    let galley = cut(ui, &text, font::strong(), color, rect.width() - 24.0);
    paint_left(ui, rect.left() + 23.0, rect.center().y, galley);
    let response = ui.interact(rect, Id::unique(("state", place.pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("State: {text}")));
    response.on_hover_text(words::file_stage_hint(file));
}

/// Draws the name of the feed and the path, of which the name of the file is more important than its folder.
fn show_path(ui: &Ui, rect: Rect, place: &ConnectionBarPlace<'_>, file: &FileScene) {
    field_ground(ui, rect, false);
    let inner = rect.shrink2(egui::vec2(9.0, 0.0));
    let sign = measured(ui, "0", font::mono());
    let fitting = (inner.width() / sign).floor().max(1.0) as usize;
    let shown = shown_name(file, fitting);
    let palette = Palette::of(ui);
    let galley = cut(ui, &shown, font::mono(), palette.text, inner.width());
    paint_left(ui, inner.left(), inner.center().y, galley);
    let response = ui.interact(rect, Id::unique(("path", place.pane)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("File: {}", file.path)));
    // Several panes may show feeds of one file.
    let named = if file.feed.is_empty() {
        file.path.clone()
    } else {
        format!("{}\nfeed {}", file.path, file.feed)
    };
    response.on_hover_text(named);
}

/// Returns the name of the feed of a recording and the path of the file, in this number of characters. Several panes may show
/// feeds of one file, so that the path gives way to the name.
fn shown_name(file: &FileScene, fitting: usize) -> Cow<'_, str> {
    // A file without names is called after itself.
    if file.feed.is_empty() || feed_names::is_stem(&file.feed, &file.path) {
        return cut_path(&file.path, fitting);
    }
    let divider = " – ";
    let taken = file.feed.chars().count() + divider.chars().count();
    let room = fitting.saturating_sub(taken);
    if room < LEAST_PATH {
        return cut_middle(&file.feed, fitting);
    }
    let path = cut_path(&file.path, room);
    Cow::Owned(format!("{}{divider}{path}", file.feed))
}

/// Cuts a path to this number of characters. The beginning of the folder is left out first, then the ending, which many files
/// have in common, and then the middle of the name: `…/feeds/ticks.sse`, `tick-…-2113`.
fn cut_path(path: &str, fitting: usize) -> Cow<'_, str> {
    let characters = path.chars().count();
    if characters <= fitting {
        return Cow::Borrowed(path);
    }
    let name = path.trim_end_matches('/').rfind(['/', '\\']);
    let name = name.map_or(path, |separator| &path[separator + 1..]);
    // A mark and the separator before the name need a place, too.
    if name.chars().count() + 2 > fitting {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let is_whole = name.chars().count() <= fitting || stem.is_empty();
        return cut_middle(if is_whole { name } else { stem }, fitting);
    }
    let end = path.chars().skip(characters + 1 - fitting);
    Cow::Owned(std::iter::once('…').chain(end).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_stays_longer_than_its_folder() {
        let path = "/data/shared/feeds/twitch-irc-chat.ws.jsonl";
        for (fitting, shown) in [
            (43, path),
            (34, "…ed/feeds/twitch-irc-chat.ws.jsonl"),
            (26, "…/twitch-irc-chat.ws.jsonl"),
            (24, "twitch-irc-chat.ws.jsonl"),
            (21, "twitch-irc-chat.ws"),
            (13, "twitch…hat.ws"),
        ] {
            assert_eq!(cut_path(path, fitting), shown, "{fitting}");
        }
        let file = FileScene {
            path: "/data/feeds-20261128-0312.feedscope".to_owned(),
            feed: "/ticks".to_owned(),
            ..FileScene::default()
        };
        for (fitting, shown) in [
            (44, "/ticks – /data/feeds-20261128-0312.feedscope"),
            (40, "/ticks – …/feeds-20261128-0312.feedscope"),
            (20, "/ticks – feeds…-0312"),
            (12, "/ticks"),
            (5, "/t…ks"),
        ] {
            assert_eq!(shown_name(&file, fitting), shown, "{fitting}");
        }
        let whole = FileScene {
            feed: "feeds-20261128-0312".to_owned(),
            ..file
        };
        assert_eq!(shown_name(&whole, 60), whole.path);
        assert_eq!(cut_path("C:\\feeds\\ticks.sse", 12), "…s\\ticks.sse");
        assert_eq!(cut_path("capture-of-today/", 9), "capt…day/");
    }
}
