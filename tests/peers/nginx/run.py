"""The same feeds read directly and through nginx: TLS with a throw-away authority, HTTP/1.1 and HTTP/2, both protocols.

    FEEDSCOPE=… FEEDSCOPE_DEMO=… python3 tests/peers/nginx/run.py

Ends with status 1 where what arrives through nginx is not what arrives without it.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "event_streams")]

import decoding  # noqa: E402
from program import DEADLINE, Tail  # noqa: E402
from server import Server, stream  # noqa: E402

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")

# What differs from run to run.
PASSING = ("at", "seconds")


def shell(*command, cwd):
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)


def make_certificates(work):
    """An authority that nobody knows, and a certificate for this machine that it signed."""
    (work / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    shell("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=throw-away", "-keyout", "ca.key", "-out", "ca.pem", cwd=work)
    shell("openssl", "req", "-new", *key, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr", cwd=work)
    shell("openssl", "x509", "-req", "-days", "2", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names", "-out", "server.pem", cwd=work)


class Demo:
    """The demo server as a program."""

    def __init__(self):
        program = os.environ.get("FEEDSCOPE_DEMO", "demo-server")
        self.process = subprocess.Popen([program, "--tick-ms", "20"], stdout=subprocess.PIPE, text=True)
        self.urls = []
        while not self.urls or "/control?token=" not in self.urls[-1]:
            self.urls.append(self.process.stdout.readline().strip())
            assert self.urls[-1], "the demo server ended"
        self.http = self.urls[0].rstrip("/")
        self.ws = next(url for url in self.urls if url.startswith("ws:")).rsplit("/", 1)[0]

    def order(self, words):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(f"{self.urls[-1]}&{words}", data=b"", timeout=DEADLINE).read()

    def close(self):
        self.process.kill()
        self.process.wait()


def free_ports(count):
    """Ports that were free a moment ago: nginx takes none that it could choose itself."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Nginx:
    def __init__(self, work, upstreams):
        self.work = work
        for _ in range(5):
            http1, http2 = free_ports(2)
            values = {"WORK": str(work), "HTTP1": str(http1), "HTTP2": str(http2), **upstreams}
            for name in ("nginx.conf", "locations"):
                text = (HERE / name).read_text()
                (work / name).write_text(re.sub(r"@(\w+)@", lambda found: values[found[1]], text))
            self.process = subprocess.Popen(
                [NGINX, "-p", str(work), "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")],
                stderr=subprocess.PIPE,
                text=True,
            )
            self.ports = {"HTTP/1.1": http1, "HTTP/2.0": http2}
            if all(self.listens(port) for port in self.ports.values()):
                return
            self.close()
        sys.exit(f"nginx did not start: {(work / 'error.log').read_text()}")

    def listens(self, port):
        until = time.monotonic() + DEADLINE
        while self.process.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return True
            except OSError:
                time.sleep(0.01)
        return False

    def spoken(self, path):
        """The protocols in which this path was asked for, as nginx saw them."""
        lines = [line.split(" ", 2) for line in (self.work / "access.log").read_text().splitlines()]
        return {version for version, _, uri in lines if uri.startswith(path)}

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()


class Comparison:
    def __init__(self, work, demo, body, nginx):
        self.work, self.demo, self.body, self.nginx = work, demo, body, nginx
        self.checks = 0
        self.wrong = []

    def check(self, holds, what):
        self.checks += 1
        if not holds:
            self.wrong.append(what)

    def through(self, version, path, scheme="https"):
        return f"{scheme}://localhost:{self.nginx.ports[version]}{path}"

    def tail(self, url, *arguments):
        trust = ["--cacert", str(self.work / "ca.pem")] if url.startswith(("https", "wss")) else []
        return Tail(url, *trust, *arguments)

    def read(self, url, *arguments):
        """What arrives, without what belongs to the way and the time."""
        with self.tail(url, *arguments) as run:
            status = run.end()
            records = [record for _, record in run.records if record["kind"] != "state"]
            told = [{name: value for name, value in record.items() if name not in PASSING} for record in records]
            return status, told, run.complaints

    def same(self, what, direct, path, *arguments, scheme="https"):
        expected = self.read(direct, *arguments)
        self.check(len(expected[1]) > 0, f"{what}: nothing arrives directly: {expected[2]}")
        for version in self.nginx.ports:
            got = self.read(self.through(version, path, scheme), *arguments)
            self.check(got == expected, f"{what} over {version}: {str(got)[:400]}, not {str(expected)[:400]}")

    def ticks(self, run):
        return {int(record["id"]): record["data"] for record in run.of_kind("event")}

    def run(self):
        once = ["--reconnect", "never"]
        flood = "flood?n=3000&size=300"
        self.same("a flood of events", f"{self.demo.http}/{flood}", f"/streams/{flood}", *once)
        self.same("a flood of messages", f"{self.demo.ws}/{flood}", f"/sockets/{flood}", *once, scheme="wss")
        for path in ("/body", "/buffered", "/packed"):
            self.same(f"every kind of line at {path}", f"{self.body.url['a']}{path}", path, *once)
        self.echo()
        self.live()
        self.dropped()
        self.bad_gateway()
        self.certificates()
        self.spoken()

    def echo(self):
        sent = ["hello", "grüße 🦀", "x" * 70_000]
        options = [option for text in sent for option in ("--send", text)]
        for version in self.nginx.ports:
            with self.tail(self.through(version, "/sockets/echo", "wss"), *options) as run:
                run.wait_for(lambda record: record.get("direction") == "in" and record.get("data") == sent[-1])
                texts = run.of_kind("text")
                back = [record["data"] for record in texts if record["direction"] == "in"]
                self.check(back == sent, f"an echo over {version}: {str(back)[:200]}")

    def live(self):
        """The ticker at the same time in three ways: where ids are the same, all is the same."""
        urls = [f"{self.demo.http}/events", *(self.through(version, "/streams/events") for version in self.nginx.ports)]
        runs = [self.tail(url) for url in urls]
        try:
            for run in runs:
                self.check(run.wait_for(lambda record: record["kind"] == "event"), "a tick arrives")
            newest = max(max(self.ticks(run)) for run in runs) + 50
            for run in runs:
                run.wait_for(lambda record: record.get("id") == str(newest))
            direct, *others = [self.ticks(run) for run in runs]
            for version, ticks in zip(self.nginx.ports, others):
                common = sorted(direct.keys() & ticks.keys())
                self.check(len(common) >= 50, f"{len(common)} ticks in common over {version}")
                self.check(common == list(range(common[0], common[-1] + 1)), f"a gap over {version}")
                self.check(all(direct[tick] == ticks[tick] for tick in common), f"other ticks over {version}")
        finally:
            for run in runs:
                run.__exit__()

    def dropped(self):
        """Cut off behind nginx, the feed goes on where it was."""
        for version in self.nginx.ports:
            with self.tail(self.through(version, "/streams/events")) as run:
                run.wait_for(lambda record: record["kind"] == "event")
                self.demo.order("do=drop")
                run.wait_for(lambda record: record.get("state") == "reconnecting")
                first = run.wait_for(lambda record: record["kind"] == "event" and record["connection"] == 2)
                self.check(first, f"it comes back over {version}: {run.complaints}")
                ids = sorted(self.ticks(run))
                self.check(ids == list(range(ids[0], ids[-1] + 1)), f"a gap after a drop over {version}")

    def bad_gateway(self):
        """While nothing listens behind nginx, it answers 502: passing for a persistent feed, final for a browser."""
        self.demo.order("do=refuse&seconds=2")
        status, _, said = self.read(self.through("HTTP/2.0", "/streams/events"), "--reconnect", "browser")
        self.check(status == 1 and "502" in said, f"502: status {status}, {said}")
        with self.tail(self.through("HTTP/1.1", "/streams/events")) as run:
            refused = run.wait_for(lambda record: record.get("state") == "reconnecting")
            self.check(refused and "502" in refused["reason"], f"a reason: {refused}")
            self.check(run.wait_for(lambda record: record["kind"] == "event"), "it is let in again")

    def certificates(self):
        """An authority that nobody knows, then a name that the certificate is not for."""
        trust = ["--cacert", str(self.work / "ca.pem")]
        for scheme, path in (("https", "/body"), ("wss", "/sockets/echo")):
            url = self.through("HTTP/1.1", path, scheme)
            other = url.replace("localhost", "other.test")
            resolve = ["--resolve", f"other.test:{self.nginx.ports['HTTP/1.1']}:127.0.0.1"]
            for asked, arguments in ((url, []), (other, [*trust, *resolve])):
                with Tail(asked, *arguments) as run:
                    self.check(run.end() == 1, f"{asked} does not fail")
                    self.check("certificate" in run.complaints, f"{asked}: {run.complaints}")
        for scheme, path in (("https", "/body"), ("wss", "/sockets/flood?n=5")):
            with Tail(self.through("HTTP/1.1", path, scheme), "--insecure", "--reconnect", "never") as run:
                self.check(run.end() == 0, f"--insecure with {scheme}: {run.complaints}")

    def spoken(self):
        """That the streams came over both versions, and a WebSocket over the one that it can."""
        self.check(self.nginx.spoken("/streams/flood") == {"HTTP/1.1", "HTTP/2.0"}, "event streams over both versions")
        self.check(self.nginx.spoken("/sockets/") == {"HTTP/1.1"}, "WebSockets over HTTP/1.1")


def everything():
    """A body with every kind of line there is: comments, types, ids, retries, characters and what is none."""
    bodies = [case[1] for case in decoding.CASES if not isinstance(case[1], tuple)]
    return b"retry: 1234\n\n" + b"\n\n".join(bodies) + b"\n\n"


def main():
    if NGINX is None:
        sys.exit("nginx is missing")
    body = Server(lambda _number, _request: stream(everything()))
    demo = Demo()
    with tempfile.TemporaryDirectory() as folder:
        # nginx's workers are somebody else, where it is started by root.
        os.chmod(folder, 0o755)
        work = Path(folder)
        make_certificates(work)
        nginx = Nginx(work, {"DEMO_HTTP": demo.http, "DEMO_WS": demo.ws.replace("ws:", "http:"), "BODY": body.url["a"]})
        try:
            comparison = Comparison(work, demo, body, nginx)
            comparison.run()
        finally:
            nginx.close()
            demo.close()
            body.close()
    for what in comparison.wrong:
        print(f"WRONG {what}")
    print(f"through nginx: {comparison.checks} checks, {len(comparison.wrong)} wrong")
    return 1 if comparison.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
