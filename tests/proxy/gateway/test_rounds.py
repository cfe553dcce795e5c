"""Many are looked after at a regular pace, with one timer for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from starlette.types import Message

from asklight.gateway.followers import TurnResponse
from asklight.gateway.rounds import Place, Rounds
from asklight.gateway.turn import Turn
from asklight.gateway.turns import Turns
from asklight.settings import Relaying
from proxy.gateway.plays import VirtualLoop

ROUND_SECONDS = 8
KEEP_ALIVE_SECONDS = 15
COMMENT = b": keep-alive\n\n"


class Member:
    """Notes when it was looked after."""

    def __init__(self, does: Callable[[], None] = lambda: None) -> None:
        self.times: list[float] = []
        self.does = does

    def look_after(self) -> None:
        self.times.append(asyncio.get_running_loop().time())
        self.does()


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


@pytest.mark.parametrize("seconds", [0.001, 0.05, ROUND_SECONDS, 600])
def test_each_is_looked_after_within_a_round_and_then_every_round(
    loop: VirtualLoop, seconds: float
) -> None:
    members = [Member() for _ in range(50)]
    joined: list[float] = []

    async def play() -> list[Place]:
        rounds, places = Rounds(seconds), []
        for member in members:
            joined.append(loop.time())
            places.append(rounds.join(member))
            await asyncio.sleep(seconds / 7)
        await asyncio.sleep(4 * seconds)
        return places

    loop.run_until_complete(play())
    for member, since in zip(members, joined, strict=True):
        assert 0 < member.times[0] - since <= seconds * 1.001
        gaps = [b - a for a, b in zip(member.times, member.times[1:], strict=False)]
        assert gaps == pytest.approx([seconds] * len(gaps))
        assert len(gaps) >= 3


def test_who_has_left_is_left_alone_though_another_takes_it_out_in_the_same_step(
    loop: VirtualLoop,
) -> None:
    async def play() -> tuple[Member, Member]:
        rounds = Rounds(ROUND_SECONDS)
        one, other = Member(lambda: place.discard(other)), Member(lambda: place.discard(one))
        place = rounds.join(one)
        assert rounds.join(other) is place
        await asyncio.sleep(3 * ROUND_SECONDS)
        return one, other

    one, other = loop.run_until_complete(play())
    assert sorted([len(one.times), len(other.times)]) == [0, 3]


def test_nothing_waits_while_there_is_nobody_and_it_begins_again(loop: VirtualLoop) -> None:
    async def play() -> list[float]:
        rounds, first, second = Rounds(ROUND_SECONDS), Member(), Member()
        rounds.join(first).discard(first)
        await asyncio.sleep(100)
        rounds.join(second)
        await asyncio.sleep(1.5 * ROUND_SECONDS)
        assert first.times == []
        return second.times

    assert loop.run_until_complete(play()) == [pytest.approx(100 + ROUND_SECONDS)]


def test_once_all_have_left_nothing_is_waited_for(
    loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up: list[float] = []
    call_at = loop.call_at

    def counted(when: float, *rest: Any, **context: Any) -> asyncio.TimerHandle:
        set_up.append(when)
        return call_at(when, *rest, **context)

    async def play() -> None:
        Rounds(ROUND_SECONDS).join(member := Member()).discard(member)
        monkeypatch.setattr(loop, "call_at", counted)
        await asyncio.sleep(100 * ROUND_SECONDS)

    loop.run_until_complete(play())
    assert set_up == [100 * ROUND_SECONDS]


def test_a_late_step_does_not_make_the_round_longer(loop: VirtualLoop) -> None:
    """What keeps the loop busy makes one step late, and not those after it."""

    async def play() -> list[float]:
        rounds, member = Rounds(ROUND_SECONDS), Member()
        rounds.join(member)
        for _ in range(40):
            await asyncio.sleep(ROUND_SECONDS / 40)
            loop.pass_time(0.1)
        return member.times

    assert loop.run_until_complete(play())[0] <= ROUND_SECONDS * 1.05


@pytest.mark.parametrize("joins_after", [0, 3.1, 7.4])
@pytest.mark.parametrize("gap", [0.5, 7, 14.9, 50])
def test_a_stream_is_silent_no_longer_than_is_set(
    loop: VirtualLoop, joins_after: float, gap: float
) -> None:
    """And where events come often, no comment is sent."""
    sent: list[tuple[float, bytes]] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append((loop.time(), message.get("body", b"")))

    async def write(turn: Turn) -> None:
        turn.open_stream()
        while loop.time() < 200:
            await asyncio.sleep(gap)
            turn.append(b"{}")
        turn.close("finish")

    async def play() -> None:
        turns = Turns(0, Relaying(keep_alive_seconds=KEEP_ALIVE_SECONDS))
        other = turns.begin("another", write, None, is_streamed=True)
        other_reader = asyncio.create_task(TurnResponse(other)({"type": "http"}, receive, _nowhere))
        await asyncio.sleep(joins_after)
        turn = turns.begin("this", write, None, is_streamed=True)
        await TurnResponse(turn)({"type": "http"}, receive, send)
        await other_reader

    loop.run_until_complete(play())
    silences = [after - before for (before, _), (after, _) in pairwise(sent)]
    assert max(silences) <= KEEP_ALIVE_SECONDS * 1.001
    if gap < KEEP_ALIVE_SECONDS / 2:
        assert COMMENT not in [body for _, body in sent]
    elif gap > KEEP_ALIVE_SECONDS:
        assert COMMENT in [body for _, body in sent]


async def _nowhere(message: Message) -> None:
    """Takes what is sent."""
