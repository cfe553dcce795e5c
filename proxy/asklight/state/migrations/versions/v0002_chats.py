"""The names that clients of ``/v2/chat`` give their conversations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "owned_chats",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_owned_chats"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["owned_conversations.conversation_id"],
            name="fk_owned_chats_conversation_id",
        ),
    )
