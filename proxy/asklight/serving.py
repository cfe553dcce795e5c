"""Serving an application on a socket until a signal stops it: uvicorn, behind the guard, drained before it ends."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from asklight.guard.bounds import Bounds
from asklight.guard.files import room_for
from asklight.guard.protocol import guarded
from asklight.guard.sockets import bound_kernel
from asklight.guard.stopping import DrainingServer
from asklight.settings import Settings

logger = logging.getLogger("asklight.serving")


class Drainable(Protocol):
    """An ASGI application that can end what runs in it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""

    async def drain(self, seconds: float) -> None:
        """Takes on nothing new, lets what runs go on for so many seconds, and ends the rest with a word."""


class AtOnce:
    """An application of which nothing need be waited for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def drain(self, seconds: float) -> None:
        """Returns at once: readers here are programs that ask again."""


def run(
    application: AbstractAsyncContextManager[Drainable],
    listener: socket.socket,
    settings: Settings,
    greeting: Sequence[str],
) -> int:
    """Serves an application; `greeting` is printed once it answers.

    :returns: 0 when a signal stopped it, 1 where it could not start (the log says why).
    """

    async def serving() -> bool:
        async with application as app:
            server = _Server(_config(app, settings, bounds), app, settings, greeting)
            await server.serve(sockets=[listener])
            return server.started

    bounds = _within_room(settings)
    bound_kernel(listener, bounds.send_seconds)
    try:
        loop_factory = _config(None, settings, bounds).get_loop_factory()
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return 0 if runner.run(serving()) else 1
    except KeyboardInterrupt:
        return 0  # before it served, or after


class _Server(DrainingServer):
    """Greets once it answers. Stops at a signal and then returns, so that all that is open is closed: uvicorn would
    raise the signal again first.
    """

    def __init__(
        self, config: uvicorn.Config, app: Drainable, settings: Settings, greeting: Sequence[str]
    ) -> None:
        super().__init__(config, app.drain, settings.stop_seconds)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            calm_the_collector()
            sys.stdout.write("\n".join(self._greeting) + "\n")
            sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in _stopping()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _stopping() -> list[int]:
    """The signals that stop it: a terminal that is closed is one, unless somebody said to go on without (nohup)."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)
    return [int(number) for number in signals]


def _within_room(settings: Settings) -> Bounds:
    """The guard's bounds, with no more connections than there may be files open for.

    Where that is too few for the answers that may be written at once, the log says so.
    """
    wanted = settings.guard.connections
    room = room_for(wanted)
    if room < min(wanted, settings.relaying.streams):
        logger.warning(
            "takes no more than %d connections at once: so few files may this process open"
            " (ulimit -Hn)",
            room,
        )
    return dataclasses.replace(settings.guard, connections=room)


def _config(app: ASGIApp | None, settings: Settings, bounds: Bounds) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # None: asked for its event loop alone
        http=guarded(bounds, settings.trusted_proxies, direct=settings.sending == "direct"),
        ws="none",
        lifespan="on",
        log_level="warning",
        access_log=False,  # it would log query strings
        proxy_headers=False,  # forwarded headers are read in gateway/addresses.py alone
        server_header=False,
    )


def calm_the_collector() -> None:
    """Keeps Python's collector of reference cycles from stopping everybody.

    Looking through what 5,000 open streams hold takes half a second, and it would do so again and again while they
    arrive. What is there now stays; what comes later is freed without it, since a connection leaves no cycles behind.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 5, 500)
