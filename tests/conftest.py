"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.servers import HostPages, RunningProxy, host_pages, running_proxy

_BROWSER_TESTS = Path(__file__).parent / "browser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: after Playwright's first one, no asyncio test can run in this process."""
    items.sort(key=lambda item: _BROWSER_TESTS in item.path.parents)


@pytest.fixture(scope="session")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProxy]:
    """The proxy with nothing configured but its data folder: site ``demo``, the embedded assistant."""
    with running_proxy(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture(scope="session")
def pages() -> Iterator[HostPages]:
    """Somebody's site, on another origin than the proxy's."""
    with host_pages() as running:
        yield running
