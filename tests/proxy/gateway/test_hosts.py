"""Only hosts that are ours are answered, on every address of the server."""

from __future__ import annotations

import pytest

from asklight.gateway.gate import HostCheck
from asklight.gateway.origins import Origins
from proxy.gateway.front import Front, code


class TestHosts:
    @pytest.mark.parametrize("path", ["/", "/embed.js", "/healthz", "/v2/identity/me", "/v2/x"])
    def test_a_name_that_can_be_rebound_is_answered_nowhere(self, door: Front, path: str) -> None:
        answer = door.send("GET", path, {"Host": "rebound.evil.test:8080"})
        assert answer.status_code == 421
        assert code(answer) == "MISDIRECTED_REQUEST"

    def test_a_rebound_page_is_not_taken_for_one_of_ours(self, door: Front) -> None:
        """Its origin equals the Host it names: without the check it would be same-origin with us."""
        for host, status in (("rebound.evil.test:8080", 421), ("localhost:8080", 201)):
            answer = door.begin({"Host": host, "Origin": f"http://{host}"})
            assert answer.status_code == status

    @pytest.mark.parametrize(
        "host",
        [
            "",
            "example.com",
            "localhost.evil.test",
            "evil-localhost",
            "notlocalhost",
            "localhost.",
            "127.0.0.1.evil.test",
            "127.0.0.1.",
            "127.1",
            "0x7f000001",
            "2130706433",
            "0177.0.0.1",
            "256.0.0.1",
            "localhost:port",
            "localhost:",
            "localhost:8080:8080",
            "localhost, evil.test",
            "localhost@evil.test",
            "evil.test@localhost",
            "localhost/evil.test",
            "evil.test\\.localhost",
            "evil.test .localhost",
            "..localhost",
            ".localhost",
            "[::1",
            "::1",
            "[::1%25eth0]",
            "[127.0.0.1]",
            "[::1]evil.test",
            "a" * 64 + ".localhost",
        ],
    )
    def test_a_malformed_or_foreign_host_is_refused(self, door: Front, host: str) -> None:
        assert door.send("GET", "/healthz", {"Host": host}).status_code == 421

    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "LocalHost:8080",
            "a.localhost",
            "a-b.c_d.localhost:1",
            "127.0.0.1:8080",
            "192.168.1.7",
            "[::1]:8080",
            "[2001:DB8::1]",
        ],
    )
    def test_names_of_this_machine_and_addresses_are_answered(self, door: Front, host: str) -> None:
        assert door.send("GET", "/healthz", {"Host": host}).status_code == 200

    def test_a_doubled_host_is_refused_even_where_both_are_good(self, door: Front) -> None:
        doubled = [("Host", "localhost:8080"), ("Host", "localhost:8080")]
        assert door.send("GET", "/healthz", doubled).status_code == 421
        assert door.send("GET", "/healthz", doubled[:1]).status_code == 200

    def test_with_a_public_address_its_name_is_answered_too(self, two: Front) -> None:
        for host, status in (
            ("ask.example", 200),
            ("ASK.example:443", 200),
            ("ask.example.", 421),
            ("x.ask.example", 421),
            ("ask.example.evil.test", 421),
            ("localhost:8080", 200),
        ):
            assert two.send("GET", "/healthz", {"Host": host}).status_code == status, host

    def test_behind_a_public_address_the_cookie_is_secure_whatever_the_hop_was(
        self, two: Front
    ) -> None:
        headers = {"Host": "ask.example", "Origin": two.own, "X-Asklight-Site": "shop"}
        answer = two.begin(headers, site="shop", transport="cookie")
        assert "; Secure; SameSite=None; Partitioned" in answer.headers["set-cookie"]


async def test_a_request_without_any_host_is_refused() -> None:
    """Below HTTP/1.1 there may be none; no client library sends such a request."""
    sent: list[dict[str, object]] = []

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError("reached")

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    check = HostCheck(app, Origins({}, None))
    await check({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)
    assert sent[0]["status"] == 421
