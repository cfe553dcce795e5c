"""The measurement's command: see :mod:`bench.widget`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

import asklight
from bench.machine import BenchError
from bench.widget.answer import CHUNK, long_answer, one_block
from bench.widget.bare import BARE
from bench.widget.service import Service, serving
from bench.widget.trace import CATEGORIES, Task, main_thread_tasks

STATIC: Final = Path(asklight.__file__).parent / "site" / "static"
SETTLE_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class Part:
    """What one part of an answer cost the main thread, in milliseconds."""

    total: float
    longest: float


def main() -> int:
    """Measures and prints; 1 where a bar is missed."""
    options = _options()
    answer = long_answer() if options.answer == "mixed" else one_block(options.answer)
    service = Service(answer, options.pace / 1_000)
    if options.bare:
        service.html = BARE
    print(f"{len(answer):,} characters in pieces of {CHUNK}, one every {options.pace} ms")
    with sync_playwright() as playwright, serving(service, STATIC):
        chromium = playwright.chromium.launch(
            executable_path=options.chromium or shutil.which("chromium"), chromium_sandbox=False
        )
        runs = [_run(chromium, service) for _ in range(options.runs)]
        chromium.close()
    return _report(runs)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.widget", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--pace", type=float, default=2.0, help="milliseconds between two pieces")
    parser.add_argument(
        "--answer",
        choices=["mixed", "code", "table", "list"],
        default="mixed",
        help="or one block of a kind, which is laid out as a whole by any browser",
    )
    parser.add_argument(
        "--bare",
        action="store_true",
        help="no widget: a page that adds the answer to itself as plain blocks, for what is the browser's own",
    )
    parser.add_argument("--chromium", help="path of a Chromium; else the one on the PATH")
    options = parser.parse_args()
    if not (STATIC / "embed.js").exists():
        raise BenchError("The widget is not built yet: make build")
    return options


def _run(chromium: Browser, service: Service) -> list[Part]:
    """The three thirds, and what comes after the last piece."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    service.is_asked = False
    service.ended.clear()
    page.goto(f"http://127.0.0.1:{service.port}/")
    page.get_by_role("button", name="Ask about this page", exact=True).click()
    question = page.get_by_label("Your question")
    question.fill("Why?")
    chromium.start_tracing(page=page, categories=CATEGORIES)
    question.press("Enter")
    service.ended.wait(timeout=600)
    # Colours come when the page has time for them.
    time.sleep(SETTLE_MS / 1_000)
    tasks = main_thread_tasks(chromium.stop_tracing())
    if service.html is not BARE:
        _check_it_is_the_same_at_once(page)
    context.close()
    return [
        _part([task for task in tasks if start <= task.start < end])
        for start, end in pairwise([*service.marks, service.marks[-1] + SETTLE_MS / 1_000])
    ]


def _part(tasks: list[Task]) -> Part:
    took = [task.took * 1_000 for task in tasks]
    return Part(sum(took), max(took, default=0.0))


def _check_it_is_the_same_at_once(page: Page) -> None:
    """The conversation is read back after a reload: the answer, drawn at once, is the one that was streamed."""
    streamed = page.locator(".prose").evaluate("prose => prose.innerHTML")
    page.reload()
    page.get_by_role("button", name="Ask about this page", exact=True).click()
    page.get_by_role("button", name="Good answer").wait_for()
    page.wait_for_timeout(SETTLE_MS)
    if page.locator(".prose").evaluate("prose => prose.innerHTML") != streamed:
        raise BenchError("The streamed answer is not the one that is drawn at once.")


def _report(runs: list[list[Part]]) -> int:
    names = ["first third", "second third", "last third", "its end"]
    print(f"{'':14}{'main thread, ms':>18}{'longest task, ms':>18}   (medians of {len(runs)} runs)")
    parts = []
    for name, several in zip(names, zip(*runs, strict=True), strict=True):
        part = Part(median(one.total for one in several), median(one.longest for one in several))
        parts.append(part)
        print(f"{name:14}{part.total:18.0f}{part.longest:18.1f}")
    longest = max(part.longest for part in parts)
    ratios = sorted(last.total / first.total for first, _, last, _ in runs)
    growth = median(ratios)
    print(
        f"the last third costs {growth:.2f} of the first ({ratios[0]:.2f}-{ratios[-1]:.2f} by run);"
        f" the longest task took {longest:.1f} ms"
    )
    return 0 if growth <= 1.15 and longest < 50 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(str(error))
