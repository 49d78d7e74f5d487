"""A WebSocket server on raw sockets that does exactly what a case wants done, right or wrong. It never judges the client.

Written from RFC 6455 and RFC 7692 alone, without any library that knows them.
"""

import base64
import hashlib
import socket
import struct
import threading

# Longest wait for anything that a client may do.
PATIENCE = 20.0

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode, payload=b"", *, fin=True, rsv=0, mask=None, length=None, form=None):
    """A frame's bytes. `length` says another length than the payload's; `form` is how many bytes say it (1, 3, 9)."""
    size = len(payload) if length is None else length
    form = form or (1 if size < 126 else 3 if size < 65536 else 9)
    first = (0x80 if fin else 0) | (rsv << 4) | opcode
    masked = 0x80 if mask is not None else 0
    if form == 1:
        head = struct.pack("!BB", first, masked | size)
    elif form == 3:
        head = struct.pack("!BBH", first, masked | 126, size)
    else:
        head = struct.pack("!BBQ", first, masked | 127, size)
    if mask is not None:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        head += mask
    return head + payload


def close_frame(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


class Gone(Exception):
    """The client has ended its side, or reset the connection."""


class Peer:
    """One accepted connection."""

    def __init__(self, client):
        self.socket = client
        client.settimeout(PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ahead = b""
        self.masks = []
        # The code of the close frame that the client sent; "none" for a frame without, None while there was no frame.
        self.close_code = None
        self.ended = False
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._take(1)
        first, *lines = head.decode("ascii").split("\r\n")
        self.request_line = first
        self.headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines if line)]

    def header(self, name):
        values = [value for key, value in self.headers if key == name.lower()]
        assert len(values) <= 1, f"{name} stands more than once"
        return values[0] if values else None

    def accept(self):
        """What answers the client's key (RFC 6455 4.2.2)."""
        key = self.header("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()

    def shake(self, *more, status="HTTP/1.1 101 Switching Protocols", upgrade="websocket", connection="Upgrade", accept=None, then=b""):
        """Answers the handshake; None leaves a header out. `then` goes out in the same write."""
        accept = self.accept() if accept is None else accept
        lines = [status]
        for name, value in (("Upgrade", upgrade), ("Connection", connection), ("Sec-WebSocket-Accept", accept)):
            if value:
                lines.append(f"{name}: {value}")
        self.send("\r\n".join([*lines, *more, "", ""]).encode("latin-1") + then)

    def send(self, *pieces):
        try:
            for piece in pieces:
                self.socket.sendall(piece)
        except OSError as error:
            raise Gone from error

    def _take(self, count):
        while len(self._ahead) < count:
            try:
                more = self.socket.recv(65536)
            except socket.timeout:
                raise
            except OSError as error:
                raise Gone from error
            if not more:
                raise Gone
            self._ahead += more
        taken, self._ahead = self._ahead[:count], self._ahead[count:]
        return taken

    def receive(self):
        """The next frame as (opcode, payload). What a client must never send fails the case."""
        first, second = self._take(2)
        fin, rsv, opcode = first >> 7, first >> 4 & 7, first & 15
        assert rsv == 0, "the client set a reserved bit"
        assert fin, "the client sent a fragment"
        assert second & 0x80, "the client sent a frame without a mask"
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        mask = self._take(4)
        self.masks.append(mask)
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self._take(length)))
        if opcode == CLOSE:
            self.close_code = struct.unpack("!H", payload[:2])[0] if payload else "none"
        return opcode, payload

    def receive_until_close(self):
        """Reads up to the client's close frame; false where it went without one."""
        try:
            while self.receive()[0] != CLOSE:
                pass
            return True
        except Gone:
            self.ended = True
            return False

    def wait_for_end(self):
        """Reads until the client has ended the connection; what it says is not looked at."""
        try:
            while True:
                self._take(1)
        except Gone:
            self.ended = True

    def finish(self):
        """As a server ends: hears the close frame, ends the connection, and sees the client end its side."""
        self.receive_until_close()
        self.end()
        self.wait_for_end()

    def end(self):
        """Ends this side of the connection in order."""
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Server:
    """Serves one client after the other with the same function; remembers the first and what went wrong there."""

    def __init__(self, serve):
        self._serve = serve
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.peer = None
        self.connections = 0
        self.complaint = ""
        self.done = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with client:
                    self.peer = Peer(client)
                    self._serve(self.peer)
            except Gone:
                self.peer and setattr(self.peer, "ended", True)
            except Exception as error:  # Whatever it is, the case has failed, and says by what.
                self.complaint = f"{type(error).__name__}: {error}"
            finally:
                self.done.set()

    def close(self):
        try:
            # Closing alone does not wake a thread that waits for a client.
            self._door.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._door.close()
