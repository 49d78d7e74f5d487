//! Demo server as a program. It prints one URL on each line, with the one of `/control` at the end, and runs until it
//! is interrupted.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use demo_server::{DemoServer, Fault, Feed, Options};

const USAGE: &str = "usage: demo-server [--port N] [--ws-port N] [--seed N] [--tick-ms N] [--fault NAME[@/FEED]]...";

fn main() -> ExitCode {
    let (options, faults) = match parse(std::env::args().skip(1)) {
        Ok(Some(parsed)) => parsed,
        Ok(None) => return print_line(USAGE).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
        Err(reason) => {
            eprintln!("demo-server: {reason}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    demo_server::return_freed_memory();
    let server = match DemoServer::start(options) {
        Ok(server) => server,
        Err(error) => {
            eprintln!("demo-server: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    for (feed, fault) in faults {
        server.set_fault(feed, fault);
    }
    let mut urls = server.urls();
    urls.push(server.control_url());
    if urls.iter().try_for_each(|url| print_line(url)).is_err() {
        // Without the URLs nobody can reach the server.
        return ExitCode::FAILURE;
    }
    loop {
        std::thread::park();
    }
}

fn print_line(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

type Parsed = (Options, Vec<(Option<Feed>, Fault)>);

/// Parses the arguments; `None` if the help was requested.
fn parse(args: impl Iterator<Item = String>) -> Result<Option<Parsed>, String> {
    let mut args = args.flat_map(|arg| match arg.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![name.to_owned(), value.to_owned()],
        _ => vec![arg],
    });
    let mut options = Options::default();
    let mut faults = Vec::new();
    while let Some(name) = args.next() {
        if ["-h", "--help"].contains(&name.as_str()) {
            return Ok(None);
        }
        let mut value = || args.next().ok_or_else(|| format!("{name} wants a value"));
        match name.as_str() {
            "--port" => options.http_port = number(&name, &value()?)?,
            "--ws-port" => options.ws_port = number(&name, &value()?)?,
            "--seed" => options.seed = number(&name, &value()?)?,
            "--tick-ms" => options.tick = Duration::from_millis(number(&name, &value()?)?),
            "--fault" => faults.extend(fault(&value()?)?),
            _ => return Err(format!("{name} is no option")),
        }
    }
    Ok(Some((options, faults)))
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, String> {
    let wrong = |_| format!("{name} wants a number, not {text:?}");
    text.parse().map_err(wrong)
}

/// Parses a fault: `NAME` for every feed, or `NAME@/FEED` for the feeds with this path.
fn fault(text: &str) -> Result<Vec<(Option<Feed>, Fault)>, String> {
    let (name, path) = text.split_once('@').unwrap_or((text, ""));
    let fault: Fault = name.parse().map_err(|error| format!("{error}"))?;
    if path.is_empty() {
        return Ok(vec![(None, fault)]);
    }
    let feeds = Feed::ALL.into_iter().filter(|feed| feed.path() == path);
    let faults: Vec<_> = feeds.map(|feed| (Some(feed), fault)).collect();
    if faults.is_empty() {
        return Err(format!("there is no feed {path}"));
    }
    Ok(faults)
}
