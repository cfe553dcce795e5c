"""What the guard gives on is what other readers of HTTP read too, however it is cut and whatever is done to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import h11
import httptools
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asklight.errors import ApiError
from asklight.guard.bounds import Bounds
from asklight.guard.requests import RequestReader
from proxy.guard.served import LAST, request
from proxy.guard.vectors import REFUSED, SMUGGLED

GOOD = [
    request("/"),
    request("/a?b=c", "X-Long: " + "x" * 200, "Cookie: a=b; c=d", "Cookie: e=f"),
    request("/post", "Content-Length: 5", method="POST", body=b"hello"),
    request("/hidden", f"Content-Length: {len(SMUGGLED)}", method="POST", body=SMUGGLED),
    request(
        "/chunks",
        "Transfer-Encoding: chunked",
        method="POST",
        body=b"5\r\nhello\r\n0a\r\n world, an\r\n1\r\nd\r\n0\r\n\r\n",
    ),
    request("http://ask.example:80/whole?a", "Connection: keep-alive"),
    request("/expecting", "Expect: 100-continue", "Content-Length: 0"),
    request("/up", "Connection: upgrade", "Upgrade: websocket"),
    request("/last", LAST),
    b"GET /old HTTP/1.0\r\n\r\n",
]

NASTY = b"\r\n\t :,;\x00\x0b\x7f\x80\xff0x+-_#*/\\'\""

Message = tuple[str, bytes]
"""A request as a method and its body."""


def mutated(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """`raw` with some bytes replaced: each edit is where, how many and by what."""
    data = bytearray(raw)
    for place, length, replacement in edits:
        start = place % (len(data) + 1)
        data[start : start + length] = replacement
    return bytes(data)


GOOD_STREAMS = st.lists(st.sampled_from(GOOD), min_size=1, max_size=4).map(b"".join)
EDITS = st.lists(
    st.tuples(
        st.integers(0, 2_000),
        st.integers(0, 3),
        st.lists(
            st.sampled_from([bytes([c]) for c in NASTY] + [b"\r\n", b"chunked"]), max_size=3
        ).map(b"".join),
    ),
    max_size=4,
)
STREAMS = st.builds(
    mutated,
    st.lists(st.sampled_from([*GOOD, *(v.raw for v in REFUSED)]), min_size=1, max_size=3).map(
        b"".join
    ),
    EDITS,
)
CUTS = st.lists(st.integers(0, 1_000), max_size=12)


def pieces(raw: bytes, cuts: list[int]) -> list[bytes]:
    """`raw`, cut at some places."""
    places = sorted({cut % (len(raw) + 1) for cut in cuts} | {0, len(raw)})
    return [raw[start:end] for start, end in pairwise(places)]


def guard_reads(parts: list[bytes]) -> tuple[bytes, int | None]:
    """What the guard gives on when every answer is there at once, and the status it refuses the rest with."""
    reader = RequestReader(Bounds())
    given_on = b""
    try:
        for part in parts:
            given_on += reader.feed(part)
            while reader.phase == "answering":
                given_on += reader.answered()
    except ApiError as error:
        return given_on, error.status
    return given_on, None


@dataclass
class _Collector:
    """httptools' callbacks."""

    complete: list[Message] = field(default_factory=list)
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    parser: Any = None

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete.append((self.parser.get_method().decode(), self.body))
        self.body = b""


def httptools_reads(raw: bytes) -> _Collector:
    """The requests httptools finds in `raw`, set up as uvicorn does, up to the first that it refuses."""
    collector = _Collector()
    collector.parser = httptools.HttpRequestParser(collector)
    collector.parser.set_dangerous_leniencies(lenient_data_after_close=True)
    collector.parser.feed_data(raw)
    return collector


def h11_reads(raw: bytes) -> list[Message]:
    """The requests h11 finds in `raw`, each answered at once, up to the first that it refuses."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(raw)
    found: list[Message] = []
    method, body = "", b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                method, body = event.method.decode(), b""
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                found.append((method, body))
                connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                connection.start_next_cycle()
            else:
                return found
    except h11.ProtocolError:
        return found


@settings(max_examples=40, deadline=None)
@given(raw=GOOD_STREAMS, cuts=CUTS)
def test_good_requests_pass_however_they_are_cut(raw: bytes, cuts: list[int]) -> None:
    given_on, status = guard_reads(pieces(raw, cuts))
    assert status is None
    assert httptools_reads(given_on).complete == h11_reads(raw)


@settings(max_examples=80, deadline=None)
@given(raw=STREAMS, cuts=CUTS)
@example(raw=b"".join(GOOD[:-2]), cuts=[])
def test_a_cut_changes_nothing(raw: bytes, cuts: list[int]) -> None:
    whole, whole_status = guard_reads([raw])
    cut, cut_status = guard_reads(pieces(raw, cuts))
    assert httptools_reads(cut).complete == httptools_reads(whole).complete
    assert cut_status == whole_status


@settings(max_examples=120, deadline=None)
@given(raw=STREAMS)
def test_the_parser_behind_takes_all_it_is_given_and_reads_it_as_others_do(raw: bytes) -> None:
    given_on, _ = guard_reads([raw])
    behind = httptools_reads(given_on)  # raises where it refuses any of it
    found = h11_reads(given_on)
    # h11 ignores what follows a request that asks for the end; the guard gives nothing of that on.
    assert behind.complete == found
    assert not {b"upgrade", b"expect"} & {name for name, _ in behind.headers}


@settings(max_examples=120, deadline=None)
@given(raw=STREAMS)
def test_nobody_reads_other_requests_in_what_was_let_pass(raw: bytes) -> None:
    given_on, _ = guard_reads([raw])
    passed = httptools_reads(given_on).complete
    other = h11_reads(raw)
    both = min(len(passed), len(other))
    assert passed[:both] == other[:both]


@pytest.mark.parametrize("vector", REFUSED, ids=str)
def test_every_ambiguous_request_is_refused_before_the_parser_sees_its_end(vector: Any) -> None:
    given_on, status = guard_reads([vector.raw])
    assert status == vector.status
    assert httptools_reads(given_on).complete == []
