"""The schema's history: one chain of Alembic revisions in ``versions``, for the one database."""

from __future__ import annotations

from typing import Final

HEAD: Final = "0002"
"""The newest revision. Stated here too, so that a start that has nothing to migrate need not load Alembic."""
