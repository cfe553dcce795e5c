"""Before the stream: what is sent to an upstream, and what is made of an answer that is none."""

from __future__ import annotations

import asyncio
import gzip
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from asklight.contract import STOPPED
from asklight.gateway.sessions import Session
from asklight.gateway.upstream import connect
from asklight.sealed import Sealed
from asklight.settings import Patience, Upstream
from proxy.gateway.relayed import (
    ANSWER,
    DELTA,
    DONE,
    FINISH,
    QUESTION,
    START,
    TOKEN,
    Relayed,
    Visitor,
    conversation,
    refused,
    relayed,
    reply,
    sse,
)
from support.faults import (
    Exchange,
    FaultUpstream,
    Script,
    answers,
    answers_json,
    answers_text,
    cut,
    fault_upstream,
    in_turn,
    reset,
    streams,
)

WORDS = "WORDS-OF-THE-UPSTREAM"
"""Part of every bad answer below; no reader may ever see it."""

EVENTS = {"content-type": "text/event-stream"}


@pytest.fixture
async def elsewhere() -> AsyncIterator[FaultUpstream]:
    """A server that nobody configured."""
    async with fault_upstream() as server:
        yield server


# What is sent


async def test_the_token_is_sent_and_nothing_of_the_visitor_but_the_question(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    await visitor.ask(identity, headers={"cookie": "a=b", "x-forwarded-for": "10.0.0.1"})
    [sent] = relay.upstream.to("POST", "/messages")
    assert sent.target == f"/v2/conversations/{identity}/messages"
    assert sent.json() == QUESTION
    assert dict(sent.headers) == {
        "host": f"127.0.0.1:{relay.upstream.port}",
        "authorization": f"Bearer {TOKEN}",
        "user-agent": "asklight",
        "accept": "text/event-stream, application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "content-length": str(len(sent.body)),
    }


async def test_unknown_fields_of_a_request_are_not_passed_on(
    relay: Relayed, visitor: Visitor
) -> None:
    upstream, identity, message = relay.upstream, await visitor.converse(), str(uuid.uuid4())
    upstream.on("POST", "/conversations", answers_json(conversation(str(uuid.uuid4())), 201))
    upstream.on("GET", identity, answers_json(conversation(identity)))
    upstream.on("GET", "/messages", answers_json({"data": [{"id": message, "role": "assistant"}]}))
    upstream.on("POST", "/close", answers_json({"success": True}))
    upstream.on("POST", "/feedback", answers_json({"feedback": "like"}))
    reply(upstream, streams(ANSWER))

    page = {"url": None, "title": "T", "evil": 1}
    await visitor.ask(identity, {**QUESTION, "pageContext": page, "system": "evil"})
    await visitor.request("POST", "/conversations", {"context": {"pageUrl": "u", "x": 1}, "y": 1})
    await visitor.request("POST", f"/conversations/{identity}/close", {"closeReason": "r", "x": 1})
    await visitor.request("GET", f"/conversations/{identity}/messages?limit=5&evil=1")
    await visitor.request("POST", f"/messages/{message}/feedback", {"feedback": "like", "x": 1})

    def last(ending: str) -> Any:
        return upstream.to("POST", ending)[-1].json()

    assert last("/messages") == {**QUESTION, "pageContext": {"url": None, "title": "T"}}
    assert last("/conversations") == {"context": {"pageUrl": "u"}}
    assert last("/close") == {"closeReason": "r"}
    assert last("/feedback") == {"feedback": "like"}
    [listed] = upstream.to("GET", "/messages")
    assert listed.target.partition("?")[2] == "limit=5&offset=0"


async def test_a_cookie_that_the_upstream_sets_for_one_visitor_is_not_sent_for_another(
    relay: Relayed, visitor: Visitor
) -> None:
    """One HTTP client speaks for everybody, and would keep a jar by itself."""
    identity = await visitor.converse()
    found = answers_json(conversation(identity), headers={"set-cookie": "visitor=one; Path=/"})
    relay.upstream.on("GET", identity, found)
    answer = await visitor.request("GET", f"/conversations/{identity}")
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    await (await relay.visitor()).converse()
    await visitor.request("GET", f"/conversations/{identity}")
    assert [request.header("cookie") for request in relay.upstream.received] == [None] * 4


async def test_the_credential_goes_to_the_configured_host_alone(elsewhere: FaultUpstream) -> None:
    """Even where a path smuggles in another one."""
    session = Session("s", "demo", "http://localhost", 0, 0)
    async with fault_upstream() as configured:
        for server in (configured, elsewhere):
            server.on("GET", "/x", answers_json({"here": True}))
        service = connect(Upstream(configured.url, token=Sealed(TOKEN)), Patience(), 10)
        try:
            await service.request(session, "GET", (elsewhere.url, "x"))
            for path in ("x", f"//127.0.0.1:{elsewhere.port}/x", f"@127.0.0.1:{elsewhere.port}/x"):
                assert await service.request(session, "GET", (path,)) == {"here": True}
        finally:
            await service.close()
        assert len(configured.received) == 4
    assert elsewhere.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(
    status: int, relay: Relayed, visitor: Visitor, elsewhere: FaultUpstream
) -> None:
    identity = await visitor.converse()
    location = {"location": f"{elsewhere.url}/{WORDS}", "content-length": "0"}
    reply(relay.upstream, answers(status, location))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    relay.upstream.on("GET", identity, answers(status, location))
    answer = await visitor.request("GET", f"/conversations/{identity}")
    await refused(answer, 502, "BAD_GATEWAY")
    assert WORDS not in str(answer.headers)
    assert elsewhere.received == []


async def test_proxies_named_in_the_environment_are_ignored(
    tmp_path: Path, elsewhere: FaultUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{elsewhere.port}")
    for variable in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    async with relayed(tmp_path) as relay:
        await (await relay.visitor()).converse()
        assert elsewhere.received == []
        elsewhere.on("GET", "", answers_json({}))
        async with httpx2.AsyncClient() as control:
            await control.get(relay.upstream.url)
        assert len(elsewhere.received) == 1, "the control: other clients do go there"


# What is made of an answer that is none


def error_body(**error: Any) -> dict[str, Any]:
    return {"error": {"message": f"{WORDS} {TOKEN}", "code": WORDS, **error}}


async def garbage(exchange: Any) -> None:
    await exchange.send(f"{WORDS} \x00\x01\x02\r\n\r\n".encode())
    await exchange.cut()


async def too_short(exchange: Any) -> None:
    await answers_text(
        200, "application/json", json.dumps({"steps": [{}]}), {"content-length": "99"}
    )(exchange)
    await exchange.cut()


COMPRESSED = {**EVENTS, "content-encoding": "gzip"}

BAD_GATEWAYS: dict[str, Script] = {
    "closed at once": cut,
    "reset at once": reset,
    "no HTTP": garbage,
    "HTML": answers_text(200, "text/html", f"<h1>{WORDS}</h1>"),
    "HTML with an error's status": answers_text(500, "text/html", f"<h1>{WORDS}</h1>"),
    "HTML with 429": answers_text(429, "text/html", f"<h1>{WORDS}</h1>"),
    "nothing": answers(204),
    "nothing, as JSON": answers_text(200, "application/json", ""),
    "the token refused": answers_json(error_body(), 401),
    "a status of no contract": answers_json(error_body(), 418),
    "gateway timeout": answers_json(error_body(), 504),
    "not modified": answers(304),
    "compressed events": answers(200, COMPRESSED, gzip.compress(ANSWER)),
    "events compressed for the way": answers(
        200, {"content-type": "text/event-stream", "transfer-encoding": "gzip, chunked"}
    ),
    "events said to be compressed": streams(ANSWER, headers={"content-encoding": "br"}),
    "compressed JSON": answers_text(
        200, "application/json", gzip.compress(b'{"steps":[{}]}'), {"content-encoding": "gzip"}
    ),
    "a compressed error": answers_text(
        429, "application/json", gzip.compress(b"{}"), {"content-encoding": "gzip"}
    ),
    "another type": answers_text(200, "application/octet-stream", ANSWER),
    "no type": answers(200, {"content-length": str(len(ANSWER))}, ANSWER),
    "events as text": answers_text(200, "text/plain", ANSWER),
    "a page as text": answers_text(200, "text/plain", f"{WORDS}\n" * 1_000),
    "events with another status": answers_text(203, "text/event-stream", ANSWER),
    "a body that is too short": too_short,
    "half of JSON": answers_text(200, "application/json", '{"steps":['),
    "an array": answers_json([{"steps": []}]),
    "an object that is no answer": answers_json({"answer": WORDS}),
    "NaN": answers_text(200, "application/json", '{"steps":[{"usage":{"inputTokens":NaN}}]}'),
    "10,000 levels": answers_text(200, "application/json", '{"steps":' + "[" * 10_000),
    "invalid UTF-8": answers_text(200, "application/json", b'{"steps":[{"x":"\xff"}]}'),
}


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_an_answer_that_is_none_is_a_bad_gateway(
    stream: bool, relay: Relayed, visitor: Visitor
) -> None:
    """Facts 10 and 15 among them: no NaN, no deep nesting, nothing compressed."""
    identity = await visitor.converse()
    for name, script in BAD_GATEWAYS.items():
        reply(relay.upstream, script)
        answer = await visitor.ask(identity, {**QUESTION, "stream": stream})
        details = await refused(answer, 502, "BAD_GATEWAY")
        assert details == {"service": "assistant"}, name
        assert WORDS not in answer.text + str(answer.headers), name
        assert TOKEN not in answer.text + str(answer.headers), name


async def test_the_same_is_true_of_every_other_operation(relay: Relayed, visitor: Visitor) -> None:
    identity = await visitor.converse()
    operations = [
        ("POST", "/conversations", "/conversations"),
        ("GET", f"/conversations/{identity}", identity),
        ("GET", "/conversations", identity),
        ("POST", f"/conversations/{identity}/close", "/close"),
    ]
    for method, path, ending in operations:
        for name, script in BAD_GATEWAYS.items():
            if name == "an object that is no answer" and ending == "/close":
                continue  # any object is one there
            relay.upstream.on("POST" if method == "POST" else "GET", ending, script)
            answer = await visitor.request(method, path)
            await refused(answer, 502, "BAD_GATEWAY")
            assert WORDS not in answer.text + str(answer.headers), (name, path)


async def test_a_streamed_question_answered_whole_and_the_reverse_are_bad_gateways(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, answers_json({"steps": [{"content": []}]}))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    reply(relay.upstream, streams(ANSWER))
    whole = {**QUESTION, "stream": False}
    await refused(await visitor.ask(identity, whole), 502, "BAD_GATEWAY")


async def test_an_upstream_that_is_not_there_is_a_bad_gateway(tmp_path: Path) -> None:
    async with fault_upstream() as gone:
        pass
    async with relayed(tmp_path, upstream=gone) as relay:
        answer = await (await relay.visitor()).request("POST", "/conversations")
        await refused(answer, 502, "BAD_GATEWAY")


async def test_an_answer_that_drips_without_end_is_not_waited_for(tmp_path: Path) -> None:
    """No silence is long enough to end it."""

    async def dripping(exchange: Exchange) -> None:
        await exchange.head(200, {"content-type": "application/json"})
        while not exchange.request.connection.closed_by_peer.done():
            await exchange.send(b" ")
            await asyncio.sleep(0.02)

    async with relayed(tmp_path, {"ASKLIGHT_ANSWER_SECONDS": "0.2"}) as relay:
        visitor = await relay.visitor()
        identity = await visitor.converse()
        relay.upstream.on("GET", identity, dripping)
        answer = await visitor.request("GET", f"/conversations/{identity}")
        await refused(answer, 502, "BAD_GATEWAY")
        [sent] = relay.upstream.to("GET", identity)
        await sent.closed()


async def test_a_compressed_body_is_never_unpacked(relay: Relayed, visitor: Visitor) -> None:
    """Fact 15: 194 kB became 67 MB in one chunk. `identity` is asked for and anything else refused, unread."""
    identity = await visitor.converse()
    bomb = gzip.compress(b"\0" * 60_000_000)
    reply(relay.upstream, answers(200, {**COMPRESSED, "content-length": str(len(bomb))}, bomb))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    [sent] = relay.upstream.to("POST", "/messages")
    assert sent.header("accept-encoding") == "identity"


async def test_a_body_that_is_said_to_be_as_it_is_is_taken(
    relay: Relayed, visitor: Visitor
) -> None:
    """The names of codings know no case (RFC 9110, section 8.4.1)."""
    identity = await visitor.converse()
    for coding in ("Identity", "", "identity, Identity"):
        reply(relay.upstream, streams(ANSWER, headers={"content-encoding": coding}))
        assert (await visitor.ask(identity)).text.endswith("data: [DONE]\n\n"), coding


CONTRACT_STATUSES = {
    400: "INVALID_REQUEST_BODY",
    402: "PAYMENT_REQUIRED",
    403: "FORBIDDEN",
    404: "CONVERSATION_NOT_FOUND",
    409: "CONFLICT",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_SERVER_ERROR",
    502: "BAD_GATEWAY",
    503: "SERVICE_UNAVAILABLE",
}

ODD_BODIES: dict[str, Any] = {
    "in the contract's shape": error_body(details={"field": WORDS}),
    "a text": {"error": WORDS},
    "a list": {"error": [WORDS]},
    "null": {"error": None},
    "no error": {"message": WORDS},
    "nothing": {},
    "details that are none": error_body(details=WORDS),
    "details in a list": error_body(details=[WORDS]),
}


async def test_a_status_of_the_contract_is_kept_with_words_of_ours(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    for status, code in CONTRACT_STATUSES.items():
        for name, body in ODD_BODIES.items():
            reply(relay.upstream, answers_json(body, status, {"x-powered-by": WORDS}))
            answer = await visitor.ask(identity)
            await refused(answer, status, code)
            assert WORDS not in answer.text + str(answer.headers), name
            assert TOKEN not in answer.text, name


RETRIES: list[tuple[Any, str | None, int | None]] = [
    ({"retryAfter": 7}, None, 7),
    ({}, "9", 9),
    ({"retryAfter": 7}, "9", 7),
    ({"retryAfter": 0}, None, 1),
    ({"retryAfter": -5}, None, 1),
    ({"retryAfter": 10**30}, None, 86_400),
    ({}, "9" * 40, 86_400),
    ({"retryAfter": True}, "9", 9),
    ({"retryAfter": "7"}, "9", 9),
    ({"retryAfter": 1.5}, "-9", None),
    ({}, "Wed, 21 Oct 2026 07:28:00 GMT", None),
    ({}, "٩", None),
    (None, None, None),
]
"""Details, header, and what is told; None is the default."""


async def test_when_to_try_again_is_read_from_the_details_then_from_the_header(
    relay: Relayed, visitor: Visitor
) -> None:
    """The header and the details of what we answer agree; `refused` checks it."""
    identity = await visitor.converse()
    for details, header, seconds in RETRIES:
        text = json.dumps(error_body(details=details))
        sent = {} if header is None else {"retry-after": header.encode().decode("latin-1")}
        for status, default in ((429, 60), (503, 30)):
            reply(relay.upstream, answers_text(status, "application/json", text, sent))
            told = await refused(await visitor.ask(identity), status, CONTRACT_STATUSES[status])
            assert told == {"retryAfter": seconds or default}, (details, header)


async def test_a_busy_front_of_the_upstream_that_says_when_to_come_back_is_believed(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    for status in (429, 503):
        reply(relay.upstream, answers_text(status, "text/html", WORDS, {"retry-after": "12"}))
        told = await refused(await visitor.ask(identity), status, CONTRACT_STATUSES[status])
        assert told == {"retryAfter": 12}


# Answers that are no stream


@pytest.mark.parametrize(
    "script",
    [
        answers_text(202, "text/plain", "Message sent"),
        answers_text(202, "text/plain; charset=utf-8", "Queued."),
        answers_text(200, "text/plain", "Message sent\n"),
    ],
    ids=["202", "202 in other words", "200 with the contract's words"],
)
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_a_question_handed_to_a_person_is_told_as_the_contract_does(
    stream: bool, script: Script, relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, script)
    answer = await visitor.ask(identity, {**QUESTION, "stream": stream})
    assert answer.status_code == 202
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "Message sent"


async def test_a_whole_answer_has_the_contracts_fields_and_no_others(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    step = {
        "content": [{"type": "text", "text": "Light", "evil": 1}, {"type": "tool", "x": WORDS}, 5],
        "finishReason": "stop",
        "usage": {"inputTokens": 3, "evil": WORDS},
        "response": {"headers": WORDS},
    }
    reply(relay.upstream, answers_json({"steps": [step, WORDS], "id": WORDS}))
    answer = await visitor.ask(identity, {**QUESTION, "stream": False})
    assert answer.status_code == 200
    assert answer.json() == {
        "steps": [
            {
                "content": [{"type": "text", "text": "Light"}],
                "finishReason": "stop",
                "usage": {"inputTokens": 3},
            }
        ]
    }


async def test_half_an_emoji_in_a_stored_answer_does_not_make_it_unreadable(
    relay: Relayed, visitor: Visitor
) -> None:
    """Fact 10: a lone surrogate is read without complaint and fails when it is written."""
    identity = await visitor.converse()
    text = rb"a\ud83d b\ude00 c\ud83d\ude00 d\\ud83d \"\u00e9"
    body = b'{"id":"%s","messages":[{"id":"%s","role":"assistant","parts":[{"type":"text","text":"%s"}]}]}'
    whole = body % (identity.encode(), str(uuid.uuid4()).encode(), text)
    relay.upstream.on("GET", identity, answers_text(200, "application/json", whole))
    answer = await visitor.request("GET", f"/conversations/{identity}")
    assert answer.status_code == 200
    [message] = answer.json()["messages"]
    assert message["parts"][0]["text"] == 'a\ufffd b\ufffd c😀 d\\ud83d "é'


async def test_error_texts_within_stored_messages_are_ours(
    relay: Relayed, visitor: Visitor
) -> None:
    identity, message = await visitor.converse(), str(uuid.uuid4())
    part = {"type": "tool-search", "state": "output-error", "errorText": WORDS}
    stored = {"id": message, "role": "assistant", "error": WORDS, "parts": [part]}
    relay.upstream.on("GET", "/messages", answers_json({"object": "list", "data": [stored]}))
    relay.upstream.on("GET", identity, answers_json(conversation(identity, messages=[stored])))
    for path in ("", "/messages"):
        answer = await visitor.request("GET", f"/conversations/{identity}{path}")
        assert answer.status_code == 200
        assert message in answer.text
        assert WORDS not in answer.text


async def test_of_a_stored_answer_that_was_stopped_it_is_told_that_it_was(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    stored = {"id": str(uuid.uuid4()), "role": "assistant", "status": "error", "error": STOPPED}
    relay.upstream.on("GET", "/messages", answers_json({"object": "list", "data": [stored]}))
    answer = await visitor.request("GET", f"/conversations/{identity}/messages")
    [message] = answer.json()["data"]
    assert (message["status"], message["error"]) == ("error", "Stopped before the end.")


# Connections


async def test_a_connection_is_used_again_after_a_whole_answer(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(sse(START, DELTA), sse(FINISH), sse(DONE)))
    for _ in range(3):
        assert (await visitor.ask(identity)).status_code == 200
        await relay.upstream.wait_for("POST", "/messages")
    assert len({request.connection for request in relay.upstream.received}) == 1


async def test_a_refused_message_can_be_sent_again(relay: Relayed, visitor: Visitor) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, in_turn(reset, streams(ANSWER)))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    assert (await visitor.ask(identity)).status_code == 200
    assert len(relay.upstream.to("POST", "/messages")) == 2, "nothing is sent twice by itself"


@pytest.mark.parametrize(
    ("told", "field"),
    [("status", "status"), ("message", "message"), (None, "status"), ("sk-secret", "status")],
)
async def test_a_conflict_names_the_field_the_service_named_in_words_of_ours(
    relay: Relayed, visitor: Visitor, told: str | None, field: str
) -> None:
    identity = await visitor.converse()
    details = {"resource": "x", "conflictingField": told} if told else {}
    reply(relay.upstream, answers_json({"error": {"message": "no", "details": details}}, 409))
    answer = await visitor.ask(identity)
    expected = {"resource": "conversation", "conflictingField": field}
    assert await refused(answer, 409, "CONFLICT") == expected
