//! Options for reaching and asking a server, named as in curl: parses arguments into parts of a spec.
//!
//! Host names are not looked up here.

use std::io::Read as _;
use std::path::PathBuf;

use clap::Args;
use feedscope_analysis::fields::Path as FieldPath;
use feedscope_core::feed::{
    FeedSpec, HostOverride, HttpChanges, KeepingChanges, LifeChanges, ReadingChanges, Resend,
    SpecChanges, TransportChanges, WebSocketChanges,
};
use feedscope_core::secret::Secret;

use super::token::is_token;

/// Greatest length of a body in bytes, because it stays in memory.
const LONGEST_BODY: u64 = 64 << 20;

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct ConnectionArguments {
    /// The method of an event stream's request; GET, or POST with --data, if not given
    #[arg(short = 'X', long, value_name = "METHOD")]
    request: Option<String>,

    /// The body of an event stream's request; given several times, joined with `&`; `@FILE` reads a file
    ///
    /// It is sent as application/x-www-form-urlencoded unless a header gives another type. A request with a body is
    /// sent once, see --resend. Of a file, line ends are left out; `@-` reads standard input.
    #[arg(short, long, value_name = "BODY", allow_hyphen_values = true)]
    data: Vec<String>,

    /// The same, where a leading `@` has no meaning
    #[arg(long, value_name = "BODY", allow_hyphen_values = true)]
    data_raw: Vec<String>,

    /// The same, as application/json
    #[arg(long, value_name = "JSON", conflicts_with_all = ["data", "data_raw"])]
    json: Option<String>,

    /// Send the request again on every reconnection, whatever its method is
    ///
    /// Without this option only GET and HEAD are repeated. Any other request, such as a POST, is sent once: when its
    /// stream ends, the feed is closed, and when its stream breaks, the feed has failed. An attempt that failed before
    /// the request was sent is repeated in any case.
    #[arg(long)]
    resend: bool,

    /// Trust the certificates (PEM) in this file besides the system's
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,

    /// Show the server the certificate (PEM) in this file
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,

    /// The private key (PEM) of --cert; in the same file if not given
    ///
    /// With --sequence, the path of a field, such as .symbol, each of whose values has a sequence of its own. Both may be
    /// given: a value that is such a path is taken for the field.
    #[arg(long, value_name = "FILE|PATH")]
    key: Vec<PathBuf>,

    /// Connect through this Unix-domain socket, whatever host and port the URL names
    #[arg(long, value_name = "PATH", conflicts_with_all = ["proxy", "resolve"])]
    unix_socket: Option<PathBuf>,

    /// Use these addresses for a host and port; may be given several times
    #[arg(long, value_name = "HOST:PORT:ADDRESS[,ADDRESS]")]
    resolve: Vec<HostOverride>,

    /// Do not offer compression: gzip, br and zstd for event streams, permessage-deflate for WebSockets
    #[arg(long)]
    no_compression: bool,
}

impl ConnectionArguments {
    /// Returns the first of the given options that applies to event streams only.
    pub(super) fn event_stream_only(&self) -> Option<&'static str> {
        if self.request.is_some() {
            Some("--request")
        } else if self.json.is_some() {
            Some("--json")
        } else if !self.data.is_empty() || !self.data_raw.is_empty() {
            Some("--data")
        } else {
            self.resend.then_some("--resend")
        }
    }

    /// Removes the value of `--key` that is the path of a field, and returns it.
    pub(super) fn take_field_key(&mut self) -> Option<FieldPath> {
        let path = |value: &PathBuf| FieldPath::parse(value.to_str()?).ok();
        let place = self.key.iter().position(|value| path(value).is_some())?;
        path(&self.key.remove(place))
    }

    /// The file with the private key, or a sentence about a wrong `--key`.
    fn client_key(&mut self) -> Result<Option<PathBuf>, String> {
        let key = self.key.pop();
        if key.is_some() && self.cert.is_none() {
            return Err("--key: it is the private key of --cert, which is missing".to_owned());
        }
        if !self.key.is_empty() {
            return Err("--key: it can be given once".to_owned());
        }
        Ok(key)
    }

    /// Copies the options into `spec`, or returns a sentence about the wrong one.
    pub(super) fn apply(mut self, spec: &mut FeedSpec) -> Result<(), String> {
        let client_key = self.client_key()?;
        let body = match &self.json {
            // Line ends mean nothing in JSON, so that it can be read in the same way as a form's data.
            Some(json) => Some(part("--json", json)?),
            None => body(&self.data, &self.data_raw)?,
        };
        let Self {
            request,
            data: _,
            data_raw: _,
            json,
            resend,
            cacert,
            cert,
            key: _,
            unix_socket,
            resolve,
            no_compression,
        } = self;
        // A content type that was given with `-H` has priority.
        let has_type = spec
            .http
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let headers = (json.is_some() && !has_type).then(|| {
            let header = ("Content-Type".to_owned(), "application/json".into());
            [spec.http.headers.clone(), vec![header]].concat()
        });
        // One merge for both sets of arguments. The options that are `None` are among the other arguments of a feed.
        spec.merge(SpecChanges {
            transport: TransportChanges {
                connect_timeout: None,
                proxy: None,
                unix_socket: Some(unix_socket),
                resolve: Some(resolve),
                ca_file: Some(cacert),
                client_certificate: Some(cert),
                client_key: Some(client_key),
                insecure: None,
                compression: Some(!no_compression),
            },
            http: HttpChanges {
                headers,
                method: Some(request.map(method).transpose()?),
                body: Some(body.map(Secret::from)),
                last_event_id: None,
                response_timeout: None,
            },
            life: LifeChanges {
                policy: None,
                max_reconnects: None,
                resend: Some(if resend {
                    Resend::Always
                } else {
                    Resend::SafeRequests
                }),
            },
            web_socket: WebSocketChanges::default(),
            keeping: KeepingChanges::default(),
            reading: ReadingChanges::default(),
        });
        Ok(())
    }
}

/// Checks the name of a method.
fn method(name: String) -> Result<String, String> {
    if is_token(&name) {
        Ok(name)
    } else {
        Err(format!(
            "--request: `{}` cannot be a method's name",
            name.escape_debug()
        ))
    }
}

/// Joins the parts of a body with `&`, as curl does. Raw parts come last.
fn body(data: &[String], raw: &[String]) -> Result<Option<Vec<u8>>, String> {
    let parts = data.iter().map(|text| part("--data", text));
    let raw = raw.iter().map(|text| Ok(text.as_bytes().to_vec()));
    let parts = parts.chain(raw).collect::<Result<Vec<_>, String>>()?;
    Ok((!parts.is_empty()).then(|| parts.join(&b'&')))
}

/// Returns one part of a body: the text itself or, after an `@`, the content of a file without line ends, as in curl.
fn part(option: &str, typed: &str) -> Result<Vec<u8>, String> {
    let Some(file) = typed.strip_prefix('@') else {
        return Ok(typed.as_bytes().to_vec());
    };
    // One byte more than the limit is read, so that a longer file can be detected.
    let read = if file == "-" {
        let mut bytes = Vec::new();
        let limited = std::io::stdin()
            .take(LONGEST_BODY + 1)
            .read_to_end(&mut bytes);
        limited.map(|_| bytes)
    } else {
        std::fs::File::open(file).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(LONGEST_BODY + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
    };
    let mut bytes = read.map_err(|error| format!("{option}: {file} cannot be read: {error}"))?;
    if bytes.len() as u64 > LONGEST_BODY {
        return Err(format!("{option}: {file} is longer than 64 MiB"));
    }
    bytes.retain(|byte| !matches!(byte, b'\r' | b'\n'));
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct TestArguments {
        #[arg(long)]
        proxy: Option<String>,
        #[command(flatten)]
        connection: ConnectionArguments,
    }

    #[test]
    fn every_option_reaches_the_feed() {
        let line = "x -X REPORT -d a --resend --cacert ca --cert c --key k --resolve a:1:::1 --no-compression";
        let line = TestArguments::try_parse_from(line.split(' ')).unwrap();
        let nowhere = "http://localhost/".parse::<url::Url>().unwrap();
        let mut spec = FeedSpec::new(nowhere.clone());
        line.connection.apply(&mut spec).unwrap();
        let mut expected = FeedSpec::new(nowhere);
        expected.http.method = Some("REPORT".to_owned());
        expected.http.body = Some(b"a".to_vec().into());
        expected.life.resend = Resend::Always;
        expected.transport.ca_file = Some("ca".into());
        expected.transport.client_certificate = Some("c".into());
        expected.transport.client_key = Some("k".into());
        expected.transport.resolve = vec!["a:1:::1".parse().unwrap()];
        expected.transport.compression = false;
        assert_eq!(spec, expected);
        let line = TestArguments::try_parse_from(["x", "--unix-socket", "/run/s"]).unwrap();
        line.connection.apply(&mut spec).unwrap();
        assert_eq!(spec.transport.unix_socket, Some("/run/s".into()));
        assert!(
            TestArguments::try_parse_from(["x", "--unix-socket", "s", "--proxy", "p"]).is_err()
        );
        for (arguments, part) in [
            (&["x", "--key", "k"][..], "--cert, which is missing"),
            (&["x", "--cert", "c", "--key", "k", "--key", "l"], "once"),
        ] {
            let line = TestArguments::try_parse_from(arguments).unwrap();
            let problem = line.connection.apply(&mut spec).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn a_key_that_is_a_path_names_a_field() {
        let line = "x --cert c --key .symbol --key ./key.pem".split(' ');
        let mut line = TestArguments::try_parse_from(line).unwrap();
        let field = line.connection.take_field_key().unwrap();
        assert_eq!(field.to_string(), ".symbol");
        assert_eq!(line.connection.take_field_key(), None);
        let mut spec = FeedSpec::new("http://localhost/".parse().unwrap());
        line.connection.apply(&mut spec).unwrap();
        assert_eq!(spec.transport.client_key, Some("./key.pem".into()));
    }

    #[test]
    fn several_bodies_are_one_form_and_files_are_read() {
        let all = |data: &[&str]| {
            body(
                &data.iter().map(|&data| data.to_owned()).collect::<Vec<_>>(),
                &[],
            )
        };
        assert_eq!(all(&["a=1", "b=2"]).unwrap().unwrap(), b"a=1&b=2");
        assert_eq!(all(&[]).unwrap(), None);
        let raw = body(&["a".to_owned()], &["@b".to_owned()]);
        assert_eq!(raw.unwrap().unwrap(), b"a&@b");
        assert_eq!(all(&[""]).unwrap().unwrap(), b"");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body");
        std::fs::write(&file, "c=3\r\nd\n").unwrap();
        let named = format!("@{}", file.display());
        assert_eq!(all(&["a", &named]).unwrap().unwrap(), b"a&c=3d");
        let missing = format!("@{}", folder.path().join("none").display());
        let problem = all(&[&missing]).unwrap_err();
        assert!(problem.contains("none cannot be read"), "{problem}");
    }

    #[test]
    fn json_says_what_it_is_unless_a_header_does() {
        let spec = |headers: Vec<(String, Secret)>| {
            let line = TestArguments::try_parse_from(["x", "--json", "{}"]).unwrap();
            let mut spec = FeedSpec::new("http://localhost/".parse().unwrap());
            spec.http.headers = headers;
            line.connection.apply(&mut spec).unwrap();
            assert_eq!(spec.http.body, Some(b"{}".to_vec().into()));
            spec.http.headers
        };
        let pair = |value: &str| ("Content-Type".to_owned(), value.into());
        assert_eq!(spec(Vec::new()), [pair("application/json")]);
        assert_eq!(spec(vec![pair("text/x")]), [pair("text/x")]);
    }
}
