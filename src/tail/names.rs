//! Short names for the feeds of a run. They are stable and unique. A URL is not used as a name, because it may contain
//! secrets.

use std::collections::HashSet;

use url::Url;

/// Length of the longest name in characters, without the number that makes it unique.
const LONGEST: usize = 24;

/// Returns a name for each feed, in order. It is the name of the saved connection, or the last path segment of the URL or,
/// without one, the host. A name that is taken gets a number, such as `-2` or `-3`.
pub(crate) fn short_names<'a>(
    feeds: impl Iterator<Item = (&'a Url, Option<&'a str>)>,
) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for (url, saved) in feeds {
        let stem = saved.map_or_else(|| stem(url), str::to_owned);
        let mut name = stem.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

fn stem(url: &Url) -> String {
    // A path may end with a slash, so that the last segment that is not empty counts.
    let segment = url
        .path_segments()
        .and_then(|segments| segments.rev().find(|segment| !segment.is_empty()));
    let stem = segment.or(url.host_str()).unwrap_or("feed");
    stem.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_unique() {
        let urls = [
            "http://localhost:1/events",
            "ws://localhost:2/chat/",
            "http://other/a/events?token=s3cret",
            "http://user:s3cret@example.com/",
            "http://[::1]/",
            "http://localhost/events-2",
            "http://localhost/events",
            "http://localhost/a-very-long-segment-that-nobody-wants-to-read",
        ]
        .map(|url| Url::parse(url).unwrap());
        let expected = [
            "events",
            "chat",
            "events-2",
            "example.com",
            "[::1]",
            "events-2-2",
            "events-3",
            "a-very-long-segment-that",
        ];
        assert_eq!(short_names(urls.iter().map(|url| (url, None))), expected);
        let saved = urls.iter().take(2).map(|url| (url, Some("desk")));
        assert_eq!(short_names(saved), ["desk", "desk-2"]);
    }
}
