//! Options of a feed that were given on the command line, in their order.

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Args as _, CommandFactory as _, Parser};

use crate::cli::options::FeedArguments;
use crate::cli::reading::ReadingArguments;

/// Options of a feed without anything else, to parse those of a saved connection.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
pub(super) struct OptionLine {
    #[command(flatten)]
    pub(super) feed: FeedArguments,
    #[command(flatten)]
    pub(super) reading: ReadingArguments,
}

/// An option that was given on the command line.
pub(super) struct Given {
    /// Place among all arguments.
    place: usize,
    pub(super) name: String,
    values: Vec<OsString>,
}

impl Given {
    /// The option as arguments.
    pub(super) fn arguments(&self) -> Vec<OsString> {
        let name = format!("--{}", self.name);
        match &self.values[..] {
            [] => vec![name.into()],
            // One value is joined by `=`, because it may begin with a hyphen.
            [value] => {
                let mut argument = OsString::from(name);
                argument.push("=");
                argument.push(value);
                vec![argument]
            }
            values => std::iter::once(name.into())
                .chain(values.iter().cloned())
                .collect(),
        }
    }

    pub(super) fn is_header(&self, name: &str) -> bool {
        let value = self.values.first().map(|value| value.to_string_lossy());
        // A header is given as `Name: value`.
        let own = value
            .as_deref()
            .and_then(|value| Some(value.split_once(':')?.0.trim()));
        self.name == "header" && own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    }
}

/// Returns true if an option of a feed was given that a saved connection could have, too.
pub(in super::super) fn has_options(matches: &ArgMatches) -> bool {
    given(matches).iter().any(|given| !is_about_file(given))
}

/// Returns the name of the first option of a connection that was given. Options about payloads are for files, too.
pub(in super::super) fn first_of_connection(matches: &ArgMatches) -> Option<String> {
    let reading = ReadingArguments::augment_args(clap::Command::new("reading"));
    let is_about_payloads = |name: &str| {
        let mut arguments = reading.get_arguments();
        arguments.any(|argument| argument.get_long() == Some(name))
    };
    let mut given = given(matches).into_iter();
    let first = given.find(|given| !is_about_file(given) && !is_about_payloads(&given.name));
    first.map(|given| given.name)
}

/// Returns true for an option about the file of saved connections.
fn is_about_file(given: &Given) -> bool {
    ["connections", "allow-project"].contains(&given.name.as_str())
}

/// The options of a feed on the command line, in order.
pub(super) fn given(matches: &ArgMatches) -> Vec<Given> {
    let command = OptionLine::command();
    let mut given = Vec::new();
    for argument in command.get_arguments() {
        let (id, Some(name)) = (argument.get_id().as_str(), argument.get_long()) else {
            continue;
        };
        // The program's own `--help` is no option of a feed.
        let is_there = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine);
        if !is_there {
            continue;
        }
        let places: Vec<_> = matches.indices_of(id).into_iter().flatten().collect();
        let occurrences: Vec<Vec<&OsStr>> = matches
            .get_raw_occurrences(id)
            .into_iter()
            .flatten()
            .map(Iterator::collect)
            .collect();
        // A flag stands alone: `--echo`.
        let takes_values = argument.get_action().takes_values();
        let mut place = places.iter().copied();
        for occurrence in occurrences {
            let own = place.next().unwrap_or_default();
            // Each value has a place of its own.
            for _ in 1..occurrence.len() {
                place.next();
            }
            let values = occurrence.iter().map(|&value| value.to_owned());
            given.push(Given {
                place: own,
                name: name.to_owned(),
                values: if takes_values {
                    values.collect()
                } else {
                    Vec::new()
                },
            });
        }
    }
    // Later options replace earlier ones, so that the order on the command line is restored.
    given.sort_by_key(|given| given.place);
    given
}
