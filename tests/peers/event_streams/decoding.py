"""Bodies and the events that HTML 9.2.5 and 9.2.6 make of them. Each is served whole, and byte by byte.

A case is a name, a body, the events as (type, data, id), and the last event ID that the reconnection sends (None: none). The
rules are the standard's, the corners those that the web platform tests look into.
"""

BOM = b"\xef\xbb\xbf"


def message(data, last_id="", kind="message"):
    return (kind, data, last_id)


A = [message("a")]

CASES = [
    # --- fields (9.2.6) ---
    ("data", b"data: a\n\n", A, None),
    ("data without the space", b"data:a\n\n", A, None),
    ("one leading space goes, the second stays", b"data:  a\n\n", [message(" a")], None),
    ("a leading tab stays", b"data:\ta\ndata: \ndata:b\n\n", [message("\ta\n\nb")], None),
    ("a space at the end stays", b"data: a \n\n", [message("a ")], None),
    ("several data lines are joined by line feeds", b"data: YHOO\ndata: +2\ndata: 10\n\n", [message("YHOO\n+2\n10")], None),
    ("data twice without a value is one line feed", b"data\n\ndata\ndata\n\ndata:", [message(""), message("\n")], None),
    ("a value may have colons", b"data: a:b: c\n\n", [message("a:b: c")], None),
    ("nothing but a colon in the value", b"data::\n\n", [message(":")], None),
    ("comments mean nothing", b": one\n\n:\ndata: a\n:data: no\n\n: last", A, None),
    ("a comment between data lines does not end them", b"data:1\r:\0\n:\r\ndata:2\n:" + b"x" * 4000 + b"\rdata:3\n\n", [message("1\n2\n3")], None),
    ("field names are exact", b"Data: x\nDATA: x\ndata : x\n data: x\ndat: x\ndatas: x\ndata_5\nda-ta:3\ndata: a\n\n", A, None),
    ("a NUL in a field name makes it another", b"data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n", [message("\0\n 2\n1\n3\n\n4")], None),
    ("a NUL in data is data", b"data:\0\n\n\n\n", [message("\0")], None),
    ("unknown fields are ignored", b"foo: x\nxml: <a/>\n:\nretries: 5\ndata: a\n\n", A, None),
    ("a line without a colon is a name without a value", b"anything\ndata: a\n\n", A, None),
    ("a line of nothing but spaces is a field, not the end", b"data: a\n \ndata: b\n\n", [message("a\nb")], None),
    ("control characters in data are data", b"data: a\x01\x1b[31m\x7fb\n\n", [message("a\x01\x1b[31m\x7fb")], None),
    ("vertical tab and form feed end no line", b"data: a\x0bb\x0cc\n\n", [message("a\x0bb\x0cc")], None),
    ("U+2028, U+0085 end no line", "data: a\u2028b\u0085c\n\n".encode(), [message("a\u2028b\u0085c")], None),

    # --- dispatch ---
    ("without data nothing is dispatched", b"event: x\n\ndata: a\n\n", A, None),
    ("blank lines alone are nothing", b"\n\n\r\n\r\r\n\ndata: a\n\n", A, None),
    ("an unfinished block is thrown away", b"data: a\n\ndata: b\n", A, None),
    ("an unfinished line is thrown away", b"data: a\n\ndata: b", A, None),
    ("a body without anything", b"", [], None),
    ("no event before its blank line", b"data: a", [], None),

    # --- line ends (9.2.5) ---
    ("CR LF", b"data: a\r\ndata: b\r\n\r\n", [message("a\nb")], None),
    ("CR", b"data: a\rdata: b\r\r", [message("a\nb")], None),
    ("LF and CR in turns", b"data:test\r\ndata\ndata:test\r\n\r", [message("test\n\ntest")], None),
    ("LF CR are two line ends", b"data: a\n\rdata: b\n\n", [message("a"), message("b")], None),
    ("CR CR LF are two line ends", b"data: a\r\r\ndata: b\n\n", [message("a"), message("b")], None),
    ("CR at the end dispatches at once", b"data: a\r\r", A, None),

    # --- the byte order mark ---
    ("one byte order mark goes", ("BOM", b"data:1\n\n" + BOM + b"data:2\n\ndata:3\n\n"), [message("1"), message("3")], None),
    ("the second byte order mark stays", ("BOM", BOM + b"data:1\n\ndata:2\n\ndata:3\n\n"), [message("2"), message("3")], None),
    ("a byte order mark in data stays", b"data:" + BOM + b"a\n\n", [message("\ufeffa")], None),
    ("part of a byte order mark is no mark", b"\xef\xbb\ndata: a\n\n", A, None),
    ("UTF-16's byte order mark is none", b"\xff\xfed\ndata: a\n\n", A, None),

    # --- the event type ---
    ("a type", b"event: add\ndata: a\n\n", [message("a", kind="add")], None),
    ("a type behind its data", b"data: a\nevent: add\n\n", [message("a", kind="add")], None),
    ("a type is good for one event", b"event: add\ndata: a\n\ndata: b\n\n", [message("a", kind="add"), message("b")], None),
    ("an empty type is message", b"event: \ndata: a\n\n", A, None),
    ("a type without a value is message", b"event\ndata: a\n\n", A, None),
    ("the last of two types counts", b"event: x\nevent: y\ndata: a\n\n", [message("a", kind="y")], None),
    ("an emptied type is message", b"event: x\nevent:\ndata: a\n\n", A, None),
    ("a type keeps its spaces", b"event:  x \ndata: a\n\n", [message("a", kind=" x ")], None),
    ("a type is reset without data, too", b"event: x\n\ndata: a\n\n", A, None),
    ("types named like others' words", b"event: error\ndata: a\n\nevent: open\ndata: b\n\n", [message("a", kind="error"), message("b", kind="open")], None),
    ("a type beyond ASCII", "event: grüße\ndata: a\n\n".encode(), [message("a", kind="grüße")], None),

    # --- the last event ID ---
    ("an id", b"id: 1\ndata: a\n\n", [message("a", "1")], b"1"),
    ("an id holds on", b"id: 1\ndata: a\n\ndata: b\n\n", [message("a", "1"), message("b", "1")], b"1"),
    ("an id behind its data", b"data: a\nid: 1\n\n", [message("a", "1")], b"1"),
    ("the last of two ids counts", b"id: 1\nid: 2\ndata: a\n\n", [message("a", "2")], b"2"),
    ("an id without data counts", b"id: 1\n\n", [], b"1"),
    ("an id without data is the next event's", b"id: 1\n\ndata: a\n\n", [message("a", "1")], b"1"),
    ("an empty id resets it", b"id: 1\ndata: a\n\nid:\ndata: b\n\n", [message("a", "1"), message("b")], None),
    ("an id without a value resets it", b"id: 1\ndata: a\n\nid\ndata: b\n\n", [message("a", "1"), message("b")], None),
    ("an id with a NUL is ignored whole", b"id: 1\ndata: a\n\nid: 2\x003\ndata: b\n\n", [message("a", "1"), message("b", "1")], b"1"),
    ("a NUL alone is ignored", b"id: \0\ndata: a\n\n", A, None),
    ("a good id, then one with a NUL", b"id: 1\nid: 2\0\ndata: a\n\n", [message("a", "1")], b"1"),
    ("an unfinished block's id is thrown away", b"id: 1\ndata: a\n\nid: 2\ndata: b\n", [message("a", "1")], b"1"),
    ("the id alone of an unfinished block, too", b"id: 1\n", [], None),
    ("an id keeps its spaces", b"id:  1 2 \ndata: a\n\n", [message("a", " 1 2 ")], b"1 2"),
    ("an id may have colons", b"id: a:b\ndata: a\n\n", [message("a", "a:b")], b"a:b"),
    ("an id beyond ASCII goes out as UTF-8", "id: \u010d\u2026\ndata: a\n\n".encode(), [message("a", "\u010d\u2026")], "\u010d\u2026".encode()),
    ("an id in Latin letters goes out as UTF-8", "id: é\ndata: a\n\n".encode(), [message("a", "é")], "é".encode()),
    ("a long id", b"id: " + b"7" * 3000 + b"\ndata: a\n\n", [message("a", "7" * 3000)], b"7" * 3000),
    ("field names of ids are exact", b"ID: 1\nId: 2\nid : 3\ndata: a\n\n", A, None),

    # --- UTF-8 (decoded as the Encoding standard does: one U+FFFD for each maximal part that could not become more) ---
    ("UTF-8", "data: ok…\n\n".encode(), [message("ok…")], None),
    ("four bytes", "data: 🦀\n\n".encode(), [message("🦀")], None),
    ("a byte that stands nowhere", b"data: a\xffb\n\n", [message("a\ufffdb")], None),
    ("a continuation alone", b"data: a\x80b\n\n", [message("a\ufffdb")], None),
    ("a sequence cut off by an ASCII letter", b"data: a\xe2\x82b\n\n", [message("a\ufffdb")], None),
    ("a sequence cut off by the line's end", b"data: a\xf0\x9f\xa6\ndata: b\n\n", [message("a\ufffd\nb")], None),
    ("overlong", b"data: \xc0\xaf\n\n", [message("\ufffd\ufffd")], None),
    ("overlong in three bytes", b"data: \xe0\x80\xaf\n\n", [message("\ufffd\ufffd\ufffd")], None),
    ("a surrogate", b"data: \xed\xa0\x80\n\n", [message("\ufffd\ufffd\ufffd")], None),
    ("beyond U+10FFFF", b"data: \xf4\x90\x80\x80\n\n", [message("\ufffd\ufffd\ufffd\ufffd")], None),
    ("two broken sequences in a row", b"data: \xe2\x82\xe2\x82\xac\n\n", [message("\ufffd\u20ac")], None),
    ("not UTF-8 in a type", b"event: a\xff\ndata: b\n\n", [message("b", kind="a\ufffd")], None),
    ("not UTF-8 in an id", b"id: 1\xff\ndata: a\n\n", [message("a", "1\ufffd")], "1\ufffd".encode()),
    ("not UTF-8 in a field name", b"dat\xffa: x\ndata: a\n\n", A, None),
    ("NUL in bytes of UTF-16 is just NUL", b"data: a\0b\0\n\n", [message("a\0b\0")], None),
]

# Served whole alone: byte by byte they would take too long.
LARGE = [
    ("a line of three megabytes", b"data: " + b"x" * 3_000_000 + b"\n\n", [message("x" * 3_000_000)], None),
    ("a comment of three megabytes", b":" + b"x" * 3_000_000 + b"\ndata: a\n\n", A, None),
    ("a field name of a megabyte", b"x" * 1_000_000 + b": y\ndata: a\n\n", A, None),
    ("twenty thousand data lines", b"data: x\n" * 20_000 + b"\n", [message("\n".join("x" * 20_000))], None),
    ("ten thousand events", b"".join(b"id: %d\ndata: %d\n\n" % (n, n) for n in range(10_000)), [message(str(n), str(n)) for n in range(10_000)], b"9999"),
    ("a million line ends", b"\r\n" * 500_000 + b"\n" * 500_000 + b"data: a\n\n", A, None),
]
