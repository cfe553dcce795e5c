"""From samples to what is reported: medians over the rounds, ratios to nginx, and marks where a figure needs one.

A round that stayed disturbed after its repeats does not count where another was not.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bench.figures.figure import Figure, Measurement, Quantity
from bench.rounds import Sample

REFERENCE: Final = "nginx"

LOAD_SHARE_LIMIT: Final = 0.9
"""Above this share of their core emitter and client may be what is slow."""

CEILING_SHARE: Final = 0.85
"""A throughput above this share of what the harness reaches without a proxy may be the harness's."""

Mark = Literal["harness", "disturbed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of the report. `ratio` is to the reference's; `spread`: the lowest and highest of the rounds."""

    value: float | None
    ratio: float | None
    spread: tuple[float, float] | None
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class Row:
    """One contender's numbers for one figure, by quantity. `remarks` are its rounds' own words, each once."""

    contender: str
    cells: dict[str, Cell]
    remarks: tuple[str, ...]


class Summary:
    """All samples of a run."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def row(self, figure: Figure, contender: str) -> Row | None:
        """None where it was never measured."""
        samples = self._of(figure, contender)
        if not samples:
            return None
        cells = {
            quantity.key: self._cell(figure, quantity, contender) for quantity in figure.quantities
        }
        remarks = [remark for sample in samples for remark in _remarks(sample)]
        left_out = sum(sample.measurement is not None for sample in samples) - len(
            self._counted(figure, contender)
        )
        if left_out:
            remarks.append(f"{left_out} of {len(samples)} rounds were disturbed and do not count")
        return Row(contender, cells, tuple(dict.fromkeys(remarks)))

    def _cell(self, figure: Figure, quantity: Quantity, contender: str) -> Cell:
        values = self._values(figure, quantity, contender)
        value = _median(values)
        reference = _median(self._values(figure, quantity, REFERENCE))
        return Cell(
            value,
            _ratio(value, reference) if contender != "direct" else None,
            (min(values), max(values)) if values else None,
            self._marks(figure, quantity, contender, value),
        )

    def _values(self, figure: Figure, quantity: Quantity, contender: str) -> list[float]:
        found = [
            value
            for measurement in self._counted(figure, contender)
            if (value := measurement.values.get(quantity.key)) is not None
        ]
        if not quantity.minus_direct or contender == "direct":
            return found
        without = _median(self._values(figure, quantity, "direct"))
        return [] if without is None else [value - without for value in found]

    def _marks(
        self, figure: Figure, quantity: Quantity, contender: str, value: float | None
    ) -> frozenset[Mark]:
        marks: set[Mark] = set()
        made = self._counted(figure, contender)
        if any(measurement.observation.disturbance.is_too_much for measurement in made):
            marks.add("disturbed")
        if contender != "direct" and value is not None:
            if quantity.higher_is_better and figure.with_direct:
                ceiling = _median(self._values(figure, quantity, "direct"))
                counted = quantity.key != "live"  # all of the streams there are is no ceiling
                if counted and ceiling and value >= CEILING_SHARE * ceiling:
                    marks.add("harness")
            elif any(_load_was_full(measurement) for measurement in made):
                marks.add("harness")
        return frozenset(marks)

    def _counted(self, figure: Figure, contender: str) -> list[Measurement]:
        """Those that were not disturbed; all where all were."""
        made = [sample.measurement for sample in self._of(figure, contender) if sample.measurement]
        quiet = [each for each in made if not each.observation.disturbance.is_too_much]
        return quiet or made

    def _of(self, figure: Figure, contender: str) -> list[Sample]:
        return [
            sample
            for sample in self._samples
            if sample.figure == figure.name and sample.contender == contender
        ]


def _load_was_full(measurement: Measurement) -> bool:
    return measurement.observation.load_share > LOAD_SHARE_LIMIT


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _ratio(value: float | None, reference: float | None) -> float | None:
    return value / reference if value is not None and reference else None


def _remarks(sample: Sample) -> tuple[str, ...]:
    if sample.measurement is None:
        return ((sample.fault or "not measured").partition("\n")[0],)
    return sample.measurement.remarks
