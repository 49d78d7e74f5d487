//! List `NO_PROXY` of the hosts that are reached without a proxy. It is parsed as in curl. Two forms of other programs
//! are accepted too: `*.example.com`, and a port after the host.

use std::net::IpAddr;

use url::{Host, Url};

/// Returns true if `list` contains the host of `url`.
///
/// Commas or spaces separate the entries. An entry is one of:
///
/// - `*`: every host;
/// - `example.com`, `.example.com` or `*.example.com`: this host and all names under it;
/// - an IP address, or a network such as `10.0.0.0/8` or `fe80::/10`;
/// - a host or an address with a port, such as `example.com:8080` or `[::1]:8080`: only this port.
pub(super) fn names_host(list: &str, url: &Url) -> bool {
    list.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|entry| !entry.is_empty())
        .any(|entry| matches_entry(entry, url))
}

fn matches_entry(entry: &str, url: &Url) -> bool {
    let (host, port) = split_port(entry);
    if port.is_some() && port != url.port_or_known_default() {
        return false;
    }
    if host == "*" {
        return true;
    }
    match url.host() {
        Some(Host::Domain(name)) => is_at_or_under(name, host),
        Some(Host::Ipv4(address)) => is_in_network(address.into(), host),
        Some(Host::Ipv6(address)) => is_in_network(address.into(), host),
        None => false,
    }
}

/// Splits `host:port`. The colons of an IPv6 address without brackets do not begin a port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    // An IPv6 address with a port is in brackets.
    if let Some((host, rest)) = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        return (
            host,
            rest.strip_prefix(':').and_then(|port| port.parse().ok()),
        );
    }
    match entry.split_once(':') {
        Some((host, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_not_a_port) => (entry, None),
        },
        _ => (entry, None),
    }
}

/// Compares names without regard to case and to a dot at the end, which only marks a name as complete.
fn is_at_or_under(name: &str, domain: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let domain = domain
        .trim_start_matches('*')
        .trim_matches('.')
        .to_ascii_lowercase();
    match name.strip_suffix(&domain) {
        Some(_) if domain.is_empty() => false,
        Some(under) => under.is_empty() || under.ends_with('.'),
        None => false,
    }
}

/// Compares as many leading bits as the network's length specifies, or all bits of an address without a length.
fn is_in_network(address: IpAddr, network: &str) -> bool {
    let (network, length) = match network.split_once('/') {
        Some((network, length)) => match length.parse() {
            Ok(length) => (network, Some(length)),
            Err(_not_a_length) => return false,
        },
        None => (network, None),
    };
    match (address, network.parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(network))) => {
            // The addresses share as many leading bits as their difference has leading zeros.
            let differs = u32::from(address) ^ u32::from(network);
            length.unwrap_or(32) <= 32 && differs.leading_zeros() >= length.unwrap_or(32)
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(network))) => {
            let differs = u128::from(address) ^ u128::from(network);
            length.unwrap_or(128) <= 128 && differs.leading_zeros() >= length.unwrap_or(128)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, named: &[&str], others: &[&str]) {
        let names_host = |url: &str| names_host(list, &Url::parse(url).unwrap());
        for url in named {
            assert!(names_host(url), "{list:?} names the host of {url}");
        }
        for url in others {
            assert!(!names_host(url), "{list:?} does not name the host of {url}");
        }
    }

    #[test]
    fn a_domain_names_itself_and_what_is_under_it() {
        for list in [
            "example.com",
            ".example.com",
            "*.example.com",
            "EXAMPLE.com.",
            "other.test,example.com",
            "other.test, example.com",
            "other.test example.com",
            " \tother.test ,, example.com ",
        ] {
            check(
                list,
                &[
                    "http://example.com/",
                    "https://www.Example.com:8080/",
                    "http://a.b.example.com./",
                ],
                &[
                    "http://badexample.com/",
                    "http://example.com.evil.test/",
                    "http://com/",
                    "http://10.0.0.1/",
                ],
            );
        }
    }

    #[test]
    fn an_asterisk_names_every_host_and_an_empty_list_none() {
        check(
            "*",
            &["http://a.test/", "http://10.0.0.1/", "http://[::1]/"],
            &[],
        );
        check("a.test,*", &["http://b.test/"], &[]);
        check("", &[], &["http://a.test/", "http://10.0.0.1/"]);
        check(" , ", &[], &["http://a.test/"]);
        check(".", &[], &["http://a.test/"]);
        check("*.", &[], &["http://a.test/"]);
    }

    #[test]
    fn a_port_limits_an_entry_to_this_port() {
        check(
            "example.com:8080",
            &["http://example.com:8080/", "http://a.example.com:8080/"],
            &["http://example.com/", "https://example.com:8443/"],
        );
        check(
            "example.com:443,*:81",
            &["https://example.com/", "http://a.test:81/"],
            &["http://example.com/"],
        );
        check("10.0.0.1:80", &["http://10.0.0.1/"], &["https://10.0.0.1/"]);
        check(
            "[::1]:8080",
            &["http://[::1]:8080/"],
            &["http://[::1]/", "http://[::2]:8080/"],
        );
    }

    #[test]
    fn addresses_and_networks_are_compared_as_numbers() {
        check("10.0.0.1", &["http://10.0.0.1:81/"], &["http://10.0.0.2/"]);
        check(
            "10.0.0.0/8, 192.168.2.0/23",
            &["http://10.255.1.2/", "http://192.168.3.9/"],
            &["http://11.0.0.1/", "http://192.168.4.1/", "http://[::1]/"],
        );
        check("0.0.0.0/0", &["http://9.9.9.9/"], &["http://[::1]/"]);
        check("10.0.0.1/32", &["http://10.0.0.1/"], &["http://10.0.0.0/"]);
        check("10.0.0.0/33", &[], &["http://10.0.0.0/"]);
        check("10.0.0.0/x", &[], &["http://10.0.0.0/"]);
        check("0.0.0.1", &[], &["http://10.0.0.1/"]);
        check(
            "2001:DB8:0::/32 fe80::1 [::5]",
            &[
                "http://[2001:db8:9::1]/",
                "http://[fe80::1]/",
                "http://[::5]/",
            ],
            &["http://[2001:db9::1]/", "http://[fe80::2]/"],
        );
        check("2001:db8::/129", &[], &["http://[2001:db8::]/"]);
    }
}
