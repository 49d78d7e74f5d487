//! Texts of the menu that offers columns.

use feedscope_analysis::columns::TypeColumns;

use super::qualified_type;

/// Meaning of the keys that are no fields.
pub(crate) const ID_AS_KEY: &str = "The last event ID of each record";
pub(crate) const TYPE_AS_KEY: &str = "The event type of each record, or its kind";

/// Asks for the key of the newest values.
pub(crate) fn choose_key(is_without_offers: bool) -> &'static str {
    if is_without_offers {
        "No field of the newest records names a series. Key takes any path."
    } else {
        "Choose the field that names a series, such as a symbol:"
    }
}

/// Reports a field that no record has, with the nearest one that records have.
pub(crate) fn no_such_field(key: &str, nearest: Option<&str>, feed: Option<&str>) -> String {
    let records = match feed {
        Some(feed) => format!("No record of {feed}"),
        None => "No record".to_owned(),
    };
    let key = if key == "id" { "an ID" } else { key };
    match nearest {
        Some(nearest) => format!("{records} has {key}. Nearest: {nearest}"),
        None => format!("{records} has {key}."),
    }
}

/// Text in place of an offer of columns.
pub(crate) const NO_FILLED_COLUMN: &str = "No short field is in a third of these records";

/// Returns the name of the offer of columns for all records of a list.
pub(crate) fn columns_for(is_filtered: bool) -> &'static str {
    if is_filtered {
        "Columns for the hits"
    } else {
        "Columns for this feed"
    }
}

/// Describes the columns of an offer. The condition selects the records that have them.
pub(crate) fn columns_of(condition: Option<&str>, paths: &[String]) -> String {
    let paths = paths.join(" ");
    match condition {
        None => format!("{paths}\n\nFields that at least a third of the newest records have."),
        Some(condition) => format!(
            "{paths}\n\nFields of the records with {condition}. Other records lack them, so that the filter leaves them out."
        ),
    }
}

/// Returns the condition for the records of a type.
pub(crate) fn condition_of_type(columns: &TypeColumns) -> String {
    match &columns.field {
        Some(path) => {
            // A string always has a JSON form.
            let name = serde_json::to_string(&columns.name).unwrap_or_default();
            format!("{path} == {name}")
        }
        None => qualified_type(&columns.name),
    }
}
