#!/usr/bin/env python3
"""Writes what the fuzzer begins with to fuzz/corpus/: the cases and recorded feeds of core's tests, as each target reads them.

Use: seeds.py   (scripts/fuzz does)
What stands before the bytes are the fields of the target's `Input`, in their order. Python 3.11 or later.
"""

import gzip
import hashlib
import json
import re
import tomllib
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "crates" / "feedscope-core" / "tests"
CORPUS = ROOT / "fuzz" / "corpus"

OPCODES = {"continue": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}
# Longer ones keep the fuzzer busy with little that is new.
LONGEST = 4096


def main():
    for target in (decoders, event_stream, web_socket, extensions, filters, json_outline, lenses, typed):
        name = {"filters": "filter"}.get(target.__name__, target.__name__)
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for seed in target():
            (folder / f"seed-{hashlib.sha1(seed).hexdigest()}").write_bytes(seed[:LONGEST])


def decoders():
    """The numbers of two decoders in the list of `Decoder`, and a payload for the first."""
    source = (ROOT / "crates/feedscope-analysis/src/decoders/decoder.rs").read_text()
    listed = source.split("WITHOUT_SCHEMA", 1)[1].split("= [", 1)[1].split("]", 1)[0]
    numbers = {name: number for number, name in enumerate(re.findall(r"Self::(\w+)", listed))}
    # The target reads the number after the last one as Protocol Buffers with a schema.
    numbers["ProtobufWithSchema"] = len(numbers)
    # {"a": 2^53 + 1, "b": [1, "x", bytes]} and a time, in MessagePack and CBOR.
    packed = bytes.fromhex("82a161cf0020000000000001a1629301a178c40101")
    for name, payload in (
        ("Base64", b"gaFhzwAgAAAAAAAB"), ("Hex", b"0x81a161cf"), ("Gzip", gzip.compress(packed)), ("Zlib", zlib.compress(packed)),
        ("MessagePack", packed), ("MessagePack", bytes.fromhex("d7ff773594005a497a00")),
        ("Cbor", bytes.fromhex("bf6161019fff02c249010000000000000000ff")),
        ("Protobuf", bytes.fromhex("0801120008021a0161")),
        ("ProtobufWithSchema", bytes.fromhex("0801120201021a060a016112020801")),
    ):
        yield bytes([numbers[name], numbers["MessagePack"]]) + payload


def event_stream():
    settings = b"\xff\xff" + bytes(2) + bytes([3, 0, 17, 0, 60, 0, 200, 0])
    for case in cases("event_stream"):
        for connection in case.get("connection", [case]):
            yield settings + text_or_hex(connection)
    for file in feeds("*.sse"):
        yield settings + file.read_bytes()


def lenses():
    """Messages after a byte with direction and type, with U+0001 between them."""
    for file in feeds("*.ws.jsonl"):
        messages = map(json.loads, file.read_text().splitlines()[:8])
        marks = {"in": b"\x04", "out": b"\x05"}
        yield b"\x01".join(marks[message["direction"]] + message["data"].encode() for message in messages)
    for file in feeds("*.sse"):
        lines = [line[6:] for line in file.read_bytes().splitlines() if line.startswith(b"data: ")]
        yield b"\x01".join(b"\x00" + line for line in lines[:8])


def web_socket():
    for case in cases("web_socket"):
        deflate = case.get("deflate")
        settings = bytes([case.get("server", False), deflate is not None])
        if deflate is not None:
            settings += bytes(["server_no" in deflate, "client_no" in deflate, 7, 7])
        limit = min(case.get("limit", 0xFFFF), 0xFFFF)
        settings += limit.to_bytes(2, "little") + bytes([1, 0, 2, 0, 7, 0, 20, 0])
        # The last of the kinds of `Wire`.
        yield settings + b"\xff\xff\xff\xff" + wire(case)


def wire(case):
    if "wire" in case:
        return bytes.fromhex("".join(case["wire"]))
    out = b""
    for frame in case.get("frames", []):
        payload = frame.get("data", "").encode() or bytes.fromhex(frame.get("hex", ""))
        payload *= frame.get("times", 1)
        opcode = OPCODES.get(frame["op"], frame["op"])
        first = opcode | (not frame.get("more", False)) << 7 | sum(0x80 >> bit for bit in frame.get("reserved", []))
        mask = bytes.fromhex(frame.get("mask", ""))
        length = len(payload)
        masked = bool(mask) << 7
        head = [first, masked | length] if length < 126 else [first, masked | 126, length >> 8 & 255, length & 255]
        if mask:
            payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        out += bytes(head) + mask + payload
    return out


def extensions():
    for case in cases("web_socket"):
        yield b"\0\0\0\1" + case.get("deflate", "").encode()
    bits = 'permessage-deflate; server_max_window_bits=10; client_max_window_bits="12"'
    yield b"\0\0\x0c\x0f" + bits.encode()
    yield b"\1\1\0\0permessage-deflate;server_no_context_takeover , x; y=z"


def filters():
    for case in cases("filter"):
        yield case["typed"].encode()


def json_outline():
    for file in feeds("*.ws.jsonl"):
        before = None
        for line in file.read_bytes().splitlines()[:20]:
            yield line
            if before is not None:
                yield before + b"\1" + line
            before = line
            # Within a recorded line stands the message itself.
            for value in json.loads(line).values():
                if isinstance(value, str) and value[:1] in "{[":
                    yield value.encode()


def typed():
    urls = ["https://u:secret@example.com:8443/a?token=x&b=1#c", "localhost:8080/events", "wss://[::1]/chat", "ftp://x"]
    for text in [*urls, "64 MiB", "1.5k", "50 %", "-1h30m", "05:49:10", "2026-11-21T05:49:10+01:00", "120,000"]:
        yield text.encode()


def cases(topic):
    for file in sorted((TESTS / "cases" / topic).glob("*.toml")):
        yield from tomllib.loads(file.read_text()).get("case", [])


def feeds(pattern):
    return sorted((TESTS / "feeds").glob(pattern))


def text_or_hex(case):
    return "".join(case.get("chunks", [])).encode() or bytes.fromhex("".join(case.get("hex", [])))


if __name__ == "__main__":
    main()
