//! Connection to the browser with the DevTools protocol: calls, their answers, and the events in between. This module
//! depends on no particular method.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// Longest time for an answer of the browser. It is longer than the conditions for which a call may wait.
const ANSWER_TIME: Duration = Duration::from_secs(75);

/// Connection to the browser. All tabs share it, each with the ID of its session.
pub(super) struct DevTools {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    /// All received events, in order.
    pub(super) events: Vec<Event>,
    /// Answer that was received and not yet taken.
    answer: Option<(u64, Value)>,
}

/// Event that the browser sent without a request.
pub(super) struct Event {
    /// Session of the tab that it belongs to.
    pub(super) session: String,
    pub(super) method: String,
    pub(super) params: Value,
}

impl DevTools {
    pub(super) fn connect(url: &str) -> Self {
        let address = url.trim_start_matches("ws://").split('/').next();
        let stream = TcpStream::connect(address.unwrap_or_default()).expect("the browser listens");
        stream.set_nodelay(true).expect("a socket of ours");
        let (socket, _) = tungstenite::client(url, stream).expect("the browser speaks WebSocket");
        Self {
            socket,
            last_id: 0,
            events: Vec::new(),
            answer: None,
        }
    }

    /// Calls a method and waits for its answer. An `Err` contains the browser's own error message.
    pub(super) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> Result<Value, String> {
        self.last_id += 1;
        let id = self.last_id;
        let mut call = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            call["sessionId"] = session.into();
        }
        self.socket
            .send(Message::text(call.to_string()))
            .map_err(|error| error.to_string())?;
        let deadline = Instant::now() + ANSWER_TIME;
        loop {
            self.read(deadline)?;
            match self.answer.take() {
                Some((answered, answer)) if answered == id => {
                    return match answer.get("error") {
                        Some(error) => Err(error.to_string()),
                        None => Ok(answer["result"].clone()),
                    };
                }
                _ => {}
            }
        }
    }

    /// Reads one message and stores it as an event or as the answer.
    pub(super) fn read(&mut self, deadline: Instant) -> Result<(), String> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err("not in time".to_owned());
        }
        let limited = self.socket.get_ref().set_read_timeout(Some(left));
        limited.map_err(|error| error.to_string())?;
        let text = match self.socket.read() {
            Ok(Message::Text(text)) => text,
            Ok(_) => return Ok(()),
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err("not in time".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        };
        let mut message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if let Some(id) = message["id"].as_u64() {
            self.answer = Some((id, message));
        } else {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            self.events.push(Event {
                session: text(&message["sessionId"]),
                method: text(&message["method"]),
                params: message["params"].take(),
            });
        }
        Ok(())
    }
}
