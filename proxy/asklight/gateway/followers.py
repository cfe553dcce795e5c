"""The relay's reading half: a turn's log out to one reader.

What is new is sent from the callback that brought it: the server's ``send`` writes to its transport and returns, so
no task needs to wake. Only for a slow reader does a task wait, and until it has, what comes meanwhile stays in the
log. The request's own task does nothing but wait for the reader to leave, which is so noticed at once, before the
first event too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Final

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from asklight.contract import DIRECT, MESSAGE_SENT, STREAM_HEADERS
from asklight.gateway.driving import MORE, Rest, Steps, run_now, sending
from asklight.gateway.gate import body_sender
from asklight.gateway.rounds import Place
from asklight.gateway.turn import Push, Turn
from asklight.wire import answer, error_response

logger = logging.getLogger("asklight.relay")

_PART_BYTES: Final = 8 * 1024
"""A reader that is behind is sent pieces of about so much: each is copied, and waits in the server's buffer too."""

_KEEP_ALIVE: Final = b": keep-alive\n\n"
_HEADERS: Final = [(name.encode(), value.encode()) for name, value in STREAM_HEADERS.items()]


class TurnResponse:
    """An ASGI response that follows a turn: a stream, a whole answer, ``Message sent``, or the error before any.

    :param after: the number of the last frame the reader has; 0 from the start.
    """

    def __init__(self, turn: Turn, after: int = 0) -> None:
        self._turn = turn
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        follower = Follower(self._turn, self._after, scope, receive, send)
        watching = asyncio.create_task(_until_gone(receive))
        watching.add_done_callback(lambda _: follower.leave())
        self._turn.join(follower)
        try:
            await follower.over
        finally:
            follower.leave()
            watching.cancel()
            await follower.close()


class Follower:
    """Sends one reader what a turn has and gets.

    `taken` is how many bytes of the log went to the server and did not have to wait there; `over` is done when there
    is nothing more to send, or nobody to send it to.
    """

    __slots__ = (
        "_direct",
        "_finishing",
        "_frames_seen",
        "_has_begun",
        "_is_complete",
        "_is_streaming",
        "_loop",
        "_part_bytes",
        "_place",
        "_pushing",
        "_receive",
        "_scope",
        "_send",
        "_send_body",
        "_turn",
        "over",
        "position",
        "taken",
    )

    def __init__(self, turn: Turn, after: int, scope: Scope, receive: Receive, send: Send) -> None:
        self._loop = asyncio.get_running_loop()  # asking for it is a system call on Python 3.11
        self.over: asyncio.Future[None] = self._loop.create_future()
        self._turn = turn
        self.position = min(after, len(turn.frames))
        self.taken = turn.frames.size_until(self.position)
        self._part_bytes = 0
        """How many bytes of the log are in what is about to be sent."""
        self._scope, self._receive, self._send = scope, receive, send
        self._send_body = body_sender(scope, send)
        self._has_begun = self._is_streaming = False
        self._pushing: Steps | None = None
        self._direct: Push | None = scope.get("extensions", {}).get(DIRECT)
        self._is_complete = False
        self._finishing: asyncio.Task[None] | None = None
        self._place: Place | None = None
        """Where it stands in the turn's rounds, which come by twice in the time a stream may be silent."""
        self._frames_seen = -1
        """How many frames there were when they last came by."""

    @property
    def is_slow(self) -> bool:
        """Whether the reader has not yet taken what was sent to it."""
        return self._finishing is not None

    def notify(self) -> None:
        """There is something new in the turn: it is sent now, unless the reader is slow."""
        while self._finishing is None and (step := self._step()) is not None:
            self._run(step)
        if self._is_streaming and not self._is_complete and self._finishing is None:
            self._turn.push_to(self, self._direct or self._push)

    def leave(self) -> None:
        """The reader is gone: nothing more is sent, and the turn has one reader less."""
        self._is_complete = True
        self._be_over()
        self._turn.leave(self)

    async def close(self) -> None:
        """Ends what may still be under way."""
        if self._place is not None:
            self._place.discard(self)
        if self._finishing is not None:
            self._finishing.cancel()
            await asyncio.wait([self._finishing])

    def _step(self) -> Awaitable[None] | None:
        """What is to be sent next, if anything."""
        turn = self._turn
        if self._is_complete or not turn.is_known:
            return None
        if not self._has_begun:
            return self._begin()
        if self.position < len(turn.frames):
            body, self.position = turn.frames.after(self.position, _PART_BYTES)
            self._part_bytes = len(body)
            self._is_complete = turn.ending is not None and self.position == len(turn.frames)
            return self._part(body)
        if turn.ending is None:
            return None
        self._is_complete = True
        return self._part(b"")

    def _begin(self) -> Awaitable[None]:
        self._has_begun = True
        turn = self._turn
        if turn.refusal is None and turn.form == "stream":
            self._is_streaming = True
            self._place = turn.rounds.join(self)
            start = {"type": "http.response.start", "status": 200, "headers": list(_HEADERS)}
            return self._send(start)  # through every middleware: they add their headers here
        self._is_complete = True
        if turn.refusal is not None:
            response: Response = error_response(turn.refusal)
        elif turn.form == "handed over":
            response = PlainTextResponse(MESSAGE_SENT, 202)
        else:
            response = answer(turn.whole)
        return response(self._scope, self._receive, self._send)

    def _part(self, body: bytes) -> Awaitable[None]:
        more = not self._is_complete
        return self._send_body({"type": "http.response.body", "body": body, "more_body": more})

    def _push(self, frame: bytes) -> bool:
        """Sends the one frame that has just come, all before it being sent."""
        pushing = self._pushing
        if pushing is None:
            pushing = self._pushing = sending(self._send_body)
        try:
            waiting_for = pushing.send(
                {"type": "http.response.body", "body": frame, "more_body": True}
            )
        except Exception as error:
            self._give_up(error)
            return True
        if waiting_for is not MORE:
            self._wait_for(Rest(pushing, waiting_for), self._turn.size)
            self.taken = self._turn.size - len(frame)
        return True

    def _run(self, step: Awaitable[None]) -> None:
        reached, self._part_bytes = self.taken + self._part_bytes, 0
        try:
            rest = run_now(step)
        except Exception as error:
            self._give_up(error)
            return
        if rest is None:
            self._took(reached)
        else:
            self._wait_for(rest, reached)

    def _wait_for(self, rest: Awaitable[None], reached: int) -> None:
        self._finishing = asyncio.create_task(self._finish(rest, reached))
        self._turn.slowed(self)

    async def _finish(self, rest: Awaitable[None], reached: int) -> None:
        try:
            await rest
            # A wait may end because the reader left. That is known one turn of the loop later, and the upstream need
            # not be set going again for it.
            await asyncio.sleep(0)
        except Exception as error:
            self._give_up(error)
        else:
            self._took(reached)
        finally:
            self._finishing = None
            self._turn.recovered(self)
        self.notify()

    def _took(self, reached: int) -> None:
        """The server has taken what was sent to it, the log up to `reached` bytes."""
        self.taken = reached
        if self._is_complete:
            self._be_over()

    def _be_over(self) -> None:
        if not self.over.done():
            self.over.set_result(None)

    def _give_up(self, error: Exception) -> None:
        """The server could not take it: the reader is gone."""
        logger.info("a reader could not be sent to: %s", type(error).__name__)
        self._is_complete = True
        self._be_over()

    def look_after(self) -> None:
        """Sends a comment where nothing has come since the last round."""
        frames = len(self._turn.frames)
        if frames == self._frames_seen and not self.is_slow and not self._is_complete:
            self._run(self._part(_KEEP_ALIVE))
        self._frames_seen = frames


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
