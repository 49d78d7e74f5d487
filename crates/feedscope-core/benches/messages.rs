//! Benchmark of the WebSocket decoder, compared with two other measurements in the same run: the message layer of
//! tungstenite, and the parsing of frame headers alone, which every decoder of frames needs.
//!
//! Run it with `cargo bench -p feedscope-core --bench messages`. The three run in turns, so that other load on the
//! machine affects all of them. It prints the medians. The exit status is 1 if the decoder takes more than 0.7 of the
//! time of tungstenite's layer. It also prints the time to inflate messages, which tungstenite does not support.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a benchmark asks the time and prints what it found"
)]

use std::hint::black_box;
use std::io::{self, Cursor, Read, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, MessageDecoder, MessageEncoder, Role, WireItem,
};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::{Role as TheirRole, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

/// Maximum number of bytes in one read from a socket.
const CHUNK: usize = 64 << 10;

const MAX_MESSAGE: usize = 64 << 20;

/// Number of rounds. It is odd, so that there is a median.
const ROUNDS: usize = 201;

/// Function that processes the bytes of a server and returns the number of messages.
type Contender = fn(&[u8]) -> usize;

fn main() -> ExitCode {
    let mut good = true;
    for (name, size, count, judged) in [
        ("text of 100 bytes", 100, 20_000, true),
        ("text of 1,000 bytes", 1000, 4_000, false),
        ("text of 100,000 bytes", 100_000, 100, false),
    ] {
        good &= compare(name, size, count) || !judged;
    }
    inflate(100, 20_000);
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Measures the three on the same bytes and prints their times. Returns true if the decoder reached its goal.
fn compare(name: &str, size: usize, count: usize) -> bool {
    let bytes = messages(size, count, None);
    let contenders: [(&str, Contender); 3] = [
        ("feedscope", decode),
        ("tungstenite", decode_with_tungstenite),
        ("headers alone", read_headers),
    ];
    let mut times = contenders.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for ((name, contender), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            let found = black_box(contender(black_box(&bytes)));
            times.push(start.elapsed());
            assert_eq!(found, count, "{name}");
        }
    }
    let [ours, theirs, headers] = times.map(median);
    println!("{name}: {count} messages, {} bytes", bytes.len());
    for ((name, _), time) in contenders.iter().zip([ours, theirs, headers]) {
        print_time(name, time, count, bytes.len());
        let ratio = ours.as_secs_f64() / time.as_secs_f64();
        println!("  feedscope takes {ratio:.2} of it");
    }
    ours.as_secs_f64() <= theirs.as_secs_f64() * 0.7
}

/// Prints the time for compressed messages that refer to earlier messages.
fn inflate(size: usize, count: usize) {
    let agreement = DeflateAgreement::default();
    let bytes = messages(size, count, Some(agreement));
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let decoder = MessageDecoder::new(Role::Client, Some(agreement), MAX_MESSAGE as u64);
        let found = count_messages(decoder, black_box(&bytes));
        times.push(start.elapsed());
        assert_eq!(found, count);
    }
    println!(
        "compressed text of {size} bytes: {count} messages, {} bytes",
        bytes.len()
    );
    print_time("feedscope", median(times), count, bytes.len());
    println!();
}

fn print_time(name: &str, time: Duration, count: usize, bytes: usize) {
    let micros = time.as_secs_f64() * 1e6 / count as f64;
    let rate = bytes as f64 / time.as_secs_f64() / 1e9;
    print!("  {name:14} {micros:7.4} µs a message  {rate:6.2} GB/s");
}

fn decode(bytes: &[u8]) -> usize {
    count_messages(
        MessageDecoder::new(Role::Client, None, MAX_MESSAGE as u64),
        bytes,
    )
}

fn count_messages(mut decoder: MessageDecoder, bytes: &[u8]) -> usize {
    let mut messages = 0;
    // The bytes are read into one buffer that is used again, as from a socket.
    let mut buffer = vec![0; CHUNK];
    let mut stream = Stream(bytes);
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        decoder
            .feed(&buffer[..read], &mut |item: WireItem<'_>| {
                if let WireItem::Message { .. } = black_box(item) {
                    messages += 1;
                }
            })
            .expect("the messages above are well-formed");
    }
    messages
}

fn decode_with_tungstenite(bytes: &[u8]) -> usize {
    let config = WebSocketConfig::default()
        .read_buffer_size(CHUNK)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let mut socket = WebSocket::from_raw_socket(Stream(bytes), TheirRole::Client, Some(config));
    let mut messages = 0;
    loop {
        match socket.read() {
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                black_box(message);
                messages += 1;
            }
            Ok(_) => {}
            Err(Error::Protocol(_)) => return messages,
            Err(error) => panic!("{error}"),
        }
    }
}

fn read_headers(bytes: &[u8]) -> usize {
    let mut cursor = Cursor::new(bytes);
    let mut frames = 0;
    while let Ok(Some((header, length))) = FrameHeader::parse(&mut cursor) {
        black_box(header);
        cursor.set_position(cursor.position() + length);
        frames += 1;
    }
    frames
}

/// Stream that returns its bytes in reads of at most [`CHUNK`] and drops written bytes.
struct Stream<'a>(&'a [u8]);

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(CHUNK);
        self.0.read(&mut buffer[..length])
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Returns ticks of a stock ticker, filled up to `size` bytes each, in the form of a server's messages.
fn messages(size: usize, count: usize, deflate: Option<DeflateAgreement>) -> Vec<u8> {
    let mut encoder = MessageEncoder::server(deflate);
    let mut bytes = Vec::new();
    for id in 0..count {
        // The number of digits varies, as in real prices and volumes.
        let price = id * 7919 % 100_000;
        let volume = id * 104_729 % 9_973;
        let tick = format!(
            "{{\"id\":{id},\"symbol\":\"FSCP\",\"price\":{}.{:02},\"volume\":{volume},\"note\":\"",
            price / 100,
            price % 100
        );
        let filler = "-".repeat(size - 2 - tick.len());
        let tick = format!("{tick}{filler}\"}}");
        encoder.encode_message(DataOpcode::Text, tick.as_bytes(), &mut bytes);
    }
    bytes
}
