"""How many events a second go through: the pace rises until the proxy no longer keeps up."""

from __future__ import annotations

from typing import Final

from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.figures.steady import not_live
from bench.load.client import Reading, Summary
from bench.stage import Stage

_STREAMS: Final = 100
_FIRST_GAP_US: Final = 25_000
_SLOT_MS: Final = 400
_GROWTH_PERCENT: Final = 110
_SLOTS: Final = 38
"""From 4,000 to 136,000 events a second: more than emitter and client can do on one core."""

_DELIVERED: Final = 0.97
_AGE_LIMIT_US: Final = 100_000
_MISSES_IN_A_ROW: Final = 2
_FLAT_OUT_SLOTS: Final = 5


def offered(slot: int) -> float:
    """Events a second that the emitter is to send in a slot."""
    return _STREAMS * 1e6 / _FIRST_GAP_US * (_GROWTH_PERCENT / 100) ** slot


def sustained(slots: list[Summary]) -> float:
    """The highest pace that was kept up with: nearly all events came, and none of 99 in 100 was old.

    One slot that missed is forgiven where the next did not.
    """
    best, missed = 0.0, 0
    for number, slot in enumerate(slots):
        pace = slot.count / (_SLOT_MS / 1000)
        if pace >= _DELIVERED * offered(number) and slot.p99 <= _AGE_LIMIT_US:
            best, missed = pace, 0
        else:
            missed += 1
        if missed == _MISSES_IN_A_ROW:
            break
    return best


def flat_out(slots: list[Summary]) -> float:
    """The most events a second over a few slots in a row; over one alone a burst of late events would count."""
    sums = [
        sum(slot.count for slot in slots[number : number + _FLAT_OUT_SLOTS])
        for number in range(len(slots) - _FLAT_OUT_SLOTS + 1)
    ]
    return max(sums) / (_FLAT_OUT_SLOTS * _SLOT_MS / 1000)


class Sustained(Figure):
    """A rising pace over 100 streams."""

    name = "sustained"
    title = "100 streams, the pace rising by a tenth every 0.4 s"
    how = (
        "Sustained: the last pace at which 97 % of the events came through and 99 % of those within 100 ms. "
        "Flat out: the most that came through in any 2 s, however late."
    )
    quantities = (
        Quantity("sustained", "sustained events/s", higher_is_better=True),
        Quantity("flat_out", "flat out, events/s", higher_is_better=True),
    )
    with_direct = True

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        reading = Reading(
            ask=f"gap={_FIRST_GAP_US}",
            streams=_STREAMS,
            warm=1_000,
            window=_SLOT_MS * _SLOTS,
            slot=_SLOT_MS,
        )
        with stage.reading(stage.targets(_STREAMS), reading) as client:
            client.wait_for("begin")
            stage.emitter.ramp(_SLOT_MS, _GROWTH_PERCENT)
            with stage.observed(client) as observation:
                client.wait_for("end")
            result = client.result()
        values = {
            "sustained": sustained(result.slots),
            "flat_out": flat_out(result.slots),
        }
        return Measurement(values, observation, not_live(result, _STREAMS))
