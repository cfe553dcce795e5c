"""Users that a site vouches for: every way to forge its word, and what a user has on each of their devices."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import math
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from httpx2 import Response

from asklight.configure import load_settings
from asklight.contract import USER_TOKEN_LIMIT
from asklight.errors import Unauthorized, ValidationFailed
from asklight.gateway.sessions import CLOCK_SKEW_SECONDS
from asklight.gateway.vouching import LONGEST_SECONDS, SUBJECT_LIMIT, NotVouched, vouched_user
from asklight.settings import Site
from proxy.gateway.front import CONVERSATIONS, INIT, ME, Front, bearer, code, front
from proxy.gateway.relayed import (
    ANSWER,
    START,
    Reading,
    Relayed,
    Visitor,
    conversation,
    refused,
    relayed,
    reply,
)
from proxy.gateway.test_ownership import (
    ON_A_CONVERSATION,
    ON_A_MESSAGE,
    answering_everything,
    new_id,
    told,
)
from support.faults import Held, answers_json, streams
from support.node import NODE
from support.vouching import USER_SECRET, VOUCHING, user_token

README = Path(__file__).parents[3] / "README.md"
NOW = 1_800_000_000
PAGE = "http://localhost:3000"
OTHER_SECRET = "what-another-site-signs-its-users-with-98765"


def site_with(*secrets: str, name: str = "demo") -> Site:
    [site] = load_settings(
        {"ASKLIGHT_USER_SECRET": ",".join(secrets), "ASKLIGHT_SITE": name}
    ).sites.values()
    return site


SITE = site_with(USER_SECRET)


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(
    claims: Any, header: Any = None, *, secret: str = USER_SECRET, digest: str = "sha256"
) -> str:
    """A token made with the standard library alone, so that anything can be put into it."""
    said = [json.dumps(header or {"alg": "HS256", "typ": "JWT"}), json.dumps(claims)]
    signed = ".".join(unpadded(part.encode()) for part in said)
    return f"{signed}.{unpadded(hmac.digest(secret.encode(), signed.encode(), digest))}"


def good(**changed: Any) -> dict[str, Any]:
    """What a good token says at :data:`NOW`, with some of it `changed`; ``...`` leaves a claim out."""
    claims = {"aud": "demo", "sub": "alice", "exp": NOW + 300, **changed}
    return {name: value for name, value in claims.items() if value is not ...}


def why(token: str, site: Site = SITE) -> str:
    """Why `token` is refused."""
    with pytest.raises(NotVouched) as refusal:
        vouched_user(site, token, NOW)
    assert isinstance(refusal.value, Unauthorized)
    body = json.dumps(refusal.value.body())
    assert USER_SECRET not in body
    assert token not in body or len(token) < 10
    return refusal.value.message


class TestTheToken:
    def test_a_good_one_names_its_user_whoever_made_it(self) -> None:
        user = vouched_user(SITE, by_hand(good()), NOW)
        assert user == vouched_user(SITE, jwt.encode(good(), USER_SECRET, algorithm="HS256"), NOW)
        assert user == vouched_user(SITE, by_hand(good(exp=NOW + 1, name="A", jti="1")), NOW)
        assert "alice" not in user
        assert len(user) == 43

    def test_each_subject_of_each_site_is_another_user(self) -> None:
        tokens = [by_hand(good(sub=sub)) for sub in ("alice", "Alice", "alice ", "bob", "demo\nx")]
        users = {vouched_user(SITE, token, NOW) for token in tokens}
        shop = site_with(USER_SECRET, name="shop")
        users.add(vouched_user(shop, by_hand(good(aud="shop")), NOW))
        assert len(users) == 6

    def test_several_audiences_may_be_named(self) -> None:
        assert vouched_user(SITE, by_hand(good(aud=["other", "demo"])), NOW)

    @pytest.mark.parametrize("secret", [USER_SECRET, OTHER_SECRET])
    def test_while_a_secret_is_replaced_both_are_taken(self, secret: str) -> None:
        site = site_with(OTHER_SECRET, USER_SECRET)
        assert vouched_user(site, by_hand(good(), secret=secret), NOW) == vouched_user(
            SITE, by_hand(good()), NOW
        )

    def test_a_site_without_a_secret_vouches_for_nobody(self) -> None:
        site = replace(SITE, user_secrets=())
        for token in (by_hand(good()), by_hand(good(), secret="x"), "x"):
            with pytest.raises(ValidationFailed) as refusal:
                vouched_user(site, token, NOW)
            assert refusal.value.details == {
                "field": "userToken",
                "reason": "UserToken cannot be checked: no user_secret is set for this site",
            }


class TestSignatures:
    def test_another_secret_is_not_the_sites(self) -> None:
        for secret in (OTHER_SECRET, USER_SECRET[:-1], USER_SECRET + "x", USER_SECRET.upper(), ""):
            assert "not signed with this site's secret" in why(by_hand(good(), secret=secret))

    @pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None])
    @pytest.mark.parametrize("signature", ["", "kept"])
    def test_no_signature_is_none(self, name: str | None, signature: str) -> None:
        token = by_hand(good(), {"alg": name, "typ": "JWT"})
        kept = token if signature else token.rpartition(".")[0] + "."
        assert "HS256" in why(kept)

    def test_no_algorithm_is_none(self) -> None:
        assert "HS256" in why(by_hand(good(), {"typ": "JWT"}))

    @pytest.mark.parametrize(
        ("name", "digest"),
        [("HS384", "sha384"), ("HS512", "sha512"), ("hs256", "sha256"), ("HS256 ", "sha256")],
    )
    def test_another_algorithm_with_the_sites_own_secret_is_refused(
        self, name: str, digest: str
    ) -> None:
        assert "HS256" in why(by_hand(good(), {"alg": name}, digest=digest))

    @pytest.mark.parametrize("name", [["HS256"], {"HS256": 1}, 256, True])
    def test_an_algorithm_that_is_no_name_is_refused(self, name: object) -> None:
        assert "HS256" in why(by_hand(good(), {"alg": name}))

    def test_a_key_pair_proves_nothing(self) -> None:
        """Neither a signature by a key of the forger's own, nor its public half used as a secret, nor one it brings along."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for algorithm in ("RS256", "PS256"):
            assert "HS256" in why(jwt.encode(good(), key, algorithm=algorithm))
        assert "not signed" in why(by_hand(good(), secret=public.decode()))
        brought = {"kty": "oct", "k": unpadded(OTHER_SECRET.encode())}
        header = {
            "alg": "HS256",
            "jwk": brought,
            "jku": "https://evil.test",
            "kid": "../../dev/null",
        }
        assert "not signed" in why(by_hand(good(), header, secret=OTHER_SECRET))

    def test_a_change_anywhere_is_seen(self) -> None:
        token = by_hand(good())
        assert vouched_user(SITE, token, NOW)
        for position, character in enumerate(token):
            changed = "A" if character != "A" else "B"
            why(token[:position] + changed + token[position + 1 :])
        for end in range(len(token)):
            why(token[:end])

    def test_the_parts_of_two_tokens_make_none(self) -> None:
        alice, mallory = by_hand(good()).split("."), by_hand(good(sub="mallory")).split(".")
        assert "not signed" in why(".".join([alice[0], alice[1], mallory[2]]))
        assert "not signed" in why(".".join([alice[0], mallory[1], alice[2]]))

    @pytest.mark.parametrize(
        "token",
        [
            "x",
            ".",
            "..",
            "...",
            "a.b.c.d.e",
            "é.é.é",
            " ",
            "\n",
            "null",
            "eyJhbGciOiJIUzI1NiJ9..",
            unpadded(b"[" * 3_000) + ".e30.e30",
            unpadded(b'{"alg":' + b"9" * 3_000 + b"}") + ".e30.e30",
        ],
    )
    def test_what_is_no_token_is_refused(self, token: str) -> None:
        assert why(token)

    @pytest.mark.parametrize("claims", [None, [], "alice", 7, [["sub", "alice"]]])
    def test_a_signed_payload_of_another_shape_is_refused(self, claims: object) -> None:
        assert why(by_hand(claims))

    def test_a_signed_payload_that_goes_too_deep_or_too_far_is_refused(self) -> None:
        header = unpadded(b'{"alg":"HS256"}')
        for payload in (
            b"[" * 2_000,
            b'{"exp":' + b"9" * 4_500 + b"}",
            b"\xff",
            b'{"a":\xed\xa0\x80}',
        ):
            signed = f"{header}.{unpadded(payload)}"
            mac = hmac.digest(USER_SECRET.encode(), signed.encode(), "sha256")
            assert why(f"{signed}.{unpadded(mac)}")

    def test_an_extension_that_must_be_understood_is_not_passed_over(self) -> None:
        header = {"alg": "HS256", "crit": ["b64"], "b64": False}
        assert why(by_hand(good(), header))
        assert why(by_hand(good(), {"alg": "HS256", "crit": ["exp"], "exp": 1}))


class TestClaims:
    @pytest.mark.parametrize(
        "audience",
        ["shop", "DEMO", "demo ", "dem", "", ["shop"], [], None, 7, {"demo": 1}, ..., [7]],
    )
    def test_it_is_for_this_site(self, audience: object) -> None:
        assert "aud" in why(by_hand(good(aud=audience)))

    @pytest.mark.parametrize(
        ("end", "word"),
        [
            (NOW, "expired"),
            (NOW - 1, "expired"),
            (NOW - CLOCK_SKEW_SECONDS, "expired"),
            (0, "expired"),
            (-math.inf, "expired"),
            (math.nan, "expired"),
            (NOW + LONGEST_SECONDS + 1, "within 600 seconds"),
            (NOW + LONGEST_SECONDS + 0.5, "within 600 seconds"),
            (NOW + CLOCK_SKEW_SECONDS + LONGEST_SECONDS, "within 600 seconds"),
            (NOW * 1000, "within 600 seconds"),
            (math.inf, "within 600 seconds"),
            (str(NOW + 300), "numbers"),
            (True, "numbers"),
            ([NOW + 300], "numbers"),
            (None, "exp"),
            (..., "exp"),
        ],
    )
    def test_it_ends_soon(self, end: object, word: str) -> None:
        assert word in why(by_hand(good(exp=end)))

    @pytest.mark.parametrize("end", [NOW + 1, NOW + 0.5, NOW + 299.5, NOW + LONGEST_SECONDS])
    def test_until_then_it_is_good(self, end: float) -> None:
        assert vouched_user(SITE, by_hand(good(exp=end)), NOW)

    @pytest.mark.parametrize("name", ["iat", "nbf"])
    def test_the_sites_clock_may_be_ahead_by_what_sessions_allow(self, name: str) -> None:
        for allowed in (-10_000, 0, CLOCK_SKEW_SECONDS):
            assert vouched_user(SITE, by_hand(good(**{name: NOW + allowed})), NOW)
        for ahead in (CLOCK_SKEW_SECONDS + 1, math.inf, math.nan):
            assert "not valid yet" in why(by_hand(good(**{name: NOW + ahead})))
        for strange in ("now", None, True, [NOW]):
            assert "numbers" in why(by_hand(good(**{name: strange})))

    @pytest.mark.parametrize(
        "subject",
        [
            ...,
            None,
            "",
            7,
            True,
            ["alice"],
            {"id": 1},
            "x" * (SUBJECT_LIMIT + 1),
            "😀" * 128,
            "\ud800",
        ],
    )
    def test_it_names_one_user(self, subject: object) -> None:
        assert " sub" in why(by_hand(good(sub=subject)))

    @pytest.mark.parametrize(
        "subject", ["x", "x" * SUBJECT_LIMIT, "😀" * 127, " ", "a@b.example", "0"]
    )
    def test_any_name_that_is_short_enough_is_one(self, subject: str) -> None:
        assert vouched_user(SITE, by_hand(good(sub=subject)), NOW)


class TestTheReadmesExamples:
    @pytest.mark.parametrize("language", ["python", "js"])
    def test_each_makes_a_token_that_is_taken(self, language: str) -> None:
        section = README.read_text("utf-8").partition("\n## Your users\n")[2]
        found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
        assert found
        python = f"class user: id = 'alice'\n{found[1]}\nprint(user_token)"
        js = f"const user = {{ id: 'alice' }};\n{found[1]}\nconsole.log(userToken);"
        command = {
            "python": [sys.executable, "-c", python],
            "js": [NODE, "--input-type=module", "--eval", js],
        }
        environment = {**os.environ, "ASKLIGHT_USER_SECRET": USER_SECRET}
        token = subprocess.check_output(command[language], env=environment, text=True).strip()
        expected = vouched_user(SITE, by_hand(good()), NOW)
        assert vouched_user(SITE, token, time.time()) == expected


# At the door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Front]:
    with front(tmp_path, VOUCHING) as opened:
        yield opened


def begin(
    door: Front, token: object, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    body = {"apiKey": "demo", "userToken": token, **more}
    return door.send("POST", INIT, {"Origin": PAGE, **(headers or {})}, body=body)


def me(door: Front, token: str) -> dict[str, Any]:
    answer = door.send("GET", ME, {"Origin": PAGE} | bearer(token))
    assert answer.status_code == 200
    visitor: dict[str, Any] = answer.json()
    return visitor


class TestBeginning:
    def test_a_vouched_user_is_the_same_visitor_on_every_device(self, door: Front) -> None:
        one, other = begin(door, user_token("alice")), begin(door, user_token("alice"))
        assert (one.status_code, other.status_code) == (201, 201)
        assert one.json()["sessionToken"] != other.json()["sessionToken"]
        visitor = one.json()["visitor"]
        assert visitor == other.json()["visitor"] == me(door, one.json()["sessionToken"])
        assert visitor["type"] == "identified"
        assert "alice" not in one.text
        assert begin(door, user_token("bob")).json()["visitor"]["id"] != visitor["id"]

    def test_the_session_shows_nobody_who_the_user_is(self, door: Front) -> None:
        answer = begin(door, user_token("alice@example.com"))
        payload = answer.json()["sessionToken"].split(".")[1]
        shown = base64.urlsafe_b64decode(payload + "==").decode()
        assert PAGE in shown
        assert "alice" not in shown

    def test_the_same_user_again_renews_the_session(self, door: Front) -> None:
        token = begin(door, user_token("alice")).json()["sessionToken"]
        again = begin(door, user_token("alice"), bearer(token))
        assert again.status_code == 200
        assert again.json()["visitor"] == me(door, token)

    @pytest.mark.parametrize("nobody", [None, ...])
    def test_without_a_token_a_vouched_session_gives_way_to_an_anonymous_one(
        self, door: Front, nobody: object
    ) -> None:
        token = begin(door, user_token("alice")).json()["sessionToken"]
        body = {"apiKey": "demo"} | ({} if nobody is ... else {"userToken": None})
        after = door.send("POST", INIT, {"Origin": PAGE} | bearer(token), body=body)
        assert after.status_code == 201
        assert after.json()["visitor"]["type"] == "anonymous"
        assert after.json()["visitor"]["id"] != me(door, token)["id"]

    def test_a_user_takes_the_place_of_another_and_of_nobody(self, door: Front) -> None:
        nobody = door.token(PAGE)
        alice = begin(door, user_token("alice"), bearer(nobody))
        bob = begin(door, user_token("bob"), bearer(alice.json()["sessionToken"]))
        assert (alice.status_code, bob.status_code) == (201, 201)
        ids = [me(door, nobody)["id"], *(each.json()["visitor"]["id"] for each in (alice, bob))]
        assert len(set(ids)) == 3

    def test_it_goes_by_cookie_too(self, door: Front) -> None:
        answer = begin(door, user_token("alice"), transport="cookie")
        assert "sessionToken" not in answer.json()
        cookie = {"Cookie": answer.headers["set-cookie"].partition(";")[0]}
        again = begin(door, user_token("alice"), cookie, transport="cookie")
        assert (again.status_code, again.json()["visitor"]) == (200, answer.json()["visitor"])
        nobody = begin(door, None, cookie, transport="cookie")
        assert nobody.status_code == 201
        assert nobody.json()["visitor"]["type"] == "anonymous"
        assert nobody.headers["set-cookie"].partition(";")[0] != cookie["Cookie"]

    @pytest.mark.parametrize(
        ("token", "status", "expected"),
        [
            (7, 400, "INVALID_REQUEST_BODY"),
            (["x"], 400, "INVALID_REQUEST_BODY"),
            ("", 422, "VALIDATION_ERROR"),
            ("x" * (USER_TOKEN_LIMIT + 1), 422, "VALIDATION_ERROR"),
            ("x" * USER_TOKEN_LIMIT, 401, "UNAUTHORIZED"),
            ("x.y.z", 401, "UNAUTHORIZED"),
        ],
    )
    def test_a_bad_token_is_refused_by_its_name_and_begins_nothing(
        self, door: Front, token: object, status: int, expected: str
    ) -> None:
        for transport in ("token", "cookie"):
            answer = begin(door, token, transport=transport)
            assert (answer.status_code, code(answer)) == (status, expected)
            assert answer.json()["error"]["details"]["field"] == "userToken"
            assert "set-cookie" not in answer.headers
            assert "sessionToken" not in answer.text

    def test_no_refusal_shows_the_secret_nor_repeats_the_token(
        self, door: Front, caplog: pytest.LogCaptureFixture
    ) -> None:
        tokens = [
            user_token("alice", secret=OTHER_SECRET),
            user_token("alice", aud="shop"),
            user_token("alice", exp=1),
            user_token("alice", exp=int(time.time()) + 3_600),
            user_token("alice", nbf=int(time.time()) + 3_600),
            user_token(""),
            user_token("alice") + "x",
            by_hand(good(), {"alg": "none"}),
        ]
        for token in tokens:
            answer = begin(door, token)
            assert (answer.status_code, code(answer)) == (401, "UNAUTHORIZED")
            assert answer.headers["access-control-allow-origin"] == PAGE, "the page may read why"
            for shown in (answer.text, str(answer.headers), caplog.text):
                assert USER_SECRET not in shown
                assert token not in shown
        assert begin(door, user_token("alice")).status_code == 201, "the control"

    def test_a_site_without_a_secret_says_so(self, tmp_path: Path) -> None:
        with front(tmp_path) as door:
            answer = begin(door, user_token("alice"))
            assert (answer.status_code, code(answer)) == (422, "VALIDATION_ERROR")
            assert "no user_secret" in answer.json()["error"]["details"]["reason"]
            assert begin(door, None).status_code == 201

    def test_another_sites_users_are_not_this_sites(self, tmp_path: Path) -> None:
        config = tmp_path / "asklight.toml"
        sites = (("shop", USER_SECRET), ("docs", OTHER_SECRET))
        config.write_text(
            "".join(
                f'[[sites]]\nid = "{name}"\norigins = ["https://{name}.example"]\nuser_secret = "{secret}"\n'
                for name, secret in sites
            )
        )
        with front(tmp_path / "data", {"ASKLIGHT_CONFIG": str(config)}) as door:
            for name, secret in sites:
                for aud in ("shop", "docs"):
                    for signed in (USER_SECRET, OTHER_SECRET):
                        token = user_token("alice", secret=signed, aud=aud)
                        body = {"apiKey": name, "userToken": token}
                        headers = {"Origin": f"https://{name}.example"}
                        answer = door.send("POST", INIT, headers, body=body)
                        is_own = aud == name and signed == secret
                        assert answer.status_code == (201 if is_own else 401)


class TestTampering:
    def test_a_session_cannot_be_made_anothers(self, door: Front) -> None:
        """Whoever changes the user in a token, or puts one into an anonymous one, has no session."""
        alice = begin(door, user_token("alice")).json()["sessionToken"]
        nobody = door.token(PAGE)
        site, payload, signature = alice.split(".")
        written = json.loads(base64.urlsafe_b64decode(payload + "=="))
        anonymous = json.loads(base64.urlsafe_b64decode(nobody.split(".")[1] + "=="))
        bobs = unpadded(hashlib.sha256(b"asklight.user\ndemo\nbob").digest())
        for changed in (
            [*written[:-1], bobs],
            [2, *anonymous[1:], written[-1]],
            [1, *written[1:-1]],
        ):
            forged = f"{site}.{unpadded(json.dumps(changed, separators=(',', ':')).encode())}"
            for mac in (signature, nobody.split(".")[2]):
                headers = {"Origin": PAGE} | bearer(f"{forged}.{mac}")
                assert door.send("GET", ME, headers).status_code == 401
        assert me(door, alice)["type"] == "identified", "the control"

    def test_a_users_token_is_no_session(self, door: Front) -> None:
        for headers in (
            bearer(user_token("alice")),
            {"Cookie": f"asklight-demo={user_token('a')}"},
        ):
            assert door.send("GET", ME, {"Origin": PAGE} | headers).status_code == 401

    def test_a_session_is_no_users_token(self, door: Front) -> None:
        session = begin(door, user_token("alice")).json()["sessionToken"]
        for token in (session, session.partition(".")[2]):
            assert begin(door, token).status_code == 401


class TestLimits:
    def test_a_user_asks_no_more_often_for_having_many_sessions(self, tmp_path: Path) -> None:
        """Anonymous sessions are the control: each of theirs has its own."""
        limits = {
            "ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": "2/day",
            "ASKLIGHT_LIMIT_CONVERSATIONS_PER_SESSION": "3/day",
        }
        for user, asked, begun in (("alice", [200, 200, 429], 429), (None, [200] * 3, 201)):
            with front(tmp_path / str(user), VOUCHING | limits) as door:
                statuses = []
                for _ in range(3):
                    session = begin(door, user and user_token(user)).json()["sessionToken"]
                    headers = {"Origin": PAGE} | bearer(session)
                    made = door.send("POST", CONVERSATIONS, headers)
                    path = f"{CONVERSATIONS}/{made.json()['id']}/messages"
                    body = {"content": "Why?"}
                    statuses.append(door.send("POST", path, headers, body=body).status_code)
                assert statuses == asked
                session = begin(door, user and user_token(user)).json()["sessionToken"]
                headers = {"Origin": PAGE} | bearer(session)
                assert door.send("POST", CONVERSATIONS, headers).status_code == begun

    def test_another_user_has_a_budget_of_their_own(self, tmp_path: Path) -> None:
        limits = {"ASKLIGHT_LIMIT_CONVERSATIONS_PER_SESSION": "1/day"}
        with front(tmp_path, VOUCHING | limits) as door:
            for user, status in (("alice", 201), ("alice", 429), ("bob", 201)):
                session = begin(door, user_token(user)).json()["sessionToken"]
                made = door.send("POST", CONVERSATIONS, {"Origin": PAGE} | bearer(session))
                assert made.status_code == status

    def test_users_behind_one_address_take_no_sessions_from_each_other(
        self, tmp_path: Path
    ) -> None:
        """They share the budgets that count; only those nobody vouches for are scarce."""
        limits = {"ASKLIGHT_LIMIT_SESSIONS_PER_ADDRESS": "1/day"}
        with front(tmp_path, VOUCHING | limits) as door:
            for user in ("alice", "alice", "bob"):
                assert begin(door, user_token(user)).status_code == 201
            assert [begin(door, None).status_code for _ in range(2)] == [201, 429]
            assert begin(door, "x.y.z").status_code == 401


# In front of a service


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy of a site that vouches for its users, with an API token."""
    async with relayed(tmp_path, VOUCHING) as running:
        yield running


async def device(relay: Relayed, user: str | None) -> Visitor:
    """One of a user's devices, or somebody nobody vouches for."""
    client = await relay.client()
    body = {"apiKey": "demo", "userToken": user and user_token(user)}
    answer = await client.post("/v2/identity/init", json=body)
    assert answer.status_code == 201, answer.text
    return await relay.visitor(token=answer.json()["sessionToken"])


@asynccontextmanager
async def answering(relay: Relayed, visitor: Visitor, identity: str) -> AsyncIterator[Reading]:
    """A question whose answer has begun and goes on until the block is left."""
    held = Held()
    reply(relay.upstream, held)
    opening = asyncio.create_task(held.open())
    try:
        async with visitor.reading(identity) as reading:
            await opening
            await held.event(START)
            assert await reading.data() == START
            yield reading
    finally:
        held.let_go()


async def listed(visitor: Visitor) -> list[str]:
    answer = await visitor.request("GET", "/conversations")
    return [each["id"] for each in answer.json()["data"]]


async def test_a_users_devices_have_one_history(relay: Relayed) -> None:
    phone, laptop, message = await device(relay, "alice"), await device(relay, "alice"), new_id()
    identity = await phone.converse()
    answering_everything(relay.upstream, identity, message)
    assert await listed(laptop) == [identity]
    path = f"/conversations/{identity}"
    assert (await laptop.request("GET", path)).status_code == 200
    assert (await laptop.ask(identity)).status_code == 200
    assert (await laptop.request("GET", f"{path}/messages")).status_code == 200
    liked = await phone.request("POST", f"/messages/{message}/feedback", {"feedback": "like"})
    assert liked.status_code == 200
    assert (await laptop.request("POST", f"{path}/close", {})).status_code == 200
    assert (await laptop.request("DELETE", path)).status_code == 200
    assert await listed(phone) == []
    await refused(await phone.request("GET", path), 404, "CONVERSATION_NOT_FOUND")


async def test_a_running_answer_is_followed_and_stopped_from_another_device(
    relay: Relayed,
) -> None:
    phone, laptop, stranger = [await device(relay, user) for user in ("alice", "alice", "bob")]
    identity = await phone.converse()
    async with (
        answering(relay, phone, identity) as reading,
        laptop.resuming(identity) as following,
    ):
        assert await following.data() == START
        path = f"/conversations/{identity}"
        await refused(
            await stranger.request("GET", f"{path}/stream"), 404, "CONVERSATION_NOT_FOUND"
        )
        await refused(await stranger.request("POST", f"{path}/stop"), 404, "CONVERSATION_NOT_FOUND")
        assert await laptop.stop(identity) is True
        assert [frame.data for frame in await reading.rest()][-1] == b"[DONE]"


async def test_the_name_a_client_gives_a_chat_is_the_users_on_every_device(relay: Relayed) -> None:
    phone, laptop = await device(relay, "alice"), await device(relay, "alice")
    stranger = await device(relay, "bob")
    made = [str(uuid.uuid4()) for _ in range(2)]
    reply(relay.upstream, streams(ANSWER))
    part = {"type": "text", "text": "Why?"}
    body = {"id": "mine", "messages": [{"id": "1", "role": "user", "parts": [part]}]}
    for visitor, identity in ((phone, made[0]), (laptop, made[1]), (stranger, made[1])):
        relay.upstream.on("POST", "/conversations", answers_json(conversation(identity), 201))
        assert (await visitor.request("POST", "/chat", body)).status_code == 200
    sent = [each.path.split("/")[-2] for each in relay.upstream.to("POST", "/messages")]
    assert sent == [made[0], made[0], made[1]]


STRANGERS = [("alice", "bob"), ("alice", None), (None, "alice")]


@pytest.mark.parametrize(("owner", "caller"), STRANGERS)
async def test_what_is_anothers_is_answered_like_what_does_not_exist(
    relay: Relayed, owner: str | None, caller: str | None
) -> None:
    theirs, mine = await device(relay, owner), await device(relay, caller)
    identity, message, unknown = await theirs.converse(), new_id(), new_id()
    for each in (identity, unknown):
        answering_everything(relay.upstream, each, message)
    assert (await theirs.request("GET", f"/conversations/{identity}")).status_code == 200
    for method, ending, body in [
        *ON_A_CONVERSATION,
        ("DELETE", "", None),
        ("GET", "/events", None),
    ]:
        foreign, absent = [
            await mine.request(method, f"/conversations/{each}{ending}", body)
            for each in (identity, unknown)
        ]
        assert told(foreign, identity) == told(absent, unknown)
        await refused(foreign, 404, "CONVERSATION_NOT_FOUND")
    for method, ending, body in ON_A_MESSAGE:
        await refused(
            await mine.request(method, f"/messages/{message}{ending}", body),
            404,
            "MESSAGE_NOT_FOUND",
        )
    assert await listed(mine) == []
    assert (await mine.request("DELETE", "/conversations")).json()["deleted"] == 0
    assert await listed(theirs) == [identity]


async def test_what_was_asked_before_signing_in_stays_with_nobody(relay: Relayed) -> None:
    before = await device(relay, None)
    identity = await before.converse()
    body = {"apiKey": "demo", "userToken": user_token("alice")}
    answer = await before.request("POST", "/identity/init", body)
    after = await relay.visitor(token=answer.json()["sessionToken"])
    answering_everything(relay.upstream, identity)
    assert await listed(after) == []
    assert await listed(before) == [identity]
    assert await listed(await device(relay, "alice")) == []


async def test_deleting_everything_is_for_all_devices_of_the_user_and_for_nobody_else(
    relay: Relayed,
) -> None:
    phone, laptop, other = [await device(relay, user) for user in ("alice", "alice", "bob")]
    mine = [await visitor.converse() for visitor in (phone, laptop)]
    theirs = await other.converse()
    for identity in (*mine, theirs):
        answering_everything(relay.upstream, identity)
    assert (await laptop.request("DELETE", "/conversations")).json()["deleted"] == 2
    assert await listed(phone) == await listed(laptop) == []
    assert await listed(other) == [theirs]


async def test_a_users_history_survives_a_restart(tmp_path: Path) -> None:
    async with relayed(tmp_path, VOUCHING) as relay:
        identity = await (await device(relay, "alice")).converse()
    async with relayed(tmp_path, VOUCHING) as relay:
        answering_everything(relay.upstream, identity)
        assert await listed(await device(relay, "alice")) == [identity]
        assert await listed(await device(relay, "bob")) == []


async def test_a_users_devices_are_one_visitor_of_the_service(tmp_path: Path) -> None:
    """Else the service would not find on one device what was begun on another."""
    configured = VOUCHING | {"ASKLIGHT_UPSTREAM_KEY": "pk_canary_77aa"}
    async with relayed(tmp_path, configured) as relay:
        given = iter(range(100))

        async def identify(exchange: Any) -> None:
            body = {"sessionToken": f"visitor-{next(given)}", "visitor": {}}
            await answers_json(body, 201)(exchange)

        relay.upstream.on("POST", "/identity/init", identify)
        devices = [await device(relay, user) for user in ("alice", "alice", "bob", None, None)]
        for each in devices:
            await each.converse()
        names = [sent.json()["saVid"] for sent in relay.upstream.to("POST", "/identity/init")]
        assert len(names) == len(set(names)) == 4, "both of the first user's are one"
        made = relay.upstream.to("POST", "/conversations")
        tokens = [sent.header("authorization") for sent in made]
        assert tokens == [f"Bearer visitor-{number}" for number in (0, 0, 1, 2, 3)]
        assert not [name for name in names if "alice" in name or "bob" in name]
    assert USER_SECRET not in str([vars(sent) for sent in relay.upstream.received])
