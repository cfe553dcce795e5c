"""What Lighthouse's score is made of, as Chromium itself tells a page of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Browser, Request

SLOWER: Final = 4
"""So many times slower a processor, as on a phone: Lighthouse's own number."""

SETTLE_MS: Final = 1_500

OBSERVE: Final = """
globalThis.seen = { lcp: 0, shift: 0, tasks: [], paints: {} };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (entry.entryType === "largest-contentful-paint") seen.lcp = entry.startTime;
    else if (entry.entryType === "layout-shift") seen.shift += entry.hadRecentInput ? 0 : entry.value;
    else if (entry.entryType === "longtask") seen.tasks.push([entry.startTime, entry.duration]);
    else seen.paints[entry.name] = entry.startTime;
}).observe({ entryTypes: ["largest-contentful-paint", "layout-shift", "longtask", "paint"] });
"""


@dataclass(frozen=True, slots=True)
class Vitals:
    """Of one visit. Milliseconds; `requests` are those that went to the proxy."""

    first_paint: float
    largest_paint: float
    blocked: float
    """By tasks of more than 50 ms, after the first paint: the part of each that is over."""
    longest_task: float
    shift: float
    requests: tuple[str, ...]


def visit(chromium: Browser, address: str, proxy: str) -> Vitals:
    """Loads a page with an empty cache and waits until nothing more happens."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    requests: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith(proxy):
            requests.append(request.url.removeprefix(proxy))

    page.on("request", note)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLE_MS)
    seen = page.evaluate("seen")
    context.close()
    first = seen["paints"]["first-contentful-paint"]
    over = (took - 50 for start, took in seen["tasks"] if start + took > first)
    return Vitals(
        first_paint=first,
        largest_paint=seen["lcp"],
        blocked=sum(over),
        longest_task=max((took for _, took in seen["tasks"]), default=0.0),
        shift=seen["shift"],
        requests=tuple(requests),
    )
