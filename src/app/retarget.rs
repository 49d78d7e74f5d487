//! Options that a feed keeps when its pane is pointed to another URL. Secrets are kept only for the origin for which
//! they were given.

use feedscope_core::feed::{
    FeedSpec, HttpChanges, LifeChanges, ReadingChanges, SpecChanges, TransportChanges,
    WebSocketChanges,
};
use url::{Origin, Url};

/// Returns the spec for `url` in a pane that showed `old`.
pub(super) fn retargeted(old: Option<&FeedSpec>, url: Url) -> FeedSpec {
    let fresh = FeedSpec::new(url);
    let Some(old) = old else {
        return fresh;
    };
    let same_origin = is_same_server(&old.url, &fresh.url);
    let same_protocol = old.protocol() == fresh.protocol();
    let same_url = old.url == fresh.url;
    // Both URLs have the same defaults, so that these are the options that the user set.
    let SpecChanges {
        transport:
            TransportChanges {
                connect_timeout,
                proxy,
                unix_socket,
                resolve,
                ca_file,
                client_certificate,
                client_key,
                insecure,
                compression,
            },
        http:
            HttpChanges {
                headers,
                method,
                body,
                last_event_id,
                response_timeout,
            },
        web_socket:
            WebSocketChanges {
                subprotocols,
                send_on_connect,
                echo,
                keepalive,
            },
        life:
            LifeChanges {
                policy,
                max_reconnects,
                resend,
            },
        keeping,
        reading:
            ReadingChanges {
                event_stream_engine,
                event_stream_second_opinion,
                web_socket_engine,
                web_socket_second_opinion,
                format,
            },
    } = old.diff(&fresh);
    // Limits and timeouts do not depend on the server, so that they apply to every URL.
    let kept = SpecChanges {
        transport: TransportChanges {
            connect_timeout,
            proxy,
            resolve,
            compression,
            // A socket and certificates belong to one server, as do headers.
            unix_socket: unix_socket.filter(|_| same_origin),
            ca_file: ca_file.filter(|_| same_origin),
            client_certificate: client_certificate.filter(|_| same_origin),
            client_key: client_key.filter(|_| same_origin),
            // The user has decided to trust any certificate for that server only.
            insecure: insecure.filter(|_| same_origin),
        },
        http: HttpChanges {
            response_timeout,
            headers: headers.filter(|_| same_origin),
            // A method and a body belong to one URL.
            method: method.filter(|_| same_url),
            body: body.filter(|_| same_url),
            // A last event ID has a meaning only in the feed that it came from.
            last_event_id: last_event_id.filter(|_| same_url),
        },
        web_socket: WebSocketChanges {
            echo,
            keepalive,
            subprotocols: subprotocols.filter(|_| same_origin),
            send_on_connect: send_on_connect.filter(|_| same_origin),
        },
        life: LifeChanges {
            policy,
            max_reconnects,
            // Permission to repeat a request belongs to that request.
            resend: resend.filter(|_| same_url),
        },
        keeping,
        reading: ReadingChanges {
            // The choice of an engine, or of a comparison, ends with its protocol.
            event_stream_engine: event_stream_engine.filter(|_| same_protocol),
            event_stream_second_opinion: event_stream_second_opinion.filter(|_| same_protocol),
            web_socket_engine: web_socket_engine.filter(|_| same_protocol),
            web_socket_second_opinion: web_socket_second_opinion.filter(|_| same_protocol),
            format: format.filter(|_| same_origin),
        },
    };
    fresh.with(kept)
}

/// Gives a spec the options that belong to its server, as a former spec for this server had them.
pub(super) fn restore_server_options(spec: &mut FeedSpec, former: &FeedSpec) {
    let own = retargeted(Some(former), spec.url.clone());
    spec.transport.unix_socket = own.transport.unix_socket;
    spec.transport.ca_file = own.transport.ca_file;
    spec.transport.client_certificate = own.transport.client_certificate;
    spec.transport.client_key = own.transport.client_key;
    spec.transport.insecure = own.transport.insecure;
    spec.http.headers = own.http.headers;
    spec.web_socket.subprotocols = own.web_socket.subprotocols;
    spec.web_socket.send_on_connect = own.web_socket.send_on_connect;
    spec.reading.format = own.reading.format;
}

/// Returns true if a spec has options that belong to its server.
pub(super) fn has_server_options(spec: &FeedSpec) -> bool {
    let fresh = FeedSpec::new(spec.url.clone());
    let mut with_options = fresh.clone();
    restore_server_options(&mut with_options, spec);
    with_options != fresh
}

/// Returns true if the server of both specs is reached in the same way, so that no other one gets what is meant for it.
pub(super) fn is_reached_alike(one: &FeedSpec, other: &FeedSpec) -> bool {
    let way = |spec: &FeedSpec| (spec.transport.proxy.clone(), spec.transport.resolve.clone());
    way(one) == way(other)
}

/// Returns true if both URLs lead to the same server.
pub(super) fn is_same_server(one: &Url, other: &Url) -> bool {
    server_of(one) == server_of(other)
}

/// Returns the origin of a URL. An opening handshake is a request to the same server as one for an event stream, so that
/// `ws://` counts as `http://`, and `wss://` as `https://` (RFC 6455, section 3).
fn server_of(url: &Url) -> Origin {
    match url.origin() {
        Origin::Tuple(scheme, host, port) => {
            let scheme = match scheme.as_str() {
                "ws" => "http".to_owned(),
                "wss" => "https".to_owned(),
                _ => scheme,
            };
            Origin::Tuple(scheme, host, port)
        }
        opaque @ Origin::Opaque(_) => opaque,
    }
}

/// Returns a sentence about the headers of `old` that the spec for another URL does not have; `None` if it has all. Only the
/// names are in it, because a value may be a secret.
pub(super) fn dropped_headers(old: &FeedSpec, new: &FeedSpec) -> Option<String> {
    let is_kept = |name: &str| new.http.headers.iter().any(|(kept, _)| kept == name);
    let names = names_of_headers(old, |name| !is_kept(name))?;
    let subject = if names.contains(',') {
        "They were"
    } else {
        "It was"
    };
    let [old, new] = [old, new].map(|spec| spec.url.origin().ascii_serialization());
    // A narrow window shows only the beginning.
    Some(format!(
        "{NOT_SENT} {names}. {subject} set for {old} and not for {new}."
    ))
}

/// Beginning of the sentence about headers that another server does not get.
pub(super) const NOT_SENT: &str = "Not sent:";

/// Returns a sentence about the headers of a spec that its server gets again; `None` without headers.
pub(super) fn returned_headers(spec: &FeedSpec) -> Option<String> {
    let names = names_of_headers(spec, |_| true)?;
    let server = spec.url.origin().ascii_serialization();
    Some(format!("Sent to {server} again: {names}"))
}

/// Returns the names of some of a spec's headers as a list, each once; `None` without any.
fn names_of_headers(spec: &FeedSpec, is_listed: impl Fn(&str) -> bool) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in &spec.http.headers {
        if is_listed(name) && !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use feedscope_core::connection::ReconnectPolicy;
    use feedscope_core::feed::{ReadingOptions, Resend};
    use feedscope_core::protocol::Engine;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn old() -> FeedSpec {
        let mut spec = FeedSpec::new(url("https://one.example/a"));
        spec.http.headers = vec![("Authorization".to_owned(), "s3cret".into())];
        spec.http.last_event_id = "7".to_owned();
        spec.http.response_timeout = Some(Duration::from_secs(2));
        spec.http.method = Some("POST".to_owned());
        spec.web_socket.subprotocols = vec!["chat".to_owned()];
        spec.transport.insecure = true;
        spec.transport.connect_timeout = Duration::from_secs(1);
        spec.life.policy = ReconnectPolicy::Never;
        spec.life.resend = Resend::Always;
        spec.reading.choose(Engine::EventsourceClient);
        spec
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        for other in [
            "https://two.example/a",
            "http://one.example/a",
            "https://one.example:8443/a",
            "ws://one.example/a",
            "ws://one.example:443/a",
        ] {
            let new = retargeted(Some(&old()), url(other));
            assert_eq!(
                (
                    new.http.headers,
                    new.web_socket.subprotocols,
                    new.transport.insecure
                ),
                (Vec::new(), Vec::new(), false),
                "{other}"
            );
            assert_eq!(
                (
                    new.life.policy,
                    new.transport.connect_timeout,
                    new.http.response_timeout
                ),
                (
                    ReconnectPolicy::Never,
                    Duration::from_secs(1),
                    Some(Duration::from_secs(2))
                )
            );
        }
        let same = retargeted(Some(&old()), url("https://one.example/b"));
        assert_eq!(
            (same.http.headers, same.transport.insecure),
            (old().http.headers, true)
        );
        // The opening handshake goes to the same server.
        let socket = retargeted(Some(&old()), url("wss://one.example/b"));
        assert_eq!(
            (socket.http.headers, socket.transport.insecure),
            (old().http.headers, true)
        );
        // Permission to repeat a request belongs to that request.
        assert_eq!(
            (same.http.method, same.life.resend),
            (None, Resend::SafeRequests)
        );
    }

    #[test]
    fn headers_that_do_not_follow_are_named_without_their_values() {
        let mut old = old();
        let sentence = |old: &FeedSpec, text: &str| {
            let new = retargeted(Some(old), url(text));
            dropped_headers(old, &new)
        };
        assert_eq!(sentence(&old, "https://one.example/b"), None);
        assert_eq!(
            sentence(&old, "wss://two.example/a?token=abc").as_deref(),
            Some(
                "Not sent: Authorization. It was set for https://one.example and not for wss://two.example."
            )
        );
        for (name, value) in [("X-Key", "1"), ("X-Key", "2")] {
            old.http.headers.push((name.to_owned(), value.into()));
        }
        assert_eq!(
            sentence(&old, "http://one.example:81/").as_deref(),
            Some(
                "Not sent: Authorization, X-Key. They were set for https://one.example and not for http://one.example:81."
            )
        );
        old.http.headers.clear();
        assert_eq!(sentence(&old, "https://two.example/"), None);
    }

    #[test]
    fn the_options_of_a_server_return_with_it() {
        let old = old();
        let left = retargeted(Some(&old), url("https://two.example/a"));
        assert!(has_server_options(&old) && !has_server_options(&left));
        // The opening handshake goes to the same server.
        for (path, is_same) in [
            ("https://one.example/b", true),
            ("wss://one.example/c", true),
            ("https://one.example:81/a", false),
        ] {
            let mut back = retargeted(Some(&left), url(path));
            restore_server_options(&mut back, &old);
            let (headers, subprotocols) = (back.http.headers, back.web_socket.subprotocols);
            assert_eq!(headers == old.http.headers, is_same, "{path}");
            assert_eq!(headers.is_empty(), !is_same, "{path}");
            assert_eq!(
                (subprotocols.len(), back.transport.insecure),
                (usize::from(is_same), is_same)
            );
            // What belongs to one URL does not return with another one.
            assert_eq!(
                (back.http.method, back.http.last_event_id),
                (None, String::new())
            );
        }
        let mut through_proxy = left.clone();
        let proxy = url("http://proxy.example:1");
        through_proxy.transport.proxy = Some(proxy.into());
        assert!(is_reached_alike(&old, &left) && !is_reached_alike(&old, &through_proxy));
        let sentence = returned_headers(&old);
        let expected = "Sent to https://one.example again: Authorization";
        assert_eq!(sentence.as_deref(), Some(expected));
        assert_eq!(returned_headers(&left), None);
    }

    #[test]
    fn an_id_stays_with_its_url() {
        assert_eq!(retargeted(Some(&old()), old().url), old());
        assert_eq!(
            retargeted(Some(&old()), url("https://one.example/b"))
                .http
                .last_event_id,
            ""
        );
    }

    #[test]
    fn an_engine_stays_with_its_protocol() {
        assert_eq!(
            retargeted(Some(&old()), url("wss://one.example/")).reading,
            ReadingOptions::default()
        );
        assert_eq!(
            retargeted(Some(&old()), url("https://two.example/")).engine(),
            Engine::EventsourceClient
        );
    }

    #[test]
    fn an_empty_pane_begins_with_defaults() {
        assert_eq!(
            retargeted(None, url("ws://localhost/")),
            FeedSpec::new(url("ws://localhost/"))
        );
    }
}
