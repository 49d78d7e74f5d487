//! Failure for settings with which no TLS connection can be made.

use feedscope_core::connection::Failure;

/// Returns the failure of an attempt whose settings are unusable, with the reason.
pub(super) fn bad_request(detail: String) -> Failure {
    Failure::BadRequest { detail }
}
