"""Whose conversation is it: through the whole application, in front of an upstream that would show anybody everything."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from proxy.gateway.relayed import (
    ANSWER,
    DONE,
    FINISH,
    QUESTION,
    Relayed,
    Visitor,
    conversation,
    refused,
    relayed,
    reply,
    sse,
)
from support.faults import FaultUpstream, answers_json, streams

ON_A_CONVERSATION: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/messages", None),
    ("GET", "/messages?limit=nonsense", None),
    ("POST", "/messages", dict(QUESTION)),
    ("POST", "/messages", {"content": ""}),
    ("POST", "/messages", {"content": "x" * 20_000}),
    ("POST", "/close", {}),
    ("POST", "/stop", None),
    ("GET", "/stream", None),
]
ON_A_MESSAGE: list[tuple[str, str, Any]] = [
    ("POST", "/feedback", {"feedback": "like"}),
    ("POST", "/feedback", {"feedback": "nonsense"}),
]


def new_id() -> str:
    return str(uuid.uuid4())


def answering_everything(upstream: FaultUpstream, identity: str, *messages: str) -> None:
    """The upstream has this conversation and shows it to anybody."""
    shown = [{"id": message, "role": "assistant", "parts": []} for message in messages]
    upstream.on("GET", identity, answers_json(conversation(identity, messages=shown)))
    upstream.on("GET", f"{identity}/messages", answers_json({"data": shown}))
    upstream.on("POST", f"{identity}/messages", streams(ANSWER))
    upstream.on("POST", f"{identity}/close", answers_json({"success": True}))
    for message in messages:
        upstream.on("POST", f"{message}/feedback", answers_json({"feedback": "like"}))


def told(answer: httpx2.Response, identity: str) -> tuple[int, str, dict[str, str]]:
    """All that a caller can see of an answer, without the id they sent and the time of day."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    assert identity not in str(headers)
    return answer.status_code, answer.text.replace(identity, "ID"), headers


async def test_a_strangers_conversation_is_answered_like_one_that_does_not_exist(
    relay: Relayed, visitor: Visitor
) -> None:
    stranger = await relay.visitor()
    theirs, unknown = await stranger.converse(), new_id()
    for identity in (theirs, unknown):
        answering_everything(relay.upstream, identity)
    asked_before = len(relay.upstream.received)

    for method, ending, body in ON_A_CONVERSATION:
        foreign, absent = [
            await visitor.request(method, f"/conversations/{identity}{ending}", body)
            for identity in (theirs, unknown)
        ]
        assert told(foreign, theirs) == told(absent, unknown)
        details = await refused(foreign, 404, "CONVERSATION_NOT_FOUND")
        assert details == {"conversationId": theirs}

    assert len(relay.upstream.received) == asked_before, "the upstream is not even asked"
    own = await stranger.request("GET", f"/conversations/{theirs}")
    assert own.status_code == 200, "the control: it is there for whom it belongs to"


async def test_a_strangers_message_is_answered_like_one_that_does_not_exist(
    relay: Relayed, visitor: Visitor
) -> None:
    stranger, theirs, unknown = await relay.visitor(), new_id(), new_id()
    identity = await stranger.converse()
    answering_everything(relay.upstream, identity, theirs)
    await stranger.request("GET", f"/conversations/{identity}")

    for method, ending, body in ON_A_MESSAGE:
        foreign, absent = [
            await visitor.request(method, f"/messages/{message}{ending}", body)
            for message in (theirs, unknown)
        ]
        assert told(foreign, theirs) == told(absent, unknown)
        assert await refused(foreign, 404, "MESSAGE_NOT_FOUND") == {"messageId": theirs}

    assert relay.upstream.to("POST", "/feedback") == []
    liked = await stranger.request("POST", f"/messages/{theirs}/feedback", {"feedback": "like"})
    assert liked.json() == {"feedback": "like"}, "the control"


STRANGE_IDS = [
    "..%2f..%2fadmin",
    "..%2F{own}",
    "%2e%2e%2f{own}",
    "{own}%2f..%2fother",
    "{own}%00",
    "{own}%0a",
    "{own}%20",
    "{own}.json",
    "{own};x=1",
    "{own}%3fx=1",
    "{own}%23",
    "%7B{own}%7D",
    "urn:uuid:{own}",
    "{hex}",
    "{own}{own}",
    "1",
    "*",
    "null",
    "%ef%bc%91" + "0" * 7 + "-0000-4000-8000-000000000000",
    "x" * 3_000,
]
"""What stands in an address where an id should; `{own}` is one the visitor has."""


async def test_what_is_no_id_never_reaches_the_upstream(relay: Relayed, visitor: Visitor) -> None:
    """With our token on it, ``..%2f`` would be a walk through the upstream's addresses."""
    own = await visitor.converse()
    asked_before = len(relay.upstream.received)
    for pattern in STRANGE_IDS:
        strange = pattern.format(own=own, hex=own.replace("-", ""))
        for method, ending, body in ON_A_CONVERSATION:
            answer = await visitor.request(method, f"/conversations/{strange}{ending}", body)
            assert answer.status_code == 404, (strange, method, ending)
        for method, ending, body in ON_A_MESSAGE:
            answer = await visitor.request(method, f"/messages/{strange}{ending}", body)
            assert answer.status_code == 404, (strange, method, ending)
    assert len(relay.upstream.received) == asked_before


async def test_an_id_in_upper_case_is_the_same_one_and_reaches_the_upstream_in_lower_case(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    answering_everything(relay.upstream, identity)
    answer = await visitor.request("GET", f"/conversations/{identity.upper()}")
    assert answer.json()["id"] == identity
    assert relay.upstream.received[-1].path == f"/v2/conversations/{identity}"


# Lists


async def test_lists_and_totals_are_ours_whatever_the_upstream_lists(
    relay: Relayed, visitor: Visitor
) -> None:
    stranger = await relay.visitor()
    mine = [await visitor.converse() for _ in range(3)]
    theirs = await stranger.converse()
    for identity in (*mine, theirs):
        answering_everything(relay.upstream, identity)
    everybodys = [conversation(identity) for identity in (*mine, theirs)]
    relay.upstream.on("GET", "/conversations", answers_json({"total": 4, "data": everybodys}))

    listed = (await visitor.request("GET", "/conversations")).json()
    assert {entry["id"] for entry in listed["data"]} == set(mine)
    assert (listed["object"], listed["total"]) == ("list", 3)
    page = (await visitor.request("GET", "/conversations?limit=2&offset=2")).json()
    assert (page["total"], page["limit"], page["offset"], len(page["data"])) == (3, 2, 2, 1)
    newcomers = (await (await relay.visitor()).request("GET", "/conversations")).json()
    assert (newcomers["total"], newcomers["data"]) == (0, [])
    assert relay.upstream.to("GET", "/conversations") == [], "its list is never asked for"


async def test_what_is_gone_at_the_upstream_is_left_out_of_the_list(
    relay: Relayed, visitor: Visitor
) -> None:
    kept, gone = await visitor.converse(), await visitor.converse()
    answering_everything(relay.upstream, kept)
    relay.upstream.on("GET", gone, answers_json({"error": {"message": "no"}}, 404))
    listed = (await visitor.request("GET", "/conversations")).json()
    assert [entry["id"] for entry in listed["data"]] == [kept]


async def test_lists_are_filtered_and_sorted_by_what_the_upstream_last_told(
    relay: Relayed, visitor: Visitor
) -> None:
    identities = [await visitor.converse() for _ in range(3)]
    for identity, title in zip(identities, "bca", strict=True):
        facts = {"title": title, "status": "closed" if title == "b" else "open"}
        relay.upstream.on("GET", identity, answers_json(conversation(identity, **facts)))
        assert (await visitor.request("GET", f"/conversations/{identity}")).status_code == 200

    async def titles(query: str) -> str:
        listed = (await visitor.request("GET", f"/conversations?{query}")).json()
        return "".join(entry["title"] for entry in listed["data"])

    assert await titles("orderBy=title&orderDir=asc") == "abc"
    assert await titles("orderBy=title") == "cba"
    assert await titles("status=closed") == "b"
    assert await titles("status=open&orderBy=title&orderDir=asc") == "ac"


async def test_a_message_moves_its_conversation_to_the_top(
    relay: Relayed, visitor: Visitor
) -> None:
    old = "2020-01-01T00:00:00.000Z"
    identities = []
    for _ in range(3):
        identity = new_id()
        made = conversation(identity, lastInteractionAt=old)
        relay.upstream.on("POST", "/conversations", answers_json(made, 201))
        identities.append((await visitor.request("POST", "/conversations")).json()["id"])
        answering_everything(relay.upstream, identity)
    await visitor.ask(identities[1])
    listed = (await visitor.request("GET", "/conversations")).json()
    assert listed["data"][0]["id"] == identities[1]


# What the upstream says of itself is not taken for granted


async def test_an_upstream_that_answers_with_another_conversation_is_not_believed(
    relay: Relayed, visitor: Visitor
) -> None:
    """As when one caller's answer is handed to the next over a shared connection."""
    theirs, mine = await (await relay.visitor()).converse(), await visitor.converse()
    relay.upstream.on("GET", mine, answers_json(conversation(theirs, title="private")))
    for path in (f"/conversations/{mine}", "/conversations"):
        answer = await visitor.request("GET", path)
        await refused(answer, 502, "BAD_GATEWAY")
        assert "private" not in answer.text


async def test_a_new_conversation_that_is_somebody_elses_stays_theirs(
    relay: Relayed, visitor: Visitor
) -> None:
    stranger = await relay.visitor()
    theirs = await stranger.converse()
    relay.upstream.on("POST", "/conversations", answers_json(conversation(theirs), 201))
    await refused(await visitor.request("POST", "/conversations"), 502, "BAD_GATEWAY")
    answering_everything(relay.upstream, theirs)
    await refused(
        await visitor.request("GET", f"/conversations/{theirs}"), 404, "CONVERSATION_NOT_FOUND"
    )
    assert (await stranger.request("GET", f"/conversations/{theirs}")).status_code == 200


async def test_a_new_conversation_that_is_already_ones_own_is_that_one(
    relay: Relayed, visitor: Visitor
) -> None:
    mine = await visitor.converse()
    relay.upstream.on("POST", "/conversations", answers_json(conversation(mine), 201))
    assert (await visitor.request("POST", "/conversations")).json()["id"] == mine
    answering_everything(relay.upstream, mine)
    assert (await visitor.request("GET", "/conversations")).json()["total"] == 1


async def test_a_new_conversation_without_a_proper_id_is_a_bad_gateway(
    relay: Relayed, visitor: Visitor
) -> None:
    for identity in ("../admin", "1", "", None, 7, ["a"]):
        relay.upstream.on("POST", "/conversations", answers_json(conversation(identity), 201))
        await refused(await visitor.request("POST", "/conversations"), 502, "BAD_GATEWAY")


async def test_a_message_learnt_in_one_conversation_cannot_be_claimed_by_another(
    relay: Relayed, visitor: Visitor
) -> None:
    stranger, message = await relay.visitor(), new_id()
    theirs, mine = await stranger.converse(), await visitor.converse()
    for identity in (theirs, mine):
        answering_everything(relay.upstream, identity, message)
    await stranger.request("GET", f"/conversations/{theirs}")
    await visitor.request("GET", f"/conversations/{mine}")
    path, like = f"/messages/{message}/feedback", {"feedback": "like"}
    await refused(await visitor.request("POST", path, like), 404, "MESSAGE_NOT_FOUND")
    assert (await stranger.request("POST", path, like)).status_code == 200


# Feedback


@pytest.mark.parametrize("way", ["the stream", "the conversation", "the messages"])
async def test_a_message_can_be_judged_once_it_was_seen(
    way: str, relay: Relayed, visitor: Visitor
) -> None:
    identity, message = await visitor.converse(), new_id()
    answering_everything(relay.upstream, identity, message)
    start = b'{"type":"start","messageId":"%s"}' % message.upper().encode()
    reply(relay.upstream, streams(sse(start, FINISH, DONE)))
    path, like = f"/messages/{message}/feedback", {"feedback": "like"}
    await refused(await visitor.request("POST", path, like), 404, "MESSAGE_NOT_FOUND")
    match way:
        case "the stream":
            await visitor.ask(identity)
        case "the conversation":
            await visitor.request("GET", f"/conversations/{identity}")
        case "the messages":
            await visitor.request("GET", f"/conversations/{identity}/messages")
    answer = await visitor.request("POST", path, like)
    assert (answer.status_code, answer.json()) == (200, {"feedback": "like"})


async def test_ones_own_question_is_no_message_to_judge(relay: Relayed, visitor: Visitor) -> None:
    identity, question = await visitor.converse(), new_id()
    asked = {"id": question, "role": "user", "parts": []}
    relay.upstream.on("GET", identity, answers_json(conversation(identity, messages=[asked])))
    answer = await visitor.request("GET", f"/conversations/{identity}")
    assert [message["id"] for message in answer.json()["messages"]] == [question]
    path, like = f"/messages/{question}/feedback", {"feedback": "like"}
    await refused(await visitor.request("POST", path, like), 404, "MESSAGE_NOT_FOUND")


async def test_a_start_that_names_no_proper_id_does_no_harm(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    start = b'{"type":"start","messageId":"../../admin"}'
    reply(relay.upstream, streams(sse(start, FINISH, DONE)))
    answer = await visitor.ask(identity)
    assert answer.status_code == 200
    assert FINISH.decode() in answer.text


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Another process is writing into the database, for as long as the block lasts."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_busy_database_delays_no_event_and_who_has_read_the_end_can_judge_the_answer(
    relay: Relayed, visitor: Visitor, tmp_path: Path
) -> None:
    identity, message = await visitor.converse(), new_id()
    answering_everything(relay.upstream, identity, message)
    named = b'{"type":"start","messageId":"%s"}' % message.encode()
    reply(relay.upstream, streams(sse(named, FINISH, DONE)))
    path, like = f"/messages/{message}/feedback", {"feedback": "like"}
    with locked(tmp_path / "asklight.sqlite3"):
        async with visitor.reading(identity) as reading:
            assert [frame.data for frame in await reading.rest()] == [named, FINISH, DONE]
        assert (await visitor.request("POST", path, like)).status_code == 200
    assert (await visitor.request("GET", "/conversations")).status_code == 200  # kept by now
    assert (await visitor.request("POST", path, like)).status_code == 200


async def test_a_disk_that_is_full_costs_feedback_and_not_the_answer(
    relay: Relayed, visitor: Visitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    identity, message = await visitor.converse(), new_id()
    answering_everything(relay.upstream, identity, message)
    with closing(sqlite3.connect(tmp_path / "asklight.sqlite3")) as connection:
        for table, event in (("owned_messages", "INSERT"), ("owned_conversations", "UPDATE")):
            connection.execute(
                f"CREATE TRIGGER full_{table} BEFORE {event} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        connection.commit()
    start = b'{"type":"start","messageId":"%s"}' % message.encode()
    reply(relay.upstream, streams(sse(start, FINISH, DONE)))
    async with visitor.reading(identity) as reading:
        assert [frame.data for frame in await reading.rest()] == [start, FINISH, DONE]
    # The list waits until what is noted is kept, or is known to be lost.
    for path in (
        f"/conversations/{identity}",
        f"/conversations/{identity}/messages",
        "/conversations",
    ):
        assert (await visitor.request("GET", path)).status_code == 200
    path, like = f"/messages/{message}/feedback", {"feedback": "like"}
    await refused(await visitor.request("POST", path, like), 404, "MESSAGE_NOT_FOUND")
    assert "cannot write to the database" in caplog.text


# Starting anew


async def test_ownership_survives_a_restart(tmp_path: Path) -> None:
    message = new_id()
    async with relayed(tmp_path) as relay:
        visitor, stranger = await relay.visitor(), await relay.visitor()
        mine, theirs = await visitor.converse(), await stranger.converse()
        answering_everything(relay.upstream, mine, message)
        await visitor.request("GET", f"/conversations/{mine}")
    async with relayed(tmp_path) as relay:
        again = await relay.visitor(token=visitor.token, origin=visitor.origin)
        for identity in (mine, theirs):
            answering_everything(relay.upstream, identity, message)
        listed = (await again.request("GET", "/conversations")).json()
        assert [entry["id"] for entry in listed["data"]] == [mine]
        assert (await again.request("GET", f"/conversations/{mine}")).status_code == 200
        foreign = await again.request("GET", f"/conversations/{theirs}")
        await refused(foreign, 404, "CONVERSATION_NOT_FOUND")
        liked = await again.request("POST", f"/messages/{message}/feedback", {"feedback": "like"})
        assert liked.status_code == 200


async def test_what_is_kept_of_an_owner_tells_nothing_about_the_session(
    relay: Relayed, visitor: Visitor, tmp_path: Path
) -> None:
    await visitor.converse()
    with closing(sqlite3.connect(tmp_path / "asklight.sqlite3")) as connection:
        [(owner,)] = connection.execute("SELECT owner FROM owned_conversations").fetchall()
    assert len(owner) == 64
    assert int(owner, 16) >= 0, "a hash and nothing else"
    me = (await visitor.request("GET", "/identity/me")).json()
    assert owner not in str(me)


async def test_while_nothing_can_be_kept_a_new_conversation_is_refused_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As with a full disk, which SQLite tells as the same kind of error. One that is there already goes on."""
    monkeypatch.setattr("asklight.state.database.BUSY_TIMEOUT_SECONDS", 0.01)
    async with relayed(tmp_path) as relay:
        visitor = await relay.visitor()
        identity = await visitor.converse()
        reply(relay.upstream, streams(ANSWER))
        with closing(sqlite3.connect(tmp_path / "asklight.sqlite3")) as holding:
            holding.execute("BEGIN IMMEDIATE")
            answer = await visitor.request("POST", "/conversations")
            assert await refused(answer, 503, "SERVICE_UNAVAILABLE") == {"retryAfter": 30}
            assert (await visitor.ask(identity)).status_code == 200
        await visitor.converse()
    assert "the database cannot be used now: SQLITE_BUSY" in caplog.text
    assert "Traceback" not in caplog.text
    assert "INSERT" not in caplog.text
