//! Panels around the rows of a pane: the inspector, the part beside or below the rows, and the plot.

use std::sync::Arc;

use egui::{Rect, Ui};
use feedscope_analysis::columns::offered_keys;
use feedscope_analysis::fields::Path;
use feedscope_analysis::record_key::{RecordKey, value_of};
use feedscope_analysis::series::{Axis, Quantity};

use super::{PanePlace, PaneView, shown_at};
use crate::command::{Command, SettingCommand};
use crate::inspector::{Searched, ValueAction};
use crate::lens::FeedLens;
use crate::plot;
use crate::scene::FeedScene;
use crate::shortcuts::{Shortcut, ViewShortcut, key_name};
use crate::side::{self, SideWish};
use crate::trace::{FigureLink, TraceTarget};

/// Number of offered keys among which the first one of a record is its key.
const MOST_TRIED: usize = 4;

impl PaneView {
    /// Draws the inspector and carries out its requests.
    pub(super) fn show_inspector(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        rect: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        // Closing the inspector ends the selection.
        let lens = place.lenses.of(feed.id).map(FeedLens::pass);
        // A feed without a protocol has no lines about it.
        let lens = lens.filter(|lens| !lens.is_idle());
        self.inspector.mark(Searched {
            find: self.find.expression().cloned(),
            filter: self.filter.hits().map(|hits| Arc::clone(hits.filter())),
        });
        let is_closed = self.inspector.show(
            ui,
            place.pane,
            rect,
            (feed.source.zone_of_times(place.zone), lens),
        );
        if is_closed {
            self.timeline.deselect_in_place();
        }
        let action = self.inspector.take_action();
        if is_closed || action.is_some() {
            // The rows have been drawn already.
            ui.ctx().request_repaint();
        }
        match action {
            Some(ValueAction::Narrow(condition)) => self.filter.narrow(&condition, place.context),
            Some(ValueAction::GoTo(item)) => self.timeline.go_to(Some(item.row.into())),
            Some(ValueAction::FindNext(expression)) => self.find.find(&expression),
            Some(ValueAction::TogglePlot(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    self.plot.toggle(&feed.store, Quantity::Field(path));
                }
            }
            Some(ValueAction::PlotOfKey(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    self.plot_of_key(feed, Quantity::Field(path));
                }
            }
            Some(ValueAction::PlotOnly(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    self.plot.plot_only(&feed.store, Quantity::Field(path));
                }
            }
            Some(ValueAction::LatestBy(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    // The kept columns stay with another key.
                    if let Some(kept) = place.columns.latest_of(feed.id) {
                        self.side.restore_latest(feed, &kept.borrow());
                    }
                    self.side.show_latest_by(feed, path.into());
                }
            }
            Some(ValueAction::CheckSequence(path)) => {
                if let Ok(path) = Path::parse(&path) {
                    self.side.check_sequence(feed, path);
                }
            }
            Some(ValueAction::ShowColumn(path)) => {
                let fields = place.columns.fields_of(feed.id);
                if let Some(fields) = fields.filter(|fields| fields.borrow_mut().add(&path)) {
                    let paths = fields.borrow().paths().to_vec();
                    commands.push(Command::Setting(SettingCommand::Fields(feed.id, paths)));
                }
            }
            Some(ValueAction::Explain(sentence)) => self.message = Some(sentence),
            None => {}
        }
    }

    /// Plots a number of the records that have the same key as the selected one. The key is that of the newest values, or
    /// else the best one that the feed offers.
    fn plot_of_key(&mut self, feed: &FeedScene, quantity: Quantity) {
        let selected = self.timeline.selected();
        let record = selected.and_then(|item| feed.store.record(item.row));
        let chosen = self.side.key().map(|key| vec![key.clone()]);
        let keys: Vec<RecordKey> = chosen.unwrap_or_else(|| {
            let offered = offered_keys(&feed.store, &self.interpreter, MOST_TRIED);
            let keys = offered.iter().filter_map(|key| RecordKey::parse(key).ok());
            keys.collect()
        });
        // A record of another form may lack the best key.
        let key = record.and_then(|record| {
            let kind = record.record().kind;
            let payload = self.interpreter.received(&kind)?;
            let mut keys = keys.into_iter();
            keys.find_map(|key| Some((value_of(&key, &kind, &payload)?, key)))
        });
        match key {
            Some((value, key)) => self.plot.plot_one_key(&feed.store, quantity, (key, value)),
            None => self.plot.add(&feed.store, quantity),
        }
    }

    /// Updates the part beside the rows for this pass, with the fields of the measures that are kept for the feed.
    pub(super) fn sync_side(
        &mut self,
        place: &PanePlace<'_>,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        if let Some(kept) = place.columns.measured_of(feed.id)
            && let Some(fields) = self.side.exchange_measured(&mut kept.borrow_mut())
        {
            commands.push(Command::Setting(SettingCommand::Measured(feed.id, fields)));
        }
        self.side.sync(feed);
    }

    /// Draws the part beside the rows and carries out its requests.
    pub(super) fn show_side(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        rect: Rect,
        feed: &FeedScene,
        commands: &mut Vec<Command>,
    ) {
        let side = side::SidePlace {
            pane: place.pane,
            rect,
            feed,
            now: shown_at(feed, place),
            zone: place.zone,
            notes: &self.annotations,
            selected: self.lists.selected(&self.timeline),
            mark_key: key_name(ui, Shortcut::View(ViewShortcut::Mark)),
        };
        let kept = place.columns.latest_of(feed.id);
        if let Some(kept) = kept {
            self.side.restore_latest(feed, &kept.borrow());
        }
        let wish = self.side.show(ui, &side);
        if let Some(kept) = kept
            && let Some(choice) = self.side.changed_latest()
            && *kept.borrow() != choice
        {
            kept.borrow_mut().clone_from(&choice);
            commands.push(Command::Setting(SettingCommand::Latest(feed.id, choice)));
        }
        match wish {
            Some(SideWish::Plot(quantity)) => self.plot.add(&feed.store, quantity),
            Some(SideWish::PlotByKey(quantity, key)) => {
                self.plot.plot_by_key(&feed.store, quantity, key);
            }
            Some(SideWish::GoTo(row)) => self.timeline.go_to(Some(row.into())),
            Some(SideWish::GoToOther(feed, row)) => self.other_row = Some((feed, row)),
            Some(SideWish::NextGap) => {
                self.follow_target(TraceTarget::Link(FigureLink::MissedOrRepeated), feed);
            }
            Some(SideWish::Narrow(condition)) => self.filter.narrow(&condition, place.context),
            Some(SideWish::NoteMark(row, note)) => self.annotations.set_note(row, note),
            Some(SideWish::RemoveMark(row)) => self.annotations.remove(row),
            Some(SideWish::AddRule(text)) => {
                if let Err(problem) = self.annotations.add_rule(&text, place.context) {
                    self.side.refuse_rule(text, problem.to_string());
                }
            }
            Some(SideWish::RemoveRule(index)) => self.annotations.remove_rule(index),
            None => {}
        }
    }

    /// Draws the plot in its place, and the place to drop a number while one is dragged.
    pub(super) fn show_plot(
        &mut self,
        ui: &mut Ui,
        place: &PanePlace<'_>,
        (rect, rows): (Option<Rect>, Rect),
        feed: &FeedScene,
    ) {
        let axis = if feed.source.lacks_times() {
            Axis::Rows
        } else {
            Axis::Time
        };
        self.plot.set_axis(&feed.store, axis);
        // A number that is dropped on the rows opens the plot.
        let Some(rect) = rect else {
            self.plot.take_dropped(ui, &feed.store, rows, Rect::NOTHING);
            return;
        };
        let selected = self.timeline.selected().and_then(|item| {
            let stamp = feed.store.stamp(item.row)?;
            Some(axis.position(stamp.moment, item.row))
        });
        // The records of a file are older than the present, so that its newest one is the end.
        let end = feed.store.extent().end.checked_sub(1);
        let newest = end.and_then(|row| Some((row, feed.store.stamp(row)?)));
        let newest = newest.filter(|_| !feed.source.is_live());
        let plot = plot::PlotPlace {
            pane: place.pane,
            rect,
            store: &feed.store,
            interpreter: &self.interpreter,
            now: newest.map_or(place.now, |(row, stamp)| axis.position(stamp.moment, row)),
            has_ended: newest.is_some(),
            utc: newest.map_or(place.utc, |(_, stamp)| stamp.utc),
            zone: place.zone,
            axis,
            selected,
            is_filtered: !self.filter.in_force().is_empty(),
        };
        if let Some(row) = self.plot.show(ui, &plot) {
            self.timeline.go_to(Some(row.into()));
            // The rows have been drawn already.
            ui.ctx().request_repaint();
        }
        self.plot.take_dropped(ui, &feed.store, rows, rect);
    }
}
