"""What Alembic runs: the revisions, in the one transaction the caller opened."""

from __future__ import annotations

from alembic import context

from asklight.state.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    transactional_ddl=True,
    render_as_batch=True,  # SQLite cannot alter most of a table in place
)
context.run_migrations()
