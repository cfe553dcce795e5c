"""Conversations: created, listed, read, closed; and nobody else's."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from contract.faces import UNKNOWN_ID, assert_error, new_conversation, send

FIELDS = {
    "object",
    "id",
    "createdAt",
    "updatedAt",
    "status",
    "closedAt",
    "closeReason",
    "lastInteractionAt",
    "isHumanHandled",
    "humanAgent",
    "title",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NO_IDS = ["nix", "1", "123e4567", UNKNOWN_ID + "0", "%2e%2e%2fidentity", "..%2F..%2Fme", "%00", "é"]


def _listed(client: httpx2.Client, **query: Any) -> dict[str, Any]:
    listed = client.get("/conversations", params=query)
    assert listed.status_code == 200, listed.text
    return dict(listed.json())


@pytest.mark.parametrize(
    "body",
    [
        None,
        {},
        {"context": None},
        {"context": {}},
        {"context": {"pageUrl": "https://example.com/"}},
        {"context": {"pageUrl": None, "unknown": [1]}, "unknown": {"deep": {}}},
    ],
)
def test_a_conversation_is_created_whatever_of_its_context_is_there(
    visitor: httpx2.Client, body: Any
) -> None:
    created = visitor.post("/conversations", **({} if body is None else {"json": body}))
    assert created.status_code == 201
    conversation = created.json()
    assert conversation.keys() == FIELDS | {"messages"}
    assert UUID.fullmatch(conversation["id"])
    for moment in ("createdAt", "updatedAt", "lastInteractionAt"):
        assert MOMENT.fullmatch(conversation[moment])
    assert conversation["object"] == "conversation"
    assert conversation["status"] == "open"
    assert conversation["messages"] == []
    assert conversation["isHumanHandled"] is False
    assert conversation["closedAt"] is conversation["closeReason"] is None


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"context": "x"}, 400, "INVALID_REQUEST_BODY", "context"),
        ({"context": {"pageUrl": 1}}, 400, "INVALID_REQUEST_BODY", "context.pageUrl"),
        ({"context": {"pageUrl": "x" * 2049}}, 422, "VALIDATION_ERROR", "context.pageUrl"),
    ],
)
def test_a_context_that_is_wrong_names_the_field(
    visitor: httpx2.Client, body: object, status: int, code: str, field: str
) -> None:
    assert_error(visitor.post("/conversations", json=body), status, code, field=field)


def test_a_conversation_comes_with_its_messages_oldest_first(visitor: httpx2.Client) -> None:
    conversation = new_conversation(visitor)
    send(visitor, conversation)
    read = visitor.get(f"/conversations/{conversation}")
    assert read.status_code == 200
    assert read.json().keys() == FIELDS | {"messages"}
    assert [message["role"] for message in read.json()["messages"]] == ["user", "assistant"]


def test_a_conversation_is_read_by_its_id_in_capitals_too(visitor: httpx2.Client) -> None:
    conversation = new_conversation(visitor)
    assert visitor.get(f"/conversations/{conversation.upper()}").json()["id"] == conversation


def test_the_list_holds_title_and_last_message_and_no_messages(visitor: httpx2.Client) -> None:
    conversation = new_conversation(visitor)
    send(visitor, conversation, content="Why were they called wickies?")
    listed = _listed(visitor)
    assert (listed["object"], listed["total"], listed["limit"], listed["offset"]) == (
        "list",
        1,
        10,
        0,
    )
    [entry] = listed["data"]
    assert entry.keys() == FIELDS | {"lastMessage"}
    assert entry["id"] == conversation
    assert entry["title"] == "Why were they called wickies?"
    assert entry["lastMessage"]["role"] == "assistant"


def test_a_new_conversation_is_listed_without_a_last_message(visitor: httpx2.Client) -> None:
    new_conversation(visitor)
    assert _listed(visitor)["data"][0]["lastMessage"] is None


def test_the_list_is_in_the_order_of_the_last_interaction_newest_first(
    visitor: httpx2.Client,
) -> None:
    first, second, third = [new_conversation(visitor) for _ in range(3)]
    send(visitor, first)
    assert _listed(visitor)["data"][0]["id"] == first
    assert _listed(visitor, orderDir="asc")["data"][-1]["id"] == first
    assert {each["id"] for each in _listed(visitor)["data"]} == {first, second, third}


def test_the_list_is_paged(visitor: httpx2.Client) -> None:
    made = {new_conversation(visitor) for _ in range(5)}
    pages = [_listed(visitor, limit=2, offset=offset, orderBy="id") for offset in (0, 2, 4, 6)]
    assert [len(page["data"]) for page in pages] == [2, 2, 1, 0]
    assert {page["total"] for page in pages} == {5}
    ids = [entry["id"] for page in pages for entry in page["data"]]
    assert set(ids) == made
    assert ids == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    "order",
    [
        "id",
        "createdAt",
        "updatedAt",
        "lastInteractionAt",
        "status",
        "closedAt",
        "isHumanHandled",
        "title",
    ],
)
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_the_list_takes_every_order_of_the_contract(
    visitor: httpx2.Client, order: str, direction: str
) -> None:
    made = {new_conversation(visitor) for _ in range(3)}
    listed = _listed(visitor, orderBy=order, orderDir=direction)
    assert {entry["id"] for entry in listed["data"]} == made


def test_the_list_holds_open_or_closed_ones_alone_where_asked(visitor: httpx2.Client) -> None:
    left, closed = new_conversation(visitor), new_conversation(visitor)
    visitor.post(f"/conversations/{closed}/close")
    for status, expected in (("open", left), ("closed", closed)):
        listed = _listed(visitor, status=status)
        assert listed["total"] == 1
        assert [entry["id"] for entry in listed["data"]] == [expected]
        assert listed["data"][0]["status"] == status


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ("limit=0", 422, "VALIDATION_ERROR", "limit"),
        ("limit=101", 422, "VALIDATION_ERROR", "limit"),
        ("limit=99999999999999999999999", 422, "VALIDATION_ERROR", "limit"),
        ("limit=ten", 400, "INVALID_REQUEST_BODY", "limit"),
        ("limit=1.5", 400, "INVALID_REQUEST_BODY", "limit"),
        ("limit=", 400, "INVALID_REQUEST_BODY", "limit"),
        ("offset=-1", 422, "VALIDATION_ERROR", "offset"),
        ("offset=99999999999999999999999", 422, "VALIDATION_ERROR", "offset"),
        ("status=shut", 422, "VALIDATION_ERROR", "status"),
        ("orderBy=nix", 422, "VALIDATION_ERROR", "orderBy"),
        ("orderDir=down", 422, "VALIDATION_ERROR", "orderDir"),
    ],
)
def test_a_list_that_is_asked_for_wrongly_names_the_field(
    visitor: httpx2.Client, query: str, status: int, code: str, field: str
) -> None:
    assert_error(visitor.get(f"/conversations?{query}"), status, code, field=field)


def test_unknown_parameters_of_a_list_are_ignored(visitor: httpx2.Client) -> None:
    assert _listed(visitor, unknown="x", limit=100)["limit"] == 100


def test_closing_twice_succeeds_and_the_first_reason_stays(visitor: httpx2.Client) -> None:
    conversation = new_conversation(visitor)
    for reason in ("r" * 256, "another"):
        closed = visitor.post(
            f"/conversations/{conversation}/close", json={"closeReason": reason, "unknown": 1}
        )
        assert closed.status_code == 200
        assert closed.json().keys() == {"success", "message"}
        assert closed.json()["success"] is True
    read = visitor.get(f"/conversations/{conversation}").json()
    assert (read["status"], read["closeReason"]) == ("closed", "r" * 256)
    assert MOMENT.fullmatch(read["closedAt"])


@pytest.mark.parametrize("body", [None, {}, {"closeReason": None}])
def test_closing_needs_no_reason(visitor: httpx2.Client, body: Any) -> None:
    sent = {} if body is None else {"json": body}
    assert (
        visitor.post(f"/conversations/{new_conversation(visitor)}/close", **sent).status_code == 200
    )


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [("r" * 257, 422, "VALIDATION_ERROR"), (1, 400, "INVALID_REQUEST_BODY")],
)
def test_a_reason_that_is_wrong_closes_nothing(
    visitor: httpx2.Client, reason: object, status: int, code: str
) -> None:
    conversation = new_conversation(visitor)
    refused = visitor.post(f"/conversations/{conversation}/close", json={"closeReason": reason})
    assert_error(refused, status, code, field="closeReason")
    assert visitor.get(f"/conversations/{conversation}").json()["status"] == "open"


def _operations(conversation: str) -> list[tuple[str, str, Any]]:
    return [
        ("GET", f"/conversations/{conversation}", None),
        ("POST", f"/conversations/{conversation}/close", {}),
        ("GET", f"/conversations/{conversation}/messages", None),
        ("POST", f"/conversations/{conversation}/messages", {"content": "Why?"}),
        ("POST", f"/conversations/{conversation}/messages", {"content": "Why?", "stream": True}),
    ]


def test_someone_else_s_conversation_and_an_unknown_one_get_the_same_answer(
    visitor: httpx2.Client, stranger: httpx2.Client
) -> None:
    conversation = new_conversation(visitor)
    operations = zip(_operations(conversation), _operations(UNKNOWN_ID), strict=True)
    for (method, path, body), (_, unknown_path, _) in operations:
        foreign = (
            stranger.request(method, path, json=body) if body else stranger.request(method, path)
        )
        unknown = (
            stranger.request(method, unknown_path, json=body)
            if body
            else stranger.request(method, unknown_path)
        )
        assert_error(foreign, 404, "CONVERSATION_NOT_FOUND", conversationId=conversation)
        assert foreign.text.replace(conversation, UNKNOWN_ID) == unknown.text
    assert _listed(stranger)["total"] == 0
    read = visitor.get(f"/conversations/{conversation}").json()
    assert (read["status"], read["messages"]) == ("open", [])


@pytest.mark.parametrize("text", NO_IDS)
def test_an_id_that_is_none_is_an_unknown_one(visitor: httpx2.Client, text: str) -> None:
    for method, path, body in _operations(text):
        answer = visitor.request(method, path, json=body) if body else visitor.request(method, path)
        assert answer.status_code == 404, answer.text
        assert answer.json()["error"]["code"] in ("CONVERSATION_NOT_FOUND", "NOT_FOUND")


def test_an_address_that_is_none_is_not_found(visitor: httpx2.Client) -> None:
    for path in ("/", "/nix", "/conversations/", f"/conversations/{UNKNOWN_ID}/nix"):
        assert_error(visitor.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/conversations"),
        ("PUT", f"/conversations/{UNKNOWN_ID}"),
        ("GET", f"/conversations/{UNKNOWN_ID}/close"),
        ("GET", "/identity/init"),
        ("PATCH", f"/messages/{UNKNOWN_ID}/feedback"),
    ],
)
def test_a_method_an_address_does_not_take_is_refused(
    visitor: httpx2.Client, method: str, path: str
) -> None:
    assert_error(visitor.request(method, path), 405, "METHOD_NOT_ALLOWED")
