"""The frames of a turn's log, end to end in one buffer.

An object for each would take half as much again, and memory that no event before has touched.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import overload


class Frames(Sequence[bytes]):
    """Numbered pieces of bytes: the first is number 1, and none is ever changed."""

    def __init__(self, frames: Sequence[bytes] = ()) -> None:
        self._bytes = bytearray(b"".join(frames))
        self._ends = array("I", accumulate(map(len, frames)))

    def append(self, frame: bytes) -> None:
        """One more."""
        self._bytes += frame
        self._ends.append(len(self._bytes))

    @property
    def size(self) -> int:
        """The bytes of all."""
        return len(self._bytes)

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

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        number = range(1, len(self) + 1)[index]
        return self._piece(self.size_until(number - 1), self.size_until(number))

    def _piece(self, start: int, end: int) -> bytes:
        with memoryview(self._bytes) as view:
            return bytes(view[start:end])
