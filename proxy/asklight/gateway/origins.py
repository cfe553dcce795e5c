"""Where a request comes from, as its browser says it: the ``Host`` it asked for, ``Origin`` and ``Sec-Fetch-*``.

Only this module reads those headers. Decisions here are pure: headers in, a :class:`Provenance` or a refusal out.
An origin can be forged outside a browser, so nothing about limits rests on it; what it stops is a browser being
made to act for a page that its user's session was never meant for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from starlette.datastructures import Headers

from asklight.errors import Forbidden, MisdirectedRequest
from asklight.gateway.sessions import CookieForm
from asklight.settings import Site
from asklight.weborigin import (
    WebOrigin,
    extension_origin,
    is_ip_literal,
    is_loopback,
    parse_origin,
    split_host,
)

SITE_HEADER: Final = "x-asklight-site"
_MODES: Final = frozenset({"cors", "same-origin"})
_SENT_WITHOUT_ORIGIN: Final = frozenset({"GET", "HEAD"})
"""Methods for which a browser sends no ``Origin`` to the page's own server (Fetch, "append a request Origin header")."""

_ALLOWED_HEADERS: Final = (
    "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, User-Agent, X-Asklight-Site"
)
"""`User-Agent`: version 5 of the AI SDK sets it, and Firefox then asks whether it may (Chromium leaves it out)."""
_PREFLIGHT_SECONDS: Final = 7_200


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a request comes from. `origin` None: it was sent without one, and not by a page of ours.

    `site` None: nothing but a bearer token can tell it.
    """

    site: Site | None
    origin: str | None


class Origins:
    """Knows which origins and hosts this deployment answers, and for which site."""

    def __init__(self, sites: Mapping[str, Site], public_url: WebOrigin | None) -> None:
        self._sites = sites
        self._public_url = public_url
        self._only_site = next(iter(sites.values())) if len(sites) == 1 else None

    def own_origin(self, headers: Headers) -> str:
        """The origin of this server's own pages, as the request's browser sees it.

        :raises MisdirectedRequest: the ``Host`` is missing, doubled, malformed or not one we answer to. Without a
            public address only names that cannot be rebound are answered: localhost and IP literals.
        """
        values = headers.getlist("host")
        parts = split_host(values[0]) if len(values) == 1 else None
        if parts is None:
            raise MisdirectedRequest
        host, port = parts
        if self._public_url is not None and host == self._public_url.host:
            return str(self._public_url)
        if not (is_loopback(host) or is_ip_literal(host)):
            raise MisdirectedRequest
        return f"http://{host}{'' if port == ':80' else port}"

    def cookie_forms(
        self, headers: Headers, own_origin: str, page_origin: str | None
    ) -> tuple[CookieForm, ...]:
        """The forms of cookie that browsers keep from `own_origin` for a page on `page_origin`, the safest first.

        Over plain http on this machine some keep a ``Secure`` one (Chromium, Firefox) and some do not (WebKit).
        Nothing that a request says brings out a plain one where people come by https: behind a front proxy that
        names this machine as the host, their pages' origins are https all the same.
        """
        own = parse_origin(own_origin)
        if own is None or own.scheme == "https":
            return ("secure",)
        if not is_loopback(own.host):
            return ("plain",)
        is_public = self._public_url is not None and self._public_url.scheme == "https"
        page = parse_origin(page_origin) if page_origin is not None else None
        is_here = page is not None and page.scheme == "http" and is_loopback(page.host)
        if is_public or not is_here or headers.get("sec-fetch-site") == "cross-site":
            return ("secure",)
        return ("secure", "plain")

    def provenance(self, method: str, headers: Headers, own_origin: str) -> Provenance:
        """Where the request comes from.

        :raises Forbidden: a navigation or a mode no script of ours uses, an origin that is malformed or on no
            site's list, or one that belongs to another site than the request names.
        """
        mode = headers.get("sec-fetch-mode")
        if mode is not None and mode not in _MODES:
            raise Forbidden("Only requests that a script made with fetch are answered here.")
        named = self._named_site(headers)
        values = headers.getlist("origin")
        if len(values) > 1:
            raise Forbidden("The Origin header is sent twice.")
        if values:
            return Provenance(self._site_of(values[0], named, own_origin), values[0])
        if method in _SENT_WITHOUT_ORIGIN and headers.get("sec-fetch-site") == "same-origin":
            return Provenance(named or self._sole_site(), own_origin)
        return Provenance(named, None)

    def preflight_headers(self, headers: Headers, own_origin: str) -> dict[str, str]:
        """What a preflight from an allowed origin is answered with.

        :raises Forbidden: no site allows the origin.
        """
        values = headers.getlist("origin")
        origin = values[0] if len(values) == 1 else ""
        if origin != own_origin and not self._anyone_allows(origin):
            raise Forbidden("This origin is not allowed here.")
        return {
            **cors_headers(origin),
            "access-control-allow-methods": "GET, POST, DELETE",
            "access-control-allow-headers": _ALLOWED_HEADERS,
            "access-control-max-age": str(_PREFLIGHT_SECONDS),
        }

    def _named_site(self, headers: Headers) -> Site | None:
        name = headers.get(SITE_HEADER)
        if name is None:
            return None
        site = self._sites.get(name)
        if site is None:
            raise Forbidden("X-Asklight-Site names no site of this server.")
        return site

    def _site_of(self, origin: str, named: Site | None, own_origin: str) -> Site:
        if origin == own_origin:
            return named or self._sole_site()
        extension = extension_origin(origin)
        if extension is not None:
            site = named or self._sole_site()
            if not _allows_extension(site, extension):
                raise Forbidden("This extension is not allowed here.")
            return site
        web = parse_origin(origin)
        site_of_origin = self._web_site(web) if web is not None else None
        if site_of_origin is None or (named is not None and named is not site_of_origin):
            raise Forbidden("This origin is not allowed here.")
        return site_of_origin

    def _sole_site(self) -> Site:
        if self._only_site is None:
            raise Forbidden("X-Asklight-Site must name the site.")
        return self._only_site

    def _web_site(self, origin: WebOrigin) -> Site | None:
        """The site an origin belongs to: of several that cover it, the one whose pattern says most."""
        text = str(origin)
        covering = [
            ((pattern.text == text, len(pattern.text)), site)
            for site in self._sites.values()
            for pattern in site.origins
            if pattern.matches(origin)
        ]
        return max(covering, key=itemgetter(0))[1] if covering else None

    def _anyone_allows(self, origin: str) -> bool:
        extension = extension_origin(origin)
        if extension is not None:
            return any(_allows_extension(site, extension) for site in self._sites.values())
        web = parse_origin(origin)
        return web is not None and self._web_site(web) is not None


def _allows_extension(site: Site, extension: tuple[str, str]) -> bool:
    kind, identity = extension
    # Firefox makes up another id for every installation.
    return "firefox" in site.extensions if kind == "moz" else identity in site.extensions


def cors_headers(origin: str) -> dict[str, str]:
    """The headers that let a script on `origin`, already found allowed, read the answer."""
    return {
        "access-control-allow-origin": origin,
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "Retry-After",
    }
