//! Sentences about links that the desktop passes on.

use feedscope_core::protocol::Protocol;
use url::{Host, Url};

/// Explanation of the question.
pub(crate) const LINK_HINT: &str =
    "The link comes from another program. Nothing has been sent yet.";

/// Returns the title of the question about this number of feeds.
pub(crate) fn link_question(feeds: usize) -> String {
    match feeds {
        1 => "Connect to this feed?".to_owned(),
        feeds => format!("Connect to these {feeds} feeds?"),
    }
}

/// Returns sentences about the place that would be connected to, and about what would be sent.
pub(crate) fn link_effects(url: &Url) -> Vec<String> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let is_encrypted = matches!(url.scheme(), "https" | "wss");
    let encryption = if is_encrypted {
        "encrypted"
    } else {
        "not encrypted"
    };
    let what = match Protocol::of(url) {
        Some(Protocol::WebSocket) => "the opening handshake of a WebSocket",
        _ => "a GET request for an event stream",
    };
    let target = match (url.path(), url.query()) {
        (path, Some(_)) => format!("{path} and the text after the ?"),
        (path, None) => path.to_owned(),
    };
    let mut lines = vec![
        format!("To: {host}, port {port}, {encryption}"),
        format!("Sends: {what}, with {target}. No message and no secret of yours."),
    ];
    if !url.username().is_empty() || url.password().is_some() {
        lines.push("Sends also: the user name and the password in the link.".to_owned());
    }
    lines
}

/// Returns a warning if the host is this machine or in a private network, which pages cannot reach by themselves.
pub(crate) fn link_warning(url: &Url) -> Option<&'static str> {
    const MACHINE: &str =
        "This address is on your machine: a program that runs here would get the request.";
    const NETWORK: &str =
        "This address is in a private network: a device near you would get the request.";
    match url.host()? {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            let is_here = name == "localhost" || name.ends_with(".localhost");
            is_here.then_some(MACHINE)
        }
        Host::Ipv4(address) if address.is_loopback() || address.is_unspecified() => Some(MACHINE),
        Host::Ipv4(address) if address.is_private() || address.is_link_local() => Some(NETWORK),
        Host::Ipv6(address) if address.is_loopback() || address.is_unspecified() => Some(MACHINE),
        Host::Ipv6(address) if address.is_unique_local() || address.is_unicast_link_local() => {
            Some(NETWORK)
        }
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_reads_where_a_link_leads_and_what_it_sends() {
        let url = Url::parse("wss://me:pw@ex\u{e4}mple.org/feed?x=1").unwrap();
        let lines = link_effects(&url);
        assert_eq!(lines[0], "To: xn--exmple-cua.org, port 443, encrypted");
        assert!(lines[1].contains("WebSocket, with /feed and the text after the ?"));
        assert!(lines[2].contains("password in the link"));
        let plain = link_effects(&Url::parse("http://a.test:81/").unwrap());
        assert_eq!(plain[0], "To: a.test, port 81, not encrypted");
        assert_eq!(plain.len(), 2);
    }

    #[test]
    fn addresses_that_a_page_cannot_reach_have_a_warning() {
        for (host, warns) in [
            ("localhost", true),
            ("a.localhost.", true),
            ("127.1", true),
            ("0.0.0.0", true),
            ("[::1]", true),
            ("192.168.1.9", true),
            ("169.254.169.254", true),
            ("[fd00::1]", true),
            ("example.org", false),
            ("8.8.8.8", false),
        ] {
            let url = Url::parse(&format!("ws://{host}/")).unwrap();
            assert_eq!(link_warning(&url).is_some(), warns, "{host}");
        }
    }
}
