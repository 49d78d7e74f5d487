//! Bytes of a file or of standard input, decompressed as they are read. A text in UTF-16 is refused, because all formats of text
//! are UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

/// Number of bytes that are read from the system at once.
const BUFFER_BYTES: usize = 256 << 10;

/// Compression of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

impl Compression {
    const ALL: [Self; 2] = [Self::Gzip, Self::Zstd];

    /// Ending of file names, with its dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// First bytes of a compressed file.
    fn magic(self) -> &'static [u8] {
        match self {
            Self::Gzip => b"\x1f\x8b",
            Self::Zstd => b"\x28\xb5\x2f\xfd",
        }
    }

    /// Returns the compression that the ending of a file names.
    pub fn of_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .find(|compression| name.ends_with(compression.ending()))
    }
}

/// Source of bytes. A compressed one is recognized by its first bytes.
pub struct FileInput {
    bytes: InputBytes,
    is_closed: bool,
    /// Another line is in the buffer.
    has_line: bool,
    /// Path of the file that is read.
    path: Option<PathBuf>,
    is_compressed: bool,
}

/// Bytes before the recognition of a compression, and after it.
enum InputBytes {
    Raw(Box<dyn Read + Send>),
    Plain(Box<dyn BufRead + Send>),
}

/// Number of bytes of a source that were read.
#[derive(Clone, Debug, Default)]
pub struct Consumed(Arc<AtomicU64>);

impl Consumed {
    /// Number of bytes so far, before decompression.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts the bytes that pass.
struct Counting<R> {
    inner: R,
    consumed: Consumed,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.consumed.0.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl FileInput {
    /// Opens a file. The second value counts the bytes that were read.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be opened, or is a folder.
    pub fn open(path: &Path) -> io::Result<(Self, Consumed)> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let consumed = Consumed::default();
        let counting = Counting {
            inner: file,
            consumed: consumed.clone(),
        };
        let input = Self {
            path: Some(path.to_owned()),
            ..Self::new(counting)
        };
        Ok((input, consumed))
    }

    /// Reads from any source of bytes.
    pub fn new(bytes: impl Read + Send + 'static) -> Self {
        Self {
            bytes: InputBytes::Raw(Box::new(bytes)),
            is_closed: false,
            has_line: false,
            path: None,
            is_compressed: false,
        }
    }

    /// Reads the beginning, so that its errors are known before any record.
    ///
    /// # Errors
    ///
    /// Fails if the beginning cannot be read, or if it is a text in UTF-16.
    pub fn recognize(&mut self) -> io::Result<()> {
        self.bytes().map(drop)
    }

    /// Returns the decompressed bytes. The first call reads as many as are needed to recognize a compression and UTF-16.
    pub(super) fn bytes(&mut self) -> io::Result<&mut (dyn BufRead + Send)> {
        if let InputBytes::Raw(raw) = &mut self.bytes {
            let raw = std::mem::replace(raw, Box::new(io::empty()));
            let (bytes, compression) = decompressed(raw)?;
            self.bytes = InputBytes::Plain(bytes);
            self.is_compressed = compression.is_some();
        }
        match &mut self.bytes {
            InputBytes::Plain(bytes) => Ok(bytes),
            InputBytes::Raw(_) => Err(io::ErrorKind::Other.into()),
        }
    }

    /// Returns the path of a file that is not compressed, which can be read in any order.
    pub(super) fn plain_path(&mut self) -> io::Result<Option<&Path>> {
        self.bytes()?;
        Ok(self.path.as_deref().filter(|_| !self.is_compressed))
    }

    /// Returns true if the next line is in memory.
    pub(super) fn has_line(&self) -> bool {
        self.has_line
    }

    /// Reads a line with its line feed into `line`, but no more than `most` bytes. Returns the length of the whole line;
    /// 0 at the end. The rest of a longer line is skipped.
    pub(super) fn read_line(&mut self, line: &mut Vec<u8>, most: usize) -> io::Result<u64> {
        line.clear();
        let mut whole = 0;
        if self.is_closed {
            return Ok(0);
        }
        let bytes = self.bytes()?;
        loop {
            let part = match bytes.fill_buf() {
                Ok(part) => part,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if part.is_empty() {
                // A line without a line feed at the end of the input is a line as well.
                self.is_closed = true;
                self.has_line = false;
                return Ok(whole);
            }
            let end = memchr::memchr(b'\n', part).map(|at| at + 1);
            let taken = end.unwrap_or(part.len());
            // A line of gigabytes is counted to its end, but only its beginning is kept.
            let kept = taken.min(most.saturating_sub(line.len()));
            line.extend_from_slice(&part[..kept]);
            let has_line = end.is_some() && memchr::memchr(b'\n', &part[taken..]).is_some();
            bytes.consume(taken);
            whole += taken as u64;
            if end.is_some() {
                self.has_line = has_line;
                return Ok(whole);
            }
        }
    }
}

/// Byte order marks of UTF-16, with which such a text begins (RFC 2781, section 3.2).
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Returns the reason that a text in UTF-16 is not read.
fn utf_16() -> io::Error {
    // HTML 9.2.6: event streams must be encoded as UTF-8. RFC 8259, section 8.1: so must JSON.
    let sentence = "the text is UTF-16, but events and lines are read as UTF-8: save it as UTF-8";
    io::Error::new(io::ErrorKind::InvalidData, sentence)
}

/// Recognizes a compression by the first bytes, and reads what is in it. Refuses a text in UTF-16.
fn decompressed(
    mut raw: Box<dyn Read + Send>,
) -> io::Result<(Box<dyn BufRead + Send>, Option<Compression>)> {
    let mut head = Vec::new();
    let mut byte = [0];
    let compression = loop {
        let is_begun = |magic: &[u8]| magic.starts_with(&head);
        let compression = Compression::ALL.into_iter().find(|it| is_begun(it.magic()));
        if compression.is_none() && !UTF_16.into_iter().any(is_begun) {
            break None;
        }
        if compression.is_some_and(|it| head == it.magic()) {
            break compression;
        }
        if UTF_16.contains(&&*head) {
            return Err(utf_16());
        }
        // One byte at a time, so that a live input of plain text is not held back to fill a buffer.
        match raw.read(&mut byte) {
            Ok(0) => break None,
            Ok(_) => head.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    let whole = io::Cursor::new(head).chain(raw);
    let buffered = BufReader::with_capacity(BUFFER_BYTES, whole);
    let mut bytes: Box<dyn BufRead + Send> = match compression {
        None => return Ok((Box::new(buffered), None)),
        // Files that were joined have several gzip members, one after the other (RFC 1952, section 2.2).
        Some(Compression::Gzip) => Box::new(BufReader::with_capacity(
            BUFFER_BYTES,
            MultiGzDecoder::new(buffered),
        )),
        Some(Compression::Zstd) => Box::new(BufReader::with_capacity(
            BUFFER_BYTES,
            zstd::Decoder::with_buffer(buffered)?,
        )),
    };
    let is_utf_16 = loop {
        match bytes.fill_buf() {
            Ok(begin) => break UTF_16.into_iter().any(|mark| begin.starts_with(mark)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    if is_utf_16 {
        return Err(utf_16());
    }
    Ok((bytes, compression))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lines(input: &mut FileInput) -> Vec<(u64, Vec<u8>)> {
        let mut all = Vec::new();
        let mut line = Vec::new();
        loop {
            match input.read_line(&mut line, 5).unwrap() {
                0 => return all,
                whole => all.push((whole, line.clone())),
            }
        }
    }

    #[test]
    fn compressed_bytes_are_recognized() {
        let text = b"one\nlonger\n\nend";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text[..6]).unwrap();
        let mut gzipped = gzip.finish().unwrap();
        // A second member follows, as `cat a.gz b.gz` makes it.
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text[6..]).unwrap();
        gzipped.extend(gzip.finish().unwrap());
        let zstd = zstd::encode_all(&text[..], 1).unwrap();
        let expected: Vec<(u64, Vec<u8>)> = vec![
            (4, b"one\n".to_vec()),
            (7, b"longe".to_vec()),
            (1, b"\n".to_vec()),
            (3, b"end".to_vec()),
        ];
        for bytes in [text.to_vec(), gzipped, zstd] {
            assert_eq!(lines(&mut FileInput::new(io::Cursor::new(bytes))), expected);
        }
        assert_eq!(
            lines(&mut FileInput::new(&b"\x1f"[..])),
            [(1, b"\x1f".to_vec())]
        );
        assert_eq!(lines(&mut FileInput::new(&b""[..])), []);
    }

    #[test]
    fn a_text_in_utf_16_is_refused() {
        for mark in UTF_16 {
            let text = [mark, b"d\0a\0"].concat();
            let zstd = zstd::encode_all(&text[..], 1).unwrap();
            for bytes in [text, zstd] {
                let mut input = FileInput::new(io::Cursor::new(bytes));
                let problem = input.read_line(&mut Vec::new(), 5).unwrap_err();
                assert!(problem.to_string().contains("UTF-16"), "{problem}");
            }
            // Half of a mark is none.
            let half = FileInput::new(io::Cursor::new(mark[..1].to_vec()));
            assert_eq!(lines(&mut { half }), [(1, mark[..1].to_vec())]);
        }
    }

    #[test]
    fn a_cut_compression_is_an_error() {
        let zstd = zstd::encode_all(&[b'x'; 1000][..], 1).unwrap();
        let mut input = FileInput::new(io::Cursor::new(zstd[..zstd.len() - 4].to_vec()));
        let mut line = Vec::new();
        assert!(input.read_line(&mut line, 5).is_err());
    }

    #[test]
    fn endings_name_compressions() {
        for (name, compression) in [
            ("a.ndjson", None),
            ("a.ndjson.gz", Some(Compression::Gzip)),
            ("a.har.ZST", Some(Compression::Zstd)),
            ("gz", None),
        ] {
            assert_eq!(Compression::of_path(Path::new(name)), compression, "{name}");
        }
    }
}
