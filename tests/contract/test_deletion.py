"""Deleting conversations, our addition to the contract: they are gone, and nobody else's are."""

from __future__ import annotations

import httpx2
import pytest

from contract.faces import UNKNOWN_ID, Face, assert_error, new_conversation, send
from contract.test_conversations import NO_IDS


def listed(client: httpx2.Client) -> list[str]:
    """The ids of the caller's conversations, the oldest first."""
    found = client.get("/conversations", params={"limit": 100, "orderDir": "asc"}).json()
    assert found["deletion"] == "complete"
    assert found["total"] == len(found["data"])
    return [entry["id"] for entry in found["data"]]


def test_a_deleted_conversation_is_gone_with_everything_in_it(visitor: httpx2.Client) -> None:
    deleted, kept = new_conversation(visitor), new_conversation(visitor)
    for conversation in (deleted, kept):
        assert send(visitor, conversation).status_code == 200
    answered = visitor.get(f"/conversations/{deleted}").json()["messages"][-1]["id"]

    answer = visitor.delete(f"/conversations/{deleted}")
    assert answer.status_code == 200
    facts = {"object": "conversation", "id": deleted, "deleted": True, "deletion": "complete"}
    assert answer.json() == facts

    assert listed(visitor) == [kept]
    for gone in (
        visitor.get(f"/conversations/{deleted}"),
        visitor.get(f"/conversations/{deleted}/messages"),
        send(visitor, deleted),
        visitor.post(f"/conversations/{deleted}/close"),
        visitor.delete(f"/conversations/{deleted}"),
    ):
        assert_error(gone, 404, "CONVERSATION_NOT_FOUND", conversationId=deleted)
    liked = visitor.post(f"/messages/{answered}/feedback", json={"feedback": "like"})
    assert_error(liked, 404, "MESSAGE_NOT_FOUND")
    assert visitor.get(f"/conversations/{kept}").json()["messages"], "the control"


def test_all_of_the_callers_conversations_go_at_once_and_nobody_elses(
    visitor: httpx2.Client, stranger: httpx2.Client
) -> None:
    mine = [new_conversation(visitor) for _ in range(12)]
    theirs = new_conversation(stranger)
    for client, conversation in ((visitor, mine[0]), (stranger, theirs)):
        assert send(client, conversation).status_code == 200

    answer = visitor.delete("/conversations")
    assert answer.status_code == 200
    assert answer.json() == {"object": "list", "deleted": 12, "deletion": "complete"}

    assert listed(visitor) == []
    assert all(visitor.get(f"/conversations/{each}").status_code == 404 for each in mine)
    assert listed(stranger) == [theirs]
    assert len(stranger.get(f"/conversations/{theirs}").json()["messages"]) == 2
    assert visitor.delete("/conversations").json()["deleted"] == 0
    assert listed(visitor) == [] == visitor.get("/conversations").json()["data"]
    assert send(visitor, new_conversation(visitor)).status_code == 200, "one can go on"


def test_a_strangers_conversation_is_deleted_by_nobody_and_looks_like_none(
    visitor: httpx2.Client, stranger: httpx2.Client
) -> None:
    theirs = new_conversation(stranger)
    assert send(stranger, theirs).status_code == 200
    foreign = visitor.delete(f"/conversations/{theirs}")
    absent = visitor.delete(f"/conversations/{UNKNOWN_ID}")
    assert_error(foreign, 404, "CONVERSATION_NOT_FOUND", conversationId=theirs)
    assert foreign.text.replace(theirs, "ID") == absent.text.replace(UNKNOWN_ID, "ID")
    assert len(stranger.get(f"/conversations/{theirs}").json()["messages"]) == 2


@pytest.mark.parametrize("strange", NO_IDS)
def test_what_is_no_id_deletes_nothing(visitor: httpx2.Client, strange: str) -> None:
    kept = new_conversation(visitor)
    assert visitor.delete(f"/conversations/{strange}").status_code == 404
    assert listed(visitor) == [kept]


def test_without_a_credential_nothing_is_deleted(
    nobody: httpx2.Client, visitor: httpx2.Client
) -> None:
    kept = new_conversation(visitor)
    for path in ("/conversations", f"/conversations/{kept}"):
        assert_error(nobody.delete(path), 401, "UNAUTHORIZED")
    assert listed(visitor) == [kept]


def test_the_operator_who_sees_everybodys_conversations_cannot_delete_them_all(
    assistant_face: Face,
) -> None:
    with assistant_face.visitor() as visitor, assistant_face.client() as operator:
        kept = new_conversation(visitor)
        operator.headers["authorization"] = "Bearer operator-token-for-tests"
        assert_error(operator.delete("/conversations"), 403, "FORBIDDEN")
        assert listed(visitor) == [kept]
        assert operator.delete(f"/conversations/{kept}").status_code == 200, "one by name"
        assert listed(visitor) == []
