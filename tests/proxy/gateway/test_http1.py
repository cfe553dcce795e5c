"""Chunks of a body that pass by the parser are what the parser would have made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asklight.gateway.http1 import Body, Connection, Sink

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Wire:
    """A transport that goes nowhere."""

    def __init__(self) -> None:
        self.is_aborted = False

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def is_closing(self) -> bool:
        return self.is_aborted

    def abort(self) -> None:
        self.is_aborted = True

    close = abort


async def responding() -> tuple[Connection, Body]:
    """A connection whose response has begun."""
    connection = Connection(lambda _: None, lambda _: None)
    connection.connection_made(cast(asyncio.Transport, Wire()))
    exchange = asyncio.ensure_future(connection.exchange(b"GET / HTTP/1.1\r\n\r\n", 60, 60))
    await asyncio.sleep(0)
    connection.data_received(HEAD)
    _, _, body = await exchange
    return connection, body


def into(parts: list[bytes]) -> Sink:
    """Takes all that comes."""

    def take(part: bytes) -> bool:
        parts.append(part)
        return True

    return take


async def received(pieces: Sequence[bytes]) -> bytes:
    """The body that comes in `pieces`; raises what the connection does."""
    connection, body = await responding()
    parts: list[bytes] = []
    delivery = asyncio.ensure_future(body.deliver(into(parts)))
    await asyncio.sleep(0)
    for piece in pieces:
        connection.data_received(piece)
    async with asyncio.timeout(1):
        await delivery
    return b"".join(parts)


def chunk(data: bytes, size: str = "%x") -> bytes:
    return (size % len(data)).encode() + b"\r\n" + data + b"\r\n"


sizes = st.sampled_from(["%x", "%X", "0%x", "%x;name=value", "%x "])
contents = st.sampled_from(
    [b"a", b"\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"x" * 300, b"data: {}\n\n"]
)


@st.composite
def cut_bodies(draw: st.DrawFn) -> tuple[bytes, list[bytes]]:
    """A body, and what comes of it at a time: chunk for chunk mostly, sometimes cut elsewhere."""
    parts = draw(st.lists(contents, max_size=8))
    framed = [chunk(part, draw(sizes.filter(lambda size: size != "%x "))) for part in parts]
    framed.append(b"0\r\n\r\n")
    pieces: list[bytes] = []
    rest = b""
    for one in framed:
        whole = rest + one
        at = draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
        pieces.append(whole[:at])
        rest = whole[at:]
    pieces.append(rest)
    return b"".join(parts), [piece for piece in pieces if piece]


@given(cut=cut_bodies())
@example(cut=(b"ab", [chunk(b"a"), chunk(b"b"), b"0\r\n\r\n"]))
@example(cut=(b"a\r\nb", [chunk(b"a") + b"3", b"\r\n\r\nb\r\n", b"0\r\n\r\n"]))
def test_a_body_is_the_same_wherever_it_is_cut(cut: tuple[bytes, list[bytes]]) -> None:
    body, pieces = cut
    assert asyncio.run(received(pieces)) == body


@pytest.mark.parametrize(
    "second",
    [
        b"2\r\nb\r\n",
        b"1\r\nbb\r\n",
        b"1\r\nb\n\n",
        b"+1\r\nb\r\n",
        b"\r\n1\r\nb\r\n",
        b"-1\r\n\r\n",
        b"g\r\nb\r\n",
    ],
)
def test_a_chunk_that_is_none_ends_the_answer_with_an_error(second: bytes) -> None:
    with pytest.raises((httpx2.TransportError, TimeoutError)):
        asyncio.run(received([chunk(b"a"), second]))


async def test_a_whole_chunk_passes_by_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the tests above compare the parser with itself."""
    connection, body = await responding()
    connection.data_received(chunk(b"a"))
    monkeypatch.setattr(connection, "_parser", object())  # cannot be fed
    connection.data_received(chunk(b"b"))
    assert [await anext(aiter(body)), await anext(aiter(body))] == [b"a", b"b"]


@pytest.mark.parametrize(
    "after",
    [
        b"0\r\ncontent-encoding: gzip\r\n\r\n",
        b"0\r\n\r\n" + HEAD.replace(b"content-type", b"content-encoding") + chunk(b"b"),
    ],
    ids=["trailers", "an answer nobody asked for"],
)
async def test_what_follows_an_answer_in_the_same_packet_is_no_part_of_its_head(
    after: bytes,
) -> None:
    connection = Connection(lambda _: None, lambda _: None)
    connection.connection_made(cast(asyncio.Transport, Wire()))
    exchange = asyncio.ensure_future(connection.exchange(b"GET / HTTP/1.1\r\n\r\n", 60, 60))
    await asyncio.sleep(0)
    connection.data_received(HEAD + chunk(b"a") + after)
    _, headers, body = await exchange
    assert [name for name, _ in headers] == [b"content-type", b"transfer-encoding"]
    assert [part async for part in body] == [b"a"]


@pytest.mark.parametrize(
    "frame", [b"0\r\nx: ", b"0\r\n", b"5;"], ids=["trailer", "trailers", "extension"]
)
async def test_what_is_no_body_has_a_limit_after_the_head_too(frame: bytes) -> None:
    connection, body = await responding()
    connection.data_received(chunk(b"x" * 200_000) + frame)
    for _ in range(100):
        connection.data_received(b"y: z\r\n" * 200 if frame == b"0\r\n" else b"y" * 1_000)
    parts: list[bytes] = []
    with pytest.raises(httpx2.RemoteProtocolError):
        async with asyncio.timeout(1):
            await body.deliver(into(parts))
    assert b"".join(parts) == b"x" * 200_000
