"""The contract under ``/v2``, as browsers meet it: each handler checks, asks and shapes, in that order."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from asklight.contract import (
    STREAM_HEADERS,
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
from asklight.errors import BadGateway, NotFound, Unauthorized, ValidationFailed
from asklight.gateway.addresses import counted_address
from asklight.gateway.followers import TurnResponse
from asklight.gateway.gate import Caller, caller_of, session_of
from asklight.gateway.human_events import Place
from asklight.gateway.limits import RateLimiter
from asklight.gateway.ownership import Ownership, owner_of
from asklight.gateway.people import People, PeopleResponse
from asklight.gateway.readers import Readers, Seated
from asklight.gateway.relay import write_stream
from asklight.gateway.sessions import SET_COOKIE, Session, Sessions
from asklight.gateway.shapes import (
    conversation_shape,
    messages_of,
    project_shape,
    whole_answer_shape,
)
from asklight.gateway.turn import Position, Turn
from asklight.gateway.turns import Attempt, Turns
from asklight.gateway.upstream import HandedOver, Service
from asklight.gateway.vouching import vouched_user
from asklight.operations import ContractApp, operation
from asklight.settings import Network
from asklight.wire import answer, read_body, read_query

IDEMPOTENCY_KEY_LIMIT: Final = 255
_LIST_CONCURRENCY: Final = 8


@dataclass(frozen=True, slots=True)
class Gateway:
    """What the handlers work with. `services` holds the assistant service of each site, by the site's id;
    `answer_seconds` is how long a whole answer may take.
    """

    services: dict[str, Service]
    sessions: Sessions
    ownership: Ownership
    limiter: RateLimiter
    turns: Turns
    people: People
    readers: Readers
    trusted_proxies: tuple[Network, ...]
    answer_seconds: float

    def app(self, more: Sequence[Route] = ()) -> ASGIApp:
        """The operations of the contract and `more`, behind whatever gate is put in front."""
        identified = f"/conversations/{{{_ID}}}"
        return ContractApp(
            [
                # The first that matches is taken: what is asked most comes first.
                operation("POST", f"{identified}/messages", self.send_message),
                operation("POST", "/identity/init", self.initialise),
                operation("GET", "/identity/me", self.me),
                operation("GET", "/projects/current", self.project),
                operation("POST", "/conversations", self.create_conversation),
                operation("GET", "/conversations", self.list_conversations),
                operation("GET", identified, self.conversation),
                operation("POST", f"{identified}/close", self.close_conversation),
                operation("GET", f"{identified}/messages", self.list_messages),
                operation("POST", f"{identified}/stop", self.stop),
                operation("GET", f"{identified}/stream", self.stream),
                operation("GET", f"{identified}/events", self.events),
                operation("POST", f"/messages/{{{_ID}}}/feedback", self.feedback),
                *more,
            ]
        )

    async def initialise(self, request: Request) -> Response:
        """``POST /identity/init``: a new session, or the present one renewed.

        Another user than the present session's, nobody included, gets a session of their own.
        """
        caller = caller_of(request)
        wanted = await read_body(request, Initialise)
        if not caller.site.is_named(wanted.apiKey):
            raise Unauthorized("This apiKey is not the key of the calling site.")
        by_token = wanted.transport == "token"
        token = wanted.userToken
        user = None if token is None else vouched_user(caller.site, token, time.time())
        shown = caller.session if caller.by_token == by_token else None
        present = shown if shown is not None and shown.user == user else None
        session = (
            self.sessions.renewed(present) if present else await self._mint(request, caller, user)
        )
        body: dict[str, Any] = {"visitor": _visitor(session)}
        if by_token:
            body["sessionToken"] = self.sessions.token(session)
        response = answer(body, 200 if present else 201)
        if not by_token:
            for cookie in self.sessions.set_cookies(session, caller.cookie_forms):
                response.headers.append(SET_COOKIE, cookie)
        return response

    async def _mint(self, request: Request, caller: Caller, user: str | None) -> Session:
        if caller.origin is None:
            raise Unauthorized
        # A user's sessions share one budget, however many there are: of these none is scarce.
        if user is None:
            await self.limiter.count_session(caller.site, self._address(request))
        return self.sessions.mint(caller.site.id, caller.origin, user)

    async def me(self, request: Request) -> Response:
        """``GET /identity/me``."""
        return answer(_visitor(session_of(request)))

    async def project(self, request: Request) -> Response:
        """``GET /projects/current``: how the site's owner wants the widget to look."""
        site = caller_of(request).site
        if not site.is_named(read_query(request, ProjectQuery).apiKey):
            raise Unauthorized("This apiKey is not the key of the calling site.")
        return answer(project_shape(site))

    async def create_conversation(self, request: Request) -> Response:
        """``POST /conversations``."""
        session_of(request)
        wanted = await read_body(request, CreateConversation, optional=True)
        return answer(await self.begin(request, wanted), 201)

    async def begin(self, request: Request, wanted: CreateConversation) -> dict[str, Any]:
        """A new conversation of the caller's, in the contract's shape.

        :raises ApiError: the caller has begun enough of them, or the upstream gave none.
        """
        session = session_of(request)
        await self.limiter.count_conversation(caller_of(request).site, session)
        made = await self._service(session).request(
            session, "POST", ("conversations",), body=wanted.model_dump(exclude_none=True)
        )
        conversation = conversation_shape(made)
        await self.ownership.take(session, conversation)
        return conversation

    async def list_conversations(self, request: Request) -> Response:
        """``GET /conversations``: what is listed is the ownership's word, what is said of it the upstream's."""
        session = session_of(request)
        query = read_query(request, ConversationsQuery)
        total, ids = await self.ownership.listed(session, query)
        at_once = asyncio.Semaphore(_LIST_CONCURRENCY)

        async def listed(identity: str) -> dict[str, Any] | None:
            async with at_once:
                try:
                    return await self._fetch(session, identity, whole=False)
                except NotFound:
                    return None  # gone at the upstream

        data = await asyncio.gather(*(listed(identity) for identity in ids))
        return answer(
            {
                "object": "list",
                "total": total,
                "limit": query.limit,
                "offset": query.offset,
                "deletion": self.deletion(session),
                "data": [part for part in data if part is not None],
            }
        )

    async def conversation(self, request: Request) -> Response:
        """``GET /conversations/{id}``."""
        session, identity = await self._owned(request)
        conversation = await self._fetch(session, identity)
        self.ownership.learn_facts(conversation)
        await self._learn(identity, conversation["messages"])
        return answer(conversation)

    async def close_conversation(self, request: Request) -> Response:
        """``POST /conversations/{id}/close``; closing twice succeeds."""
        session, identity = await self._owned(request)
        wanted = await read_body(request, CloseConversation, optional=True)
        await self._service(session).request(
            session,
            "POST",
            ("conversations", identity, "close"),
            body=wanted.model_dump(exclude_none=True),
        )
        closed = await self._fetch(session, identity)
        self.ownership.learn_facts(closed)
        return answer({"success": True, "message": "Conversation closed."})

    async def send_message(self, request: Request) -> Seated:
        """``POST /conversations/{id}/messages``: asks, and follows the turn that answers."""
        _, identity = await self._owned(request)
        message = await read_body(request, SendMessage)
        return await self.ask(request, identity, message, as_sent=message)

    async def ask(
        self, request: Request, identity: str, message: SendMessage, *, as_sent: BaseModel
    ) -> Seated:
        """The turn that answers `message` in the caller's own conversation `identity`.

        :param as_sent: the body that came, which an ``Idempotency-Key`` is bound to.
        :raises ApiError: an answer is still being written, the key was used for another body, or a limit is reached.
        """
        seat = self.readers.enter(owner_of(session_of(request)))  # before anything is asked
        try:
            turn = await self._turn(request, identity, message, as_sent)
        except BaseException:
            seat.leave()
            raise
        return Seated(TurnResponse(turn), seat)

    async def _turn(
        self, request: Request, identity: str, message: SendMessage, as_sent: BaseModel
    ) -> Turn:
        session = session_of(request)
        body = message.model_dump(exclude_unset=True) | {"stream": message.stream}
        attempt = _attempt(request, session, as_sent)
        repeated = self.turns.repeated(identity, attempt) if attempt else None
        if repeated is not None:
            return repeated
        self.turns.check_free(identity)
        caller = caller_of(request)
        await self.limiter.count_message(caller.site, session, self._address(request))
        self.ownership.touch(identity)

        write = partial(self._write, session=session, body=body)
        return self.turns.begin(identity, write, attempt, is_streamed=message.stream)

    async def _write(self, turn: Turn, session: Session, body: Mapping[str, Any]) -> None:
        """Asks the upstream and lets its answer fill `turn`.

        :raises ApiError: it refused, failed, or took longer than an answer may.
        """
        identity = turn.conversation_id

        def learn(message: str) -> None:
            with suppress(NotFound):  # no UUID: nobody can ask for it either
                self.ownership.learn_messages(identity, [message_id(message)])

        try:
            async with asyncio.timeout(self.answer_seconds):
                reply = await self._service(session).send_message(session, identity, body)
                del body  # a page's text is not kept for as long as its answer takes
                if isinstance(reply, HandedOver):
                    turn.settle("handed over")
                elif not isinstance(reply, dict):
                    await write_stream(reply, turn, learn)
                elif turn.is_streamed:
                    raise BadGateway
                else:
                    turn.settle("json", whole_answer_shape(reply))
        except TimeoutError:
            raise BadGateway("The answer took too long.") from None

    async def list_messages(self, request: Request) -> Response:
        """``GET /conversations/{id}/messages``, oldest first."""
        session, identity = await self._owned(request)
        query = read_query(request, MessagesQuery)
        found = await self._service(session).request(
            session,
            "GET",
            ("conversations", identity, "messages"),
            query=query.model_dump(exclude_none=True),
        )
        messages = messages_of(found)
        await self._learn(identity, messages)
        return answer({"object": "list", "data": messages})

    async def stop(self, request: Request) -> Response:
        """``POST /conversations/{id}/stop``: as often as one likes."""
        _, identity = await self._owned(request)
        return self.stopped(identity)

    def stopped(self, identity: str) -> Response:
        """Whether an answer was running in the caller's own conversation `identity`; now none is."""
        turn = self.turns.running(identity)
        return answer({"stopped": turn is not None and turn.stop()})

    async def stream(self, request: Request) -> Response | Seated:
        """``GET /conversations/{id}/stream``: goes on with a running answer; 204 where none runs."""
        _, identity = await self._owned(request)
        return self.followed(request, identity)

    def followed(self, request: Request, identity: str) -> Response | Seated:
        """The running answer in the caller's own conversation `identity`; 204 where none runs.

        :raises RateLimited: the session reads enough already.
        """
        after = Position.parse(request.headers.get("last-event-id"))
        turn = self.turns.readable(identity, after)
        if turn is None:
            return Response(status_code=204)
        if request.method == "HEAD":
            return _stream_of_nothing()
        seat = self.readers.enter(owner_of(session_of(request)))
        number = after.number if after and after.turn == turn.id else 0
        return Seated(TurnResponse(turn, number), seat)

    async def events(self, request: Request) -> Response | Seated:
        """``GET /conversations/{id}/events``: what a person writes from now on, or since ``Last-Event-ID``."""
        session, identity = await self._owned(request)
        if request.method == "HEAD":
            return _stream_of_nothing()
        after = Place.parse(request.headers.get("last-event-id"))
        seat = self.readers.enter(owner_of(session))
        service = self._service(session)
        return Seated(PeopleResponse(self.people, service, session, identity, after), seat)

    async def feedback(self, request: Request) -> Response:
        """``POST /messages/{id}/feedback``."""
        session = session_of(request)
        identity = message_id(request.path_params[_ID])
        await self.ownership.check_message(session, identity)
        wanted = await read_body(request, Feedback)
        await self._service(session).request(
            session, "POST", ("messages", identity, "feedback"), body=wanted.model_dump()
        )
        return answer({"feedback": wanted.feedback})

    async def _owned(self, request: Request) -> tuple[Session, str]:
        """The caller's session and the conversation in the path, which is the session's own."""
        session = session_of(request)
        identity = conversation_id(request.path_params[_ID])
        await self.ownership.check_conversation(session, identity)
        return session, identity

    async def _fetch(
        self, session: Session, identity: str, *, whole: bool = True
    ) -> dict[str, Any]:
        """The conversation as the upstream has it, in the contract's shape.

        :raises BadGateway: it answered with another one, which nobody checked to be the caller's.
        """
        path = ("conversations", identity)
        found = await self._service(session).request(session, "GET", path)
        conversation = conversation_shape(found, whole=whole)
        if conversation["id"] != identity:
            raise BadGateway
        return conversation

    async def _learn(self, identity: str, messages: list[dict[str, Any]]) -> None:
        answered = [message["id"] for message in messages if message["role"] != "user"]
        self.ownership.learn_messages(identity, answered)

    def deletion(self, session: Session) -> str:
        """What deleting a conversation does here: ``complete``, or ``list-only`` where the service keeps it."""
        return "complete" if self._service(session).can_delete else "list-only"

    def _service(self, session: Session) -> Service:
        return self.services[session.site]

    def _address(self, request: Request) -> str:
        return counted_address(request.scope, self.trusted_proxies)


_ID: Final = "identity"


def _stream_of_nothing() -> Response:
    """The answer to HEAD where GET has a stream: it ends at once, and nobody who reads is counted."""
    response = Response(headers=STREAM_HEADERS)
    del response.headers["content-length"]
    return response


def _visitor(session: Session) -> dict[str, Any]:
    """The contract's visitor. Its id tells nothing about the session's, and what the site calls its user is not kept."""
    return {
        "object": "visitor",
        "id": str(uuid.UUID(owner_of(session)[:32])),
        "type": "anonymous" if session.user is None else "identified",
        "externalId": None,
        "name": None,
        "avatarUrl": None,
    }


def _attempt(request: Request, session: Session, body: BaseModel) -> Attempt | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not key.isascii() or not 0 < len(key) <= IDEMPOTENCY_KEY_LIMIT:
        raise ValidationFailed(
            "Idempotency-Key", f"must be 1 to {IDEMPOTENCY_KEY_LIMIT} ASCII characters"
        )
    body_hash = hashlib.sha256(body.model_dump_json().encode()).digest()
    return Attempt(owner_of(session), key, body_hash)
