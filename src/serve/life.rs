//! Connections of a recorded feed: where each begins and how it ended. Reads only the rows of states.

use feedscope_core::ConnectionState;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind};
use feedscope_core::store::{Class, ClassSet, ListingIndex, RowNumber, Store};
use feedscope_core::time::Moment;

/// Beginning of the reason of an open WebSocket with a subprotocol.
const SUBPROTOCOL: &str = "subprotocol ";

/// Reason in the record of an event stream whose body ended in order.
const END_OF_STREAM: &str = "the server ended the stream";

/// One recorded connection.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RecordedConnection {
    /// First row.
    pub(super) first: RowNumber,
    /// One past the last row.
    pub(super) end: RowNumber,
    /// Moment at which it was open; `None` if it never was.
    pub(super) opened_at: Option<Moment>,
    pub(super) ending: RecordedEnding,
}

/// End of a recorded connection.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RecordedEnding {
    /// The recorded client ended it, or the recording did.
    Open,
    /// The server refused it with this HTTP status.
    Refused(u16),
    /// The server ended the body or closed the WebSocket in order, at this moment.
    Ended(Moment),
    /// It was lost, at this moment.
    Lost(Moment),
}

/// Facts about the life of a feed.
#[derive(Debug, Default)]
pub(super) struct PlayLife {
    pub(super) connections: Vec<RecordedConnection>,
    /// Subprotocols that were in use.
    pub(super) subprotocols: Vec<String>,
    /// Last close frame that was received.
    pub(super) close: Option<(CloseCode, String)>,
}

impl PlayLife {
    /// Finds the connections of a store.
    pub(super) fn of_store(store: &Store) -> Self {
        let end = store.extent().end;
        let states = ClassSet::NONE.with(Class::States, true);
        let mut life = Self::default();
        let mut current: Option<RecordedConnection> = None;
        // A connection that its user closed has no ending that a server could repeat.
        let mut is_requested = false;
        // Only the rows about the connection are read, which are few in a recording of any size.
        for index in 0.. {
            let Some(row) = store.select(states, ListingIndex(index)) else {
                break;
            };
            let Some(owned) = store.record(row) else {
                break;
            };
            let record = owned.record();
            let moment = record.stamp.moment;
            let change = match record.kind {
                Kind::Close {
                    direction: Direction::In,
                    code,
                    reason,
                } => {
                    life.close = Some((code, reason.to_owned()));
                    continue;
                }
                Kind::State(change) => change,
                _ => continue,
            };
            match change.state {
                ConnectionState::Connecting => {
                    is_requested = false;
                    let next = RecordedConnection {
                        first: row,
                        end,
                        opened_at: None,
                        ending: RecordedEnding::Open,
                    };
                    // A connection without an end before the next attempt was cut with the recording.
                    life.connections.extend(current.replace(next));
                }
                ConnectionState::Open => {
                    if let Some(name) = change.reason.as_deref().and_then(subprotocol)
                        && !life.subprotocols.iter().any(|known| known == name)
                    {
                        life.subprotocols.push(name.to_owned());
                    }
                    if let Some(current) = &mut current {
                        current.opened_at = Some(moment);
                    }
                }
                ConnectionState::Closing => is_requested = true,
                ConnectionState::Reconnecting
                | ConnectionState::Closed
                | ConnectionState::Failed => {
                    if let Some(mut ended) = current.take() {
                        ended.end = row;
                        ended.ending = match (is_requested, ended.opened_at, change.status) {
                            (true, ..) => RecordedEnding::Open,
                            (false, None, Some(status)) => RecordedEnding::Refused(status),
                            _ if change.state == ConnectionState::Closed
                                || change.reason.as_deref() == Some(END_OF_STREAM) =>
                            {
                                RecordedEnding::Ended(moment)
                            }
                            _ => RecordedEnding::Lost(moment),
                        };
                        life.connections.push(ended);
                    }
                }
                ConnectionState::Idle => {}
            }
        }
        // The last connection was still open when the recording ended.
        life.connections.extend(current);
        life
    }
}

/// Returns the subprotocol in the reason of an `open` record.
fn subprotocol(reason: &str) -> Option<&str> {
    let name = reason.strip_prefix(SUBPROTOCOL)?;
    // Another detail may follow.
    name.split([',', ';', ' ']).next()
}
