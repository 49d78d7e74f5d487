//! Notes on a part of a stream that is skipped because it is longer than the limit.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::Sleep;

/// Time after which a part that is being skipped is reported, although its end has not come.
const REPORTED_AFTER: Duration = Duration::from_secs(1);

/// Report on the part that is being skipped, which may never end.
#[derive(Default)]
pub(super) enum Skip {
    /// Nothing is being skipped.
    #[default]
    No,
    /// Most parts end before this timer does, and are reported then.
    Unreported(Pin<Box<Sleep>>),
    /// The part was reported.
    Reported,
}

impl Skip {
    /// Starts the timer if a part is being skipped and was not reported yet.
    pub(super) fn after_read(&mut self, is_skipping: bool) {
        if is_skipping && matches!(self, Self::No) {
            *self = Self::Unreported(Box::pin(tokio::time::sleep(REPORTED_AFTER)));
        }
    }

    /// Returns true once: when the part has been skipped for so long that it is reported while it is still arriving.
    pub(super) fn is_due(&mut self, context: &mut Context<'_>) -> bool {
        let Self::Unreported(timer) = self else {
            return false;
        };
        let is_due = timer.as_mut().poll(context).is_ready();
        if is_due {
            *self = Self::Reported;
        }
        is_due
    }
}
