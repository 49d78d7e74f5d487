//! Axis of the time bar: the number of records over the whole time, the life of the connection, the times of day, and the
//! handle at the position.

use std::time::Duration;

use egui::accesskit::{Action, Role};
use egui::{
    Color32, CursorIcon, EventFilter, Id, Key, Modifiers, Pos2, Rect, Response, Sense, Shape,
    Stroke, Ui, WidgetInfo, pos2, vec2,
};
use feedscope_analysis::analysis::Task;
use feedscope_analysis::job::Job;
use feedscope_analysis::recording_profile::{RecordingProfile, recording_profile};
use feedscope_core::{Moment, Timestamp};
use jiff::tz::TimeZone;

use crate::ids::FeedId;
use crate::replay_scene::{ReplayAction, ReplayScene};
use crate::scene::FeedScene;
use crate::theme::{Palette, font};
use crate::widgets::paint_left;
use crate::{trace, words};

/// Number of parts of the time in which records are counted.
const COLUMNS: u32 = 1_024;

/// Minimum time between two moves of the lists while the handle is dragged.
const FOLLOW: Duration = Duration::from_millis(50);

/// Width of a bar of the density with the space after it.
const BAR: f32 = 3.0;

/// Width of the handle.
const HANDLE: f32 = 14.0;

/// Width of the area around the handle that drags it.
const GRIP: f32 = 24.0;

/// Opacity of the time that was played.
const PLAYED: f32 = 0.75;

/// Area of the bar, and the data that it needs.
pub(crate) struct ReplayBarPlace<'a> {
    pub(crate) rect: Rect,
    pub(crate) feed: &'a FeedScene,
    pub(crate) now: Moment,
    pub(crate) zone: &'a TimeZone,
}

/// State of the axis.
#[derive(Default)]
pub(super) struct Axis {
    profile: Option<Profile>,
    drag: Option<Drag>,
}

/// Course of a recording. The former one is shown while the next one is computed.
struct Profile {
    feed: FeedId,
    job: Job<RecordingProfile>,
    span: (Moment, Moment),
    shown: RecordingProfile,
}

/// Drag of the handle.
#[derive(Clone, Copy)]
struct Drag {
    /// Distance of the pointer from the middle of the handle.
    offset: f32,
    /// Moment under the handle.
    at: Moment,
    /// Present time of the last move of the lists.
    moved: Moment,
}

/// Places of the parts of the axis.
#[derive(Clone, Copy)]
struct AxisLayout {
    density: Rect,
    strip: Rect,
    /// Middle of the times of day.
    times: f32,
    span: (Moment, Moment),
}

impl AxisLayout {
    fn new(rect: Rect, span: (Moment, Moment)) -> Self {
        let bottom = rect.bottom() - 26.0;
        let strip = Rect::from_min_max(pos2(rect.left(), bottom - 4.0), pos2(rect.right(), bottom));
        let top = (rect.top() + 10.0).min(strip.top() - 8.0);
        let density = Rect::from_min_max(
            pos2(rect.left(), top),
            pos2(rect.right(), strip.top() - 4.0),
        );
        Self {
            density,
            strip,
            times: rect.bottom() - 12.0,
            span,
        }
    }

    fn x(&self, at: Moment) -> f32 {
        let (first, last) = self.span;
        let part = at.since(first).as_secs_f64() / last.since(first).as_secs_f64().max(1e-9);
        self.strip.left() + self.strip.width() * part.min(1.0) as f32
    }

    fn moment(&self, x: f32) -> Moment {
        let (first, last) = self.span;
        let part = ((x - self.strip.left()) / self.strip.width().max(1.0)).clamp(0.0, 1.0);
        first + last.since(first).mul_f64(f64::from(part))
    }
}

impl Axis {
    /// Returns the position of the replay, or of the handle that is dragged.
    pub(super) fn position(&self, replay: &ReplayScene) -> Moment {
        self.drag.map_or(replay.clock.position(), |drag| drag.at)
    }

    /// Returns the analyses to run.
    pub(super) fn tasks(&self) -> impl Iterator<Item = Task> {
        let job = self.profile.as_ref().map(|profile| &profile.job);
        job.and_then(Job::task).into_iter()
    }

    /// Draws the axis and handles the pointer and the keys on it.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        rect: Rect,
        place: &ReplayBarPlace<'_>,
        replay: &ReplayScene,
        actions: &mut Vec<ReplayAction>,
    ) {
        if rect.width() < 2.0 * HANDLE {
            return;
        }
        let layout = AxisLayout::new(rect, replay.clock.span());
        let area = rect.expand2(vec2(GRIP / 2.0, 0.0));
        let id = Id::unique("replay axis");
        let response = ui.interact(area, id, Sense::click_and_drag());
        self.handle_pointer(ui, &response, &layout, place.now, replay, actions);
        self.sync(place.feed.id, replay);
        let profile = self.profile.as_ref().map(|profile| &profile.shown);
        handle_keys(ui, &response, replay, profile, actions);
        let position = self.position(replay);
        let time = words::time_of_day(replay.utc_at(position), place.zone);
        describe(&response, replay, position, &time);
        if let Some(profile) = profile {
            paint_density(ui, &layout, profile, position);
            paint_life(ui, &layout, profile);
        }
        paint_times(ui, &layout, replay, place.zone);
        paint_handle(ui, &layout, position, response.has_focus());
        if self.drag.is_some() {
            paint_chip(ui, &layout, position, &time);
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    }

    /// Moves the position to the pointer.
    fn handle_pointer(
        &mut self,
        ui: &Ui,
        response: &Response,
        layout: &AxisLayout,
        now: Moment,
        replay: &ReplayScene,
        actions: &mut Vec<ReplayAction>,
    ) {
        let is_down = response.is_pointer_button_down_on();
        let pointer = response.interact_pointer_pos();
        // A quick hand presses and releases the button within one pass.
        let pointer = pointer.filter(|_| is_down || self.drag.is_some() || response.clicked());
        if let Some(pointer) = pointer {
            let position = replay.clock.position();
            let drag = self.drag.get_or_insert_with(|| {
                let offset = pointer.x - layout.x(position);
                Drag {
                    // A press beside the handle moves it to the pointer.
                    offset: if offset.abs() <= GRIP / 2.0 {
                        offset
                    } else {
                        0.0
                    },
                    at: position,
                    moved: Moment::START,
                }
            });
            let at = layout.moment(pointer.x - drag.offset);
            if is_down && at != drag.at && now.since(drag.moved) >= FOLLOW {
                drag.moved = now;
                actions.push(ReplayAction::MoveTo(at));
            } else if is_down && at != drag.at {
                ui.ctx().request_repaint_after(FOLLOW);
            }
            drag.at = at;
        }
        if let Some(drag) = self.drag.take_if(|_| !is_down) {
            actions.push(ReplayAction::MoveTo(drag.at));
        }
    }

    /// Updates the course of the recording after it has grown, or after another one became active.
    fn sync(&mut self, feed: FeedId, replay: &ReplayScene) {
        let span = replay.clock.span();
        let Some(profile) = self.profile.as_mut().filter(|profile| profile.feed == feed) else {
            self.profile = Some(Profile {
                feed,
                job: compute(replay),
                span,
                shown: RecordingProfile::default(),
            });
            return;
        };
        if let Some(done) = profile.job.get() {
            if profile.shown != *done {
                profile.shown = done.clone();
            }
            if profile.span != span {
                profile.span = span;
                profile.job = compute(replay);
            }
        }
    }
}

/// Begins to compute the course of a recording.
fn compute(replay: &ReplayScene) -> Job<RecordingProfile> {
    recording_profile(replay.stores.to_vec(), replay.clock.span(), COLUMNS)
}

/// Handles the keys while the axis has the focus: one percent back and forth, with Ctrl to the next gap.
fn handle_keys(
    ui: &Ui,
    response: &Response,
    replay: &ReplayScene,
    profile: Option<&RecordingProfile>,
    actions: &mut Vec<ReplayAction>,
) {
    let (first, last) = replay.clock.span();
    let position = replay.clock.position();
    let step = last.since(first) / 100;
    let requested =
        |action| ui.input(|input| input.num_accesskit_action_requests(response.id, action));
    if requested(Action::Increment) > 0 {
        actions.push(ReplayAction::MoveTo(position + step));
    }
    if requested(Action::Decrement) > 0 {
        actions.push(ReplayAction::MoveTo(position - step));
    }
    if !response.has_focus() {
        return;
    }
    // Arrow keys would move the focus to another widget.
    let filter = EventFilter {
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let gaps = profile.map_or(&[][..], |profile| &profile.gaps);
    // Keys with Ctrl come first, because `consume_key` ignores additional modifiers.
    if pressed(Modifiers::COMMAND, Key::ArrowRight) {
        let next = gaps.get(gaps.partition_point(|&gap| gap <= position));
        actions.extend(next.map(|&gap| ReplayAction::MoveTo(gap)));
    } else if pressed(Modifiers::COMMAND, Key::ArrowLeft) {
        let before = gaps.partition_point(|&gap| gap < position).checked_sub(1);
        actions.extend(before.map(|at| ReplayAction::MoveTo(gaps[at])));
    } else if pressed(Modifiers::NONE, Key::ArrowRight) {
        actions.push(ReplayAction::MoveTo(position + step));
    } else if pressed(Modifiers::NONE, Key::ArrowLeft) {
        actions.push(ReplayAction::MoveTo(position - step));
    } else if pressed(Modifiers::NONE, Key::Home) {
        actions.push(ReplayAction::MoveTo(first));
    } else if pressed(Modifiers::NONE, Key::End) {
        actions.push(ReplayAction::MoveTo(last));
    }
}

/// Describes the axis for a screen reader: a slider with the time of day as its value.
fn describe(response: &Response, replay: &ReplayScene, position: Moment, time: &str) {
    let (first, last) = replay.clock.span();
    let part = position.since(first).as_secs_f64() / last.since(first).as_secs_f64().max(1e-9);
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Position in the recording"));
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_numeric_value((part * 100.0).round());
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(100.0);
        node.set_value(time);
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
}

/// Draws the number of records over time.
fn paint_density(ui: &Ui, layout: &AxisLayout, profile: &RecordingProfile, position: Moment) {
    let palette = Palette::of(ui);
    let counts = &profile.received;
    let bars = (layout.density.width() / BAR).floor().max(1.0) as usize;
    let sums: Vec<u64> = (0..bars)
        .map(|bar| {
            // A wide bar has several columns, and a narrow column belongs to one bar.
            let from = bar * counts.len() / bars;
            let to = ((bar + 1) * counts.len() / bars).max(from + 1);
            let part = counts.get(from..to.min(counts.len()));
            part.unwrap_or_default().iter().sum()
        })
        .collect();
    // The highest bar has the whole height, because the numbers of records have no natural limit.
    let highest = sums.iter().copied().max().unwrap_or(0).max(1) as f32;
    let played = layout.x(position);
    let Rect { min, max } = layout.density;
    for (bar, &count) in sums.iter().enumerate().filter(|(_, count)| **count > 0) {
        let x = min.x + BAR * bar as f32;
        let height = (layout.density.height() * count as f32 / highest).max(1.0);
        let rect = Rect::from_min_max(pos2(x, max.y - height), pos2(x + BAR - 1.0, max.y));
        let color = if x < played {
            palette.text.gamma_multiply(PLAYED)
        } else {
            palette.faint
        };
        ui.painter().rect_filled(rect, 0.0, color);
    }
}

/// Draws the states of the connection, and the gaps in amber.
fn paint_life(ui: &Ui, layout: &AxisLayout, profile: &RecordingProfile) {
    let palette = Palette::of(ui);
    let strip = layout.strip;
    ui.painter().rect_filled(strip, 1.0, palette.raise);
    for (at, span) in profile.life.iter().enumerate() {
        let next = profile.life.get(at + 1);
        let end = next.map_or(strip.right(), |next| layout.x(next.from.moment));
        let start = layout.x(span.from.moment);
        // Even a very short state is one point wide.
        let rect = Rect::from_x_y_ranges(start..=end.max(start + 1.0), strip.y_range());
        trace::paint_span(ui, rect, span);
    }
    for &gap in &profile.gaps {
        let center = pos2(layout.x(gap), strip.center().y);
        let mark = Rect::from_center_size(center, vec2(2.0, strip.height()));
        ui.painter().rect_filled(mark, 0.0, palette.wait);
    }
}

/// Draws the times of day below the axis.
fn paint_times(ui: &Ui, layout: &AxisLayout, replay: &ReplayScene, zone: &TimeZone) {
    /// Minimum distance of two times.
    const LEAST: f32 = 84.0;
    let palette = Palette::of(ui);
    let (first, last) = layout.span;
    let utc = replay.utc_at(first).as_micros();
    let span = micros(last.since(first));
    let most = f64::from(layout.strip.width() / LEAST).max(1.0);
    let step = step_micros(span as f64 / most);
    let offset = i64::from(words::offset_seconds(Timestamp::from_micros(utc), zone)) * 1_000_000;
    // Times of day are round in the displayed zone.
    let to_next = (step - (utc + offset).rem_euclid(step)) % step;
    let mut after = to_next;
    let mut taken = f32::NEG_INFINITY;
    while after <= span {
        let moment = first + Duration::from_micros(after.unsigned_abs());
        let x = layout.x(moment);
        let top = layout.strip.bottom() + 1.0;
        let line = Stroke::new(1.0, palette.faint);
        ui.painter().vline(x, top..=top + 3.0, line);
        let text = time_text(Timestamp::from_micros(utc + after), zone, step);
        let font = font::mono_small();
        let galley = ui.painter().layout_no_wrap(text, font, palette.dim);
        let width = galley.size().x;
        if let Some(left) = text_left(x, width, taken, layout.strip.x_range()) {
            paint_left(ui, left, layout.times, galley);
            taken = left + width;
        }
        after += step;
    }
}

/// Returns the left edge of a text of this width at `x`, which stays inside of the axis; `None` if it would touch the text
/// before it, which ends at `taken`.
fn text_left(x: f32, width: f32, taken: f32, axis: egui::Rangef) -> Option<f32> {
    /// Minimum distance of two texts.
    const GAP: f32 = 8.0;
    let most = (axis.max - width).max(axis.min);
    let left = (x - width / 2.0).clamp(axis.min, most);
    (left >= taken + GAP).then_some(left)
}

/// Returns a step between two times of at least this length, in microseconds.
fn step_micros(least: f64) -> i64 {
    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 86_400 * SECOND;
    let steps = [
        SECOND / 1_000,
        SECOND / 100,
        SECOND / 10,
        SECOND / 5,
        SECOND / 2,
        SECOND,
        2 * SECOND,
        5 * SECOND,
        10 * SECOND,
        15 * SECOND,
        30 * SECOND,
        60 * SECOND,
        2 * 60 * SECOND,
        5 * 60 * SECOND,
        10 * 60 * SECOND,
        15 * 60 * SECOND,
        30 * 60 * SECOND,
        3_600 * SECOND,
        2 * 3_600 * SECOND,
        3 * 3_600 * SECOND,
        6 * 3_600 * SECOND,
        12 * 3_600 * SECOND,
    ];
    let found = steps.into_iter().find(|&step| step as f64 >= least);
    // Longer steps are whole days.
    found.unwrap_or_else(|| {
        ((least / DAY as f64).ceil() as i64)
            .max(1)
            .saturating_mul(DAY)
    })
}

/// Formats a time of the axis: a date where the times are days apart, and milliseconds where they are close together.
fn time_text(at: Timestamp, zone: &TimeZone, step: i64) -> String {
    let second = 1_000_000;
    if step >= 86_400 * second {
        let text = words::date_and_time(at, zone);
        return text.get(..10).unwrap_or(&text).to_owned();
    }
    let text = words::time_of_day(at, zone);
    let length = match step {
        _ if step < second => text.len(),
        _ if step < 60 * second => "05:49:14".len(),
        _ => "05:49".len(),
    };
    text.get(..length).unwrap_or(&text).to_owned()
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Draws the handle at the position.
fn paint_handle(ui: &Ui, layout: &AxisLayout, position: Moment, has_focus: bool) {
    let palette = Palette::of(ui);
    let x = layout.x(position);
    let top = layout.density.top() - 4.0;
    let half = HANDLE / 2.0;
    let corner = |dx: f32, dy: f32| -> Pos2 { pos2(x + dx, top + dy) };
    let outline = vec![
        corner(-half, 0.0),
        corner(half, 0.0),
        corner(half, 8.0),
        corner(0.0, 14.0),
        corner(-half, 8.0),
    ];
    let line = Stroke::new(2.0, palette.open);
    ui.painter()
        .vline(x, top + 12.0..=layout.strip.bottom(), line);
    let edge = if has_focus {
        Stroke::new(2.0, palette.incoming)
    } else {
        Stroke::NONE
    };
    let shape = Shape::convex_polygon(outline, palette.open, edge);
    ui.painter().add(shape);
}

/// Draws the chip with the time beside the handle that is dragged.
fn paint_chip(ui: &Ui, layout: &AxisLayout, position: Moment, time: &str) {
    const PADDING: f32 = 5.0;
    let palette = Palette::of(ui);
    let font = font::mono_small();
    let galley = ui
        .painter()
        .layout_no_wrap(time.to_owned(), font, Color32::PLACEHOLDER);
    let width = galley.size().x + 2.0 * PADDING;
    let x = layout.x(position);
    // The chip stands on the side with more room, so that the handle stays visible.
    let left = if x + HANDLE + width < layout.strip.right() {
        x + HANDLE
    } else {
        x - HANDLE - width
    };
    let rect = Rect::from_min_size(pos2(left, layout.density.top() - 4.0), vec2(width, 16.0));
    ui.painter().rect_filled(rect, 3.0, palette.text);
    let at = rect.left_center() + vec2(PADDING, -galley.size().y / 2.0);
    ui.painter().galley(at, galley, palette.bg);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stay_inside_of_the_axis_and_apart() {
        let axis = egui::Rangef::new(10.0, 210.0);
        let left = |x, taken| text_left(x, 80.0, taken, axis);
        assert_eq!(left(110.0, f32::NEG_INFINITY), Some(70.0));
        assert_eq!(left(10.0, f32::NEG_INFINITY), Some(10.0));
        assert_eq!(left(205.0, 100.0), Some(130.0));
        // The text before it ends too near.
        assert_eq!(left(205.0, 123.0), None);
        assert_eq!(left(205.0, 122.0), Some(130.0));
        // An axis that is shorter than its text.
        let short = egui::Rangef::new(10.0, 50.0);
        assert_eq!(text_left(30.0, 80.0, f32::NEG_INFINITY, short), Some(10.0));
    }

    #[test]
    fn times_of_the_axis_have_round_steps() {
        for (least_seconds, step_seconds) in [
            (0.004, 0.01),
            (0.3, 0.5),
            (1.0, 1.0),
            (7.0, 10.0),
            (40.0, 60.0),
            (3_000.0, 3_600.0),
            (50_000.0, 86_400.0),
            (90_000.0, 172_800.0),
        ] {
            let step = step_micros(least_seconds * 1e6) as f64 / 1e6;
            assert!(
                (step - step_seconds).abs() < 1e-9,
                "{least_seconds}: {step}"
            );
        }
    }

    #[test]
    fn times_are_as_exact_as_their_distance_needs() {
        let at = Timestamp::from_rfc3339("2026-11-21T05:49:14.524Z").unwrap();
        let text = |step| time_text(at, &TimeZone::UTC, step);
        assert_eq!(text(100_000), "05:49:14.524");
        assert_eq!(text(1_000_000), "05:49:14");
        assert_eq!(text(60_000_000), "05:49");
        assert_eq!(text(86_400_000_000), "2026-11-21");
    }

    #[test]
    fn places_and_moments_are_inverse() {
        let span = (Moment::from_millis(1_000), Moment::from_millis(11_000));
        let rect = Rect::from_min_size(pos2(100.0, 0.0), vec2(500.0, 72.0));
        let layout = AxisLayout::new(rect, span);
        for (ms, x) in [(1_000, 100.0), (6_000, 350.0), (11_000, 600.0)] {
            assert!((layout.x(Moment::from_millis(ms)) - x).abs() < 0.01);
            assert_eq!(layout.moment(x), Moment::from_millis(ms));
        }
        assert_eq!(layout.moment(0.0), span.0);
        assert_eq!(layout.moment(900.0), span.1);
    }
}
