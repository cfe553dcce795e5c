"""More answers at once than the hundred connections that HTTP clients have as their default, and servers as streams."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from proxy.gateway.relayed import DONE, FINISH, START, RawReader, Relayed, relayed, reply, sse
from support.faults import PATIENCE_SECONDS, STREAM_HEADERS, Exchange
from support.faults_http2 import http2_upstream

ANSWERS: Final = 150
STREAMS_OF_A_CONNECTION: Final = 100
"""What most servers allow on one of HTTP/2."""

MANY: Final = {"ASKLIGHT_READERS_PER_SESSION": str(ANSWERS)}


@pytest.mark.parametrize("transport", ["relay", "httpx2"])
async def test_more_than_a_hundred_answers_are_live_at_once(transport: str, tmp_path: Path) -> None:
    settings = {**MANY, "ASKLIGHT_UPSTREAM_TRANSPORT": transport}
    async with relayed(tmp_path, settings) as relay, live_at_once(relay):
        assert relay.upstream.open_connections >= ANSWERS


async def test_they_are_where_a_connection_takes_a_hundred_of_them(tmp_path: Path) -> None:
    async with http2_upstream(tmp_path) as upstream:
        upstream.streams_at_once = STREAMS_OF_A_CONNECTION
        settings = {**MANY, **upstream.settings}
        async with relayed(tmp_path, settings, upstream=upstream) as relay, live_at_once(relay):
            carried = sorted(len(line.streams) for line in upstream.lines)
            assert carried == [50, 100]


@asynccontextmanager
async def live_at_once(relay: Relayed) -> AsyncIterator[None]:
    """Each answer has begun at its reader, and none has ended; after the block all end whole."""
    may_end = asyncio.Event()

    async def waits_for_all(exchange: Exchange) -> None:
        await exchange.head(200, STREAM_HEADERS)
        await exchange.chunk(sse(START))
        await may_end.wait()
        await exchange.chunk(sse(FINISH, DONE))
        await exchange.end()

    visitor = await relay.visitor()
    identities = [await visitor.converse() for _ in range(ANSWERS)]
    reply(relay.upstream, waits_for_all)
    async with asyncio.timeout(PATIENCE_SECONDS):
        asking = (RawReader(relay, visitor, identity).ask(START) for identity in identities)
        readers = await asyncio.gather(*asking)
        yield
        may_end.set()
        await asyncio.gather(*(read_to_the_end(reader) for reader in readers))


async def read_to_the_end(client: socket.socket) -> None:
    received = b""
    while DONE not in received:
        part = await asyncio.get_running_loop().sock_recv(client, 65_536)
        assert part, received
        received += part
    client.close()
