"""What all answers together may take: which log goes when there is no more room, and what its readers are told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from asklight.errors import Conflict, ServiceUnavailable
from asklight.gateway import turns as module
from asklight.gateway.turn import NO_ROOM, NOT_KEPT, Position, Turn
from asklight.gateway.turns import Attempt, Turns
from asklight.settings import Relaying
from proxy.gateway.test_turns import ERROR, Pen, Reader, finish, frames, settled

EVENT = b"x" * 1_000
ROOM = Relaying(answer_bytes=20_000, all_answers_bytes=60_000)


def size(turns: Turns) -> int:
    """What is counted."""
    return turns._logs.size


def held(*held_turns: Turn) -> int:
    """What is really there."""
    return sum(len(frame) for turn in held_turns for frame in turn.frames)


class Answers:
    """Answers of one process, each in a conversation of its own."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.all: list[Turn] = []
        self._names: Iterator[str] = (f"c{number}" for number in range(1_000_000))

    def begin(self, attempt: Attempt | None = None) -> tuple[Turn, Pen]:
        pen = Pen()
        turn = self.turns.begin(next(self._names), pen, attempt, is_streamed=True)
        self.all.append(turn)
        return turn, pen

    async def running(self, events: int) -> tuple[Turn, Pen]:
        """One that has so many events and goes on."""
        turn, pen = self.begin()
        await pen.write(*[EVENT] * events)
        return turn, pen

    async def ended(self, events: int) -> Turn:
        """One that is over."""
        turn, pen = await self.running(events)
        pen.last(finish)
        await settled(turn)
        return turn

    def check(self) -> None:
        """What is counted is what is held, and within the limit."""
        assert size(self.turns) == held(*self.all)
        assert size(self.turns) <= ROOM.all_answers_bytes


def told(turn: Turn, number: int, text: str) -> bytes:
    """An error and the end, the error under this number."""
    return frames(turn, ERROR % text.encode(), b"[DONE]", start=number)


async def test_the_log_that_ended_longest_ago_goes_first() -> None:
    answers = Answers(Turns(60, ROOM))
    oldest, older = await answers.ended(18), await answers.ended(18)
    running, pen = await answers.running(18)
    assert not oldest.is_given_up
    newest, _ = await answers.running(12)
    answers.check()
    assert oldest.is_given_up
    assert not older.is_given_up
    assert running.ending is newest.ending is None
    await pen.write(b"a")
    assert running.frames[-1].endswith(b"data: a\n\n")
    await answers.turns.close()


async def test_who_comes_back_for_what_is_gone_is_told_so_and_who_has_it_all_is_not() -> None:
    answers = Answers(Turns(60, ROOM))
    gone = await answers.ended(18)
    for _ in range(3):
        await answers.running(16)
    assert gone.is_given_up
    assert answers.turns.readable(gone.conversation_id, Position(gone.id, 7)) is gone
    assert await Reader(gone, 7).read() == told(gone, 19, NOT_KEPT)
    assert await Reader(gone, 19).read() == frames(gone, b"[DONE]", start=20), "it has the finish"
    assert answers.turns.readable(gone.conversation_id, Position(gone.id, 20)) is None
    assert gone.ending == "finish"
    await answers.turns.close()


async def test_a_log_that_is_being_read_goes_after_those_that_nobody_reads() -> None:
    answers = Answers(Turns(60, ROOM))
    read, unread = await answers.ended(18), await answers.ended(18)
    slow = Reader(read, takes=False)
    await asyncio.sleep(0)
    for events in (12, 14):
        await answers.running(events)
    assert unread.is_given_up
    assert not read.is_given_up
    await answers.running(16)
    answers.check()
    assert read.is_given_up
    slow.take()
    body = await slow.read()
    assert body.endswith(b"data: [DONE]\n\n"), (
        "what was on its way arrives, and no log ends in silence"
    )
    await answers.turns.close()


async def test_a_slow_reader_of_a_log_that_goes_is_told_and_gets_no_later_part() -> None:
    answers = Answers(Turns(60, ROOM))
    (longest, pen), *others = [answers.begin() for _ in range(4)]
    slow = Reader(longest, takes=False)
    await pen.write(EVENT)
    await asyncio.sleep(0)  # the head is on its way, and waits
    await pen.write(*[EVENT] * 17)
    for _, other in others:
        await other.write(*[EVENT] * 14)
    assert longest.ending == "error"
    slow.take()
    assert await slow.read() == told(longest, 19, NO_ROOM)
    await answers.turns.close()


async def test_the_longest_running_answer_ends_with_an_error_and_the_others_go_on() -> None:
    answers = Answers(Turns(60, ROOM))
    (longest, longest_pen), *others = [answers.begin() for _ in range(4)]
    await longest_pen.write(*[EVENT] * 18)
    reader = Reader(longest)
    for _, pen in others[:2]:
        await pen.write(*[EVENT] * 15)
    last, last_pen = others[2]
    while longest.ending is None:
        assert last.size < longest.size
        await last_pen.write(b"y" * 300)
    answers.check()
    told_last = ERROR % NO_ROOM.encode()
    assert await reader.read() == frames(longest, *[EVENT] * 18, told_last, b"[DONE]")
    await settled(longest)
    assert longest_pen.was_cancelled, "the upstream is asked for no more"
    for turn, pen in others:
        assert turn.ending is None
        pen.last(finish)
        await settled(turn)
        assert turn.ending == "finish"
    await answers.turns.close()


async def test_the_answer_that_fills_the_room_itself_ends_at_that_event() -> None:
    answers = Answers(Turns(60, ROOM))
    (longest, pen), *others = [answers.begin() for _ in range(4)]
    for _, other in others:
        await other.write(*[EVENT] * 14)
    reader = Reader(longest)
    await pen.write(*[EVENT] * 18)
    body = await reader.read()
    count = body.count(EVENT)
    assert 14 < count < 18
    assert body == frames(longest, *[EVENT] * count, ERROR % NO_ROOM.encode(), b"[DONE]")
    await settled(longest)
    assert pen.was_cancelled
    assert [turn.ending for turn, _ in others] == [None] * 3
    answers.check()
    await answers.turns.close()


async def test_where_the_running_ones_leave_no_room_a_new_one_is_refused() -> None:
    answers = Answers(Turns(60, ROOM))
    await answers.ended(18)
    for _ in range(2):
        await answers.running(18)
    _, pen = answers.begin()  # two logs and what ended: there is room for one more
    with pytest.raises(ServiceUnavailable) as refused:
        await pen.write(*[EVENT] * 4)
        answers.begin()
    assert refused.value.retry_after > 0
    assert [turn.ending for turn in answers.all] == ["finish", None, None, None]
    pen.last(finish)
    await settled(answers.all[-1])
    answers.all[1].stop()
    await settled(answers.all[1])
    answers.begin()
    await answers.turns.close()


async def test_a_whole_answer_is_counted_and_not_asked_twice_when_it_is_gone() -> None:
    turns, attempt = Turns(60, ROOM), Attempt("owner", "key", b"body")

    async def whole(turn: Turn) -> None:
        turn.settle("json", {"text": "x" * 18_000})

    turn = turns.begin("whole", whole, attempt, is_streamed=False)
    await settled(turn)
    assert 18_000 < size(turns) < 18_100
    assert turns.repeated("whole", attempt) is turn
    answers = Answers(turns)
    for _ in range(3):
        await answers.running(16)
    assert turn.whole == {}
    with pytest.raises(Conflict, match="no longer kept"):
        turns.repeated("whole", attempt)
    await turns.close()


async def test_what_is_forgotten_is_counted_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.01)
    monkeypatch.setattr(module, "KEEP_ATTEMPT_SECONDS", 0.02)
    answers = Answers(Turns(60, ROOM))
    turn, pen = answers.begin(Attempt("owner", "key", b"body"))
    await pen.write(EVENT)
    pen.last(finish)
    stopped, _ = await answers.running(2)
    stopped.stop()
    await answers.ended(3)
    await settled(turn)
    async with asyncio.timeout(5):
        while size(answers.turns):  # noqa: ASYNC110 - timers tell nobody
            await asyncio.sleep(0.01)
    assert answers.turns._logs._ended_size == 0
    assert not answers.turns._logs._ended
    assert not answers.turns._logs._running


async def test_whatever_happens_the_count_is_right_and_the_room_is_kept() -> None:
    chance = random.Random(7)  # noqa: S311 - a play, no secret
    answers = Answers(Turns(60, ROOM))
    pens: list[tuple[Turn, Pen]] = []
    refused = 0
    for _ in range(2_000):
        pens = [(turn, pen) for turn, pen in pens if turn.ending is None]
        what = chance.random()
        if what < 0.25:
            try:
                pens.append(answers.begin())
            except ServiceUnavailable:
                refused += 1
        elif pens:
            turn, pen = chance.choice(pens)
            if what < 0.9:
                await pen.write(b"z" * chance.randrange(3_000))
            elif what < 0.97:
                pen.last(finish)
                await settled(turn)
            else:
                turn.stop()
                await settled(turn)
        answers.check()
        logs = answers.turns._logs
        over = [turn for turn in answers.all if turn.ending is not None]
        assert logs._ended_size == held(*over)
        assert all(turn.frames[-1].endswith(b"data: [DONE]\n\n") for turn in over)
    assert refused > 10
    assert sum(turn.is_given_up for turn in answers.all) > 10
    await answers.turns.close()
