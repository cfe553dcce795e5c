"""The frames of a turn's log: the latest as they are, the earlier ones end to end in blocks.

An object for each would take half as much again, in memory that no event before has touched; one growing buffer would
be copied as it grows, and leave holes behind wherever it moved.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

_BLOCK_BYTES: Final = 4 * 1024


class Frames:
    """Numbered events: the first is number 1, and none is ever changed.

    :param name: of the log; an event's ``id`` is this, a colon and its number.
    """

    __slots__ = (
        "_block_ends",
        "_blocks",
        "_count",
        "_ends",
        "_latest",
        "_prefix",
        "packed_at",
        "size",
    )

    def __init__(self, name: str) -> None:
        self.size = 0
        """The bytes of all."""
        self._prefix = b"id: %b:" % name.encode("ascii")
        self._count = 0
        self._ends = array("I")
        """Of the frames in blocks: where each ends, in bytes."""
        self._blocks: list[bytes] = []
        self._block_ends = array("I")
        self.packed_at = _BLOCK_BYTES
        """At this size it is time to :meth:`pack` them."""
        self._latest: list[bytes] = []

    def append(self, event: bytes) -> bytes:
        """One more.

        :param event: as it is sent but for its ``id``.
        :returns: the frame: the event with it.
        """
        self._count = number = self._count + 1
        frame = b"%b%d\n%b" % (self._prefix, number, event)
        self.size += len(frame)
        self._latest.append(frame)
        return frame

    def pack(self) -> None:
        """Puts the latest frames into a block, of which nothing is seen: it can wait until nobody waits for a frame."""
        before = self._size_of_blocks()
        self._ends.extend(before + end for end in accumulate(map(len, self._latest)))
        self._blocks.append(b"".join(self._latest))
        self._block_ends.append(self.size)
        self.packed_at = self.size + _BLOCK_BYTES
        self._latest = []

    def keep_last(self, told: bytes) -> None:
        """Drops all but the last frame; the one before it becomes the event `told`, the earlier ones empty."""
        last = self[-1]
        self._count -= 2
        self._ends = array("I", bytes(self._ends.itemsize * self._count))
        self._blocks, self._block_ends, self._latest, self.size = [], array("I"), [], 0
        self.append(told)
        self._count += 1
        self.size += len(last)
        self._latest.append(last)
        self.pack()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> bytes:
        number = range(1, len(self) + 1)[index]
        return self._piece(number - 1, number)

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self)))

    def size_until(self, number: int) -> int:
        """The bytes of those up to `number`, which is at most their count."""
        later = number - len(self._ends)
        if later >= 0:
            return self._size_of_blocks() + sum(map(len, self._latest[:later]))
        return self._ends[number - 1] if number else 0

    def after(self, number: int, wanted_bytes: int) -> tuple[bytes, int]:
        """What follows frame `number`, in one piece, and the number of the last frame in it.

        :param wanted_bytes: so much at the most, but always one frame where there is one.
        """
        in_blocks = len(self._ends)
        end = self.size_until(number) + wanted_bytes
        last = bisect_right(self._ends, end, lo=number) if number < in_blocks else number
        if last >= in_blocks:
            later = map(len, self._latest[last - in_blocks :])
            last += bisect_right(list(accumulate(later)), end - self.size_until(last))
        last = max(last, number + 1)
        return self._piece(number, last), last

    def _size_of_blocks(self) -> int:
        return self._block_ends[-1] if self._block_ends else 0

    def _piece(self, before: int, last: int) -> bytes:
        """The frames after number `before`, up to number `last`."""
        in_blocks = len(self._ends)
        parts = []
        if before < in_blocks:
            parts = self._cut(self.size_until(before), self.size_until(min(last, in_blocks)))
        if last > in_blocks:
            parts += self._latest[max(0, before - in_blocks) : last - in_blocks]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _cut(self, start: int, end: int) -> list[bytes]:
        """From byte `start` to byte `end`, both within the blocks."""
        parts = []
        for index in range(bisect_right(self._block_ends, start), len(self._blocks)):
            block = self._blocks[index]
            block_start = self._block_ends[index] - len(block)
            if block_start >= end:
                break
            parts.append(block[max(0, start - block_start) : end - block_start])
        return parts
