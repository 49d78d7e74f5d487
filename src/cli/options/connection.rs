//! How a server is reached and asked, in options named as in curl: arguments to values. It opens no file and looks up no
//! name.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use feedscope_core::feed::{FeedSpec, HostOverride};

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(super) struct ConnectionArguments {
    /// The method of an event stream's request; GET, or POST with --data, if not given
    #[arg(short = 'X', long, value_name = "METHOD")]
    request: Option<String>,

    /// The body of an event stream's request; given several times, joined with `&`
    ///
    /// It is sent again with every reconnection, as application/x-www-form-urlencoded unless a header says otherwise.
    #[arg(short, long, value_name = "BODY", allow_hyphen_values = true)]
    data: Vec<String>,

    /// Trust the certificates (PEM) in this file besides the system's
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,

    /// Show the server the certificate (PEM) in this file
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,

    /// The private key (PEM) of --cert; in the same file if not given
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,

    /// Connect through this Unix-domain socket, whatever host and port the URL names
    #[arg(long, value_name = "PATH", conflicts_with_all = ["proxy", "resolve"])]
    unix_socket: Option<PathBuf>,

    /// Use these addresses for a host and port; may be given several times
    #[arg(long, value_name = "HOST:PORT:ADDRESS[,ADDRESS]", value_parser = host_override)]
    resolve: Vec<HostOverride>,

    /// Do not offer compression: gzip, br and zstd for event streams, permessage-deflate for WebSockets
    #[arg(long)]
    no_compression: bool,
}

impl ConnectionArguments {
    /// The first of these options that only event streams heed.
    pub(super) fn event_stream_only(&self) -> Option<&'static str> {
        if self.request.is_some() {
            Some("--request")
        } else if self.data.is_empty() {
            None
        } else {
            Some("--data")
        }
    }

    /// Puts the options into `spec`, or says which one is wrong.
    pub(super) fn apply(self, spec: &mut FeedSpec) -> Result<(), String> {
        spec.method = self.request.map(method).transpose()?;
        spec.body = body(&self.data)?;
        spec.ca_file = self.cacert;
        spec.client_certificate = self.cert;
        spec.client_key = self.key;
        spec.unix_socket = self.unix_socket;
        spec.resolve = self.resolve;
        spec.compression = !self.no_compression;
        Ok(())
    }
}

fn method(name: String) -> Result<String, String> {
    if super::is_token(&name) {
        Ok(name)
    } else {
        Err(format!(
            "--request: `{}` cannot be a method's name",
            name.escape_debug()
        ))
    }
}

fn body(data: &[String]) -> Result<Option<Vec<u8>>, String> {
    if let Some(file) = data.iter().find_map(|data| data.strip_prefix('@')) {
        return Err(format!(
            "--data: `@` reads no file here; write --data \"$(cat {file})\""
        ));
    }
    Ok((!data.is_empty()).then(|| data.join("&").into_bytes()))
}

/// `HOST:PORT:ADDRESS[,ADDRESS]`, IPv6 addresses with or without brackets.
fn host_override(typed: &str) -> Result<HostOverride, String> {
    let wrong = || "it is written HOST:PORT:ADDRESS".to_owned();
    let mut parts = typed.splitn(3, ':');
    let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    if host.is_empty() {
        return Err(wrong());
    }
    let port = port
        .parse()
        .map_err(|_not_one| format!("`{port}` is no port"))?;
    let addresses = addresses
        .split(',')
        .map(|text| {
            let bare = text.trim_start_matches('[').trim_end_matches(']');
            bare.parse::<IpAddr>()
                .map_err(|_not_one| format!("`{text}` is no IP address"))
        })
        .collect::<Result<_, _>>()?;
    Ok(HostOverride {
        host: host.to_owned(),
        port,
        addresses,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[arg(long)]
        proxy: Option<String>,
        #[command(flatten)]
        connection: ConnectionArguments,
    }

    #[test]
    fn every_option_reaches_the_feed() {
        let line =
            "x -X REPORT -d a --cacert ca --cert c --key k --resolve a:1:::1 --no-compression";
        let line = Line::try_parse_from(line.split(' ')).unwrap();
        let nowhere = "http://localhost/".parse::<url::Url>().unwrap();
        let mut spec = FeedSpec::new(nowhere.clone());
        line.connection.apply(&mut spec).unwrap();
        let expected = FeedSpec {
            method: Some("REPORT".to_owned()),
            body: Some(b"a".to_vec()),
            ca_file: Some("ca".into()),
            client_certificate: Some("c".into()),
            client_key: Some("k".into()),
            resolve: vec![host_override("a:1:::1").unwrap()],
            compression: false,
            ..FeedSpec::new(nowhere)
        };
        assert_eq!(spec, expected);
        let line = Line::try_parse_from(["x", "--unix-socket", "/run/s"]).unwrap();
        line.connection.apply(&mut spec).unwrap();
        assert_eq!(spec.unix_socket, Some("/run/s".into()));
        assert!(Line::try_parse_from(["x", "--unix-socket", "s", "--proxy", "p"]).is_err());
        assert!(Line::try_parse_from(["x", "--key", "k"]).is_err());
    }

    #[test]
    fn overrides_are_read_as_curl_writes_them() {
        let read = host_override("a.test:443:127.0.0.1,[::1],::2").unwrap();
        let addresses: Vec<String> = read.addresses.iter().map(IpAddr::to_string).collect();
        assert_eq!((read.host.as_str(), read.port), ("a.test", 443));
        assert_eq!(addresses, ["127.0.0.1", "::1", "::2"]);
        for wrong in [
            "a.test",
            "a.test:443",
            ":1:::1",
            "a.test:x:::1",
            "a.test:1:b.test",
            "a.test:1:",
        ] {
            assert!(host_override(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn several_bodies_are_one_form_and_files_are_not_read() {
        let all =
            |data: &[&str]| body(&data.iter().map(|&data| data.to_owned()).collect::<Vec<_>>());
        assert_eq!(all(&["a=1", "b=2"]).unwrap().unwrap(), b"a=1&b=2");
        assert_eq!(all(&[]).unwrap(), None);
        assert_eq!(all(&[""]).unwrap().unwrap(), b"");
        assert!(all(&["@file"]).unwrap_err().contains("$(cat file)"));
    }
}
