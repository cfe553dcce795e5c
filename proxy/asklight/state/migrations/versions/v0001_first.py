"""The first schema: the assistant's visitors, conversations and messages; the gateway's ownership."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "visitors",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_visitors"),
        sa.UniqueConstraint("client_id", name="uq_visitors_client_id"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("visitor_id", sa.String()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_interaction_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("close_reason", sa.String()),
        sa.Column("title", sa.String()),
        sa.Column("page_url", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.ForeignKeyConstraint(
            ["visitor_id"], ["visitors.id"], name="fk_conversations_visitor_id"
        ),
    )
    op.create_index(
        "ix_conversations_visitor_id_last_interaction_at",
        "conversations",
        ["visitor_id", "last_interaction_at"],
    )
    op.create_table(
        "messages",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error", sa.String()),
        sa.Column("feedback", sa.String()),
        sa.Column("feedback_at", sa.DateTime(timezone=True)),
        sa.Column("page_url", sa.String()),
        sa.Column("page_title", sa.String()),
        sa.Column("page_content", sa.String()),
        sa.Column("text_selection", sa.String()),
        sa.PrimaryKeyConstraint("number", name="pk_messages"),
        sa.UniqueConstraint("id", name="uq_messages_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_messages_conversation_id"
        ),
    )
    op.create_index("ix_messages_conversation_id_number", "messages", ["conversation_id", "number"])
    op.create_index("ix_messages_status", "messages", ["status"])
    op.create_table(
        "owned_conversations",
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owned_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.String()),
        sa.Column("updated_at", sa.String()),
        sa.Column("last_interaction_at", sa.String()),
        sa.Column("closed_at", sa.String()),
        sa.Column("is_human_handled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_owned_conversations"),
    )
    op.create_index(
        "ix_owned_conversations_owner_last_interaction_at",
        "owned_conversations",
        ["owner", "last_interaction_at"],
    )
    op.create_table(
        "owned_messages",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_owned_messages"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["owned_conversations.conversation_id"],
            name="fk_owned_messages_conversation_id",
        ),
    )
    op.create_index("ix_owned_messages_conversation_id", "owned_messages", ["conversation_id"])
