//! Requests for passes when a feed has news: at most one request between two passes, and at most about 60 passes a
//! second. The caller never waits for the window.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use egui::ViewportId;
use parking_lot::Mutex;

/// Minimum time between two passes that news requests.
const PASS_INTERVAL: Duration = Duration::from_millis(16);

/// Shortest wait for a pass. With a wait of zero, egui runs two passes.
pub(super) const SHORTEST_WAIT: Duration = Duration::from_nanos(1);

const NO_NEWS: u8 = 0;
const NEWS: u8 = 1;
const ASKED: u8 = 2;

/// Requests passes of the window.
pub(super) struct WindowWake {
    shared: Arc<SharedWake>,
    /// Thread that calls egui. egui's context can be locked for as long as a tessellation takes, and the threads that
    /// read sockets cannot wait for that.
    thread: Thread,
}

/// State that the `WindowWake` and its thread share.
#[derive(Default)]
struct SharedWake {
    /// State of the news: [`NO_NEWS`], [`NEWS`] that no pass has read, or [`ASKED`] if a pass has been requested.
    news: AtomicU8,
    over: AtomicBool,
    /// egui's context, with the time of the last pass. `None` before the first pass.
    window: Mutex<Option<(egui::Context, Instant)>>,
}

impl WindowWake {
    /// Starts the thread. It makes no request before the first pass.
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::new(SharedWake::default());
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("window-wake".to_owned())
            .spawn(move || of_thread.run())?;
        Ok(Self {
            shared,
            thread: thread.thread().clone(),
        })
    }

    /// Returns the function that a feed calls when it has news. It is cheap and never blocks.
    pub(super) fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let (shared, thread) = (Arc::clone(&self.shared), self.thread.clone());
        move || {
            // Only the first news after a pass wakes the thread; the others cost one atomic operation.
            let first =
                shared
                    .news
                    .compare_exchange(NO_NEWS, NEWS, Ordering::AcqRel, Ordering::Acquire);
            if first.is_ok() {
                thread.unpark();
            }
        }
    }

    /// Marks the start of a pass, which reads all news up to now.
    pub(super) fn begin_pass(&self, ctx: &egui::Context) {
        *self.shared.window.lock() = Some((ctx.clone(), Instant::now()));
        self.shared.news.store(NO_NEWS, Ordering::Release);
    }
}

impl Drop for WindowWake {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl SharedWake {
    /// Waits for news and requests passes until the `WindowWake` is dropped.
    fn run(&self) {
        while !self.over.load(Ordering::Acquire) {
            // The exchange prevents a second request if a wake-up arrives while this thread is running.
            if let Some((ctx, last_pass)) = self.window.lock().clone()
                && self
                    .news
                    .compare_exchange(NEWS, ASKED, Ordering::AcqRel, Ordering::Acquire)
                    .is_ok()
            {
                let wait = PASS_INTERVAL
                    .saturating_sub(last_pass.elapsed())
                    .max(SHORTEST_WAIT);
                ctx.request_repaint_after_for(wait, ViewportId::ROOT);
            }
            // The thread wakes up for the first news after the next pass. A wake-up without a reason does no harm.
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Time limit that is long enough for a thread to run on a busy machine.
    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn news_asks_for_one_pass_until_it_is_taken_in() {
        let ctx = egui::Context::default();
        let (told, requests) = mpsc::sync_channel(100);
        ctx.set_request_repaint_callback(move |info| told.send(info.delay).unwrap());
        let wake = WindowWake::start().unwrap();
        let waker = wake.waker();
        for round in 0..3 {
            // A pass reads the news. egui runs a second pass after its first one and drops earlier requests.
            for _ in 0..3 {
                ctx.run_ui(egui::RawInput::default(), |ui| wake.begin_pass(ui.ctx()))
                    .drop_without_applying_deltas();
            }
            while requests.try_recv().is_ok() {}
            for _ in 0..1000 {
                waker();
            }
            let delay = requests.recv_timeout(LONG).unwrap();
            assert!(
                delay > Duration::ZERO && delay <= PASS_INTERVAL,
                "{round}: {delay:?}"
            );
            assert!(requests.try_recv().is_err(), "{round}: asked twice");
        }
    }
}
