"""What every figure is: how it is measured on a stage, and which numbers come of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from bench.stage import Observation, Stage


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number: a column of the report.

    `minus_direct`: what the same run without a proxy had is taken off. `higher_is_better` decides nothing but what
    a reader is told.
    """

    key: str
    title: str
    digits: int = 0
    minus_direct: bool = False
    higher_is_better: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """How long and how large: `seconds` of a window, `held` streams at once, `first` answers one by one."""

    seconds: float = 10
    held: int = 5_000
    first: int = 300


@dataclass(frozen=True, slots=True)
class Measurement:
    """The numbers by their quantity's key; None: not to be had, infinity: it never came. `remarks` are for people."""

    values: Mapping[str, float | None]
    observation: Observation
    remarks: tuple[str, ...] = field(default=())


class Figure(ABC):
    """`name` is for the command line, `title` (where ``{held}`` stands for the scale's) and `how` for the report."""

    name: ClassVar[str]
    title: ClassVar[str]
    how: ClassVar[str]
    quantities: ClassVar[tuple[Quantity, ...]]
    with_direct: ClassVar[bool] = False
    """Whether the run without a proxy is measured too."""

    @abstractmethod
    def measure(self, stage: Stage, scale: Scale) -> Measurement:
        """Measures once.

        :raises BenchError: something did not answer, or went away.
        """
