//! Command line: parses arguments into a [`Plan`], or returns a refusal that names the mistake.
//!
//! It prints nothing. The only files it reads are those that a request's body comes from.

mod argument;
mod connections;
mod context;
mod convert;
mod demo;
mod desktop;
mod environment;
mod fields;
mod help;
mod inputs;
mod options;
mod output;
mod reading;
mod record;
pub mod saved;
mod serve;
mod stats;
mod tail;
mod value;
mod variables;
mod window;

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::plan::Plan;
use connections::ConnectionsArguments;
use context::Context;
use demo::DemoArguments;
pub use environment::Environment;
use record::RecordArguments;
use serve::ServeArguments;
use stats::StatsArguments;
use tail::TailArguments;
use window::WindowArguments;

/// Reason that arguments give no plan.
#[derive(Debug)]
pub enum Refusal {
    /// Message of `clap`: a wrong option, or the help that the user requested.
    Arguments(clap::Error),
    /// One sentence that names the mistake.
    Sentence(String),
}

/// Parses `arguments`, which start with the program's name, into a plan without saved connections. `variable` reads the
/// environment.
pub fn plan(
    arguments: impl IntoIterator<Item = OsString>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Plan, Refusal> {
    let environment = Environment {
        variable,
        keyring: &crate::keyring::secret,
        connections: None,
        trusted: None,
    };
    plan_in(arguments, &environment).map(|(plan, _warnings)| plan)
}

/// Parses `arguments` into a plan, with sentences about parts of the user's files that have no effect.
pub fn plan_in(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment<'_>,
) -> Result<(Plan, Vec<String>), Refusal> {
    let arguments = file_after_command(arguments.into_iter().collect());
    let matches = Arguments::command()
        .try_get_matches_from(arguments)
        .map_err(Refusal::Arguments)?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(Refusal::Arguments)?;
    // The options of a feed are those of the command, or of the window.
    let of_command = matches
        .subcommand()
        .map_or(&matches, |(_, matches)| matches);
    let mut context = Context {
        matches: of_command,
        environment,
        warnings: Vec::new(),
    };
    let plan = match arguments.command {
        None => arguments.window.plan(&mut context).map(Plan::Window),
        Some(CliCommand::Tail(tail)) => tail.plan(&mut context),
        Some(CliCommand::Record(record)) => record.plan(&mut context).map(Plan::Tail),
        Some(CliCommand::Serve(serve)) => serve.plan().map(Plan::Serve),
        Some(CliCommand::Stats(stats)) => stats.plan(&mut context),
        Some(CliCommand::Connections(connections)) => Ok(Plan::Connections(connections.plan())),
        Some(CliCommand::Convert(convert)) => convert.plan(),
        Some(CliCommand::Demo(demo)) => Ok(Plan::Demo(demo.plan())),
    };
    let plan = plan.map_err(Refusal::Sentence)?;
    Ok((plan, context.warnings))
}

/// Moves `--connections FILE` and `--allow-project` behind the command that follows them, because options of a command
/// stand behind it.
fn file_after_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut end = 1;
    // The options that may stand before the command.
    while let Some(argument) = arguments.get(end).and_then(|argument| argument.to_str()) {
        end += match argument {
            "--connections" => 2,
            "--allow-project" => 1,
            _ if argument.starts_with("--connections=") => 1,
            _ => break,
        };
    }
    // Without a command, the options are those of the window and stay in place.
    let is_command = |argument: &OsString| {
        let mut commands = Arguments::command();
        commands.build();
        argument
            .to_str()
            .is_some_and(|name| commands.find_subcommand(name).is_some())
    };
    if end > 1 && arguments.get(end).is_some_and(is_command) {
        arguments[1..=end].rotate_right(1);
    }
    arguments
}

#[derive(Debug, Parser)]
#[command(
    name = "feedscope",
    version,
    about = help::ABOUT,
    long_about = help::LONG_ABOUT,
    after_long_help = help::AFTER,
    after_help = help::SEE_LONG,
    args_conflicts_with_subcommands = true,
    override_usage = help::USAGE,
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<CliCommand>,
    #[command(flatten)]
    window: WindowArguments,
}

#[derive(Debug, Subcommand)]
enum CliCommand {
    /// Show feeds on standard output: a line of JSON for each record
    #[command(long_about = help::TAIL_LONG_ABOUT, after_long_help = help::TAIL_AFTER, after_help = help::SEE_LONG)]
    Tail(TailArguments),
    /// Record feeds to a file
    #[command(long_about = help::RECORD_LONG_ABOUT, after_long_help = help::RECORD_AFTER, after_help = help::SEE_LONG)]
    Record(RecordArguments),
    /// Play a recording as a server, on loopback only
    #[command(long_about = help::SERVE_LONG_ABOUT, after_long_help = help::SERVE_AFTER, after_help = help::SEE_LONG)]
    Serve(ServeArguments),
    /// Measure feeds: counts, rates, silence, losses and latency, printed at the end
    #[command(long_about = help::STATS_LONG_ABOUT, after_long_help = help::STATS_AFTER, after_help = help::SEE_LONG)]
    Stats(StatsArguments),
    /// Convert files with recorded feeds from one format into another
    #[command(long_about = help::CONVERT_LONG_ABOUT, after_long_help = help::CONVERT_AFTER, after_help = help::SEE_LONG)]
    Convert(convert::ConvertArguments),
    /// List saved connections, or print an example of their file
    Connections(ConnectionsArguments),
    /// Run the demo server alone
    #[command(long_about = help::DEMO_LONG_ABOUT)]
    Demo(DemoArguments),
}

#[cfg(test)]
mod tests;
