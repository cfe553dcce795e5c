"""A relay as people write it with Starlette and httpx2: a streamed request inside a ``StreamingResponse``.

Better than most in one thing: the client's limit of 100 connections and its timeouts are lifted.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

UPSTREAM = os.environ["RELAY_UPSTREAM"]
TOKEN = os.environ["RELAY_TOKEN"]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, httpx2.AsyncClient]]:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
    async with httpx2.AsyncClient(base_url=UPSTREAM, timeout=None, limits=limits) as client:
        yield {"client": client}


async def relay(request: Request) -> StreamingResponse:
    client: httpx2.AsyncClient = request.state.client
    asked = client.build_request(
        request.method,
        request.url.path,
        content=await request.body(),
        headers={
            "authorization": f"Bearer {TOKEN}",
            "content-type": request.headers.get("content-type", "application/json"),
        },
    )
    answer = await client.send(asked, stream=True)
    return StreamingResponse(
        answer.aiter_raw(),
        status_code=answer.status_code,
        media_type=answer.headers.get("content-type"),
        background=BackgroundTask(answer.aclose),
    )


app = Starlette(routes=[Route("/{path:path}", relay, methods=["GET", "POST"])], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(os.environ["RELAY_PORT"]), log_level="warning", backlog=4096
    )
