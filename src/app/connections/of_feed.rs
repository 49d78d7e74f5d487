//! Connection of a feed as it is saved and copied: its options under their long names, and variables in place of secrets.

use std::path::PathBuf;
use std::time::Duration;

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{
    FeedSpec, HttpChanges, KeepingChanges, LifeChanges, Outgoing, ReadingChanges, Resend,
    SpecChanges, TransportChanges, WebSocketChanges,
};
use feedscope_core::protocol::{Engine, Protocol};
use feedscope_core::record::Secrets;
use feedscope_core::size_text::format_size;
use feedscope_files::connections::{
    OptionValue, ReplacedSecret, SavedConnection, SavedOption, UsedVariables, escaped,
};

/// Connection of a feed.
pub(in crate::app) struct OfFeed {
    /// Connection without a name.
    pub(in crate::app) connection: SavedConnection,
    /// Values that variables replace.
    pub(in crate::app) replaced: Vec<ReplacedSecret>,
    /// Options that a connection cannot express.
    pub(super) left_out: Vec<String>,
}

impl OfFeed {
    /// Returns the connection of a feed. `secrets` were inserted for variables, which appear again.
    pub(in crate::app) fn new(spec: &FeedSpec, secrets: &Secrets) -> Self {
        Self::among(spec, secrets, &mut UsedVariables::default())
    }

    /// Returns the connection of a feed, in which other secrets have variables of their own among those that are in use.
    pub(in crate::app) fn among(
        spec: &FeedSpec,
        secrets: &Secrets,
        used: &mut UsedVariables,
    ) -> Self {
        let text = |text: &str| with_variables(&escaped(text), secrets);
        let headers = spec.http.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), text(value.reveal())));
        let headers = headers.collect();
        let mut options = ChangedOptions {
            secrets,
            all: Vec::new(),
            left_out: Vec::new(),
        };
        options.add_all(spec);
        let mut connection = SavedConnection {
            url: text(spec.url.as_str()),
            headers,
            options: options.all,
            ..SavedConnection::default()
        };
        let replaced = connection.replace_secrets_among(used);
        Self {
            connection,
            replaced,
            left_out: options.left_out,
        }
    }
}

/// Options that differ from the defaults.
struct ChangedOptions<'a> {
    secrets: &'a Secrets,
    all: Vec<SavedOption>,
    left_out: Vec<String>,
}

impl ChangedOptions<'_> {
    fn add_all(&mut self, spec: &FeedSpec) {
        // An option with its default needs no line in the file, and follows the default of a later version.
        let usual = FeedSpec::new(spec.url.clone());
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
                    // A connection has headers beside its options.
                    headers: _,
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
            keeping:
                KeepingChanges {
                    max_message,
                    // These two limits belong to the window, and a comparison to one run.
                    budget: _,
                    disk_history: _,
                },
            reading:
                ReadingChanges {
                    event_stream_engine,
                    event_stream_second_opinion: _,
                    web_socket_engine,
                    web_socket_second_opinion: _,
                    format,
                },
        } = spec.diff(&usual);
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        let path = |path: Option<Option<PathBuf>>| {
            path.flatten().map(|it| it.to_string_lossy().into_owned())
        };
        // The engine of the other protocol cannot be chosen for this feed.
        let engine = match spec.protocol() {
            Protocol::EventStream => event_stream_engine.map(Engine::from),
            Protocol::WebSocket => web_socket_engine.map(Engine::from),
        };
        self.add_values([
            ("last-event-id", last_event_id),
            ("reconnect", policy.map(|policy| name_of(policy).to_owned())),
            (
                "max-reconnects",
                max_reconnects.flatten().map(|count| count.to_string()),
            ),
            ("connect-timeout", connect_timeout.map(seconds)),
            ("response-timeout", response_timeout.flatten().map(seconds)),
            // In the file, as on the command line, 0 turns the pings off.
            (
                "keepalive",
                keepalive.map(|interval| interval.map_or_else(|| "0".to_owned(), seconds)),
            ),
            ("max-message", max_message.map(format_size)),
            ("engine", engine.map(|engine| engine.name().to_owned())),
            ("format", format.map(|format| format.name().to_owned())),
            ("proxy", proxy.flatten().map(|url| url.reveal().to_string())),
            ("request", method.flatten()),
            ("cacert", path(ca_file)),
            ("cert", path(client_certificate)),
            ("key", path(client_key)),
            ("unix-socket", path(unix_socket)),
        ]);
        self.add_flags([
            ("echo", echo == Some(true)),
            ("insecure", insecure == Some(true)),
            ("resend", resend == Some(Resend::Always)),
            ("no-compression", compression == Some(false)),
        ]);
        if let Some(body) = body.flatten() {
            self.add_body(body.reveal());
        }
        let messages = self.text_messages(send_on_connect.unwrap_or_default());
        let resolve = resolve.unwrap_or_default();
        let resolve = resolve.iter().map(ToString::to_string).collect();
        self.add_lists([
            ("subprotocols", subprotocols.unwrap_or_default()),
            ("send-on-connect", messages),
            ("resolve", resolve),
        ]);
    }

    fn add_values<const N: usize>(&mut self, values: [(&str, Option<String>); N]) {
        for (name, value) in values {
            if let Some(value) = value {
                self.push(name, OptionValue::One(self.text(&value)));
            }
        }
    }

    /// Adds the flags that are set.
    fn add_flags<const N: usize>(&mut self, flags: [(&str, bool); N]) {
        for (name, is_set) in flags {
            if is_set {
                self.push(name, OptionValue::Flag(true));
            }
        }
    }

    fn add_body(&mut self, body: &[u8]) {
        match std::str::from_utf8(body) {
            Ok(body) => self.push("data-raw", OptionValue::One(self.text(body))),
            Err(_) => self.left_out.push("the body".to_owned()),
        }
    }

    /// Adds the lists that are not empty.
    fn add_lists<const N: usize>(&mut self, lists: [(&str, Vec<String>); N]) {
        for (name, texts) in lists {
            if !texts.is_empty() {
                let texts = texts.iter().map(|text| self.text(text)).collect();
                self.push(name, OptionValue::Many(texts));
            }
        }
    }

    /// Returns the texts of messages. A connection can express text messages only.
    fn text_messages(&mut self, messages: Vec<Outgoing>) -> Vec<String> {
        let mut texts = Vec::new();
        for message in messages {
            match message {
                Outgoing::Text(text) => texts.push(text),
                _ => self.left_out.push("a binary message on connect".to_owned()),
            }
        }
        texts
    }

    fn text(&self, text: &str) -> String {
        with_variables(&escaped(text), self.secrets)
    }

    fn push(&mut self, name: &str, value: OptionValue) {
        let name = name.to_owned();
        self.all.push(SavedOption { name, value });
    }
}

/// Returns the name of a policy on the command line.
fn name_of(policy: ReconnectPolicy) -> &'static str {
    match policy {
        ReconnectPolicy::Persistent => "persistent",
        ReconnectPolicy::Browser => "browser",
        ReconnectPolicy::Never => "never",
    }
}

/// Returns a text with its variables in place of the values that were inserted for them.
pub(super) fn with_variables(text: &str, secrets: &Secrets) -> String {
    let shown = secrets.mask_text(text);
    if shown == text {
        return text.to_owned();
    }
    shown.replace('‹', "${").replace('›', "}")
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::cli::saved::{ConnectionSource, plan_of};

    fn source(variable: &dyn Fn(&str) -> Option<String>) -> ConnectionSource<'_> {
        ConnectionSource {
            file: None,
            is_project: false,
            variable,
            keyring: &crate::keyring::secret,
        }
    }

    #[test]
    fn a_saved_feed_is_the_same_feed_again() {
        let url = Url::parse("https://u:s3cret@a.test/feed?token=t0ken&b=${c}").unwrap();
        let mut spec = FeedSpec::new(url);
        spec.http.headers = vec![
            ("Authorization".to_owned(), "Bearer abc".into()),
            ("Accept".to_owned(), "text/x".into()),
        ];
        spec.http.last_event_id = "7".to_owned();
        spec.http.response_timeout = Some(Duration::from_secs(4));
        spec.http.method = Some("PUT".to_owned());
        spec.http.body = Some(b"a=${x}".to_vec().into());
        spec.life.policy = ReconnectPolicy::Never;
        spec.life.max_reconnects = Some(3);
        spec.life.resend = Resend::Always;
        spec.keeping.max_message = 1 << 20;
        spec.reading.choose(Engine::EventsourceClient);
        spec.transport.insecure = true;
        spec.transport.proxy = Some(Url::parse("http://p.test:1/").unwrap().into());
        spec.transport.resolve = vec!["a:1:::1".parse().unwrap()];
        spec.transport.compression = false;
        let OfFeed {
            connection,
            replaced,
            left_out,
        } = OfFeed::new(&spec, &Secrets::default());
        assert!(left_out.is_empty(), "{left_out:?}");
        let written = format!("{connection:?}");
        for secret in ["s3cret", "t0ken", "abc"] {
            assert!(!written.contains(secret), "{written}");
        }
        let names: Vec<_> = replaced.iter().map(|it| it.variable.as_str()).collect();
        assert_eq!(
            names,
            ["PASSWORD_A_TEST", "TOKEN_A_TEST", "AUTHORIZATION_A_TEST"]
        );
        let lookup = |name: &str| {
            let found = replaced.iter().find(|it| it.variable == name);
            found.map(|found| found.value.clone())
        };
        let (plan, unknown) = plan_of(&connection, &source(&lookup)).unwrap();
        assert_eq!((plan.spec, unknown), (spec.clone(), Vec::new()));
        // With the secrets in the file, no variable is needed.
        let mut whole = connection;
        for it in &replaced {
            it.write_into(&mut whole);
        }
        let (plan, _) = plan_of(&whole, &source(&|_| None)).unwrap();
        assert_eq!(plan.spec, spec);
    }

    #[test]
    fn inserted_values_are_variables_again() {
        let secrets = Secrets::new([("DESK".to_owned(), "s3cret".to_owned())]);
        let url = Url::parse("wss://a.test/?key=s3cret").unwrap();
        let mut spec = FeedSpec::new(url);
        spec.http.headers = vec![("X-Key".to_owned(), "s3cret".into())];
        spec.web_socket.send_on_connect = vec![Outgoing::Text("login s3cret".to_owned())];
        let of_feed = OfFeed::new(&spec, &secrets);
        assert!(of_feed.replaced.is_empty());
        assert_eq!(of_feed.connection.url, "wss://a.test/?key=${DESK}");
        let written = format!("{:?}", of_feed.connection);
        assert!(!written.contains("s3cret"), "{written}");
        assert!(written.contains("login ${DESK}"), "{written}");
    }
}
