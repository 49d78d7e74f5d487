"""`${keyring:NAME}` with GNOME's keyring on a D-Bus session of its own, and the reasons why there is no secret.

    FEEDSCOPE=… python3 tests/peers/keyring/run.py

A server on loopback notes the header that it is sent. The secret must reach it, and must not be in the output. Ends with status 1
where something does not hold.
"""

import http.server
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

FEEDSCOPE = os.environ["FEEDSCOPE"]
DEADLINE = 60
SECRET = "s3cret-of-the-keyring"

# A bus that starts no programs by itself, so that only what the test starts provides a keyring.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""

UNLOCKED = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null; "
# The daemon takes its name on the bus some time after its start.
STORE = (
    "for _ in $(seq 200); do"
    " printf %s \"$SECRET\" | secret-tool store --label=test service feedscope username {0} 2>/dev/null && break;"
    " sleep 0.05; done; "
)


# No program asks for the password on this bus, so that the keyring stays locked.
LOCKED = (
    "dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets"
    " org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null; "
)


class Handler(http.server.BaseHTTPRequestHandler):
    seen = []

    def do_GET(self):
        self.seen.append(self.headers.get("Authorization"))
        token = (self.headers.get("Authorization") or "").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: you sent " + token + b"\n\n")

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    failed = 0

    def case(name, before, entry, status, in_output, reaches=False, bus=True):
        nonlocal failed
        Handler.seen.clear()
        got, output = run(url, before, entry, bus)
        problems = []
        if got != status:
            problems.append(f"status {got}, expected {status}")
        if in_output not in output:
            problems.append(f"no `{in_output}` in the output")
        if SECRET in output:
            problems.append("the secret is in the output")
        if Handler.seen != ([f"Bearer {SECRET}"] if reaches else []):
            problems.append(f"the server was sent {Handler.seen}")
        print(f"{'wrong' if problems else 'ok   '}  {name}")
        for problem in problems:
            print(f"       {problem}")
        if problems:
            print(output)
            failed += 1

    desk = UNLOCKED + STORE.format("desk")
    case("the secret is sent and not shown", desk, "desk", 0, "‹keyring:desk›", reaches=True)
    case("an entry that is missing", desk, "other", 2, "no such entry")
    # Entries that differ in a further attribute match the same service and user.
    twice = desk + STORE.format("desk").replace("username", "kind second username")
    case("two entries", twice, "desk", 2, "2 entries")
    case("a locked keyring", desk + LOCKED, "desk", 2, "unlock it in the program for passwords")
    case("no provider", "", "desk", 2, "no program provides a keyring")
    case("no session", "", "desk", 2, "no D-Bus session", bus=False)
    server.shutdown()
    print(f"keyring: {failed} wrong")
    sys.exit(1 if failed else 0)


def run(url, before, entry, bus):
    """Runs `tail` in a session of its own; returns its status and everything that it printed."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "bus.conf").write_text(BUS)
        (home / "run").mkdir(mode=0o700)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "XDG_RUNTIME_DIR": str(home / "run"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "SECRET": SECRET,
            "FEEDSCOPE": FEEDSCOPE,
        }
        script = before + 'exec "$FEEDSCOPE" tail --reconnect never -H "Authorization: Bearer $1" "$2"'
        shell = ["sh", "-c", script, "sh", "${keyring:" + entry + "}", url]
        session = ["dbus-run-session", f"--config-file={home / 'bus.conf'}", "--"] if bus else []
        done = subprocess.run(
            session + shell, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=DEADLINE, check=False,
        )
        return done.returncode, done.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    main()
