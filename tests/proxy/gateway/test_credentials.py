"""Cookies and bearer tokens at the door of the whole application."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import pytest

from asklight.gateway.sessions import Session, Sessions
from asklight.sealed import Sealed
from proxy.gateway.front import (
    CHOSEN,
    CONVERSATIONS,
    EXAMPLE,
    INIT,
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
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """One site with origins of its own, and nothing else configured."""
    with front(tmp_path_factory.mktemp("chosen"), CHOSEN) as opened:
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

    def test_a_token_sets_no_cookie(self, door: Front) -> None:
        assert "set-cookie" not in door.begin({"Origin": EXAMPLE}).headers

    def test_a_cookie_in_use_is_renewed_once_and_stays_the_same_visitor(self, door: Front) -> None:
        cookie, token = _used(minutes_ago=11, origin=EXAMPLE)
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
        cookie, _ = _used(minutes_ago=9, origin=EXAMPLE)
        answer = door.send("GET", ME, {"Origin": EXAMPLE, "Cookie": cookie})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers


def _used(*, minutes_ago: int, origin: str) -> tuple[str, str]:
    """The cookie and the token of a session last used a while ago, signed with the server's own key."""
    then = time.time() - minutes_ago * 60
    sessions = Sessions([Sealed(SECRET)], idle_seconds=1_209_600, max_seconds=7_776_000)
    session = Session("id-of-a-session-in-use", "demo", origin, int(then), int(then))
    cookie = sessions.set_cookie(session, secure=True).partition(";")[0]
    return cookie, sessions.token(session)
