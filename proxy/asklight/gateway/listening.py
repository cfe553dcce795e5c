"""The one source of a conversation's human side, shared by all who read it.

The service's WebSocket where there is one; otherwise its messages are asked for again and again, seldom while nothing
happens. After each loss of the socket it is asked what was missed, so that nothing depends on how long a loss was.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from asklight.errors import ApiError, BadGateway, InternalError, NotFound, ServiceUnavailable
from asklight.gateway.human_events import (
    Frame,
    Message,
    Place,
    human,
    joined_frame,
    message_frame,
    read_said,
)
from asklight.gateway.sessions import Session
from asklight.gateway.shapes import conversation_shape, messages_of
from asklight.gateway.sockets import SocketRefused
from asklight.gateway.upstream import Service

logger = logging.getLogger("asklight.people")

READER_LIMIT_BYTES: Final = 2 * 1024 * 1024
"""A reader that has so much before it is let go. It comes back to where it was."""

SHORTEST_SECONDS: Final = 3.0
LONGEST_SECONDS: Final = 30.0
"""Between two looks at the service, or two tries for its socket: the first while something happens."""

_GROWTH: Final = 1.5
_JITTER: Final = 0.25
_RESTART_SECONDS: Final = 5
_STEADY_SECONDS: Final = 30
"""A socket that lasted so long was a good one: the next is tried for soon."""

Learn = Callable[[str, Sequence[str]], None]
"""Keeps which messages belong to a conversation."""


class Reader:
    """What waits to be sent to one who reads. `is_over`: nothing more will come.

    `before`: the place before the first event that was put; None where there was none.
    """

    def __init__(self) -> None:
        self.is_over = False
        self.before: Place | None = None
        self._frames: deque[Frame] = deque()
        self._size = 0
        self._news = asyncio.Event()

    def put_news(self, frame: Frame, before: Place) -> None:
        """Adds an event that comes after the place `before`; too many end the reader."""
        self.before = self.before or before
        self._put(frame)

    def _put(self, frame: Frame) -> None:
        if self.is_over:
            return
        self._size += len(frame.data)
        if self._frames and self._size > READER_LIMIT_BYTES:
            self.end()
            return
        self._frames.append(frame)
        self._news.set()

    def put_missed(self, frames: Sequence[Frame]) -> None:
        """Adds what came before everything that waits, save what waits already."""
        waiting = list(self._frames)
        told = {frame.about for frame in waiting}
        self._frames.clear()
        self._size = 0
        for frame in [*(frame for frame in frames if frame.about not in told), *waiting]:
            self._put(frame)

    def end(self) -> None:
        """Nothing more comes."""
        self.is_over = True
        self._news.set()

    async def take(self) -> bytes:
        """All that waits, as soon as there is something; empty where it is over."""
        await self._news.wait()
        data = b"".join(frame.data for frame in self._frames)
        self._frames.clear()
        self._size = 0
        if not self.is_over:
            self._news.clear()
        return data


class Listening:
    """Listens to one conversation of one session, from :meth:`start` to :meth:`stop`.

    `_known` holds the messages of people seen so far, `_last` the latest; a reader is told of others only.
    """

    def __init__(self, service: Service, session: Session, identity: str, learn: Learn) -> None:
        self.identity = identity
        self.readers: set[Reader] = set()
        self._service = service
        self._session = session
        self._learn = learn
        self._known: set[str] = set()
        self._last = ""
        self._has_person = False
        self._may_have_socket = True
        self._is_ready = asyncio.Event()
        self._failure: ApiError | None = None
        self._pause = Pause()

    @property
    def place(self) -> Place:
        """Where one who has all there is stands."""
        return Place(self._last, self._has_person)

    def place_of(self, reader: Reader) -> Place:
        """Where one who begins stands: before what waits for it already, else at the end of all there is."""
        return reader.before or self.place

    def start(self) -> asyncio.Task[None]:
        """Listens, in a task of its own. It ends when it is cancelled, or the conversation is gone."""
        return asyncio.create_task(self._run())

    async def ready(self) -> None:
        """Returns when it is known what is new from now on.

        :raises ApiError: the service could not say.
        """
        await self._is_ready.wait()
        if self._failure is not None:
            raise self._failure

    async def catch_up(self, reader: Reader, place: Place) -> Place:
        """Gives `reader` what it has missed since `place`, and that back; or, where nobody knows it, where we are now.

        :raises ApiError: the service could not say.
        """
        messages = await self._ask_messages()
        answered = [message["id"] for message in messages if message["role"] != "user"]
        self._learn(self.identity, answered)
        told = [message["id"] for message in messages]
        if place.message and place.message not in told:
            return self.place_of(reader)
        start = told.index(place.message) + 1 if place.message else 0
        missed: list[Frame] = []
        reached = place
        if self._has_person and not place.knows_of_person:
            reached = Place(reached.message, True)
            missed.append(joined_frame(self.identity, reached))
        for message in human(messages[start:]):
            reached = Place(message["id"], reached.knows_of_person)
            missed.append(message_frame(self.identity, message, reached))
        reader.put_missed(missed)
        return place

    async def _run(self) -> None:
        try:
            while True:
                await self._pause.wait(await self._round())
        except ApiError as error:
            self._failure = error
        except Exception as error:  # its text may quote the key, and asyncio would log it
            logger.error("unexpected %s while listening for people", type(error).__name__)
            self._failure = InternalError()
        finally:
            if not self._is_ready.is_set() and self._failure is None:  # cancelled: we are stopping
                self._failure = ServiceUnavailable(retry_after=_RESTART_SECONDS)
            self._is_ready.set()
            for reader in self.readers:
                reader.end()

    async def _round(self) -> float:
        """One look, after a socket's life where there is one. Gives the seconds to wait at least.

        :raises ApiError: it is the first, and failed; or the conversation is gone.
        """
        try:
            if self._may_have_socket:
                await self._hear()
            await self._look()
        except NotFound:
            raise
        except ApiError as error:
            if not self._is_ready.is_set():
                raise
            return float(getattr(error, "retry_after", 0))
        return 0

    async def _hear(self) -> None:
        """Passes on what the service's socket says, while it lasts."""
        began = asyncio.get_running_loop().time()
        try:
            async with self._service.listen(self.identity) as socket:
                await self._look()  # only now can nothing fall between
                while (text := await socket.text()) is not None:
                    await self._take(text)
        except SocketRefused:
            self._may_have_socket = False
        except BadGateway:
            pass  # logged where it arose
        if asyncio.get_running_loop().time() - began >= _STEADY_SECONDS:
            self._pause.shorten()

    async def _take(self, text: str) -> None:
        said = read_said(text, self.identity)
        if said.has_joined:
            self._note_person()
        if said.message is not None:
            await self._note_messages([said.message])
        if said.is_vague:
            await self._look()

    async def _look(self) -> None:
        """Asks the service what is new: of the conversation until a person has joined, of their messages then."""
        if self._has_person:
            messages = await self._ask_messages(role="human_agent")
            has_person = True
        else:
            path = ("conversations", self.identity)
            found = await self._service.request(self._session, "GET", path)
            conversation = conversation_shape(found)
            if conversation["id"] != self.identity:
                raise BadGateway
            messages, has_person = conversation["messages"], conversation["isHumanHandled"]
        if not self._is_ready.is_set():
            self._begin(messages, has_person)
            return
        if has_person:
            self._note_person()
        await self._note_messages(messages)

    def _begin(self, messages: Sequence[Message], has_person: bool) -> None:
        """What there is by now is not new. What the socket has said since it was opened comes after."""
        self._has_person = has_person
        for message in human(messages):
            self._known.add(message["id"])
            self._last = message["id"]
        self._is_ready.set()

    async def _ask_messages(self, **query: str) -> list[dict[str, Any]]:
        path = ("conversations", self.identity, "messages")
        return messages_of(
            await self._service.request(self._session, "GET", path, query=query or None)
        )

    def _note_person(self) -> None:
        if not self._has_person:
            before, self._has_person = self.place, True
            self._publish(joined_frame(self.identity, self.place), before)

    async def _note_messages(self, messages: Sequence[Message]) -> None:
        new = [message for message in human(messages) if message["id"] not in self._known]
        if not new:
            return
        self._learn(self.identity, [message["id"] for message in new])
        for message in new:
            before = self.place
            self._known.add(message["id"])
            self._last = message["id"]
            self._publish(message_frame(self.identity, message, self.place), before)

    def _publish(self, frame: Frame, before: Place) -> None:
        self._pause.shorten()
        for reader in tuple(self.readers):
            reader.put_news(frame, before)


class Pause:
    """How long to wait before the next look: longer each time, until something happens."""

    def __init__(self) -> None:
        self._seconds = SHORTEST_SECONDS

    def shorten(self) -> None:
        """Something happened."""
        self._seconds = SHORTEST_SECONDS

    async def wait(self, at_least: float = 0) -> None:
        """Waits, not in step with others who wait."""
        share = 1 + _JITTER * (secrets.randbelow(2_001) / 1_000 - 1)
        seconds = max(self._seconds, min(at_least, LONGEST_SECONDS * 10)) * share
        self._seconds = min(self._seconds * _GROWTH, LONGEST_SECONDS)
        await asyncio.sleep(seconds)
