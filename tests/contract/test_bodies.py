"""Bodies nobody should send: each gets the contract's error, and none a 500."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from contract.faces import assert_error, messages, new_conversation

JSON = {"content-type": "application/json"}
BODY_LIMIT = 1024 * 1024

BROKEN = {
    "nothing": b"",
    "white space": b" \n",
    "no JSON": b"content=Why",
    "cut off": b'{"content": "Why',
    "a trailing comma": b'{"content": "Why?",}',
    "single quotes": b"{'content': 'Why?'}",
    "two values": b'{"content": "Why?"} {}',
    "a byte that is no UTF-8": b'{"content": "Why \xff?"}',
    "an overlong encoding": b'{"content": "Why \xc0\xaf?"}',
    "an encoded surrogate": b'{"content": "Why \xed\xa0\x80?"}',
    "UTF-16": '{"content": "Why?"}'.encode("utf-16"),
    "a lone surrogate": b'{"content": "Why \\ud800?"}',
    "a lone surrogate in a field nobody knows": b'{"content": "Why?", "x": "\\udc00"}',
    "a raw control character": b'{"content": "Why \x01?"}',
    "NaN": b'{"content": "Why?", "x": NaN}',
    "Infinity": b'{"content": "Why?", "pageContext": -Infinity}',
    "deep arrays": b'{"content": "Why?", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"content": "Why?", "x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "a list": b'[{"content": "Why?"}]',
    "a string": b'"Why?"',
    "a number": b"1",
    "null": b"null",
    "an endless number as content": b'{"content": ' + b"9" * 10_000 + b"}",
}


@pytest.fixture
def conversation(visitor: httpx2.Client) -> str:
    return new_conversation(visitor)


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_a_body_that_is_broken_is_refused_and_nothing_is_kept(
    visitor: httpx2.Client, conversation: str, body: bytes
) -> None:
    path = f"/conversations/{conversation}/messages"
    refused = visitor.post(path, content=body, headers=JSON)
    assert_error(refused, 400, "INVALID_REQUEST_BODY")
    assert messages(visitor, conversation) == []


@pytest.mark.parametrize(
    "name", ["cut off", "deep arrays", "a lone surrogate", "NaN", "a list", "null"]
)
@pytest.mark.parametrize("operation", ["init", "create", "close", "feedback"])
def test_every_operation_refuses_a_broken_body(
    visitor: httpx2.Client, conversation: str, name: str, operation: str
) -> None:
    path = {
        "init": "/identity/init",
        "create": "/conversations",
        "close": f"/conversations/{conversation}/close",
        "feedback": f"/messages/{_answer(visitor, conversation)}/feedback",
    }[operation]
    refused = visitor.post(path, content=BROKEN[name], headers=JSON)
    assert_error(refused, 400, "INVALID_REQUEST_BODY")


def _answer(visitor: httpx2.Client, conversation: str) -> str:
    visitor.post(f"/conversations/{conversation}/messages", json={"content": "Why?"})
    return str(messages(visitor, conversation)[-1]["id"])


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", "x"],
)
def test_a_body_of_another_type_than_json_is_refused(
    visitor: httpx2.Client, conversation: str, content_type: str
) -> None:
    refused = visitor.post(
        f"/conversations/{conversation}/messages",
        content=b'{"content": "Why?"}',
        headers={"content-type": content_type},
    )
    assert_error(refused, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_without_a_type_is_refused(visitor: httpx2.Client, conversation: str) -> None:
    path = f"/conversations/{conversation}/messages"
    refused = visitor.post(path, content=b'{"content": "Why?"}')
    assert_error(refused, 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_json_type_may_have_parameters_and_capitals(
    visitor: httpx2.Client, conversation: str, content_type: str
) -> None:
    answer = visitor.post(
        f"/conversations/{conversation}/messages",
        content=b'{"content": "Why?"}',
        headers={"content-type": content_type},
    )
    assert answer.status_code == 200


def _padded(size: int) -> bytes:
    start, end = b'{"content": "Why?", "x": "', b'"}'
    return start + b"x" * (size - len(start) - len(end)) + end


def test_a_body_at_the_limit_is_taken(visitor: httpx2.Client, conversation: str) -> None:
    path = f"/conversations/{conversation}/messages"
    assert visitor.post(path, content=_padded(BODY_LIMIT), headers=JSON).status_code == 200


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_over_the_limit_is_refused_whether_its_length_is_declared_or_not(
    visitor: httpx2.Client, conversation: str, declared: bool
) -> None:
    body = _padded(BODY_LIMIT + 1)
    content: Any = body if declared else iter([body[:1000], body[1000:]])
    path = f"/conversations/{conversation}/messages"
    refused = visitor.post(path, content=content, headers=JSON)
    assert_error(refused, 413, "PAYLOAD_TOO_LARGE", limit=BODY_LIMIT)
    assert messages(visitor, conversation) == []
