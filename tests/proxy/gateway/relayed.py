"""The whole proxy between a reader and an upstream that fails on command, all three on real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

import httpx2

from asklight.app import create_app
from asklight.configure import load_settings
from asklight.state.database import migrate
from support.faults import (
    PATIENCE_SECONDS,
    FaultUpstream,
    Held,
    Script,
    answers_json,
    fault_upstream,
)
from support.servers import UNLIMITED
from support.sockets import serving_here

T = TypeVar("T")

TOKEN: Final = "sk-canary-5f1e0c7d9a"
"""The API token: wherever it is seen but at the upstream, it has leaked."""

QUESTION: Final[Mapping[str, Any]] = {"content": "What is a lighthouse?", "stream": True}

START: Final = b'{"type":"start"}'
DELTA: Final = b'{"type":"text-delta","id":"1","delta":"Light"}'
FINISH: Final = b'{"type":"finish"}'
DONE: Final = b"[DONE]"
ABORT: Final = b'{"type":"abort"}'


def sse(*data: bytes) -> bytes:
    """These events as an upstream writes them."""
    return b"".join(b"data: %s\n\n" % one for one in data)


ANSWER: Final = sse(START, DELTA, FINISH, DONE)
"""A whole answer."""


def conversation(identity: object, **facts: Any) -> dict[str, Any]:
    """A conversation as an upstream tells it."""
    return {"object": "conversation", "id": identity, "status": "open", "messages": [], **facts}


@dataclass(frozen=True)
class Frame:
    """One numbered event as a reader gets it."""

    turn: str
    number: int
    data: bytes

    @property
    def value(self) -> dict[str, Any]:
        """The data, read as JSON."""
        value: dict[str, Any] = json.loads(self.data)
        return value

    @property
    def id(self) -> str:
        return f"{self.turn}:{self.number}"


class Reading:
    """A streaming answer being read, one event at a time; a comment is ``None``."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._parts = response.aiter_raw()
        self._buffer = b""

    async def next(self) -> Frame | None:
        """The next event, once it has come whole."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while b"\n\n" not in self._buffer:
                self._buffer += await anext(self._parts)
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        if block.startswith(b":"):
            assert b"\n" not in block, "a comment stands alone"
            return None
        identity, data = block.split(b"\n")
        turn, _, number = identity.removeprefix(b"id: ").decode("ascii").partition(":")
        assert identity.startswith(b"id: ")
        assert data.startswith(b"data: ")
        return Frame(turn, int(number), data.removeprefix(b"data: "))

    async def data(self) -> bytes:
        """The data of the next event, which is no comment."""
        frame = await self.next()
        assert frame is not None
        return frame.data

    async def rest(self) -> list[Frame]:
        """All events until the answer's end, without comments."""
        frames: list[Frame] = []
        while True:
            try:
                frame = await self.next()
            except StopAsyncIteration:
                assert self._buffer == b"", "the answer ended within an event"
                return frames
            if frame is not None:
                frames.append(frame)


class Visitor:
    """A visitor with a session of their own, proven by a bearer token."""

    def __init__(self, client: httpx2.AsyncClient, upstream: FaultUpstream) -> None:
        self._client = client
        self._upstream = upstream
        self.origin = client.headers["origin"]
        self.token = client.headers["authorization"].removeprefix("Bearer ")

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The whole answer to a request under ``/v2``."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._client.request(method, f"/v2{path}", json=body, headers=headers)

    async def converse(self) -> str:
        """A new conversation's id; the upstream made it."""
        identity = str(uuid.uuid4())
        self._upstream.on("POST", "/conversations", answers_json(conversation(identity), 201))
        answer = await self.request("POST", "/conversations")
        assert answer.status_code == 201, answer.text
        return identity

    async def ask(
        self,
        identity: str,
        body: Mapping[str, Any] = QUESTION,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """The whole answer to a question, however long it streams."""
        return await self.request("POST", f"/conversations/{identity}/messages", body, headers)

    @asynccontextmanager
    async def reading(
        self,
        identity: str,
        *,
        body: Mapping[str, Any] = QUESTION,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Reading]:
        """A question's answer, read as it comes; leaving the block closes the connection."""
        path = f"/conversations/{identity}/messages"
        async with self.streaming("POST", path, body, headers) as reading:
            yield reading

    @asynccontextmanager
    async def resuming(self, identity: str, after: str | None = None) -> AsyncIterator[Reading]:
        """The running answer, read again from the start or after a frame."""
        headers = {} if after is None else {"last-event-id": after}
        path = f"/conversations/{identity}/stream"
        async with self.streaming("GET", path, headers=headers) as reading:
            yield reading

    @asynccontextmanager
    async def streaming(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Reading]:
        """A stream under ``/v2``, read as it comes; leaving the block closes the connection."""
        url = f"/v2{path}"
        async with self._client.stream(method, url, json=body, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            yield Reading(response)

    async def stop(self, identity: str) -> bool:
        """Stops the running answer."""
        answer = await self.request("POST", f"/conversations/{identity}/stop")
        assert answer.status_code == 200
        assert answer.json().keys() == {"stopped"}
        stopped: bool = answer.json()["stopped"]
        return stopped


class Relayed:
    """The running proxy and the upstream behind it."""

    def __init__(self, upstream: FaultUpstream, port: int, stack: AsyncExitStack) -> None:
        self.upstream = upstream
        self.origin = f"http://127.0.0.1:{port}"
        self._stack = stack

    async def client(self, origin: str | None = None) -> httpx2.AsyncClient:
        """A client on a page of the proxy's own, or of `origin`, without a session."""
        client = httpx2.AsyncClient(
            base_url=self.origin,
            headers={"origin": origin or self.origin},
            timeout=PATIENCE_SECONDS,
            trust_env=False,
        )
        return await self._stack.enter_async_context(client)

    async def visitor(self, token: str | None = None, origin: str | None = None) -> Visitor:
        """Somebody new; or, by their `token`, somebody who was here before, on the `origin` of then."""
        client = await self.client(origin)
        if token is None:
            answer = await client.post("/v2/identity/init", json={"apiKey": "demo"})
            assert answer.status_code == 201, answer.text
            token = answer.json()["sessionToken"]
        client.headers["authorization"] = f"Bearer {token}"
        return Visitor(client, self.upstream)


class RawReader:
    """A client on a bare socket, which leaves no more behind than the server does."""

    def __init__(self, relay: Relayed, visitor: Visitor, identity: str) -> None:
        self._port = int(relay.origin.rpartition(":")[2])
        body = json.dumps(QUESTION).encode()
        head = [
            f"POST /v2/conversations/{identity}/messages HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            f"Origin: {visitor.origin}",
            f"Authorization: Bearer {visitor.token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        self._request = "\r\n".join([*head, "", ""]).encode() + body

    async def ask(self, wanted: bytes | None) -> socket.socket:
        """An open connection on which a question was asked and `wanted` has come."""
        client = socket.socket()
        client.setblocking(False)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(client, ("127.0.0.1", self._port))
        await loop.sock_sendall(client, self._request)
        received = b""
        while wanted is not None and wanted not in received:
            received += await loop.sock_recv(client, 65_536)
            assert received
        return client


@asynccontextmanager
async def relayed(
    data_dir: Path,
    environment: Mapping[str, str] | None = None,
    *,
    upstream: FaultUpstream | None = None,
) -> AsyncIterator[Relayed]:
    """The proxy in front of an upstream of its own, or of `upstream`.

    :param environment: more settings; the grace period is 0 and the credential is an API token unless they hold one.
    """
    given = environment or {}
    is_known = any(
        name.startswith(("ASKLIGHT_UPSTREAM_KEY", "ASKLIGHT_UPSTREAM_TOKEN")) for name in given
    )
    credential = {} if is_known else {"ASKLIGHT_UPSTREAM_TOKEN": TOKEN}
    database = data_dir / "asklight.sqlite3"
    if not database.exists():
        database.write_bytes(_empty_database())
    async with AsyncExitStack() as stack:
        behind = await _entered(stack, fault_upstream()) if upstream is None else upstream
        settings = load_settings(
            {
                "ASKLIGHT_DATA_DIR": str(data_dir),
                "ASKLIGHT_SECRET": "a-signing-key-for-tests-and-nothing-else",
                "ASKLIGHT_UPSTREAM_URL": behind.url,
                "ASKLIGHT_GRACE_SECONDS": "0",
                **UNLIMITED,
                **credential,
                **given,
            }
        )
        direct = settings.sending == "direct"
        served = serving_here(create_app(settings), settings.guard, direct=direct)
        port = await _entered(stack, served)
        # Clients are closed first, the proxy next, the upstream last.
        yield Relayed(behind, port, await _entered(stack, AsyncExitStack()))


async def _entered(stack: AsyncExitStack, context: AbstractAsyncContextManager[T]) -> T:
    return await stack.enter_async_context(context)


@cache
def _empty_database() -> bytes:
    """A database of the present schema: making one takes longer than most tests."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "asklight.sqlite3"
        migrate(path)
        return path.read_bytes()


async def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Checks that `answer` is the contract's error and nothing else; gives its details."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() <= {"message", "code", "details"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    details: dict[str, Any] = body["error"].get("details", {})
    assert str(details.get("retryAfter", "")) == answer.headers.get("retry-after", "")
    return details


def reply(upstream: FaultUpstream, script: Script) -> None:
    """Every message sent to `upstream` from now on is answered with `script`."""
    upstream.on("POST", "/messages", script)


@asynccontextmanager
async def answering(relay: Relayed, visitor: Visitor) -> AsyncIterator[tuple[str, Held, Reading]]:
    """A conversation with an answer that says what it is told to, and the reader who asked."""
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    opening = asyncio.create_task(held.open())
    async with visitor.reading(identity) as reading:
        await opening
        yield identity, held, reading
