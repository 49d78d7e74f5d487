//! Files that the user sends as messages. A thread reads them, so that the window never waits for a disk.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use feedscope_core::feed::{FeedCommand, Outgoing};
use feedscope_ui::FeedId;

use super::App;
use super::files::local_path;
use super::open_feed::OpenFeed;

/// Maximum size of a message in bytes.
const MOST_BYTES: u64 = 64 << 20;

impl App {
    /// Sends the content of a file as one binary message, as soon as it is read.
    pub(super) fn send_file(&mut self, id: FeedId, path: PathBuf) {
        let Some(feed) = self.feed(id).and_then(OpenFeed::live) else {
            return;
        };
        let (handle, unsent) = (Arc::clone(&feed.handle), Arc::clone(&self.unsent));
        let wake = self.wake.waker();
        let path = local_path(path);
        let work = move || {
            match read(&path) {
                Ok(bytes) => handle.command(FeedCommand::Send(Outgoing::Binary(bytes))),
                Err(error) => {
                    let path = path.display();
                    let sentence = format!("{path} is not sent: {error}.");
                    unsent.lock().push(sentence);
                }
            }
            wake();
        };
        let thread = thread::Builder::new().name("feedscope-send".to_owned());
        if let Err(error) = thread.spawn(work) {
            self.show_notice(format!("The file is not sent: {error}."));
        }
    }

    /// Shows the problems of files that were not sent.
    pub(super) fn take_in_unsent(&mut self) {
        let unsent = std::mem::take(&mut *self.unsent.lock());
        if !unsent.is_empty() {
            self.show_notice(unsent.join(" "));
        }
    }
}

/// Reads a regular file. A pipe would wait for its writer, and a device may have no end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |what: String| Err(io::Error::new(io::ErrorKind::InvalidData, what));
    if !fs::metadata(path)?.is_file() {
        return refused("it is not a regular file".to_owned());
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read.
    File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return refused(format!("it is larger than {} MiB", MOST_BYTES >> 20));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_are_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        std::fs::write(&path, [0, 1, 255]).unwrap();
        assert_eq!(read(&path).unwrap(), [0, 1, 255]);
        assert!(read(folder.path()).is_err());
        assert!(read(&folder.path().join("b")).is_err());
    }
}
