//! Values that a feed lends to its current connection.

use std::time::Duration;

use feedscope_core::NoteCode;
use feedscope_core::connection::{Ending, Input};
use feedscope_core::gap::{Gap, GapTracker, IdFinding};
use feedscope_core::record::{Kind, Sink};

use crate::batch::Batch;
use crate::outbox::Outbox;
use crate::status::{StatusPublisher, Urgency};

/// State of a feed that outlives its connections. The driver lends it to the current connection.
pub(crate) struct Port<S> {
    /// Destination of the records.
    pub(crate) batch: Batch<S>,
    /// Inputs for the machine that it has not processed yet, in order.
    pub(crate) inputs: Vec<Input>,
    /// Detector of events that a resume lost or repeated.
    pub(crate) gaps: GapTracker,
    /// Messages that wait to be sent.
    pub(crate) outbox: Outbox,
    /// Figures about the traffic for the status.
    pub(crate) traffic: TrafficFigures,
    /// Publisher of the status, which learns of each change of it.
    pub(crate) status: StatusPublisher,
}

impl<S: Sink> Port<S> {
    /// Reports to the machine that the attempt or the connection has ended and uses no socket any more.
    pub(crate) fn end(&mut self, ending: Ending) {
        // Nothing would be gained by another request for a document that is complete.
        if ending == Ending::EndOfStream && self.batch.has_finished() {
            self.inputs.push(Input::Finished);
        }
        self.inputs.push(Input::Ended(ending));
    }
}

/// Figures about the traffic for the status. The engines update them.
#[derive(Debug, Default)]
pub(crate) struct TrafficFigures {
    /// Latest round-trip time.
    pub(crate) rtt: Option<Duration>,
    /// Number of events that resumes lost so far; `None` while no IDs allowed counting them, or if none are known to be lost
    /// but the last resume is not known either.
    pub(crate) missed: Option<u64>,
    /// Number of events that resumes repeated so far.
    pub(crate) repeated: Option<u64>,
}

impl TrafficFigures {
    /// Appends a finding about IDs to the timeline, and adds it to the figures.
    pub(super) fn report<S: Sink>(
        &mut self,
        finding: IdFinding,
        batch: &mut Batch<S>,
        status: &mut StatusPublisher,
    ) {
        match finding {
            IdFinding::Gap(gap) => {
                self.add(&gap);
                status.changed(Urgency::Idle);
                batch.push(Kind::Gap(gap));
            }
            IdFinding::NoLongerCounting => {
                batch.note(NoteCode::IDS_NOT_COUNTED, &finding.to_string());
            }
        }
    }

    /// Adds a gap to the figures. An unknown number leaves its sum unchanged.
    fn add(&mut self, gap: &Gap) {
        let add = |sum: &mut Option<u64>, more: Option<u64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or(0).saturating_add(more));
            }
        };
        add(&mut self.missed, gap.missing);
        // What this resume lost is not known, so that no statement about an earlier one stands.
        if gap.missing.is_none() && self.missed == Some(0) {
            self.missed = None;
        }
        add(&mut self.repeated, gap.repeated);
    }
}
