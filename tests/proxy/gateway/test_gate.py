"""The gate in front of ``/v2``, through the whole application: what a browser can be made to send for a page that may not."""

from __future__ import annotations

import pytest

from proxy.gateway.front import (
    CONVERSATIONS,
    EXAMPLE,
    INIT,
    LOCAL,
    ME,
    OTHER,
    WILD,
    Front,
    assert_readable,
    assert_unreadable,
    bearer,
    code,
)


class TestOrigins:
    @pytest.mark.parametrize("origin", [EXAMPLE, OTHER, WILD, "https://a.b.wild.example:8443"])
    def test_an_allowed_origin_begins_a_session_and_may_read_the_answer(
        self, door: Front, origin: str
    ) -> None:
        answer = door.begin({"Origin": origin})
        assert answer.status_code == 201
        assert_readable(answer, origin)

    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.test",
            "null",
            "",
            "*",
            "file://",
            "about:blank",
            "https://evil-example.com",
            "https://evilexample.com",
            "https://example.com.evil.test",
            "https://example.com@evil.test",
            "https://evil.test/https://example.com",
            "https://sub.example.com",
            "https://EXAMPLE.com",
            "HTTPS://example.com",
            "https://example.com:443",
            "https://example.com:8443",
            "https://example.com:",
            "https://example.com/",
            "https://example.com.",
            "https://example.com https://evil.test",
            "https://example.com, https://evil.test",
            "http://example.com",
            "example.com",
            "https://wild.example:8443",
            "https://awild.example:8443",
            "https://.wild.example:8443",
            "https://*.wild.example:8443",
            "https://a.wild.example",
            "https://a.wild.example:08443",
            "http://a.wild.example:8443",
            "https://a.wild.example:8443.evil.test",
            "https://a.plain.example",
            "http://localhost:3000",
            "http://localhost:8081",
            "http://127.0.0.1:8080",
            "https://localhost:8080",
            f"https://{'a.' * 150}wild.example:8443",
        ],
    )
    def test_any_other_origin_is_refused_before_a_handler_runs_and_in_the_preflight(
        self, door: Front, origin: str
    ) -> None:
        preflight = door.send("OPTIONS", INIT, {"Origin": origin})
        for answer in (door.begin({"Origin": origin}), preflight):
            assert answer.status_code == 403
            assert code(answer) == "FORBIDDEN"
            assert_unreadable(answer)

    @pytest.mark.parametrize("second", [EXAMPLE, "https://evil.test", "null"])
    def test_a_doubled_origin_is_refused_whichever_comes_first(
        self, door: Front, second: str
    ) -> None:
        for pair in ((EXAMPLE, second), (second, EXAMPLE)):
            headers = [("Origin", origin) for origin in pair]
            for answer in (door.begin(headers), door.send("OPTIONS", INIT, headers)):
                assert answer.status_code == 403
                assert_unreadable(answer)

    def test_the_servers_own_pages_are_always_allowed_under_the_name_they_were_asked_by(
        self, door: Front
    ) -> None:
        for host in ("localhost:8080", "127.0.0.1:9", "a.localhost", "[::1]:8080", "192.168.1.7"):
            answer = door.begin({"Host": host, "Origin": f"http://{host}"})
            assert answer.status_code == 201, host
            assert_readable(answer, f"http://{host}")

    @pytest.mark.parametrize(
        "origin",
        [
            "http://localhost:3000",
            "https://localhost",
            "http://a.localhost",
            "http://127.0.0.1:5173",
        ],
    )
    def test_the_first_run_allows_pages_of_this_machine_and_nobody_else(
        self, first_run: Front, origin: str
    ) -> None:
        assert first_run.begin({"Origin": origin}).status_code == 201
        assert first_run.begin({"Origin": "http://192.168.1.7:3000"}).status_code == 403
        assert first_run.begin({"Origin": "http://localhost.evil.test"}).status_code == 403

    def test_a_session_is_worth_nothing_on_another_allowed_origin(self, door: Front) -> None:
        cookie, token = door.cookie(EXAMPLE), door.token(EXAMPLE)
        for credential in ({"Cookie": cookie}, bearer(token)):
            assert door.send("GET", ME, {"Origin": EXAMPLE} | credential).status_code == 200
            stolen = door.send("GET", ME, {"Origin": OTHER} | credential)
            assert stolen.status_code == 401
            assert code(stolen) == "UNAUTHORIZED"
            assert_readable(stolen, OTHER)

    def test_beginning_with_another_origins_cookie_makes_a_stranger(self, door: Front) -> None:
        cookie = door.cookie(EXAMPLE)
        mine = door.send("GET", ME, {"Origin": EXAMPLE, "Cookie": cookie}).json()
        again = door.begin({"Origin": OTHER, "Cookie": cookie}, transport="cookie")
        assert again.status_code == 201
        assert again.json()["visitor"]["id"] != mine["id"]

    def test_a_bearer_token_does_not_open_the_door_for_a_foreign_origin(self, door: Front) -> None:
        token = door.token(EXAMPLE)
        for origin in ("https://evil.test", "null"):
            answer = door.send("GET", ME, {"Origin": origin} | bearer(token))
            assert answer.status_code == 403
            assert_unreadable(answer)


class TestRequestsWithoutAnOrigin:
    def test_a_page_of_ours_reads_with_its_cookie_because_browsers_send_no_origin_then(
        self, door: Front
    ) -> None:
        headers = {"Cookie": door.cookie(LOCAL), "Sec-Fetch-Site": "same-origin"}
        assert door.send("GET", ME, headers).status_code == 200

    @pytest.mark.parametrize("fetch_site", [None, "same-site", "cross-site", "none", "SAME-ORIGIN"])
    def test_a_cookie_alone_reads_nothing_from_anywhere_else(
        self, door: Front, fetch_site: str | None
    ) -> None:
        headers = {"Cookie": door.cookie(LOCAL)}
        if fetch_site is not None:
            headers["Sec-Fetch-Site"] = fetch_site
        answer = door.send("GET", ME, headers)
        assert answer.status_code == 403
        assert_unreadable(answer)

    @pytest.mark.parametrize("fetch_site", ["same-origin", "cross-site", None])
    def test_a_cookie_never_writes_without_an_origin(
        self, door: Front, fetch_site: str | None
    ) -> None:
        """Browsers name the origin on every POST: what says same-origin without one is no browser."""
        headers = {"Cookie": door.cookie(LOCAL)}
        if fetch_site is not None:
            headers["Sec-Fetch-Site"] = fetch_site
        assert door.send("POST", CONVERSATIONS, headers).status_code == 403
        with_origin = door.send("POST", CONVERSATIONS, headers | {"Origin": LOCAL})
        assert with_origin.status_code == 201

    def test_a_bearer_token_reads_and_writes(self, door: Front) -> None:
        token = door.token(EXAMPLE)
        assert door.send("GET", ME, bearer(token)).status_code == 200
        assert door.send("POST", CONVERSATIONS, bearer(token)).status_code == 201

    def test_nobody_begins_a_session_without_an_origin(self, door: Front) -> None:
        assert door.begin({}).status_code == 403
        assert door.begin({"X-Asklight-Site": "demo"}).status_code == 403
        forged = bearer("demo.forged.token")
        assert door.begin(forged).status_code == 401
        assert door.begin(forged | {"X-Asklight-Site": "demo"}).status_code == 401

    def test_naming_a_site_beside_a_forged_token_reads_nothing(self, door: Front) -> None:
        headers = bearer("demo.forged.token") | {"X-Asklight-Site": "demo"}
        assert door.send("GET", "/v2/projects/current?apiKey=demo", headers).status_code == 401

    def test_a_session_is_renewed_without_an_origin(self, door: Front) -> None:
        token = door.token(EXAMPLE)
        answer = door.begin(bearer(token))
        assert answer.status_code == 200
        mine = door.send("GET", ME, bearer(answer.json()["sessionToken"])).json()
        assert mine == answer.json()["visitor"]


class TestModes:
    @pytest.mark.parametrize("mode", ["navigate", "no-cors", "websocket", "nested-navigate", ""])
    def test_what_no_script_of_ours_sends_is_refused_whatever_it_carries(
        self, door: Front, mode: str
    ) -> None:
        cookie, token = door.cookie(LOCAL), door.token(LOCAL)
        own = {"Sec-Fetch-Site": "same-origin", "Cookie": cookie}
        for headers in (own, bearer(token), {"Origin": LOCAL, "Cookie": cookie}):
            for method, path in (("GET", ME), ("POST", CONVERSATIONS)):
                answer = door.send(method, path, {"Sec-Fetch-Mode": mode} | headers)
                assert answer.status_code == 403
                assert_unreadable(answer)

    @pytest.mark.parametrize("mode", ["cors", "same-origin"])
    def test_what_fetch_sends_is_answered(self, door: Front, mode: str) -> None:
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": door.cookie(LOCAL)}
        assert door.send("GET", ME, headers | {"Sec-Fetch-Mode": mode}).status_code == 200


class TestMediaTypes:
    @pytest.mark.parametrize(
        "content_type",
        [
            "text/plain",
            "text/plain;charset=UTF-8",
            "text/plain; application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "application/json-patch+json",
            "application/jsonp",
            "application/json, text/plain",
            "text/json",
            "json",
            "",
        ],
    )
    def test_a_body_that_needs_no_preflight_is_refused_before_any_handler_runs(
        self, door: Front, content_type: str
    ) -> None:
        credential = {"Origin": EXAMPLE, "Cookie": door.cookie(EXAMPLE)}
        begun = {"apiKey": "demo", "transport": "cookie"}
        for path, body in ((INIT, begun), (CONVERSATIONS, {}), (f"{INIT}/nothing", {})):
            headers = credential | {"Content-Type": content_type}
            answer = door.send("POST", path, headers, body=body)
            assert answer.status_code == 415
            assert code(answer) == "UNSUPPORTED_MEDIA_TYPE"
            assert_readable(answer, EXAMPLE)
            assert "set-cookie" not in answer.headers
        assert door.send("GET", CONVERSATIONS, credential).json()["total"] == 0

    def test_a_body_without_a_type_is_refused_too(self, door: Front) -> None:
        """A Blob without a type is sent without a preflight and without a Content-Type."""
        credential = {"Origin": EXAMPLE, "Cookie": door.cookie(EXAMPLE)}
        answer = door.send("POST", CONVERSATIONS, credential, content=b"{}")
        assert answer.status_code == 415
        assert door.send("GET", CONVERSATIONS, credential).json()["total"] == 0

    @pytest.mark.parametrize(
        "content_type",
        ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json ;a=b"],
    )
    def test_json_is_json_however_it_is_written(self, door: Front, content_type: str) -> None:
        headers = {"Origin": EXAMPLE, "Content-Type": content_type}
        assert door.begin(headers).status_code == 201
