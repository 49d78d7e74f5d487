//! What a window measured of itself, for `--report`. Measures nothing unless asked to.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, FullOutput, Plugin, RawInput};
use feedscope_core::url_text::masked;
use feedscope_core::{ConnectionState, Moment};
use parking_lot::Mutex;
use serde::Serialize;

use crate::ui::FeedScene;

/// So many frames are remembered for the percentiles: the newest, four hours of them at 60 a second.
const MOST_FRAMES: usize = 1 << 20;

/// Measures every frame of a context.
pub(super) struct Meter {
    measured: Arc<Mutex<Measured>>,
}

impl Meter {
    /// Begins to measure; `started` is when the program began.
    pub(super) fn install(ctx: &Context, started: Instant) -> Self {
        let measured = Arc::new(Mutex::new(Measured::default()));
        ctx.add_plugin(Probe {
            measured: Arc::clone(&measured),
            started,
            began: None,
        });
        Self { measured }
    }
}

#[derive(Default)]
struct Measured {
    first_frame: Option<Duration>,
    frames: u64,
    /// Of the newest frames, in microseconds.
    costs: Vec<u32>,
    longest: u32,
}

impl Measured {
    fn add(&mut self, cost: Duration) {
        let micros = u32::try_from(cost.as_micros()).unwrap_or(u32::MAX);
        let place = (self.frames as usize) % MOST_FRAMES;
        match self.costs.get_mut(place) {
            Some(oldest) => *oldest = micros,
            None => self.costs.push(micros),
        }
        self.frames += 1;
        self.longest = self.longest.max(micros);
    }

    fn frame_ms(&self) -> FrameMs {
        let mut sorted = self.costs.clone();
        sorted.sort_unstable();
        let ms = |micros: u32| f64::from(micros) / 1e3;
        FrameMs {
            p50: ms(percentile(&sorted, 50)),
            p99: ms(percentile(&sorted, 99)),
            max: ms(self.longest),
        }
    }
}

/// The smallest value that `percent` of all values do not exceed; 0 of none.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// Looks at the clock where egui begins and ends a pass.
struct Probe {
    measured: Arc<Mutex<Measured>>,
    started: Instant,
    began: Option<Duration>,
}

impl Plugin for Probe {
    fn debug_name(&self) -> &'static str {
        "feedscope report"
    }

    fn input_hook(&mut self, _ctx: &Context, _input: &mut RawInput) {
        let mut measured = self.measured.lock();
        // The second pass begins when the first frame has been painted and handed over to the screen.
        if measured.frames == 1 && measured.first_frame.is_none() {
            measured.first_frame = Some(process_age().unwrap_or_else(|| self.started.elapsed()));
        }
        self.began = Some(thread_cpu_time(self.started));
    }

    fn output_hook(&mut self, ctx: &Context, output: &mut FullOutput) {
        let Some(began) = self.began.take() else {
            return;
        };
        let pass = thread_cpu_time(self.started).saturating_sub(began);
        // eframe tessellates where nobody can look at a clock, so the same shapes are tessellated once more here.
        let shapes = output.shapes.clone();
        let before = thread_cpu_time(self.started);
        ctx.tessellate(shapes, output.pixels_per_point);
        let tessellation = thread_cpu_time(self.started).saturating_sub(before);
        self.measured.lock().add(pass + tessellation);
    }
}

#[derive(Serialize)]
struct Report {
    first_frame_ms: Option<f64>,
    frames: u64,
    frame_ms: FrameMs,
    peak_rss_bytes: Option<u64>,
    feeds: Vec<FeedReport>,
}

#[derive(Debug, PartialEq, Serialize)]
struct FrameMs {
    p50: f64,
    p99: f64,
    max: f64,
}

#[derive(Serialize)]
struct FeedReport {
    url: String,
    state: &'static str,
    records: u64,
    bytes: u64,
    /// From when it was first open to its newest message, the whole history kept of it.
    seconds: Option<f64>,
    let_go: u64,
    cleared: u64,
    memory_bytes: u64,
    disk_bytes: u64,
    reconnects: u64,
}

impl FeedReport {
    fn of(feed: &FeedScene) -> Self {
        let extent = feed.store.extent();
        let (received, newest) = feed.store.received();
        let history = feed.store.history(Moment::START);
        let opened = history
            .iter()
            .find(|span| span.state == ConnectionState::Open)
            .map(|span| span.from.moment);
        Self {
            url: masked(&feed.spec.url),
            state: feed.status.state.word(),
            records: extent.end,
            bytes: received.bytes,
            seconds: opened
                .zip(newest)
                .map(|(opened, newest)| newest.since(opened).as_secs_f64()),
            let_go: extent.let_go,
            cleared: extent.cleared(),
            memory_bytes: extent.memory,
            disk_bytes: extent.spilled,
            reconnects: feed.status.reconnects,
        }
    }
}

/// Writes the report as JSON.
pub(super) fn write(path: &Path, meter: &Meter, feeds: &[FeedScene]) -> io::Result<()> {
    let measured = meter.measured.lock();
    let report = Report {
        first_frame_ms: measured.first_frame.map(|age| age.as_secs_f64() * 1e3),
        frames: measured.frames,
        frame_ms: measured.frame_ms(),
        peak_rss_bytes: peak_rss_bytes(),
        feeds: feeds.iter().map(FeedReport::of).collect(),
    };
    let mut text = serde_json::to_string_pretty(&report)?;
    text.push('\n');
    fs::write(path, text)
}

/// The CPU time that this thread has used; where the system does not tell, the time that has passed.
#[cfg(target_os = "linux")]
fn thread_cpu_time(_started: Instant) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn thread_cpu_time(started: Instant) -> Duration {
    started.elapsed()
}

/// How long ago the process began, to a hundredth of a second; `None` where the system does not tell.
#[cfg(target_os = "linux")]
fn process_age() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    /// What the kernel counts in for programs, whatever it counts in itself (proc(5), sysconf(3)).
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // proc_pid_stat(5): field 22; the second one is in parentheses and may have anything in it.
    let after_name = stat.rsplit_once(')')?.1;
    let started: f64 = after_name.split_ascii_whitespace().nth(19)?.parse().ok()?;
    let now = Duration::try_from(clock_gettime(ClockId::Boottime)).ok()?;
    now.checked_sub(Duration::try_from_secs_f64(started / TICKS_A_SECOND).ok()?)
}

#[cfg(not(target_os = "linux"))]
fn process_age() -> Option<Duration> {
    None
}

/// The most memory that the process had in use; `None` where the system does not tell.
fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut measured = Measured::default();
        assert_eq!(
            measured.frame_ms(),
            FrameMs {
                p50: 0.0,
                p99: 0.0,
                max: 0.0
            }
        );
        for micros in (1..=100).rev() {
            measured.add(Duration::from_micros(micros * 1000));
        }
        assert_eq!(
            measured.frame_ms(),
            FrameMs {
                p50: 50.0,
                p99: 99.0,
                max: 100.0
            }
        );
        assert_eq!(measured.frames, 100);
    }

    #[test]
    fn every_pass_is_measured_and_the_second_tells_when_the_first_was_seen() {
        let ctx = Context::default();
        let meter = Meter::install(&ctx, Instant::now());
        for frames in 1..=3 {
            ctx.run_ui(RawInput::default(), |ui| {
                ui.label("something to lay out");
            })
            .drop_without_applying_deltas();
            let measured = meter.measured.lock();
            assert_eq!(
                (measured.frames, measured.first_frame.is_some()),
                (frames, frames > 1)
            );
            assert!(measured.longest > 0);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_tells_what_is_asked() {
        assert!(peak_rss_bytes().unwrap() > 1 << 20);
        assert!(process_age().unwrap() < Duration::from_hours(1));
        assert!(thread_cpu_time(Instant::now()) > Duration::ZERO);
    }
}
