//! Tests of the settings file: reading, saving, and the changes of other programs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use feedscope_core::ThemeChoice;

use super::*;
use crate::measured_paths::MeasuredPaths;

/// Creates a settings file with this text in a temporary folder. The folder exists as long as the first value.
fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feedscope").join("settings.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn some_settings() -> Settings {
    let recent_urls = vec![
        "ws://localhost/\"quoted\"".to_owned(),
        "http://localhost/".to_owned(),
    ];
    Settings {
        theme: ThemeChoice::Light,
        utc: true,
        restore_session: Some(false),
        window_size: Some([640.0, 480.0]),
        tour_dismissed: true,
        budget: Some(1 << 30),
        disk_history: Some(8 << 30),
        recordings_folder: Some("/captures".into()),
        record_sessions: true,
        sessions_limit: None,
        recent_urls,
        columns: ColumnSettings {
            shown: Some(vec!["time".to_owned(), "connection".to_owned()]),
            widths: BTreeMap::from([("id".to_owned(), 80.0)]),
            time_since_above: true,
            fields: Vec::new(),
            latest: Vec::new(),
            measures: MeasuredPaths::default(),
        },
        feed_columns: vec![
            ("ws://localhost/a".to_owned(), ColumnSettings::default()),
            (
                "http://localhost/\"b\"".to_owned(),
                ColumnSettings {
                    shown: Some(vec!["type".to_owned()]),
                    widths: BTreeMap::from([("type".to_owned(), 140.0)]),
                    time_since_above: true,
                    fields: vec![".price".to_owned(), ".book.bid[0]".to_owned()],
                    latest: vec![".symbol".to_owned(), ".price".to_owned()],
                    measures: MeasuredPaths {
                        sequence: Some(".seq".to_owned()),
                        key: Some(".symbol".to_owned()),
                        ..MeasuredPaths::default()
                    },
                },
            ),
        ],
        // The program only reads these.
        keys: BTreeMap::new(),
    }
}

#[test]
fn keys_are_read_and_never_changed() {
    let text = "[keys]\nretry = 'F5' # mine\nfilter = ['/', 'F4']\nclose_pane = ''\n";
    let (_folder, path) = file(text);
    let (mut kept, mut settings, problem) = SettingsFile::load(path.clone());
    assert!(problem.is_none());
    let keys = |name: &str| settings.keys[name].clone();
    assert_eq!(keys("retry"), ["F5"]);
    assert_eq!(keys("filter"), ["/", "F4"]);
    assert_eq!(keys("close_pane"), [] as [&str; 0]);
    settings.utc = true;
    kept.save(&settings).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains(text));
    for wrong in [
        "keys = 7",
        "keys = { retry = 5 }",
        "keys = { retry = ['F5', 5] }",
    ] {
        let (_folder, path) = file(wrong);
        let problem = SettingsFile::load(path).2.unwrap().to_string();
        assert!(
            problem.contains("line 1: `keys` names commands"),
            "{problem}"
        );
    }
}

#[test]
fn what_is_saved_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder
        .path()
        .join("not")
        .join("there")
        .join("settings.toml");
    let (mut kept, settings, problem) = SettingsFile::load(path.clone());
    assert_eq!(
        (settings, problem.map(|problem| problem.to_string())),
        (Settings::default(), None)
    );
    kept.save(&some_settings()).unwrap();
    assert_eq!(SettingsFile::load(path.clone()).1, some_settings());
    let beside: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
}

#[test]
fn nothing_changed_writes_nothing() {
    let (_folder, path) = file("theme = 'dark'");
    let (mut kept, settings, _) = SettingsFile::load(path.clone());
    fs::remove_file(&path).unwrap();
    kept.save(&settings).unwrap();
    assert!(!path.exists());
}

#[test]
fn what_others_wrote_is_kept() {
    let text = "# mine\nlater = { a = 1 } # a later version's\ntheme = \"dark\" # why\n\n[connections.one]\nurl = \"x\"\n";
    let (_folder, path) = file(text);
    let (mut kept, settings, problem) = SettingsFile::load(path.clone());
    assert!(problem.is_none());
    assert_eq!(settings.theme, ThemeChoice::Dark);
    kept.save(&Settings {
        theme: ThemeChoice::Light,
        utc: true,
        ..settings
    })
    .unwrap();
    let saved = fs::read_to_string(&path).unwrap();
    for part in [
        "# mine\nlater = { a = 1 } # a later version's\n",
        "theme = \"light\" # why",
        "utc = true",
        "[connections.one]\nurl = \"x\"\n",
    ] {
        assert!(saved.contains(part), "no {part:?} in {saved}");
    }
    let read = SettingsFile::load(path).1;
    assert_eq!((read.theme, read.utc), (ThemeChoice::Light, true));
}

#[test]
fn columns_as_usual_leave_no_trace() {
    let (_folder, path) = file("columns = [\"id\"] # few\nutc = true\n");
    let (mut kept, settings, _) = SettingsFile::load(path.clone());
    assert_eq!(settings.columns.shown, Some(vec!["id".to_owned()]));
    kept.save(&Settings {
        columns: ColumnSettings::default(),
        ..settings
    })
    .unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "utc = true\n");
}

#[test]
fn columns_belong_to_a_feed_and_the_oldest_give_way() {
    let (_folder, path) = file("utc = true\n");
    let (mut kept, mut settings, _) = SettingsFile::load(path.clone());
    let wide = |width: f32| ColumnSettings {
        widths: BTreeMap::from([("type".to_owned(), width)]),
        ..ColumnSettings::default()
    };
    for number in 0..=MOST_FEEDS_WITH_COLUMNS {
        settings.set_columns_of(
            format!("ws://localhost/{number}"),
            wide(number as f32 + 20.0),
        );
    }
    kept.save(&settings).unwrap();
    let read = SettingsFile::load(path.clone()).1;
    assert_eq!(read.feed_columns.len(), MOST_FEEDS_WITH_COLUMNS);
    assert_eq!(
        *read.columns_of("ws://localhost/0"),
        ColumnSettings::default()
    );
    assert_eq!(*read.columns_of("ws://localhost/7"), wide(27.0));
    // A feed whose columns are those of all feeds again has no entry any more.
    for (feed, _) in read.feed_columns {
        settings.set_columns_of(feed, ColumnSettings::default());
    }
    kept.save(&settings).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "utc = true\n");
}

#[test]
fn what_another_window_saved_meanwhile_is_kept() {
    let (_folder, path) = file("");
    let (mut one, settings, _) = SettingsFile::load(path.clone());
    let (mut other, _, _) = SettingsFile::load(path.clone());
    one.save(&Settings {
        utc: true,
        ..settings.clone()
    })
    .unwrap();
    other
        .save(&Settings {
            theme: ThemeChoice::Dark,
            ..settings
        })
        .unwrap();
    let read = SettingsFile::load(path).1;
    assert_eq!((read.theme, read.utc), (ThemeChoice::Dark, true));
}

#[test]
fn a_file_that_does_not_parse_is_named_with_its_line_and_never_overwritten() {
    for (text, line) in [
        ("theme = \"dark\"\nutc = \n", "line 2"),
        ("\n\ntheme = \"pink\"\n", "line 3"),
        ("utc = 1", "line 1"),
        ("tour_dismissed = \"no\"", "line 1"),
        ("budget = \"1M\"", "line 1"),
        ("budget = 5", "line 1"),
        ("disk_history = true", "line 1"),
        ("disk_history = \"much\"", "line 1"),
        ("window_size = [1, 2, 3]", "line 1"),
        ("window_size = [\"1\", 2]", "line 1"),
        ("utc = true\nrecent_urls = [\n 5 ]", "line 2"),
        ("columns = \"time\"", "line 1"),
        ("column_widths = { id = \"wide\" }", "line 1"),
        ("time_since_above = \"yes\"", "line 1"),
        ("feed_columns = 1", "line 1"),
        ("\n[[feed_columns]]\ncolumns = []", "line 2"),
        (
            "[[feed_columns]]\nfeed = \"x\"\ncolumn_widths = 1",
            "line 1",
        ),
        (
            "[[feed_columns]]\nfeed = \"x\"\nmeasures = \".seq\"",
            "line 1",
        ),
        (
            "[[feed_columns]]\nfeed = \"x\"\nmeasures = { time = 1 }",
            "line 1",
        ),
        ("[[[", "line 1"),
    ] {
        let (_folder, path) = file(text);
        let (mut kept, settings, problem) = SettingsFile::load(path.clone());
        assert_eq!(settings, Settings::default(), "{text}");
        let sentence = problem.unwrap().to_string();
        assert!(
            sentence.contains(line) && sentence.contains("settings.toml"),
            "{text}: {sentence}"
        );
        kept.save(&some_settings()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

#[test]
fn a_file_broken_while_we_run_is_left_alone() {
    let (_folder, path) = file("utc = true\n");
    let (mut kept, settings, _) = SettingsFile::load(path.clone());
    fs::write(&path, "utc = tr").unwrap();
    let changed = Settings {
        theme: ThemeChoice::Dark,
        ..settings
    };
    assert!(
        kept.save(&changed)
            .unwrap_err()
            .to_string()
            .contains("line 1")
    );
    kept.save(&changed).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "utc = tr");
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let (_folder, path) = file("");
    let below_a_file = path.join("settings.toml");
    let mut kept = SettingsFile {
        path: Some(below_a_file),
        ..SettingsFile::default()
    };
    let sentence = kept.save(&some_settings()).unwrap_err().to_string();
    assert!(sentence.contains("cannot be"), "{sentence}");
}

#[cfg(unix)]
#[test]
fn a_link_stays_one() {
    let (folder, path) = file("");
    let link = folder.path().join("link.toml");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let (mut kept, _, _) = SettingsFile::load(link.clone());
    kept.save(&some_settings()).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(SettingsFile::load(path).1, some_settings());
}

#[test]
fn urls_are_remembered_once_newest_first() {
    let mut settings = Settings::default();
    for number in (0..20).chain([15, 19]) {
        settings.remember_url(number.to_string());
    }
    let newest: Vec<_> = settings.recent_urls.iter().map(String::as_str).collect();
    assert_eq!(
        newest,
        [
            "19", "15", "18", "17", "16", "14", "13", "12", "11", "10", "9", "8"
        ]
    );
}

#[test]
fn windows_keep_the_recent_urls_of_each_other() {
    let (_folder, path) = file("recent_urls = ['http://old/']\n");
    let (mut first, mut settings_of_first, _) = SettingsFile::load(path.clone());
    let (mut second, mut settings_of_second, _) = SettingsFile::load(path.clone());
    settings_of_first.remember_url("http://first/".to_owned());
    first.save(&settings_of_first).unwrap();
    settings_of_second.remember_url("http://second/".to_owned());
    second.save(&settings_of_second).unwrap();
    let in_file = || SettingsFile::load(path.clone()).1.recent_urls;
    assert_eq!(
        in_file(),
        ["http://second/", "http://first/", "http://old/"]
    );
    // A URL that is used again moves to the front, and is in the list once.
    settings_of_first.remember_url("http://old/".to_owned());
    first.save(&settings_of_first).unwrap();
    assert_eq!(
        in_file(),
        ["http://old/", "http://second/", "http://first/"]
    );
    for number in 0..MOST_RECENT_URLS {
        settings_of_second.remember_url(format!("http://{number}/"));
    }
    second.save(&settings_of_second).unwrap();
    assert_eq!(in_file(), settings_of_second.recent_urls);
}

#[test]
fn only_a_regular_file_of_sane_size_is_read() {
    let (folder, path) = file("");
    let problem = |path: &Path| SettingsFile::load(path.to_owned()).2.unwrap().to_string();
    fs::write(&path, "#".repeat(1 << 20)).unwrap();
    assert!(SettingsFile::load(path.clone()).2.is_none());
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    let sentence = problem(&path);
    assert!(sentence.contains("larger than 1 MiB"), "{sentence}");
    let sentence = problem(folder.path());
    assert!(sentence.contains("not a regular file"), "{sentence}");
}

#[cfg(unix)]
#[test]
fn a_pipe_and_an_endless_device_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let endless = folder.path().join("endless.toml");
    std::os::unix::fs::symlink("/dev/zero", &endless).unwrap();
    let pipe = folder.path().join("pipe.toml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for path in [endless, pipe] {
        let (mut kept, settings, problem) = SettingsFile::load(path.clone());
        let sentence = problem.unwrap().to_string();
        assert!(sentence.contains("not a regular file"), "{sentence}");
        assert_eq!(settings, Settings::default());
        // Nothing is saved in its place either.
        kept.save(&some_settings()).unwrap();
        assert!(!fs::metadata(&path).unwrap().is_file());
    }
}
