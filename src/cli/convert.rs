//! Arguments of `convert`.

use std::path::{Path, PathBuf};

use clap::Args;
use feedscope_analysis::filter::{Column, Filter, ParseContext};
use feedscope_core::Timestamp;
use feedscope_files::command_line::Program;
use feedscope_files::formats::{Format, ReadError};

use crate::convert::unknown_format;
use crate::plan::{
    ConnectionInput, ConnectionOutput, ConvertConnectionsPlan, ConvertPlan, Plan, STANDARD_STREAM,
};
use crate::tail::files_of;
use crate::typed_filter::TypedFilter;

#[derive(Debug, Args)]
pub(super) struct ConvertArguments {
    /// Files to read, and the file to write; `-` is a standard stream
    ///
    /// The endings name the formats: .feedscope, .ndjson and .jsonl, .sse, .har; and .csv, .mcap, .parquet, which are
    /// written only. Inputs may be compressed (.gz, .zst). A folder stands for the recordings in it; as the output, with a
    /// slash at its end, it gets Parquet files for each feed and day. Connections are converted, too: .toml, and
    /// command lines with --from curl (a file, or the line itself) and --to curl, websocat or tail.
    #[arg(value_name = "FILE", num_args = 2.., required = true)]
    files: Vec<PathBuf>,

    /// The format of the inputs, where their endings do not name it; ndjson for standard input
    #[arg(long, value_name = "FORMAT", value_parser = readable)]
    from: Option<InputForm>,

    /// The format of the output, where its ending does not name it; ndjson for standard output
    #[arg(long, value_name = "FORMAT", value_parser = writable)]
    to: Option<OutputForm>,

    /// Write only records that match this filter, as it is typed in the window
    #[arg(
        long = "where",
        value_name = "FILTER",
        allow_hyphen_values = true,
        help_heading = "Selection"
    )]
    filter: Option<String>,

    /// Write only this feed; may be given several times
    #[arg(long = "feed", value_name = "NAME", help_heading = "Selection")]
    feeds: Vec<String>,

    /// Write only records from this time on, such as 2026-11-21T05:49:14Z
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Selection")]
    since: Option<Timestamp>,

    /// Write only records before this time
    #[arg(long, value_name = "TIME", value_parser = time, help_heading = "Selection")]
    until: Option<Timestamp>,

    /// Add columns with values of the payloads: price=.price,.symbol (csv, parquet)
    ///
    /// Each is a jq expression, with a name before it. A column is empty where the expression yields nothing.
    #[arg(long, value_name = "COLUMNS", allow_hyphen_values = true)]
    columns: Option<String>,

    /// Write texts that a spreadsheet would execute as they are, without a ' before them (csv)
    #[arg(long)]
    no_guard: bool,

    /// Leave out the payloads of records that match this filter; the records stay
    #[arg(long, value_name = "FILTER", value_parser = TypedFilter::parse, allow_hyphen_values = true, help_heading = "Selection")]
    mask: Option<TypedFilter>,

    /// Write the secrets of a command line of curl as they are, and not as variables (curl)
    #[arg(long)]
    keep_secrets: bool,

    /// Replace the output if it exists
    #[arg(long)]
    force: bool,
}

/// Form of the inputs.
#[derive(Clone, Copy, Debug)]
enum InputForm {
    Records(Format),
    Connections(ConnectionInput),
}

/// Form of the output.
#[derive(Clone, Copy, Debug)]
enum OutputForm {
    Records(Format),
    Connections(ConnectionOutput),
}

impl ConvertArguments {
    /// Returns the conversion of records or of connections.
    pub(super) fn plan(self) -> Result<Plan, String> {
        let is_toml = |path: &PathBuf| path.extension().is_some_and(|it| it == "toml");
        let (out, inputs) = self.files.split_last().unzip();
        let reads = match self.from {
            Some(InputForm::Connections(form)) => Some(form),
            None if inputs.is_some_and(|inputs: &[PathBuf]| inputs.iter().any(is_toml)) => {
                Some(ConnectionInput::Toml)
            }
            Some(InputForm::Records(_)) | None => None,
        };
        let writes = match self.to {
            Some(OutputForm::Connections(form)) => Some(form),
            // Connections are written as connections where no other format is named.
            None if reads.is_some() || out.is_some_and(is_toml) => Some(ConnectionOutput::Toml),
            Some(OutputForm::Records(_)) | None => None,
        };
        match (reads, writes) {
            (Some(from), Some(to)) => self.plan_connections(from, to),
            (None, None) if self.keep_secrets => {
                Err("--keep-secrets is for --from curl".to_owned())
            }
            (None, None) => self.plan_records().map(Plan::Convert),
            (Some(_), None) => Err("connections cannot become records".to_owned()),
            (None, Some(_)) => Err(
                "records cannot become connections: give --from curl or a .toml file".to_owned(),
            ),
        }
    }

    fn plan_connections(self, from: ConnectionInput, to: ConnectionOutput) -> Result<Plan, String> {
        let has_selection = self.filter.is_some()
            || !self.feeds.is_empty()
            || self.since.is_some()
            || self.until.is_some()
            || self.columns.is_some()
            || self.mask.is_some()
            || self.no_guard;
        if has_selection {
            return Err("a selection, --columns, --mask and --no-guard are for records".to_owned());
        }
        if self.keep_secrets && from != ConnectionInput::Curl {
            return Err("--keep-secrets is for --from curl".to_owned());
        }
        let mut inputs = Vec::with_capacity(self.files.len());
        for file in self.files {
            let text = file.into_os_string().into_string();
            inputs.push(text.map_err(|name| format!("{} is not UTF-8", name.display()))?);
        }
        let out = inputs.pop().unwrap_or_default().into();
        Ok(Plan::ConvertConnections(ConvertConnectionsPlan {
            inputs,
            from,
            out,
            to,
            keeps_secrets: self.keep_secrets,
            force: self.force,
        }))
    }

    fn plan_records(self) -> Result<ConvertPlan, String> {
        let from = match self.from {
            Some(InputForm::Records(format)) => Some(format),
            _ => None,
        };
        let to = match self.to {
            Some(OutputForm::Records(format)) => Some(format),
            _ => None,
        };
        let Some((out, inputs)) = self.files.split_last() else {
            return Err("convert needs the name of an output".to_owned());
        };
        let standard = |path: &Path| path == Path::new(STANDARD_STREAM);
        if inputs.iter().filter(|path| standard(path)).count() > 1 {
            return Err("`-` is given twice, and standard input can be read only once".to_owned());
        }
        if let Some(path) = inputs
            .iter()
            .enumerate()
            .find_map(|(at, path)| inputs[..at].contains(path).then_some(path))
        {
            return Err(format!("{} is given twice", path.display()));
        }
        if !standard(out) && inputs.contains(out) {
            return Err(format!(
                "{} would be read and written at once",
                out.display()
            ));
        }
        let inputs = recordings_in(inputs)?;
        for path in inputs.iter().filter(|path| !standard(path)) {
            let named = from.or_else(|| Format::of_file(path));
            match named {
                None => return Err(format!("{}: {}", path.display(), unknown_format("--from"))),
                Some(format) if !format.is_read() => {
                    return Err(format!(
                        "{}: {}",
                        path.display(),
                        ReadError::Unreadable(format)
                    ));
                }
                Some(_) => {}
            }
        }
        // Only Parquet is written into a folder.
        let is_folder = out.as_os_str().as_encoded_bytes().ends_with(b"/") || out.is_dir();
        let by_default = if standard(out) {
            Some(Format::Ndjson)
        } else {
            is_folder.then_some(Format::Parquet)
        };
        let to = to
            .or_else(|| Format::of_path(out))
            .or(by_default)
            .ok_or_else(|| format!("{}: {}", out.display(), unknown_format("--to")))?;
        if let Some(text) = &self.filter {
            Filter::parse(text, &ParseContext::default())
                .map_err(|problem| format!("--where: {problem}"))?;
        }
        if let Some(text) = &self.columns {
            Column::parse_list(text).map_err(|problem| format!("--columns: {problem}"))?;
            // Both formats with columns are tables.
            if !to.has_columns() {
                return Err(format!(
                    "--columns is for tables, and {} is none",
                    to.word()
                ));
            }
        }
        if self.no_guard && to != Format::Csv {
            return Err("--no-guard is for csv".to_owned());
        }
        Ok(ConvertPlan {
            inputs,
            out: out.clone(),
            from,
            to,
            filter: self.filter,
            feeds: self.feeds,
            since: self.since,
            until: self.until,
            columns: self.columns,
            unguarded: self.no_guard,
            force: self.force,
            mask: self.mask,
        })
    }
}

/// Replaces folders by the recordings in them.
fn recordings_in(inputs: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::with_capacity(inputs.len());
    for path in inputs {
        let found = files_of(path.clone());
        // An empty folder is more likely a mistake than an empty conversion.
        if found.is_empty() {
            return Err(format!(
                "{}: there is no recording in this folder",
                path.display()
            ));
        }
        files.extend(found);
    }
    Ok(files)
}

/// Parses the name of a format.
fn format(typed: &str) -> Result<Format, String> {
    Format::of_word(typed).ok_or_else(|| {
        let words: Vec<_> = Format::ALL.iter().map(|format| format.word()).collect();
        format!("there are {}", words.join(", "))
    })
}

/// Parses the name of a format that can be read.
fn readable(typed: &str) -> Result<InputForm, String> {
    match typed {
        "toml" => return Ok(InputForm::Connections(ConnectionInput::Toml)),
        "curl" => return Ok(InputForm::Connections(ConnectionInput::Curl)),
        _ => {}
    }
    let format = format(typed)?;
    if format.is_read() {
        Ok(InputForm::Records(format))
    } else {
        Err(ReadError::Unreadable(format).to_string())
    }
}

/// Parses the name of a format that can be written.
fn writable(typed: &str) -> Result<OutputForm, String> {
    let connections = match typed {
        "toml" => ConnectionOutput::Toml,
        "curl" => ConnectionOutput::CommandLine(Program::Curl),
        "websocat" => ConnectionOutput::CommandLine(Program::Websocat),
        "tail" => ConnectionOutput::CommandLine(Program::Tail),
        _ => return format(typed).map(OutputForm::Records),
    };
    Ok(OutputForm::Connections(connections))
}

/// Parses a time.
fn time(typed: &str) -> Result<Timestamp, String> {
    Timestamp::from_rfc3339(typed)
        .ok_or_else(|| "not a time such as 2026-11-21T05:49:14Z".to_owned())
}
