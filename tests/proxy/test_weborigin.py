"""Origins and patterns: exact, canonical, and nothing by suffix."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklight.weborigin import (
    OriginPattern,
    WebOrigin,
    extension_origin,
    is_host,
    is_ip_literal,
    is_loopback,
    parse_origin,
    split_host,
)


def pattern(text: str) -> OriginPattern:
    parsed = OriginPattern.parse(text)
    assert parsed is not None
    return parsed


def matches(allowed: str, origin: str) -> bool:
    parsed = parse_origin(origin)
    return parsed is not None and pattern(allowed).matches(parsed)


class TestOrigins:
    @pytest.mark.parametrize(
        ("text", "port"),
        [
            ("https://example.com", 443),
            ("http://example.com", 80),
            ("https://example.com:8443", 8443),
            ("http://localhost:3000", 3000),
            ("http://127.0.0.1", 80),
            ("https://[2001:db8::1]:8443", 8443),
            ("https://xn--bcher-kva.example", 443),
            ("https://a_b.example", 443),
            ("https://example.com:65535", 65535),
        ],
    )
    def test_what_a_browser_writes_is_read_and_written_back(self, text: str, port: int) -> None:
        origin = parse_origin(text)
        assert origin is not None
        assert origin.port == port
        assert str(origin) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "example.com",
            "//example.com",
            "https:example.com",
            "https:/example.com",
            "https://",
            "https:// example.com",
            " https://example.com",
            "https://example.com ",
            "https://example.com\n",
            "https://example.com\x00",
            "https://example.com/",
            "https://example.com?",
            "https://example.com#",
            "https://example.com\\",
            "https://user@example.com",
            "https://user:pass@example.com",
            "https://EXAMPLE.com",
            "Https://example.com",
            "https://example.com:443",
            "http://example.com:80",
            "https://example.com:",
            "https://example.com:0",
            "https://example.com:0443",
            "https://example.com:65536",
            "https://example.com:99999",
            "https://example.com:+443",
            "https://example.com:٤٤٣",
            "https://example.com.",
            "https://.example.com",
            "https://example..com",
            "https://-example.com",
            "https://*.example.com",
            "https://*",
            "https://bücher.example",
            "https://example．com",
            "https://[::1",
            "https://::1",
            "https://[127.0.0.1]",
            "https://[::1%eth0]",
            "https://[::g]",
            "ftp://example.com",
            "file://",
            "ws://example.com",
            "javascript://example.com",
            "data:text/html,x",
            "blob:https://example.com",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "https://" + "a" * 64 + ".example",
            "https://" + "a." * 130 + "example",
        ],
    )
    def test_anything_else_is_no_origin_and_is_not_repaired(self, text: str) -> None:
        assert parse_origin(text) is None

    @given(st.text(alphabet="htps:/*.[]@abc019-_\n ", max_size=40))
    def test_what_is_read_is_always_written_back_the_same(self, text: str) -> None:
        origin = parse_origin(text)
        assert origin is None or str(origin) == text


class TestPatterns:
    @pytest.mark.parametrize(
        ("allowed", "origin", "expected"),
        [
            ("https://example.com", "https://example.com", True),
            ("https://example.com", "http://example.com", False),
            ("https://example.com", "https://example.com:8443", False),
            ("https://example.com", "https://www.example.com", False),
            ("https://example.com", "https://example.com.evil.test", False),
            ("https://example.com", "https://evil-example.com", False),
            ("https://*.example.com", "https://www.example.com", True),
            ("https://*.example.com", "https://a.b.example.com", True),
            ("https://*.example.com", "https://example.com", False),
            ("https://*.example.com", "https://evil-example.com", False),
            ("https://*.example.com", "https://evilexample.com", False),
            ("https://*.example.com", "https://www.example.com.evil.test", False),
            ("https://*.example.com", "https://www.example.com:8443", False),
            ("https://*.example.com", "http://www.example.com", False),
            ("https://*.example.com:8443", "https://www.example.com:8443", True),
            ("https://*.example.com:8443", "https://www.example.com", False),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000", True),
            ("localhost", "http://localhost", True),
            ("localhost", "https://localhost:3000", True),
            ("localhost", "http://a.b.localhost:5173", True),
            ("localhost", "http://127.0.0.1:8000", True),
            ("localhost", "http://127.9.9.9", True),
            ("localhost", "http://[::1]:8000", True),
            ("localhost", "http://localhost.evil.test", False),
            ("localhost", "http://evillocalhost", False),
            ("localhost", "http://127.0.0.1.evil.test", False),
            ("localhost", "http://192.168.1.7", False),
            ("localhost", "http://0.0.0.0:8000", False),
            ("localhost", "http://[::]:8000", False),
        ],
    )
    def test_an_origin_matches_as_a_whole(self, allowed: str, origin: str, expected: bool) -> None:
        assert matches(allowed, origin) is expected

    def test_matching_by_suffix_would_let_a_neighbour_in(self) -> None:
        """The control: what a naive reading of the wildcard lets through."""
        assert "https://evil-example.com".endswith("*.example.com".lstrip("*."))
        assert not matches("https://*.example.com", "https://evil-example.com")

    @pytest.mark.parametrize(
        ("written", "text"),
        [
            (" https://Example.COM/ ", "https://example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://example.com:80", "http://example.com"),
            ("https://*.Example.com:443", "https://*.example.com"),
            ("Localhost", "localhost"),
        ],
    )
    def test_what_an_operator_writes_is_made_canonical(self, written: str, text: str) -> None:
        assert pattern(written).text == text

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "*",
            "null",
            "https://*",
            "https://*.com",
            "https://*.localhost",
            "https://*.127.0.0.1",
            "https://*.[::1]",
            "https://a.*.example.com",
            "https://*example.com",
            "https://**.example.com",
            "*.example.com",
            "example.com",
            "https://example.com/path",
            "https://example.com;script-src *",
            "https://example.com https://evil.test",
            "https://example.com:*",
            "https://user@example.com",
            "ftp://example.com",
            "localhost:3000",
        ],
    )
    def test_what_would_allow_more_than_it_says_is_no_pattern(self, written: str) -> None:
        assert OriginPattern.parse(written) is None

    def test_a_wildcard_frames_exactly_what_it_allows(self) -> None:
        assert pattern("https://*.example.com").frame_ancestors() == ("https://*.example.com",)
        assert pattern("https://example.com").frame_ancestors() == ("https://example.com",)
        assert "http://localhost:*" in pattern("localhost").frame_ancestors()


class TestHosts:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("example.com", ("example.com", "")),
            ("EXAMPLE.com:8080", ("example.com", ":8080")),
            ("[::1]", ("[::1]", "")),
            ("[2001:DB8::1]:80", ("[2001:db8::1]", ":80")),
            ("example.com:", None),
            ("example.com:80:80", None),
            ("example.com:80a", None),
            ("::1", None),
            ("[::1]x", None),
            ("a b", None),
            ("a/b", None),
            ("a@b", None),
            ("a\nb", None),
            ("", None),
            (":80", None),
        ],
    )
    def test_a_host_header_is_a_host_and_perhaps_a_port(
        self, value: str, expected: tuple[str, str] | None
    ) -> None:
        assert split_host(value) == expected

    @pytest.mark.parametrize(
        "host", ["localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]"]
    )
    def test_this_machine_is_known_by_all_its_names(self, host: str) -> None:
        assert is_loopback(host)

    @pytest.mark.parametrize(
        "host",
        ["localhost.", "xlocalhost", "[::]", "127.1", "2130706433", "::1", "10.0.0.1"],
    )
    def test_other_names_are_not_this_machine(self, host: str) -> None:
        assert not is_loopback(host)

    def test_an_address_is_written_in_full(self) -> None:
        assert is_ip_literal("192.168.0.1")
        assert is_ip_literal("[::ffff:10.0.0.1]")
        for text in ("192.168.1", "1", "0x7f.0.0.1", "192.168.0.01", "::1", "[10.0.0.1]", "a"):
            assert not is_ip_literal(text)

    def test_a_name_has_labels_of_at_most_63_and_is_at_most_253_long(self) -> None:
        assert is_host("a" * 63)
        assert not is_host("a" * 64)
        assert is_host(".".join(["a" * 50] * 4))
        assert not is_host(".".join(["a" * 50] * 5))


class TestExtensions:
    def test_the_two_kinds_are_told_apart(self) -> None:
        assert extension_origin("chrome-extension://abc") == ("chrome", "abc")
        assert extension_origin("moz-extension://1-2-3") == ("moz", "1-2-3")

    @pytest.mark.parametrize(
        "text",
        [
            "chrome-extension://",
            "chrome-extension://abc/",
            "chrome-extension://abc/popup.html",
            "chrome-extension://ABC",
            "chrome-extension://abc.evil.test",
            "xchrome-extension://abc",
            "edge-extension://abc",
            "chrome-extension://abc\n",
            "chrome-extension://" + "a" * 65,
        ],
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert extension_origin(text) is None


def test_the_default_port_is_left_out_and_another_kept() -> None:
    assert str(WebOrigin("https", "a.example", 443)) == "https://a.example"
    assert str(WebOrigin("https", "a.example", 80)) == "https://a.example:80"
