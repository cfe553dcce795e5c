"""A turn's log: one writer, any number of readers, exactly one ending. In memory; the wire has its own tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklight.errors import BadGateway, Conflict, InternalError
from asklight.gateway import turns as module
from asklight.gateway.followers import TurnResponse
from asklight.gateway.turn import Position, Turn, Writer
from asklight.gateway.turns import Attempt, Turns
from asklight.settings import Relaying

PATIENCE_SECONDS = 5
CANARY = "sk-canary"
CONVERSATION = "c"
ONE = Attempt("owner", "key", b"body")

Action = Callable[[Turn], Awaitable[None]]


class Reader:
    """Somebody who follows a turn; `parts` is what was sent to them, and they may stop taking it."""

    def __init__(self, turn: Turn, after: int = 0, *, takes: bool = True) -> None:
        self.messages: list[Any] = []
        self._news = asyncio.Event()
        self._gone = asyncio.Event()
        self._takes = asyncio.Event()
        if takes:
            self._takes.set()
        response = TurnResponse(turn, after)
        self.task = asyncio.create_task(response({"type": "http"}, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self._takes.wait()
        self.messages.append(message)
        self._news.set()

    @property
    def status(self) -> int:
        status: int = self.messages[0]["status"]
        return status

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)

    async def has(self, body: bytes) -> None:
        """Waits until exactly this was sent."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.body != body:
                self._news.clear()
                await self._news.wait()

    def take(self) -> None:
        """Goes on taking what is sent."""
        self._takes.set()

    async def leave(self) -> None:
        """Closes the connection."""
        self._gone.set()
        await self.read()

    async def read(self) -> bytes:
        """All there is, once it is over."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.task
        return self.body


class Pen:
    """A writer that does what the test tells it, one thing at a time."""

    def __init__(self) -> None:
        self._orders: asyncio.Queue[Action] = asyncio.Queue()
        self._done = asyncio.Queue[None]()
        self.was_cancelled = False

    async def __call__(self, turn: Turn) -> None:
        try:
            while True:
                await (await self._orders.get())(turn)
                self._done.put_nowait(None)
        except _Over:
            return
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise

    async def do(self, action: Action) -> None:
        """Has the writer do something and waits until it has."""
        self._orders.put_nowait(action)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._done.get()

    async def write(self, *data: bytes) -> None:
        """Opens the stream where it is not, and appends."""

        async def action(turn: Turn) -> None:
            turn.open_stream()
            for one in data:
                turn.append(one)

        await self.do(action)

    def last(self, action: Action) -> None:
        """Has the writer do something that ends it."""
        self._orders.put_nowait(action)


class _Over(Exception):
    pass


async def over(turn: Turn) -> None:
    raise _Over


def frames(turn: Turn, *data: bytes, start: int = 1) -> bytes:
    return b"".join(
        b"id: %s:%d\ndata: %s\n\n" % (turn.id.encode(), number, one)
        for number, one in enumerate(data, start)
    )


def begun(turns: Turns, *, is_streamed: bool = True) -> tuple[Turn, Pen]:
    pen = Pen()
    return turns.begin(CONVERSATION, pen, None, is_streamed=is_streamed), pen


async def finish(turn: Turn) -> None:
    turn.append(b'{"type":"finish"}')
    turn.close("finish")
    raise _Over


async def settled(turn: Turn) -> None:
    """Returns when the writer is gone."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await turn.ended()


async def test_events_are_numbered_without_gaps_from_one() -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    await pen.write(b"a", b"b")
    await pen.write(b"c")
    pen.last(finish)
    assert await reader.read() == frames(turn, b"a", b"b", b"c", b'{"type":"finish"}', b"[DONE]")
    assert reader.status == 200


async def test_a_reader_gets_each_event_when_it_is_appended() -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    for number, data in enumerate((b"a", b"b", b"c"), 1):
        await pen.write(data)
        await reader.has(frames(turn, b"a", b"b", b"c")[: len(frames(turn, b"a")) * number])
    await reader.leave()


async def test_a_reader_who_comes_late_gets_everything_or_what_follows_a_number() -> None:
    turn, pen = begun(Turns(0))
    first = Reader(turn)
    await pen.write(b"a", b"b")
    late, after_one, after_all = Reader(turn), Reader(turn, 1), Reader(turn, 2)
    beyond = Reader(turn, 1_000)
    pen.last(finish)
    everything = frames(turn, b"a", b"b", b'{"type":"finish"}', b"[DONE]")
    after = frames(turn, b"a")
    assert await first.read() == await late.read() == everything
    assert await after_one.read() == everything[len(after) :]
    assert await after_all.read() == await beyond.read() == everything[2 * len(after) :]


async def test_a_slow_reader_holds_nobody_else_back() -> None:
    turn, pen = begun(Turns(0))
    slow, quick = Reader(turn, takes=False), Reader(turn)
    await pen.write(b"a")
    pen.last(finish)
    everything = await quick.read()
    assert slow.body == b""
    slow.take()
    assert await slow.read() == everything


# Endings


async def _refused(turn: Turn) -> None:
    raise BadGateway("The answer broke off.")


async def _unexpected(turn: Turn) -> None:
    raise RuntimeError(f"Illegal header value b'Bearer {CANARY}'")


ERROR = b'{"type":"error","errorText":"%s"}'

LAST: dict[str, tuple[Action, bytes]] = {
    "a refusal": (_refused, ERROR % b"The answer broke off."),
    "something unexpected": (_unexpected, ERROR % b"An internal server error occurred."),
    "nothing at all": (over, ERROR % b"The answer broke off before its end."),
}


@pytest.mark.parametrize(("action", "told"), LAST.values(), ids=LAST.keys())
async def test_a_writer_that_ends_without_an_ending_leaves_an_error(
    action: Action, told: bytes
) -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    await pen.write(b"a")
    pen.last(action)
    assert await reader.read() == frames(turn, b"a", told, b"[DONE]")
    assert turn.ending == "error"


@pytest.mark.parametrize("is_streamed", [True, False])
async def test_before_the_stream_the_sender_gets_the_error_itself(is_streamed: bool) -> None:
    turn, pen = begun(Turns(0), is_streamed=is_streamed)
    reader = Reader(turn)
    pen.last(_refused)
    assert b"BAD_GATEWAY" in await reader.read()
    assert reader.status == 502


async def test_the_text_of_an_unexpected_failure_is_neither_told_nor_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Fact 1: an HTTP client's error can quote the whole ``Authorization`` header."""
    caplog.set_level("DEBUG")
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    pen.last(_unexpected)
    body = await reader.read()
    assert reader.status == InternalError.status
    assert CANARY.encode() not in body
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text


_actions = st.sampled_from(
    ["append", "finish", "error", "stop", "cancel", "refuse", "fail", "return", "join", "leave"]
)


@given(st.lists(_actions, max_size=12), st.sampled_from([0, 60]), st.booleans())
def test_whatever_happens_there_is_one_ending_and_nothing_after_it(
    actions: list[str], grace_seconds: float, is_streamed: bool
) -> None:
    async def play() -> None:
        turn, pen = begun(Turns(grace_seconds), is_streamed=is_streamed)
        readers: list[Reader] = []
        ended_with: list[bytes] | None = None
        for action in actions:
            await _act(action, turn, pen, readers)
            if turn.ending is not None:
                ended_with = list(turn.frames) if ended_with is None else ended_with
                assert list(turn.frames) == ended_with, "the log is closed"
        turn.cancel()
        await settled(turn)
        assert turn.ending is not None
        for reader in readers:
            await reader.leave()
        if turn.refusal is None:
            assert turn.frames[-1].endswith(b"data: [DONE]\n\n")
            assert sum(b"[DONE]" in frame for frame in turn.frames) == 1
            numbers = [int(frame.partition(b"\n")[0].rpartition(b":")[2]) for frame in turn.frames]
            assert numbers == list(range(1, len(numbers) + 1))
        else:
            assert list(turn.frames) == []
        await asyncio.sleep(0)  # what was cancelled just now ends
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(play())


async def _act(action: str, turn: Turn, pen: Pen, readers: list[Reader]) -> None:
    async def append(turn: Turn) -> None:
        turn.open_stream()
        turn.append(b"a")

    async def close(turn: Turn) -> None:
        turn.open_stream()
        turn.close("finish" if action == "finish" else "error")

    match action:
        case "append":
            pen.last(append)
        case "finish" | "error":
            pen.last(close)
        case "refuse":
            pen.last(_refused)
        case "fail":
            pen.last(_unexpected)
        case "return":
            pen.last(over)
        case "stop":
            turn.stop()
        case "cancel":
            turn.cancel()
        case "join":
            readers.append(Reader(turn))
        case "leave" if readers:
            await readers.pop().leave()
    for _ in range(5):
        await asyncio.sleep(0)


# Stop


async def test_stop_before_the_upstream_has_answered_is_a_stream_of_its_own() -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    await pen.do(_nothing)
    assert turn.stop()
    assert await reader.read() == frames(turn, b'{"type":"abort"}', b"[DONE]")
    await settled(turn)
    assert pen.was_cancelled
    assert turn.ending == "stopped"


async def _nothing(turn: Turn) -> None:
    pass


async def test_stop_in_the_middle_keeps_what_was_there() -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    await pen.write(b"a")
    assert turn.stop()
    assert not turn.stop(), "once is enough"
    assert await reader.read() == frames(turn, b"a", b'{"type":"abort"}', b"[DONE]")
    await settled(turn)
    assert pen.was_cancelled


async def test_stop_after_the_end_changes_nothing() -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn)
    await pen.write(b"a")
    pen.last(finish)
    everything = await reader.read()
    assert not turn.stop()
    assert turn.ending == "finish"
    assert b"".join(turn.frames) == everything


# Readers who leave


async def test_without_a_grace_period_the_last_reader_to_leave_stops_the_answer() -> None:
    turn, pen = begun(Turns(0))
    one, other = Reader(turn), Reader(turn)
    await pen.write(b"a")
    await one.leave()
    await pen.write(b"b")
    assert turn.ending is None, "somebody is reading"
    await other.leave()
    await settled(turn)
    assert turn.ending == "stopped"
    assert pen.was_cancelled


async def test_within_the_grace_period_a_reader_may_come_back() -> None:
    turn, pen = begun(Turns(0.05))
    await pen.write(b"a")
    await Reader(turn).leave()
    back = Reader(turn)
    loop = asyncio.get_running_loop()
    long_after = loop.create_future()
    loop.call_later(0.1, long_after.set_result, None)
    await long_after
    assert turn.ending is None
    await back.leave()
    left = loop.time()
    await settled(turn)
    assert loop.time() - left >= 0.04
    assert turn.ending == "stopped"


async def test_a_reader_who_leaves_an_answer_that_is_over_stops_nothing() -> None:
    turn, pen = begun(Turns(0))
    reader = Reader(turn, takes=False)
    pen.last(finish)
    await settled(turn)
    reader.take()
    await reader.leave()
    assert turn.ending == "finish"


# One at a time, and repeats


async def test_a_second_turn_in_a_conversation_waits_for_the_first_to_end() -> None:
    turns = Turns(0)
    first, pen = begun(turns)
    with pytest.raises(Conflict):
        begun(turns)
    other = turns.begin("another", Pen(), None, is_streamed=True)
    pen.last(finish)
    await settled(first)
    second, _ = begun(turns)
    assert len({first.id, second.id, other.id}) == 3
    await turns.close()


async def test_a_repeat_joins_and_another_body_is_a_conflict() -> None:
    turns, pen = Turns(0), Pen()
    turn = turns.begin(CONVERSATION, pen, ONE, is_streamed=True)
    assert turns.repeated(CONVERSATION, ONE) is turn
    assert turns.begin(CONVERSATION, Pen(), ONE, is_streamed=True) is turn, "at the same moment"
    with pytest.raises(Conflict, match="Idempotency-Key"):
        turns.repeated(CONVERSATION, Attempt("owner", "key", b"another"))
    for other in (Attempt("owner", "other", b"body"), Attempt("stranger", "key", b"body")):
        assert turns.repeated(CONVERSATION, other) is None
    assert turns.repeated("another", ONE) is None
    pen.last(finish)
    await settled(turn)
    assert turns.repeated(CONVERSATION, ONE) is turn, "after the end too"


async def test_a_refused_try_is_forgotten_and_a_broken_answer_is_not() -> None:
    turns, pen = Turns(0), Pen()
    refused = turns.begin(CONVERSATION, pen, ONE, is_streamed=True)
    pen.last(_refused)
    await settled(refused)
    assert turns.repeated(CONVERSATION, ONE) is None
    broken = turns.begin(CONVERSATION, pen := Pen(), ONE, is_streamed=True)
    assert broken is not refused
    await pen.write(b"a")
    pen.last(_refused)
    await settled(broken)
    assert turns.repeated(CONVERSATION, ONE) is broken


async def test_a_turn_is_forgotten_a_while_after_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_SECONDS", 0)
    monkeypatch.setattr(module, "KEEP_ATTEMPT_SECONDS", 0)
    turns, pen = Turns(0), Pen()
    turn = turns.begin(CONVERSATION, pen, ONE, is_streamed=True)
    await pen.write(b"a")
    start = Position(turn.id, 0)
    assert turns.readable(CONVERSATION, start) is turn
    pen.last(finish)
    await settled(turn)
    for _ in range(5):  # rounds of the event loop
        await asyncio.sleep(0)
    assert turns.readable(CONVERSATION, start) is None
    assert turns.repeated(CONVERSATION, ONE) is None


async def test_forgetting_a_turn_leaves_the_next_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    turns, pen = Turns(0), Pen()
    first = turns.begin(CONVERSATION, pen, ONE, is_streamed=True)
    pen.last(_refused)
    await settled(first)
    monkeypatch.setattr(module, "KEEP_SECONDS", 0)
    monkeypatch.setattr(module, "KEEP_ATTEMPT_SECONDS", 0)
    second = turns.begin(CONVERSATION, Pen(), ONE, is_streamed=True)
    for _ in range(10):
        await asyncio.sleep(0)
    assert turns.running(CONVERSATION) is second
    assert turns.repeated(CONVERSATION, ONE) is second
    await turns.close()


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("abc:7", Position("abc", 7)),
        ("abc:0", Position("abc", 0)),
        (None, None),
        ("", None),
        ("abc", None),
        (":7", None),
        ("abc:", None),
        ("abc:-1", None),
        ("abc:+1", None),
        ("abc:1.0", None),
        ("abc: 1", None),
        ("abc:٧", None),
        ("abc:1:2", None),
        ("abc:" + "9" * 10, None),
    ],
)
def test_a_position_is_a_turn_and_a_number(text: str | None, position: Position | None) -> None:
    assert Position.parse(text) == position


# Limits and stopping


async def test_a_log_over_its_limit_ends_with_an_error() -> None:
    turn, pen = begun(Turns(0, Relaying(answer_bytes=500)))
    reader = Reader(turn)
    await pen.write(*[b"x" * 100] * 10)
    body = await reader.read()
    told = ERROR % b"The answer is too long."
    fitting = body.count(b"x" * 100)
    assert body == frames(turn, *[b"x" * 100] * fitting, told, b"[DONE]")
    assert 1 <= fitting <= 4
    turn.cancel()
    await settled(turn)


async def test_closing_interrupts_what_runs_and_tells_the_readers() -> None:
    turns = Turns(60)
    opened, pen = begun(turns)
    await pen.write(b"a")
    unopened = turns.begin("unopened", waiting := Pen(), None, is_streamed=True)
    await waiting.do(_nothing)
    whole = turns.begin("whole", pausing := Pen(), None, is_streamed=False)
    await pausing.do(_nothing)
    readers = [Reader(turn) for turn in (opened, unopened, whole)]
    await asyncio.sleep(0)
    await turns.close()
    told = ERROR % b"The answer was interrupted."
    assert await readers[0].read() == frames(opened, b"a", told, b"[DONE]")
    assert await readers[1].read() == frames(unopened, told, b"[DONE]")
    assert b"SERVICE_UNAVAILABLE" in await readers[2].read()
    assert readers[2].status == 503
    assert opened.ending == unopened.ending == "interrupted"


async def test_closing_waits_for_writers_that_only_clean_up() -> None:
    """Even where the conversation has gone on to its next turn."""
    turns, cleaned = Turns(0), []

    async def lingering(turn: Turn) -> None:
        turn.open_stream()
        turn.close("finish")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(turn)

    first = turns.begin(CONVERSATION, lingering, None, is_streamed=True)
    await asyncio.sleep(0)
    second = turns.begin(CONVERSATION, lingering, None, is_streamed=True)
    await asyncio.sleep(0)
    await turns.close()
    assert set(cleaned) == {first, second}


async def test_no_task_is_left_of_a_thousand_turns() -> None:
    turns, before = Turns(0), asyncio.all_tasks()
    writers: list[Writer] = [finish, _refused, _unexpected, over, _waits]
    for number in range(1_000):
        turn = turns.begin(f"c{number}", _orderly(writers[number % 5]), None, is_streamed=True)
        reader = Reader(turn)
        await asyncio.sleep(0)
        await reader.leave()
        await settled(turn)
    assert asyncio.all_tasks() == before
    await turns.close()


async def _waits(turn: Turn) -> None:
    turn.open_stream()
    await asyncio.Event().wait()


def _orderly(write: Writer) -> Writer:
    async def writer(turn: Turn) -> None:
        try:
            await write(turn)
        except _Over:
            return

    return writer
