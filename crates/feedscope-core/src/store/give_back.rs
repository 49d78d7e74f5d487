//! Return of chunks that were let go to their store, which uses their memory again.

use std::sync::Arc;

use parking_lot::Mutex;

use super::chunk::Chunk;
use super::shared::SharedStore;

/// Gives chunks back to their store. It keeps the memory of those that nobody reads, until it has `max` spare chunks. The
/// rest is freed.
pub(super) fn give_back(
    store: &Mutex<SharedStore>,
    chunks: impl IntoIterator<Item = Arc<Chunk>>,
    max: usize,
) {
    for chunk in chunks {
        let emptied = Arc::into_inner(chunk).and_then(Chunk::into_emptied);
        if let Some(emptied) = emptied {
            let rest = store.lock().spares.add(emptied, max);
            // Freeing memory takes time, so that it is done without the lock.
            drop(rest);
        }
    }
}
