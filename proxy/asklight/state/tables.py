"""Every table of the one database, as SQLAlchemy sees it; :mod:`asklight.state.migrations` creates them.

The embedded assistant owns visitors, conversations and messages, the gateway the ``owned_`` tables. Neither reads
the other's: they share a file, not data.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import DateTime, ForeignKey, Index, MetaData, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment, always in UTC and always aware: SQLite keeps no time zone, so one is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    """The present moment, to the millisecond, which is what the contract's times show."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Table(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: Instant}  # noqa: RUF012 - SQLAlchemy reads it as declared


class Visitor(Table):
    """Someone who asks, known by the id their client chose."""

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Conversation(Table):
    """A conversation; without a visitor it is the operator's."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(primary_key=True)
    visitor_id: Mapped[str | None] = mapped_column(ForeignKey("visitors.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_interaction_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default="open")
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    title: Mapped[str | None]
    page_url: Mapped[str | None]

    __table_args__ = (Index(None, "visitor_id", "last_interaction_at"),)


class Message(Table):
    """One question or answer. `number` orders messages: two may bear the same time."""

    __tablename__ = "messages"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    created_at: Mapped[datetime]
    role: Mapped[str]
    text: Mapped[str]
    status: Mapped[str]
    error: Mapped[str | None]
    feedback: Mapped[str | None]
    feedback_at: Mapped[datetime | None]
    page_url: Mapped[str | None]
    page_title: Mapped[str | None]
    page_content: Mapped[str | None]
    text_selection: Mapped[str | None]

    __table_args__ = (Index(None, "conversation_id", "number"), Index(None, "status"))


class OwnedConversation(Table):
    """The gateway's note of who started an upstream's conversation, and what lists are sorted and filtered by.

    `owner` is a hash of the session's id. Times other than `owned_since` are texts as the upstream writes them
    (ISO 8601, so they sort).
    """

    __tablename__ = "owned_conversations"

    conversation_id: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    owned_since: Mapped[datetime]
    title: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[str | None]
    updated_at: Mapped[str | None]
    last_interaction_at: Mapped[str | None]
    closed_at: Mapped[str | None]
    is_human_handled: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index(None, "owner", "last_interaction_at"),)


class OwnedMessage(Table):
    """The gateway's note of which conversation an upstream's message belongs to."""

    __tablename__ = "owned_messages"

    message_id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("owned_conversations.conversation_id"), index=True
    )


class OwnedChat(Table):
    """The gateway's note of which conversation an owner's client calls by which name."""

    __tablename__ = "owned_chats"

    owner: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("owned_conversations.conversation_id"))
