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
from typing import Final

from playwright.sync_api import Page, sync_playwright

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.chromium import shell_path  # noqa: E402  # the tests' own tools stand beside them
from support.modes import MODES, Visitor  # noqa: E402
from support.servers import host_pages, running_proxy  # noqa: E402
from support.states import STATES, State  # noqa: E402
from support.told import ToldUpstream, told_upstream  # noqa: E402
from support.vouching import VOUCHING  # noqa: E402
from support.widget import HOST, Widget  # noqa: E402

PICTURES: Final = Path(__file__).parent / "states"
QUALITY: Final = 55
"""Of WebP, where 100 is the best: words stay sharp, and the whole set takes about five megabytes."""


PAGE: Final = """
:root { color-scheme: light dark; background: light-dark(#fff, #16181d) }
body { margin: 0; font: 17px/1.6 Georgia, serif; color: light-dark(#222, #d8dbe2) }
main { max-width: 30rem; padding: 1.5rem 2rem }
h1, h2 { line-height: 1.2 }
asklight-widget[data-site] { max-width: 30rem; height: 24rem; margin: 0 2rem; }
"""
"""How the page looks that the widget is a guest on."""


def main(names: list[str]) -> None:
    """Every state in every mode, into the folder of pictures; or those that are named."""
    if not names:
        shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(exist_ok=True)
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    faults = []
    chromium = shell_path()
    with (
        TemporaryDirectory() as data,
        host_pages() as pages,
        told_upstream() as upstream,
        running_proxy(
            Path(data),
            {**upstream.environment, **VOUCHING, "ASKLIGHT_ORIGINS": pages.at(HOST, "")},
        ) as proxy,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        wanted = [state for state in STATES if state.__name__ in names or not names]
        for state in wanted:
            context = browser.new_context(locale="en")
            context.set_default_timeout(10_000)
            widget = Widget(context.new_page(), pages, proxy, head=f"<style>{PAGE}</style>")
            faults += pictures(widget, upstream, axe, state)
            context.close()
            upstream.fall_silent()
        browser.close()
    size = sum(path.stat().st_size for path in PICTURES.iterdir())
    print(f"{len(list(PICTURES.iterdir()))} pictures, {size / 1e6:.1f} MB; {len(faults)} faults")
    if faults:
        raise SystemExit("\n".join(faults))


def pictures(widget: Widget, upstream: ToldUpstream, axe: str, state: State) -> list[str]:
    """One state in every mode; gives what axe finds wrong in it."""
    faults = []
    visitor = Visitor(widget.page)
    visitor.look(MODES[0])
    state(widget, upstream)
    for mode in MODES:
        visitor.look(mode)
        name = f"{state.__name__.replace('_', '-')}-{mode.name}"
        (PICTURES / f"{name}.webp").write_bytes(webp(widget.page))
        faults += [f"{name}: {fault}" for fault in widget.axe(axe)[0]]
    return faults


def webp(page: Page) -> bytes:
    """What the page shows, much smaller than the PNG Playwright itself would write."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(shot["data"])


if __name__ == "__main__":
    main(sys.argv[1:])
