//! Connection of a feed that is saved already. It is saved again with the changes of the feed, and keeps what only the file
//! knows. Nothing is removed: a header or an option that the feed does not have stays, and the form can remove it.

use feedscope_files::connections::{
    OptionValue, ReplacedSecret, SavedConnection, SavedOption, has_variable,
};

/// Returns the saved connection with the changes of its feed. `last` is the connection of the feed when it was last saved in
/// this run: what is the same since then was perhaps changed in the form, and stays as it is in the file.
pub(super) fn with_changes(
    saved: &SavedConnection,
    of_feed: SavedConnection,
    last: Option<&SavedConnection>,
    replaced: &[ReplacedSecret],
) -> SavedConnection {
    // A secret that stands in the file is not replaced by a variable whose value is kept nowhere.
    let mut plain = of_feed.clone();
    for secret in replaced {
        secret.write_into(&mut plain);
    }
    let is_same_url = plain.url == saved.url || last.is_some_and(|last| last.url == of_feed.url);
    let url = if is_same_url || has_variable(&saved.url) {
        saved.url.clone()
    } else {
        of_feed.url.clone()
    };
    let changed_headers = of_feed.headers.iter().filter(|(name, _)| {
        let is_in_file = values(&plain.headers, name) == values(&saved.headers, name);
        !is_in_file
            && last.is_none_or(|last| values(&last.headers, name) != values(&of_feed.headers, name))
    });
    let changed_headers = changed_headers.cloned().collect();
    let changed_options = of_feed.options.iter().filter(|option| {
        let kept = find(&saved.options, &option.name).map(|option| &option.value);
        let is_in_file = find(&plain.options, &option.name).map(|option| &option.value) == kept;
        !is_in_file && last.is_none_or(|last| find(&last.options, &option.name) != Some(*option))
    });
    let changed_options = changed_options.cloned().collect();
    SavedConnection {
        name: saved.name.clone(),
        url,
        group: saved.group.clone(),
        headers: headers(&saved.headers, changed_headers),
        options: options(&saved.options, changed_options),
        env_file: saved.env_file.clone(),
        messages: saved.messages.clone(),
        ..of_feed
    }
}

/// Returns the values of a header in order.
fn values<'a>(headers: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let named = headers.iter().filter(|header| is_named(name, header));
    named.map(|(_, value)| value.as_str()).collect()
}

fn is_named(name: &str, (other, _): &(String, String)) -> bool {
    name.eq_ignore_ascii_case(other)
}

/// Returns the option with one of the forms of this name.
fn find<'a>(options: &'a [SavedOption], name: &str) -> Option<&'a SavedOption> {
    options
        .iter()
        .find(|option| is_same_name(&option.name, name))
}

/// Returns the saved headers, with the values of the feed in place of those without variables.
fn headers(saved: &[(String, String)], of_feed: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_kept = |name: &str| {
        let mut values = saved.iter().filter(|header| is_named(name, header));
        values.any(|(_, value)| has_variable(value))
    };
    let is_of_feed = |name: &str| of_feed.iter().any(|header| is_named(name, header));
    let mut all: Vec<(String, String)> = Vec::new();
    for header in saved {
        let (name, _) = header;
        if is_kept(name) || !is_of_feed(name) {
            all.push(header.clone());
        } else if !all.iter().any(|known| is_named(name, known)) {
            let values = of_feed.iter().filter(|other| is_named(name, other));
            all.extend(values.cloned());
        }
    }
    let is_new = |(name, _): &(String, String)| !saved.iter().any(|known| is_named(name, known));
    all.extend(of_feed.into_iter().filter(is_new));
    all
}

/// Returns the saved options, with the values of the feed in place of those without variables.
fn options(saved: &[SavedOption], of_feed: Vec<SavedOption>) -> Vec<SavedOption> {
    let known = saved.iter().map(|option| {
        let new = find(&of_feed, &option.name).filter(|_| !has_variables(&option.value));
        new.unwrap_or(option).clone()
    });
    let mut all: Vec<_> = known.collect();
    all.extend(
        of_feed
            .into_iter()
            .filter(|it| find(saved, &it.name).is_none()),
    );
    all
}

/// Returns true for two forms of one name: `send_on_connect` and `send-on-connect`, `subprotocol` and `subprotocols`.
fn is_same_name(one: &str, other: &str) -> bool {
    let form = |name: &str| name.replace('_', "-").trim_end_matches('s').to_owned();
    form(one) == form(other)
}

fn has_variables(value: &OptionValue) -> bool {
    match value {
        OptionValue::Flag(_) => false,
        OptionValue::One(text) => has_variable(text),
        OptionValue::Many(texts) => texts.iter().any(|text| has_variable(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(name: &str, value: &str) -> SavedOption {
        SavedOption {
            name: name.to_owned(),
            value: OptionValue::Many(vec![value.to_owned()]),
        }
    }

    fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        all.iter().map(own).collect()
    }

    #[test]
    fn what_only_the_file_has_stays() {
        let saved = SavedConnection {
            name: "desk".to_owned(),
            url: "https://a.test/${ROOM}".to_owned(),
            group: Some("work".to_owned()),
            headers: pairs(&[("X-Key", "${KEY}"), ("Accept", "a"), ("X-Old", "1")]),
            options: vec![option("send-on-connect", "hi"), option("unknown", "1")],
            env_file: Some("x.env".into()),
            ..SavedConnection::default()
        };
        let of_feed = SavedConnection {
            url: "https://a.test/lobby".to_owned(),
            headers: pairs(&[("x-key", "k"), ("accept", "b"), ("X-New", "2")]),
            options: vec![option("subprotocols", "chat")],
            filter: Some("type:price".to_owned()),
            ..SavedConnection::default()
        };
        let expected = SavedConnection {
            headers: pairs(&[
                ("X-Key", "${KEY}"),
                ("accept", "b"),
                ("X-Old", "1"),
                ("X-New", "2"),
            ]),
            options: vec![
                option("send-on-connect", "hi"),
                option("unknown", "1"),
                option("subprotocols", "chat"),
            ],
            filter: Some("type:price".to_owned()),
            ..saved.clone()
        };
        assert_eq!(with_changes(&saved, of_feed, None, &[]), expected);
    }

    #[test]
    fn a_changed_option_replaces_the_saved_one_in_either_form_of_its_name() {
        let saved = SavedConnection {
            options: vec![
                option("subprotocol", "a"),
                option("send_on_connect", "${HI}"),
            ],
            ..SavedConnection::default()
        };
        let of_feed = SavedConnection {
            options: vec![
                option("subprotocols", "b"),
                option("send-on-connect", "hello"),
            ],
            ..SavedConnection::default()
        };
        let options = with_changes(&saved, of_feed, None, &[]).options;
        assert_eq!(
            options,
            [
                option("subprotocols", "b"),
                option("send_on_connect", "${HI}")
            ]
        );
    }

    #[test]
    fn what_the_feed_has_not_changed_since_it_was_saved_stays_as_the_form_left_it() {
        let saved = SavedConnection {
            url: "https://a.test/new".to_owned(),
            headers: pairs(&[("A", "from the form"), ("B", "1")]),
            options: vec![option("subprotocols", "from the form")],
            ..SavedConnection::default()
        };
        let last = SavedConnection {
            url: "https://a.test/".to_owned(),
            headers: pairs(&[("A", "0"), ("B", "1"), ("Removed", "in the form")]),
            options: vec![option("subprotocols", "a")],
            ..SavedConnection::default()
        };
        let same = with_changes(&saved, last.clone(), Some(&last), &[]);
        assert_eq!(same, saved);
        let of_feed = SavedConnection {
            headers: pairs(&[("A", "0"), ("B", "2"), ("C", "3")]),
            options: vec![option("subprotocols", "b")],
            ..last.clone()
        };
        let changed = with_changes(&saved, of_feed, Some(&last), &[]);
        assert_eq!(
            changed.headers,
            pairs(&[("A", "from the form"), ("B", "2"), ("C", "3")])
        );
        assert_eq!(changed.options, [option("subprotocols", "b")]);
    }

    #[test]
    fn a_secret_that_stands_in_the_file_stays_there() {
        let saved = SavedConnection {
            url: "https://a.test/".to_owned(),
            headers: pairs(&[("Authorization", "Bearer s3cret")]),
            ..SavedConnection::default()
        };
        let mut of_feed = saved.clone();
        let replaced = of_feed.replace_secrets();
        assert!(has_variable(&of_feed.headers[0].1));
        assert_eq!(with_changes(&saved, of_feed, None, &replaced), saved);
    }

    #[test]
    fn a_connection_without_changes_stays_the_same() {
        let saved = SavedConnection {
            name: "desk".to_owned(),
            url: "https://a.test/".to_owned(),
            headers: pairs(&[("A", "1"), ("A", "2"), ("B", "3")]),
            options: vec![option("subprotocols", "a")],
            ..SavedConnection::default()
        };
        assert_eq!(with_changes(&saved, saved.clone(), None, &[]), saved);
    }
}
