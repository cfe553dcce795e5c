"""``/v2/chat``: the door for the AI SDK's ``useChat`` with its default transport.

It is sending a message under another shape: session, gate, limits, ownership, turns and ``Idempotency-Key`` are those
of ``POST /conversations/{id}/messages``. The client's chat id names a conversation of the session's, begun with the
first question; the id of a conversation the session has already names that one.

``regenerate-message`` asks the last user message again. The service keeps the history itself and takes nothing back:
it then holds the question twice and both answers, and what the client dropped from its own list it still knows. So it
is with a question that was edited.

``useChat``'s own ``stop`` only stops reading, which a reload does too: the answer goes on for the grace period, and
another question meets a 409 as long. A page that means it sends ``POST /chat/{id}/stop`` as well.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from asklight.contract import ConversationContext, CreateConversation, PageContext, conversation_id
from asklight.errors import NotFound
from asklight.gateway.chat_body import ChatBody, check_chat_id
from asklight.gateway.chat_names import ChatNames
from asklight.gateway.gate import session_of
from asklight.gateway.readers import Seated
from asklight.gateway.routes import Gateway
from asklight.gateway.sessions import Session
from asklight.operations import operation
from asklight.wire import answer, read_body

_NAME: Final = "name"


class Chat:
    """The handlers under ``/chat``, which work through `gateway`."""

    def __init__(self, gateway: Gateway, names: ChatNames) -> None:
        self._gateway = gateway
        self._names = names

    def routes(self) -> list[Route]:
        """Where they are. An id may hold slashes: version 5 of the SDK puts it into the address as it is."""
        named = f"/chat/{{{_NAME}:path}}"
        return [
            operation("POST", "/chat", self.send),
            operation("POST", f"{named}/stop", self.stop),
            operation("GET", f"{named}/stream", self.stream),
        ]

    async def send(self, request: Request) -> Seated:
        """``POST /chat``: asks the last user message, and follows the turn that answers."""
        session = session_of(request)
        body = await read_body(request, ChatBody)
        name, question = check_chat_id(body.id), body.question()
        async with self._names.naming(session, name):
            identity = await self._known(session, name)
            if identity is None:
                identity = await self._begin(request, session, name, body.pageContext)
        return await self._gateway.ask(request, identity, question, as_sent=body)

    async def stop(self, request: Request) -> Response:
        """``POST /chat/{id}/stop``: as often as one likes; what is not there is stopped already."""
        identity = await self._known(session_of(request), request.path_params[_NAME])
        return self._gateway.stopped(identity) if identity else answer({"stopped": False})

    async def stream(self, request: Request) -> Response | Seated:
        """``GET /chat/{id}/stream``: the running answer from its start, or after ``Last-Event-ID``.

        204 where none runs, the name of a chat not begun included: clients ask before their first question.
        """
        identity = await self._known(session_of(request), request.path_params[_NAME])
        return self._gateway.followed(request, identity) if identity else Response(status_code=204)

    async def _known(self, session: Session, name: str) -> str | None:
        """The conversation of `session`'s that `name` stands for, or None."""
        named = await self._names.conversation(session, name)
        if named is not None:
            return named
        try:
            identity = conversation_id(name)
            await self._gateway.ownership.check_conversation(session, identity)
        except NotFound:
            return None
        return identity

    async def _begin(
        self, request: Request, session: Session, name: str, page: PageContext | None
    ) -> str:
        address = page.url if page is not None else None
        context = ConversationContext(pageUrl=address) if address is not None else None
        made = await self._gateway.begin(request, CreateConversation(context=context))
        identity: str = made["id"]
        await self._names.keep(session, name, identity)
        return identity
