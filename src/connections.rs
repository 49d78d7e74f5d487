//! `feedscope connections`: the saved connections as a list, and an example of their file. Connects nothing.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use feedscope_core::safe_text::safe;
use feedscope_core::url_text::masked_text;
use feedscope_files::command_line::Program;
use feedscope_files::connections::{EXAMPLE, SavedConnection, SavedConnections};

use crate::complaint::complain;
use crate::convert;
use crate::plan::{ConnectionsForm, ConnectionsPlan};

/// Exit status for a file that cannot be used.
const BROKEN_FILE: u8 = 2;

/// Prints what `plan` asks for; returns the exit status.
pub fn run(plan: &ConnectionsPlan) -> io::Result<u8> {
    if plan.form == ConnectionsForm::Example {
        return print(EXAMPLE);
    }
    let Some(path) = plan.file.clone().or_else(SavedConnections::usual_path) else {
        complain("connections", "there is no folder for the file");
        return Ok(BROKEN_FILE);
    };
    let connections = match SavedConnections::load(&path) {
        Ok(connections) => connections,
        Err(problem) => {
            complain("connections", &problem.to_string());
            return Ok(BROKEN_FILE);
        }
    };
    let Some(connections) = connections else {
        let folder = path.parent().unwrap_or(Path::new(".")).display();
        let path = path.display();
        if plan.form == ConnectionsForm::List {
            complain(
                "connections",
                &format!(
                    "{path} does not exist; `mkdir -p {folder} && feedscope connections --example > {path}` makes one"
                ),
            );
        }
        return Ok(if plan.file.is_some() { BROKEN_FILE } else { 0 });
    };
    for unknown in connections.unknown() {
        let (path, line) = (path.display(), unknown.line);
        complain(
            "connections",
            &format!("{path}, line {line}: unknown key `{}`", unknown.key),
        );
    }
    match plan.form {
        ConnectionsForm::Names => print(&names(connections.all())),
        ConnectionsForm::CommandLine(program) => {
            command_lines(connections.all(), &plan.names, program)
        }
        ConnectionsForm::List | ConnectionsForm::Example => print(&list(connections.all())),
    }
}

/// Prints the connections of these names, or all, as command lines. Parts that a line cannot express are named.
fn command_lines(all: &[SavedConnection], names: &[String], program: Program) -> io::Result<u8> {
    let is_known = |name: &&String| all.iter().any(|connection| connection.name == **name);
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        complain(
            "connections",
            &format!("there is no connection `{unknown}`"),
        );
        return Ok(BROKEN_FILE);
    }
    let is_wanted =
        |connection: &&SavedConnection| names.is_empty() || names.contains(&connection.name);
    print(&convert::connections::command_lines(
        all.iter().filter(is_wanted),
        program,
    ))
}

/// Prints a text. A reader that left has enough.
fn print(text: &str) -> io::Result<u8> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(0),
    }
}

/// The names, one per line.
fn names(connections: &[SavedConnection]) -> String {
    let names = connections
        .iter()
        .map(|connection| safe(&connection.name) + "\n");
    names.collect()
}

/// The connections by group, with their URLs in a column. Connections without a group come first.
fn list(connections: &[SavedConnection]) -> String {
    let mut groups: Vec<Option<&str>> = Vec::new();
    for connection in connections {
        let group = connection.group.as_deref();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    // The sort is stable, so that groups keep the order of the file.
    groups.sort_by_key(Option::is_some);
    let width = |connection: &SavedConnection| safe(&connection.name).chars().count();
    let width = connections.iter().map(width).max().unwrap_or(0);
    let mut out = String::new();
    for group in groups {
        if let Some(group) = group {
            // Writing to a string cannot fail.
            writeln!(out, "{}", safe(group)).ok();
        }
        let indent = if group.is_some() { "  " } else { "" };
        let of_group = connections
            .iter()
            .filter(|connection| connection.group.as_deref() == group);
        for connection in of_group {
            let (name, url) = (safe(&connection.name), safe(&masked_text(&connection.url)));
            writeln!(out, "{indent}{name:width$}  {url}").ok();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(name: &str, group: Option<&str>, url: &str) -> SavedConnection {
        SavedConnection {
            name: name.to_owned(),
            group: group.map(str::to_owned),
            url: url.to_owned(),
            ..SavedConnection::default()
        }
    }

    #[test]
    fn connections_are_listed_by_group_without_secrets() {
        let all = [
            connection("wikimedia", Some("public"), "https://w.test/"),
            connection("desk", None, "wss://u:s3cret@d.test/?token=s3cret"),
            connection("b\u{7}", Some("public"), "https://b.test/${PATH}"),
        ];
        let expected = "desk       wss://u:…@d.test/?token=…\n\
            public\n  wikimedia  https://w.test/\n  b␇         https://b.test/${PATH}\n";
        let listed = list(&all);
        assert!(!listed.contains("s3cret"), "{listed}");
        assert_eq!(listed.lines().count(), expected.lines().count(), "{listed}");
        assert!(
            listed.contains(
                "\npublic\n  wikimedia  https://w.test/\n  b␇         https://b.test/${PATH}\n"
            ),
            "{listed}"
        );
        assert_eq!(names(&all), "wikimedia\ndesk\nb␇\n");
        assert_eq!(list(&[]), "");
    }
}
