//! Close codes that this program sends or fills in.

/// Close codes of RFC 6455 7.4.1.
pub(in crate::engine) const NORMAL_CLOSURE: u16 = 1000;
pub(in crate::engine) const PROTOCOL_ERROR: u16 = 1002;
pub(in crate::engine) const NO_STATUS: u16 = 1005;
pub(in crate::engine) const INVALID_PAYLOAD: u16 = 1007;
pub(crate) const MESSAGE_TOO_BIG: u16 = 1009;
