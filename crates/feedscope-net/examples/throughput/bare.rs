//! Bare loops over the libraries that other programs use. They measure the cost of reading without any other work.

use std::hint::black_box;
use std::io::Cursor;

use bytes::{Buf as _, BytesMut};
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem};
use feedscope_core::feed::KeepingOptions;
use futures_util::StreamExt as _;
use sse_stream::SseByteStream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_tungstenite::WebSocketStream;
use tungstenite::protocol::Role;
use tungstenite::protocol::frame::FrameHeader;

/// Name of the threads that read.
pub(crate) const THREAD: &str = "bare";

/// Loops, named as on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bare {
    /// Passes the chunks of the body to the `sse-stream` crate.
    SseStream,
    /// Passes the chunks of the body to core's own decoder.
    OwnDecoder,
    /// Reads the stream of the `tokio-tungstenite` crate.
    TokioTungstenite,
    /// Parses frame headers with tungstenite's type, and skips the payloads.
    Frames,
}

impl Bare {
    pub(crate) const ALL: [(&str, Self); 4] = [
        ("sse-stream", Self::SseStream),
        ("own-decoder", Self::OwnDecoder),
        ("tokio-tungstenite", Self::TokioTungstenite),
        ("frames", Self::Frames),
    ];

    /// Reads to the end on a thread of the runtime. Returns the number of messages.
    pub(crate) fn read(self, runtime: &Runtime, address: &str) -> u64 {
        let address = address.to_owned();
        let reading = runtime.spawn(async move {
            match self {
                Self::SseStream => sse_stream(&address).await,
                Self::OwnDecoder => own_decoder(&address).await,
                Self::TokioTungstenite => tokio_tungstenite(&address).await,
                Self::Frames => frames(&address).await,
            }
        });
        runtime.block_on(reading).unwrap()
    }
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(THREAD)
        .enable_all()
        .build()
        .unwrap()
}

pub(crate) async fn get(address: &str) -> reqwest::Response {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    client
        .get(format!("http://{address}/"))
        .send()
        .await
        .unwrap()
}

async fn sse_stream(address: &str) -> u64 {
    let mut events = SseByteStream::new(get(address).await.bytes_stream());
    let mut count = 0;
    while let Some(event) = events.next().await {
        black_box(event.unwrap());
        count += 1;
    }
    count
}

async fn own_decoder(address: &str) -> u64 {
    let mut response = get(address).await;
    let mut decoder = EventStreamDecoder::new(KeepingOptions::MAX_MESSAGE);
    let mut count = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        decoder.feed(&chunk, &mut |item: EventStreamItem<'_>| {
            black_box(item);
            count += 1;
        });
    }
    count
}

/// Returns a socket after the answer to an upgrade. The answer is not checked.
pub(crate) async fn upgraded(address: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = "GET / HTTP/1.1\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    socket.write_all(request.as_bytes()).await.unwrap();
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        socket.read_exact(&mut byte).await.unwrap();
        head.push(byte[0]);
    }
    socket
}

async fn tokio_tungstenite(address: &str) -> u64 {
    let socket = upgraded(address).await;
    let mut messages = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
    let mut count = 0;
    while let Some(Ok(message)) = messages.next().await {
        count += u64::from(black_box(message).is_text());
    }
    count
}

async fn frames(address: &str) -> u64 {
    let mut socket = upgraded(address).await;
    let mut bytes = BytesMut::with_capacity(64 << 10);
    let mut count = 0;
    loop {
        bytes.reserve(64 << 10);
        if socket.read_buf(&mut bytes).await.unwrap() == 0 {
            return count;
        }
        while let Some((header, length)) = FrameHeader::parse(&mut Cursor::new(&bytes[..])).unwrap()
        {
            let whole = header.len(length) + length as usize;
            if bytes.len() < whole {
                break;
            }
            count += u64::from(black_box(&bytes[..whole])[0] == 0x81);
            bytes.advance(whole);
        }
    }
}
