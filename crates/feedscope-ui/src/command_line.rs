//! Command lines of other programs in a field for a URL, as documents and browsers write them. The app parses them.

use egui::{Event, Ui};

/// Returns the name of the program if a text is a command line that can be opened.
pub(crate) fn program_of(text: &str) -> Option<&'static str> {
    // Documents show the prompt of a shell before a line.
    let mut words = text.split_whitespace().skip_while(|word| *word == "$");
    match words.next()? {
        "curl" | "curl.exe" => Some("curl"),
        "websocat" => Some("websocat"),
        _ => None,
    }
}

/// Takes a pasted command line from the input, before a field replaces its line ends.
pub(crate) fn take_pasted(ui: &Ui) -> Option<String> {
    let is_line = |event: &Event| match event {
        Event::Paste(text) => program_of(text).is_some(),
        _ => false,
    };
    ui.input_mut(|input| {
        let at = input.events.iter().position(is_line)?;
        match input.events.remove(at) {
            Event::Paste(text) => Some(text),
            _ => None,
        }
    })
}

/// Returns a text as a field of one line shows it.
pub(crate) fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
