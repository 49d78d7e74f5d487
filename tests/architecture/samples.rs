//! Test of the check itself: samples that break a rule are reported with their line, and others are accepted.

use super::{core_manifest_offenses, net_manifest_offenses, source_offenses};

const CORE: &str = "crates/feedscope-core/src/store.rs";
const UI: &str = "crates/feedscope-ui/src/pane.rs";

fn check(file: &str, text: &str, expected: &[usize]) {
    let lines: Vec<_> = source_offenses(file, text)
        .iter()
        .map(|offense| offense.line)
        .collect();
    assert_eq!(lines, expected, "in {file}:\n{text}");
}

#[test]
fn egui_in_core_is_caught() {
    check(CORE, "use egui::Ui;", &[1]);
    check(
        CORE,
        "use std::fmt;\n\nfn show(ui: &mut egui::Ui) {}\n",
        &[3],
    );
    check(CORE, "extern crate egui;", &[1]);
    check(CORE, "use {std::fmt, egui};", &[1]);
    check(CORE, "use egui as e;", &[1]);
    check(CORE, "pub use ::egui::Ui;", &[1]);
}

#[test]
fn clocks_files_and_sockets_in_core_are_caught() {
    check(CORE, "fn now() {\n    std::time::Instant::now();\n}", &[2]);
    check(CORE, "use std::time::{Duration, Instant};", &[1]);
    check(
        CORE,
        "use std::{\n    fmt,\n    time::{\n        SystemTime,\n    },\n};",
        &[4],
    );
    check(
        CORE,
        "use std::net::TcpStream;\nuse std::fs::File;",
        &[1, 2],
    );
    check(CORE, "use tokio::net::TcpStream;", &[1]);
    check(CORE, "use std::net;", &[1]);
    check(CORE, "use std::net::{IpAddr, Ipv4Addr};", &[]);
}

#[test]
fn a_module_that_holds_something_forbidden_is_caught() {
    check(CORE, "use std::time::{self, Duration};", &[1]);
    check(CORE, "use std::time::*;", &[1]);
}

#[test]
fn what_core_may_use_is_let_be() {
    check(
        CORE,
        "use std::time::Duration;\nuse std::sync::Arc;\nuse crate::files::Row;\n",
        &[],
    );
    check(CORE, "fn egui(tokio: u8) -> u8 { self.egui; tokio }", &[]);
    check(
        CORE,
        "macro_rules! m { () => { use {$a, $b}; use $crate::x; } }",
        &[],
    );
    check(CORE, "use egui_like::Thing; fn f() { my_egui::f() }", &[]);
    check(
        CORE,
        "fn rows(&self) -> impl Iterator<Item = u8> + use<'_> {}",
        &[],
    );
}

#[test]
fn comments_and_strings_do_not_trip_it() {
    check(
        CORE,
        "// use egui::Ui;\n/* egui::Ui /* egui::Ui */ egui::Ui */\n//! egui::Ui\n",
        &[],
    );
    check(
        CORE,
        r##"const A: &str = "egui::Ui \" egui::Ui"; const B: &str = r#"" egui::Ui"#;"##,
        &[],
    );
    check(
        CORE,
        r#"const A: &[u8] = b"egui::Ui"; const B: &[u8] = br"egui::Ui\";"#,
        &[],
    );
}

#[test]
fn what_follows_comments_and_strings_is_still_seen() {
    check(CORE, "/* a\n b */ use egui::Ui;", &[2]);
    check(CORE, "const A: &str = \"a\nb\\\"\"; use egui::Ui;", &[2]);
    check(
        CORE,
        "const A: char = '\"'; use egui::Ui; const B: char = '\"';",
        &[1],
    );
    check(CORE, "const A: char = '\\''; use egui::Ui;", &[1]);
    check(CORE, "fn f<'a>(a: &'a str) { egui::f() } // '", &[1]);
    check(
        CORE,
        "macro_rules! m { () => { use {$a, $b}; } }\nuse egui::Ui;",
        &[2],
    );
    check(CORE, "const A: &str = r#\"\"\"#; use egui::Ui;", &[1]);
}

#[test]
fn the_window_reaching_past_core_is_caught() {
    check(UI, "use feedscope_net::Driver;", &[1]);
    check(UI, "use feedscope_files::settings;", &[1]);
    check(UI, "use feedscope::app::App;", &[1]);
    check(UI, "pub(super) fn show() { reqwest::get() }", &[1]);
}

#[test]
fn the_window_may_use_its_own_modules_and_egui() {
    check(
        UI,
        "use egui::Ui;\nuse super::theme;\nuse self::timeline::Row;\nuse crate::words;",
        &[],
    );
    check(
        "crates/feedscope-ui/src/lib.rs",
        "mod tests {\n    use super::*;\n}",
        &[],
    );
    check(
        "src/app/files.rs",
        "use feedscope_files::settings;\nuse feedscope_net::Driver;",
        &[],
    );
}

#[test]
fn net_and_files_knowing_the_window_are_caught() {
    check(
        "crates/feedscope-net/src/driver.rs",
        "use egui::Context;",
        &[1],
    );
    check(
        "crates/feedscope-files/src/lib.rs",
        "use feedscope_ui::theme;\nuse egui::Color32;\nuse tokio::fs;",
        &[1, 2, 3],
    );
    check(
        "crates/feedscope-files/src/connections.rs",
        "use feedscope_net::http;",
        &[1],
    );
    check(
        "demo-server/src/lib.rs",
        "use feedscope_core::time::Moment;",
        &[1],
    );
}

#[test]
fn dependencies_past_the_list_are_caught() {
    let lines = |text| {
        core_manifest_offenses("Cargo.toml", text)
            .iter()
            .map(|offense| offense.line)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lines("[dependencies]\nmemchr.workspace = true\negui = \"0.37\"\n"),
        [3]
    );
    assert_eq!(lines("[dependencies.tokio]\nversion = \"1\"\n"), [1]);
    assert_eq!(
        lines("[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\" # why\n"),
        [2]
    );
    assert_eq!(lines("[build-dependencies]\ncc = \"1\"\n"), [2]);
    assert_eq!(
        lines("[dependencies]\nurl = { package = \"egui\", version = \"0.37\" }\n"),
        [2]
    );
    assert_eq!(lines("[dependencies]\ntungstenite.workspace = true\n"), [2]);
    assert_eq!(
        lines("[dependencies]\ntungstenite = { version = \"0.30\", default-features = false }\n"),
        [0_usize; 0]
    );
    assert_eq!(
        lines(
            "[package]\nname = \"egui\"\n# egui = 1\n[dev-dependencies]\nproptest.workspace = true\n"
        ),
        [0_usize; 0]
    );
}

#[test]
fn a_window_in_nets_manifest_is_caught() {
    let lines = |text| {
        net_manifest_offenses("Cargo.toml", text)
            .iter()
            .map(|offense| offense.line)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        lines("[dependencies]\ntokio = \"1\"\negui.workspace = true\n"),
        [3]
    );
    assert_eq!(lines("[dependencies]\ntokio = \"1\"\n"), [0_usize; 0]);
}
