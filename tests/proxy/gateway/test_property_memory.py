"""No answer is lost, doubled or cut in silence: random streams, faults and readers, in memory on a virtual clock.

What each reader has, joined over its connections, is all that the upstream delivered and one ending that is true.
:mod:`proxy.gateway.plays` says what is played. The normal suite plays the same 2,000 cases each time. For more, and
new ones each time::

    ASKLIGHT_TEST_CASES=100000 python -m pytest tests/proxy/gateway/test_property_memory.py
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import Final

import pytest
from hypothesis import Phase, given, settings
from starlette.types import Message, Receive, Scope, Send

from asklight.contract import CHUNK_FIELDS
from asklight.errors import BadGateway
from asklight.gateway.events import ERROR_TEXT as OWN_ERROR_TEXT
from asklight.gateway.followers import TurnResponse
from asklight.gateway.http1 import Sink
from asklight.gateway.relay import Learn, write_stream
from asklight.gateway.streams import AnswerStream
from asklight.gateway.turn import Turn
from proxy.gateway.plays import Play, Write, play_out, plays
from proxy.gateway.random_streams import ENDINGS, ERROR_TEXT, KNOWN, cases

CASES: Final = 2_000


@cases(CASES)
@given(plays)
def _every_play_holds(play: Play) -> None:
    play_out(play, write_stream, TurnResponse)


def test_every_reader_has_all_that_was_sent_and_one_true_ending() -> None:
    _every_play_holds()


def test_the_plays_know_every_type_of_chunk() -> None:
    types = {chunk["type"] for chunk in (*KNOWN, *(chunk for chunk, _ in ENDINGS))}
    assert types - {"data-weather"} == CHUNK_FIELDS.keys()
    assert ERROR_TEXT == OWN_ERROR_TEXT


# Controls: relays that are broken in one way each


async def _ends_in_silence(stream: AnswerStream, turn: Turn, learn: Learn) -> None:
    try:
        await write_stream(stream, turn, learn)
    except BadGateway:
        turn.close("finish")


async def _takes_a_cut_for_the_end(stream: AnswerStream, turn: Turn, learn: Learn) -> None:
    try:
        await write_stream(stream, turn, learn)
    except BadGateway:
        turn.append(b'{"type":"finish"}')
        turn.close("finish")


@dataclass
class _Skipping:
    """A stream of which the third piece gets lost."""

    whole: AnswerStream

    async def deliver(self, sink: Sink) -> None:
        numbers = count(1)
        await self.whole.deliver(lambda piece: next(numbers) == 3 or sink(piece))

    async def aclose(self) -> None:
        await self.whole.aclose()

    def pause(self) -> None:
        self.whole.pause()

    def resume(self) -> None:
        self.whole.resume()


async def _loses_a_piece(stream: AnswerStream, turn: Turn, learn: Learn) -> None:
    await write_stream(_Skipping(stream), turn, learn)


async def _never_resumes(stream: AnswerStream, turn: Turn, learn: Learn) -> None:
    stream.resume = lambda: None  # type: ignore[method-assign]  # that is what is broken
    await write_stream(stream, turn, learn)


class _DropsWhenSlow(TurnResponse):
    """What is sent right after the reader was slow gets lost."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        was_slow = False

        async def send_or_drop(message: Message) -> None:
            nonlocal was_slow
            if was_slow and message.get("more_body"):
                was_slow = False
                return
            began = loop.time()
            await send(message)
            was_slow = loop.time() > began

        await super().__call__(scope, receive, send_or_drop)


class _TellsTheLastAgain(TurnResponse):
    """A reader who comes back gets the frame it has once more."""

    def __init__(self, turn: Turn, after: int = 0) -> None:
        super().__init__(turn, max(0, after - 1))


class _ForgetsAnEndedAnswer(TurnResponse):
    """A reader who comes late to an answer that is over gets nothing."""

    def __init__(self, turn: Turn, after: int = 0) -> None:
        super().__init__(turn, after if turn.ending is None else len(turn.frames))


@pytest.mark.parametrize(
    ("write", "response"),
    [
        (_ends_in_silence, TurnResponse),
        (_takes_a_cut_for_the_end, TurnResponse),
        (_loses_a_piece, TurnResponse),
        (_never_resumes, TurnResponse),
        (write_stream, _DropsWhenSlow),
        (write_stream, _TellsTheLastAgain),
        (write_stream, _ForgetsAnEndedAnswer),
    ],
)
def test_a_broken_relay_does_not_pass(write: Write, response: type[TurnResponse]) -> None:
    @settings(cases(CASES), phases=[Phase.generate])
    @given(plays)
    def every_play_holds(play: Play) -> None:
        play_out(play, write, response)

    with pytest.raises((AssertionError, TimeoutError)):
        every_play_holds()
