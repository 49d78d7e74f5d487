//! Program `feedscope`: parses the arguments into a plan, carries it out and returns the exit status.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Instant;

use feedscope::cli::{self, Environment, Refusal};
use feedscope::complaint::complain;
use feedscope::plan::{Plan, WindowPlan};
use feedscope::{connections, convert, demo, serve, tail};
use feedscope_net::check_proxy;

fn main() -> ExitCode {
    let started = Instant::now();
    let variable = |name: &str| std::env::var(name).ok();
    let environment = Environment::usual(&variable);
    let plan = match cli::plan_in(std::env::args_os(), &environment) {
        Ok((plan, warnings)) => {
            for warning in warnings {
                complain("connections", &warning);
            }
            plan
        }
        Err(refusal) => return refused(&refusal),
    };
    // A wrong proxy in the environment is wrong usage, as a wrong `--proxy` is.
    let mut checks = plan.named_feeds().into_iter().map(check_proxy);
    if let Some(failure) = checks.find_map(Result::err) {
        return refused(&Refusal::Sentence(failure.to_string()));
    }
    drop(checks);
    let status = match plan {
        Plan::Window(plan) => window(plan, started),
        Plan::Tail(plan) => tail::run(&plan),
        Plan::Convert(plan) => convert::run(&plan),
        Plan::ConvertConnections(plan) => Ok(convert::connections::run(&plan)),
        Plan::Connections(plan) => connections::run(&plan),
        Plan::TailFile(plan) => tail::run_file(&plan),
        Plan::Serve(plan) => serve::run(&plan),
        Plan::Demo(plan) => demo::run(plan),
    };
    match status {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            complain("cannot start", &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Opens the window and waits until it is closed. Returns the exit status.
#[cfg(feature = "window")]
fn window(plan: WindowPlan, started: Instant) -> io::Result<u8> {
    feedscope::app::run(plan, started)
}

/// Shows the window's feeds as text, because this build has no window. Returns the exit status.
#[cfg(not(feature = "window"))]
fn window(plan: WindowPlan, _started: Instant) -> io::Result<u8> {
    feedscope::windowless::run(plan)
}

/// Prints the refusal or the requested help, and returns the exit status.
fn refused(refusal: &Refusal) -> ExitCode {
    /// Exit status of shells and other programs for wrong usage.
    const WRONG_USAGE: u8 = 2;
    match refusal {
        Refusal::Arguments(error) => {
            let status = u8::try_from(error.exit_code()).unwrap_or(WRONG_USAGE);
            match error.print().and_then(|()| io::stdout().flush()) {
                // The user requested the help and did not receive it. A reader that has left, such as `head`, has
                // received enough.
                Err(failure) if status == 0 && failure.kind() != io::ErrorKind::BrokenPipe => {
                    complain("standard output", &failure.to_string());
                    ExitCode::FAILURE
                }
                _ => ExitCode::from(status),
            }
        }
        Refusal::Sentence(sentence) => {
            complain("wrong usage", sentence);
            ExitCode::from(WRONG_USAGE)
        }
    }
}
