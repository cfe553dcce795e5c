"""The contract's limits and what is said when they are broken. Lengths are JavaScript's: UTF-16 code units."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from asklight.contract import (
    CloseConversation,
    ConversationsQuery,
    CreateConversation,
    Feedback,
    Initialise,
    MessagesQuery,
    ProjectQuery,
    SendMessage,
    conversation_id,
    message_id,
    parse_body,
    parse_query,
    utf16_length,
)
from asklight.errors import ApiError, InvalidBody, NotFound, ValidationFailed

ALL_BODIES: list[type[BaseModel]] = [
    SendMessage,
    CreateConversation,
    CloseConversation,
    Feedback,
    Initialise,
]


def sent(model: type[BaseModel], value: Any) -> BaseModel:
    return parse_body(model, json.dumps(value).encode())


@given(st.text())
def test_lengths_are_what_javascript_says(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


def message(**page: object) -> dict[str, object]:
    return {"content": "Why?", "pageContext": page}


LIMITS = [
    (SendMessage, "content", 10_000, lambda text: {"content": text}),
    (SendMessage, "pageContext.url", 2_048, lambda text: message(url=text)),
    (SendMessage, "pageContext.title", 500, lambda text: message(title=text)),
    (SendMessage, "pageContext.content", 100_000, lambda text: message(content=text)),
    (SendMessage, "pageContext.textSelection", 10_000, lambda text: message(textSelection=text)),
    (CreateConversation, "context.pageUrl", 2_048, lambda text: {"context": {"pageUrl": text}}),
    (CloseConversation, "closeReason", 256, lambda text: {"closeReason": text}),
    (Initialise, "apiKey", 200, lambda text: {"apiKey": text}),
    (Initialise, "saVid", 100, lambda text: {"apiKey": "demo", "saVid": text}),
]


@pytest.mark.parametrize(
    ("model", "field", "limit", "body"),
    LIMITS,
    ids=[f"{row[0].__name__}.{row[1]}" for row in LIMITS],
)
@pytest.mark.parametrize("character", ["a", "é", "漢", "😀"])
def test_each_text_is_taken_up_to_its_limit_and_refused_from_there(
    model: type[BaseModel], field: str, limit: int, body: Any, character: str
) -> None:
    fitting = character * (limit // utf16_length(character))
    sent(model, body(fitting))
    with pytest.raises(ValidationFailed) as refused:
        sent(model, body(fitting + character))
    name = field[0].upper() + field[1:]
    assert refused.value.body()["error"] == {
        "message": "Validation failed.",
        "code": "VALIDATION_ERROR",
        "details": {
            "field": field,
            "reason": f"{name} exceeds maximum length of {limit} characters",
        },
    }


def test_python_would_count_an_emoji_once_and_let_twice_as_much_through() -> None:
    text = "😀" * 5_001
    assert len(text) <= 10_000
    with pytest.raises(ValidationFailed):
        sent(SendMessage, {"content": text})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{'content':'a'}",
        b'{"content":"a",}',
        b'{"content":"a"} {"content":"b"}',
        b"\xef\xbb\xbf{}",
        b'{"content":"\xff"}',
        b'{"content":"\xc0\xaf"}',
        b'{"content":"\x00"}',
        b'{"content":"a\nb"}',
        b'{"content":"\\ud83d"}',
        b'{"content":"\\ude00\\ud83d"}',
        b'{"\\ud800":1,"content":"a"}',
        b'{"content":"a","stream":NaN}',
        b'{"content":"a","more":Infinity}',
        b'{"content":"a","more":-Infinity}',
        b'{"content":"a","more":' + b"9" * 10_000 + b"}",
        b'{"content":"a","more":' + b"[" * 500 + b"]" * 500 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("model", ALL_BODIES)
def test_what_is_no_json_text_is_refused_and_nothing_breaks(
    model: type[BaseModel], body: bytes
) -> None:
    with pytest.raises(InvalidBody) as refused:
        parse_body(model, body)
    assert refused.value.status == 400
    assert refused.value.message == "Invalid request body. Valid JSON is required."


@pytest.mark.parametrize(
    "body", [b"null", b"[]", b'"content"', b"7", b"true", b'[{"content":"a"}]']
)
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidBody) as refused:
        parse_body(SendMessage, body)
    assert refused.value.message == "Invalid request body. A JSON object is required."


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_body_or_an_error_of_ours(body: bytes) -> None:
    for model in ALL_BODIES:
        try:
            parse_body(model, body)
        except ApiError as refused:
            assert refused.status in (400, 422)


@pytest.mark.parametrize("model", [SendMessage, Initialise, Feedback])
def test_a_missing_field_is_named(model: type[BaseModel]) -> None:
    field = next(iter(model.model_fields))
    with pytest.raises(InvalidBody) as refused:
        sent(model, {})
    error = refused.value.body()["error"]
    assert error["code"] == "INVALID_REQUEST_BODY"
    assert error["details"] == {"field": field}
    assert error["message"] == f"Invalid request body. {field[0].upper()}{field[1:]} is required."


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (SendMessage, {"content": 7}, "content"),
        (SendMessage, {"content": None}, "content"),
        (SendMessage, {"content": ["a"]}, "content"),
        (SendMessage, {"content": "a", "stream": "true"}, "stream"),
        (SendMessage, {"content": "a", "stream": 1}, "stream"),
        (SendMessage, {"content": "a", "stream": None}, "stream"),
        (SendMessage, {"content": "a", "pageContext": "page"}, "pageContext"),
        (SendMessage, {"content": "a", "pageContext": []}, "pageContext"),
        (SendMessage, message(url=7), "pageContext.url"),
        (SendMessage, message(title={}), "pageContext.title"),
        (CreateConversation, {"context": "https://example.com"}, "context"),
        (CreateConversation, {"context": {"pageUrl": 7}}, "context.pageUrl"),
        (CloseConversation, {"closeReason": 7}, "closeReason"),
        (Feedback, {"feedback": True}, "feedback"),
        (Feedback, {"feedback": 1}, "feedback"),
        (Initialise, {"apiKey": 7}, "apiKey"),
        (Initialise, {"apiKey": "demo", "saVid": 7}, "saVid"),
        (Initialise, {"apiKey": "demo", "transport": None}, "transport"),
    ],
)
def test_a_wrong_type_is_never_bent_into_the_right_one(
    model: type[BaseModel], body: object, field: str
) -> None:
    with pytest.raises(InvalidBody) as refused:
        sent(model, body)
    error = refused.value.body()["error"]
    assert error["details"] == {"field": field}
    assert error["message"].endswith("has the wrong type.")


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (SendMessage, {"content": ""}, "content"),
        (Initialise, {"apiKey": ""}, "apiKey"),
        (Initialise, {"apiKey": "demo", "saVid": ""}, "saVid"),
        (Initialise, {"apiKey": "demo", "transport": "header"}, "transport"),
        (Feedback, {"feedback": "love"}, "feedback"),
    ],
)
def test_a_value_out_of_range_is_named_with_the_reason(
    model: type[BaseModel], body: object, field: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        sent(model, body)
    details = refused.value.body()["error"]["details"]
    assert details["field"] == field
    assert details["reason"].startswith(field[0].upper() + field[1:])


def test_unknown_fields_are_ignored_and_not_passed_on() -> None:
    whole = {"content": "a", "role": "system", "pageContext": {"url": "u", "cookies": "c"}}
    parsed = sent(SendMessage, whole)
    assert parsed.model_dump(exclude_unset=True) == {"content": "a", "pageContext": {"url": "u"}}


def test_null_stands_for_an_absent_part_of_the_page() -> None:
    page = {"url": None, "title": None, "content": None, "textSelection": None}
    sent(SendMessage, {"content": "a", "pageContext": page})
    sent(SendMessage, {"content": "a", "pageContext": None})
    sent(Feedback, {"feedback": None})


def test_an_error_never_repeats_what_was_sent() -> None:
    secret = "sk-live-0123456789"
    for body in (
        {"content": {"token": secret}},
        {"content": secret * 1_000},
        {"content": "a", "pageContext": secret},
        {"content": "a", "pageContext": {"url": [secret]}},
    ):
        with pytest.raises(ApiError) as refused:
            sent(SendMessage, body)
        assert secret not in json.dumps(refused.value.body())
        assert secret not in str(refused.value)
        assert refused.value.__cause__ is None


class TestQueries:
    def test_absent_parameters_have_the_contracts_defaults(self) -> None:
        query = parse_query(ConversationsQuery, {})
        assert query.model_dump() == {
            "limit": 10,
            "offset": 0,
            "status": None,
            "orderBy": "lastInteractionAt",
            "orderDir": "desc",
        }
        assert parse_query(MessagesQuery, {"unknown": "x"}).limit is None

    @pytest.mark.parametrize(
        ("model", "query", "field"),
        [
            (ConversationsQuery, {"limit": "0"}, "limit"),
            (ConversationsQuery, {"limit": "101"}, "limit"),
            (ConversationsQuery, {"limit": "9" * 30}, "limit"),
            (ConversationsQuery, {"limit": "9" * 5_000}, "limit"),
            (ConversationsQuery, {"offset": "-1"}, "offset"),
            (ConversationsQuery, {"offset": "1000000001"}, "offset"),
            (ConversationsQuery, {"status": "gone"}, "status"),
            (ConversationsQuery, {"orderBy": "visitorId"}, "orderBy"),
            (ConversationsQuery, {"orderBy": "id; DROP TABLE"}, "orderBy"),
            (ConversationsQuery, {"orderDir": "ASC"}, "orderDir"),
            (MessagesQuery, {"limit": "1001"}, "limit"),
            (MessagesQuery, {"role": "system"}, "role"),
            (ProjectQuery, {"apiKey": ""}, "apiKey"),
            (ProjectQuery, {"apiKey": "k" * 201}, "apiKey"),
        ],
    )
    def test_a_parameter_out_of_range_is_named(
        self, model: type[BaseModel], query: dict[str, str], field: str
    ) -> None:
        with pytest.raises(ValidationFailed) as refused:
            parse_query(model, query)
        assert refused.value.body()["error"]["details"]["field"] == field

    @pytest.mark.parametrize("limit", ["", "ten", "1.5", "1e1", "0x10", "١", "NaN", "null"])
    def test_a_number_that_is_none_is_named(self, limit: str) -> None:
        with pytest.raises(ApiError) as refused:
            parse_query(ConversationsQuery, {"limit": limit})
        assert refused.value.status in (400, 422)
        assert refused.value.body()["error"]["details"]["field"] == "limit"


class TestIdentifiers:
    def test_a_uuid_is_taken_in_either_case_and_made_canonical(self) -> None:
        identity = str(uuid.uuid4())
        for read in (conversation_id, message_id):
            assert read(identity) == identity
            assert read(identity.upper()) == identity

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "7",
            "..",
            "../admin",
            "..%2fadmin",
            "0" * 32,
            "{00000000-0000-0000-0000-000000000000}",
            "urn:uuid:00000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000000\n",
            "00000000-0000-0000-0000-00000000000",
            "00000000-0000-0000-0000-0000000000000",
            "00000000-0000-0000-0000-00000000000g",
            "٠٠٠٠٠٠٠٠-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000000/../admin",
        ],
    )
    def test_anything_else_is_unknown_before_it_can_reach_an_upstreams_path(
        self, text: str
    ) -> None:
        with pytest.raises(NotFound) as conversation:
            conversation_id(text)
        with pytest.raises(NotFound) as answer:
            message_id(text)
        assert conversation.value.code == "CONVERSATION_NOT_FOUND"
        assert answer.value.code == "MESSAGE_NOT_FOUND"

    def test_a_huge_one_is_not_repeated_whole(self) -> None:
        with pytest.raises(NotFound) as refused:
            conversation_id("a" * 60_000)
        assert len(json.dumps(refused.value.body())) < 300
