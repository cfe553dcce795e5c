"""The relay's writing half: an upstream's stream into a turn's log.

Events go through as they come; none waits for the next. How a stream ended is always told: one that breaks off,
stalls or is malformed ends with an ``error`` chunk and ``[DONE]``, since deployed clients take a silent end for
success.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from asklight.errors import ApiError, BadGateway
from asklight.gateway.events import Chunk, ChunkReader, MalformedStream
from asklight.gateway.streams import BROKE_OFF, AnswerStream
from asklight.gateway.turn import Ending, Turn

logger = logging.getLogger("asklight.relay")

_DRAIN_SECONDS: Final = 1
_LAST: Final[dict[str, Ending]] = {"finish": "finish", "error": "error", "abort": "stopped"}

NO_ANSWER: Final = "The assistant service sent something that is not an answer."

Learn = Callable[[str], None]


async def write_stream(stream: AnswerStream, turn: Turn, learn: Learn) -> None:
    """Appends the events of `stream` to `turn`, and its ending; then closes `stream`.

    :param learn: is told the message id that the ``start`` chunk names, before any reader is.
    :raises BadGateway: the stream broke off or is malformed.
    """
    intake = _Intake(turn, learn)
    try:
        turn.open_stream(stream)
        await stream.deliver(intake.take)
        intake.finish()
        if intake.is_whole:
            await _drain(stream)
    finally:
        await stream.aclose()
        if intake.dropped:
            logger.warning("events dropped, of types that clients do not know: %d", intake.dropped)


async def _drain(stream: AnswerStream) -> None:
    """Reads what little follows the end, so that the connection can be used again."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            await stream.deliver(lambda _: True)
    except (TimeoutError, BadGateway):
        pass  # the answer is whole; only the connection is lost


class _Intake:
    """Takes the pieces of a stream, from whatever callback they come in, and appends the chunks in them.

    `is_whole`: the upstream itself has ended the answer.
    """

    __slots__ = (
        "_error",
        "_is_between_events",
        "_is_plain_delta",
        "_learn",
        "_reader",
        "_turn",
        "is_whole",
    )

    def __init__(self, turn: Turn, learn: Learn) -> None:
        self._turn = turn
        self._learn = learn
        self._reader = ChunkReader(turn.bounds.event_bytes)
        self._is_plain_delta = self._reader.is_plain_delta
        self._is_between_events = False
        self._error: ApiError | None = None
        self.is_whole = False

    @property
    def dropped(self) -> int:
        """How many events were of types that clients do not know."""
        return self._reader.dropped

    def take(self, part: bytes) -> bool:
        """Appends the chunks that `part` completes, at once; False when the answer has ended or cannot go on."""
        turn = self._turn
        if self._is_between_events and self._is_plain_delta(part):
            return turn.add(part)
        reader = self._reader
        turn.begin_gathering()
        try:
            position = 0
            if self._is_between_events:
                for event in reader.plain_deltas(part):
                    if not turn.add(event):
                        return False
                    position += len(event)
            return all(map(self._put, reader.feed(part[position:])))
        except MalformedStream as fault:
            logger.warning("the assistant service's stream is none: %s", fault)
            self._error = BadGateway(NO_ANSWER)
            return False
        finally:
            self._is_between_events = reader.is_between_events
            turn.end_gathering()

    def finish(self) -> None:
        """No more comes.

        :raises BadGateway: the answer has not ended: the stream broke off, or is malformed.
        """
        if self._turn.ending is None and self._error is None:
            with suppress(MalformedStream):  # cut in the middle of an event
                all(map(self._put, self._reader.close()))
        if self._turn.ending is None:
            raise self._error or BadGateway(BROKE_OFF)

    def _put(self, chunk: Chunk) -> bool:
        if chunk.type == "done":  # the mark without a finish: cut, however politely
            self._error = BadGateway(BROKE_OFF)
            return False
        if chunk.message_id is not None:
            self._learn(chunk.message_id)
        self._turn.append(chunk.data)
        if chunk.type in _LAST:
            self._turn.close(_LAST[chunk.type])
            self.is_whole = True
        return self._turn.ending is None
