"""Figures that measure nothing: what they give is written down beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import cast

from bench.contenders.contender import Contender, Launch, Place
from bench.disturbance import Disturbance
from bench.figures.figure import Figure, Measurement, Quantity, Scale
from bench.rounds import Plan, Sample, run
from bench.stage import Observation, Stage

QUIET = Disturbance(stolen=0.0, foreign=0.0)


class Relay(Contender):
    """A contender by its name; nobody starts it."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]  # one class for all of them
        self.title = f"the {name}"  # type: ignore[misc]

    def version(self) -> str:
        return "1.0"

    def launch(self, place: Place) -> Launch:
        raise NotImplementedError


class Cost(Figure):
    """Gives the measurements it was given, one after the other, and then the last again."""

    name = "cost"
    title = "What {held:,} cost"
    how = "By heart."
    quantities = (
        Quantity("us", "time, µs", digits=1),
        Quantity("added", "added, µs", minus_direct=True),
        Quantity("events", "events/s", higher_is_better=True),
    )
    with_direct = True

    def __init__(self, measurements: Sequence[Measurement] = ()) -> None:
        self._left = list(measurements)

    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def measurement(
    disturbance: Disturbance = QUIET, load_share: float = 0.2, /, **values: float | None
) -> Measurement:
    """These values, made while this went on."""
    seen = Observation(seconds=10, proxy_seconds=5, load_seconds=10 * load_share)
    seen.disturbance = disturbance
    return Measurement(values, seen)


def sample(contender: str, number: int = 0, made: Measurement | None = None) -> Sample:
    """One round's measurement; None where it could not be made."""
    return Sample("cost", contender, number, made, None if made else "it did not start")


def plan(figure: Figure, *names: str, rounds: int = 1, tries: int = 3) -> Plan:
    """To measure `figure` of the contenders of these names."""
    return Plan([figure], [Relay(name) for name in names], rounds, tries, Scale())


def samples(asked: Plan) -> list[Sample]:
    """What a run of `asked` gives."""
    return list(run(asked, nowhere))


def nowhere(_contender: Contender) -> AbstractContextManager[Stage]:
    """Starts nothing."""
    return nullcontext(cast(Stage, None))
