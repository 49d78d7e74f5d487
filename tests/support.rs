//! What several tests lean on: the program as a process, and servers that say exactly what they are told to.

pub(crate) mod program;
pub(crate) mod server;

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// How long anything may take before a test gives up on it; generous, because test machines are busy.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);

/// A thread with a name, so that a test that hangs can be understood.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    Builder::new().name(name.to_owned()).spawn(run).unwrap()
}
