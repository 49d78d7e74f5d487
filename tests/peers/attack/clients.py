"""Clients of the demo server on raw sockets: well-behaved ones that check what they read, and means to build hostile ones."""

import re
import selectors
import socket
import struct
import threading
import time

HOST = "127.0.0.1"

# Longest wait of a well-behaved client for anything.
PATIENCE = 10.0

KEY = "dGhlIHNhbXBsZSBub25jZQ=="

TEXT, BINARY, PING = 1, 2, 9


def request(port, method, path, *headers):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{port}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def upgrade(port, path):
    return request(
        port,
        "GET",
        path,
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {KEY}",
        "Sec-WebSocket-Version: 13",
    )


def frame(opcode, payload=b"", *, fin=True):
    """A client's frame. Its masking key is zero, which leaves the payload as it is."""
    first = (0x80 if fin else 0) | opcode
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + b"\0\0\0\0" + payload


def connect(port, receive_buffer=None):
    """A connection, or None where the server has no room in its queue."""
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(2.0)
    try:
        client.connect((HOST, port))
    except OSError:
        client.close()
        return None
    return client


def send(client, data):
    """Sends what the server takes. False where it has closed the connection."""
    try:
        client.sendall(data)
    except TimeoutError:
        return True
    except OSError:
        return False
    return True


def close(client, *, reset=False):
    if reset:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def fetch(port, data):
    """The whole answer to a request; empty where there was none."""
    answer = b""
    client = connect(port)
    if client is None:
        return answer
    client.settimeout(PATIENCE)
    try:
        client.sendall(data)
        while piece := client.recv(65536):
            answer += piece
    except OSError:
        pass
    client.close()
    return answer


def pour(clients, piece, most, seconds):
    """Sends `piece` to each client again and again, at most `most` bytes and for at most some seconds."""
    selector = selectors.DefaultSelector()
    view = memoryview(piece)
    for client in clients:
        client.setblocking(False)
        selector.register(client, selectors.EVENT_WRITE, 0)
    until = time.monotonic() + seconds
    while selector.get_map() and time.monotonic() < until:
        for key, events in selector.select(0.05):
            try:
                sent = key.data + key.fileobj.send(view[key.data % len(view) :][: 1 << 20])
            except BlockingIOError:
                continue
            except OSError:
                selector.unregister(key.fileobj)
                continue
            if sent >= most:
                selector.unregister(key.fileobj)
            else:
                selector.modify(key.fileobj, events, sent)
    selector.close()


class Reader:
    """A well-behaved client that reads ticks all the time and checks that none is missing."""

    def __init__(self, port, data, item):
        self.seen = 0
        self.longest_wait = 0.0
        self.fault = None
        self._item = re.compile(item)
        self._client = socket.create_connection((HOST, port), PATIENCE)
        self._client.sendall(data)
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @classmethod
    def of_events(cls, demo):
        return cls(demo.http, request(demo.http, "GET", "/events"), rb"\nid: (\d+)\n")

    @classmethod
    def of_ticker(cls, demo):
        return cls(demo.ws, upgrade(demo.ws, "/ticker"), rb'\{"id":(\d+),')

    def _run(self):
        last, rest, moment = None, b"", time.monotonic()
        while True:
            try:
                piece = self._client.recv(65536)
            except OSError as error:
                self._end(f"{error}")
                return
            if not piece:
                self._end("the connection ended")
                return
            now = time.monotonic()
            self.longest_wait = max(self.longest_wait, now - moment)
            moment = now
            rest += piece
            end = 0
            for match in self._item.finditer(rest):
                number = int(match.group(1))
                if last is not None and number != last + 1:
                    self._end(f"{number} came after {last}")
                    return
                last, end = number, match.end() - 1
                self.seen += 1
            rest = rest[end:]

    def _end(self, fault):
        if not self._ended:
            self.fault = fault

    def close(self):
        self._ended = True
        self._client.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._client.close()
