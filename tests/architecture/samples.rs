//! Test of the check itself: samples that break a rule are reported with their line, and others are accepted.

use super::cycles::{Source, cycles};
use super::{MANIFEST_RULES, manifest_offenses, module_of, source_offenses};

const CORE: &str = "crates/feedscope-core/src/store.rs";
const TAIL: &str = "src/tail/text.rs";

fn check(file: &str, text: &str, expected: &[usize]) {
    let lines: Vec<_> = source_offenses(file, text)
        .iter()
        .map(|offense| offense.line)
        .collect();
    assert_eq!(lines, expected, "in {file}:\n{text}");
}

#[test]
fn egui_in_a_command_is_caught() {
    check(TAIL, "use egui::Ui;", &[1]);
    check(
        TAIL,
        "use std::fmt;\n\nfn show(ui: &mut egui::Ui) {}\n",
        &[3],
    );
    check(TAIL, "extern crate egui;", &[1]);
    check(TAIL, "use {std::fmt, egui};", &[1]);
    check(TAIL, "use egui as e;", &[1]);
    check(TAIL, "pub use ::egui::Ui;", &[1]);
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
    check(CORE, "use std::net;", &[1]);
    check(CORE, "use std::net::{IpAddr, Ipv4Addr};", &[]);
}

#[test]
fn a_module_that_holds_something_forbidden_is_caught() {
    check(CORE, "use std::time::{self, Duration};", &[1]);
    check(CORE, "use std::time::*;", &[1]);
}

#[test]
fn what_a_layer_may_use_is_accepted() {
    check(
        CORE,
        "use std::time::Duration;\nuse std::sync::Arc;\nuse crate::files::Row;\n",
        &[],
    );
    check(TAIL, "fn egui(tokio: u8) -> u8 { self.egui; tokio }", &[]);
    check(
        TAIL,
        "macro_rules! m { () => { use {$a, $b}; use $crate::x; } }",
        &[],
    );
    check(TAIL, "use egui_like::Thing; fn f() { my_egui::f() }", &[]);
    check(
        TAIL,
        "fn rows(&self) -> impl Iterator<Item = u8> + use<'_> {}",
        &[],
    );
}

#[test]
fn comments_and_strings_are_skipped() {
    check(
        TAIL,
        "// use egui::Ui;\n/* egui::Ui /* egui::Ui */ egui::Ui */\n//! egui::Ui\n",
        &[],
    );
    check(
        TAIL,
        r##"const A: &str = "egui::Ui \" egui::Ui"; const B: &str = r#"" egui::Ui"#;"##,
        &[],
    );
    check(
        TAIL,
        r#"const A: &[u8] = b"egui::Ui"; const B: &[u8] = br"egui::Ui\";"#,
        &[],
    );
}

#[test]
fn code_after_comments_and_strings_is_checked() {
    check(TAIL, "/* a\n b */ use egui::Ui;", &[2]);
    check(TAIL, "const A: &str = \"a\nb\\\"\"; use egui::Ui;", &[2]);
    check(
        TAIL,
        "const A: char = '\"'; use egui::Ui; const B: char = '\"';",
        &[1],
    );
    check(TAIL, "const A: char = '\\''; use egui::Ui;", &[1]);
    check(TAIL, "fn f<'a>(a: &'a str) { egui::f() } // '", &[1]);
    check(
        TAIL,
        "macro_rules! m { () => { use {$a, $b}; } }\nuse egui::Ui;",
        &[2],
    );
    check(TAIL, "const A: &str = r#\"\"\"#; use egui::Ui;", &[1]);
}

#[test]
fn files_and_sockets_in_the_window_are_caught() {
    let ui = "crates/feedscope-ui/src/pane.rs";
    check(ui, "use std::fs::File;\nuse std::net::TcpStream;", &[1, 2]);
    check(
        ui,
        "use egui::Ui;\nuse super::theme;\nuse std::time::Instant;",
        &[],
    );
    check(
        "crates/feedscope-files/src/lib.rs",
        "use std::net::IpAddr;\nuse std::fs;",
        &[1],
    );
}

#[test]
fn only_the_app_may_use_the_window() {
    check("src/record.rs", "use feedscope_ui::theme;", &[1]);
    check("src/cli/window.rs", "use eframe::App;", &[1]);
    check(
        "src/app/files.rs",
        "use feedscope_ui::theme;\nuse egui::Ui;",
        &[],
    );
    check(
        "src/awaited.rs",
        "use std::time::{Duration, Instant};",
        &[1],
    );
    check("src/tail/automatic.rs", "use std::time::Instant;", &[]);
}

/// Lines of a manifest in this folder that break its rule.
fn manifest_lines(folder: &str, text: &str) -> Vec<usize> {
    let manifest = format!("{folder}/Cargo.toml");
    let mut rules = MANIFEST_RULES.iter();
    let rule = rules.find(|rule| rule.manifest == manifest).unwrap();
    let offenses = manifest_offenses(rule, text);
    offenses.iter().map(|offense| offense.line).collect()
}

#[test]
fn dependencies_past_the_list_are_caught() {
    let lines = |text| manifest_lines("crates/feedscope-core", text);
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
fn forbidden_dependencies_are_caught() {
    for (folder, name) in [
        ("crates/feedscope-analysis", "feedscope-net"),
        ("crates/feedscope-net", "egui"),
        ("crates/feedscope-files", "feedscope-ui"),
        ("crates/feedscope-ui", "feedscope-files"),
        ("demo-server", "feedscope-core"),
    ] {
        let list = format!("[dependencies]\nserde = \"1\"\n{name}.workspace = true\n");
        assert_eq!(manifest_lines(folder, &list), [3], "{folder}");
        let of_tests = format!("[dev-dependencies]\n{name}.workspace = true\n");
        assert_eq!(manifest_lines(folder, &of_tests), [0_usize; 0], "{folder}");
    }
}

/// Compares the cycles of a package with the expected ones. Each file is given by its path in `src` and its text.
fn check_cycles(files: &[(&str, &str)], expected: &[&[&str]]) {
    let sources: Vec<_> = files
        .iter()
        .map(|(file, text)| Source {
            module: module_of(&format!("src/{file}")),
            file: (*file).to_owned(),
            text: (*text).to_owned(),
        })
        .collect();
    let found: Vec<Vec<_>> = cycles(&sources)
        .into_iter()
        .map(|cycle| cycle.files.into_iter().collect())
        .collect();
    assert_eq!(found, expected, "in {files:#?}");
}

const TWO: (&str, &str) = ("lib.rs", "mod a;\nmod b;");
const AB: &[&[&str]] = &[&["a.rs", "b.rs"]];

#[test]
fn two_files_that_use_each_other_are_a_cycle() {
    let user = ("b.rs", "use crate::a::A;\npub struct B(A);");
    let through_use = "use crate::b::B;\npub struct A(Box<B>);";
    check_cycles(&[TWO, ("a.rs", through_use), user], AB);
    let inline = "pub struct A;\nfn f() { super::b::B::new() }";
    check_cycles(&[TWO, ("a.rs", inline), user], AB);
    let by_module = "use crate::b;\npub struct A(Box<b::B>);";
    check_cycles(&[TWO, ("a.rs", by_module), user], AB);
    let renamed = "use super::b::{self as c};\npub struct A(Box<c::B>);";
    check_cycles(&[TWO, ("a.rs", renamed), user], AB);
    let by_glob = "use super::b::*;\npub struct A(Box<B>);";
    check_cycles(&[TWO, ("a.rs", by_glob), user], AB);
    check_cycles(&[TWO, ("a.rs", "pub struct A;"), user], &[]);
}

#[test]
fn a_longer_way_back_is_a_cycle() {
    let three = ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;");
    let a = ("a.rs", "use crate::b::B;\npub struct A(B);");
    let b = ("b.rs", "use crate::c::C;\npub struct B(C);");
    let c = ("c.rs", "use crate::a::A;\npub struct C(Box<A>);");
    let d = ("d.rs", "use crate::a::A;\npub struct D(A);");
    check_cycles(&[three, a, b, c, d], &[&["a.rs", "b.rs", "c.rs"]]);
    check_cycles(&[three, a, b, ("c.rs", "pub struct C;"), d], &[]);
}

#[test]
fn cycles_apart_from_each_other_are_listed_apart() {
    let four = ("lib.rs", "mod a;\nmod b;\nmod c;\nmod d;");
    let a = ("a.rs", "pub fn a() { crate::b::b() }");
    let b = ("b.rs", "pub fn b() { crate::a::a() }");
    let c = ("c.rs", "pub fn c() { crate::a::a(); super::d::D }");
    let d = ("d.rs", "pub const D: usize = size_of::<crate::c::C>();");
    let c_type = "pub type C = u8;\n";
    let c = (c.0, &*format!("{c_type}{}", c.1));
    check_cycles(&[four, a, b, c, d], &[&["a.rs", "b.rs"], &["c.rs", "d.rs"]]);
}

#[test]
fn a_child_that_uses_what_its_parent_defines_is_in_a_cycle_with_it() {
    let lib = ("lib.rs", "mod a;");
    let parent = "mod b;\npub struct A(b::B);";
    let child = ("a/b.rs", "pub struct B;\nfn f(a: super::A) {}");
    let both: &[&[&str]] = &[&["a.rs", "a/b.rs"]];
    check_cycles(&[lib, ("a.rs", parent), child], both);
    let re_exported_and_used = "mod b;\npub use b::B;\npub struct A(B);";
    check_cycles(&[lib, ("a.rs", re_exported_and_used), child], both);
    let used_by_method = "mod b;\npub use b::B;\npub struct A;\nfn f() { B::new() }";
    check_cycles(&[lib, ("a.rs", used_by_method), child], both);
}

#[test]
fn a_parent_that_only_passes_on_its_children_is_in_no_cycle() {
    let lib = ("lib.rs", "mod a;");
    let parent = (
        "a.rs",
        "mod b;\nmod c;\npub use b::{B, C as D};\npub(crate) use c::E;\npub struct A;",
    );
    let b = ("a/b.rs", "use super::A;\npub struct B(A);\npub struct C;");
    let c = ("a/c.rs", "use crate::a::{B, D};\npub struct E(B, D);");
    check_cycles(&[lib, parent, b, c], &[]);
    // Through the re-exports, each of the two children uses the other one.
    let b = (
        "a/b.rs",
        "use super::E;\npub struct B(Box<E>);\npub struct C;",
    );
    check_cycles(&[lib, parent, b, c], &[&["a/b.rs", "a/c.rs"]]);
}

#[test]
fn modules_inside_of_a_file_belong_to_it() {
    let a = (
        "a.rs",
        "mod inner {\n    use super::super::b::B;\n    pub struct A(Box<B>);\n}",
    );
    let b = ("b.rs", "pub struct B(Box<crate::a::inner::A>);");
    check_cycles(&[TWO, a, b], AB);
    let alone = (
        "a.rs",
        "mod inner {\n    use super::A;\n}\npub struct A(inner::X);",
    );
    check_cycles(&[TWO, alone, ("b.rs", "")], &[]);
}

#[test]
fn tests_may_use_everything() {
    let a = "pub struct A;\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n    fn f() { {} }\n}";
    let b = ("b.rs", "use crate::a::A;\npub struct B(A);");
    check_cycles(&[TWO, ("a.rs", a), b], &[]);
    let in_a_file = "pub struct A;\n#[cfg(test)]\nmod tests;";
    let tests = ("a/tests.rs", "use crate::b::B;");
    check_cycles(&[TWO, ("a.rs", in_a_file), tests, b], &[]);
    let a_function = "#[cfg(test)]\nfn f() -> crate::b::B { B { a: A } }\npub struct A;";
    check_cycles(&[TWO, ("a.rs", a_function), b], &[]);
    let after_it = format!("{a}\nfn g() -> crate::b::B {{}}");
    check_cycles(&[TWO, ("a.rs", &after_it), b], AB);
}

#[test]
fn names_of_other_packages_and_of_methods_are_no_uses() {
    let a = "use std::fmt;\nuse url::url;\nuse self::A as B;\npub struct A;\nimpl A { fn b() { x.b(); Self::b(); T::B } }";
    let b = ("b.rs", "pub struct B(crate::a::A);\nfn b() {}");
    check_cycles(&[TWO, ("a.rs", a), b], &[]);
}

#[test]
fn a_cycle_names_its_lines() {
    let source = |file: &str, text: &str| Source {
        module: module_of(&format!("src/{file}")),
        file: file.to_owned(),
        text: text.to_owned(),
    };
    let found = cycles(&[
        source("lib.rs", "mod a;\nmod b;"),
        source("a.rs", "pub struct A;\nuse super::b::B;\nfn f() { B::f() }"),
        source("b.rs", "use crate::a::A;\npub struct B(A);"),
    ]);
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    let expected = "2 files use each other:\n  a.rs:2: `crate::b::B` is in b.rs\n  b.rs:1: `crate::a::A` is in a.rs";
    assert_eq!(found, [expected]);
}
