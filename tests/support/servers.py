"""Real servers for tests: an ASGI application on a port of its own, and the whole proxy with a data folder of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server, socket

import uvicorn
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from asklight.app import create_app
from asklight.configure import load_settings
from asklight.guard.bounds import Bounds
from asklight.guard.protocol import guarded
from asklight.guard.sockets import bound_kernel

START_SECONDS = 20
STOP_SECONDS = 1

UNLIMITED = {
    f"ASKLIGHT_LIMIT_{name}": "100000/minute"
    for name in (
        "MESSAGES_PER_SESSION",
        "MESSAGES_PER_ADDRESS",
        "CONVERSATIONS_PER_SESSION",
        "SESSIONS_PER_ADDRESS",
    )
}
"""Settings for tests that are not about limits: a suite is one very busy visitor."""


@contextmanager
def serving(app: ASGIApp) -> Iterator[int]:
    """`app` on a real socket of this machine, served by a thread; gives the port."""
    listener = create_server(("127.0.0.1", 0), backlog=512)
    bound_kernel(listener, Bounds().send_seconds)
    config = uvicorn.Config(
        app,
        http=guarded(
            Bounds(connections_per_address=1_000)
        ),  # as shipped; a suite is one busy address
        ws="none",
        lifespan="on",
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: _run(server, listener), daemon=True)
    thread.start()
    waited = threading.Event()
    for _ in range(START_SECONDS * 100):
        if server.started or not thread.is_alive():
            break
        waited.wait(0.01)
    if not server.started:
        raise RuntimeError("the server did not start")
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)


def _run(server: uvicorn.Server, listener: socket) -> None:
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:  # as shipped
        runner.run(server.serve(sockets=[listener]))


@dataclass(frozen=True)
class RunningProxy:
    """The proxy as it is shipped, listening on `port` of this machine under every name of it."""

    port: int

    @property
    def origin(self) -> str:
        """Where its own pages are."""
        return self.at("127.0.0.1")

    def at(self, host: str) -> str:
        """Its address under another name of this machine, such as ``b.localhost``."""
        return f"http://{host}:{self.port}"


@contextmanager
def running_proxy(
    data_dir: Path, environment: Mapping[str, str] | None = None
) -> Iterator[RunningProxy]:
    """The proxy with `environment` beside a data folder of its own and, unless given, no limits worth the name."""
    settings = load_settings(
        {"ASKLIGHT_DATA_DIR": str(data_dir), **UNLIMITED, **(environment or {})}
    )
    with serving(create_app(settings)) as port:
        yield RunningProxy(port)


@dataclass
class HostPages:
    """Pages of somebody's site: what `pages` holds for a path, with what `headers` holds for it."""

    port: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def put(self, path: str, html: str, headers: Mapping[str, str] | None = None) -> None:
        """Serves `html` at `path` from now on."""
        self.pages[path] = html
        self.headers[path] = dict(headers or {})

    def at(self, host: str, path: str = "/") -> str:
        """The address of `path` under a name of this machine, such as ``a.localhost``."""
        return f"http://{host}:{self.port}{path}"

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        if path not in self.pages:
            return Response(status_code=404)
        return HTMLResponse(self.pages[path], headers=self.headers[path])


@contextmanager
def host_pages() -> Iterator[HostPages]:
    """A server for pages that a test writes."""
    pages = HostPages()
    with serving(Router([Route("/{path:path}", pages.answer)])) as port:
        pages.port = port
        yield pages
