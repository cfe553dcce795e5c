"""Draws the extension's icons from `assets/icon.svg` into `public/icon/`, with the browser the tests use.

Run `python extension/scripts/draw_icons.py [path of a Chromium]` after changing the drawing, and commit the result.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZES = (16, 32, 48, 128)  # pixels: what Chromium's and Firefox's manifests name
EXTENSION = Path(__file__).resolve().parent.parent


def main(chromium: str | None) -> None:
    """Writes one transparent PNG for each size."""
    drawing = (EXTENSION / "assets" / "icon.svg").read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        for size in SIZES:
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(
                f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{drawing}"
            )
            target = EXTENSION / "public" / "icon" / f"{size}.png"
            page.screenshot(path=target, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium"))
