//! The cost of lenses and decoders: a lens at most 1 µs for 100 bytes, and a decoder at most 1.2 times its library.
//!
//! `cargo bench -p feedscope-analysis --bench payloads`. The best of a few runs is printed; the exit status is 1 where an
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

const RUNS: usize = 5;
/// Most microseconds of a lens for 100 bytes.
const LENS_AIM: f64 = 1.0;
/// Most time of a decoder as a multiple of its library.
const DECODER_AIM: f64 = 1.2;

fn main() -> ExitCode {
    let mut good = true;
    for (lens, message) in [
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
    ] {
        let kind = Kind::Text {
            direction: Direction::In,
            data: message.as_bytes(),
            failed: None,
            wire: None,
        };
        let record = Record {
            stamp: Stamp::default(),
            connection: 1,
            kind,
        };
        let time = best(|| {
            let mut reader = LensReader::new(
                Choice::Named(lens),
                FeedAddress::default(),
                Interpreter::default(),
            );
            repeated(100_000, || {
                black_box(reader.read(black_box(&record)));
            })
        });
        let micros = time.as_secs_f64() * 1e6 * 100.0 / message.len() as f64;
        println!(
            "  {:12} {micros:6.3} µs for 100 bytes, at most {LENS_AIM} aimed at",
            lens.word()
        );
        good &= micros <= LENS_AIM;
    }
    let text = r#"{"symbol":"ACME","price":101.5,"book":[[14.70,900],[14.69,100]]}"#.repeat(1_000);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(text.as_bytes())
        .expect("a vector takes all bytes");
    let packed = encoder.finish().expect("a vector takes all bytes");
    let chain = Chain::parse("gzip", None).expect("the decoder exists");
    let ours = best(|| {
        repeated(200, || {
            black_box(chain.decode(black_box(&packed)).ok());
        })
    });
    let theirs = best(|| {
        repeated(200, || {
            let mut out = Vec::new();
            flate2::bufread::GzDecoder::new(black_box(&packed[..]))
                .read_to_end(&mut out)
                .ok();
            black_box(out);
        })
    });
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("  gzip         {ratio:6.3} times its library, at most {DECODER_AIM} aimed at");
    good &= ratio <= DECODER_AIM;
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
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

fn best(mut run: impl FnMut() -> Duration) -> Duration {
    (0..RUNS).map(|_| run()).min().unwrap_or_default()
}
