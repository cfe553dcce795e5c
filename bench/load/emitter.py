"""The emitter: the upstream of every contender."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.load.program import Program
from bench.processes import free_port

TOKEN: Final = "bench-upstream-token-0123456789abcdef"  # noqa: S105 - opens nothing but the emitter
"""Every contender has to add it; the emitter refuses a request without it."""

_ANSWER_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Upstream:
    """One stream as the emitter saw it: nanoseconds of the monotonic clock; `gone` 0 where it is open still."""

    asked: int
    gone: int
    sent_bytes: int


class Emitter(Program):
    """The running emitter, on `port`."""

    def __init__(self, path: Path) -> None:
        self.port = free_port()
        super().__init__(path, str(self.port), TOKEN)
        self.line(_ANSWER_SECONDS)  # "ready"

    def open_streams(self) -> int:
        """How many streams are open now."""
        self.say("open")
        return int(self.line(_ANSWER_SECONDS))

    def wait_until_open(self, streams: int, seconds: float) -> None:
        """Waits at most `seconds` until so many streams are open."""
        deadline = time.monotonic() + seconds
        while self.open_streams() < streams and time.monotonic() < deadline:
            time.sleep(0.02)

    def wait_until_closed(self, seconds: float) -> int:
        """Waits at most `seconds` for all streams to end; gives how many did not."""
        deadline = time.monotonic() + seconds
        while (left := self.open_streams()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return left

    def report(self) -> dict[int, Upstream]:
        """What happened to each stream, by its number, since :meth:`forget`."""
        self.say("report")
        rows = [list(map(int, line.split())) for line in self.lines_to_end(_ANSWER_SECONDS)]
        return {number: Upstream(asked, gone, sent) for number, asked, gone, sent in rows}

    def ramp(self, slot_ms: int, percent: int) -> None:
        """From now on every stream's pace is multiplied by `percent` / 100 after each slot."""
        self.say(f"ramp {slot_ms} {percent}")

    def forget(self) -> None:
        """Begins a new report."""
        self.say("reset")
