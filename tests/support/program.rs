//! The built program as a process: run to its end, or followed line by line. Every run is bounded, and none reads or
//! writes the settings of whoever runs the tests.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{DEADLINE, spawn};

/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// So many lines are read ahead; from there on the program has a slow reader.
const LINES_AHEAD: usize = 1_000;

/// What became of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status.
    pub status: i32,
    /// What was left of standard output.
    pub out: Vec<String>,
    /// Standard error.
    pub err: String,
}

impl Ended {
    /// Standard output as JSON.
    pub(crate) fn records(&self) -> Vec<Value> {
        self.out.iter().map(|line| record(line)).collect()
    }

    /// Asserts the exit status; what the program said is shown where it is another.
    #[track_caller]
    pub(crate) fn expect_status(&self, status: i32) {
        assert_eq!(self.status, status, "{self:#?}");
    }

    /// Asserts that standard error has each of `parts`.
    #[track_caller]
    pub(crate) fn expect_complaint(&self, parts: &[&str]) {
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in {self:#?}");
        }
    }
}

/// A line as a record.
#[track_caller]
pub(crate) fn record(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    Program::new(arguments).spawn().end()
}

/// A run that is being prepared.
pub(crate) struct Program {
    command: Command,
    folder: TempDir,
}

impl Program {
    /// The program with these arguments, in an environment without display, proxies and settings.
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedscope"));
        command
            .args(arguments)
            .env("XDG_CONFIG_HOME", folder.path())
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

    /// Sets a variable of its environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives it a settings file with this text; where it is.
    pub(crate) fn settings(&self, text: &str) -> PathBuf {
        let path = self.folder.path().join("feedscope").join("settings.toml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Its standard input stays open.
    pub(crate) fn with_input(mut self) -> Self {
        self.command.stdin(Stdio::piped());
        self
    }

    /// Starts it.
    pub(crate) fn spawn(self) -> Running {
        let Self {
            mut command,
            folder,
        } = self;
        let mut child = command.spawn().unwrap();
        let (told, lines) = sync_channel(LINES_AHEAD);
        let out = BufReader::new(child.stdout.take().unwrap());
        let (go, wait) = sync_channel::<()>(1);
        let reader = spawn("reader", move || {
            wait.recv().ok();
            for line in out.lines().map_while(Result::ok) {
                // Nobody listens any more: the pipe is closed, too.
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

/// A run that goes on.
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
    /// The next line of standard output. Until the first is asked for, none is read.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        self.go.try_send(()).ok();
        match self.lines.as_ref().unwrap().recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => panic!("no line came"),
            Err(RecvTimeoutError::Disconnected) => panic!("standard output ended"),
        }
    }

    /// Reads records up to the first that `is_it`, and returns that one.
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

    /// Writes to its standard input.
    pub(crate) fn write(&mut self, text: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
    }

    /// Closes its standard input.
    pub(crate) fn close_input(&mut self) {
        self.input = None;
    }

    /// Stops reading and closes the pipe.
    pub(crate) fn close_output(&mut self) {
        self.go.try_send(()).ok();
        self.lines = None;
    }

    /// Sends it a signal, such as `INT`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(status.unwrap().success());
    }

    /// Waits for its end and reads the rest.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        self.go.try_send(()).ok();
        let mut out = Vec::new();
        let until = Instant::now() + DEADLINE;
        let status = loop {
            // Read on meanwhile, or a full pipe would keep it from ending.
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
    /// A test that failed leaves no process behind.
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
