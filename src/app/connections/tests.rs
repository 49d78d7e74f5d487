//! Tests of saved connections in the window.

use feedscope_files::connections::{OptionValue, SavedConnection, SavedOption};
use feedscope_ui::ConnectionForm;
use url::Url;

use super::filled::{filled, suggested_name};
use super::saved::form_of;

fn form() -> ConnectionForm {
    ConnectionForm {
        name: " desk ".to_owned(),
        group: String::new(),
        url: "wss://a.test/".to_owned(),
        headers: "A: b\n\nC: ${D}: e".to_owned(),
        subprotocols: "v1, v2".to_owned(),
        send_on_connect: "{}\nhello, you".to_owned(),
        filter: " type:x ".to_owned(),
    }
}

#[test]
fn a_form_is_a_connection_and_a_connection_is_a_form() {
    let connection = filled(SavedConnection::default(), &form()).unwrap();
    assert_eq!(connection.name, "desk");
    assert_eq!(
        connection.headers[1],
        ("C".to_owned(), "${D}: e".to_owned())
    );
    let texts =
        |texts: &[&str]| OptionValue::Many(texts.iter().map(|&text| text.to_owned()).collect());
    assert_eq!(connection.options[0].value, texts(&["v1", "v2"]));
    assert_eq!(connection.options[1].value, texts(&["{}", "hello, you"]));
    let again = form_of(&connection);
    assert_eq!(filled(connection.clone(), &again).unwrap(), connection);
}

#[test]
fn other_options_stay_and_emptied_fields_are_removed() {
    let mut base = filled(SavedConnection::default(), &form()).unwrap();
    let other = SavedOption {
        name: "max-reconnects".to_owned(),
        value: OptionValue::One("3".to_owned()),
    };
    base.options.push(other.clone());
    let emptied = ConnectionForm {
        subprotocols: String::new(),
        send_on_connect: String::new(),
        headers: String::new(),
        ..form()
    };
    let connection = filled(base, &emptied).unwrap();
    assert_eq!(
        (connection.options, connection.headers),
        (vec![other], vec![])
    );
}

#[test]
fn mistakes_of_a_form_are_sentences() {
    let wrong = |change: fn(&mut ConnectionForm)| {
        let mut form = form();
        change(&mut form);
        filled(SavedConnection::default(), &form).unwrap_err()
    };
    assert!(wrong(|form| form.name.clear()).contains("needs a name"));
    assert!(wrong(|form| form.name = "tail".to_owned()).contains("`tail`"));
    assert!(wrong(|form| form.url = "ftp://a.test/".to_owned()).contains("ftp"));
    assert!(wrong(|form| form.headers = "x".to_owned()).contains("no colon"));
}

#[test]
fn a_suggested_name_is_that_of_no_other_connection() {
    let suggested = |url: &str, taken: &[&str]| {
        let url = Url::parse(url).unwrap();
        suggested_name(&url, |name| taken.contains(&name))
    };
    assert_eq!(suggested("http://a.test/", &[]), "a.test");
    assert_eq!(suggested("http://a.test/x/ticks/", &[]), "a.test-ticks");
    assert_eq!(
        suggested("ws://127.0.0.1:9500/chat", &[]),
        "127.0.0.1-9500-chat"
    );
    let taken = ["a.test", "a.test-ticks", "a.test-ticks-2"];
    assert_eq!(suggested("http://a.test/ticks", &taken), "a.test-ticks-3");
    assert_eq!(suggested("http://a.test/", &taken), "a.test-2");
}
