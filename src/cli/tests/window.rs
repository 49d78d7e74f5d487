//! Tests of the plans of a window.

use super::*;
use crate::plan::{DesktopLink, WindowSource};

/// Returns the URLs and the names of the files of feeds and files that are opened together, in their order.
fn mixed(plan: &WindowPlan) -> Vec<String> {
    let WindowFeeds::Mixed(sources) = &plan.feeds else {
        panic!("{:?}", plan.feeds)
    };
    let name = |path: &std::path::PathBuf| path.file_name().unwrap().display().to_string();
    let source = |source: &WindowSource| match source {
        WindowSource::Feed(plan) => plan.spec.url.to_string(),
        WindowSource::Files(paths) => paths.iter().map(name).collect::<Vec<_>>().join("+"),
    };
    sources.iter().map(source).collect()
}

#[test]
fn no_url_is_the_last_window_or_the_demo() {
    for last in [&[][..], &["--duration", "3"], &["--budget", "1G"]] {
        let feeds = window(last).feeds;
        assert!(matches!(feeds, WindowFeeds::Last(_)), "{last:?}");
    }
    for demo in [
        &["--demo", "--duration", "3"][..],
        &["--no-restore"],
        &["--new"],
        &["-H", "A: b"],
        &["--record", "x.feedscope"],
    ] {
        let feeds = window(demo).feeds;
        assert!(matches!(feeds, WindowFeeds::Demo(_)), "{demo:?}");
    }
    // Feeds and files are opened instead of the last window in any case.
    let plan = window(&["--no-restore", "http://localhost/"]);
    assert_eq!(given(&plan), ["http://localhost/"]);
    refused(&["--demo", "http://localhost/"], &["--demo"]);
}

#[test]
fn what_the_desktop_passes_on_is_never_an_option() {
    assert!(matches!(
        window(&["--from-desktop"]).feeds,
        WindowFeeds::Last(_)
    ));
    let plan = window(&[
        "--theme",
        "dark",
        "--from-desktop",
        "wss://a.test/",
        "--screenshot",
        "--",
        "tail",
    ]);
    assert_eq!(plan.automation.screenshot, None);
    let WindowFeeds::Links(links) = plan.feeds else {
        panic!("{:?}", plan.feeds)
    };
    let is_refused = |link: &DesktopLink| matches!(link, DesktopLink::Refused(_));
    assert!(links[1..].iter().all(is_refused), "{links:?}");
}

#[test]
fn feeds_and_files_are_opened_together_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in [
        "a.feedscope",
        "b.sse",
        "r-0001.feedscope",
        "r-0002.feedscope",
    ] {
        std::fs::write(path(name), "").unwrap();
    }
    let (recording, other) = (path("a.feedscope"), path("b.sse"));
    let plan = window(&[
        &recording,
        "localhost:1/x",
        &other,
        "-H",
        "A: b",
        "--budget",
        "1G",
    ]);
    // Their panes have the order of the arguments.
    assert_eq!(
        mixed(&plan),
        ["a.feedscope", "http://localhost:1/x", "b.sse"]
    );
    let specs = Plan::Window(plan);
    let [spec] = specs.named_feeds()[..] else {
        panic!("{specs:?}")
    };
    assert_eq!(spec.http.headers.len(), 1);
    assert_eq!(spec.keeping.budget, Some(1 << 30));
    let parts = ["r-0001.feedscope", "r-0002.feedscope"].map(path);
    let plan = window(&["localhost:1/x", &parts[0], "localhost:1/y", &parts[1]]);
    let expected = [
        "http://localhost:1/x",
        "r-0001.feedscope+r-0002.feedscope",
        "http://localhost:1/y",
    ];
    assert_eq!(
        mixed(&plan),
        expected,
        "the files of a recording stay together"
    );
    // An option that suits one kind only is refused without that kind.
    for (options, word) in [
        (&["-H", "A: b"][..], "--header"),
        (&["--budget", "1G"], "--budget"),
        (&["--disk-history", "1G"], "--disk-history"),
        (&["--record", "x.feedscope"], "--record"),
    ] {
        let arguments = [&[recording.as_str()][..], options].concat();
        refused(&arguments, &[word]);
    }
    refused(&["tail", &recording, "localhost:1/x"], &["window only"]);
}

#[test]
fn urls_get_a_pane_each() {
    let plan = window(&[
        "localhost:8080/events",
        "ws://localhost:1/",
        "--size",
        "640x480",
        "--theme",
        "light",
    ]);
    assert_eq!(
        given(&plan),
        ["http://localhost:8080/events", "ws://localhost:1/"]
    );
    assert_eq!(
        (plan.size, plan.theme),
        (Some([640.0, 480.0]), Some(ThemeChoice::Light))
    );
}

#[test]
fn a_window_gets_the_messages_of_a_connection() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    let text = "[desk]\nurl = \"ws://localhost/\"\nmessages = [{ text = \"a\", every = \"1s\" }]\n";
    std::fs::write(&path, text).unwrap();
    let environment = Environment {
        variable: &|_name| None,
        keyring: &|_entry| Err("no keyring in tests".to_owned()),
        connections: Some(path),
        trusted: None,
    };
    for arguments in [
        ["feedscope", "desk"].as_slice(),
        &["feedscope", "tail", "desk"],
    ] {
        let (plan, warnings) = plan_in(arguments.iter().map(OsString::from), &environment).unwrap();
        let messages = match plan {
            Plan::Window(WindowPlan {
                feeds: WindowFeeds::Given(feeds),
                ..
            })
            | Plan::Tail(TailPlan { feeds, .. }) => feeds[0].automatic.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!((messages, warnings), (1, Vec::new()));
    }
}

#[test]
fn a_window_records_what_it_shows() {
    let recorded = ["ws://localhost/", "--record", "a.feedscope"];
    let plan = window(&recorded);
    assert!(plan.record.is_some());
    for option in [&["--mask", "secret"][..], &["--keep-secrets"]] {
        refused(&[&recorded[..], option].concat(), &["not for the window"]);
    }
    refused(&["ws://localhost/", "--append"], &["need --record"]);
}

#[test]
fn a_window_decodes_what_it_shows() {
    let decoded = ["--decode", "gzip,msgpack", "--lens", "json-rpc"];
    let plan = window(&[&["ws://localhost/"], &decoded[..]].concat());
    let WindowFeeds::Given(feeds) = plan.feeds else {
        panic!("{plan:?}");
    };
    let reading = &feeds[0].reading;
    assert_eq!(
        reading.received.as_ref().unwrap().to_string(),
        "gzip,msgpack"
    );
    assert_eq!(reading.sent, None);
    assert_eq!(reading.lens.unwrap(), Choice::parse("json-rpc").unwrap());
    let file = tempfile::Builder::new().suffix(".sse").tempfile().unwrap();
    let path = file.path().to_str().unwrap();
    let of_file = window(&[&[path], &decoded[..]].concat());
    assert_eq!(&of_file.reading, reading);
    refused(&["ws://localhost/", "--decode", "rot13"], &["no decoder"]);
}
