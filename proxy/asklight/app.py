"""The composition root: the only place that wires parts together."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from asklight import __version__
from asklight.assistant.app import create_assistant
from asklight.assistant.server import serve_on_socket
from asklight.gateway.chat import Chat
from asklight.gateway.chat_names import ChatNames
from asklight.gateway.deletion import Deletion
from asklight.gateway.gate import Gate, HostCheck, own_origin_of
from asklight.gateway.limits import RateLimiter
from asklight.gateway.origins import Origins
from asklight.gateway.ownership import Ownership
from asklight.gateway.people import People
from asklight.gateway.readers import Readers
from asklight.gateway.routes import Gateway
from asklight.gateway.sessions import Sessions
from asklight.gateway.turns import Turns
from asklight.gateway.upstream import Service, connect, connect_embedded
from asklight.operations import Unexpected
from asklight.sealed import Sealed
from asklight.settings import Settings, Site
from asklight.site.pages import PageFacts, ServedSite, site_routes
from asklight.site.problems import answer_with_page
from asklight.site.releases import keep_release
from asklight.state.counters import Counters
from asklight.state.database import Database
from asklight.state.secret import kept_secret

STATIC: Final = Path(__file__).parent / "site" / "static"
"""Where the browser side is built into."""

_LAST_WORD_SECONDS: Final = 0.5
"""Of the time to drain, what is left to readers for taking the last of it."""


class Asklight:
    """The whole server as an ASGI application, and how it comes to rest."""

    def __init__(self, app: ASGIApp, turns: Turns, people: People) -> None:
        self._app = app
        self._turns = turns
        self._people = people

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def drain(self, seconds: float) -> None:
        """Begins no more answers, lets the running ones end within `seconds`, and tells the rest's readers.

        Streams of what people write have no end of their own: they end at once.
        """
        await self._people.close()
        await self._turns.drain(max(0, seconds - _LAST_WORD_SECONDS))


class _Faces:
    """The contract under ``/v2``, by the shortest way; pages everywhere else, and what begins and ends the server."""

    def __init__(self, contract: ASGIApp, pages: ASGIApp) -> None:
        self._contract = contract
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/v2/"):
            scope["root_path"] = "/v2"
            await self._contract(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def create_app(settings: Settings) -> Asklight:
    """The whole server: the gateway under ``/v2``, the pages, and the embedded assistant where a site needs it.

    :raises OSError: the data folder cannot be made or read.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = settings.secrets or (kept_secret(settings.data_dir / "secret"),)
    sessions = Sessions(
        keys,
        idle_seconds=settings.session_idle_seconds,
        max_seconds=settings.session_max_seconds,
    )
    origins = Origins(settings.sites, settings.public_url)
    database = Database(settings.data_dir / "asklight.sqlite3")
    ownership = Ownership(database)
    gateway = Gateway(
        services={},
        sessions=sessions,
        ownership=ownership,
        limiter=RateLimiter(Counters()),
        turns=Turns(settings.grace_seconds, settings.relaying),
        people=People(ownership.learn_messages, settings.relaying.keep_alive_seconds),
        readers=Readers(settings.relaying.readers_per_session),
        trusted_proxies=settings.trusted_proxies,
        answer_seconds=settings.patience.answer,
    )
    more = [*Chat(gateway, ChatNames(database)).routes(), *Deletion(gateway).routes()]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            await database.prepare()
            stack.push_async_callback(gateway.ownership.close)
            for site in settings.sites.values():
                if site.upstream is not None:
                    gateway.services[site.id] = connect(
                        site.upstream, settings.patience, settings.relaying.streams
                    )
            quoting = [site.id for site in settings.sites.values() if site.upstream is None]
            if quoting:
                embedded = await _embedded(stack, database, settings)
                gateway.services.update(dict.fromkeys(quoting, embedded))
            stack.push_async_callback(_close, list(gateway.services.values()))
            stack.push_async_callback(gateway.turns.close)
            stack.push_async_callback(gateway.people.close)
            yield

    contract = Gate(gateway.app(more), origins, sessions, settings.sites)
    pages = Starlette(
        routes=site_routes(_page_facts(settings)),
        exception_handlers={HTTPException: answer_with_page, Exception: answer_with_page},
        lifespan=lifespan,
    )
    pages.router.redirect_slashes = False
    faces = _Faces(contract, pages)
    return Asklight(Unexpected(HostCheck(faces, origins)), gateway.turns, gateway.people)


async def _embedded(stack: AsyncExitStack, database: Database, settings: Settings) -> Service:
    """The embedded assistant, running until `stack` unwinds; its token is new at every start."""
    token = secrets.token_urlsafe(32)
    assistant = create_assistant(database, token=token)
    socket = await stack.enter_async_context(serve_on_socket(assistant))
    return connect_embedded(
        str(socket), Sealed(token), settings.patience, settings.relaying.streams
    )


async def _close(services: list[Service]) -> None:
    await asyncio.gather(*(service.close() for service in services))


def _page_facts(settings: Settings) -> PageFacts:
    def own_origin(request: Request) -> str:
        return own_origin_of(request.scope)

    return PageFacts(
        sites={site.id: _served(site) for site in settings.sites.values()},
        default_site=next(iter(settings.sites)),
        own_origin=own_origin,
        static=STATIC,
        version=__version__,
        quotes_only=next(iter(settings.sites.values())).upstream is None,
        earlier=keep_release(STATIC / "assets", settings.data_dir / "releases"),
    )


def _served(site: Site) -> ServedSite:
    framers = tuple(source for pattern in site.origins for source in pattern.frame_ancestors())
    return ServedSite(
        name=site.look.title or "Assistant",
        welcome=site.look.welcome,
        framers=framers,
        color=site.look.color,
        position=site.look.position,
        page_key=site.page_key,
    )
