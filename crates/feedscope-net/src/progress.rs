//! Progress of an attempt, which the HTTP stack reports to the driver. This module makes no decisions.

use std::sync::Arc;

use feedscope_core::connection::Input;
use parking_lot::Mutex;

/// The requests of one attempt as far as they were sent. Clones belong to the same attempt.
#[derive(Clone, Debug, Default)]
pub(crate) struct AttemptProgress(Arc<Mutex<Requests>>);

#[derive(Debug, Default)]
struct Requests {
    /// Inputs for the machine that the driver has not taken yet.
    inputs: Vec<Input>,
    /// A request was sent before.
    sent: bool,
}

impl AttemptProgress {
    /// Reports that a connection for the next request is being made.
    pub(crate) fn begin_request(&self) {
        let mut requests = self.0.lock();
        // Only a redirect leads to a second request within an attempt.
        if requests.sent {
            requests.inputs.push(Input::Redirected);
        }
    }

    /// Reports that the request was handed to its connection.
    pub(crate) fn request_sent(&self) {
        let mut requests = self.0.lock();
        requests.sent = true;
        requests.inputs.push(Input::RequestSent);
    }

    /// Takes the inputs that were reported since the last call, in order.
    pub(crate) fn take_inputs(&self) -> Vec<Input> {
        std::mem::take(&mut self.0.lock().inputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_request_follows_a_redirect() {
        let progress = AttemptProgress::default();
        progress.begin_request();
        assert_eq!(progress.take_inputs(), []);
        progress.request_sent();
        progress.begin_request();
        progress.request_sent();
        assert_eq!(
            progress.take_inputs(),
            [Input::RequestSent, Input::Redirected, Input::RequestSent]
        );
        assert_eq!(progress.take_inputs(), []);
    }
}
