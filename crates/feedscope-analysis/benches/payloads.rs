//! The cost of lenses and decoders: a lens at most 1 µs for 100 bytes, nothing for a feed without a lens, and a decoder at
//! most 1.2 times its library.
//!
//! `cargo bench -p feedscope-analysis --bench payloads`, or with the names of parts: `-- lenses nothing decoders`. The name
//! of a lens, such as `-- llm`, measures this lens only. The best of all rounds is printed; the exit status is 1 where an
//! aim is missed.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints its results"
)]

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use feedscope_analysis::decoders::Chain;
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::{Choice, FeedAddress, LensName, LensReader};
use feedscope_core::{Direction, Kind, Record, Stamp};

/// Number of rounds. A round measures everything once, so that a busy moment of the machine does not fall on one lens.
const ROUNDS: usize = 15;
/// Most microseconds of a lens for 100 bytes.
const LENS_AIM: f64 = 1.0;
/// Most nanoseconds for a record of a feed without a lens and without decoders.
const NOTHING_AIM: f64 = 20.0;
/// Most time of a decoder as a multiple of its library.
const DECODER_AIM: f64 = 1.2;

/// A usual message of each protocol.
const MESSAGES: [(LensName, &str); 7] = [
    (
        LensName::JsonRpc,
        r#"{"jsonrpc":"2.0","method":"tick","params":{"symbol":"ACME","price":101.5,"quantity":700,"at":12}}"#,
    ),
    (
        LensName::SocketIo,
        r#"42["price",{"symbol":"ACME","price":101.5,"quantity":700,"at":1795240154524,"book":[1,2,3,4]}]"#,
    ),
    (
        LensName::GraphqlWs,
        r#"{"id":"1","type":"next","payload":{"data":{"tick":{"symbol":"ACME","price":101.5,"at":12345}}}}"#,
    ),
    (
        LensName::Signalr,
        "{\"type\":1,\"target\":\"Tick\",\"arguments\":[{\"symbol\":\"ACME\",\"price\":101.5,\"at\":1795240154524}]}\u{1e}",
    ),
    (
        LensName::Stomp,
        "MESSAGE\ndestination:/topic/ticks\nsubscription:0\nmessage-id:1\n\n{\"symbol\":\"ACME\",\"price\":101.5}\0",
    ),
    (
        LensName::Phoenix,
        r#"[null,null,"room:ticks","tick",{"symbol":"ACME","price":101.5,"quantity":700,"at":1795240154524}]"#,
    ),
    (
        LensName::Llm,
        r#"{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":" the"},"logprobs":null}]}"#,
    ),
];

fn main() -> ExitCode {
    // Cargo passes options that begin with dashes.
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let has = |part: &str| chosen.is_empty() || chosen.iter().any(|it| it == part);
    let lenses: Vec<_> = MESSAGES
        .into_iter()
        .filter(|(lens, _)| has("lenses") || has(lens.word()))
        .collect();
    let mut is_good = measure_lenses(&lenses);
    if has("nothing") {
        is_good &= nothing();
    }
    if has("decoders") {
        is_good &= decoders();
    }
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Measures the lenses. Returns false if an aim is missed.
fn measure_lenses(messages: &[(LensName, &str)]) -> bool {
    let mut best = vec![Duration::MAX; messages.len()];
    // The first round warms the caches and the clock of the processor up.
    for round in 0..=ROUNDS {
        for (place, (lens, message)) in messages.iter().enumerate() {
            let mut reader = reader(Choice::Named(*lens));
            let record = record(message);
            let time = repeated(20_000, || {
                black_box(reader.read(black_box(&record)));
            });
            if round > 0 {
                best[place] = best[place].min(time);
            }
        }
    }
    let mut is_good = true;
    for ((lens, message), time) in messages.iter().zip(best) {
        let micros = time.as_secs_f64() * 1e6 * 100.0 / message.len() as f64;
        println!(
            "  {:12} {micros:6.3} µs for 100 bytes, at most {LENS_AIM} aimed at",
            lens.word()
        );
        is_good &= micros <= LENS_AIM;
    }
    is_good
}

/// Measures feeds without a lens: none is chosen, or none fits the first messages.
fn nothing() -> bool {
    let mut is_good = true;
    for (name, choice) in [("no lens", Choice::Off), ("none fits", Choice::Auto)] {
        let message = r#"{"symbol":"ACME","price":101.5,"quantity":700,"at":1795240154524,"book":[[14.7,900],[14.6,10]]}"#;
        let record = record(message);
        let mut best = Duration::MAX;
        for _ in 0..ROUNDS {
            let mut reader = reader(choice);
            // A lens is sought in the first messages only.
            for _ in 0..1_000 {
                reader.read(&record);
            }
            let time = repeated(100_000, || {
                black_box(reader.read(black_box(&record)));
            });
            best = best.min(time);
        }
        let nanos = best.as_secs_f64() * 1e9;
        println!("  {name:12} {nanos:6.1} ns for a record, at most {NOTHING_AIM} aimed at");
        is_good &= nanos <= NOTHING_AIM;
    }
    is_good
}

/// Measures decoders against their libraries. Returns false if an aim is missed.
fn decoders() -> bool {
    let text = r#"{"symbol":"ACME","price":101.5,"book":[[14.70,900],[14.69,100]]}"#.repeat(1_000);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(text.as_bytes())
        .expect("a vector takes all bytes");
    let gzip = encoder.finish().expect("a vector takes all bytes");
    let by_gzip = |packed: &[u8], out: &mut Vec<u8>| {
        flate2::bufread::GzDecoder::new(packed)
            .read_to_end(out)
            .ok();
    };
    // The same text, as Node's `zlib.brotliCompressSync` writes it.
    let brotli = Chain::parse("hex", None).expect("the decoder exists");
    let brotli = brotli
        .decode(BROTLI.as_bytes())
        .expect("the digits are correct");
    let by_brotli = |packed: &[u8], out: &mut Vec<u8>| {
        // The size of the buffer is the usual one of the library.
        let mut decoder = brotli_decompressor::Decompressor::new(packed, 4_096);
        decoder.read_to_end(out).ok();
    };
    let gzip = decoder("gzip", &gzip, text.len(), by_gzip);
    decoder("brotli", &brotli, text.len(), by_brotli) && gzip
}

/// `{"symbol":"ACME","price":101.5,"book":[[14.70,900],[14.69,100]]}` a thousand times.
const BROTLI: &str = "1bfff9408dd462cd19eea46e4b7d799c1d547914311ad2794a62e8c0061c71809ed1aedb02722f4222121fee0ab0f63d208209975b2784854c6f36c5908a30827ebd7880fa26";

/// Measures a decoder against its library, in turns. Returns false if the aim is missed.
fn decoder(
    name: &str,
    packed: &[u8],
    output_bytes: usize,
    library: impl Fn(&[u8], &mut Vec<u8>),
) -> bool {
    let chain = Chain::parse(name, None).expect("the decoder exists");
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        ours = ours.min(repeated(50, || {
            let output = chain.decode(black_box(packed));
            assert_eq!(output.map(|output| output.len()), Ok(output_bytes));
        }));
        theirs = theirs.min(repeated(50, || {
            let mut out = Vec::new();
            library(black_box(packed), &mut out);
            assert_eq!(out.len(), output_bytes);
        }));
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("  {name:12} {ratio:6.3} times its library, at most {DECODER_AIM} aimed at");
    ratio <= DECODER_AIM
}

fn reader(choice: Choice) -> LensReader {
    LensReader::new(choice, FeedAddress::default(), Interpreter::default())
}

fn record(message: &str) -> Record<'_> {
    let kind = Kind::Text {
        direction: Direction::In,
        data: message.as_bytes(),
        failed: None,
        wire: None,
    };
    Record {
        stamp: Stamp::default(),
        connection: 1,
        kind,
    }
}

/// The time of one call among many.
fn repeated(count: u32, mut call: impl FnMut()) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        call();
    }
    start.elapsed() / count
}
