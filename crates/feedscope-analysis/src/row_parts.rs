//! Parts of payloads that distinguish the rows of a view, so that rows with little room show these parts. It changes no
//! payload.
//!
//! Payloads are compared value by value, and values with the same path are compared with each other. Therefore two
//! speakers of a chat, or messages of several types, do not prevent their equal parts from being left out.

mod folding;
mod judge;
mod pieces;
mod rules;
mod value_statistics;

use judge::Judge;
use pieces::Pieces;
use value_statistics::Statistics;

pub use folding::Folding;
pub use pieces::LONGEST;
pub use rules::FoldingDepth;

impl Folding {
    /// Compares payloads that have room for this number of characters, and leaves out as little as necessary to
    /// distinguish them.
    ///
    /// ```
    /// use feedscope_analysis::row_parts::Folding;
    ///
    /// let line = |n: usize| format!(r#"{{"type":"message","from":"{}","text":"line {n} of it"}}"#, ["bot", "ada"][n % 2]);
    /// let chat: Vec<String> = (0..8).map(line).collect();
    /// let folding = Folding::of(&chat.iter().map(String::as_str).collect::<Vec<_>>(), 34);
    /// assert_eq!(folding.text(&chat[2], 34), r#"…"bot","text":"line 2 of it"}"#);
    /// ```
    pub fn of(payloads: &[&str], room: usize) -> Self {
        let all: Vec<Pieces> = payloads.iter().map(|text| Pieces::of(text)).collect();
        let statistics = Statistics::of(payloads, &all);
        let judge = Judge::new(payloads, &all, &statistics, room);
        let depths = [
            FoldingDepth::Beginnings,
            FoldingDepth::EqualParts,
            FoldingDepth::Identifiers,
            FoldingDepth::ValuesBeforeText,
        ];
        let mut best: Option<(usize, Self)> = None;
        for depth in depths {
            let mut rules = statistics.rules(depth);
            if depth == FoldingDepth::ValuesBeforeText {
                statistics.let_values_give_way(&mut rules, room / 2);
            }
            let folding = Self::new(depth, rules, payloads, &all, room);
            let verdict = judge.verdict(&folding);
            if verdict.is_sufficient() {
                return folding;
            }
            let score = verdict.score();
            if best.as_ref().is_none_or(|(highest, _)| score > *highest) {
                best = Some((score, folding));
            }
        }
        best.map(|(_, folding)| folding).unwrap_or_default()
    }

    /// Returns true if the folding still distinguishes these payloads, so that the rows need not change their form.
    pub fn suits(&self, payloads: &[&str], room: usize) -> bool {
        if !self.is_made_for(payloads.len(), room) {
            return false;
        }
        let all: Vec<Pieces> = payloads.iter().map(|text| Pieces::of(text)).collect();
        let statistics = Statistics::of(payloads, &all);
        let verdict = Judge::new(payloads, &all, &statistics, room).verdict(self);
        verdict.is_acceptable() && self.fits_most(payloads, &all)
    }
}

#[cfg(test)]
mod tests;
