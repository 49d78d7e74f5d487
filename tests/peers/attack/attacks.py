"""The attacks: each opens up to so many hostile connections, a few hundred at a time, and closes them all.

They do what a client of bad intent can do: send bodies and heads without end, stop in the middle, leave answers unread.
"""

import time

from clients import BINARY, PING, TEXT, close, connect, fetch, frame, pour, request, send, upgrade

# So many at a time: more than a port takes.
WIDTH = 450

# How long a full set of hostile connections stays, in seconds.
HOLD = 0.3

# With fewer connections than this, an attack that goes on for some time takes proportionally less of it.
FULL = 450

EVIL = "Origin: https://evil.example"


def in_waves(count, port, payload, *, hold=HOLD, reset=False, look=None, receive_buffer=None):
    """Opens `count` connections that send `payload(n)`. `look` is called while a set of them stays."""
    for start in range(0, count, WIDTH):
        clients = []
        for n in range(start, min(start + WIDTH, count)):
            client = connect(port, receive_buffer)
            if client is None:
                continue
            send(client, payload(n))
            clients.append(client)
        if look:
            look(clients)
        if hold:
            time.sleep(hold)
        for client in clients:
            close(client, reset=reset)


def must_be_served(demo):
    """A look that fails where an ordinary request gets no answer while hostile connections stay."""

    def look(_clients):
        for port, path, status in ((demo.http, "/", b" 200 "), (demo.ws, "/echo", b" 426 ")):
            answer = fetch(port, request(port, "GET", path))
            if status not in answer[:20]:
                raise AssertionError(f"port {port} did not serve an ordinary request: {answer[:60]!r}")

    return look


def bodies(demo, count):
    """Bodies that are long, absurdly long, of unknown length, cut short, or announced and never sent."""
    port = demo.http
    kinds = [
        (["Content-Length: 2000", EVIL], b"x" * 2000),
        (["Content-Length: 2000"], b"x" * 2000),
        (["Content-Length: 60000"], b"x" * 100),
        (["Content-Length: 18446744073709551615"], b"x" * 2000),
        (["Content-Length: 99999999999999999999999999"], b""),
        (["Content-Length: 99999999999"], b"x" * 30000),
        (["Content-Length: -1"], b""),
        (["Content-Length: +5"], b"hello"),
        (["Transfer-Encoding: chunked"], b"400\r\n" + b"x" * 1024 + b"\r\n"),
        (["Transfer-Encoding: chunked", "Content-Length: 9"], b"ffffffffffffffff\r\n"),
        (["Content-Length: 5000", "Expect: 100-continue"], b""),
    ]
    requests = [request(port, "POST", "/", *headers) + body for headers, body in kinds]
    in_waves(count, port, lambda n: requests[n % len(requests)], look=must_be_served(demo))


def heads(demo, count):
    """Header lines without end and without number, request lines without end, and other heads that are none."""
    port = demo.http
    start = request(port, "GET", "/")[:-2]
    kinds = [
        start + b"X: " + b"y" * 200_000,
        start + b"a: b\r\n" * 2_000,
        b"GET /" + b"x" * 200_000,
        b"\r\n" * 20_000,
        b"\x16\x03\x01\x02\x00\x01",
        b"GET " + b"\x00" * 1_000,
        b"A" * 100,
    ]
    in_waves(count, port, lambda n: kinds[n % len(kinds)], hold=0.1, look=must_be_served(demo))


def half_heads(demo, count):
    """Requests that stop in the middle of their first line."""
    for port in (demo.http, demo.ws):
        in_waves(count // 2, port, lambda _: b"GET / HT", look=must_be_served(demo))


def silent(demo, count):
    """Connections that send nothing."""
    for port in (demo.http, demo.ws):
        in_waves(count // 2, port, lambda _: b"", look=must_be_served(demo))


def drips(demo, count):
    """Heads and bodies that come a byte at a time."""
    port = demo.http
    body = request(port, "POST", "/", "Content-Length: 60000")

    def drip(clients):
        for _ in range(3):
            for client in clients:
                send(client, b"x")
            must_be_served(demo)(clients)

    in_waves(count, port, lambda n: b"GET / HTTP/1.1\r\nX: " if n % 2 else body, look=drip)


def handshakes(demo, count):
    """WebSockets that never finish their handshake, and some that are reset as soon as they have."""
    whole = upgrade(demo.ws, "/chat")
    kinds = [whole[:-2], whole[:-40], whole, whole + frame(TEXT, b"hello")[:3]]
    in_waves(count, demo.ws, lambda n: kinds[n % len(kinds)], hold=0.1, reset=True)


def pipelined(demo, count):
    """Many requests in one write."""
    one = request(demo.http, "GET", "/page.js")
    in_waves(count // 10, demo.http, lambda _: one * 100, hold=0)


def control(demo, count):
    """Requests to steer the server, most with a wrong token."""
    port = demo.http
    kinds = [
        request(port, "POST", "/control?do=drop"),
        request(port, "POST", "/control?token=0123&do=refuse"),
        request(port, "POST", demo.control + "&do=drop", EVIL),
        request(port, "GET", demo.control),
        request(port, "POST", demo.control + "&do=nothing"),
    ]
    in_waves(count, port, lambda n: kinds[n % len(kinds)], hold=0)


def unread_pages(demo, count):
    """Requests whose answers are never read."""
    paths = ("/", "/page.js", "/page.css", "/nothing", "/control")
    kinds = [request(demo.http, "GET", path) for path in paths]
    in_waves(
        count,
        demo.http,
        lambda n: kinds[n % len(kinds)],
        look=must_be_served(demo),
        receive_buffer=2048,
    )


def open_web_sockets(demo, path, count):
    clients = [connect(demo.ws) for _ in range(count)]
    clients = [client for client in clients if client]
    for client in clients:
        send(client, upgrade(demo.ws, path))
    return clients


def time_for(count, seconds):
    return seconds * min(1.0, count / FULL)


def pour_into(demo, path, piece, most, count, *, together, seconds):
    """WebSockets that send `piece` again and again and never read."""
    seconds = time_for(count, seconds)
    for start in range(0, count, together):
        clients = open_web_sockets(demo, path, min(together, count - start))
        pour(clients, piece, most, seconds)
        for client in clients:
            close(client)


def unread_echoes(demo, count):
    """Large messages to /echo whose answers are never read."""
    large = frame(BINARY, b"x" * (15 << 20))
    pour_into(demo, "/echo", large, 60 << 20, min(count, 40), together=40, seconds=30)
    middle = frame(BINARY, b"x" * (1 << 20))
    pour_into(demo, "/echo", middle, 8 << 20, count, together=390, seconds=1)


def small_unread_echoes(demo, count):
    """Very many small messages to /echo whose answers are never read: each takes more than its bytes."""
    for message in (b"", b"x", b"x" * 100):
        piece = frame(BINARY, message) * 1_000
        pour_into(demo, "/echo", piece, 16 << 20, min(count, 390), together=390, seconds=2)


def unfinished_messages(demo, count):
    """Messages to /echo that never end: in one frame, and in fragments with pings between them."""
    whole = frame(BINARY, b"x" * (16 << 20))[:-1]
    fragments = frame(BINARY, b"x" * 100_000, fin=False)
    more = frame(0, b"x" * 100_000, fin=False) + frame(PING, b"?")
    together = min(count, 390)
    pour_into(demo, "/echo", whole, len(whole), together, together=together, seconds=3)
    clients = open_web_sockets(demo, "/echo", together)
    for client in clients:
        send(client, fragments)
    pour(clients, more, 15 << 20, time_for(count, 3))
    for client in clients:
        close(client)


def unread_pongs(demo, count):
    """Pings without end whose pongs are never read."""
    pings = frame(PING, b"") * 500 + frame(PING, b"x" * 125) * 500
    for path in ("/echo", "/ticker", "/flood?rate=1", "/chat"):
        pour_into(demo, path, pings, 8 << 20, min(count, 390), together=390, seconds=1)


def unread_floods(demo, count):
    """Floods of large items that are never read, over both protocols at once."""
    for size in (1_000_000, 1 << 20, 100):
        path = f"/flood?size={size}"
        flood = request(demo.http, "GET", path)
        streams = []
        for _ in range(min(count, 390)):
            if client := connect(demo.http):
                send(client, flood)
                streams.append(client)
        sockets = open_web_sockets(demo, path, min(count, 390))
        time.sleep(time_for(count, 1.5))
        # Clients that leave so much unread make room where others need their place.
        must_be_served(demo)([])
        for client in streams + sockets:
            close(client)


def unread_chats(demo, count):
    """Members of many rooms who make the server talk and never read: lists, histories, messages that grow when escaped."""
    escaped = frame(TEXT, b"\\x01" * 16_000)
    joins = b"".join(frame(TEXT, b"/join r%d" % (n % 60)) + escaped for n in range(120))
    for piece in (frame(TEXT, b"/who") * 500, joins, frame(TEXT, b"x" * 60_000)):
        pour_into(demo, "/chat", piece, 8 << 20, min(count, 390), together=390, seconds=2)


ALL = [
    bodies,
    heads,
    half_heads,
    silent,
    drips,
    handshakes,
    pipelined,
    control,
    unread_pages,
    unread_floods,
    unread_echoes,
    small_unread_echoes,
    unfinished_messages,
    unread_pongs,
    unread_chats,
]
