//! Background work on a payload that takes longer than a pass. A thread runs one piece of work after the other, and
//! drops work whose result is not wanted any more.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::thread::{self, Thread};

use egui::Context;
use parking_lot::Mutex;

/// Result that is available now or later.
pub(super) struct Later<T>(Arc<OnceLock<T>>);

impl<T> Later<T> {
    /// Returns a result that is available now.
    pub(super) fn ready(value: T) -> Self {
        Self(Arc::new(OnceLock::from(value)))
    }

    /// Returns the result, or `None` while it is not available.
    pub(super) fn get(&self) -> Option<&T> {
        self.0.get()
    }
}

/// Handle for a piece of work to check if its result is still wanted.
pub(super) struct Wanted<'a>(&'a dyn Fn() -> bool);

impl Wanted<'_> {
    /// Returns true if the result is still wanted. Long work should call this from time to time.
    pub(super) fn still(&self) -> bool {
        (self.0)()
    }
}

/// Piece of work, which stores its own result.
type Work = Box<dyn FnOnce() + Send>;

/// Runner of background work. Its thread starts with the first piece and ends with the worker.
#[derive(Default)]
pub(super) struct Worker {
    shared: Arc<Shared>,
    thread: Option<Thread>,
}

/// State that the worker and its thread share.
#[derive(Default)]
struct Shared {
    /// Pieces of work in order. Only one record is inspected at a time and it has few forms, so that few pieces wait.
    waiting: Mutex<VecDeque<Work>>,
    /// The worker has been dropped, so that the thread must end.
    over: AtomicBool,
}

impl Worker {
    /// Runs `work` on the thread, and requests a pass of `ctx` when it has ended. `work` returns `None` if it was
    /// abandoned.
    pub(super) fn later<T, W>(&mut self, ctx: &Context, work: W) -> Later<T>
    where
        T: Send + Sync + 'static,
        W: FnOnce(&Wanted<'_>) -> Option<T> + Send + 'static,
    {
        let place = Arc::new(OnceLock::new());
        // The work has only a weak reference, so that dropping the `Later` cancels it.
        let (to_fill, ctx) = (Arc::downgrade(&place), ctx.clone());
        self.shared.waiting.lock().push_back(Box::new(move || {
            let still = || Weak::strong_count(&to_fill) > 0;
            if still()
                && let Some(value) = work(&Wanted(&still))
                && let Some(place) = to_fill.upgrade()
            {
                place.set(value).ok();
                ctx.request_repaint();
            }
        }));
        self.wake();
        Later(place)
    }

    /// Runs `work` at once if that takes almost no time, else on the thread.
    pub(super) fn soon<T, W>(&mut self, ctx: &Context, at_once: bool, work: W) -> Later<T>
    where
        T: Send + Sync + 'static,
        W: FnOnce(&Wanted<'_>) -> Option<T> + Send + 'static,
    {
        if !at_once {
            return self.later(ctx, work);
        }
        work(&Wanted(&|| true)).map_or_else(|| Later(Arc::default()), Later::ready)
    }

    /// Starts the thread if necessary, and wakes it.
    fn wake(&mut self) {
        if self.thread.is_none() {
            let shared = Arc::clone(&self.shared);
            let started = thread::Builder::new()
                .name("inspector".to_owned())
                .spawn(move || shared.run());
            self.thread = started.ok().map(|handle| handle.thread().clone());
        }
        match &self.thread {
            Some(thread) => thread.unpark(),
            // If the system refuses a thread, the work runs here, because a late pass is better than no result.
            None => self.shared.work_off(),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.unpark();
        }
    }
}

impl Shared {
    /// Runs the work until the worker is dropped.
    fn run(&self) {
        while !self.over.load(Ordering::Acquire) {
            self.work_off();
            thread::park();
        }
    }

    /// Runs the pieces of work that wait.
    fn work_off(&self) {
        // This is a statement of its own, so that the lock is not held during the work.
        let next = || self.waiting.lock().pop_front();
        while let Some(work) = next() {
            work();
        }
    }
}

/// Drops a large value on a thread of its own, because freeing its memory takes longer than a pass may.
///
/// The worker's thread is not used, because its present work continues as long as the value exists.
pub(super) fn discard<T: Send + 'static>(value: T) {
    let started = thread::Builder::new()
        .name("discard".to_owned())
        .spawn(move || drop(value));
    // If the system refuses a thread, the value has been dropped here.
    started.ok();
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;

    /// Time limit that is long enough for a thread to run on a busy machine.
    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn work_is_done_in_order_and_asks_for_a_pass() {
        let ctx = Context::default();
        let (told, passes) = mpsc::sync_channel(100);
        ctx.set_request_repaint_callback(move |_| told.send(()).unwrap());
        let mut worker = Worker::default();
        let first = worker.later(&ctx, |_| Some(1));
        let second = worker.later(&ctx, |_| Some(2));
        passes.recv_timeout(LONG).unwrap();
        // egui coalesces requests for a pass, so that the second piece may end after the pass.
        let deadline = Instant::now() + LONG;
        while second.get().is_none() && Instant::now() < deadline {
            thread::yield_now();
        }
        assert_eq!((first.get(), second.get()), (Some(&1), Some(&2)));
        assert_eq!(Later::ready(3).get(), Some(&3));
    }

    #[test]
    fn what_is_discarded_is_dropped_elsewhere() {
        struct Telling(mpsc::SyncSender<thread::ThreadId>);
        impl Drop for Telling {
            fn drop(&mut self) {
                self.0.send(thread::current().id()).unwrap();
            }
        }
        let (told, heard) = mpsc::sync_channel(1);
        discard(Telling(told));
        assert_ne!(heard.recv_timeout(LONG).unwrap(), thread::current().id());
    }

    #[test]
    fn work_that_nobody_waits_for_is_given_up() {
        let ctx = Context::default();
        let mut worker = Worker::default();
        let (told, heard) = mpsc::sync_channel(0);
        let endless = worker.later(&ctx, move |wanted| {
            told.send(wanted.still()).unwrap();
            while wanted.still() {
                thread::yield_now();
            }
            told.send(wanted.still()).unwrap();
            None::<()>
        });
        assert!(heard.recv_timeout(LONG).unwrap());
        drop(endless);
        assert!(!heard.recv_timeout(LONG).unwrap());
    }
}
