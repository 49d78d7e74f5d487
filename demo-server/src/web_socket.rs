//! WebSocket side of the server: the opening handshake, and a thread that reads while the outbox's thread writes.
//! Neither thread waits for the other, and neither polls for work.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::protocol::frame::coding::{CloseCode, Data};
use tungstenite::{Error, Message, WebSocket};

use crate::SharedServer;
use crate::answer::Answer;
use crate::chat::{Chat, Guest};
use crate::connection::Connection;
use crate::flood::Flood;
use crate::head::{Head, HeadError};
use crate::http::status_fault;
use crate::outbox::{Outbox, message_head};
use crate::path::{Feed, RequestTarget};
use crate::source::Source;

/// Time limit for the handshake of a client.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);

/// Length in bytes of the longest message that `/echo` accepts. It is sent back completely.
const LONGEST_ECHO: usize = 16 << 20;

/// Length in bytes of the longest message that the other feeds accept.
const LONGEST: usize = 64 << 10;

/// Largest number of bytes that wait for a member of a chat who does not read.
const CHAT_BACKLOG: usize = 4 << 20;

/// Close code for text that is not UTF-8.
const NOT_UTF8: CloseCode = CloseCode::Invalid;

/// Serves one client. Runs on the connection's own thread.
pub(crate) fn serve(shared: &Arc<SharedServer>, connection: &Arc<Connection>) {
    match open(shared, connection) {
        Ok((socket, role)) => run(shared, connection, socket, role),
        Err(HeadError::Bad(answer)) => {
            connection.write(&answer.to_bytes(true)).ok();
            connection.close_gently();
        }
        Err(HeadError::Gone) => {}
    }
}

/// Purpose of a connection, which is checked before the handshake is answered.
enum Role {
    Chat {
        room: String,
        name: Option<String>,
    },
    Echo,
    /// The client receives a feed. Its messages are read and ignored.
    Listen(Box<dyn Source>),
}

/// Performs the opening handshake.
fn open(
    shared: &SharedServer,
    connection: &Arc<Connection>,
) -> Result<(WebSocket<OutboxSocket>, Role), HeadError> {
    let head = Head::read(connection, HANDSHAKE_TIME)?;
    // A page of another origin must not use a visitor's browser to reach this server.
    head.check_access(shared.ws_port(), shared.http_port())?;
    let target = RequestTarget::parse(&head.target);
    let feed = Feed::web_socket(target.path).ok_or_else(|| not_found(shared, target.path))?;
    check_upgrade(&head)?;
    connection.set_feed(feed);
    connection.set_served();
    if let Some(answer) = status_fault(connection) {
        return Err(answer.into());
    }
    let role = role(shared, connection, feed, &target)?;
    let wanted = target.value("subprotocol");
    let wire = OutboxSocket {
        connection: Arc::clone(connection),
        before: io::Cursor::new(head.to_bytes(|_| true, "")),
        after: io::Cursor::new(head.rest),
        outbox: None,
        unfinished: 0,
    };
    // An echo returns what it gets, so that it has to accept longer messages than the others.
    let longest = match role {
        Role::Echo => LONGEST_ECHO,
        _ => LONGEST,
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(if feed == Feed::Echo {
            32 << 10
        } else {
            4 << 10
        })
        // Each message is written at once, because a feed may wait long for the next one.
        .write_buffer_size(0)
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest));
    #[expect(
        clippy::result_large_err,
        reason = "the signature is tungstenite's to choose"
    )]
    let choose = |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
        choose_subprotocol(request, &mut response, wanted.as_deref());
        Ok(response)
    };
    match tungstenite::accept_hdr_with_config(wire, choose, Some(config)) {
        Ok(socket) => Ok((socket, role)),
        Err(_) if connection.is_cut() => Err(HeadError::Gone),
        Err(error) => Err(Answer::text(400, format!("no handshake: {error}\n")).into()),
    }
}

fn not_found(shared: &SharedServer, path: &str) -> Answer {
    match Feed::event_stream(path) {
        Some(feed) => Answer::text(
            404,
            format!(
                "{feed} is an event stream: http://127.0.0.1:{}{feed}\n",
                shared.http_port()
            ),
        ),
        None => Answer::text(404, "the server has no feed at this path\n"),
    }
}

/// Checks the conditions of RFC 6455 4.2.1 for which a clear answer is more useful than a plain 400.
fn check_upgrade(head: &Head) -> Result<(), Answer> {
    if head.method != "GET" {
        return Err(Answer::text(405, "a WebSocket is opened with GET\n").with("Allow", "GET"));
    }
    let upgrade = head.header("Upgrade").unwrap_or_default();
    if !upgrade.eq_ignore_ascii_case("websocket") {
        let answer = Answer::text(426, "this is a WebSocket feed: ask for an upgrade\n");
        // RFC 9110 7.8: a sender of Upgrade also names it in Connection.
        return Err(answer
            .with("Upgrade", "websocket")
            .with("Connection", "upgrade"));
    }
    if head.header("Sec-WebSocket-Version") != Some("13") {
        let answer = Answer::text(426, "the WebSocket version spoken here is 13\n");
        return Err(answer.with("Sec-WebSocket-Version", "13"));
    }
    Ok(())
}

fn role(
    shared: &SharedServer,
    connection: &Arc<Connection>,
    feed: Feed,
    target: &RequestTarget<'_>,
) -> Result<Role, Answer> {
    let bad = |reason: String| Answer::text(400, reason);
    Ok(match feed {
        Feed::Echo => Role::Echo,
        Feed::MessageFlood => Role::Listen(Box::new(
            Flood::parse(target, None, connection.clock().now()).map_err(bad)?,
        )),
        Feed::Ticker => {
            let hub = shared.hubs.of(feed).expect("the ticker follows a hub");
            let from = target.value("lastEventId");
            Role::Listen(Box::new(hub.follow(connection, from.as_deref())))
        }
        _ => {
            let room = target.value("room").unwrap_or_else(|| "lobby".to_owned());
            Chat::check_room(&room).map_err(bad)?;
            let name = target.value("name");
            Role::Chat { room, name }
        }
    })
}

/// Selects a subprotocol. No feed here has one, but `?subprotocol=` requests one, which is agreed on if the client
/// offers it.
fn choose_subprotocol(request: &Request, response: &mut Response, wanted: Option<&str>) {
    const NAME: &str = "Sec-WebSocket-Protocol";
    let Some(wanted) = wanted else { return };
    let offered = request.headers().get_all(NAME).iter();
    let mut names = offered
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    if names.any(|name| name.trim() == wanted)
        && let Ok(value) = wanted.parse()
    {
        response.headers_mut().insert(NAME, value);
    }
}

/// Runs an open WebSocket.
fn run(
    shared: &Arc<SharedServer>,
    connection: &Arc<Connection>,
    mut socket: WebSocket<OutboxSocket>,
    role: Role,
) {
    let most = match role {
        Role::Chat { .. } => CHAT_BACKLOG,
        // Only answers wait here, and reading pauses before they become too many.
        _ => usize::MAX,
    };
    let outbox = Outbox::new(Arc::clone(connection), &shared.budget, most);
    let (mut handler, source) = match role {
        Role::Chat { room, name } => {
            let guest = shared.chat.enter(&room, name.as_deref(), &outbox);
            (Handler::Chat(&shared.chat, guest), None)
        }
        Role::Echo => (Handler::Echo(&outbox), None),
        Role::Listen(source) => (Handler::Ignore, Some(source)),
    };
    socket.get_mut().outbox = Some(Arc::clone(&outbox));
    shared.note_outbox(&outbox);
    let writing = Arc::clone(&outbox);
    let writer = shared
        .life
        .spawn("demo-ws-writer", move || writing.run(source));
    // Without a thread that writes, the connection is useless.
    let Ok(writer) = writer else {
        connection.cut();
        return;
    };
    if connection.read_without_limit().is_ok() {
        read_all(&mut socket, &outbox, &mut handler);
    }
    drop(handler);
    connection.set_heard_all();
    // An error means that this thread has panicked. The panic hook has reported it.
    writer.join().ok();
}

enum Handler<'a> {
    Chat(&'a Chat, Guest),
    Echo(&'a Outbox),
    Ignore,
}

impl Handler<'_> {
    fn receive(&mut self, message: Message) {
        match (self, message) {
            (Self::Chat(chat, guest), Message::Text(text)) => chat.receive(guest, &text),
            (Self::Chat(_, guest), Message::Binary(_)) => guest.refuse_binary(),
            (Self::Echo(outbox), Message::Text(text)) => {
                outbox.push([message_head(Data::Text, text.len()), text.into()]);
            }
            (Self::Echo(outbox), Message::Binary(data)) => {
                outbox.push([message_head(Data::Binary, data.len()), data]);
            }
            _ => {}
        }
    }
}

impl Drop for Handler<'_> {
    fn drop(&mut self) {
        if let Self::Chat(chat, guest) = self {
            chat.leave(guest);
        }
    }
}

/// Reads until the client has closed the WebSocket, has closed the connection, or has violated the protocol.
fn read_all(socket: &mut WebSocket<OutboxSocket>, outbox: &Outbox, handler: &mut Handler<'_>) {
    loop {
        outbox.wait_for_room();
        if socket.get_ref().connection.is_cut() {
            return;
        }
        let message = socket.read();
        if let Ok(message) = &message {
            socket.get_mut().finish(message);
        }
        let code = match message {
            Ok(Message::Close(_)) => {
                // Flushing passes the answer that tungstenite prepared to the outbox, which then ends the writing.
                socket.flush().ok();
                return;
            }
            Ok(message) => {
                handler.receive(message);
                continue;
            }
            Err(Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => {
                socket.get_ref().connection.cut();
                return;
            }
            Err(Error::Protocol(_)) => CloseCode::Protocol,
            Err(Error::Utf8(_)) => NOT_UTF8,
            Err(Error::Capacity(_)) => CloseCode::Size,
            Err(_) => {
                socket.get_ref().connection.cut();
                return;
            }
        };
        outbox.close(code, reason(code));
        drain(&socket.get_ref().connection);
        return;
    }
}

fn reason(code: CloseCode) -> &'static str {
    match code {
        CloseCode::Size => "the message is too long",
        NOT_UTF8 => "the text is not UTF-8",
        _ => "the frame breaks RFC 6455",
    }
}

/// Continues to read for a short time and discards the data, so that no reset destroys the close frame.
fn drain(connection: &Connection) {
    /// Largest number of bytes that are read here.
    const MOST_BYTES: usize = 64 << 20;
    let deadline = connection.clock().now() + Duration::from_secs(1);
    let mut buf = [0; 8 << 10];
    let mut seen = 0;
    while seen < MOST_BYTES {
        match connection.read_until(&mut buf, deadline) {
            Ok(0) | Err(_) => return,
            Ok(n) => seen += n,
        }
    }
}

/// Socket for tungstenite. It reads from the connection and writes into the outbox.
struct OutboxSocket {
    connection: Arc<Connection>,
    /// Head of the request, which was read before.
    before: io::Cursor<Vec<u8>>,
    /// Bytes that arrived with the head and follow the handshake.
    after: io::Cursor<Vec<u8>>,
    /// Destination of writes; `None` during the handshake, which is written directly.
    outbox: Option<Arc<Outbox>>,
    /// Number of bytes of an incomplete message that were read. The outbox's account counts them.
    unfinished: usize,
}

impl OutboxSocket {
    /// Reads from the connection as soon as there is memory for more.
    fn read_more(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(outbox) = &self.outbox else {
            return Ok(0);
        };
        let connection = &self.connection;
        outbox.account().wait_for_room(|| connection.is_cut());
        if connection.is_cut() {
            // Earlier data could still be read here, and it may contain a million short messages.
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let n = connection.read(buf)?;
        self.unfinished += n;
        outbox.account().add(n);
        Ok(n)
    }

    /// Removes the bytes of a complete message from the account.
    fn finish(&mut self, message: &Message) {
        /// Size in bytes of the head of a short frame with its masking key (RFC 6455 5.2).
        const HEAD: usize = 6;
        let bytes = match message {
            // A ping or pong may be between the fragments of a message, which still wait for the rest.
            Message::Ping(payload) | Message::Pong(payload) => payload.len() + HEAD,
            _ => self.unfinished,
        };
        let bytes = bytes.min(self.unfinished);
        self.unfinished -= bytes;
        if let Some(outbox) = &self.outbox {
            outbox.account().release(bytes);
        }
    }
}

impl Read for OutboxSocket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.before.read(buf)?;
        if n > 0 || self.outbox.is_none() {
            return Ok(n);
        }
        match self.after.read(buf)? {
            0 => self.read_more(buf),
            n => Ok(n),
        }
    }
}

impl Write for OutboxSocket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match &self.outbox {
            // Only pongs and the answer to a close frame are written here, each by itself.
            Some(outbox) => outbox.push([buf.to_vec().into()]),
            None => self.connection.write(buf)?,
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
