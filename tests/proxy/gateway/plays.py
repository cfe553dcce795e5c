"""Plays of a running answer, in memory on a virtual clock, and the check of what everybody has in the end.

A play is an upstream's stream with a fault, readers who come, are slow, stop taking and go, and a Stop or a shutdown
somewhere. It runs on an event loop whose time jumps to the next thing that happens, so that minutes cost nothing; a
play that does not end within half an hour of that time has failed.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import cycle
from typing import Final, Literal

from hypothesis import strategies as st
from starlette.types import Message

from asklight.errors import BadGateway
from asklight.gateway.followers import TurnResponse
from asklight.gateway.http1 import Sink
from asklight.gateway.relay import Learn
from asklight.gateway.streams import AnswerStream
from asklight.gateway.turn import Position, Turn
from asklight.gateway.turns import Attempt, Turns
from asklight.settings import Relaying
from proxy.gateway.random_streams import Outcome, Stream, check_prefix, streams, told_ending

SILENCE_SECONDS: Final = 60
"""How long a stalled upstream is waited for; that is the transport's to watch."""

LONG_SECONDS: Final = 20
"""Longer than readers go without a keep-alive."""

PLAY_SECONDS: Final = 1_800
"""Whoever still waits then waits for ever."""

LAG_BYTES: Final = 300
"""Small enough that slow readers of short answers pause the upstream."""

CONVERSATION: Final = "c"
ATTEMPT: Final = Attempt("owner", "key", b"body")

Write = Callable[[AnswerStream, Turn, Learn], Awaitable[None]]


class _NoWaiting(selectors.SelectSelector):
    """Lets time pass instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing can happen any more"
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits, whose time is what it would have waited."""

    def __init__(self) -> None:
        self._clock = _NoWaiting()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def pass_time(self, seconds: float) -> None:
        """What runs takes so long."""
        self._clock.now += seconds


# A play


@dataclass(frozen=True)
class Visit:
    """One connection of a reader. `pace` is how long each piece takes to be taken, in turn; None is for ever.

    :param stays: seconds until the reader leaves; None: to the end.
    :param lost: how many of the last bytes do not arrive when it leaves.
    """

    wait: float
    how: Literal["resume", "repeat"]
    pace: tuple[float | None, ...]
    stays: float | None
    leaves: Literal["gone", "broken", "cancelled"]
    lost: int


TO_THE_END: Final = Visit(0, "resume", (0,), None, "gone", 0)


@dataclass(frozen=True)
class Play:
    """What happens. `pauses` are the seconds before each piece, in turn; before the one with the number `silent_at`
    there is a long silence. `disturbed` are stops and shutdowns.
    """

    stream: Stream
    fault: Literal["end", "reset", "stall"]
    is_refused: bool
    pauses: tuple[float, ...]
    silent_at: int
    grace_seconds: float
    readers: tuple[tuple[Visit, ...], ...]
    disturbed: tuple[tuple[float, Literal["stop", "shutdown"]], ...]


_pauses = st.lists(st.sampled_from([0, 0.001, 0.2]), min_size=1, max_size=3).map(tuple)
_visits = st.builds(
    Visit,
    wait=st.sampled_from([0, 0.001, 1.5, 7]),
    how=st.sampled_from(["resume", "repeat"]),
    pace=st.sampled_from(
        [(0,), (0,), (0.001,), (0, 2.5), (2.5, 0, 0.001), (None,), (0, 0, None), (0, 0, 0, 0, None)]
    ),
    stays=st.sampled_from([0, 0.001, 1, 4, 30]),
    leaves=st.sampled_from(["gone", "broken", "cancelled"]),
    lost=st.sampled_from([0, 1, 9, 60]),
)
plays: st.SearchStrategy[Play] = st.builds(
    Play,
    stream=streams(),
    fault=st.sampled_from(["end", "reset", "stall"]),
    is_refused=st.sampled_from([False] * 15 + [True]),
    pauses=_pauses,
    silent_at=st.integers(0, 20),
    grace_seconds=st.sampled_from([60, 5, 0]),
    readers=st.lists(st.lists(_visits, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
    disturbed=st.just(())
    | st.tuples(
        st.tuples(
            st.sampled_from([0, 0.001, 0.5, 3, 40]),
            st.sampled_from(["stop", "stop", "stop", "shutdown"]),
        )
    ),
)


class FakeStream:
    """The upstream's stream, which keeps count of what it has delivered."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()
        self.sent = 0
        self.is_closed = False
        self.has_failed = False

    async def deliver(self, sink: Sink) -> None:
        pauses = cycle(self._play.pauses)
        for number, piece in enumerate(self._play.stream.pieces):
            long = LONG_SECONDS if number == self._play.silent_at else 0
            await asyncio.sleep(next(pauses) + long)
            await self._may_go_on.wait()
            self.sent += len(piece)
            if not sink(piece):
                return
        if self._play.fault == "end":
            self.is_closed = True
            return
        await asyncio.sleep(SILENCE_SECONDS if self._play.fault == "stall" else 0)
        self.has_failed = True
        raise BadGateway

    async def aclose(self) -> None:
        pass

    def pause(self) -> None:
        self._may_go_on.clear()

    def resume(self) -> None:
        self._may_go_on.set()


class Stage:
    """One play being played."""

    def __init__(self, play: Play, write: Write, response: type[TurnResponse]) -> None:
        self.play = play
        self.response = response
        self.turns = Turns(play.grace_seconds, Relaying(lag_bytes=LAG_BYTES))
        self.streams: list[FakeStream] = []
        self.was_stopped = self.was_shut_down = False
        self.was_abandoned = False
        self._write = write
        self._begun: set[Turn] = set()
        self._present = 0
        self._alone_since = 0.0

    def ask(self) -> Turn:
        """Sends the message, or sends it again."""
        turn = self.turns.begin(CONVERSATION, self._answer, ATTEMPT, is_streamed=True)
        self._begun.add(turn)
        return turn

    async def ended(self) -> None:
        """Returns when every writer is gone; after a refusal there may be a second."""
        for turn in self._begun:
            await turn.ended()

    async def _answer(self, turn: Turn) -> None:
        stream = FakeStream(self.play)
        self.streams.append(stream)
        await asyncio.sleep(self.play.pauses[0])
        if self.play.is_refused:
            raise BadGateway
        await self._write(stream, turn, lambda _: None)

    def come(self) -> None:
        """Somebody reads from now on."""
        if not self._present:
            alone = asyncio.get_running_loop().time() - self._alone_since
            self.was_abandoned |= alone >= self.play.grace_seconds - 1e-6
        self._present += 1

    def go(self) -> None:
        """They read no more."""
        self._present -= 1
        self._alone_since = asyncio.get_running_loop().time()

    async def disturb(self, after: float, how: Literal["stop", "shutdown"]) -> None:
        await asyncio.sleep(after)
        turn = self.turns.running(CONVERSATION)
        if how == "shutdown":
            self.was_shut_down |= turn is not None
            await self.turns.close()
        elif turn is not None:
            self.was_stopped |= turn.stop()


class Connection:
    """A connection as an ASGI server has it: sending waits while the reader does not take, then writes."""

    def __init__(self, visit: Visit) -> None:
        self.body = b""
        self.status = 0
        self.is_over = False
        self._visit = visit
        self._pace = cycle(visit.pace)
        self._gone = asyncio.Event()
        self._told_gone = asyncio.Event()

    async def serve(self, response: TurnResponse) -> bytes:
        """What has arrived when it is over or the reader has left."""
        task = asyncio.create_task(response({"type": "http"}, self._receive, self._send))
        await asyncio.wait([task], timeout=self._visit.stays)
        if not task.done():
            self._leave(task)
            await asyncio.wait([task])
        if not task.cancelled():
            task.result()
        if self.is_over or not self._visit.lost:
            return self.body
        return self.body[: -self._visit.lost]

    def _leave(self, task: asyncio.Task[None]) -> None:
        self._gone.set()
        match self._visit.leaves:
            case "gone":
                self._told_gone.set()
            case "cancelled":
                task.cancel()
            case "broken":  # only sending shows it, and a keep-alive is sent sooner or later
                pass

    async def _receive(self) -> Message:
        await self._told_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        seconds = next(self._pace)
        if seconds is None:
            await self._gone.wait()
        elif seconds:
            await asyncio.sleep(seconds)
        if self._gone.is_set():
            if self._visit.leaves == "broken":
                raise OSError("the reader is gone")
            return
        assert not self.is_over, "something after the end"
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")
        self.is_over = message["type"].endswith("body") and not message.get("more_body", False)


class Reader:
    """Somebody who reads the answer over several connections; `data` is what they have, in order."""

    def __init__(self, stage: Stage, visits: tuple[Visit, ...]) -> None:
        self.data: list[bytes] = []
        self.was_refused = False
        self._stage = stage
        self._visits = visits
        self._position: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether they know how the answer ended."""
        return self.was_refused or self.data[-1:] == [b"[DONE]"]

    async def read(self, first: Turn | None) -> None:
        """Reads, over all connections and one more to the end; `first` is the turn of who asked."""
        for visit in self._visits:
            await asyncio.sleep(visit.wait)
            await self._visit(visit, first or self._found(visit.how))
            first = None
        while not self.is_complete:
            turn = self._found("resume")
            assert turn or self._position is None, "there is no way to the rest of the answer"
            await self._visit(TO_THE_END, turn or self._stage.ask())

    def _found(self, how: Literal["resume", "repeat"]) -> Turn | None:
        if how == "repeat":
            self._position = None  # from the start
            return self._stage.ask()
        return self._stage.turns.readable(CONVERSATION, Position.parse(self._position))

    async def _visit(self, visit: Visit, turn: Turn | None) -> None:
        if turn is None:
            return
        after = Position.parse(self._position)
        number = after.number if after and after.turn == turn.id else 0
        connection = Connection(visit)
        self._stage.come()
        try:
            body = await connection.serve(self._stage.response(turn, number))
        finally:
            self._stage.go()
        if connection.status not in (0, 200):
            self.was_refused = True
            assert b'"BAD_GATEWAY"' in connection.body or not connection.is_over
            return
        self._take(body, number)
        if connection.is_over:
            assert self.is_complete, "the answer ended in silence"
            assert body.endswith(b"\n\n"), "the answer ended within an event"

    def _take(self, body: bytes, after: int) -> None:
        *blocks, _ = body.split(b"\n\n")
        frames = [block for block in blocks if block != b": keep-alive"]
        for number, frame in enumerate(frames, after + 1):
            identity, data = frame.split(b"\n")
            self._position = identity.removeprefix(b"id: ").decode()
            assert self._position.endswith(f":{number}"), f"{identity!r} is not number {number}"
            assert data.startswith(b"data: ")
            self._add(number, data.removeprefix(b"data: "))

    def _add(self, number: int, data: bytes) -> None:
        if number <= len(self.data):
            assert self.data[number - 1] == data, "told otherwise than before"
        else:
            self.data.append(data)


# The property


async def perform(stage: Stage) -> None:
    """Plays a play and checks what everybody has."""
    first = stage.ask()
    readers = [Reader(stage, visits) for visits in stage.play.readers]
    async with asyncio.TaskGroup() as group:
        for number, reader in enumerate(readers):
            group.create_task(reader.read(None if number else first))
        for after, how in stage.play.disturbed:
            group.create_task(stage.disturb(after, how))
    await stage.ended()
    await asyncio.sleep(0)  # what was cancelled just now ends
    assert asyncio.all_tasks() == {asyncio.current_task()}
    if first.refusal is not None:
        assert stage.play.is_refused
        assert list(first.frames) == []
        for reader in readers:
            assert reader.was_refused or told_ending(reader.data)[0] == []  # of another try
        return
    assert not any(reader.was_refused for reader in readers)
    assert len(stage.streams) <= 1, "the message was sent twice"
    for reader in readers:
        check(stage, reader.data)


def check(stage: Stage, data: list[bytes]) -> None:
    """Checks that `data` is all that the upstream delivered, and one ending, which is true."""
    told, ends, has_failed = _delivered(stage)
    if ends in ("finish", "error", "stopped"):
        assert data.pop() == b"[DONE]"
        check_prefix(data, told)
        assert len(data) == len(told), f"missing: {told[len(data) :]}"
        return
    before, ending = told_ending(data)
    check_prefix(before, told)
    assert len(before) == len(told), f"missing: {told[len(before) :]}"
    if ending == "abort":
        assert stage.was_stopped or stage.was_abandoned, "nobody stopped it"
    else:
        assert not stage.was_stopped, "it was stopped"
        assert has_failed or ends == "fault" or stage.was_shut_down, "nothing was wrong"


def _delivered(stage: Stage) -> tuple[list[Outcome], str, bool]:
    if not stage.streams:  # ended before its writer's first step
        return [], "", False
    [stream] = stage.streams
    told, ends = stage.play.stream.told(stream.sent, is_closed=stream.is_closed)
    return told, ends, stream.is_closed or stream.has_failed


def play_out(play: Play, write: Write, response: type[TurnResponse]) -> None:
    """Plays `play` on a clock of its own."""

    async def played() -> None:
        async with asyncio.timeout(PLAY_SECONDS):
            await perform(Stage(play, write, response))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        try:
            runner.run(played())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
