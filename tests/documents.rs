//! Check that the documents describe the tree as it is: the files that they name exist, and the codes of all notes are
//! listed. It does not judge sentences.

use std::fs;
use std::path::{Path, PathBuf};

/// Endings of the files that documents name.
const ENDINGS: &[&str] = &[".rs", ".md", ".sh", ".py", ".toml", ".txt"];

/// Folders that contain no files of the project.
const SKIPPED: &[&str] = &[".git", "target", "node_modules", "corpus", "artifacts"];

#[test]
fn the_map_and_the_guide_name_files_that_exist() {
    let files = files();
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let missing = missing(&read(document), &files);
        assert!(missing.is_empty(), "{document} names {missing:?}");
    }
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let files = ["crates/feedscope-ui/src/theme.rs".to_owned()];
    let text = "`src/theme.rs`, `crates/feedscope-ui/`, `theme.rs`, `ui/gone.rs`, `gone/`, `cargo fmt --all`";
    assert_eq!(missing(text, &files), ["ui/gone.rs", "gone/"]);
}

#[test]
fn each_code_of_a_note_is_described() {
    let source = read("crates/feedscope-core/src/note_code.rs");
    let codes = source.split("Self(\"").skip(1);
    let codes: Vec<_> = codes.filter_map(|rest| rest.split('"').next()).collect();
    assert!(codes.len() > 20, "{codes:?}");
    let described = read("docs/notes.md");
    for code in codes {
        assert!(described.contains(&format!("\n| `{code}` |")), "{code}");
    }
}

/// Returns the paths in a text that are neither files nor folders. A path may begin at any folder.
fn missing(text: &str, files: &[String]) -> Vec<String> {
    // Every second part is between two backticks.
    let quoted = text.split('`').skip(1).step_by(2);
    let is_path = |part: &&str| {
        let has_ending = ENDINGS.iter().any(|ending| part.ends_with(ending));
        // A name alone may be an example, such as `foo.rs`.
        let is_example = part.trim_end_matches('/') == "foo" || part.contains("TARGET");
        let is_plain = !part.contains([' ', '*', '<', '…']);
        is_plain && !is_example && (part.ends_with('/') || (has_ending && part.contains('/')))
    };
    let is_known = |part: &&str| {
        files.iter().any(|file| {
            let file = format!("/{file}");
            if part.ends_with('/') {
                file.contains(&format!("/{part}"))
            } else {
                file.ends_with(&format!("/{part}"))
            }
        })
    };
    let paths = quoted.filter(is_path);
    paths
        .filter(|part| !is_known(part))
        .map(str::to_owned)
        .collect()
}

/// Returns all files of the project, relative to its root.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !path.is_dir() {
                let inside = path.strip_prefix(root()).unwrap();
                files.push(inside.to_str().unwrap().replace('\\', "/"));
            } else if !SKIPPED.contains(&name) {
                folders.push(path);
            }
        }
    }
    files
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}
