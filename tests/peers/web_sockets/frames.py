"""Frames and closes, most of them wrong (RFC 6455 5, 7, 8; RFC 7692 7.2)."""

import time
import zlib

from cases import HELLO, Case, greet
from server import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Gone, close_frame, frame

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
PROTOCOL, NOT_UTF8, TOO_BIG = 1002, 1007, 1009

# RFC 7692 asks that the connection fails, and names no code.
FAILING = (1002, 1003, 1007, 1010, 1011)


def broken(name, pieces, code=PROTOCOL, *, says=(), messages=(HELLO.decode(),), arguments=(), deflate=False):
    """The client fails the connection: it says so with this code, and ends it."""

    def serve(peer):
        greet(peer, *([DEFLATE] if deflate else []))
        try:
            peer.send(*pieces)
        except Gone:
            pass  # It need not read to the end of what it does not want.
        assert peer.receive_until_close(), "it went without a close frame"
        peer.end()
        peer.wait_for_end()

    named = [] if code == FAILING else [str(code)]
    return Case(name, serve, 1, [*named, *says], code, list(messages), list(arguments))


def fine(name, pieces, messages, *, arguments=(), deflate=False, check=None):
    """Everything is taken, and the closing handshake is made."""

    def serve(peer):
        greet(peer, *([DEFLATE] if deflate else []))
        peer.send(*pieces, close_frame(1000))
        peer.finish()

    return Case(name, serve, 0, [], 1000, [HELLO.decode(), *messages], list(arguments), check=check)


def lost(name, pieces, end, messages=(HELLO.decode(),)):
    """The server goes without a close frame."""

    def serve(peer):
        greet(peer)
        peer.send(*pieces)
        getattr(peer, end)()
        if end == "end":
            peer.wait_for_end()

    return Case(name, serve, 1, ["connection lost"], code="any", messages=list(messages))


def closed(name, code, *, status=1, says=(), reason=b"", answers="same"):
    """The server closes with this code; the client answers, and says what it was told."""

    def serve(peer):
        greet(peer)
        peer.send(close_frame(code, reason))
        peer.finish()

    expected = ("none" if code is None else code) if answers == "same" else answers
    return Case(name, serve, status, list(says), expected)


def compressed(data):
    """RFC 7692 7.2.1: deflated up to a byte's end, without the four bytes that each such end has."""
    packer = zlib.compressobj(wbits=-15)
    return (packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def pongs_in_order(peer, _run):
    return "" if peer.pongs == [b"%d" % number for number in range(300)] else f"pongs {peer.pongs}"


def ping_often(peer):
    """Each ping has an answer of its own, in order, with its payload (RFC 6455 5.5.3 lets a client leave out older ones)."""
    greet(peer)
    peer.pongs = []
    for number in range(300):
        peer.send(frame(PING, b"%d" % number))
        opcode, payload = peer.receive()
        assert opcode == PONG
        peer.pongs.append(payload)
    peer.send(close_frame(1000))
    peer.finish()


def masks_differ(peer):
    greet(peer)
    for number in range(20):
        peer.send(frame(PING, bytes([number])))
        assert peer.receive() == (PONG, bytes([number]))
    assert len(set(peer.masks)) > 15, f"masks {peer.masks}"
    peer.send(close_frame(1000))
    peer.finish()


def ping_before_close(peer):
    """A ping that comes before the close is answered before it; nothing comes after it."""
    greet(peer)
    peer.send(frame(PING, b"1") + close_frame(1000))
    assert peer.receive() == (PONG, b"1")
    peer.finish()


def answer_late(peer):
    """The client has asked to close; the server has more to say first."""
    greet(peer)
    assert peer.receive_until_close()
    peer.send(frame(TEXT, b"one more"), close_frame(1000))
    peer.end()
    peer.wait_for_end()


def never_answer(peer):
    greet(peer)
    assert peer.receive_until_close()
    peer.wait_for_end()


def answer_with_noise(peer):
    """Messages without end instead of the answer to the client's close."""
    greet(peer)
    try:
        while True:
            peer.send(frame(BINARY, bytes(1000)))
            time.sleep(0.005)
    except Gone:
        peer.ended = True


def keep_open(peer):
    """The closing handshake is made, and the server leaves the connection as it is (RFC 6455 7.1.1: it should not)."""
    greet(peer)
    peer.send(close_frame(1000))
    assert peer.receive_until_close()
    peer.wait_for_end()


def say_more_after(*pieces):
    def serve(peer):
        greet(peer)
        peer.send(close_frame(1000) + b"".join(pieces))
        peer.finish()

    return serve


def close_within_a_message(peer):
    greet(peer)
    peer.send(frame(TEXT, b"a", fin=False), close_frame(1000))
    peer.finish()


def close_twice_apart(peer):
    greet(peer)
    peer.send(close_frame(1000))
    assert peer.receive_until_close()
    try:
        peer.send(close_frame(1002), frame(TEXT, b"late"))
    except Gone:
        pass
    peer.end()
    peer.wait_for_end()


def silent(peer):
    """Open and deaf: it never reads, so that no ping is answered."""
    greet(peer)
    time.sleep(4)
    peer.wait_for_end()


def half_open(peer):
    """It ends its own side and goes on reading."""
    greet(peer)
    peer.end()
    peer.wait_for_end()


EURO = "€".encode()
LIMIT = ["--max-message", "1000"]

CASES = [
    # --- reserved bits and opcodes ---
    broken("RSV1 where nothing is compressed", [frame(TEXT, b"x", rsv=4)], arguments=["--no-compression"]),
    broken("RSV1 where the server took no compression", [frame(TEXT, b"x", rsv=4)]),
    broken("RSV2", [frame(TEXT, b"x", rsv=2)]),
    broken("RSV3", [frame(BINARY, b"x", rsv=1)]),
    broken("all reserved bits", [frame(TEXT, b"x", rsv=7)]),
    broken("RSV2 beside compression", [frame(TEXT, compressed(b"x"), rsv=6)], deflate=True),
    broken("RSV1 on a ping", [frame(PING, b"x", rsv=4)], deflate=True),
    broken("RSV1 on a continuation", [frame(TEXT, compressed(b"abc")[:2], fin=False, rsv=4), frame(CONTINUATION, compressed(b"abc")[2:], rsv=4)], deflate=True),
    *(broken(f"opcode {opcode}", [frame(opcode, b"x")]) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
    broken("a reserved opcode without payload", [frame(3)]),

    # --- masks ---
    broken("a mask", [frame(TEXT, b"x", mask=b"abcd")], says=["mask"]),
    broken("a mask of zeros", [frame(TEXT, b"x", mask=bytes(4))], says=["mask"]),
    broken("a masked ping", [frame(PING, b"x", mask=b"abcd")], says=["mask"]),
    broken("a masked close", [frame(CLOSE, b"\x03\xe8", mask=b"abcd")], says=["mask"]),

    # --- control frames ---
    broken("a fragmented ping", [frame(PING, b"x", fin=False)]),
    broken("a fragmented pong", [frame(PONG, b"x", fin=False)]),
    broken("a fragmented close", [frame(CLOSE, b"\x03\xe8", fin=False)]),
    broken("a ping of 126 bytes", [frame(PING, bytes(126))]),
    broken("a pong of 65,536 bytes", [frame(PONG, bytes(65536))]),
    broken("a close of 126 bytes", [frame(CLOSE, b"\x03\xe8" + b"x" * 124)]),
    broken("a long ping of which only the head comes", [frame(PING, b"", length=200)]),
    fine("pings and pongs that nobody asked for", [frame(PONG), frame(PONG, b"x"), frame(PING, bytes(125))], []),
    Case("every ping is answered", ping_often, 0, [], 1000, check=pongs_in_order),
    Case("every frame has a mask of its own", masks_differ, 0, [], 1000),
    Case("a ping before the close", ping_before_close, 0, [], 1000),

    # --- fragments ---
    fine("fragments, control frames among them", [frame(TEXT, b"a", fin=False), frame(PING, b"1"), frame(CONTINUATION, b"", fin=False), frame(PONG), frame(CONTINUATION, b"b")], ["ab"]),
    fine("fragments without any payload", [frame(TEXT, b"", fin=False), frame(CONTINUATION, b"", fin=False), frame(CONTINUATION, b"")], [""]),
    fine("a thousand fragments", [frame(TEXT, b"x", fin=False) + frame(CONTINUATION, b"x", fin=False) * 998 + frame(CONTINUATION, b"x")], ["x" * 1000]),
    fine("every byte of a frame by itself", [bytes([byte]) for byte in frame(TEXT, b"slowly " * 30)], ["slowly " * 30]),
    broken("a continuation of nothing", [frame(CONTINUATION, b"x")]),
    broken("a continuation of nothing that goes on", [frame(CONTINUATION, b"x", fin=False)]),
    broken("a continuation of what had ended", [frame(TEXT, b"a", fin=False), frame(CONTINUATION, b"b"), frame(CONTINUATION, b"c")], messages=["hello", "ab"]),
    broken("a message within a message", [frame(TEXT, b"a", fin=False), frame(TEXT, b"b")]),
    broken("another kind within a message", [frame(TEXT, b"a", fin=False), frame(BINARY, b"b")]),
    lost("the end between two fragments", [frame(TEXT, b"a", fin=False)], "end"),

    # --- lengths ---
    broken("a length with its highest bit set", [frame(BINARY, b"", length=1 << 63)]),
    broken("a length of nearly everything", [frame(BINARY, b"", length=(1 << 63) - 1)], TOO_BIG),
    broken("longer than is kept", [frame(TEXT, b"x" * 1001)], TOO_BIG, arguments=LIMIT),
    broken("longer than is kept, by its head alone", [frame(BINARY, b"", length=2000)], TOO_BIG, arguments=LIMIT),
    broken("longer than is kept, in fragments", [frame(TEXT, b"x" * 600, fin=False), frame(CONTINUATION, b"x" * 600)], TOO_BIG, arguments=LIMIT),
    fine("just as long as is kept", [frame(TEXT, b"x" * 1000)], ["x" * 1000], arguments=LIMIT),
    fine("long enough for each form of length", [frame(TEXT, b"x" * size) for size in (125, 126, 127, 65535, 65536, 70000)], ["x" * size for size in (125, 126, 127, 65535, 65536, 70000)]),

    # --- text is UTF-8 (RFC 6455 8.1) ---
    broken("text that is not UTF-8", [frame(TEXT, b"a\xff")], NOT_UTF8),
    broken("text cut off in a character", [frame(TEXT, EURO[:2])], NOT_UTF8),
    broken("overlong text", [frame(TEXT, b"\xc0\xaf")], NOT_UTF8),
    broken("a surrogate in text", [frame(TEXT, b"\xed\xa0\x80")], NOT_UTF8),
    broken("text beyond U+10FFFF", [frame(TEXT, b"\xf4\x90\x80\x80")], NOT_UTF8),
    broken("not UTF-8 over two fragments", [frame(TEXT, EURO[:1], fin=False), frame(CONTINUATION, b"x")], NOT_UTF8),
    broken("not UTF-8 in a fragment, whose end never comes", [frame(TEXT, b"a\xff", fin=False)], NOT_UTF8),
    broken("a fragment that could never become UTF-8", [frame(TEXT, b"\xf4\x90", fin=False)], NOT_UTF8),
    fine("a character over three fragments", [frame(TEXT, EURO[:1], fin=False), frame(CONTINUATION, EURO[1:2], fin=False), frame(PING), frame(CONTINUATION, EURO[2:])], ["€"]),
    fine("NUL, a byte order mark, noncharacters", [frame(TEXT, "\0\ufeff\ufffe\U0010ffff".encode())], ["\0\ufeff\ufffe\U0010ffff"]),

    # --- compression ---
    fine("compressed", [frame(TEXT, compressed(b"x" * 1000), rsv=4)], ["x" * 1000], deflate=True),
    fine("compressed in fragments", [frame(TEXT, compressed(b"abc")[:1], fin=False, rsv=4), frame(CONTINUATION, compressed(b"abc")[1:])], ["abc"], deflate=True),
    fine("not compressed although it may be", [frame(TEXT, b"plain")], ["plain"], deflate=True),
    fine("an empty message, compressed", [frame(TEXT, b"\0", rsv=4)], [""], deflate=True),
    broken("what does not inflate", [frame(TEXT, b"\xff\xff\xff\xff\xff", rsv=4)], FAILING, deflate=True),
    broken("what inflates to no UTF-8", [frame(TEXT, compressed(b"\xff"), rsv=4)], NOT_UTF8, deflate=True),
    broken("a small frame that inflates past what is kept", [frame(BINARY, compressed(bytes(5_000_000)), rsv=4)], TOO_BIG, deflate=True, arguments=LIMIT),

    # --- the server's close ---
    closed("closed with 1000", 1000, status=0),
    closed("closed with 1000 and a reason", 1000, status=0, reason="grüße".encode()),
    closed("closed with the longest reason", 1000, status=0, reason=b"x" * 123),
    closed("closed without a code", None, says=["1005"]),
    *(closed(f"closed with {code}", code, says=[str(code)]) for code in (1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999)),
    closed("closed with a reason that is told", 4001, says=["4001", "your token is stale"], reason=b"your token is stale"),
    broken("a close of one byte", [frame(CLOSE, b"\x03")]),
    *(broken(f"a close with {code}, which never goes over the wire", [close_frame(code)]) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)),
    broken("a close whose reason is not UTF-8", [close_frame(1000, b"\xff")], NOT_UTF8),
    broken("a close whose reason is cut off in a character", [close_frame(1000, EURO[:2])], NOT_UTF8),
    Case("a message after the close", say_more_after(frame(TEXT, b"late")), 0, [], 1000),
    Case("nonsense after the close", say_more_after(b"\xff" * 500), 0, [], 1000),
    Case("two closes together", say_more_after(close_frame(1002)), 0, [], 1000),
    Case("two closes apart", close_twice_apart, 0, [], 1000),
    Case("a close in the middle of a message", close_within_a_message, 0, [], 1000),
    Case("a connection that stays after the closing handshake", keep_open, 0, [], 1000, within=8.0),

    # --- the client's close, which --duration makes ---
    Case("a close that is never answered", never_answer, 0, [], 1000, arguments=["--duration", "0.5"], within=8.0),
    Case("a close that is answered after another message", answer_late, 0, [], 1000, messages=None, arguments=["--duration", "0.5"]),
    Case("messages without end instead of an answer", answer_with_noise, 0, [], "any", messages=None, arguments=["--duration", "0.5"], within=8.0),

    # --- no close at all ---
    lost("the end without a close", [], "end"),
    lost("the end in the middle of a frame's head", [b"\x81"], "end"),
    lost("the end in the middle of a frame", [frame(TEXT, b"abc", length=10)], "end"),
    lost("a reset", [], "reset"),
    lost("a reset in the middle of a frame", [frame(TEXT, b"abc", length=10)], "reset"),
    Case("half open", half_open, 1, ["connection lost"], "any"),
    Case("open and deaf", silent, 1, ["connection lost", "ping"], "any", arguments=["--keepalive", "0.5"], within=8.0),
]
