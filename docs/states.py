"""Makes a picture of the widget in each of its states and modes, and has axe-core look at each: ``make pictures``.

Needs the browser side built and a Chromium. The states are those the tests go through; whoever adds one there has
it here. Ends with a fault where axe finds one.
"""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.chromium import chromium_path  # noqa: E402  # the tests' own tools stand beside them
from support.servers import HostPages, RunningProxy, host_pages, running_proxy  # noqa: E402
from support.states import EVERYDAY, RICH_ANSWERS, RIGHT_TO_LEFT, State  # noqa: E402
from support.told import ToldUpstream, told_upstream  # noqa: E402
from support.widget import HOST, Widget  # noqa: E402

PICTURES: Final = Path(__file__).parent / "states"
QUALITY: Final = 55
"""Of WebP, where 100 is the best: words stay sharp, and the whole set stays under three megabytes."""


class Mode(NamedTuple):
    """How a visitor looks at the widget."""

    name: str
    width: int = 900
    scheme: Literal["light", "dark"] = "light"
    forced: Literal["active"] | None = None


MODES: Final = [
    Mode("light"),
    Mode("dark", scheme="dark"),
    Mode("phone", width=390),
    Mode("forced", scheme="dark", forced="active"),
]


def main() -> None:
    """Every state in every mode, into the folder of pictures."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir()
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    faults = []
    chromium = chromium_path()
    with (
        TemporaryDirectory() as data,
        host_pages() as pages,
        told_upstream() as upstream,
        running_proxy(
            Path(data), {**upstream.environment, "ASKLIGHT_ORIGINS": pages.at(HOST, "")}
        ) as proxy,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        for state in [*EVERYDAY, *RICH_ANSWERS, *RIGHT_TO_LEFT]:
            for mode in MODES:
                faults += picture(browser, pages, proxy, upstream, axe, state, mode)
        browser.close()
    size = sum(path.stat().st_size for path in PICTURES.iterdir())
    print(f"{len(list(PICTURES.iterdir()))} pictures, {size / 1e6:.1f} MB; {len(faults)} faults")
    if faults:
        raise SystemExit("\n".join(faults))


def picture(
    browser: Browser,
    pages: HostPages,
    proxy: RunningProxy,
    upstream: ToldUpstream,
    axe: str,
    state: State,
    mode: Mode,
) -> list[str]:
    """One picture; gives what axe finds wrong in it."""
    context = browser.new_context(
        viewport={"width": mode.width, "height": 760},
        color_scheme=mode.scheme,
        forced_colors=mode.forced,
        reduced_motion="reduce",
        locale="en",
    )
    widget = Widget(context.new_page(), pages, proxy)
    state(widget, upstream)
    name = f"{state.__name__.replace('_', '-')}-{mode.name}"
    (PICTURES / f"{name}.webp").write_bytes(webp(widget.page))
    faults, _ = widget.axe(axe)
    context.close()
    upstream.forget()
    return [f"{name}: {fault}" for fault in faults]


def webp(page: Page) -> bytes:
    """What the page shows, much smaller than the PNG Playwright itself would write."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(shot["data"])


if __name__ == "__main__":
    main()
