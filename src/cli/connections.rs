//! Arguments of `connections`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use feedscope_files::command_line::Program;

use crate::plan::{ConnectionsForm, ConnectionsPlan};

#[derive(Debug, Args)]
pub(super) struct ConnectionsArguments {
    /// Connections for --as; all of them if none is given
    #[arg(value_name = "NAME", requires = "form")]
    only: Vec<String>,

    /// Print command lines of this program, for a Unix shell; variables stay variables
    #[arg(long = "as", id = "form", value_name = "PROGRAM", conflicts_with_all = ["example", "names"])]
    form: Option<ProgramName>,

    /// List the connections in this file in place of the user's own
    #[arg(long, value_name = "FILE")]
    connections: Option<PathBuf>,

    /// Print an example of the file, with comments
    #[arg(long, conflicts_with = "connections")]
    example: bool,

    /// Print only the names, one per line, as for the completion of a shell
    #[arg(long, conflicts_with = "example")]
    names: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ProgramName {
    Curl,
    Websocat,
    Tail,
}

impl ConnectionsArguments {
    pub(super) fn plan(self) -> ConnectionsPlan {
        let form = match self.form {
            Some(ProgramName::Curl) => ConnectionsForm::CommandLine(Program::Curl),
            Some(ProgramName::Websocat) => ConnectionsForm::CommandLine(Program::Websocat),
            Some(ProgramName::Tail) => ConnectionsForm::CommandLine(Program::Tail),
            None if self.example => ConnectionsForm::Example,
            None if self.names => ConnectionsForm::Names,
            None => ConnectionsForm::List,
        };
        ConnectionsPlan {
            file: self.connections,
            names: self.only,
            form,
        }
    }
}
