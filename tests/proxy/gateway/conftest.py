"""The proxy in front of an upstream that fails on command, and somebody who asks; and its door, with nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import uvloop

from proxy.gateway.front import CHOSEN, Front, front, two_sites
from proxy.gateway.relayed import Relayed, Visitor, relayed

WAYS: Final = {
    "relay": {"ASKLIGHT_UPSTREAM_TRANSPORT": "relay"},
    "relay, direct": {"ASKLIGHT_UPSTREAM_TRANSPORT": "relay", "ASKLIGHT_SENDING": "direct"},
    "httpx2": {"ASKLIGHT_UPSTREAM_TRANSPORT": "httpx2"},
}


@pytest.fixture(params=WAYS)
async def relay(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy with an API token and a grace period of 0, over either transport, and past ASGI's ``send``."""
    async with relayed(tmp_path, WAYS[request.param]) as running:
        yield running


@pytest.fixture
async def visitor(relay: Relayed) -> Visitor:
    """Somebody with a session."""
    return await relay.visitor()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """One site with origins of its own, and nothing else configured."""
    with front(tmp_path_factory.mktemp("chosen"), CHOSEN) as opened:
        yield opened


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Nothing configured at all: the site ``demo``."""
    with front(tmp_path_factory.mktemp("first")) as opened:
        yield opened


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The sites ``shop`` and ``docs``."""
    with two_sites(tmp_path_factory.mktemp("two")) as opened:
        yield opened


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that is shipped: its transports differ from asyncio's where a relay looks closely."""
    return {"uvloop": uvloop.new_event_loop}
