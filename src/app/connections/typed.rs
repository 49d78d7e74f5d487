//! Values that the user typed for variables. They stay in memory, and each is used only for the destination for which it
//! was asked, so that a secret never reaches another server.

use std::collections::BTreeMap;

use feedscope_core::url_text::parse_url;
use feedscope_files::connections::{OptionValue, SavedConnection};

use crate::cli::saved::with_known;

/// Options that lead to another server than the one in the URL, or remove the proof of its identity.
const WAYS: [&str; 4] = ["proxy", "unix-socket", "resolve", "insecure"];

/// Server of a connection (scheme, host and port), with the way to it. Two connections have the same destination only if
/// their values reach the same server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Destination {
    server: String,
    way: Vec<String>,
}

impl Destination {
    /// Returns the destination of a connection. `known` reads variables that the user is not asked for.
    pub(super) fn of(connection: &SavedConnection, known: &dyn Fn(&str) -> Option<String>) -> Self {
        let url = with_known(&connection.url, known);
        let server = match parse_url(&url) {
            Ok(url) => url.origin().ascii_serialization(),
            // A text that is no URL before all of its variables have values stands for itself.
            Err(_) => url,
        };
        let mut way = Vec::new();
        for option in &connection.options {
            if !WAYS.contains(&option.name.as_str()) {
                continue;
            }
            let texts: &[String] = match &option.value {
                OptionValue::Flag(false) => continue,
                OptionValue::Flag(true) => &[],
                OptionValue::One(text) => std::slice::from_ref(text),
                OptionValue::Many(texts) => texts,
            };
            way.push(option.name.clone());
            way.extend(texts.iter().map(|text| with_known(text, known)));
        }
        Self { server, way }
    }
}

/// Values that the user typed, by destination and variable.
#[derive(Default)]
pub(super) struct TypedValues {
    all: BTreeMap<Destination, BTreeMap<String, String>>,
}

impl TypedValues {
    /// Returns the values for a destination by the names of their variables.
    pub(super) fn of(&self, destination: &Destination) -> BTreeMap<String, String> {
        self.all.get(destination).cloned().unwrap_or_default()
    }

    /// Keeps a value for a destination.
    pub(super) fn insert(&mut self, destination: Destination, variable: String, value: String) {
        let values = self.all.entry(destination).or_default();
        values.insert(variable, value);
    }

    /// Forgets a value, so that the user is asked for it again.
    pub(super) fn forget(&mut self, destination: &Destination, variable: &str) {
        if let Some(values) = self.all.get_mut(destination) {
            values.remove(variable);
        }
    }
}

#[cfg(test)]
mod tests {
    use feedscope_files::connections::SavedOption;

    use super::*;

    fn to(url: &str, options: &[(&str, &str)]) -> Destination {
        let option = |(name, text): &(&str, &str)| SavedOption {
            name: (*name).to_owned(),
            value: OptionValue::One((*text).to_owned()),
        };
        let connection = SavedConnection {
            url: url.to_owned(),
            options: options.iter().map(option).collect(),
            ..SavedConnection::default()
        };
        let known = |name: &str| (name == "HOST").then(|| "b.test".to_owned());
        Destination::of(&connection, &known)
    }

    #[test]
    fn another_scheme_host_port_or_way_is_another_destination() {
        let desk = to("https://a.test/x?t=${T}", &[]);
        for same in [
            to("https://u:${P}@a.test:443/y", &[]),
            to("https://A.test", &[("echo", "x")]),
        ] {
            assert_eq!(desk, same);
        }
        for other in [
            to("http://a.test/x?t=${T}", &[]),
            to("https://a.test:8443/x?t=${T}", &[]),
            to("https://b.test/x?t=${T}", &[]),
            to("https://${NAME}/x?t=${T}", &[]),
            to("https://a.test/x?t=${T}", &[("proxy", "http://p.test:1")]),
            to("https://a.test/x?t=${T}", &[("resolve", "a.test:443:::1")]),
            to("https://a.test/x?t=${T}", &[("unix-socket", "/run/x")]),
        ] {
            assert_ne!(desk, other);
        }
        // A variable with a value is the server that it names.
        assert_eq!(to("https://${HOST}/", &[]), to("https://b.test/", &[]));
        let ways = ["${HOST}:1", "b.test:1", "c.test:1"]
            .map(|proxy| to("ws://a.test", &[("proxy", proxy)]));
        assert_eq!(ways[0], ways[1]);
        assert_ne!(ways[1], ways[2]);
    }

    #[test]
    fn a_value_is_kept_for_its_destination_only() {
        let (one, two) = (to("http://a.test/", &[]), to("http://b.test/", &[]));
        let mut typed = TypedValues::default();
        typed.insert(one.clone(), "T".to_owned(), "s3cret".to_owned());
        assert_eq!(typed.of(&one).get("T").map(String::as_str), Some("s3cret"));
        assert!(typed.of(&two).is_empty());
        typed.forget(&two, "T");
        assert_eq!(typed.of(&one).len(), 1);
        typed.forget(&one, "T");
        assert!(typed.of(&one).is_empty());
    }
}
