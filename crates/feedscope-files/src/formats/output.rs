//! File that gets its name when it is complete, so that no part of one is left behind.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use tempfile::NamedTempFile;

use super::input::Compression;
use crate::recording::is_in_use;

/// File that is written under another name in the same folder. It is removed unless it is completed.
///
/// Only the user can read it, because it contains payloads. The ending of its name selects a compression.
pub struct OutputFile {
    encoder: Encoder,
    path: PathBuf,
    replaces: bool,
}

/// The file, below its compression.
enum Encoder {
    Plain(BufWriter<NamedTempFile>),
    Gzip(GzEncoder<BufWriter<NamedTempFile>>),
    Zstd(zstd::Encoder<'static, BufWriter<NamedTempFile>>),
}

/// Reason that a file cannot be written.
#[derive(Debug)]
pub enum OutputError {
    /// There is a file with this name already.
    Exists(PathBuf),
    /// A recorder writes to the file with this name.
    InUse(PathBuf),
    /// The system reports an error.
    Io(PathBuf, io::Error),
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(path) => {
                write!(f, "{}: the file exists", path.display())
            }
            Self::InUse(path) => write!(f, "{}: the file is being recorded", path.display()),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for OutputError {}

impl OutputFile {
    /// Begins a file. `replaces` allows a file with this name already.
    ///
    /// # Errors
    ///
    /// Fails if there is such a file and it must stay or is being recorded, or if none can be written in the folder.
    pub fn create(path: &Path, replaces: bool) -> Result<Self, OutputError> {
        let failed = |error| OutputError::Io(path.to_owned(), error);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            // A link that leads nowhere is an existing file too.
            Ok(_) if !replaces => return Err(OutputError::Exists(path.to_owned())),
            // The recorder would continue in a file without a name, which is lost with it.
            Ok(_) if is_in_use(path) => return Err(OutputError::InUse(path.to_owned())),
            Ok(_) | Err(_) => {}
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        // The file is in the same folder, so that it can be renamed at the end.
        let file = NamedTempFile::with_prefix_in(".feedscope-", folder.unwrap_or(Path::new(".")))
            .map_err(failed)?;
        let file = BufWriter::new(file);
        let encoder = match Compression::of_path(path) {
            None => Encoder::Plain(file),
            Some(Compression::Gzip) => {
                Encoder::Gzip(GzEncoder::new(file, flate2::Compression::default()))
            }
            Some(Compression::Zstd) => Encoder::Zstd(zstd::Encoder::new(file, 0).map_err(failed)?),
        };
        Ok(Self {
            encoder,
            path: path.to_owned(),
            replaces,
        })
    }

    /// Path of the file while it is not complete.
    pub fn partial(&self) -> &Path {
        match &self.encoder {
            Encoder::Plain(file) => file.get_ref().path(),
            Encoder::Gzip(gzip) => gzip.get_ref().get_ref().path(),
            Encoder::Zstd(zstd) => zstd.get_ref().get_ref().path(),
        }
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    ///
    /// Fails if the rest cannot be written, or if there is a file with this name by now.
    pub fn finish(self) -> Result<File, OutputError> {
        let Self {
            encoder,
            path,
            replaces,
        } = self;
        let failed = |error| OutputError::Io(path.clone(), error);
        let file = match encoder {
            Encoder::Plain(file) => file,
            Encoder::Gzip(gzip) => gzip.finish().map_err(failed)?,
            Encoder::Zstd(zstd) => zstd.finish().map_err(failed)?,
        };
        let file = file
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        if replaces {
            return file.persist(&path).map_err(|error| failed(error.error));
        }
        // Another program may have created the file since the beginning.
        file.persist_noclobber(&path)
            .map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => OutputError::Exists(path.clone()),
                _ => failed(error.error),
            })
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.encoder {
            Encoder::Plain(file) => file.write(bytes),
            Encoder::Gzip(gzip) => gzip.write(bytes),
            Encoder::Zstd(zstd) => zstd.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.encoder {
            Encoder::Plain(file) => file.flush(),
            Encoder::Gzip(gzip) => gzip.flush(),
            Encoder::Zstd(zstd) => zstd.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.ndjson");
        let mut output = OutputFile::create(&path, false).unwrap();
        output.write_all(b"part").unwrap();
        assert!(!path.exists() && output.partial().exists());
        drop(output);
        assert_eq!(names(folder.path()), [""; 0]);

        let mut output = OutputFile::create(&path, false).unwrap();
        output.write_all(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!(names(folder.path()), ["out.ndjson"]);
        assert!(matches!(
            OutputFile::create(&path, false),
            Err(OutputError::Exists(_))
        ));
        let mut output = OutputFile::create(&path, true).unwrap();
        output.write_all(b"other").unwrap();
        output.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"other");
    }

    #[test]
    fn a_file_that_is_being_recorded_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.feedscope");
        let recorder = File::create(&path).unwrap();
        recorder.lock().unwrap();
        assert!(matches!(
            OutputFile::create(&path, true),
            Err(OutputError::InUse(_))
        ));
        recorder.unlock().unwrap();
        assert!(OutputFile::create(&path, true).is_ok());
    }

    #[test]
    fn a_file_that_appears_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.csv");
        let output = OutputFile::create(&path, false).unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert!(matches!(output.finish(), Err(OutputError::Exists(_))));
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
        assert_eq!(names(folder.path()), ["out.csv"]);
    }

    #[test]
    fn the_ending_selects_a_compression() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
            let path = folder.path().join(name);
            let mut output = OutputFile::create(&path, false).unwrap();
            output.write_all(b"line\n").unwrap();
            output.finish().unwrap();
            let (mut input, _) = super::super::FileInput::open(&path).unwrap();
            let mut line = Vec::new();
            assert_eq!(input.read_line(&mut line, 99).unwrap(), 5, "{name}");
            let is_plain = std::fs::read(&path).unwrap() == b"line\n";
            assert_eq!(is_plain, name == "a.csv");
        }
    }
}
