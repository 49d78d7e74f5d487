//! HTTP side of the server. Our own gate is placed before `tiny_http`. The gate handles the sockets, and `tiny_http`
//! handles the requests.
//!
//! `tiny_http` provides no access to its sockets. Therefore it cannot cut a connection, limit the time of an incomplete
//! request, limit the length of a head, or end a write to a client that does not read. In addition, a stream occupies
//! one of its threads for its whole life.
//!
//! Therefore clients connect to the gate. It reads one whole request within limits, checks its source, and passes it to
//! `tiny_http` over a connection that nothing else can use ([`Inner`]). A short answer returns on the same way. A
//! stream is returned as a value ([`Stream`]), and the gate's thread writes it directly to the client.

mod inner;
mod routes;

pub(crate) use inner::Inner;
pub(crate) use routes::status_fault;

use std::sync::Arc;
use std::time::Duration;

use self::inner::Reply;
use crate::SharedServer;
use crate::answer::Answer;
use crate::connection::Connection;
use crate::event_stream::{self, Manner};
use crate::head::{Head, HeadError};
use crate::source::Source;

/// Time limit for the request of a client.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// Event stream that must be written.
pub(crate) struct Stream {
    manner: Manner,
    source: Box<dyn Source>,
}

/// Serves one client: reads one request and answers it. Runs on the connection's own thread.
pub(crate) fn serve(shared: &SharedServer, connection: &Arc<Connection>) {
    match serve_request(shared, connection) {
        Ok(()) => connection.close_gently(),
        Err(HeadError::Bad(answer)) => {
            connection.write(&answer.to_bytes(true)).ok();
            connection.close_gently();
        }
        Err(HeadError::Gone) => {}
    }
}

fn serve_request(shared: &SharedServer, connection: &Arc<Connection>) -> Result<(), HeadError> {
    let port = shared.http_port();
    let mut head = Head::read(connection, REQUEST_TIME)?;
    head.check_access(port, port)?;
    head.skip_body(connection, REQUEST_TIME)?;
    connection.set_served();
    match shared.inner.exchange(connection, &head) {
        Ok(Reply::Whole(answer)) => Ok(connection.write(&answer)?),
        Ok(Reply::Stream(mut stream)) => Ok(event_stream::run(
            connection,
            stream.manner,
            stream.source.as_mut(),
        )?),
        Err(_) if connection.is_cut() => Err(HeadError::Gone),
        Err(_) => Err(Answer::text(503, "the server has its hands full\n")
            .with("Retry-After", "1")
            .into()),
    }
}
