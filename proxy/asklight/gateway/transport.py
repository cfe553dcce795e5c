"""A transport for httpx2 over connections of our own, for the relay: no task and no Python parser between the
upstream's bytes and whoever wants them.

A response's ``extensions["body"]`` is the :class:`~asklight.gateway.http1.Body`, which can push. HTTP/1.1 only. httpx2's
own transport is one setting away (``ASKLIGHT_UPSTREAM_TRANSPORT``).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from typing import Any, Final

import httpx2

from asklight.gateway.http1 import Connection

IDLE_LIMIT: Final = 100
"""So many connections are kept open unused."""

IDLE_SECONDS: Final = 15
"""An unused connection is closed after so long: sooner than most upstreams do."""

_ILLEGAL: Final = (b"\r", b"\n", b"\0")

Origin = tuple[str, str, int]


class RelayTransport(httpx2.AsyncBaseTransport):
    """Connections to upstreams, kept for reuse.

    :param connections_limit: beyond so many at once a request is refused at once, with ``PoolTimeout``.
    :param socket_path: a unix socket to use in place of the address's host.
    :param tls: how certificates are checked; as httpx2 does unless given.
    """

    def __init__(
        self,
        *,
        connections_limit: int,
        socket_path: str | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._connections_limit = connections_limit
        self._socket_path = socket_path
        self._tls = tls
        self._all: set[Connection] = set()
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
        timeouts = request.extensions.get("timeout", {})
        body = await request.aread()
        connection = await self._connection(_origin(request.url), timeouts.get("connect"))
        status, headers, stream = await connection.exchange(
            _head(request) + body,
            first_limit=timeouts.get("read"),
            silence_limit=timeouts.get("silence", timeouts.get("read")),
        )
        return httpx2.Response(status, headers=headers, stream=stream, extensions={"body": stream})

    async def aclose(self) -> None:
        """Ends every connection; they are gone when this returns."""
        for connection in list(self._all):
            connection.abort()
        await self._is_empty.wait()

    async def _connection(self, origin: Origin, connect_timeout: float | None) -> Connection:
        idle = self._idle[origin]
        while idle:
            connection = idle.pop()
            self._expiries.pop(connection).cancel()
            if connection.is_open:
                return connection
        if len(self._all) + self._connecting >= self._connections_limit:
            raise httpx2.PoolTimeout("every connection to the upstream is in use")
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
        self._origins[connection] = origin
        return connection

    async def _connect(self, origin: Origin) -> Connection:
        loop = asyncio.get_running_loop()
        scheme, host, port = origin
        tls = self._tls_context() if scheme == "https" else None

        def protocol() -> Connection:
            return Connection(self._keep, self._forget)

        arguments: dict[str, Any] = {"ssl": tls, "server_hostname": host if tls else None}
        if self._socket_path is not None:
            _, connection = await loop.create_unix_connection(
                protocol, self._socket_path, **arguments
            )
        else:
            _, connection = await loop.create_connection(protocol, host, port, **arguments)
        return connection

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpx2.create_ssl_context(trust_env=False)
            self._tls.set_alpn_protocols(["http/1.1"])
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
    if any(mark in line for line in lines for mark in _ILLEGAL):
        raise httpx2.LocalProtocolError("a header holds a line break")
    return b"\r\n".join([*lines, b"", b""])
