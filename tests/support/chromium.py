"""Finds a Chromium to test with, or gets one; without one the browser tests fail, they do not skip."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import gettempdir

from playwright.sync_api import sync_playwright

VARIABLE = "ASKLIGHT_TEST_CHROMIUM"


@cache
def chromium_path() -> str:
    """The path of a Chromium.

    In this order: an environment variable, Playwright's own download, one on the PATH, ``playwright install``, and
    as root Debian's package.

    :raises RuntimeError: there is none to be had; the message says what to do.
    """
    with _one_process_at_a_time():
        return os.environ.get(VARIABLE) or _downloaded() or _on_path() or _fetched()


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    """The suite runs in several: the first gets the browser, the others find it."""
    with (Path(gettempdir()) / f"asklight-tests-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetched() -> str:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if downloaded := _downloaded():
        return downloaded
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False)
    if installed := _on_path():
        return installed
    raise RuntimeError(f"No Chromium for the browser tests. Install one, or name it in {VARIABLE}.")


def _downloaded() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def _on_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")
