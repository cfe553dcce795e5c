"""An upstream's stream as the relay takes it: pushed, piece by piece, the moment each arrives.

Two ways behind one interface: a body of our own transport calls the sink from the socket's callback; a response of
any other httpx2 transport is read in a loop.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from typing import Final, Protocol

import httpx2

from asklight.gateway.http1 import Body, Sink

BROKE_OFF: Final = "The answer broke off before its end."
"""What a reader is told of a stream that ends too early, whatever ended it."""

Translation = AbstractContextManager[None]
"""Turns the HTTP client's errors into ours."""


class AnswerStream(Protocol):
    """The bytes of an answer."""

    async def deliver(self, sink: Sink) -> None:
        """Calls `sink` with each piece as it arrives, until the stream ends or the sink has enough.

        :raises BadGateway: the stream broke off or stalled.
        """

    async def aclose(self) -> None:
        """Ends it, whether it has been read to its end or not."""

    def pause(self) -> None:
        """Takes nothing more from the upstream until :meth:`resume`."""

    def resume(self) -> None:
        """Goes on."""


def answer_stream(response: httpx2.Response, translated: Translation) -> AnswerStream:
    """The body of `response` as a stream that can be delivered and paused."""
    body = response.extensions.get("body")
    if isinstance(body, Body):
        return _Pushed(body, translated)
    return _Pulled(response, translated)


class _Pushed:
    def __init__(self, body: Body, translated: Translation) -> None:
        self._body = body
        self._translated = translated
        self.aclose = body.aclose
        self.pause = body.pause
        self.resume = body.resume

    async def deliver(self, sink: Sink) -> None:
        with self._translated:
            await self._body.deliver(sink)


class _Pulled:
    def __init__(self, response: httpx2.Response, translated: Translation) -> None:
        self.aclose = response.aclose
        self._parts = response.aiter_raw()
        self._translated = translated
        self._may_go_on = asyncio.Event()
        self._may_go_on.set()

    async def deliver(self, sink: Sink) -> None:
        with self._translated:
            async for part in self._parts:
                if not sink(part):
                    return
                await self._may_go_on.wait()

    def pause(self) -> None:
        self._may_go_on.clear()

    def resume(self) -> None:
        self._may_go_on.set()
