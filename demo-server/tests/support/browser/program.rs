//! The browser as a program: finding it, starting it, learning where it can be driven, ending it. Knows nothing of pages.

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

/// The variable that names the browser.
const NAMED: &str = "FEEDSCOPE_BROWSER";

/// The programs to look for where none is named.
const KNOWN: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// What every browser is started with: no window, no network of its own, no questions.
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

/// How long a browser may take to start, on a machine that has a lot to do.
const START_TIME: Duration = Duration::from_mins(1);

/// How long it may take to close by itself before it is killed.
const CLOSE_TIME: Duration = Duration::from_secs(5);

/// How many of the browser's own last words are kept.
const LAST_WORDS: usize = 20;

/// The process, with a profile of its own. Dropping it ends the process.
pub(super) struct Program {
    process: Child,
    /// Deleted after the process has ended.
    _profile: TempDir,
}

impl Program {
    /// Starts the browser, and tells the URL where it can be driven. `None` where there is no browser, which is said
    /// loudly.
    pub(super) fn start() -> Option<(Self, String)> {
        let Some(path) = find() else {
            say_that_there_is_none();
            return None;
        };
        let started = Self::start_with(&path, !is_root()).or_else(|last_words| {
            // Where the system lets nobody build a sandbox, pages of our own do without.
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

    /// `Err` is what the browser said before it gave up.
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

    /// Waits a moment for a process that has been asked to close.
    pub(super) fn wait(&mut self) {
        let deadline = Instant::now() + CLOSE_TIME;
        while Instant::now() < deadline && matches!(self.process.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Neither does anything to a process that has ended.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What the browser says on stderr, for when it does not start.
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
        // Past the macros, whose words are kept back as long as a test passes.
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

/// Root has no sandbox: Chromium refuses to build one.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // Its owner is whoever runs this, where there is such a file.
    fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

/// Where the browser can be driven, as it says itself; `None` when it ends or does not say.
fn devtools_url(stderr: ChildStderr, last_words: &Arc<LastWords>) -> Option<String> {
    let (told, url) = sync_channel(1);
    let last_words = Arc::clone(last_words);
    thread::Builder::new()
        .name("browser-stderr".to_owned())
        .spawn(move || listen(stderr, &told, &last_words))
        .expect("a thread");
    url.recv_timeout(START_TIME).ok()
}

/// Reads to the end, so that the browser is never kept waiting.
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
