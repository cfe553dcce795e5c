"""What is left of many answers that were broken off, through the whole proxy on real sockets, and how fast Stop is."""

from __future__ import annotations

import asyncio
import gc
import socket
import statistics
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from asklight.serving import calm_the_collector
from proxy.gateway.relayed import (
    DELTA,
    QUESTION,
    START,
    RawReader,
    Relayed,
    Visitor,
    relayed,
    reply,
    sse,
)
from support.faults import (
    PATIENCE_SECONDS,
    STREAM_HEADERS,
    Exchange,
    Received,
    Script,
    stall,
)

pytestmark = pytest.mark.alone

ABORTED: Final = 1_000
AT_ONCE: Final = 5
"""For each visitor: a session reads eight streams at most."""

VISITORS: Final = 4
STOPS: Final = 50
STOP_SECONDS: Final = 0.1
_LARGE_DELTA: Final = b'{"type":"text-delta","id":"1","delta":"%s"}' % (b"x" * 16_000)


@pytest.fixture(autouse=True)
def _collector_as_served() -> Iterator[None]:
    """A full look through the tests' own memory takes half a second, which the server does not have to bear."""
    thresholds = gc.get_threshold()
    calm_the_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


async def silent(exchange: Exchange) -> None:
    """Begins to answer and says nothing."""
    await exchange.head(200, STREAM_HEADERS)
    await stall(exchange)


async def one_event(exchange: Exchange) -> None:
    """Says one thing."""
    await exchange.head(200, STREAM_HEADERS)
    await exchange.chunk(sse(START))
    await stall(exchange)


async def babble(exchange: Exchange) -> None:
    """Says something all the time."""
    await exchange.head(200, STREAM_HEADERS)
    while not exchange.request.connection.closed_by_peer.done():
        await exchange.chunk(sse(DELTA))
        await asyncio.sleep(0.001)


async def flood(exchange: Exchange) -> None:
    """Says more than a reader that does not read has room for."""
    await exchange.head(200, STREAM_HEADERS)
    while not exchange.request.connection.closed_by_peer.done():
        await exchange.chunk(sse(_LARGE_DELTA))


@dataclass(frozen=True)
class Phase:
    """How far an answer comes before it is broken off."""

    script: Script
    reads: bytes | None
    """What the reader waits for; None where it reads nothing."""

    is_stopped: bool = False


PHASES: Final = {
    "before the headers": Phase(stall, None),
    "at the first byte": Phase(silent, b"HTTP/1.1 200"),
    "active": Phase(babble, DELTA),
    "silent": Phase(one_event, START),
    "stalled": Phase(flood, None),
    "stopped": Phase(one_event, START, is_stopped=True),
}


def descriptors() -> int:
    """How many files and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def tasks() -> int:
    """How many tasks there are, without those of the upstream's open connections."""
    return sum("_serve" not in repr(task) for task in asyncio.all_tasks())


@pytest.fixture(params=["relay", "httpx2"])
async def relay(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy, guard and uvicorn included, with a grace period of 0."""
    async with relayed(tmp_path, {"ASKLIGHT_UPSTREAM_TRANSPORT": request.param}) as running:
        yield running


async def test_nothing_is_left_of_a_thousand_answers_that_were_broken_off(relay: Relayed) -> None:
    visitors = [await relay.visitor() for _ in range(VISITORS)]
    places = [(v, await v.converse()) for v in visitors for _ in range(AT_ONCE)]
    broken_off = 0

    async def break_off(phase: Phase, visitor: Visitor, identity: str) -> None:
        nonlocal broken_off
        client = await RawReader(relay, visitor, identity).ask(phase.reads)
        sent = await relay.upstream.wait_for("POST", f"/{identity}/messages")
        if phase.script is flood:
            await held_back(sent)
        if phase.is_stopped:
            assert await visitor.stop(identity)
        client.close()
        await sent.closed()
        relay.upstream.received.remove(sent)
        broken_off += 1

    async def round_of(phase: Phase) -> None:
        reply(relay.upstream, phase.script)
        async with asyncio.TaskGroup() as group:
            for visitor, identity in places:
                group.create_task(break_off(phase, visitor, identity))

    for phase in PHASES.values():
        await round_of(phase)
    gc.collect()
    before = tasks(), descriptors(), relay.upstream.open_connections
    broken_off = 0
    async with asyncio.timeout(60):
        while broken_off < ABORTED:
            for phase in PHASES.values():
                await round_of(phase)
    assert broken_off >= ABORTED
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not no_more_than(before, relay):  # noqa: ASYNC110 - the other end tells nobody
            await asyncio.sleep(0.01)


async def held_back(sent: Received) -> None:
    """Returns once the upstream cannot write any more."""
    while sent.connection._writable.is_set():  # noqa: ASYNC110 - only the transport knows
        await asyncio.sleep(0.001)


def no_more_than(before: tuple[int, int, int], relay: Relayed) -> bool:
    now = tasks(), descriptors(), relay.upstream.open_connections
    return all(count <= allowed for count, allowed in zip(now, before, strict=True))


async def before_the_first_token(exchange: Exchange) -> None:
    await silent(exchange)


STOPPED: dict[str, tuple[Script, bool]] = {
    "before the headers": (stall, True),
    "before the first token": (before_the_first_token, True),
    "while it babbles": (babble, True),
    "an answer without a stream": (stall, False),
}


@pytest.mark.parametrize("name", STOPPED)
async def test_stop_ends_the_upstream_request_within_a_tenth_of_a_second(
    name: str, relay: Relayed
) -> None:
    script, is_streamed = STOPPED[name]
    visitor = await relay.visitor()
    loop = asyncio.get_running_loop()
    reply(relay.upstream, script)
    seconds = []
    for number in range(1, STOPS + 1):
        identity = await visitor.converse()
        asking = asyncio.create_task(visitor.ask(identity, {**QUESTION, "stream": is_streamed}))
        sent = await relay.upstream.wait_for("POST", "/messages", number)
        began = loop.time()
        assert await visitor.stop(identity)
        seconds.append(await sent.closed() - began)
        answer = await asking
        assert answer.status_code == (200 if is_streamed else 409)
    middle, worst = 1_000 * statistics.median(seconds), 1_000 * max(seconds)
    print(f"stop, {name}: half within {middle:.1f} ms, all within {worst:.1f} ms")  # noqa: T201 - the figure
    assert statistics.median(seconds) < STOP_SECONDS
    assert max(seconds) < 5 * STOP_SECONDS, "on a machine that may be busy with more than this test"


def is_held(client: socket.socket) -> bool:
    """Whether the server, which is this process, still has the other end of `client` open."""
    name = client.getsockname()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            connection = socket.socket(fileno=int(descriptor.name))
        except OSError:
            continue  # no socket
        try:
            if connection.getpeername() == name:
                return True
        except OSError:
            pass  # not connected
        finally:
            connection.detach()
    return False


async def test_a_reader_that_stopped_is_let_go_after_its_time_and_disturbs_nobody(
    tmp_path: Path,
) -> None:
    settings = {"ASKLIGHT_GUARD_SEND_SECONDS": "1", "ASKLIGHT_GRACE_SECONDS": "30"}
    async with relayed(tmp_path, settings) as relay:
        visitor = await relay.visitor()
        loop = asyncio.get_running_loop()
        waits: dict[str, list[float]] = {"the same answer": [], "another answer": []}

        async def chatter(exchange: Exchange) -> None:
            await exchange.head(200, STREAM_HEADERS)
            while not ends.is_set():
                at = b'{"type":"text-delta","id":"%.6f","delta":"%s"}' % (loop.time(), b"x" * 4_000)
                await exchange.chunk(sse(at))
                await asyncio.sleep(0.005)
            await exchange.chunk(sse(b'{"type":"finish"}', b"[DONE]"))
            await exchange.end()

        async def follow(name: str, identity: str) -> int:
            """Reads to the end and notes how long each event took."""
            async with visitor.resuming(identity) as reading:
                number = 0
                while (frame := await reading.next()) is not None:
                    number += 1
                    assert frame.number == number, "a gap, or something twice"
                    if frame.data == b"[DONE]":
                        return number
                    if frame.value["type"] == "text-delta":
                        waits[name].append(loop.time() - float(frame.value["id"]))
            raise AssertionError("the answer ended in silence")

        ends = asyncio.Event()
        reply(relay.upstream, chatter)
        stalled_in, other = await visitor.converse(), await visitor.converse()
        stalled = await RawReader(relay, visitor, stalled_in).ask(b"HTTP/1.1 200")
        began = loop.time()
        asking = asyncio.create_task(visitor.ask(other))
        await relay.upstream.wait_for("POST", "/messages", 2)
        same = asyncio.create_task(follow("the same answer", stalled_in))
        another = asyncio.create_task(follow("another answer", other))
        async with asyncio.timeout(20):
            assert is_held(stalled)
            while is_held(stalled):  # noqa: ASYNC110 - the kernel tells nobody
                await asyncio.sleep(0.02)
        gone = loop.time() - began
        ends.set()
        counts = await asyncio.gather(same, another)
        await asking
        stalled.close()
        worst = {name: max(some) for name, some in waits.items()}
        print(  # noqa: T201 - the figure
            f"let go {gone:.1f} s after it stopped reading; {counts} events to the others, "
            + ", ".join(
                f"{name} at most {1_000 * each:.0f} ms late" for name, each in worst.items()
            )
        )
        assert 1 <= gone < 8, "its buffers fill first"
        assert min(counts) > 50
        assert max(worst.values()) < 0.5, "on a machine that may be busy with more than this test"
