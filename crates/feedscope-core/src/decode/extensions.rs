//! What is offered and what was agreed on in `Sec-WebSocket-Extensions` (RFC 6455 9.1, RFC 7692 7.1). It reads and writes
//! header values; it never compresses anything.

mod header;

use std::error::Error;
use std::fmt;

use header::{Extension, Parameter};

use super::Role;

/// The one extension that is known here (RFC 7692 7).
const DEFLATE: &str = "permessage-deflate";

/// RFC 7692 7.1.1.1 to 7.1.2.2.
const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// The size of a compression window as a power of two, from 8 to 15 (RFC 7692 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowBits(u8);

/// What a client offers; the default is what browsers do.
///
/// ```
/// use feedscope_core::decode::DeflateOffer;
///
/// let offer = DeflateOffer::default();
/// assert_eq!(offer.to_string(), "permessage-deflate; client_max_window_bits");
///
/// let agreement = offer.agree(["permessage-deflate; server_no_context_takeover"])?;
/// assert!(agreement.is_some_and(|agreement| agreement.server_no_context_takeover));
/// # Ok::<(), feedscope_core::decode::ExtensionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateOffer {
    /// Asks the server to compress each message by itself.
    pub server_no_context_takeover: bool,
    /// Says that we shall, whatever the server answers.
    pub client_no_context_takeover: bool,
    /// Asks the server for a window of at most this size.
    pub server_max_window_bits: Option<WindowBits>,
    /// What the server may ask of our window.
    pub client_max_window_bits: ClientWindow,
}

/// What a client offers about the window that it compresses with (RFC 7692 7.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientWindow {
    /// The server may not limit it.
    NotOffered,
    /// The server may limit it.
    Offered,
    /// The server may limit it, and it is no larger than this anyway.
    AtMost(WindowBits),
}

/// How messages are compressed on a connection, as the handshake settled it.
///
/// [`Display`](fmt::Display) writes it as the server would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateAgreement {
    /// Whether the server compresses each message by itself.
    pub server_no_context_takeover: bool,
    /// Whether the client does.
    pub client_no_context_takeover: bool,
    /// The largest window that the server uses.
    pub server_max_window_bits: WindowBits,
    /// The largest window that the client uses.
    pub client_max_window_bits: WindowBits,
}

/// Why a server's answer fails the connection (RFC 6455 4.1, RFC 7692 7.1). [`Display`](fmt::Display) says it to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtensionError {
    /// The header's value does not follow RFC 6455 9.1.
    Unreadable {
        /// The value.
        value: String,
    },
    /// An extension that was not offered.
    NotOffered {
        /// Its name.
        extension: String,
    },
    /// The extension stands there more than once.
    Repeated,
    /// A parameter that the extension does not have.
    UnknownParameter {
        /// Its name.
        parameter: String,
    },
    /// A parameter stands there more than once.
    RepeatedParameter {
        /// Its name.
        parameter: String,
    },
    /// A parameter that the server may answer only where it was offered.
    ParameterNotOffered {
        /// Its name.
        parameter: &'static str,
    },
    /// A parameter that was offered, and that the server has to answer where it accepts the offer.
    ParameterMissing {
        /// Its name.
        parameter: &'static str,
    },
    /// A parameter without the value that it needs.
    ValueMissing {
        /// Its name.
        parameter: &'static str,
    },
    /// A parameter with a value that it cannot have.
    Value {
        /// Its name.
        parameter: &'static str,
        /// The value.
        value: String,
    },
    /// A window larger than the one that was offered.
    WindowTooLarge {
        /// The parameter's name.
        parameter: &'static str,
        /// What the server answered.
        answered: WindowBits,
        /// What was offered.
        offered: WindowBits,
    },
}

impl WindowBits {
    /// A window of 32 KiB, the largest.
    pub const MAX: Self = Self(15);

    /// A window of 256 bytes, the smallest.
    pub const MIN: Self = Self(8);

    /// A window of 2 to the power of `bits` bytes; nothing where that is too small or too large.
    pub fn new(bits: u8) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&bits)
            .then_some(Self(bits))
    }

    /// The power of two, from 8 to 15.
    pub fn get(self) -> u8 {
        self.0
    }

    /// RFC 7692 7.1.2: a decimal integer without leading zeros.
    fn parse(text: &str) -> Option<Self> {
        if !text.starts_with(|first: char| matches!(first, '1'..='9')) {
            return None;
        }
        Self::new(text.parse().ok()?)
    }
}

impl Default for DeflateOffer {
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: None,
            client_max_window_bits: ClientWindow::Offered,
        }
    }
}

impl DeflateOffer {
    /// Reads the answer: the values of all `Sec-WebSocket-Extensions` headers, in their order.
    ///
    /// Returns nothing where the server declined.
    ///
    /// # Errors
    /// The answer is not one to this offer, so that the connection fails.
    pub fn agree<'a>(
        &self,
        answer: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<DeflateAgreement>, ExtensionError> {
        let mut agreed = None;
        for extension in extensions(answer)? {
            if extension.name != DEFLATE {
                return Err(not_offered(&extension));
            }
            if agreed.is_some() {
                return Err(ExtensionError::Repeated);
            }
            agreed = Some(self.agree_on(&Answer::read(&extension.parameters)?)?);
        }
        Ok(agreed)
    }

    /// RFC 7692 7.1.1 and 7.1.2: what an answer must, may and may not hold.
    fn agree_on(self, answer: &Answer) -> Result<DeflateAgreement, ExtensionError> {
        if self.server_no_context_takeover && !answer.server_no_context_takeover {
            return Err(ExtensionError::ParameterMissing {
                parameter: SERVER_NO_CONTEXT_TAKEOVER,
            });
        }
        Ok(DeflateAgreement {
            server_no_context_takeover: answer.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover
                || answer.client_no_context_takeover,
            server_max_window_bits: self.agree_on_server_window(answer)?,
            client_max_window_bits: self.agree_on_client_window(answer)?,
        })
    }

    fn agree_on_server_window(self, answer: &Answer) -> Result<WindowBits, ExtensionError> {
        let parameter = SERVER_MAX_WINDOW_BITS;
        match (self.server_max_window_bits, answer.server_max_window_bits) {
            (None, answered) => Ok(answered.unwrap_or(WindowBits::MAX)),
            (Some(_), None) => Err(ExtensionError::ParameterMissing { parameter }),
            (Some(offered), Some(answered)) => not_larger(parameter, answered, offered),
        }
    }

    fn agree_on_client_window(self, answer: &Answer) -> Result<WindowBits, ExtensionError> {
        let parameter = CLIENT_MAX_WINDOW_BITS;
        match (self.client_max_window_bits, answer.client_max_window_bits) {
            (ClientWindow::NotOffered, Some(_)) => {
                Err(ExtensionError::ParameterNotOffered { parameter })
            }
            (ClientWindow::NotOffered, None) => Ok(WindowBits::MAX),
            (ClientWindow::Offered, answered) => Ok(answered.unwrap_or(WindowBits::MAX)),
            (ClientWindow::AtMost(offered), None) => Ok(offered),
            (ClientWindow::AtMost(offered), Some(answered)) => {
                not_larger(parameter, answered, offered)
            }
        }
    }
}

/// Sees to it that a server which was offered nothing chose nothing (RFC 6455 4.1).
///
/// # Errors
/// It chose something, or the header cannot be read.
pub fn expect_no_extension<'a>(
    answer: impl IntoIterator<Item = &'a str>,
) -> Result<(), ExtensionError> {
    match extensions(answer)?.first() {
        Some(extension) => Err(not_offered(extension)),
        None => Ok(()),
    }
}

impl DeflateAgreement {
    /// Whether this end compresses each message by itself, without referring to those before.
    pub fn no_context_takeover(&self, sender: Role) -> bool {
        match sender {
            Role::Client => self.client_no_context_takeover,
            Role::Server => self.server_no_context_takeover,
        }
    }

    /// The largest window that this end uses.
    pub fn max_window_bits(&self, sender: Role) -> WindowBits {
        match sender {
            Role::Client => self.client_max_window_bits,
            Role::Server => self.server_max_window_bits,
        }
    }
}

impl Default for DeflateAgreement {
    /// What a server's bare `permessage-deflate` means.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: WindowBits::MAX,
            client_max_window_bits: WindowBits::MAX,
        }
    }
}

/// The parameters of a server's answer, each of them as it stands there.
#[derive(Debug, Default)]
struct Answer {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<WindowBits>,
    client_max_window_bits: Option<WindowBits>,
}

impl Answer {
    fn read(parameters: &[Parameter]) -> Result<Self, ExtensionError> {
        let mut answer = Self::default();
        for parameter in parameters {
            let repeated = match parameter.name.as_str() {
                SERVER_NO_CONTEXT_TAKEOVER => {
                    without_value(SERVER_NO_CONTEXT_TAKEOVER, parameter)?;
                    std::mem::replace(&mut answer.server_no_context_takeover, true)
                }
                CLIENT_NO_CONTEXT_TAKEOVER => {
                    without_value(CLIENT_NO_CONTEXT_TAKEOVER, parameter)?;
                    std::mem::replace(&mut answer.client_no_context_takeover, true)
                }
                SERVER_MAX_WINDOW_BITS => {
                    let bits = window_bits(SERVER_MAX_WINDOW_BITS, parameter)?;
                    answer.server_max_window_bits.replace(bits).is_some()
                }
                CLIENT_MAX_WINDOW_BITS => {
                    let bits = window_bits(CLIENT_MAX_WINDOW_BITS, parameter)?;
                    answer.client_max_window_bits.replace(bits).is_some()
                }
                _ => {
                    return Err(ExtensionError::UnknownParameter {
                        parameter: parameter.name.clone(),
                    });
                }
            };
            if repeated {
                return Err(ExtensionError::RepeatedParameter {
                    parameter: parameter.name.clone(),
                });
            }
        }
        Ok(answer)
    }
}

fn extensions<'a>(
    values: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Extension>, ExtensionError> {
    let mut found = Vec::new();
    for value in values {
        let unreadable = || ExtensionError::Unreadable {
            value: value.to_owned(),
        };
        found.extend(header::parse(value).ok_or_else(unreadable)?);
    }
    Ok(found)
}

fn not_offered(extension: &Extension) -> ExtensionError {
    ExtensionError::NotOffered {
        extension: extension.name.clone(),
    }
}

fn not_larger(
    parameter: &'static str,
    answered: WindowBits,
    offered: WindowBits,
) -> Result<WindowBits, ExtensionError> {
    if answered > offered {
        return Err(ExtensionError::WindowTooLarge {
            parameter,
            answered,
            offered,
        });
    }
    Ok(answered)
}

fn without_value(name: &'static str, parameter: &Parameter) -> Result<(), ExtensionError> {
    match &parameter.value {
        None => Ok(()),
        Some(value) => Err(ExtensionError::Value {
            parameter: name,
            value: value.clone(),
        }),
    }
}

/// In an offer `client_max_window_bits` can stand alone; in an answer it cannot (RFC 7692 7.1.2.2).
fn window_bits(name: &'static str, parameter: &Parameter) -> Result<WindowBits, ExtensionError> {
    let Some(value) = &parameter.value else {
        return Err(ExtensionError::ValueMissing { parameter: name });
    };
    WindowBits::parse(value).ok_or_else(|| ExtensionError::Value {
        parameter: name,
        value: value.clone(),
    })
}

impl fmt::Display for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The header's value.
impl fmt::Display for DeflateOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DEFLATE)?;
        write_flags(
            f,
            self.server_no_context_takeover,
            self.client_no_context_takeover,
        )?;
        if let Some(bits) = self.server_max_window_bits {
            write!(f, "; {SERVER_MAX_WINDOW_BITS}={bits}")?;
        }
        match self.client_max_window_bits {
            ClientWindow::NotOffered => Ok(()),
            ClientWindow::Offered => write!(f, "; {CLIENT_MAX_WINDOW_BITS}"),
            ClientWindow::AtMost(bits) => write!(f, "; {CLIENT_MAX_WINDOW_BITS}={bits}"),
        }
    }
}

impl fmt::Display for DeflateAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DEFLATE)?;
        write_flags(
            f,
            self.server_no_context_takeover,
            self.client_no_context_takeover,
        )?;
        for (name, bits) in [
            (SERVER_MAX_WINDOW_BITS, self.server_max_window_bits),
            (CLIENT_MAX_WINDOW_BITS, self.client_max_window_bits),
        ] {
            if bits < WindowBits::MAX {
                write!(f, "; {name}={bits}")?;
            }
        }
        Ok(())
    }
}

fn write_flags(f: &mut fmt::Formatter<'_>, server: bool, client: bool) -> fmt::Result {
    if server {
        write!(f, "; {SERVER_NO_CONTEXT_TAKEOVER}")?;
    }
    if client {
        write!(f, "; {CLIENT_NO_CONTEXT_TAKEOVER}")?;
    }
    Ok(())
}

impl Error for ExtensionError {}

impl fmt::Display for ExtensionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { value } => {
                write!(f, "Sec-WebSocket-Extensions cannot be read: {value:?}")
            }
            Self::NotOffered { extension } => {
                write!(
                    f,
                    "the server chose the extension {extension}, which was not offered"
                )
            }
            Self::Repeated => write!(f, "the server chose {DEFLATE} more than once"),
            Self::UnknownParameter { parameter } => {
                write!(f, "{DEFLATE} has no parameter {parameter}")
            }
            Self::RepeatedParameter { parameter } => {
                write!(f, "{DEFLATE} has the parameter {parameter} more than once")
            }
            Self::ParameterNotOffered { parameter } => {
                write!(f, "the server chose {parameter}, which was not offered")
            }
            Self::ParameterMissing { parameter } => write!(
                f,
                "the server chose {DEFLATE} without {parameter}, which was part of the offer"
            ),
            Self::ValueMissing { parameter } => write!(f, "{parameter} has no value"),
            Self::Value { parameter, value } => {
                write!(f, "{parameter} has a value that it cannot have: {value:?}")
            }
            Self::WindowTooLarge {
                parameter,
                answered,
                offered,
            } => write!(
                f,
                "{parameter} is {answered}, larger than the {offered} that were offered"
            ),
        }
    }
}

#[cfg(test)]
mod tests;
