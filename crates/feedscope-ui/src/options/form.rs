//! Form of the options: converts a spec into texts and back.

use std::path::PathBuf;
use std::time::Duration;

use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{
    FeedSpec, HostOverride, HttpChanges, HttpOptions, KeepingChanges, KeepingOptions, LifeChanges,
    LifeOptions, Outgoing, ReadingChanges, ReadingOptions, Resend, SpecChanges, TransportChanges,
    TransportOptions, WebSocketChanges, WebSocketOptions,
};
use feedscope_core::protocol::{EventStreamEngine, StreamFormat, WebSocketEngine};
use feedscope_core::secret::Secret;
use feedscope_core::size_text::{format_size, parse_size};
use feedscope_core::url_text::parse_proxy;
use url::Url;

/// Options as the texts of their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OptionsForm {
    /// One `Name: value` in each line.
    pub(super) headers: String,
    pub(super) last_event_id: String,
    pub(super) method: String,
    pub(super) body: String,
    /// Names separated by commas.
    pub(super) subprotocols: String,
    /// One message in each line.
    pub(super) send_on_connect: String,
    /// Seconds; 0 turns it off.
    pub(super) keepalive: String,
    /// Seconds, more than 0.
    pub(super) connect_timeout: String,
    /// Seconds, more than 0; empty for the default of the protocol.
    pub(super) response_timeout: String,
    /// Size such as `64M`.
    pub(super) max_message: String,
    /// Size such as `512M`; empty for the default.
    pub(super) budget: String,
    /// Size such as `8G`, or 0; empty for the default.
    pub(super) disk_history: String,
    /// Number; empty for no limit.
    pub(super) max_reconnects: String,
    pub(super) proxy: String,
    /// One `HOST:PORT:ADDRESS` in each line.
    pub(super) resolve: String,
    pub(super) unix_socket: String,
    pub(super) ca_file: String,
    pub(super) client_certificate: String,
    pub(super) client_key: String,
    pub(super) policy: ReconnectPolicy,
    pub(super) event_stream_engine: EventStreamEngine,
    pub(super) web_socket_engine: WebSocketEngine,
    pub(super) format: StreamFormat,
    pub(super) compression: bool,
    pub(super) insecure: bool,
    pub(super) resend: bool,
}

impl OptionsForm {
    /// Writes the options of a feed into the fields.
    pub(super) fn of(spec: &FeedSpec) -> Self {
        let FeedSpec {
            url: _,
            transport:
                TransportOptions {
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
                HttpOptions {
                    headers,
                    method,
                    body,
                    last_event_id,
                    response_timeout,
                },
            web_socket:
                WebSocketOptions {
                    subprotocols,
                    send_on_connect,
                    // The form has no field for it.
                    echo: _,
                    keepalive,
                },
            life:
                LifeOptions {
                    policy,
                    max_reconnects,
                    resend,
                },
            keeping:
                KeepingOptions {
                    max_message,
                    budget,
                    disk_history,
                },
            reading:
                ReadingOptions {
                    event_stream_engine,
                    web_socket_engine,
                    // The sheet of the comparison sets these two.
                    event_stream_second_opinion: _,
                    web_socket_second_opinion: _,
                    format,
                },
        } = spec;
        let path = |path: &Option<PathBuf>| {
            path.as_ref()
                .map(|path| path.display().to_string())
                .unwrap_or_default()
        };
        let seconds = |time: Duration| time.as_secs_f64().to_string();
        let headers: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.reveal()))
            .collect();
        let overrides: Vec<String> = resolve.iter().map(ToString::to_string).collect();
        let body = body
            .as_ref()
            .map(|body| String::from_utf8_lossy(body.reveal()));
        Self {
            headers: headers.join("\n"),
            last_event_id: last_event_id.clone(),
            method: method.clone().unwrap_or_default(),
            body: body.unwrap_or_default().into_owned(),
            subprotocols: subprotocols.join(", "),
            send_on_connect: messages(send_on_connect),
            keepalive: keepalive.map_or_else(|| "0".to_owned(), seconds),
            connect_timeout: seconds(*connect_timeout),
            response_timeout: response_timeout.map(seconds).unwrap_or_default(),
            max_message: format_size(*max_message),
            budget: budget.map(format_size).unwrap_or_default(),
            disk_history: disk_history.map(format_size).unwrap_or_default(),
            max_reconnects: max_reconnects
                .map(|most| most.to_string())
                .unwrap_or_default(),
            proxy: proxy
                .as_ref()
                .map(|proxy| proxy.reveal().to_string())
                .unwrap_or_default(),
            resolve: overrides.join("\n"),
            unix_socket: path(unix_socket),
            ca_file: path(ca_file),
            client_certificate: path(client_certificate),
            client_key: path(client_key),
            policy: *policy,
            event_stream_engine: *event_stream_engine,
            web_socket_engine: *web_socket_engine,
            format: *format,
            compression: *compression,
            insecure: *insecure,
            resend: *resend == Resend::Always,
        }
    }

    /// Returns the feed that the fields describe, at the same URL. Options without a field keep their old values.
    ///
    /// # Errors
    ///
    /// Returns a sentence that names the field and the mistake.
    pub(super) fn accept(&self, old: &FeedSpec) -> Result<FeedSpec, String> {
        let transport = self.transport()?;
        // The old texts are computed again, because the form does not store them.
        let was = Self::of(old);
        let subprotocols = self
            .subprotocols
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        Ok(old.clone().with(SpecChanges {
            transport,
            http: HttpChanges {
                headers: Some(headers(&self.headers)?),
                method: Some(
                    Some(self.method.trim().to_uppercase()).filter(|method| !method.is_empty()),
                ),
                // An unchanged text keeps the old value, which may be one that text cannot express, such as binary data.
                body: (self.body != was.body).then(|| {
                    Some(self.body.clone().into_bytes())
                        .filter(|body| !body.is_empty())
                        .map(Secret::from)
                }),
                last_event_id: Some(self.last_event_id.trim().to_owned()),
                response_timeout: Some(match self.response_timeout.trim() {
                    "" => None,
                    text => Some(some_seconds("Response timeout", text)?),
                }),
            },
            web_socket: WebSocketChanges {
                subprotocols: Some(subprotocols.map(str::to_owned).collect()),
                send_on_connect: (self.send_on_connect != was.send_on_connect).then(|| {
                    let lines = self.send_on_connect.lines().map(str::trim);
                    let lines = lines.filter(|line| !line.is_empty());
                    lines.map(|line| Outgoing::Text(line.to_owned())).collect()
                }),
                // The form has no field for it.
                echo: None,
                keepalive: Some(
                    Some(seconds("Keepalive", &self.keepalive)?).filter(|time| !time.is_zero()),
                ),
            },
            life: LifeChanges {
                policy: Some(self.policy),
                max_reconnects: Some(max_reconnects(&self.max_reconnects)?),
                resend: Some(if self.resend {
                    Resend::Always
                } else {
                    Resend::SafeRequests
                }),
            },
            keeping: KeepingChanges {
                max_message: Some(max_message(&self.max_message)?),
                budget: Some(size_or_usual(
                    "Memory for records",
                    &self.budget,
                    FeedSpec::LEAST_BUDGET,
                    false,
                )?),
                disk_history: Some(size_or_usual(
                    "Older records on disk",
                    &self.disk_history,
                    FeedSpec::LEAST_DISK_HISTORY,
                    true,
                )?),
            },
            reading: ReadingChanges {
                event_stream_engine: Some(self.event_stream_engine),
                // The sheet of the comparison sets it.
                event_stream_second_opinion: None,
                web_socket_engine: Some(self.web_socket_engine),
                web_socket_second_opinion: None,
                format: Some(self.format),
            },
        }))
    }

    /// Returns the way to the server that the fields describe.
    fn transport(&self) -> Result<TransportChanges, String> {
        let path = |text: &str| {
            Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(PathBuf::from)
        };
        let unix_socket = path(&self.unix_socket);
        let resolve = resolve(&self.resolve)?;
        let proxy = proxy(&self.proxy)?;
        // Otherwise the proxy would be ignored silently.
        if unix_socket.is_some() && (proxy.is_some() || !resolve.is_empty()) {
            return Err("Unix socket: a proxy and addresses have no meaning with it".to_owned());
        }
        Ok(TransportChanges {
            connect_timeout: Some(some_seconds("Connect timeout", &self.connect_timeout)?),
            proxy: Some(proxy.map(Secret::from)),
            unix_socket: Some(unix_socket),
            resolve: Some(resolve),
            ca_file: Some(path(&self.ca_file)),
            client_certificate: Some(path(&self.client_certificate)),
            client_key: Some(path(&self.client_key)),
            insecure: Some(self.insecure),
            compression: Some(self.compression),
        })
    }
}

/// Formats messages with one in each line. Messages that are not text are shown by their kind only.
fn messages(messages: &[Outgoing]) -> String {
    let line = |message: &Outgoing| match message {
        Outgoing::Text(text) => text.clone(),
        other => format!("({})", crate::words::queued(other).0),
    };
    messages.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Parses headers with one `Name: value` in each line. Empty lines are skipped.
fn headers(text: &str) -> Result<Vec<(String, Secret)>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    // A space in the name suggests that the colon belongs to the value.
    let split = lines.map(|line| match line.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() && !name.trim().contains(' ') => {
            Ok((name.trim().to_owned(), value.trim().into()))
        }
        _ => Err(format!("Headers: “{line}” is not of the form Name: value")),
    });
    split.collect()
}

/// Parses overrides with one `HOST:PORT:ADDRESS` in each line.
fn resolve(text: &str) -> Result<Vec<HostOverride>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let read = lines.map(|line| {
        line.parse()
            .map_err(|problem| format!("Addresses: {problem}"))
    });
    read.collect()
}

/// Parses the seconds in the field `name`.
fn seconds(name: &str, text: &str) -> Result<Duration, String> {
    let Ok(number) = text.trim().parse() else {
        return Err(format!("{name}: “{text}” is no number of seconds"));
    };
    Duration::try_from_secs_f64(number).map_err(|problem| format!("{name}: {problem}"))
}

/// Parses a number of seconds that is more than 0.
fn some_seconds(name: &str, text: &str) -> Result<Duration, String> {
    match seconds(name, text)? {
        Duration::ZERO => Err(format!("{name}: it must be longer than 0 s")),
        some => Ok(some),
    }
}

/// Parses the maximum size of a message.
fn max_message(text: &str) -> Result<u64, String> {
    /// Greatest size, because the size of a record is stored in 32 bits.
    const MOST: u64 = 2 << 30;
    match parse_size(text) {
        Some(bytes @ 1..=MOST) => Ok(bytes),
        _ => Err(format!(
            "Maximum message size: “{text}” is no size such as 64M, or more than {}",
            format_size(MOST)
        )),
    }
}

/// Parses a size of at least `least` bytes, or 0 where 0 turns the feature off. An empty text means the default.
fn size_or_usual(
    name: &str,
    text: &str,
    least: u64,
    may_be_none: bool,
) -> Result<Option<u64>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    match parse_size(text) {
        // A store or a history below its least size cannot work.
        Some(bytes) if bytes >= least || (bytes == 0 && may_be_none) => Ok(Some(bytes)),
        Some(_) => Err(format!("{name}: {} is the least", format_size(least))),
        None => Err(format!("{name}: “{text}” is no size such as 1G")),
    }
}

/// Parses the limit of reconnections. An empty text means no limit.
fn max_reconnects(text: &str) -> Result<Option<u64>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(most) => Ok(Some(most)),
            Err(_) => Err(format!("Reconnections: “{text}” is no whole number")),
        },
    }
}

/// Parses the URL of a proxy. An empty text means none.
fn proxy(text: &str) -> Result<Option<Url>, String> {
    match text.trim() {
        "" => Ok(None),
        text => parse_proxy(text)
            .map(Some)
            .map_err(|problem| format!("Proxy: {problem}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> FeedSpec {
        FeedSpec::new(Url::parse("wss://example.org/feed").unwrap())
    }

    #[test]
    fn what_is_written_out_reads_back_the_same() {
        let mut full = spec();
        full.http.headers = vec![
            ("X-Room".to_owned(), "a: b".into()),
            ("Accept".to_owned(), "".into()),
        ];
        full.http.body = Some(vec![0xff, b'{'].into());
        full.http.method = Some("POST".to_owned());
        full.http.response_timeout = Some(Duration::from_mins(2));
        full.web_socket.subprotocols = vec!["chat.v2".to_owned(), "chat".to_owned()];
        full.web_socket.keepalive = None;
        full.web_socket.send_on_connect = vec![Outgoing::Text("two\nlines".to_owned())];
        full.keeping.budget = Some(1 << 30);
        full.keeping.disk_history = Some(0);
        full.keeping.max_message = 1_000_000;
        full.transport.connect_timeout = Duration::from_millis(1_500);
        full.transport.proxy = Some(Url::parse("socks5://127.0.0.1:1080/").unwrap().into());
        full.transport.ca_file = Some(PathBuf::from("ca.pem"));
        full.transport.resolve = vec!["a.test:443:127.0.0.1,::1".parse().unwrap()];
        full.transport.insecure = true;
        full.life.policy = ReconnectPolicy::Never;
        full.life.max_reconnects = Some(3);
        full.life.resend = Resend::Always;
        full.reading.web_socket_engine = WebSocketEngine::TokioTungstenite;
        full.reading.format = StreamFormat::Lines;
        assert_eq!(OptionsForm::of(&full).accept(&full), Ok(full.clone()));
        assert_eq!(OptionsForm::of(&spec()).accept(&spec()), Ok(spec()));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let form = OptionsForm::of(&spec());
        for (wrong, named) in [
            (
                OptionsForm {
                    headers: "no colon".to_owned(),
                    ..form.clone()
                },
                "Headers",
            ),
            (
                OptionsForm {
                    keepalive: "soon".to_owned(),
                    ..form.clone()
                },
                "Keepalive",
            ),
            (
                OptionsForm {
                    connect_timeout: "0".to_owned(),
                    ..form.clone()
                },
                "Connect timeout",
            ),
            (
                OptionsForm {
                    connect_timeout: "-1".to_owned(),
                    ..form.clone()
                },
                "Connect timeout",
            ),
            (
                OptionsForm {
                    max_message: "0".to_owned(),
                    ..form.clone()
                },
                "Maximum message size",
            ),
            (
                OptionsForm {
                    budget: "15M".to_owned(),
                    ..form.clone()
                },
                "Memory",
            ),
            (
                OptionsForm {
                    disk_history: "a lot".to_owned(),
                    ..form.clone()
                },
                "Older records",
            ),
            (
                OptionsForm {
                    max_reconnects: "x".to_owned(),
                    ..form.clone()
                },
                "Reconnections",
            ),
            (
                OptionsForm {
                    proxy: "ftp://x".to_owned(),
                    ..form.clone()
                },
                "Proxy",
            ),
            (
                OptionsForm {
                    resolve: "a.test:1:x".to_owned(),
                    ..form.clone()
                },
                "Addresses",
            ),
            (
                OptionsForm {
                    unix_socket: "/run/s".to_owned(),
                    proxy: "http://p".to_owned(),
                    ..form.clone()
                },
                "Unix socket",
            ),
        ] {
            let problem = wrong.accept(&spec()).unwrap_err();
            assert!(problem.starts_with(named), "{problem}");
        }
    }
}
