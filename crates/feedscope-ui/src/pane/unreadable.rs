//! Pane of a file that cannot be read: the reason, and buttons for another try and for another file.

use egui::{Id, Rect, Ui};

use super::{PanePlace, PaneView};
use crate::command::{Command, FileCommand};
use crate::pane_request::PaneRequest;
use crate::scene::FeedScene;
use crate::theme::size;
use crate::widgets::{Look, Strip, button, button_width, take_top};

/// Space left of the buttons, so that they begin below the text of the reason, and height of their line in points.
const LEFT: f32 = 32.0;
const LINE: f32 = 52.0;

impl PaneView {
    /// Draws the content of the pane. It has no records, so that the parts for records are left out.
    pub(super) fn show_unreadable(
        &mut self,
        ui: &Ui,
        place: &PanePlace<'_>,
        mut area: Rect,
        feed: &FeedScene,
        requests: &mut Vec<PaneRequest>,
        commands: &mut Vec<Command>,
    ) {
        self.banner(ui, place, &mut area, Some(feed), commands);
        let mut strip = Strip::new(take_top(&mut area, LINE), LEFT, 8.0);
        let mut is_clicked = |name: &str| {
            let rect = strip.left(button_width(ui, name, Look::Plain), size::BUTTON);
            button(ui, rect, Id::unique((name, place.pane)), name, Look::Plain).clicked()
        };
        if is_clicked("Try again") {
            commands.push(Command::File(FileCommand::OpenAgain(feed.id)));
        }
        if is_clicked("Open another file…") {
            requests.push(PaneRequest::OpenFile);
        }
    }
}
