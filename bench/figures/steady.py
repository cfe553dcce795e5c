"""Streams at a steady pace: CPU time per event, and what the proxy adds to each event's age; few streams and many."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.load.client import Reading, Result
from bench.stage import Observation, Stage

EVENTS_A_SECOND: Final = 5_000
"""Of all streams together, however many they are."""

_WARM_MS: Final = 1_500
_SETTLE_MS: Final = 10_000
_ARRIVE_A_SECOND: Final = 500
_POPULATIONS: Final = (100, 1_000, 5_000)
_CLOSED_SECONDS: Final = 5


def steady(
    stage: Stage, targets: Path, streams: int, seconds: float, arrive: int = 0
) -> tuple[Result, Observation]:
    """`streams` read together for a window of so many seconds."""
    reading = Reading(
        ask=f"gap={streams * 1_000_000 // EVENTS_A_SECOND}",
        streams=streams,
        arrive=arrive,
        settle=_SETTLE_MS,
        warm=_WARM_MS,
        window=round(seconds * 1000),
    )
    with stage.reading(targets, reading) as client:
        client.wait_for("begin")
        with stage.observed(client) as observation:
            client.wait_for("end")
        return client.result(), observation


def not_live(result: Result, streams: int) -> tuple[str, ...]:
    """A remark where not all streams were live."""
    if result.live == streams:
        return ()
    statuses = ", ".join(f"{count} x {status}" for status, count in result.statuses.items())
    return (f"{result.live} of {streams} streams were live ({statuses or 'no answer'})",)


def cpu_us_per_event(stage: Stage, result: Result, observation: Observation) -> float | None:
    """The contender's CPU time per event that reached a reader."""
    if stage.process is None or not result.ages.count:
        return None
    return observation.proxy_seconds * 1e6 / result.ages.count


class Steady(Figure):
    """100 streams of 50 events a second."""

    name = "cpu"
    title = "100 streams, 50 events a second each"
    how = (
        "CPU time of the proxy with all its processes and threads, per event that reached a reader; "
        "the age of events on arrival, less their age without a proxy."
    )
    quantities = (
        Quantity("cpu_us", "CPU per event, µs", digits=1),
        Quantity("added_p50", "added p50, µs", minus_direct=True),
        Quantity("added_p99", "added p99, µs", minus_direct=True),
    )
    with_direct = True

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        result, observation = steady(stage, stage.targets(100), 100, scale.seconds)
        values = {
            "cpu_us": cpu_us_per_event(stage, result, observation),
            "added_p50": result.ages.p50,
            "added_p99": result.ages.p99,
        }
        return Measurement(values, observation, not_live(result, 100))


class Scaling(Figure):
    """As many events a second on 100, 1,000 and 5,000 streams of one process, one after the other."""

    name = "scale"
    title = "5,000 events a second, on 100, 1,000 and 5,000 streams"
    how = (
        "Each contender's own process with 100 streams of 50 events a second, then 1,000 of 5, then 5,000 of 1. "
        "The cost of an event should not rise with the streams; what rises for nginx too is the machine's, whose "
        "caches hold fewer of them."
    )
    quantities = (
        *(Quantity(f"cpu_{count}", f"CPU per event, µs: {count:,}", 1) for count in _POPULATIONS),
        *(
            Quantity(f"rise_{count}", f"CPU at {count:,} ÷ at {_POPULATIONS[0]}", 2)
            for count in _POPULATIONS[1:]
        ),
        *(
            Quantity(f"added_{share}_{count}", f"added {share}, µs: {count:,}", minus_direct=True)
            for share in ("p50", "p99")
            for count in _POPULATIONS
        ),
    )
    with_direct = True

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        targets = stage.targets(_POPULATIONS[-1])
        values: dict[str, float | None] = {}
        remarks: list[str] = []
        seen = []
        for count in _POPULATIONS:
            result, observation = steady(
                stage, targets, count, scale.seconds / 2, arrive=_ARRIVE_A_SECOND
            )
            stage.emitter.wait_until_closed(_CLOSED_SECONDS)
            seen.append(observation)
            remarks += not_live(result, count)
            values[f"cpu_{count}"] = cpu_us_per_event(stage, result, observation)
            values[f"added_p50_{count}"] = result.ages.p50
            values[f"added_p99_{count}"] = result.ages.p99
        for count in _POPULATIONS[1:]:
            values[f"rise_{count}"] = _times(
                values[f"cpu_{count}"], values[f"cpu_{_POPULATIONS[0]}"]
            )
        return Measurement(values, Observation.of_all(seen), tuple(remarks))


def _times(value: float | None, of: float | None) -> float | None:
    return value / of if value is not None and of else None
