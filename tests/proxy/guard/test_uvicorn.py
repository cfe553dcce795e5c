"""What the guard uses of uvicorn is there; where it is not, the guard is slower and as safe."""

from __future__ import annotations

import inspect

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from asklight.guard import protocol
from asklight.guard.bounds import Bounds
from asklight.guard.protocol import guarded
from proxy.guard.served import (
    RecordingApp,
    connect,
    exchange,
    guarding,
    read_to_end,
    request,
    responses,
)

CHANGED = "uvicorn has changed: look at asklight/guard/protocol.py, which says what it uses and how it goes without."


def test_uvicorn_makes_protocols_as_the_guard_expects() -> None:
    parameters = list(inspect.signature(HttpToolsProtocol).parameters)
    assert parameters == ["config", "server_state", "app_state", "_loop"], CHANGED
    made = guarded(Bounds())
    config = uvicorn.Config(RecordingApp(), http=made)
    config.load()
    assert config.http_protocol_class is made, CHANGED


def test_uvicorn_tells_when_an_answer_is_complete() -> None:
    assert inspect.isfunction(HttpToolsProtocol.on_response_complete), CHANGED
    assert list(inspect.signature(HttpToolsProtocol.on_response_complete).parameters) == ["self"]
    with guarding() as (port, _), connect(port) as client:
        for path in ("/1", "/2"):
            client.sendall(request(path))
            received = b""
            while not received.endswith(path.encode()):
                received += client.recv(65_536)
                assert received, CHANGED


def test_uvicorn_takes_its_idle_time_from_the_protocol() -> None:
    assert "timeout_keep_alive" in inspect.getsource(HttpToolsProtocol.on_response_complete), (
        CHANGED
    )


def test_a_server_keeps_the_names_that_stopping_uses() -> None:
    server = uvicorn.Server(uvicorn.Config(RecordingApp()))
    for name in ("shutdown", "force_exit", "server_state", "started"):
        assert hasattr(server, name), CHANGED
    for name in ("connections", "tasks"):
        assert isinstance(getattr(server.server_state, name), set), CHANGED
    assert inspect.isfunction(HttpToolsProtocol.shutdown), CHANGED


def test_with_a_uvicorn_that_tells_no_completion_each_connection_serves_one_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "_TELLS_COMPLETION", False)
    with guarding() as (port, app):
        (response,) = responses(exchange(port, request("/1") + request("/2")))
    assert (response.status, response.headers["connection"]) == (200, "close")
    assert [seen.path for seen in app.seen] == ["/1"]


def test_with_a_uvicorn_that_no_longer_says_it_no_second_request_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(protocol._Behind, "on_response_complete")
    with guarding() as (port, app), connect(port) as client:
        client.sendall(request("/1") + request("/2"))
        client.shutdown(1)
        assert len(responses(read_to_end(client))) <= 1
    assert "/2" not in [seen.path for seen in app.seen]
