"""Reading an upstream's server-sent events and deciding what of each a deployed client can take.

The framing is the standard's (WHATWG HTML, "Server-sent events"): lines end in LF, CR or CRLF and nothing else, a
byte order mark at the start and comments are passed over, ``data`` lines of an event are joined. One thing more is
read, because the contract's reference page prints its stream so: a ``data`` line that alone is a JSON object or
``[DONE]`` is an event, whether a blank line follows or not.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from asklight.contract import CHUNK_FIELDS, DATA_CHUNK_FIELDS, DONE
from asklight.errors import AsklightError

ERROR_TEXT: Final = "The assistant service reported an error."

_PLAIN_DELTA: Final = re.compile(
    rb'(data: \{"type":"text-delta","id":"[\x20-\x21\x23-\x5b\x5d-\x7e]*+","delta":")'
    rb'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"\}\n\n'
)
"""One delta as most upstreams send it: nine events of ten. The group is its head, the same for a whole text.

Nothing in it can match in two ways, so the search never goes back, which takes a third of the time."""

_FIRST_HEAD: Final = b'data: {"type":"text-delta","id":"1","delta":"'
_TAIL: Final = b'"}\n\n'
_HARMLESS: Final = bytes(set(range(0x20, 0x80)) - set(b'"\\'))
"""What stands for itself in a JSON string, of ASCII (RFC 8259, section 7)."""

_STOCK_BYTES: Final = 40
"""An event up to this size is nearly always one of a few that every answer has, such as its finish: it is read once."""

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_BOM: Final = b"\xef\xbb\xbf"


class MalformedStream(AsklightError):
    """The upstream's bytes are not the stream the contract promises."""


class NotJson(MalformedStream):
    """The data of an event is no JSON object, nor the end mark."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event: its JSON on one line, its ``type`` (``done`` for ``[DONE]``), and the message id a start names."""

    data: bytes
    type: str
    message_id: str | None = None


DONE_CHUNK: Final = Chunk(DONE, "done")


class ChunkReader:
    """Bytes in, cut anywhere; each chunk a browser can take out, as soon as its line is complete.

    `dropped` counts the events of types deployed clients do not know.

    :param limit_bytes: an event longer than this is a fault.
    """

    __slots__ = (
        "_after_carriage_return",
        "_at_start",
        "_data",
        "_head",
        "_limit_bytes",
        "_rest",
        "_size",
        "dropped",
    )

    def __init__(self, limit_bytes: int) -> None:
        self.dropped = 0
        self._limit_bytes = limit_bytes
        self._rest = bytearray()  # of a line whose end has not come
        self._data: list[bytes] = []
        self._size = 0
        self._at_start = True
        self._after_carriage_return = False
        self._head = _FIRST_HEAD
        """Of the last plain delta: where the next one has the same, its text alone need be looked at."""

    @property
    def is_between_events(self) -> bool:
        """Whether nothing of a next event has come. Then a :meth:`plain delta <is_plain_delta>` needs no :meth:`feed`."""
        return not (self._rest or self._data or self._at_start or self._after_carriage_return)

    def is_plain_delta(self, part: bytes) -> bool:
        """Whether `part` is one whole text delta as most upstreams send it, and nothing else: :meth:`feed` between two
        events would give it back byte for byte.
        """
        if len(part) > self._limit_bytes:
            return False
        head = self._head
        if (
            part.startswith(head)
            and part.endswith(_TAIL, len(head))
            and not part[len(head) : -len(_TAIL)].translate(None, _HARMLESS)
        ):
            return True  # without the regular expression, whose machinery costs more than all else here
        found = _PLAIN_DELTA.fullmatch(part)
        if found is None or not (part.isascii() or _is_utf8(part)):
            return False
        self._head = found[1]
        return True

    def plain_deltas(self, part: bytes) -> Iterator[bytes]:
        """The plain deltas that `part`, which comes between two events, begins with; :meth:`feed` takes what is left."""
        is_ascii = part.isascii()
        position = 0
        while found := _PLAIN_DELTA.match(part, position):
            event = found[0]
            if len(event) > self._limit_bytes or not (is_ascii or _is_utf8(event)):
                return
            yield event
            position = found.end()

    def feed(self, part: bytes) -> Iterator[Chunk]:
        """The chunks that `part` completes.

        :raises MalformedStream: an event is over the limit, is no JSON object or has no type.
        """
        part = self._without_mark(part)
        position = 0
        for end in _LINE_END.finditer(part):
            line = bytes(self._rest) + part[position : end.start()]
            self._rest.clear()
            second_half = self._after_carriage_return and end.start() == 0 and end.group() == b"\n"
            position = end.end()
            self._after_carriage_return = end.group() == b"\r" and position == len(part)
            if not second_half and (chunk := self._line(line)) is not None:
                yield chunk
        if position < len(part):
            self._rest += part[position:]
            self._after_carriage_return = False
        if len(self._rest) + self._size > self._limit_bytes:
            raise MalformedStream("an event is over the limit")

    def close(self) -> Iterator[Chunk]:
        """The chunk of a last event that no line end followed; raises as :meth:`feed`."""
        for line in (bytes(self._rest), b""):
            if (chunk := self._line(line)) is not None:
                yield chunk
        self._rest.clear()

    def _without_mark(self, part: bytes) -> bytes:
        """`part` without the byte order mark a stream may begin with; held back while it may be the mark's half."""
        if not self._at_start:
            return part
        start = bytes(self._rest) + part
        self._rest.clear()
        if len(start) < len(_BOM) and _BOM.startswith(start):
            self._rest += start
            return b""
        self._at_start = False
        return start.removeprefix(_BOM)

    def _line(self, line: bytes) -> Chunk | None:
        if not line:
            if not self._data:
                return None
            data = b"\n".join(self._data)
            self._data, self._size = [], 0
            return self._event(data, _read(data))
        name, _, value = line.partition(b":")
        if name != b"data":
            return None
        value = value.removeprefix(b" ")
        if not self._data:
            try:
                alone = _read_stock(value) if len(value) <= _STOCK_BYTES else _read(value)
            except NotJson:
                pass
            else:
                return self._event(value, alone)
        self._data.append(value)
        self._size += len(value) + 1
        return None

    def _event(self, data: bytes, chunk: Chunk | None) -> Chunk | None:
        if len(data) > self._limit_bytes:
            raise MalformedStream("an event is over the limit")
        if chunk is None:
            self.dropped += 1
        return chunk


def _read(data: bytes) -> Chunk | None:
    """The chunk that a browser gets of an event with `data`, or None where deployed clients know no such type.

    :raises NotJson: it is no JSON object, as a part of one is not.
    :raises MalformedStream: it is one without a type, or nested too deep.
    """
    value = _decode(data)
    try:
        return DONE_CHUNK if value == "done" else _chunk_of(data, value)
    except RecursionError:
        raise MalformedStream("an event is nested too deep") from None


_read_stock: Final = lru_cache(maxsize=128)(_read)


def _chunk_of(data: bytes, value: dict[str, Any]) -> Chunk | None:
    """See :func:`_read`: a known type with known fields passes byte for byte; unknown fields are taken out; an error's
    text is ours.
    """
    kind = value.get("type")
    if not isinstance(kind, str):
        raise MalformedStream("a chunk has no type")
    allowed = DATA_CHUNK_FIELDS if kind.startswith("data-") else CHUNK_FIELDS.get(kind)
    if allowed is None:
        return None
    clean = {name: part for name, part in value.items() if name in allowed or name == "type"}
    if "errorText" in clean or kind == "error":
        clean["errorText"] = ERROR_TEXT
    untouched = len(clean) == len(value) and "errorText" not in clean and b"\n" not in data
    message_id = value.get("messageId") if kind == "start" else None
    return Chunk(
        data if untouched else encode_chunk(clean),
        kind,
        message_id if isinstance(message_id, str) else None,
    )


def encode_chunk(value: dict[str, Any]) -> bytes:
    """A chunk as the JSON of one ``data`` line. ASCII, so that half a surrogate pair survives."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)  # NaN and the infinities are no JSON; a browser would stop at them


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise ValueError(digits)  # 1e999 is JSON, but what it is read as is not
    return value


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)


def _decode(data: bytes) -> dict[str, Any] | Literal["done"]:
    """`data` as a JSON object or the end mark. Lone surrogates pass: models split an emoji between two deltas."""
    if data.strip() == DONE:
        return "done"
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise NotJson("an event is not JSON") from None
    if not isinstance(value, dict):
        raise NotJson("an event is no JSON object")
    return value


def _is_utf8(part: bytes) -> bool:
    try:
        part.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
