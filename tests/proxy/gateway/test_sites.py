"""Which site a request is for, by its origin or by the name it gives."""

from __future__ import annotations

import pytest

from asklight.settings import CHROMIUM_EXTENSION_ID
from proxy.gateway.front import (
    CHROMIUM,
    FIREFOX,
    INIT,
    ME,
    Front,
    assert_readable,
    bearer,
)


class TestSites:
    def test_the_origin_alone_tells_the_site(self, two: Front) -> None:
        for origin, site in (("https://shop.example", "shop"), ("https://docs.example", "docs")):
            answer = two.send("GET", f"/v2/projects/current?apiKey={site}", {"Origin": origin})
            assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("origin", "site"),
        [
            ("https://x.example.net", "shop"),
            ("https://x.docs.example.net", "docs"),
            ("https://a.example.net", "docs"),
        ],
    )
    def test_of_several_patterns_the_one_that_says_most_decides(
        self, two: Front, origin: str, site: str
    ) -> None:
        assert two.begin({"Origin": origin}, site=site).status_code == 201

    def test_a_page_cannot_use_another_sites_key(self, two: Front) -> None:
        answer = two.begin({"Origin": "https://shop.example"}, site="docs")
        assert answer.status_code == 401
        project = "/v2/projects/current?apiKey=docs"
        assert two.send("GET", project, {"Origin": "https://shop.example"}).status_code == 401

    def test_a_page_cannot_name_another_site(self, two: Front) -> None:
        for name, status in (("shop", 201), ("docs", 403), ("nobody", 403), ("", 403)):
            headers = {"Origin": "https://shop.example", "X-Asklight-Site": name}
            assert two.begin(headers, site="shop").status_code == status, name

    def test_the_servers_own_pages_name_theirs(self, two: Front) -> None:
        own = {"Origin": two.own}
        assert two.begin(own, site="shop").status_code == 403
        for site in ("shop", "docs"):
            assert two.begin(own | {"X-Asklight-Site": site}, site=site).status_code == 201

    def test_the_servers_own_pages_read_with_the_named_sites_cookie(self, two: Front) -> None:
        named = {"X-Asklight-Site": "shop"}
        begun = two.begin({"Origin": two.own} | named, site="shop", transport="cookie")
        cookie = begun.headers["set-cookie"].partition(";")[0]
        assert cookie.startswith("__Host-asklight-shop=")
        reading = {"Sec-Fetch-Site": "same-origin", "Cookie": cookie}
        assert two.send("GET", ME, reading | named).status_code == 200
        assert two.send("GET", ME, reading | {"X-Asklight-Site": "docs"}).status_code == 401
        assert two.send("GET", ME, reading).status_code == 403

    def test_a_cookie_of_one_site_is_none_on_another_under_either_name(self, two: Front) -> None:
        _, _, value = two.cookie("https://shop.example", site="shop").partition("=")
        for name in ("__Host-asklight-shop", "__Host-asklight-docs"):
            headers = {"Origin": "https://docs.example", "Cookie": f"{name}={value}"}
            assert two.send("GET", ME, headers).status_code == 401

    def test_a_token_of_one_site_is_none_on_another(self, two: Front) -> None:
        token = two.token("https://shop.example", site="shop")
        assert two.send("GET", ME, bearer(token)).status_code == 200
        for headers in (
            {"Origin": "https://docs.example"},
            {"X-Asklight-Site": "docs"},
            {"Origin": two.own, "X-Asklight-Site": "docs"},
        ):
            assert two.send("GET", ME, headers | bearer(token)).status_code == 401
        relabelled = "docs" + token.removeprefix("shop")
        assert two.send("GET", ME, bearer(relabelled)).status_code == 401


class TestExtensions:
    @pytest.mark.parametrize("origin", [CHROMIUM, FIREFOX])
    def test_the_first_run_allows_our_own_builds(self, first_run: Front, origin: str) -> None:
        named = {"Origin": origin, "X-Asklight-Site": "demo"}
        answer = first_run.begin(named)
        assert answer.status_code == 201
        assert_readable(answer, origin)
        assert first_run.send("OPTIONS", INIT, {"Origin": origin}).status_code == 204

    @pytest.mark.parametrize(
        "origin",
        [
            f"chrome-extension://{'a' * 32}",
            f"{CHROMIUM}/",
            f"{CHROMIUM}.evil.test",
            CHROMIUM.replace("chrome", "edge"),
            CHROMIUM.upper(),
            "moz-extension://",
            "moz-extension://a.b",
            f"https://{CHROMIUM_EXTENSION_ID}",
        ],
    )
    def test_other_extensions_are_refused(self, first_run: Front, origin: str) -> None:
        assert first_run.begin({"Origin": origin}).status_code == 403
        assert first_run.send("OPTIONS", INIT, {"Origin": origin}).status_code == 403

    @pytest.mark.parametrize("origin", [CHROMIUM, FIREFOX])
    def test_once_the_origins_are_chosen_the_extensions_are_too(
        self, door: Front, origin: str
    ) -> None:
        assert door.begin({"Origin": origin}).status_code == 403
        assert door.send("OPTIONS", INIT, {"Origin": origin}).status_code == 403

    def test_of_several_sites_an_extension_names_one_that_lists_it(self, two: Front) -> None:
        for origin, site, status in (
            (CHROMIUM, "shop", 201),
            (CHROMIUM, "docs", 403),
            (FIREFOX, "docs", 201),
            (FIREFOX, "shop", 403),
        ):
            headers = {"Origin": origin, "X-Asklight-Site": site}
            assert two.begin(headers, site=site).status_code == status, (origin, site)
        assert two.begin({"Origin": CHROMIUM}, site="shop").status_code == 403

    def test_an_extensions_get_without_an_origin_works_with_its_token(self, two: Front) -> None:
        named = {"X-Asklight-Site": "shop"}
        begun = two.begin({"Origin": CHROMIUM} | named, site="shop")
        token = begun.json()["sessionToken"]
        headers = named | bearer(token) | {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "cors"}
        assert two.send("GET", ME, headers).status_code == 200
