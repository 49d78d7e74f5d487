"""A server on raw sockets that says exactly what a case wants said, and remembers what it was asked. It never judges."""

import itertools
import socket
import struct
import threading
import time
from dataclasses import dataclass, field

# Longest wait for a client to ask or to go.
PATIENCE = 30.0


@dataclass
class Answer:
    """What one connection gets: pieces, each written by itself, and then an end."""

    pieces: list
    # "close" in order, "reset", or "hold" until the client goes.
    then: str = "close"


def stream(body, *, status="200 OK", kind="text/event-stream", headers="", then="close", version="1.1"):
    """An answer whose body goes on until the connection ends. `body` may be a list of pieces."""
    kind = f"Content-Type: {kind}\r\n" if kind is not None else ""
    head = f"HTTP/{version} {status}\r\n{kind}{headers}\r\n".encode("utf-8")
    pieces = body if isinstance(body, list) else [body]
    return Answer([head, *pieces], then)


def short(status, headers="", body=b""):
    """An answer with a length."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return Answer([head.encode("utf-8") + body])


def redirect(status, location):
    return short(status, f"Location: {location}\r\n")


# What ends every case that does not end by itself: HTML 9.2.3 has a client stay away after it.
NO_CONTENT = Answer([b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"])


@dataclass
class Request:
    """What the client asked."""

    at: float
    # Which of the server's two origins it came to: "a" or "b".
    origin: str
    method: str
    target: str
    headers: list
    body: bytes = b""
    # Connections that were open when this one came.
    others: int = 0

    def header(self, name):
        """The header's bytes, or None where there is none."""
        values = [value for key, value in self.headers if key == name.lower()]
        assert len(values) <= 1, f"{name} stands more than once"
        return values[0] if values else None


@dataclass
class Server:
    """Two origins on loopback that share one list of answers; the nth request gets the nth."""

    answers: object
    requests: list = field(default_factory=list)

    def __post_init__(self):
        if not callable(self.answers):
            given = list(self.answers)
            self.answers = lambda n, _request: given[n] if n < len(given) else NO_CONTENT
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._open = 0
        self._doors = {}
        for origin in "ab":
            door = socket.create_server(("127.0.0.1", 0))
            self._doors[origin] = door
            threading.Thread(target=self._serve_all, args=(origin, door), daemon=True).start()
        self.port = {origin: door.getsockname()[1] for origin, door in self._doors.items()}
        self.url = {origin: f"http://127.0.0.1:{port}" for origin, port in self.port.items()}

    def close(self):
        for door in self._doors.values():
            # Closing alone does not wake a thread that waits for a client.
            try:
                door.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            door.close()

    def _serve_all(self, origin, door):
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(origin, client), daemon=True).start()

    def _serve(self, origin, client):
        client.settimeout(PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            others = self._open
            self._open += 1
        try:
            request = read_request(client, origin)
            if request is None:
                return
            request.others = others
            with self._lock:
                number = next(self._numbers)
                self.requests.append(request)
            self._answer(client, self.answers(number, request))
        except OSError:
            pass  # The client has gone, which is its good right.
        finally:
            with self._lock:
                self._open -= 1
            client.close()

    def _answer(self, client, answer):
        for piece in answer.pieces:
            for origin, port in self.port.items():
                piece = piece.replace(b"{%s}" % origin.encode(), self.url[origin].encode())
                piece = piece.replace(b"{%s port}" % origin.encode(), b"%d" % port)
            client.sendall(piece)
        if answer.then == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif answer.then == "close":
            client.shutdown(socket.SHUT_WR)
            wait_for_end(client)
        else:
            wait_for_end(client)


def wait_for_end(client):
    while client.recv(4096):
        pass


def read_request(client, origin):
    """The request, or None where the client went without one."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        more = client.recv(65536)
        if not more:
            return None
        seen += more
    head, body = seen.split(b"\r\n\r\n", 1)
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.decode("ascii").split(" ")
    headers = []
    for line in lines:
        name, value = line.split(b":", 1)
        headers.append((name.decode("ascii").lower(), value.strip(b" \t")))
    length = int(dict(headers).get("content-length", b"0"))
    while len(body) < length:
        body += client.recv(65536)
    return Request(time.monotonic(), origin, method, target, headers, body)
