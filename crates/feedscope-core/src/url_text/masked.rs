//! URLs and header names with masked secrets. It changes only the shown text, never the sent data.

use std::borrow::Cow;

use url::{Url, form_urlencoded};

use super::parts::{authority, is_scheme};

/// Text in place of a secret.
const MASK: &str = "***";

/// Returns true if a mask stands in place of a secret, as in a URL that was copied from the window.
pub fn has_mask(url: &Url) -> bool {
    let text = url.as_str();
    if !text.contains(MASK) || masked(url) != text {
        return false;
    }
    // Another text in this place would be masked. An ordinary parameter may contain the same characters.
    let filled = Url::parse(&text.replace(MASK, "x"));
    filled.is_ok_and(|filled| masked(&filled) != filled.as_str())
}

/// Names that announce a secret as a whole, without case and separators. Parts of other names do not, as in
/// `country_code`.
const SECRET_NAMES: [&str; 8] = [
    "code",
    "codeverifier",
    "hmac",
    "oauthverifier",
    "otp",
    "samlart",
    "samlresponse",
    "ticket",
];

/// Words that announce a secret in any position of a name, as in `X-Amz-Security-Token` or `sessionId`.
const SECRET_WORDS: [&str; 26] = [
    "apikey",
    "assertion",
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "cred",
    "credential",
    "credentials",
    "creds",
    "csrf",
    "jwt",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "session",
    "sid",
    "sig",
    "signature",
    "token",
    "xsrf",
];

/// Ends that make a word secret if a name is written as one word, as in `accesstoken`.
const SECRET_ENDS: [&str; 11] = [
    "accesskey",
    "apikey",
    "authkey",
    "listenkey",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "sessid",
    "sessionid",
    "token",
];

/// Headers with such a word in their name whose values are not secret.
const OPEN_HEADERS: [&str; 1] = ["Sec-WebSocket-Key"];

/// Returns the URL with masked secrets: a password (or a user name without a password), values in the query and
/// fragment whose names announce secrets, and a fragment without names.
pub fn masked(url: &Url) -> String {
    mask_after_scheme(url.as_str())
}

/// Returns a text, such as that of an error, in which every URL is [`masked`].
pub fn masked_text(text: &str) -> String {
    let delimiter = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | '`');
    text.split_inclusive(delimiter)
        .flat_map(|piece| {
            let word = piece.trim_end_matches(delimiter);
            [
                Cow::Owned(mask_after_scheme(word)),
                Cow::Borrowed(&piece[word.len()..]),
            ]
        })
        .collect()
}

/// Masks text that was typed as a URL, with or without a scheme.
pub(super) fn masked_typed(text: &str) -> String {
    match text.split_once("://") {
        Some((scheme, _)) if is_scheme(scheme) => mask_after_scheme(text),
        _ => mask_url("", text),
    }
}

/// Returns true for headers whose values are secrets: credentials, cookies, API keys.
pub fn is_secret_header(name: &str) -> bool {
    is_secret_name(name)
        && !OPEN_HEADERS
            .iter()
            .any(|open| open.eq_ignore_ascii_case(name))
}

/// Returns true for names, such as those of query values, whose values are secrets.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let has_secret_word = words.split(' ').any(|word| {
        SECRET_WORDS.contains(&word) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
    });
    has_secret_word || SECRET_NAMES.contains(&words.replace(' ', "").as_str())
}

/// Returns the words of a name in small letters, separated by spaces. `X-Api-Key`, `apiKey` and `api_key` give the same
/// words.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for c in name.chars() {
        if c.is_alphanumeric() {
            // A capital letter after a small one begins a new word, as in `apiKey`.
            if after_small && c.is_uppercase() {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        } else {
            words.push(' ');
        }
        after_small = c.is_lowercase() || c.is_numeric();
    }
    words
}

fn mask_after_scheme(text: &str) -> String {
    match text.find("://") {
        Some(colon) => {
            let (scheme, rest) = text.split_at(colon + "://".len());
            mask_url(scheme, rest)
        }
        None => text.to_owned(),
    }
}

/// Masks a URL that was split after its scheme. It works on text, so that it also masks text that is not a URL.
fn mask_url(scheme: &str, rest: &str) -> String {
    let authority = authority(rest);
    let (hierarchy, fragment) = split_at_char(rest, '#');
    let (before_query, query) = split_at_char(hierarchy, '?');
    let path = &before_query[authority.len()..];
    [
        scheme,
        &mask_user(authority),
        path,
        &mask_pairs(query, |part| part.into()),
        // In a fragment, a value without a name is often a secret. In a query, it is often a name without a value.
        &mask_pairs(fragment, mask_bare),
    ]
    .concat()
}

fn mask_user(authority: &str) -> Cow<'_, str> {
    // A password may contain an `@`, so that the last one counts.
    let Some((user_info, host)) = authority.rsplit_once('@') else {
        return Cow::Borrowed(authority);
    };
    match user_info.split_once(':') {
        Some((user, password)) if !user.is_empty() && !password.is_empty() => {
            format!("{user}:{MASK}@{host}").into()
        }
        // A user name without a password is often a token.
        _ => format!("{MASK}@{host}").into(),
    }
}

/// Masks the values of a query or fragment and keeps its first character. `mask_nameless` masks the parts without a
/// name.
fn mask_pairs(text: &str, mask_nameless: fn(&str) -> Cow<'_, str>) -> String {
    let (introduction, pairs) = text.split_at(text.len().min(1));
    [introduction]
        .into_iter()
        .map(Cow::Borrowed)
        .chain(pairs.split_inclusive('&').map(|part| {
            let (pair, separator) = match part.strip_suffix('&') {
                Some(pair) => (pair, "&"),
                None => (part, ""),
            };
            let masked = match pair.split_once('=') {
                Some((name, value)) => mask_value(pair, name, value),
                None => mask_nameless(pair),
            };
            match masked {
                Cow::Borrowed(_) => Cow::Borrowed(part),
                Cow::Owned(masked) => Cow::Owned(masked + separator),
            }
        }))
        .collect()
}

/// Masks the value of `pair`, which is `name=value`, if the name announces a secret.
fn mask_value<'a>(pair: &'a str, name: &str, value: &str) -> Cow<'a, str> {
    // Names in a query may be percent-encoded.
    let decoded = form_urlencoded::parse(name.as_bytes()).next();
    if !value.is_empty() && decoded.is_some_and(|(name, _)| is_secret_name(&name)) {
        Cow::Owned(format!("{name}={MASK}"))
    } else {
        Cow::Borrowed(pair)
    }
}

fn mask_bare(text: &str) -> Cow<'_, str> {
    if text.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(MASK.to_owned())
    }
}

/// Splits before the first `at`, which belongs to the second part.
fn split_at_char(text: &str, at: char) -> (&str, &str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{has_mask, is_secret_header, is_secret_name, masked, masked_text};

    #[test]
    fn a_mask_in_place_of_a_secret_is_recognized() {
        for (text, expected) in [
            ("http://a.test/e?token=***", true),
            ("http://***@a.test/", true),
            ("http://me:***@a.test/?a=1", true),
            ("http://a.test/e?token=abc", false),
            ("http://a.test/e?q=***", false),
            ("http://a.test/", false),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(has_mask(&url), expected, "{text}");
        }
    }

    #[test]
    fn urls_are_shown_without_their_secrets() {
        for (url, expected) in [
            (
                "http://localhost:8080/events?since=3",
                "http://localhost:8080/events?since=3",
            ),
            (
                "http://localhost:8080/events?since=3#eyJhbGciOi",
                "http://localhost:8080/events?since=3#***",
            ),
            ("http://localhost/#", "http://localhost/#"),
            (
                "http://localhost/?code=x&error_code=7&debug#y&state=1&Code=z",
                "http://localhost/?code=***&error_code=7&debug#***&state=1&Code=***",
            ),
            (
                "https://me:hunter2@example.com/x",
                "https://me:***@example.com/x",
            ),
            ("https://ghp_abc@example.com/x", "https://***@example.com/x"),
            (
                "https://:hunter2@example.com/x",
                "https://***@example.com/x",
            ),
            (
                "https://me:p%40ss@example.com/x",
                "https://me:***@example.com/x",
            ),
            (
                "wss://example.com/ws?token=abc",
                "wss://example.com/ws?token=***",
            ),
            (
                "wss://example.com/ws?a=b&Access_Token=abc&c=d",
                "wss://example.com/ws?a=b&Access_Token=***&c=d",
            ),
            (
                "wss://example.com/ws?apiKey=abc&api_key=abc&apikey=abc",
                "wss://example.com/ws?apiKey=***&api_key=***&apikey=***",
            ),
            (
                "wss://example.com/ws?%74oken=abc",
                "wss://example.com/ws?%74oken=***",
            ),
            (
                "wss://example.com/ws?token=a=b",
                "wss://example.com/ws?token=***",
            ),
            (
                "wss://example.com/ws?token=a?b",
                "wss://example.com/ws?token=***",
            ),
            (
                "wss://example.com/ws?token=&key",
                "wss://example.com/ws?token=&key",
            ),
            (
                "https://example.com/#access_token=abc&x=y",
                "https://example.com/#access_token=***&x=y",
            ),
            (
                "https://example.com/a@b?x=c:d@e",
                "https://example.com/a@b?x=c:d@e",
            ),
        ] {
            assert_eq!(masked(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn urls_within_text_are_masked_and_the_rest_stays() {
        assert_eq!(
            masked_text(
                "error at \"http://me:hunter2@localhost/?key=1\": token=7, see ws://a/?sig=2 "
            ),
            "error at \"http://me:***@localhost/?key=***\": token=7, see ws://a/?sig=*** ",
        );
    }

    #[test]
    fn names_of_secrets_are_told_from_others() {
        for name in [
            "token",
            "key",
            "secret",
            "password",
            "auth",
            "access_token",
            "api_key",
            "apikey",
            "sig",
            "signature",
            "jwt",
            "session",
            "sessionId",
            "session_id",
            "accesstoken",
            "X-Amz-Signature",
            "X-Amz-Credential",
            "X-Amz-Security-Token",
            "X-Goog-Signature",
            "refresh_token",
            "id_token",
            "assertion",
            "client_assertion",
            "code",
            "Code",
            "code_verifier",
            "oauth_verifier",
            "SAMLResponse",
            "ticket",
            "hmac",
            "otp",
            "PHPSESSID",
            "JSESSIONID",
            "csrf",
            "listenKey",
            "client_secret",
            "TOKEN",
            "accessToken",
            "pwd",
            "authToken2",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "since",
            "keyword",
            "keys_only",
            "max_tokens",
            "author",
            "design",
            "monkey",
            "id",
            "",
            "symbol",
            "passage",
            "state",
            "nonce",
            "error_code",
            "countryCode",
            "code2",
            "tickets",
            "unicode",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn headers_with_credentials_are_told_from_others() {
        for name in [
            "Authorization",
            "authorization",
            "Proxy-Authorization",
            "Cookie",
            "Set-Cookie",
            "X-Api-Key",
            "Api-Key",
            "X-Auth-Token",
            "X-Client-Secret",
            "PRIVATE-TOKEN",
            "Ocp-Apim-Subscription-Key",
            "x-goog-api-key",
            "apikey",
        ] {
            assert!(is_secret_header(name), "{name}");
        }
        for name in [
            "Accept",
            "Last-Event-ID",
            "Sec-WebSocket-Key",
            "sec-websocket-key",
            "WWW-Authenticate",
            "Origin",
        ] {
            assert!(!is_secret_header(name), "{name}");
        }
    }
}
