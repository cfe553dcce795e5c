"""The frames of a turn's log, end to end in a few blocks.

An object for each would take half as much again, in memory that no event before has touched; one growing buffer would
leave holes behind wherever it moved.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

_BLOCK_BYTES: Final = 16 * 1024


class Frames:
    """Numbered events: the first is number 1, and none is ever changed.

    :param name: of the log; an event's ``id`` is this, a colon and its number.
    """

    def __init__(self, name: str) -> None:
        self.size = 0
        """The bytes of all."""
        self._prefix = b"id: %b:" % name.encode("ascii")
        self._ends = array("I")
        self._full: list[bytes] = []
        self._full_ends = array("I")
        self._last = bytearray()

    def append(self, event: bytes) -> bytes:
        """One more.

        :param event: as it is sent but for its ``id``.
        :returns: the frame: the event with it.
        """
        ends, last = self._ends, self._last
        frame = b"%b%d\n%b" % (self._prefix, len(ends) + 1, event)
        last += frame
        self.size = size = self.size + len(frame)
        ends.append(size)
        if len(last) >= _BLOCK_BYTES:
            self._full.append(bytes(last))
            self._full_ends.append(size)
            self._last = bytearray()
        return frame

    def keep_last(self, told: bytes) -> None:
        """Drops all but the last frame; the one before it becomes the event `told`, the earlier ones empty."""
        count, last = len(self), self[-1]
        self._ends = array("I", bytes(self._ends.itemsize * (count - 2)))
        self._full, self._full_ends, self._last, self.size = [], array("I"), bytearray(), 0
        self.append(told)
        self._last += last
        self.size += len(last)
        self._ends.append(self.size)

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, index: int) -> bytes:
        number = range(1, len(self) + 1)[index]
        return self._piece(self.size_until(number - 1), self.size_until(number))

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self)))

    def size_until(self, number: int) -> int:
        """The bytes of those up to `number`, which is at most their count."""
        return self._ends[number - 1] if number else 0

    def after(self, number: int, wanted_bytes: int) -> tuple[bytes, int]:
        """What follows frame `number`, in one piece, and the number of the last frame in it.

        :param wanted_bytes: so much at the most, but always one frame where there is one.
        """
        start = self.size_until(number)
        last = bisect_right(self._ends, start + wanted_bytes, lo=number)
        last = min(max(last, number + 1), len(self._ends))
        return self._piece(start, self.size_until(last)), last

    def _piece(self, start: int, end: int) -> bytes:
        parts = []
        for block, block_start in self._blocks_from(start):
            if block_start >= end:
                break
            parts.append(block[max(0, start - block_start) : end - block_start])
        return b"".join(parts)

    def _blocks_from(self, position: int) -> Iterator[tuple[bytes | bytearray, int]]:
        """The blocks that hold byte `position` and what follows it, each with the position it begins at."""
        for index in range(bisect_right(self._full_ends, position), len(self._full)):
            block = self._full[index]
            yield block, self._full_ends[index] - len(block)
        yield self._last, self.size - len(self._last)
