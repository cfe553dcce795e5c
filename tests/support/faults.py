"""An upstream that fails on command: a real socket, just enough HTTP/1.1, a script for each request.

A script is a coroutine function that is given an :class:`Exchange` and does what a service would, or would not: it
sends a head and pieces of a body, waits until the test tells it to go on, cuts the connection or resets it. What came
in is kept in :attr:`FaultUpstream.received`, with the moment at which the other side closed each connection.

    upstream.on("POST", "/conversations", answers_json({"id": ...}, status=201))
    upstream.on("POST", "/messages", streams(b'data: {"type":"start"}\\n\\n', then=cut))
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

PATIENCE_SECONDS: Final = 5.0
"""How long a test waits for what must happen before it fails."""

Script = Callable[["Exchange"], Awaitable[None]]

_REASONS: Final = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 302: "Found"}


@dataclass(frozen=True)
class Received:
    """A request as it came in. Names of `headers` are in lower case, all of them, in order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes
    connection: Connection = field(repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The only header of this name, or None; two are an error of the test's subject."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    async def closed(self, within: float = PATIENCE_SECONDS) -> float:
        """Waits until the other side has closed this request's connection; gives the loop's time of that moment."""
        async with asyncio.timeout(within):
            return await self.connection.closed_by_peer


class Exchange:
    """One request being answered: what a script acts on."""

    def __init__(self, request: Received, connection: Connection) -> None:
        self.request = request
        self._connection = connection

    async def send(self, data: bytes) -> None:
        """Sends bytes as they are and returns once the kernel has them."""
        await self._connection.send(data)

    async def head(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Sends a status line and headers, only those given."""
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        await self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def chunk(self, data: bytes) -> None:
        """Sends one piece of a chunked body."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def end(self) -> None:
        """Ends a chunked body."""
        await self.send(b"0\r\n\r\n")

    async def receive(self) -> bytes:
        """The next bytes that are no request, as when the connection speaks another protocol by now."""
        return await self._connection.receive()

    async def cut(self) -> None:
        """Closes the connection in good order, in the middle of whatever was being said."""
        self._connection.close()

    async def reset(self) -> None:
        """Resets the connection (RST)."""
        self._connection.reset()

    async def forever(self) -> None:
        """Says nothing more until the other side goes away or the upstream is closed."""
        await asyncio.shield(self._connection.closed_by_peer)


class FaultUpstream:
    """The upstream: scripts to answer with, and everything it was sent.

    :attr:`received` holds every request; :attr:`unexpected` those that no script was waiting for (answered 599).
    """

    def __init__(self) -> None:
        self.port = 0
        self.received: list[Received] = []
        self.unexpected: list[Received] = []
        self._scripts: list[tuple[str, str, Script]] = []
        self._connections: set[Connection] = set()
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        """Its address, as a setting."""
        return f"http://127.0.0.1:{self.port}/v2"

    @property
    def open_connections(self) -> int:
        """How many connections to it are open."""
        return len(self._connections)

    def on(self, method: str, ending: str, script: Script) -> None:
        """From now on answers requests whose path ends so with `script`; what was said last goes first."""
        self._scripts.insert(0, (method, ending, script))

    def to(self, method: str, ending: str) -> list[Received]:
        """The requests received so far whose path ends so."""
        return [r for r in self.received if r.method == method and r.path.endswith(ending)]

    async def wait_for(self, method: str, ending: str, number: int = 1) -> Received:
        """The `number`-th request to a path that ends so, once it is here."""
        await self.until(lambda: len(self.to(method, ending)) >= number)
        return self.to(method, ending)[number - 1]

    async def until(self, condition: Callable[[], bool], within: float = PATIENCE_SECONDS) -> None:
        """Waits until something that came in, or a connection that went, has made `condition` true."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def answer(self, request: Received, exchange: Exchange | None = None) -> None:
        """Runs the script for `request`, which acts on `exchange`."""
        self.received.append(request)
        self._changed.set()
        exchange = exchange or Exchange(request, request.connection)
        for method, ending, script in self._scripts:
            if request.method == method and request.path.endswith(ending):
                await script(exchange)
                return
        self.unexpected.append(request)
        await answers(599, {"content-length": "0"})(exchange)

    def connected(self, connection: Connection) -> None:
        self._connections.add(connection)

    def disconnected(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._changed.set()

    async def close_connections(self) -> None:
        """Resets what is still open and waits until it is gone."""
        for connection in list(self._connections):
            connection.reset()
        await self.until(lambda: not self._connections)


class Connection(asyncio.Protocol):
    """One connection: reads requests one after the other and lets the upstream answer each.

    `closed_by_peer` is done, with the loop's time, when the connection is gone and it was not we who closed it.
    """

    def __init__(self, upstream: FaultUpstream) -> None:
        self._upstream = upstream
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_ours_to_close = False
        self.closed_by_peer: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._upstream.connected(self)
        self._task = asyncio.create_task(self._serve())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._arrived.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._is_ours_to_close:
            self.closed_by_peer.set_result(asyncio.get_running_loop().time())
        self._writable.set()
        self._task.cancel()
        self._upstream.disconnected(self)

    async def send(self, data: bytes) -> None:
        """Writes `data`, unless the other side is gone; waits while it does not read."""
        if not self._transport.is_closing():  # uvloop refuses to write then
            self._transport.write(data)
        await self._writable.wait()
        await asyncio.sleep(0)

    async def receive(self) -> bytes:
        """What has come, as soon as something has."""
        return await self._take(max(1, len(self._buffer)))

    def close(self) -> None:
        """Closes once everything is sent."""
        self._is_ours_to_close = True
        self._transport.close()

    def reset(self) -> None:
        """Closes with RST, unless the other side has closed already."""
        if self._transport.is_closing():
            return
        self._is_ours_to_close = True
        opened: socket.socket = self._transport.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def _serve(self) -> None:
        while not self._transport.is_closing():
            await self._upstream.answer(await self._request())

    async def _request(self) -> Received:
        head = await self._take_until(b"\r\n\r\n")
        start, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = start.split(" ")
        fields = [line.partition(":") for line in lines if line]
        headers = tuple((name.lower(), value.strip()) for name, _, value in fields)
        length = int(dict(headers).get("content-length", "0"))
        body = await self._take(length)
        return Received(method, target, headers, body, head + body, self)

    async def _take_until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            await self._more()
        return await self._take(self._buffer.index(mark) + len(mark))

    async def _take(self, length: int) -> bytes:
        while len(self._buffer) < length:
            await self._more()
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken

    async def _more(self) -> None:
        self._arrived.clear()
        await self._arrived.wait()


@asynccontextmanager
async def fault_upstream(tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultUpstream]:
    """An upstream on a port of its own, until the block ends; behind TLS where that is given.

    A request that no script was waiting for fails the test.
    """
    upstream = FaultUpstream()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(upstream), "127.0.0.1", 0, ssl=tls)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        await upstream.close_connections()
    assert not upstream.unexpected, upstream.unexpected


# Scripts


def answers(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Script:
    """A whole answer, with exactly these headers and bytes."""

    async def script(exchange: Exchange) -> None:
        await exchange.head(status, headers)
        if body:
            await exchange.send(body)

    return script


def answers_text(
    status: int, content_type: str, text: str | bytes, headers: Mapping[str, str] | None = None
) -> Script:
    """A whole answer with a body of this type and the length it has."""
    body = text.encode() if isinstance(text, str) else text
    described = {"content-type": content_type, "content-length": str(len(body))}
    return answers(status, {**described, **(headers or {})}, body)


def answers_json(
    value: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Script:
    """A whole JSON answer."""
    return answers_text(status, "application/json", json.dumps(value), headers)


STREAM_HEADERS: Final = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}


def streams(
    *parts: bytes, then: Script | None = None, headers: Mapping[str, str] | None = None
) -> Script:
    """An event stream sent in these pieces; then `then`, or the proper end of the body."""

    async def script(exchange: Exchange) -> None:
        await exchange.head(200, {**STREAM_HEADERS, **(headers or {})})
        for part in parts:
            await exchange.chunk(part)
        await (exchange.end() if then is None else then(exchange))

    return script


def drips(data: bytes, seconds: float = 0.0) -> Script:
    """An event stream sent one byte at a time, so long apart."""

    async def script(exchange: Exchange) -> None:
        await exchange.head(200, STREAM_HEADERS)
        for position in range(len(data)):
            await exchange.chunk(data[position : position + 1])
            await asyncio.sleep(seconds)
        await exchange.end()

    return script


def in_turn(*scripts: Script) -> Script:
    """The first request gets the first script, and so on; the last one stays."""
    waiting = list(scripts)

    async def script(exchange: Exchange) -> None:
        await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(exchange)

    return script


async def cut(exchange: Exchange) -> None:
    """Closes the connection in good order."""
    await exchange.cut()


async def reset(exchange: Exchange) -> None:
    """Resets it."""
    await exchange.reset()


async def stall(exchange: Exchange) -> None:
    """Says nothing more."""
    await exchange.forever()


class Held:
    """An answer that the test sends itself, piece by piece, from the outside.

    As a script it hands its exchange to the test and stays until :meth:`let_go`.
    """

    def __init__(self) -> None:
        self._exchange: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        self._released = asyncio.Event()

    async def __call__(self, exchange: Exchange) -> None:
        self._exchange.set_result(exchange)
        await self._released.wait()

    async def exchange(self) -> Exchange:
        """The exchange, once the request is here."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asyncio.shield(self._exchange)

    async def open(self) -> None:
        """Sends the head of an event stream."""
        await (await self.exchange()).head(200, STREAM_HEADERS)

    async def event(self, data: bytes) -> None:
        """Sends one event."""
        await (await self.exchange()).chunk(b"data: %s\n\n" % data)

    async def end(self) -> None:
        """Ends the body in good order."""
        await (await self.exchange()).end()
        self.let_go()

    def let_go(self) -> None:
        """The script is over; the connection stays."""
        self._released.set()
