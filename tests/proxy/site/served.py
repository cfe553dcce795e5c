"""What the tests of the served pages share: the stand-in build's names, and how a client is opened."""

from __future__ import annotations

from typing import Protocol

from starlette.testclient import TestClient

EMBED = "/* the loader */"
LOOK = "export const run = () => LOOK;"
CHAT_MODULE = "assets/chat-1a2b3c.js"


class OpenSite(Protocol):
    """Opens a client on the pages, with any of their facts changed."""

    def __call__(self, **changes: object) -> TestClient: ...
