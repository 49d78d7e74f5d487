//! Description of a row for screen readers.

use egui::accesskit::Role;
use egui::{Response, WidgetInfo};
use feedscope_analysis::filter::ColumnValue;
use feedscope_analysis::listing::ListedLine;
use feedscope_core::Direction;

use crate::timeline::Places;
use crate::timeline::meaning::RowMeaning;
use crate::{field_columns, words};

/// Describes a row for screen readers. Its words come first, because a listener decides by them.
pub(super) fn describe(
    response: &Response,
    places: &Places,
    (listed, values, meaning): (&ListedLine, &[ColumnValue], Option<&RowMeaning<'_>>),
    sentence: Option<&str>,
    time: &str,
    selected: bool,
) {
    let line = &listed.text;
    response.widget_info(|| {
        let direction = line.direction.map(|direction| match direction {
            Direction::In => "received",
            Direction::Out => "sent",
        });
        let text = meaning.map(|meaning| meaning.text.as_str());
        let text = text.or(sentence).unwrap_or(&line.preview);
        let part = meaning.and_then(RowMeaning::part);
        let fields = values.iter().map(field_columns::text);
        let parts = [
            direction,
            Some(part.unwrap_or_else(|| words::row_name(line))),
            Some(line.id.as_str()),
        ];
        let parts = parts.into_iter().flatten().chain(fields).chain([text]);
        let parts: Vec<&str> = parts.filter(|it| !it.is_empty()).collect();
        WidgetInfo::labeled(Role::ListBoxOption, true, parts.join(" "))
    });
    response.ctx.accesskit_node_builder(response.id, |node| {
        node.set_selected(selected);
        if !time.is_empty() {
            node.set_description(time);
        }
        node.set_position_in_set(places.listing.rank(listed.item.id).0 as usize + 1);
        node.set_size_of_set(places.rows as usize);
    });
}
