"""The operations of the SiteAssist v2 contract, answered by the embedded assistant."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from asklight.assistant.credentials import OPERATOR, Caller, Credentials
from asklight.assistant.generation import Generations
from asklight.assistant.replies import StreamedReply, WholeReply
from asklight.assistant.shapes import (
    PROJECT,
    Shape,
    conversation_shape,
    message_shape,
    visitor_shape,
)
from asklight.assistant.store import Store
from asklight.contract import (
    CloseConversation,
    ConversationsQuery,
    CreateConversation,
    Feedback,
    Initialise,
    MessagesQuery,
    ProjectQuery,
    SendMessage,
    conversation_id,
    message_id,
)
from asklight.errors import Forbidden, InvalidBody, NotFound, Unauthorized
from asklight.operations import operation
from asklight.wire import answer, read_body, read_query

_DELETION: Final = {"deletion": "complete"}
"""What deleting does here."""


class Operations:
    """One method an operation; each raises an :class:`~asklight.errors.ApiError` for what it refuses."""

    def __init__(
        self,
        store: Store,
        credentials: Credentials,
        generations: Generations,
        chunk_delay_seconds: float,
    ) -> None:
        self._store = store
        self._credentials = credentials
        self._generations = generations
        self._chunk_delay_seconds = chunk_delay_seconds

    def routes(self) -> list[Route]:
        conversation, message = "/v2/conversations/{conversation_id}", "/v2/messages/{message_id}"
        return [
            operation("POST", "/v2/identity/init", self.start_session),
            operation("GET", "/v2/identity/me", self.show_visitor),
            operation("GET", "/v2/projects/current", self.show_project),
            operation("GET", "/v2/conversations", self.list_conversations),
            operation("POST", "/v2/conversations", self.create_conversation),
            operation("DELETE", "/v2/conversations", self.delete_conversations),
            operation("GET", conversation, self.show_conversation),
            operation("DELETE", conversation, self.delete_conversation),
            operation("POST", f"{conversation}/close", self.close_conversation),
            operation("GET", f"{conversation}/messages", self.list_messages),
            operation("POST", f"{conversation}/messages", self.send_message),
            operation("POST", f"{message}/feedback", self.give_feedback),
        ]

    async def start_session(self, request: Request) -> Response:
        asked = await read_body(request, Initialise)
        if not self._credentials.is_publishable_key(asked.apiKey):
            raise Unauthorized("This API key is not known here.")
        if asked.saVid is None:
            raise InvalidBody("Invalid request body. SaVid is required.", field="saVid")
        visitor, is_new = await self._store.visitor_for(asked.saVid)
        session = {
            "sessionToken": self._credentials.mint(visitor.id),
            "visitor": visitor_shape(visitor),
        }
        return answer(session, 201 if is_new else 200)

    async def show_visitor(self, request: Request) -> Response:
        caller = await self._caller(request)
        if caller.visitor_id is None:
            raise Forbidden("This credential belongs to no visitor.")
        visitor = await self._store.visitor(caller.visitor_id)
        if visitor is None:
            raise Unauthorized
        return answer(visitor_shape(visitor))

    async def show_project(self, request: Request) -> Response:
        if not self._credentials.is_operator(_bearer(request)):
            query = read_query(request, ProjectQuery)
            if not self._credentials.is_publishable_key(query.apiKey):
                raise Unauthorized("This API key is not known here.")
        return answer(PROJECT)

    async def create_conversation(self, request: Request) -> Response:
        caller = await self._caller(request)
        asked = await read_body(request, CreateConversation, optional=True)
        page_url = asked.context.pageUrl if asked.context else None
        conversation = await self._store.create_conversation(caller, page_url)
        return answer({**conversation_shape(conversation), "messages": []}, 201)

    async def list_conversations(self, request: Request) -> Response:
        caller = await self._caller(request)
        query = read_query(request, ConversationsQuery)
        page = await self._store.conversations(caller, query)
        data: list[Shape] = [
            {**conversation_shape(each), "lastMessage": message_shape(last) if last else None}
            for each, last in page.entries
        ]
        bounds = {"total": page.total, "limit": query.limit, "offset": query.offset}
        return answer({"object": "list", **bounds, **_DELETION, "data": data})

    async def show_conversation(self, request: Request) -> Response:
        caller = await self._caller(request)
        conversation, messages = await self._store.conversation(caller, _conversation_id(request))
        shapes = [message_shape(message) for message in messages]
        return answer({**conversation_shape(conversation), "messages": shapes})

    async def close_conversation(self, request: Request) -> Response:
        caller = await self._caller(request)
        number = _conversation_id(request)
        asked = await read_body(request, CloseConversation, optional=True)
        closed = await self._store.close(caller, number, asked.closeReason)
        said = "Conversation closed." if closed else "Conversation was closed already."
        return answer({"success": True, "message": said})

    async def delete_conversation(self, request: Request) -> Response:
        """An addition to the contract: the conversation is erased, its running answer stopped before."""
        caller = await self._caller(request)
        number = _conversation_id(request)
        await self._store.conversation(caller, number)
        await self._erase(caller, number)
        return answer({"object": "conversation", "id": number, "deleted": True, **_DELETION})

    async def delete_conversations(self, request: Request) -> Response:
        """An addition to the contract: all conversations of the visitor are erased.

        Everybody's are the operator's to see, so an operator names each one.
        """
        caller = await self._caller(request)
        if caller.visitor_id is None:
            raise Forbidden("Name the conversation to delete: this credential sees everybody's.")
        numbers = await self._store.visitors_conversations(caller.visitor_id)
        for number in numbers:
            await self._erase(caller, number)
        return answer({"object": "list", "deleted": len(numbers), **_DELETION})

    async def _erase(self, caller: Caller, number: str) -> None:
        await self._generations.stop_in(number)
        with suppress(NotFound):  # deleted meanwhile
            await self._store.delete(caller, number)

    async def send_message(self, request: Request) -> Response:
        caller = await self._caller(request)
        number = _conversation_id(request)
        sent = await read_body(request, SendMessage)
        turn = await self._store.begin_turn(caller, number, sent)
        generation = self._generations.of(turn)
        if sent.stream:
            return StreamedReply(generation, self._chunk_delay_seconds)
        return WholeReply(generation)

    async def list_messages(self, request: Request) -> Response:
        caller = await self._caller(request)
        number = _conversation_id(request)
        query = read_query(request, MessagesQuery)
        messages = await self._store.messages(caller, number, query)
        return answer({"object": "list", "data": [message_shape(each) for each in messages]})

    async def give_feedback(self, request: Request) -> Response:
        caller = await self._caller(request)
        number = message_id(request.path_params["message_id"])
        given = await read_body(request, Feedback)
        await self._store.set_feedback(caller, number, given.feedback)
        return answer({"feedback": given.feedback})

    async def _caller(self, request: Request) -> Caller:
        """Who asks.

        :raises Unauthorized: there is no bearer token, or it is forged, over its time, or of a visitor unknown here.
        """
        bearer = _bearer(request)
        if self._credentials.is_operator(bearer):
            return OPERATOR
        visitor_id = self._credentials.visitor_id(bearer)
        if visitor_id is None or await self._store.visitor(visitor_id) is None:
            raise Unauthorized
        return Caller(visitor_id)


def _bearer(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _conversation_id(request: Request) -> str:
    return conversation_id(request.path_params["conversation_id"])
