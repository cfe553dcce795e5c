"""What is answered to whom: preflights, headers that let a page read, methods that change nothing."""

from __future__ import annotations

import uuid

from proxy.gateway.front import (
    CONVERSATIONS,
    EXAMPLE,
    INIT,
    ME,
    Front,
    assert_readable,
    assert_unreadable,
    bearer,
    code,
)

CONVERSATION = str(uuid.UUID(int=7))
"""Nobody's."""


class TestAnswers:
    def test_a_preflight_allows_exactly_what_is_used(self, door: Front) -> None:
        answer = door.send(
            "OPTIONS",
            f"{CONVERSATIONS}/{CONVERSATION}/messages",
            {
                "Origin": EXAMPLE,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type,x-evil",
                "Sec-Fetch-Mode": "cors",
            },
        )
        assert (answer.status_code, answer.content) == (204, b"")
        assert dict(answer.headers) == {
            "access-control-allow-origin": EXAMPLE,
            "access-control-allow-credentials": "true",
            "access-control-expose-headers": "Retry-After",
            "access-control-allow-methods": "GET, POST, DELETE",
            "access-control-allow-headers": (
                "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, User-Agent, "
                "X-Asklight-Site"
            ),
            "access-control-max-age": "7200",
            "vary": "Origin",
        }

    def test_a_preflight_without_an_origin_is_none(self, door: Front) -> None:
        answer = door.send("OPTIONS", INIT)
        assert answer.status_code == 403
        assert_unreadable(answer)

    def test_errors_can_be_read_by_the_page_they_are_for(self, door: Front) -> None:
        good = {"Origin": EXAMPLE} | bearer(door.token(EXAMPLE))
        conversation = f"{CONVERSATIONS}/{CONVERSATION}"
        too_long = {"apiKey": "k" * 201}
        huge = b'{"apiKey":"' + b"k" * 1_048_576 + b'"}'
        json_type = {"Content-Type": "application/json"}
        for expected, answer in {
            400: door.send("POST", INIT, good | json_type, content=b"{"),
            401: door.send("GET", ME, {"Origin": EXAMPLE}),
            404: door.send("GET", conversation, good),
            405: door.send("PUT", conversation, good),
            413: door.send("POST", INIT, good | json_type, content=huge),
            415: door.send("POST", INIT, good | {"Content-Type": "text/plain"}, content=b"{}"),
            422: door.send("POST", INIT, good, body=too_long),
        }.items():
            assert answer.status_code == expected
            assert code(answer)
            assert_readable(answer, EXAMPLE)

    def test_an_address_that_is_nothing_is_guarded_too(self, door: Front) -> None:
        allowed = door.send("GET", "/v2/nothing", {"Origin": EXAMPLE})
        foreign = door.send("GET", "/v2/nothing", {"Origin": "https://evil.test"})
        assert (allowed.status_code, code(allowed)) == (404, "NOT_FOUND")
        assert (foreign.status_code, code(foreign)) == (403, "FORBIDDEN")

    def test_a_streamed_answer_can_be_read_by_the_page_it_is_for(self, door: Front) -> None:
        good = {"Origin": EXAMPLE} | bearer(door.token(EXAMPLE))
        made = door.send("POST", CONVERSATIONS, good).json()
        answer = door.send(
            "POST",
            f"{CONVERSATIONS}/{made['id']}/messages",
            good,
            body={"content": "Why?", "stream": True},
        )
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text.endswith("data: [DONE]\n\n")
        assert_readable(answer, EXAMPLE)

    def test_nothing_changes_on_get(self, door: Front) -> None:
        good = {"Origin": EXAMPLE} | bearer(door.token(EXAMPLE))
        made = door.send("POST", CONVERSATIONS, good).json()["id"]
        for path in (
            INIT,
            f"{CONVERSATIONS}/{made}/close",
            f"{CONVERSATIONS}/{made}/stop",
            f"/v2/messages/{CONVERSATION}/feedback",
        ):
            for method in ("GET", "HEAD"):
                assert door.send(method, path, good).status_code == 405, path
        assert door.send("GET", CONVERSATIONS, good).json()["total"] == 1
        assert door.send("GET", f"{CONVERSATIONS}/{made}", good).json()["status"] == "open"
        door.send("POST", f"{CONVERSATIONS}/{made}/close", good)
        assert door.send("GET", f"{CONVERSATIONS}/{made}", good).json()["status"] == "closed"

    def test_no_cache_keeps_an_answer(self, door: Front) -> None:
        answer = door.send("GET", ME, {"Origin": EXAMPLE} | bearer(door.token(EXAMPLE)))
        assert answer.headers["cache-control"] == "no-store"
