//! Where a connection leaves a copy of its bytes. Bounded: it takes no more than it was made for, and is emptied after
//! every turn of the connection.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;

/// A copy of the first bytes of a connection, piece by piece as they were read; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Tee(Arc<Mutex<Teed>>);

#[derive(Debug)]
struct Teed {
    pieces: Vec<Bytes>,
    /// How many bytes it still takes.
    left: u64,
    /// Whether there were more than it takes.
    cut: bool,
}

impl Tee {
    /// Takes up to so many bytes.
    pub(crate) fn new(most: u64) -> Self {
        Self(Arc::new(Mutex::new(Teed {
            pieces: Vec::new(),
            left: most,
            cut: false,
        })))
    }

    /// These bytes came.
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

    /// These bytes came, in somebody else's buffer.
    pub(crate) fn push_copy(&self, bytes: &[u8]) {
        if !self.0.lock().cut {
            self.push(&Bytes::copy_from_slice(bytes));
        }
    }

    /// What came since this was last asked, and whether it takes no more.
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
