"""Whose conversation is it: checked on every id in every call, whatever the upstream does.

A session sees only conversations it started; those of a vouched user see all that were started for that user. Lists and
totals come from here, never from an upstream's list, which with one API token would hold everybody's. An owner is stored
as a hash of the session's id, or of the user's.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import InstrumentedAttribute

from asklight.contract import ConversationsQuery
from asklight.errors import BadGateway, NotFound
from asklight.gateway.notes import Notes
from asklight.gateway.sessions import Session
from asklight.state.database import Database
from asklight.state.tables import OwnedChat, OwnedConversation, OwnedMessage, now

REMEMBERED_OWNERS: Final = 10_000

_ORDER: Final[dict[str, InstrumentedAttribute[Any]]] = {
    "id": OwnedConversation.conversation_id,
    "title": OwnedConversation.title,
    "status": OwnedConversation.status,
    "createdAt": OwnedConversation.created_at,
    "updatedAt": OwnedConversation.updated_at,
    "lastInteractionAt": OwnedConversation.last_interaction_at,
    "closedAt": OwnedConversation.closed_at,
    "isHumanHandled": OwnedConversation.is_human_handled,
}


def owner_of(session: Session) -> str:
    """The name `session` owns things by."""
    named = f"asklight.owner\n{session.site}\n{session.visitor}"
    return hashlib.sha256(named.encode()).hexdigest()


class Ownership:
    """Which session started which conversation, and which message belongs to which."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notes = Notes(database)
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._deletions = 0

    async def close(self) -> None:
        """Keeps what is not kept yet."""
        await self._notes.close()

    async def take(self, session: Session, conversation: Mapping[str, Any]) -> None:
        """`session` has started `conversation` (in the contract's shape).

        :raises BadGateway: it is someone else's already, so the upstream cannot just have made it.
        """
        row = {
            "conversation_id": conversation["id"],
            "owner": owner_of(session),
            "owned_since": now(),
            **_facts(conversation),
        }
        async with self._database.write() as writing:
            await writing.execute(insert(OwnedConversation).on_conflict_do_nothing(), row)
        try:
            await self.check_conversation(session, conversation["id"])
        except NotFound:
            raise BadGateway from None

    async def check_conversation(self, session: Session, conversation_id: str) -> None:
        """:raises NotFound: the conversation is not `session`'s, or is none."""
        if await self._owner(conversation_id) != owner_of(session):
            raise NotFound.conversation(conversation_id)

    async def _owner(self, conversation_id: str) -> str | None:
        """Who began a conversation. That never changes while it is there, so those asked for last are remembered."""
        known = self._owners.get(conversation_id)
        if known is not None:
            self._owners.move_to_end(conversation_id)
            return known
        wanted = select(OwnedConversation.owner).where(
            OwnedConversation.conversation_id == conversation_id
        )
        deletions = self._deletions
        async with self._database.read() as reading:
            owner = await reading.scalar(wanted)
        # What was read while something was deleted may be that.
        if owner is not None and deletions == self._deletions:
            self._owners[conversation_id] = owner
            if len(self._owners) > REMEMBERED_OWNERS:
                self._owners.popitem(last=False)
        return owner

    async def all_of(self, session: Session) -> list[str]:
        """The ids of all conversations of `session`, the oldest first."""
        mine = select(OwnedConversation.conversation_id).where(
            OwnedConversation.owner == owner_of(session)
        )
        async with self._database.read() as reading:
            ids = await reading.scalars(mine.order_by(OwnedConversation.owned_since))
            return list(ids)

    async def forget(self, session: Session, conversation_id: str) -> None:
        """Erases all that is noted of a conversation of `session`'s; of another's nothing.

        From now on it is one that does not exist, for its owner too.
        """
        mine = select(OwnedConversation.conversation_id).where(
            OwnedConversation.conversation_id == conversation_id,
            OwnedConversation.owner == owner_of(session),
        )
        async with self._database.write() as writing:
            for table in (OwnedMessage, OwnedChat, OwnedConversation):
                await writing.execute(delete(table).where(table.conversation_id.in_(mine)))
        self._deletions += 1
        self._owners.pop(conversation_id, None)
        self._notes.forget(conversation_id)
        await self._database.erase_traces()

    async def check_message(self, session: Session, message_id: str) -> None:
        """:raises NotFound: the message is in no conversation of `session`'s that was ever shown to it."""
        conversation_id = self._notes.conversation_of(message_id)
        if conversation_id is None:
            wanted = select(OwnedMessage.conversation_id).where(
                OwnedMessage.message_id == message_id
            )
            async with self._database.read() as reading:
                conversation_id = await reading.scalar(wanted)
        owner = None if conversation_id is None else await self._owner(conversation_id)
        if owner != owner_of(session):
            raise NotFound.of_message(message_id)

    def learn_messages(self, conversation_id: str, message_ids: Sequence[str]) -> None:
        """These messages are in this conversation. What was learnt first of a message stays."""
        self._notes.messages(conversation_id, message_ids)

    def learn_facts(self, conversation: Mapping[str, Any]) -> None:
        """What lists are sorted and filtered by, as the upstream last told it."""
        self._notes.facts(conversation["id"], _facts(conversation))

    def touch(self, conversation_id: str) -> None:
        """A message was sent in the conversation just now."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._notes.facts(conversation_id, {"last_interaction_at": moment, "updated_at": moment})

    async def listed(self, session: Session, query: ConversationsQuery) -> tuple[int, list[str]]:
        """How many conversations of `session` match, and the ids of the page asked for."""
        await self._notes.write()
        mine: list[ColumnElement[bool]] = [OwnedConversation.owner == owner_of(session)]
        if query.status is not None:
            mine.append(OwnedConversation.status == query.status)
        column = _ORDER[query.orderBy]
        page = (
            select(OwnedConversation.conversation_id)
            .where(*mine)
            .order_by(
                column.asc() if query.orderDir == "asc" else column.desc(),
                OwnedConversation.owned_since.desc(),
            )
            .limit(query.limit)
            .offset(query.offset)
        )
        count = select(func.count()).select_from(OwnedConversation).where(*mine)
        async with self._database.read() as reading:
            total = await reading.scalar(count)
            ids = (await reading.scalars(page)).all()
        return total or 0, list(ids)


def _facts(conversation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": conversation["title"],
        "status": conversation["status"],
        "created_at": conversation["createdAt"],
        "updated_at": conversation["updatedAt"],
        "last_interaction_at": conversation["lastInteractionAt"],
        "closed_at": conversation["closedAt"],
        "is_human_handled": conversation["isHumanHandled"],
    }
