"""Ways to answer an opening handshake, most of them wrong (RFC 6455 4.1, 4.2.2, 9.1; RFC 7692 7.1)."""

import time

from cases import HELLO, Case
from server import TEXT, Gone, close_frame, frame

def refused(name, serve, says, arguments=()):
    """No handshake: the sentence names what is wrong, and no frame is ever sent."""

    def answer(peer):
        serve(peer)
        peer.wait_for_end()

    return Case(name, answer, 1, says, code=None, messages=[], arguments=list(arguments), opens=False)


def accepted(name, serve, arguments=()):
    """A handshake all the same: a message arrives, and the closing handshake is made."""

    def answer(peer):
        serve(peer)
        peer.send(frame(TEXT, HELLO), close_frame(1000))
        peer.finish()

    return Case(name, answer, 0, [], code=1000, arguments=list(arguments))


def status(line, headers="", body=""):
    text = f"HTTP/1.1 {line}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n{headers}\r\n{body}"
    return lambda peer: peer.send(text.encode())


def shake(*more, **changes):
    return lambda peer: peer.shake(*more, **changes)


def say(*pieces):
    def answer(peer):
        peer.send(*pieces)
        peer.end()

    return answer


def drip(peer):
    """A good answer, byte by byte."""
    text = f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {peer.accept()}\r\n\r\n"
    for byte in text.encode():
        peer.send(bytes([byte]))


def drip_for_ever(peer):
    peer.send(b"HTTP/1.1 101 Switching Protocols\r\nX: ")
    try:
        while True:
            peer.send(b"x")
            time.sleep(0.02)
    except Gone:
        peer.ended = True


def endless_headers(peer):
    peer.send(b"HTTP/1.1 101 Switching Protocols\r\n")
    for number in range(100_000):
        peer.send(b"X-%d: %s\r\n" % (number, b"y" * 100))


def together(peer):
    """The first frames in the same packet as the answer."""
    peer.shake(then=frame(TEXT, HELLO) + close_frame(1000))
    peer.finish()


def informational(peer):
    peer.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    peer.shake()


def what_was_asked(peer):
    """RFC 6455 4.1: what the client's request has to be like."""
    assert peer.request_line == "GET /feed?x=1 HTTP/1.1", peer.request_line
    assert peer.header("Host").startswith("127.0.0.1:"), peer.header("Host")
    assert peer.header("Upgrade").lower() == "websocket"
    assert "upgrade" in peer.header("Connection").lower().split(", ")
    assert peer.header("Sec-WebSocket-Version") == "13"
    assert len(peer.header("Sec-WebSocket-Key")) == 24 and peer.header("Sec-WebSocket-Key").endswith("==")
    assert peer.header("Sec-WebSocket-Extensions").startswith("permessage-deflate")
    assert peer.header("Sec-WebSocket-Protocol") == "a, b"
    assert peer.header("Authorization") == "Basic YWRhOnMzY3JldA=="
    peer.shake("Sec-WebSocket-Protocol: b")


EXTENSIONS = "Sec-WebSocket-Extensions: "
DEFLATE = EXTENSIONS + "permessage-deflate"
SHORT = ["--response-timeout", "1"]

CASES = [
    # --- not what RFC 6455 4.1 wants validated ---
    refused("another accept", shake(accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), ["Sec-WebSocket-Accept"]),
    refused("no accept", shake(accept=""), ["Sec-WebSocket-Accept"]),
    refused("the accept in lower case", lambda peer: peer.shake(accept=peer.accept().lower()), ["Sec-WebSocket-Accept"]),
    refused("the key itself as accept", lambda peer: peer.shake(accept=peer.header("Sec-WebSocket-Key")), ["Sec-WebSocket-Accept"]),
    refused("two accepts, one of them right", lambda peer: peer.shake("Sec-WebSocket-Accept: x"), ["Sec-WebSocket-Accept"]),
    refused("no Upgrade", shake(upgrade=""), ["Upgrade"]),
    refused("another Upgrade", shake(upgrade="h2c"), ["Upgrade"]),
    refused("no Connection", shake(connection=""), ["Connection"]),
    refused("another Connection", shake(connection="close"), ["Connection"]),
    refused("a subprotocol that was not offered", shake("Sec-WebSocket-Protocol: c"), ["subprotocol", "c"], ["--subprotocol", "a"]),
    refused("a subprotocol where none was offered", shake("Sec-WebSocket-Protocol: c"), ["subprotocol", "c"]),
    refused("two subprotocols", shake("Sec-WebSocket-Protocol: a, b"), ["subprotocol"], ["--subprotocol", "a", "--subprotocol", "b"]),
    refused("a subprotocol in another case", shake("Sec-WebSocket-Protocol: A"), ["subprotocol", "A"], ["--subprotocol", "a"]),
    refused("an extension that was not offered", shake(EXTENSIONS + "x-webkit-deflate-frame"), ["x-webkit-deflate-frame"]),
    refused("compression that was not offered", shake(DEFLATE), ["permessage-deflate"], ["--no-compression"]),
    refused("compression with an unknown parameter", shake(DEFLATE + "; level=9"), ["level"]),
    refused("compression with a window that there is not", shake(DEFLATE + "; server_max_window_bits=20"), ["server_max_window_bits"]),
    refused("compression with a window without bits", shake(DEFLATE + "; server_max_window_bits"), ["server_max_window_bits"]),
    refused("compression with one parameter twice", shake(DEFLATE + "; server_no_context_takeover; server_no_context_takeover"), ["server_no_context_takeover"]),
    refused("compression twice", shake(DEFLATE + ", permessage-deflate"), ["permessage-deflate"]),
    refused("extensions that are no list", shake(EXTENSIONS + "permessage-deflate; =1"), ["Sec-WebSocket-Extensions"]),
    refused("a list of no extensions", shake(EXTENSIONS), ["Sec-WebSocket-Extensions"]),

    # --- another answer than 101 ---
    refused("200 with a page", status("200 OK", body="<!doctype html>"), ["200"]),
    refused("200 with an event stream", say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n"), ["200"]),
    refused("204", say(b"HTTP/1.1 204 No Content\r\n\r\n"), ["204"]),
    *(refused(f"{code} to elsewhere", status(f"{code} Elsewhere", "Location: http://example.org/ws\r\n"), [str(code), "example.org/ws"]) for code in (301, 302, 303, 307, 308)),
    refused("302 to nowhere", status("302 Found"), ["302"]),
    refused("400 with a reason", status("400 Bad Request", body="no room for you\nmore"), ["400", "no room for you"]),
    refused("401", status("401 Unauthorized", "WWW-Authenticate: Basic realm=x\r\n"), ["401"]),
    refused("403", status("403 Forbidden"), ["403"]),
    refused("404", status("404 Not Found"), ["404"]),
    refused("407", status("407 Proxy Authentication Required"), ["407"]),
    refused("426 with another version", status("426 Upgrade Required", "Sec-WebSocket-Version: 8\r\n"), ["426"]),
    refused("429", status("429 Too Many Requests", "Retry-After: 5\r\n"), ["429", "5"]),
    refused("500", status("500 Internal Server Error", body="{\"error\": \"boom\"}"), ["500"]),
    refused("503", status("503 Service Unavailable"), ["503"]),
    refused("a page that never ends", say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"x" * 10_000_000), ["200"]),

    # --- not HTTP/1.1 ---
    refused("HTTP/1.0", shake(status="HTTP/1.0 101 Switching Protocols"), ["HTTP/1.0"]),
    refused("HTTP/2 in letters", shake(status="HTTP/2 101 Switching Protocols"), []),
    refused("a status that is no number", shake(status="HTTP/1.1 abc Switching"), []),
    refused("no status", shake(status="HTTP/1.1"), []),
    refused("another protocol's greeting", say(b"SSH-2.0-OpenSSH_9.2\r\n"), ["HTTP"]),
    refused("a TLS alert", say(b"\x15\x03\x03\x00\x02\x02\x28"), ["HTTP"]),
    refused("nothing but zeros", say(bytes(1000)), ["HTTP"]),
    refused("a NUL in a header", shake("X: a\0b"), []),
    refused("a header of a megabyte", lambda peer: peer.shake("X: " + "y" * 1_000_000), []),
    refused("headers without end", endless_headers, []),
    refused("a frame instead of an answer", say(frame(TEXT, HELLO)), ["HTTP"]),

    # --- no answer ---
    refused("closed at once", lambda peer: peer.end(), ["connection"]),
    refused("reset at once", lambda peer: peer.reset(), ["connection"]),
    refused("closed in the middle of the head", say(b"HTTP/1.1 101 Switching Protocols\r\nUpgr"), ["connection"]),
    refused("nothing", lambda peer: None, ["1 s"], SHORT),
    refused("half a head, then nothing", lambda peer: peer.send(b"HTTP/1.1 101 Sw"), ["1 s"], SHORT),
    refused("a head that drips for ever", drip_for_ever, ["1 s"], SHORT),

    # --- right, if not what one sees every day ---
    accepted("a plain handshake", shake()),
    accepted("a header line without a colon, which a note reports", shake("what is this")),
    accepted("everything that a client has to say", what_was_asked, ["--subprotocol", "a", "--subprotocol", "b", "-u", "ada:s3cret"]),
    accepted("byte by byte", drip),
    accepted("words in any case, among others", shake(upgrade="WebSocket", connection="keep-alive, UPGRADE")),
    accepted("another reason phrase", shake(status="HTTP/1.1 101 Web Socket Protocol Handshake")),
    accepted("no reason phrase", shake(status="HTTP/1.1 101 ")),
    accepted("not even a space behind the status", shake(status="HTTP/1.1 101")),
    accepted("no subprotocol although some were offered", shake(), ["--subprotocol", "a"]),
    accepted("an informational answer first", informational),
    accepted("many headers", lambda peer: peer.shake(*(f"X-{number}: y" for number in range(90)))),
    accepted("cookies and other things", shake("Set-Cookie: a=b; HttpOnly", "Set-Cookie: c=d", "Server: x", "Date: y")),
    accepted("compression as offered", shake(DEFLATE)),
    accepted("compression with small windows", shake(DEFLATE + "; server_max_window_bits=9; server_no_context_takeover; client_no_context_takeover")),
    Case("frames that come with the answer", together, 0, [], code=1000),
]
