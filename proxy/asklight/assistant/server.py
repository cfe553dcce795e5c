"""The assistant reached over HTTP inside one process: a second server in the running event loop, on a unix socket.

Nobody else can reach it: the socket lies in a fresh folder that only this user may enter. So streaming to the
gateway is as real as to a server far away, and no page or local process gets an ungated assistant.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

import uvicorn
from starlette.types import ASGIApp

_STOP_SECONDS: Final = 2
"""How long streams still open may go on once the server is told to stop; then they are cancelled."""

_KEEP_ALIVE_SECONDS: Final = 75
"""Longer than the gateway keeps an idle connection, so that it never meets one that is just being closed."""

_SOCKET: Final = "assistant.sock"
_PATH_BYTES: Final = 104
"""A unix socket's path is shorter than this (``sun_path`` of macOS and the BSDs; Linux has 4 more)."""


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        # uvicorn ends the process where it cannot start, or only returns, depending on its release.
        with suppress(SystemExit):
            await super().startup(sockets)
        if not self.started:
            raise RuntimeError("The embedded assistant did not start.")
        self.listening.set()


@asynccontextmanager
async def serve_on_socket(app: ASGIApp) -> AsyncIterator[Path]:
    """Serve `app` on a unix socket, whose path is given, until the block ends.

    :raises RuntimeError: the server did not start; the log says why.
    """
    # TemporaryDirectory makes the folder 0700 and removes it with all that is in it.
    with TemporaryDirectory(prefix="asklight-", dir=_short_folder()) as folder:
        path = Path(folder) / _SOCKET
        server = _Server(_config(app, path))
        serving = asyncio.create_task(server.serve(), name="assistant")
        try:
            await _until_listening(server, serving)
            yield path
        finally:
            server.should_exit = True
            await serving


def _short_folder() -> str:
    """The folder for temporary files, unless a socket's path in it would be too long."""
    folder = gettempdir()
    path = Path(folder) / "asklight-xxxxxxxx" / _SOCKET
    return folder if len(os.fsencode(path)) < _PATH_BYTES else "/tmp"  # noqa: S108 - a folder of ours is made in it


def _config(app: ASGIApp, path: Path) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        uds=str(path),
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )


async def _until_listening(server: _Server, serving: asyncio.Task[None]) -> None:
    listening = asyncio.create_task(server.listening.wait())
    await asyncio.wait({listening, serving}, return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    if serving.done():
        await serving
