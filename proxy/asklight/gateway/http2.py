"""One HTTP/2 connection to an upstream (RFC 9113): many exchanges at once, each of which pauses and ends alone.

httpx2's own HTTP/2 does not reset a stream that nobody reads any more, so that a stopped answer would be written to
its end; and it reads for all streams under the time limit of one. Here each stream has its own times and its own
window, and a stream that is paused keeps no other from its bytes: what comes is acknowledged for the connection at
once, and for the stream when it is wanted.

The protocol itself is h2's, save one frame: after a GOAWAY h2 takes nothing more, while servers use it to let running
streams end before they close. So it is read here.

Body bytes are handed on the moment they arrive, as in :mod:`asklight.gateway.http1`. Errors are httpx2's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, cast

import httpx2
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RemoteSettingsChanged,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error, ProtocolError
from h2.settings import SettingCodes, Settings

from asklight.gateway.http1 import HEAD_LIMIT_BYTES, Body, Headers, NotSent

STREAM_WINDOW_BYTES: Final = 256 * 1024
"""A stream that nobody takes from holds so much and no more."""

CONNECTION_WINDOW_BYTES: Final = 1024 * 1024
IDLE_SECONDS: Final = 15
"""A connection without streams is closed after so long."""

_STREAMS_AT_FIRST: Final = 100
"""A connection takes so many until the upstream has said how many: no fewer are recommended (RFC 9113, 6.5.2)."""

_FRAME_LIMIT_BYTES: Final = 16_384  # what we allow by saying nothing else (RFC 9113, 4.2)
_FRAME_HEAD_BYTES: Final = 9
_GOAWAY: Final = 7


class Multiplexed(asyncio.Protocol):
    """A connection; made once TLS has agreed on ``h2``.

    :param on_closed: told when it is gone.
    """

    def __init__(self, on_closed: Callable[[Multiplexed], None]) -> None:
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._h2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._streams: dict[int, Stream] = {}
        self._has_settings = False  # the upstream's
        self._rest = bytearray()  # of a frame that has not come whole
        self._unacknowledged = 0
        self._is_leaving = False
        """No new stream is begun here; those that run go on."""
        self._idle_timer: asyncio.TimerHandle | None = None

    @property
    def streams(self) -> int:
        """How many exchanges are under way."""
        return len(self._streams)

    @property
    def has_room(self) -> bool:
        """Whether another exchange may be tried."""
        if self._is_leaving or self._transport is None or self._transport.is_closing():
            return False
        told = self._h2.remote_settings.max_concurrent_streams
        return self.streams < (told if self._has_settings else _STREAMS_AT_FIRST)

    async def exchange(
        self, headers: Headers, body: bytes, first_limit: float | None, silence_limit: float | None
    ) -> tuple[int, Headers, Body]:
        """Sends a request and gives the response's status, headers and body, the body still arriving.

        :param headers: with the pseudo-headers, names in lower case.
        :param first_limit: so many seconds without a byte before the end of the headers are a failure.
        :param silence_limit: so are so many between two pieces of the body.
        :raises NotSent: the upstream has not acted on the request, and will not.
        :raises httpx2.TransportError: the stream or the connection broke, stalled or spoke no HTTP/2.
        """
        stream = self._begin(headers, body, first_limit, silence_limit)
        try:
            return await stream.response
        except BaseException:
            stream.abort()
            raise

    def _begin(
        self, headers: Headers, body: bytes, first_limit: float | None, silence_limit: float | None
    ) -> Stream:
        if not self.has_room:
            raise NotSent("the connection takes no more")
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        try:
            number = self._h2.get_next_available_stream_id()
            self._h2.send_headers(number, headers, end_stream=not body)
        except H2Error:
            self._is_leaving = True
            raise NotSent("the connection takes no more") from None
        stream = Stream(self, number, body, first_limit or 0.0, silence_limit or 0.0)
        self._streams[number] = stream
        self._send_body(stream)
        self._flush()
        return stream

    def _send_body(self, stream: Stream) -> None:
        """As much of a request's body as the upstream's window has room for."""
        with suppress(H2Error):  # it has just been reset
            while stream.unsent:
                room = self._h2.local_flow_control_window(stream.number)
                part = stream.unsent[: max(0, min(room, self._h2.max_outbound_frame_size))]
                if not part:
                    return
                stream.unsent = stream.unsent[len(part) :]
                self._h2.send_data(stream.number, part, end_stream=not stream.unsent)

    def acknowledge(self, stream: Stream, count: int) -> None:
        """The bytes of `stream` were taken: so many more may come."""
        with suppress(H2Error):  # it has just ended
            self._h2.increment_flow_control_window(count, stream.number)
            self._flush()

    def reset(self, stream: Stream) -> None:
        """Ends `stream`, at the upstream too, and no other."""
        if self._streams.pop(stream.number, None) is None:
            return
        with suppress(H2Error):  # it has just ended by itself
            self._h2.reset_stream(stream.number, ErrorCodes.CANCEL)
        self._flush()
        self._keep_or_close()

    def abort(self) -> None:
        """Ends the connection at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    def _close(self) -> None:
        self._is_leaving = True
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._h2.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
                SettingCodes.MAX_HEADER_LIST_SIZE: HEAD_LIMIT_BYTES,
            },
        )
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(CONNECTION_WINDOW_BYTES)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._rest += data
        try:
            for frames in self._whole_frames():
                for event in self._h2.receive_data(frames):
                    self._handle(event)
        except H2Error:
            self._fail(httpx2.RemoteProtocolError("the upstream does not speak HTTP/2"))
            return
        if self._unacknowledged >= CONNECTION_WINDOW_BYTES // 4:
            self._h2.increment_flow_control_window(self._unacknowledged)
            self._unacknowledged = 0
        self._flush()
        self._keep_or_close()

    def pause_writing(self) -> None:
        # What comes from the upstream may ask for answers (PING, SETTINGS): one that takes none is not read from.
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(httpx2.ReadError("the upstream closed the connection"))
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._on_closed(self)

    def _whole_frames(self) -> Iterator[bytes]:
        """What has come whole, in as few pieces as may be; of a GOAWAY the effect."""
        rest, begun, end = self._rest, 0, 0
        while len(rest) - end >= _FRAME_HEAD_BYTES:
            at = end
            length = int.from_bytes(rest[at : at + 3], "big")
            end = at + _FRAME_HEAD_BYTES + length
            if length > _FRAME_LIMIT_BYTES:
                raise ProtocolError("a frame is too long")  # h2 would wait for the whole of it
            if end > len(rest):
                end = at
                break
            if rest[at + 3] == _GOAWAY and length >= 8:
                yield bytes(rest[begun:at])
                begun = end
                self._leave(int.from_bytes(rest[at + 9 : at + 13], "big") & 0x7FFF_FFFF)
        whole = bytes(rest[begun:end])
        del rest[:end]
        yield whole

    def _leave(self, last: int) -> None:
        """The upstream begins nothing more: what came after stream `last` it has not acted on."""
        self._is_leaving = True
        for stream in [stream for stream in self._streams.values() if stream.number > last]:
            del self._streams[stream.number]
            stream.fail(NotSent("the upstream has not taken this request"))

    def _handle(self, event: Event) -> None:
        number = getattr(event, "stream_id", None)
        if isinstance(event, RemoteSettingsChanged):
            self._has_settings = True
        if isinstance(event, DataReceived):
            self._unacknowledged += event.flow_controlled_length
        elif isinstance(event, WindowUpdated):
            for stream in list(self._streams.values()) if number == 0 else self._of(number):
                self._send_body(stream)
            return
        for stream in self._of(number):
            match event:
                case ResponseReceived(headers=headers):
                    stream.begin(headers)
                case DataReceived(data=data, flow_controlled_length=length):
                    stream.take(data, length)
                case StreamEnded():
                    if stream.unsent:
                        self.reset(stream)  # answered before it was asked in full
                    self._streams.pop(stream.number, None)
                    stream.end()
                case StreamReset(error_code=code):
                    del self._streams[stream.number]
                    is_refused = code == ErrorCodes.REFUSED_STREAM
                    stream.fail(
                        NotSent("the upstream refused the stream")
                        if is_refused
                        else httpx2.ReadError("the upstream reset the stream")
                    )

    def _of(self, number: int | None) -> list[Stream]:
        stream = self._streams.get(number) if number else None
        return [] if stream is None else [stream]

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _keep_or_close(self) -> None:
        """Without a stream the connection is kept for a while; where the upstream leaves, it is closed."""
        if self._streams or self._transport is None:
            return
        if self._is_leaving:
            self._close()
        elif self._idle_timer is None:
            self._idle_timer = self._loop.call_later(IDLE_SECONDS, self._close)

    def _fail(self, error: httpx2.TransportError) -> None:
        """The connection broke, and all that is under way with it."""
        self._is_leaving = True
        streams = list(self._streams.values())
        self._streams.clear()
        for stream in streams:
            stream.fail(error)
        self.abort()


class Stream:
    """One exchange. `unsent` is what is left of the request's body; `response` is done with the head of the answer."""

    def __init__(
        self,
        connection: Multiplexed,
        number: int,
        unsent: bytes,
        first_limit: float,
        silence_limit: float,
    ) -> None:
        self.number = number
        self.unsent = unsent
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self.response: asyncio.Future[tuple[int, Headers, Body]] = self._loop.create_future()
        self._body: Body | None = None
        self._is_paused = False
        self._unacknowledged = 0
        self._limit, self._later_limit = first_limit, silence_limit
        self._heard_at = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._watch()

    def pause(self) -> None:
        """Lets no more come than the window holds."""
        self._is_paused = True

    def resume(self) -> None:
        """Goes on."""
        if self._is_paused:
            self._is_paused = False
            self._heard_at = self._loop.time()
            self._acknowledge()

    def abort(self) -> None:
        """Ends the exchange, at the upstream too."""
        self._unwatch()
        self._connection.reset(self)

    def begin(self, headers: Headers) -> None:
        """The head of the answer is here."""
        self._heard_at = self._loop.time()
        self._limit = self._later_limit
        self._unwatch()
        self._watch()
        status = next((value for name, value in headers if name == b":status"), b"")
        if self.response.done() or not status.isdigit():
            self._connection.reset(self)
            self.fail(httpx2.RemoteProtocolError("the upstream's answer has no status"))
            return
        self._body = Body(self)
        rest = [(name, value) for name, value in headers if not name.startswith(b":")]
        self.response.set_result((int(status), rest, self._body))

    def take(self, data: bytes, length: int) -> None:
        """A piece of the body has come, `length` being what it took of the window."""
        self._heard_at = self._loop.time()
        self._unacknowledged += length
        if self._body is not None and data:
            self._body.feed(data)
        if not self._is_paused:
            self._acknowledge()

    def end(self) -> None:
        """The body has ended as HTTP has it."""
        self._unwatch()
        if self._body is not None:
            self._body.complete()
        else:
            self.fail(httpx2.RemoteProtocolError("the upstream's answer has no head"))

    def fail(self, error: httpx2.TransportError) -> None:
        """The exchange broke."""
        self._unwatch()
        if self._body is not None:
            self._body.fail(error)
        elif not self.response.done():
            self.response.set_exception(error)

    def _acknowledge(self) -> None:
        if self._unacknowledged >= STREAM_WINDOW_BYTES // 4:
            count, self._unacknowledged = self._unacknowledged, 0
            self._connection.acknowledge(self, count)

    def _watch(self) -> None:
        if not self._limit:
            return
        if self._is_paused:
            self._heard_at = self._loop.time()
        left = self._heard_at + self._limit - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._watch)
            return
        self._connection.reset(self)
        self.fail(httpx2.ReadTimeout("the upstream is silent"))

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
