//! Conversion of connections: a command line of curl or a file of saved connections, into such a file or command lines.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use feedscope_core::safe_text::safe;
use feedscope_core::url_text::parse_url;
use feedscope_files::command_line::{CommandLine, Program};
use feedscope_files::connections::{SavedConnection, SavedConnections, text_of};
use feedscope_files::curl;
use feedscope_files::formats::OutputFile;
use url::Url;

use super::{ConversionFailure, is_standard, name_of};
use crate::complaint::complain;
use crate::plan::{ConnectionInput, ConnectionOutput, ConvertConnectionsPlan};

/// Maximum length of a command line that is read, in bytes. A browser copies a whole body into it.
const LONGEST_LINE: u64 = 64 << 20;

/// Converts the connections; returns the exit status.
pub fn run(plan: &ConvertConnectionsPlan) -> u8 {
    match convert(plan) {
        Ok(()) => 0,
        Err(ConversionFailure {
            status,
            about,
            sentence,
        }) => {
            complain(&about, &sentence);
            status
        }
    }
}

fn convert(plan: &ConvertConnectionsPlan) -> Result<(), ConversionFailure> {
    let mut all: Vec<SavedConnection> = Vec::new();
    for input in &plan.inputs {
        let path = Path::new(input);
        match plan.from {
            ConnectionInput::Toml => all.extend(of_file(path)?),
            ConnectionInput::Curl => {
                let mut connection = of_line(input)?;
                connection.name = free_name(&connection, &all);
                if !plan.keeps_secrets {
                    replace_secrets(&mut connection);
                }
                all.push(connection);
            }
        }
    }
    let text = match plan.to {
        ConnectionOutput::Toml => {
            text_of(&all).map_err(|problem| ConversionFailure::new(&plan.out, &problem))?
        }
        ConnectionOutput::CommandLine(program) => command_lines(&all, program),
    };
    let failed = |error: io::Error| ConversionFailure::new(&plan.out, &error);
    if is_standard(&plan.out) {
        return io::stdout().write_all(text.as_bytes()).map_err(failed);
    }
    let mut output = OutputFile::create(&plan.out, plan.force)?;
    output.write_all(text.as_bytes()).map_err(failed)?;
    output.finish()?;
    Ok(())
}

/// Reads a file of saved connections.
fn of_file(path: &Path) -> Result<Vec<SavedConnection>, ConversionFailure> {
    let content =
        SavedConnections::load(path).map_err(|problem| ConversionFailure::new(path, &problem))?;
    let content = content.ok_or_else(|| ConversionFailure::usage(path, &"no such file"))?;
    for unknown in content.unknown() {
        let sentence = format!("line {}: unknown key `{}`", unknown.line, unknown.key);
        complain(&name_of(path), &sentence);
    }
    Ok(content.all().to_vec())
}

/// Reads a command line of curl: the input itself, if it begins with `curl`, or the content of the file.
fn of_line(input: &str) -> Result<SavedConnection, ConversionFailure> {
    let path = Path::new(input);
    // A file could be named `curl`, but not with a space and arguments behind it.
    let is_line = input.split_whitespace().next() == Some("curl") && input.contains(' ');
    let line = if is_line {
        input.to_owned()
    } else {
        read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ConversionFailure::usage(
                path,
                &"there is no such file, and a command line begins with `curl`",
            ),
            _ => ConversionFailure::new(path, &error),
        })?
    };
    let about = if is_line { Path::new("curl") } else { path };
    let imported =
        curl::parse(line.trim()).map_err(|problem| ConversionFailure::new(about, &problem))?;
    if !imported.not_understood.is_empty() {
        let parts = imported.not_understood.join(", ");
        complain("curl", &format!("not understood: {}", safe(&parts)));
    }
    Ok(imported.connection)
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = if is_standard(path) {
        io::stdin().take(LONGEST_LINE).read_to_string(&mut text)
    } else {
        std::fs::File::open(path)?
            .take(LONGEST_LINE)
            .read_to_string(&mut text)
    };
    read.map(|_length| text)
}

/// Puts variables in place of secrets, and reports each of them.
fn replace_secrets(connection: &mut SavedConnection) {
    let name = connection.name.clone();
    for secret in connection.replace_secrets() {
        complain(
            &name,
            &format!(
                "{} is a secret: set the environment variable {} to it, or give --keep-secrets",
                secret.place, secret.variable
            ),
        );
    }
}

/// Returns a name made of the host, which no connection of `others` has.
fn free_name(connection: &SavedConnection, others: &[SavedConnection]) -> String {
    let url = parse_url(&connection.url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("feed");
    // Names with dots would need quotation marks in the file.
    let letter = |sign: char| if sign.is_alphanumeric() { sign } else { '-' };
    let name: String = host.chars().map(letter).collect();
    let is_free = |name: &str| others.iter().all(|other| other.name != name);
    let mut free = name.clone();
    let mut number = 1;
    while !is_free(&free) {
        number += 1;
        free = format!("{name}-{number}");
    }
    free
}

/// Returns a command line for each connection. Parts that a line does not express are named.
pub(crate) fn command_lines<'a>(
    all: impl IntoIterator<Item = &'a SavedConnection>,
    program: Program,
) -> String {
    let mut lines = String::new();
    for connection in all {
        let CommandLine { line, left_out } = CommandLine::of(connection, program);
        // Writing into a string cannot fail.
        writeln!(lines, "{line}").ok();
        if !left_out.is_empty() {
            let left_out = left_out.join(", ");
            let sentence = format!("the line does not express {left_out}");
            complain(&safe(&connection.name), &sentence);
        }
    }
    lines
}
