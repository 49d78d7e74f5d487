//! Ctrl-C and `kill`, told once to whoever has something to finish. Never finishes anything itself, except that the
//! second signal ends the program at once.

use std::io;

/// Why the program is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// SIGINT, which Ctrl-C sends.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Interruption {
    /// The exit status that shells expect: 128 and the number of the signal.
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

/// Calls `tell` at the first signal; the second ends the program at once. To be called once in a run.
#[cfg(unix)]
pub fn watch(tell: impl FnOnce(Interruption) + Send + 'static) -> io::Result<()> {
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    let newest = Arc::new(AtomicUsize::new(0));
    let (mut told, bell) = UnixStream::pair()?;
    for signal in [SIGINT, SIGTERM] {
        // In this order: whoever is woken finds the number there.
        flag::register_usize(
            signal,
            Arc::clone(&newest),
            usize::try_from(signal).unwrap_or_default(),
        )?;
        low_level::pipe::register(signal, bell.try_clone()?)?;
    }
    let next = move || {
        wait_for_byte(&mut told)?;
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

/// Elsewhere the system's own way of ending a program is kept.
#[cfg(not(unix))]
pub fn watch(_tell: impl FnOnce(Interruption) + Send + 'static) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want anything finished any more"
)]
fn follow(mut next: impl FnMut() -> io::Result<Interruption>, tell: impl FnOnce(Interruption)) {
    let Ok(first) = next() else { return };
    tell(first);
    if let Ok(second) = next() {
        std::process::exit(i32::from(second.exit_status()));
    }
}

/// A signal interrupts reads: that one is tried again.
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
