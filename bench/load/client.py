"""The client: all the readers of one measurement."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

from bench.load.program import Program

_SPARE_SECONDS: Final = 30


NOBODY: Final = 65_536
"""For `stall`: the number of no stream."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the client is to do; each field is an argument of ``client.c``, where it is explained."""

    ask: str
    streams: int = 0
    arrive: int = 0
    settle: int = 3_000
    warm: int = 0
    window: int = 0
    slot: int = 0
    stall: int = NOBODY
    ask_stalled: str = "gap=0"
    one_by_one: int = 0

    def arguments(self) -> list[str]:
        return [f"{field.name}={getattr(self, field.name)}" for field in fields(self)]

    @property
    def seconds(self) -> float:
        """How long it takes at most."""
        arriving = self.streams / self.arrive if self.arrive else 0
        one_by_one = self.one_by_one * 0.5
        return (
            arriving + one_by_one + (self.settle + self.warm + self.window) / 1000 + _SPARE_SECONDS
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """Of some durations in microseconds. All 0 where there were none."""

    count: int
    p50: float = 0
    p99: float = 0
    max: float = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What the readers saw.

    `taken`: how many events, the window's and all others; `ages`: of the window's; `firsts`: from connecting to the
    first event.
    """

    live: int
    ended: int
    refused: int
    broken: int
    taken: int
    seconds: float
    statuses: dict[str, int]
    slots: list[Summary]
    ages: Summary
    firsts: Summary
    refusals: Summary

    @classmethod
    def parse(cls, line: str) -> Self:
        """From the client's line of JSON."""
        values: dict[str, Any] = json.loads(line)
        for name in ("ages", "firsts", "refusals"):
            values[name] = Summary(**values[name])
        values["slots"] = [Summary(**slot) for slot in values["slots"]]
        return cls(**values)


class Client(Program):
    """The running client."""

    def __init__(self, path: Path, port: int, targets: Path, reading: Reading) -> None:
        super().__init__(path, f"port={port}", f"targets={targets}", *reading.arguments())
        self._seconds = reading.seconds

    def wait_for(self, line: str) -> None:
        """Waits for "begin" or "end" of the window."""
        while self.line(self._seconds) != line:
            pass

    def result(self) -> Result:
        """What it saw, when the window is over; the streams stay open."""
        while not (line := self.line(self._seconds)).startswith("{"):
            pass
        return Result.parse(line)

    def leave(self, pause_us: int) -> dict[int, int]:
        """Closes the connections one by one, so far apart; gives when each was, by its number."""
        self.say(f"leave {pause_us}")
        rows = [line.split() for line in self.lines_to_end(self._seconds)]
        return {int(number): int(left) for number, left in rows}
