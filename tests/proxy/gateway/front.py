"""The front door as browsers meet it: the whole application as shipped, asked in this process, without a cookie jar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from asklight.app import create_app
from asklight.configure import load_settings
from asklight.settings import CHROMIUM_EXTENSION_ID
from support.servers import UNLIMITED

LOCAL = "http://localhost:8080"
"""Where the server's own pages are when nothing is configured."""

EXAMPLE = "https://example.com"
OTHER = "https://other.example"
WILD = "https://a.wild.example:8443"
CHOSEN = {
    "ASKLIGHT_ORIGINS": f"{EXAMPLE}, {OTHER}, https://*.wild.example:8443, http://*.plain.example"
}
"""One site with origins of its own; of them, the three above."""

CHROMIUM = f"chrome-extension://{CHROMIUM_EXTENSION_ID}"
FIREFOX = "moz-extension://3c4a2e0e-5b0e-4f0a-9a57-1d5b7e0a0c11"

INIT = "/v2/identity/init"
ME = "/v2/identity/me"
CONVERSATIONS = "/v2/conversations"

SECRET = "a-signing-key-for-tests-and-nothing-else"


class Front:
    """Sends what a test says and nothing more: whatever the answer, no cookie is kept.

    :param own: the origin of the server's own pages; the default ``Host``.
    """

    def __init__(self, client: TestClient, own: str) -> None:
        self.own = own
        self._client = client

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
        *,
        body: Any = None,
        content: bytes | None = None,
    ) -> Response:
        """:param body: sent as JSON. :param content: sent as it is, with no type of its own."""
        self._client.cookies.clear()
        return self._client.request(method, path, headers=headers, json=body, content=content)

    def begin(
        self,
        headers: Mapping[str, str] | list[tuple[str, str]],
        *,
        site: str = "demo",
        transport: str = "token",
    ) -> Response:
        """Asks for a session."""
        body = {"apiKey": site, "transport": transport}
        return self.send("POST", "/v2/identity/init", headers, body=body)

    def token(self, origin: str, *, site: str = "demo") -> str:
        """The token of a new session made on `origin`."""
        answer = self.begin({"Origin": origin}, site=site)
        assert answer.status_code == 201, answer.text
        token: str = answer.json()["sessionToken"]
        return token

    def cookie(self, origin: str, *, site: str = "demo") -> str:
        """The ``Cookie`` header of a new session made on `origin`."""
        answer = self.begin({"Origin": origin}, site=site, transport="cookie")
        assert answer.status_code == 201, answer.text
        return answer.headers["set-cookie"].partition(";")[0]


@contextmanager
def front(
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    own: str = LOCAL,
    address: str = "127.0.0.1",
) -> Iterator[Front]:
    """The application with `environment`, asked from `address`; limits only where a test sets them."""
    settings = load_settings(
        {
            "ASKLIGHT_DATA_DIR": str(folder),
            "ASKLIGHT_SECRET": SECRET,
            **({} if "ASKLIGHT_CONFIG" in (environment or {}) else UNLIMITED),
            **(environment or {}),
        }
    )
    with TestClient(create_app(settings), base_url=own, client=(address, 50_000)) as client:
        yield Front(client, own)


@contextmanager
def two_sites(folder: Path) -> Iterator[Front]:
    """Two sites, ``shop`` and ``docs``, behind one public address."""
    config = folder / "asklight.toml"
    config.write_text(
        f"""
        public_url = "https://ask.example"
        [[sites]]
        id = "shop"
        origins = ["https://shop.example", "https://*.example.net"]
        extensions = ["{CHROMIUM_EXTENSION_ID}"]
        [[sites]]
        id = "docs"
        origins = ["https://docs.example", "https://*.docs.example.net", "https://a.example.net"]
        extensions = ["firefox"]
        """
    )
    settings = {"ASKLIGHT_CONFIG": str(config)}
    with front(folder / "data", settings, own="https://ask.example") as opened:
        yield opened


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def code(answer: Response) -> str:
    """The error's code, after checking that it has the contract's one shape."""
    body = answer.json()
    assert body.keys() == {"error"}
    assert body["error"].keys() <= {"message", "code", "details"}
    assert body["error"]["message"]
    assert answer.headers["cache-control"] == "no-store"
    text: str = body["error"]["code"]
    return text


def assert_unreadable(answer: Response) -> None:
    """No script on another origin may read `answer`, and nothing of a session is in it."""
    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert "set-cookie" not in answer.headers
    assert answer.headers["vary"] == "Origin"


def assert_readable(answer: Response, origin: str) -> None:
    """A script on `origin` may read `answer`, and on no other."""
    assert answer.headers.get_list("access-control-allow-origin") == [origin]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-expose-headers"] == "Retry-After"
    assert "Origin" in answer.headers["vary"]
