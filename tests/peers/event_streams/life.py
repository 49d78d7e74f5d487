"""What a connection's answers make of an EventSource's life: HTML 9.2.2 and 9.2.3, and the Fetch standard below them.

A case is a name, the answers to one request after the other, and what is expected: `events` as (type, data, id), `asked`
as the last event ID of each request (None: none), `ends` as `closed` or `failed`, and a `check` of whatever else holds. After
the last answer comes a 204, which ends everything; a case that fails before never asks for it.

In one place the standard's letter is left for what all browsers do: a new connection goes on with the last event ID that it
sent, where the letter would have its first blank line forget it.
"""

import gzip
from dataclasses import dataclass, field

from server import Answer, redirect, short, stream

BODY = b"retry:100\nid: 1\ndata: a\n\n"
EVENT = ("message", "a", "1")
# Whatever the first answer was, this one is worth coming back for.
GOOD = stream(BODY)


@dataclass
class Case:
    name: str
    answers: object
    events: list = field(default_factory=list)
    asked: list = None
    ends: str = "closed"
    arguments: list = field(default_factory=list)
    # Given the requests and the run; returns what is wrong, or nothing.
    check: object = None


def opens(name, answer, **more):
    """The stream is read, ends, and is asked for again."""
    return Case(name, [answer], [EVENT], [None, b"1"], **more)


def fails(name, answer, **more):
    """The connection fails for good, at the first answer."""
    return Case(name, [answer], [], [None], "failed", **more)


def fails_later(name, answer, **more):
    """The same on the way back."""
    return Case(name, [GOOD, answer], [EVENT], [None, b"1"], "failed", **more)


def comes_back(name, answer, **more):
    """A network error: HTML 9.2.3 has the connection reestablished."""
    return Case(name, [GOOD, answer, GOOD], [EVENT, EVENT], [None, b"1", b"1", b"1"], **more)


def where(requests):
    return [f"{request.origin} {request.target}" for request in requests]


def came(*places):
    """Checks that the requests began like this: whether a redirect is remembered, the standard leaves open."""

    def check(requests, _run):
        begun = where(requests)[: len(places)]
        return "" if begun == list(places) else f"went {where(requests)}, not {list(places)}"

    return check


def carries(name, *values):
    """Checks a header of each request."""

    def check(requests, _run):
        got = [request.header(name) for request in requests][: len(values)]
        return "" if got == list(values) else f"{name} was {got}, not {list(values)}"

    return check


def asked_for_a_stream(requests, _run):
    request = requests[0]
    if request.method != "GET" or request.header("Accept") != b"text/event-stream":
        return f"{request.method}, Accept: {request.header('Accept')}"
    if request.header("Cache-Control") not in (b"no-cache", b"no-store"):
        return f"Cache-Control: {request.header('Cache-Control')}"
    return "Origin was sent" if request.header("Origin") is not None else ""


def waited(least, request=1):
    """Checks the time between the request before and this one, in seconds."""

    def check(requests, _run):
        time = requests[request].at - requests[request - 1].at
        # At most twice as long and a moment for a busy machine: the standard only ever adds to it.
        return "" if least <= time < 2 * least + 3 else f"came back after {time:.3f} s, not {least}"

    return check


def told_to_wait(milliseconds):
    def check(_requests, run):
        delays = [record["delay_ms"] for record in run.of_kind("state") if record["state"] == "reconnecting"]
        return "" if delays and delays[0] >= milliseconds else f"waits {delays} ms, not {milliseconds}"

    return check


def retry(name, line, seconds, check=None):
    """`retry:100`, then this line, then what it makes of the reconnection time."""
    body = b"retry:100\n" + line + b"\nid: 1\ndata: a\n\n"
    return opens(name, stream(body), check=check or waited(seconds))


def redirected(name, status, location, place, **more):
    """Over a redirect to the stream; `place` is where the second request is to go."""
    answers = [redirect(status, location), GOOD]
    return Case(name, answers, [EVENT], [None, None, b"1"], check=came("a /feed?x=1", place), **more)


def around_in_circles(number, _request):
    return redirect("302 Found", f"/feed?turn={number}")


def bounded(requests, run):
    # Fetch: twenty redirects, and the next is a network error.
    attempts = sum(record["state"] == "connecting" for record in run.of_kind("state"))
    return "" if len(requests) <= 21 * attempts else f"{len(requests)} requests in {attempts} attempts"


FOUND = "302 Found"
SECRET = "Authorization: Bearer s3cret"

CASES = [
    # --- what is asked ---
    opens("it asks for an event stream", GOOD, check=asked_for_a_stream),
    Case("an ID of the user's own is sent at first", [GOOD], [EVENT], [b"41", b"1"], arguments=["--last-event-id", "41"]),
    opens("query and path go out as given", GOOD, check=came("a /feed?x=1", "a /feed?x=1")),
    opens("a header goes out each time", GOOD, arguments=["-H", SECRET], check=carries("Authorization", b"Bearer s3cret", b"Bearer s3cret")),

    # --- which answers are event streams ---
    opens("text/event-stream", GOOD),
    opens("in any case", stream(BODY, kind="Text/EVENT-stream")),
    opens("with a charset", stream(BODY, kind="text/event-stream; charset=UTF-8")),
    Case("a charset that is not UTF-8 changes nothing", [stream("retry:100\ndata: ok…\n\n".encode(), kind="text/event-stream;charset=windows-1252")], [("message", "ok…", "")], [None, None]),
    opens("with a semicolon behind it", stream(BODY, kind="text/event-stream;")),
    opens("with a parameter that is none", stream(BODY, kind="text/event-stream; x bogus")),
    opens("with spaces around it", stream(BODY, kind="  text/event-stream \t")),
    opens("the last of two content types counts", stream(BODY, kind="text/html", headers="Content-Type: text/event-stream\r\n")),
    fails("the last of two content types counts, when it is the wrong one", stream(BODY, headers="Content-Type: text/html\r\n")),
    fails("text/plain", stream(BODY, kind="text/plain")),
    fails("text/html", stream(b"<!doctype html>", kind="text/html")),
    fails("no content type", stream(BODY, kind=None)),
    fails("an empty content type", stream(BODY, kind="")),
    fails("text/event-streams", stream(BODY, kind="text/event-streams")),
    fails("text/x-dom-event-stream, its old name", stream(BODY, kind="text/x-dom-event-stream")),
    fails("a content type without a slash", stream(BODY, kind="text%2Fevent-stream bogus")),
    fails("application/json", stream(b"{}", kind="application/json")),
    fails_later("another content type on the way back", stream(BODY, kind="text/plain")),

    # --- which statuses are ---
    *(fails(f"status {status}", stream(BODY, status=f"{status} Whatever")) for status in (201, 205, 210, 299, 300, 304, 400, 401, 403, 404, 407, 410, 421, 429, 500, 502, 503, 599)),
    Case("status 204 is the end", [], [], [None], "closed"),
    fails_later("status 404 on the way back", stream(BODY, status="404 Not Found")),
    fails_later("status 500 on the way back", stream(BODY, status="500 Internal Server Error")),
    fails("Retry-After does not help", short("503 Service Unavailable", "Retry-After: 0\r\n")),
    opens("an informational answer comes first", Answer([b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", *GOOD.pieces])),
    opens("100 Continue that nobody asked for", Answer([b"HTTP/1.1 100 Continue\r\n\r\n", *GOOD.pieces])),

    # --- bodies ---
    opens("HTTP/1.0", stream(BODY, version="1.0")),
    opens("a body with a length", stream(BODY, headers=f"Content-Length: {len(BODY)}\r\n")),
    opens("a body in chunks, cut anywhere", stream([b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (BODY[:7], BODY[7:18], BODY[18:])] + [b"0\r\n\r\n"], headers="Transfer-Encoding: chunked\r\n")),
    opens("chunks with extensions and trailers", stream(b"%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(BODY), BODY), headers="Transfer-Encoding: chunked\r\n")),
    opens("gzip", stream(gzip.compress(BODY), headers="Content-Encoding: gzip\r\n")),
    opens("header names in any case", Answer([b"HTTP/1.1 200 OK\r\ncOnTeNt-TyPe: text/event-stream\r\n\r\n", BODY])),
    opens("no reason in the status line", stream(BODY, status="200 ")),
    opens("every byte of the head by itself", Answer([bytes([byte]) for byte in b"".join(GOOD.pieces)])),
    comes_back("a body shorter than its length", stream(b"data: b\n", headers="Content-Length: 99\r\n")),
    comes_back("chunks without an end", stream(b"63\r\ndata: b\n", headers="Transfer-Encoding: chunked\r\n")),
    comes_back("a reset in the middle of an event", stream([b"data: b\n"], then="reset")),

    # --- network errors, which are retried ---
    comes_back("closed without an answer", Answer([])),
    comes_back("reset without an answer", Answer([], "reset")),
    comes_back("closed in the middle of the head", Answer([b"HTTP/1.1 200 OK\r\nContent-Ty"])),
    Case("closed without an answer, at first", [Answer([]), GOOD], [EVENT], [None, None, b"1"]),
    Case("the ID survives any number of failures", [GOOD, Answer([]), Answer([], "reset"), Answer([]), GOOD], [EVENT, EVENT], [None, b"1", b"1", b"1", b"1", b"1"]),

    # --- the last event ID over reconnections ---
    Case("a later connection goes on with the ID", [GOOD, stream(b"data: b\n\n")], [EVENT, ("message", "b", "1")], [None, b"1", b"1"]),
    Case("a later connection takes it back", [GOOD, stream(b"id\n\n")], [EVENT], [None, b"1", None]),
    Case("an event that was cut off comes whole", [stream(b"retry:100\nid: 1\ndata: a\n\nid: 2\ndata: b"), stream(b"id: 2\ndata: bc\n\n")], [EVENT, ("message", "bc", "2")], [None, b"1", b"2"]),
    Case("the type of an event that was cut off is forgotten", [stream(b"retry:100\nid: 1\ndata: a\n\nevent: x\n"), stream(b"data: b\n\n")], [EVENT, ("message", "b", "1")], [None, b"1", b"1"]),
    Case("a line that was cut off is not continued", [stream(b"retry:100\nid: 1\ndata: a\n\ndata: b"), stream(b"data: c\n\n")], [EVENT, ("message", "c", "1")], [None, b"1", b"1"]),
    Case("a CR at the end is forgotten", [stream(b"retry:100\nid: 1\ndata: a\n\r"), stream(b"\ndata: c\n\n")], [EVENT, ("message", "c", "1")], [None, b"1", b"1"]),
    Case("half a character at the end is forgotten", [stream(b"retry:100\nid: 1\ndata: a\n\ndata: \xe2\x82"), stream(b"\xac\ndata: c\n\n")], [EVENT, ("message", "c", "1")], [None, b"1", b"1"]),
    Case("each connection may have a byte order mark", [GOOD, stream(b"\xef\xbb\xbfdata: b\n\n")], [EVENT, ("message", "b", "1")], [None, b"1", b"1"]),

    # --- the reconnection time ---
    retry("retry", b"retry:400", 0.4),
    retry("retry with a space", b"retry: 400", 0.4),
    retry("the last retry counts", b"retry:3000\nretry:400", 0.4),
    retry("leading zeros", b"retry: 000400", 0.4),
    retry("not only digits", b"retry: 3000x", 0.1),
    retry("a sign", b"retry: +3000", 0.1),
    retry("negative", b"retry: -3000", 0.1),
    retry("a fraction", b"retry: 3000.5", 0.1),
    retry("two spaces", b"retry:  3000", 0.1),
    retry("a space behind it", b"retry: 3000 ", 0.1),
    retry("hexadecimal", b"retry: 0xbb8", 0.1),
    retry("digits of another script", "retry: ٣٠٠٠".encode(), 0.1),
    retry("without a value", b"retry", 0.1),
    retry("an empty value", b"retry:", 0.1),
    retry("its name in capitals", b"Retry: 3000", 0.1),
    Case("retry acts without a blank line", [stream(b"retry:400\n")], [], [None, None], check=waited(0.4)),
    Case("retry acts alone", [stream(b"retry:400\n\n")], [], [None, None], check=waited(0.4)),
    Case("an unfinished retry does not act", [stream(b"retry:100\nretry:3000")], [], [None, None], check=waited(0.1)),
    Case("retry holds on over connections", [stream(b"retry:400\n"), stream(b"data: b\n\n")], [("message", "b", "")], [None, None, None], check=waited(0.4, 2)),
    Case("a huge retry is waited for", [stream(b"retry: 99999999999999999999999\nid: 1\ndata: a\n\n")], [EVENT], [None], arguments=["--duration", "1.5"], check=told_to_wait(2**31)),

    # --- redirects (Fetch 4.4) ---
    redirected("301", "301 Moved Permanently", "{a}/other", "a /other"),
    redirected("302", FOUND, "{a}/other", "a /other"),
    redirected("303", "303 See Other", "{a}/other", "a /other"),
    redirected("307", "307 Temporary Redirect", "{a}/other", "a /other"),
    redirected("308", "308 Permanent Redirect", "{a}/other", "a /other"),
    redirected("to an absolute path", FOUND, "/other/way?y=2", "a /other/way?y=2"),
    redirected("to a relative path", FOUND, "other", "a /other"),
    redirected("to another query", FOUND, "?y=2", "a /feed?y=2"),
    redirected("without a scheme", FOUND, "//127.0.0.1:{b port}/other", "b /other"),
    redirected("to another origin", FOUND, "{b}/feed", "b /feed"),
    redirected("with a fragment", FOUND, "/other#part", "a /other"),
    redirected("over dots", FOUND, "/one/../two/./three", "a /two/three"),
    redirected("with a character beyond ASCII", FOUND, "/%C3%A9", "a /%C3%A9"),
    Case("five in a row", [redirect(FOUND, f"/{n}") for n in range(5)] + [GOOD], [EVENT], [None] * 6 + [b"1"], check=came("a /feed?x=1", "a /0", "a /1", "a /2", "a /3", "a /4")),
    Case("twenty in a row", [redirect(FOUND, f"/{n}") for n in range(20)] + [GOOD], [EVENT], [None] * 21 + [b"1"]),
    Case("a circle has an end", around_in_circles, [], None, "failed", arguments=["--max-reconnects", "0"], check=bounded),
    Case("to itself, again and again", lambda _n, _r: redirect(FOUND, "/feed?x=1"), [], None, "failed", arguments=["--max-reconnects", "0"], check=bounded),
    Case("on the way back, with the ID", [GOOD, redirect(FOUND, "/other"), GOOD], [EVENT, EVENT], [None, b"1", b"1", b"1"]),
    Case("credentials go along within an origin", [redirect(FOUND, "/other"), GOOD], [EVENT], None, arguments=["-H", SECRET], check=carries("Authorization", b"Bearer s3cret", b"Bearer s3cret")),
    Case("credentials stay behind", [redirect(FOUND, "{b}/other"), GOOD], [EVENT], None, arguments=["-H", SECRET, "-H", "X-Api-Key: k", "-H", "Cookie: c=1"], check=lambda requests, _run: "" if [requests[1].header(name) for name in ("Authorization", "X-Api-Key", "Cookie")] == [None] * 3 else f"they went along: {requests[1].headers}"),
    Case("user and password stay behind", [redirect(FOUND, "{b}/other"), GOOD], [EVENT], None, arguments=["-u", "ada:s3cret"], check=carries("Authorization", b"Basic YWRhOnMzY3JldA==", None)),
    fails("without a location", short(FOUND)),
    fails("status 305", redirect("305 Use Proxy", "/other")),
    fails("status 306", redirect("306 Unused", "/other")),
    Case("to something that is no stream", [redirect(FOUND, "/page"), stream(b"x", kind="text/html")], [], [None, None], "failed"),
    Case("to nothing that is there", [redirect(FOUND, "/gone"), stream(b"x", status="404 Not Found")], [], [None, None], "failed"),
    Case("to a 204", [redirect(FOUND, "/end")], [], [None, None], "closed"),
    Case("to a scheme that cannot be fetched so", [redirect(FOUND, "ftp://127.0.0.1/x")], [], None, "failed", arguments=["--max-reconnects", "0"]),
    Case("to what is no URL", [redirect(FOUND, "http://[::bad/")], [], None, "failed", arguments=["--max-reconnects", "0"]),

    # --- the life of one feed ---
    Case("the connection's end is told before the next begins", [GOOD, GOOD, GOOD], [EVENT] * 3, [None, b"1", b"1", b"1"], check=lambda requests, _run: "" if all(request.others == 0 for request in requests) else "two connections at once"),
    Case("nothing is reconnected where it is not wanted", [GOOD], [EVENT], [None], "closed", arguments=["--max-reconnects", "0"]),
]
