"""Who may delete what, and what is left of it: through the whole application."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from proxy.gateway.front import (
    CHOSEN,
    CONVERSATIONS,
    EXAMPLE,
    OTHER,
    Front,
    bearer,
    code,
    front,
)
from proxy.gateway.relayed import (
    DELTA,
    QUESTION,
    START,
    Relayed,
    Visitor,
    conversation,
    refused,
    reply,
    sse,
)
from proxy.gateway.test_ownership import STRANGE_IDS, answering_everything, new_id, told
from support.faults import Exchange, answers_json, streams

# The gate


def begun(door: Front, headers: dict[str, str]) -> str:
    made = door.send("POST", CONVERSATIONS, headers)
    assert made.status_code == 201, made.text
    identity: str = made.json()["id"]
    return identity


def total(door: Front, headers: dict[str, str]) -> int:
    found: int = door.send("GET", CONVERSATIONS, headers).json()["total"]
    return found


def test_deleting_needs_the_sessions_own_origin_or_a_bearer_token(tmp_path: Path) -> None:
    with front(tmp_path, CHOSEN) as door:
        cookie = {"Cookie": door.cookie(EXAMPLE)}
        home = cookie | {"Origin": EXAMPLE}
        kept = begun(door, home)
        for foreign in (
            cookie,  # no Origin
            cookie | {"Origin": OTHER},  # allowed, and not the session's
            cookie | {"Origin": "https://evil.test"},
            cookie | {"Origin": "null"},
            cookie | {"Origin": "https://example.com.evil.test"},
            cookie | {"Sec-Fetch-Site": "same-origin"},  # enough for a GET alone
            home | {"Sec-Fetch-Mode": "navigate"},
            home | {"Sec-Fetch-Mode": "no-cors"},
            home | {"Authorization": "Bearer nonsense"},
        ):
            for path in (CONVERSATIONS, f"{CONVERSATIONS}/{kept}"):
                assert door.send("DELETE", path, foreign).status_code in (401, 403), foreign
        assert total(door, home) == 1
        assert door.send("DELETE", f"{CONVERSATIONS}/{kept}", home).status_code == 200
        assert total(door, home) == 0

        token = bearer(door.token(EXAMPLE))
        kept = begun(door, token | {"Origin": EXAMPLE})
        assert door.send("DELETE", f"{CONVERSATIONS}/{kept}", token).status_code == 200


def test_what_a_form_can_send_deletes_nothing(tmp_path: Path) -> None:
    with front(tmp_path, CHOSEN) as door:
        home = {"Cookie": door.cookie(EXAMPLE), "Origin": EXAMPLE}
        kept = f"{CONVERSATIONS}/{begun(door, home)}"
        form = home | {"Content-Type": "application/x-www-form-urlencoded"}
        for path in (CONVERSATIONS, kept):
            answer = door.send("DELETE", path, form, content=b"_method=DELETE")
            assert (answer.status_code, code(answer)) == (415, "UNSUPPORTED_MEDIA_TYPE")
            for disguise in ("X-HTTP-Method-Override", "X-Method-Override"):
                door.send("POST", path, home | {disguise: "DELETE"}, body={})
                door.send("GET", path, home | {disguise: "DELETE"})
            door.send("GET", f"{path}?_method=DELETE", home)
        assert door.send("GET", kept, home).status_code == 200


def test_a_page_is_told_beforehand_that_it_may_delete(tmp_path: Path) -> None:
    with front(tmp_path, CHOSEN) as door:
        asked = {"Access-Control-Request-Method": "DELETE"}
        allowed = door.send("OPTIONS", CONVERSATIONS, {"Origin": EXAMPLE} | asked)
        assert "DELETE" in allowed.headers["access-control-allow-methods"]
        foreign = door.send("OPTIONS", CONVERSATIONS, {"Origin": "https://evil.test"} | asked)
        assert foreign.status_code == 403
        assert "access-control-allow-methods" not in foreign.headers


# In front of a service that keeps what it was sent


async def test_a_service_is_never_asked_to_delete_and_the_answer_says_that_it_keeps_the_words(
    relay: Relayed, visitor: Visitor
) -> None:
    mine = [await visitor.converse() for _ in range(3)]
    for identity in mine:
        answering_everything(relay.upstream, identity)
    assert (await visitor.request("GET", "/conversations")).json()["deletion"] == "list-only"
    answer = await visitor.request("DELETE", f"/conversations/{mine[0]}")
    assert answer.json()["deletion"] == "list-only"
    answer = await visitor.request("DELETE", "/conversations")
    assert answer.json() == {"object": "list", "deleted": 2, "deletion": "list-only"}
    assert (await visitor.request("GET", "/conversations")).json()["total"] == 0
    assert [each.method for each in relay.upstream.received if each.method == "DELETE"] == []
    for identity in mine:  # though the service would still show it to anybody
        answer = await visitor.request("GET", f"/conversations/{identity}")
        await refused(answer, 404, "CONVERSATION_NOT_FOUND")


async def test_a_strangers_conversation_is_answered_like_one_that_does_not_exist(
    relay: Relayed, visitor: Visitor
) -> None:
    stranger = await relay.visitor()
    theirs, unknown = await stranger.converse(), new_id()
    answering_everything(relay.upstream, theirs)
    foreign, absent = [
        await visitor.request("DELETE", f"/conversations/{identity}")
        for identity in (theirs, unknown)
    ]
    assert told(foreign, theirs) == told(absent, unknown)
    await refused(foreign, 404, "CONVERSATION_NOT_FOUND")
    await visitor.request("DELETE", "/conversations")
    assert (await stranger.request("GET", f"/conversations/{theirs}")).status_code == 200


async def test_what_is_no_id_deletes_nothing(relay: Relayed, visitor: Visitor) -> None:
    own = await visitor.converse()
    answering_everything(relay.upstream, own)
    for pattern in STRANGE_IDS:
        strange = pattern.format(own=own, hex=own.replace("-", ""))
        answer = await visitor.request("DELETE", f"/conversations/{strange}")
        assert answer.status_code == 404, strange
    assert (await visitor.request("GET", f"/conversations/{own}")).status_code == 200


@pytest.mark.parametrize("path", ["/conversations/{identity}", "/conversations"])
async def test_a_running_answer_is_stopped_and_nothing_of_it_can_be_read_any_more(
    path: str, relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(sse(START, DELTA), then=Exchange.forever))
    async with visitor.reading(identity, headers={"idempotency-key": "k"}) as reading:
        start, delta = await reading.next(), await reading.next()
        assert start is not None
        assert delta is not None
        answer = await visitor.request("DELETE", path.format(identity=identity))
        assert answer.status_code == 200
        assert [frame.data for frame in await reading.rest()] == [b'{"type":"abort"}', b"[DONE]"]
    await relay.upstream.to("POST", "/messages")[0].closed()
    for after in ({}, {"last-event-id": f"{start.turn}:1"}):
        resumed = await visitor.request("GET", f"/conversations/{identity}/stream", headers=after)
        await refused(resumed, 404, "CONVERSATION_NOT_FOUND")
    again = await visitor.ask(identity, QUESTION, {"idempotency-key": "k"})
    await refused(again, 404, "CONVERSATION_NOT_FOUND")


async def test_who_listens_for_people_in_a_deleted_conversation_is_let_go(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    answering_everything(relay.upstream, identity)
    async with visitor.streaming("GET", f"/conversations/{identity}/events") as reading:
        parts = reading.response.aiter_raw()
        await anext(parts)
        assert (await visitor.request("DELETE", f"/conversations/{identity}")).status_code == 200
        async with asyncio.timeout(5):
            assert [part async for part in parts] == []


async def test_nothing_about_a_deleted_conversation_is_left_in_the_database(
    relay: Relayed, visitor: Visitor, tmp_path: Path
) -> None:
    message, title = new_id(), "a-title-nobody-else-has"
    identity = await visitor.converse()
    kept = await visitor.converse()
    shown = [{"id": message, "role": "assistant", "parts": []}]
    there = conversation(identity, messages=shown, title=title)
    relay.upstream.on("GET", identity, answers_json(there))
    relay.upstream.on("GET", kept, answers_json(conversation(kept)))
    await visitor.request("GET", f"/conversations/{identity}")
    await visitor.request("GET", "/conversations")  # what is noted is written
    files = [tmp_path / name for name in ("asklight.sqlite3", "asklight.sqlite3-wal")]

    def holds(word: str) -> bool:
        return any(word.encode() in path.read_bytes() for path in files if path.exists())

    assert holds(title) and holds(message), "the control"
    await visitor.request("DELETE", f"/conversations/{identity}")
    await visitor.request("GET", "/conversations")
    assert not holds(title)
    assert not holds(message)
    assert not holds(identity)
    assert holds(kept)


async def test_a_note_written_while_a_conversation_is_deleted_brings_nothing_back(
    relay: Relayed, visitor: Visitor, tmp_path: Path
) -> None:
    identities = [await visitor.converse() for _ in range(20)]
    for identity in identities:
        answering_everything(relay.upstream, identity, new_id())

    async def look(identity: str) -> None:
        for _ in range(3):
            await visitor.request("GET", f"/conversations/{identity}")

    await asyncio.gather(
        *(look(identity) for identity in identities),
        *(visitor.request("DELETE", f"/conversations/{identity}") for identity in identities),
    )
    assert (await visitor.request("GET", "/conversations")).json()["total"] == 0
    for identity in identities:
        answer = await visitor.request("GET", f"/conversations/{identity}")
        await refused(answer, 404, "CONVERSATION_NOT_FOUND")
    with closing(sqlite3.connect(tmp_path / "asklight.sqlite3")) as connection:
        left = "SELECT conversation_id FROM owned_conversations UNION SELECT message_id FROM owned_messages"
        assert connection.execute(left).fetchall() == []


async def test_a_chat_of_the_ai_sdk_can_be_deleted_and_its_name_begins_another(
    relay: Relayed, visitor: Visitor
) -> None:
    first, second = new_id(), new_id()
    body = {
        "id": "my-chat",
        "messages": [{"id": "1", "role": "user", "parts": [{"type": "text", "text": "Why?"}]}],
    }
    for identity in (first, second):
        relay.upstream.on("POST", "/conversations", answers_json(conversation(identity), 201))
        reply(relay.upstream, streams(sse(START, b'{"type":"finish"}', b"[DONE]")))
        answer = await visitor.request("POST", "/chat", json.loads(json.dumps(body)))
        assert answer.status_code == 200
        assert (await visitor.request("DELETE", f"/conversations/{identity}")).status_code == 200
