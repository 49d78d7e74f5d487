//! Browser as a program: finding it, starting it, reading the URL for its control, and ending it. This module does not
//! use pages.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use tempfile::TempDir;

/// Environment variable that names the browser.
const NAMED: &str = "FEEDSCOPE_BROWSER";

/// Programs that are tried if the variable names none.
const KNOWN: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Arguments of every browser: no window, no network of its own, no questions.
const ARGUMENTS: [&str; 16] = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--mute-audio",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-proxy-server",
    "--password-store=basic",
];

/// Longest time for the start of a browser, on a machine with much other load.
const START_TIME: Duration = Duration::from_mins(1);

/// Longest time for a browser to close by itself, before it is killed.
const CLOSE_TIME: Duration = Duration::from_secs(5);

/// Number of lines that are kept from the browser's error output.
const LAST_WORDS: usize = 20;

/// Process with its own profile. Dropping it ends the process.
pub(super) struct Program {
    process: Child,
    /// Profile, which is deleted after the process has ended.
    _profile: TempDir,
}

impl Program {
    /// Starts the browser, and returns the URL for its control. Returns `None` and prints a clear message if there is
    /// no browser.
    pub(super) fn start() -> Option<(Self, String)> {
        let Some(path) = find() else {
            say_that_there_is_none();
            return None;
        };
        let started = Self::start_with(&path, !is_root()).or_else(|last_words| {
            // If the system does not allow a sandbox, none is used, because only our own pages are opened.
            if last_words.iter().any(|line| line.contains("sandbox")) {
                Self::start_with(&path, false)
            } else {
                Err(last_words)
            }
        });
        match started {
            Ok(started) => Some(started),
            Err(last_words) => panic!("{} does not start: {last_words:#?}", path.display()),
        }
    }

    /// Starts the browser at `path`. An `Err` contains the last lines of its error output.
    fn start_with(path: &Path, sandboxed: bool) -> Result<(Self, String), VecDeque<String>> {
        let profile = tempfile::tempdir().expect("a folder for the browser's profile");
        let mut command = command(path, profile.path());
        if !sandboxed {
            command.arg("--no-sandbox");
        }
        let process = command.spawn();
        let mut process = process.map_err(|error| VecDeque::from([error.to_string()]))?;
        let stderr = process.stderr.take().expect("stderr is a pipe");
        let program = Self {
            process,
            _profile: profile,
        };
        let last_words = Arc::default();
        match devtools_url(stderr, &last_words) {
            Some(url) => Ok((program, url)),
            None => Err(std::mem::take(
                &mut last_words.lock().unwrap_or_else(PoisonError::into_inner),
            )),
        }
    }

    /// Waits a short time for a process that was requested to close.
    pub(super) fn wait(&mut self) {
        let deadline = Instant::now() + CLOSE_TIME;
        while Instant::now() < deadline && matches!(self.process.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Neither call affects a process that has ended.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Last lines of the browser's error output, for the case that it does not start.
type LastWords = Mutex<VecDeque<String>>;

fn find() -> Option<PathBuf> {
    if let Some(named) = env::var_os(NAMED).filter(|named| !named.is_empty()) {
        return Some(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let mut places = KNOWN
        .iter()
        .flat_map(|name| folders.iter().map(move |f| f.join(name)));
    places.find(|place| place.is_file())
}

fn say_that_there_is_none() {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        let known = KNOWN.join(", ");
        // The print macros are not used, because the test harness hides their output while a test passes.
        writeln!(
            io::stderr(),
            "\nSKIPPED: the demo page was not tested. There is no browser: install one of {known}, or name one in {NAMED}.\n"
        )
        .ok();
    });
}

fn command(path: &Path, profile: &Path) -> Command {
    let mut folder = OsString::from("--user-data-dir=");
    folder.push(profile);
    let mut command = Command::new(path);
    command
        .args(ARGUMENTS)
        .arg(folder)
        .arg("about:blank")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Returns true if the user is root, for whom Chromium refuses to create a sandbox.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The owner of this folder is the current user. It exists only on Linux.
    fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Returns the URL for the control of the browser, which the browser prints; `None` if it ends or prints none.
fn devtools_url(stderr: ChildStderr, last_words: &Arc<LastWords>) -> Option<String> {
    let (told, url) = sync_channel(1);
    let last_words = Arc::clone(last_words);
    thread::Builder::new()
        .name("browser-stderr".to_owned())
        .spawn(move || listen(stderr, &told, &last_words))
        .expect("a thread");
    url.recv_timeout(START_TIME).ok()
}

/// Reads the output to its end, so that the browser never waits for room.
fn listen(stderr: ChildStderr, told: &SyncSender<String>, last_words: &LastWords) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        if let Some(url) = line.strip_prefix("DevTools listening on ") {
            told.try_send(url.trim().to_owned()).ok();
        }
        let mut lines = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_back(line);
        if lines.len() > LAST_WORDS {
            lines.pop_front();
        }
    }
}
