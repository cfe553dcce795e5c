"""An ASGI application on a real socket in the test's own event loop, so that what it leaves behind can be counted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from asklight.guard.bounds import Bounds
from asklight.guard.protocol import guarded
from asklight.guard.sockets import bound_kernel
from support.faults import PATIENCE_SECONDS


@asynccontextmanager
async def serving_here(
    app: ASGIApp, bounds: Bounds | None = None, *, direct: bool = False
) -> AsyncIterator[int]:
    """`app` served with uvicorn's protocol behind the guard, and its lifespan; gives the port.

    A suite is one busy address: of the `bounds`, connections are not counted by it.

    Without `uvicorn.Server` around it, whose loop and whose stopping take a fifth of a second each time. A request
    that goes on although its client is gone fails the test.
    """
    http = guarded(replace(bounds or Bounds(), connections_per_address=10_000), direct=direct)
    config = uvicorn.Config(app, http=http, ws="none", lifespan="on", log_config=None)
    config.load()
    lifespan = config.lifespan_class(config)
    await lifespan.startup()
    assert not lifespan.should_exit, "the application did not start"
    state = ServerState()

    def protocol() -> asyncio.Protocol:
        made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself calls it
            config=config, server_state=state, app_state=lifespan.state
        )
        return made

    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    bound_kernel(listener, (bounds or Bounds()).send_seconds)
    server = await asyncio.get_running_loop().create_server(protocol, sock=listener)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        endless = await _tasks_that_stay(state)
        await lifespan.shutdown()
    assert not endless, "these requests did not end with their clients"


async def _tasks_that_stay(state: ServerState) -> set[asyncio.Task[None]]:
    """The requests that do not end by themselves; they are cancelled."""
    if not state.tasks:
        return set()
    _, endless = await asyncio.wait(state.tasks, timeout=PATIENCE_SECONDS)
    for task in endless:
        task.cancel()
    return endless
