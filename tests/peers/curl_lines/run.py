"""Command lines of curl give the same request with curl itself and with `feedscope tail --curl`.

    FEEDSCOPE=… python3 tests/peers/curl_lines/run.py

A server on loopback notes each request. A shell runs the line, then Feedscope reads it, and both requests must be the same: method,
target, body, and all headers but those that a program sets by itself. Lines in the form of Windows' command prompt are compared
with the same line in a shell's form. Ends with status 1 where something does not hold.
"""

import http.server
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

FEEDSCOPE = os.environ["FEEDSCOPE"]
DEADLINE = 30

# Headers that curl and Feedscope set by themselves, each in its own way.
OF_PROGRAMS = {"host", "accept-encoding", "cache-control", "connection", "content-length", "pragma"}
OF_PROGRAMS_IF = {"user-agent": ("curl/", "feedscope/"), "accept": ("*/*", "text/event-stream", "application/json")}

LINES = [
    "curl URL",
    "curl -sSNL 'URL?a=1&b=2'",
    "curl 'URL' -H 'Accept: text/event-stream' -H 'X-Of: the line'",
    "curl -H'X-A: b' -XPOST URL",
    "curl URL -b 'a=1; b=2' -A me -e http://b.test/",
    "curl URL -u me:pw",
    "curl URL -u 'me:p w:x'",
    "curl URL -d a=1 -d b=2",
    "curl URL --data-raw '@{\"a\":1}'",
    "curl URL --data-raw $'{\"a\":\"it\\'s\"}' -H 'Content-Type: application/json'",
    "curl URL --data-binary $'a\\nb\\u00e9'",
    "curl URL --data-urlencode 'q=a b&c=é' --data-urlencode '=x y'",
    "curl -G 'URL?z=0' -d a=1 --data-urlencode 'b=x y'",
    "curl URL --json '{\"a\":[1,2]}'",
    "curl URL -X PUT --data ''",
    "curl URL --compressed --http1.1 -i -v -L",
    "curl 'URL' \\\n  -H 'accept-language: de,en;q=0.9' \\\n  -H 'cookie: sid=\"q\"; x=$HOME' \\\n  --compressed",
    'curl "URL?x=\\$5" -H "X-Quote: \\"q\\" \\\\ end"',
    "curl URL -H 'X-Empty;'",
    "curl --url URL --request REPORT --header 'X-Tab: a\tb'",
    "curl URL -H 'Authorization: Bearer abc.def' -H 'X-Dollar: ${b} $5'",
]

# (form of the command prompt, form of a shell)
OF_COMMAND_PROMPT = [
    ('curl ^"URL^" ^\r\n  -H ^"X-A: b^" ^\r\n  --data-raw ^"{^\\^"a^\\^":1}^"', "curl 'URL' -H 'X-A: b' --data-raw '{\"a\":1}'"),
    ('curl ^"URL?a=1^&b=^%^41^" ^\n  -H ^"X-A: 100^%^^^"', "curl 'URL?a=1&b=%41' -H 'X-A: 100%^'"),
]


class Handler(http.server.BaseHTTPRequestHandler):
    seen = []

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        headers = sorted(pair for pair in headers if not is_of_program(*pair))
        self.seen.append((self.command, self.path, headers, body))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: x\n\n")

    do_GET = do_POST = do_PUT = do_REPORT = answer

    def log_message(self, *_):
        pass


def is_of_program(name, value):
    return name in OF_PROGRAMS or value.lower().startswith(OF_PROGRAMS_IF.get(name, ("\0",)))


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/feed"
    lines = [(line, line) for line in LINES] + OF_COMMAND_PROMPT
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for line, in_shell in lines:
            line, in_shell = line.replace("URL", url), in_shell.replace("URL", url)
            problem = compare(folder, line, in_shell)
            print(f"{'wrong' if problem else 'ok   '}  {line.splitlines()[0].replace(url, 'URL')[:90]}")
            if problem:
                print("\n".join(f"       {part}" for part in problem))
                wrong += 1
    server.shutdown()
    print(f"curl lines: {len(lines)} lines, {wrong} wrong")
    sys.exit(1 if wrong else 0)


def compare(folder, line, in_shell):
    """Returns the differences as lines of text; none if both requests are the same."""
    expected, _ = request(folder, ["bash", "-c", in_shell])
    got, output = request(folder, [FEEDSCOPE, "tail", "--reconnect", "never", "--curl", line])
    problems = []
    if got != expected:
        problems += [f"curl:      {expected}", f"Feedscope: {got}", output.strip()]
    # The saved connection that the line gives is written as a line of curl again.
    file = Path(folder) / "again.toml"
    made = run(folder, [FEEDSCOPE, "convert", "--keep-secrets", "--force", "--from", "curl", line, str(file)])
    again = run(folder, [FEEDSCOPE, "connections", "--connections", str(file), "--as", "curl"])
    # Without a variable of the environment, nothing replaces `$HOME`.
    repeated, _ = request(folder, ["bash", "-c", again])
    if repeated != expected:
        problems += [f"curl:      {expected}", f"again:     {repeated}", again.strip(), made.strip()]
    return problems


def request(folder, command):
    """Runs a command, and returns the request that it sent and everything that it printed."""
    Handler.seen.clear()
    output = run(folder, command)
    return (Handler.seen[0] if len(Handler.seen) == 1 else Handler.seen[:]), output


def run(folder, command):
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_CONFIG_HOME": folder, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=DEADLINE, check=False,
    )
    return done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    main()
