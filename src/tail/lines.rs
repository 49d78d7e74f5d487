//! The sink that writes records as lines: into one buffer, out of it once a batch. It allocates nothing a record.

use std::sync::Arc;

use feedscope_core::record::{Kind, Record, Sink, write_json_line};

use super::outlet::Outlet;
use super::text::TextForm;
use super::watch::Teller;

/// A buffer this full is written out in the middle of a batch.
const FULL: usize = 256 << 10;

/// A buffer that one huge message made larger than this is given back.
const LARGEST_KEPT: usize = 4 << 20;

/// Writes one feed's records to an [`Outlet`].
pub(super) struct LineSink {
    form: Form,
    buffer: Vec<u8>,
    outlet: Arc<Outlet>,
    teller: Teller,
}

enum Form {
    Json { feed: Option<String> },
    Text(TextForm),
}

impl LineSink {
    /// JSON lines, with the feed's name where several are shown.
    pub(super) fn json(feed: Option<String>, outlet: Arc<Outlet>, teller: Teller) -> Self {
        Self {
            form: Form::Json { feed },
            buffer: Vec::new(),
            outlet,
            teller,
        }
    }

    /// Lines for people.
    pub(super) fn text(form: TextForm, outlet: Arc<Outlet>, teller: Teller) -> Self {
        Self {
            form: Form::Text(form),
            buffer: Vec::new(),
            outlet,
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
        match &mut self.form {
            Form::Json { feed } => write_json_line(&mut self.buffer, record, feed.as_deref()),
            Form::Text(form) => form.write_line(&mut self.buffer, record),
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
        // In this order: nobody is to hear of the end while its record is not written.
        self.teller.tell();
    }
}
