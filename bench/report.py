"""The report in Markdown: one table for each figure, what it was made on, and what its marks mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from bench.contenders.contender import Contender
from bench.disturbance import FOREIGN_LIMIT, STEAL_LIMIT
from bench.figures.figure import Figure, Quantity
from bench.rounds import Plan
from bench.summary import CEILING_SHARE, LOAD_SHARE_LIMIT, Cell, Mark, Row, Summary

_SIGNS: Final[dict[Mark, str]] = {"harness": "†", "disturbed": "‡"}


def markdown(
    plan: Plan, summary: Summary, facts: Mapping[str, str], absent: Mapping[str, str], plot: str
) -> str:
    """The whole report.

    :param absent: why a contender was not measured, by its title.
    :param plot: the plot's file name, beside the report.
    """
    parts = [
        "# The relay, measured",
        "Medians of "
        f"{plan.rounds} interleaved rounds in one run, every contender with one worker pinned to one core, "
        "freshly started for each measurement. In brackets: the ratio to nginx in the same run; it is what to "
        "trust, since absolute figures depend on the machine.",
        f"![The figures as bars]({plot})",
        *(_section(figure, plan, summary) for figure in plan.figures),
        _marks(),
        _made_on(plan, facts, absent),
    ]
    return "\n\n".join(parts) + "\n"


def _section(figure: Figure, plan: Plan, summary: Summary) -> str:
    rows = [(contender, summary.row(figure, contender.name)) for contender in plan.contenders]
    measured = [(contender, row) for contender, row in rows if row is not None]
    titles = [quantity.title for quantity in figure.quantities]
    lines = [
        f"## {figure.title.format(held=plan.scale.held)}",
        "",
        figure.how,
        "",
        "| | " + " | ".join(titles) + " |",
        "|---|" + "---:|" * len(titles),
        *(_line(figure, contender, row) for contender, row in measured),
    ]
    for contender, row in measured:
        lines += [f"\n{contender.title}: {remark}." for remark in row.remarks]
    return "\n".join(lines)


def _line(figure: Figure, contender: Contender, row: Row) -> str:
    cells = [_cell(quantity, row.cells[quantity.key]) for quantity in figure.quantities]
    return f"| {contender.title} | " + " | ".join(cells) + " |"


def _cell(quantity: Quantity, cell: Cell) -> str:
    if cell.value is None:
        return "–"
    if math.isinf(cell.value):
        return "never"
    ratio = f" ({cell.ratio:.2f} ×)" if cell.ratio is not None and cell.ratio > 0 else ""
    signs = "".join(_SIGNS[mark] for mark in sorted(cell.marks))
    return f"{cell.value:,.{quantity.digits}f}{signs}{ratio}"


def _marks() -> str:
    return (
        "“No proxy” rows are the harness itself: its own events' age is taken off the others'.\n\n"
        f"† The harness may be what is slow: emitter and client used over {LOAD_SHARE_LIMIT:.0%} of their core, "
        f"or the throughput is above {CEILING_SHARE:.0%} of what they reach without a proxy. "
        f"‡ Disturbed in every round, after repeats: over {STEAL_LIMIT:.0%} of CPU time stolen by the "
        f"hypervisor, or over {FOREIGN_LIMIT:.0%} of a core used by foreign processes."
    )


def _made_on(plan: Plan, facts: Mapping[str, str], absent: Mapping[str, str]) -> str:
    versions = [
        f"- {contender.title}: {version}"
        for contender in plan.contenders
        if (version := contender.version())
    ]
    lines = [
        "## Made on",
        "",
        *(f"- {name}: {value}" for name, value in facts.items()),
        f"- windows of {plan.scale.seconds:g} s, {plan.scale.held:,} streams held",
        *versions,
        *(f"- not measured: {title} ({reason})" for title, reason in absent.items()),
    ]
    return "\n".join(lines)
