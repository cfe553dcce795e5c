"""What a page may load, and who may frame it."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from asklight.site.headers import frame_ancestors
from asklight.site.pages import ServedSite
from asklight.weborigin import OriginPattern
from proxy.site.served import OpenSite

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


def policy(client: TestClient, path: str) -> dict[str, str]:
    """The directives of a page's content security policy."""
    header = client.get(path).headers["content-security-policy"]
    return dict(directive.split(" ", 1) for directive in header.split("; "))


@pytest.mark.parametrize("path", ["/", "/nowhere", "/chat?site=nobody"])
def test_a_page_is_strict_and_framed_by_nobody(client: TestClient, path: str) -> None:
    assert policy(client, path) == {**STRICT, "frame-ancestors": "'none'"}


@pytest.mark.parametrize(
    ("site", "framers"),
    [
        ("demo", "'self' http://localhost:*"),
        ("shop", "'self' https://shop.example https://*.shop.example"),
    ],
)
def test_the_chat_page_may_be_framed_by_its_sites_origins(
    client: TestClient, site: str, framers: str
) -> None:
    assert policy(client, f"/chat?site={site}") == {**STRICT, "frame-ancestors": framers}


@pytest.mark.parametrize("path", ["/", "/chat", "/nowhere"])
def test_pages_guard_against_sniffing_referrers_and_openers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "microphone=()" in headers["permissions-policy"]
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_an_ipv6_address_is_left_out_because_csp_cannot_name_it() -> None:
    sources = ("http://[::1]:3000", "https://a.example:8443")
    assert frame_ancestors(sources) == "'self' https://a.example:8443"


@pytest.mark.parametrize(
    "text", ["localhost", "https://*.example.com", "https://a_b.example:8443", "http://[::1]:3000"]
)
def test_whatever_a_site_may_list_can_stand_in_the_policy(text: str) -> None:
    pattern = OriginPattern.parse(text)
    assert pattern is not None
    value = frame_ancestors(pattern.frame_ancestors())
    assert value.startswith("'self'")
    assert ";" not in value


@pytest.mark.parametrize(
    "framer",
    [
        "https://a.example; script-src *",
        "https://a.example https://b.example",
        "https://a.example/",
        "https://*",
        "https://A.example",
        "*",
        "null",
        "",
    ],
)
def test_a_framer_that_could_widen_the_policy_is_a_fault_at_start(
    open_site: OpenSite, framer: str
) -> None:
    site = ServedSite(name="Odd", welcome=None, framers=(framer,))
    with pytest.raises(ValueError, match="frame-ancestors"):
        open_site(sites={"odd": site}, default_site="odd")
