"""Limits: what is counted against whom, what a refusal says, and what is not counted at all."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import Response
from limits import parse

from asklight.configure import load_settings
from asklight.errors import RateLimited
from asklight.gateway.limits import RateLimiter
from asklight.gateway.sessions import Session
from asklight.settings import Limits, Site
from asklight.state.counters import Counters
from proxy.gateway.front import Front, bearer, code, front

PAGE = "http://localhost:3000"
CONVERSATIONS = "/v2/conversations"


def assert_limited(answer: Response) -> int:
    """The seconds to wait, which body and header agree on."""
    assert answer.status_code == 429
    assert code(answer) == "RATE_LIMIT_EXCEEDED"
    seconds = answer.json()["error"]["details"]["retryAfter"]
    assert answer.headers["retry-after"] == str(seconds)
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert isinstance(seconds, int)
    return seconds


def ask(door: Front, token: str, conversation: str, content: object = "Why?") -> Response:
    """Sends a message and waits for the whole answer."""
    headers = {"Origin": PAGE} | bearer(token)
    path = f"{CONVERSATIONS}/{conversation}/messages"
    return door.send("POST", path, headers, body={"content": content})


def conversation(door: Front, token: str) -> str:
    made = door.send("POST", CONVERSATIONS, {"Origin": PAGE} | bearer(token))
    assert made.status_code == 201, made.text
    identity: str = made.json()["id"]
    return identity


class TestAtTheDoor:
    def test_new_sessions_are_limited_by_address_and_renewals_are_not_counted(
        self, tmp_path: Path
    ) -> None:
        limits = {"ASKLIGHT_LIMIT_SESSIONS_PER_ADDRESS": "2/minute, 3/day"}
        with front(tmp_path, limits) as door:
            token = door.token(PAGE)
            for _ in range(5):
                assert door.begin({"Origin": PAGE} | bearer(token)).status_code == 200
            assert door.begin({"Origin": PAGE}, transport="cookie").status_code == 201
            refused = door.begin({"Origin": PAGE}, transport="cookie")
            assert 50 <= assert_limited(refused) <= 60
            assert "set-cookie" not in refused.headers
            assert door.begin({"Origin": PAGE} | bearer(token)).status_code == 200

    def test_claiming_other_addresses_begins_no_more_sessions(self, tmp_path: Path) -> None:
        """With the sender trusted, as a naive server trusts everybody, the same requests all pass."""
        for trusted, passed in (({}, 2), ({"ASKLIGHT_TRUSTED_PROXIES": "127.0.0.1"}, 6)):
            limits = {"ASKLIGHT_LIMIT_SESSIONS_PER_ADDRESS": "2/minute"} | trusted
            with front(tmp_path / str(passed), limits) as door:
                answers = [
                    door.begin({"Origin": PAGE, "X-Forwarded-For": f"198.51.100.{number}"})
                    for number in range(6)
                ]
            assert [answer.status_code for answer in answers].count(201) == passed

    def test_refused_and_broken_requests_are_not_counted(self, tmp_path: Path) -> None:
        limits = {"ASKLIGHT_LIMIT_SESSIONS_PER_ADDRESS": "1/minute"}
        with front(tmp_path, limits) as door:
            for body, status in (
                ({}, 400),
                ({"apiKey": 7}, 400),
                ({"apiKey": ""}, 422),
                ({"apiKey": "demo", "transport": "post"}, 422),
                ({"apiKey": "another"}, 401),
            ):
                answer = door.send("POST", "/v2/identity/init", {"Origin": PAGE}, body=body)
                assert answer.status_code == status
            assert door.begin({"Origin": "https://evil.test"}).status_code == 403
            assert door.begin({"Origin": PAGE}).status_code == 201
            assert_limited(door.begin({"Origin": PAGE}))

    def test_messages_are_limited_by_session(self, tmp_path: Path) -> None:
        limits = {"ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": "2/minute"}
        with front(tmp_path, limits) as door:
            busy, other = door.token(PAGE), door.token(PAGE)
            talk = conversation(door, busy)
            assert [ask(door, busy, talk).status_code for _ in range(2)] == [200, 200]
            assert_limited(ask(door, busy, talk))
            assert_limited(ask(door, busy, conversation(door, busy)))
            assert ask(door, other, conversation(door, other)).status_code == 200

    def test_messages_are_limited_by_address_over_all_its_sessions(self, tmp_path: Path) -> None:
        limits = {"ASKLIGHT_LIMIT_MESSAGES_PER_ADDRESS": "2/minute"}
        with front(tmp_path, limits) as door:
            tokens = [door.token(PAGE) for _ in range(3)]
            answers = [ask(door, token, conversation(door, token)) for token in tokens]
            assert [answer.status_code for answer in answers] == [200, 200, 429]
            assert_limited(answers[2])

    def test_messages_that_are_not_sent_are_not_counted(self, tmp_path: Path) -> None:
        limits = {"ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": "1/minute"}
        with front(tmp_path, limits) as door:
            token = door.token(PAGE)
            talk = conversation(door, token)
            for content, status in ((7, 400), (None, 400), ("", 422), ("x" * 10_001, 422)):
                assert ask(door, token, talk, content).status_code == status
            assert ask(door, token, str(uuid.uuid4())).status_code == 404
            assert ask(door, token, "..%2f..%2fadmin").status_code == 404
            assert ask(door, token, talk).status_code == 200
            assert_limited(ask(door, token, talk))

    def test_conversations_are_limited_by_session(self, tmp_path: Path) -> None:
        limits = {"ASKLIGHT_LIMIT_CONVERSATIONS_PER_SESSION": "1/minute"}
        with front(tmp_path, limits) as door:
            token = door.token(PAGE)
            headers = {"Origin": PAGE} | bearer(token)
            broken = door.send("POST", CONVERSATIONS, headers, body={"context": 7})
            assert broken.status_code == 400
            conversation(door, token)
            assert_limited(door.send("POST", CONVERSATIONS, headers))
            conversation(door, door.token(PAGE))


@pytest.fixture
def site() -> Site:
    """Unlimited, until a test says how often."""
    plenty = (parse("1000/day"),)
    [demo] = load_settings({}).sites.values()
    return replace(demo, limits=Limits(plenty, plenty, plenty, plenty))


def limited(site: Site, **limits: str) -> Site:
    changed = {name: tuple(map(parse, text.split(", "))) for name, text in limits.items()}
    return replace(site, limits=replace(site.limits, **changed))


def visitor(name: str) -> Session:
    return Session(name, "demo", PAGE, 0, 0)


class TestCounting:
    async def test_an_exhausted_limit_uses_up_no_other(self, site: Site) -> None:
        """A visitor refused for the address's sake can ask at once from another."""
        site = limited(site, messages_per_session="3/day", messages_per_address="1/day")
        limiter = RateLimiter(Counters())
        await limiter.count_message(site, visitor("a"), "home")
        for _ in range(10):
            with pytest.raises(RateLimited):
                await limiter.count_message(site, visitor("a"), "home")
        await limiter.count_message(site, visitor("a"), "work")
        await limiter.count_message(site, visitor("a"), "train")
        with pytest.raises(RateLimited):
            await limiter.count_message(site, visitor("a"), "plane")

    async def test_one_refused_while_the_storage_pauses_has_used_up_nothing(self) -> None:
        """The storage holds a key while it clears it in a thread, so taking may wait after asking did not."""
        once, twice = parse("1/day"), parse("2/day")
        counters = Counters()
        assert await counters.take([(twice, "home")]) is None
        await asyncio.sleep(0)  # it begins to clear, and holds the key
        names = [f"visitor-{number}" for number in range(5)]
        waits = await asyncio.gather(
            *(counters.take([(once, name), (twice, "home")]) for name in names)
        )
        assert waits.count(None) == 1
        refused = [name for name, wait in zip(names, waits, strict=True) if wait is not None]
        assert [await counters.take([(once, name)]) for name in refused] == [None] * 4

    async def test_of_many_at_once_exactly_as_many_pass_and_the_rest_cost_nothing(
        self, site: Site
    ) -> None:
        site = limited(site, messages_per_session="1/day", messages_per_address="5/day")
        limiter = RateLimiter(Counters())

        async def passes(name: str, address: str) -> bool:
            try:
                await limiter.count_message(site, visitor(name), address)
            except RateLimited:
                return False
            return True

        names = [f"visitor-{number}" for number in range(40)]
        first = await asyncio.gather(*(passes(name, "home") for name in names))
        assert first.count(True) == 5
        refused = [name for name, passed in zip(names, first, strict=True) if not passed]
        again = await asyncio.gather(*(passes(name, f"own-{name}") for name in refused))
        assert all(again)

    async def test_nothing_is_counted_across_kinds_sites_sessions_and_addresses(
        self, site: Site
    ) -> None:
        once = dict.fromkeys(
            (
                "messages_per_session",
                "messages_per_address",
                "conversations_per_session",
                "sessions_per_address",
            ),
            "1/day",
        )
        limiter = RateLimiter(Counters())
        one = limited(site, **once)
        for where in (one, replace(one, id="other")):
            for who in ("a", "b"):
                await limiter.count_message(where, visitor(who), who)
                await limiter.count_conversation(where, visitor(who))
                await limiter.count_session(where, who)
        with pytest.raises(RateLimited):
            await limiter.count_conversation(one, visitor("a"))

    @pytest.mark.parametrize(
        ("limits", "taken", "seconds"),
        [
            ("2/minute", [0, 20], 60 - 20),
            ("2/minute, 3/day", [0, 100, 200], 86_400 - 200),
            ("1/minute, 1/hour", [0], 3_600),
            ("1/second", [0], 1),
        ],
    )
    async def test_one_who_waits_as_long_as_was_said_is_let_in_and_not_before(
        self,
        site: Site,
        monkeypatch: pytest.MonkeyPatch,
        limits: str,
        taken: list[int],
        seconds: int,
    ) -> None:
        began = float(int(time.time()))
        now = began

        def clock() -> float:
            return now

        monkeypatch.setattr(time, "time", clock)
        site = limited(site, sessions_per_address=limits)
        limiter = RateLimiter(Counters())
        for second in taken:
            now = began + second
            await limiter.count_session(site, "home")
        with pytest.raises(RateLimited) as refused:
            await limiter.count_session(site, "home")
        assert refused.value.retry_after == seconds
        refused_at = now
        now = refused_at + seconds - 0.5
        with pytest.raises(RateLimited) as early:
            await limiter.count_session(site, "home")
        assert early.value.retry_after == 1
        now = refused_at + seconds + 0.001
        await limiter.count_session(site, "home")

    async def test_a_limit_of_none_closes(self, site: Site) -> None:
        limiter = RateLimiter(Counters())
        with pytest.raises(RateLimited):
            await limiter.count_session(limited(site, sessions_per_address="0/minute"), "home")


def test_the_error_says_the_same_in_header_and_body() -> None:
    def said(error: RateLimited) -> tuple[Mapping[str, str], object]:
        return error.headers(), error.body()["error"]["details"]

    assert said(RateLimited(retry_after=7)) == ({"retry-after": "7"}, {"retryAfter": 7})
    assert said(RateLimited(retry_after=0)) == ({"retry-after": "1"}, {"retryAfter": 1})
