//! Check of the layers `main → app, cli → { ui → analysis, net, files } → core` in the manifests and the sources, and of
//! the files of a package, which must not use each other in a circle. It names each line that breaks a rule and changes
//! nothing. ARCHITECTURE.md gives the reasons for the layers.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

mod cycles;
mod manifest;
mod paths;
mod samples;

/// Paths that the sources of one layer must not contain.
struct Rule {
    /// Folder or file of the layer. `src/tail` includes `src/tail.rs`.
    layer: &'static str,
    /// Paths as in `use`. Everything below them is forbidden too.
    forbidden: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        layer: "crates/feedscope-core/src",
        forbidden: &["eframe", "egui"],
        why: "core knows no window",
    },
    Rule {
        layer: "crates/feedscope-core/src",
        forbidden: &[
            "demo_server",
            "feedscope_analysis",
            "feedscope_net",
            "reqwest",
            // Only parts of `std::net` are forbidden, because an address is a value.
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::ToSocketAddrs",
            "std::net::UdpSocket",
            "tokio",
        ],
        why: "core knows no socket: bytes come in as values",
    },
    Rule {
        layer: "crates/feedscope-core/src",
        forbidden: &["std::env", "std::fs", "std::process"],
        why: "core knows no file and no process: bytes and choices come in as values",
    },
    Rule {
        layer: "crates/feedscope-core/src",
        forbidden: &["std::time::Instant", "std::time::SystemTime"],
        why: "core knows no clock: times come in as Moment and Timestamp",
    },
    Rule {
        layer: "crates/feedscope-analysis/src",
        forbidden: &["eframe", "egui"],
        why: "analysis knows no window",
    },
    Rule {
        layer: "crates/feedscope-analysis/src",
        forbidden: &[
            "demo_server",
            "feedscope_net",
            "reqwest",
            // Only parts of `std::net` are forbidden, because an address is a value.
            "std::net::TcpListener",
            "std::net::TcpStream",
            "std::net::ToSocketAddrs",
            "std::net::UdpSocket",
            "tokio",
        ],
        why: "analysis knows no socket: bytes come in as values",
    },
    Rule {
        layer: "crates/feedscope-analysis/src",
        forbidden: &["std::env", "std::fs", "std::process"],
        why: "analysis knows no file and no process: bytes and choices come in as values",
    },
    Rule {
        layer: "crates/feedscope-analysis/src",
        forbidden: &["std::time::Instant", "std::time::SystemTime"],
        why: "analysis knows no clock: times come in as Moment and Timestamp",
    },
    Rule {
        layer: "crates/feedscope-net/src",
        forbidden: &["demo_server", "eframe", "egui", "feedscope"],
        why: "net knows no window: it writes to stores and wakes the program that asked",
    },
    Rule {
        layer: "crates/feedscope-ui/src",
        forbidden: &[
            "demo_server",
            "feedscope_net",
            "reqwest",
            "std::net",
            "tokio",
            "tungstenite",
        ],
        why: "ui knows no socket: commands go out as values",
    },
    Rule {
        layer: "crates/feedscope-ui/src",
        forbidden: &["feedscope", "feedscope_files", "std::fs"],
        why: "ui draws core's values and knows nobody else",
    },
    Rule {
        layer: "crates/feedscope-files/src",
        forbidden: &["eframe", "egui", "feedscope_ui"],
        why: "files knows no window",
    },
    Rule {
        layer: "crates/feedscope-files/src",
        forbidden: &[
            "demo_server",
            "feedscope_net",
            "reqwest",
            "std::net",
            "tokio",
            "tungstenite",
        ],
        why: "files knows no socket",
    },
    Rule {
        layer: "crates/feedscope-files/src",
        forbidden: &["feedscope"],
        why: "files is called by app and calls nobody but core",
    },
    Rule {
        layer: "src/tail",
        forbidden: &["eframe", "egui", "feedscope_ui"],
        why: "tail runs where no window can",
    },
    Rule {
        layer: "demo-server/src",
        forbidden: &[
            "eframe",
            "egui",
            "feedscope",
            "feedscope_core",
            "feedscope_net",
        ],
        why: "the demo server stands for somebody else's server: it shares nothing with what listens to it",
    },
];

/// Packages that core may depend on. None of them is a window, a runtime or a socket.
const CORE_MAY_USE: &[&str] = &[
    "base64",
    "crc32fast",
    "flate2",
    "memchr",
    "parking_lot",
    "serde",
    "serde_json",
    "tungstenite",
    "url",
];

const NET_MAY_NOT_USE: &[&str] = &["clap", "eframe", "egui", "feedscope"];

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
    let core = "crates/feedscope-core/Cargo.toml";
    let net = "crates/feedscope-net/Cargo.toml";
    let mut offenses = core_manifest_offenses(core, &read(core));
    offenses.extend(net_manifest_offenses(net, &read(net)));
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
    let ruled = RULES.iter().map(|rule| &rule.layer);
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
        "the layers do not keep to themselves:\n{}",
        lines.join("\n")
    );
}

/// Returns the forbidden paths in a source. `file` is relative to the root of the workspace and contains `/`.
fn source_offenses(file: &str, text: &str) -> Vec<Offense> {
    let rules: Vec<_> = RULES
        .iter()
        .filter(|rule| belongs(file, rule.layer))
        .collect();
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

fn core_manifest_offenses(file: &str, text: &str) -> Vec<Offense> {
    let offense = |line, what| Offense {
        file: file.to_owned(),
        line,
        what,
    };
    let mut offenses = Vec::new();
    for dependency in manifest::dependencies(text) {
        let manifest::Dependency { line, name, entry } = dependency;
        if !CORE_MAY_USE.contains(&name.as_str()) {
            offenses.push(offense(
                line,
                format!(
                    "`{name}`: core depends on {} at most",
                    CORE_MAY_USE.join(", ")
                ),
            ));
        }
        let frames_alone =
            entry.contains("default-features = false") && !entry.contains("handshake");
        if name == "tungstenite" && !frames_alone {
            offenses.push(offense(
                line,
                "`tungstenite`: core takes its frame types, not its handshake".to_owned(),
            ));
        }
    }
    offenses
}

fn net_manifest_offenses(file: &str, text: &str) -> Vec<Offense> {
    manifest::dependencies(text)
        .into_iter()
        .filter(|dependency| NET_MAY_NOT_USE.contains(&dependency.name.as_str()))
        .map(|manifest::Dependency { line, name, .. }| {
            let what = format!("`{name}`: net knows no window and no command line");
            Offense {
                file: file.to_owned(),
                line,
                what,
            }
        })
        .collect()
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
