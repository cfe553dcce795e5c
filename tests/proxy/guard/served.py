"""An application behind the guard on a real socket, and clients that speak in bytes."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from asklight.guard.bounds import Bounds
from asklight.guard.protocol import guarded
from asklight.guard.sockets import bound_kernel
from asklight.settings import Network

PATIENCE_SECONDS = 10.0
LARGE_BYTES = 1024 * 1024
_PIECE = b"x" * 16_384


@dataclass(frozen=True)
class Seen:
    """A request as the application had it."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class RecordingApp:
    """Answers every request and remembers it.

    ``/early`` is answered before its body is read; ``/flood`` gives bytes as long as they are taken; ``/held`` waits
    until the reader leaves, ``/brim`` after more than a reader has room for; ``/large`` gives much at once; anything else is answered with its own path, once its body
    is complete.
    """

    seen: list[Seen] = field(default_factory=list)
    readers_gone: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/flood":
            await self._flood(send, receive)
        elif scope["path"] == "/held":
            await self._hold(send, receive, b"begun")
        elif scope["path"] == "/brim":
            await self._hold(send, receive, _PIECE * 2)
        elif scope["path"] == "/large":
            await answer(send, bytes(LARGE_BYTES))
        else:
            body = b"" if scope["path"] == "/early" else await _whole_body(receive)
            if body is not None:
                path = scope["path"]
                query, headers = scope["query_string"], scope["headers"]
                self.seen.append(Seen(scope["method"], path, query, headers, body))
                await answer(send, path.encode())

    async def _flood(self, send: Send, receive: Receive) -> None:
        gone = asyncio.ensure_future(_left(receive))
        await send({"type": "http.response.start", "status": 200})
        while not gone.done():
            await send({"type": "http.response.body", "body": _PIECE, "more_body": True})
            await asyncio.sleep(0)
        self.readers_gone.release()

    async def _hold(self, send: Send, receive: Receive, first: bytes) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        await _left(receive)
        self.readers_gone.release()


async def answer(send: Send, body: bytes) -> None:
    """A whole answer with a length."""
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _whole_body(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def server_config(app: ASGIApp, http: Any) -> uvicorn.Config:
    """How every server of these tests is run; `http` is the protocol's name or class."""
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=1,  # the guard's own time counts, whatever this says
        timeout_graceful_shutdown=1,
    )


class _PromptServer(uvicorn.Server):
    """Looks more often whether it is to stop."""

    async def main_loop(self) -> None:
        await self.on_tick(0)
        while not self.should_exit:  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(0.005)


@contextmanager
def listening(
    app: ASGIApp, http: Any, host: str = "127.0.0.1", send_seconds: float | None = None
) -> Iterator[int]:
    """`app` served by a thread, with `http` as its protocol; gives the port.

    :param send_seconds: what the kernel keeps is bounded, and kept no longer than this.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family, backlog=512)
    if send_seconds is not None:
        bound_kernel(listener, send_seconds)
    config = server_config(app, http)
    server = _PromptServer(config)

    def run() -> None:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(server.serve(sockets=[listener]))

    thread = threading.Thread(target=run, daemon=True)
    port = listener.getsockname()[1]
    thread.start()
    try:
        yield port  # the socket listens already: who comes early waits
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


@contextmanager
def guarding(
    bounds: Bounds | None = None,
    trusted: Sequence[Network] = (),
    host: str = "127.0.0.1",
) -> Iterator[tuple[int, RecordingApp]]:
    """A recording application behind the guard; gives its port and itself."""
    app = RecordingApp()
    bounds = bounds or Bounds()
    with listening(app, guarded(bounds, trusted), host, bounds.send_seconds) as port:
        yield port, app


def connect(port: int, host: str = "127.0.0.1", receive_buffer: int | None = None) -> socket.socket:
    """A connection, with a small receive buffer where one is asked for."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    client = socket.socket(family)
    if receive_buffer is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(PATIENCE_SECONDS)
    client.connect((host, port))
    return client


def read_to_end(client: socket.socket) -> bytes:
    """All the server sends until it closes; a reset ends it too."""
    received = bytearray()
    with suppress(ConnectionError):
        while part := client.recv(65_536):
            received += part
    return bytes(received)


def exchange(port: int, *parts: bytes) -> bytes:
    """Sends `parts` and reads until the server closes."""
    with connect(port) as client:
        with suppress(ConnectionError):
            for part in parts:
                client.sendall(part)
        return read_to_end(client)


@dataclass(frozen=True)
class Response:
    """One response, as a client cuts it out of what it received."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, Any]:
        """What it says in the contract's error shape."""
        error = json.loads(self.body)["error"]
        assert isinstance(error, dict)
        return error


def responses(received: bytes) -> list[Response]:
    """The responses in what a client received; each must have a ``Content-Length``, and nothing may be left over."""
    found = []
    while received:
        head, separator, rest = received.partition(b"\r\n\r\n")
        assert separator, received[:200]
        status_line, *lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", status_line)
        assert match, status_line
        pairs = (line.partition(": ") for line in lines)
        headers = {name.lower(): value for name, _, value in pairs}
        length = int(headers.get("content-length", "0"))
        found.append(Response(int(match[1]), headers, rest[:length]))
        received = rest[length:]
    return found


def request(path: str = "/", *lines: str, method: str = "GET", body: bytes = b"") -> bytes:
    """A request of HTTP/1.1 with a ``Host``, the header `lines` and a `body`."""
    head = [f"{method} {path} HTTP/1.1", "Host: ask.example", *lines, "", ""]
    return "\r\n".join(head).encode("latin-1") + body


LAST = "Connection: close"
"""The header line of a connection's last request."""
