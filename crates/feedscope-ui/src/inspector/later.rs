//! Work on a payload that takes longer than a pass: done on a thread of its own, one piece after the other, and given up
//! when nobody waits for it any more. It knows nothing of payloads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::thread::{self, Thread};

use egui::Context;
use parking_lot::Mutex;

/// What is there now or later.
pub(super) struct Later<T>(Arc<OnceLock<T>>);

impl<T> Later<T> {
    /// What is there already.
    pub(super) fn ready(value: T) -> Self {
        Self(Arc::new(OnceLock::from(value)))
    }

    /// What was worked out; `None` until then.
    pub(super) fn get(&self) -> Option<&T> {
        self.0.get()
    }
}

/// Tells a piece of work whether somebody still waits for it.
pub(super) struct Wanted<'a>(&'a dyn Fn() -> bool);

impl Wanted<'_> {
    /// Whether to go on; asked now and then by work that takes long.
    pub(super) fn still(&self) -> bool {
        (self.0)()
    }
}

type Work = Box<dyn FnOnce() + Send>;

/// Does the work. Its thread begins with the first piece and ends with the worker.
#[derive(Default)]
pub(super) struct Worker {
    shared: Arc<Shared>,
    thread: Option<Thread>,
}

#[derive(Default)]
struct Shared {
    /// One record is looked at at a time, and it has a handful of forms: more never wait here.
    waiting: Mutex<VecDeque<Work>>,
    over: AtomicBool,
}

impl Worker {
    /// Has `work` done; asks `ctx` for a pass when it is. It returns `None` where it gave up because nobody waits.
    pub(super) fn later<T, W>(&mut self, ctx: &Context, work: W) -> Later<T>
    where
        T: Send + Sync + 'static,
        W: FnOnce(&Wanted<'_>) -> Option<T> + Send + 'static,
    {
        let place = Arc::new(OnceLock::new());
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

    /// The same, but done here and now where that takes next to no time.
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
            // The system refuses threads: late is better than never.
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
    fn run(&self) {
        while !self.over.load(Ordering::Acquire) {
            self.work_off();
            thread::park();
        }
    }

    fn work_off(&self) {
        // Taken out in a statement of its own: the lock is not held while it is done.
        let next = || self.waiting.lock().pop_front();
        while let Some(work) = next() {
            work();
        }
    }
}

/// Drops what is large: giving its memory back takes longer than a pass may. On a thread of its own, because whoever
/// works on it goes on for as long as it is there.
pub(super) fn discard<T: Send + 'static>(value: T) {
    let started = thread::Builder::new()
        .name("discard".to_owned())
        .spawn(move || drop(value));
    // Where the system refuses threads it was dropped here and now.
    started.ok();
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;

    /// Time enough for a thread to run on a busy machine.
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
        // egui hears of one wish for a pass; the second piece of work may be done after it.
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
