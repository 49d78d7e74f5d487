//! Options for the interpretation of payloads. The files of `--proto` are read here, before anything connects.

use std::path::PathBuf;

use clap::Args;
use feedscope_analysis::decoders::Chain;
use feedscope_analysis::lenses::Choice;

use crate::reading::{FeedReading, RunReading};
use crate::schema;

/// Options of every command that shows or measures payloads.
#[derive(Debug, Args)]
#[command(next_help_heading = "Payloads")]
pub(super) struct ReadingArguments {
    /// Decode received payloads with these decoders, in order, such as base64,gzip,msgpack
    ///
    /// There are base64, hex, gzip, zlib, deflate, zstd, brotli, msgpack, cbor and protobuf. Filters, columns and measures of
    /// fields read the decoded form. `data` stays as received, and `read` has the decoded value.
    #[arg(long, value_name = "CHAIN")]
    decode: Option<String>,

    /// Decode sent payloads with these decoders
    #[arg(long, value_name = "CHAIN")]
    decode_sent: Option<String>,

    /// Schema for the decoder protobuf: a .proto file or a descriptor set
    ///
    /// `protobuf:shop.Order` names the message; a schema with one message needs no name. Imported files are sought beside
    /// the file and in the folders above it. Without a schema, fields are named by their numbers.
    #[arg(long, value_name = "FILE")]
    proto: Option<PathBuf>,

    /// Read the protocol above the messages: name rows, pair requests with answers, find errors
    ///
    /// `auto` selects the lens by subprotocol, URL and first messages. The lenses are socket.io, graphql-ws, json-rpc
    /// (also MCP, Chrome `DevTools`, LSP), signalr, stomp, phoenix and llm. Each line gets the field `read`.
    #[arg(long, value_name = "NAME|auto|off", value_parser = Choice::parse)]
    lens: Option<Choice>,
}

/// Options of `tail` only.
#[derive(Debug, Args)]
#[command(next_help_heading = "Payloads")]
pub(super) struct LensArguments {
    #[command(flatten)]
    pub(super) reading: ReadingArguments,

    /// Put the parts of an answer of a language model together, and print one line for each answer
    ///
    /// The line has the kind `assembled`: text, reasoning, tool calls, stop reason and usage. It is printed in place of the
    /// parts when the answer is complete or broken off. Uses --lens auto unless a lens is given.
    #[arg(long)]
    assembled: bool,

    /// Send the messages that the protocol of the lens requires, such as handshakes and pongs
    ///
    /// It requires a lens that is given by name, or that subprotocol or URL determine.
    #[arg(long)]
    pub(super) keep: bool,
}

impl ReadingArguments {
    /// Returns the options as values, with this lens unless one is given.
    pub(super) fn reading(self, usual_lens: Choice) -> Result<RunReading, String> {
        Ok(self.given()?.of_run(usual_lens))
    }

    /// Returns the options of the command line as values.
    pub(super) fn given(&self) -> Result<FeedReading, String> {
        let reading = self.of_feed()?;
        // A schema that no decoder uses is a mistake in the command line.
        let mut chains = reading.received.iter().chain(&reading.sent);
        if self.proto.is_some() && !chains.any(|chain| chain.to_string().contains("protobuf")) {
            return Err("--proto is for the decoder protobuf, which is in no chain".to_owned());
        }
        Ok(reading)
    }

    /// Returns the options of a feed as values. A saved connection may have a schema that an option of the command line
    /// makes useless.
    pub(super) fn of_feed(&self) -> Result<FeedReading, String> {
        let schema = self.proto.as_deref().map(schema::load).transpose();
        let schema = schema.map_err(|problem| format!("--proto: {problem}"))?;
        let chain = |option: &str, text: &str| {
            Chain::parse(text, schema.as_ref()).map_err(|problem| format!("{option}: {problem}"))
        };
        let received = self.decode.as_deref().map(|text| chain("--decode", text));
        let sent = self.decode_sent.as_deref();
        let sent = sent.map(|text| chain("--decode-sent", text));
        Ok(FeedReading {
            received: received.transpose()?,
            sent: sent.transpose()?,
            lens: self.lens,
        })
    }
}

impl LensArguments {
    /// Returns the options as values.
    pub(super) fn reading(self) -> Result<RunReading, String> {
        let usual = if self.assembled || self.keep {
            Choice::Auto
        } else {
            Choice::Off
        };
        Ok(RunReading {
            is_assembled: self.assembled,
            is_kept: self.keep,
            ..self.reading.reading(usual)?
        })
    }
}
