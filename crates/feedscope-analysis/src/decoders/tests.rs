//! Tables of cases for the decoders, with bytes in hexadecimal digits, and properties of all of them.

use std::io::Write as _;

use flate2::Compression;
use proptest::prelude::*;

use super::failure::StepFailure;
use super::*;
use crate::interpret::Interpreter;
use crate::test_numbers::Numbers;

fn bytes(hex: &str) -> Vec<u8> {
    encoded_text::hex(hex.as_bytes()).unwrap()
}

fn decoded(chain: &str, payload: &[u8]) -> Result<String, String> {
    let chain = Chain::parse(chain, None).unwrap();
    match chain.decode(payload) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(failure) => Err(failure.to_string()),
    }
}

/// Checks rows of input digits and JSON text, or `!` and the position of the failure.
fn check(chain: &str, cases: &[(&str, &str)]) {
    for (input, expected) in cases {
        let input_bytes = bytes(input);
        let found = Chain::parse(chain, None).unwrap();
        let found = match found.decode(&input_bytes) {
            Ok(output) => String::from_utf8_lossy(&output).into_owned(),
            Err(failure) => format!("!{}", failure.byte),
        };
        assert_eq!(found, *expected, "{chain} {input}");
    }
}

#[test]
fn message_pack_becomes_json() {
    check(
        "msgpack",
        &[
            ("c0", "null"),
            ("c2", "false"),
            ("7f", "127"),
            ("e0", "-32"),
            ("cc80", "128"),
            ("cfffffffffffffffff", "18446744073709551615"),
            ("d38000000000000000", "-9223372036854775808"),
            ("cb3fb999999999999a", "0.1"),
            ("ca3dcccccd", "0.1"),
            ("cb7ff8000000000000", "null"),
            ("ca7f800000", "null"),
            ("a361e282ac", "!5"),
            ("a461e282ac", "\"a€\""),
            ("a2fffe", "{\"$bytes\":\"//4=\"}"),
            ("c403010203", "{\"$bytes\":\"AQID\"}"),
            ("93010203", "[1,2,3]"),
            ("82a1610102c3", "{\"a\":1,\"2\":true}"),
            ("8192010203", "{\"[1,2]\":3}"),
            ("81c40101a0", "{\"{\\\"$bytes\\\":\\\"AQ==\\\"}\":\"\"}"),
            ("d4052a", "{\"$ext\":5,\"data\":\"Kg==\"}"),
            ("d6ff5a497a00", "\"2018-01-01T00:00:00Z\""),
            ("d7ff773594005a497a00", "\"2018-01-01T00:00:00.5Z\""),
            (
                "c70cff00000001ffffffffffffffff",
                "\"1969-12-31T23:59:59.000000001Z\"",
            ),
            (
                "d7ffffffffff5a497a00",
                "{\"$ext\":-1,\"data\":\"/////1pJegA=\"}",
            ),
            ("0102", "[1,2]"),
            ("c1", "!0"),
            ("92c1", "!1"),
            ("dcffff", "!3"),
            ("ddffffffff", "!5"),
            ("", "!0"),
            ("a16101c1", "!3"),
        ],
    );
}

#[test]
fn cbor_becomes_json() {
    // Many are from RFC 8949, appendix A.
    check(
        "cbor",
        &[
            ("00", "0"),
            ("1bffffffffffffffff", "18446744073709551615"),
            ("3bffffffffffffffff", "-18446744073709551616"),
            ("c249010000000000000000", "18446744073709551616"),
            ("c349010000000000000000", "-18446744073709551617"),
            ("f93e00", "1.5"),
            ("fb7e37e43c8800759c", "1e+300"),
            ("f97e00", "null"),
            ("f4", "false"),
            ("f7", "null"),
            ("f0", "{\"$simple\":16}"),
            ("c11a514b67b0", "\"2013-03-21T20:04:00Z\""),
            ("c1fb41d452d9ec200000", "\"2013-03-21T20:04:00.5Z\""),
            (
                "c074323031332d30332d32315432303a30343a30305a",
                "\"2013-03-21T20:04:00Z\"",
            ),
            ("4401020304", "{\"$bytes\":\"AQIDBA==\"}"),
            ("62c3bc", "\"ü\""),
            ("a201020304", "{\"1\":2,\"3\":4}"),
            ("9f0102ff", "[1,2]"),
            ("bf6161019fff02ff", "{\"a\":1,\"[]\":2}"),
            ("5f42010243030405ff", "{\"$bytes\":\"AQIDBAU=\"}"),
            ("7f657374726561646d696e67ff", "\"streaming\""),
            ("d9d9f70a", "10"),
            ("0102", "[1,2]"),
            ("ff", "!0"),
            ("82ff", "!1"),
            ("1c", "!0"),
            ("5f6101ff", "!1"),
            ("9f01", "!2"),
            ("1a0000", "!3"),
        ],
    );
}

#[test]
fn protobuf_without_a_schema_shows_the_wire() {
    check(
        "protobuf",
        &[
            ("", "{}"),
            ("089601", "{\"1\":150}"),
            ("08ffffffffffffffffff01", "{\"1\":18446744073709551615}"),
            ("120774657374696e67", "{\"2\":\"testing\"}"),
            ("1a03089601", "{\"3\":{\"1\":150}}"),
            ("0801120008021a0161", "{\"1\":[1,2],\"2\":\"\",\"3\":\"a\"}"),
            ("0d0000c03f", "{\"1\":1.5}"),
            ("0d01000000", "{\"1\":1}"),
            ("09000000000000f83f", "{\"1\":1.5}"),
            ("0a02ff01", "{\"1\":{\"$bytes\":\"/wE=\"}}"),
            ("0b08010c", "{\"1\":{\"1\":1}}"),
            ("0b0801", "!3"),
            ("0c", "!0"),
            ("00", "!0"),
            ("0e", "!0"),
            ("0a05", "!2"),
            ("08ffffffffffffffffff02", "!1"),
        ],
    );
}

const PROTO: &str = r#"
syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "size.proto";
message Order {
  enum State { NEW = 0; PAID = 1; }
  uint64 id = 1;
  string customer_name = 2;
  repeated sint32 steps = 3;
  map<string, double> prices = 4;
  State state = 5;
  bytes photo = 6;
  google.protobuf.Timestamp at = 7;
  Order parent = 8;
  Size size = 9;
  int64 balance = 10;
}
"#;

fn schema() -> Schema {
    let read = |name: &str| match name {
        "order.proto" => Some(PROTO.to_owned()),
        "size.proto" => Some("syntax = \"proto3\"; message Size { float width = 1; }".to_owned()),
        _ => None,
    };
    Schema::compile("order.proto", read).unwrap()
}

#[test]
fn protobuf_with_a_schema_has_its_names() {
    let schema = schema();
    let chain = Chain::parse("protobuf", Some(&schema)).unwrap();
    assert_eq!(chain.to_string(), "protobuf:shop.Order");
    for (input, expected) in [
        ("08ffffffffffffffffff01", r#"{"id":18446744073709551615}"#),
        ("120161", r#"{"customer_name":"a"}"#),
        ("1a020102", r#"{"steps":[-1,1]}"#),
        (
            "220c0a016211000000000000f03f220c0a016111000000000000f83f",
            r#"{"prices":{"a":1.5,"b":1.0}}"#,
        ),
        ("2801", r#"{"state":"PAID"}"#),
        ("2807", r#"{"state":7}"#),
        ("320201ff", r#"{"photo":{"$bytes":"Af8="}}"#),
        ("420208 07", r#"{"parent":{"id":7}}"#),
        ("4a050d0000003f", r#"{"size":{"width":0.5}}"#),
        ("50ffffffffffffffffff01", r#"{"balance":-1}"#),
        ("2800", "{}"),
        ("b80601", r#"{"103":1}"#),
    ] {
        let output = chain.decode(&bytes(input)).unwrap().into_owned();
        assert_eq!(String::from_utf8(output).unwrap(), expected, "{input}");
    }
    // 1514764800 is the start of 2018.
    let at = chain
        .decode(&bytes("3a060880f4a5d205"))
        .unwrap()
        .into_owned();
    assert_eq!(
        String::from_utf8(at).unwrap(),
        r#"{"at":"2018-01-01T00:00:00Z"}"#
    );
    let failure = chain.decode(&bytes("080112 02ffff")).unwrap_err();
    assert_eq!(failure.byte, 2, "{failure}");
    let failure = chain.decode(&bytes("080112")).unwrap_err();
    assert_eq!(failure.byte, 3, "{failure}");
}

#[test]
fn a_chain_is_checked_against_its_schema() {
    let schema = schema();
    let problem = |text: &str, schema| Chain::parse(text, schema).unwrap_err().to_string();
    assert!(Chain::parse("protobuf:Order", Some(&schema)).is_ok());
    assert!(Chain::parse("protobuf:Size", Some(&schema)).is_ok());
    let unknown = problem("protobuf:Basket", Some(&schema));
    assert!(
        unknown.contains("no message `Basket`") && unknown.contains("shop.Order"),
        "{unknown}"
    );
    assert!(problem("protobuf:Order", None).contains("--proto FILE"));
    assert!(problem("gzip,rot13", None).contains("no decoder `rot13`; there are base64, hex"));
    assert!(problem(&["hex"; 17].join(","), None).contains("more than 16"));
    assert!(Schema::compile("x.proto", |_| Some("message".to_owned())).is_err());
    assert!(Schema::from_descriptor_set(b"\xff\xff").is_err());
    for (text, written) in [
        ("none", "none"),
        ("", "none"),
        (" GZIP , MessagePack", "gzip,msgpack"),
    ] {
        assert_eq!(Chain::parse(text, None).unwrap().to_string(), written);
    }
}

#[test]
fn text_forms_of_bytes_are_decoded() {
    for (chain, input, expected) in [
        ("base64", "YWI/Pj8+", Ok("ab?>?>")),
        ("base64", "YWI_Pj8-", Ok("ab?>?>")),
        ("base64", " YQ \n", Ok("a")),
        ("base64", "Y W\n J j ZA==", Ok("abcd")),
        ("base64", "", Ok("")),
        ("base64", "YW I.Z", Err("byte 4")),
        ("base64", "Y", Err("byte")),
        ("hex", "0x61 62\n", Ok("ab")),
        ("hex", "6A6b", Ok("jk")),
        ("hex", "61g2", Err("byte 2")),
        ("hex", "616", Err("byte 3")),
    ] {
        let found = decoded(chain, input.as_bytes());
        match expected {
            Ok(expected) => assert_eq!(found.as_deref(), Ok(expected), "{chain} {input}"),
            Err(part) => {
                let problem = found.unwrap_err();
                assert!(problem.contains(part), "{chain} {input}: {problem}");
            }
        }
    }
}

fn gzipped(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlibbed(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(data: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(data, ruzstd::encoding::CompressionLevel::Fastest)
}

type Compress = fn(&[u8]) -> Vec<u8>;
type Bounded = fn(&[u8], usize) -> Result<Vec<u8>, StepFailure>;
const COMPRESSIONS: [(&str, Compress); 5] = [
    ("gzip", gzipped),
    ("zlib", zlibbed),
    ("deflate", deflated),
    ("deflate", zlibbed),
    ("zstd", zstandard),
];

#[test]
fn compressed_payloads_are_whole_or_fail() {
    for (chain, compress) in COMPRESSIONS {
        let data = "price 101.5 ".repeat(400);
        let whole = compress(data.as_bytes());
        assert_eq!(decoded(chain, &whole).as_deref(), Ok(&*data), "{chain}");
        for length in 0..whole.len() {
            let cut = decoded(chain, &whole[..length]);
            assert!(cut.is_err(), "{chain} cut to {length}");
        }
        let mut more = whole.clone();
        more.extend(b"!!");
        let problem = decoded(chain, &more).unwrap_err();
        assert!(
            problem.contains(&format!("byte {}", whole.len())),
            "{chain}: {problem}"
        );
    }
    let two = [gzipped(b"a"), gzipped(b"b")].concat();
    assert_eq!(decoded("gzip", &two).as_deref(), Ok("ab"));
    let skipped = [
        bytes("502a4d1802000000ffff"),
        zstandard(b"c"),
        zstandard(b"d"),
    ]
    .concat();
    assert_eq!(decoded("zstd", &skipped).as_deref(), Ok("cd"));
}

#[test]
fn a_bomb_is_stopped_at_the_limit() {
    let zeros = vec![0; 1 << 20];
    let limit = 1 << 16;
    let cases: [(Bounded, Compress); 4] = [
        (compressed::gzip, gzipped),
        (compressed::zlib, zlibbed),
        (compressed::deflate, deflated),
        (compressed::zstd, zstandard),
    ];
    for (decode, compress) in cases {
        let bomb = compress(&zeros);
        let Err(StepFailure {
            problem: DecodeProblem::TooLarge { limit: told, ratio },
            ..
        }) = decode(&bomb, limit)
        else {
            panic!("the bomb was decoded");
        };
        assert_eq!((told, ratio), (limit, (limit / bomb.len()) as u64));
        // Exactly the limit is not too much.
        assert_eq!(
            decode(&compress(&zeros[..limit]), limit).unwrap().len(),
            limit
        );
        assert!(decode(&compress(&zeros[..=limit]), limit).is_err());
    }
    let text = vec![b'\x01'; 100];
    let packed = [&[0xd9, 100][..], &text].concat();
    assert!(
        message_pack::to_json(&packed, 300).is_err(),
        "the JSON text is longer"
    );
}

/// Streams of brotli, as Node's `zlib.brotliCompressSync` writes them.
const BROTLI_PRICES: &str = "1bbf12f88dd4622d33ae94202e3105535383dc560b50e16e0a007601";
const BROTLI_ZEROS: [(&str, usize); 3] = [
    ("1bfffff82700e2b14020f71e00", 1 << 16),
    ("5b0000817f02201e0b0474ef0100", (1 << 16) + 1),
    ("5bffff8f7f02201e0b0472ef1f00", 1 << 20),
];

#[test]
fn brotli_is_whole_or_fails() {
    let data = "price 101.5 ".repeat(400);
    let whole = bytes(BROTLI_PRICES);
    assert_eq!(decoded("brotli", &whole).as_deref(), Ok(&*data));
    assert_eq!(decoded("brotli", &bytes("3b")).as_deref(), Ok(""));
    for length in 0..whole.len() {
        let problem = decoded("brotli", &whole[..length]).unwrap_err();
        let expected = format!("brotli (step 1) failed at byte {length}: the input ends");
        assert!(problem.starts_with(&expected), "{problem}");
    }
    let more = [&whole[..], b"!!"].concat();
    let problem = decoded("brotli", &more).unwrap_err();
    let expected = format!("byte {}: bytes follow", whole.len());
    assert!(problem.contains(&expected), "{problem}");
    // The step is named in a longer chain.
    let problem = decoded("hex,brotli", b"ffffffff").unwrap_err();
    assert!(
        problem.starts_with("brotli (step 2) failed at byte "),
        "{problem}"
    );
    // A window of 1 GiB is not of RFC 7932.
    let large = decoded("brotli", &bytes("111e08000268656c6c6f03"));
    assert!(large.unwrap_err().contains("damaged"));
}

#[test]
fn a_bomb_of_brotli_is_stopped_at_the_limit() {
    let limit = 1 << 16;
    for (bomb, size) in BROTLI_ZEROS {
        let bomb = bytes(bomb);
        let output = compressed::brotli(&bomb, limit);
        if size <= limit {
            assert_eq!(output.unwrap(), vec![0; size]);
            continue;
        }
        let Err(StepFailure {
            problem: DecodeProblem::TooLarge { limit: told, ratio },
            ..
        }) = output
        else {
            panic!("the bomb was decoded");
        };
        assert_eq!((told, ratio), (limit, (limit / bomb.len()) as u64));
    }
}

#[test]
fn nesting_is_bounded() {
    for (chain, byte) in [
        ("msgpack", 0x91),
        ("cbor", 0x81),
        ("cbor", 0xc5),
        ("protobuf", 0x0b),
    ] {
        let problem = decoded(chain, &vec![byte; 100_000]).unwrap_err();
        assert!(problem.contains("nested too deep"), "{chain}: {problem}");
    }
}

#[test]
fn packed_data_is_filtered_and_put_into_columns_as_json_is() {
    use crate::filter::{Column, ColumnValue, Filter, ParseContext};
    use base64::Engine as _;
    use feedscope_core::{Kind, Record, Stamp};

    // {"id": 9007199254740993, "price": 101.5}
    let packed = bytes("82a26964cf0020000000000001a57072696365cb4059600000000000");
    let payload = base64::engine::general_purpose::STANDARD.encode(gzipped(&packed));
    let kind = Kind::Event {
        event: b"",
        id: b"",
        data: payload.as_bytes(),
    };
    let interpreter = Interpreter::for_received(Chain::parse("base64,gzip,msgpack", None).unwrap());
    let record = Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: kind.clone(),
    };
    for (text, expected) in [
        (".price > 100", true),
        (".price > 102", false),
        (".id == 9007199254740993", true),
        (".id == 9007199254740992", false),
        ("price", true),
        (&payload[..10], false),
    ] {
        let filter = Filter::parse(text, &ParseContext::default()).unwrap();
        assert_eq!(filter.matches_as(&record, &interpreter), expected, "{text}");
    }
    let columns = Column::parse_list(".id,.price").unwrap();
    let values: Vec<_> = columns
        .iter()
        .map(|column| column.value_as(&kind, &interpreter))
        .collect();
    let number = |text: &str| ColumnValue::Number(text.to_owned());
    assert_eq!(values, [number("9007199254740993"), number("101.5")]);
}

#[test]
fn the_chain_is_guessed_from_the_first_payloads() {
    use base64::Engine as _;
    let packed = [bytes("81a16101"), bytes("81a16102")];
    let guess = |payloads: &[Vec<u8>]| {
        let payloads: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
        fitting_chain(&payloads).map(|chain| chain.to_string())
    };
    assert_eq!(guess(&packed).as_deref(), Some("msgpack"));
    let wrapped = packed.clone().map(|bytes| {
        base64::engine::general_purpose::STANDARD
            .encode(gzipped(&bytes))
            .into_bytes()
    });
    assert_eq!(guess(&wrapped).as_deref(), Some("base64,gzip,msgpack"));
    let json = [b"{\"a\":1}".to_vec(), b"{\"a\":2}".to_vec()];
    assert_eq!(guess(&json), None);
    assert_eq!(
        guess(&json.clone().map(|bytes| gzipped(&bytes))).as_deref(),
        Some("gzip")
    );
    let brotli = [
        bytes("0b07807b227072696365223a3130312e357d03"),
        bytes("8b07807b227072696365223a3130312e37357d03"),
    ];
    assert_eq!(guess(&brotli).as_deref(), Some("brotli"));
    assert_eq!(guess(&[b"hello".to_vec(), b"world".to_vec()]), None);
    assert_eq!(guess(&packed[..1]), None, "one payload is no evidence");
    assert_eq!(guess(&[packed[0].clone(), b"\xc1\xff".to_vec()]), None);
}

fn any_chain() -> impl Strategy<Value = Chain> {
    proptest::collection::vec(0..Decoder::WITHOUT_SCHEMA.len(), 1..4).prop_map(|places| {
        Chain::new(
            places
                .into_iter()
                .map(|place| Decoder::WITHOUT_SCHEMA[place].clone()),
        )
    })
}

/// Damaged payloads are refused or decoded within the limit. Random bytes alone rarely get behind the first header.
#[test]
fn damaged_payloads_are_refused_or_bounded() {
    let json =
        r#"{"symbol":"ACME","price":101.5,"book":[[14.7,900],[14.69,100]],"at":1795240154524}"#
            .repeat(20);
    let samples = [
        ("gzip", gzipped(json.as_bytes())),
        ("zlib", zlibbed(json.as_bytes())),
        ("deflate", deflated(json.as_bytes())),
        ("zstd", zstandard(json.as_bytes())),
        ("brotli", bytes(BROTLI_PRICES)),
        ("brotli", bytes(BROTLI_ZEROS[2].0)),
        (
            "msgpack",
            bytes("83a161cfffffffffffffffffa162920102a163d6ff5a497a00"),
        ),
        ("cbor", bytes("a3616101616282020361631bffffffffffffffff")),
        ("protobuf", bytes("0a0568656c6c6f10ac021a03089601")),
        ("base64", b"eyJwcmljZSI6MTAxLjV9".to_vec()),
        ("hex", b"7b227072696365223a3130312e357d".to_vec()),
    ];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for (name, sample) in &samples {
        let chain = Chain::parse(name, None).unwrap();
        assert!(chain.decode(sample).is_ok(), "{name}");
        for _ in 0..400 {
            let mut damaged = sample.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(damaged.len());
                match numbers.below(4) {
                    0 => damaged[at] = numbers.below(256) as u8,
                    1 => damaged[at] ^= 1 << numbers.below(8),
                    2 => damaged.insert(at, numbers.below(256) as u8),
                    _ => damaged.truncate(at + 1),
                }
            }
            match chain.decode(&damaged) {
                Ok(output) => assert!(output.len() <= MAX_OUTPUT_BYTES, "{name}"),
                Err(failure) => {
                    assert_eq!(failure.decoder, *name);
                    assert!(failure.byte <= damaged.len(), "{name}: {failure}");
                }
            }
        }
    }
}

proptest! {
    /// No bytes cause a panic, and a structured decoder returns JSON.
    #[test]
    fn any_bytes_are_decoded_or_refused(chain in any_chain(), payload in proptest::collection::vec(any::<u8>(), 0..120)) {
        match chain.decode(&payload) {
            Ok(output) => {
                let last = chain.decoders().last();
                if last.is_some_and(Decoder::writes_json) {
                    let text = std::str::from_utf8(&output).unwrap();
                    prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(), "{}", text);
                }
            }
            Err(failure) => prop_assert!(failure.step <= chain.decoders().len()),
        }
    }

    /// What was compressed is decompressed to itself.
    #[test]
    fn compressed_bytes_come_back(which in 0..COMPRESSIONS.len(), data in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let (name, compress) = COMPRESSIONS[which];
        let chain = Chain::parse(name, None).unwrap();
        prop_assert_eq!(chain.decode(&compress(&data)).unwrap().into_owned(), data);
    }

    /// Integers of 64 bits keep all digits.
    #[test]
    fn integers_are_exact(value in any::<u64>()) {
        let packed = [&[0xcf][..], &value.to_be_bytes()].concat();
        prop_assert_eq!(decoded("msgpack", &packed), Ok(value.to_string()));
        let cbor = [&[0x1b][..], &value.to_be_bytes()].concat();
        prop_assert_eq!(decoded("cbor", &cbor), Ok(value.to_string()));
    }
}
