"""Finds a Chromium to test with, or gets one; without one the browser tests fail, they do not skip."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

from support.packages import installed, on_path, one_process_at_a_time

VARIABLE = "ASKLIGHT_TEST_CHROMIUM"


@cache
def chromium_path() -> str:
    """The path of a whole Chromium: with profiles and extensions.

    In this order: an environment variable, Playwright's own download, one on the PATH, ``playwright install``, and
    as root Debian's package.

    :raises RuntimeError: there is none to be had; the message says what to do.
    """
    with one_process_at_a_time():
        found = os.environ.get(VARIABLE) or _downloaded() or on_path("chromium", "chromium-browser")
        return found or _fetched()


@cache
def shell_path() -> str:
    """The path of Chromium's headless shell, which draws the same pages for a third less; else of a whole Chromium.

    In this order: the environment variable's, the shell on the PATH, as root and where Playwright has not downloaded
    a Chromium of its own Debian's package of the shell, and what :func:`chromium_path` finds.

    :raises RuntimeError: neither is to be had; the message says what to do.
    """
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    with one_process_at_a_time():
        shell = on_path("chromium-headless-shell")
        if not shell and not _downloaded():
            shell = installed("chromium-headless-shell", "chromium-headless-shell")
    return shell or chromium_path()


def _fetched() -> str:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    found = _downloaded() or installed("chromium", "chromium")
    if not found:
        raise RuntimeError(
            f"No Chromium for the browser tests. Install one, or name it in {VARIABLE}."
        )
    return found


def _downloaded() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None
