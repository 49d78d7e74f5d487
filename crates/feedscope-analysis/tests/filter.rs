//! The filter: by cases (`cases/filter/*.toml`: records, what is typed, and which rows match), and by properties: however
//! records come, are let go and are looked at, a scan finds what trying each record finds.

#[path = "../../feedscope-core/tests/support/case_files.rs"]
mod case_files;
#[path = "filter/cases.rs"]
mod cases;
#[path = "filter/properties.rs"]
mod properties;
#[path = "filter/values.rs"]
mod values;
