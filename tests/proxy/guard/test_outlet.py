"""An answer's head goes out with the first piece of its body where that is there at once, and never waits for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from asklight.guard.bounds import Bounds
from asklight.guard.outlet import Outlet
from asklight.guard.protocol import guarded
from proxy.guard.served import LAST, PATIENCE_SECONDS, listening, request


class Written(asyncio.Transport):
    """Notes each write of its own, and that it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_closed = False

    def write(self, data: Any) -> None:
        assert not self.is_closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def get_write_buffer_size(self) -> int:
        return 0


@pytest.fixture
async def transport() -> Written:
    return Written()


@pytest.fixture
async def outlet(transport: Written) -> Outlet:
    outlet = Outlet(asyncio.get_running_loop(), transport, transport.close)
    outlet.expect_head()
    return outlet


async def test_a_head_and_what_follows_at_once_are_one_piece(
    outlet: Outlet, transport: Written
) -> None:
    outlet.write(b"head ")
    outlet.write(b"body")
    await asyncio.sleep(0)
    outlet.write(b"more")
    assert transport.writes == [b"head body", b"more"]
    assert outlet.written == len(b"head bodymore")


async def test_a_head_alone_goes_out_when_the_loop_comes_round(
    outlet: Outlet, transport: Written
) -> None:
    outlet.write(b"head")
    assert (transport.writes, outlet.get_write_buffer_size()) == ([], 4)
    await asyncio.sleep(0)
    assert (transport.writes, outlet.get_write_buffer_size()) == ([b"head"], 0)


@pytest.mark.parametrize("end", ["close", "shut", "release"])
async def test_what_ends_an_answer_sends_its_head_first(
    outlet: Outlet, transport: Written, end: str
) -> None:
    outlet.write(b"head")
    getattr(outlet, end)()
    assert transport.writes == [b"head"]
    await asyncio.sleep(0)
    assert transport.writes == [b"head"], "and only once"


async def test_of_a_connection_that_is_gone_nothing_is_written(
    outlet: Outlet, transport: Written
) -> None:
    outlet.write(b"head")
    transport.abort()
    await asyncio.sleep(0)
    assert (transport.writes, outlet.get_write_buffer_size()) == ([], 0)


async def test_an_application_that_has_no_body_yet_is_heard() -> None:
    """Through the whole guard: a reader knows that its stream has begun before the first event."""

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()
        while (await receive())["type"] != "http.disconnect":
            pass

    with listening(silent, guarded(Bounds())) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("/", LAST))
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
