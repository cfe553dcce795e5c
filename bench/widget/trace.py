"""A Chromium trace, read for what the page's main thread did."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

CATEGORIES: Final = ["toplevel", "__metadata"]
_TASK: Final = "ThreadControllerImpl::RunTask"


@dataclass(frozen=True, slots=True)
class Task:
    """One task of the main thread. Seconds; `start` on the clock of :func:`time.monotonic`."""

    start: float
    took: float
    """Of the processor's time, so that other programs do not count."""


def main_thread_tasks(trace: bytes) -> list[Task]:
    """The tasks of the busiest page's main thread."""
    events: list[dict[str, Any]] = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    threads: dict[tuple[int, int], list[Task]] = defaultdict(list)
    for event in events:
        thread = (event.get("pid", 0), event.get("tid", 0))
        if event.get("name") == _TASK and thread in mains and "dur" in event:
            took = event.get("tdur", event["dur"])
            threads[thread].append(Task(event["ts"] / 1e6, took / 1e6))
    return max(threads.values(), key=lambda tasks: sum(task.took for task in tasks), default=[])
