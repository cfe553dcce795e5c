"""From a reader's leaving to the upstream's end, in four phases of an answer."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.load.client import NOBODY, Reading
from bench.load.emitter import Upstream
from bench.stage import Observation, Stage

_READERS: Final = 30
_PAUSE_US: Final = 10_000
_ARRIVED_SECONDS: Final = 5
_GONE_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class _Phase:
    key: str
    title: str
    ask: str
    readers: int = _READERS
    stalled: bool = False
    live: bool = True
    """Whether there is a first event to wait for."""


_PHASES: Final = (
    _Phase("headers", "before the upstream's headers", "wait=600000", live=False),
    _Phase("active", "active", "gap=20000"),
    _Phase("silent", "silent", "gap=600000000"),
    _Phase("stalled", "stalled", "gap=0 burst=16", readers=8, stalled=True),
)


def milliseconds(
    left: Mapping[int, int], upstream: Mapping[int, Upstream]
) -> tuple[float | None, int, int]:
    """The median of the times from leaving to end, infinity where most did not end; how many did not; how many
    had ended before their reader left, which no time can be taken of (None where that were all)."""
    times, earlier = [], 0
    for number, moment in left.items():
        gone = upstream[number].gone if number in upstream else moment
        if gone and gone <= moment:
            earlier += 1
        else:
            times.append((gone - moment) / 1e6 if gone else math.inf)
    still_open = sum(math.isinf(value) for value in times)
    return (statistics.median_low(times) if times else None), still_open, earlier


class Leaving(Figure):
    """Some readers in each phase, leaving one by one."""

    name = "leaving"
    title = "From a reader's leaving to the upstream's end, ms"
    how = (
        f"Median of {_READERS} readers that leave 10 ms apart ({_PHASES[-1].readers} stalled ones), grace 0; "
        f"left open: upstream streams, of all phases, {_GONE_SECONDS} s later."
    )
    quantities = (
        *(Quantity(phase.key, phase.title, digits=1) for phase in _PHASES),
        Quantity("left_open", "left open"),
    )

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        values: dict[str, float | None] = {}
        remarks: list[str] = []
        left_open, seen = 0, []
        for phase in _PHASES:
            value, still_open, earlier, observation = self._phase(stage, phase)
            values[phase.key] = value
            left_open += still_open
            if earlier:
                remarks.append(f"{phase.title}: {earlier} had no upstream when their reader left")
            seen.append(observation)
        values["left_open"] = float(left_open)
        return Measurement(values, Observation.of_all(seen), tuple(remarks))

    @staticmethod
    def _phase(stage: Stage, phase: _Phase) -> tuple[float | None, int, int, Observation]:
        stage.emitter.forget()
        reading = Reading(
            ask=phase.ask,
            ask_stalled=phase.ask,
            streams=phase.readers,
            stall=0 if phase.stalled else NOBODY,
            settle=3_000 if phase.live else 500,
            warm=1_000 if phase.stalled else 200,
        )
        with stage.reading(stage.targets(phase.readers), reading) as client:
            with stage.observed(client) as observation:
                client.result()
                stage.emitter.wait_until_open(phase.readers, _ARRIVED_SECONDS)
                left = client.leave(_PAUSE_US)
                stage.emitter.wait_until_closed(_GONE_SECONDS)
            value, still_open, earlier = milliseconds(left, stage.emitter.report())
        return value, still_open, earlier, observation
