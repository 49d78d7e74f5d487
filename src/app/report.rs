//! Measurements of a window for `--report`. Without that option nothing is measured.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, FullOutput, Plugin, RawInput};
use feedscope_core::{ConnectionState, Moment};
use feedscope_ui::FeedScene;
use parking_lot::Mutex;
use serde::Serialize;

/// Number of newest frames that the percentiles are computed from: more than four hours at 60 frames a second.
const MOST_FRAMES: usize = 1 << 20;

/// Measures every frame of an egui context.
pub(super) struct PassMeter {
    measured: Arc<Mutex<MeasuredPasses>>,
}

impl PassMeter {
    /// Starts to measure. `started` is the time when the program started.
    pub(super) fn install(ctx: &Context, started: Instant) -> Self {
        let measured = Arc::new(Mutex::new(MeasuredPasses::default()));
        ctx.add_plugin(Probe {
            measured: Arc::clone(&measured),
            started,
            began: None,
        });
        Self { measured }
    }
}

/// Values measured so far.
#[derive(Default)]
struct MeasuredPasses {
    /// Time from the start of the process to the first painted frame.
    first_frame: Option<Duration>,
    frames: u64,
    /// CPU times of the newest frames, in microseconds.
    costs: Vec<u32>,
    /// Greatest CPU time of all frames, in microseconds.
    longest: u32,
}

impl MeasuredPasses {
    /// Adds the CPU time of a frame.
    fn add(&mut self, cost: Duration) {
        // The list is a ring: when it is full, the newest frame replaces the oldest.
        let micros = u32::try_from(cost.as_micros()).unwrap_or(u32::MAX);
        let place = (self.frames as usize) % MOST_FRAMES;
        match self.costs.get_mut(place) {
            Some(oldest) => *oldest = micros,
            None => self.costs.push(micros),
        }
        self.frames += 1;
        self.longest = self.longest.max(micros);
    }

    /// Returns the percentiles in milliseconds.
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

/// Returns the smallest value that is not below `percent` of all values; 0 if there are none.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// Plugin that reads the clocks at the start and the end of each pass.
struct Probe {
    measured: Arc<Mutex<MeasuredPasses>>,
    started: Instant,
    /// CPU time of the thread at the start of the pass.
    began: Option<Duration>,
}

impl Plugin for Probe {
    fn debug_name(&self) -> &'static str {
        "feedscope report"
    }

    fn input_hook(&mut self, _ctx: &Context, _input: &mut RawInput) {
        let mut measured = self.measured.lock();
        // When the second pass starts, the first frame has been painted and passed to the screen.
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
        // eframe tessellates at a place without a hook, so that the same shapes are tessellated once more here.
        let shapes = output.shapes.clone();
        let before = thread_cpu_time(self.started);
        ctx.tessellate(shapes, output.pixels_per_point);
        let tessellation = thread_cpu_time(self.started).saturating_sub(before);
        self.measured.lock().add(pass + tessellation);
    }
}

/// Report as it is serialized.
#[derive(Serialize)]
struct WindowReport {
    first_frame_ms: Option<f64>,
    frames: u64,
    frame_ms: FrameMs,
    peak_rss_bytes: Option<u64>,
    feeds: Vec<FeedReport>,
}

/// CPU times of frames in milliseconds.
#[derive(Debug, PartialEq, Serialize)]
struct FrameMs {
    p50: f64,
    p99: f64,
    max: f64,
}

/// Figures of a feed.
#[derive(Serialize)]
struct FeedReport {
    url: String,
    /// State of the connection; null for a file.
    state: Option<&'static str>,
    records: u64,
    bytes: u64,
    /// Time from the first open connection to the newest message. It covers the history that is kept.
    seconds: Option<f64>,
    let_go: u64,
    cleared: u64,
    memory_bytes: u64,
    disk_bytes: u64,
    /// Reason why the history on disk has ended or no longer grows.
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_problem: Option<String>,
    /// Number of reconnections; null for a file.
    reconnects: Option<u64>,
}

impl FeedReport {
    /// Collects the figures of a feed.
    fn of(feed: &FeedScene) -> Self {
        let extent = feed.store.extent();
        let status = feed.source.status();
        let (received, newest) = feed.store.received();
        let history = feed.store.history(Moment::START);
        let opened = history
            .iter()
            .find(|span| span.state == ConnectionState::Open)
            .map(|span| span.from.moment);
        Self {
            url: feed.source.address(),
            state: status.map(|status| status.state.word()),
            records: extent.end.0,
            bytes: received.bytes,
            seconds: opened
                .zip(newest)
                .map(|(opened, newest)| newest.since(opened).as_secs_f64()),
            let_go: extent.let_go,
            cleared: extent.cleared(),
            memory_bytes: extent.memory,
            disk_bytes: extent.spilled,
            disk_problem: feed
                .store
                .spill_problem()
                .map(|problem| (*problem).to_owned()),
            reconnects: status.map(|status| status.reconnects),
        }
    }
}

/// Writes the report as JSON.
pub(super) fn write(path: &Path, meter: &PassMeter, feeds: &[FeedScene]) -> io::Result<()> {
    let measured = meter.measured.lock();
    let report = WindowReport {
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

/// Returns the CPU time that this thread has used, or the elapsed time where the system does not report it.
#[cfg(target_os = "linux")]
fn thread_cpu_time(_started: Instant) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn thread_cpu_time(started: Instant) -> Duration {
    started.elapsed()
}

/// Returns the age of the process with a precision of 10 ms, or `None` where the system does not report it.
#[cfg(target_os = "linux")]
fn process_age() -> Option<Duration> {
    use rustix::time::{ClockId, clock_gettime};

    /// Clock ticks per second in the kernel's interface, independent of its internal rate (proc(5), sysconf(3)).
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // proc_pid_stat(5): field 22. Field 2 is in parentheses and may contain any character, so that counting starts
    // after it.
    let after_name = stat.rsplit_once(')')?.1;
    let started: f64 = after_name.split_ascii_whitespace().nth(19)?.parse().ok()?;
    let now = Duration::try_from(clock_gettime(ClockId::Boottime)).ok()?;
    now.checked_sub(Duration::try_from_secs_f64(started / TICKS_A_SECOND).ok()?)
}

#[cfg(not(target_os = "linux"))]
fn process_age() -> Option<Duration> {
    None
}

/// Returns the peak resident memory of the process, or `None` where the system does not report it.
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
        let mut measured = MeasuredPasses::default();
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
        let meter = PassMeter::install(&ctx, Instant::now());
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
