//! Codings of a body, as the headers of its answer list them. This module does not decode.

use feedscope_core::connection::Failure;
use reqwest::header::{self, HeaderMap};

/// Number of codings that may be applied to one body. curl has the same limit.
const MAX_CODINGS: usize = 5;

/// Coding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Codings of one body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Codings {
    /// Codings in the order in which they were applied, so that the last one is undone first.
    pub(super) applied: Vec<Coding>,
    /// Name that is no coding, such as a character set.
    pub(super) misplaced: Option<String>,
}

impl Codings {
    /// Reads `Content-Encoding` and `Transfer-Encoding`, which may each be a list and occur several times.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let mut codings = Self::default();
        for name in names(headers, header::CONTENT_ENCODING) {
            codings.add(&name)?;
        }
        // The HTTP library has undone the chunks (RFC 9112, 7.1) and nothing else.
        for name in names(headers, header::TRANSFER_ENCODING) {
            if !name.eq_ignore_ascii_case("chunked") {
                codings.add(&name)?;
            }
        }
        Ok(codings)
    }

    fn add(&mut self, name: &str) -> Result<(), Failure> {
        let unknown = || Failure::UnknownCoding {
            coding: name.to_owned(),
        };
        // RFC 9110, 8.4.1: names are compared without case, and `x-gzip` is another name for `gzip`.
        let coding = match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            "br" => Coding::Brotli,
            "zstd" => Coding::Zstd,
            // Servers use these names to keep a proxy from compressing.
            "identity" | "none" => return Ok(()),
            // Character sets, and the encodings of mail, are no content codings; such a body is plain.
            "utf-8" | "utf8" | "us-ascii" | "ascii" | "iso-8859-1" | "7bit" | "8bit" | "binary" => {
                self.misplaced = Some(name.to_owned());
                return Ok(());
            }
            _ => return Err(unknown()),
        };
        if self.applied.len() == MAX_CODINGS {
            return Err(unknown());
        }
        self.applied.push(coding);
        Ok(())
    }
}

/// Returns the members of a header that is a list of names. Empty members are left out (RFC 9110, 5.6.1).
fn names(headers: &HeaderMap, header: header::HeaderName) -> Vec<String> {
    headers
        .get_all(header)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .flat_map(|value| {
            value
                .split(',')
                .map(|name| name.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codings(values: &[&str]) -> Result<Vec<Coding>, Failure> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, value.parse().unwrap());
        }
        Codings::of(&headers).map(|codings| codings.applied)
    }

    #[test]
    fn names_are_read_as_the_standard_writes_them() {
        use Coding::{Brotli, Deflate, Gzip, Zstd};
        for (values, expected) in [
            (&[][..], &[][..]),
            (&[""], &[]),
            (&["gzip"], &[Gzip]),
            (&["GZip"], &[Gzip]),
            (&["x-gzip"], &[Gzip]),
            (&["X-GZIP"], &[Gzip]),
            (&["deflate"], &[Deflate]),
            (&["gzip, br"], &[Gzip, Brotli]),
            (&["gzip ,, zstd,"], &[Gzip, Zstd]),
            (&["gzip", "br"], &[Gzip, Brotli]),
            (&["identity"], &[]),
            (&["None"], &[]),
            (&["identity, gzip"], &[Gzip]),
            (&["utf-8"], &[]),
            (&["gzip, gzip, gzip, gzip, gzip"], &[Gzip; 5]),
        ] {
            assert_eq!(codings(values).unwrap(), expected, "{values:?}");
        }
    }

    #[test]
    fn an_unknown_coding_is_named() {
        for (values, named) in [
            (&["compress"][..], "compress"),
            (&["x-compress"], "x-compress"),
            (&["gzip, exi"], "exi"),
            (&["gzip", "dcb"], "dcb"),
            (&["gzip;q=1"], "gzip;q=1"),
            (&["br, br, br, br, br, zstd"], "zstd"),
        ] {
            let coding = named.to_owned();
            assert_eq!(codings(values), Err(Failure::UnknownCoding { coding }));
        }
    }

    #[test]
    fn a_transfer_coding_is_undone_first() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, "br".parse().unwrap());
        headers.insert(header::TRANSFER_ENCODING, "gzip, Chunked".parse().unwrap());
        let codings = Codings::of(&headers).unwrap();
        assert_eq!(codings.applied, [Coding::Brotli, Coding::Gzip]);
    }

    #[test]
    fn a_character_set_is_no_coding() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_ENCODING, "UTF-8".parse().unwrap());
        let codings = Codings::of(&headers).unwrap();
        assert_eq!(codings.misplaced.as_deref(), Some("UTF-8"));
    }
}
