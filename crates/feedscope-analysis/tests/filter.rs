//! Tests of the filter.
//!
//! Cases are in `cases/filter/*.toml`: records, the typed text, and the matching rows. The properties state that a scan
//! finds the same rows as a test of each record, for any order of arrival, loss and steps.

#[path = "../../feedscope-core/tests/support/case_files.rs"]
mod case_files;
#[path = "filter/cases.rs"]
mod cases;
#[path = "filter/properties.rs"]
mod properties;
#[path = "filter/values.rs"]
mod values;
