//! Guess at the chain that fits the first records of a feed.

use super::chain::Chain;
use super::compressed;
use super::decoder::Decoder;
use crate::interpret::begins_like_json;
use feedscope_core::payload::base64_text;

/// Minimum number of payloads that must fit.
const FEWEST: usize = 2;
/// Maximum number of steps in a guess.
const MAX_STEPS: usize = 3;

/// Returns the chain that decodes all of `payloads` to JSON; `None` if there is none, or if they are JSON already.
pub fn fitting_chain(payloads: &[&[u8]]) -> Option<Chain> {
    if payloads.len() < FEWEST || payloads.iter().any(|bytes| begins_like_json(bytes)) {
        return None;
    }
    let mut steps = Vec::new();
    let mut outputs: Vec<Vec<u8>> = payloads.iter().map(|bytes| bytes.to_vec()).collect();
    while steps.len() < MAX_STEPS {
        let (step, decoded) = next_step(&outputs)?;
        steps.push(step);
        outputs = decoded;
        if outputs.iter().all(|bytes| is_document(bytes)) {
            return Some(Chain::new(steps));
        }
    }
    None
}

/// Returns the first decoder that fits all payloads, with their decoded forms.
fn next_step(payloads: &[Vec<u8>]) -> Option<(Decoder, Vec<Vec<u8>>)> {
    let candidates = [
        Decoder::Gzip,
        Decoder::Zstd,
        Decoder::Zlib,
        Decoder::Base64,
        Decoder::MessagePack,
        Decoder::Cbor,
        Decoder::Brotli,
    ];
    candidates.into_iter().find_map(|decoder| {
        if !payloads.iter().all(|bytes| may_fit(&decoder, bytes)) {
            return None;
        }
        // All payloads must decode, so that one odd message prevents a wrong offer.
        let decoded = payloads.iter().map(|bytes| decoder.decode(bytes).ok());
        let decoded: Vec<_> = decoded.collect::<Option<_>>()?;
        // Any bytes are some value of MessagePack and of CBOR, and brotli has no mark at its beginning, so that only documents
        // count.
        let needs_document = decoder.writes_json() || decoder == Decoder::Brotli;
        let fits = !needs_document || decoded.iter().all(|bytes| is_document(bytes));
        fits.then_some((decoder, decoded))
    })
}

fn may_fit(decoder: &Decoder, bytes: &[u8]) -> bool {
    match decoder {
        Decoder::Gzip => bytes.starts_with(&[0x1f, 0x8b]),
        Decoder::Zstd => bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        Decoder::Zlib => compressed::has_zlib_head(bytes),
        Decoder::Base64 => base64_text::decoded(bytes).is_some(),
        _ => std::str::from_utf8(bytes).is_err(),
    }
}

fn is_document(bytes: &[u8]) -> bool {
    begins_like_json(bytes) && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}
