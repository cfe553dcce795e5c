"""A server in a process of its own: ``python -m proxy.guard.child guard|httptools draining|plain SECONDS``.

Prints its port once it listens, and what happens to its application as lines: ``drain``, ``cleaned up``, ``stopped``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import uvicorn
from starlette.types import Receive, Scope, Send

from asklight.guard.bounds import Bounds
from asklight.guard.protocol import guarded
from asklight.guard.sockets import bound_kernel
from asklight.guard.stopping import DrainingServer
from proxy.guard.served import PATIENCE_SECONDS, RecordingApp, answer, server_config

TESTS = Path(__file__).parents[2]

Kind = Literal["guard", "httptools"]
Stop = Literal["draining", "plain"]

_SO_MEMINFO = 55  # linux/sock_diag.h: what Python has no name for


class ChildApp(RecordingApp):
    """With streams that a drain ends (``/stream``) and such that nothing ends (``/stubborn``).

    ``/memory`` tells what is held, ``/stall`` the longest stretch of computing, in seconds, since it was last asked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.draining = asyncio.Event()
        self._looked = 0.0
        self._longest = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def drain(self, seconds: float) -> None:
        """Ends every stream."""
        print("drain", seconds, flush=True)  # noqa: T201 - what the test reads
        self.draining.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == "/memory":
            await answer(send, json.dumps(held_memory()).encode())
        elif scope["path"] == "/stall":
            await answer(send, str(self._stall()).encode())
        elif scope["path"] in ("/stream", "/stubborn"):
            await self._stream(send, ends=scope["path"] == "/stream")
        else:
            await super().__call__(scope, receive, send)

    def _stall(self) -> float:
        self._looking = self._looking or asyncio.create_task(self._look())
        longest, self._longest = self._longest, 0.0
        return longest

    async def _look(self) -> None:
        """Looks at this thread's processor time as often as the loop lets it."""
        self._looked = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            self._longest = max(self._longest, now - self._looked)
            self._looked = now

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("stopped", flush=True)  # noqa: T201 - what the test reads
        await send({"type": "lifespan.shutdown.complete"})

    async def _stream(self, send: Send, *, ends: bool) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        try:
            await self.draining.wait()
            if not ends:
                await asyncio.Event().wait()
            await send({"type": "http.response.body", "body": b"drained"})
        finally:
            print("cleaned up", flush=True)  # noqa: T201 - what the test reads


def held_memory() -> dict[str, int]:
    """Bytes that this process and the kernel hold: its resident memory, and the buffers of its TCP sockets."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "resident": resident,
        "kernel": sum(map(_kernel_memory, Path("/proc/self/fd").iterdir())),
    }


def _kernel_memory(descriptor: Path) -> int:
    try:
        connection = socket.socket(fileno=int(descriptor.name))
    except OSError:
        return 0  # no socket
    try:
        if connection.family != socket.AF_INET:
            return 0
        sizes = connection.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 9 * 4)
        received, _, _, _, reserved, queued, *_ = struct.unpack("9I", sizes)
        return int(received + reserved + queued)
    finally:
        connection.detach()


def main(kind: Kind, stop: Stop, seconds: float) -> None:
    """Serves until a signal, and for so many seconds more."""
    app = ChildApp()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1_024)
    if kind == "guard":
        bound_kernel(listener, Bounds().send_seconds)
    config = server_config(
        app, guarded(Bounds(connections_per_address=1_000)) if kind == "guard" else kind
    )
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # attacks fill a log
    config.lifespan = "on"
    config.timeout_graceful_shutdown = round(seconds)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - what the test reads
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        server = (
            DrainingServer(config, app.drain, seconds)
            if stop == "draining"
            else uvicorn.Server(config)
        )
        runner.run(server.serve(sockets=[listener]))


@dataclass
class Child:
    """A running child."""

    port: int
    process: subprocess.Popen[str]

    def end(self, *signals: signal.Signals) -> tuple[float, list[str]]:
        """Sends signals, each once the one before is seen; seconds until it has ended, and the lines it printed."""
        assert self.process.stdout
        started = time.monotonic()
        first, *more = signals
        self.process.send_signal(first)
        for each in more:
            assert self.process.stdout.readline().startswith("drain")
            self.process.send_signal(each)
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return time.monotonic() - started, output.splitlines()


@contextmanager
def child(kind: Kind, stop: Stop = "plain", seconds: float = 1) -> Iterator[Child]:
    """A server in a process of its own, killed at the end if it still runs."""
    command = [sys.executable, "-W", "ignore", "-m", "proxy.guard.child", kind, stop, str(seconds)]
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(TESTS))))
    environment = {**os.environ, "PYTHONPATH": path}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Child(int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1], sys.argv[2], float(sys.argv[3]))  # type: ignore[arg-type]  # what `child` names
