//! Benchmark of the event-stream decoder, compared with two other measurements in the same run: a plain `memchr` search
//! for newlines, which every decoder of lines needs, and the `sse-stream` crate.
//!
//! Run it with `cargo bench -p feedscope-core --bench decode`. The three run in turns, so that other load on the
//! machine affects all of them. It prints the medians. The exit status is 1 if the decoder misses a goal: at most twice
//! the time of the search, and at most the time of the crate.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a benchmark asks the time and prints what it found"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bytes::Bytes;
use feedscope_core::decode::{EventStreamDecoder, EventStreamItem};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use sse_stream::SseByteStream;

/// Maximum number of bytes in one read from a socket.
const CHUNK: usize = 64 << 10;

/// Function that processes a stream and returns its number of events or lines.
type Contender = fn(&[Bytes]) -> u64;

/// Number of ticks in a round. It is small, so that other load rarely interrupts a round.
const TICKS: usize = 20_000;

/// Number of rounds. It is odd, so that there is a median.
const ROUNDS: usize = 401;

fn main() -> ExitCode {
    let mut good = true;
    for (name, stream, judged) in [
        ("JSON ticks, LF", ticks("\n"), true),
        ("JSON ticks, CRLF", ticks("\r\n"), false),
        ("data lines alone", data_lines(), false),
    ] {
        good &= compare(name, &stream) || !judged;
    }
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Measures the three on one stream and prints their times. Returns true if the decoder reached its goals.
fn compare(name: &str, stream: &[u8]) -> bool {
    let chunks: Vec<Bytes> = stream.chunks(CHUNK).map(Bytes::copy_from_slice).collect();
    let contenders: [(&str, Contender); 3] = [
        ("feedscope", decode),
        ("memchr scan", scan),
        ("sse-stream", decode_with_sse_stream),
    ];
    assert_eq!(decode(&chunks), TICKS as u64);
    assert_eq!(decode_with_sse_stream(&chunks), TICKS as u64);

    let mut times = contenders.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for ((_, contender), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            black_box(contender(black_box(&chunks)));
            times.push(start.elapsed());
        }
    }

    let [ours, scan, theirs] = times.map(median);
    println!("{name}: {TICKS} events, {} bytes", stream.len());
    for ((name, _), time) in contenders.iter().zip([ours, scan, theirs]) {
        let nanos = time.as_nanos() as f64 / TICKS as f64;
        let rate = stream.len() as f64 / time.as_secs_f64() / 1e9;
        let ratio = ours.as_secs_f64() / time.as_secs_f64();
        println!(
            "  {name:12} {nanos:6.1} ns an event  {rate:5.2} GB/s  feedscope takes {ratio:.2} of it"
        );
    }
    ours <= scan * 2 && ours <= theirs
}

fn decode(chunks: &[Bytes]) -> u64 {
    let mut decoder = EventStreamDecoder::new(64 << 20);
    let mut events = 0;
    for chunk in chunks {
        decoder.feed(chunk, &mut |item: EventStreamItem<'_>| {
            if let EventStreamItem::Event { .. } = black_box(item) {
                events += 1;
            }
        });
    }
    events
}

fn scan(chunks: &[Bytes]) -> u64 {
    let mut lines = 0;
    for chunk in chunks {
        for line_end in memchr::memchr_iter(b'\n', chunk) {
            black_box(line_end);
            lines += 1;
        }
    }
    lines
}

fn decode_with_sse_stream(chunks: &[Bytes]) -> u64 {
    let chunks = stream::iter(chunks.iter().cloned().map(Ok::<_, std::io::Error>));
    let events = SseByteStream::new(chunks).fold(0, async |events, event| {
        black_box(event).expect("the streams above are well-formed");
        events + 1
    });
    events.now_or_never().expect("the chunks are all there")
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Returns ticks of a stock ticker of about 100 bytes, with id and event type.
fn ticks(end: &str) -> Vec<u8> {
    let mut text = String::new();
    for id in 1..=TICKS {
        // The number of digits varies, as in real prices and volumes.
        let price = id * 7919 % 100_000;
        let volume = id * 104_729 % 9_973;
        write!(
            text,
            "id: {id}{end}event: price{end}data: {{\"symbol\":\"FSCP\",\"price\":{}.{:02},\"volume\":{volume},\"at\":{}}}{end}{end}",
            price / 100,
            price % 100,
            1_790_000_000_000_u64 + id as u64 * 137,
        )
        .expect("a String takes everything");
    }
    text.into_bytes()
}

/// Returns events with one data line, as from language models.
fn data_lines() -> Vec<u8> {
    let mut text = String::new();
    for id in 1..=TICKS {
        write!(text, "data: {{\"id\":\"run-1\",\"index\":{id},\"choices\":[{{\"delta\":{{\"content\":\" and\"}}}}]}}\n\n")
            .expect("a String takes everything");
    }
    text.into_bytes()
}
