"""The measurement's command: see :mod:`bench.host`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser, sync_playwright

import asklight
from bench.host.lighthouse import AUDITS, Score, install, score
from bench.host.pages import EMPTY, FILL, HUGE, TAG, article
from bench.host.vitals import SLOWER, Vitals, visit
from bench.machine import BenchError
from bench.widget.service import Service, serving
from bench.widget.trace import CATEGORIES, main_thread_tasks

STATIC: Final = Path(asklight.__file__).parent / "site" / "static"
CACHE: Final = Path(__file__).parents[2] / ".bench"
LONG_MS: Final = 50.0
READING_SECONDS: Final = 4
"""The panel is open and the page is read by then; of the slowest a part is enough to see how it goes."""

NOISE_MS: Final = 15.0
"""Two visits to the same page differ by about this much."""


def main() -> int:
    """Measures and prints; 1 where a bar is missed."""
    options = _options()
    service = Service("Hello.", 0.002)
    with sync_playwright() as playwright, serving(service, STATIC):
        chromium = playwright.chromium.launch(
            executable_path=options.chromium or shutil.which("chromium"), chromium_sandbox=False
        )
        is_good = not options.rounds or _compare(chromium, service, options.rounds)
        is_good &= not options.runs or _open_on_huge_pages(chromium, service, options.runs)
        chromium.close()
        if options.lighthouse:
            _score(service, options.lighthouse, options.chromium or shutil.which("chromium") or "")
    return 0 if is_good else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.host", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=11, help="visits with the tag, and without; 0: none"
    )
    parser.add_argument("--runs", type=int, default=3, help="openings on each huge page; 0: none")
    parser.add_argument(
        "--lighthouse", type=int, default=0, help="visits of Lighthouse's with the tag, and without"
    )
    parser.add_argument("--chromium", help="path of a Chromium; else the one on the PATH")
    options = parser.parse_args()
    if not (STATIC / "embed.js").exists():
        raise BenchError("The widget is not built yet: make build")
    return options


def _compare(chromium: Browser, service: Service, rounds: int) -> bool:
    """The same page with the tag and without, in turns."""
    page, proxy = f"http://127.0.0.1:{service.port}/", f"http://b.localhost:{service.port}"
    kinds = {"without": article(), "with the tag": article(TAG.format(source=proxy))}
    seen: dict[str, list[Vitals]] = {kind: [] for kind in kinds}
    for number in range(rounds + 1):
        for kind in list(kinds)[:: 1 if number % 2 else -1]:
            service.html = kinds[kind]
            vitals = visit(chromium, page, proxy)
            # The first round warms the machine up.
            if number:
                seen[kind].append(vitals)
    print(f"A page of another site, {SLOWER} × slower; medians of {rounds} rounds in turns")
    print(
        f"{'':14}{'first paint':>13}{'largest':>10}{'blocked':>10}{'longest task':>14}{'shift':>8}"
    )
    rows = {kind: _medians(several) for kind, several in seen.items()}
    for kind, (first, largest, blocked, longest, shift) in rows.items():
        print(
            f"{kind:14}{first:10.0f} ms{largest:7.0f} ms{blocked:7.0f} ms{longest:11.0f} ms{shift:8.3f}"
        )
    tagged = seen["with the tag"]
    requests = {vitals.requests for vitals in tagged}
    for asked in sorted(requests):
        print(f"before anybody reaches for it the tag asks for {', '.join(asked)}")
    more = [one - other for one, other in zip(rows["with the tag"], rows["without"], strict=True)]
    return (
        max(more[:4]) < NOISE_MS
        and all(vitals.shift == 0 for vitals in tagged)
        and requests == {("/embed.js", "/look.js?site=bench")}
    )


def _score(service: Service, rounds: int, chromium: str) -> None:
    """Lighthouse's own score of the page with the tag, without, and with a script that does nothing, in turns."""
    command = install(CACHE)
    page, proxy = f"http://127.0.0.1:{service.port}/", f"http://b.localhost:{service.port}"
    kinds = {
        "without": article(),
        "with the tag": article(TAG.format(source=proxy)),
        "empty script": article(EMPTY.format(source=proxy)),
    }
    seen: dict[str, list[Score]] = {kind: [] for kind in kinds}
    for number in range(rounds):
        for kind in list(kinds)[:: 1 if number % 2 else -1]:
            service.html = kinds[kind]
            seen[kind].append(score(command, page, chromium))
    print(f"\nLighthouse, as on a phone; medians of {rounds} visits in turns")
    print(f"{'':14}{'score':>8}{''.join(f'{name:>13}' for name in [*AUDITS.values(), 'painted'])}")
    for kind, scores in seen.items():
        parts = zip(*(one.parts for one in scores), strict=True)
        print(
            f"{kind:14}{median(one.performance for one in scores):8.0f}"
            + "".join(f"{median(part):13.2f}" for part in parts)
            + f"{median(one.painted for one in scores):13.2f}"
            + f"   scores {sorted(round(one.performance) for one in scores)}"
        )


def _medians(several: list[Vitals]) -> list[float]:
    return [
        median(getattr(vitals, name) for vitals in several)
        for name in ("first_paint", "largest_paint", "blocked", "longest_task", "shift")
    ]


def _open_on_huge_pages(chromium: Browser, service: Service, runs: int) -> bool:
    service.html = article(TAG.format(source=f"http://127.0.0.1:{service.port}"))
    print(f"\nOpened on huge pages; longest tasks of the main thread, medians of {runs} runs")
    worst = 0.0
    for name, script in HUGE.items():
        opened = [_open(chromium, service, script) for _ in range(runs)]
        longest = median(longest for longest, _ in opened)
        worst = max(worst, longest)
        print(f"{name:24}{opened[0][1] / 1e6:5.1f} MB{longest:8.1f} ms")
    return worst < LONG_MS


def _open(chromium: Browser, service: Service, script: str) -> tuple[float, int]:
    """The longest task, in milliseconds, from the click until the page is read; and the page's length."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{service.port}/")
    length = page.evaluate(FILL, script)
    page.get_by_role("button", name="Ask about this page", exact=True).hover()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_500)
    chromium.start_tracing(page=page, categories=CATEGORIES)
    begun = time.monotonic()
    page.mouse.down()
    page.mouse.up()
    # Asking the page how far it is would be work of its main thread, too.
    time.sleep(READING_SECONDS)
    tasks = main_thread_tasks(chromium.stop_tracing())
    context.close()
    took = [task.took * 1_000 for task in tasks if begun <= task.start < begun + READING_SECONDS]
    return max(took, default=0.0), length


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(str(error))
