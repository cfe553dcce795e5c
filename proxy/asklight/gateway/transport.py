"""A transport for httpx2 over connections of our own, for the relay: no task and no Python parser between the
upstream's bytes and whoever wants them.

A response's ``extensions["body"]`` is the :class:`~asklight.gateway.http1.Body`, which can push. HTTP/1.1, which costs
least for each event; HTTP/2 where it is asked for and TLS agrees on it. httpx2's own transport is one setting away
(``ASKLIGHT_UPSTREAM_TRANSPORT``).

A request is sent a second time only where the upstream cannot have acted on the first
(:class:`~asklight.gateway.http1.NotSent`): the connection was gone before a byte was written, or the upstream says
so, by REFUSED_STREAM or a GOAWAY that names an earlier stream. One that was written and got no answer is an error.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import httpx2

from asklight.gateway.http1 import Body, Connection, Headers, NotSent
from asklight.gateway.http2 import Multiplexed
from asklight.guard.sockets import RECEIVING

IDLE_LIMIT: Final = 100
"""So many connections are kept open unused."""

IDLE_SECONDS: Final = 15
"""An unused connection is closed after so long: sooner than most upstreams do."""

_TRIES: Final = 3
"""So many connections are tried for a request that was not sent."""

_NOT_IN_HTTP2: Final = frozenset(
    {b"host", b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""Headers that belong to a connection of HTTP/1.1 (RFC 9113, section 8.2.2); the host has a field of its own."""

_BREAK: Final = re.compile(rb"[\r\n\0]")

Origin = tuple[str, str, int]


class RelayTransport(httpx2.AsyncBaseTransport):
    """Connections to upstreams, kept for reuse.

    :param connections_limit: beyond so many at once, each request of a shared one counted, a request is refused at
        once, with ``PoolTimeout``.
    :param socket_path: a unix socket to use in place of the address's host.
    :param tls: how certificates are checked; as httpx2 does unless given.
    :param http2: whether HTTP/2 is offered where there is TLS.
    """

    def __init__(
        self,
        *,
        connections_limit: int,
        socket_path: str | None = None,
        tls: ssl.SSLContext | None = None,
        http2: bool = False,
    ) -> None:
        self._http2 = http2
        self._shared: defaultdict[Origin, list[Multiplexed]] = defaultdict(list)
        self._sharing: defaultdict[Origin, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._old: set[Origin] = set()  # they speak HTTP/1.1 alone
        self._connections_limit = connections_limit
        self._socket_path = socket_path
        self._tls = tls
        self._all: set[Connection | Multiplexed] = set()
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._connecting = 0
        self._origins: dict[Connection, Origin] = {}
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)
        self._expiries: dict[Connection, asyncio.TimerHandle] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends `request`; its body is read whole first.

        Beside httpx2's timeouts there may be ``silence``: between two pieces of the body, in place of ``read``.

        :raises httpx2.TransportError: as httpx2's own transport does.
        """
        await request.aread()
        for _ in range(_TRIES - 1):
            try:
                return await self._send(request)
            except NotSent:
                continue
        return await self._send(request)

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        timeouts = request.extensions.get("timeout", {})
        first = timeouts.get("read")
        silence = timeouts.get("silence", first)
        connection = await self._connection(_origin(request.url), timeouts.get("connect"))
        answer: tuple[int, Headers, Body]
        if isinstance(connection, Multiplexed):
            fields = _fields(request)
            answer = await connection.exchange(fields, request.content, first, silence)
        else:
            answer = await connection.exchange(_head(request) + request.content, first, silence)
        status, headers, stream = answer
        return httpx2.Response(status, headers=headers, stream=stream, extensions={"body": stream})

    async def aclose(self) -> None:
        """Ends every connection; they are gone when this returns."""
        for connection in list(self._all):
            connection.abort()
        await self._is_empty.wait()

    async def _connection(
        self, origin: Origin, connect_timeout: float | None
    ) -> Connection | Multiplexed:
        if not self._http2 or origin[0] != "https" or origin in self._old:
            return self._kept(origin) or await self._new(origin, connect_timeout)
        async with self._sharing[origin]:  # so that those who come together share one
            if connection := self._with_room(origin):
                return connection
            made = await self._new(origin, connect_timeout)
        if isinstance(made, Connection):
            self._old.add(origin)
        return made

    def _kept(self, origin: Origin) -> Connection | None:
        """A connection that is open and unused."""
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            self._expiries.pop(connection).cancel()
            if connection.is_open and not connection.has_news:
                return connection
            connection.abort()
        return None

    def _with_room(self, origin: Origin) -> Multiplexed | None:
        """A shared connection that takes one more request."""
        connection = next((one for one in self._shared[origin] if one.has_room), None)
        if connection is not None:
            self._check_limit()
        return connection

    def _check_limit(self) -> None:
        """:raises httpx2.PoolTimeout: so many requests are open that there is room for no more."""
        shared = sum(one.streams - 1 for some in self._shared.values() for one in some)
        if len(self._all) + shared + self._connecting >= self._connections_limit:
            raise httpx2.PoolTimeout("every connection to the upstream is in use")

    async def _new(self, origin: Origin, connect_timeout: float | None) -> Connection | Multiplexed:
        self._check_limit()
        self._connecting += 1
        try:
            async with asyncio.timeout(connect_timeout):
                connection = await self._connect(origin)
        except TimeoutError:
            raise httpx2.ConnectTimeout("the upstream did not take the connection") from None
        except (OSError, ssl.SSLError):
            raise httpx2.ConnectError("the upstream cannot be reached") from None
        finally:
            self._connecting -= 1
        self._all.add(connection)
        self._is_empty.clear()
        if isinstance(connection, Multiplexed):
            self._shared[origin].append(connection)
        else:
            self._origins[connection] = origin
        return connection

    async def _connect(self, origin: Origin) -> Connection | Multiplexed:
        loop = asyncio.get_running_loop()
        scheme, host, port = origin
        tls = self._tls_context() if scheme == "https" else None

        def protocol() -> _Agreed:
            return _Agreed(
                lambda: Connection(self._keep, self._forget),
                lambda: Multiplexed(self._forget_shared),
            )

        arguments: dict[str, Any] = {"ssl": tls, "server_hostname": host if tls else None}
        if self._socket_path is not None:
            _, agreed = await loop.create_unix_connection(protocol, self._socket_path, **arguments)
        else:
            _, agreed = await loop.create_connection(protocol, host, port, **arguments)
        return agreed.connection

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx2.create_ssl_context(trust_env=False)
        self._tls.set_alpn_protocols(["h2", "http/1.1"] if self._http2 else ["http/1.1"])
        return self._tls

    def _keep(self, connection: Connection) -> None:
        if len(self._expiries) >= IDLE_LIMIT:
            connection.abort()
            return
        loop = asyncio.get_running_loop()
        self._idle[self._origins[connection]].append(connection)
        self._expiries[connection] = loop.call_later(IDLE_SECONDS, connection.abort)

    def _forget(self, connection: Connection) -> None:
        self._all.discard(connection)
        if not self._all:
            self._is_empty.set()
        origin = self._origins.pop(connection, None)
        expiry = self._expiries.pop(connection, None)
        if expiry is not None:
            expiry.cancel()
        if origin is not None and connection in self._idle[origin]:
            self._idle[origin].remove(connection)

    def _forget_shared(self, connection: Multiplexed) -> None:
        self._all.discard(connection)
        if not self._all:
            self._is_empty.set()
        for connections in self._shared.values():
            if connection in connections:
                connections.remove(connection)


class _Agreed(asyncio.Protocol):
    """Becomes the protocol that TLS has agreed on; HTTP/1.1 where it names none, or there is no TLS."""

    connection: Connection | Multiplexed

    def __init__(self, old: Callable[[], Connection], new: Callable[[], Multiplexed]) -> None:
        self._old = old
        self._new = new

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        is_new = tls is not None and tls.selected_alpn_protocol() == "h2"
        self.connection = self._new() if is_new else self._old()
        with suppress(OSError):  # it is gone already
            transport.get_extra_info("socket").setsockopt(*RECEIVING)
        transport.set_protocol(self.connection)
        self.connection.connection_made(transport)


def _origin(url: httpx2.URL) -> Origin:
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    return url.scheme, url.host, port


def _head(request: httpx2.Request) -> bytes:
    """The request line and headers as they are sent.

    :raises httpx2.LocalProtocolError: a header would end its line; its value is not quoted.
    """
    target = request.url.raw_path
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), target)]
    lines += [b"%s: %s" % header for header in request.headers.raw]
    _check_whole(lines)
    return b"\r\n".join([*lines, b"", b""])


def _fields(request: httpx2.Request) -> Headers:
    """The same for HTTP/2; raises as :func:`_head`."""
    url = request.url
    pseudo = [
        (b":method", request.method.encode("ascii")),
        (b":scheme", url.raw_scheme),
        (b":authority", url.netloc),
        (b":path", url.raw_path),
    ]
    named = [(name.lower(), value) for name, value in request.headers.raw]
    fields = pseudo + [(name, value) for name, value in named if name not in _NOT_IN_HTTP2]
    _check_whole([part for field in fields for part in field])
    return fields


def _check_whole(parts: list[bytes]) -> None:
    """None of `parts` may end before its end."""
    if _BREAK.search(b" ".join(parts)):
        raise httpx2.LocalProtocolError("a header holds a line break")
