//! Environment variables: proxies, and a file for the keys of TLS.
//!
//! Variables belong to a whole process. Therefore each case starts this program again, for one test that reads a feed
//! and prints the result.

use std::env;
use std::fs;
use std::process::Command;

use feedscope_core::feed::HostOverride;

use crate::feed::{Feed, once, states, summaries, word};
use crate::route::socks;
use crate::server::{Peer, Server, close, header, refused_address, text};
use crate::tls;
use crate::tunnel::http_proxy;

/// Variable with the URL of the feed.
const URL: &str = "FEEDSCOPE_TEST_URL";
/// Host name of the server. A name is needed because a loopback address is never reached through a proxy.
const HERE: &str = "feed.test";

/// Prefix of the result in the output of the test program.
const MARK: &str = "| ";

#[test]
#[ignore = "the tests below start it, each in an environment of its own"]
fn a_feed_is_read_in_this_environment() {
    let mut spec = once(&env::var(URL).unwrap());
    spec.transport.insecure = true;
    let port = spec.url.port_or_known_default().unwrap();
    spec.transport.resolve = vec![HostOverride {
        host: HERE.into(),
        port,
        addresses: vec![[127, 0, 0, 1].into()],
    }];
    let records = Feed::connect(spec).to_end();
    for line in summaries(&records) {
        println!("{MARK}{line}");
    }
    println!("{MARK}{}", states(&records).join(" "));
    println!("{MARK}{}", word(records.last().unwrap(), "reason"));
}

/// Returns the result of the feed at `url` with these variables set. Other relevant variables are removed.
fn read(url: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["environment::a_feed_is_read_in_this_environment", "--exact"]);
    // With one thread, a test program prints the name of the test before the first line that the test prints.
    command.args(["--ignored", "--nocapture", "--test-threads=2"]);
    command.env(URL, url);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env_remove("SSLKEYLOGFILE");
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let lines: Vec<_> = said
        .lines()
        .filter_map(|line| line.strip_prefix(MARK))
        .collect();
    lines.join("\n")
}

/// Sends an event or a message, and then the end, over the protocol that the client requested.
fn explain(peer: &mut Peer, what: &str) {
    if header(&peer.head, "upgrade").is_some() {
        peer.accept("", &[text(what), close(1000, "")].concat());
        peer.wait_for_end();
    } else {
        peer.send_feed_head();
        peer.send(format!("data: {what}\n\n"));
    }
}

fn explaining(what: &'static str) -> Server {
    Server::start(move |_, peer| explain(peer, what))
}

/// Returns true if the feed's first record is this event or message, in the form of `summaries`.
fn has(said: &str, what: &str) -> bool {
    let of = |line: &str| {
        line.trim_start_matches("event message ")
            .trim_start_matches("text in ")
            == what
    };
    said.lines().next().is_some_and(of)
}

#[test]
fn both_protocols_go_through_the_http_proxy_of_the_environment() {
    let server = explaining("hello");
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let port = server.port();
        for (scheme, what, request) in [
            (
                "http",
                "by proxy",
                format!("GET http://{HERE}:{port}/x HTTP/1.1"),
            ),
            ("ws", "hello", format!("CONNECT {HERE}:{port} HTTP/1.1")),
        ] {
            let proxy = http_proxy();
            let said = read(
                &format!("{scheme}://{HERE}:{port}/x"),
                &[(variable, &proxy.url("http", ""))],
            );
            assert!(has(&said, what), "{variable}: {said}");
            let requests = proxy.requests();
            assert!(requests[0].starts_with(&request), "{requests:?}");
        }
    }
}

#[test]
fn tls_goes_through_the_proxy_for_it_in_a_tunnel() {
    let server = Server::start_raw(|_, peer| tls::serve_both(peer));
    for variable in ["HTTPS_PROXY", "https_proxy", "all_proxy"] {
        for scheme in ["https", "wss"] {
            let proxy = http_proxy();
            let url = format!("{scheme}://{HERE}:{}/x?token=hunter2", server.port());
            let said = read(&url, &[(variable, &proxy.url("http", ""))]);
            assert!(has(&said, "secret"), "{variable}: {said}");
            let requests = proxy.requests();
            let tunnel = format!("CONNECT {HERE}:{} HTTP/1.1", server.port());
            assert!(requests[0].starts_with(&tunnel), "{requests:?}");
            assert!(!requests.concat().contains("hunter2"), "{requests:?}");
        }
    }
}

#[test]
fn both_protocols_go_through_the_socks_proxy_of_the_environment() {
    let plain = explaining("hello");
    let secret = Server::start_raw(|_, peer| tls::serve_both(peer));
    for (scheme, server, what) in [
        ("http", &plain, "hello"),
        ("ws", &plain, "hello"),
        ("https", &secret, "secret"),
        ("wss", &secret, "secret"),
    ] {
        for kind in ["socks5", "socks5h"] {
            let proxy = Server::start_raw(|_, peer| {
                socks(peer, 0).ok();
            });
            let url = format!("{scheme}://{HERE}:{}/", server.port());
            let said = read(&url, &[("ALL_PROXY", &proxy.url(kind, ""))]);
            assert!(has(&said, what), "{scheme} over {kind}: {said}");
        }
    }
}

#[test]
fn what_no_proxy_names_and_loopback_are_reached_without_one() {
    let server = explaining("straight");
    let proxy = http_proxy();
    let variable = proxy.url("http", "");
    for (host, no_proxy) in [
        (HERE, HERE),
        (HERE, ".test"),
        (HERE, "other.example, feed.test"),
        (HERE, "*.test"),
        (HERE, "10.0.0.0/8 feed.test:PORT"),
        (HERE, "*"),
        ("127.0.0.1", ""),
        ("localhost", ""),
        ("app.localhost.", ""),
    ] {
        let no_proxy = no_proxy.replace("PORT", &server.port().to_string());
        for scheme in ["http", "ws"] {
            let url = format!("{scheme}://{host}:{}/", server.port());
            let said = read(&url, &[("ALL_PROXY", &variable), ("NO_PROXY", &no_proxy)]);
            assert!(
                has(&said, "straight"),
                "{url} with NO_PROXY={no_proxy}: {said}"
            );
        }
    }
    let url = format!("http://{HERE}:{}/", server.port());
    let said = read(
        &url,
        &[("http_proxy", &variable), ("NO_PROXY", "test.example,feed")],
    );
    assert!(has(&said, "by proxy"), "{said}");
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn a_proxy_of_the_environment_is_told_the_name_and_password_that_stand_there() {
    let (server, proxy) = (explaining("hello"), http_proxy());
    let variable = proxy.url("http", "").replace("//", "//ada:s3cret@");
    for scheme in ["http", "ws"] {
        let url = format!("{scheme}://{HERE}:{}/", server.port());
        read(&url, &[("HTTP_PROXY", &variable)]);
    }
    let requests = proxy.requests();
    assert_eq!(requests.len(), 2);
    for request in requests {
        assert_eq!(
            header(&request, "proxy-authorization"),
            Some("Basic YWRhOnMzY3JldA=="),
            "{request}"
        );
    }
}

#[test]
fn a_proxy_of_the_environment_that_fails_is_named_without_its_password() {
    let strict = Server::answering(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"Office\"\r\n\r\n",
    );
    let strict = strict.url("http", "");
    let gone = format!("http://{}", refused_address());
    for (proxy, says) in [
        (&strict, "requires a login"),
        (&gone, "did not let us through"),
    ] {
        let address = proxy.trim_start_matches("http://");
        for scheme in ["http", "ws", "https", "wss"] {
            let variable = format!("http://ada:hunter2@{address}");
            let said = read(&format!("{scheme}://{HERE}/"), &[("ALL_PROXY", &variable)]);
            let named = said.contains(&format!("the proxy {address}")) && said.contains(says);
            assert!(named && !said.contains("hunter2"), "{scheme}: {said}");
        }
    }
}

#[test]
fn a_variable_that_is_not_a_proxy_is_named_without_its_password() {
    for (variable, value) in [
        ("http_proxy", "http://ada:hunter2@127.0.0.1:99999"),
        ("HTTP_PROXY", "gopher://ada:hunter2@127.0.0.1"),
        ("all_proxy", "http://ada:hunter2@"),
    ] {
        for scheme in ["http", "ws"] {
            let said = read(&format!("{scheme}://{HERE}/"), &[(variable, value)]);
            let named = format!("the proxy in the environment variable {variable} cannot be used");
            assert!(said.contains(&named), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}

/// Returns true for a line of a key log in the format of NSS: a label, the client's random value, and a secret.
fn is_key_log_line(line: &str) -> bool {
    const LABELS: [&str; 6] = [
        "CLIENT_RANDOM",
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "SERVER_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
    ];
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words: Vec<_> = line.split(' ').collect();
    let [label, random, secret] = words[..] else {
        return false;
    };
    LABELS.contains(&label)
        && random.len() == 64
        && secret.len() >= 64
        && is_hex(random)
        && is_hex(secret)
}

#[test]
fn the_keys_of_tls_are_logged_where_the_environment_names_a_file() {
    let server = Server::start_raw(|_, peer| tls::serve_both(peer));
    let folder = tempfile::tempdir().unwrap();
    for scheme in ["https", "wss"] {
        let file = folder.path().join(scheme);
        let url = server.url(scheme, "/");
        let said = read(&url, &[("SSLKEYLOGFILE", file.to_str().unwrap())]);
        assert!(has(&said, "secret"), "{said}");
        let log = fs::read_to_string(file).unwrap();
        let lines: Vec<_> = log.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(
            lines.iter().any(|line| line.starts_with("CLIENT_")),
            "{log}"
        );
        assert!(lines.iter().all(|line| is_key_log_line(line)), "{log}");
    }
}
