"""The proxy in front of an upstream that fails on command, and somebody who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from proxy.gateway.relayed import Relayed, Visitor, relayed


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy with an API token and a grace period of 0."""
    async with relayed(tmp_path) as running:
        yield running


@pytest.fixture
async def visitor(relay: Relayed) -> Visitor:
    """Somebody with a session."""
    return await relay.visitor()
