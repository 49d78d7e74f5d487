//! Standard output, which the feeds of a run share. Whole lines are written at once, without a buffer.
//!
//! A failed write shows that standard output has ended. For a pipe or a socket, the end is noticed as soon as the
//! reader leaves.

use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::watch::RunWatch;

/// Error number of a terminal that was closed (EIO).
const TERMINAL_CLOSED: i32 = 5;

/// Destination of lines.
pub(super) struct Outlet {
    out: Mutex<Box<dyn Write + Send>>,
    written: AtomicU64,
    gone: AtomicBool,
    failure: Mutex<Option<io::Error>>,
    watch: Arc<RunWatch>,
}

impl Outlet {
    /// Standard output. Its reader is watched, because a silent feed would never notice that nobody reads.
    pub(super) fn stdout(watch: Arc<RunWatch>) -> io::Result<Arc<Self>> {
        let outlet = Arc::new(Self::new(Box::new(io::stdout()), watch));
        // A terminal that is closed sends a signal.
        if !io::stdout().is_terminal() {
            watch_reader(&outlet)?;
        }
        Ok(outlet)
    }

    fn new(out: Box<dyn Write + Send>, watch: Arc<RunWatch>) -> Self {
        let (written, gone) = (AtomicU64::new(0), AtomicBool::new(false));
        Self {
            out: Mutex::new(out),
            written,
            gone,
            failure: Mutex::new(None),
            watch,
        }
    }

    /// Writes whole lines; waits for a slow reader. After a failure it does nothing.
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
            Err(error) => self.give_up(error),
        }
    }

    /// Number of bytes that were written.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Returns true if nothing can be written any more.
    pub(super) fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    /// The reason for which nothing can be written; `None` if only the reader has left.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.lock().as_ref().map(ToString::to_string)
    }

    /// Returns true if standard output was a terminal that was closed.
    pub(super) fn is_terminal_closed(&self) -> bool {
        let failure = self.failure.lock();
        let number = failure.as_ref().and_then(io::Error::raw_os_error);
        number == Some(TERMINAL_CLOSED) && io::stdout().is_terminal()
    }

    fn give_up(&self, error: io::Error) {
        // A reader that has left, such as `head`, is no failure.
        if error.kind() != io::ErrorKind::BrokenPipe {
            *self.failure.lock() = Some(error);
        }
        self.gone.store(true, Ordering::Relaxed);
        self.watch.ring();
    }
}

/// Starts a thread that waits until the reader of standard output has left, as GNU `tail` does.
#[cfg(unix)]
fn watch_reader(outlet: &Arc<Outlet>) -> io::Result<()> {
    let outlet = Arc::clone(outlet);
    let wait = move || {
        if wait_for_hang_up(&io::stdout()) {
            outlet.give_up(io::ErrorKind::BrokenPipe.into());
        }
    };
    std::thread::Builder::new()
        .name("reader of standard output".to_owned())
        .spawn(wait)?;
    Ok(())
}

/// Does nothing: on other systems the next write notices that the reader has left.
#[cfg(not(unix))]
fn watch_reader(_outlet: &Arc<Outlet>) -> io::Result<()> {
    Ok(())
}

/// Waits until nobody can read from the other side of `output`. Returns false if that cannot be waited for.
///
/// For a file it waits without end, because a file has no other side.
#[cfg(unix)]
fn wait_for_hang_up(output: &impl std::os::fd::AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    loop {
        // Errors and hang-ups are always reported, so that no other condition is requested.
        let mut polled = [PollFd::new(output, PollFlags::empty())];
        match poll(&mut polled, None) {
            Ok(_)
                if polled[0]
                    .revents()
                    .intersects(PollFlags::ERR | PollFlags::HUP) =>
            {
                return true;
            }
            Ok(_) if polled[0].revents().is_empty() => {}
            Err(Errno::INTR) => {}
            // Standard output is not open.
            Ok(_) | Err(_) => return false,
        }
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
        Outlet::new(Box::new(Pipe { room, error }), Arc::new(RunWatch::new(0)))
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

    #[cfg(unix)]
    #[test]
    fn the_end_of_a_reader_is_noticed_without_a_write() {
        let (reader, writer) = io::pipe().unwrap();
        let waiting = std::thread::Builder::new()
            .name("reader of a pipe".to_owned())
            .spawn(move || wait_for_hang_up(&writer))
            .unwrap();
        drop(reader);
        assert!(waiting.join().unwrap());
    }

    #[test]
    fn a_full_disk_is_one() {
        let outlet = outlet(0, io::ErrorKind::StorageFull);
        outlet.write(b"one\n");
        assert!(outlet.is_gone() && outlet.failure().is_some());
    }
}
