"""How an answer is sent: as a UI message stream, or whole.

Both are ASGI responses that generate while they send and watch for the reader leaving, before the first word too.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from asklight.assistant.generation import FAILED, Generation, GenerationFailed
from asklight.assistant.shapes import steps_shape
from asklight.contract import DONE, STREAM_HEADERS
from asklight.errors import InternalError
from asklight.wire import answer

_RAW_HEADERS: Final = [(name.encode(), value.encode()) for name, value in STREAM_HEADERS.items()]


class StreamedReply(Response):
    """The answer as server-sent events, one chunk a piece.

    :param delay_seconds: how long to wait before each piece, as a model takes its time; 0 for not at all.
    """

    def __init__(self, generation: Generation, delay_seconds: float) -> None:
        self._generation = generation
        self._delay_seconds = delay_seconds
        super().__init__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _while_reader_stays(receive, self._stream(_EventWriter(send)))

    async def _stream(self, events: _EventWriter) -> None:
        answer_id = self._generation.turn.answer_id
        await events.open()
        await events.write({"type": "start", "messageId": answer_id})
        await events.write({"type": "start-step"})
        await events.write({"type": "text-start", "id": answer_id})

        async def write_piece(piece: str) -> None:
            await asyncio.sleep(self._delay_seconds)
            await events.write({"type": "text-delta", "id": answer_id, "delta": piece})

        try:
            await self._generation.run(write_piece)
        except GenerationFailed:
            await events.write({"type": "error", "errorText": FAILED})
        else:
            await events.write({"type": "text-end", "id": answer_id})
            await events.write({"type": "finish-step"})
            await events.write({"type": "finish", "finishReason": "stop"})
        await events.close()


class WholeReply(Response):
    """The answer as one JSON object, when it is complete."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation
        super().__init__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if await _while_reader_stays(receive, self._generate()):
            await answer(steps_shape(self._generation.text))(scope, receive, send)

    async def _generate(self) -> None:
        async def keep_silent(_piece: str) -> None:
            """The whole answer goes out at the end."""

        try:
            await self._generation.run(keep_silent)
        except GenerationFailed:
            raise InternalError(FAILED) from None


class _EventWriter:
    """Writes events of one stream: ``data: <json>`` and a blank line."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def open(self) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": _RAW_HEADERS})

    async def write(self, chunk: dict[str, str]) -> None:
        encoded = json.dumps(chunk, ensure_ascii=False, separators=(",", ":"))
        await self._write_data(encoded.encode(), more=True)

    async def close(self) -> None:
        await self._write_data(DONE, more=False)

    async def _write_data(self, data: bytes, *, more: bool) -> None:
        body = b"data: " + data + b"\n\n"
        await self._send({"type": "http.response.body", "body": body, "more_body": more})


async def _while_reader_stays(receive: Receive, work: Coroutine[Any, Any, None]) -> bool:
    """Do `work` until it is done, or cancel it the moment the reader leaves; True where it was done."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_reader_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        done = working.done()
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    if done:
        working.result()
    return done


async def _reader_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
