"""A real Chromium, found once when the browser tests are collected."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from support.chromium import chromium_path, shell_path
from support.servers import HostPages, RunningProxy, running_proxy
from support.told import ToldUpstream, told_upstream
from support.vouching import VOUCHING
from support.widget import HOST, Widget

CHROMIUM, SHELL = chromium_path(), shell_path()
QUIET = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Flags that keep Chromium from looking for hosts of its maker's."""

PLAIN = ["--disable-gpu", "--disable-software-rasterizer"]
"""Nobody looks: without a drawn-up graphics card all of it takes an eighth less."""

ROOT = Path(__file__).parents[2]


def launch_options(executable: str = CHROMIUM) -> dict[str, object]:
    """What every Chromium of these tests is started with. Its sandbox does not work as root."""
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {
        "executable_path": executable,
        "chromium_sandbox": not as_root,
        "args": [*QUIET, *PLAIN],
    }


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, for tests that start a browser of their own."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One headless Chromium."""
    started = playwright.chromium.launch(**launch_options(SHELL))  # type: ignore[arg-type]  # a plain dict
    yield started
    started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile; what a page does wrong in it shows in the test's output."""
    fresh = browser.new_context()
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A fresh tab."""
    return context.new_page()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """axe-core's script, to be injected as text."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, pages: HostPages) -> Iterator[RunningProxy]:
    """The proxy with its embedded assistant, for one site on another origin."""
    data_dir = tmp_path_factory.mktemp("data")
    with running_proxy(data_dir, {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}) as running:
        yield running


@pytest.fixture(scope="module")
def upstream() -> Iterator[ToldUpstream]:
    """An upstream that says what the module's tests tell it."""
    with told_upstream() as running:
        yield running


@pytest.fixture(scope="module")
def told_proxy(
    tmp_path_factory: pytest.TempPathFactory, upstream: ToldUpstream, pages: HostPages
) -> Iterator[RunningProxy]:
    """The proxy in front of the upstream, for one site on another origin."""
    origins = {"ASKLIGHT_ORIGINS": pages.at(HOST, "")}
    data_dir = tmp_path_factory.mktemp("data")
    with running_proxy(data_dir, {**upstream.environment, **VOUCHING, **origins}) as running:
        yield running


@pytest.fixture
def widget(
    page: Page, pages: HostPages, told_proxy: RunningProxy, upstream: ToldUpstream
) -> Iterator[Widget]:
    """The widget, its panel open."""
    opened = Widget(page, pages, told_proxy)
    opened.visit()
    opened.open()
    yield opened
    upstream.forget()
