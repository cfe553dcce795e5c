"""The direct path writes what ASGI's ``send`` would, and is offered only where uvicorn is as it was."""

from __future__ import annotations

import inspect
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from asklight.contract import DIRECT
from asklight.guard import direct, protocol
from asklight.guard.bounds import Bounds
from asklight.guard.protocol import guarded
from proxy.guard.served import (
    LAST,
    PATIENCE_SECONDS,
    connect,
    exchange,
    listening,
    request,
    responses,
)

START: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
LENGTH = [(b"content-length", b"3")]
END = {"type": "http.response.body", "body": b"", "more_body": False}


def body(data: bytes) -> dict[str, Any]:
    """A piece that another follows."""
    return {"type": "http.response.body", "body": data, "more_body": True}


class Writing:
    """Writes three pieces, the second by the direct path where there is one; notes what that said."""

    def __init__(self, *, length: bool = False) -> None:
        self.said: list[object] = []
        self._headers = LENGTH if length else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        write = scope.get("extensions", {}).get(DIRECT)
        if write is None:
            self.said.append("not offered")
        else:
            self.said.append(write(b"early"))
        await send({**START, "headers": self._headers})
        await send(body(b"a"))
        if write is None or not self._note(write(b"b")):
            await send(body(b"b"))
        await send(body(b"c"))
        await send(END)
        if write is not None:
            self._note(write(b"late"))

    def _note(self, said: bool) -> bool:
        self.said.append(said)
        return said


@contextmanager
def writing(app: Writing, *, offered: bool = True) -> Iterator[int]:
    with listening(app, guarded(Bounds(), direct=offered)) as port:
        yield port


def test_a_piece_goes_out_in_its_place_and_none_before_or_after() -> None:
    app, plain = Writing(), Writing()
    with writing(app) as port:
        directly = exchange(port, request("/1") + request("/2", LAST))
    with writing(plain, offered=False) as port:
        by_asgi = exchange(port, request("/1") + request("/2", LAST))
    assert _undated(directly) == _undated(by_asgi)
    assert directly.count(b"\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n") == 2
    assert app.said == [False, True, False] * 2
    assert plain.said == ["not offered"] * 2


def test_a_body_of_a_stated_length_is_left_to_asgi() -> None:
    app = Writing(length=True)
    with writing(app) as port:
        (response,) = responses(exchange(port, request("/", LAST)))
    assert response.body == b"abc"
    assert app.said == [False, False, False]


def test_a_reader_that_takes_nothing_makes_it_say_so_and_one_that_has_left_too() -> None:
    said: list[bool] = []
    stopped = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        write = scope["extensions"][DIRECT]
        await send(START)
        while write(b"x" * 65_536):
            assert len(said) < 1_000, "nothing stops it"
            said.append(True)
        stopped.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        said.append(write(b"gone"))

    with listening(app, guarded(Bounds(), direct=True)) as port:
        client = connect(port)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.sendall(request("/"))
        client.recv(1)
        assert stopped.wait(PATIENCE_SECONDS)
        client.close()
    assert said[-1] is False


def test_uvicorn_keeps_its_state_where_the_direct_path_looks() -> None:
    assert direct.is_known(), "uvicorn has changed: look at asklight/guard/direct.py"


def test_where_uvicorn_has_renamed_its_state_plain_asgi_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = inspect.getsource(RequestResponseCycle.__init__)
    assert "disconnected" in source

    def renamed(self: object) -> None:
        self.is_gone = False  # type: ignore[attr-defined]  # in place of `disconnected`

    monkeypatch.setattr(RequestResponseCycle, "__init__", renamed)
    assert not direct.is_known()
    assert guarded(Bounds(), direct=True).behind is protocol._Behind  # type: ignore[attr-defined]  # made by type()


def test_where_uvicorn_does_not_say_when_a_response_is_complete_plain_asgi_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(HttpToolsProtocol, "on_response_complete")
    assert not direct.is_known()


def _undated(answers: bytes) -> list[bytes]:
    return [line for line in answers.split(b"\r\n") if not line.lower().startswith(b"date:")]
