//! Schema of Protocol Buffers, from the text of `.proto` files or from a descriptor set.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use prost_reflect::{DescriptorPool, MessageDescriptor};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

/// Known message types. It is cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    pool: DescriptorPool,
    /// Full names of the messages in the given file itself, for an offer.
    own: Vec<String>,
    /// Name under which the schema can be read again.
    name: Option<Arc<str>>,
}

/// Message type of a schema.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageType {
    pub(super) descriptor: MessageDescriptor,
    /// Name under which its schema can be read again.
    schema: Option<Arc<str>>,
}

/// Reason that a name gives no message, with the names that exist.
pub(super) enum NoMessage {
    /// No message has this name.
    Unknown(String, Vec<String>),
    /// No name was given, and there is not exactly one message.
    Several(Vec<String>),
}

impl MessageType {
    /// Full name, such as `shop.Order`.
    pub fn name(&self) -> &str {
        self.descriptor.full_name()
    }

    /// Name under which its schema can be read again, if it has one.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }
}

impl fmt::Debug for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

impl Schema {
    /// Compiles the file `name`. `read` returns the text of an imported file. The files of Google's own types are known.
    ///
    /// # Errors
    ///
    /// Returns the compiler's message.
    pub fn compile(
        name: &str,
        read: impl Fn(&str) -> Option<String> + 'static,
    ) -> Result<Self, String> {
        let mut resolver = ChainFileResolver::new();
        resolver.add(Texts(read));
        resolver.add(GoogleFileResolver::new());
        let mut compiler = protox::Compiler::with_file_resolver(resolver);
        compiler
            .include_imports(true)
            .open_file(name)
            .map_err(|error| error.to_string())?;
        let pool = compiler.descriptor_pool();
        // Messages of imported files are rarely the type of a payload.
        let own = pool.get_file_by_name(name);
        let own = own.map(|file| names(file.messages()));
        Ok(Self {
            own: own.unwrap_or_default(),
            pool,
            name: None,
        })
    }

    /// Reads a descriptor set, as `protoc --descriptor_set_out` writes it.
    ///
    /// # Errors
    ///
    /// Returns the reader's message.
    pub fn from_descriptor_set(bytes: &[u8]) -> Result<Self, String> {
        let pool = DescriptorPool::decode(bytes).map_err(|error| error.to_string())?;
        let files = pool.files().filter(|file| {
            // Google's own types are rarely the type of a payload.
            !file.name().starts_with("google/protobuf/")
        });
        let own = files.flat_map(|file| names(file.messages())).collect();
        Ok(Self {
            pool,
            own,
            name: None,
        })
    }

    /// Sets the name under which the schema can be read again, such as the path of its file.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self {
            name: Some(name.into()),
            ..self
        }
    }

    /// Returns the type of this name. Without a name, the schema must have exactly one message of its own.
    pub(super) fn message(&self, name: Option<&str>) -> Result<MessageType, NoMessage> {
        let name = match (name, &*self.own) {
            (Some(name), _) => name.trim_start_matches('.'),
            (None, [only]) => only,
            (None, _) => return Err(NoMessage::Several(self.own.clone())),
        };
        // The package may be left out where only one message has the name.
        let mut short = self
            .own
            .iter()
            .filter(|own| own.rsplit('.').next() == Some(name));
        let by_short_name = short.next().filter(|_| short.next().is_none());
        let descriptor = self.pool.get_message_by_name(name);
        let descriptor = descriptor.or_else(|| self.pool.get_message_by_name(by_short_name?));
        descriptor
            .map(|descriptor| MessageType {
                descriptor,
                schema: self.name.clone(),
            })
            .ok_or_else(|| NoMessage::Unknown(name.to_owned(), self.own.clone()))
    }
}

fn names(messages: impl Iterator<Item = MessageDescriptor>) -> Vec<String> {
    messages
        .map(|message| message.full_name().to_owned())
        .collect()
}

/// Files that the caller reads.
struct Texts<R>(R);

impl<R: Fn(&str) -> Option<String>> FileResolver for Texts<R> {
    fn resolve_path(&self, path: &Path) -> Option<String> {
        path.to_str().map(str::to_owned)
    }

    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match (self.0)(name) {
            Some(text) => File::from_source(name, &text),
            None => Err(protox::Error::file_not_found(name)),
        }
    }
}
