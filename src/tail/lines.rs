//! Sink that writes records as lines. The lines are collected in one buffer, which is written out once for each batch.
//! No memory is allocated for a single record.

use std::sync::Arc;

use feedscope_core::record::{Kind, Record, Sink, write_json_line};

use super::outlet::Outlet;
use super::text::TextForm;
use super::watch::Teller;
use crate::typed_filter::TypedFilter;

/// Number of bytes from which a buffer is written out before the end of a batch.
const FULL: usize = 256 << 10;

/// Largest capacity of a buffer that is kept, in bytes. A buffer that a huge message has made larger is freed.
const LARGEST_KEPT: usize = 4 << 20;

/// Writes one feed's records to an [`Outlet`].
pub(super) struct LineSink {
    form: Form,
    buffer: Vec<u8>,
    outlet: Arc<Outlet>,
    /// Only records that match are written.
    filter: Option<TypedFilter>,
    teller: Teller,
}

enum Form {
    Json { feed: Option<String> },
    Text(TextForm),
}

impl LineSink {
    /// Creates a sink for lines of JSON. Each line contains the feed's name if there is one.
    pub(super) fn json(
        feed: Option<String>,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        teller: Teller,
    ) -> Self {
        Self {
            form: Form::Json { feed },
            buffer: Vec::new(),
            outlet,
            filter,
            teller,
        }
    }

    /// Creates a sink for lines of text for people.
    pub(super) fn text(
        form: TextForm,
        outlet: Arc<Outlet>,
        filter: Option<TypedFilter>,
        teller: Teller,
    ) -> Self {
        Self {
            form: Form::Text(form),
            buffer: Vec::new(),
            outlet,
            filter,
            teller,
        }
    }

    fn write_out(&mut self) {
        self.outlet.write(&self.buffer);
        self.buffer.clear();
        if self.buffer.capacity() > LARGEST_KEPT {
            self.buffer = Vec::new();
        }
    }
}

impl Sink for LineSink {
    fn push(&mut self, record: &Record<'_>) {
        if self
            .filter
            .as_ref()
            .is_none_or(|filter| filter.matches(record))
        {
            match &mut self.form {
                Form::Json { feed } => write_json_line(&mut self.buffer, record, feed.as_deref()),
                Form::Text(form) => form.write_line(&mut self.buffer, record),
            }
        }
        if let Kind::State(change) = &record.kind {
            self.teller.note(change);
        }
        if self.buffer.len() >= FULL {
            self.write_out();
        }
    }

    fn flush(&mut self) {
        self.write_out();
        // The order matters: a transition is reported only after its record was written.
        self.teller.tell();
    }
}
