"""The assistant on a real socket, and the operator's client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx2

from asklight.assistant.answers import Answerer, quote_page
from asklight.assistant.app import create_assistant
from asklight.assistant.server import serve_on_socket
from asklight.state.database import Database

TOKEN = "operator-token-for-tests"

Serve = Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]


@asynccontextmanager
async def served(
    database: Database, answerer: Answerer = quote_page
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with the operator's token for an assistant that keeps everything in `database`."""
    app = create_assistant(database, token=TOKEN, chunk_delay_seconds=0, answerer=answerer)
    async with serve_on_socket(app) as socket_path:
        client = httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(uds=str(socket_path)),
            base_url="http://assistant/v2",
            headers={"authorization": f"Bearer {TOKEN}"},
        )
        async with client:
            yield client
