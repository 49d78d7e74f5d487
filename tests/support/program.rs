//! Built program as a process, which runs to its end or is followed line by line. Every run is bounded, and none uses
//! the settings of the user who runs the tests.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{DEADLINE, spawn};

/// Interval between two checks of a process.
const LOOK: Duration = Duration::from_millis(5);

/// Number of lines that are read ahead. Beyond it, the program has a slow reader.
const LINES_AHEAD: usize = 1_000;

/// Result of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit status.
    pub status: i32,
    /// Remaining lines of standard output.
    pub out: Vec<String>,
    /// Text of standard error.
    pub err: String,
}

impl Ended {
    /// Parses standard output as JSON.
    pub(crate) fn records(&self) -> Vec<Value> {
        self.out.iter().map(|line| record(line)).collect()
    }

    /// Asserts the exit status. A failure shows the output of the program.
    #[track_caller]
    pub(crate) fn expect_status(&self, status: i32) {
        assert_eq!(self.status, status, "{self:#?}");
    }

    /// Asserts that standard error contains each of `parts`.
    #[track_caller]
    pub(crate) fn expect_complaint(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in {self:#?}");
        }
    }
}

/// Parses a line as a record.
#[track_caller]
pub(crate) fn record(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).spawn().end()
}

/// Runs the program with a `--duration` that is long enough for `is_enough`.
pub(crate) fn run_for(arguments: &[&str], is_enough: impl Fn(&Ended) -> bool) -> Ended {
    let start = |seconds: &str| run(&[arguments, &["--duration", seconds]].concat());
    for_long_enough(start, is_enough)
}

/// Calls `start` with seconds for `--duration`, until the run is long enough. Only a busy machine needs more than the
/// first number.
pub(crate) fn for_long_enough(
    start: impl Fn(&str) -> Ended,
    is_enough: impl Fn(&Ended) -> bool,
) -> Ended {
    for seconds in ["1", "5"] {
        let ended = start(seconds);
        if is_enough(&ended) {
            return ended;
        }
    }
    start("30")
}

/// Run that is being prepared.
pub(crate) struct Program {
    command: Command,
    folder: TempDir,
}

impl Program {
    /// Prepares a run with these arguments, in an environment without display, proxies and settings.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        Self::prepare(Command::new(env!("CARGO_BIN_EXE_feedscope")), arguments)
    }

    /// Prepares a run that another command starts, such as `env`.
    pub(crate) fn by(starter: &[&str], arguments: &[&str]) -> Self {
        let mut command = Command::new(starter[0]);
        command
            .args(&starter[1..])
            .arg(env!("CARGO_BIN_EXE_feedscope"));
        Self::prepare(command, arguments)
    }

    fn prepare(mut command: Command, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        command
            .args(arguments)
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_STATE_HOME", folder.path())
            .env("TZ", "UTC");
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "NO_COLOR"] {
            command.env_remove(name);
        }
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self { command, folder }
    }

    /// Sets an environment variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Writes a settings file for the run, and returns its path.
    pub(crate) fn settings(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("feedscope").join("settings.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Keeps standard input open.
    pub(crate) fn with_input(mut self) -> Self {
        self.command.stdin(Stdio::piped());
        self
    }

    /// Connects its standard output to `output`, of which nothing is read here.
    pub(crate) fn with_output(mut self, output: impl Into<Stdio>) -> Self {
        self.command.stdout(output);
        self
    }

    /// Starts the program.
    pub(crate) fn spawn(self) -> Running {
        let Self {
            mut command,
            folder,
        } = self;
        let mut child = command.spawn().unwrap();
        let (told, lines) = sync_channel(LINES_AHEAD);
        let out: Box<dyn Read + Send> = match child.stdout.take() {
            Some(out) => Box::new(out),
            None => Box::new(io::empty()),
        };
        let out = BufReader::new(out);
        let (go, wait) = sync_channel::<()>(1);
        let reader = spawn("reader", move || {
            wait.recv().ok();
            for line in out.lines().map_while(Result::ok) {
                // No test reads the lines any more, so that the pipe is closed too.
                if told.send(line).is_err() {
                    return;
                }
            }
        });
        let mut err = child.stderr.take().unwrap();
        let complaints = spawn("complaints", move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        });
        let input = child.stdin.take();
        Running {
            child,
            lines: Some(lines),
            go,
            reader: Some(reader),
            complaints: Some(complaints),
            input,
            _folder: folder,
        }
    }
}

/// Run in progress.
pub(crate) struct Running {
    child: Child,
    lines: Option<Receiver<String>>,
    go: std::sync::mpsc::SyncSender<()>,
    reader: Option<JoinHandle<()>>,
    complaints: Option<JoinHandle<String>>,
    input: Option<ChildStdin>,
    _folder: TempDir,
}

impl Running {
    /// Returns the next line of standard output. The first call starts the reading.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        self.go.try_send(()).ok();
        match self.lines.as_ref().unwrap().recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("no line came"),
            Err(RecvTimeoutError::Disconnected) => panic!("standard output ended"),
        }
    }

    /// Reads records until `is_it` returns true, and returns that record.
    #[track_caller]
    pub(crate) fn record_where(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let record = record(&self.line());
            if is_it(&record) {
                return record;
            }
        }
    }

    /// Reads records up to this state.
    #[track_caller]
    pub(crate) fn reach_state(&self, state: &str) -> Value {
        self.record_where(|record| record["state"] == state)
    }

    /// Writes to standard input.
    pub(crate) fn write(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Closes standard input.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Stops reading and closes the pipe.
    pub(crate) fn close_output(&mut self) {
        self.go.try_send(()).ok();
        self.lines = None;
    }

    /// Returns the number of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `INT`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end of the process and reads the rest of its output.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        self.go.try_send(()).ok();
        let mut out = Vec::new();
        let until = Instant::now() + DEADLINE;
        let status = loop {
            // Keep reading while waiting, because a full pipe would block the program.
            out.extend(self.lines.iter().flat_map(Receiver::try_iter));
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > until {
                self.child.kill().unwrap();
                panic!("it did not end; it had said {out:#?}");
            }
            thread::sleep(LOOK);
        };
        if let Some(lines) = self.lines.take() {
            out.extend(lines);
        }
        self.reader.take().unwrap().join().unwrap();
        let err = self.complaints.take().unwrap().join().unwrap();
        Ended {
            status: status.code().unwrap_or(-1),
            out,
            err,
        }
    }
}

impl Drop for Running {
    /// Kills the process, so that a failed test leaves none behind.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
