"""A connection's bytes, cut into requests: one at a time, each only once the answer to the one before is complete."""

from __future__ import annotations

import re
from typing import Final, Literal

from asklight.errors import AsklightError
from asklight.guard.bodies import Body, body_of
from asklight.guard.bounds import Bounds
from asklight.guard.heads import Head, read_head, without_keep_alive
from asklight.guard.refusals import BadRequest, HeadersTooLarge

AHEAD_BYTES: Final = 64 * 1024
"""What a client may send ahead of an answer; beyond it the connection is reset, since in the middle of an answer nothing
else can be said. Browsers and front proxies send nothing ahead."""

Phase = Literal["waiting", "head", "body", "answering", "ended"]
"""What is next on the connection: a request; more of its head; more of its body; the end of its answer; nothing any
more, because that request was the last."""

_BARE_LINE_FEED: Final = re.compile(rb"(?<!\r)\n")
_END: Final = b"\r\n\r\n"


class TooFarAhead(AsklightError):
    """The client sent more than :data:`AHEAD_BYTES` before its answer was complete."""


class RequestReader:
    """Takes what a client sends, and gives what the parser behind may read of it.

    :param one_only: whether the first request is also the last.
    """

    def __init__(self, bounds: Bounds, *, one_only: bool = False) -> None:
        self._bounds = bounds
        self._one_only = one_only
        self._buffer = bytearray()
        self._searched = 0
        """How far into the buffer there is no end of a head."""
        self._skips_empty_line = True
        self._keeps_alive = True
        self._is_answered = False
        """The answer to the present request is complete; its body may not be."""
        self._body: Body = body_of(0, 0)
        self.phase: Phase = "waiting"
        self.count = 0
        """Heads given on so far."""
        self.is_head_method = False
        """The present request is HEAD: its answer has no body."""
        self.owes_continue = False
        """The client waits for ``100 Continue`` before it sends the present request's body."""

    def feed(self, data: bytes) -> bytes:
        """What the parser may read after `data` has come.

        :raises ApiError: the request is refused; :attr:`phase` says where.
        :raises TooFarAhead: there is too much after it.
        """
        if self.phase == "ended":
            return b""
        self._buffer += data
        return self._read()

    def answered(self) -> bytes:
        """What the parser may read now that the answer to the present request is complete; raises as :meth:`feed`."""
        self._is_answered = True
        if self.phase == "answering":
            self._finish()
        return self._read()

    def _read(self) -> bytes:
        parts = []
        while part := self._step():
            parts.append(part)
        if self.phase == "answering" and len(self._buffer) > AHEAD_BYTES:
            raise TooFarAhead
        return b"".join(parts)

    def _step(self) -> bytes:
        if self.phase == "body":
            return self._take_body()
        if self.phase == "waiting":
            self._begin()
        return self._take_head() if self.phase == "head" else b""

    def _begin(self) -> None:
        """Skips one empty line, which some clients send after a body (RFC 9112, 2.2), and looks at what follows."""
        if self._skips_empty_line and self._buffer.startswith(b"\r\n"):
            del self._buffer[:2]
            self._skips_empty_line = False
        if not self._buffer or (self._skips_empty_line and self._buffer == b"\r"):
            return
        if not chr(self._buffer[0]).isalpha():
            raise BadRequest  # such as TLS, which would keep us waiting for the end of a line
        self.phase = "head"
        self._searched = 0

    def _take_head(self) -> bytes:
        self.is_head_method = self._buffer.startswith(b"HEAD ")
        end = self._buffer.find(_END, max(0, self._searched - len(_END)), self._bounds.header_bytes)
        if end < 0 and len(self._buffer) >= self._bounds.header_bytes:
            raise HeadersTooLarge(self._bounds.header_bytes, "bytes")
        searched, self._searched = self._searched, len(self._buffer)
        # Two bare line feeds end a head for some readers: it must not be waited on for another end.
        if _BARE_LINE_FEED.search(self._buffer, searched, end if end >= 0 else self._searched):
            raise BadRequest("Lines must end with CR LF.")
        if end < 0:
            return b""
        raw = bytes(self._buffer[:end])
        del self._buffer[: end + len(_END)]
        return self._accept(read_head(raw, self._bounds))

    def _accept(self, head: Head) -> bytes:
        if self._one_only:
            head = without_keep_alive(head)
        self.count += 1
        self._is_answered = False
        self._keeps_alive = head.keeps_alive
        self._body = body_of(head.length, self._bounds.body_bytes)
        self.phase = "answering" if self._body.is_complete else "body"
        self.owes_continue = (
            head.expects_continue and self.phase == "body" and not self._buffer
        )  # a client whose body is under way waits for nothing
        return head.raw

    def _take_body(self) -> bytes:
        part = self._body.take(self._buffer)
        if self._body.is_complete:
            self.phase = "answering"
            if self._is_answered:
                self._finish()
        return part

    def _finish(self) -> None:
        self._skips_empty_line = True
        self.phase = "waiting" if self._keeps_alive else "ended"
        if self.phase == "ended":
            self._buffer.clear()
