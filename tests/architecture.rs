//! Check of the layers `main → app, cli → { ui → analysis, net, files } → core`, and of the files of a package, which
//! must not use each other in a circle. It names each line that breaks a rule and changes nothing. ARCHITECTURE.md gives
//! the reasons for the layers.
//!
//! Cargo rejects a source that names a package which its manifest does not list. Therefore the manifests are checked for
//! packages, and the sources only for modules of the standard library and of a package that they share.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

mod cycles;
mod manifest;
mod paths;
mod samples;

/// Paths that the sources of some layers must not contain.
struct SourceRule {
    /// Folders or files of the layers. `src/tail` includes `src/tail.rs`.
    layers: &'static [&'static str],
    /// Paths as in `use`. Everything below them is forbidden too.
    forbidden: &'static [&'static str],
    why: &'static str,
}

/// Layers whose results depend only on their arguments.
const PURE: &[&str] = &["crates/feedscope-core/src", "crates/feedscope-analysis/src"];

const SOURCE_RULES: &[SourceRule] = &[
    SourceRule {
        layers: PURE,
        forbidden: &[
            // Only parts of `std::net` are forbidden, because an address is a value.
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::ToSocketAddrs",
            "std::net::UdpSocket",
        ],
        why: "core and analysis have no sockets: bytes are arguments",
    },
    SourceRule {
        layers: PURE,
        forbidden: &["std::env", "std::fs", "std::process"],
        why: "core and analysis have no files and no processes: bytes and choices are arguments",
    },
    SourceRule {
        layers: PURE,
        forbidden: &["std::time::Instant", "std::time::SystemTime"],
        why: "core and analysis have no clock: Moment and Timestamp are arguments",
    },
    SourceRule {
        layers: &["crates/feedscope-ui/src"],
        forbidden: &["std::fs", "std::net"],
        why: "ui has no files and no sockets: it returns commands as values",
    },
    SourceRule {
        layers: &["crates/feedscope-files/src"],
        forbidden: &["std::net"],
        why: "files has no sockets",
    },
    SourceRule {
        layers: &[
            "src/automatic",
            "src/awaited",
            "src/cli",
            "src/complaint",
            "src/connections",
            "src/convert",
            "src/demo",
            "src/demo_feeds",
            "src/keyring",
            "src/mask",
            "src/plan",
            "src/reading",
            "src/record",
            "src/schema",
            "src/serve",
            "src/signals",
            "src/stats",
            "src/tail",
            "src/typed_filter",
            "src/windowless",
        ],
        forbidden: &["eframe", "egui", "feedscope_ui"],
        why: "the commands run where no window can be opened",
    },
    SourceRule {
        layers: &["src/automatic", "src/awaited", "src/typed_filter"],
        forbidden: &["std::time::Instant", "std::time::SystemTime"],
        why: "these values have no clock: the time is an argument",
    },
];

/// Dependencies that a manifest must not have, apart from those of tests.
struct ManifestRule {
    manifest: &'static str,
    dependencies: Dependencies,
    why: &'static str,
}

enum Dependencies {
    Only(&'static [&'static str]),
    NoneOf(&'static [&'static str]),
}

const MANIFEST_RULES: &[ManifestRule] = &[
    ManifestRule {
        manifest: "crates/feedscope-core/Cargo.toml",
        dependencies: Dependencies::Only(&[
            "base64",
            "crc32fast",
            "flate2",
            "memchr",
            "parking_lot",
            "serde",
            "serde_json",
            "tungstenite",
            "url",
        ]),
        why: "core has no window, no runtime and no socket",
    },
    ManifestRule {
        manifest: "crates/feedscope-analysis/Cargo.toml",
        dependencies: Dependencies::NoneOf(&[
            "demo-server",
            "eframe",
            "egui",
            "feedscope-files",
            "feedscope-net",
            "feedscope-ui",
            "reqwest",
            "tokio",
        ]),
        why: "analysis computes from stores alone",
    },
    ManifestRule {
        manifest: "crates/feedscope-net/Cargo.toml",
        dependencies: Dependencies::NoneOf(&[
            "clap",
            "demo-server",
            "eframe",
            "egui",
            "feedscope",
            "feedscope-analysis",
            "feedscope-files",
            "feedscope-ui",
        ]),
        why: "net has no window and no command line",
    },
    ManifestRule {
        manifest: "crates/feedscope-files/Cargo.toml",
        dependencies: Dependencies::NoneOf(&[
            "demo-server",
            "eframe",
            "egui",
            "feedscope",
            "feedscope-analysis",
            "feedscope-net",
            "feedscope-ui",
            "reqwest",
            "tokio",
            "tungstenite",
        ]),
        why: "files has no window and no socket",
    },
    ManifestRule {
        manifest: "crates/feedscope-ui/Cargo.toml",
        dependencies: Dependencies::NoneOf(&[
            "demo-server",
            "feedscope",
            "feedscope-files",
            "feedscope-net",
            "reqwest",
            "tokio",
            "tungstenite",
        ]),
        why: "ui has no sockets and no files: it returns commands as values",
    },
    ManifestRule {
        manifest: "demo-server/Cargo.toml",
        dependencies: Dependencies::NoneOf(&[
            "eframe",
            "egui",
            "feedscope",
            "feedscope-analysis",
            "feedscope-core",
            "feedscope-files",
            "feedscope-net",
            "feedscope-ui",
        ]),
        why: "the demo server stands for an unrelated server",
    },
];

/// Packages whose files must not use each other in a circle.
const WITHOUT_CYCLES: &[&str] = &[
    "crates/feedscope-analysis/src",
    "crates/feedscope-core/src",
    "crates/feedscope-files/src",
    "crates/feedscope-net/src",
    "crates/feedscope-ui/src",
    "src",
];

/// Line that breaks a rule.
struct Offense {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Offense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what } = self;
        write!(f, "{file}:{line}: {what}")
    }
}

#[test]
fn the_sources_keep_to_their_layers() {
    let offenses: Vec<_> = sources()
        .iter()
        .flat_map(|(file, text)| source_offenses(file, text))
        .collect();
    assert_none(&offenses);
}

#[test]
fn the_manifests_keep_to_their_layers() {
    let offenses: Vec<_> = MANIFEST_RULES
        .iter()
        .flat_map(|rule| manifest_offenses(rule, &read(rule.manifest)))
        .collect();
    assert_none(&offenses);
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    let sources = sources();
    for folder in WITHOUT_CYCLES {
        let package: Vec<_> = sources
            .iter()
            .filter(|(file, _)| belongs(file, folder))
            .map(|(file, text)| cycles::Source {
                module: module_of(file),
                file: file.clone(),
                text: text.clone(),
            })
            .collect();
        let cycles = cycles::cycles(&package);
        found.extend(cycles.iter().map(ToString::to_string));
    }
    assert!(
        found.is_empty(),
        "move what such files share into a file below them.\n{}",
        found.join("\n")
    );
}

/// Without this test, a renamed folder would no longer be checked.
#[test]
fn every_rule_has_sources_to_keep() {
    let sources = sources();
    let ruled = SOURCE_RULES.iter().flat_map(|rule| rule.layers);
    for layer in ruled.chain(WITHOUT_CYCLES) {
        assert!(
            sources.iter().any(|(file, _)| belongs(file, layer)),
            "no source under {layer}: was it moved? Then move its rule."
        );
    }
}

fn assert_none(offenses: &[Offense]) {
    let lines: Vec<_> = offenses.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "these lines cross the layers:\n{}",
        lines.join("\n")
    );
}

/// Returns the forbidden paths in a source. `file` is relative to the root of the workspace and contains `/`.
fn source_offenses(file: &str, text: &str) -> Vec<Offense> {
    let is_of_layer = |rule: &&SourceRule| rule.layers.iter().any(|layer| belongs(file, layer));
    let rules: Vec<_> = SOURCE_RULES.iter().filter(is_of_layer).collect();
    let mut offenses = Vec::new();
    for mention in paths::mentions(&module_of(file), text) {
        for rule in &rules {
            if let Some(forbidden) = rule
                .forbidden
                .iter()
                .find(|forbidden| mention.reaches(forbidden))
            {
                let path = &mention.path;
                let what = match path.strip_prefix(forbidden) {
                    Some(_) => format!("`{path}`: {}", rule.why),
                    None => format!("`{path}` brings `{forbidden}` within reach: {}", rule.why),
                };
                offenses.push(Offense {
                    file: file.to_owned(),
                    line: mention.line,
                    what,
                });
            }
        }
    }
    offenses
}

fn belongs(file: &str, layer: &str) -> bool {
    file.strip_prefix(layer)
        .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// Returns the path of a file's module. For example, `src/app/panes.rs` is the module `crate::app::panes`.
fn module_of(file: &str) -> String {
    let inside = file.split_once("src/").map_or(file, |(_, inside)| inside);
    let name = inside.trim_end_matches(".rs");
    match name {
        "lib" | "main" => "crate".to_owned(),
        _ => format!("crate::{}", name.replace('/', "::")),
    }
}

/// Returns the dependencies in the text of a manifest that break its rule.
fn manifest_offenses(rule: &ManifestRule, text: &str) -> Vec<Offense> {
    let mut offenses = Vec::new();
    for manifest::Dependency { line, name, entry } in manifest::dependencies(text) {
        let is_forbidden = match rule.dependencies {
            Dependencies::Only(allowed) => !allowed.contains(&name.as_str()),
            Dependencies::NoneOf(forbidden) => forbidden.contains(&name.as_str()),
        };
        let mut add = |why: &str| {
            offenses.push(Offense {
                file: rule.manifest.to_owned(),
                line,
                what: format!("`{name}`: {why}"),
            });
        };
        if is_forbidden {
            add(rule.why);
        }
        let has_frames_alone =
            entry.contains("default-features = false") && !entry.contains("handshake");
        let is_of_core = matches!(rule.dependencies, Dependencies::Only(_));
        if name == "tungstenite" && is_of_core && !has_frames_alone {
            add("core uses its frame types, not its handshake");
        }
    }
    offenses
}

/// Returns every source that belongs to a layer, with its path from the root of the workspace.
fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in [
        "crates/feedscope-analysis/src",
        "crates/feedscope-core/src",
        "crates/feedscope-files/src",
        "crates/feedscope-net/src",
        "crates/feedscope-ui/src",
        "demo-server/src",
        "src",
    ] {
        collect(&root().join(folder), &mut files);
    }
    files.sort();
    files
        .into_iter()
        .map(|file| (file.clone(), read(&file)))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<String>) {
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let inside = path.strip_prefix(root()).unwrap();
            files.push(inside.to_str().unwrap().replace('\\', "/"));
        }
    }
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
