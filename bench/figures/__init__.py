"""The figures, in the order of the report."""

from __future__ import annotations

from typing import Final

from bench.figures.figure import Figure
from bench.figures.first_event import FirstEvent
from bench.figures.held import Held
from bench.figures.leaving import Leaving
from bench.figures.stalled import Stalled
from bench.figures.steady import Scaling, Steady
from bench.figures.stopping import Stopping
from bench.figures.sustained import Sustained

FIGURES: Final[tuple[Figure, ...]] = (
    Steady(),
    Sustained(),
    FirstEvent(),
    Scaling(),
    Held(),
    Leaving(),
    Stalled(),
    Stopping(),
)
