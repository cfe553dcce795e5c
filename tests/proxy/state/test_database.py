"""The one file: made for its owner alone, brought to the present schema, and never half written."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, func, select

from asklight.state.database import Database, StateError, migrate, opened
from asklight.state.migrations import HEAD
from asklight.state.tables import Table, Visitor, now


def _visitor(name: str) -> Visitor:
    return Visitor(id=name, client_id=name, created_at=now())


async def _count(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(Visitor)) or 0


def test_the_migrations_lead_to_the_tables_the_code_uses(tmp_path: Path) -> None:
    migrate(tmp_path / "a.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_the_stated_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", "asklight.state:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_the_file_and_what_stands_beside_it_are_readable_by_the_owner_alone(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "a.db") as database, database.write() as session:
        session.add(_visitor("a"))
        await session.flush()
        files = await asyncio.to_thread(lambda: list(tmp_path.iterdir()))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    assert {"a.db", "a.db-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_database_at_the_present_schema_opens_without_loading_alembic(tmp_path: Path) -> None:
    migrate(tmp_path / "a.db")
    code = (
        "import sys, pathlib; from asklight.state.database import migrate; "
        "migrate(pathlib.Path(sys.argv[1])); print('alembic' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.db")],
        capture_output=True,
        check=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[3] / "proxy")},
    )
    assert ran.stdout.strip() == "False"


def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("This is not a database. " * 100)
    with pytest.raises(StateError, match=r"notes\.txt"):
        migrate(path)
    assert path.read_text().startswith("This is not")


def test_a_database_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateError, match="newer release"):
        migrate(path)


def test_a_database_of_an_older_release_is_brought_up_to_date_and_keeps_what_it_holds(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection, connection:  # as the first release left it
        connection.execute("DROP TABLE owned_chats")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.execute("INSERT INTO visitors VALUES ('a', 'a', '2026-01-01 00:00:00')")
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM visitors").fetchall() == [("a",)]
        assert connection.execute("SELECT * FROM owned_chats").fetchall() == []
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


def test_two_starts_at_once_migrate_once(tmp_path: Path) -> None:
    async def start_twice() -> None:
        path = tmp_path / "a.db"
        await asyncio.gather(*(asyncio.to_thread(migrate, path) for _ in range(2)))

    asyncio.run(start_twice())


async def test_a_block_that_raises_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as database:
        with pytest.raises(RuntimeError):
            async with database.write() as session:
                session.add(_visitor("a"))
                await session.flush()
                raise RuntimeError
        assert await _count(database) == 0


async def test_many_writers_at_once_all_succeed_and_readers_go_on(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as database:

        async def add(name: str) -> None:
            async with database.write() as session:
                known = await session.scalar(select(func.count()).select_from(Visitor))
                session.add(_visitor(f"{name}-{known}"))
            await _count(database)

        await asyncio.gather(*(add(str(number)) for number in range(40)))
        assert await _count(database) == 40


async def test_two_processes_write_to_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with opened(path) as ours, opened(path) as theirs:

        async def add(database: Database, name: str) -> None:
            async with database.write() as session:
                await session.scalar(select(func.count()).select_from(Visitor))
                session.add(_visitor(name))

        await asyncio.gather(
            *(
                add(database, f"{database is ours} {n}")
                for n in range(20)
                for database in (ours, theirs)
            )
        )
        assert await _count(ours) == await _count(theirs) == 40


async def test_a_writer_that_is_cancelled_leaves_the_next_one_working(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as database:
        entered = asyncio.Event()

        async def stay() -> None:
            async with database.write() as session:
                session.add(_visitor("a"))
                await session.flush()
                entered.set()
                await asyncio.Event().wait()

        writer = asyncio.create_task(stay())
        await entered.wait()
        writer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writer
        async with database.write() as session:
            session.add(_visitor("b"))
        assert await _count(database) == 1


async def test_moments_come_back_in_utc_as_they_went_in(tmp_path: Path) -> None:
    moment = now()
    async with opened(tmp_path / "a.db") as database:
        async with database.write() as session:
            session.add(Visitor(id="a", client_id="a", created_at=moment))
        async with database.read() as session:
            kept = await session.get(Visitor, "a")
    assert kept is not None
    assert kept.created_at == moment
    assert kept.created_at.tzinfo is not None
