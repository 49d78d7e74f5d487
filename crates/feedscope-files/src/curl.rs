//! Command lines of curl, as browsers copy them, and of websocat, read as connections. Runs nothing.
//!
//! ```
//! let line = r#"curl 'https://example.org/feed' -H 'Accept: text/event-stream' -N --data-raw $'{"a":"it\'s"}'"#;
//! let imported = feedscope_files::curl::parse(line).unwrap();
//! assert_eq!(imported.connection.url, "https://example.org/feed");
//! assert!(imported.not_understood.is_empty());
//! ```

mod options;
mod websocat;
mod words;

pub use websocat::parse as parse_websocat;

use options::Meaning;
use words::FirstCommand;

use crate::connections::{OptionValue, SavedConnection, SavedOption, has_variable, unescaped};

/// A connection that a command line describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// The connection, without a name.
    pub connection: SavedConnection,
    /// Parts of the line that were left out because they are not known.
    pub not_understood: Vec<String>,
}

/// Options that may be given several times.
const REPEATED: [&str; 3] = ["data", "data-raw", "resolve"];

/// Headers of a WebSocket's handshake that every client makes itself.
const OF_HANDSHAKE: [&str; 5] = [
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
];

/// Reads a command line of curl in the form of a Unix shell, also with `$'…'`, or with the `^` of Windows. Variables of the
/// shell become variables of the connection.
///
/// # Errors
///
/// A sentence about a line that is not of curl, has no URL, or has a quotation mark that is not closed.
pub fn parse(line: &str) -> Result<Imported, String> {
    let FirstCommand { words, further } = words::split(line)?;
    let mut words = words.into_iter();
    match words.next().as_deref() {
        Some("curl" | "curl.exe") => {}
        _ => return Err("it does not begin with `curl`".to_owned()),
    }
    let mut line = CurlLine::default();
    while let Some(word) = words.next() {
        line.take(word, &mut words, OF_CURL)?;
    }
    line.not_understood.extend(further);
    line.imported()
}

/// Options of a program, and the way in which they are written.
#[derive(Clone, Copy)]
struct Program {
    /// Returns the meaning of an option with this name, which begins with its dashes.
    meaning: fn(&str) -> Option<Meaning>,
    /// `--name=value` is the same as `--name value`.
    has_equals_sign: bool,
}

const OF_CURL: Program = Program {
    meaning: options::meaning,
    has_equals_sign: false,
};

/// The parts of a line so far.
#[derive(Default)]
struct CurlLine {
    url: Option<String>,
    headers: Vec<(String, String)>,
    options: Vec<SavedOption>,
    data: Vec<BodyPart>,
    is_get: bool,
    not_understood: Vec<String>,
    /// The last option that is not known, so that it may have a value.
    unknown: Option<String>,
}

/// A part of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
enum BodyPart {
    Text(String),
    File(String),
}

impl CurlLine {
    fn take(
        &mut self,
        word: String,
        rest: &mut impl Iterator<Item = String>,
        program: Program,
    ) -> Result<(), String> {
        if word.len() > 2 && word.starts_with("--") {
            let (name, glued) = match word.split_once('=') {
                Some((name, value)) if program.has_equals_sign => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            if let Some(meaning) = (program.meaning)(name) {
                return self.option(name, meaning, || glued.or_else(|| rest.next()));
            }
            self.leave_out(word);
            return Ok(());
        }
        // A single dash, or no dash at all, is the URL.
        let Some(mut cluster) = word.strip_prefix('-').filter(|cluster| !cluster.is_empty()) else {
            return self.set_url(word);
        };
        // Short options may stand together; the value of the last one may follow at once.
        while let Some(short) = cluster.chars().next() {
            cluster = &cluster[short.len_utf8()..];
            let name = format!("-{short}");
            let Some(meaning) = (program.meaning)(&name) else {
                self.leave_out(format!("{name}{cluster}"));
                return Ok(());
            };
            // `-XPOST` is the same as `-X POST`.
            let glued = (meaning.has_value() && !cluster.is_empty()).then(|| {
                let value = cluster
                    .strip_prefix('=')
                    .filter(|_| program.has_equals_sign);
                value.unwrap_or(cluster).to_owned()
            });
            let is_last = glued.is_some();
            self.option(&name, meaning, || glued.or_else(|| rest.next()))?;
            if is_last {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Leaves out an option that is not known.
    fn leave_out(&mut self, option: String) {
        self.unknown = Some(option.clone());
        self.not_understood.push(option);
    }

    fn option(
        &mut self,
        name: &str,
        meaning: Meaning,
        value: impl FnOnce() -> Option<String>,
    ) -> Result<(), String> {
        let value = if meaning.has_value() {
            value().ok_or_else(|| format!("{name} has no value"))?
        } else {
            String::new()
        };
        match meaning {
            Meaning::Header => self.header(&value),
            Meaning::HeaderNamed(header) => self.headers.push((header.to_owned(), value)),
            Meaning::Cookie if value.contains('=') => {
                self.headers.push(("Cookie".to_owned(), value));
            }
            // It names a file with cookies.
            Meaning::Cookie => self.not_understood.push(format!("{name} {value}")),
            Meaning::Bearer => {
                let value = format!("Bearer {value}");
                self.headers.push(("Authorization".to_owned(), value));
            }
            Meaning::Option(option) => self.set(option, OptionValue::One(value)),
            Meaning::Proxy(scheme) => {
                self.set("proxy", OptionValue::One(format!("{scheme}://{value}")));
            }
            Meaning::Subprotocols => {
                let names = value.split(',').map(|name| name.trim().to_owned());
                self.set("subprotocol", OptionValue::Many(names.collect()));
            }
            Meaning::Flag(option) => self.set(option, OptionValue::Flag(true)),
            Meaning::Data => self.data.push(match value.strip_prefix('@') {
                Some(file) => BodyPart::File(file.to_owned()),
                None => BodyPart::Text(value),
            }),
            // The line ends of a file would be left out.
            Meaning::DataBinary if value.starts_with('@') => {
                self.not_understood.push(format!("{name} {value}"));
            }
            Meaning::DataRaw | Meaning::DataBinary => self.data.push(BodyPart::Text(value)),
            Meaning::DataUrlencode => match urlencoded(&value) {
                Some(encoded) => self.data.push(BodyPart::Text(encoded)),
                None => self.not_understood.push(format!("{name} {value}")),
            },
            Meaning::Get => self.is_get = true,
            Meaning::Url => return self.set_url(value),
            Meaning::Ignored | Meaning::IgnoredWithValue => {}
            // Its value may be a secret.
            Meaning::NoEffect | Meaning::NoEffectWithValue => {
                self.not_understood.push(name.to_owned());
            }
            Meaning::Refused | Meaning::RefusedWithValue => {
                return Err(format!("{name} is not supported"));
            }
        }
        Ok(())
    }

    /// Sets an option. Of an option that may be given several times, all values count, and of any other the last one.
    fn set(&mut self, name: &str, value: OptionValue) {
        let Some(former) = self.options.iter_mut().find(|option| option.name == name) else {
            let name = name.to_owned();
            self.options.push(SavedOption { name, value });
            return;
        };
        former.value = match (&mut former.value, value) {
            (OptionValue::One(first), OptionValue::One(next)) if REPEATED.contains(&name) => {
                OptionValue::Many(vec![std::mem::take(first), next])
            }
            (OptionValue::Many(all), OptionValue::One(next)) => {
                all.push(next);
                return;
            }
            (_, value) => value,
        };
    }

    fn set_url(&mut self, url: String) -> Result<(), String> {
        if self.url.is_some() {
            return Err(match &self.unknown {
                Some(option) => format!(
                    "it has more than one URL, or {} has a value, which is not known here",
                    unescaped(option)
                ),
                None => "it has more than one URL".to_owned(),
            });
        }
        self.url = Some(url);
        Ok(())
    }

    fn header(&mut self, header: &str) {
        if let Some((name, value)) = header.split_once(':') {
            let (name, value) = (name.trim(), value.trim());
            if value.is_empty() {
                // In curl this removes a header of its own.
                self.not_understood.push(format!("-H '{header}'"));
            } else {
                self.headers.push((name.to_owned(), value.to_owned()));
            }
        } else if let Some(name) = header.strip_suffix(';') {
            self.headers.push((name.trim().to_owned(), String::new()));
        } else {
            self.not_understood.push(format!("-H '{header}'"));
        }
    }

    fn imported(mut self) -> Result<Imported, String> {
        let mut url = self.url.take().ok_or("it has no URL")?;
        // With -G the body becomes the query.
        if self.is_get {
            self.data_to_query(&mut url);
        }
        let is_web_socket = url.starts_with("ws:") || url.starts_with("wss:");
        let mut subprotocols = Vec::new();
        self.headers.retain(|(name, value)| {
            let name = name.to_ascii_lowercase();
            // Subprotocols are an option of a feed, which checks the server's choice.
            if is_web_socket && name == "sec-websocket-protocol" {
                subprotocols.extend(value.split(',').map(|name| name.trim().to_owned()));
                return false;
            }
            // Compression is offered anyway, in the forms that can be read.
            name != "accept-encoding" && !(is_web_socket && OF_HANDSHAKE.contains(&name.as_str()))
        });
        if !subprotocols.is_empty() {
            self.set("subprotocol", OptionValue::Many(subprotocols));
        }
        for part in std::mem::take(&mut self.data) {
            match part {
                BodyPart::Text(text) => self.set("data-raw", OptionValue::One(text)),
                BodyPart::File(file) => {
                    self.set("data", OptionValue::One(format!("@{file}")));
                }
            }
        }
        // These parts are shown as they were written.
        let not_understood = self.not_understood.iter().map(|part| unescaped(part));
        Ok(Imported {
            connection: SavedConnection {
                url,
                headers: self.headers,
                options: self.options,
                ..SavedConnection::default()
            },
            not_understood: not_understood.collect(),
        })
    }

    fn data_to_query(&mut self, url: &mut String) {
        for part in std::mem::take(&mut self.data) {
            match part {
                BodyPart::Text(text) => {
                    url.push(if url.contains('?') { '&' } else { '?' });
                    url.push_str(&text);
                }
                BodyPart::File(file) => self.not_understood.push(format!("-d @{file}")),
            }
        }
    }
}

/// `name=content` or `content` with the content encoded; `None` for the forms that read a file.
fn urlencoded(value: &str) -> Option<String> {
    // The value of a variable is not known yet.
    if has_variable(value) {
        return None;
    }
    let value = unescaped(value);
    let value = value.as_str();
    let encoded =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    match value.split_once('=') {
        Some(("", content)) => Some(encoded(content)),
        Some((name, content)) => Some(format!("{name}={}", encoded(content))),
        None if value.contains('@') => None,
        None => Some(encoded(value)),
    }
}

#[cfg(test)]
mod tests;
