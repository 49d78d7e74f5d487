//! Arguments of `serve`.

use std::time::Duration;

use clap::Args;

use super::argument::files;
use crate::plan::{ServePlan, Since};

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Files to play, or a folder with recordings
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// The port on loopback; any free one if not given
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,

    /// Play this many times as fast as it was recorded; 0 for as fast as a client reads
    #[arg(long, value_name = "X", default_value = "1", value_parser = speed)]
    speed: f64,

    /// Begin again after the last record
    #[arg(long = "loop", conflicts_with = "drops")]
    is_looped: bool,

    /// Begin at this time, or so many seconds after the beginning: 2026-11-21T05:49:14Z, or 90
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<Since>,

    /// Play only this feed
    #[arg(long, value_name = "NAME")]
    feed: Option<String>,

    /// Play one recorded connection to each client, and end it as it ended
    #[arg(long)]
    drops: bool,

    /// End event streams after the last record; without it they stay open in silence
    #[arg(long)]
    end: bool,

    /// Let pages of this origin read the feeds, such as `https://app.example.com`; may be given several times
    #[arg(long = "allow-origin", value_name = "ORIGIN", value_parser = origin)]
    allowed_origins: Vec<String>,
}

impl ServeArguments {
    pub(super) fn plan(self) -> Result<ServePlan, String> {
        let files = files(&self.files)?.ok_or("serve plays files: a feed is recorded first")?;
        Ok(ServePlan {
            files,
            feed: self.feed,
            port: self.port,
            speed: (self.speed > 0.0).then_some(self.speed),
            is_looped: self.is_looped,
            since: self.since,
            plays_drops: self.drops,
            ends: self.end,
            allowed_origins: self.allowed_origins,
        })
    }
}

/// Parses a factor of the pace.
fn speed(typed: &str) -> Result<f64, String> {
    match typed.parse::<f64>() {
        Ok(speed) if speed.is_finite() && speed >= 0.0 => Ok(speed),
        _ => Err("not a number such as 2 or 0.5".to_owned()),
    }
}

/// Parses a time, or seconds since the beginning.
fn since(typed: &str) -> Result<Since, String> {
    if let Ok(seconds) = typed.parse::<f64>() {
        let after = Duration::try_from_secs_f64(seconds);
        return after
            .map(Since::Beginning)
            .map_err(|_error| "not a number of seconds".to_owned());
    }
    typed
        .parse::<jiff::Timestamp>()
        .map(|time| Since::Time(time.as_microsecond()))
        .map_err(|_error| "not seconds, or a time such as 2026-11-21T05:49:14Z".to_owned())
}

/// Parses an origin, as browsers send it.
fn origin(typed: &str) -> Result<String, String> {
    let url = url::Url::parse(typed).ok();
    let origin = url.map(|url| url.origin().ascii_serialization());
    origin
        .filter(|origin| origin == typed)
        .ok_or_else(|| "not an origin such as https://app.example.com".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_options_are_checked() {
        assert_eq!(speed("0.5"), Ok(0.5));
        assert!(speed("-1").is_err() && speed("inf").is_err() && speed("x").is_err());
        let after = Since::Beginning(Duration::from_millis(1_500));
        assert_eq!(since("1.5"), Ok(after));
        assert_eq!(since("1970-01-01T00:00:01.5Z"), Ok(Since::Time(1_500_000)));
        assert!(since("-1").is_err() && since("yesterday").is_err());
        assert!(origin("https://a.test").is_ok() && origin("http://localhost:8000").is_ok());
        assert!(origin("https://a.test/").is_err() && origin("a.test").is_err());
    }
}
