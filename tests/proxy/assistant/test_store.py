"""What is kept, for whom it is there, and that a restart loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from asklight.assistant.credentials import OPERATOR, Caller
from asklight.assistant.store import INTERRUPTED, Store, Turn
from asklight.contract import ConversationsQuery, MessagesQuery, PageContext, SendMessage
from asklight.errors import Conflict, NotFound
from asklight.state.database import Database, opened

PAGE = PageContext(url="https://example.com/", title="Bees", content="Bees dance.")


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


async def _caller(store: Store, name: str) -> Caller:
    visitor, _ = await store.visitor_for(name)
    return Caller(visitor.id)


async def _ask(
    store: Store,
    caller: Caller,
    conversation_id: str,
    content: str = "Why?",
    page: PageContext | None = None,
) -> Turn:
    sent = SendMessage(content=content, pageContext=page)
    return await store.begin_turn(caller, conversation_id, sent)


async def test_a_restart_loses_nothing(database_path: Path) -> None:
    async with opened(database_path) as database:
        store = Store(database)
        caller = await _caller(store, "someone")
        conversation = await store.create_conversation(caller, "https://example.com/")
        turn = await _ask(store, caller, conversation.id, "Do bees dance?", PAGE)
        await store.keep_answer(turn, "Bees dance.", "complete")
        await store.set_feedback(caller, turn.answer_id, "like")
        await store.close(caller, conversation.id, "done")

    async with opened(database_path) as database:
        store = Store(database)
        await store.mark_interrupted()
        assert (await _caller(store, "someone")) == caller
        kept, [question, answer] = await store.conversation(caller, conversation.id)
    assert (kept.title, kept.status, kept.close_reason) == ("Do bees dance?", "closed", "done")
    assert (question.text, question.page_title, question.page_content) == (
        "Do bees dance?",
        "Bees",
        "Bees dance.",
    )
    assert (answer.text, answer.status, answer.feedback) == ("Bees dance.", "complete", "like")


async def test_an_answer_cut_off_by_a_crash_keeps_its_words_and_is_marked(
    database_path: Path,
) -> None:
    async with opened(database_path) as database:
        store = Store(database)
        conversation = await store.create_conversation(OPERATOR, None)
        turn = await _ask(store, OPERATOR, conversation.id)
        await store.keep_answer(turn, "Half an", "streaming")

    async with opened(database_path) as database:
        store = Store(database)
        await store.mark_interrupted()
        _, [question, answer] = await store.conversation(OPERATOR, conversation.id)
    assert (answer.text, answer.status, answer.error) == ("Half an", "error", INTERRUPTED)
    assert question.status == "complete"


async def test_the_same_client_id_is_the_same_visitor(store: Store) -> None:
    first, is_new = await store.visitor_for("someone")
    again, is_new_again = await store.visitor_for("someone")
    other, _ = await store.visitor_for("someone else")
    assert (is_new, is_new_again) == (True, False)
    assert first.id == again.id != other.id


async def test_what_is_another_visitor_s_does_not_exist(store: Store) -> None:
    owner, stranger = await _caller(store, "owner"), await _caller(store, "stranger")
    conversation = await store.create_conversation(owner, None)
    turn = await _ask(store, owner, conversation.id)
    with pytest.raises(NotFound, match="Conversation"):
        await store.conversation(stranger, conversation.id)
    with pytest.raises(NotFound, match="Conversation"):
        await store.messages(stranger, conversation.id, MessagesQuery())
    with pytest.raises(NotFound, match="Conversation"):
        await store.close(stranger, conversation.id, None)
    with pytest.raises(NotFound, match="Conversation"):
        await _ask(store, stranger, conversation.id)
    with pytest.raises(NotFound, match="Message"):
        await store.set_feedback(stranger, turn.answer_id, "like")
    assert (await store.conversations(stranger, ConversationsQuery())).total == 0


async def test_the_operator_sees_every_conversation(store: Store) -> None:
    conversation = await store.create_conversation(await _caller(store, "someone"), None)
    await store.create_conversation(OPERATOR, None)
    assert (await store.conversations(OPERATOR, ConversationsQuery())).total == 2
    kept, _ = await store.conversation(OPERATOR, conversation.id)
    assert kept.id == conversation.id


async def test_a_conversation_is_named_after_its_first_question(store: Store) -> None:
    conversation = await store.create_conversation(OPERATOR, None)
    await _ask(store, OPERATOR, conversation.id, "Why do\n bees dance " + "so " * 40)
    await _ask(store, OPERATOR, conversation.id, "Another question")
    kept, _ = await store.conversation(OPERATOR, conversation.id)
    assert kept.title is not None
    assert kept.title.startswith("Why do bees dance so so")
    assert kept.title.endswith("so…")
    assert len(kept.title) <= 80


async def test_a_question_without_a_page_is_about_the_last_page(store: Store) -> None:
    conversation = await store.create_conversation(OPERATOR, None)
    await _ask(store, OPERATOR, conversation.id, "First", PAGE)
    follow_up = await _ask(store, OPERATOR, conversation.id, "And then?")
    empty = await _ask(store, OPERATOR, conversation.id, "And then?", PageContext())
    for turn in (follow_up, empty):
        assert (turn.inquiry.content, turn.inquiry.url) == ("Bees dance.", "https://example.com/")


async def test_a_question_that_brings_only_an_address_leaves_the_last_page_out(
    store: Store,
) -> None:
    conversation = await store.create_conversation(OPERATOR, None)
    await _ask(store, OPERATOR, conversation.id, "First", PAGE)
    turn = await _ask(store, OPERATOR, conversation.id, "?", PageContext(url="https://e.com/"))
    assert (turn.inquiry.content, turn.inquiry.url) == ("", "https://e.com/")


async def test_the_last_page_of_another_conversation_is_not_used(store: Store) -> None:
    one, two = [await store.create_conversation(OPERATOR, None) for _ in range(2)]
    await _ask(store, OPERATOR, one.id, "First", PAGE)
    assert (await _ask(store, OPERATOR, two.id, "And then?")).inquiry.content == ""


async def test_a_closed_conversation_takes_no_question(store: Store) -> None:
    conversation = await store.create_conversation(OPERATOR, None)
    assert await store.close(OPERATOR, conversation.id, "done")
    assert not await store.close(OPERATOR, conversation.id, "again")
    with pytest.raises(Conflict):
        await _ask(store, OPERATOR, conversation.id)
    kept, messages = await store.conversation(OPERATOR, conversation.id)
    assert kept.close_reason == "done"
    assert messages == []


async def test_a_question_takes_no_feedback(store: Store) -> None:
    conversation = await store.create_conversation(OPERATOR, None)
    await _ask(store, OPERATOR, conversation.id)
    _, [question, _] = await store.conversation(OPERATOR, conversation.id)
    with pytest.raises(Conflict):
        await store.set_feedback(OPERATOR, question.id, "like")


async def test_each_order_of_the_list_sorts_and_pages_without_gaps(store: Store) -> None:
    made = {(await store.create_conversation(OPERATOR, None)).id for _ in range(7)}
    for order in ConversationsQuery.model_fields["orderBy"].annotation.__args__:  # type: ignore[union-attr]
        for direction in ("asc", "desc"):
            pages = [
                await store.conversations(
                    OPERATOR,
                    ConversationsQuery(limit=3, offset=offset, orderBy=order, orderDir=direction),
                )
                for offset in (0, 3, 6)
            ]
            listed = [entry.id for page in pages for entry, _ in page.entries]
            assert len(listed) == 7
            assert set(listed) == made
