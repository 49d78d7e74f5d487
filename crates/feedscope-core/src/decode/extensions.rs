//! Offer and agreement in `Sec-WebSocket-Extensions` (RFC 6455 9.1, RFC 7692 7.1). It parses and formats header values;
//! it does not compress anything.

mod header;

use std::error::Error;
use std::fmt;

use header::{Extension, Parameter};

use super::Role;

/// The only supported extension (RFC 7692 7).
const DEFLATE: &str = "permessage-deflate";

/// Parameters of the extension (RFC 7692 7.1.1.1 to 7.1.2.2).
const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// Size of a compression window as a power of two, from 8 to 15 (RFC 7692 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowBits(u8);

/// Offer of a client. The default is the offer of browsers.
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
    /// Requests that the server compresses each message independently.
    pub server_no_context_takeover: bool,
    /// Announces that the client compresses each message independently, whatever the server answers.
    pub client_no_context_takeover: bool,
    /// Requests a server window of at most this size.
    pub server_max_window_bits: Option<WindowBits>,
    /// Limit that the server may set on the client's window.
    pub client_max_window_bits: ClientWindow,
}

/// Offer of a client for its own compression window (RFC 7692 7.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientWindow {
    /// The server must not limit it.
    NotOffered,
    /// The server may limit it.
    Offered,
    /// The server may limit it, and it is never larger than this size.
    AtMost(WindowBits),
}

/// Result of the handshake about the compression of messages.
///
/// [`Display`](fmt::Display) writes it in the form of a server's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeflateAgreement {
    /// True if the server compresses each message independently.
    pub server_no_context_takeover: bool,
    /// True if the client compresses each message independently.
    pub client_no_context_takeover: bool,
    /// Largest window that the server uses.
    pub server_max_window_bits: WindowBits,
    /// Largest window that the client uses.
    pub client_max_window_bits: WindowBits,
}

/// Error in a server's answer, which fails the connection (RFC 6455 4.1, RFC 7692 7.1). [`Display`](fmt::Display)
/// writes a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtensionError {
    /// The header's value does not match the grammar of RFC 6455 9.1.
    Unreadable {
        /// Value of the header.
        value: String,
    },
    /// The server selected an extension that was not offered.
    NotOffered {
        /// Name of the extension.
        extension: String,
    },
    /// The extension occurs more than once.
    Repeated,
    /// The extension has no such parameter.
    UnknownParameter {
        /// Name of the parameter.
        parameter: String,
    },
    /// A parameter occurs more than once.
    RepeatedParameter {
        /// Name of the parameter.
        parameter: String,
    },
    /// The answer has a parameter that is allowed only if it was offered.
    ParameterNotOffered {
        /// Name of the parameter.
        parameter: &'static str,
    },
    /// The answer lacks a parameter that it must have, because the offer had it.
    ParameterMissing {
        /// Name of the parameter.
        parameter: &'static str,
    },
    /// A parameter lacks its required value.
    ValueMissing {
        /// Name of the parameter.
        parameter: &'static str,
    },
    /// A parameter has an invalid value.
    Value {
        /// Name of the parameter.
        parameter: &'static str,
        /// Invalid value.
        value: String,
    },
    /// The window is larger than the offered one.
    WindowTooLarge {
        /// Name of the parameter.
        parameter: &'static str,
        /// Size in the answer.
        answered: WindowBits,
        /// Size in the offer.
        offered: WindowBits,
    },
}

impl WindowBits {
    /// Largest window: 32 KiB.
    pub const MAX: Self = Self(15);

    /// Smallest window: 256 bytes.
    pub const MIN: Self = Self(8);

    /// Creates a window of 2 to the power of `bits` bytes. Returns `None` if the size is out of range.
    pub fn new(bits: u8) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&bits)
            .then_some(Self(bits))
    }

    /// Returns the power of two, from 8 to 15.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Parses a decimal integer without leading zeros (RFC 7692 7.1.2).
    fn parse(text: &str) -> Option<Self> {
        // The parser for integers would accept a plus sign and leading zeros.
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
    /// Parses the answer, which is the values of all `Sec-WebSocket-Extensions` headers in their order.
    ///
    /// Returns `None` if the server declined the offer.
    ///
    /// # Errors
    /// Returns an error if the answer does not match this offer, so that the connection fails.
    pub fn agree<'a>(
        &self,
        answer: impl IntoIterator<Item = &'a str>,
    ) -> Result<Option<DeflateAgreement>, ExtensionError> {
        let mut agreed = None;
        for extension in extensions(answer)? {
            // RFC 6455 4.1: an extension that was not offered fails the connection.
            if extension.name != DEFLATE {
                return Err(not_offered(&extension));
            }
            if agreed.is_some() {
                return Err(ExtensionError::Repeated);
            }
            agreed = Some(self.agree_on(&AnsweredParameters::read(&extension.parameters)?)?);
        }
        Ok(agreed)
    }

    /// Checks the required, allowed and forbidden parts of an answer (RFC 7692 7.1.1 and 7.1.2).
    fn agree_on(self, answer: &AnsweredParameters) -> Result<DeflateAgreement, ExtensionError> {
        // RFC 7692 7.1.1.1: a server that accepts this parameter must repeat it.
        if self.server_no_context_takeover && !answer.server_no_context_takeover {
            return Err(ExtensionError::ParameterMissing {
                parameter: SERVER_NO_CONTEXT_TAKEOVER,
            });
        }
        Ok(DeflateAgreement {
            server_no_context_takeover: answer.server_no_context_takeover,
            // RFC 7692 7.1.1.2: the client's announcement applies even if the answer does not repeat it.
            client_no_context_takeover: self.client_no_context_takeover
                || answer.client_no_context_takeover,
            server_max_window_bits: self.agree_on_server_window(answer)?,
            client_max_window_bits: self.agree_on_client_window(answer)?,
        })
    }

    fn agree_on_server_window(
        self,
        answer: &AnsweredParameters,
    ) -> Result<WindowBits, ExtensionError> {
        let parameter = SERVER_MAX_WINDOW_BITS;
        match (self.server_max_window_bits, answer.server_max_window_bits) {
            // RFC 7692 7.1.2.1: a server may limit its own window without an offer.
            (None, answered) => Ok(answered.unwrap_or(WindowBits::MAX)),
            (Some(_), None) => Err(ExtensionError::ParameterMissing { parameter }),
            (Some(offered), Some(answered)) => not_larger(parameter, answered, offered),
        }
    }

    fn agree_on_client_window(
        self,
        answer: &AnsweredParameters,
    ) -> Result<WindowBits, ExtensionError> {
        let parameter = CLIENT_MAX_WINDOW_BITS;
        match (self.client_max_window_bits, answer.client_max_window_bits) {
            (ClientWindow::NotOffered, Some(_)) => {
                // RFC 7692 7.1.2.2: the server must not limit a window without an offer.
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

/// Checks that the server selected no extension after a request without an offer (RFC 6455 4.1).
///
/// # Errors
/// Returns an error if the server selected one, or if the header cannot be parsed.
pub fn expect_no_extension<'a>(
    answer: impl IntoIterator<Item = &'a str>,
) -> Result<(), ExtensionError> {
    match extensions(answer)?.first() {
        Some(extension) => Err(not_offered(extension)),
        None => Ok(()),
    }
}

impl DeflateAgreement {
    /// Returns true if this end compresses each message independently of earlier messages.
    pub fn no_context_takeover(&self, sender: Role) -> bool {
        match sender {
            Role::Client => self.client_no_context_takeover,
            Role::Server => self.server_no_context_takeover,
        }
    }

    /// Returns the largest window that this end uses.
    pub fn max_window_bits(&self, sender: Role) -> WindowBits {
        match sender {
            Role::Client => self.client_max_window_bits,
            Role::Server => self.server_max_window_bits,
        }
    }
}

impl Default for DeflateAgreement {
    /// Returns the meaning of an answer without parameters: `permessage-deflate`.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: WindowBits::MAX,
            client_max_window_bits: WindowBits::MAX,
        }
    }
}

/// Parameters of a server's answer, as written in the header.
#[derive(Debug, Default)]
struct AnsweredParameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<WindowBits>,
    client_max_window_bits: Option<WindowBits>,
}

impl AnsweredParameters {
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
            // RFC 7692 7.1: a parameter must occur only once.
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

/// Parses the size of a window. In an offer, `client_max_window_bits` may have no value; in an answer, it must have one
/// (RFC 7692 7.1.2.2).
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

/// Writes the value of the header.
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
            // The default size is left out.
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
