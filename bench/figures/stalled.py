"""Readers that stop reading: what each costs the proxy, and what the others feel of it."""

from __future__ import annotations

import time
from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.load.client import Reading
from bench.load.emitter import Emitter
from bench.stage import Observation, Stage

_STALLED: Final = 10
_ACTIVE: Final = 20
_WARM_MS: Final = 500
_FILLING_MS: Final = 2_000
"""The stalled readers' upstreams fill all buffers meanwhile, which keeps the emitter busy too."""

_CLOSED_SECONDS: Final = 5
_FULL_SECONDS: Final = 12
"""By then buffers of any bounded size are full."""


class Stalled(Figure):
    """Ten stalled readers of an upstream as fast as it can, beside twenty that read."""

    name = "stalled"
    title = f"{_STALLED} stalled readers beside {_ACTIVE} active ones"
    how = (
        "Growth of the proxy's proportional set size per stalled reader, once it takes no more from an upstream "
        f"that sends as fast as it may (at most {_FULL_SECONDS} s); taken: what the upstream could send each, "
        "the proxy's kernel buffers included; the age of the active readers' events beside them, 50 a second, and "
        "of as many before there was anybody stalled."
    )
    quantities = (
        Quantity("kib", "growth per stalled reader, KiB"),
        Quantity("taken_kib", "taken from its upstream, KiB"),
        Quantity("alone_p50", "active ones alone: p50, µs"),
        Quantity("others_p50", "beside stalled ones: p50, µs"),
        Quantity("alone_p99", "alone: p99, µs"),
        Quantity("others_p99", "beside stalled ones: p99, µs"),
    )

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        streams = _ACTIVE + _STALLED
        targets = stage.targets(streams)
        with stage.reading(targets, Reading("gap=20000", streams=streams, window=500)) as client:
            client.result()  # what the first streams cost is not the stalled ones' doing
            client.leave(0)
        stage.emitter.wait_until_closed(_CLOSED_SECONDS)
        window = round(scale.seconds * 1000)
        reading = Reading("gap=20000", streams=_ACTIVE, warm=_WARM_MS, window=window)
        with stage.reading(targets, reading) as client:
            client.wait_for("begin")
            with stage.observed(client) as seen_alone:
                client.wait_for("end")
            alone = client.result().ages
        stage.emitter.wait_until_closed(_CLOSED_SECONDS)
        stage.emitter.forget()
        before = stage.proxy.memory_bytes()
        reading = Reading(
            ask="gap=20000",
            ask_stalled="gap=0 burst=16",
            streams=streams,
            stall=_ACTIVE,
            warm=_FILLING_MS,
            window=window,
        )
        with stage.reading(targets, reading) as client:
            client.wait_for("begin")
            with stage.observed(client) as observation:
                client.wait_for("end")
            result = client.result()
            taken = _taken_when_full(stage.emitter)
            after = stage.proxy.memory_bytes()
        values = {
            "kib": (after - before) / 1024 / _STALLED,
            "taken_kib": taken / 1024 / _STALLED,
            "alone_p50": alone.p50,
            "others_p50": result.ages.p50,
            "alone_p99": alone.p99,
            "others_p99": result.ages.p99,
        }
        return Measurement(values, Observation.of_all([seen_alone, observation]))


def _taken_when_full(emitter: Emitter) -> int:
    """Waits until the stalled readers' upstreams can send no more, and gives what they could."""
    deadline = time.monotonic() + _FULL_SECONDS
    taken = -1
    while (now := _taken(emitter)) != taken and time.monotonic() < deadline:
        taken = now
        time.sleep(1)
    return now


def _taken(emitter: Emitter) -> int:
    report = emitter.report()
    return sum(upstream.sent_bytes for number, upstream in report.items() if number >= _ACTIVE)
