"""What figures make of what emitter and client tell."""

from __future__ import annotations

import math

import pytest

from bench.disturbance import Disturbance
from bench.figures.held import memory
from bench.figures.leaving import milliseconds
from bench.figures.sustained import flat_out, offered, sustained
from bench.load.client import Result, Summary
from bench.load.emitter import Upstream
from bench.stage import Observation

SLOT_SECONDS = 0.4


def slot(number: int, share: float = 1.0, p99: float = 200.0) -> Summary:
    """A slot in which this share of what was offered came through."""
    return Summary(round(offered(number) * share * SLOT_SECONDS), p99=p99)


def test_the_offered_pace_rises_by_a_tenth_each_slot() -> None:
    assert offered(0) == 4_000
    assert offered(2) == pytest.approx(4_840)


def test_sustained_is_the_last_pace_at_which_nearly_all_events_came_in_time() -> None:
    kept_up = [slot(number) for number in range(4)]
    late = [slot(number, p99=100_001) for number in range(4, 9)]
    missing = [slot(number, share=0.96) for number in range(4, 9)]
    for beyond in (late, missing):
        assert sustained([*kept_up, *beyond]) == pytest.approx(offered(3), rel=0.001)
    assert sustained(late) == 0


def test_one_slot_that_missed_is_forgiven_and_two_are_not() -> None:
    for missed, best in ((1, 5), (2, 2)):
        slots = [slot(number, 0.5 if 3 <= number < 3 + missed else 1.0) for number in range(6)]
        assert sustained(slots) == pytest.approx(offered(best), rel=0.001)


def test_flat_out_is_the_most_over_two_seconds() -> None:
    slots = [Summary(count) for count in (100, 900, 100, 400, 400, 400, 400, 400)]
    assert flat_out(slots) == 2_200 / 2


def test_leaving_is_the_median_and_says_who_stayed_or_had_gone_before() -> None:
    left = dict.fromkeys(range(5), 1_000_000)
    gone = {0: 3_000_000, 1: 2_000_000, 2: 0, 3: 6_000_000, 4: 900_000}
    upstream = {number: Upstream(1, moment, 0) for number, moment in gone.items()}
    assert milliseconds(left, upstream) == (2.0, 1, 1)
    assert milliseconds({2: 1_000_000}, upstream) == (math.inf, 1, 0)
    assert milliseconds({4: 1_000_000}, upstream) == (None, 0, 1)


def test_memory_apart_from_the_log_is_what_is_there_before_the_first_event() -> None:
    """Ten streams of 30 KiB each, 200 bytes an event: 2 that begin an answer, 3 before the window, 5 in it."""
    events = Summary(50)
    result = Result(10, 0, 0, 0, 80, 1.0, {}, [], events, events, Summary(0))
    begun = 10 * (30 * 1024 + 5 * 200)
    assert memory(begun, 50 * 200, result) == {
        "kib": pytest.approx(30 + 1000 / 1024),
        "apart_kib": pytest.approx(30),
        "log_bytes": 200,
    }
    assert memory(begun, 0, result)["apart_kib"] == memory(begun, 0, result)["kib"]
    nothing = Result(0, 0, 0, 0, 0, 1.0, {}, [], Summary(0), Summary(0), Summary(0))
    assert memory(1, 1, nothing) == {}


def test_a_measurement_in_parts_is_as_disturbed_as_the_worst_of_them() -> None:
    parts = [
        Observation(2, 1, 0.5, Disturbance(0.02, 0.0)),
        Observation(3, 2, 0.25, Disturbance(0.0, 0.05)),
    ]
    assert Observation.of_all(parts) == Observation(5, 3, 0.75, Disturbance(0.02, 0.05))


def test_the_clients_line_is_read() -> None:
    nothing = '{"count":0}'
    line = (
        '{"live":2,"ended":0,"refused":1,"broken":0,"taken":4,"seconds":0.5,"statuses":{"200":2,"503":1},'
        f'"slots":[{nothing}],"ages":{{"count":3,"p50":1.5,"p99":2,"max":9}},'
        f'"firsts":{nothing},"refusals":{nothing}}}'
    )
    result = Result.parse(line)
    assert result.ages == Summary(3, 1.5, 2, 9)
    assert result.statuses == {"200": 2, "503": 1}
    assert result.slots == [Summary(0)]
