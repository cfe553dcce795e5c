"""The proxy in front of an upstream that fails on command, and somebody who asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop

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


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that is shipped: its transports differ from asyncio's where a relay looks closely."""
    return {"uvloop": uvloop.new_event_loop}
