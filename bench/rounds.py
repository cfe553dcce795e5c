"""The run: for each figure round after round, in each round every contender, disturbed measurements again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench.contenders.contender import Contender
from bench.contenders.direct import Direct
from bench.figures.figure import Figure, Measurement, Scale
from bench.machine import BenchError
from bench.stage import Stage

SetUp = Callable[[Contender], AbstractContextManager[Stage]]
"""Starts a contender, until the block ends."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement in its place. `fault` where it could not be made."""

    figure: str
    contender: str
    round: int
    measurement: Measurement | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures. A disturbed measurement is made again, `tries` in all; then the least disturbed counts."""

    figures: Sequence[Figure]
    contenders: Sequence[Contender]
    rounds: int
    tries: int
    scale: Scale


def run(plan: Plan, set_up: SetUp) -> Iterator[Sample]:
    """Measures, one sample after the other. Each round begins with another contender."""
    for figure in plan.figures:
        ready = [
            contender
            for contender in plan.contenders
            if figure.with_direct or not isinstance(contender, Direct)
        ]
        for number in range(plan.rounds):
            shift = number % len(ready) if ready else 0
            for contender in ready[shift:] + ready[:shift]:
                yield _sample(figure, contender, number, plan, set_up)


def _sample(figure: Figure, contender: Contender, number: int, plan: Plan, set_up: SetUp) -> Sample:
    best: Measurement | None = None
    for _ in range(plan.tries):
        try:
            with set_up(contender) as stage:
                measurement = figure.measure(stage, plan.scale)
        except BenchError as error:
            return Sample(figure.name, contender.name, number, fault=str(error))
        if best is None or _disturbance(measurement) < _disturbance(best):
            best = measurement
        if not measurement.observation.disturbance.is_too_much:
            break
    return Sample(figure.name, contender.name, number, best)


def _disturbance(measurement: Measurement) -> float:
    return measurement.observation.disturbance.total
