//! Runner for the recorded cases of a topic: every file in `tests/cases/<topic>`. It reports the name of a file that
//! fails.

#![expect(clippy::disallowed_methods, reason = "the cases are files")]

use std::path::PathBuf;

/// Passes every file of a topic to `run`, which returns its number of cases, or the description of the first failed
/// case. It fails if there are fewer than `least` cases, because some were lost.
pub(crate) fn run_all(topic: &str, least: usize, run: impl Fn(&str) -> Result<usize, String>) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(topic);
    let entries = folder.read_dir().expect("the folder of cases can be read");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("its entries can be read").path())
        .collect();
    files.sort();
    let mut count = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file of cases can be read");
        match run(&text) {
            Ok(cases) => count += cases,
            Err(problem) => panic!("{}: {problem}", file.display()),
        }
    }
    let folder = folder.display();
    assert!(count >= least, "only {count} cases in {folder}");
}
