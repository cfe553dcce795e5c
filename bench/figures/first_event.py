"""The time to the first event, one reader after the other."""

from __future__ import annotations

from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.load.client import Reading
from bench.stage import Stage

_WARM_UP: Final = 50
_EVENTS: Final = 3


class FirstEvent(Figure):
    """Short answers, each on a new connection."""

    name = "first"
    title = "The first event, one reader at a time"
    how = (
        "From connecting to the first event of the answer, on a new connection; "
        f"CPU time for the whole of such an answer of {_EVENTS} events."
    )
    quantities = (
        Quantity("first_p50", "first event p50, µs"),
        Quantity("first_p99", "first event p99, µs"),
        Quantity("answer_cpu_us", "CPU per short answer, µs"),
    )
    with_direct = True

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        ask, targets = f"gap=0 count={_EVENTS}", stage.targets(100)
        with stage.reading(targets, Reading(ask, one_by_one=_WARM_UP, settle=1_000)) as client:
            client.result()
        reading = Reading(ask, one_by_one=scale.first, settle=1_000)
        with (
            stage.reading(targets, reading) as client,
            stage.observed(client) as observation,
        ):
            result = client.result()
        remarks: tuple[str, ...] = ()
        if result.ended != scale.first:
            remarks = (f"{scale.first - result.ended} of {scale.first} answers did not end",)
        answer_cpu = observation.proxy_seconds * 1e6 / scale.first if stage.process else None
        values = {
            "first_p50": result.firsts.p50,
            "first_p99": result.firsts.p99,
            "answer_cpu_us": answer_cpu,
        }
        return Measurement(values, observation, remarks)
