"""A database of its own for each test, the pages questions are asked about, and the assistant on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from asklight.state.database import Database, opened
from proxy.assistant.served import Serve, served

ARTICLES = Path(__file__).parents[2] / "fixtures" / "articles"


@pytest.fixture
def lighthouses() -> str:
    return (ARTICLES / "lighthouses.txt").read_text(encoding="utf-8")


@pytest.fixture
def honey() -> str:
    return (ARTICLES / "honey.txt").read_text(encoding="utf-8")


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    return tmp_path / "asklight.db"


@pytest.fixture
async def database(database_path: Path) -> AsyncIterator[Database]:
    async with opened(database_path) as database:
        yield database


@pytest.fixture
def serve(database: Database) -> Serve:
    """Serves the assistant, with another answerer where one is given, and gives a client for it."""
    return partial(served, database)
