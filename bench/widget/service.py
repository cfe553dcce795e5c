"""A page with the widget on it, and a service that streams one answer at a steady pace: on a port of this machine."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bench.widget.answer import CHUNK

PAGE: Final = (
    '<!doctype html><html lang="en"><title>The lamp</title><main><h1>The lamp</h1><p>It burned.</p></main>'
    '<script src="/embed.js" data-site="bench" async></script></html>'
)


@dataclass
class Service:
    """What is streamed, and when each third of it began; the last entry is the end."""

    answer: str
    chunk_seconds: float
    html: str = PAGE
    port: int = 0
    marks: list[float] = field(default_factory=list)
    is_asked: bool = False
    ended: threading.Event = field(default_factory=threading.Event)
    """The answer is sent. Asking the page for it would be work of the page's main thread, too."""

    async def page(self, request: Request) -> Response:
        return HTMLResponse(self.html)

    async def simple(self, request: Request) -> Response:
        return JSONResponse({"sessionToken": "bench", "object": "visitor"})

    async def conversation(self, request: Request) -> Response:
        parts = [{"type": "text", "text": self.answer}]
        messages = [
            {"id": "q", "role": "user", "parts": [{"type": "text", "text": "Why?"}]},
            {"id": "a", "role": "assistant", "parts": parts, "status": "complete"},
        ]
        body = {"id": "bench", "status": "open", "messages": messages if self.is_asked else []}
        return JSONResponse(body, 201 if request.method == "POST" else 200)

    async def ask(self, request: Request) -> Response:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        pieces = [self.answer[at : at + CHUNK] for at in range(0, len(self.answer), CHUNK)]
        third = len(pieces) // 3
        self.marks.clear()
        yield _event({"type": "start", "messageId": "a"})
        start = time.monotonic()
        for number, piece in enumerate(pieces):
            if number % third == 0 and len(self.marks) < 3:
                self.marks.append(time.monotonic())
            # Against the clock, so that the pace does not depend on how late a pause ends.
            await asyncio.sleep(max(0.0, start + number * self.chunk_seconds - time.monotonic()))
            yield _event({"type": "text-delta", "id": "1", "delta": piece})
        self.marks.append(time.monotonic())
        self.is_asked = True
        yield _event({"type": "finish"})
        yield "data: [DONE]\n\n"
        self.ended.set()


def _event(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk)}\n\n"


@contextmanager
def serving(service: Service, static: Path) -> Iterator[Service]:
    """The service on a port of its own, in a thread of its own."""
    script = "const LOOK={brandColor:'#7fd1b9'};\n" + (static / "look.js").read_text("utf-8")

    async def look(request: Request) -> Response:
        any_origin = {"Access-Control-Allow-Origin": "*"}
        return Response(script, media_type="text/javascript", headers=any_origin)

    length = (static / "embed.js").stat().st_size

    async def empty(request: Request) -> Response:
        return Response(f"/*{'-' * (length - 4)}*/", media_type="text/javascript")

    app = Starlette(
        routes=[
            Route("/", service.page),
            Route("/empty.js", empty),
            Route("/look.js", look),
            Route("/v2/conversations", service.conversation, methods=["POST"]),
            Route("/v2/conversations/{id}", service.conversation),
            Route("/v2/conversations/{id}/messages", service.ask, methods=["POST"]),
            Route("/v2/{path:path}", service.simple, methods=["GET", "POST"]),
            Mount("/", StaticFiles(directory=static)),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    service.port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.should_exit = True
        thread.join(timeout=10)
