"""The embedded assistant as an ASGI application: a complete SiteAssist v2 server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.types import ASGIApp

from asklight.assistant.answers import Answerer, quote_page
from asklight.assistant.credentials import Credentials
from asklight.assistant.generation import Generations
from asklight.assistant.routes import Operations
from asklight.assistant.store import Store
from asklight.operations import ContractApp, Unexpected
from asklight.state.database import Database

CHUNK_DELAY_SECONDS: Final = 0.015
"""About as fast as a quick model writes."""


def create_assistant(
    database: Database,
    *,
    token: str,
    publishable_key: str | None = None,
    chunk_delay_seconds: float = CHUNK_DELAY_SECONDS,
    answerer: Answerer = quote_page,
) -> ASGIApp:
    """The assistant, answering under ``/v2``.

    :param database: where it keeps everything; opened and closed by the caller.
    :param token: the operator's bearer token: a server's credential, which sees every conversation.
    :param publishable_key: lets visitors start sessions of their own with ``/identity/init``; None for none.
    :param chunk_delay_seconds: how long a stream waits before each piece, so that one can read along.
    :param answerer: what answers; quoting the page when omitted.
    """
    store = Store(database)
    generations = Generations(answerer, store)
    operations = Operations(
        store, Credentials(token, publishable_key), generations, chunk_delay_seconds
    )

    @asynccontextmanager
    async def lifespan(_app: ContractApp) -> AsyncIterator[None]:
        await store.mark_interrupted()
        yield
        await generations.stop()

    return Unexpected(ContractApp(operations.routes(), lifespan))
