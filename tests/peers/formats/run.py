"""Files of `feedscope convert` in the hands of the programs that they are for.

    FEEDSCOPE=… FEEDSCOPE_DEMO=… FEEDSCOPE_NODE=… python tests/peers/formats/run.py

Records the demo server, converts the recording into every format, and compares what DuckDB, Polars, the MCAP library, har-validator,
the importer of Chromium's developer tools, csv and json of Python find in the files with the lines of `tail`. Playwright records
Chromium as a HAR, which `tail` shows with the right times. A URL and headers with secrets are recorded: no file contains one.
Prints the figures; ends with status 1 where something does not hold, and with 77 where Chromium is missing.
"""

import base64
import csv
import gzip
import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import duckdb
import polars
from mcap.reader import make_reader

FEEDSCOPE = os.environ["FEEDSCOPE"]
DEMO = os.environ["FEEDSCOPE_DEMO"]
NODE = Path(os.environ["FEEDSCOPE_NODE"])
DEADLINE = 120
SECRET = "s3cretvalue"
# The recorder writes at least once in a second. A busy machine may hold it up a little.
MOST_MISSING = 1.5


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        record_demo("-O", folder / "demo.feedscope")
        check_parts(folder / "parts")
        check_kills(folder / "killed")
        (folder / "odd.ndjson").write_text(ODD)
        for name in ["demo.feedscope", "odd.ndjson"]:
            check_file(folder, folder / name)
        check_served(folder, folder / "demo.feedscope")
        check_secrets(folder)
        check_browser(folder)
    print("formats: nothing wrong")


# Texts and bytes that formats treat specially, and a clock that goes back.
ODD = "\n".join(
    json.dumps(record)
    for record in [
        {"kind": "feed", "feed": "o/d d", "url": "https://a.test/x", "protocol": "event-stream", "engine": "native"},
        *(
            {"at": f"2026-11-21T05:49:{second:02}.000001Z", "connection": 1, "feed": "o/d d", **fields}
            for second, fields in [
                (1, {"kind": "state", "state": "open", "status": 200}),
                (2, {"kind": "event", "event": "a/b", "id": "7", "data": '{"price":1.5,"n":"x"}'}),
                (3, {"kind": "event", "event": "message", "id": "", "data": "=1+1,\"q\"\r\nnext"}),
                (2, {"kind": "event", "event": "message", "id": "", "data": "17"}),
                (4, {"kind": "comment", "data": "\u00e9 \U0001f600"}),
                (5, {"kind": "gap", "missing": 2, "from": "1", "to": "4"}),
                (6, {"kind": "note", "code": "let_go", "text": "t"}),
            ]
        ),
        {"kind": "feed", "feed": "chat", "url": "wss://a.test/c", "protocol": "web-socket", "engine": "native"},
        *(
            {"at": f"2026-11-22T05:49:{second:02}.000001Z", "connection": 2, "feed": "chat", **fields}
            for second, fields in [
                (1, {"kind": "text", "direction": "in", "data": "hi", "frames": 2}),
                (2, {"kind": "binary", "direction": "out", "data_base64": "AP8="}),
                (3, {"kind": "text", "direction": "out", "data": "lost", "failed": "stopped"}),
                (4, {"kind": "pong", "direction": "in", "data_base64": "MQ==", "rtt_ms": 1.25}),
                (5, {"kind": "close", "direction": "in", "code": 4001, "reason": "bye"}),
            ]
        ),
    ]
) + "\n"


def record_demo(*options):
    """Records two feeds of the demo server. Returns the number of records of each feed, as the measures count them."""
    demo = subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True)
    try:
        urls = []
        while not urls or "/control" not in urls[-1]:
            urls.append(demo.stdout.readline().strip())
        feeds = [url for url in urls if url.endswith(("/events", "/ticker"))]
        measures = feedscope("record", *feeds, *options, "--duration", "3", "-o", "json")
        return {line["feed"]: line["records"] for line in map(json.loads, measures.splitlines()) if "feed" in line}
    finally:
        demo.kill()
        demo.wait()


def check_parts(folder):
    """Records into a folder of Parquet files, with another file of each feed every second, and counts with DuckDB."""
    recorded = record_demo("--parquet", folder, "--roll", "1s", "--columns", "symbol=.symbol")
    table = f"read_parquet('{folder}/**/*.parquet', hive_partitioning=true, filename=true)"
    kinds = "kind in ('event', 'text', 'binary', 'line')"
    found = duckdb.sql(f"select feed, count(*), count(distinct filename) from {table} where {kinds} group by feed").fetchall()
    check({feed: count for feed, count, _ in found} == recorded, f"{found} is in the parts, {recorded} were recorded")
    check(all(files > 1 for *_, files in found), f"the recording was not divided: {found}")
    values = duckdb.sql(f"select count(*) from {table} where {kinds} and symbol is null").fetchall()
    check(values == [(0,)], f"{values} records have no value in the column of the field")
    left = [file.name for file in folder.parent.glob("parts*.feedscope")]
    check(not left, f"{left} is left")


def check_kills(folder):
    """Kills recordings into a folder of Parquet files at random moments. Each record must be there once, and at most the last
    second of each run may be missing."""
    demo = subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True)
    runs = []
    try:
        urls = []
        while not urls or "/control" not in urls[-1]:
            urls.append(demo.stdout.readline().strip())
        flood = next(url for url in urls if url.endswith("/flood") and url.startswith("http"))
        # The last run is not killed: it converts what the run before it left.
        for life in [random.uniform(0.8, 3.5) for _ in range(8)] + [None]:
            command = [FEEDSCOPE, "record", flood + "?n=100000000&rate=5000", "--parquet", folder, "--roll", "1s"]
            began = time.time()
            if life is None:
                subprocess.run([*command, "--duration", "1"], check=True, stderr=subprocess.DEVNULL)
            else:
                process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
                time.sleep(life)
                process.kill()
                process.wait()
            runs.append((began, time.time(), life))
    finally:
        demo.kill()
        demo.wait()
    left = [file.name for file in folder.parent.iterdir() if "killed" in file.name and file != folder]
    check(not left, f"{left} is left")
    table = f"read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
    worst = 0.0
    for began, ended, life in runs:
        within = f"epoch(time) between {began} and {ended} and kind = 'event'"
        query = f"select count(*), count(distinct id), min(id::int), max(id::int), max(epoch(time)) from {table} where {within}"
        rows, ids, first, last, newest = duckdb.sql(query).fetchall()[0]
        # A run that is killed while it begins has no record.
        if rows == 0:
            check(life is not None and life < MOST_MISSING, f"a run of {life} s has no record")
            continue
        check(rows == ids, f"{rows - ids} records are there twice")
        check(ids == last - first + 1 and first == 1, f"{ids} records from {first} to {last}")
        if life is not None:
            worst = max(worst, ended - newest)
    check(worst <= MOST_MISSING, f"{worst:.2f} s are missing")
    print(f"formats: {len(runs) - 1} kills of recordings into Parquet files, at most {worst:.2f} s missing")


def check_file(folder, source):
    lines = [json.loads(line) for line in feedscope("convert", source, "-").splitlines()]
    records = [line for line in lines if line["kind"] != "feed"]
    names = [line["feed"] for line in lines if line["kind"] == "feed"]
    check(len(records) > 10, f"{source.name} has {len(records)} records")

    def converted(ending, *options):
        out = folder / f"out{ending}"
        feedscope("convert", source, f"{out}/" if ending == "" else out, "--force", *options)
        return out

    parquet = converted(".parquet", "--columns", "price=.price")
    check_rows(duckdb.read_parquet(str(parquet)), records, "DuckDB", parquet=True)
    check_polars(polars.read_parquet(parquet), records)
    check_folder(converted(""), records, names)
    shutil.rmtree(folder / "out")
    table = converted(".csv", "--no-guard")
    check_csv(table, records)
    check_mcap(converted(".mcap"), records)
    har = converted(".har")
    check_har(har)
    again = [json.loads(line) for line in feedscope("convert", har, "-").splitlines()]
    by_feed = lambda lines: sorted(lines, key=lambda line: line["feed"])
    check(by_feed(again) == by_feed(lines), f"the archive of {source.name} has other lines")
    for ending in [".feedscope", ".feedscope.zst", ".ndjson.gz"]:
        again = [json.loads(line) for line in feedscope("convert", converted(ending), "-").splitlines()]
        check(by_feed(again) == by_feed(lines), f"{ending} of {source.name} has other lines")
    print(f"formats: {source.name}, {len(records)} records in every format")


def micros(text):
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def payload(record):
    """The text and the bytes of a record, one of which is empty."""
    if "data_base64" in record:
        return None, base64.b64decode(record["data_base64"])
    return record.get("data"), None


def expected_row(record):
    text, raw = payload(record)
    code = record.get("code")
    return (
        micros(record["at"]),
        record["feed"],
        record["connection"],
        record["kind"],
        record.get("direction"),
        text,
        raw,
        record.get("status"),
        None if code is None else str(code),
        record.get("missing"),
        record.get("rtt_ms"),
    )


def check_rows(relation, records, who, parquet):
    found = duckdb.sql(
        "select epoch_us(time), feed, connection, kind, direction, data, data_bytes, status, code, missing, rtt_ms from relation"
    ).fetchall()
    expected = [expected_row(record) for record in records]
    check(sorted(map(repr, found)) == sorted(map(repr, expected)), f"{who} finds other rows: {first_difference(found, expected)}")


def first_difference(found, expected):
    found, expected = sorted(map(repr, found)), sorted(map(repr, expected))
    return next(((a, b) for a, b in zip(found, expected) if a != b), (len(found), len(expected)))


def check_polars(frame, records):
    check(str(frame.schema["time"]) == "Datetime(time_unit='us', time_zone='UTC')", f"Polars: {frame.schema['time']}")
    check(frame.height == len(records), f"Polars finds {frame.height} rows of {len(records)}")
    data = sorted(value for value in frame["data"].to_list() if value is not None)
    expected = sorted(text for text, _ in map(payload, records) if text is not None)
    check(data == expected, "Polars finds other data")
    prices = [json.loads(text)["price"] for text in expected if text.startswith("{") and "price" in json.loads(text)]
    if prices and all(isinstance(price, (int, float)) for price in prices):
        check(str(frame.schema["price"]) == "Float64", f"prices are {frame.schema['price']}")
        check(sorted(frame["price"].drop_nulls().to_list()) == sorted(map(float, prices)), "Polars finds other prices")


def check_folder(folder, records, names):
    pattern = str(folder / "**" / "*.parquet")
    rows = duckdb.sql(f"select feed, date, count(*) from read_parquet('{pattern}', hive_partitioning=true) group by all").fetchall()
    counts = {(feed, str(day)): count for feed, day, count in rows}
    expected = {}
    for record in records:
        key = (record["feed"], record["at"][:10])
        expected[key] = expected.get(key, 0) + 1
    check(counts == expected, f"DuckDB finds other partitions: {counts} instead of {expected}")
    frame = polars.scan_parquet(str(folder), hive_partitioning=True).collect()
    check(set(frame["feed"].unique().to_list()) == {record["feed"] for record in records}, "Polars finds other feeds")
    check(set(frame["feed"].unique().to_list()) <= set(names), "a feed has no description")


def check_csv(table, records):
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    check(len(rows) == len(records), f"csv of Python finds {len(rows)} rows of {len(records)}")
    for row, record in zip(rows, records):
        text, raw = payload(record)
        check(row["data"] == (text or ""), f"csv: {row['data']!r} instead of {text!r}")
        check(base64.b64decode(row["data_base64"]) == (raw or b""), f"csv: {row}")
    found = duckdb.sql(f"select count(*), count(data) from read_csv('{table}', header=true, all_varchar=true)").fetchall()[0]
    check(found[0] == len(records), f"DuckDB finds {found} in the table")
    check(polars.read_csv(table, infer_schema=False).height == len(records), "Polars finds another number of rows in the table")


def check_mcap(path, records):
    with open(path, "rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        messages = list(reader.iter_messages())
    check(summary.statistics.message_count == len(records), f"{summary.statistics.message_count} messages")
    check(len(messages) == len(records) and summary.chunk_indexes, f"{len(messages)} messages of {len(records)}")
    times = [message.log_time for _, _, message in messages]
    check(times == sorted(times), "the messages are not in the order of their times")
    found = {}
    for schema, channel, message in messages:
        check(schema.encoding == "jsonschema" and channel.message_encoding == "json", f"{channel.topic}: {schema.encoding}")
        value = json.loads(message.data)
        check(isinstance(value, dict), f"{channel.topic}: no object")
        known = json.loads(schema.data)["properties"]
        check(set(value) <= set(known), f"{channel.topic}: {value} is not described by {known}")
        found.setdefault(channel.topic, []).append((message.log_time, value))
    for record in records:
        text, raw = payload(record)
        if record["kind"] not in ("event", "text", "binary") or "failed" in record:
            continue
        name = record.get("event", record["kind"])
        sent = "/sent" if record.get("direction") == "out" else ""
        topic = f"/{record['feed'].replace('/', '_')}/{name}{sent}"
        if raw is not None:
            value = {"base64": base64.b64encode(raw).decode()}
        else:
            try:
                value = json.loads(text)
                value = value if isinstance(value, dict) else {"value": value}
            except ValueError:
                value = {"text": text}
        check((micros(record["at"]) * 1000, value) in found.get(topic, []), f"{topic} has no {value}")


def check_har(path):
    har = json.loads(path.read_text())
    found = json.loads(node("har.mjs", path))
    check(found["valid"] is True, f"har-validator: {found['valid']}")
    entries = sorted(har["log"]["entries"], key=lambda entry: datetime.fromisoformat(entry["startedDateTime"].replace("Z", "+00:00")))
    check(len(found["requests"]) == len(entries), f"Chromium imports {len(found['requests'])} of {len(entries)} entries")
    for request, entry in zip(found["requests"], entries):
        frames = [[message["type"], message["time"], message["opcode"], message["data"]] for message in entry.get("_webSocketMessages", [])]
        check(request["frames"] == frames, f"Chromium imports other frames: {request['frames'][:2]} instead of {frames[:2]}")
        events = [
            [message["time"], message["eventName"], message["eventId"], message["data"]]
            for message in entry.get("_eventSourceMessages", [])
        ]
        check(request["events"] == events, f"Chromium imports other events: {request['events'][:2]} instead of {events[:2]}")


def check_served(folder, source):
    """Other people's clients get what was recorded, in the same order and at the same pace."""
    records = [json.loads(line) for line in feedscope("tail", source).splitlines()]
    events = [record for record in records if record["kind"] == "event"]
    texts = [record for record in records if record["kind"] in ("text", "binary") and record["direction"] == "in"]
    server = subprocess.Popen([FEEDSCOPE, "serve", source], stdout=subprocess.PIPE, text=True)
    try:
        urls = [server.stdout.readline().strip() for _ in range(2)]
        http_url = next(url for url in urls if url.startswith("http"))
        socket_url = next(url for url in urls if url.startswith("ws"))
        types = sorted({event["event"] for event in events})
        found = json.loads(node("serve.mjs", http_url, socket_url, 5, *types))
    finally:
        server.kill()
        server.wait()
    check(
        [event[1:] for event in found["events"]] == [[event["event"], event["id"], event["data"]] for event in events],
        f"eventsource gets {len(found['events'])} other events than the {len(events)} recorded ones",
    )
    data = [record.get("data", record.get("data_base64")) for record in texts]
    check([message[1] for message in found["messages"]] == data, "ws gets other messages")
    check(found["close"] is not None, "the socket was not closed")
    for who, played, recorded in [("eventsource", found["events"], events), ("ws", found["messages"], texts)]:
        took = played[-1][0] - played[0][0]
        expected = (micros(recorded[-1]["at"]) - micros(recorded[0]["at"])) / 1e6
        check(abs(took - expected) <= expected * 0.1, f"{who} gets in {took:.3f} s what took {expected:.3f} s")
        print(f"formats: {who} gets {len(played)} records of `serve` in {took:.3f} s, recorded in {expected:.3f} s")


def check_secrets(folder):
    """Records a feed whose URL, headers, cookies and body contain secrets, and converts it."""

    class Stream(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Set-Cookie", f"session={SECRET}")
            self.end_headers()
            self.wfile.write(b"data: {\"a\":1}\n\n")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Stream)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://user:{SECRET}@127.0.0.1:{server.server_port}/x?token={SECRET}&a=1"
    source = folder / "secret.feedscope"
    feedscope(
        "record", url, "-O", source, "--reconnect", "never", "-H", f"Authorization: Bearer {SECRET}", "-H", f"Cookie: a={SECRET}",
        "-X", "POST", "-d", SECRET,
    )
    server.shutdown()
    files = [source]
    for ending in [".ndjson", ".csv", ".har", ".mcap", ".parquet", ".sse", ".ndjson.gz", ".har.gz", ".ndjson.zst", ".csv.zst", ".feedscope.zst"]:
        files.append(folder / f"secret{ending}")
        feedscope("convert", source, files[-1])
    forms = [SECRET.encode()]
    # The secret inside base64, at each of its three places.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + SECRET.encode())
        forms.append(encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4])
    for path in files:
        contents = [path.read_bytes()]
        if path.suffix == ".gz":
            contents.append(gzip.decompress(contents[0]))
        if path.name.endswith((".ndjson.zst", ".csv.zst")):
            # DuckDB decompresses them, and shows every line as one column.
            query = f"select * from read_csv('{path}', compression='zstd', header=false, sep='\\x01', quote='', escape='')"
            contents.append(repr(duckdb.sql(query).fetchall()).encode())
        if path.name.endswith(".feedscope.zst"):
            plain = folder / "plain.feedscope"
            feedscope("convert", path, plain)
            contents.append(plain.read_bytes())
        if path.suffix == ".mcap":
            with open(path, "rb") as file:
                reader = make_reader(file)
                contents += [message.data for _, _, message in reader.iter_messages()]
                contents += [repr(list(reader.iter_metadata())).encode(), repr(reader.get_summary()).encode()]
        if path.suffix == ".parquet":
            contents.append(repr(duckdb.read_parquet(str(path)).fetchall()).encode())
            contents.append(repr(duckdb.sql(f"select * from parquet_kv_metadata('{path}')").fetchall()).encode())
        for form in forms:
            check(all(form not in content for content in contents), f"{path.name} contains {form}")
    check("***" in (folder / "secret.ndjson").read_text(), "the URL is not there at all")
    print(f"formats: no secret in {len(files)} files")


def check_browser(folder):
    """Has Playwright record Chromium with a socket and an event stream, and shows the archive."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("formats: Chromium is missing, so that no archive of Playwright is read: apt-get install chromium")
        return
    demo = subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True)
    try:
        urls = []
        while not urls or "/control" not in urls[-1]:
            urls.append(demo.stdout.readline().strip())
        events = next(url for url in urls if url.endswith("/events"))
        socket = next(url for url in urls if url.endswith("/ticker"))
        out = folder / "browser.har"
        began = datetime.now(timezone.utc).timestamp()
        node("browser.mjs", chromium, events, socket, out)
        ended = datetime.now(timezone.utc).timestamp()
    finally:
        demo.kill()
        demo.wait()
    records = [json.loads(line) for line in feedscope("tail", out).splitlines()]
    kinds = {record["kind"] for record in records}
    check("text" in kinds, f"no messages of the socket: {kinds}")
    for record in records:
        at = micros(record["at"]) / 1e6
        check(began - 1 <= at <= ended + 1, f"{record} is not of this run")
    texts = [record for record in records if record["kind"] == "text"]
    check(len({record["at"] for record in texts}) > 1, "all messages have the same time")
    check([record["at"] for record in texts] == sorted(record["at"] for record in texts), "the times go back")
    print(f"formats: {len(records)} records of Chromium by Playwright: {', '.join(sorted(kinds))}")


def feedscope(*arguments):
    command = [FEEDSCOPE, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    check(ended.returncode == 0, f"{' '.join(command)} ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


def node(script, *arguments):
    command = ["node", NODE / script, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, cwd=NODE)
    check(ended.returncode == 0, f"{script} ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return ended.stdout


def check(holds, problem):
    if not holds:
        print(f"formats: {problem}")
        sys.exit(1)


main()
