"""The served pages and files: everything a browser gets outside ``/v2``."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from asklight.site.build import Build
from asklight.site.files import (
    ANY_ORIGIN,
    CHECK_ALWAYS,
    CHECK_OFTEN,
    NEVER_CHANGES,
    OWN_ORIGIN,
    BuildFiles,
    Files,
    is_known,
    takes_gzip,
)
from asklight.site.headers import EMBEDDED, frame_ancestors, page_headers
from asklight.site.problems import NOT_BUILT, UNKNOWN_SITE, problem_page
from asklight.site.templating import render

_OWN_FILES = Path(__file__).parent / "page"

_LOOKS = ("look.js", "named.js")
"""What the launcher asks for next: on a page in English, and in another language."""

_LOOK_HEADERS: Mapping[str, str] = {
    **ANY_ORIGIN,
    # An owner's new colour is there within minutes, and no visitor waits for the question whether there is one.
    "Cache-Control": "public, max-age=300, stale-while-revalidate=86400",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class ServedSite:
    """What the pages need to know of a site.

    :param name: the assistant's name, for people.
    :param framers: who may frame its chat, as sources of ``frame-ancestors``.
    :param color: of the launcher's marker, as ``#rgb`` or ``#rrggbb``.
    :param page_key: what pages made for SiteAssist call it.
    """

    name: str
    welcome: str | None
    framers: tuple[str, ...]
    color: str | None = None
    position: str = "bottom-right"
    page_key: str | None = None


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the composition root tells the pages.

    :param sites: by id, the publishable key browsers send.
    :param default_site: id of the site on the start page; one of ``sites``.
    :param own_origin: the address people use, as ``https://host[:port]``, for a request.
    :param static: the folder the browser side is built into; it may be missing.
    :param earlier: folders with the modules of earlier builds.
    :param quotes_only: whether answers are passages of the page, because no model and no service is configured.
    """

    sites: Mapping[str, ServedSite]
    default_site: str
    own_origin: Callable[[Request], str]
    static: Path
    version: str
    quotes_only: bool
    earlier: tuple[Path, ...] = ()


def site_routes(facts: PageFacts) -> list[BaseRoute]:
    """Routes of the pages, the build's files and the health check.

    :raises ValueError: a site's framer cannot stand in a content security policy.
    """
    build = Build(facts.static)
    pages = _Pages(facts, build)
    return [
        Route("/", pages.start),
        Route("/chat", pages.chat),
        Route("/healthz", pages.health),
        Route("/favicon.ico", pages.icon),
        *(
            Route(path, BuildFiles(build, "", cache_control=CHECK_OFTEN), methods=["GET"])
            for path in ("/embed.js", "/element.js")
        ),
        *(Route(f"/{name}", pages.look, methods=["GET"]) for name in _LOOKS),
        Mount(
            "/assets",
            BuildFiles(build, "assets", cache_control=NEVER_CHANGES, earlier=facts.earlier),
        ),
        Mount("/extension", BuildFiles(build, "extension", cache_control=CHECK_ALWAYS)),
        Mount("/page", Files(_OWN_FILES, cache_control=CHECK_ALWAYS, headers=OWN_ORIGIN)),
    ]


class _Pages:
    """The pages' endpoints. Rendering ones are plain functions, which Starlette runs beside the event loop."""

    def __init__(self, facts: PageFacts, build: Build) -> None:
        self._facts = facts
        self._build = build
        self._chat_headers = {
            site_id: {**page_headers(frame_ancestors(site.framers)), **EMBEDDED}
            for site_id, site in facts.sites.items()
        }

    def start(self, request: Request) -> Response:
        """The start page, with the widget on it."""
        if not self._build.is_there:
            return problem_page(NOT_BUILT)
        page = render(
            "start.html",
            site_id=self._facts.default_site,
            origin=self._facts.own_origin(request),
            pinned=self._build.pinned(),
            version=self._facts.version,
            quotes_only=self._facts.quotes_only,
        )
        return HTMLResponse(page, headers=page_headers())

    def chat(self, request: Request) -> Response:
        """A site's assistant as a whole page, for a tab or for a frame on the site's own pages."""
        site_id = request.query_params.get("site", self._facts.default_site)
        site = self._facts.sites.get(site_id)
        if site is None:
            return problem_page(UNKNOWN_SITE)
        module = self._build.chat_module()
        if module is None:
            return problem_page(NOT_BUILT)
        page = render("chat.html", site_id=site_id, site=site, module=module)
        return HTMLResponse(page, headers=self._chat_headers[site_id])

    def look(self, request: Request) -> Response:
        """The module that dresses a site's launcher: the build's, and before it what the site's owner has set."""
        name = request.query_params.get("site", self._facts.default_site)
        site = next(
            (site for key, site in self._facts.sites.items() if name in (key, site.page_key)), None
        )
        if site is None:
            return problem_page(UNKNOWN_SITE)
        module = self._build.module(request.url.path.removeprefix("/"))
        if module is None:
            return problem_page(NOT_BUILT)
        look = {"brandColor": site.color, "position": site.position}
        set_here = json.dumps({key: value for key, value in look.items() if value is not None})
        script = f"const LOOK={set_here};\n{module}"
        etag = f'"{hashlib.sha256(script.encode()).hexdigest()[:32]}"'
        headers = {**_LOOK_HEADERS, "ETag": f"W/{etag}", "Vary": "Accept-Encoding"}
        if is_known(etag, request.headers):
            return Response(status_code=304, headers=headers)
        body = script.encode()
        if takes_gzip(request.headers):  # the build's own files are compressed when they are built
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return Response(body, media_type="text/javascript", headers=headers)

    async def health(self, request: Request) -> Response:
        """Says that the server answers, and which one it is."""
        body = {"status": "ok", "name": "asklight", "version": self._facts.version}
        # Any page may ask: a widget tells a refused origin from a dropped connection by it.
        headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        return JSONResponse(body, headers=headers)

    async def icon(self, request: Request) -> Response:
        """For what asks at the fixed address without reading a page first."""
        headers = {"Cache-Control": CHECK_ALWAYS}
        return FileResponse(_OWN_FILES / "icon.svg", media_type="image/svg+xml", headers=headers)
