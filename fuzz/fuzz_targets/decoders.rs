//! Fuzz target for chains of decoders on any bytes.
//!
//! A decoder to JSON returns JSON text. The output has a limit, and a failure is within the input of its step. The time
//! is bounded, because the fuzzer reports inputs that take too long.

#![no_main]

use std::sync::LazyLock;

use feedscope_analysis::decoders::{Chain, Decoder, MAX_OUTPUT_BYTES, Schema, fitting_chain};
use libfuzzer_sys::fuzz_target;

const PROTO: &str = "syntax = \"proto3\"; message M { uint64 a = 1; repeated sint32 b = 2; map<string, M> c = 3; bytes d = 4; }";

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::compile("m.proto", |_| Some(PROTO.to_owned())).expect("the schema is correct")
});

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (first, second, payload) = input;
    let known = Decoder::WITHOUT_SCHEMA.len();
    let step = |number: u8| {
        Decoder::WITHOUT_SCHEMA
            .get(usize::from(number) % (known + 1))
            .cloned()
    };
    let with_schema =
        Chain::parse("protobuf:M", Some(&SCHEMA)).expect("the schema has the message");
    let steps = [step(first), step(second)].map(|step| match step {
        Some(step) => step,
        None => with_schema.decoders()[0].clone(),
    });
    for count in 1..=steps.len() {
        let chain = Chain::new(steps[..count].iter().cloned());
        match chain.decode(payload) {
            Ok(output) => {
                assert!(output.len() <= MAX_OUTPUT_BYTES);
                if steps[count - 1].writes_json() {
                    let text = std::str::from_utf8(&output).expect("JSON is text");
                    serde_json::from_str::<serde::de::IgnoredAny>(text).map_or_else(
                        |error| assert!(error.to_string().contains("recursion"), "{error}: {text}"),
                        |_| (),
                    );
                }
            }
            Err(failure) => {
                assert!(failure.step <= count && !failure.to_string().is_empty());
                assert!(failure.step > 1 || failure.byte <= payload.len());
            }
        }
    }
    let _chain = fitting_chain(&[payload, payload]);
});
