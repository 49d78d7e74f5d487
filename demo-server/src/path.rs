//! Feeds of the server by path. This module contains their names and protocols, but not their items.

use std::fmt;

/// Feed of the demo server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feed {
    /// Path `/talk`: a plain event every 5 s.
    Talk,
    /// Path `/events`: the stock ticker.
    Events,
    /// Path `/scores`: football matches in progress.
    Scores,
    /// Path `/news`: headlines.
    News,
    /// Path `/weather`: observations of stations.
    Weather,
    /// Path `/flood` as an event stream.
    EventFlood,
    /// Path `/chat`: rooms with a bot.
    Chat,
    /// Path `/echo`: every message is sent back.
    Echo,
    /// Path `/ticker`: the ticks of `/events` over WebSocket.
    Ticker,
    /// Path `/flood` over WebSocket.
    MessageFlood,
}

impl Feed {
    /// All feeds, with the event streams first.
    pub const ALL: [Self; 10] = [
        Self::Talk,
        Self::Events,
        Self::Scores,
        Self::News,
        Self::Weather,
        Self::EventFlood,
        Self::Chat,
        Self::Echo,
        Self::Ticker,
        Self::MessageFlood,
    ];

    /// Returns the path in the feed's URL.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Talk => "/talk",
            Self::Events => "/events",
            Self::Scores => "/scores",
            Self::News => "/news",
            Self::Weather => "/weather",
            Self::EventFlood | Self::MessageFlood => "/flood",
            Self::Chat => "/chat",
            Self::Echo => "/echo",
            Self::Ticker => "/ticker",
        }
    }

    /// Returns true for a WebSocket feed. The others are event streams.
    pub const fn is_web_socket(self) -> bool {
        matches!(
            self,
            Self::Chat | Self::Echo | Self::Ticker | Self::MessageFlood
        )
    }

    pub(crate) fn event_stream(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|feed| !feed.is_web_socket() && feed.path() == path)
    }

    pub(crate) fn web_socket(path: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|feed| feed.is_web_socket() && feed.path() == path)
    }
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

/// Target of a request, split into its path and its query.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestTarget<'a> {
    pub(crate) path: &'a str,
    query: &'a str,
}

impl<'a> RequestTarget<'a> {
    pub(crate) fn parse(target: &'a str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { path, query }
    }

    /// Returns the first value with this name. Percent signs and plus signs are decoded.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            // A name without a value has the empty value.
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key) == name).then(|| decode(value))
        })
    }

    /// Returns the first value with this name as a number. An `Err` contains a sentence about the fault.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, String> {
        match self.value(name) {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(format!("{name} wants a whole number, not {text:?}\n")),
            },
        }
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match hex {
            Some(byte) => out.push(byte),
            None if bytes[at] == b'+' => out.push(b' '),
            None => out.push(bytes[at]),
        }
        at += if hex.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_broken_ones_left_as_they_are() {
        let target = RequestTarget::parse("/flood?n=10&name=a%20b+c&bad=%zz%4&x=%c3%a9&n=11&empty");
        assert_eq!(target.path, "/flood");
        assert_eq!(target.value("name").as_deref(), Some("a b c"));
        assert_eq!(target.value("bad").as_deref(), Some("%zz%4"));
        assert_eq!(target.value("x").as_deref(), Some("é"));
        assert_eq!(target.value("empty").as_deref(), Some(""));
        assert_eq!(target.value("absent"), None);
        assert_eq!(target.number("n"), Ok(Some(10)));
        assert_eq!(target.number("absent"), Ok(None));
        assert!(target.number("name").unwrap_err().contains("a b c"));
    }

    #[test]
    fn one_path_may_be_two_feeds() {
        assert_eq!(Feed::event_stream("/flood"), Some(Feed::EventFlood));
        assert_eq!(Feed::web_socket("/flood"), Some(Feed::MessageFlood));
        assert_eq!(Feed::event_stream("/chat"), None);
        assert_eq!(Feed::web_socket("/events"), None);
    }
}
