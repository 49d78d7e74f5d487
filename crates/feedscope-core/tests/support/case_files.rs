//! The recorded cases of a topic: every file of `tests/cases/<topic>`, each with what is found in it. A file that fails is
//! named.

#![expect(clippy::disallowed_methods, reason = "the cases are files")]

use std::path::PathBuf;

/// Hands every file of a topic to `run`, which returns how many cases it held, or what the first that failed is about.
/// Fails where there are fewer than `least` cases: then some were lost.
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
