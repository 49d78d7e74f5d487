//! Tests of changes of the file.

use super::*;
use crate::connections::SavedOption;

const FILE: &str = "# Mine\n\n[desk] # the main one\nurl = \"wss://a.test/\" # soon another\n\
    headers = { A = \"${A}\" }\nsubprotocols = [\"v2\"]\nlater = 3\n\n[[desk.messages]]\n# a comment\ntext = \"1\"\n\n\
    [other]\nurl = \"https://b.test/\"\n";

fn file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("connections.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn connection(name: &str) -> SavedConnection {
    SavedConnection {
        name: name.to_owned(),
        url: "https://c.test/".to_owned(),
        headers: vec![("B".to_owned(), "${B}".to_owned())],
        options: vec![
            SavedOption {
                name: "max-reconnects".to_owned(),
                value: OptionValue::One("3".to_owned()),
            },
            SavedOption {
                name: "echo".to_owned(),
                value: OptionValue::Flag(true),
            },
        ],
        messages: vec![SavedMessage {
            name: Some("ping".to_owned()),
            content: MessageContent::Text("\u{1e}".to_owned()),
            every: Some("20s".to_owned()),
            limit: Some(2),
            ..SavedMessage::default()
        }],
        ..SavedConnection::default()
    }
}

#[test]
fn an_added_connection_is_read_back_and_nothing_else_changes() {
    let (_folder, path) = file(FILE);
    let new = connection("new one");
    let content = SavedConnections::edit(&path, Edit::Add(&new)).unwrap();
    assert_eq!(content.find("new one"), Some(&new));
    assert!(content.text().starts_with(FILE), "{}", content.text());
    assert_eq!(SavedConnections::load(&path).unwrap(), Some(content));
    let problem = SavedConnections::edit(&path, Edit::Add(&new)).unwrap_err();
    assert!(problem.to_string().contains("`new one` already"));
}

#[test]
fn measured_fields_are_written_and_removed() {
    let (_folder, path) = file(FILE);
    let mut changed = SavedConnections::load(&path).unwrap().unwrap();
    let before = changed.find("desk").unwrap().clone();
    let mut with_fields = before.clone();
    with_fields.measures.sequence = Some(".seq".to_owned());
    with_fields.measures.key = Some(".symbol".to_owned());
    for new in [&with_fields, &before] {
        let former = changed.find("desk").unwrap();
        changed = SavedConnections::edit(&path, Edit::Replace { former, new }).unwrap();
        assert_eq!(changed.find("desk"), Some(new));
    }
    assert_eq!(changed.text(), FILE);
    let (former, new) = (&before, &with_fields);
    let content = SavedConnections::edit(&path, Edit::Replace { former, new }).unwrap();
    let line = "measures = { sequence = \".seq\", key = \".symbol\" }\n";
    assert!(content.text().contains(line), "{}", content.text());
}

#[test]
fn a_changed_connection_keeps_its_comments_and_unknown_options() {
    let (_folder, path) = file(FILE);
    let before = SavedConnections::load(&path).unwrap().unwrap();
    let mut changed = before.find("desk").unwrap().clone();
    changed.url = "wss://x.test/".to_owned();
    changed.name = "office".to_owned();
    let replace = |name: &str| {
        let (former, new) = (before.find(name).unwrap(), &changed);
        SavedConnections::edit(&path, Edit::Replace { former, new })
    };
    let content = replace("desk").unwrap();
    assert_eq!(content.find("office"), Some(&changed));
    let expected = FILE
        .replace("wss://a.test/", "wss://x.test/")
        .replace("desk", "office");
    assert_eq!(content.text(), expected);
    let missing = replace("desk").unwrap_err();
    assert!(missing.to_string().contains("no connection `desk`"));
    let taken = replace("other").unwrap_err();
    assert!(taken.to_string().contains("`office` already"));
    // Another program has changed the file since it was read.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("https://b.test/", "https://d.test/")).unwrap();
    let meanwhile = replace("other").unwrap_err();
    assert!(meanwhile.to_string().contains("`other` has changed"));
}

#[test]
fn a_connection_is_removed_with_its_messages() {
    let (_folder, path) = file(FILE);
    let content = SavedConnections::edit(&path, Edit::Remove("desk")).unwrap();
    assert_eq!(content.all().len(), 1);
    assert!(!content.text().contains("messages"), "{}", content.text());
    assert!(content.text().contains("[other]"));
}

#[test]
fn one_message_is_added_changed_and_removed_and_the_other_lines_stay() {
    let (_folder, path) = file(FILE);
    let message = |name: &str, text: &str| SavedMessage {
        name: Some(name.to_owned()),
        content: MessageContent::Text(text.to_owned()),
        ..SavedMessage::default()
    };
    let edit = |connection, former, new| {
        SavedConnections::edit(
            &path,
            Edit::Message {
                connection,
                former,
                new,
            },
        )
    };
    let hello = message("hello", "hi \"${NAME}\"");
    for connection in ["desk", "other"] {
        edit(connection, None, Some(&hello)).unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    let added = "\n[[desk.messages]]\nname = \"hello\"\ntext = 'hi \"${NAME}\"'\n";
    let (start, end) = FILE.split_once("\n[other]").unwrap();
    let in_other = added.replace("desk", "other");
    assert_eq!(text, format!("{start}{added}\n[other]{end}{in_other}"));
    // The name is in use.
    let problem = edit("desk", None, Some(&hello)).unwrap_err().to_string();
    assert_eq!(problem, "`desk` has a message `hello` already");
    // Another content has another key, and the name keeps its place.
    let bytes = SavedMessage {
        content: MessageContent::Hex("00 01".to_owned()),
        ..hello.clone()
    };
    let changed = edit("desk", Some(&hello), Some(&bytes)).unwrap();
    assert_eq!(changed.find("desk").unwrap().messages[1], bytes);
    // The former content is not in the file any more.
    let problem = edit("desk", Some(&hello), Some(&bytes)).unwrap_err();
    assert!(problem.to_string().contains("meanwhile"), "{problem}");
    edit("desk", Some(&bytes), None).unwrap();
    edit("other", Some(&hello), None).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    // A message that is gone already is no mistake, and a changed one stays.
    let other = message("hello", "another text");
    edit("other", None, Some(&other)).unwrap();
    let problem = edit("other", Some(&hello), None).unwrap_err();
    assert!(problem.to_string().contains("meanwhile"), "{problem}");
    edit("other", Some(&other), None).unwrap();
    edit("other", Some(&hello), None).unwrap();
    let problem = edit("gone", Some(&hello), None).unwrap_err();
    assert!(problem.to_string().contains("`gone`"), "{problem}");
    // Inline tables stay inline.
    fs::write(
        &path,
        "a = { url = \"ws://a.test\", messages = [{ text = \"1\" }] }\n",
    )
    .unwrap();
    edit("a", None, Some(&hello)).unwrap();
    let first = message("", "1");
    let first = SavedMessage {
        name: None,
        ..first
    };
    let left = edit("a", Some(&first), None).unwrap();
    assert_eq!(left.find("a").unwrap().messages, [hello]);
}

#[test]
fn a_broken_file_is_named_and_never_written() {
    let broken = "[desk]\nurl = \n";
    let (_folder, path) = file(broken);
    let problem = SavedConnections::edit(&path, Edit::Add(&connection("x"))).unwrap_err();
    let problem = problem.to_string();
    assert!(
        problem.contains("line 2") && problem.contains("kept as it is"),
        "{problem}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), broken);
}

#[test]
fn a_version_that_was_not_read_is_never_overwritten() {
    let (_folder, path) = file(FILE);
    assert!(!write(&path, Some("other text"), "new").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    assert!(write(&path, Some(FILE), "new").unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
}

#[test]
fn a_missing_file_is_created_for_the_user_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config").join("connections.toml");
    SavedConnections::edit(&path, Edit::Add(&connection("x"))).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
