"""The one SQLite file: opened, brought to the present schema, and shared by those who keep something in it."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from asklight.errors import AsklightError, ServiceUnavailable
from asklight.state.migrations import HEAD

logger = logging.getLogger("asklight.database")

BUSY_TIMEOUT_SECONDS: Final = 10
"""How long a writer waits for another process's write before it gives up."""

_READERS: Final = 4
_RETRY_SECONDS: Final = 30
_ERASE_TIMEOUT_SECONDS: Final = 0.5


class StateError(AsklightError):
    """The stored state cannot be used: not a database, or written by a newer release."""


class Database:
    """An open database: many readers and, as SQLite has it, one writer at a time.

    Writers of this process queue for the one writing connection, so a write never fails because another of ours is
    under way; ``BEGIN IMMEDIATE`` makes it wait for those of other processes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        address = URL.create("sqlite+aiosqlite", database=str(path))
        self._reading = create_async_engine(address, pool_size=_READERS, max_overflow=0)
        self._writing = create_async_engine(address, pool_size=1, max_overflow=0)
        _prepare(self._reading.sync_engine, begin="BEGIN")
        _prepare(self._writing.sync_engine, begin="BEGIN IMMEDIATE")
        self._readers = async_sessionmaker(self._reading, expire_on_commit=False)
        self._writers = async_sessionmaker(self._writing, expire_on_commit=False)

    async def prepare(self) -> None:
        """Creates the file where there is none (0600) and migrates it to the present schema; before any use.

        :raises StateError: the file is no database, or a newer release wrote it.
        """
        await asyncio.to_thread(migrate, self._path)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one consistent state and changes nothing.

        :raises ServiceUnavailable: the file cannot be read now.
        """
        with _told():
            async with self._readers() as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are kept together when the block ends, and all dropped when it raises.

        :raises ServiceUnavailable: nothing can be kept now: the disk is full or read-only, or somebody holds the file.
        """
        with _told():
            async with self._writers.begin() as session:
                yield session

    async def erase_traces(self) -> None:
        """After a deletion: empties the write-ahead log, which holds what was deleted as it was written.

        In the file itself deleted rows are overwritten (``secure_delete``). Where another process is reading, the log
        is emptied with the next deletion, or when the last connection closes.
        """
        await asyncio.to_thread(_empty_log, self._path)

    async def close(self) -> None:
        """Close every connection. Sessions still open lose what they did not keep."""
        await self._reading.dispose()
        await self._writing.dispose()


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    """The database at `path`, prepared, and closed at the end of the block; raises as :meth:`Database.prepare`."""
    database = Database(path)
    try:
        await database.prepare()
        yield database
    finally:
        await database.close()


def migrate(path: Path) -> None:
    """Bring the database at `path` to the present schema; where it is there already, only look.

    :raises StateError: the file is no database, or a newer release wrote it.
    """
    # Created by us and not by SQLite, so that nobody else could ever read it; its -wal and -shm take its mode.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    try:
        if _schema_version(path) != HEAD:
            _upgrade(path)
    except (sqlite3.DatabaseError, DatabaseError) as error:
        raise StateError(f"{path} cannot be used as the database: {error}") from error


@contextmanager
def _told() -> Iterator[None]:
    """What the disk or another process keeps from working may work again soon; the log gets its name, and no statement."""
    try:
        yield
    except OperationalError as error:
        name = getattr(error.orig, "sqlite_errorname", type(error.orig).__name__)
        logger.error("the database cannot be used now: %s", name)
        raise ServiceUnavailable(retry_after=_RETRY_SECONDS) from None


def _empty_log(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=_ERASE_TIMEOUT_SECONDS)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _schema_version(path: Path) -> str | None:
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
        known = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        if not connection.execute(known).fetchone()[0]:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return row[0] if row else None


def _upgrade(path: Path) -> None:
    # Alembic takes a third of a second to import and is needed once a release.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "asklight.state:migrations")
    engine = create_engine(URL.create("sqlite", database=str(path)))
    _prepare(engine, begin="BEGIN IMMEDIATE")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StateError(
            f"{path} was written by a newer release of Asklight. Update it."
        ) from error
    finally:
        engine.dispose()


def _prepare(engine: Engine, *, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # The driver's own transactions begin late and leave out schema changes; we begin them below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)
