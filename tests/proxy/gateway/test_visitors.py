"""A publishable key: each session is a visitor of the service, with a token of its own."""

from __future__ import annotations

import asyncio
import gzip
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from proxy.gateway.relayed import ANSWER, Relayed, conversation, refused, relayed, reply
from support.faults import (
    Exchange,
    FaultUpstream,
    Held,
    Script,
    answers,
    answers_json,
    answers_text,
    cut,
    in_turn,
    reset,
    streams,
)

KEY = "pk_canary_2b7d"
CONFIGURED = {"ASKLIGHT_UPSTREAM_KEY": KEY, "ASKLIGHT_UPSTREAM_ORIGIN": "https://shop.example"}


class Service:
    """What an upstream with visitors does: it gives tokens, and refuses those it has forgotten."""

    def __init__(self, upstream: FaultUpstream) -> None:
        self.upstream = upstream
        self.valid: set[str] = set()
        self.given = 0
        upstream.on("POST", "/identity/init", self.identify)

    async def identify(self, exchange: Exchange) -> None:
        self.given += 1
        token = f"visitor-token-{self.given}"
        self.valid.add(f"Bearer {token}")
        await answers_json({"sessionToken": token, "visitor": {}}, 201)(exchange)

    def guarded(self, script: Script) -> Script:
        """`script` for those whose token is valid, 401 for others."""

        async def guard(exchange: Exchange) -> None:
            known = exchange.request.header("authorization") in self.valid
            await (script if known else answers_json({"error": {}}, 401))(exchange)

        return guard

    @property
    def identified(self) -> list[Any]:
        """The bodies of all requests for a token."""
        return [sent.json() for sent in self.upstream.to("POST", "/identity/init")]


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy with a publishable key."""
    async with relayed(tmp_path, CONFIGURED) as running:
        yield running


@pytest.fixture
def service(relay: Relayed) -> Service:
    return Service(relay.upstream)


async def test_each_session_is_one_visitor_whose_name_says_nothing_about_it(
    relay: Relayed, service: Service
) -> None:
    one, other = await relay.visitor(), await relay.visitor()
    await one.converse()
    await one.converse()
    await other.converse()
    first, second = service.identified
    assert first.keys() == {"apiKey", "saVid"}
    assert first["apiKey"] == KEY
    assert first["saVid"] != second["saVid"]
    assert len(first["saVid"]) <= 100, "the contract's limit"
    session = one.token.split(".")
    assert not any(part in first["saVid"] or first["saVid"] in part for part in session)
    made = relay.upstream.to("POST", "/conversations")
    assert [sent.header("authorization") for sent in made] == [
        "Bearer visitor-token-1",
        "Bearer visitor-token-1",
        "Bearer visitor-token-2",
    ]


async def test_a_visitor_keeps_their_name_when_the_proxy_starts_anew(tmp_path: Path) -> None:
    async with relayed(tmp_path, CONFIGURED) as relay:
        before = Service(relay.upstream)
        visitor = await relay.visitor()
        await visitor.converse()
    async with relayed(tmp_path, CONFIGURED) as relay:
        after = Service(relay.upstream)
        again = await relay.visitor(token=visitor.token, origin=visitor.origin)
        await again.converse()
    assert before.identified == after.identified
    assert len(after.identified) == 1


async def test_the_configured_origin_is_sent_with_the_key_and_with_every_request(
    relay: Relayed, service: Service
) -> None:
    """A publishable key may be bound to a list of websites."""
    visitor = await relay.visitor()
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    await visitor.ask(identity)
    origins = [sent.header("origin") for sent in relay.upstream.received]
    assert origins == ["https://shop.example"] * 3


async def test_the_key_goes_into_the_body_of_one_request_and_nowhere_else(
    relay: Relayed, service: Service
) -> None:
    visitor = await relay.visitor()
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    await visitor.ask(identity)
    holding = [sent for sent in relay.upstream.received if KEY.encode() in sent.raw]
    assert holding == service.upstream.to("POST", "/identity/init")
    assert KEY not in str(holding[0].headers) + holding[0].target


async def test_a_token_that_is_refused_is_asked_for_again_once(
    relay: Relayed, service: Service
) -> None:
    visitor = await relay.visitor()
    identity = await visitor.converse()
    relay.upstream.on("POST", "/messages", service.guarded(streams(ANSWER)))
    service.valid.clear()
    answer = await visitor.ask(identity)
    assert answer.status_code == 200
    assert answer.text.count("[DONE]") == 1
    assert service.given == 2
    tried = [sent.header("authorization") for sent in relay.upstream.to("POST", "/messages")]
    assert tried == ["Bearer visitor-token-1", "Bearer visitor-token-2"]


async def test_a_fresh_token_that_is_refused_too_is_a_bad_gateway(
    relay: Relayed, service: Service
) -> None:
    visitor = await relay.visitor()
    identity = await visitor.converse()
    reply(relay.upstream, answers_json({"error": {"message": "no"}}, 401))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    assert len(relay.upstream.to("POST", "/messages")) == 2
    assert service.given == 2


async def test_requests_sent_together_ask_for_one_token_together(
    relay: Relayed, service: Service
) -> None:
    visitor = await relay.visitor()
    held = Held()
    relay.upstream.on("POST", "/identity/init", held)
    made = asyncio.gather(visitor.converse(), visitor.converse(), visitor.converse())
    exchange = await held.exchange()
    await service.identify(exchange)
    held.let_go()
    await made
    assert len(service.identified) == 1


async def test_requests_that_are_refused_together_are_all_tried_again_with_one_new_token(
    relay: Relayed, service: Service
) -> None:
    """Somebody comes back after their token ran out and opens the list: each conversation in it is fetched at once."""
    visitor = await relay.visitor()
    identities = [await visitor.converse() for _ in range(6)]
    for identity in identities:
        found = answers_json(conversation(identity))
        relay.upstream.on("GET", identity, service.guarded(found))
    service.valid.clear()
    answer = await visitor.request("GET", "/conversations")
    assert answer.status_code == 200, answer.text
    assert {listed["id"] for listed in answer.json()["data"]} == set(identities)
    assert service.given == 2


NO_TOKENS: dict[str, Script] = {
    "refused": answers_json({"error": {"message": "bad key"}}, 401),
    "forbidden": answers_json({"error": {"message": "bad origin"}}, 403),
    "not found": answers_json({"error": {"message": "no"}}, 404),
    "closed": cut,
    "reset": reset,
    "HTML": answers_text(200, "text/html", "<h1>"),
    "nothing": answers(204),
    "elsewhere": answers(302, {"location": "http://127.0.0.1:9/", "content-length": "0"}),
    "no JSON": answers_text(200, "application/json", "{"),
    "an array": answers_json(["sessionToken"]),
    "no token": answers_json({"visitor": {}}),
    "an empty token": answers_json({"sessionToken": ""}),
    "a token that is no text": answers_json({"sessionToken": {"a": 1}}),
    "a token with a line break": answers_json({"sessionToken": "canary-of-a-visitor\n"}),
    "100,000 levels": answers_text(200, "application/json", "[" * 100_000),
    "compressed": answers_text(
        200,
        "application/json",
        gzip.compress(b'{"sessionToken":"t"}'),
        {"content-encoding": "gzip"},
    ),
}


async def test_no_token_to_be_had_is_a_bad_gateway_and_the_next_request_tries_again(
    relay: Relayed, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    visitor = await relay.visitor()
    for name, script in NO_TOKENS.items():
        relay.upstream.on("POST", "/identity/init", script)
        answer = await visitor.request("POST", "/conversations")
        assert answer.status_code == 502, name
        await refused(answer, 502, "BAD_GATEWAY")
    assert relay.upstream.to("POST", "/conversations") == []
    asked = relay.upstream.to("POST", "/identity/init")
    assert len(asked) == len(NO_TOKENS)
    assert all(sent.header("accept-encoding") == "identity" for sent in asked)
    assert KEY not in caplog.text
    assert "canary" not in caplog.text
    relay.upstream.on("POST", "/identity/init", service.identify)
    await visitor.converse()


async def test_a_busy_service_that_gives_no_token_now_says_when(relay: Relayed) -> None:
    visitor = await relay.visitor()
    busy = {"error": {"message": "busy", "details": {"retryAfter": 8}}}
    scripts = in_turn(answers_json(busy, 429), answers_json(busy, 503))
    relay.upstream.on("POST", "/identity/init", scripts)
    for status, code in ((429, "RATE_LIMIT_EXCEEDED"), (503, "SERVICE_UNAVAILABLE")):
        answer = await visitor.request("POST", "/conversations")
        assert await refused(answer, status, code) == {"retryAfter": 8}


async def test_a_reader_that_leaves_while_a_token_is_asked_for_leaves_the_next_one_unharmed(
    relay: Relayed, service: Service
) -> None:
    visitor = await relay.visitor()
    identity = await visitor.converse()
    service.valid.clear()
    reply(relay.upstream, service.guarded(streams(ANSWER)))
    held = Held()
    relay.upstream.on("POST", "/identity/init", held)
    asking = asyncio.create_task(visitor.ask(identity))
    gone = await relay.upstream.wait_for("POST", "/identity/init", number=2)
    asking.cancel()
    await gone.closed()
    relay.upstream.on("POST", "/identity/init", service.identify)
    assert (await visitor.ask(identity)).status_code == 200


async def test_visitors_are_told_apart_by_site_and_session_alone(
    relay: Relayed, service: Service
) -> None:
    """`saVid` of a browser identifies nobody: two callers with the same one are strangers."""
    client = await relay.client()
    same = {"apiKey": "demo", "saVid": str(uuid.uuid4())}
    tokens = [
        (await client.post("/v2/identity/init", json=same)).json()["sessionToken"] for _ in "ab"
    ]
    for token in tokens:
        await (await relay.visitor(token=token)).converse()
    first, second = service.identified
    assert first["saVid"] != second["saVid"]
    assert same["saVid"] not in (first["saVid"], second["saVid"])
