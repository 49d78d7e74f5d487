"""Runs `feedscope tail` and reads what it prints, line by line. Knows no protocol."""

import json
import os
import subprocess
import tempfile
import threading
import time

PROGRAM = os.environ.get("FEEDSCOPE", "feedscope")

# Options for every run: `--engine tokio-tungstenite` shows how another engine takes the same cases.
OPTIONS = os.environ.get("FEEDSCOPE_OPTIONS", "").split()

# Longest that a run may take that is not told otherwise. Only a client that hangs comes near it.
DEADLINE = 30.0


class Tail:
    """A run of `feedscope tail`; ended at the latest when it is left."""

    def __init__(self, *arguments, environment=None, listener=None):
        self._folder = tempfile.TemporaryDirectory()
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy") and name != "SSLKEYLOGFILE"
        }
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [PROGRAM, "tail", *OPTIONS, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Settings of its own: whoever runs this may have some.
            env={**clean, "XDG_CONFIG_HOME": self._folder.name, **(environment or {})},
        )
        # Each with the time at which it was read. A listener gets them instead, where they would be too many.
        self.records = []
        self._listener = listener
        self.complaints = ""
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read_records, daemon=True),
            threading.Thread(target=self._read_complaints, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_records(self):
        for line in self.process.stdout:
            record = json.loads(line)
            if self._listener:
                self._listener(record)
                continue
            with self._changed:
                self.records.append((time.monotonic(), record))
                self._changed.notify_all()

    def _read_complaints(self):
        self.complaints = self.process.stderr.read().decode("utf-8", "replace").strip()

    def of_kind(self, *kinds):
        return [record for _, record in list(self.records) if record["kind"] in kinds]

    def wait_for(self, is_it, deadline=DEADLINE):
        """The first record that `is_it`, or None where none comes in time."""
        until = time.monotonic() + deadline
        seen = 0
        with self._changed:
            while True:
                for _, record in self.records[seen:]:
                    if is_it(record):
                        return record
                seen = len(self.records)
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return None

    def end(self, deadline=DEADLINE):
        """The exit status, or None where it had to be killed."""
        try:
            status = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        for reader in self._readers:
            reader.join(DEADLINE)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        self.process.stdout.close()
        self.process.stderr.close()
        self._folder.cleanup()
