"""Signed sessions under a frozen clock: every way to forge one, and what plain itsdangerous would have taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import time
from dataclasses import replace

import pytest
from itsdangerous import BadSignature, Signer, TimestampSigner
from starlette.datastructures import Headers

from asklight.gateway.sessions import (
    CLOCK_SKEW_SECONDS,
    CREDENTIAL_LIMIT_BYTES,
    RENEW_AFTER_SECONDS,
    CookieForm,
    Session,
    Sessions,
)
from asklight.sealed import Sealed

KEY = "first-signing-key-of-at-least-32-bytes"
NEXT_KEY = "second-signing-key-of-at-least-32-bytes"
ORIGIN = "https://example.com"
NOW = 1_800_000_000
USER = "u" * 43
IDLE = 14 * 86_400
LONGEST = 90 * 86_400
SECURE_NAME = "__Host-asklight-demo"
PLAIN_NAME = "asklight-demo"
BOTH: tuple[CookieForm, ...] = ("secure", "plain")
"""What is set where some browsers keep the one and some the other."""

URL_SAFE = string.ascii_letters + string.digits + "-_"


class Clock:
    """Stands still until a test sets it."""

    def __init__(self) -> None:
        self.now: float = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def sessions_with(*keys: str, clock: Clock) -> Sessions:
    return Sessions(
        [Sealed(key) for key in keys], idle_seconds=IDLE, max_seconds=LONGEST, clock=clock
    )


@pytest.fixture
def sessions(clock: Clock) -> Sessions:
    return sessions_with(KEY, clock=clock)


def cookie_header(*cookies: str) -> Headers:
    return Headers(raw=[(b"cookie", cookie.encode("latin-1")) for cookie in cookies])


def value_of(sessions: Sessions, session: Session, form: CookieForm = "secure") -> str:
    """The bare value of the cookie that carries `session`."""
    [cookie] = sessions.set_cookies(session, [form])
    return cookie.partition(";")[0].partition("=")[2]


def read(sessions: Sessions, value: str, *, name: str = SECURE_NAME) -> Session | None:
    """What the cookie `name`, with `value`, proves for the site ``demo`` over https."""
    return sessions.read_cookie(cookie_header(f"{name}={value}"), "demo", ["secure"])


class TestMinting:
    def test_an_id_has_128_random_bits_and_is_never_made_twice(self, sessions: Sessions) -> None:
        ids = {sessions.mint("demo", ORIGIN).id for _ in range(1_000)}
        assert len(ids) == 1_000
        assert {len(base64.urlsafe_b64decode(f"{identity}==")) for identity in ids} == {16}

    def test_a_session_comes_back_as_it_was_in_either_form(self, sessions: Sessions) -> None:
        for user in (None, USER):
            session = sessions.mint("demo", ORIGIN, user)
            assert session == Session(session.id, "demo", ORIGIN, NOW, NOW, user)
            assert session.visitor == (user or session.id)
            assert read(sessions, value_of(sessions, session)) == session
            assert sessions.read_token(sessions.token(session)) == session

    def test_the_longest_origin_there_is_still_fits_the_limit(self, sessions: Sessions) -> None:
        origin = f"https://{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 61}:65535"
        for user in (None, USER):
            session = sessions.mint("s" * 40, origin, user)
            assert sessions.read_token(sessions.token(session)) == session

    def test_a_credential_shows_nothing_of_its_key(self, sessions: Sessions) -> None:
        session = sessions.mint("demo", ORIGIN)
        assert KEY not in sessions.token(session) + value_of(sessions, session) + repr(sessions)


class TestCookieAttributes:
    def test_over_https_it_is_bound_to_the_host_and_comes_along_across_sites(
        self, sessions: Sessions
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        value = value_of(sessions, session)
        assert sessions.set_cookies(session, ["secure"]) == [
            f"__Host-asklight-demo={value}; Path=/; Max-Age={IDLE}; "
            "HttpOnly; Secure; SameSite=None; Partitioned"
        ]

    def test_where_secure_cookies_are_not_taken_it_has_neither_prefix_nor_samesite_none(
        self, sessions: Sessions
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        value = value_of(sessions, session, "plain")
        assert sessions.set_cookies(session, ["plain"]) == [
            f"asklight-demo={value}; Path=/; Max-Age={IDLE}; HttpOnly; SameSite=Lax"
        ]
        headers = cookie_header(f"{PLAIN_NAME}={value}")
        assert sessions.read_cookie(headers, "demo", ["plain"]) == session

    def test_the_value_needs_no_quotes(self, sessions: Sessions) -> None:
        value = value_of(sessions, sessions.mint("demo", ORIGIN))
        assert set(value) <= set(URL_SAFE + ".")
        assert len(value) <= CREDENTIAL_LIMIT_BYTES

    @pytest.mark.parametrize(
        ("age", "max_age"), [(0, IDLE), (LONGEST - 60, 60), (LONGEST, 0), (LONGEST + 60, 0)]
    )
    def test_it_lives_no_longer_in_the_browser_than_the_session_does(
        self, sessions: Sessions, clock: Clock, age: int, max_age: int
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        clock.now += age
        for cookie in sessions.set_cookies(session, BOTH):
            assert f"; Max-Age={max_age};" in cookie


class TestTimes:
    @pytest.mark.parametrize(
        ("later", "alive"), [(IDLE, True), (IDLE + 1, False), (LONGEST + 1, False)]
    )
    def test_a_session_unused_for_too_long_is_over(
        self, sessions: Sessions, clock: Clock, later: int, alive: bool
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        value, token = value_of(sessions, session), sessions.token(session)
        clock.now += later
        assert (read(sessions, value) is not None) is alive
        assert (sessions.read_token(token) is not None) is alive

    @pytest.mark.parametrize(("age", "alive"), [(LONGEST, True), (LONGEST + 1, False)])
    def test_a_session_in_use_is_over_at_the_absolute_limit_all_the_same(
        self, sessions: Sessions, clock: Clock, age: int, alive: bool
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        clock.now += age
        renewed = sessions.renewed(session)
        assert renewed == replace(session, seen_at=NOW + age)
        assert (sessions.read_token(sessions.token(renewed)) is not None) is alive

    @pytest.mark.parametrize(
        ("ahead", "alive"),
        [(2, True), (CLOCK_SKEW_SECONDS, True), (CLOCK_SKEW_SECONDS + 1, False)],
    )
    def test_a_session_from_a_clock_that_runs_ahead_is_taken_within_five_minutes(
        self, sessions: Sessions, clock: Clock, ahead: int, alive: bool
    ) -> None:
        assert CLOCK_SKEW_SECONDS == 5 * 60
        clock.now = NOW + ahead
        session = sessions.mint("demo", ORIGIN)
        value, token = value_of(sessions, session), sessions.token(session)
        clock.now = NOW
        assert (read(sessions, value) is not None) is alive
        assert (sessions.read_token(token) is not None) is alive

    def test_plain_itsdangerous_refuses_a_clock_two_seconds_ahead(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        signer = TimestampSigner(KEY)
        monkeypatch.setattr(signer, "get_timestamp", lambda: NOW + 2)
        signed = signer.sign("session")
        monkeypatch.setattr(signer, "get_timestamp", lambda: NOW)
        with pytest.raises(BadSignature):
            signer.unsign(signed, max_age=60)

    def test_a_renewal_dated_ahead_is_refused_beyond_the_tolerance(
        self, sessions: Sessions, clock: Clock
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        clock.now = NOW + CLOCK_SKEW_SECONDS + 1
        token = sessions.token(sessions.renewed(session))
        clock.now = NOW
        assert sessions.read_token(token) is None

    def test_a_beginning_dated_ahead_is_refused_beyond_it_too(self, sessions: Sessions) -> None:
        latest = NOW + CLOCK_SKEW_SECONDS
        for issued_at, alive in ((latest, True), (latest + 1, False)):
            token = sessions.token(Session("id", "demo", ORIGIN, issued_at, NOW))
            assert (sessions.read_token(token) is not None) is alive

    @pytest.mark.parametrize(
        ("later", "wanted"), [(RENEW_AFTER_SECONDS - 1, False), (RENEW_AFTER_SECONDS, True)]
    )
    def test_a_session_in_use_is_renewed_now_and_then(
        self, sessions: Sessions, clock: Clock, later: int, wanted: bool
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        clock.now += later
        assert sessions.wants_renewal(session) is wanted
        assert sessions.wants_renewal(sessions.renewed(session)) is False

    def test_a_vouched_users_session_is_renewed_by_vouching_alone(
        self, sessions: Sessions, clock: Clock
    ) -> None:
        """An answer on its way while the user signs out must not sign them in again."""
        session = sessions.mint("demo", ORIGIN, USER)
        clock.now += IDLE
        assert sessions.wants_renewal(session) is False
        assert read(sessions, value_of(sessions, session)) == session
        again = sessions.renewed(session)
        clock.now += 1
        assert read(sessions, value_of(sessions, session)) is None
        assert read(sessions, value_of(sessions, again)) == again


class TestForgery:
    def test_a_session_signed_with_another_key_is_none(
        self, sessions: Sessions, clock: Clock
    ) -> None:
        forger = sessions_with(NEXT_KEY, clock=clock)
        session = forger.mint("demo", ORIGIN)
        assert read(forger, value_of(forger, session)) == session
        assert read(sessions, value_of(forger, session)) is None
        assert sessions.read_token(forger.token(session)) is None

    def test_a_session_of_another_site_is_none(self, sessions: Sessions) -> None:
        shop = sessions.mint("shop", ORIGIN)
        value = value_of(sessions, shop)
        for name in (SECURE_NAME, "__Host-asklight-shop"):
            assert read(sessions, value, name=name) is None
        relabelled = "demo" + sessions.token(shop).removeprefix("shop")
        assert sessions.read_token(relabelled) is None

    def test_one_salt_for_all_sites_would_take_another_sites_session(self) -> None:
        """The control: what binds is the salt, not the key."""
        signed = Signer(KEY, salt="session").sign("shop's visitor")
        assert Signer(KEY, salt="session").unsign(signed)
        with pytest.raises(BadSignature):
            Signer(KEY, salt="session\ndemo").unsign(signed)

    def test_a_cookies_value_is_no_token_and_a_token_no_cookies_value(
        self, sessions: Sessions
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        value, token = value_of(sessions, session), sessions.token(session)
        for as_token in (value, f"demo.{value}"):
            assert sessions.read_token(as_token) is None
        for as_cookie in (token, token.removeprefix("demo.")):
            assert read(sessions, as_cookie) is None

    def test_a_cookie_under_another_name_is_none(self, sessions: Sessions) -> None:
        """A plain-http neighbour can set the name without the prefix, never the one with it."""
        session = sessions.mint("demo", ORIGIN)
        secure, plain = value_of(sessions, session), value_of(sessions, session, "plain")
        assert read(sessions, plain) is None
        for name in (PLAIN_NAME, SECURE_NAME.lower(), "__Secure-asklight-demo", "session", ""):
            assert read(sessions, secure, name=name) is None
        for name, value in ((SECURE_NAME, secure), (PLAIN_NAME, secure)):
            headers = cookie_header(f"{name}={value}")
            assert sessions.read_cookie(headers, "demo", ["plain"]) is None

    @pytest.mark.parametrize("mark", ["\x85", "\xa0", "\x1c", "\x1f", "\x0b", "\x0c"])
    def test_a_name_that_only_python_would_trim_to_ours_is_another_name(
        self, sessions: Sessions, mark: str
    ) -> None:
        """A neighbouring host can set such a name in some browsers, which guard the exact prefix only."""
        planted = f"{mark}{SECURE_NAME}={value_of(sessions, sessions.mint('demo', ORIGIN))}"
        assert planted.partition("=")[0].strip() == SECURE_NAME  # what a plain strip() makes of it
        assert sessions.read_cookie(cookie_header(planted), "demo", ["secure"]) is None

    def test_a_planted_name_does_not_push_out_the_visitors_own_cookie(
        self, sessions: Sessions
    ) -> None:
        own, planted = sessions.mint("demo", ORIGIN), sessions.mint("demo", ORIGIN)
        line = (
            f"\x85{SECURE_NAME}={value_of(sessions, planted)}; "
            f"{SECURE_NAME}={value_of(sessions, own)}"
        )
        assert sessions.read_cookie(cookie_header(line), "demo", ["secure"]) == own

    def test_two_cookies_of_the_name_are_none(self, sessions: Sessions) -> None:
        first, second = (
            f"{SECURE_NAME}={value_of(sessions, sessions.mint('demo', ORIGIN))}" for _ in range(2)
        )
        for headers in (
            cookie_header(f"{first}; {second}"),
            cookie_header(first, second),
            cookie_header(f"{first}; {first}"),
            cookie_header(f"{first}; {SECURE_NAME}="),
        ):
            assert sessions.read_cookie(headers, "demo", ["secure"]) is None

    def test_where_either_form_may_come_back_either_proves_the_session(
        self, sessions: Sessions
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        pairs = [cookie.partition(";")[0] for cookie in sessions.set_cookies(session, BOTH)]
        assert [pair.partition("=")[0] for pair in pairs] == [SECURE_NAME, PLAIN_NAME]
        for line in (*pairs, "; ".join(pairs), "; ".join(reversed(pairs))):
            assert sessions.read_cookie(cookie_header(line), "demo", BOTH) == session

    def test_a_plain_one_is_not_looked_at_beside_a_secure_one_however_broken_that_is(
        self, sessions: Sessions
    ) -> None:
        """Whoever can plant the name without the prefix neither takes over nor brings back a session."""
        own, planted = sessions.mint("demo", ORIGIN), sessions.mint("demo", ORIGIN)
        plain = f"{PLAIN_NAME}={value_of(sessions, planted, 'plain')}"
        assert sessions.read_cookie(cookie_header(plain), "demo", BOTH) == planted
        secure = value_of(sessions, own)
        for line in (f"{SECURE_NAME}={secure}; {plain}", f"{plain}; {SECURE_NAME}={secure}"):
            assert sessions.read_cookie(cookie_header(line), "demo", BOTH) == own
        for broken in ("", secure[:-2], f"{secure}; {SECURE_NAME}={secure}"):
            for line in (f"{SECURE_NAME}={broken}; {plain}", f"{plain}; {SECURE_NAME}={broken}"):
                assert sessions.read_cookie(cookie_header(line), "demo", BOTH) is None

    def test_the_value_of_one_form_is_none_under_the_name_of_the_other(
        self, sessions: Sessions
    ) -> None:
        session = sessions.mint("demo", ORIGIN)
        secure, plain = value_of(sessions, session), value_of(sessions, session, "plain")
        for line in (f"{PLAIN_NAME}={secure}", f"{SECURE_NAME}={plain}"):
            assert sessions.read_cookie(cookie_header(line), "demo", BOTH) is None

    def test_two_plain_cookies_are_none(self, sessions: Sessions) -> None:
        plain = f"{PLAIN_NAME}={value_of(sessions, sessions.mint('demo', ORIGIN), 'plain')}"
        assert sessions.read_cookie(cookie_header(f"{plain}; {plain}"), "demo", BOTH) is None

    def test_other_cookies_are_passed_over(self, sessions: Sessions) -> None:
        session = sessions.mint("demo", ORIGIN)
        line = (
            f'theme="a;b=c"; {SECURE_NAME} \t=  {value_of(sessions, session)} ; {SECURE_NAME}; =x;;'
        )
        assert sessions.read_cookie(cookie_header(line), "demo", ["secure"]) == session

    def test_a_changed_character_anywhere_makes_it_none(self, sessions: Sessions) -> None:
        value = value_of(sessions, sessions.mint("demo", ORIGIN))
        for position, character in enumerate(value):
            for other in ("A", "B", ".", "=", "+", "%", " ", "é"):
                if other != character:
                    changed = value[:position] + other + value[position + 1 :]
                    assert read(sessions, changed) is None, (position, other)

    def test_anything_put_around_it_makes_it_none(self, sessions: Sessions) -> None:
        value = value_of(sessions, sessions.mint("demo", ORIGIN))
        assert read(sessions, value) is not None
        for changed in (
            f'"{value}"',
            f"{value}=",
            f"{value}==",
            f".{value}",
            f"{value}.",
            f"x{value}",
        ):
            assert read(sessions, changed) is None, changed

    def test_every_shorter_beginning_is_none(self, sessions: Sessions) -> None:
        session = sessions.mint("demo", ORIGIN)
        value, token = value_of(sessions, session), sessions.token(session)
        assert not [end for end in range(len(value)) if read(sessions, value[:end])]
        assert not [end for end in range(len(token)) if sessions.read_token(token[:end])]

    @pytest.mark.parametrize(
        "payload",
        [
            "null",
            "{}",
            "[]",
            "not json",
            '[1,"id","https://example.com",1800000000]',
            '[2,"id","https://example.com",1800000000,1800000000]',
            '[1,"id","https://example.com",1800000000,"now"]',
            '[1,"id","https://example.com",1800000000,1e400]',
            '[1,7,"https://example.com",1800000000,1800000000]',
            '[1,"id",null,1800000000,1800000000]',
            '[1,"id","https://example.com",1800000000,1800000000,0]',
            '[1,"id","https://example.com",1800000000,1800000000,"user"]',
            '[2,"id","https://example.com",1800000000,1800000000,null]',
            '[2,"id","https://example.com",1800000000,1800000000,7]',
            '[3,"id","https://example.com",1800000000,1800000000,"user"]',
        ],
    )
    def test_a_signed_payload_of_another_shape_is_none(
        self, sessions: Sessions, payload: str
    ) -> None:
        """As an older or newer release, or a bug of ours, would sign it."""
        assert sessions.read_token(signed_by_hand(payload)) is None

    def test_the_hand_made_signature_is_a_good_one(self, sessions: Sessions) -> None:
        """The control of the test above, and a second implementation of the format."""
        payload = json.dumps([1, "id", ORIGIN, NOW, NOW], separators=(",", ":"))
        assert sessions.read_token(signed_by_hand(payload)) == Session(
            "id", "demo", ORIGIN, NOW, NOW
        )


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed_by_hand(payload: str) -> str:
    """A token of the site ``demo``, made with the standard library alone."""
    encoded = unpadded(payload.encode())
    derived = hmac.digest(KEY.encode(), b"asklight.session\ntoken\n\ndemo", "sha256")
    return f"demo.{encoded}.{unpadded(hmac.digest(derived, encoded.encode(), 'sha256'))}"


def siblings(signed: str) -> list[str]:
    """`signed` with each other last character that decodes to the same bytes."""
    known = base64.urlsafe_b64decode(f"{signed.rpartition('.')[2]}=")
    return [
        signed[:-1] + last
        for last in URL_SAFE
        if last != signed[-1]
        and base64.urlsafe_b64decode(f"{signed.rpartition('.')[2][:-1]}{last}=") == known
    ]


class TestMalleability:
    def test_a_last_character_with_other_unused_bits_is_none(self, sessions: Sessions) -> None:
        for _ in range(500):
            session = sessions.mint("demo", ORIGIN)
            value, token = value_of(sessions, session), sessions.token(session)
            assert len(siblings(value)) == len(siblings(token)) == 3
            assert not [other for other in siblings(value) if read(sessions, other)]
            assert not [other for other in siblings(token) if sessions.read_token(other)]

    def test_plain_itsdangerous_takes_every_one_of_them(self) -> None:
        signer = Signer(KEY, digest_method=hashlib.sha256)
        for number in range(50):
            signed = signer.sign(f"session-{number}").decode()
            assert [signer.validate(other) for other in siblings(signed)] == [True, True, True]

    def test_padding_and_the_other_base64_alphabet_are_none(self, sessions: Sessions) -> None:
        for _ in range(50):
            token = sessions.token(sessions.mint("demo", ORIGIN))
            for other in (f"{token}=", token.translate(str.maketrans("-_", "+/"))):
                assert other == token or sessions.read_token(other) is None


class TestOversized:
    @pytest.mark.parametrize("size", [CREDENTIAL_LIMIT_BYTES + 1, 60_000, 1_000_000])
    @pytest.mark.parametrize("filling", ["\\", "A", ".", '"', "[", "\xff"])
    def test_a_huge_cookie_or_token_is_refused_at_once(
        self, sessions: Sessions, filling: str, size: int
    ) -> None:
        started = time.process_time()
        assert read(sessions, filling * size) is None
        assert read(sessions, f'"{filling * size}"') is None
        assert sessions.read_token(filling * size) is None
        assert sessions.read_token(f"demo.{filling * size}") is None
        assert time.process_time() - started < 0.25

    def test_a_line_of_very_many_cookies_is_read_at_once(self, sessions: Sessions) -> None:
        session = sessions.mint("demo", ORIGIN)
        line = "a=b;" * 16_000 + f"{SECURE_NAME}={value_of(sessions, session)}"
        started = time.process_time()
        assert sessions.read_cookie(cookie_header(line), "demo", ["secure"]) == session
        assert time.process_time() - started < 0.25

    def test_the_limit_stands_before_the_signature_is_looked_at(self, sessions: Sessions) -> None:
        """A well-signed credential over the limit is refused: nothing that long is ever decoded."""
        long = sessions.mint("demo", "https://" + "a" * CREDENTIAL_LIMIT_BYTES)
        assert sessions.read_token(sessions.token(long)) is None
        assert read(sessions, value_of(sessions, long)) is None


class TestKeys:
    def test_the_first_key_signs_and_all_verify(self, clock: Clock) -> None:
        before = sessions_with(KEY, clock=clock)
        during = sessions_with(NEXT_KEY, KEY, clock=clock)
        after = sessions_with(NEXT_KEY, clock=clock)

        old = before.token(before.mint("demo", ORIGIN))
        new = during.token(during.mint("demo", ORIGIN))
        assert during.read_token(old) is not None
        assert during.read_token(new) is not None
        assert after.read_token(new) is not None

        assert before.read_token(new) is None
        assert after.read_token(old) is None

    def test_renewal_moves_a_session_to_the_new_key(self, clock: Clock) -> None:
        before = sessions_with(KEY, clock=clock)
        during = sessions_with(NEXT_KEY, KEY, clock=clock)
        after = sessions_with(NEXT_KEY, clock=clock)
        session = during.read_token(before.token(before.mint("demo", ORIGIN)))
        assert session is not None
        assert after.read_token(during.token(during.renewed(session))) == session


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "demo", "demo.", "demo..", ".a.b", "é.a.b", "demo.a.b", "demo.\udcff.b"],
)
def test_what_is_no_token_at_all_proves_nothing(sessions: Sessions, token: str) -> None:
    assert sessions.read_token(token) is None
