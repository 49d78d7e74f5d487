//! Signals of Ctrl-C and `kill`: the first one is passed to a callback, so that the program can finish its work.
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
}

impl Interruption {
    /// Returns the exit status that shells expect: 128 plus the number of the signal.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Calls `tell` at the first signal. The second signal ends the program at once. Must be called only once in a run.
#[cfg(unix)]
pub fn watch(tell: impl FnOnce(Interruption) + Send + 'static) -> io::Result<()> {
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    let newest = Arc::new(AtomicUsize::new(0));
    // A handler may only write a byte to a socket; the thread below does the rest.
    let (mut told, bell) = UnixStream::pair()?;
    for signal in [SIGINT, SIGTERM] {
        // The number is stored before the byte is written, so that the thread finds it when it wakes up.
        flag::register_usize(
            signal,
            Arc::clone(&newest),
            usize::try_from(signal).unwrap_or_default(),
        )?;
        low_level::pipe::register(signal, bell.try_clone()?)?;
    }
    let next = move || {
        wait_for_byte(&mut told)?;
        // The number is stored by the signal's own handler, which has run before the byte arrives.
        let is_term = i32::try_from(newest.load(Ordering::Relaxed)) == Ok(SIGTERM);
        Ok::<_, io::Error>(if is_term {
            Interruption::Terminated
        } else {
            Interruption::Interrupted
        })
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || follow(next, tell))?;
    Ok(())
}

/// Does nothing: on other systems, the system's own way of ending a program applies.
#[cfg(not(unix))]
pub fn watch(_tell: impl FnOnce(Interruption) + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Passes the first signal from `next` to `tell`, and ends the program at the second.
#[cfg(unix)]
#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want anything finished any more"
)]
fn follow(mut next: impl FnMut() -> io::Result<Interruption>, tell: impl FnOnce(Interruption)) {
    let Ok(first) = next() else { return };
    tell(first);
    // The user has asked twice, so that nothing is finished any more.
    if let Ok(second) = next() {
        std::process::exit(i32::from(second.exit_status()));
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
