//! Format of the output of commands that print records or measures.

use clap::ValueEnum;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum ListFormat {
    Json,
    Text,
}
