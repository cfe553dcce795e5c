"""Takes the screenshots of the README from a server of its own: ``python docs/screenshots.py``.

Needs the browser side built (``make run`` does that) and a Chromium. The sizes are fixed; the fonts are this
machine's, the best-known first, so two machines give the same pictures where they have the same fonts.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

HERE: Final = Path(__file__).parent
START_SECONDS: Final = 20
ANSWER_SECONDS: Final = 20

DESK: Final = (1280, 860)
PHONE: Final = (390, 844)

QUESTION: Final = "How long did readers draw hands?"

FONTS: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <test name="family" qual="any"><string>DejaVu Sans</string></test>
    <edit name="family" mode="prepend" binding="strong">
      <string>Inter</string><string>Roboto</string><string>Noto Sans</string><string>Liberation Sans</string>
    </edit>
  </match>
</fontconfig>
"""

Scheme = Literal["light", "dark"]


def main() -> None:
    """Every picture, into the folder this file is in."""
    with (
        TemporaryDirectory() as folder,
        running_server(Path(folder)) as address,
        running_browser(Path(folder)) as browser,
    ):
        start_page(browser, address, "start-page-light", DESK, "light")
        start_page(browser, address, "start-page-dark", DESK, "dark")
        start_page(browser, address, "start-page-phone", PHONE, "light")
        answered_question(browser, address, "panel-light", DESK, "light")
        answered_question(browser, address, "panel-phone", PHONE, "light")


def start_page(
    browser: Browser, address: str, name: str, size: tuple[int, int], scheme: Scheme
) -> None:
    """The start page with the launcher on it, nothing touched."""
    with opened_page(browser, address, size, scheme) as page:
        page.get_by_role("button", name="Ask").first.wait_for()
        save(page, name)


def answered_question(
    browser: Browser, address: str, name: str, size: tuple[int, int], scheme: Scheme
) -> None:
    """The panel with an answer about the sentence that is already marked."""
    with opened_page(browser, address, size, scheme) as page:
        page.locator("article mark").select_text()
        page.get_by_role("button", name="Ask about this", exact=True).click()
        page.get_by_role("button", name="Show what is sent: Selection").wait_for()
        page.get_by_role("textbox", name="Your question").fill(QUESTION)
        page.get_by_role("button", name="Send", exact=True).click()
        page.get_by_role("button", name="Good answer").wait_for(timeout=ANSWER_SECONDS * 1000)
        save(page, name)


@contextmanager
def opened_page(
    browser: Browser, address: str, size: tuple[int, int], scheme: Scheme
) -> Iterator[Page]:
    """The start page in a new profile, with one and a half pixels to each, nothing moving."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=1.5,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en",
    )
    try:
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        yield page
    finally:
        context.close()


def save(page: Page, name: str) -> None:
    """Writes what the page shows now to ``<name>.png``."""
    path = HERE / f"{name}.png"
    page.screenshot(path=path)
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} kB")


@contextmanager
def running_server(folder: Path) -> Iterator[str]:
    """A server with nothing configured, on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    unset = {name: value for name, value in os.environ.items() if not name.startswith("ASKLIGHT_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "asklight", "serve"],
        env={**unset, "ASKLIGHT_PORT": str(port), "ASKLIGHT_DATA_DIR": str(folder / "data")},
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://localhost:{port}"
        wait_until_up(server, f"{address}/healthz")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_up(server: subprocess.Popen[bytes], health: str) -> None:
    """Returns when the server answers; raises when it ended or took too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit(f"The server ended with status {server.returncode}.")
        try:
            if httpx2.get(health, trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"The server did not answer within {START_SECONDS} seconds.")


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """The system's Chromium, or Playwright's own where there is none."""
    fonts = folder / "fonts.conf"
    fonts.write_text(FONTS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            chromium_sandbox=False,
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    main()
