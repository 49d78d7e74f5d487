//! Formats of files with recorded feeds, of Feedscope's own and of other tools.
//!
//! A [`FeedReader`] hands out the records of a file one after the other, and a [`FeedWriter`] takes them. Both work on
//! files of any size in bounded memory.

mod content;
mod csv;
mod fields;
mod format;
mod har;
mod input;
mod item;
mod json_stream;
mod line;
mod mcap;
mod native;
mod ndjson;
mod open;
mod output;
mod parquet;
mod save;
mod shape;
mod sse;

pub use format::Format;
pub use input::{Compression, Consumed, FileInput};
pub use item::{
    Cell, FeedInfo, FeedProtocol, FeedReader, FeedWriter, FileItem, ItemSink, ReadError,
    ReadOptions, WriteError, WriteOptions,
};
pub use native::{StoreReader, copies_used, unreadable};
pub use open::{Control, OpenFilesError, feed_name, open_any, reader, writer};
pub use output::{OutputError, OutputFile};
pub use parquet::folder::{FolderWriter, move_into};
pub use save::{SaveError, save, transfer};

#[cfg(test)]
mod tests;
