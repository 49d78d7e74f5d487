//! State of a plot that a later window restores. The shown range is not in it, because the records have other times then.

use feedscope_analysis::record_key::RecordKey;
use feedscope_analysis::series::Quantity;
use feedscope_core::store::Store;
use serde::{Deserialize, Serialize};

use super::PlotView;
use super::form::LineForm;
use super::open::{AxisSide, ChosenBy, MOST_NUMBERS};

/// State of a plot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the plot"
)]
pub struct PlotSession {
    /// Texts of the plotted numbers; none while the plot is closed.
    pub numbers: Vec<String>,
    /// Those of them whose axis is at the right.
    pub right: Vec<String>,
    /// The user has chosen the numbers.
    pub is_chosen: bool,
    /// Value that distinguishes one line of a number from another.
    pub key: Option<String>,
    /// The only value of the key that has a line.
    pub only: Option<String>,
    /// Name of the form of the lines.
    pub form: String,
    /// The scale of the numbers is logarithmic.
    pub is_logarithmic: bool,
    /// Each line has a part of the height.
    pub has_lanes: bool,
    /// The numbers are a table in place of lines.
    pub is_table: bool,
}

impl PlotView {
    /// Returns the state that a later window restores.
    pub(crate) fn session(&self) -> PlotSession {
        let Some(open) = &self.open else {
            return PlotSession::default();
        };
        let at_right = open.numbers.iter().filter(|it| it.axis == AxisSide::Right);
        PlotSession {
            numbers: open
                .numbers
                .iter()
                .map(|it| it.quantity.to_string())
                .collect(),
            right: at_right.map(|it| it.quantity.to_string()).collect(),
            is_chosen: open.chosen_by == ChosenBy::User,
            key: open.key.as_ref().map(RecordKey::to_string),
            only: open.only.clone(),
            form: open.form.name().to_owned(),
            is_logarithmic: open.is_logarithmic,
            has_lanes: open.has_lanes,
            is_table: open.is_table,
        }
    }

    /// Opens the plot of a former window. What a later version has written is left out.
    pub(crate) fn restore(&mut self, store: &Store, session: &PlotSession) {
        let numbers = session
            .numbers
            .iter()
            .filter_map(|text| Quantity::parse(text));
        for quantity in numbers.take(MOST_NUMBERS) {
            self.add(store, quantity);
        }
        let key = session
            .key
            .as_ref()
            .and_then(|key| RecordKey::parse(key).ok());
        if let Some(open) = &mut self.open {
            for number in &mut open.numbers {
                let is_right = session.right.contains(&number.quantity.to_string());
                number.axis = if is_right {
                    AxisSide::Right
                } else {
                    AxisSide::Left
                };
            }
            if !session.is_chosen {
                open.chosen_by = ChosenBy::Program;
            }
            let mut forms = LineForm::ALL.into_iter();
            let form = forms.find(|form| form.name() == session.form);
            open.form = form.unwrap_or_default();
            open.is_logarithmic = session.is_logarithmic;
            open.has_lanes = session.has_lanes;
            open.is_table = session.is_table;
            open.only = session.only.clone().filter(|_| key.is_some());
            open.key = key;
        }
        self.read_again(store);
        // The user has not just asked for it, so that it takes no room from other parts.
        self.is_asked = false;
    }
}
