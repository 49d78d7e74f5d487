//! Server that refuses requests without a certain header line, and keeps the heads of all requests.

use std::sync::{Arc, Mutex};

use crate::support::server::{After, Server};

/// Event stream for requests with a certain line in their head. Others are answered with 401.
pub(super) struct GuardedServer {
    server: Server,
    /// Heads of the requests, in order.
    heads: Arc<Mutex<Vec<String>>>,
}

impl GuardedServer {
    /// Starts a server that sends an event to requests with this line in their head.
    pub(super) fn for_requests_with(line: &str) -> Self {
        const EVENT: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n";
        const REFUSAL: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
        let required = line.to_owned();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let all_heads = Arc::clone(&heads);
        let respond = move |head: &str| {
            all_heads.lock().unwrap().push(head.to_owned());
            let has_line = head.lines().any(|line| line == required);
            if has_line { EVENT } else { REFUSAL }.into()
        };
        let server = Server::responding(respond, After::Stay);
        Self { server, heads }
    }

    /// Returns the lines with this beginning in the heads of the requests so far.
    pub(super) fn lines(&self, beginning: &str) -> Vec<String> {
        let heads = self.heads.lock().unwrap();
        let lines = heads.iter().flat_map(|head| head.lines());
        let found = lines.filter(|line| line.to_ascii_lowercase().starts_with(beginning));
        found.map(str::to_owned).collect()
    }

    /// Returns a URL with this scheme and path.
    pub(super) fn url(&self, scheme: &str, path: &str) -> String {
        self.server.url(scheme, path)
    }
}
