"""Medians over the rounds, ratios to nginx in the same run, what the harness needs taken off, and marks."""

from __future__ import annotations

import pytest

from bench.disturbance import Disturbance
from bench.rounds import Sample
from bench.summary import Cell, Summary
from speed.made import QUIET, Cost, measurement, sample

FIGURE = Cost()


def cell(samples: list[Sample], contender: str, key: str) -> Cell:
    row = Summary(samples).row(FIGURE, contender)
    assert row is not None
    return row.cells[key]


def rounds(contender: str, key: str, *values: float) -> list[Sample]:
    return [
        sample(contender, number, measurement(**{key: value}))
        for number, value in enumerate(values)
    ]


def test_the_median_of_the_rounds_counts_and_its_ratio_to_nginxs() -> None:
    made = [*rounds("asklight", "us", 90, 30, 36), *rounds("nginx", "us", 20, 24, 100)]
    assert cell(made, "asklight", "us") == Cell(36, 36 / 24, (30, 90), frozenset())
    assert cell(made, "nginx", "us").ratio == 1


def test_of_two_rounds_it_is_the_middle() -> None:
    assert cell(rounds("asklight", "us", 30, 40), "asklight", "us").value == 35


def test_without_nginx_there_is_no_ratio() -> None:
    assert cell(rounds("asklight", "us", 30), "asklight", "us").ratio is None


def test_the_median_of_what_the_harness_itself_had_is_taken_off() -> None:
    made = [
        *rounds("direct", "added", 10, 100, 20),
        *rounds("asklight", "added", 70, 130, 50),
        *rounds("nginx", "added", 30, 120, 45),
    ]
    assert cell(made, "asklight", "added") == Cell(50, 2, (30, 110), frozenset())
    assert cell(made, "direct", "added").value == 20
    assert cell(made, "direct", "added").ratio is None
    assert cell(rounds("asklight", "added", 70), "asklight", "added").value is None


def test_a_round_that_could_not_be_made_is_left_out_and_told() -> None:
    made = [sample("nginx", 0), sample("nginx", 1, measurement(us=20)), sample("nginx", 2)]
    row = Summary(made).row(FIGURE, "nginx")
    assert row is not None
    assert row.cells["us"].value == 20
    assert row.remarks == ("it did not start",)
    assert Summary(made).row(FIGURE, "haproxy") is None


def test_a_round_that_stayed_disturbed_counts_only_where_all_did_and_they_are_marked() -> None:
    stolen = measurement(Disturbance(stolen=0.04, foreign=0), us=50)
    made = [sample("nginx", 0, measurement(us=20)), sample("nginx", 1, stolen)]
    assert cell(made, "nginx", "us") == Cell(20, 1, (20, 20), frozenset())
    row = Summary(made).row(FIGURE, "nginx")
    assert row is not None
    assert row.remarks == ("1 of 2 rounds were disturbed and do not count",)
    assert cell(made[1:], "nginx", "us") == Cell(50, 1, (50, 50), frozenset({"disturbed"}))
    row = Summary(made[1:]).row(FIGURE, "nginx")
    assert row is not None
    assert row.remarks == ()


@pytest.mark.parametrize(("share", "marks"), [(0.9, set()), (0.91, {"harness"})])
def test_a_number_is_marked_where_emitter_and_client_filled_their_core(
    share: float, marks: set[str]
) -> None:
    made = [
        sample("nginx", 0, measurement(us=20)),
        sample("nginx", 1, measurement(QUIET, share, us=20)),
    ]
    assert cell(made, "nginx", "us").marks == marks
    assert cell([sample("direct", 0, measurement(QUIET, 1, us=1))], "direct", "us").marks == set()


@pytest.mark.parametrize(("events", "marks"), [(84_000, set()), (85_000, {"harness"})])
def test_a_throughput_is_marked_near_what_the_harness_reaches_alone(
    events: float, marks: set[str]
) -> None:
    made = [
        *rounds("direct", "events", 100_000),
        # A full core is no sign here: the pace rises until something is full.
        sample("nginx", 0, measurement(QUIET, 0.99, events=events)),
    ]
    assert cell(made, "nginx", "events").marks == marks
