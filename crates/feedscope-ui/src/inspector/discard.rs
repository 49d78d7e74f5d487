//! Freeing of large values outside of a pass.

use std::thread;

/// Drops a large value on a thread of its own, because freeing its memory takes longer than a pass may.
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
    use std::time::Duration;

    use super::*;

    /// Time limit that is long enough for a thread to run on a busy machine.
    const LONG: Duration = Duration::from_mins(1);

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
}
