//! Texts about lenses, and about documents that they put together.

use std::time::Duration;

use feedscope_analysis::assembled::Document;
use feedscope_analysis::lenses::{Choice, LensName, LensPass, Read};

use super::{bytes, counted, duration};
use crate::lens::Partner;

/// Entries that switch between the rows as they were received and as the lens reads them.
pub(crate) const RAW_ROWS: &str = "Show the rows as received";
pub(crate) const READ_ROWS: &str = "Show the rows as the lens reads them";

/// Returns the name of a lens for people.
pub(super) fn lens_name(lens: LensName) -> &'static str {
    match lens {
        LensName::SocketIo => "Socket.IO",
        LensName::GraphqlWs => "GraphQL",
        LensName::JsonRpc => "JSON-RPC",
        LensName::Signalr => "SignalR",
        LensName::Stomp => "STOMP",
        LensName::Phoenix => "Phoenix",
        LensName::Llm => "LLM",
    }
}

/// Returns the text of the chip.
pub(crate) fn lens_chip(lens: Option<LensName>) -> String {
    format!("lens: {} ▾", lens.map_or("none", lens_name))
}

/// Returns the text of a choice in the menu.
pub(crate) fn lens_choice(choice: Choice) -> &'static str {
    match choice {
        Choice::Auto => "Automatic",
        Choice::Off => "No lens",
        Choice::Named(lens) => lens_name(lens),
    }
}

/// Returns the reason for the lens in use.
pub(crate) fn why_lens(pass: &LensPass, choice: Choice) -> String {
    match (choice, pass.lens(), pass.recognized()) {
        (Choice::Off, ..) => "You turned the lens off.".to_owned(),
        (Choice::Named(lens), ..) => format!("You chose the lens {}.", lens_name(lens)),
        (Choice::Auto, Some(lens), Some(recognized)) => format!(
            "The lens {} was selected because {}.",
            lens_name(lens),
            recognized.reason
        ),
        (Choice::Auto, ..) if pass.is_idle() => "No lens fits these records.".to_owned(),
        (Choice::Auto, ..) => "No record has shown a protocol yet.".to_owned(),
    }
}

/// Returns the entry that finds requests without an answer.
pub(crate) fn unanswered(count: u64) -> String {
    format!("{} without an answer", counted(count, "request"))
}

/// Returns the sentences about pairs and requests that were removed, because their number is limited.
pub(crate) fn removed_pairs(pass: &LensPass) -> Option<String> {
    let removed = pass.pairs_let_go();
    let forgotten = pass.figures().map_or(0, |figures| figures.let_go);
    let mut sentences = Vec::new();
    if removed > 0 {
        sentences.push(format!(
            "{} no longer known, because 500,000 are kept.",
            are(removed, "older pair")
        ));
    }
    if forgotten > 0 {
        sentences.push(format!(
            "{} no longer waited for, because 10,000 can wait.",
            are(forgotten, "older request")
        ));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Returns a number of things with the verb.
fn are(count: u64, thing: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(count, thing))
}

/// Returns the entry that finds errors.
pub(crate) fn lens_errors(count: u64) -> String {
    format!("{} with an error", counted(count, "record"))
}

/// Returns the entry that hides keep-alive messages.
pub(crate) fn hide_keep_alives(count: u64) -> String {
    format!("Hide {}", counted(count, "keep-alive message"))
}

/// Returns the text of a row: the sentence about its record with the beginning of the content. Of several records, it is
/// the sentence about the first one with the number of the others.
pub(crate) fn row_of_reads(reads: &[Read]) -> String {
    /// Maximum length of the content in characters. A row is not wider.
    const LONGEST: usize = 400;
    let Some(first) = reads.first() else {
        return String::new();
    };
    let content = first.data.as_deref().unwrap_or_default();
    if reads.len() > 1 {
        let text = if first.title.is_empty() {
            content
        } else {
            first.title.as_str()
        };
        return format!("{text}   (+ {} more)", reads.len() - 1);
    }
    if first.title.is_empty() {
        return content.to_owned();
    }
    // The sentence about an error contains its reason, and that about a part of an answer its content. A keep-alive
    // message has nothing to show.
    let says_all = first.lens == Some(LensName::Llm)
        || first.error.is_some()
        || first.is_keep_alive
        || first.failure.is_some();
    if says_all || matches!(content, "" | "null" | "{}" | "[]") {
        return first.title.clone();
    }
    let beginning: String = content.chars().take(LONGEST).collect();
    format!("{}   {beginning}", first.title)
}

/// Returns the line about a record in the inspector, with the other end of its pair.
pub(crate) fn meaning_line(read: &Read, partner: Option<Partner>) -> String {
    let title = &read.title;
    match partner {
        Some(Partner::Answer(_)) => format!("{title} · to its answer"),
        Some(Partner::Request(_)) => format!("{title} · to its request"),
        None if read.is_request => format!("{title} · no answer yet"),
        None => title.clone(),
    }
}

/// Returns the entry that selects the other end of a pair.
pub(crate) fn to_partner(partner: Partner) -> &'static str {
    match partner {
        Partner::Answer(_) => "To its answer",
        Partner::Request(_) => "To its request",
    }
}

/// Returns the line about further records of a message.
pub(crate) fn further_records(count: usize) -> String {
    format!(
        "and {} in this message",
        counted(count as u64, "further record")
    )
}

/// Returns a part of a document with signs for the spaces at its ends and for line ends: `·for San Francisco.↵`.
pub(crate) fn part_with_signs(text: &str) -> String {
    let inner = text.trim_matches(' ');
    let before = text.len() - text.trim_start_matches(' ').len();
    let after = if inner.is_empty() {
        0
    } else {
        text.len() - text.trim_end_matches(' ').len()
    };
    let mut shown = "·".repeat(before);
    for sign in inner.chars() {
        match sign {
            '\n' => shown.push('↵'),
            '\r' => {}
            sign if sign.is_control() => shown.push(' '),
            sign => shown.push(sign),
        }
    }
    shown.push_str(&"·".repeat(after));
    shown
}

/// Sentence in place of answers.
pub(crate) const NO_ANSWER: &str = "No answer has arrived yet";

/// Hint of the comparison.
pub(crate) const COMPARE_ANSWERS: &str = "Show the last two answers beside each other";

/// Returns the number of answers.
pub(crate) fn answers(count: u64) -> String {
    counted(count, "answer")
}

/// Returns the title of an answer. Only further choices of an answer have a number of their own.
pub(crate) fn answer_title(number: u64, choice: u64) -> String {
    if choice == 0 {
        format!("Answer {number}")
    } else {
        format!("Answer {number}, choice {choice}")
    }
}

/// Returns the reason of the end.
pub(crate) fn stop_reason(reason: &str) -> String {
    format!("stop reason {reason}")
}

/// Returns the line of folded reasoning.
pub(crate) fn reasoning(parts: u64) -> String {
    format!("Reasoning · {}", counted(parts, "part"))
}

/// Returns the sentence about a request without a part of its answer.
pub(crate) fn waiting_for_part(waited: Duration) -> String {
    format!("Waiting for the first part: {:.1} s", waited.as_secs_f64())
}

/// Returns the sentence about answers that are not shown.
pub(crate) fn earlier_answers(count: u64) -> String {
    format!("{} not shown", counted(count, "earlier answer"))
}

/// Returns the sentence about the beginning of a long text.
pub(crate) fn not_shown(size: u64) -> String {
    format!(
        "The first {} are not shown; Copy and Save contain the whole text",
        bytes(size)
    )
}

/// Returns the mark of a pause in a text.
pub(crate) fn stall(pause: Duration) -> String {
    format!(" stall {} ", duration(pause))
}

/// Returns the text of the plot of an answer's parts, with a sentence about each of the first stalls.
pub(crate) fn parts_plot(document: &Document) -> String {
    let rates = document
        .rates()
        .map_or_else(String::new, |(parts, characters)| {
            format!(": {parts:.1} parts/s, {characters:.0} characters/s on average")
        });
    let stalls = stalls(document).map(|stalls| format!("\n{stalls}"));
    format!("Parts over time{rates}.{}", stalls.unwrap_or_default())
}

/// Returns a sentence about each of the first stalls of an answer.
fn stalls(document: &Document) -> Option<String> {
    /// Stalls that a hint names.
    const NAMED: usize = 5;
    let first = document.first_at()?;
    let mut sentences: Vec<String> = document
        .pauses()
        .take(NAMED)
        .map(|(end, pause)| {
            let after = end.at.since(first).saturating_sub(pause);
            format!(
                "Stall of {}, {} after the first part.",
                duration(pause),
                duration(after)
            )
        })
        .collect();
    if sentences.is_empty() {
        return None;
    }
    let more = document.stalls().0.saturating_sub(sentences.len() as u64);
    if more > 0 {
        sentences.push(format!("{} more.", counted(more, "stall")));
    }
    Some(sentences.join("\n"))
}

/// Returns the facts about an answer: model, times, rates and usage.
pub(crate) fn answer_facts(document: &Document) -> String {
    let mut facts = Vec::new();
    facts.extend(document.model().map(str::to_owned));
    if let Some(first) = document.first_part() {
        facts.push(format!("first part {}", duration(first)));
    }
    if document.part_count() > 0 {
        facts.push(counted(document.part_count(), "part"));
    }
    if let Some((parts, characters)) = document.rates() {
        facts.push(format!("{parts:.1} parts/s"));
        facts.push(format!("{characters:.0} characters/s"));
    }
    let (stalls, longest) = document.stalls();
    if stalls > 0 {
        facts.push(format!(
            "{}, longest {}",
            counted(stalls, "stall"),
            duration(longest)
        ));
    }
    let usage = document.usage().iter();
    // Only plain numbers are short enough for a line.
    let numbers = usage.filter(|(_, value)| value.bytes().all(|byte| byte.is_ascii_digit()));
    facts.extend(
        numbers
            .take(4)
            .map(|(name, value)| format!("{name} {value}")),
    );
    facts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_at_the_ends_and_line_ends_have_signs() {
        assert_eq!(
            part_with_signs(" for San Francisco.\n\nFrom "),
            "·for San Francisco.↵↵From·"
        );
        assert_eq!(part_with_signs("  "), "··");
        assert_eq!(
            (part_with_signs("a b"), part_with_signs("")),
            ("a b".to_owned(), String::new())
        );
    }
}
