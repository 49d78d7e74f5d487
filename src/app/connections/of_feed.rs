//! Connection of a feed as it is saved and copied: its options under their long names, and variables in place of secrets.

use std::path::PathBuf;

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{FeedSpec, Outgoing, Resend};
use feedscope_core::record::Secrets;
use feedscope_core::size_text::format_size;
use feedscope_files::connections::{Connection, OptionValue, ReplacedSecret, SavedOption, escaped};
use url::Url;

/// Connection of a feed.
pub(in crate::app) struct OfFeed {
    /// Connection without a name.
    pub(in crate::app) connection: Connection,
    /// Values that variables replace.
    pub(super) replaced: Vec<ReplacedSecret>,
    /// Options that a connection cannot express.
    pub(super) left_out: Vec<String>,
}

impl OfFeed {
    /// Returns the connection of a feed. `secrets` were inserted for variables, which appear again.
    pub(in crate::app) fn new(spec: &FeedSpec, secrets: &Secrets) -> Self {
        let text = |text: &str| with_variables(&escaped(text), secrets);
        let headers = spec.headers.iter();
        let headers = headers.map(|(name, value)| (name.clone(), text(value)));
        let headers = headers.collect();
        let mut options = Options {
            secrets,
            all: Vec::new(),
            left_out: Vec::new(),
        };
        options.add_all(spec);
        let mut connection = Connection {
            url: text(spec.url.as_str()),
            headers,
            options: options.all,
            ..Connection::default()
        };
        let replaced = connection.replace_secrets();
        Self {
            connection,
            replaced,
            left_out: options.left_out,
        }
    }
}

/// Options that differ from the defaults.
struct Options<'a> {
    secrets: &'a Secrets,
    all: Vec<SavedOption>,
    left_out: Vec<String>,
}

impl Options<'_> {
    fn add_all(&mut self, spec: &FeedSpec) {
        let usual = FeedSpec::new(spec.url.clone());
        let seconds = |time: std::time::Duration| time.as_secs_f64().to_string();
        let path =
            |path: &Option<PathBuf>| path.as_ref().map(|it| it.to_string_lossy().into_owned());
        let differs = |is_other: bool, text: String| is_other.then_some(text);
        let policy = match spec.policy {
            ReconnectPolicy::Persistent => "persistent",
            ReconnectPolicy::Browser => "browser",
            ReconnectPolicy::Never => "never",
        };
        for (name, value) in [
            (
                "last-event-id",
                differs(!spec.last_event_id.is_empty(), spec.last_event_id.clone()),
            ),
            (
                "reconnect",
                differs(spec.policy != usual.policy, policy.to_owned()),
            ),
            (
                "max-reconnects",
                spec.max_reconnects.map(|count| count.to_string()),
            ),
            (
                "connect-timeout",
                differs(
                    spec.connect_timeout != usual.connect_timeout,
                    seconds(spec.connect_timeout),
                ),
            ),
            ("response-timeout", spec.response_timeout.map(seconds)),
            (
                "keepalive",
                differs(
                    spec.keepalive != usual.keepalive,
                    spec.keepalive.map_or_else(|| "0".to_owned(), seconds),
                ),
            ),
            (
                "max-message",
                differs(
                    spec.max_message != usual.max_message,
                    format_size(spec.max_message),
                ),
            ),
            (
                "engine",
                differs(spec.engine != usual.engine, spec.engine.name().to_owned()),
            ),
            (
                "format",
                differs(spec.format != usual.format, spec.format.name().to_owned()),
            ),
            ("proxy", spec.proxy.as_ref().map(Url::to_string)),
            ("request", spec.method.clone()),
            ("cacert", path(&spec.ca_file)),
            ("cert", path(&spec.client_certificate)),
            ("key", path(&spec.client_key)),
            ("unix-socket", path(&spec.unix_socket)),
        ] {
            if let Some(value) = value {
                self.push(name, OptionValue::One(self.text(&value)));
            }
        }
        // A flag is written only if it is set.
        for (name, is_set) in [
            ("echo", spec.echo),
            ("insecure", spec.insecure),
            ("resend", spec.resend == Resend::Always),
            ("no-compression", !spec.compression),
        ] {
            if is_set {
                self.push(name, OptionValue::Flag(true));
            }
        }
        self.add_lists(spec);
    }

    fn add_lists(&mut self, spec: &FeedSpec) {
        match spec.body.as_ref().map(|body| std::str::from_utf8(body)) {
            Some(Ok(body)) => self.push("data-raw", OptionValue::One(self.text(body))),
            Some(Err(_)) => self.left_out.push("the body".to_owned()),
            None => {}
        }
        // A connection can express text messages only.
        let mut messages = Vec::new();
        for message in &spec.send_on_connect {
            match message {
                Outgoing::Text(text) => messages.push(text.clone()),
                _ => self.left_out.push("a binary message on connect".to_owned()),
            }
        }
        let resolve = spec.resolve.iter().map(ToString::to_string).collect();
        for (name, texts) in [
            ("subprotocols", spec.subprotocols.clone()),
            ("send-on-connect", messages),
            ("resolve", resolve),
        ] {
            if !texts.is_empty() {
                let texts = texts.iter().map(|text| self.text(text)).collect();
                self.push(name, OptionValue::Many(texts));
            }
        }
    }

    fn text(&self, text: &str) -> String {
        with_variables(&escaped(text), self.secrets)
    }

    fn push(&mut self, name: &str, value: OptionValue) {
        let name = name.to_owned();
        self.all.push(SavedOption { name, value });
    }
}

/// Returns a text with its variables in place of the values that were inserted for them.
fn with_variables(text: &str, secrets: &Secrets) -> String {
    let shown = secrets.mask_text(text);
    if shown == text {
        return text.to_owned();
    }
    shown.replace('‹', "${").replace('›', "}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::saved::{SavedSource, plan_of};

    fn source(variable: &dyn Fn(&str) -> Option<String>) -> SavedSource<'_> {
        SavedSource {
            file: None,
            is_project: false,
            variable,
            keyring: &crate::keyring::secret,
        }
    }

    #[test]
    fn a_saved_feed_is_the_same_feed_again() {
        let url = Url::parse("https://u:s3cret@a.test/feed?token=t0ken&b=${c}").unwrap();
        let spec = FeedSpec {
            headers: vec![
                ("Authorization".to_owned(), "Bearer abc".to_owned()),
                ("Accept".to_owned(), "text/x".to_owned()),
            ],
            last_event_id: "7".to_owned(),
            policy: ReconnectPolicy::Never,
            max_reconnects: Some(3),
            response_timeout: Some(std::time::Duration::from_secs(4)),
            max_message: 1 << 20,
            insecure: true,
            proxy: Some(Url::parse("http://p.test:1/").unwrap()),
            method: Some("PUT".to_owned()),
            body: Some(b"a=${x}".to_vec()),
            resend: Resend::Always,
            resolve: vec!["a:1:::1".parse().unwrap()],
            compression: false,
            ..FeedSpec::new(url)
        };
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
        assert_eq!(names, ["PASSWORD", "TOKEN", "AUTHORIZATION"]);
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
        let spec = FeedSpec {
            headers: vec![("X-Key".to_owned(), "s3cret".to_owned())],
            send_on_connect: vec![Outgoing::Text("login s3cret".to_owned())],
            ..FeedSpec::new(url)
        };
        let of_feed = OfFeed::new(&spec, &secrets);
        assert!(of_feed.replaced.is_empty());
        assert_eq!(of_feed.connection.url, "wss://a.test/?key=${DESK}");
        let written = format!("{:?}", of_feed.connection);
        assert!(!written.contains("s3cret"), "{written}");
        assert!(written.contains("login ${DESK}"), "{written}");
    }
}
