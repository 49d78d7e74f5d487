//! Copy of a connection's bytes. Its size is limited, and it is emptied after every turn of the connection.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

/// Copy of the first bytes of a connection, in the pieces in which they were read. Cloning it is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Tee(Arc<Mutex<Teed>>);

#[derive(Debug)]
struct Teed {
    pieces: Vec<Bytes>,
    /// Number of bytes for which there is room.
    left: u64,
    /// True if some bytes did not fit.
    cut: bool,
}

impl Tee {
    /// Creates a tee for at most this number of bytes.
    pub(crate) fn new(most: u64) -> Self {
        Self(Arc::new(Mutex::new(Teed {
            pieces: Vec::new(),
            left: most,
            cut: false,
        })))
    }

    /// Adds bytes that were read.
    pub(crate) fn push(&self, bytes: &Bytes) {
        let mut teed = self.0.lock();
        let fits = usize::try_from(teed.left)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        teed.cut |= fits < bytes.len();
        teed.left -= fits as u64;
        if fits > 0 {
            teed.pieces.push(bytes.slice(..fits));
        }
    }

    /// Adds bytes that are in a buffer of another owner.
    pub(crate) fn push_copy(&self, bytes: &[u8]) {
        if !self.0.lock().cut {
            self.push(&Bytes::copy_from_slice(bytes));
        }
    }

    /// Returns the pieces since the last call, and true if some bytes did not fit.
    pub(super) fn take(&self) -> (Vec<Bytes>, bool) {
        let mut teed = self.0.lock();
        (std::mem::take(&mut teed.pieces), teed.cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_what_it_was_made_for_and_says_that_there_was_more() {
        let tee = Tee::new(5);
        tee.push(&Bytes::from_static(b"abc"));
        assert_eq!(tee.take(), (vec![Bytes::from_static(b"abc")], false));
        tee.push_copy(b"de");
        assert_eq!(tee.take(), (vec![Bytes::from_static(b"de")], false));
        tee.push_copy(b"f");
        tee.push(&Bytes::from_static(b"g"));
        assert_eq!(tee.take(), (vec![], true));
        let tee = Tee::new(5);
        tee.push(&Bytes::from_static(b"abcdef"));
        assert_eq!(tee.take(), (vec![Bytes::from_static(b"abcde")], true));
    }
}
