//! Sheet that compares a feed's engine with another one: the offer, the progress, or the first difference in two
//! columns. Its content comes from the feed's status.

use egui::{Button, Grid, Id, Key, Label, RichText, ScrollArea, Ui};
use feedscope_core::protocol::Engine;
use feedscope_core::second_opinion::{EngineDifference, Opinion, OpinionState};

use crate::command::{Command, PaneCommand};
use crate::ids::PaneId;
use crate::payload_text::line_job;
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets::sheet_scroll::Content;
use crate::widgets::{sheet, sheet_scroll};
use crate::words;

/// Maximum characters of a value that are shown. The timeline shows all of it.
const SHOWN_CHARS: usize = 400;

/// State of the sheet while it is open.
#[derive(Default)]
pub(crate) struct OpinionSheet {
    /// A button was given the focus while a comparison was running, or while none was.
    focused_while_running: Option<bool>,
}

impl OpinionSheet {
    /// Draws the sheet. Returns true if it stays open.
    pub(crate) fn show(
        &mut self,
        ui: &Ui,
        pane: PaneId,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) -> bool {
        let running = is_running(feed);
        // Enter starts the comparison first, and closes the sheet then.
        let takes_focus = self.focused_while_running.replace(running) != Some(running);
        show(ui, pane, (feed, takes_focus), commands)
    }
}

/// Returns true if the engines of a feed are compared.
fn is_running(feed: &FeedScene) -> bool {
    let spec = feed.source.spec();
    spec.is_some_and(|spec| spec.second_opinion().is_some())
}

/// Draws the sheet. Returns true if it stays open.
fn show(
    ui: &Ui,
    pane: PaneId,
    (feed, takes_focus): (&FeedScene, bool),
    commands: &mut Vec<Command>,
) -> bool {
    let screen = ui.ctx().content_rect();
    let other = feed.source.protocol().other_engine();
    let modal =
        sheet(ui, Id::unique(("second opinion", pane)), "Second opinion").show(ui.ctx(), |ui| {
            let palette = Palette::of(ui);
            ui.set_width(640.0_f32.min(screen.width() - 60.0));
            ui.label(
                RichText::new(format!("Second opinion of {}", other.name())).font(font::title()),
            );
            ui.label(
                RichText::new(feed.address())
                    .font(font::mono())
                    .color(palette.dim),
            );
            ui.add_space(6.0);
            let running = is_running(feed);
            if running {
                standing(ui, feed, other, (screen.height() - 190.0).max(100.0));
            } else {
                ui.label(words::comparison_offer(feed.source.protocol()));
            }
            ui.add_space(8.0);
            ui.horizontal(|ui| buttons(ui, pane, (feed, takes_focus), running, commands))
                .inner
        });
    let escaped = ui.input(|input| input.key_pressed(Key::Escape));
    !(modal.inner || escaped || modal.should_close())
}

/// Draws the buttons. Returns true if the sheet is to be closed.
fn buttons(
    ui: &mut Ui,
    pane: PaneId,
    (feed, takes_focus): (&FeedScene, bool),
    running: bool,
    commands: &mut Vec<Command>,
) -> bool {
    let palette = Palette::of(ui);
    // Both engines start with a new connection, because they must read the same bytes from its beginning.
    let mut connect = |is_compared: bool| {
        // Everything else about the feed stays as it is.
        let Some(spec) = feed.source.spec() else {
            return;
        };
        let mut spec = spec.clone();
        spec.reading
            .set_second_opinion(spec.protocol(), is_compared);
        commands.push(Command::Pane(PaneCommand::ConnectWith {
            pane,
            spec: Box::new(spec),
        }));
    };
    let begin = if running {
        "Compare again"
    } else {
        "Connect and compare"
    };
    let begins = ui.add(Button::new(RichText::new(begin).color(palette.open)));
    if takes_focus && !running {
        begins.request_focus();
    }
    if begins.clicked() {
        connect(true);
    }
    let stopped = running && ui.button("Connect without comparing").clicked();
    if stopped {
        connect(false);
    }
    let close = ui.button("Close");
    if takes_focus && running {
        close.request_focus();
    }
    close.clicked() || stopped
}

/// Draws the progress of the comparison, and the first difference if there is one.
fn standing(ui: &mut Ui, feed: &FeedScene, other: Engine, height: f32) {
    let palette = Palette::of(ui);
    // Before the first result, the sheet shows that it waits.
    let waiting = Opinion::of(other);
    let status = feed.source.status();
    let known = status.and_then(|status| status.second_opinion.as_ref());
    let opinion = known.unwrap_or(&waiting);
    let color = match &opinion.standing {
        OpinionState::Differs(_) => palette.wait,
        OpinionState::Ended | OpinionState::Limit => palette.open,
        OpinionState::Waiting | OpinionState::Comparing => palette.text,
    };
    let text = words::comparison_standing(opinion);
    ui.label(RichText::new(text).font(font::heading()).color(color));
    if let Some(difference) = opinion.difference() {
        ui.add_space(6.0);
        let area = ScrollArea::vertical()
            .id_salt(("difference", feed.id))
            .max_height(height);
        sheet_scroll::show(ui, area, Content::Text, |ui| {
            columns(ui, palette, difference, other);
        });
        ui.add_space(6.0);
        ui.label(RichText::new(difference.standard()).color(palette.dim));
    }
}

/// Draws the values of both engines, the native one on the left. Differing values stand out.
fn columns(ui: &mut Ui, palette: &Palette, difference: &EngineDifference, other: Engine) {
    /// Width of the column with the names of fields, in points.
    const NAMES: f32 = 96.0;
    let width = ((ui.available_width() - NAMES - 44.0) / 2.0).max(80.0);
    Grid::new("difference")
        .num_columns(3)
        .spacing([16.0, 6.0])
        .show(ui, |ui| {
            ui.label("");
            for engine in [Engine::Native, other] {
                ui.label(RichText::new(engine.name()).font(font::strong_label()));
            }
            ui.end_row();
            for field in difference.fields() {
                ui.vertical(|ui| {
                    ui.set_width(NAMES);
                    let name = RichText::new(field.name).font(font::mono());
                    ui.label(name.color(palette.dim));
                });
                let color = if field.is_alike() {
                    palette.dim
                } else {
                    palette.text
                };
                for value in field.excerpts(SHOWN_CHARS) {
                    let text = value.unwrap_or_else(|| "—".to_owned());
                    let job = line_job(ui, &text, &font::mono(), color, palette.faint);
                    ui.vertical(|ui| {
                        ui.set_width(width);
                        ui.add(Label::new(job).wrap());
                    });
                }
                ui.end_row();
            }
        });
}
