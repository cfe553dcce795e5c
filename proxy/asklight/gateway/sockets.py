"""A WebSocket to the assistant service: text messages in, the contract's ``ping`` out, and nothing in any log.

The address holds the publishable key, which HTTP clients and WebSocket clients write into their logs and exceptions.
So the protocol alone is taken from a library (wsproto, which does no input or output and checks the handshake), and
the bytes go over asyncio's own streams. Whatever fails is an error of ours, without the text of what caused it.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import httpx2
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from asklight.errors import AsklightError, BadGateway

logger = logging.getLogger("asklight.upstream")

MESSAGE_LIMIT_BYTES: Final = 1024 * 1024
"""A socket that says something longer is given up."""

PING_SECONDS: Final = 30
"""The contract's. A socket that has said nothing from one ``ping`` to the next is dead."""

_OPEN_SECONDS: Final = 10
_CLOSE_SECONDS: Final = 1
_READ_BYTES: Final = 65_536
_PING: Final = "ping"
_PONG: Final = "pong"


class SocketRefused(AsklightError):
    """The service has no WebSocket here: it answered the handshake with something else, and would again."""


class Sockets:
    """Opens WebSockets.

    :param tls: how certificates are checked; as httpx2 does unless given.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    @asynccontextmanager
    async def open(self, url: httpx2.URL, headers: Mapping[str, str]) -> AsyncIterator[Socket]:
        """The socket at `url` (``http`` or ``https``), closed when the context ends.

        :raises SocketRefused: there is none.
        :raises BadGateway: it could not be opened, now.
        """
        with _translated():
            async with asyncio.timeout(_OPEN_SECONDS):
                reader, writer = await self._connect(url)
        socket = Socket(reader, writer)
        try:
            with _translated():
                async with asyncio.timeout(_OPEN_SECONDS):
                    await socket.shake_hands(url, headers)
            yield socket
        finally:
            await socket.close()

    async def _connect(self, url: httpx2.URL) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        is_secure = url.scheme == "https"
        if is_secure and self._tls is None:
            self._tls = httpx2.create_ssl_context(trust_env=False)
            self._tls.set_alpn_protocols(["http/1.1"])
        port = url.port or (443 if is_secure else 80)
        return await asyncio.open_connection(url.host, port, ssl=self._tls if is_secure else None)


class Socket:
    """An open connection. Made by :meth:`Sockets.open`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._events: Iterator[Event] = iter(())
        self._ping_at = asyncio.get_running_loop().time() + PING_SECONDS
        self._is_silent = False

    async def shake_hands(self, url: httpx2.URL, headers: Mapping[str, str]) -> None:
        """Makes a WebSocket of the connection; raises as :meth:`Sockets.open`."""
        await self._send(
            Request(
                host=url.netloc.decode("ascii"),
                target=url.raw_path.decode("ascii"),
                extra_headers=[(name.encode(), value.encode()) for name, value in headers.items()],
            )
        )
        match await self._next():
            case AcceptConnection():
                return
            case RejectConnection(status_code=status) if status < 500 and status != 429:
                logger.info("the assistant service has no WebSocket (%d)", status)
                raise SocketRefused
        raise BadGateway

    async def text(self) -> str | None:
        """The next text the service says, save ``pong``; None where it has closed the socket.

        :raises BadGateway: the connection broke, fell silent, or said something too long.
        """
        with _translated():
            while (text := await self._whole_text()) == _PONG:
                pass
            return text

    async def _whole_text(self) -> str | None:
        parts: list[str] = []
        size = 0
        while True:
            match await self._next():
                case TextMessage(data=data, message_finished=is_whole):
                    parts.append(data)
                    size += len(data.encode())
                    if size > MESSAGE_LIMIT_BYTES:
                        raise BadGateway
                    if is_whole:
                        return "".join(parts)
                case Ping() as ping:
                    await self._send(ping.response())
                case CloseConnection():
                    return None

    async def close(self) -> None:
        """Says goodbye and ends the connection, which is gone when this returns."""
        try:
            with suppress(ProtocolError, BadGateway):  # not open, or closed already
                self._write(CloseConnection(code=1000))
            self._writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await self._writer.wait_closed()
        finally:
            self._writer.transport.abort()

    async def _next(self) -> Event:
        while (event := next(self._events, None)) is None:
            data = await self._read()
            if not data:
                raise BadGateway
            self._protocol.receive_data(data)
            self._events = self._protocol.events()
        return event

    async def _read(self) -> bytes:
        """What came. Pings whenever it is time, and gives up where nothing came since the last."""
        while True:
            try:
                async with asyncio.timeout_at(self._ping_at):
                    data = await self._reader.read(_READ_BYTES)
            except TimeoutError:
                if self._is_silent:
                    raise
                self._is_silent = True
                self._ping_at += PING_SECONDS
                await self._send(TextMessage(data=_PING))
            else:
                self._is_silent = False
                return data

    async def _send(self, event: Event) -> None:
        self._write(event)
        await self._writer.drain()

    def _write(self, event: Event) -> None:
        if self._writer.is_closing():  # uvloop raises a RuntimeError of its own
            raise BadGateway
        self._writer.write(self._protocol.send(event))


@contextmanager
def _translated() -> Iterator[None]:
    """What fails as an error of ours. Its text is dropped: it can quote the address."""
    try:
        yield
    except (
        OSError,
        ProtocolError,
        UnicodeError,
    ) as error:  # TimeoutError and ssl.SSLError are OSErrors
        logger.info("the WebSocket to the assistant service failed: %s", type(error).__name__)
        raise BadGateway from None
