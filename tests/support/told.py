"""An upstream that says what a test tells it, when the test tells it: for browser tests, which run beside it.

It keeps conversations as SiteAssist does, so that a reloaded page finds its own. Everything it was asked stands in
:attr:`ToldUpstream.asked`.
"""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, Router

from support.servers import serving

_CUT = "cut"
_DONE = "[DONE]"
_LOOK_SECONDS = 0.005
_LEFT_SECONDS = 10.0

Chunk = dict[str, Any] | str


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class ToldUpstream:
    """The upstream; `port` is where it listens."""

    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    _told: SimpleQueue[Chunk] = field(default_factory=SimpleQueue)
    _refusals: SimpleQueue[Response] = field(default_factory=SimpleQueue)
    _messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _is_closing: bool = False
    _is_silent: threading.Event = field(default_factory=threading.Event)
    _speaking: int = 0
    _person: dict[str, Any] | None = None
    _closed: set[str] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """Settings that put the proxy in front of it; an answer nobody reads ends at once, and speaks in no other test."""
        return {
            "ASKLIGHT_GRACE_SECONDS": "0",
            "ASKLIGHT_UPSTREAM_URL": f"http://127.0.0.1:{self.port}/v2",
            "ASKLIGHT_UPSTREAM_TOKEN": "sk-test-0123456789",
        }

    def say(self, *texts: str) -> None:
        """Sends each text as a delta of the answer under way, or of the next one."""
        for text in texts:
            self._told.put({"type": "text-delta", "id": "1", "delta": text})

    def send(self, chunk: dict[str, Any]) -> None:
        """Sends a chunk of the stream as it is."""
        self._told.put(chunk)

    def finish(self) -> None:
        """Ends the answer in good order."""
        self._told.put({"type": "finish"})
        self._told.put(_DONE)

    def fail(self) -> None:
        """Ends the answer with the service's own error."""
        self._told.put({"type": "error", "errorText": "model fell over"})
        self._told.put(_DONE)

    def cut(self) -> None:
        """Ends the connection in the middle of the answer."""
        self._told.put(_CUT)

    def refuse(self, status: int, code: str, **details: object) -> None:
        """Refuses the next message."""
        error = {"message": "No.", "code": code, "details": details}
        self._refusals.put(JSONResponse({"error": error}, status))

    def hand_over(self) -> None:
        """Has a person take over with the next message."""
        self._refusals.put(Response("Message sent", 202, media_type="text/plain"))

    def write_as_person(self, name: str, text: str) -> None:
        """A person, who is there from now on, writes into the conversation that was begun last."""
        identity = next(reversed(self._messages))
        self._person = {"name": name, "image": None}
        written = _message(identity, "human_agent", text)
        self._messages[identity].append({**written, "humanAgent": self._person})

    def forget(self) -> None:
        """Drops what was told and not said, so that one test does not speak in the next."""
        while self._next() is not None:
            pass

    def wait_until_left(self) -> None:
        """Returns when nobody reads an answer any more: what is told from here on is said in the next one."""
        for _ in range(round(_LEFT_SECONDS / _LOOK_SECONDS)):
            if not self._speaking:
                return
            threading.Event().wait(_LOOK_SECONDS)
        raise TimeoutError("somebody still reads an answer")

    def fall_silent(self) -> None:
        """Ends the answers still under way, so that none of them says what the next test tells."""
        self._is_silent.set()
        self.wait_until_left()
        self._is_silent.clear()
        self._person = None
        self.forget()

    async def create(self, request: Request) -> Response:
        identity = str(uuid.uuid4())
        self._messages[identity] = []
        return JSONResponse(self._conversation(identity), 201)

    async def read(self, request: Request) -> Response:
        return JSONResponse(self._conversation(request.path_params["id"]))

    async def close(self, request: Request) -> Response:
        identity = request.path_params["id"]
        self._closed.add(identity)
        return JSONResponse(self._conversation(identity))

    async def listed(self, request: Request) -> Response:
        """The messages of a conversation, of one role where it is asked for."""
        role = request.query_params.get("role")
        messages = self._messages.get(request.path_params["id"], [])
        found = [each for each in messages if role in (None, each["role"])]
        return JSONResponse({"object": "list", "data": found})

    async def rate(self, request: Request) -> Response:
        return JSONResponse({"feedback": (await request.json())["feedback"]})

    async def ask(self, request: Request) -> Response:
        body = await request.json()
        identity = request.path_params["id"]
        if not self._refusals.empty():
            return self._refusals.get()
        self.asked.append(body)
        self._messages[identity].append(_message(identity, "user", body["content"]))
        return StreamingResponse(self._answer(identity), media_type="text/event-stream")

    async def _answer(self, identity: str) -> AsyncIterator[str]:
        self._speaking += 1
        try:
            async for event in self._say_to(identity):
                yield event
        finally:
            self._speaking -= 1

    async def _say_to(self, identity: str) -> AsyncIterator[str]:
        message = _message(identity, "assistant", "")
        yield _event({"type": "start", "messageId": message["id"]})
        yield _event({"type": "text-start", "id": "1"})
        while not (self._is_closing or self._is_silent.is_set()):
            chunk = self._next()
            if chunk is None:
                await asyncio.sleep(_LOOK_SECONDS)
            elif chunk == _CUT:
                return
            else:
                if isinstance(chunk, dict) and chunk["type"] == "text-delta":
                    message["parts"][0]["text"] += chunk["delta"]
                if chunk == _DONE:
                    self._messages[identity].append(message)
                yield _event(chunk)
                if chunk == _DONE:
                    return

    def _next(self) -> Chunk | None:
        try:
            return self._told.get_nowait()
        except Empty:
            return None

    def _conversation(self, identity: str) -> dict[str, Any]:
        messages = self._messages.get(identity, [])
        return {
            "object": "conversation",
            "id": identity,
            "title": messages[0]["parts"][0]["text"] if messages else None,
            "createdAt": _now(),
            "updatedAt": _now(),
            "status": "closed" if identity in self._closed else "open",
            "closedAt": None,
            "closeReason": None,
            "lastInteractionAt": _now(),
            "isHumanHandled": self._person is not None,
            "humanAgent": self._person,
            "messages": messages,
        }


def _event(chunk: Chunk) -> str:
    return f"data: {chunk if isinstance(chunk, str) else json.dumps(chunk)}\n\n"


def _message(conversation: str, role: str, text: str) -> dict[str, Any]:
    return {
        "object": "message",
        "id": str(uuid.uuid4()),
        "createdAt": _now(),
        "chatId": conversation,
        "role": role,
        "parts": [{"type": "text", "text": text}],
        "status": "complete",
        "error": None,
        "feedback": None,
        "feedbackAt": None,
        "metadata": None,
        "humanAgent": None,
        "pageUrl": None,
        "pageTitle": None,
        "textSelection": None,
    }


@contextmanager
def told_upstream() -> Iterator[ToldUpstream]:
    """An upstream on a port of its own."""
    upstream = ToldUpstream()
    conversations = "/v2/conversations"
    app = Router(
        [
            Route(conversations, upstream.create, methods=["POST"]),
            Route(f"{conversations}/{{id}}", upstream.read),
            Route(f"{conversations}/{{id}}/close", upstream.close, methods=["POST"]),
            Route(f"{conversations}/{{id}}/messages", upstream.ask, methods=["POST"]),
            Route(f"{conversations}/{{id}}/messages", upstream.listed),
            Route("/v2/messages/{id}/feedback", upstream.rate, methods=["POST"]),
        ]
    )
    with serving(app) as port:
        upstream.port = port
        try:
            yield upstream
        finally:
            upstream._is_closing = True
