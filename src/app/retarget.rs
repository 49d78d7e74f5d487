//! Options that a feed keeps when its pane is pointed to another URL. Secrets are kept only for the origin for which
//! they were given.

use feedscope_core::feed::{FeedSpec, Resend};
use feedscope_core::protocol::Engine;
use url::Url;

/// Returns the spec for `url` in a pane that showed `old`.
pub(super) fn retargeted(old: Option<&FeedSpec>, url: Url) -> FeedSpec {
    let fresh = FeedSpec::new(url);
    let Some(old) = old.cloned() else {
        return fresh;
    };
    let same_origin = old.url.origin() == fresh.url.origin();
    let same_protocol = old.protocol() == fresh.protocol();
    let same_url = old.url == fresh.url;
    // Limits and timeouts do not depend on the server, so that they apply to every URL.
    let general = FeedSpec {
        policy: old.policy,
        max_reconnects: old.max_reconnects,
        connect_timeout: old.connect_timeout,
        response_timeout: old.response_timeout,
        keepalive: old.keepalive,
        max_message: old.max_message,
        budget: old.budget,
        disk_history: old.disk_history,
        proxy: old.proxy,
        resolve: old.resolve,
        compression: old.compression,
        echo: old.echo,
        engine: if same_protocol {
            old.engine
        } else {
            Engine::default()
        },
        format: if same_origin {
            old.format
        } else {
            fresh.format
        },
        second_opinion: old.second_opinion.filter(|_| same_protocol),
        ..fresh
    };
    if !same_origin {
        return general;
    }
    FeedSpec {
        headers: old.headers,
        subprotocols: old.subprotocols,
        send_on_connect: old.send_on_connect,
        // The user has decided to trust any certificate for that server only.
        insecure: old.insecure,
        ca_file: old.ca_file,
        client_certificate: old.client_certificate,
        client_key: old.client_key,
        unix_socket: old.unix_socket,
        // A method and a body belong to one URL.
        method: old.method.filter(|_| same_url),
        body: old.body.filter(|_| same_url),
        resend: if same_url {
            old.resend
        } else {
            Resend::default()
        },
        // A last event ID has a meaning only in the feed that it came from.
        last_event_id: if same_url {
            old.last_event_id
        } else {
            String::new()
        },
        ..general
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use feedscope_core::connection::ReconnectPolicy;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn old() -> FeedSpec {
        FeedSpec {
            headers: vec![("Authorization".to_owned(), "s3cret".to_owned())],
            subprotocols: vec!["chat".to_owned()],
            last_event_id: "7".to_owned(),
            insecure: true,
            policy: ReconnectPolicy::Never,
            connect_timeout: Duration::from_secs(1),
            response_timeout: Some(Duration::from_secs(2)),
            engine: Engine::TokioTungstenite,
            method: Some("POST".to_owned()),
            resend: Resend::Always,
            ..FeedSpec::new(url("https://one.example/a"))
        }
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        for other in [
            "https://two.example/a",
            "http://one.example/a",
            "https://one.example:8443/a",
        ] {
            let new = retargeted(Some(&old()), url(other));
            assert_eq!(
                (new.headers, new.subprotocols, new.insecure),
                (Vec::new(), Vec::new(), false),
                "{other}"
            );
            assert_eq!(
                (new.policy, new.connect_timeout, new.response_timeout),
                (
                    ReconnectPolicy::Never,
                    Duration::from_secs(1),
                    Some(Duration::from_secs(2))
                )
            );
        }
        let same = retargeted(Some(&old()), url("https://one.example/b"));
        assert_eq!((same.headers, same.insecure), (old().headers, true));
        // Permission to repeat a request belongs to that request.
        assert_eq!((same.method, same.resend), (None, Resend::SafeRequests));
    }

    #[test]
    fn an_id_stays_with_its_url() {
        assert_eq!(retargeted(Some(&old()), old().url), old());
        assert_eq!(
            retargeted(Some(&old()), url("https://one.example/b")).last_event_id,
            ""
        );
    }

    #[test]
    fn an_engine_stays_with_its_protocol() {
        assert_eq!(
            retargeted(Some(&old()), url("wss://one.example/")).engine,
            Engine::Native
        );
        assert_eq!(
            retargeted(Some(&old()), url("https://two.example/")).engine,
            Engine::TokioTungstenite
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
