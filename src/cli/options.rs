//! Options of a feed, in the window and in `tail` alike: parses arguments into [`FeedOptions`].
//!
//! The environment is read only if a header refers to a variable.

mod connection;
mod send;
mod token;

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use feedscope_analysis::fields::Path as FieldPath;
use feedscope_core::connection::ReconnectPolicy;
use feedscope_core::feed::{
    FeedSpec, HttpChanges, KeepingChanges, KeepingOptions, LifeChanges, Outgoing, ReadingChanges,
    SpecChanges, TransportChanges, TransportOptions, WebSocketChanges, WebSocketOptions,
};
use feedscope_core::protocol::{Engine, StreamFormat};
use feedscope_core::secret::Secret;
use feedscope_core::url_text::parse_proxy;
use url::Url;

use super::value::{self, ByteSize, Seconds};
use super::variables::{ValueSources, Variables};
use crate::automatic::{Automatic, AutomaticContent, Trigger};
use crate::plan::{FeedOptions, is_web_socket};
use connection::ConnectionArguments;
use send::SendArguments;
use token::is_token;

pub(super) use send::{from_base64, from_hex, read as read_file};

#[derive(Debug, Args)]
#[command(next_help_heading = "Feed")]
pub(super) struct FeedArguments {
    /// Send this request header; may be given several times
    ///
    /// `${NAME}` in it is read from the environment, so that no secret is in the command line:
    /// -H 'Authorization: Bearer ${TOKEN}'.
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'")]
    headers: Vec<String>,

    /// Log in with this name and password (Basic authentication)
    #[arg(short, long, value_name = "USER:PASSWORD")]
    user: Option<String>,

    /// The last event ID to begin with
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    last_event_id: Option<String>,

    /// Offer this WebSocket subprotocol; may be given several times
    #[arg(long = "subprotocol", value_name = "NAME")]
    subprotocols: Vec<String>,

    #[command(flatten)]
    send: SendArguments,

    /// Send this text message on every connection, the first and each reconnection; may be given several times
    ///
    /// For subscriptions and logins. They go out before anything else.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    send_on_connect: Vec<String>,

    /// Send every received message back
    #[arg(long)]
    echo: bool,

    /// The rule for connecting again after a feed has ended
    #[arg(long, value_name = "POLICY", value_enum, default_value_t = PolicyName::from(ReconnectPolicy::default()))]
    reconnect: PolicyName,

    /// Reconnect at most this many times in total; without end if not given
    #[arg(long, value_name = "N")]
    max_reconnects: Option<u64>,

    /// Limit name lookup, TCP, proxy and TLS of a connection to this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Seconds(TransportOptions::CONNECT_TIMEOUT), value_parser = value::some_time)]
    connect_timeout: Seconds,

    /// Limit the wait for the head of the response to this many seconds
    ///
    /// Event streams have no limit unless it is given, because many servers send the head with the first event. The
    /// handshake of a WebSocket has a limit of 15 seconds.
    #[arg(long, value_name = "SECONDS", value_parser = value::some_seconds)]
    response_timeout: Option<Duration>,

    /// Ping a WebSocket every so many seconds; 0 for never
    #[arg(long, value_name = "SECONDS", default_value_t = Seconds(WebSocketOptions::KEEPALIVE), value_parser = value::time)]
    keepalive: Seconds,

    /// The longest message or event that is kept, up to 2G
    ///
    /// A longer event is skipped, and a note counts its bytes. A longer WebSocket message closes the connection with 1009,
    /// and the feed fails.
    #[arg(long, value_name = "BYTES", default_value_t = ByteSize(KeepingOptions::MAX_MESSAGE), value_parser = value::message_size)]
    max_message: ByteSize,

    /// The implementation that reads the feed
    #[arg(long, value_name = "ENGINE", value_enum, default_value_t = EngineName::from(Engine::default()))]
    engine: EngineName,

    /// The format of an http:// or https:// feed, and of standard input
    ///
    /// `auto` follows the content type of the answer: text/event-stream, or lines for application/x-ndjson, ndjson,
    /// jsonl, x-jsonlines, json-seq and stream+json. The other two read an answer of any type. Only `lines` asks the
    /// server for lines.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = FormatName::from(StreamFormat::default()))]
    format: FormatName,

    /// Let this engine read the same bytes, and show the first record in which it differs from the native one
    ///
    /// The first 64 MiB of each connection are compared. The result is in a note and on standard error; `tail` then
    /// ends with 3 where the engines differ. WebSockets are asked for without compression, which that engine lacks.
    #[arg(long, value_name = "ENGINE")]
    second_opinion: Option<OtherEngineName>,

    /// Accept any TLS certificate
    #[arg(short = 'k', long)]
    insecure: bool,

    /// Use this proxy (http:// or socks5://), for loopback too
    ///
    /// Without it `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are used, but never for loopback.
    #[arg(short = 'x', long, value_name = "URL")]
    proxy: Option<String>,

    #[command(flatten)]
    connection: ConnectionArguments,

    #[command(flatten)]
    automatic: AutomaticArguments,

    #[command(flatten)]
    pub(super) saved: SavedArguments,
}

/// Messages that are sent without a person.
#[derive(Debug, Args)]
#[command(next_help_heading = "Automatic messages")]
struct AutomaticArguments {
    /// Send this text at this interval (such as 20s) while a WebSocket is open; may be given several times
    ///
    /// The first message is sent one interval after the feed opened. `${counter}` is the number of the message in its
    /// connection, `${now}` the time, `${now_ms}` the time in milliseconds since 1970, `${uuid}` a random UUID, and
    /// `${NAME}` a variable of the environment. `$${` is a literal `${`.
    #[arg(long, num_args = 2, value_names = ["DURATION", "TEXT"], allow_hyphen_values = true)]
    every: Vec<String>,

    /// Send this text whenever arriving data matches this filter; may be given several times
    ///
    /// The filter is written as in the window. At most 10 answers are sent in a second. The variables are those of
    /// --every.
    #[arg(long, num_args = 2, value_names = ["FILTER", "TEXT"], allow_hyphen_values = true)]
    answer: Vec<String>,

    /// Send each --answer once per connection, as for the greeting of a server
    #[arg(long, requires = "answer")]
    answer_once: bool,
}

/// Feeds that are described elsewhere.
#[derive(Debug, Args)]
#[command(next_help_heading = "Saved connections")]
pub(super) struct SavedArguments {
    /// Read the feed from a command line of curl, as browsers copy it; may be given several times
    ///
    /// The forms of Unix shells and of the command prompt of Windows are read. Options that make no difference here are
    /// ignored, and unknown ones are named.
    #[arg(long, value_name = "LINE")]
    pub(super) curl: Vec<String>,

    /// Use the saved connections in this file, such as that of a project, in place of the user's own
    #[arg(long, value_name = "FILE")]
    pub(super) connections: Option<PathBuf>,

    /// Allow the present content of the file of --connections to use variables and files, and remember this
    #[arg(long, requires = "connections")]
    pub(super) allow_project: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PolicyName {
    /// Also after refused connections, unknown hosts, HTTP 408, 425, 429 and 5xx
    Persistent,
    /// As browsers do: the HTML standard to the letter; never for a WebSocket
    Browser,
    /// Never
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EngineName {
    /// Feedscope's own
    Native,
    /// The eventsource-client crate (event streams only)
    EventsourceClient,
    /// The tokio-tungstenite crate (WebSocket only)
    TokioTungstenite,
}

/// Format of a feed over HTTP, or of standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// By the content type
    Auto,
    /// Server-Sent Events
    EventStream,
    /// A record a line
    Lines,
}

/// An engine that is not the native one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OtherEngineName {
    /// The eventsource-client crate, for event streams
    EventsourceClient,
    /// The tokio-tungstenite crate, for WebSockets
    TokioTungstenite,
}

impl From<ReconnectPolicy> for PolicyName {
    fn from(policy: ReconnectPolicy) -> Self {
        match policy {
            ReconnectPolicy::Persistent => Self::Persistent,
            ReconnectPolicy::Browser => Self::Browser,
            ReconnectPolicy::Never => Self::Never,
        }
    }
}

impl From<Engine> for EngineName {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Native => Self::Native,
            Engine::EventsourceClient => Self::EventsourceClient,
            Engine::TokioTungstenite => Self::TokioTungstenite,
        }
    }
}

impl From<StreamFormat> for FormatName {
    fn from(format: StreamFormat) -> Self {
        match format {
            StreamFormat::Auto => Self::Auto,
            StreamFormat::EventStream => Self::EventStream,
            StreamFormat::Lines => Self::Lines,
        }
    }
}

/// Protocols that the feeds of a run use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Uses {
    event_stream: bool,
    web_socket: bool,
    /// Standard input or files, whose format can be named.
    input: bool,
}

impl Uses {
    /// Returns no protocol, for a run that reads standard input or files.
    pub(super) fn input() -> Self {
        Self {
            event_stream: false,
            web_socket: false,
            input: true,
        }
    }

    /// Returns the protocols of `urls`. Without URLs the demo runs, which uses both.
    pub(super) fn of_urls(urls: &[Url]) -> Self {
        Self {
            event_stream: urls.is_empty() || urls.iter().any(|url| !is_web_socket(url)),
            web_socket: urls.is_empty() || urls.iter().any(is_web_socket),
            input: false,
        }
    }
}

impl FeedArguments {
    /// Returns true if a command line of curl is one of the feeds.
    pub(super) fn has_curl(&self) -> bool {
        !self.saved.curl.is_empty()
    }

    /// Removes the value of `--key` that is the path of a field, and returns it.
    pub(super) fn take_field_key(&mut self) -> Option<FieldPath> {
        self.connection.take_field_key()
    }

    /// Returns the options as values, or a sentence that names the wrong option.
    pub(super) fn options(
        self,
        sources: ValueSources<'_>,
        uses: Uses,
    ) -> Result<FeedOptions, String> {
        self.refuse_unused_options(uses)?;
        let mut variables = Variables::new(sources);
        let automatic = self.automatic.messages(&mut variables)?;
        // One option names the engines of both protocols.
        let engines = ReadingChanges::of_engine(match self.engine {
            EngineName::Native => Engine::Native,
            EngineName::EventsourceClient => Engine::EventsourceClient,
            EngineName::TokioTungstenite => Engine::TokioTungstenite,
        });
        // The options that are `None` are set by the connection's arguments, or by those of the window.
        let changes = SpecChanges {
            transport: TransportChanges {
                connect_timeout: Some(self.connect_timeout.0),
                proxy: Some(self.proxy.as_deref().map(proxy).transpose()?),
                unix_socket: None,
                resolve: None,
                ca_file: None,
                client_certificate: None,
                client_key: None,
                insecure: Some(self.insecure),
                compression: None,
            },
            http: HttpChanges {
                headers: Some(headers(
                    &self.headers,
                    self.user.as_deref(),
                    &mut variables,
                )?),
                method: None,
                body: None,
                last_event_id: self.last_event_id.map(last_event_id).transpose()?,
                response_timeout: Some(self.response_timeout),
            },
            web_socket: WebSocketChanges {
                subprotocols: Some(
                    self.subprotocols
                        .into_iter()
                        .map(subprotocol)
                        .collect::<Result<_, _>>()?,
                ),
                send_on_connect: Some(
                    self.send_on_connect
                        .into_iter()
                        .map(Outgoing::Text)
                        .collect(),
                ),
                echo: Some(self.echo),
                // On the command line, 0 turns the keepalive off; in the spec, `None` does.
                keepalive: Some(Some(self.keepalive.0).filter(|interval| !interval.is_zero())),
            },
            life: LifeChanges {
                policy: Some(match self.reconnect {
                    PolicyName::Persistent => ReconnectPolicy::Persistent,
                    PolicyName::Browser => ReconnectPolicy::Browser,
                    PolicyName::Never => ReconnectPolicy::Never,
                }),
                max_reconnects: Some(self.max_reconnects),
                resend: None,
            },
            keeping: KeepingChanges {
                max_message: Some(self.max_message.0),
                budget: None,
                disk_history: None,
            },
            reading: ReadingChanges {
                event_stream_engine: engines.event_stream_engine,
                event_stream_second_opinion: Some(
                    self.second_opinion == Some(OtherEngineName::EventsourceClient),
                ),
                web_socket_engine: engines.web_socket_engine,
                web_socket_second_opinion: Some(
                    self.second_opinion == Some(OtherEngineName::TokioTungstenite),
                ),
                format: Some(match self.format {
                    FormatName::Auto => StreamFormat::Auto,
                    FormatName::EventStream => StreamFormat::EventStream,
                    FormatName::Lines => StreamFormat::Lines,
                }),
            },
        };
        // The URL is a placeholder: `FeedOptions::at` inserts the URL of each feed.
        let nowhere = Url::parse("http://localhost/").map_err(|error| error.to_string())?;
        let mut spec = FeedSpec::new(nowhere).with(changes);
        self.connection.apply(&mut spec)?;
        let options = FeedOptions::new(spec, self.send.messages()?);
        Ok(options.with_automatic(automatic, variables.inserted()))
    }

    /// Refuses an option that applies to no feed of the run, because the mistake would go unnoticed.
    fn refuse_unused_options(&self, uses: Uses) -> Result<(), String> {
        let other_engine = match (self.engine, self.second_opinion) {
            (EngineName::EventsourceClient, _) => Some("--engine"),
            (_, Some(OtherEngineName::EventsourceClient)) => Some("--second-opinion"),
            _ => None,
        };
        if let (FormatName::Lines, Some(option)) = (self.format, other_engine) {
            return Err(format!(
                "{option} eventsource-client reads event streams only: leave it or --format lines out"
            ));
        }
        let send = self.send.first_option();
        let web_socket_only = [
            (send.is_some(), send.as_deref().unwrap_or_default()),
            (!self.send_on_connect.is_empty(), "--send-on-connect"),
            (self.echo, "--echo"),
            (!self.subprotocols.is_empty(), "--subprotocol"),
            (
                self.engine == EngineName::TokioTungstenite,
                "--engine tokio-tungstenite",
            ),
            (
                self.second_opinion == Some(OtherEngineName::TokioTungstenite),
                "--second-opinion tokio-tungstenite",
            ),
        ];
        let unused = web_socket_only
            .iter()
            .find(|(given, _)| *given && !uses.web_socket);
        if let Some((_, option)) = unused {
            return Err(format!(
                "{option} is for WebSockets, and none of the URLs is ws:// or wss://"
            ));
        }
        let event_stream_only = [
            self.last_event_id.as_ref().map(|_| "--last-event-id"),
            (self.format != FormatName::Auto && !uses.input).then_some("--format"),
            self.connection.event_stream_only(),
            (self.engine == EngineName::EventsourceClient).then_some("--engine eventsource-client"),
            (self.second_opinion == Some(OtherEngineName::EventsourceClient))
                .then_some("--second-opinion eventsource-client"),
        ];
        if let Some(option) = event_stream_only.into_iter().flatten().next()
            && !uses.event_stream
        {
            return Err(format!(
                "{option} is for event streams, and none of the URLs is http:// or https://"
            ));
        }
        Ok(())
    }
}

impl AutomaticArguments {
    /// Returns the messages of `--every` and `--answer`.
    fn messages(&self, variables: &mut Variables<'_>) -> Result<Vec<Automatic>, String> {
        let mut messages = Vec::new();
        // clap ensures that the values come in pairs.
        for (option, values) in [("--every", &self.every), ("--answer", &self.answer)] {
            for pair in values.chunks_exact(2) {
                let trigger = match option {
                    "--every" => Trigger::every(&pair[0]),
                    _ => Trigger::answer(&pair[0], self.answer_once, None),
                };
                let named = |problem| format!("{option}: {problem}");
                messages.push(Automatic {
                    name: None,
                    trigger: trigger.map_err(named)?,
                    content: AutomaticContent::from(variables.template(&pair[1]).map_err(named)?),
                    key: None,
                    saved: None,
                });
            }
        }
        Ok(messages)
    }
}

/// Returns the request headers in order. The header of `-u` comes last.
fn headers(
    typed: &[String],
    user: Option<&str>,
    variables: &mut Variables<'_>,
) -> Result<Vec<(String, Secret)>, String> {
    let mut headers = typed
        .iter()
        .map(|typed| header(typed, variables))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(user) = user {
        if headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        {
            return Err(
                "-u and -H 'Authorization: …' both contain credentials: give one of them"
                    .to_owned(),
            );
        }
        // As in curl, a user without a colon has an empty password.
        let pair = if user.contains(':') {
            user.to_owned()
        } else {
            format!("{user}:")
        };
        headers.push((
            "Authorization".to_owned(),
            format!("Basic {}", STANDARD.encode(pair)).into(),
        ));
    }
    Ok(headers)
}

/// Parses one `-H`. Error sentences never contain the value, because it may be a secret.
fn header(typed: &str, variables: &mut Variables<'_>) -> Result<(String, Secret), String> {
    let (name, value) = typed
        .split_once(':')
        .ok_or("-H: a header is written 'Name: value'; there is no colon")?;
    let name = name.trim();
    if !is_token(name) {
        return Err(format!(
            "-H: `{}` cannot be a header's name",
            name.escape_debug()
        ));
    }
    let value = variables
        .expand(value.trim())
        .map_err(|problem| format!("-H '{name}: …': {problem}"))?;
    // RFC 9110 5.5: a tab is the only control character that a field value may contain.
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return Err(format!(
            "-H '{name}: …': the value has a control character or a line break in it"
        ));
    }
    Ok((name.to_owned(), value.into()))
}

/// Checks a last event ID. HTML 9.2.6 allows no U+0000 or line break in it, and a header cannot contain them.
fn last_event_id(id: String) -> Result<String, String> {
    if id.contains(['\0', '\r', '\n']) {
        return Err("--last-event-id: an ID has no line breaks in it".to_owned());
    }
    Ok(id)
}

/// Checks the name of a subprotocol.
fn subprotocol(name: String) -> Result<String, String> {
    if is_token(&name) {
        return Ok(name);
    }
    // A comma suggests a list, as in the header itself.
    let hint = if name.contains(',') {
        "; give the option once for each"
    } else {
        ""
    };
    Err(format!(
        "--subprotocol: `{}` cannot be a subprotocol's name{hint}",
        name.escape_debug()
    ))
}

fn proxy(typed: &str) -> Result<Secret<Url>, String> {
    let url = parse_proxy(typed);
    url.map(Secret::from)
        .map_err(|problem| format!("--proxy: {problem}"))
}
