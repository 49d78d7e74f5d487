//! Interface of the two engines whose results are compared.

use bytes::Bytes;
use feedscope_core::second_opinion::EngineReport;

/// Engine that receives bytes and reports what it decodes, without waiting.
pub(super) trait EngineReader: Send {
    /// Decodes the next bytes and passes each result to `report`.
    fn read(&mut self, bytes: &Bytes, report: &mut dyn FnMut(EngineReport));

    /// Ends the stream, and passes the remaining results to `report`.
    fn end(&mut self, report: &mut dyn FnMut(EngineReport));
}
