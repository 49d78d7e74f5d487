#!/usr/bin/env python3
"""Print the widget tree of the running window: role, label, value, box in points.

The program is built with the feature `inspection` and started with EGUI_INSPECTION=1 (it then listens on
127.0.0.1:5719, without a password: for tests only) or EGUI_INSPECTION=HOST:PORT. Standard library only.
Use: tree.py [HOST:PORT] [--find TEXT]   --find prints "X Y", the middle of the first widget whose
     label or value is TEXT, or else of the first one that contains TEXT.
"""

import math
import socket
import struct
import sys

GREETING = b"eins" + struct.pack(">I", 1)  # egui_inspection, protocol 1


def main():
    args, find = sys.argv[1:], None
    if "--find" in args:
        at = args.index("--find")
        find = args[at + 1]
        del args[at : at + 2]
    host, port = (args[0] if args else "127.0.0.1:5719").rsplit(":", 1)
    with socket.create_connection((host, int(port)), 10) as connection:
        if read(connection, len(GREETING)) != GREETING:
            sys.exit("tree.py: this is not egui_inspection, protocol 1")
        update = ask(connection, "GetTree")["Tree"][2]
    nodes = {number: dict(node[4], role=node[0]) for number, node in update[0]}
    if find is None:
        show(nodes)
    else:
        point_at(nodes, find)


def show(nodes):
    """Prints every widget below its parent."""
    children = {child for node in nodes.values() for child in node.get("children", [])}

    def walk(number, depth):
        node = nodes[number]
        if node["role"] == "textRun":
            return
        if names(node) or not node["role"].startswith("generic"):
            box = [[round(edge) for edge in node["bounds"]]] if has_box(node) else []
            print("  " * depth + node["role"], *map(repr, names(node)), *box)
        for child in node.get("children", []):
            walk(child, depth + 1)

    for number in nodes:
        if number not in children:
            walk(number, 0)


def point_at(nodes, text):
    """Prints the middle of the widget that matches the text best."""
    boxed = [node for node in nodes.values() if has_box(node) and any(text in name for name in names(node))]
    if not boxed:
        sys.exit(f"tree.py: nothing is named {text}")
    boxed.sort(key=lambda node: text not in names(node))
    left, top, right, bottom = boxed[0]["bounds"]
    print(round((left + right) / 2), round((top + bottom) / 2))


def has_box(node):
    """Returns true if the widget has a place. egui gives infinite edges to a widget that is not drawn."""
    return bool(node.get("bounds")) and all(map(math.isfinite, node["bounds"]))


def names(node):
    """Returns the label and the value of a widget."""
    return [node[key] for key in ("label", "value") if node.get(key)]


def ask(connection, request):
    body = bytes([0xA0 | len(request)]) + request.encode()
    connection.sendall(struct.pack(">I", len(body)) + body)
    (size,) = struct.unpack(">I", read(connection, 4))
    return unpack(read(connection, size), 0)[0]


def read(connection, size):
    got = b""
    while len(got) < size:
        part = connection.recv(size - len(got))
        if not part:
            sys.exit("tree.py: the program closed the connection")
        got += part
    return got


NUMBERS = {0xCA: "f", 0xCB: "d", 0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q", 0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q"}
CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}


def unpack(data, at):
    """Reads one MessagePack value. Returns it with the position of its end."""
    code = data[at]
    at += 1

    def raw(size, at):
        return data[at : at + size], at + size

    def text(size, at):
        return data[at : at + size].decode(), at + size

    def many(count, at):
        values = []
        for _ in range(count):
            value, at = unpack(data, at)
            values.append(value)
        return values, at

    def table(count, at):
        flat, at = many(2 * count, at)
        keys = [str(key) if isinstance(key, (list, dict)) else key for key in flat[::2]]
        return dict(zip(keys, flat[1::2])), at

    def number(form, at):
        return struct.unpack_from(">" + form, data, at)[0], at + struct.calcsize(form)

    if code < 0x80:
        return code, at
    if code < 0x90:
        return table(code & 15, at)
    if code < 0xA0:
        return many(code & 15, at)
    if code < 0xC0:
        return text(code & 31, at)
    if code >= 0xE0:
        return code - 256, at
    if code in CONSTANTS:
        return CONSTANTS[code], at
    if code in NUMBERS:
        return number(NUMBERS[code], at)
    form, make = {
        0xC4: ("B", raw), 0xC5: ("H", raw), 0xC6: ("I", raw),
        0xD9: ("B", text), 0xDA: ("H", text), 0xDB: ("I", text),
        0xDC: ("H", many), 0xDD: ("I", many),
        0xDE: ("H", table), 0xDF: ("I", table),
    }[code]  # fmt: skip
    size, at = number(form, at)
    return make(size, at)


main()
