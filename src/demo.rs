//! Command `feedscope demo`: runs the demo server without a window until Ctrl-C.

use std::io::{self, Write as _};
use std::sync::mpsc;

use demo_server::{DemoServer, Options};

use crate::complaint::complain;
use crate::plan::DemoPlan;
use crate::signals;

/// Runs the server until a signal arrives. Returns the exit status.
pub fn run(plan: DemoPlan) -> io::Result<u8> {
    let (told, end) = mpsc::sync_channel(1);
    signals::watch(move |interruption| {
        told.send(interruption).ok();
    })?;
    demo_server::return_freed_memory();
    let server = match DemoServer::start(Options {
        http_port: plan.port,
        ..Options::default()
    }) {
        Ok(server) => server,
        Err(error) => {
            complain("demo", &cannot_start(plan.port, &error));
            return Ok(1);
        }
    };
    for (feed, fault) in plan.faults {
        server.set_fault(feed, fault);
    }
    // Without the URLs nobody can reach the server, so that it ends.
    if let Err(error) = print_urls(&server) {
        complain("standard output", &error.to_string());
        return Ok(1);
    }
    // The sender is never dropped, because the thread that watches for signals owns it and never ends.
    let status = end.recv().map_or(1, signals::Interruption::exit_status);
    server.stop();
    Ok(status)
}

/// Prints the server's URLs, one on each line.
fn print_urls(server: &DemoServer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for url in server.urls() {
        writeln!(out, "{url}")?;
    }
    // This URL contains the token, because the user who started the server may also break it.
    writeln!(out, "{}", server.control_url())?;
    out.flush()
}

fn cannot_start(port: u16, error: &io::Error) -> String {
    if error.kind() == io::ErrorKind::AddrInUse {
        return format!("port {port} is taken: something else listens on 127.0.0.1:{port}");
    }
    format!("the server cannot start: {error}")
}
