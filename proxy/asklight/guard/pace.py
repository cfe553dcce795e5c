"""Whether a reader takes what it is sent."""

from __future__ import annotations


class Pace:
    """Notices a reader that has taken nothing for a while, though something waits for it.

    :param seconds: how long is too long.
    :param now: the present time, in seconds of any clock.
    """

    def __init__(self, seconds: float, now: float) -> None:
        self._seconds = seconds
        self._since = now
        self._taken = 0

    def is_stalled(self, now: float, taken: int, waiting: int) -> bool:
        """Whether it has stopped reading.

        :param taken: bytes it has taken since the connection was made, as far as the operating system tells.
        :param waiting: bytes that wait for it to take them.
        """
        if waiting == 0 or taken > self._taken:
            self._taken = taken
            self._since = now
        return now - self._since >= self._seconds
