//! Columns of the text form of `tail`: some parts of a record, and fields of its payload, in cells of equal width.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use feedscope_analysis::columns::Columns;
use feedscope_analysis::filter::{Column, ColumnValue};
use feedscope_analysis::interpret::Interpreter;
use feedscope_core::record::Record;
use feedscope_core::safe_text::write_safe;
use jiff::tz::TimeZone;

use super::parts::{arrow, id, name, payload, time};

/// Widest cell in characters for which later lines are widened. A longer value moves the rest of its own line.
const WIDEST: usize = 40;

/// Columns that the user requested, in order. Cheap to clone; clones share the widths of the cells.
#[derive(Clone)]
pub struct TextColumns {
    text: String,
    shared: Arc<RowLayout>,
}

struct RowLayout {
    cells: Vec<CellKind>,
    fields: Columns,
    /// Width of each cell, which is that of its widest value so far.
    widths: Vec<AtomicUsize>,
}

/// Content of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CellKind {
    Time,
    Connection,
    Direction,
    Type,
    Id,
    Size,
    Payload,
    /// Field with this place among the fields.
    Field(usize),
}

impl CellKind {
    /// Returns the part of a record with this name. A field begins with a dot or a bracket.
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "time" => Self::Time,
            "connection" => Self::Connection,
            "direction" => Self::Direction,
            "type" => Self::Type,
            "id" => Self::Id,
            "size" => Self::Size,
            "payload" => Self::Payload,
            _ => return None,
        })
    }

    /// Width before the first value, so that columns of the same content begin alike.
    fn least_width(self) -> usize {
        match self {
            Self::Time => "00:00:00.000".len(),
            Self::Direction => 1,
            _ => 0,
        }
    }
}

impl TextColumns {
    /// Parses columns with commas between them: parts of a record, and jq expressions such as `.price`.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut cells = Vec::new();
        let mut fields = Vec::new();
        for (_, part) in Column::parts(text) {
            let part = part.trim();
            if let Some(cell) = CellKind::of_name(part) {
                cells.push(cell);
                continue;
            }
            let starts_field = part.starts_with(['.', '(', '[', '{', '"']);
            if !starts_field {
                return Err(format!(
                    "`{part}` is no column: there are time, connection, direction, type, id, size, payload, and fields such as .price"
                ));
            }
            let parsed = Column::parse_list(part)
                .map_err(|problem| format!("the column `{part}`: {}", problem.kind))?;
            for column in parsed {
                cells.push(CellKind::Field(fields.len()));
                fields.push(column);
            }
        }
        let width = |cell: &CellKind| AtomicUsize::new(cell.least_width());
        Ok(Self {
            text: text.to_owned(),
            shared: Arc::new(RowLayout {
                widths: cells.iter().map(width).collect(),
                cells,
                fields: Columns::new(fields),
            }),
        })
    }

    /// Appends the cells of a record. A record without any of the fields has its payload in their place, so that every
    /// record shows its content.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        zone: &TimeZone,
        interpreter: &Interpreter,
        record: &Record<'_>,
    ) {
        let RowLayout { cells, fields, .. } = &*self.shared;
        let values = fields.values_as(&record.kind, interpreter);
        let has_none = values.iter().all(|value| *value == ColumnValue::Missing);
        let is_shown = |cell: CellKind| match cell {
            CellKind::Field(_) => !has_none,
            CellKind::Payload => true,
            _ => false,
        };
        let shows_content = cells.iter().any(|cell| is_shown(*cell));
        let mut cell_text = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            // The payload takes the room of all fields.
            if matches!(cell, CellKind::Field(_)) && !shows_content {
                continue;
            }
            cell_text.clear();
            let is_number = write_cell(&mut cell_text, zone, *cell, record, &values);
            self.put(out, place, &cell_text, is_number);
        }
        if !shows_content {
            payload(out, &record.kind);
        }
    }

    /// Appends a cell in the width of its column. Numbers are at the right, so that their digits are below each other.
    fn put(&self, out: &mut Vec<u8>, place: usize, text: &[u8], is_number: bool) {
        let is_last = place + 1 == self.shared.cells.len();
        // Every byte except for continuation bytes begins a character.
        let length = text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        let width = &self.shared.widths[place];
        let widest = width
            .fetch_max(length.min(WIDEST), Ordering::Relaxed)
            .max(length.min(WIDEST));
        let padding = widest.saturating_sub(length);
        if is_number {
            out.resize(out.len() + padding, b' ');
            out.extend_from_slice(text);
        } else {
            out.extend_from_slice(text);
            out.resize(out.len() + padding, b' ');
        }
        // The last column needs no separator behind it.
        if !is_last {
            out.extend_from_slice(b"  ");
        }
    }
}

/// Appends the content of a cell. Returns true if it is a number.
fn write_cell(
    out: &mut Vec<u8>,
    zone: &TimeZone,
    cell: CellKind,
    record: &Record<'_>,
    values: &[ColumnValue],
) -> bool {
    let kind = &record.kind;
    match cell {
        CellKind::Time => time(out, zone, record.stamp.utc),
        CellKind::Connection => out.extend_from_slice(record.connection.to_string().as_bytes()),
        CellKind::Direction => out.extend_from_slice(arrow(kind).trim().as_bytes()),
        CellKind::Type => write_safe(out, name(kind)),
        CellKind::Id => write_safe(out, id(kind)),
        CellKind::Size => {
            if let Some(size) = kind.data().map(<[u8]>::len) {
                out.extend_from_slice(size.to_string().as_bytes());
            }
        }
        CellKind::Payload => payload(out, kind),
        CellKind::Field(place) => return write_value(out, values.get(place)),
    }
    matches!(cell, CellKind::Size | CellKind::Connection)
}

/// Appends the value of a field. Returns true if it is a number, also as decimal text.
fn write_value(out: &mut Vec<u8>, value: Option<&ColumnValue>) -> bool {
    match value {
        None | Some(ColumnValue::Missing) => false,
        Some(ColumnValue::Bool(value)) => {
            out.extend_from_slice(value.to_string().as_bytes());
            false
        }
        Some(ColumnValue::Text(text) | ColumnValue::Json(text)) => {
            write_safe(out, text.as_bytes());
            value.is_some_and(ColumnValue::is_number)
        }
        Some(ColumnValue::Number(number)) => {
            out.extend_from_slice(number.as_bytes());
            true
        }
    }
}

impl fmt::Debug for TextColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl PartialEq for TextColumns {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_record_and_fields_are_columns() {
        let columns = TextColumns::parse("time, .symbol,half=(.price/2),size").err();
        assert!(columns.unwrap().contains("`half=(.price/2)` is no column"));
        let columns = TextColumns::parse("time, .symbol,(.price/2),.[\"a,b\"],size").unwrap();
        let field = CellKind::Field;
        assert_eq!(
            columns.shared.cells,
            [CellKind::Time, field(0), field(1), field(2), CellKind::Size]
        );
        assert_eq!(columns, columns.clone());
        for wrong in ["", "price", "time,,.a", ".a |", ".a,nosuch"] {
            assert!(TextColumns::parse(wrong).is_err(), "{wrong}");
        }
    }
}
