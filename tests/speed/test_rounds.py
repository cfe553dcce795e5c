"""A measurement that others disturbed is made again; what is reported is the least disturbed."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest

from bench.contenders.contender import Contender
from bench.contenders.direct import Direct
from bench.disturbance import CoreTimes, Disturbance, Watch
from bench.figures.figure import Measurement, Scale
from bench.machine import BenchError, Cores
from bench.rounds import Plan, run
from bench.stage import Stage
from speed.made import Cost, measurement, nowhere, plan, samples

STOLEN = Disturbance(stolen=0.031, foreign=0.0)
FOREIGN = Disturbance(stolen=0.0, foreign=0.11)


@pytest.mark.parametrize("disturbed", [STOLEN, FOREIGN])
def test_a_disturbed_measurement_is_made_again_until_one_is_not(disturbed: Disturbance) -> None:
    tries = [measurement(disturbed, us=1), measurement(disturbed, us=2), measurement(us=3)]
    figure = Cost([*tries, measurement(us=4)])
    [made] = samples(plan(figure, "nginx", tries=5))
    assert made.measurement is tries[2]


@pytest.mark.parametrize("allowed", [Disturbance(0.03, 0.0), Disturbance(0.0, 0.1)])
def test_up_to_3_percent_stolen_and_10_percent_foreign_are_no_disturbance(
    allowed: Disturbance,
) -> None:
    [made] = samples(plan(Cost([measurement(allowed, us=1), measurement(us=2)]), "nginx"))
    assert made.measurement is not None
    assert made.measurement.values["us"] == 1


def test_where_all_tries_are_disturbed_the_least_disturbed_counts() -> None:
    tries = [measurement(Disturbance(stolen, 0.0), us=stolen) for stolen in (0.2, 0.05, 0.1, 0.0)]
    [made] = samples(plan(Cost(tries), "nginx", tries=3))
    assert made.measurement is tries[1]


def test_what_cannot_be_measured_is_told_and_the_rest_goes_on() -> None:
    class Broken(Cost):
        def measure(self, stage: Stage, scale: Scale) -> Measurement:
            raise BenchError("the client ended too early")

    def starts(contender: Contender) -> AbstractContextManager[Stage]:
        if contender.name == "litellm":
            raise BenchError("it did not start")
        return nowhere(contender)

    both = Plan(
        [Broken(), Cost([measurement(us=1)])],
        plan(Cost(), "litellm", "nginx").contenders,
        rounds=1,
        tries=3,
        scale=Scale(),
    )
    told = [(made.contender, made.fault) for made in run(both, starts)]
    assert told == [
        ("litellm", "it did not start"),
        ("nginx", "the client ended too early"),
        ("litellm", "it did not start"),
        ("nginx", None),
    ]


def test_contenders_take_turns_and_each_round_begins_with_another() -> None:
    asked = plan(Cost([measurement(us=1)]), "asklight", "nginx", "haproxy", rounds=2)
    assert [(made.round, made.contender) for made in samples(asked)] == [
        *((0, name) for name in ("asklight", "nginx", "haproxy")),
        *((1, name) for name in ("nginx", "haproxy", "asklight")),
    ]


def test_the_harness_alone_is_measured_where_a_figure_takes_it_off() -> None:
    class Whole(Cost):
        with_direct = False

    for figure, expected in ((Cost, ["direct", "nginx"]), (Whole, ["nginx"])):
        asked = plan(figure([measurement(us=1)]), "nginx")
        with_direct = Plan(asked.figures, [Direct(), *asked.contenders], 1, 1, asked.scale)
        assert [made.contender for made in samples(with_direct)] == expected


def test_shares_are_of_the_core_where_it_was_worst() -> None:
    times = {0: CoreTimes(1_000, 500, 0), 1: CoreTimes(2_000, 100, 50)}
    watch = Watch(Cores(proxy=1, load=0), lambda core: times[core])
    times[0] = CoreTimes(2_000, 1_300, 10)  # 80 % busy, 1 % stolen
    times[1] = CoreTimes(3_000, 600, 90)  # 50 % busy, 4 % stolen
    # A tick is a hundredth of a second: the proxy used 4 of its 10 s, the load 7.
    seen = watch.disturbance(proxy_seconds=4.0, load_seconds=7.0)
    assert seen.stolen == 0.04
    assert seen.foreign == pytest.approx(0.1)
    assert watch.disturbance(4.0, 3.0).foreign == pytest.approx(0.5)
    assert watch.disturbance(-1.0, 8.0).foreign == 0, "nothing is known of a proxy that has ended"


def test_the_cores_of_this_machine_are_read() -> None:
    times = CoreTimes.read(0)
    assert 0 < times.busy < times.total
    assert 0 <= times.stolen < times.total
    with pytest.raises(LookupError, match="core 9999"):
        CoreTimes.read(9_999)
