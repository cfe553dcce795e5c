"""The assistant's own server: reachable by this process alone, gone without a trace."""

from __future__ import annotations

import signal
import stat
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from asklight.assistant.server import serve_on_socket


async def _broken_start(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no"})


async def test_the_socket_lies_in_a_folder_only_this_user_may_enter() -> None:
    async with serve_on_socket(_accept_lifespan) as path:
        folder = path.parent.stat()
        assert stat.S_IMODE(folder.st_mode) == 0o700
        assert path.is_socket()
    assert not path.parent.exists()


async def test_where_the_folder_for_temporary_files_is_too_deep_for_a_socket_another_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    async with serve_on_socket(_accept_lifespan) as path:
        assert path.is_socket()
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()


async def test_serving_leaves_the_process_s_signal_handlers_alone() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with serve_on_socket(_accept_lifespan):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_an_application_that_cannot_start_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        async with serve_on_socket(_broken_start):
            raise AssertionError("must not get here")


async def _accept_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
