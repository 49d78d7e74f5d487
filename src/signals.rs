//! Signals of Ctrl-C, `kill` and a terminal that is closed: the first one is passed to a callback, so that the program
//! can finish its work.
//!
//! The second signal ends the program at once.

use std::io;

/// Reason for the program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// SIGINT, which Ctrl-C sends.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// SIGHUP: the terminal was closed.
    HungUp,
}

impl Interruption {
    /// Returns the exit status that shells expect: 128 plus the number of the signal.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
            Self::HungUp => 129,
        }
    }
}

/// Calls `notify` at the first signal. The second signal ends the program at once. Must be called only once in a run.
#[cfg(unix)]
pub fn watch(notify: impl FnOnce(Interruption) + Send + 'static) -> io::Result<()> {
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    let newest = Arc::new(AtomicUsize::new(0));
    // A handler may only write a byte to a socket; the thread below does the rest.
    let (mut byte, bell) = UnixStream::pair()?;
    let hang_up = (!is_hang_up_ignored()).then_some(SIGHUP);
    for signal in [SIGINT, SIGTERM].into_iter().chain(hang_up) {
        // The number is stored before the byte is written, so that the thread finds it when it wakes up.
        flag::register_usize(
            signal,
            Arc::clone(&newest),
            usize::try_from(signal).unwrap_or_default(),
        )?;
        low_level::pipe::register(signal, bell.try_clone()?)?;
    }
    let next = move || {
        wait_for_byte(&mut byte)?;
        // The number is stored by the signal's own handler, which has run before the byte arrives.
        Ok::<_, io::Error>(match i32::try_from(newest.load(Ordering::Relaxed)) {
            Ok(SIGTERM) => Interruption::Terminated,
            Ok(SIGHUP) => Interruption::HungUp,
            _ => Interruption::Interrupted,
        })
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || follow(next, notify))?;
    Ok(())
}

/// Does nothing: on other systems, the system's own way of ending a program applies.
#[cfg(not(unix))]
pub fn watch(_tell: impl FnOnce(Interruption) + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Returns true if the program was started with SIGHUP ignored, as `nohup` does, so that it outlives its terminal.
///
/// Only Linux has a safe way to ask. Other systems keep their default: SIGHUP ends the program, unless it is ignored.
#[cfg(unix)]
fn is_hang_up_ignored() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .map_or(true, |status| ignores(&status, signal_hook::consts::SIGHUP))
}

/// Returns true if the mask in this text, in the form of `/proc/self/status`, ignores the signal.
#[cfg(unix)]
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // Bit 0 stands for signal 1.
    mask.is_none_or(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Passes the first signal from `next` to `notify`, and ends the program at the second.
///
/// Further hang-ups do not count: the shell and the system each send one when a terminal is closed.
#[cfg(unix)]
#[expect(
    clippy::exit,
    reason = "a user who asks twice does not want anything finished any more"
)]
fn follow(mut next: impl FnMut() -> io::Result<Interruption>, notify: impl FnOnce(Interruption)) {
    let Ok(first) = next() else { return };
    notify(first);
    // The user has asked twice, so that nothing is finished any more.
    while let Ok(second) = next() {
        if second != Interruption::HungUp {
            std::process::exit(i32::from(second.exit_status()));
        }
    }
}

/// Waits for one byte. A read that a signal has interrupted is repeated.
#[cfg(unix)]
fn wait_for_byte(from: &mut impl io::Read) -> io::Result<()> {
    loop {
        match from.read(&mut [0]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use signal_hook::consts::{SIGHUP, SIGINT};

    use super::ignores;

    #[test]
    fn ignored_signals_are_read_from_the_mask() {
        let status = |mask: &str| format!("Name:\tx\nSigBlk:\tffffffffffffffff\nSigIgn:\t{mask}\n");
        assert!(!ignores(&status("0000000000001000"), SIGHUP));
        assert!(ignores(&status("0000000000001001"), SIGHUP));
        assert!(!ignores(&status("0000000000000001"), SIGINT));
        // Without the mask, the default of the system is kept.
        assert!(ignores("", SIGHUP));
    }
}
