"""``GET /conversations/{id}/events``: what a person at the service writes, as server-sent events.

However many read a conversation, one source listens for all of them: it begins with the first and ends with the last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.types import Receive, Scope, Send

from asklight.contract import STREAM_HEADERS
from asklight.errors import ApiError, ServiceUnavailable
from asklight.gateway.human_events import Place, place_frame
from asklight.gateway.listening import Learn, Listening, Reader
from asklight.gateway.sessions import Session
from asklight.gateway.upstream import Service
from asklight.wire import error_response

logger = logging.getLogger("asklight.people")

LISTENING_LIMIT: Final = 1_000
"""So many conversations are listened to at once."""

SEND_SECONDS: Final = 60
"""A reader that does not take what is sent to it for so long is let go."""

_RETRY_SECONDS: Final = 5
_KEEP_ALIVE: Final = b": keep-alive\n\n"
_HEADERS: Final = [(name.encode(), value.encode()) for name, value in STREAM_HEADERS.items()]


class People:
    """Who reads which conversation's events.

    :param learn: is told of every message a person writes, before any reader is.
    :param keep_alive_seconds: a stream on which nothing happens gets a comment so often.
    """

    def __init__(self, learn: Learn, keep_alive_seconds: float) -> None:
        self.keep_alive_seconds = keep_alive_seconds
        self._learn = learn
        self._listening: dict[str, Listening] = {}
        self._tasks: dict[Listening, asyncio.Task[None]] = {}
        self._is_closing = False

    @asynccontextmanager
    async def reading(
        self, service: Service, session: Session, identity: str, after: Place | None
    ) -> AsyncIterator[tuple[Reader, Place]]:
        """A reader of the session's own conversation, and the place it begins at; gone when the context ends.

        :param after: where the reader was before; what it has missed since waits for it.
        :raises ServiceUnavailable: so many conversations are listened to that there is no room for one more.
        :raises ApiError: the service could not say what there is.
        """
        listening = self._listening.get(identity) or self._begin(service, session, identity)
        reader = Reader()
        listening.readers.add(reader)
        try:
            await listening.ready()
            if after is None:
                yield reader, listening.place_of(reader)
            else:
                yield reader, await listening.catch_up(reader, after)
        finally:
            listening.readers.discard(reader)
            if not listening.readers:
                self._end(listening)

    def forget(self, identity: str) -> None:
        """Ends the listening to one conversation, and its readers."""
        listening = self._listening.get(identity)
        if listening is not None:
            self._end(listening)

    async def close(self) -> None:
        """Ends all listening and every reader, for good; it is over when this returns."""
        self._is_closing = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _begin(self, service: Service, session: Session, identity: str) -> Listening:
        if self._is_closing or len(self._tasks) >= LISTENING_LIMIT:
            raise ServiceUnavailable(retry_after=_RETRY_SECONDS)
        listening = Listening(service, session, identity, self._learn)
        task = listening.start()
        self._listening[identity] = listening
        self._tasks[listening] = task
        task.add_done_callback(lambda _: self._forget(listening))
        return listening

    def _end(self, listening: Listening) -> None:
        if listening in self._tasks:
            self._tasks[listening].cancel()
        self._drop(listening)

    def _forget(self, listening: Listening) -> None:
        del self._tasks[listening]
        self._drop(listening)

    def _drop(self, listening: Listening) -> None:
        """Whoever comes from now on gets another."""
        if self._listening.get(listening.identity) is listening:
            del self._listening[listening.identity]


class PeopleResponse:
    """An ASGI response that is the stream of a conversation's events, or the error before it."""

    def __init__(
        self,
        people: People,
        service: Service,
        session: Session,
        identity: str,
        after: Place | None,
    ) -> None:
        self._keep_alive_seconds = people.keep_alive_seconds
        self._reading = people.reading(service, session, identity, after)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tasks = {
            asyncio.create_task(self._answer(scope, receive, send)),
            asyncio.create_task(_until_gone(receive)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._reading as (reader, place):
                await _send_events(reader, place, send, self._keep_alive_seconds)
        except ApiError as error:
            await error_response(error)(scope, receive, send)
        except Exception as error:  # the server could not take it: the reader is gone
            logger.info("a reader could not be sent to: %s", type(error).__name__)


async def _send_events(reader: Reader, place: Place, send: Send, keep_alive_seconds: float) -> None:
    async def put(body: bytes, *, more: bool = True) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": more})

    await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
    await put(place_frame(place))
    while True:
        try:
            async with asyncio.timeout(keep_alive_seconds):
                data = await reader.take()
        except TimeoutError:
            data = _KEEP_ALIVE
        if data:
            await put(data)
        elif reader.is_over:
            await put(b"", more=False)
            return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
