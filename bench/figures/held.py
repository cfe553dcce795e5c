"""Very many streams held at once: how many live, what they add and weigh, and whether all end with their readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.figures.steady import not_live
from bench.load.client import Reading, Result, Summary
from bench.stage import Stage

_ARRIVE_A_SECOND: Final = 500
_CLOSED_SECONDS: Final = 5
_BEYOND: Final = 100
_EVENTS_UNSEEN: Final = 2
"""Each answer begins with so many that hold no stamp."""


class Held(Figure):
    """As many streams as the scale says, of one event a second, arriving 500 a second."""

    name = "held"
    title = "{held:,} streams, one event a second each, arriving 500 a second"
    how = (
        "Memory: growth of the proxy's proportional set size per live stream, when all have arrived, what it logs of "
        "their answers included; and apart from that, by what the window's events make it grow. "
        f"Refusal: where so many are the limit, from connecting to the 503 of {_BEYOND} more, one after the other. "
        f"Left open: upstream streams {_CLOSED_SECONDS} s after all readers left at once."
    )
    quantities = (
        Quantity("live", "live", higher_is_better=True),
        Quantity("added_p50", "added p50, µs", minus_direct=True),
        Quantity("added_p99", "added p99, µs", minus_direct=True),
        Quantity("first_p99", "first event p99 while arriving, ms", digits=1),
        Quantity("kib", "memory per stream, KiB", digits=1),
        Quantity("apart_kib", "log apart, KiB", digits=1),
        Quantity("log_bytes", "log per event, bytes"),
        Quantity("refused_p50", "refusal p50, ms", digits=1),
        Quantity("refused_p99", "refusal p99, ms", digits=1),
        Quantity("left_open", "left open"),
    )
    with_direct = True

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        targets = stage.targets(scale.held)
        before = _memory(stage)
        reading = Reading(
            ask="gap=1000000",
            streams=scale.held,
            arrive=_ARRIVE_A_SECOND,
            settle=8_000,
            warm=1_000,
            window=round(scale.seconds * 1000),
        )
        with stage.reading(targets, reading) as client:
            client.wait_for("begin")
            begun = _memory(stage)
            with stage.observed(client) as observation:
                client.wait_for("end")
            ended = _memory(stage)
            result = client.result()
            refusals = _refusals(stage)
            client.leave(0)
            left_open = stage.emitter.wait_until_closed(_CLOSED_SECONDS)
        values = {
            "live": float(result.live),
            "added_p50": result.ages.p50,
            "added_p99": result.ages.p99,
            "first_p99": result.firsts.p99 / 1000,
            **(memory(begun - before, ended - begun, result) if stage.process else {}),
            "refused_p50": refusals.p50 / 1000 if refusals.count else None,
            "refused_p99": refusals.p99 / 1000 if refusals.count else None,
            "left_open": float(left_open),
        }
        return Measurement(values, observation, not_live(result, scale.held))


def memory(bytes_begun: int, bytes_later: int, result: Result) -> Mapping[str, float | None]:
    """Of one stream.

    :param bytes_begun: how much the proxy grew until the window's begin, and `bytes_later`: in it.
    """
    if not result.live or not result.ages.count:
        return {}
    log_bytes = bytes_later / result.ages.count
    events_begun = result.taken - result.ages.count + _EVENTS_UNSEEN * result.live
    return {
        "kib": bytes_begun / 1024 / result.live,
        "apart_kib": (bytes_begun - log_bytes * events_begun) / 1024 / result.live,
        "log_bytes": log_bytes,
    }


def _memory(stage: Stage) -> int:
    return stage.process.memory_bytes() if stage.process else 0


def _refusals(stage: Stage) -> Summary:
    """How soon those are refused who come beyond the limit; nobody is, where the contender knows none."""
    targets = stage.targets(_BEYOND)
    reading = Reading("gap=0 count=1", one_by_one=_BEYOND, settle=1_000)
    with stage.reading(targets, reading) as beyond:
        return beyond.result().refusals
