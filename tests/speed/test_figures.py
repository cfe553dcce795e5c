"""What figures make of what emitter and client tell."""

from __future__ import annotations

import math

import pytest

from bench.figures.leaving import milliseconds
from bench.figures.sustained import flat_out, offered, sustained
from bench.load.client import Result, Summary
from bench.load.emitter import Upstream

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


def test_the_clients_line_is_read() -> None:
    nothing = '{"count":0}'
    line = (
        '{"live":2,"ended":0,"refused":1,"broken":0,"seconds":0.5,"statuses":{"200":2,"503":1},'
        f'"slots":[{nothing}],"ages":{{"count":3,"p50":1.5,"p99":2,"max":9}},'
        f'"firsts":{nothing},"refusals":{nothing}}}'
    )
    result = Result.parse(line)
    assert result.ages == Summary(3, 1.5, 2, 9)
    assert result.statuses == {"200": 2, "503": 1}
    assert result.slots == [Summary(0)]
