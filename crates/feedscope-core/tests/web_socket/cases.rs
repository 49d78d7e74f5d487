//! Runner for `cases/web_socket/*.toml`. It decodes every case as a whole, byte by byte, and divided in two at every
//! byte (or at some bytes, if the case is long).

use feedscope_core::decode::{
    DataOpcode, DeflateAgreement, DeflateOffer, MessageDecoder, ProtocolError, Role, WireInfo,
};
use feedscope_core::protocol::CloseCode;
use serde::Deserialize;

use crate::case_files;
use crate::item::{Decoded, MessageItem, decode};
use crate::wire::{BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WireFrame, wire};

/// Limit that exceeds every case, except the cases about the limit.
const NO_LIMIT: u64 = 1 << 20;

/// Number of bytes up to which a connection is divided at every byte.
const CUT_EVERYWHERE: usize = 2000;

#[test]
fn every_case_holds() {
    case_files::run_all("web_socket", 301, run);
}

#[test]
fn a_case_that_expects_something_else_fails() {
    let case = |keys: &str| {
        format!(
            "[[case]]\nabout = 'x'\nframes = [{{ op = 'text', data = 'ab' }}, {{ op = 'ping' }}]\n{keys}"
        )
    };
    assert_eq!(
        run(&case("expect = [{ text = 'ab' }, { ping = '' }]")),
        Ok(1)
    );
    for keys in [
        "expect = []",
        "expect = [{ text = 'ab' }]",
        "expect = [{ text = 'ab' }, { pong = '' }]",
        "expect = [{ text = 'ab' }, { ping = '' }, { ping = '' }]",
        "expect = [{ text = 'ac' }, { ping = '' }]",
        "expect = [{ binary = 'ab' }, { ping = '' }]",
        "expect = [{ text = 'ab', frames = 2 }, { ping = '' }]",
        "expect = [{ text = 'ab', wire = 3 }, { ping = '' }]",
        "expect = [{ text = 'ab', compressed = true }, { ping = '' }]",
        "expect = [{ text = 'ab' }, { ping = '', frames = 1 }]",
        "expect = [{ text = 'ab' }, {}]",
        "expect = [{ text = 'ab' }, { ping = '' }]\nfails = { code = 1002, says = 'x' }",
        "expects = [{ text = 'ab' }, { ping = '' }]",
        "wire = ['81 00']\nexpect = [{ text = 'ab' }, { ping = '' }]",
        "",
    ] {
        assert!(run(&case(keys)).is_err(), "{keys}");
    }
    let failing =
        |keys: &str| format!("[[case]]\nabout = 'x'\nwire = ['83 00']\nexpect = []\n{keys}");
    let says = "a frame with opcode 3, which means nothing";
    let fails = format!("fails = {{ code = 1002, says = '{says}' }}");
    assert_eq!(run(&failing(&format!("{fails}\nat = 2"))), Ok(1));
    for keys in [
        String::new(),
        format!("fails = {{ code = 1007, says = '{says}' }}"),
        "fails = { code = 1002, says = 'a frame with opcode 4, which means nothing' }".to_owned(),
        format!("{fails}\nat = 1"),
    ] {
        assert!(run(&failing(&keys)).is_err(), "{keys}");
    }
    assert_eq!(run("[[text]]\nabout = 'x'\nhex = ['C3 A4']"), Ok(1));
    assert_eq!(
        run("[[text]]\nabout = 'x'\nhex = ['C3 41']\nfails_after = [2]"),
        Ok(1)
    );
    for keys in [
        "['C3 A4']\nfails_after = [2]",
        "['C3 41']",
        "['C3 41']\nfails_after = [1]",
    ] {
        assert!(
            run(&format!("[[text]]\nabout = 'x'\nhex = {keys}")).is_err(),
            "{keys}"
        );
    }
}

/// Runs a file of cases. Returns its number of cases, or the description of the first failed case.
fn run(text: &str) -> Result<usize, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let named = |about: &str, result: Result<(), String>| {
        result.map_err(|problem| format!("{about:?}: {problem}"))
    };
    for case in &file.case {
        named(&case.about, case.run())?;
    }
    let mut count = file.case.len();
    for text in &file.text {
        named(&text.about, text.run())?;
        count += text.hex.len();
    }
    Ok(count)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    case: Vec<Case>,
    #[serde(default)]
    text: Vec<Text>,
}

/// Data of one connection, and the expected result.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    /// True if the decoder has the role of the server.
    #[serde(default)]
    server: bool,
    /// Answer of the server to an offer of compression.
    deflate: Option<String>,
    limit: Option<u64>,
    frames: Option<Vec<Frame>>,
    /// Bytes in hexadecimal digits, as an alternative.
    wire: Option<Vec<String>>,
    expect: Vec<Expected>,
    fails: Option<Fault>,
    /// Number of bytes after which decoding fails; all bytes by default.
    at: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame {
    op: toml::Value,
    /// True if further fragments follow.
    #[serde(default)]
    more: bool,
    #[serde(default)]
    reserved: Vec<usize>,
    mask: Option<String>,
    data: Option<String>,
    hex: Option<String>,
    /// Number of repetitions of the payload.
    times: Option<usize>,
    length: Option<u64>,
    length_bytes: Option<usize>,
}

/// One item. The present key determines its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    text: Option<String>,
    binary: Option<String>,
    binary_hex: Option<String>,
    times: Option<usize>,
    /// The default is 1.
    frames: Option<u32>,
    /// The default is false.
    compressed: Option<bool>,
    /// The default is the length of the payload.
    wire: Option<u64>,
    ping: Option<String>,
    ping_hex: Option<String>,
    pong: Option<String>,
    /// The value 0 means no close code.
    close: Option<u16>,
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    code: u16,
    says: String,
}

/// Payloads of text messages, which are all valid or all invalid.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    about: String,
    hex: Vec<String>,
    /// Number of bytes of each payload after which it is known to be invalid.
    fails_after: Option<Vec<usize>>,
}

impl Case {
    fn run(&self) -> Result<(), String> {
        let bytes = self.bytes()?;
        let expected = self
            .expect
            .iter()
            .map(Expected::item)
            .collect::<Result<Vec<_>, _>>()?;
        let agreement = self.agreement()?;
        let decoder = || {
            let role = if self.server {
                Role::Server
            } else {
                Role::Client
            };
            MessageDecoder::new(role, agreement, self.limit.unwrap_or(NO_LIMIT))
        };
        check(
            "whole",
            &decode(&mut decoder(), [&*bytes]),
            &expected,
            self.fails.as_ref(),
        )?;
        let each = decode(&mut decoder(), bytes.chunks(1));
        check("byte by byte", &each, &expected, self.fails.as_ref())?;
        for at in cuts(bytes.len()) {
            let (before, after) = bytes.split_at(at);
            let decoded = decode(&mut decoder(), [before, &[], after]);
            check(
                &format!("cut at byte {at}"),
                &decoded,
                &expected,
                self.fails.as_ref(),
            )?;
        }
        if self.fails.is_some() {
            let at = self.at.unwrap_or(bytes.len());
            check_fails_at(&mut decoder(), &bytes, at)?;
        }
        Ok(())
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        match (&self.frames, &self.wire) {
            (Some(frames), None) => {
                let frames = frames
                    .iter()
                    .map(Frame::frame)
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(wire(&frames))
            }
            (None, Some(pieces)) => from_hex(&pieces.join(" ")),
            _ => Err("needs either `frames` or `wire`".to_owned()),
        }
    }

    fn agreement(&self) -> Result<Option<DeflateAgreement>, String> {
        let answer = self.deflate.as_deref();
        let agreed = DeflateOffer::default().agree(answer);
        agreed.map_err(|error| error.to_string())
    }
}

impl Text {
    fn run(&self) -> Result<(), String> {
        let bad = self.fails_after.as_deref();
        if bad.is_some_and(|after| after.len() != self.hex.len()) {
            return Err("needs as many `fails_after` as `hex`".to_owned());
        }
        for (index, digits) in self.hex.iter().enumerate() {
            let payload = from_hex(digits)?;
            let after = bad.map(|after| after[index]);
            Self::run_one(&payload, after).map_err(|problem| format!("{digits}: {problem}"))?;
        }
        Ok(())
    }

    /// Tests the payload in one frame, and in a fragment for each byte.
    fn run_one(payload: &[u8], fails_after: Option<usize>) -> Result<(), String> {
        let decoder = || MessageDecoder::new(Role::Client, None, NO_LIMIT);
        let whole = wire(&[WireFrame::new(TEXT, payload)]);
        let mut fragments = vec![WireFrame::new(TEXT, &[]).more()];
        fragments.extend(
            payload
                .iter()
                .map(|byte| WireFrame::new(CONTINUATION, &[*byte]).more()),
        );
        fragments.push(WireFrame::new(CONTINUATION, &[]));
        let fragments = wire(&fragments);

        let Some(after) = fails_after else {
            for (bytes, frames) in [(&whole, 1), (&fragments, payload.len() as u32 + 2)] {
                let expected = [MessageItem::Message {
                    opcode: DataOpcode::Text,
                    data: payload.to_vec(),
                    wire: WireInfo {
                        frames,
                        compressed: false,
                        wire_bytes: payload.len() as u64,
                    },
                }];
                check(
                    "whole",
                    &decode(&mut decoder(), [&**bytes]),
                    &expected,
                    None,
                )?;
                check(
                    "byte by byte",
                    &decode(&mut decoder(), bytes.chunks(1)),
                    &expected,
                    None,
                )?;
            }
            return Ok(());
        };
        let at_end = usize::from(after > payload.len());
        check_fails_at(&mut decoder(), &whole, 2 + after - at_end)?;
        // Each fragment of one byte has a header of two bytes. The empty fragments around them have only a header.
        check_fails_at(
            &mut decoder(),
            &fragments,
            2 + 3 * (after - at_end) + 2 * at_end,
        )?;
        let (items, error) = decode(&mut decoder(), [&*whole]);
        if items.is_empty()
            && error.map(|error| error.close_code()) == Some(CloseCode::INVALID_PAYLOAD)
        {
            Ok(())
        } else {
            Err(format!("got {items:?} and {error:?}"))
        }
    }
}

impl Frame {
    fn frame(&self) -> Result<WireFrame, String> {
        let opcode = match &self.op {
            toml::Value::String(name) => match name.as_str() {
                "continue" => CONTINUATION,
                "text" => TEXT,
                "binary" => BINARY,
                "close" => CLOSE,
                "ping" => PING,
                "pong" => PONG,
                _ => return Err(format!("{name:?} is no opcode")),
            },
            toml::Value::Integer(number @ 0..=15) => *number as u8,
            other => return Err(format!("{other} is no opcode")),
        };
        let mut reserved = [false; 3];
        for bit in &self.reserved {
            reserved[bit - 1] = true;
        }
        let mask = self.mask.as_deref().map(key).transpose()?;
        let payload = either(self.data.as_deref(), self.hex.as_deref())?.unwrap_or_default();
        Ok(WireFrame {
            last: !self.more,
            reserved,
            opcode,
            mask,
            payload: payload.repeat(self.times.unwrap_or(1)),
            length: self.length,
            length_bytes: self.length_bytes,
        })
    }
}

impl Expected {
    fn item(&self) -> Result<MessageItem, String> {
        let text = self.text.as_ref().map(|text| text.clone().into_bytes());
        let binary = either(self.binary.as_deref(), self.binary_hex.as_deref())?;
        let ping = either(self.ping.as_deref(), self.ping_hex.as_deref())?;
        let pong = either(self.pong.as_deref(), None)?;
        let of_message = self.times.is_some()
            || self.frames.is_some()
            || self.compressed.is_some()
            || self.wire.is_some();
        match (text, binary, ping, pong, self.close) {
            (Some(data), None, None, None, None) => Ok(self.message(DataOpcode::Text, &data)),
            (None, Some(data), None, None, None) => Ok(self.message(DataOpcode::Binary, &data)),
            (None, None, Some(payload), None, None) if !of_message => {
                Ok(MessageItem::Ping(payload))
            }
            (None, None, None, Some(payload), None) if !of_message => {
                Ok(MessageItem::Pong(payload))
            }
            (None, None, None, None, Some(code)) if !of_message => Ok(MessageItem::Close {
                code: (code > 0).then_some(code),
                reason: self.reason.clone().unwrap_or_default(),
            }),
            _ => Err("expects what is not exactly one item".to_owned()),
        }
    }

    fn message(&self, opcode: DataOpcode, data: &[u8]) -> MessageItem {
        let data = data.repeat(self.times.unwrap_or(1));
        let wire = WireInfo {
            frames: self.frames.unwrap_or(1),
            compressed: self.compressed.unwrap_or(false),
            wire_bytes: self.wire.unwrap_or(data.len() as u64),
        };
        MessageItem::Message { opcode, data, wire }
    }
}

fn check(
    how: &str,
    (items, error): &Decoded,
    expected: &[MessageItem],
    fails: Option<&Fault>,
) -> Result<(), String> {
    if items != expected {
        return Err(format!(
            "{how}\n     got {items:?}\nexpected {expected:?}\n     and {error:?}"
        ));
    }
    let got = error.map(|error| (error.close_code().0, error.to_string()));
    let expected = fails.map(|Fault { code, says }| (*code, says.clone()));
    if got != expected {
        return Err(format!(
            "{how}\n     fails with {got:?}\nexpected {expected:?}"
        ));
    }
    Ok(())
}

/// Checks that an error is reported at its first byte, and again at every byte after it.
fn check_fails_at(decoder: &mut MessageDecoder, bytes: &[u8], at: usize) -> Result<(), String> {
    let mut first: Option<(usize, ProtocolError)> = None;
    for (index, byte) in bytes.iter().enumerate() {
        let fed = decoder.feed(&[*byte], &mut |_| {});
        match (fed, first) {
            (Err(error), None) => first = Some((index + 1, error)),
            (Ok(()), None) => {}
            (fed, Some((_, error))) if fed == Err(error) => {}
            (fed, first) => return Err(format!("{fed:?} after {first:?}")),
        }
    }
    match first {
        Some((bytes, _)) if bytes == at => Ok(()),
        first => Err(format!(
            "fails with {first:?}, expected to after {at} bytes"
        )),
    }
}

fn cuts(length: usize) -> Vec<usize> {
    if length <= CUT_EVERYWHERE {
        return (0..=length).collect();
    }
    let edges = (0..32).chain(length - 32..=length);
    edges.chain((32..length).step_by(length / 16)).collect()
}

fn key(digits: &str) -> Result<[u8; 4], String> {
    let bytes = from_hex(digits)?;
    let four = bytes.first_chunk().filter(|_| bytes.len() == 4);
    four.copied()
        .ok_or_else(|| format!("{digits:?} is no key of four bytes"))
}

fn either(text: Option<&str>, hex: Option<&str>) -> Result<Option<Vec<u8>>, String> {
    match (text, hex) {
        (Some(_), Some(_)) => {
            Err("has the same value as text and in hexadecimal digits".to_owned())
        }
        (text, None) => Ok(text.map(|text| text.as_bytes().to_vec())),
        (None, Some(hex)) => from_hex(hex).map(Some),
    }
}

fn from_hex(digits: &str) -> Result<Vec<u8>, String> {
    let byte =
        |digits| u8::from_str_radix(digits, 16).map_err(|error| format!("{digits:?}: {error}"));
    digits.split_whitespace().map(byte).collect()
}
