//! Parser for the text in a URL field, and the form of URLs without their secrets.
//!
//! It does not resolve names, and it uses no information besides the text.

mod masked;
mod parts;
mod proxy;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use url::{ParseError, Url};

pub use masked::{has_mask, is_secret_header, is_secret_name, masked, masked_text};
pub use proxy::{ProxyProblem, parse_proxy};

use parts::{authority, is_scheme};

/// Schemes of feeds.
const SCHEMES: [&str; 4] = ["http", "https", "ws", "wss"];

/// Quotes that may surround a pasted URL: opening and closing character.
const QUOTES: [(char, char); 8] = [
    ('"', '"'),
    ('\'', '\''),
    ('`', '`'),
    ('<', '>'),
    ('“', '”'),
    ('‘', '’'),
    ('„', '“'),
    ('«', '»'),
];

/// Schemes of addresses in which an `@` does not separate a user name from a host.
const ADDRESS_SCHEMES: [&str; 5] = ["acct", "mailto", "sip", "sips", "xmpp"];

/// Maximum number of typed characters that a sentence repeats.
const SHOWN_CHARS: usize = 60;

/// Returns the URL of a text; `None` if it has none, or if a mask stands in place of a secret.
pub fn complete_url(text: &str) -> Option<Url> {
    parse_url(text).ok().filter(|url| !has_mask(url))
}

/// Parses typed text as the URL of a feed.
///
/// White space, quotes and angle brackets around it are ignored. Without a scheme, `localhost`, an IP address,
/// `host:port` or a dotted name gets `http://`; a path and a query may follow.
pub fn parse_url(typed: &str) -> Result<Url, UrlProblem> {
    let text = without_quotes(typed);
    if text.is_empty() {
        return Err(UrlProblem::Empty);
    }
    if let Some((first, second)) = two_urls(text) {
        return Err(UrlProblem::Two {
            first: shown(first),
            second: shown(second),
        });
    }
    let text = with_scheme(text)?;
    let url = Url::parse(&text).map_err(|error| UrlProblem::of(error, &text))?;
    // Port 0 is valid in a URL, but no server can listen on it.
    if url.port() == Some(0) {
        return Err(UrlProblem::Port {
            port: "0".to_owned(),
        });
    }
    Ok(url)
}

/// Reason for which typed text is not the URL of a feed. Its `Display` explains it to people, with a correct example.
///
/// Repeated parts of the text are shortened, without secrets and control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    /// The text is empty.
    Empty,
    /// The scheme is none of `http`, `https`, `ws` and `wss`.
    Scheme {
        /// Scheme of the text.
        scheme: String,
    },
    /// The text contains several URLs.
    Two {
        /// First one.
        first: String,
        /// Second one.
        second: String,
    },
    /// The scheme is known, but no `//` follows it.
    Slashes {
        /// Scheme of the text.
        scheme: String,
        /// Text after the colon and any slashes.
        rest: String,
    },
    /// The text has no host.
    NoHost {
        /// Typed text.
        typed: String,
    },
    /// The host is neither a name nor an address.
    Host {
        /// Typed text.
        typed: String,
        /// Description of the problem with the host.
        detail: String,
    },
    /// The port is not a number from 1 to 65535.
    Port {
        /// Typed port.
        port: String,
    },
    /// The user name or password contains a character that ends the host part.
    UserInfo,
    /// The text is a word or a path, and not recognized as a URL or a host.
    NoUrl {
        /// Typed text.
        typed: String,
    },
}

impl UrlProblem {
    /// Converts an error of the `url` crate for `text`, which has a scheme.
    fn of(error: ParseError, text: &str) -> Self {
        let typed = shown(text);
        // The text has a scheme here, because one was added.
        let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority(after_scheme);
        match error {
            ParseError::EmptyHost => Self::NoHost { typed },
            // `user:pa/ss@host` parses as the host `user` with the port `pa`. Do not show a part of the password.
            ParseError::InvalidPort if after_scheme[authority.len()..].contains('@') => {
                Self::UserInfo
            }
            ParseError::InvalidPort => {
                let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
                Self::Port { port: shown(port) }
            }
            error => Self::Host {
                typed,
                detail: error.to_string(),
            },
        }
    }
}

impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no URL: type one such as http://localhost:8080/events"),
            Self::Scheme { scheme } => {
                write!(
                    f,
                    "`{scheme}` is no scheme of a live feed: type http://, https://, ws:// or wss://"
                )
            }
            Self::Two { first, second } => {
                write!(f, "`{first}` and `{second}` are two URLs: type one of them")
            }
            Self::Slashes { scheme, rest } => {
                write!(
                    f,
                    "`//` is missing after `{scheme}:`: type {scheme}://{rest}"
                )
            }
            Self::NoHost { typed } => write!(
                f,
                "`{typed}` names no host: type one such as http://localhost:8080"
            ),
            Self::Host { typed, detail } => {
                write!(
                    f,
                    "`{typed}` has no usable host ({detail}): type one such as http://localhost:8080"
                )
            }
            Self::Port { port } => write!(f, "`{port}` is no port: type a number from 1 to 65535"),
            Self::UserInfo => {
                write!(
                    f,
                    "the user name or password holds a /, ? or #: type %2F, %3F or %23 in its place"
                )
            }
            Self::NoUrl { typed } => {
                write!(
                    f,
                    "Not a URL: `{typed}`. Example: http://localhost:8080/events, or a host with its port"
                )
            }
        }
    }
}

impl std::error::Error for UrlProblem {}

/// Removes white space, invisible characters and quotes around the text.
fn without_quotes(typed: &str) -> &str {
    let blank = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200B}' | '\u{2060}' | '\u{FEFF}')
    };
    let mut text = typed.trim_matches(blank);
    // Quotes may be nested, as in a command line inside of a text.
    while let Some((open, close)) = QUOTES.iter().find(|(open, _)| text.starts_with(*open)) {
        let inner = text.strip_prefix(*open).unwrap_or(text);
        text = inner
            .strip_suffix(*close)
            .unwrap_or(inner)
            .trim_matches(blank);
    }
    // An apostrophe may end a URL; the other quotes may not.
    text.trim_end_matches(|c| blank(c) || matches!(c, '"' | '`' | '>' | '”' | '»'))
}

/// Returns the first two URLs of a text with several ones. Only a URL with a scheme follows another one, because any other word
/// after white space may belong to a path or a query.
fn two_urls(text: &str) -> Option<(&str, &str)> {
    let is_known = |scheme: &str| {
        let mut schemes = SCHEMES.iter();
        schemes.any(|known| known.eq_ignore_ascii_case(scheme))
    };
    let mut words = text
        .split_whitespace()
        .map(|word| without_quotes(word).trim_end_matches([',', ';']));
    let first = words.next()?;
    let second = words.find(|word| {
        let scheme = word.split_once("://").map(|(scheme, _)| scheme);
        scheme.is_some_and(is_known)
    })?;
    // A word before a URL may be anything else.
    parse_url(first).is_ok().then_some((first, second))
}

/// Returns the text with its scheme. It adds `http://` to a text that has no scheme and begins with a host.
fn with_scheme(text: &str) -> Result<String, UrlProblem> {
    if let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) {
        let lower = scheme.to_ascii_lowercase();
        let known = SCHEMES.contains(&lower.as_str());
        if known && rest.starts_with("//") {
            return Ok(text.to_owned());
        }
        // Everything after the colon would be taken for a path otherwise.
        if known {
            return Err(UrlProblem::Slashes {
                scheme: lower,
                rest: shown(rest.trim_start_matches('/')),
            });
        }
        // `host:8080` looks like a scheme too, but without slashes after the colon.
        if rest.starts_with("//") || ADDRESS_SCHEMES.contains(&lower.as_str()) {
            return Err(UrlProblem::Scheme {
                scheme: shown(scheme),
            });
        }
    }
    // A URL without its scheme may begin with two slashes.
    let text = text.strip_prefix("//").unwrap_or(text);
    let authority = authority(text);
    // The user name is not a part of the host.
    let host_and_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host_and_port)| host_and_port);
    // An IPv6 address needs brackets in a URL.
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Ok(format!("http://[{authority}]{}", &text[authority.len()..]));
    }
    if is_host(host_and_port) {
        return Ok(format!("http://{text}"));
    }
    Err(match text.split_once(':') {
        Some(("", _)) => UrlProblem::NoHost { typed: shown(text) },
        Some((scheme, _)) if is_scheme(scheme) => UrlProblem::Scheme {
            scheme: shown(scheme),
        },
        _ => UrlProblem::NoUrl { typed: shown(text) },
    })
}

/// Returns true for `localhost`, an address, a dotted name, or any name with a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        // A colon inside of brackets belongs to an IPv6 address.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let known_by_itself = bracketed.is_some()
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok()
        || is_dotted_name(host);
    // A single word is a host only together with a port.
    let named_with_port = !host.is_empty()
        && port
            .is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    known_by_itself || named_with_port
}

/// Returns true if the text has at least two labels and no empty label, except after a dot at the end.
fn is_dotted_name(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    text.contains('.')
        && text
            .split('.')
            .all(|label| !label.is_empty() && !label.contains(char::is_whitespace))
}

/// Returns typed text for a sentence: short, without secrets and control characters.
fn shown(text: &str) -> String {
    let masked = masked::masked_typed(text);
    let mut shown: String = masked
        .chars()
        .take(SHOWN_CHARS)
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect();
    if masked.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::parse_url;

    #[test]
    fn what_is_typed_is_understood() {
        for (typed, expected) in [
            ("http://example.com/feed?a=b", "http://example.com/feed?a=b"),
            ("HTTPS://Example.com", "https://example.com/"),
            ("ws://127.0.0.1:9001/chat", "ws://127.0.0.1:9001/chat"),
            ("WSS://example.com", "wss://example.com/"),
            ("localhost", "http://localhost/"),
            ("LOCALHOST", "http://localhost/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("localhost:8080/events", "http://localhost:8080/events"),
            ("localhost:", "http://localhost/"),
            ("localhost?since=1", "http://localhost/?since=1"),
            ("localhost/a:b@c", "http://localhost/a:b@c"),
            ("myhost:9000/a?b=c#d", "http://myhost:9000/a?b=c#d"),
            ("my_host:9000", "http://my_host:9000/"),
            ("127.0.0.1", "http://127.0.0.1/"),
            ("127.0.0.1:8080/events", "http://127.0.0.1:8080/events"),
            ("[::1]", "http://[::1]/"),
            ("[::1]:8080/events", "http://[::1]:8080/events"),
            ("::1", "http://[::1]/"),
            ("fe80::1/events", "http://[fe80::1]/events"),
            ("example.com", "http://example.com/"),
            ("example.com./events", "http://example.com./events"),
            (
                "stream.wikimedia.org/v2/stream/recentchange",
                "http://stream.wikimedia.org/v2/stream/recentchange",
            ),
            ("bücher.example/feed", "http://xn--bcher-kva.example/feed"),
            ("//localhost:8080/events", "http://localhost:8080/events"),
            (
                "user:pass@example.com:81/x",
                "http://user:pass@example.com:81/x",
            ),
            ("me@localhost:8080", "http://me@localhost:8080/"),
            (
                "localhost:8080/a b?to=c d:80",
                "http://localhost:8080/a%20b?to=c%20d:80",
            ),
            (
                "localhost:8080/go?to=http://example.com",
                "http://localhost:8080/go?to=http://example.com",
            ),
        ] {
            assert_eq!(
                parse_url(typed).map(String::from).as_deref(),
                Ok(expected),
                "{typed}"
            );
        }
    }

    #[test]
    fn what_is_pasted_around_a_url_is_ignored() {
        for typed in [
            " localhost:8080/events\r\n",
            "\"localhost:8080/events\"",
            "'localhost:8080/events'",
            "`localhost:8080/events`",
            "<localhost:8080/events>",
            "“localhost:8080/events”",
            "‘localhost:8080/events’",
            "„localhost:8080/events“",
            "«localhost:8080/events»",
            " \" <localhost:8080/events> \" ",
            "\"localhost:8080/events",
            "localhost:8080/events\"",
            "\u{FEFF}localhost:8080/events\u{200B}",
        ] {
            assert_eq!(
                parse_url(typed).map(String::from).as_deref(),
                Ok("http://localhost:8080/events"),
                "{typed}"
            );
        }
        assert_eq!(
            parse_url("localhost/it'").map(String::from).as_deref(),
            Ok("http://localhost/it'")
        );
    }

    #[test]
    fn what_is_no_url_gets_a_sentence_that_names_the_fault() {
        for (typed, sentence) in [
            ("", "no URL: type one such as http://localhost:8080/events"),
            (
                "  \"\" ",
                "no URL: type one such as http://localhost:8080/events",
            ),
            (
                "ftp://example.com",
                "`ftp` is no scheme of a live feed: type http://, https://, ws:// or wss://",
            ),
            (
                "file:///etc/passwd",
                "`file` is no scheme of a live feed: type http://, https://, ws:// or wss://",
            ),
            (
                "htp://localhost",
                "`htp` is no scheme of a live feed: type http://, https://, ws:// or wss://",
            ),
            (
                "mailto:me@example.com",
                "`mailto` is no scheme of a live feed: type http://, https://, ws:// or wss://",
            ),
            (
                "javascript:alert(1)",
                "`javascript` is no scheme of a live feed: type http://, https://, ws:// or wss://",
            ),
            (
                "http:8080",
                "`//` is missing after `http:`: type http://8080",
            ),
            (
                "wss:/example.com/x",
                "`//` is missing after `wss:`: type wss://example.com/x",
            ),
            (
                "http://",
                "`http://` names no host: type one such as http://localhost:8080",
            ),
            (
                ":8080/events",
                "`:8080/events` names no host: type one such as http://localhost:8080",
            ),
            (
                "localhost:99999",
                "`99999` is no port: type a number from 1 to 65535",
            ),
            (
                "localhost:0",
                "`0` is no port: type a number from 1 to 65535",
            ),
            (
                "localhost:http/x",
                "`http` is no port: type a number from 1 to 65535",
            ),
            (
                "http://a:b:c",
                "`c` is no port: type a number from 1 to 65535",
            ),
            (
                "http://me:pa/ss@example.com",
                "the user name or password holds a /, ? or #: type %2F, %3F or %23 in its place",
            ),
            (
                "http://localhost:8080/a ws://localhost:8081/b",
                "`http://localhost:8080/a` and `ws://localhost:8081/b` are two URLs: type one of them",
            ),
            (
                "localhost:8080/a, \n\"HTTPS://u:pw@example.com/b?token=s3cret\" http://c",
                "`localhost:8080/a` and `HTTPS://u:***@example.com/b?token=***` are two URLs: type one of them",
            ),
            (
                "talk",
                "Not a URL: `talk`. Example: http://localhost:8080/events, or a host with its port",
            ),
            (
                "/events",
                "Not a URL: `/events`. Example: http://localhost:8080/events, or a host with its port",
            ),
            (
                "../events.txt",
                "Not a URL: `../events.txt`. Example: http://localhost:8080/events, or a host with its port",
            ),
            (
                "http://exa mple.com",
                "`http://exa mple.com` has no usable host (invalid international domain name): \
                 type one such as http://localhost:8080",
            ),
            (
                "[::1/events",
                "`http://[::1/events` has no usable host (invalid IPv6 address): \
                 type one such as http://localhost:8080",
            ),
        ] {
            let problem = parse_url(typed).map_err(|problem| problem.to_string());
            assert_eq!(
                problem.map(String::from),
                Err(sentence.to_owned()),
                "{typed}"
            );
        }
    }

    #[test]
    fn a_sentence_repeats_no_secret_and_no_control_character() {
        for typed in [
            "http://me:hunter2@exa mple.com/",
            "me:hunter2@nowhere",
            "http://x y/?token=hunter2&a=b",
        ] {
            let sentence = parse_url(typed).unwrap_err().to_string();
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
        let sentence = parse_url("a\u{1B}[31mb").unwrap_err().to_string();
        assert!(!sentence.contains('\u{1B}'), "{sentence:?}");
        let sentence = parse_url(&"long".repeat(1000)).unwrap_err().to_string();
        assert!(sentence.len() < 250, "{sentence}");
    }
}
