"""What the assistant keeps: visitors, conversations, messages. Everything is on disk before it is confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from asklight.assistant.answers import Inquiry
from asklight.assistant.credentials import Caller
from asklight.assistant.sentences import shorten
from asklight.contract import ConversationsQuery, MessagesQuery, PageContext, SendMessage
from asklight.errors import Conflict, NotFound
from asklight.state.database import Database
from asklight.state.tables import Conversation, Message, Visitor, now

TITLE_LIMIT: Final = 80
"""A conversation is named after its first question, cut to so many characters."""

INTERRUPTED: Final = "The server stopped before the answer was complete."
"""The `error` of an answer a crash left unfinished."""

Row = TypeVar("Row")

_SORTED_BY: Final[dict[str, ColumnElement[Any]]] = {
    "id": Conversation.id.expression,
    "createdAt": Conversation.created_at.expression,
    "updatedAt": Conversation.updated_at.expression,
    "lastInteractionAt": Conversation.last_interaction_at.expression,
    "status": Conversation.status.expression,
    "closedAt": Conversation.closed_at.expression,
    "isHumanHandled": literal(False),
    "title": Conversation.title.expression,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was kept, and the answer begun for it."""

    answer_id: str
    conversation_id: str
    inquiry: Inquiry


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """One page of a list of conversations, each with its last message."""

    total: int
    entries: Sequence[tuple[Conversation, Message | None]]


class Store:
    """The assistant's part of the database. What is not the caller's does not exist for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def mark_interrupted(self) -> None:
        """At the start: answers still marked as streaming were cut off by a crash; what is there of them stays."""
        unfinished = update(Message).where(Message.status == "streaming")
        async with self._database.write() as session:
            await session.execute(unfinished.values(status="error", error=INTERRUPTED))

    async def visitor_for(self, client_id: str) -> tuple[Visitor, bool]:
        """The visitor with this `saVid`, and whether they are new."""
        async with self._database.write() as session:
            known = await session.scalar(select(Visitor).where(Visitor.client_id == client_id))
            if known is not None:
                return known, False
            visitor = Visitor(id=_new_id(), client_id=client_id, created_at=now())
            session.add(visitor)
            return visitor, True

    async def visitor(self, visitor_id: str) -> Visitor | None:
        async with self._database.read() as session:
            return await session.get(Visitor, visitor_id)

    async def create_conversation(self, caller: Caller, page_url: str | None) -> Conversation:
        moment = now()
        conversation = Conversation(
            id=_new_id(),
            visitor_id=caller.visitor_id,
            created_at=moment,
            updated_at=moment,
            last_interaction_at=moment,
            page_url=page_url,
        )
        async with self._database.write() as session:
            session.add(conversation)
        return conversation

    async def conversation(
        self, caller: Caller, conversation_id: str
    ) -> tuple[Conversation, Sequence[Message]]:
        """The conversation and its messages, oldest first.

        :raises NotFound: it is unknown or not the caller's.
        """
        async with self._database.read() as session:
            conversation = await _conversation(session, caller, conversation_id)
            messages = await session.scalars(_messages(conversation_id))
            return conversation, messages.all()

    async def conversations(self, caller: Caller, query: ConversationsQuery) -> ConversationPage:
        """The caller's conversations as `query` asks; equal ones in the order of their ids."""
        wanted = _visible(select(Conversation), caller)
        if query.status is not None:
            wanted = wanted.where(Conversation.status == query.status)
        key = _SORTED_BY[query.orderBy]
        ordered = wanted.order_by(
            key.asc() if query.orderDir == "asc" else key.desc(), Conversation.id
        )
        async with self._database.read() as session:
            total = await session.scalar(select(func.count()).select_from(wanted.subquery()))
            found = await session.scalars(ordered.limit(query.limit).offset(query.offset))
            conversations = found.all()
            last = await _last_messages(session, [each.id for each in conversations])
        return ConversationPage(total or 0, [(each, last.get(each.id)) for each in conversations])

    async def close(self, caller: Caller, conversation_id: str, reason: str | None) -> bool:
        """Close a conversation; False where it was closed already, and stays as it was.

        :raises NotFound: it is unknown or not the caller's.
        """
        async with self._database.write() as session:
            conversation = await _conversation(session, caller, conversation_id)
            if conversation.status == "closed":
                return False
            conversation.status = "closed"
            conversation.closed_at = conversation.updated_at = now()
            conversation.close_reason = reason
            return True

    async def delete(self, caller: Caller, conversation_id: str) -> None:
        """Erase a conversation and its messages, for good.

        :raises NotFound: it is unknown or not the caller's.
        """
        async with self._database.write() as session:
            await _conversation(session, caller, conversation_id)
            await _erase(session, [conversation_id])
        await self._database.erase_traces()

    async def visitors_conversations(self, visitor_id: str) -> Sequence[str]:
        """The ids of all conversations of a visitor."""
        wanted = select(Conversation.id).where(Conversation.visitor_id == visitor_id)
        async with self._database.read() as session:
            return (await session.scalars(wanted)).all()

    async def begin_turn(self, caller: Caller, conversation_id: str, sent: SendMessage) -> Turn:
        """Keep a question and an answer yet without words, marked as streaming.

        A question that brings nothing of the page is asked about the page the conversation spoke of last.

        :raises NotFound: the conversation is unknown or not the caller's.
        :raises Conflict: it is closed.
        """
        async with self._database.write() as session:
            conversation = await _conversation(session, caller, conversation_id)
            if conversation.status == "closed":
                raise Conflict(
                    "This conversation is closed. Start a new one.",
                    resource="conversation",
                    field="status",
                )
            earlier = (
                None
                if _brings_page(sent.pageContext)
                else await _last_page(session, conversation_id)
            )
            question = _question(conversation_id, sent)
            answer = _answer(conversation_id)
            # In two steps: the question's number must be the smaller one.
            session.add(question)
            await session.flush()
            session.add(answer)
            conversation.title = conversation.title or shorten(sent.content, TITLE_LIMIT)
            conversation.updated_at = conversation.last_interaction_at = question.created_at
            return Turn(answer.id, conversation_id, _inquiry(sent.content, earlier or question))

    async def keep_answer(
        self, turn: Turn, text: str, status: str, error: str | None = None
    ) -> None:
        """Keep what there is of an answer by now, and how it stands: streaming, complete or error."""
        moment = now()
        answer = update(Message).where(Message.id == turn.answer_id)
        conversation = update(Conversation).where(Conversation.id == turn.conversation_id)
        async with self._database.write() as session:
            await session.execute(answer.values(text=text, status=status, error=error))
            await session.execute(
                conversation.values(updated_at=moment, last_interaction_at=moment)
            )

    async def messages(
        self, caller: Caller, conversation_id: str, query: MessagesQuery
    ) -> Sequence[Message]:
        """A conversation's messages as `query` asks, oldest first.

        :raises NotFound: the conversation is unknown or not the caller's.
        """
        wanted = _messages(conversation_id)
        if query.role is not None:
            wanted = wanted.where(Message.role == query.role)
        if query.status is not None:
            wanted = wanted.where(Message.status == query.status)
        wanted = wanted.limit(-1 if query.limit is None else query.limit).offset(query.offset)
        async with self._database.read() as session:
            await _conversation(session, caller, conversation_id)
            return (await session.scalars(wanted)).all()

    async def set_feedback(self, caller: Caller, message_id: str, feedback: str | None) -> None:
        """Keep what the reader thinks of an answer; None takes it back.

        :raises NotFound: the message is unknown or not in a conversation of the caller's.
        :raises Conflict: it is a question.
        """
        wanted = _visible(select(Message).join(Conversation), caller).where(
            Message.id == message_id
        )
        async with self._database.write() as session:
            message = await session.scalar(wanted)
            if message is None:
                raise NotFound.of_message(message_id)
            if message.role == "user":
                raise Conflict("Only an answer takes feedback.", resource="message", field="role")
            message.feedback = feedback
            message.feedback_at = None if feedback is None else now()


def _new_id() -> str:
    return str(uuid.uuid4())


def _visible(wanted: Select[Row], caller: Caller) -> Select[Row]:
    if caller.visitor_id is None:
        return wanted
    return wanted.where(Conversation.visitor_id == caller.visitor_id)


async def _conversation(
    session: AsyncSession, caller: Caller, conversation_id: str
) -> Conversation:
    wanted = _visible(select(Conversation), caller).where(Conversation.id == conversation_id)
    conversation = await session.scalar(wanted)
    if conversation is None:
        raise NotFound.conversation(conversation_id)
    return conversation


async def _erase(session: AsyncSession, conversations: list[str]) -> None:
    await session.execute(delete(Message).where(Message.conversation_id.in_(conversations)))
    await session.execute(delete(Conversation).where(Conversation.id.in_(conversations)))


def _messages(conversation_id: str) -> Select[Message]:
    wanted = select(Message).where(Message.conversation_id == conversation_id)
    return wanted.order_by(Message.number)


async def _last_messages(session: AsyncSession, conversations: list[str]) -> dict[str, Message]:
    newest = (
        select(func.max(Message.number))
        .where(Message.conversation_id.in_(conversations))
        .group_by(Message.conversation_id)
    )
    found = await session.scalars(select(Message).where(Message.number.in_(newest)))
    return {message.conversation_id: message for message in found}


async def _last_page(session: AsyncSession, conversation_id: str) -> Message | None:
    with_page = select(Message).where(
        Message.conversation_id == conversation_id,
        func.coalesce(Message.page_content, Message.text_selection).is_not(None),
    )
    return await session.scalar(with_page.order_by(Message.number.desc()).limit(1))


def _brings_page(page: PageContext | None) -> bool:
    return page is not None and page != PageContext()


def _question(conversation_id: str, sent: SendMessage) -> Message:
    page = sent.pageContext or PageContext()
    return Message(
        id=_new_id(),
        conversation_id=conversation_id,
        created_at=now(),
        role="user",
        text=sent.content,
        status="complete",
        page_url=page.url,
        page_title=page.title,
        page_content=page.content,
        text_selection=page.textSelection,
    )


def _answer(conversation_id: str) -> Message:
    return Message(
        id=_new_id(),
        conversation_id=conversation_id,
        created_at=now(),
        role="assistant",
        text="",
        status="streaming",
    )


def _inquiry(question: str, page: Message) -> Inquiry:
    return Inquiry(
        question=question,
        url=page.page_url or "",
        title=page.page_title or "",
        content=page.page_content or "",
        selection=page.text_selection or "",
    )
