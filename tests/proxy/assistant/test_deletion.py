"""What is deleted is gone from the disk too, and from an answer that was being written meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from asklight.assistant.credentials import Caller
from asklight.assistant.store import Store
from asklight.contract import PageContext, SendMessage
from asklight.errors import NotFound
from asklight.state.database import Database
from proxy.assistant.served import Serve
from proxy.assistant.test_streaming import Reader, SteppedAnswerer, _asking, _conversation


def on_disk(path: Path) -> bytes:
    """All the database's files hold."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


async def asked(store: Store, caller: Caller, word: str) -> str:
    """A conversation that is full of `word`, rewritten as answers that grow are."""
    conversation = await store.create_conversation(caller, f"https://example.com/{word}")
    page = PageContext(title=word, content=f"{word} " * 5_000, textSelection=word)
    turn = await store.begin_turn(
        caller, conversation.id, SendMessage(content=word, pageContext=page)
    )
    for length in (10, 2_000, 40):
        await store.keep_answer(turn, f"{word} " * length, "streaming")
    await store.keep_answer(turn, word, "complete")
    return conversation.id


async def test_no_word_of_a_deleted_conversation_is_left_in_the_files(
    database: Database, database_path: Path
) -> None:
    store = Store(database)
    visitor, _ = await store.visitor_for("someone")
    caller = Caller(visitor.id)
    deleted = await asked(store, caller, "hippopotamus")
    kept = await asked(store, caller, "rhinoceros")
    assert b"hippopotamus" in on_disk(database_path), "the control"

    await store.delete(caller, deleted)

    left = on_disk(database_path)
    assert b"hippopotamus" not in left
    assert deleted.encode() not in left
    assert b"rhinoceros" in left
    assert len((await store.conversation(caller, kept))[1]) == 2
    with pytest.raises(NotFound):
        await store.delete(caller, deleted)


async def test_without_overwriting_the_words_would_still_be_there(tmp_path: Path) -> None:
    """The control of the test above: what SQLite does when nobody asks for more."""
    path = tmp_path / "plain.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE words (word TEXT)")
        connection.executemany("INSERT INTO words VALUES (?)", [("hippopotamus",)] * 3)
        connection.execute("DELETE FROM words")
    assert b"hippopotamus" in on_disk(path)


async def test_another_process_that_reads_delays_a_deletion_only_a_moment(
    database: Database, database_path: Path
) -> None:
    store = Store(database)
    visitor, _ = await store.visitor_for("someone")
    caller = Caller(visitor.id)
    first, second = [await asked(store, caller, word) for word in ("hippopotamus", "zebra")]
    with closing(sqlite3.connect(database_path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM messages").fetchone() == (4,)
        async with asyncio.timeout(5):
            await store.delete(caller, first)
        reader.execute("COMMIT")
    await store.delete(caller, second)
    assert b"hippopotamus" not in on_disk(database_path), "the next deletion empties the log"


@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_being_written_ends_and_leaves_nothing(serve: Serve, stream: bool) -> None:
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)

        async def ask() -> None:
            async with _asking(client, conversation, stream=stream) as response:
                if stream:
                    await Reader(response).next()
                await response.aread()

        asking = asyncio.create_task(ask())
        await asyncio.wait_for(answerer.started.wait(), 5)
        answerer.steps.put_nowait("Half an ")
        deleted = await client.delete(f"/conversations/{conversation}")
        assert deleted.status_code == 200
        await asyncio.wait_for(answerer.stopped.wait(), 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert (await client.get(f"/conversations/{conversation}/messages")).status_code == 404
        assert (await client.get("/conversations")).json()["total"] == 0
