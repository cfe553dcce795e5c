"""``DELETE /conversations/{id}`` and ``DELETE /conversations``: a visitor takes back what they asked.

A deleted conversation is gone from the visitor's list, its running answer is stopped and its log dropped, and the
embedded assistant erases its messages. A service behind the proxy has no such call: there it stays, and the answer
says so (``deletion``), so that nobody is promised more than is done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from asklight.contract import conversation_id
from asklight.errors import ApiError, NotFound
from asklight.gateway.gate import session_of
from asklight.gateway.routes import Gateway
from asklight.gateway.sessions import Session
from asklight.operations import operation
from asklight.wire import answer

_ID: Final = "identity"
_AT_ONCE: Final = 8


class Deletion:
    """The handlers of ``DELETE``, which work through `gateway`."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def routes(self) -> list[Route]:
        return [
            operation("DELETE", "/conversations", self.delete_all),
            operation("DELETE", f"/conversations/{{{_ID}}}", self.delete),
        ]

    async def delete(self, request: Request) -> Response:
        """``DELETE /conversations/{id}``; a second time it is a conversation that does not exist."""
        session = session_of(request)
        identity = conversation_id(request.path_params[_ID])
        await self._gateway.ownership.check_conversation(session, identity)
        await self._erase(session, identity)
        facts = {"object": "conversation", "id": identity, "deleted": True}
        return answer({**facts, "deletion": self._gateway.deletion(session)})

    async def delete_all(self, request: Request) -> Response:
        """``DELETE /conversations``: all of the caller's. Where one fails, those before it are gone."""
        session = session_of(request)
        identities = await self._gateway.ownership.all_of(session)
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def erase(identity: str) -> None:
            async with at_once:
                await self._erase(session, identity)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_caught(erase(each))) for each in identities]
        for failure in filter(None, (task.result() for task in tasks)):
            raise failure
        facts = {"object": "list", "deleted": len(identities)}
        return answer({**facts, "deletion": self._gateway.deletion(session)})

    async def _erase(self, session: Session, identity: str) -> None:
        """Erases a conversation of the session's own, in an order that lets nothing slip through.

        What is running ends first, so that nobody writes into what is erased; the owner goes last, so that a failure
        leaves a conversation that can be deleted again.
        """
        gateway = self._gateway
        await gateway.turns.forget(identity)
        service = gateway.services[session.site]
        if service.can_delete:
            with suppress(NotFound):  # deleted there already
                await service.request(session, "DELETE", ("conversations", identity))
        await gateway.ownership.forget(session, identity)
        gateway.people.forget(identity)
        await gateway.turns.forget(identity)  # one that came in between


async def _caught(work: Awaitable[None]) -> ApiError | None:
    """What `work` was refused with, so that the others go on."""
    try:
        await work
    except ApiError as error:
        return error
    return None
