//! Items of a decoder in an owned form, for comparisons.

use feedscope_core::decode::{EventStreamDecoder, EventStreamItem, Oversized};

/// An [`EventStreamItem`] that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StreamItem {
    Event {
        event: Vec<u8>,
        id: Vec<u8>,
        data: Vec<u8>,
    },
    Comment(Vec<u8>),
    Retry(u64),
    Ignored(Vec<u8>),
    NoData {
        event: Vec<u8>,
        id: Option<Vec<u8>>,
        bytes: u64,
    },
    TooLong(Oversized),
}

impl From<EventStreamItem<'_>> for StreamItem {
    fn from(item: EventStreamItem<'_>) -> Self {
        match item {
            EventStreamItem::Event { event, id, data } => Self::Event {
                event: event.to_vec(),
                id: id.to_vec(),
                data: data.to_vec(),
            },
            EventStreamItem::Comment(text) => Self::Comment(text.to_vec()),
            EventStreamItem::Retry(milliseconds) => Self::Retry(milliseconds),
            EventStreamItem::Ignored { line } => Self::Ignored(line.to_vec()),
            EventStreamItem::NoData { event, id, bytes } => Self::NoData {
                event: event.to_vec(),
                id: id.map(<[u8]>::to_vec),
                bytes,
            },
            EventStreamItem::TooLong(part) => Self::TooLong(part),
        }
    }
}

/// Decodes the chunks in order and returns the items.
pub(crate) fn decode<'a>(
    decoder: &mut EventStreamDecoder,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Vec<StreamItem> {
    let mut items = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk, &mut |item: EventStreamItem<'_>| {
            items.push(item.into());
        });
    }
    items
}
