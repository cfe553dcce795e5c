"""The relay: an upstream's stream into a turn's log, and a turn's log out to a reader.

Events go through as they come; none waits for the next. How a stream ended is always told: one that breaks off,
stalls or is malformed ends with an ``error`` chunk and ``[DONE]``, since deployed clients take a silent end for
success.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from asklight.contract import MESSAGE_SENT, STREAM_HEADERS
from asklight.errors import BadGateway
from asklight.gateway.events import Chunk, ChunkReader, MalformedStream
from asklight.gateway.turns import Ending, Turn
from asklight.wire import answer, error_response

logger = logging.getLogger("asklight.relay")

KEEP_ALIVE_SECONDS: Final = 15
"""An idle connection gets a comment this often, so that nothing on the way gives it up."""

_DRAIN_SECONDS: Final = 1
_KEEP_ALIVE: Final = b": keep-alive\n\n"
_LAST: Final[dict[str, Ending]] = {"finish": "finish", "error": "error", "abort": "stopped"}

BROKE_OFF: Final = "The answer broke off before its end."


async def write_stream(
    stream: AsyncIterator[bytes], turn: Turn, learn: Callable[[str], Coroutine[Any, Any, None]]
) -> None:
    """Appends the events of `stream` to `turn`, and its ending.

    :param learn: keeps the message id that the ``start`` chunk names. No event waits for it but the last: who has
        read the end can judge the message.
    :raises BadGateway: the stream broke off or is malformed.
    """
    turn.open_stream()
    learning: asyncio.Task[None] | None = None
    try:
        async with aclosing(_chunks(stream)) as chunks:
            async for chunk in chunks:
                if chunk.type == "done":
                    break  # the mark without a finish: cut, however politely
                if chunk.message_id is not None and learning is None:
                    learning = asyncio.create_task(learn(chunk.message_id))
                if chunk.type in _LAST and learning is not None:
                    await asyncio.shield(learning)
                turn.append(chunk.data)
                if chunk.type in _LAST:
                    turn.close(_LAST[chunk.type])
                    await _drain(stream)
                if turn.ending is not None:
                    return
        raise BadGateway(BROKE_OFF)
    finally:
        if learning is not None:
            await asyncio.shield(learning)


async def _chunks(stream: AsyncIterator[bytes]) -> AsyncGenerator[Chunk, None]:
    reader = ChunkReader()
    try:
        async for part in stream:
            for chunk in reader.feed(part):
                yield chunk
    except MalformedStream:
        raise BadGateway("The assistant service sent something that is not an answer.") from None
    else:
        for chunk in _last_chunks(reader):
            yield chunk
    finally:
        if reader.dropped:
            logger.info("dropped %d events of types that clients do not know", reader.dropped)


def _last_chunks(reader: ChunkReader) -> list[Chunk]:
    try:
        return list(reader.close())
    except MalformedStream:  # cut in the middle of an event
        raise BadGateway(BROKE_OFF) from None


async def _drain(stream: AsyncIterator[bytes]) -> None:
    """Reads what little follows the end, so that the connection can be used again."""
    try:
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for _ in stream:
                pass
    except (TimeoutError, BadGateway):
        pass  # the answer is whole; only the connection is lost


class TurnResponse:
    """An ASGI response that follows a turn: a stream, a whole answer, ``Message sent``, or the error before any.

    The reader that leaves is noticed at once, before the first event too.

    :param after: the number of the last frame the reader has; 0 from the start.
    """

    def __init__(self, turn: Turn, after: int = 0) -> None:
        self._turn = turn
        self._position = min(after, len(turn.frames))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        turn = self._turn
        news = turn.join()
        gone = asyncio.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: news.set())
        try:
            while not (turn.is_known or gone.done()):
                news.clear()
                await news.wait()
            if gone.done():
                return
            if turn.refusal is not None:
                await error_response(turn.refusal)(scope, receive, send)
            elif turn.form == "handed over":
                await PlainTextResponse(MESSAGE_SENT, 202)(scope, receive, send)
            elif turn.form == "json":
                await answer(turn.whole)(scope, receive, send)
            else:
                await self._follow(send, news, gone)
        finally:
            turn.leave(news)
            gone.cancel()

    async def _follow(self, send: Send, news: asyncio.Event, gone: asyncio.Task[None]) -> None:
        turn = self._turn
        headers = [(name.encode(), value.encode()) for name, value in STREAM_HEADERS.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while not gone.done():
            news.clear()
            frames = turn.frames[self._position :]
            if frames:
                self._position += len(frames)
                await _send_part(send, b"".join(frames))
            elif turn.ending is not None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            else:
                await _wait(news, send)


async def _wait(news: asyncio.Event, send: Send) -> None:
    """Waits for news, with a comment to the reader whenever there was none for a while."""
    while True:
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                await news.wait()
            return
        except TimeoutError:
            await _send_part(send, _KEEP_ALIVE)
            if news.is_set():
                return


async def _send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
