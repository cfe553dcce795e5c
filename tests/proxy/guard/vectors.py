"""Requests that two HTTP readers could take for different ones, each with what the guard answers."""

from __future__ import annotations

from dataclasses import dataclass

HOST = b"Host: ask.example\r\n"
SMUGGLED_PATH = b"/smuggled"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: ask.example\r\n\r\n"
"""A request hidden in another: no reader may answer it."""


@dataclass(frozen=True)
class Vector:
    """A request, why it is refused and with what."""

    name: str
    raw: bytes
    status: int

    def __str__(self) -> str:
        return self.name


def _post(*lines: bytes, body: bytes = b"", version: bytes = b"1.1", host: bytes = HOST) -> bytes:
    head = b"POST /attack HTTP/" + version + b"\r\n" + host
    return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def _get(target: bytes, host: bytes = HOST, version: bytes = b"1.1") -> bytes:
    return b"GET " + target + b" HTTP/" + version + b"\r\n" + host + b"\r\n" + SMUGGLED


def _length(value: bytes) -> bytes:
    return b"Content-Length: " + value


_CHUNKED = b"Transfer-Encoding: chunked"
_CHUNKED_BODY = b"0\r\n\r\n" + SMUGGLED
_ALL = _length(str(len(_CHUNKED_BODY)).encode())

LENGTHS = [
    Vector("a length and chunks (CL.TE)", _post(_ALL, _CHUNKED, body=_CHUNKED_BODY), 400),
    Vector("chunks and a length (TE.CL)", _post(_CHUNKED, _length(b"4"), body=_CHUNKED_BODY), 400),
    Vector(
        "two lengths that differ",
        _post(_length(b"0"), _length(str(len(SMUGGLED)).encode()), body=SMUGGLED),
        400,
    ),
    Vector("two lengths that agree", _post(_length(b"0"), _length(b"0"), body=SMUGGLED), 400),
    Vector("a list of lengths", _post(_length(b"0, 0"), body=SMUGGLED), 400),
    Vector("a length with a sign", _post(_length(b"+0"), body=SMUGGLED), 400),
    Vector("a negative length", _post(_length(b"-1"), body=SMUGGLED), 400),
    Vector("a hexadecimal length", _post(_length(b"0x0"), body=SMUGGLED), 400),
    Vector("a length with an underscore", _post(_length(b"1_0"), body=SMUGGLED), 400),
    Vector("a length with a space in it", _post(_length(b"1 0"), body=SMUGGLED), 400),
    Vector("an empty length", _post(_length(b""), body=SMUGGLED), 400),
    Vector("a length of 5,000 digits", _post(_length(b"9" * 5_000), body=SMUGGLED), 400),
]

CODINGS = [
    Vector("chunks that are not last", _post(b"Transfer-Encoding: chunked, gzip"), 400),
    Vector("an unknown coding alone", _post(b"Transfer-Encoding: identity"), 400),
    Vector("an obfuscated coding", _post(b"Transfer-Encoding: xchunked", body=SMUGGLED), 400),
    Vector("a quoted coding", _post(b'Transfer-Encoding: "chunked"', body=SMUGGLED), 400),
    Vector("a coding with a parameter", _post(b"Transfer-Encoding: chunked;a=b"), 400),
    Vector("an empty coding", _post(b"Transfer-Encoding:", body=SMUGGLED), 400),
    Vector("a known coding, then chunks", _post(b"Transfer-Encoding: gzip, chunked"), 501),
    Vector("chunks twice", _post(_CHUNKED, _CHUNKED, body=_CHUNKED_BODY), 400),
    Vector("chunks twice in one line", _post(b"Transfer-Encoding: chunked, chunked"), 400),
    Vector("chunks in HTTP/1.0", _post(_CHUNKED, body=_CHUNKED_BODY, version=b"1.0"), 400),
    Vector("a vertical tab before chunked", _post(b"Transfer-Encoding: \x0bchunked"), 400),
]

CHUNKS = [
    Vector(f"a chunk {what}", _post(_CHUNKED, body=body), 400)
    for what, body in {
        "without a size": b"\r\nabc\r\n0\r\n\r\n",
        "with a size that is no number": b"zz\r\nabc\r\n0\r\n\r\n",
        "with a signed size": b"+3\r\nabc\r\n0\r\n\r\n",
        "with a prefixed size": b"0x3\r\nabc\r\n0\r\n\r\n",
        "with a size that overflows 64 bits": b"10000000000000003\r\nabc\r\n0\r\n\r\n",
        "with a space before its size": b" 3\r\nabc\r\n0\r\n\r\n",
        "with a space after its size": b"3 \r\nabc\r\n0\r\n\r\n",
        "with an extension": b"3;a=b\r\nabc\r\n0\r\n\r\n",
        "with a bare line feed after its size": b"3\nabc\r\n0\r\n\r\n",
        "with a bare carriage return after its size": b"3\rabc\r\n0\r\n\r\n",
        "longer than its size": b"3\r\nabcd\r\n0\r\n\r\n",
        "with a bare line feed at its end": b"3\r\nabc\n0\r\n\r\n",
        "that is last, with a trailer": b"0\r\nContent-Length: 5\r\n\r\n" + SMUGGLED,
        "that is last, with bare line feeds": b"0\n\n" + SMUGGLED,
    }.items()
]

LINES = [
    Vector("bare line feeds", b"GET / HTTP/1.1\nHost: ask.example\n\n" + SMUGGLED, 400),
    Vector(
        "one bare line feed", b"GET / HTTP/1.1\r\nHost: ask.example\nX: y\r\n\r\n" + SMUGGLED, 400
    ),
    Vector(
        "a bare carriage return",
        b"GET / HTTP/1.1\r\nHost: ask.example\rContent-Length: 5\r\n\r\n" + SMUGGLED,
        400,
    ),
    Vector("a folded header", _post(b"X-Long: a", b" b", _length(b"0"), body=SMUGGLED), 400),
    Vector("a folded header by a tab", _post(b"X-Long: a", b"\tb", body=SMUGGLED), 400),
    Vector("a folded first header", _post(b" X: y", body=SMUGGLED, host=b""), 400),
    Vector("a space before the colon", _post(b"Content-Length : 46", body=SMUGGLED), 400),
    Vector("a tab before the colon", _post(b"Transfer-Encoding\t: chunked", body=SMUGGLED), 400),
    Vector("a header without a colon", _post(b"Content-Length 46", body=SMUGGLED), 400),
    Vector("a header without a name", _post(b": 46", body=SMUGGLED), 400),
    Vector("NUL in a value", _post(b"X: a\x00b", body=SMUGGLED), 400),
    Vector("NUL in a name", _post(b"X\x00: b", body=SMUGGLED), 400),
    Vector("a control character in a value", _post(b"X: a\x1fb", body=SMUGGLED), 400),
    Vector("DEL in a value", _post(b"X: a\x7fb", body=SMUGGLED), 400),
    Vector("a name that is not ASCII", _post("Länge: 5".encode(), body=SMUGGLED), 400),
]

HOSTS = [
    Vector("no Host", _get(b"/", host=b""), 400),
    Vector("two Hosts", _get(b"/", host=HOST + b"Host: other.example\r\n"), 400),
    Vector("the same Host twice", _get(b"/", host=HOST + HOST), 400),
    Vector("an empty Host", _get(b"/", host=b"Host:\r\n"), 400),
    Vector("a Host with a path", _get(b"/", host=b"Host: ask.example/x\r\n"), 400),
    Vector("a Host with a user", _get(b"/", host=b"Host: me@ask.example\r\n"), 400),
    Vector("a list of Hosts", _get(b"/", host=b"Host: ask.example, b.example\r\n"), 400),
    Vector("two Hosts in HTTP/1.0", _get(b"/", host=HOST + HOST, version=b"1.0"), 400),
]

TARGETS = [
    Vector("a whole address of another host", _get(b"http://other.example/"), 400),
    Vector("a whole address with another port", _get(b"http://ask.example:81/"), 400),
    Vector("a whole address with a user", _get(b"http://ask.example@other.example/"), 400),
    Vector("a whole address without Host", _get(b"http://a/", host=b"", version=b"1.0"), 400),
    Vector("an address of another scheme", _get(b"ftp://ask.example/"), 400),
    Vector("a target without a slash", _get(b"smuggled"), 400),
    Vector("a target with a fragment", _get(b"/#a"), 400),
    Vector("a target that is not ASCII", _get("/ä".encode()), 400),
    Vector("a target with a space", _get(b"/a b"), 400),
    Vector("an asterisk for GET", _get(b"*"), 400),
    Vector("a tunnel", b"CONNECT ask.example:443 HTTP/1.1\r\n" + HOST + b"\r\n" + SMUGGLED, 501),
    Vector("TRACE", b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n" + SMUGGLED, 501),
]

FIRST_LINES = [
    Vector(what, line + b"\r\n" + HOST + b"\r\n" + SMUGGLED, status)
    for what, line, status in (
        ("two spaces in the first line", b"GET  / HTTP/1.1", 400),
        ("a tab in the first line", b"GET\t/ HTTP/1.1", 400),
        ("HTTP/0.9", b"GET /", 400),
        ("a version in lower case", b"GET / http/1.1", 400),
        ("a version of three parts", b"GET / HTTP/1.1.1", 400),
        ("HTTP/1.2", b"GET / HTTP/1.2", 505),
        ("HTTP/2.0 in clear", b"PRI * HTTP/2.0", 505),
        ("a method nobody knows", b"SMUGGLE / HTTP/1.1", 501),
        ("a method in lower case", b"get / HTTP/1.1", 501),
        ("what follows a space", b" GET / HTTP/1.1", 400),
        ("two empty lines first", b"\r\n\r\nGET / HTTP/1.1", 400),
        ("the greeting of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    )
]

EXPECTATIONS = [
    Vector("an obfuscated expectation", _post(b"Expect: y 100-continue", _length(b"0")), 400),
    Vector("two expectations", _post(b"Expect: 100-continue", b"Expect: 100-continue"), 400),
]

REFUSED = [
    *LENGTHS,
    *CODINGS,
    *CHUNKS,
    *LINES,
    *HOSTS,
    *TARGETS,
    *FIRST_LINES,
    *EXPECTATIONS,
]
