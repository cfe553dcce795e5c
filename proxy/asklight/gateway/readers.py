"""How many streams a session reads at once: running answers, and what people write, together.

Whoever opens more gets 429. A stream costs a connection and a buffer each, so one session must not hold them all.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from asklight.errors import RateLimited

_RETRY_SECONDS: Final = 5


class Readers:
    """Counts the readers of each session, by the session's owner.

    :param limit: so many at once; one more is refused.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: Counter[str] = Counter()

    def enter(self, owner: str) -> Seat:
        """One reader more, until :meth:`Seat.leave`.

        :raises RateLimited: the session has as many as it may.
        """
        if self._counts[owner] >= self._limit:
            raise RateLimited("Too many readers at once.", retry_after=_RETRY_SECONDS)
        self._counts[owner] += 1
        return Seat(self._counts, owner)


class Seat:
    """One reader's place. Leaving twice is harmless."""

    def __init__(self, counts: Counter[str], owner: str) -> None:
        self._counts = counts
        self._owner: str | None = owner

    def leave(self) -> None:
        """The reader is gone; another may come."""
        owner, self._owner = self._owner, None
        if owner is None:
            return
        self._counts[owner] -= 1
        if not self._counts[owner]:
            del self._counts[owner]


class Seated:
    """An ASGI response that leaves its `seat` when it is over, however it ends."""

    def __init__(self, response: ASGIApp, seat: Seat) -> None:
        self._response = response
        self._seat = seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._response(scope, receive, send)
        finally:
            self._seat.leave()
