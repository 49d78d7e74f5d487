//! Close codes of WebSockets that the program sends, fills in or treats in a special way. The others are only numbers.

use std::ops::RangeInclusive;

// The names are those of RFC 6455 7.4.1 and of its IANA registry.

/// The purpose of the connection is fulfilled.
pub const NORMAL_CLOSURE: u16 = 1000;
/// The server ends, or the browser leaves the page.
pub const GOING_AWAY: u16 = 1001;
/// The peer violated the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// The data is of a kind that is not accepted.
pub const UNSUPPORTED_DATA: u16 = 1003;
/// The close frame had no code. This code is never sent.
pub const NO_STATUS: u16 = 1005;
/// The data does not fit its type, such as text that is not UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;
/// The message violates a policy of the receiver.
pub const POLICY_VIOLATION: u16 = 1008;
/// The message is too long for the receiver.
pub const MESSAGE_TOO_BIG: u16 = 1009;
/// The client needs an extension that was not agreed on.
pub const MANDATORY_EXTENSION: u16 = 1010;
/// The server restarts.
pub const SERVICE_RESTART: u16 = 1012;
/// The server is overloaded.
pub const TRY_AGAIN_LATER: u16 = 1013;
/// Codes that applications define.
pub const OF_APPLICATIONS: RangeInclusive<u16> = 4000..=4999;
