//! Rows of a pane with their filter, find and jump bars, and the answers of a language model beside them.

use egui::{Rect, Ui};
use feedscope_analysis::lenses::LensPass;
use feedscope_analysis::listing::ItemId;
use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_core::store::OwnedRecord;
use feedscope_core::{Kind, Timestamp};

use super::{PanePlace, PaneView, has_row_keys, shown_at};
use crate::annotations::RowNotes;
use crate::assembled::{self, AnswerWish, Room};
use crate::command::{Command, MessageCommand, PaneCommand};
use crate::filter_row::RowWish;
use crate::lens::{FeedLens, LensWish};
use crate::scene::FeedScene;
use crate::selection_line::{self, SelectionWish};
use crate::side::SideTab;
use crate::theme::size;
use crate::timeline::RowAction;
use crate::widgets::take_top;
use crate::{filter, filter_row, jump, lists};

impl PaneView {
    /// Draws the rows, and the answers of a language model beside them or in their place.
    pub(super) fn show_rows_and_answers(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let lens = place.lenses.of(feed.id).map(FeedLens::pass);
        let room = self.assembled.take_room(&mut area, lens);
        let answers = match room {
            Room::None => None,
            Room::Beside(rect) => Some(rect),
            Room::Tabs(tabs) => self
                .assembled
                .show_tabs(ui, place.pane, tabs)
                .then_some(area),
        };
        // In a narrow pane, the answers replace the rows.
        if answers.is_none_or(|rect| rect != area) {
            self.show_rows(ui, place, area, feed, commands);
        }
        if let Some((rect, lens)) = answers.zip(lens) {
            self.show_answers(ui, place, rect, feed, lens);
        }
    }

    /// Draws the filter, the find and jump bars, and the rows.
    fn show_rows(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        mut area: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let row = filter_row::FilterRowPlace {
            pane: place.pane,
            rect: take_top(&mut area, size::FILTER_ROW),
            context: place.context,
            lens: place.lenses.of(feed.id),
            opened_menu: self.wanted_menu.take(),
        };
        let wish = filter_row::show(ui, &row, feed, &mut self.timeline, &mut self.filter);
        match wish {
            Some(RowWish::Lens(LensWish::Narrow(condition))) => {
                self.filter.narrow(condition, place.context);
                ui.ctx().request_repaint();
            }
            Some(RowWish::Lens(LensWish::SwitchRaw)) => self.timeline.switch_raw(),
            Some(RowWish::Keep(lens)) => {
                commands.push(Command::Message(MessageCommand::Keep(feed.id, lens)));
            }
            Some(RowWish::Read(texts)) => {
                let pane = place.pane;
                commands.push(Command::Pane(PaneCommand::Read { pane, texts }));
            }
            None => {}
        }
        if let Some(notice) = self.filter.notice() {
            let line = take_top(&mut area, filter::NOTICE_HEIGHT);
            filter::show_notice(ui, place.pane, line, &mut self.filter, &notice);
        }
        if self.find.is_open() {
            let bar = take_top(&mut area, size::FIND_BAR);
            let parts = (&mut self.timeline, &mut self.inspector);
            self.find.show(ui, place.pane, bar, parts);
        }
        if let Some(listing) = self.lists.listing().filter(|_| self.jump.is_open()) {
            let bar = jump::JumpBarPlace {
                pane: place.pane,
                rect: take_top(&mut area, size::FIND_BAR),
                now: shown_at(feed, place).utc,
                zone: feed.source.zone_of_times(place.zone),
            };
            let moment = self.jump.show(ui, &bar, listing, &mut self.timeline);
            let action = moment.and_then(|moment| self.timeline.lead_replay(feed, moment));
            commands.extend(action.map(|action| Command::Replay(feed.id, action)));
        }
        let columns = place.columns.of(feed.id);
        let Some((columns, fields)) = columns.zip(place.columns.fields_of(feed.id)) else {
            return;
        };
        let line = self.take_selection_line(&mut area);
        let view = lists::ListsPlace {
            pane: place.pane,
            rect: area,
            now: place.now,
            zone: place.zone,
            columns,
            fields,
            lens: place.lenses.of(feed.id).map(FeedLens::pass),
            context: place.context,
            keys: place.focused && has_row_keys(ui),
            notes: RowNotes {
                of_view: &self.annotations,
                gaps: self.side.measures().gaps(),
            },
        };
        let parts = lists::ListParts {
            timeline: &mut self.timeline,
            filter: &mut self.filter,
            find: &mut self.find,
        };
        self.lists.show(ui, &view, feed, parts, commands);
        if self.filter.takes_to_hits() {
            self.lists.enter(ui, place.pane, &mut self.timeline);
        }
        self.show_selection_line(ui, place, line, feed);
        if let Some(action) = self.lists.take_action(&mut self.timeline) {
            self.run(ui, place, feed, action, commands);
        }
    }

    /// Carries out a request about the selected rows.
    fn run(
        &mut self,
        ui: &Ui,
        place: &PanePlace<'_>,
        feed: &FeedScene,
        action: RowAction,
        commands: &mut Vec<Command>,
    ) {
        match action {
            RowAction::Copy(form) => {
                if let Some((listing, selection)) = self.lists.selected(&self.timeline) {
                    self.selection_line.copy(
                        ui,
                        listing,
                        selection,
                        form,
                        feed.source.zone_of_times(place.zone),
                    );
                }
            }
            RowAction::Narrow(condition) => {
                self.filter.narrow(&condition, place.context);
                ui.ctx().request_repaint();
            }
            RowAction::GoTo(item) => {
                self.timeline.go_to(Some(item.row.into()));
                ui.ctx().request_repaint();
            }
            RowAction::ToggleMark => self.toggle_mark(Some(feed)),
            RowAction::SendAgain(item) => {
                let record = feed.store.record(item.row);
                if let Some(message) = record.and_then(|record| message_of(&record)) {
                    commands.push(Command::Feed(feed.id, FeedCommand::Send(message)));
                }
            }
        }
    }

    /// Cuts the area of the line about several selected rows off the bottom of `area`.
    fn take_selection_line(&self, area: &mut Rect) -> Option<Rect> {
        let (listing, selection) = self.lists.selected(&self.timeline)?;
        // A very low list keeps its rows. One of three rows gives way, because the line is about all of them.
        let has_room = area.height() >= size::SELECTION_LINE + 1.5 * size::ROW;
        if !selection.has_line(listing) || !has_room {
            return None;
        }
        let top = area.bottom() - size::SELECTION_LINE;
        let line = area.with_min_y(top);
        area.set_bottom(top);
        Some(line)
    }

    /// Draws the line about several selected rows.
    fn show_selection_line(
        &mut self,
        ui: &Ui,
        place: &PanePlace<'_>,
        line: Option<Rect>,
        feed: &FeedScene,
    ) {
        self.selection_line.hand_over(ui);
        let Some((listing, selection)) = self.lists.selected(&self.timeline) else {
            return;
        };
        if selection.has_line(listing) != line.is_some() {
            // The line takes its room in the next pass.
            ui.ctx().request_repaint();
        }
        let Some(rect) = line else { return };
        let area = selection_line::SelectionLinePlace {
            pane: place.pane,
            rect,
            listing,
            selection,
            zone: feed.source.zone_of_times(place.zone),
        };
        match self.selection_line.show(ui, &area) {
            Some(SelectionWish::Deselect) => self.lists.deselect(&mut self.timeline),
            Some(SelectionWish::Compare) => {
                let ends = selection.first(listing).zip(selection.last(listing));
                if let Some((earlier, later)) = ends {
                    let listing = listing.clone();
                    self.timeline.inspect_selected(later);
                    self.inspector.compare(&listing, earlier.row, later.row);
                }
            }
            Some(SelectionWish::Measure) => {
                self.side.open(SideTab::Measures);
                self.side.measure_selection();
            }
            Some(SelectionWish::OnlyTime) => {
                let store = listing.store();
                let utc = |item: Option<ItemId>| Some(store.stamp(item?.row)?.utc);
                let ends = (utc(selection.first(listing)), utc(selection.last(listing)));
                if let (Some(first), Some(last)) = ends {
                    // The end of a filter is not in its range.
                    let after_last = Timestamp::from_micros(last.as_micros() + 1);
                    // Each condition is added before the others.
                    self.filter
                        .narrow(&format!("before:{after_last}"), place.context);
                    self.filter.narrow(&format!("after:{first}"), place.context);
                    ui.ctx().request_repaint();
                }
            }
            None => {}
        }
    }

    /// Draws the answers of a language model and carries out their requests.
    fn show_answers(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        rect: Rect,
        feed: &FeedScene,
        lens: &LensPass,
    ) {
        let answers = assembled::AssembledPlace {
            pane: place.pane,
            rect,
            now: shown_at(feed, place).moment,
            selected: self.timeline.selected().map(|item| item.row),
        };
        match self.assembled.show(ui, &answers, lens) {
            Some(AnswerWish::GoTo(row)) => {
                self.timeline.go_to(Some(row.into()));
                ui.ctx().request_repaint();
            }
            Some(AnswerWish::Save(number)) => self.saved_answer = Some(number),
            None => {}
        }
    }
}

/// Returns the message of a record, to send it again.
fn message_of(record: &OwnedRecord) -> Option<Outgoing> {
    match record.record().kind {
        Kind::Text { data, .. } => Some(Outgoing::Text(String::from_utf8_lossy(data).into_owned())),
        Kind::Binary { data, .. } => Some(Outgoing::Binary(data.to_vec())),
        _ => None,
    }
}
