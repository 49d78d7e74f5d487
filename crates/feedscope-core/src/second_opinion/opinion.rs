//! Result of a comparison with another engine, for display. It does not compare anything.

use std::fmt;
use std::sync::Arc;

use super::{EngineDifference, MOST_BYTES};
use crate::protocol::Engine;

/// Result of another engine for the connections of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Other engine.
    pub engine: Engine,
    /// Number of records that both engines reported equally, over all connections.
    pub agreed: u64,
    /// State of the comparison.
    pub standing: OpinionState,
}

/// State of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpinionState {
    /// There was no connection so far.
    Waiting,
    /// A connection is open, and its records are compared as they arrive.
    Comparing,
    /// The first [`MOST_BYTES`] of the connection were compared. The rest is not.
    Limit,
    /// The connection ended, and both engines agree on its end. The next connection will be compared too.
    Ended,
    /// The engines differ. Nothing after that is compared.
    Differs(Arc<EngineDifference>),
}

impl Opinion {
    /// Creates the opinion for a feed that had no connection so far.
    pub fn of(engine: Engine) -> Self {
        Self {
            engine,
            agreed: 0,
            standing: OpinionState::Waiting,
        }
    }

    /// Returns the first difference, if any.
    pub fn difference(&self) -> Option<&EngineDifference> {
        match &self.standing {
            OpinionState::Differs(difference) => Some(difference),
            OpinionState::Waiting
            | OpinionState::Comparing
            | OpinionState::Limit
            | OpinionState::Ended => None,
        }
    }
}

/// Writes a sentence without its full stop: `eventsource-client agrees on 1204 records`. More sentences may follow
/// after a difference.
impl fmt::Display for Opinion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = self.engine.name();
        let records = match self.agreed {
            1 => "1 record".to_owned(),
            more => format!("{more} records"),
        };
        match &self.standing {
            OpinionState::Waiting => write!(f, "{engine} was not asked: there was no connection"),
            OpinionState::Comparing => write!(f, "{engine} agrees on {records} so far"),
            OpinionState::Limit => write!(
                f,
                "{engine} agrees on {records}; more than the first {} MiB of a connection is not compared",
                MOST_BYTES >> 20
            ),
            OpinionState::Ended => write!(f, "{engine} agrees on {records}"),
            OpinionState::Differs(difference) => write!(f, "{engine} differs: {difference}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Protocol;
    use crate::second_opinion::EngineReport;

    #[test]
    fn an_opinion_is_a_sentence() {
        let mut opinion = Opinion::of(Engine::EventsourceClient);
        let difference = EngineDifference {
            protocol: Protocol::EventStream,
            number: 3,
            native: Some(EngineReport::Retry(5)),
            other: None,
        };
        for (agreed, standing, says) in [
            (
                0,
                OpinionState::Waiting,
                "was not asked: there was no connection",
            ),
            (1, OpinionState::Comparing, "agrees on 1 record so far"),
            (
                2,
                OpinionState::Limit,
                "agrees on 2 records; more than the first 64 MiB of a connection is not compared",
            ),
            (2, OpinionState::Ended, "agrees on 2 records"),
        ] {
            opinion = Opinion {
                agreed,
                standing,
                ..opinion
            };
            assert_eq!(opinion.to_string(), format!("eventsource-client {says}"));
            assert_eq!(opinion.difference(), None);
        }
        opinion.standing = OpinionState::Differs(Arc::new(difference.clone()));
        assert_eq!(
            opinion.to_string(),
            format!("eventsource-client differs: {difference}")
        );
        assert_eq!(opinion.difference(), Some(&difference));
    }
}
