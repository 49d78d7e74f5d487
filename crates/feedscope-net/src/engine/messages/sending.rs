//! Order in which messages and control frames are sent to the peer, and their records. This module does not read.

use std::task::{Context, Poll};

use bytes::Bytes;
use feedscope_core::connection::Input;
use feedscope_core::feed::Outgoing;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::{Direction, Kind, Sink};

use super::Messages;
use super::echo::Echo;
use super::layer::{LayerFault, MessageLayer, Sending};
use super::phase::ConnectionPhase;
use crate::engine::Port;
use crate::outbox::record_unsent;
use crate::status::Urgency;

/// Largest length of a ping's payload in bytes (RFC 6455 5.5).
const MAX_PING: usize = 125;

/// Largest length of a close reason in bytes (RFC 6455 5.5): 125 without the two bytes of the code.
const MAX_REASON: usize = 123;

impl<L: MessageLayer> Messages<L> {
    /// Writes what can be written without waiting.
    pub(super) fn poll_write<S: Sink>(
        &mut self,
        context: &mut Context<'_>,
        port: &mut Port<S>,
    ) -> Result<(), LayerFault> {
        // The time is read only if there is something to record.
        if self.has_something_to_send(port) {
            port.batch.restamp();
        }
        while self.has_something_to_send(port) {
            match self.layer.poll_ready(context)? {
                Poll::Ready(()) => self.send_next(port)?,
                Poll::Pending => return Ok(()),
            }
        }
        if self.receiving.unflushed && self.layer.poll_flush(context)?.is_ready() {
            self.receiving.unflushed = false;
        }
        Ok(())
    }

    fn has_something_to_send<S>(&self, port: &Port<S>) -> bool {
        let echoes = || self.receiving.echo.as_ref().is_some_and(|e| !e.is_empty());
        matches!(self.receiving.phase, ConnectionPhase::Open)
            && self.close_frame.is_none()
            && (self.ping_due.is_some()
                || !self.first.is_empty()
                || !port.outbox.is_empty()
                || echoes())
    }

    fn send_next<S: Sink>(&mut self, port: &mut Port<S>) -> Result<(), LayerFault> {
        // A keepalive ping precedes all messages, because a long queue must not delay it.
        if let Some(payload) = self.ping_due.take() {
            return self.send_ping(payload, port);
        }
        if let Some(message) = self.first.pop_front() {
            return self.send_outgoing(&message, port);
        }
        if let Some(message) = port.outbox.take_next() {
            port.status.changed(Urgency::Idle);
            return self.send_outgoing(&message, port);
        }
        match self.receiving.echo.as_mut().and_then(Echo::take_next) {
            Some(message) => self.send_message(message.as_sending(), port),
            None => Ok(()),
        }
    }

    fn send_outgoing<S: Sink>(
        &mut self,
        message: &Outgoing,
        port: &mut Port<S>,
    ) -> Result<(), LayerFault> {
        let length = match message {
            Outgoing::Text(text) => text.len(),
            Outgoing::Binary(data) => data.len(),
            Outgoing::Ping(_) | Outgoing::Close { .. } => 0,
        };
        if length > self.longest_sent {
            let why = format!(
                "longer than the {} bytes that can be sent",
                self.longest_sent
            );
            record_unsent(&mut port.batch, message, &why);
            return Ok(());
        }
        match message {
            Outgoing::Text(text) => self.send_message(Sending::Text(text), port),
            Outgoing::Binary(data) => self.send_message(Sending::Binary(data), port),
            Outgoing::Ping(payload) if payload.len() > MAX_PING => {
                let why = format!("longer than {MAX_PING} bytes");
                record_unsent(&mut port.batch, message, &why);
                Ok(())
            }
            Outgoing::Ping(payload) => self.send_ping(payload.clone().into(), port),
            Outgoing::Close { code, reason } => {
                // The machine decides. It answers this input with an action that closes the connection with this frame.
                self.close_frame = Some((*code, reason.clone()));
                port.inputs.push(Input::Disconnect);
                Ok(())
            }
        }
    }

    fn send_message<S: Sink>(
        &mut self,
        message: Sending<'_>,
        port: &mut Port<S>,
    ) -> Result<(), LayerFault> {
        self.receiving.unflushed = true;
        port.status.changed(Urgency::Interval);
        let (wire, fault) = match self.layer.send(message) {
            Ok(wire) => (wire, None),
            Err(fault) => (None, Some(fault)),
        };
        // Only an accepted message can arrive and be confirmed.
        if fault.is_none() {
            let sent_at = port.batch.stamp().moment;
            let number = self.receiving.pings.message_sent(sent_at);
            if let Sending::Text(text) = message {
                self.receiving.sent_texts.push(number, text);
            }
        }
        let failed = fault
            .is_some()
            .then_some("the connection was lost while it was sent");
        let direction = Direction::Out;
        match message {
            Sending::Text(text) => port.batch.push(Kind::Text {
                direction,
                data: text.as_bytes(),
                failed,
                wire,
            }),
            Sending::Binary(data) => port.batch.push(Kind::Binary {
                direction,
                data,
                failed,
                wire,
            }),
            Sending::Ping(_) | Sending::Close(_) => {}
        }
        fault.map_or(Ok(()), Err)
    }

    fn send_ping<S: Sink>(&mut self, payload: Bytes, port: &mut Port<S>) -> Result<(), LayerFault> {
        self.receiving.unflushed = true;
        self.layer.send(Sending::Ping(&payload))?;
        port.batch.push(Kind::Ping {
            direction: Direction::Out,
            data: &payload,
        });
        let sent_at = port.batch.stamp().moment;
        self.receiving.pings.sent(payload, sent_at);
        Ok(())
    }

    pub(super) fn send_close<S: Sink>(
        &mut self,
        code: CloseCode,
        reason: &str,
        port: &mut Port<S>,
    ) -> Result<(), LayerFault> {
        let reason = within_bytes(reason, MAX_REASON);
        self.receiving.unflushed = true;
        // 1005 stands for a frame without a code. It must not be sent (RFC 6455 7.4.1).
        let frame = (code != CloseCode::NO_STATUS).then_some((code, reason));
        self.layer.send(Sending::Close(frame))?;
        port.batch.push(Kind::Close {
            direction: Direction::Out,
            code,
            reason: frame.map_or("", |(_, reason)| reason),
        });
        Ok(())
    }
}

/// Returns the beginning of a text with at most `most` bytes, cut between characters.
fn within_bytes(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_reasons_are_cut_between_characters() {
        assert_eq!(within_bytes("aü", 2), "a");
        assert_eq!(within_bytes("aü", 3), "aü");
        assert_eq!(within_bytes("", 3), "");
    }
}
