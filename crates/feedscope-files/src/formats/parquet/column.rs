//! Values of one column of a row group, with a level for each row that shows if there is a value.

use std::sync::Arc;

use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::writer::SerializedColumnWriter;
use ::parquet::schema::types::Type;

use super::super::fields::FieldValue;
use super::super::item::Cell;

/// Column of a table.
pub(super) struct ParquetColumn {
    values: ParquetValues,
    /// 1 for a row with a value, 0 for another.
    levels: Vec<i16>,
    /// Each row has a value.
    is_required: bool,
    misfits: u64,
}

/// Values of one type.
enum ParquetValues {
    Int(Vec<i64>),
    Double(Vec<f64>),
    Bool(Vec<bool>),
    Bytes(Vec<ByteArray>),
    /// Values of a requested column whose type is not decided yet.
    Cells(Vec<Cell>),
}

impl ParquetColumn {
    /// Returns a column by its declaration in a schema.
    pub(super) fn declared(declared: &str) -> Self {
        let values = if declared.contains(" int64 ") {
            ParquetValues::Int(Vec::new())
        } else if declared.contains(" double ") {
            ParquetValues::Double(Vec::new())
        } else {
            ParquetValues::Bytes(Vec::new())
        };
        Self {
            values,
            levels: Vec::new(),
            is_required: declared.starts_with("required"),
            misfits: 0,
        }
    }

    /// Returns a requested column, whose first values decide on its type.
    pub(super) fn undecided() -> Self {
        Self {
            values: ParquetValues::Cells(Vec::new()),
            levels: Vec::new(),
            is_required: false,
            misfits: 0,
        }
    }

    /// Adds the value of the next row. Returns its size in bytes.
    pub(super) fn push(&mut self, field: &FieldValue<'_>) -> usize {
        let size = match (&mut self.values, field) {
            (ParquetValues::Int(values), FieldValue::Number(number)) => {
                // The largest numbers that lines may contain have no room in a signed column.
                values.push(i64::try_from(*number).unwrap_or(i64::MAX));
                8
            }
            (ParquetValues::Double(values), FieldValue::Duration(duration)) => {
                values.push(duration.as_micros() as f64 / 1e3);
                8
            }
            (ParquetValues::Bytes(values), FieldValue::Text(text)) => {
                values.push(ByteArray::from(text.as_bytes().to_vec()));
                text.len() + OVERHEAD
            }
            (ParquetValues::Bytes(values), FieldValue::Bytes(bytes)) => {
                values.push(ByteArray::from(bytes.to_vec()));
                bytes.len() + OVERHEAD
            }
            // The code of a close frame is a number, and that of a note a word.
            (ParquetValues::Bytes(values), FieldValue::Number(number)) => {
                values.push(ByteArray::from(number.to_string().into_bytes()));
                OVERHEAD
            }
            _ => return 0,
        };
        self.levels.push(1);
        size
    }

    /// Replaces the last value.
    pub(super) fn replace_last(&mut self, value: i64) {
        if let ParquetValues::Int(values) = &mut self.values
            && let Some(last) = values.last_mut()
        {
            *last = value;
        }
    }

    /// Adds the value of a requested column. Returns its size in bytes.
    pub(super) fn push_cell(&mut self, cell: &Cell) -> usize {
        if *cell == Cell::Empty {
            return 0;
        }
        let text = cell.text();
        let fits = match (&mut self.values, cell) {
            (ParquetValues::Cells(values), cell) => {
                values.push(cell.clone());
                true
            }
            (ParquetValues::Double(values), Cell::Number(number)) => {
                number.parse().map(|number| values.push(number)).is_ok()
            }
            (ParquetValues::Bool(values), Cell::Bool(value)) => {
                values.push(*value);
                true
            }
            // Any value has a place among texts.
            (ParquetValues::Bytes(values), _) => {
                values.push(ByteArray::from(text.as_bytes().to_vec()));
                true
            }
            _ => false,
        };
        if !fits {
            self.misfits += 1;
            return 0;
        }
        self.levels.push(1);
        text.len() + OVERHEAD
    }

    /// Adds empty values up to this number of rows.
    pub(super) fn fill(&mut self, rows: usize) {
        self.levels.resize(rows, 0);
    }

    /// Decides on the type of a requested column. Returns its declaration with this name.
    pub(super) fn decide(&mut self, name: &str) -> String {
        let ParquetValues::Cells(cells) = &mut self.values else {
            return format!("optional binary {name} (STRING)");
        };
        // A column that is empty so far gets texts, which fit every later value.
        let cells = std::mem::take(cells);
        let all = |is_it: fn(&Cell) -> bool| !cells.is_empty() && cells.iter().all(is_it);
        if all(|cell| matches!(cell, Cell::Number(_))) {
            let numbers = cells
                .iter()
                .map(|cell| cell.text().parse().unwrap_or(f64::NAN));
            self.values = ParquetValues::Double(numbers.collect());
            format!("optional double {name}")
        } else if all(|cell| matches!(cell, Cell::Bool(_))) {
            let values = cells.iter().map(|cell| *cell == Cell::Bool(true));
            self.values = ParquetValues::Bool(values.collect());
            format!("optional boolean {name}")
        } else {
            let texts = cells
                .iter()
                .map(|cell| ByteArray::from(cell.text().as_bytes().to_vec()));
            self.values = ParquetValues::Bytes(texts.collect());
            format!("optional binary {name} (STRING)")
        }
    }

    /// Writes the values and forgets them. Returns the number of values that did not have its type.
    pub(super) fn write(
        &mut self,
        writer: &mut SerializedColumnWriter<'_>,
    ) -> Result<u64, ParquetError> {
        // A required column has no levels.
        let levels = (!self.is_required).then_some(&*self.levels);
        match (writer.untyped(), &mut self.values) {
            (ColumnWriter::Int64ColumnWriter(writer), ParquetValues::Int(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::DoubleColumnWriter(writer), ParquetValues::Double(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::BoolColumnWriter(writer), ParquetValues::Bool(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            (ColumnWriter::ByteArrayColumnWriter(writer), ParquetValues::Bytes(values)) => {
                writer.write_batch(values, levels, None)?;
                values.clear();
            }
            _ => {
                return Err(ParquetError::General(
                    "a column has another type".to_owned(),
                ));
            }
        }
        self.levels.clear();
        Ok(std::mem::take(&mut self.misfits))
    }
}

/// Memory of a value besides its bytes.
const OVERHEAD: usize = 40;

/// Returns the schema in which the fields from `first` on have these names.
pub(super) fn renamed(schema: &Type, first: usize, names: &[String]) -> Result<Type, ParquetError> {
    let mut fields = schema.get_fields().to_vec();
    for (field, name) in fields.iter_mut().skip(first).zip(names) {
        let renamed = Type::primitive_type_builder(name, field.get_physical_type())
            .with_repetition(field.get_basic_info().repetition())
            .with_converted_type(field.get_basic_info().converted_type())
            .with_logical_type(field.get_basic_info().logical_type_ref().cloned())
            .build()?;
        *field = Arc::new(renamed);
    }
    Type::group_type_builder(schema.name())
        .with_fields(fields)
        .build()
}
