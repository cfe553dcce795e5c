"""The frames of a turn's log, end to end in a few blocks.

An object for each would take half as much again, in memory that no event before has touched; one growing buffer would
leave holes behind wherever it moved.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

_BLOCK_BYTES: Final = 16 * 1024


class Frames:
    """Numbered pieces of bytes: the first is number 1, and none is ever changed."""

    def __init__(self, frames: Iterable[bytes] = ()) -> None:
        self.size = 0
        """The bytes of all."""
        self._ends = array("I")
        self._full: list[bytes] = []
        self._full_ends = array("I")
        self._last = bytearray()
        for frame in frames:
            self.append(frame)

    def append(self, frame: bytes) -> None:
        """One more."""
        self._last += frame
        self.size += len(frame)
        self._ends.append(self.size)
        if len(self._last) >= _BLOCK_BYTES:
            self._full.append(bytes(self._last))
            self._full_ends.append(self.size)
            self._last = bytearray()

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
