"""The upstream that fails on command, speaking HTTP/2 over TLS: the same scripts, each on a stream of its own.

Of what a script does, ``cut`` closes the connection with all its streams, and ``reset`` resets its stream alone.
:attr:`Received.connection` is the stream's, so that :meth:`Received.closed` tells when the other side has ended it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from support.faults import Connection, Exchange, FaultUpstream, Received

_NOT_IN_HTTP2 = {"transfer-encoding", "connection"}


class Http2Upstream(FaultUpstream):
    """An upstream of which every connection is kept in :attr:`lines`, the closed ones too."""

    def __init__(self, ca_file: Path) -> None:
        super().__init__()
        self.ca_file = ca_file
        self.lines: list[Http2Connection] = []
        self.streams_at_once: int | None = None
        """What a new connection allows its client."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/v2"

    @property
    def settings(self) -> Mapping[str, str]:
        """What the proxy needs to reach it."""
        return {
            "ASKLIGHT_UPSTREAM_CA_FILE": str(self.ca_file),
            "ASKLIGHT_UPSTREAM_TRANSPORT": "relay-http2",
        }

    @property
    def open_streams(self) -> int:
        """How many requests are being answered."""
        return sum(len(line.streams) for line in self.lines)


class Http2Connection(asyncio.Protocol):
    """One connection."""

    def __init__(self, upstream: Http2Upstream) -> None:
        self.streams: dict[int, Stream] = {}
        self.resets: list[int] = []
        self._upstream = upstream
        self._h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.is_gone = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._upstream.lines.append(self)
        self._upstream.connected(cast(Connection, self))
        limit = self._upstream.streams_at_once
        if limit is not None:
            allowed = {SettingCodes.MAX_CONCURRENT_STREAMS: limit}
            self._h2.local_settings = Settings(client=False, initial_values=allowed)
        self._h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        with suppress(H2Error):
            for event in self._h2.receive_data(data):
                self._handle(event)
        self.flush()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_gone.set()
        for stream in list(self.streams.values()):
            self.drop(stream)
        self._upstream.disconnected(cast(Connection, self))

    def _handle(self, event: Event) -> None:
        number: Any = getattr(event, "stream_id", None)
        match event:
            case RequestReceived(headers=headers):
                self.streams[number] = Stream(self, number, [(str(n), str(v)) for n, v in headers])
            case DataReceived(data=data, flow_controlled_length=length):
                self.streams[number].body += data
                self._h2.acknowledge_received_data(length, number)
            case StreamEnded():
                self.streams[number].start(self._upstream)
            case StreamReset() if number in self.streams:
                self.resets.append(number)
                self.drop(self.streams[number])
            case WindowUpdated():
                for stream in self.streams.values():
                    stream.has_window.set()

    def drop(self, stream: Stream) -> None:
        """The other side has ended `stream`."""
        self.streams.pop(stream.number, None)
        if not stream.closed_by_peer.done():
            stream.closed_by_peer.set_result(asyncio.get_running_loop().time())
        if stream.task is not None:
            stream.task.cancel()
        self._upstream._changed.set()

    def flush(self) -> None:
        """Sends what the protocol has to say."""
        data = self._h2.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def go_away(self, last: int, code: ErrorCodes = ErrorCodes.NO_ERROR) -> None:
        """Says that streams after `last` are not answered, and goes on with the others, as servers do that stop."""
        frame = last.to_bytes(4, "big") + int(code).to_bytes(4, "big")
        self.transport.write(len(frame).to_bytes(3, "big") + b"\x07\x00" + bytes(4) + frame)

    def reset(self) -> None:
        """Ends the connection at once."""
        self.transport.abort()


class Stream:
    """One request on its way; stands where a connection of HTTP/1.1 does."""

    def __init__(self, line: Http2Connection, number: int, headers: list[tuple[str, str]]) -> None:
        self.line = line
        self.number = number
        self.body = b""
        self.has_window = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.closed_by_peer: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._headers = headers

    def start(self, upstream: FaultUpstream) -> None:
        """The request is whole."""
        pseudo = {name: value for name, value in self._headers if name.startswith(":")}
        received = Received(
            pseudo[":method"],
            pseudo[":path"],
            tuple((name, value) for name, value in self._headers if not name.startswith(":")),
            self.body,
            b"",
            cast(Connection, self),
        )
        self.task = asyncio.create_task(self._answer(upstream, Http2Exchange(received, self)))

    async def _answer(self, upstream: FaultUpstream, exchange: Http2Exchange) -> None:
        await upstream.answer(exchange.request, exchange)
        await exchange.end_if_whole()

    async def send(self, data: bytes, *, last: bool = False) -> None:
        """Sends data as the other side's window allows."""
        with suppress(H2Error):  # the other side has ended it
            await self._send(data, last)
        await asyncio.sleep(0)

    async def _send(self, data: bytes, last: bool) -> None:
        h2 = self.line._h2
        while data or last:
            room = min(h2.local_flow_control_window(self.number), h2.max_outbound_frame_size)
            if data and room <= 0:
                self.has_window.clear()
                await self.has_window.wait()
                continue
            part, data = data[:room], data[room:]
            h2.send_data(self.number, part, end_stream=last and not data)
            self.line.flush()
            last = last and bool(data)


class Http2Exchange(Exchange):
    """What a script acts on; where HTTP/1.1 frames a body, HTTP/2 ends the stream."""

    def __init__(self, request: Received, stream: Stream) -> None:
        super().__init__(request, cast(Connection, stream))
        self._stream = stream
        self._left: int | None = None
        self._has_ended = False

    async def head(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        given = {name.lower(): value for name, value in (headers or {}).items()}
        self._left = int(given["content-length"]) if "content-length" in given else None
        fields = [(name, value) for name, value in given.items() if name not in _NOT_IN_HTTP2]
        with suppress(H2Error):
            self._stream.line._h2.send_headers(
                self._stream.number, [(":status", str(status)), *fields]
            )
        self._stream.line.flush()

    async def send(self, data: bytes) -> None:
        if self._left is not None:
            self._left -= len(data)
        await self._stream.send(data)

    async def chunk(self, data: bytes) -> None:
        await self._stream.send(data)

    async def end(self) -> None:
        self._has_ended = True
        await self._stream.send(b"", last=True)
        self._stream.line.streams.pop(self._stream.number, None)

    async def end_if_whole(self) -> None:
        """An answer with a length ends with it, and one without a body at once."""
        if self._left is not None and self._left <= 0 and not self._has_ended:
            await self.end()

    async def cut(self) -> None:
        self._stream.line.streams.pop(self._stream.number, None)
        self._stream.line.transport.close()

    async def reset(self) -> None:
        self._stream.line.streams.pop(self._stream.number, None)
        with suppress(H2Error):
            self._stream.line._h2.reset_stream(self._stream.number, ErrorCodes.INTERNAL_ERROR)
        self._stream.line.flush()

    async def refuse(self) -> None:
        """Says that nothing was done for this request."""
        self._stream.line.streams.pop(self._stream.number, None)
        self._stream.line._h2.reset_stream(self._stream.number, ErrorCodes.REFUSED_STREAM)
        self._stream.line.flush()


def certificates(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS for this machine, and the file with the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return context, ca_file


@asynccontextmanager
async def http2_upstream(folder: Path) -> AsyncIterator[Http2Upstream]:
    """An upstream on a port of its own, with a certificate of its own, until the block ends."""
    tls, ca_file = certificates(folder)
    tls.set_alpn_protocols(["h2"])
    upstream = Http2Upstream(ca_file)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Http2Connection(upstream), "127.0.0.1", 0, ssl=tls)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        await upstream.close_connections()
    assert not upstream.unexpected, upstream.unexpected
