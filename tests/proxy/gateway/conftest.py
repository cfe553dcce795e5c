"""The proxy in front of an upstream that fails on command, and somebody who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.gateway.relayed import Relayed, Visitor, relayed


@pytest.fixture(params=["relay", "httpx2"])
async def relay(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy with an API token and a grace period of 0, over either transport."""
    async with relayed(tmp_path, {"ASKLIGHT_UPSTREAM_TRANSPORT": request.param}) as running:
        yield running


@pytest.fixture
async def visitor(relay: Relayed) -> Visitor:
    """Somebody with a session."""
    return await relay.visitor()
