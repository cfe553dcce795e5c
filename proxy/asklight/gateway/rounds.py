"""Looking after many at a regular pace, with one timer for all of them.

A timer for each of 5,000 streams, going off every few seconds, costs as much as every fifth of their events.
"""

from __future__ import annotations

import asyncio
from typing import Final, Protocol

_STEPS: Final = 32
_SHORTEST_STEP_SECONDS: Final = 0.02


class Member(Protocol):
    """What is looked after."""

    def look_after(self) -> None:
        """Called every round."""


Place = set[Member]
"""Those that are looked after together. Taking a member out of it ends that."""


class Rounds:
    """Goes round its members, some at each step, for as long as there are any.

    :param seconds: how long a round takes. A member is looked after for the first time within that, and then every round.
    """

    def __init__(self, seconds: float) -> None:
        steps = max(1, min(_STEPS, int(seconds / _SHORTEST_STEP_SECONDS)))
        self._step_seconds = seconds / steps
        self._places: tuple[Place, ...] = tuple(set() for _ in range(steps))
        self._at = 0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def join(self, member: Member) -> Place:
        """The place of a new member: the one whose turn it will be last."""
        place = self._places[self._at]
        place.add(member)
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._wait(loop, loop.time())
        return place

    def _wait(self, loop: asyncio.AbstractEventLoop, since: float) -> None:
        self._due = since + self._step_seconds
        self._timer = loop.call_at(self._due, self._step, loop)

    def _step(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._at = (self._at + 1) % len(self._places)
        if any(self._places):
            # Counted from when it was due, or the round would take longer by each step's lateness.
            self._wait(loop, max(self._due, loop.time() - self._step_seconds))
        place = self._places[self._at]
        for member in tuple(place):
            if member in place:
                member.look_after()
