"""A request is sent a second time only where the upstream cannot have acted on the first."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from asklight.gateway.transport import RelayTransport
from proxy.gateway.relayed import ANSWER, Relayed, Visitor, conversation, refused, reply
from support.faults import answers_json, cut, in_turn, reset, streams

BREAKS = pytest.mark.parametrize("broken", [cut, reset], ids=["closed", "reset"])


@BREAKS
async def test_a_message_that_was_written_and_got_no_answer_is_not_sent_twice(
    broken: object, relay: Relayed, visitor: Visitor
) -> None:
    """The connection was used before, so the upstream may have closed it as idle, or have acted on the message."""
    identity = await visitor.converse()
    reply(relay.upstream, in_turn(streams(ANSWER), broken, streams(ANSWER)))  # type: ignore[arg-type]
    assert (await visitor.ask(identity)).status_code == 200
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    assert len(relay.upstream.to("POST", "/messages")) == 2
    assert (await visitor.ask(identity)).status_code == 200


@BREAKS
async def test_what_only_asks_is_asked_once_more(
    broken: object, relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    path = f"/conversations/{identity}"
    told = answers_json(conversation(identity))
    relay.upstream.on("GET", path, in_turn(broken, told))  # type: ignore[arg-type]
    assert (await visitor.request("GET", path)).status_code == 200
    assert len(relay.upstream.to("GET", path)) == 2
    relay.upstream.on("GET", path, in_turn(broken, broken, told))  # type: ignore[arg-type]
    await refused(await visitor.request("GET", path), 502, "BAD_GATEWAY")
    assert len(relay.upstream.to("GET", path)) == 4, "once, and no more"


@BREAKS
async def test_what_changes_something_is_not(
    broken: object, relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    relay.upstream.on("POST", "/close", broken)  # type: ignore[arg-type]
    await refused(
        await visitor.request("POST", f"/conversations/{identity}/close"), 502, "BAD_GATEWAY"
    )
    assert len(relay.upstream.to("POST", "/close")) == 1


class _Server:
    """Answers one request on each connection and closes it when told, whatever the client's event loop does."""

    def __init__(self, listener: socket.socket) -> None:
        self.port = listener.getsockname()[1]
        self.requests: list[bytes] = []
        self._listener = listener
        self._connection: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connection = connection
            self.requests.append(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def close_the_connection(self) -> None:
        """Closes what is open; over loopback the other kernel knows at once.

        By shutting it down: while the thread is on its way out of its last system call, a close alone waits for that.
        """
        assert self._connection is not None
        self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


@contextmanager
def _server() -> Iterator[_Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield _Server(listener)


async def test_a_kept_connection_that_was_just_closed_costs_no_message() -> None:
    """The event loop has not heard of it yet: nothing ran between the close and the next request."""
    with _server() as server:
        async with httpx2.AsyncClient(transport=RelayTransport(connections_limit=5)) as client:
            url = f"http://127.0.0.1:{server.port}/"
            for number in range(1, 20):
                answer = await client.post(url, content=b"%d" % number)
                assert answer.text == "ok"
                assert len(server.requests) == number
                server.close_the_connection()
    assert [request.rpartition(b"\r\n\r\n")[2] for request in server.requests] == [
        b"%d" % number for number in range(1, 20)
    ]


async def test_without_a_look_at_the_connection_it_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr("asklight.gateway.http1.is_readable", lambda _: False)
    with _server() as server:
        async with httpx2.AsyncClient(transport=RelayTransport(connections_limit=5)) as client:
            url = f"http://127.0.0.1:{server.port}/"
            await client.post(url, content=b"1")
            server.close_the_connection()
            with pytest.raises(httpx2.TransportError):
                await client.post(url, content=b"2")
