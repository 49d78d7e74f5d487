//! Standard output, shared by the feeds of a run: whole lines at a time, and what becomes of it. It keeps nothing back:
//! what is written here has reached the system.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::watch::Watch;

/// Where lines go.
pub(super) struct Outlet {
    out: Mutex<Box<dyn Write + Send>>,
    written: AtomicU64,
    gone: AtomicBool,
    failure: Mutex<Option<String>>,
    watch: Arc<Watch>,
}

impl Outlet {
    pub(super) fn stdout(watch: Arc<Watch>) -> Self {
        Self::new(Box::new(io::stdout()), watch)
    }

    fn new(out: Box<dyn Write + Send>, watch: Arc<Watch>) -> Self {
        let (written, gone) = (AtomicU64::new(0), AtomicBool::new(false));
        Self {
            out: Mutex::new(out),
            written,
            gone,
            failure: Mutex::new(None),
            watch,
        }
    }

    /// Writes whole lines; waits for a slow reader. Once it has failed it takes everything and does nothing.
    pub(super) fn write(&self, lines: &[u8]) {
        if lines.is_empty() || self.is_gone() {
            return;
        }
        let mut out = self.out.lock();
        match out.write_all(lines).and_then(|()| out.flush()) {
            Ok(()) => {
                self.written
                    .fetch_add(lines.len() as u64, Ordering::Relaxed);
            }
            Err(error) => self.give_up(&error),
        }
    }

    /// How many bytes were written so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Whether nothing can be written any more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// Why not, unless it is only that nobody reads.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.lock().clone()
    }

    fn give_up(&self, error: &io::Error) {
        if error.kind() != io::ErrorKind::BrokenPipe {
            *self.failure.lock() = Some(error.to_string());
        }
        self.gone.store(true, Ordering::Relaxed);
        self.watch.ring();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes `room` bytes, then fails.
    struct Pipe {
        room: usize,
        error: io::ErrorKind,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.room);
            self.room -= taken;
            if taken == 0 {
                Err(self.error.into())
            } else {
                Ok(taken)
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn outlet(room: usize, error: io::ErrorKind) -> Outlet {
        Outlet::new(Box::new(Pipe { room, error }), Arc::new(Watch::new(0)))
    }

    #[test]
    fn a_reader_that_left_is_no_failure() {
        let outlet = outlet(6, io::ErrorKind::BrokenPipe);
        outlet.write(b"one\n");
        assert!(!outlet.is_gone());
        outlet.write(b"two\n");
        outlet.write(b"three\n");
        assert!(outlet.is_gone());
        assert_eq!((outlet.written(), outlet.failure()), (4, None));
    }

    #[test]
    fn a_full_disk_is_one() {
        let outlet = outlet(0, io::ErrorKind::StorageFull);
        outlet.write(b"one\n");
        assert!(outlet.is_gone() && outlet.failure().is_some());
    }
}
