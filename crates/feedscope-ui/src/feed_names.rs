//! Names of feeds in tabs, for screen readers and in messages: the shortest text that tells a feed apart from the other
//! feeds of the window.

use url::Url;

use crate::scene::{FeedScene, Scene};
use crate::widgets::cut_middle;

/// Returns the name of a feed: that of its saved connection, its file, or the part of its URL that no other feed has.
pub(crate) fn of(feed: Option<&FeedScene>, scene: &Scene<'_>) -> String {
    let Some(feed) = feed else {
        return "No feed".to_owned();
    };
    let name = own_name(feed, scene);
    // Feeds of the same URL differ by their number.
    let same = scene.feeds().filter(|other| own_name(other, scene) == name);
    let same: Vec<_> = same.map(|other| other.id).collect();
    match same.iter().position(|id| *id == feed.id) {
        Some(place) if same.len() > 1 => format!("{name} ({})", place + 1),
        _ => name,
    }
}

/// Returns the name of a feed without the number that tells it apart from feeds with the same name.
fn own_name(feed: &FeedScene, scene: &Scene<'_>) -> String {
    if let Some(file) = feed.source.file() {
        let others = scene.feeds().filter_map(|other| other.source.file());
        let others: Vec<&str> = others.map(|other| other.path.as_str()).collect();
        let path = end_of_path(&file.path, &others);
        // The feeds of a recording have the same file.
        return match file.feed.as_str() {
            "" => path,
            // A file without names is called after itself.
            name if is_stem(name, &path) => path,
            name => format!("{name} – {path}"),
        };
    }
    if let Some(name) = &feed.name {
        return name.clone();
    }
    let live = |other: &&FeedScene| other.source.is_live() && other.name.is_none();
    let urls = scene.feeds().filter(live);
    let urls: Vec<&Url> = urls.filter_map(|other| other.source.url()).collect();
    let url = feed.source.url();
    url.map_or_else(String::new, |url| of_url(url, &urls))
}

/// Returns the part of a URL that tells it apart from these URLs: its path, and in front of it or behind it what differs
/// among the URLs with the same path.
fn of_url(url: &Url, all: &[&Url]) -> String {
    let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
    let path = match url.path() {
        "" | "/" => "",
        path => path,
    };
    let like: Vec<&Url> = all
        .iter()
        .copied()
        .filter(|other| *other != url && other.path() == url.path())
        .collect();
    let hosts: Vec<String> = like.iter().map(|other| host(other)).collect();
    let has_other_host = hosts.iter().any(|other| *other != host(url));
    let of_host = |other: &&&Url| host(other) == host(url);
    let of_host: Vec<&Url> = like.iter().filter(of_host).copied().collect();
    let port = url.port_or_known_default();
    let differs_in_port = of_host
        .iter()
        .any(|other| other.port_or_known_default() != port);
    let mut name = match (has_other_host, path) {
        (_, "") => host(url),
        (true, _) => start_of_host(&host(url), &hosts),
        (false, _) => String::new(),
    };
    if differs_in_port && let Some(port) = port {
        name.push(':');
        name.push_str(&port.to_string());
    }
    name.push_str(path);
    let mut of_port = of_host
        .iter()
        .filter(|other| other.port_or_known_default() == port);
    if of_port.any(|other| other.query() != url.query())
        && let Some(query) = url.query()
    {
        name.push('?');
        name.push_str(query);
    }
    name
}

/// Returns a host without the labels at its end that all of these hosts have, too: `eu.…` of `eu.example.org` beside
/// `us.example.org`.
fn start_of_host(host: &str, others: &[String]) -> String {
    let is_address = |host: &str| !host.contains(char::is_alphabetic) || host.contains(':');
    if is_address(host) || others.iter().any(|other| is_address(other)) {
        return host.to_owned();
    }
    let labels: Vec<&str> = host.split('.').collect();
    let common = |other: &String| {
        let same = |(one, other): &(&&str, &str)| **one == *other;
        let pairs = labels.iter().rev().zip(other.rsplit('.'));
        pairs.take_while(same).count()
    };
    let others = others.iter().filter(|other| *other != host);
    let shared = others.map(common).min().unwrap_or(0);
    // A single label less saves too little, and the first label always stays.
    let shared = shared.min(labels.len().saturating_sub(1));
    if shared < 2 {
        return host.to_owned();
    }
    format!("{}.…", labels[..labels.len() - shared].join("."))
}

/// Returns true if a file at this path has this name apart from its ending.
pub(crate) fn is_stem(name: &str, path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let ending = file.strip_prefix(name);
    ending.is_some_and(|ending| ending.starts_with('.'))
}

/// Returns names of feeds for narrow tabs, in which `fitting` characters have room. A name is cut at its end, or in its middle
/// where another one begins alike.
pub(crate) fn in_narrow_tabs(names: &[String], fitting: usize) -> Vec<String> {
    // The folders that all paths have in common distinguish nothing.
    let paths = names.iter().filter(|name| name.starts_with('/'));
    let common = paths.map(String::as_str).reduce(|common, path| {
        let same = common.bytes().zip(path.bytes());
        let same = same.take_while(|(one, other)| one == other).count();
        // A cut within a character is before the last divider.
        let end = common.as_bytes()[..same]
            .iter()
            .rposition(|sign| *sign == b'/');
        &common[..end.map_or(0, |end| end + 1)]
    });
    let is_single = names.iter().filter(|name| name.starts_with('/')).count() == 1;
    let common = common.filter(|_| !is_single).unwrap_or("/");
    let short = |name: &String| {
        let short = name.strip_prefix(common).filter(|short| !short.is_empty());
        short.unwrap_or(name).to_owned()
    };
    let names: Vec<String> = names.iter().map(short).collect();
    let start = |name: &str| -> String { name.chars().take(fitting.saturating_sub(1)).collect() };
    let fitted = names.iter().enumerate().map(|(at, name)| {
        if name.chars().count() <= fitting {
            return name.clone();
        }
        let own = start(name);
        let others = names.iter().enumerate().filter(|(other, _)| *other != at);
        if others
            .map(|(_, other)| start(other))
            .any(|other| other == own)
        {
            cut_middle(name, fitting).into_owned()
        } else {
            format!("{own}…")
        }
    });
    fitted.collect()
}

/// Returns the name of a file, with as many of its folders as tell it apart from the other paths.
fn end_of_path(path: &str, all: &[&str]) -> String {
    let is_divider = |sign: char| matches!(sign, '/' | '\\');
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split(is_divider).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let own = parts(path);
    let same = |other: &&str| {
        let other = parts(other);
        let same = own.iter().rev().zip(other.iter().rev());
        same.take_while(|(one, other)| one == other).count()
    };
    let others = all.iter().filter(|other| **other != path);
    let needed = others.map(same).max().unwrap_or(0) + 1;
    own[own.len().saturating_sub(needed)..].join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(urls: &[&str]) -> Vec<String> {
        let urls: Vec<Url> = urls.iter().map(|url| Url::parse(url).unwrap()).collect();
        let all: Vec<&Url> = urls.iter().collect();
        urls.iter().map(|url| of_url(url, &all)).collect()
    }

    #[test]
    fn a_name_has_what_differs_and_no_more() {
        assert_eq!(names(&["http://a.test/events"]), ["/events"]);
        assert_eq!(names(&["http://a.test/"]), ["a.test"]);
        let names_of = names(&["http://a.test/one", "http://b.test/two"]);
        assert_eq!(names_of, ["/one", "/two"]);
        let by_host = names(&[
            "https://eu.feeds.example.org/v1",
            "https://us.feeds.example.org/v1",
        ]);
        assert_eq!(by_host, ["eu.…/v1", "us.…/v1"]);
        let by_host = names(&["https://a.test/v1", "https://b.test/v1"]);
        assert_eq!(by_host, ["a.test/v1", "b.test/v1"]);
        let by_port = names(&["http://127.0.0.1:9101/e", "http://127.0.0.1:9102/e"]);
        assert_eq!(by_port, [":9101/e", ":9102/e"]);
        let by_port = names(&["http://127.0.0.1:9101", "http://127.0.0.1:9102"]);
        assert_eq!(by_port, ["127.0.0.1:9101", "127.0.0.1:9102"]);
        let by_query = names(&[
            "http://a.test/e?s=ACME",
            "http://a.test/e?s=SKL",
            "http://a.test/e",
        ]);
        assert_eq!(by_query, ["/e?s=ACME", "/e?s=SKL", "/e"]);
        let by_address = names(&["http://10.0.0.1/e", "http://10.0.0.2/e"]);
        assert_eq!(by_address, ["10.0.0.1/e", "10.0.0.2/e"]);
        let by_scheme = names(&["http://a.test/chat", "ws://a.test/chat"]);
        assert_eq!(by_scheme, ["/chat", "/chat"], "a number tells them apart");
    }

    #[test]
    fn a_name_that_is_the_stem_of_its_file_is_left_out() {
        for (name, path, expected) in [
            ("n2", "n2.sse", true),
            ("n2", "old/n2.sse.gz", true),
            ("n", "n2.sse", false),
            ("ticks", "a.feedscope", false),
        ] {
            assert_eq!(is_stem(name, path), expected, "{name} {path}");
        }
    }

    #[test]
    fn names_in_narrow_tabs_differ() {
        for (names, fitting, expected) in [
            (
                &["/ticks", "/lines", "/holes"][..],
                5,
                &["ticks", "lines", "holes"][..],
            ),
            (&["/v1/ticks", "/v1/é/x"], 4, &["tic…", "é/x"]),
            (&["/ticks"], 9, &["ticks"]),
            (&["/a/ticks", "a.test"], 9, &["a/ticks", "a.test"]),
            (
                &["content_block_start", "content_block_stop"],
                9,
                &["cont…tart", "cont…stop"],
            ),
            (&["/v1/", "/v1/a"], 5, &["/v1/", "a"]),
        ] {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(in_narrow_tabs(&names, fitting), expected);
        }
    }

    #[test]
    fn files_of_one_name_differ_by_their_folder() {
        let all = ["/tmp/old/a.sse", "/tmp/new/a.sse", "/tmp/new/b.sse"];
        let names: Vec<String> = all.iter().map(|path| end_of_path(path, &all)).collect();
        assert_eq!(names, ["old/a.sse", "new/a.sse", "b.sse"]);
    }
}
