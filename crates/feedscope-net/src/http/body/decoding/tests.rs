//! Tests of the content codings of a body.

use std::io::Write as _;

use bytes::Bytes;
use feedscope_core::connection::Failure;

use super::{Coding, Decoding, PIECE_BYTES};

const TEXT: &[u8] = b"data: one\n\ndata: two\n\n";

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn brotli(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut out, 4096, 5, 20);
    encoder.write_all(data).unwrap();
    drop(encoder);
    out
}

fn zstd(data: &[u8]) -> Vec<u8> {
    zstd::encode_all(data, 3).unwrap()
}

/// The decoded bytes and the remark after the end of the body.
fn decoded(codings: &[Coding], chunks: &[&[u8]]) -> Result<(Vec<u8>, Option<String>), Failure> {
    let mut decoding = Decoding::new(codings);
    let mut out = Vec::new();
    for chunk in chunks {
        decoding.push(Bytes::copy_from_slice(chunk));
        while let Some(piece) = decoding.next_piece()? {
            assert!(piece.len() <= PIECE_BYTES);
            out.extend_from_slice(&piece);
        }
    }
    Ok((out, decoding.remark()))
}

/// Checks that the body decodes in the same way in one piece, byte by byte, and cut in two.
fn check(coding: Coding, body: &[u8], expected: &[u8], remark: Option<&str>) {
    let bytes: Vec<&[u8]> = body.chunks(1).collect();
    let (start, end) = body.split_at(body.len() / 2);
    for chunks in [vec![body], bytes, vec![start, end]] {
        let (out, said) = decoded(&[coding], &chunks).unwrap();
        assert_eq!(
            String::from_utf8_lossy(&out),
            String::from_utf8_lossy(expected)
        );
        match remark {
            None => assert_eq!(said, None),
            Some(part) => assert!(said.clone().unwrap().contains(part), "{said:?}"),
        }
    }
}

#[test]
fn each_coding_is_undone() {
    for (coding, body) in [
        (Coding::Gzip, gzip(TEXT)),
        (Coding::Deflate, zlib(TEXT)),
        (Coding::Deflate, deflate(TEXT)),
        (Coding::Deflate, gzip(TEXT)),
        (Coding::Gzip, zlib(TEXT)),
        (Coding::Brotli, brotli(TEXT)),
        (Coding::Zstd, zstd(TEXT)),
    ] {
        check(coding, &body, TEXT, None);
    }
}

#[test]
fn large_data_comes_in_pieces() {
    let large: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    for (coding, body) in [
        (Coding::Gzip, gzip(&large)),
        (Coding::Deflate, zlib(&large)),
        (Coding::Deflate, deflate(&large)),
        (Coding::Brotli, brotli(&large)),
        (Coding::Zstd, zstd(&large)),
    ] {
        let (out, remark) = decoded(&[coding], &[&body]).unwrap();
        assert!(out == large, "{coding:?}");
        assert_eq!(remark, None, "{coding:?}");
    }
}

#[test]
fn output_that_fills_pieces_exactly_is_whole() {
    for pieces in 1..4 {
        let data = vec![b'x'; pieces * PIECE_BYTES];
        for (coding, body) in [
            (Coding::Gzip, gzip(&data)),
            (Coding::Deflate, zlib(&data)),
            (Coding::Deflate, deflate(&data)),
            (Coding::Brotli, brotli(&data)),
            (Coding::Zstd, zstd(&data)),
        ] {
            let (out, remark) = decoded(&[coding], &[&body]).unwrap();
            assert_eq!((out.len(), remark), (data.len(), None), "{coding:?}");
        }
    }
}

#[test]
fn several_codings_are_undone_from_the_last_one() {
    let body = brotli(&gzip(TEXT));
    let codings = [Coding::Gzip, Coding::Brotli];
    let bytes: Vec<&[u8]> = body.chunks(1).collect();
    assert_eq!(decoded(&codings, &bytes).unwrap(), (TEXT.to_vec(), None));
    let five = [Coding::Gzip; 5];
    let body = five.iter().fold(TEXT.to_vec(), |data, _| gzip(&data));
    assert_eq!(decoded(&five, &[&body]).unwrap(), (TEXT.to_vec(), None));
}

#[test]
fn members_and_frames_follow_one_another() {
    let twice = [TEXT, TEXT].concat();
    check(
        Coding::Gzip,
        &[gzip(TEXT), gzip(TEXT)].concat(),
        &twice,
        None,
    );
    let padded = [gzip(TEXT), vec![0; 700], gzip(TEXT), vec![0; 700]].concat();
    check(Coding::Gzip, &padded, &twice, None);
    let skippable = b"\x5a\x2a\x4d\x18\x03\0\0\0abc".to_vec();
    let frames = [zstd(TEXT), skippable, zstd(TEXT)].concat();
    check(Coding::Zstd, &frames, &twice, None);
}

#[test]
fn bytes_after_the_end_are_ignored_with_a_remark() {
    for (coding, body) in [
        (Coding::Gzip, gzip(TEXT)),
        (Coding::Deflate, zlib(TEXT)),
        (Coding::Deflate, deflate(TEXT)),
        (Coding::Brotli, brotli(TEXT)),
        (Coding::Zstd, zstd(TEXT)),
    ] {
        let said = format!(
            "ignored 8 bytes after the end of the {} data",
            coding.name()
        );
        let body = [body, b"garbage\n".to_vec()].concat();
        check(coding, &body, TEXT, Some(&said));
    }
    let body = [gzip(TEXT), vec![0x1f]].concat();
    check(Coding::Gzip, &body, TEXT, Some("ignored 1 bytes"));
}

#[test]
fn data_without_its_end_is_decoded_with_a_remark() {
    for (coding, body, missing) in [
        (Coding::Gzip, gzip(TEXT), 8),
        (Coding::Gzip, gzip(TEXT), 3),
        (Coding::Deflate, zlib(TEXT), 4),
        (Coding::Zstd, [zstd(TEXT), zstd(b"more")].concat(), 1),
    ] {
        let body = &body[..body.len() - missing];
        let (out, remark) = decoded(&[coding], &[body]).unwrap();
        assert!(out.starts_with(TEXT), "{coding:?}");
        assert!(
            remark.unwrap().contains("without its end mark"),
            "{coding:?}"
        );
    }
    assert_eq!(decoded(&[Coding::Gzip], &[]).unwrap(), (Vec::new(), None));
}

#[test]
fn damaged_data_is_delivered_up_to_the_fault() {
    let mut body = gzip(TEXT);
    let checksum = body.len() - 8;
    body[checksum] ^= 1;
    let mut decoding = Decoding::new(&[Coding::Gzip]);
    decoding.push(body.into());
    assert_eq!(decoding.next_piece().unwrap().unwrap(), TEXT);
    let failure = decoding.next_piece().unwrap_err();
    assert!(
        failure
            .to_string()
            .starts_with("the gzip data of the answer cannot be decoded: ")
    );
}

#[test]
fn data_of_another_form_is_named() {
    for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
        let failure = decoded(&[coding], &[TEXT, TEXT, TEXT])
            .unwrap_err()
            .to_string();
        let said = format!("it does not begin like {} data: data: one␊␊", coding.name());
        assert!(failure.contains(&said), "{failure}");
    }
}
