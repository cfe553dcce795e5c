"""What is good to know of conversations, written behind: collected for a moment and kept in one transaction.

SQLite has one writer. A write for each message, waited for, would let nobody ask faster than it; so what can be
learnt again (when a conversation was last used, which message is in it) waits in memory and is looked up there too.
A crash costs the notes of a second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Update, bindparam, exists, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from asklight.errors import ServiceUnavailable
from asklight.state.database import Database
from asklight.state.tables import OwnedConversation, OwnedMessage, Table

logger = logging.getLogger("asklight.ownership")

WAIT_SECONDS: Final = 1.0
"""So long notes are collected. Each transaction costs as much as a whole short answer."""

_CONVERSATIONS: Final = Table.metadata.tables[OwnedConversation.__tablename__]

_KEEP_MESSAGE: Final = (
    insert(Table.metadata.tables[OwnedMessage.__tablename__])
    .from_select(
        ["message_id", "conversation_id"],
        select(bindparam("message"), bindparam("conversation")).where(
            exists().where(OwnedConversation.conversation_id == bindparam("conversation"))
        ),
    )
    .on_conflict_do_nothing()
)
"""Nothing is noted of a conversation that was deleted meanwhile."""


class Notes:
    """Notes on owned conversations and their messages."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._facts: dict[str, dict[str, Any]] = {}
        self._messages: dict[str, str] = {}
        self._writing = asyncio.Lock()
        self._timer: asyncio.Task[None] | None = None

    def facts(self, conversation_id: str, facts: Mapping[str, Any]) -> None:
        """Notes columns of an owned conversation."""
        self._facts.setdefault(conversation_id, {}).update(facts)
        self._write_soon()

    def messages(self, conversation_id: str, message_ids: Iterable[str]) -> None:
        """Notes which conversation messages are in. What was noted first of a message stays."""
        for message_id in message_ids:
            self._messages.setdefault(message_id, conversation_id)
            self._write_soon()

    def conversation_of(self, message_id: str) -> str | None:
        """The conversation of a message whose note is not written yet."""
        return self._messages.get(message_id)

    def forget(self, conversation_id: str) -> None:
        """Drops what is noted and not yet written of a conversation that is deleted."""
        self._facts.pop(conversation_id, None)
        for message_id in [key for key, of in self._messages.items() if of == conversation_id]:
            del self._messages[message_id]

    async def write(self) -> None:
        """Writes what is noted; returns when it is kept, or when it is known that it cannot be."""
        async with self._writing:
            facts, messages = self._facts, dict(self._messages)
            self._facts = {}
            try:
                await self._keep(facts, messages)
            except (SQLAlchemyError, ServiceUnavailable) as error:
                # Such as a full disk: an answer is worth more than a note about it.
                logger.error("cannot write to the database: %s", type(error).__name__)
            for message_id in messages:
                self._messages.pop(message_id, None)

    async def _keep(
        self, facts: Mapping[str, Mapping[str, Any]], messages: Mapping[str, str]
    ) -> None:
        if not (facts or messages):
            return
        async with self._database.write() as writing:
            for columns, rows in _alike(facts).items():
                await writing.execute(_note(columns), rows)
            if messages:
                pairs = [
                    {"message": message_id, "conversation": conversation_id}
                    for message_id, conversation_id in messages.items()
                ]
                await writing.execute(_KEEP_MESSAGE, pairs)

    def _write_soon(self) -> None:
        if self._timer is None or self._timer.done():
            self._timer = asyncio.create_task(self._write_later())

    async def _write_later(self) -> None:
        while self._facts or self._messages:
            await asyncio.sleep(WAIT_SECONDS)
            await self.write()

    async def close(self) -> None:
        """Writes what is left."""
        await self.write()
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.wait([self._timer])


def _alike(facts: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The rows to change, by which columns change in them."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for conversation_id, columns in facts.items():
        rows = alike.setdefault(tuple(columns), [])
        rows.append({"conversation": conversation_id, **columns})
    return alike


@cache
def _note(columns: tuple[str, ...]) -> Update:
    """Sets `columns` of one conversation. A plain statement: the mapper's bulk update takes ten times as long."""
    return (
        update(_CONVERSATIONS)
        .where(_CONVERSATIONS.c.conversation_id == bindparam("conversation"))
        .values({name: bindparam(name) for name in columns})
    )
