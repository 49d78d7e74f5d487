//! Support for several tests: the program as a process, and servers with given answers.

pub(crate) mod program;
pub(crate) mod server;

use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Time limit for any step of a test. It is generous, because test machines are busy.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// Starts a thread with a name, which helps to understand a test that hangs.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    Builder::new().name(name.to_owned()).spawn(run).unwrap()
}
