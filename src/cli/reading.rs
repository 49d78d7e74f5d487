//! Options for the interpretation of payloads. The files of `--proto` are read here, before anything connects.

use std::path::{Path, PathBuf};

use clap::Args;
use feedscope_analysis::decoders::{Chain, Schema};
use feedscope_analysis::interpret::Interpreter;
use feedscope_analysis::lenses::Choice;

use crate::reading::Reading;

/// Options of every command that shows or measures payloads.
#[derive(Debug, Args)]
#[command(next_help_heading = "Payloads")]
pub(super) struct ReadingArguments {
    /// Decode received payloads with these decoders, in order, such as base64,gzip,msgpack
    ///
    /// There are base64, hex, gzip, zlib, deflate, zstd, msgpack, cbor and protobuf. Filters, columns and measures of
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
    pub(super) fn reading(self, usual_lens: Choice) -> Result<Reading, String> {
        let schema = self.proto.as_deref().map(schema).transpose()?;
        let chain = |option: &str, text: Option<&str>| {
            let text = text.unwrap_or_default();
            Chain::parse(text, schema.as_ref()).map_err(|problem| format!("{option}: {problem}"))
        };
        let received = chain("--decode", self.decode.as_deref())?;
        let sent = chain("--decode-sent", self.decode_sent.as_deref())?;
        // A schema that no decoder uses is a mistake in the command line.
        let uses_schema = [&received, &sent]
            .iter()
            .any(|chain| chain.to_string().contains("protobuf"));
        if schema.is_some() && !uses_schema {
            return Err("--proto is for the decoder protobuf, which is in no chain".to_owned());
        }
        Ok(Reading {
            interpreter: Interpreter::new(received, sent),
            lens: self.lens.unwrap_or(usual_lens),
            ..Reading::default()
        })
    }
}

impl LensArguments {
    /// Returns the options as values.
    pub(super) fn reading(self) -> Result<Reading, String> {
        let usual = if self.assembled || self.keep {
            Choice::Auto
        } else {
            Choice::Off
        };
        Ok(Reading {
            is_assembled: self.assembled,
            is_kept: self.keep,
            ..self.reading.reading(usual)?
        })
    }
}

/// Reads a schema.
fn schema(path: &Path) -> Result<Schema, String> {
    /// Largest file that is read.
    const MAX_BYTES: u64 = 64 << 20;
    let named = |problem: String| format!("--proto: {}: {problem}", path.display());
    let size = std::fs::metadata(path).map_err(|error| named(error.to_string()))?;
    if !size.is_file() || size.len() > MAX_BYTES {
        return Err(named("is no file of up to 64 MiB".to_owned()));
    }
    let is_text = path
        .extension()
        .is_some_and(|extension| extension == "proto");
    if !is_text {
        let bytes = std::fs::read(path).map_err(|error| named(error.to_string()))?;
        return Schema::from_descriptor_set(&bytes).map_err(named);
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| named("the name is not UTF-8".to_owned()))?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let read = move |name: &str| {
        // An import may be relative to a folder above, as in a package of several folders.
        let mut folders = folder.ancestors().take(8);
        folders.find_map(|folder| std::fs::read_to_string(folder.join(name)).ok())
    };
    Schema::compile(name, read).map_err(named)
}
