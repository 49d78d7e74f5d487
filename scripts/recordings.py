"""Writes large recordings as `docs/format.md` describes them, for the figures of scripts/bench. Does not read any."""

import json
import struct
import zlib
from array import array
from collections import namedtuple

HEADER_LEN = 192
ROWS_A_CHUNK = 1 << 15
START_MICROS = 1_795_240_154_000_000

Block = namedtuple("Block", "at header")


class Recording:
    """File that is being written. `index` says if it is ended cleanly."""

    def __init__(self, path, index):
        self.file = open(path, "wb")
        self.index = index
        self.at = 0
        self.blocks = []
        feed = {"feed": 1, "name": "bench", "protocol": "web-socket", "started": "2026-11-21T05:49:14.000000Z", "first_row": 0}
        text = json.dumps(feed).encode()
        self.add_block(bytes(HEADER_LEN), small_block(b"FEEDFILE", text + b" " * (-len(text) % 8)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.index:
            entries = b"".join(struct.pack("<Q", block.at) + block.header for block in self.blocks)
            start = self.at
            self.file.write(small_block(b"FEEDINDX", entries))
            self.file.write(small_header(b"FEEDLAST", start, b""))
        # The end of a hole is part of the file, too.
        self.file.truncate(max(self.file.tell(), self.at))
        self.file.close()

    def add_block(self, header, block):
        self.blocks.append(Block(self.at, header))
        self.file.write(block)
        self.at += len(block)

    def add_rows(self, first, count, interval, payload, is_tail=False):
        """Adds a block of `count` messages, the first of which has the number `first`, `interval` nanoseconds apart."""
        body = rows(first, count, interval, payload)
        header = rows_header(first, count, interval, len(payload), zlib.crc32(body), is_tail)
        self.add_block(header, header + body)

    def add_hole(self, header, length):
        """Adds a block whose body is a hole of zeros."""
        self.blocks.append(Block(self.at, header))
        self.file.seek(self.at)
        self.file.write(header)
        self.at += length


def ten_million(path):
    """Ten million messages of 100 bytes in full chunks: 1.3 GB."""
    with Recording(path, index=True) as recording:
        for first in range(0, 10_000_000, ROWS_A_CHUNK):
            count = min(ROWS_A_CHUNK, 10_000_000 - first)
            # A chunk has at most 1 MiB of payloads.
            for part in range(first, first + count, 10_485):
                recording.add_rows(part, min(10_485, first + count - part), 1_000, b"x" * 100)


def week(path, chunks):
    """A week of a message a second, which was killed: 600,000 tail blocks, with the chunks that cover most of them or without."""
    with Recording(path, index=False) as recording:
        for row in range(600_000):
            recording.add_rows(row, 1, 1_000_000_000, b"x" * 100, is_tail=True)
            if chunks and row % 10_000 == 9_999:
                recording.add_rows(row - 9_999, 10_000, 1_000_000_000, b"x" * 100)


def sparse(path, index):
    """A file of 100 GB whose chunks, except for the first one, are holes: they have whole headers, and no content."""
    length, count = 1 << 20, 10_000
    hole = zlib.crc32(bytes(length - HEADER_LEN))
    # The entries and 24 bytes of an anchor come before the bytes.
    payload = (length - HEADER_LEN - 24) // count - 32
    rest = length - HEADER_LEN - 24 - 32 * count
    with Recording(path, index) as recording:
        recording.add_rows(0, count, 1_000, b"x" * payload)
        for first in range(count, count * 100_000, count):
            header = rows_header(first, count, 1_000, 0, hole, False, bytes_len=rest)
            recording.add_hole(header, length)


def rows(first, count, interval, payload):
    words = array("Q", bytes(32 * count))
    words[0::4] = array("Q", range(first * interval, (first + count) * interval, interval))
    words[1::4] = array("Q", (at * len(payload) | len(payload) << 32 for at in range(count)))
    # A head of no bytes, connection 1; then class 2 (received), kind 4 (text), flag 1 (received).
    words[2::4] = array("Q", [1 << 32]) * count
    words[3::4] = array("Q", [(2 << 12) << 32 | 4 << 48 | 1 << 56]) * count
    anchor = struct.pack("<QQq", first, first * interval, START_MICROS + first * interval // 1_000)
    body = words.tobytes() + anchor + payload * count
    return body + bytes(-(HEADER_LEN + len(body)) % 8)


def rows_header(first, count, interval, payload_len, checksum, is_tail, bytes_len=None):
    if bytes_len is None:
        bytes_len = payload_len * count
    length = HEADER_LEN + 32 * count + 24 + bytes_len
    moments = [first * interval, (first + count - 1) * interval]
    times = [START_MICROS + moment // 1_000 for moment in moments]
    counts = [count if number == 2 else 0 for number in range(16)]
    header = struct.pack(
        "<8sIIQQQQqqIIIIqIIQ16I16xI",
        *(b"FEEDROWS", 2, count, length + -length % 8, first, *moments, *times),
        *(1, 0, 0, bytes_len, times[1], 1, int(is_tail), 7, *counts, checksum),
    )
    return header + struct.pack("<I", zlib.crc32(header))


def small_block(magic, content):
    return small_header(magic, 32 + len(content), content) + content


def small_header(magic, value, content):
    header = struct.pack("<8sIIQI", magic, 1, 0, value, zlib.crc32(content))
    return header + struct.pack("<I", zlib.crc32(header))
