"""No answer is lost, doubled or cut in silence: random streams, faults and readers through the whole proxy, on sockets.

One proxy and one fault server play all cases. Of a play each step follows the one before it: the upstream sends a
piece, a reader comes, takes what is there, leaves, or asks again; then the upstream fails or is stopped, and everybody
reads to the end. How slow readers and silence go with that is played in memory, on a virtual clock.

The normal suite plays the same 100 cases each time. For more, and new ones each time::

    ASKLIGHT_TEST_CASES=2000 python -m pytest tests/proxy/gateway/test_property_sockets.py
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pytest
import uvloop
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from asklight.errors import BadGateway
from asklight.gateway import routes
from asklight.gateway.relay import Learn, write_stream
from asklight.gateway.streams import AnswerStream
from asklight.gateway.turn import Turn
from proxy.gateway.random_streams import (
    Ends,
    Outcome,
    Stream,
    cases,
    check_prefix,
    streams,
    told_ending,
)
from proxy.gateway.relayed import Frame, Reading, Relayed, Visitor, relayed, reply
from support.faults import PATIENCE_SECONDS, FaultUpstream, Held
from support.faults_http2 import http2_upstream

CASES: Final = 100
HTTP2_CASES: Final = 50
READERS: Final = 3

Fault = Literal["end", "cut", "reset", "stop"]


@dataclass(frozen=True)
class Step:
    """What the reader with this number does before the upstream sends its next piece: it comes if it is not there,
    and else takes `takes` frames, or leaves where that is None.
    """

    reader: int
    takes: int | None
    asks_again: bool


@dataclass(frozen=True)
class Play:
    """What happens. `steps` are spread over the pieces of the stream, as many before each as `at_once`."""

    stream: Stream
    fault: Fault
    steps: tuple[Step, ...]
    at_once: int


_steps = st.builds(
    Step,
    reader=st.integers(0, READERS - 1),
    takes=st.sampled_from([1, 3, 0, None]),
    asks_again=st.booleans(),
)
plays: st.SearchStrategy[Play] = st.builds(
    Play,
    stream=streams(most_events=6),
    fault=st.sampled_from(["end", "cut", "reset", "stop"]),
    steps=st.lists(_steps, max_size=12).map(tuple),
    at_once=st.integers(1, 4),
)


class Reader:
    """Somebody who reads one answer over several connections; `data` is what they have, in order."""

    def __init__(self, visitor: Visitor, identity: str) -> None:
        self.data: list[bytes] = []
        self._visitor = visitor
        self._identity = identity
        self._position: str | None = None
        self._number = 0
        self._stack = AsyncExitStack()
        self._reading: Reading | None = None

    @property
    def is_here(self) -> bool:
        """Whether a connection is open."""
        return self._reading is not None

    async def ask(self) -> None:
        """Sends the message, or sends it again, and reads from the start."""
        headers = {"idempotency-key": self._identity}
        self._position, self._number = None, 0
        reading = self._visitor.reading(self._identity, headers=headers)
        self._reading = await self._stack.enter_async_context(reading)

    async def come_back(self) -> None:
        """Goes on after the last frame."""
        reading = self._visitor.resuming(self._identity, self._position)
        self._reading = await self._stack.enter_async_context(reading)

    async def leave(self) -> None:
        """Closes the connection."""
        self._reading = None
        await self._stack.aclose()

    async def take(self, most: int, told: int) -> None:
        """Takes some frames, not more than have been told by now."""
        assert self._reading is not None
        for _ in range(min(most, told - self._number)):
            frame = await self._reading.next()
            if frame is not None:
                self._add(frame)

    async def finish(self) -> None:
        """Reads to the end, over a last connection if none is open."""
        if self._reading is None:
            if self.data[-1:] == [b"[DONE]"]:
                return
            await (self.come_back() if self._position else self.ask())
        assert self._reading is not None
        for frame in await self._reading.rest():
            self._add(frame)
        await self.leave()
        assert self.data[-1:] == [b"[DONE]"], "the answer ended in silence"

    def _add(self, frame: Frame) -> None:
        self._number += 1
        assert frame.number == self._number, "a gap, or something twice"
        self._position = frame.id
        if frame.number <= len(self.data):
            assert self.data[frame.number - 1] == frame.data, "told otherwise than before"
        else:
            self.data.append(frame.data)


class Stage:
    """One play being played."""

    def __init__(self, relay: Relayed, visitor: Visitor, play: Play) -> None:
        self._relay = relay
        self._visitor = visitor
        self._play = play
        self._sent = 0
        self._held = Held()
        self._is_over = False

    async def perform(self) -> None:
        """Plays the play and checks what everybody has."""
        identity = await self._visitor.converse()
        reply(self._relay.upstream, self._held)
        asked = len(self._relay.upstream.to("POST", "/messages"))
        self._readers = [Reader(self._visitor, identity) for _ in range(READERS)]
        try:
            await asyncio.gather(self._readers[0].ask(), self._held.open())
            await self._play_steps()
            was_stopped = await self._fail(identity)
            for reader in self._readers:
                await reader.finish()
        finally:
            for reader in self._readers:
                await reader.leave()
            self._held.let_go()
        assert len(self._relay.upstream.to("POST", "/messages")) == asked + 1, "sent twice"
        for reader in self._readers:
            self._check(reader.data, was_stopped=was_stopped)

    async def _play_steps(self) -> None:
        steps = list(self._play.steps)
        exchange = await self._held.exchange()
        for piece in self._play.stream.pieces:
            for step in steps[: self._play.at_once]:
                await self._do(step)
            del steps[: self._play.at_once]
            self._sent += len(piece)
            await exchange.chunk(piece)
        for step in steps:
            await self._do(step)

    async def _do(self, step: Step) -> None:
        reader = self._readers[step.reader]
        told, ends = self._told(is_closed=False)
        if not reader.is_here:
            # An answer that has ended is not to be found without a position.
            await (reader.ask() if step.asks_again or ends else reader.come_back())
        elif step.takes is None:
            await reader.leave()
        else:
            await reader.take(step.takes, len(told))

    async def _fail(self, identity: str) -> bool:
        """Ends the stream as the play has it. Whether it was stopped."""
        exchange = await self._held.exchange()
        match self._play.fault:
            case "end":
                await exchange.end()
            case "cut":
                await exchange.cut()
            case "reset" if not exchange.request.connection.closed_by_peer.done():
                await exchange.reset()
            case "stop":
                return await self._visitor.stop(identity)
        return False

    def _told(self, *, is_closed: bool) -> tuple[list[Outcome], Ends]:
        return self._play.stream.told(self._sent, is_closed=is_closed)

    def _check(self, data: list[bytes], *, was_stopped: bool) -> None:
        """Checks that `data` is what the upstream sent, and one ending, which is true.

        A reset, and a stop, may come before the last bytes do; nothing else may take any away.
        """
        told, ends = self._told(is_closed=self._play.fault == "end")
        may_miss = self._play.fault in ("reset", "stop")
        if ends in ("finish", "error", "stopped") and len(data) == len(told) + 1:
            assert data[-1] == b"[DONE]"
            check_prefix(data[:-1], told)
            return
        before, ending = told_ending(data)
        check_prefix(before, told)
        assert len(before) == len(told) or may_miss, f"missing: {told[len(before) :]}"
        assert (ending == "abort") == was_stopped
        assert may_miss or ends in ("", "fault"), "the upstream had ended it"


def play_all(
    data_dir: Path, *, normally: int = CASES, by_http2: bool = False, sending: str = "asgi"
) -> None:
    """Plays all cases with one proxy, and shrinks none: on sockets that takes minutes.

    :param sending: how events reach the readers' connections.
    :param by_http2: whether the proxy asks its upstream by HTTP/2, over one shared connection.
    :raises AssertionError: one does not hold.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        stack = AsyncExitStack()
        environment = {"ASKLIGHT_GRACE_SECONDS": "60", "ASKLIGHT_SENDING": sending}
        upstream: FaultUpstream | None = None
        if by_http2:
            newer = runner.run(stack.enter_async_context(http2_upstream(data_dir)))
            upstream, environment = newer, {**environment, **newer.settings}
        running = relayed(data_dir, environment, upstream=upstream)
        relay = runner.run(stack.enter_async_context(running))
        visitor = runner.run(relay.visitor())

        async def played(play: Play) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await Stage(relay, visitor, play).perform()

        @settings(cases(normally), phases=[Phase.generate])
        @given(plays)
        def every_play_holds(play: Play) -> None:
            runner.run(played(play))

        try:
            every_play_holds()
        finally:
            runner.run(stack.aclose())


def test_through_the_whole_proxy_every_reader_has_all_that_was_sent_and_one_true_ending(
    tmp_path: Path,
) -> None:
    play_all(tmp_path)


def test_by_the_direct_path_too(tmp_path: Path) -> None:
    play_all(tmp_path, sending="direct")


def test_by_http2_too(tmp_path: Path) -> None:
    play_all(tmp_path, normally=HTTP2_CASES, by_http2=True)


async def _takes_a_cut_for_the_end(stream: AnswerStream, turn: Turn, learn: Learn) -> None:
    try:
        await write_stream(stream, turn, learn)
    except BadGateway:
        turn.append(b'{"type":"finish"}')
        turn.close("finish")


def test_a_proxy_that_takes_a_cut_for_the_end_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "write_stream", _takes_a_cut_for_the_end)
    with pytest.raises(AssertionError):
        play_all(tmp_path)
