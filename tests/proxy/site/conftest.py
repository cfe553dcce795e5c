"""A small app with the served pages over a stand-in build."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from asklight.site.pages import PageFacts, ServedSite, site_routes
from asklight.site.problems import answer_with_page
from proxy.site.served import CHAT_MODULE, EMBED, LOOK, OpenSite


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """A stand-in for the browser side's build."""
    folder = tmp_path / "static"
    for name, content in {
        "embed.js": EMBED,
        "look.js": LOOK,
        "named.js": LOOK,
        CHAT_MODULE: "export {};",
        "assets/panel-4d5e6f.js": "export const panel = 1;",
        "extension/chromium.zip": "PK",
        "extension/firefox.zip": "PK",
        "build.json": json.dumps({"version": "1.2.3", "chat": CHAT_MODULE}),
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    (tmp_path / "secret.js").write_text("outside the build")
    return folder


@pytest.fixture
def facts(static: Path) -> PageFacts:
    """Two sites: the local demo one, and a shop with origins of its own."""
    return PageFacts(
        sites={
            "demo": ServedSite(name="Demo", welcome=None, framers=("http://localhost:*",)),
            "shop": ServedSite(
                name="Shop & Co",
                welcome="Ask us <anything>",
                framers=("https://shop.example", "https://*.shop.example"),
                color="#7FD1B9",
                position="bottom-left",
                page_key="pk_shop",
            ),
        },
        default_site="demo",
        own_origin=lambda request: f"http://{request.headers['host']}",
        static=static,
        version="1.2.3",
        quotes_only=True,
    )


@pytest.fixture
def open_site(facts: PageFacts) -> OpenSite:
    """Opens a client on the pages, with any of the facts changed."""

    def open_client(**changes: object) -> TestClient:
        app = Starlette(
            routes=site_routes(replace(facts, **changes)),  # type: ignore[arg-type]  # tests name fields
            exception_handlers={HTTPException: answer_with_page, 500: answer_with_page},
        )
        return TestClient(app, base_url="http://asklight.test", raise_server_exceptions=False)

    return open_client


@pytest.fixture
def client(open_site: OpenSite) -> TestClient:
    """A client on the pages as they are."""
    return open_site()
