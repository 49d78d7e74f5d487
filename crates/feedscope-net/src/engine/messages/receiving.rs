//! Received messages and control frames: their records, and their effects on the connection. This module does not read
//! or write the socket.

use feedscope_core::connection::{Ending, Input};
use feedscope_core::decode::{DataOpcode, WireItem};
use feedscope_core::feed::FeedSpec;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind, Sink};
use feedscope_core::{Moment, Stamp};

use super::echo::Echo;
use super::phase::ConnectionPhase;
use super::pings::Pings;
use super::sent_texts::SentTexts;
use crate::engine::Port;
use crate::status::Urgency;

/// Receiving half of a connection.
pub(super) struct Receiving {
    pub(super) phase: ConnectionPhase,
    pub(super) pings: Pings,
    pub(super) sent_texts: SentTexts,
    pub(super) echo: Option<Echo>,
    /// True if the layer's buffer may still contain messages or answers.
    pub(super) unflushed: bool,
    /// Time at which the bytes of the newest record were read.
    read_at: Moment,
    /// True after the machine received the report that data arrived.
    delivered: bool,
}

impl Receiving {
    pub(super) fn new(spec: &FeedSpec) -> Self {
        Self {
            phase: ConnectionPhase::Open,
            pings: Pings::default(),
            sent_texts: SentTexts::default(),
            echo: spec.web_socket.echo.then(Echo::default),
            unflushed: false,
            read_at: Moment::START,
            delivered: false,
        }
    }

    /// Records one item and handles it. `stamp` belongs to the read that delivered it.
    #[inline]
    pub(super) fn take_in<S: Sink>(
        &mut self,
        stamp: Stamp,
        item: &WireItem<'_>,
        port: &mut Port<S>,
    ) {
        if stamp.moment != self.read_at {
            self.begin_read(stamp, port);
        }
        let direction = Direction::In;
        match *item {
            WireItem::Message { opcode, data, wire } => {
                self.note_delivery(port);
                if let Some(number) = self.sent_texts.came_back(data) {
                    self.pings.came_back(number);
                }
                let (failed, wire) = (None, wire.unless_plain());
                port.batch.push(match opcode {
                    DataOpcode::Text => Kind::Text {
                        direction,
                        data,
                        failed,
                        wire,
                    },
                    DataOpcode::Binary => Kind::Binary {
                        direction,
                        data,
                        failed,
                        wire,
                    },
                });
                if let (ConnectionPhase::Open, Some(echo)) = (&self.phase, &mut self.echo) {
                    echo.push(opcode, data, &mut port.batch);
                }
            }
            WireItem::Ping(data) => {
                self.note_delivery(port);
                port.batch.push(Kind::Ping { direction, data });
                if matches!(self.phase, ConnectionPhase::Open) {
                    // The layer answers by itself. A full socket delays its answer, so that it must be flushed.
                    self.unflushed = true;
                    port.batch.push(Kind::Pong {
                        direction: Direction::Out,
                        data,
                        rtt: None,
                    });
                }
            }
            WireItem::Pong(data) => {
                self.note_delivery(port);
                self.take_in_pong(data, port);
            }
            WireItem::Close { code, reason } => {
                self.take_in_close(code.unwrap_or(CloseCode::NO_STATUS), reason, port);
            }
        }
    }

    /// Begins a new read: completes the batch of the previous one and sets the stamp of the new one.
    fn begin_read<S: Sink>(&mut self, stamp: Stamp, port: &mut Port<S>) {
        self.read_at = stamp.moment;
        port.batch.finish();
        port.batch.stamp_with(stamp);
        port.status.changed(Urgency::Interval);
    }

    #[inline]
    fn note_delivery<S>(&mut self, port: &mut Port<S>) {
        if !self.delivered {
            self.delivered = true;
            port.inputs.push(Input::Delivered);
        }
    }

    fn take_in_pong<S: Sink>(&mut self, data: &[u8], port: &mut Port<S>) {
        // A pong that answers none of our pings has no round-trip time.
        let rtt = self.pings.answered(data, port.batch.stamp().moment);
        port.batch.push(Kind::Pong {
            direction: Direction::In,
            data,
            rtt,
        });
        if rtt.is_some() {
            port.traffic.rtt = rtt;
            port.status.changed(Urgency::Idle);
        }
    }

    fn take_in_close<S: Sink>(&mut self, code: CloseCode, reason: &str, port: &mut Port<S>) {
        port.batch.push(Kind::Close {
            direction: Direction::In,
            code,
            reason,
        });
        self.phase = ConnectionPhase::draining(if matches!(self.phase, ConnectionPhase::Open) {
            // The layer answers with the same code (RFC 6455 5.5.1).
            port.batch.push(Kind::Close {
                direction: Direction::Out,
                code,
                reason,
            });
            self.unflushed = true;
            let reason = reason.to_owned();
            Ending::ClosedByPeer { code, reason }
        } else {
            Ending::ClosedByUs
        });
    }
}
