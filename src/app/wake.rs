//! News from the network to the window: at most one request for a pass between two passes, and at most some sixty passes
//! a second. Whoever has news never waits for the window.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use egui::ViewportId;
use parking_lot::Mutex;

/// Passes that news ask for are at least this far apart.
const PASS_INTERVAL: Duration = Duration::from_millis(16);

/// To egui no wait at all means two passes.
pub(super) const SHORTEST_WAIT: Duration = Duration::from_nanos(1);

const NO_NEWS: u8 = 0;
const NEWS: u8 = 1;
const ASKED: u8 = 2;

/// Wakes the window.
pub(super) struct Wake {
    shared: Arc<Shared>,
    /// Asks egui for passes. Its context can be locked for as long as a pass is tessellated, and those who read sockets
    /// cannot wait for that.
    thread: Thread,
}

#[derive(Default)]
struct Shared {
    /// [`NO_NEWS`], [`NEWS`] that no pass has taken in, or [`ASKED`] for a pass because of it.
    news: AtomicU8,
    over: AtomicBool,
    window: Mutex<Option<(egui::Context, Instant)>>,
}

impl Wake {
    /// Starts the thread; nothing is woken before the first pass.
    pub(super) fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("window-wake".to_owned())
            .spawn(move || of_thread.run())?;
        Ok(Self {
            shared,
            thread: thread.thread().clone(),
        })
    }

    /// What a feed calls when it has news: cheap, and never waits.
    pub(super) fn waker(&self) -> impl Fn() + Send + Sync + 'static {
        let (shared, thread) = (Arc::clone(&self.shared), self.thread.clone());
        move || {
            let first =
                shared
                    .news
                    .compare_exchange(NO_NEWS, NEWS, Ordering::AcqRel, Ordering::Acquire);
            if first.is_ok() {
                thread.unpark();
            }
        }
    }

    /// A pass begins: it takes in all news up to here.
    pub(super) fn begin_pass(&self, ctx: &egui::Context) {
        *self.shared.window.lock() = Some((ctx.clone(), Instant::now()));
        self.shared.news.store(NO_NEWS, Ordering::Release);
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

impl Shared {
    fn run(&self) {
        while !self.over.load(Ordering::Acquire) {
            // Taken by exchange, because a wake that came while this thread was awake runs it once more.
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
            // The next news after the next pass ends this; without reason it may end too.
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Time enough for a thread to run on a busy machine.
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn news_asks_for_one_pass_until_it_is_taken_in() {
        let ctx = egui::Context::default();
        let (told, requests) = mpsc::sync_channel(100);
        ctx.set_request_repaint_callback(move |info| told.send(info.delay).unwrap());
        let wake = Wake::start().unwrap();
        let waker = wake.waker();
        for round in 0..3 {
            // A pass takes in; egui wants a second one after its first, and forgets what it was asked for.
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
