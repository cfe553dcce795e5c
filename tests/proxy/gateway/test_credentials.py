"""Cookies and bearer tokens at the door of the whole application."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest

from asklight.gateway.sessions import Session, Sessions
from asklight.sealed import Sealed
from proxy.gateway.front import (
    CHROMIUM,
    CONVERSATIONS,
    EXAMPLE,
    INIT,
    LOCAL,
    ME,
    SECRET,
    Front,
    assert_readable,
    bearer,
    front,
)

CONVERSATION = str(uuid.UUID(int=7))
"""Nobody's."""


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A public address that people reach by https."""
    settings = {"ASKLIGHT_PUBLIC_URL": "https://ask.example"}
    with front(tmp_path_factory.mktemp("public"), settings, own="https://ask.example") as opened:
        yield opened


class TestCredentials:
    def test_a_cookies_value_is_no_token_and_a_token_no_cookies_value(self, door: Front) -> None:
        name, _, value = door.cookie(EXAMPLE).partition("=")
        token = door.token(EXAMPLE)
        assert name == "__Host-asklight-demo"
        origin = {"Origin": EXAMPLE}
        for as_token in (value, f"demo.{value}"):
            assert door.send("GET", ME, origin | bearer(as_token)).status_code == 401
            assert door.send("GET", ME, bearer(as_token)).status_code == 401
        for as_cookie in (token, token.removeprefix("demo.")):
            headers = origin | {"Cookie": f"{name}={as_cookie}"}
            assert door.send("GET", ME, headers).status_code == 401

    @pytest.mark.parametrize(
        "authorization", ["Bearer", "Bearer ", "Basic ZGVtbzpkZW1v", "Token abc", "abc", ""]
    )
    def test_an_authorization_that_is_no_bearer_token_is_refused_even_beside_a_good_cookie(
        self, door: Front, authorization: str
    ) -> None:
        headers = {"Origin": EXAMPLE, "Cookie": door.cookie(EXAMPLE)}
        answer = door.send("GET", ME, headers | {"Authorization": authorization})
        assert answer.status_code == 401
        assert_readable(answer, EXAMPLE)

    def test_two_bearer_tokens_are_none(self, door: Front) -> None:
        good = ("Authorization", f"Bearer {door.token(EXAMPLE)}")
        assert door.send("GET", ME, [good]).status_code == 200
        assert door.send("GET", ME, [good, good]).status_code == 401

    def test_the_word_bearer_is_written_in_any_case(self, door: Front) -> None:
        token = door.token(EXAMPLE)
        for word in ("bearer", "BEARER"):
            assert door.send("GET", ME, {"Authorization": f"{word} {token}"}).status_code == 200

    def test_a_cookie_asked_for_a_token_gives_one_of_a_new_session_only(self, door: Front) -> None:
        """Else a script on the page could read through it what HttpOnly keeps from it."""
        headers = {"Origin": EXAMPLE, "Cookie": door.cookie(EXAMPLE)}
        mine = door.send("GET", ME, headers).json()
        answer = door.begin(headers, transport="token")
        assert answer.status_code == 201
        assert answer.json()["visitor"]["id"] != mine["id"]

    def test_two_callers_with_the_same_visitor_name_are_strangers(self, door: Front) -> None:
        body = {"apiKey": "demo", "saVid": "visitor-1"}
        ids = {
            door.send("POST", INIT, {"Origin": EXAMPLE}, body=body).json()["visitor"]["id"]
            for _ in range(2)
        }
        assert len(ids) == 2

    def test_a_cookie_lost_among_backslashes_does_not_stop_the_server(self, door: Front) -> None:
        """Python's own cookie parser takes seconds over these before 3.11.10 (CVE-2024-7592)."""
        junk = '__Host-asklight-demo="' + "\\" * 60_000 + '"'
        started = time.process_time()
        answer = door.send("GET", ME, {"Origin": EXAMPLE, "Cookie": junk})
        assert answer.status_code == 401
        assert time.process_time() - started < 0.5


class TestCookies:
    def test_the_cookie_is_exactly_what_the_interface_says(self, door: Front) -> None:
        answer = door.begin({"Origin": EXAMPLE}, transport="cookie")
        assert "sessionToken" not in answer.json()
        [cookie] = answer.headers.get_list("set-cookie")
        pair, *attributes = cookie.split("; ")
        assert pair.startswith("__Host-asklight-demo=")
        assert attributes == [
            "Path=/",
            "Max-Age=1209600",
            "HttpOnly",
            "Secure",
            "SameSite=None",
            "Partitioned",
        ]

    def test_where_browsers_take_no_secure_cookie_it_serves_same_site_pages(
        self, door: Front
    ) -> None:
        host = "192.168.1.7:8080"
        headers = {"Host": host, "Origin": f"http://{host}"}
        answer = door.begin(headers, transport="cookie")
        [cookie] = answer.headers.get_list("set-cookie")
        pair, *attributes = cookie.split("; ")
        assert pair.startswith("asklight-demo=")
        assert attributes == ["Path=/", "Max-Age=1209600", "HttpOnly", "SameSite=Lax"]
        assert door.send("GET", ME, headers | {"Cookie": pair}).status_code == 200

    def test_over_plain_http_on_this_machine_there_are_both_and_each_is_taken(
        self, first_run: Front
    ) -> None:
        """WebKit keeps no secure one there: without a plain one the chat ends with a reload."""
        for host in ("localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost"):
            headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
            begun = first_run.begin(headers, transport="cookie")
            secure, plain = begun.headers.get_list("set-cookie")
            assert secure.startswith("__Host-asklight-demo=")
            assert secure.endswith("; HttpOnly; Secure; SameSite=None; Partitioned")
            assert plain.startswith("asklight-demo=")
            assert plain.endswith("; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax")
            pairs = [cookie.partition(";")[0] for cookie in (secure, plain)]
            for line in (*pairs, "; ".join(pairs)):
                asked = first_run.send("GET", ME, headers | {"Cookie": line})
                assert asked.json() == begun.json()["visitor"]
                reading = {"Host": host, "Sec-Fetch-Site": "same-origin", "Cookie": line}
                assert first_run.send("GET", ME, reading).json() == asked.json()

    def test_a_plain_cookie_in_use_is_renewed_too(self, first_run: Front) -> None:
        _, plain, _ = _used(minutes_ago=11, origin=LOCAL)
        headers = {"Origin": LOCAL, "Cookie": plain}
        for answer in (
            first_run.send("GET", ME, headers),
            first_run.begin(headers, transport="cookie"),
        ):
            assert answer.status_code == 200
            names = [cookie.partition("=")[0] for cookie in answer.headers.get_list("set-cookie")]
            assert names == ["__Host-asklight-demo", "asklight-demo"]

    @pytest.mark.parametrize(
        "page",
        [
            {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
            {"Origin": "http://localhost:3000"},
        ],
        ids=str,
    )
    def test_another_port_of_this_machine_is_the_same_site(
        self, first_run: Front, page: dict[str, str]
    ) -> None:
        begun = first_run.begin(page, transport="cookie")
        plain = begun.headers.get_list("set-cookie")[1].partition(";")[0]
        assert first_run.send("GET", ME, page | {"Cookie": plain}).status_code == 200
        # It is that page's: the proxy's own pages are another origin.
        own = {"Origin": LOCAL, "Cookie": plain}
        assert first_run.send("GET", ME, own).status_code == 401

    @pytest.mark.parametrize(
        "page",
        [
            {"Origin": "http://evil.localhost:8080", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://localhost:8080", "Sec-Fetch-Site": "same-origin"},
            {"Origin": "https://localhost:8443"},
            {"Origin": CHROMIUM, "Sec-Fetch-Site": "none"},
        ],
        ids=str,
    )
    def test_for_a_page_of_another_site_or_over_https_none_is_plain(
        self, first_run: Front, page: dict[str, str]
    ) -> None:
        """``https`` on the port we were asked at: a front proxy on this machine that ends TLS."""
        _only_secure(first_run, page)
        _, plain, _ = _used(minutes_ago=0, origin=page["Origin"])
        assert first_run.send("GET", ME, page | {"Cookie": plain}).status_code == 401

    @pytest.mark.parametrize(
        "forged",
        [
            {"X-Forwarded-Proto": "http"},
            {"X-Forwarded-Host": "localhost:8080"},
            {"Forwarded": "proto=http;host=localhost"},
            {"X-Forwarded-Scheme": "http", "X-Forwarded-Ssl": "off"},
            {"Front-End-Https": "off"},
            {"Referer": "http://localhost:8080/"},
            {"Sec-Fetch-Site": "same-origin"},
        ],
        ids=str,
    )
    def test_nothing_that_is_sent_brings_out_a_plain_one_where_people_come_by_https(
        self, door: Front, public: Front, forged: dict[str, str]
    ) -> None:
        # A front proxy that names the machine it forwards to, as nginx does where it is not told otherwise.
        for front_door, origin in ((door, EXAMPLE), (public, LOCAL)):
            for host in ("localhost:8080", "127.0.0.1:8080"):
                _only_secure(front_door, {"Host": host, "Origin": origin} | forged)
        _only_secure(public, {"Host": "ask.example", "Origin": LOCAL} | forged)
        _, plain, _ = _used(minutes_ago=0, origin=LOCAL)
        shown = {"Host": "localhost:8080", "Origin": LOCAL, "Cookie": plain} | forged
        assert public.send("GET", ME, shown).status_code == 401

    def test_forwarded_headers_do_not_hide_that_it_is_plain_http(self, first_run: Front) -> None:
        said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "ask.example"}
        begun = first_run.begin({"Origin": LOCAL} | said, transport="cookie")
        assert len(begun.headers.get_list("set-cookie")) == 2

    def test_a_token_sets_no_cookie(self, door: Front) -> None:
        assert "set-cookie" not in door.begin({"Origin": EXAMPLE}).headers

    def test_a_cookie_in_use_is_renewed_once_and_stays_the_same_visitor(self, door: Front) -> None:
        cookie, _, token = _used(minutes_ago=11, origin=EXAMPLE)
        headers = {"Origin": EXAMPLE, "Cookie": cookie}
        read = door.send("GET", ME, headers)
        missing = door.send("GET", f"{CONVERSATIONS}/{CONVERSATION}", headers)
        begun = door.begin(headers, transport="cookie")
        assert [read.status_code, missing.status_code, begun.status_code] == [200, 404, 200]
        for answer in (read, missing, begun):
            [renewed] = answer.headers.get_list("set-cookie")
            fresh = {"Origin": EXAMPLE, "Cookie": renewed.partition(";")[0]}
            again = door.send("GET", ME, fresh)
            assert again.json() == read.json()
            assert "set-cookie" not in again.headers
        assert "set-cookie" not in door.send("GET", ME, {"Origin": EXAMPLE} | bearer(token)).headers

    def test_a_cookie_just_renewed_is_left_alone(self, door: Front) -> None:
        cookie, _, _ = _used(minutes_ago=9, origin=EXAMPLE)
        answer = door.send("GET", ME, {"Origin": EXAMPLE, "Cookie": cookie})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers


def _only_secure(door: Front, headers: dict[str, str]) -> None:
    begun = door.begin(headers, transport="cookie")
    assert begun.status_code == 201, begun.text
    [cookie] = begun.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-asklight-demo=")
    assert "; Secure;" in cookie


def _used(*, minutes_ago: int, origin: str) -> tuple[str, str, str]:
    """The cookie, the plain cookie and the token of a session last used a while ago, signed with the server's own key."""
    then = time.time() - minutes_ago * 60
    sessions = Sessions([Sealed(SECRET)], idle_seconds=1_209_600, max_seconds=7_776_000)
    session = Session("id-of-a-session-in-use", "demo", origin, int(then), int(then))
    pairs = [
        cookie.partition(";")[0] for cookie in sessions.set_cookies(session, ["secure", "plain"])
    ]
    return pairs[0], pairs[1], sessions.token(session)
