"""Many streams at a steady pace: CPU time per event, and what the proxy adds to each event's age."""

from __future__ import annotations

from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.load.client import Reading, Result
from bench.stage import Observation, Stage

_WARM_MS: Final = 1_500
_SETTLE_MS: Final = 10_000


def steady(
    stage: Stage, streams: int, events_a_second: int, scale: Scale
) -> tuple[Result, Observation]:
    """`streams` read together for the scale's window."""
    targets = stage.targets(streams)
    reading = Reading(
        ask=f"gap={1_000_000 // events_a_second}",
        streams=streams,
        settle=_SETTLE_MS,
        warm=_WARM_MS,
        window=round(scale.seconds * 1000),
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
        result, observation = steady(stage, 100, 50, scale)
        values = {
            "cpu_us": cpu_us_per_event(stage, result, observation),
            "added_p50": result.ages.p50,
            "added_p99": result.ages.p99,
        }
        return Measurement(values, observation, not_live(result, 100))


class Thousand(Figure):
    """1,000 streams of 5 events a second: as many events, ten times the streams."""

    name = "thousand"
    title = "1,000 streams, 5 events a second each"
    how = (
        "As many events as with 100 streams: the cost of an event should not rise with the streams."
    )
    quantities = (Quantity("cpu_us", "CPU per event, µs", digits=1),)

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        result, observation = steady(stage, 1_000, 5, scale)
        values = {"cpu_us": cpu_us_per_event(stage, result, observation)}
        return Measurement(values, observation, not_live(result, 1_000))
