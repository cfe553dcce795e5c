"""What the logs of all turns take together, and which of them goes when that is too much.

Counting is an addition for each event; all else happens only once the limit is reached.
"""

from __future__ import annotations

import logging
from typing import Final, Protocol

from asklight.errors import ServiceUnavailable

logger = logging.getLogger("asklight.turns")

_RETRY_SECONDS: Final = 5
_SPARE_SHARE: Final = 16
"""This share of the room is cleared of ended turns at once, so that it need not be done for every event."""


class Log(Protocol):
    """One turn's log."""

    @property
    def size(self) -> int:
        """Its bytes."""

    @property
    def has_readers(self) -> bool:
        """Whether somebody is reading it."""

    def give_up(self) -> None:
        """Ends its turn where it runs, and lets go of what was logged."""


class Logs:
    """The logs of this process. `size` is what they hold, in bytes; whoever adds to a log adds to it.

    :param limit_bytes: beyond it :meth:`make_room` is called.
    :param longest_bytes: how long one log may become.
    """

    def __init__(self, limit_bytes: int, longest_bytes: int) -> None:
        self.size = 0
        self.limit_bytes = limit_bytes
        self._longest_bytes = longest_bytes
        self._running: set[Log] = set()
        self._ended: dict[Log, None] = {}  # in the order in which they ended
        self._ended_size = 0

    def check_room(self) -> None:
        """:raises ServiceUnavailable: the running turns alone leave no room for one more of full length."""
        if self.size - self._ended_size + self._longest_bytes > self.limit_bytes:
            raise ServiceUnavailable(retry_after=_RETRY_SECONDS)

    def begin(self, log: Log) -> None:
        """A turn begins."""
        self._running.add(log)

    def end(self, log: Log) -> None:
        """A turn has ended; its log may go when room is needed."""
        self._running.discard(log)
        self._ended[log] = None
        self._ended_size += log.size

    def shrink(self, by: int) -> None:
        """The log of an ended turn has become shorter."""
        self.size -= by
        self._ended_size -= by

    def remove(self, log: Log) -> None:
        """The log of an ended turn is kept no longer; who is still reading is told so."""
        if log in self._ended:
            self._give_up(log)
        self.shrink(log.size)

    def make_room(self) -> None:
        """Lets logs go until the rest fits: first those of turns that ended longest ago, those being read after the
        others; then that of the longest running turn, and no other.
        """
        if self.size <= self.limit_bytes:
            return
        for is_read in (False, True):
            for log in [log for log in self._ended if log.has_readers == is_read]:
                if self.size <= self.limit_bytes - self.limit_bytes // _SPARE_SHARE:
                    return
                self._give_up(log)
        while self.size > self.limit_bytes and any(log.size for log in self._running):
            logger.warning("the running answers fill their room: the longest is ended")
            self._give_up(max(self._running, key=_size))

    def _give_up(self, log: Log) -> None:
        log.give_up()
        self._ended.pop(log, None)


def _size(log: Log) -> int:
    return log.size
