"""Which conversation a client's own name for a chat stands for.

The name is the client's choice and proves nothing, so it counts within one session only: two sessions that choose
the same one have two conversations.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from weakref import WeakValueDictionary

from sqlalchemy import insert, select

from asklight.gateway.ownership import owner_of
from asklight.gateway.sessions import Session
from asklight.state.database import Database
from asklight.state.tables import OwnedChat


class ChatNames:
    """The names of all sessions' chats, kept for good."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._naming: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def naming(self, session: Session, name: str) -> AbstractAsyncContextManager[None]:
        """One at a time for each name, so that two first questions begin one conversation."""
        return self._naming.setdefault((owner_of(session), name), asyncio.Lock())

    async def conversation(self, session: Session, name: str) -> str | None:
        """The id of the conversation `session` calls so, or None."""
        wanted = select(OwnedChat.conversation_id).where(
            OwnedChat.owner == owner_of(session), OwnedChat.name == name
        )
        async with self._database.read() as reading:
            return await reading.scalar(wanted)

    async def keep(self, session: Session, name: str, conversation_id: str) -> None:
        """`session` calls this conversation, which is its own, so from now on."""
        row = {"owner": owner_of(session), "name": name, "conversation_id": conversation_id}
        async with self._database.write() as writing:
            await writing.execute(insert(OwnedChat), row)
