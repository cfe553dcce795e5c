"""A uvicorn server that lets answers end before it stops.

uvicorn alone cannot tell a stream that the server is stopping: it waits for connections to close by themselves, then
cancels what still runs, and tells the application afterwards.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from socket import socket
from typing import Final

import uvicorn

logger = logging.getLogger("asklight.guard")

Drain = Callable[[float], Awaitable[None]]
"""Ends what runs: told how many seconds it has, it returns once nothing runs any more."""

_LOOK_SECONDS: Final = 0.02
_LEAVE_SECONDS: Final = 0.5
"""How long a handler may take to notice that its connection is gone."""

_CANCEL_SECONDS: Final = 1
"""How long what was cancelled may take to clean up."""


class DrainingServer(uvicorn.Server):
    """Stops in this order: no new connections, idle ones closed; `drain`; the rest closed; the application's own end.

    :param drain: lets answers end, or ends them with a word to their readers.
    :param seconds: how long it may take, and readers may take to fetch the last of it; then what is left is cut.

    A second Ctrl+C cuts at once.
    """

    def __init__(self, config: uvicorn.Config, drain: Drain, seconds: float) -> None:
        super().__init__(config)
        config.timeout_graceful_shutdown = _CANCEL_SECONDS  # uvicorn waits after us once more
        self._drain = drain
        self._seconds = seconds

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """See the class; uvicorn's own shutdown is its last part."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()  # at once where idle, otherwise after the answer
        deadline = asyncio.get_running_loop().time() + self._seconds
        draining = asyncio.create_task(self._drain_quietly(), name="drain")
        await self._until(draining.done, deadline)
        await self._until(lambda: not self.server_state.connections, deadline)
        draining.cancel()
        await self._cut()
        await super().shutdown(sockets)

    async def _drain_quietly(self) -> None:
        try:
            await self._drain(self._seconds)
        except Exception as error:  # whatever it is, the server must stop
            logger.error("draining failed: %s", type(error).__name__)

    async def _until(self, is_done: Callable[[], bool], deadline: float) -> None:
        time = asyncio.get_running_loop().time
        # uvicorn tells neither of its last connection nor of a second Ctrl+C.
        while not (is_done() or self.force_exit or time() >= deadline):  # noqa: ASYNC110 - see above
            await asyncio.sleep(_LOOK_SECONDS)

    async def _cut(self) -> None:
        """Resets the connections that are left, and lets their tasks clean up while the application still stands."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # First as if the readers had left: uvicorn logs what is cancelled with a stack trace each.
        await self._gone(0 if self.force_exit else _LEAVE_SECONDS)
        for task in list(self.server_state.tasks):
            task.cancel()
        await self._gone(_CANCEL_SECONDS)

    async def _gone(self, seconds: float) -> None:
        if tasks := set(self.server_state.tasks):
            await asyncio.wait(tasks, timeout=seconds)
