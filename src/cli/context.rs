//! State of the parsing of one command, with the feeds that its arguments name.

use clap::ArgMatches;

use super::environment::Environment;
use super::options::FeedArguments;
use super::saved::{self, NamedFeeds};

/// What the parser of a command needs besides its own arguments.
pub(super) struct Context<'a> {
    pub(super) matches: &'a ArgMatches,
    pub(super) environment: &'a Environment<'a>,
    pub(super) warnings: Vec<String>,
}

impl Context<'_> {
    /// Returns the feeds that the arguments `typed` name.
    pub(super) fn feeds(
        &mut self,
        typed: &[String],
        feed: FeedArguments,
    ) -> Result<NamedFeeds, String> {
        let mut feeds = saved::feeds(typed, feed, self.matches, self.environment)?;
        self.warnings.append(&mut feeds.warnings);
        Ok(feeds)
    }
}
