//! Stores with lines for tests.

use feedscope_core::store::StoreWriter;
use feedscope_core::{Kind, Record, Sink as _, Stamp};

/// Appends a line with the default time.
pub(crate) fn push_line(writer: &mut StoreWriter, data: impl AsRef<[u8]>) {
    let data = data.as_ref();
    writer.push(&Record {
        stamp: Stamp::default(),
        connection: 1,
        kind: Kind::Line { data },
    });
}
