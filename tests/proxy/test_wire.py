"""HTTP as both faces speak it, through a tiny application whose handlers do what a test says."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from asklight import errors
from asklight.contract import BODY_LIMIT_BYTES, CreateConversation, MessagesQuery, SendMessage
from asklight.errors import ApiError, Conflict, InvalidBody, ValidationFailed
from asklight.operations import ContractApp, Unexpected
from asklight.wire import answer, media_type, read_body, read_query

SECRET = "sk-live-0123456789abcdef"

Handler = Callable[[Request], Awaitable[Response]]


def app_with(handler: Handler) -> ContractApp:
    """One address that takes anything, with the contract's way out for every failure."""
    routes = [Route("/", handler, methods=["GET", "POST"])]
    return ContractApp(routes)


def client_of(app: ASGIApp) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def failing(error: Exception) -> ContractApp:
    async def handler(request: Request) -> Response:
        raise error

    return app_with(handler)


async def send(request: Request) -> Response:
    return answer({"content": (await read_body(request, SendMessage)).content})


async def create(request: Request) -> Response:
    return answer((await read_body(request, CreateConversation, optional=True)).model_dump())


@pytest.fixture
def sending() -> TestClient:
    return client_of(app_with(send))


JSON = {"content-type": "application/json"}


class TestBodies:
    @pytest.mark.parametrize(
        "content_type", ["application/json", "Application/JSON", "application/json;charset=utf-8"]
    )
    def test_a_json_body_is_read(self, sending: TestClient, content_type: str) -> None:
        headers = {"content-type": content_type}
        response = sending.post("/", content=b'{"content":"Why?"}', headers=headers)
        assert (response.status_code, response.json()) == (200, {"content": "Why?"})
        assert response.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize(
        "content_type",
        [None, "", "text/plain", "text/plain;application/json", "multipart/form-data"],
    )
    def test_a_body_of_another_type_is_refused(
        self, sending: TestClient, content_type: str | None
    ) -> None:
        headers = {} if content_type is None else {"content-type": content_type}
        response = sending.post("/", content=b'{"content":"Why?"}', headers=headers)
        assert response.status_code == 415

    def test_an_empty_body_is_refused_unless_it_may_be(self, sending: TestClient) -> None:
        for headers in ({}, JSON):
            assert sending.post("/", headers=headers).status_code == 400
            assert client_of(app_with(create)).post("/", headers=headers).json() == {
                "context": None
            }

    def test_the_limit_is_one_mebibyte_to_the_byte(self, sending: TestClient) -> None:
        frame = b'{"content":"a"}'
        fitting = frame + b" " * (BODY_LIMIT_BYTES - len(frame))
        assert BODY_LIMIT_BYTES == 1_048_576
        assert sending.post("/", content=fitting, headers=JSON).status_code == 200
        response = sending.post("/", content=fitting + b" ", headers=JSON)
        assert response.status_code == 413
        assert response.json()["error"]["code"] == "PAYLOAD_TOO_LARGE"
        assert response.json()["error"]["details"] == {"limit": BODY_LIMIT_BYTES}

    def test_a_body_declared_too_large_is_refused_unread(self) -> None:
        asked = 0

        async def receive() -> dict[str, Any]:
            nonlocal asked
            asked += 1
            return {"type": "http.request", "body": b"", "more_body": False}

        for declared in ("1048577", "9" * 5_000):
            assert _status_of(declared, receive) == 413
        assert asked == 0

    def test_a_body_that_lies_about_its_length_is_read_no_further_than_the_limit(self) -> None:
        given = 0

        async def receive() -> dict[str, Any]:
            nonlocal given
            given += 65_536
            assert given < 8 * BODY_LIMIT_BYTES, "it is read without end"
            return {"type": "http.request", "body": b"a" * 65_536, "more_body": True}

        for declared in (None, "10", "+1", "-1", "1_0", "٣", ""):
            given = 0
            assert _status_of(declared, receive) == 413
            assert given == BODY_LIMIT_BYTES + 65_536


def _status_of(declared: str | None, receive: Callable[[], Awaitable[dict[str, Any]]]) -> int:
    """The status a POST with this Content-Length is answered with, its body coming from `receive`."""
    headers = [(b"content-type", b"application/json")]
    if declared is not None:
        headers.append((b"content-length", declared.encode()))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": headers,
    }
    sent: list[Any] = []

    async def send_(message: Any) -> None:
        sent.append(message)

    asyncio.run(app_with(send)(scope, receive, send_))
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", "application/json"),
        (" Application/JSON ; charset=utf-8", "application/json"),
        ("text/plain, application/json", "text/plain, application/json"),
        ("", ""),
        (";", ""),
    ],
)
def test_a_media_type_is_what_stands_before_its_parameters(
    content_type: str, expected: str
) -> None:
    assert media_type(content_type) == expected


def test_of_a_parameter_sent_twice_the_last_counts() -> None:
    async def handler(request: Request) -> Response:
        return answer({"limit": read_query(request, MessagesQuery).limit})

    assert client_of(app_with(handler)).get("/?limit=1&limit=2").json() == {"limit": 2}


def _every_error() -> Iterator[ApiError]:
    """One of each class of the tree, found by walking it."""
    arguments: dict[type[ApiError], Callable[[], ApiError]] = {
        errors.Conflict: lambda: Conflict("Busy.", resource="conversation", field="status"),
        errors.PayloadTooLarge: lambda: errors.PayloadTooLarge(10),
        errors.ValidationFailed: lambda: ValidationFailed("content", "is too long"),
        errors.RateLimited: lambda: errors.RateLimited(retry_after=3),
        errors.ServiceUnavailable: lambda: errors.ServiceUnavailable(retry_after=3),
    }
    waiting = ApiError.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__ == errors.__name__ and not kind.__name__.startswith("_"):
            yield arguments.get(kind, kind)()


class TestErrors:
    @pytest.mark.parametrize("error", list(_every_error()), ids=lambda error: type(error).__name__)
    def test_each_has_the_contracts_shape_and_is_not_cached(self, error: ApiError) -> None:
        response = client_of(failing(error)).get("/")
        assert response.status_code == error.status
        assert response.headers["cache-control"] == "no-store"
        body = response.json()
        assert body == error.body()
        assert body["error"]["message"].endswith(".")
        assert body["error"]["code"].replace("_", "").isupper()
        retry = error.headers().get("retry-after")
        assert response.headers.get("retry-after") == retry
        assert (retry is not None) == (error.status in (429, 503))

    def test_the_tree_has_every_status_of_the_interface(self) -> None:
        statuses = {error.status for error in _every_error()}
        expected = {400, 401, 402, 403, 404, 405, 409, 413, 415, 421, 422, 429, 500, 502, 503}
        assert statuses == expected
        assert all(kind.__name__ in (errors.__doc__ or "") for kind in map(type, _every_error()))

    def test_unknown_addresses_and_methods_have_it_too(self, sending: TestClient) -> None:
        assert sending.get("/nothing").json()["error"]["code"] == "NOT_FOUND"
        assert sending.delete("/").json()["error"]["code"] == "METHOD_NOT_ALLOWED"

    def test_an_exception_of_starlettes_does_not_speak(self) -> None:
        response = client_of(failing(HTTPException(503, detail=SECRET))).get("/")
        assert response.status_code == 500
        assert SECRET not in response.text

    def test_facts_of_one_error_are_not_another_ones(self) -> None:
        details = {"field": "content"}
        error = ApiError("No.", details=details)
        details["field"] = "changed"
        assert error.body()["error"]["details"] == {"field": "content"}
        assert InvalidBody().body() == {
            "error": {"message": "The request body is invalid.", "code": "INVALID_REQUEST_BODY"}
        }


class TestUnexpectedFailures:
    """The text of a foreign exception may quote a secret: HTTP clients do, of a header with a newline."""

    def test_nobody_is_told_its_text_and_the_log_has_its_place(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            response = client_of(Unexpected(failing(RuntimeError(SECRET)))).get("/")
        assert response.status_code == 500
        assert response.json()["error"]["code"] == "INTERNAL_SERVER_ERROR"
        assert SECRET not in response.text + caplog.text
        assert "RuntimeError" in caplog.text
        assert "in handler" in caplog.text

    def test_neither_is_the_text_of_what_caused_it(self, caplog: pytest.LogCaptureFixture) -> None:
        async def handler(request: Request) -> Response:
            try:
                raise ValueError(SECRET)
            except ValueError as cause:
                raise RuntimeError("failed") from cause

        client_of(Unexpected(app_with(handler))).get("/")
        assert "RuntimeError" in caplog.text
        assert SECRET not in caplog.text

    def test_without_it_a_server_gets_the_text_to_log(self) -> None:
        with pytest.raises(RuntimeError, match=SECRET):
            TestClient(failing(RuntimeError(SECRET))).get("/")

    def test_an_answer_already_begun_ends_there(self, caplog: pytest.LogCaptureFixture) -> None:
        async def parts() -> Any:
            yield b"first"
            raise RuntimeError(SECRET)

        async def handler(request: Request) -> Response:
            return StreamingResponse(parts())

        response = client_of(Unexpected(app_with(handler))).get("/")
        assert response.content == b"first"
        assert "RuntimeError" in caplog.text
        assert SECRET not in caplog.text

    def test_a_server_that_cannot_start_says_so(self) -> None:
        async def lifespan(scope: Any, receive: Any, send: Any) -> None:
            raise RuntimeError("no database")

        with pytest.raises(RuntimeError, match="no database"), TestClient(Unexpected(lifespan)):
            pass


def test_an_answer_is_json_that_no_cache_keeps() -> None:
    response = answer({"a": "é😀"}, 201)
    assert response.status_code == 201
    assert json.loads(bytes(response.body)) == {"a": "é😀"}
    assert response.headers["cache-control"] == "no-store"
