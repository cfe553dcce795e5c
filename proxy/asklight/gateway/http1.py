"""One HTTP/1.1 connection to an upstream, read by httptools, that hands body bytes on the moment they arrive.

httpx2's own transport wakes a task for every piece of a body and parses in Python; a relay spends most of its time
there. Here ``data_received`` calls the body's sink directly. The sink may say that it has enough, and may ask for a
pause; a body without a sink is buffered up to a limit and then pauses the connection by itself.

Errors are httpx2's, so that callers handle one family; their messages never quote a request.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncIterator, Callable
from typing import Final, Protocol, cast

import httptools
import httpx2

HEAD_LIMIT_BYTES: Final = 64 * 1024
"""A response's status line and headers may have so many bytes, and so may what is between two pieces of its body, or
after the last."""

BUFFER_LIMIT_BYTES: Final = 256 * 1024
"""A body that nobody takes pauses its connection beyond so many bytes."""

_CHUNK_LIMIT_BYTES: Final = 4096
"""A chunk that is longer is read by the parser, which then costs little beside its bytes."""


def _chunk_starts() -> tuple[bytes, ...]:
    """For each length what a chunk of it begins with: the size of its data as nearly every server writes it
    (RFC 9112, section 7.1). Where no chunk has the length, something that none begins with.
    """
    starts = [b"\n"] * _CHUNK_LIMIT_BYTES
    for size in range(1, _CHUNK_LIMIT_BYTES):
        start = b"%x\r\n" % size
        if len(start) + size + 2 < _CHUNK_LIMIT_BYTES:
            starts[len(start) + size + 2] = start
    return tuple(starts)


_CHUNK_STARTS: Final = _chunk_starts()

Sink = Callable[[bytes], bool]
"""Takes a piece of a body; False where it has enough."""

Headers = list[tuple[bytes, bytes]]


class NotSent(httpx2.WriteError):
    """The upstream has not acted on the request, and will not: it may be sent once more, whatever it asks for."""


class Line(Protocol):
    """What brings a body: a connection, or one stream of a shared one."""

    def pause(self) -> None:
        """Brings nothing more until :meth:`resume`."""

    def resume(self) -> None:
        """Goes on."""

    def abort(self) -> None:
        """Ends the exchange at once."""


class Body(httpx2.AsyncByteStream):
    """A response's body: taken piece by piece with ``async for``, or pushed into a sink as it arrives."""

    __slots__ = ("_changed", "_connection", "_error", "_is_complete", "_parts", "_size", "sink")

    def __init__(self, connection: Line) -> None:
        self._connection = connection
        self._parts: list[bytes] = []  # few and small, or none
        self._size = 0
        self.sink: Sink | None = None
        """Takes each piece as it comes; None while there is no such."""
        self._is_complete = False
        self._error: Exception | None = None
        self._changed: asyncio.Future[None] | None = None
        """What somebody waits for, if anybody does."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._parts:
                yield self._take()
            if self._error is not None:
                raise self._error
            if self._is_complete:
                return
            await self._change()

    async def deliver(self, sink: Sink) -> None:
        """Calls `sink` with each piece as it arrives, until the body ends or the sink has enough.

        :raises httpx2.TransportError: the connection broke, stalled or spoke no HTTP.
        """
        while self._parts:
            if not sink(self._take()):
                return
        self.sink = sink
        try:
            while not self._is_complete and self._error is None and self.sink is not None:
                await self._change()
        finally:
            self.sink = None
        if self._error is not None:
            raise self._error

    async def drain(self) -> None:
        """Takes and drops what is left, so that the connection can be used again; raises as :meth:`deliver`."""
        await self.deliver(lambda _: True)

    def pause(self) -> None:
        """Stops reading from the upstream until :meth:`resume`; time paused is not counted as silence."""
        self._connection.pause()

    def resume(self) -> None:
        """Goes on reading."""
        self._connection.resume()

    async def aclose(self) -> None:
        """Ends the exchange; a body that is not complete takes its connection with it."""
        if not self._is_complete:
            self._connection.abort()

    def feed(self, part: bytes) -> None:
        """A piece has arrived."""
        if self.sink is not None:
            if not self.sink(part):
                self.stop()
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > BUFFER_LIMIT_BYTES:
            self._connection.pause()
        self._tell()

    def stop(self) -> None:
        """The sink has enough."""
        self.sink = None
        self._tell()

    def complete(self) -> None:
        """The body has ended as HTTP has it, which is not to say that the answer in it has."""
        self._is_complete = True
        self._tell()

    def fail(self, error: Exception) -> None:
        """The body broke off."""
        if not self._is_complete and self._error is None:
            self._error = error
            self._tell()

    def _change(self) -> asyncio.Future[None]:
        self._changed = asyncio.get_running_loop().create_future()
        return self._changed

    def _tell(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    def _take(self) -> bytes:
        part = self._parts.pop(0)
        self._size -= len(part)
        if self._size <= BUFFER_LIMIT_BYTES:
            self._connection.resume()
        return part


class Connection(asyncio.Protocol):
    """One connection; one exchange at a time.

    :param on_idle: told when an exchange ended and another may begin.
    :param on_closed: told when the connection is gone.
    """

    __slots__ = (
        "_body",
        "_frame_bytes",
        "_header_bytes",
        "_headers",
        "_heard_at",
        "_is_between_chunks",
        "_is_delimited",
        "_is_paused",
        "_later_limit",
        "_loop",
        "_on_closed",
        "_on_idle",
        "_parser",
        "_pieces",
        "_response",
        "_silence_limit",
        "_silence_timer",
        "_transport",
    )

    def __init__(
        self, on_idle: Callable[[Connection], None], on_closed: Callable[[Connection], None]
    ) -> None:
        self._on_idle = on_idle
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()  # asking for it is a system call on Python 3.11
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._response: asyncio.Future[tuple[int, Headers, Body]] | None = None
        self._body: Body | None = None
        self._headers: Headers = []
        self._header_bytes = 0
        self._frame_bytes = 0
        """Since the last of a body came: of the head, of chunks' extensions, of trailers."""
        self._pieces: list[bytes] = []
        """Of the body, as the parser found them in what has just come."""
        self._is_delimited = False
        self._is_between_chunks = False
        """The parser has seen all of a chunk and nothing of the next: a whole one may pass it by unnoticed."""
        self._is_paused = False
        self._silence_limit = self._later_limit = 0.0
        self._heard_at = 0.0
        self._silence_timer: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether another exchange may be tried."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def has_news(self) -> bool:
        """Whether something has come that nobody has read yet: of an idle connection its end, as a rule."""
        if self._transport is None:
            return True
        return is_readable(self._transport.get_extra_info("socket").fileno())

    async def exchange(
        self, request: bytes, first_limit: float | None, silence_limit: float | None
    ) -> tuple[int, Headers, Body]:
        """Sends `request` and gives the response's status, headers and body, the body still arriving.

        :param first_limit: so many seconds without a byte before the end of the headers are a failure.
        :param silence_limit: so are so many between two pieces of the body.
        :raises NotSent: it was gone before anything was sent.
        :raises httpx2.TransportError: the connection broke, stalled or spoke no HTTP.
        """
        if self._transport is None or self._transport.is_closing():
            raise NotSent("the connection is gone")
        loop = self._loop
        self._parser = httptools.HttpResponseParser(self)
        self._headers, self._frame_bytes, self._header_bytes = [], 0, 0
        self._response = response = loop.create_future()
        self._silence_limit, self._later_limit = first_limit or 0.0, silence_limit or 0.0
        self._heard_at = loop.time()
        self._watch_silence()
        self._transport.write(request)
        try:
            status, headers, body = await response
        except BaseException:
            self.abort()
            raise
        return status, headers, body

    def pause(self) -> None:
        """Stops reading."""
        if not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Goes on reading."""
        if self._is_paused and self._transport is not None:
            self._is_paused = False
            self._heard_at = self._loop.time()
            self._transport.resume_reading()

    def abort(self) -> None:
        """Ends the connection at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        parser = self._parser
        if parser is None:
            self.abort()  # bytes that nobody asked for
            return
        self._heard_at = self._loop.time()
        body = self._body
        if body is not None and self._is_between_chunks:
            size = len(data)
            if (
                size < _CHUNK_LIMIT_BYTES
                and data.startswith(start := _CHUNK_STARTS[size])
                and data.endswith(b"\r\n")
            ):
                sink = body.sink  # one chunk and nothing else, as nearly always
                if sink is None:
                    body.feed(data[len(start) : -2])
                elif not sink(data[len(start) : -2]):
                    body.stop()
                return
        self._is_between_chunks = False
        self._frame_bytes += len(data)
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._hand_on()
            self._fail(httpx2.RemoteProtocolError("the upstream does not speak HTTP/1.1"))
            return
        if self._is_between_chunks and not data.endswith(b"\r\n"):
            self._is_between_chunks = False  # the size of the next chunk has begun
        if self._pieces:
            self._frame_bytes = 0
        self._hand_on()
        if self._parser is not None and self._frame_bytes > HEAD_LIMIT_BYTES:
            self._fail(_too_long())

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._body is not None and not self._is_delimited and exc is None:
            self._end()  # a body that ends with its connection
        self._fail(httpx2.ReadError("the upstream closed the connection"))
        self._on_closed(self)

    # httptools

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line is complete."""
        self._headers.append((name, value))
        self._header_bytes += len(name) + len(value)

    def on_headers_complete(self) -> None:
        """The head is complete; an informational one is passed over."""
        parser, response = self._parser, self._response
        if parser is None or response is None:
            self.abort()  # a second response that nobody asked for
            return
        if self._header_bytes > HEAD_LIMIT_BYTES:
            self._fail(_too_long())
            return
        if parser.get_status_code() < 200:
            self._headers = []
            return
        headers = self._headers
        self._headers = []  # trailers, which may come later, are none of the head's
        names = {name.lower() for name, _ in headers}
        self._is_delimited = bool(names & {b"content-length", b"transfer-encoding"})
        self._body = Body(self)
        self._unwatch_silence()
        self._silence_limit = self._later_limit
        self._watch_silence()
        if not response.done():
            response.set_result((parser.get_status_code(), headers, self._body))

    def on_body(self, part: bytes) -> None:
        """A piece of the body, unframed."""
        self._pieces.append(part)

    def on_chunk_header(self) -> None:
        """A chunk begins; the empty one that ends a body, too."""
        self._is_between_chunks = False

    def on_chunk_complete(self) -> None:
        """A chunk has ended."""
        self._is_between_chunks = True

    def on_message_complete(self) -> None:
        """The response is complete."""
        if self._body is None:
            return  # an informational one
        reusable = self._parser is not None and self._parser.should_keep_alive()
        self._hand_on()
        self._end()
        if reusable and self.is_open:
            self._on_idle(self)
        elif self._transport is not None:
            self._transport.close()

    def _hand_on(self) -> None:
        """Gives the body what has come of it, in one piece."""
        pieces = self._pieces
        if pieces:
            self._pieces = []
            if self._body is not None:
                self._body.feed(pieces[0] if len(pieces) == 1 else b"".join(pieces))

    def _end(self) -> None:
        """The exchange is over."""
        self._unwatch_silence()
        body, self._body = self._body, None
        self._parser = self._response = None
        self._is_between_chunks = False
        self.resume()
        if body is not None:
            body.complete()

    def _fail(self, error: httpx2.TransportError) -> None:
        """The exchange broke; so does the connection."""
        self._unwatch_silence()
        if self._response is not None and not self._response.done():
            self._response.set_exception(error)
        if self._body is not None:
            self._body.fail(error)
        self._body = self._parser = self._response = None
        self.abort()

    def _watch_silence(self) -> None:
        if not self._silence_limit:
            return
        loop = self._loop
        if self._is_paused:
            self._heard_at = loop.time()
        left = self._heard_at + self._silence_limit - loop.time()
        if left <= 0:
            self._fail(httpx2.ReadTimeout("the upstream is silent"))
        else:
            self._silence_timer = loop.call_later(left, self._watch_silence)

    def _unwatch_silence(self) -> None:
        if self._silence_timer is not None:
            self._silence_timer.cancel()
            self._silence_timer = None


def is_readable(descriptor: int) -> bool:
    """Whether bytes or an end wait there, as the operating system knows and the event loop may not yet."""
    if not hasattr(select, "poll"):
        return False
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))


def _too_long() -> httpx2.RemoteProtocolError:
    return httpx2.RemoteProtocolError("the upstream's headers are too long")
