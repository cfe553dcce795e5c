"""Where a request's body ends: after so many bytes, or after its last chunk, read strictly.

Chunks are written anew, one for all that arrived at once. So the parser behind sees frames made here alone, and a
body cut into single bytes costs it no more than another.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from asklight.errors import PayloadTooLarge
from asklight.guard.heads import BodyLength
from asklight.guard.refusals import BadRequest

CHUNK_FRAMES_BYTES: Final = 16 * 1024
"""Size lines and line breaks of one chunked body together; beyond it 413. A body of 1 MiB in chunks of 1 KiB needs half of it."""

_SIZE: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_SIZE_LINE_BYTES: Final = 8 + len(b"\r\n")


class Body(Protocol):
    """A body being read. `is_complete` is true from its last byte on."""

    is_complete: bool

    def take(self, data: bytearray) -> bytes:
        """Takes what belongs to the body off the front of `data`.

        :returns: what the parser behind is given for it.
        :raises BadRequest: a chunk's frame is malformed.
        :raises PayloadTooLarge: the body is over its limit.
        """


def body_of(length: BodyLength, limit_bytes: int) -> Body:
    """The body that a head announces."""
    return ChunkedBody(limit_bytes) if length == "chunked" else SizedBody(length)


class SizedBody:
    """A body of so many bytes."""

    def __init__(self, length: int) -> None:
        self._missing = length
        self.is_complete = length == 0

    def take(self, data: bytearray) -> bytes:
        """See :class:`Body`."""
        part = bytes(data[: self._missing])
        del data[: self._missing]
        self._missing -= len(part)
        self.is_complete = self._missing == 0
        return part


class ChunkedBody:
    """A body in chunks (RFC 9112, 7.1), without what nobody sends and readers differ on: extensions and trailers."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._data_bytes = 0
        self._frame_bytes = 0
        self._missing = 0
        """Bytes of the present chunk that are still to come; 0 between chunks."""
        self._expects_break = False
        """A chunk's data is all there, the line break behind it is not."""
        self.is_complete = False

    def take(self, data: bytearray) -> bytes:
        """See :class:`Body`."""
        parts: list[bytes] = []
        position = 0
        while not self.is_complete:
            step = self._step(data, position, parts)
            if step == 0:
                break
            position += step
        del data[:position]
        return _one_chunk(b"".join(parts), is_last=self.is_complete)

    def _step(self, data: bytearray, position: int, parts: list[bytes]) -> int:
        """Reads one piece of a chunk at `position`; how many bytes it had, 0 where it is not all there."""
        if self._expects_break:
            return self._read_break(data, position)
        if self._missing == 0:
            return self._read_size(data, position)
        part = bytes(data[position : position + self._missing])
        parts.append(part)
        self._missing -= len(part)
        self._expects_break = self._missing == 0
        return len(part)

    def _read_break(self, data: bytearray, position: int) -> int:
        found = data[position : position + 2]
        if not b"\r\n".startswith(found):
            raise BadRequest("A chunk is longer than its size.")
        if len(found) < 2:
            return 0
        self._expects_break = False
        return self._count_frame(2)

    def _read_size(self, data: bytearray, position: int) -> int:
        end = data.find(b"\r\n", position, position + _SIZE_LINE_BYTES)
        if end < 0:
            if not _could_be_size(data[position : position + _SIZE_LINE_BYTES]):
                raise BadRequest("A chunk's size is malformed.")
            return 0
        if not _SIZE.fullmatch(data, position, end):
            raise BadRequest("A chunk's size is malformed.")
        size = int(data[position:end], 16)
        return (
            self._read_last(data, position, end) if size == 0 else self._begin(position, end, size)
        )

    def _begin(self, position: int, end: int, size: int) -> int:
        self._missing = size
        self._data_bytes += size
        if self._data_bytes > self._limit:
            raise PayloadTooLarge(self._limit)
        return self._count_frame(end + 2 - position)

    def _read_last(self, data: bytearray, position: int, end: int) -> int:
        found = data[end + 2 : end + 4]
        if not b"\r\n".startswith(found):
            raise BadRequest("Trailers are not taken here.")
        if len(found) < 2:
            return 0
        self.is_complete = True
        return end + 4 - position

    def _count_frame(self, count: int) -> int:
        self._frame_bytes += count
        if self._frame_bytes > CHUNK_FRAMES_BYTES:
            raise PayloadTooLarge(self._limit)
        return count


def _could_be_size(beginning: bytearray) -> bool:
    """Whether more bytes could still make this a size line."""
    digits = beginning.removesuffix(b"\r")
    return len(beginning) < _SIZE_LINE_BYTES and (not digits or _SIZE.fullmatch(digits) is not None)


def _one_chunk(data: bytes, *, is_last: bool) -> bytes:
    chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
    return chunk + b"0\r\n\r\n" if is_last else chunk
