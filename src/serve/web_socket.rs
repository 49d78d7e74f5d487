//! WebSockets, as they were recorded. Core's encoder makes the frames.

use std::io;
use std::sync::Arc;

use feedscope_core::decode::{DataOpcode, MessageDecoder, MessageEncoder, Role, WireItem};
use feedscope_core::feed::KeepingOptions;
use feedscope_core::protocol::CloseCode;
use feedscope_core::record::Kind;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use tungstenite::handshake::derive_accept_key;

use super::plain::{Body, plain};
use super::play::{PlayAnswer, PlayEnding, PlayedFeed, PlayedStream};

/// Time for the client's answer to a close frame.
const CLOSING_LIMIT: Duration = Duration::from_secs(3);

/// Messages that are due are written together up to this many bytes.
const FULL: usize = 64 << 10;

/// Answers the opening handshake (RFC 6455 4.2.2).
pub(super) fn answer(feed: &Arc<PlayedFeed>, mut request: Request<Incoming>) -> Response<Body> {
    let headers = request.headers();
    let key = headers.get(SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let (true, Some(key)) = (is_handshake(headers), key) else {
        let mut refused = plain(
            StatusCode::UPGRADE_REQUIRED,
            "this is a WebSocket: connect with ws://\n",
        );
        let headers = refused.headers_mut();
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        return refused;
    };
    let accept = derive_accept_key(key);
    let offered = headers.get_all(SEC_WEBSOCKET_PROTOCOL);
    let offered = offered.iter().filter_map(|value| value.to_str().ok());
    let offered = offered.flat_map(|value| value.split(',')).map(str::trim);
    let subprotocol = feed.subprotocol(offered).and_then(|name| name.parse().ok());
    let play = match feed.next_play(b"") {
        PlayAnswer::Play(play) => play,
        PlayAnswer::Refuse(status) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
            return plain(status, "the recorded server refused this connection\n");
        }
        PlayAnswer::Drop => {
            return plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the recorded connection had no answer\n",
            );
        }
    };
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let out = response.headers_mut();
    out.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    out.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = accept.parse() {
        out.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(subprotocol) = subprotocol {
        out.insert(SEC_WEBSOCKET_PROTOCOL, subprotocol);
    }
    let feed = Arc::clone(feed);
    tokio::spawn(async move {
        let Ok(upgraded) = hyper::upgrade::on(&mut request).await else {
            return;
        };
        // A client that leaves or breaks the protocol has got what it asked for.
        Client::new(upgraded).run(&feed, play).await.ok();
    });
    response
}

fn is_handshake(headers: &HeaderMap) -> bool {
    let has = |name, wanted: &str| {
        let value = headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok());
        value.is_some_and(|value| {
            let mut tokens = value.split(',').map(str::trim);
            tokens.any(|token| token.eq_ignore_ascii_case(wanted))
        })
    };
    has(UPGRADE, "websocket") && has(CONNECTION, "upgrade") && has(SEC_WEBSOCKET_VERSION, "13")
}

/// Connection to a client.
struct Client {
    reader: ReadHalf<TokioIo<Upgraded>>,
    writer: WriteHalf<TokioIo<Upgraded>>,
    encoder: MessageEncoder,
    decoder: MessageDecoder,
    buffer: Vec<u8>,
    /// The client has sent a close frame.
    is_closed: bool,
}

impl Client {
    fn new(upgraded: Upgraded) -> Self {
        let (reader, writer) = tokio::io::split(TokioIo::new(upgraded));
        Self {
            reader,
            writer,
            encoder: MessageEncoder::server(None),
            decoder: MessageDecoder::new(Role::Server, None, KeepingOptions::MAX_MESSAGE),
            buffer: Vec::new(),
            is_closed: false,
        }
    }

    /// Sends the records at their times, and ends as the recorded connection did.
    async fn run(mut self, feed: &PlayedFeed, mut play: PlayedStream) -> io::Result<()> {
        let mut start = Instant::now();
        loop {
            let mut rows = feed.rows(&play);
            while let Some(owned) = rows.next() {
                let record = owned.record();
                let due = feed.due(start, play.zero, record.stamp.moment);
                if due > Instant::now() {
                    self.flush().await?;
                    self.wait(due).await?;
                }
                // The client has begun to close, so that it gets no more messages (RFC 6455, section 5.5.1).
                if self.is_closed {
                    return self.flush().await;
                }
                match record.kind {
                    Kind::Text { data, .. } => self.message(DataOpcode::Text, data),
                    Kind::Binary { data, .. } => self.message(DataOpcode::Binary, data),
                    _ => {}
                }
                if self.buffer.len() >= FULL {
                    self.flush().await?;
                }
            }
            self.flush().await?;
            let Some(next) = feed.next_round(start, play.zero, rows.moment) else {
                break;
            };
            (start, play) = next;
        }
        match play.ending {
            // The recorded connection was lost, so that this one ends without a close frame.
            PlayEnding::Drop(at) => {
                self.wait(feed.due(start, play.zero, at)).await?;
                return Ok(());
            }
            PlayEnding::End(Some(at)) => self.wait(feed.due(start, play.zero, at)).await?,
            PlayEnding::End(None) | PlayEnding::Silence => {}
        }
        self.close(feed.close()).await
    }

    fn message(&mut self, opcode: DataOpcode, data: &[u8]) {
        // A text of another program's file may not be UTF-8, which a client would refuse.
        let text;
        let data = match opcode {
            DataOpcode::Text => {
                text = String::from_utf8_lossy(data);
                text.as_bytes()
            }
            DataOpcode::Binary => data,
        };
        self.encoder.encode_message(opcode, data, &mut self.buffer);
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        self.writer.write_all(&self.buffer).await?;
        self.buffer.clear();
        self.writer.flush().await
    }

    /// Waits until a time, and answers the client meanwhile.
    async fn wait(&mut self, until: Instant) -> io::Result<()> {
        let mut input = [0; 4096];
        while !self.is_closed {
            tokio::select! {
                () = sleep_until(until) => return Ok(()),
                read = self.reader.read(&mut input) => {
                    let read = read?;
                    if read == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    self.receive(&input[..read])?;
                    self.flush().await?;
                }
            }
        }
        Ok(())
    }

    /// Answers pings and a close frame. Messages of the client are discarded, because the recording has its own course.
    fn receive(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Self {
            encoder,
            decoder,
            buffer,
            is_closed,
            ..
        } = self;
        let decoded = decoder.feed(bytes, &mut |item: WireItem<'_>| match item {
            WireItem::Ping(payload) => {
                // A received payload is never too long for a pong.
                encoder.encode_pong(payload, buffer).ok();
            }
            WireItem::Close { code, .. } => {
                *is_closed = true;
                let code = code.unwrap_or(CloseCode::NORMAL_CLOSURE);
                encoder.encode_close(Some((code, "")), buffer).ok();
            }
            WireItem::Message { .. } | WireItem::Pong(_) => {}
        });
        decoded.map_err(io::Error::other)
    }

    /// Sends a close frame and waits for the answer.
    async fn close(&mut self, (code, reason): (CloseCode, &str)) -> io::Result<()> {
        if self.is_closed {
            return self.flush().await;
        }
        let encoded = self
            .encoder
            .encode_close(Some((code, reason)), &mut self.buffer);
        encoded.map_err(io::Error::other)?;
        self.flush().await?;
        // The answer to our close frame gets no answer, so that the buffer is not sent any more.
        let mut input = [0; 4096];
        let answer = async {
            while !self.is_closed {
                let read = self.reader.read(&mut input).await?;
                if read == 0 {
                    break;
                }
                self.receive(&input[..read])?;
            }
            Ok::<_, io::Error>(())
        };
        timeout(CLOSING_LIMIT, answer).await.ok();
        self.writer.shutdown().await
    }
}
