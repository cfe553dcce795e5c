"""What the kernel holds for a connection to an upstream that nobody reads from: bounded, over every transport."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from asklight.guard.sockets import RECEIVE_BUFFER_BYTES
from proxy.gateway.relayed import ANSWER, relayed, reply
from support.faults import streams


def receive_buffers(peer_port: int) -> list[int]:
    """The receive buffers of this process's connections to a port of this machine."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            connection = socket.socket(fileno=int(descriptor.name))
        except OSError:
            continue  # no socket
        try:
            if connection.getpeername()[1:2] == (peer_port,):
                found.append(connection.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
        except (OSError, IndexError):
            pass  # not connected, or no address
        finally:
            connection.detach()
    return found


@pytest.mark.parametrize("transport", ["relay", "httpx2"])
async def test_what_the_kernel_receives_ahead_is_bounded(transport: str, tmp_path: Path) -> None:
    async with relayed(tmp_path, {"ASKLIGHT_UPSTREAM_TRANSPORT": transport}) as relay:
        visitor = await relay.visitor()
        reply(relay.upstream, streams(ANSWER))
        assert (await visitor.ask(await visitor.converse())).status_code == 200
        found = receive_buffers(relay.upstream.port)
    assert found
    assert max(found) <= 2 * RECEIVE_BUFFER_BYTES, "Linux takes twice what is asked for"
