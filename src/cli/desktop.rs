//! Arguments that the desktop passes on. They may come from any page, so that none of them is an option, a name or a
//! command, and no feed is opened without a question.

use std::path::PathBuf;

use feedscope_core::safe_text::excerpt;
use feedscope_core::url_text::parse_url;
use url::Url;

use crate::plan::DesktopLink;

/// Scheme of links that open a feed.
const SCHEME: &str = "feedscope";

/// Returns the meaning of an argument.
pub(super) fn link(typed: &str) -> DesktopLink {
    let refused = |cause: &str| {
        let typed = excerpt(typed.as_bytes());
        DesktopLink::Refused(format!("`{typed}` is not opened: {cause}."))
    };
    let Ok(url) = Url::parse(typed) else {
        let path = PathBuf::from(typed);
        return if path.exists() {
            DesktopLink::File(path)
        } else {
            refused("there is no such file")
        };
    };
    match url.scheme() {
        "file" => match url.to_file_path() {
            Ok(path) => DesktopLink::File(path),
            Err(()) => refused("it names a file of another machine"),
        },
        SCHEME => match feed_of(&url) {
            Ok(url) => DesktopLink::Feed(url),
            Err(cause) => refused(&cause),
        },
        "http" | "https" | "ws" | "wss" => match parse_url(typed) {
            Ok(url) => DesktopLink::Feed(url),
            Err(problem) => refused(&problem.to_string()),
        },
        // A letter and a colon are a path on Windows.
        _ if PathBuf::from(typed).exists() => DesktopLink::File(PathBuf::from(typed)),
        _ => refused("it is no link to a feed"),
    }
}

/// Returns the URL in a link of the form `feedscope://open?url=…`.
fn feed_of(link: &Url) -> Result<Url, String> {
    let is_open = link.host_str() == Some("open") && matches!(link.path(), "" | "/");
    let is_plain = link.port().is_none() && link.username().is_empty() && link.password().is_none();
    if !is_open || !is_plain {
        return Err(format!("a link has the form {SCHEME}://open?url=…"));
    }
    let mut url = None;
    for (name, value) in link.query_pairs() {
        if name != "url" {
            return Err(format!("a link has no `{}`", excerpt(name.as_bytes())));
        }
        if url.replace(value).is_some() {
            return Err("a link has one `url`".to_owned());
        }
    }
    let url = url.ok_or_else(|| format!("a link has the form {SCHEME}://open?url=…"))?;
    // A name without a scheme could be that of a saved connection.
    if !url.contains("://") {
        return Err("its `url` has no scheme".to_owned());
    }
    parse_url(&url).map_err(|problem| problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(typed: &str) -> String {
        match link(typed) {
            DesktopLink::Feed(url) => url.to_string(),
            other => panic!("{typed}: {other:?}"),
        }
    }

    #[test]
    fn links_are_urls_or_contain_one() {
        assert_eq!(feed("wss://a.test/feed"), "wss://a.test/feed");
        assert_eq!(feed("https://a.test/e?x=1"), "https://a.test/e?x=1");
        for form in [
            "feedscope://open?url=",
            "feedscope://open/?url=",
            "FEEDSCOPE://open?url=",
        ] {
            let typed = format!("{form}wss%3A%2F%2Fa.test%2F%3Fb%3D1%26c%3D2");
            assert_eq!(feed(&typed), "wss://a.test/?b=1&c=2");
        }
    }

    #[test]
    fn links_carry_nothing_but_a_url() {
        for (typed, cause) in [
            ("feedscope://open", "has the form"),
            ("feedscope://open?", "has the form"),
            ("feedscope://send?url=ws%3A%2F%2Fa.test", "has the form"),
            ("feedscope://open/x?url=ws%3A%2F%2Fa.test", "has the form"),
            ("feedscope:open?url=ws%3A%2F%2Fa.test", "has the form"),
            ("feedscope://me@open?url=ws%3A%2F%2Fa.test", "has the form"),
            (
                "feedscope://open?url=ws%3A%2F%2Fa.test&header=X",
                "no `header`",
            ),
            (
                "feedscope://open?url=ws://a.test&url=ws://b.test",
                "one `url`",
            ),
            ("feedscope://open?url=desk", "no scheme"),
            (
                "feedscope://open?url=file%3A%2F%2F%2Fetc%2Fpasswd",
                "is not opened",
            ),
            (
                "feedscope://open?url=feedscope%3A%2F%2Fopen",
                "is not opened",
            ),
            ("javascript:alert(1)", "no link to a feed"),
            ("--screenshot=x.png", "no such file"),
            ("desk", "no such file"),
        ] {
            match link(typed) {
                DesktopLink::Refused(sentence) => assert!(sentence.contains(cause), "{sentence}"),
                other => panic!("{typed}: {other:?}"),
            }
        }
    }

    #[test]
    fn files_are_paths_or_urls() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b.feedscope");
        std::fs::write(&path, "").unwrap();
        let url = Url::from_file_path(&path).unwrap();
        assert_eq!(link(url.as_str()), DesktopLink::File(path.clone()));
        assert_eq!(link(path.to_str().unwrap()), DesktopLink::File(path));
        assert!(matches!(
            link("file://other.test/a"),
            DesktopLink::Refused(_)
        ));
    }
}
