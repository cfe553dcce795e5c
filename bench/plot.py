"""The plot: an SVG of small bar charts, one for each chosen number, readable in light and dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from bench.contenders.contender import Contender
from bench.figures.figure import Figure, Quantity
from bench.summary import Summary

_CHOSEN: Final = (
    ("cpu", "cpu_us"),
    ("sustained", "sustained"),
    ("cpu", "added_p99"),
    ("first", "first_p50"),
    ("held", "live"),
    ("held", "kib"),
    ("leaving", "silent"),
    ("stalled", "kib"),
)
_WIDTH: Final = 880
_COLUMNS: Final = 2
_BAR: Final = 22
_HEAD: Final = 44
_LABEL: Final = 160
_ROOM_FOR_NUMBER: Final = 80

_STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #1c1c1c }
.title { font-weight: 600 }
.ours { fill: #d9a400 }
.theirs { fill: #9aa3ad }
@media (prefers-color-scheme: dark) { text { fill: #ececec } .ours { fill: #ffe14a } .theirs { fill: #6b747d } }
"""


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    value: float
    is_ours: bool


def svg(figures: Sequence[Figure], contenders: Sequence[Contender], summary: Summary) -> str:
    """The charts of those numbers that were measured."""
    charts = []
    for figure_name, key in _CHOSEN:
        for figure in figures:
            for quantity in figure.quantities:
                if (figure.name, quantity.key) == (figure_name, key):
                    bars = _bars(figure, quantity, contenders, summary)
                    charts.append((_title(figure, quantity), quantity.digits, bars))
    drawn = [chart for chart in charts if chart[2]]
    height_of = _HEAD + max((len(bars) for _, _, bars in drawn), default=0) * _BAR + 16
    rows = math.ceil(len(drawn) / _COLUMNS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {rows * height_of}" role="img">',
        "<title>Asklight's relay beside others</title>",
        f"<style>{_STYLE}</style>",
    ]
    for number, (title, digits, bars) in enumerate(drawn):
        left = number % _COLUMNS * (_WIDTH // _COLUMNS)
        top = number // _COLUMNS * height_of
        parts += _chart(left, top, title, digits, bars)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _title(figure: Figure, quantity: Quantity) -> str:
    prefix = {"stalled": "", "leaving": "reader gone, upstream ended, ms: "}.get(figure.name, "")
    better = "higher is better" if quantity.higher_is_better else "lower is better"
    return f"{prefix}{quantity.title} · {better}"


def _bars(
    figure: Figure, quantity: Quantity, contenders: Sequence[Contender], summary: Summary
) -> list[_Bar]:
    bars = []
    for contender in contenders:
        row = summary.row(figure, contender.name)
        value = row.cells[quantity.key].value if row else None
        if value is not None and contender.name != "direct":
            bars.append(_Bar(contender.title, value, contender.name == "asklight"))
    return bars


def _chart(left: int, top: int, title: str, digits: int, bars: Sequence[_Bar]) -> list[str]:
    room = _WIDTH // _COLUMNS - _LABEL - _ROOM_FOR_NUMBER
    longest = max((bar.value for bar in bars if math.isfinite(bar.value)), default=0) or 1
    parts = [f'<text class="title" x="{left + 8}" y="{top + 26}">{escape(title)}</text>']
    for number, bar in enumerate(bars):
        y = top + _HEAD + number * _BAR
        share = min(1.0, max(0.0, bar.value / longest))
        length = max(1, round(room * share))
        told = "never" if math.isinf(bar.value) else f"{bar.value:,.{digits}f}"
        kind = "ours" if bar.is_ours else "theirs"
        parts += [
            f'<text x="{left + 8}" y="{y + 14}">{escape(bar.label)}</text>',
            f'<rect class="{kind}" x="{left + _LABEL}" y="{y + 2}" width="{length}" height="{_BAR - 6}"/>',
            f'<text x="{left + _LABEL + length + 6}" y="{y + 14}">{told}</text>',
        ]
    return parts
