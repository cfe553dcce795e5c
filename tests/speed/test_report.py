"""The table and the plot hold the figures that were measured."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from bench.disturbance import Disturbance
from bench.figures.steady import Steady
from bench.plot import svg
from bench.report import markdown
from bench.rounds import Sample
from bench.summary import Summary
from speed.made import QUIET, Cost, measurement, plan, sample

NAMES = ("direct", "asklight", "nginx", "haproxy")


def report(made: list[Sample]) -> str:
    facts = {"CPU": "a fast one"}
    return markdown(plan(Cost(), *NAMES), Summary(made), facts, {"the node": "no Node"}, "p.svg")


def row(text: str, title: str) -> list[str]:
    """The cells of a line of the table."""
    [line] = [line for line in text.splitlines() if line.startswith(f"| {title} |")]
    return [part.strip() for part in line.strip("|").split("|")][1:]


def test_the_table_has_each_number_its_ratio_and_its_marks() -> None:
    stolen = Disturbance(stolen=0.2, foreign=0)
    text = report(
        [
            sample("direct", 0, measurement(us=1, added=100, events=90_000)),
            sample("asklight", 0, measurement(stolen, us=30.04, added=1_350, events=89_000)),
            sample("nginx", 0, measurement(us=20, added=1_100, events=40_000)),
            sample("haproxy", 0, measurement(QUIET, 0.95, us=math.inf, added=None, events=1)),
        ]
    )
    assert "## What 5,000 cost\n\nBy heart.\n\n| | time, µs | added, µs | events/s |" in text
    assert row(text, "the direct") == ["1.0", "100", "90,000"]
    assert row(text, "the asklight") == [
        "30.0‡ (1.50 ×)",
        "1,250‡ (1.25 ×)",
        "89,000‡† (2.23 ×)",
    ]
    assert row(text, "the nginx") == ["20.0 (1.00 ×)", "1,000 (1.00 ×)", "40,000 (1.00 ×)"]
    assert row(text, "the haproxy") == ["never", "–", "1 (0.00 ×)"]


def test_what_the_marks_mean_and_what_it_was_made_on_stand_below() -> None:
    text = report([sample("nginx", 0)])
    assert "over 3% of CPU time stolen" in text
    assert "emitter and client used over 90% of their core" in text
    assert "\nthe nginx: it did not start." in text
    assert "- CPU: a fast one" in text
    assert "- not measured: the node (no Node)" in text
    assert "![The figures as bars](p.svg)" in text


@pytest.fixture
def drawing() -> ElementTree.Element:
    asked = plan(Steady(), *NAMES)
    values = {"direct": 1.0, "asklight": 30.0, "nginx": 20.0, "haproxy": math.inf}
    made = [
        Sample("cpu", name, 0, measurement(cpu_us=value, added_p50=1, added_p99=value))
        for name, value in values.items()
    ]
    return ElementTree.fromstring(svg(asked.figures, asked.contenders, Summary(made)))  # noqa: S314 - our own


def test_the_plot_has_a_bar_as_long_as_each_number(drawing: ElementTree.Element) -> None:
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in drawing.iter(f"{space}text")]
    assert texts[:7] == [
        "CPU per event, µs · lower is better",
        *("the asklight", "30.0", "the nginx", "20.0", "the haproxy", "never"),
    ]
    assert "the direct" not in texts
    bars = [(bar.get("class"), int(bar.get("width", ""))) for bar in drawing.iter(f"{space}rect")]
    (ours, longest), (theirs, shorter), (_, endless) = bars[:3]
    assert (ours, theirs) == ("ours", "theirs")
    assert shorter == pytest.approx(longest * 20 / 30, abs=1)
    assert endless == longest
    assert len(bars) == 6, "the age at p99 too, and no other"


def test_the_plot_is_as_high_as_its_charts(drawing: ElementTree.Element) -> None:
    _, _, width, height = map(int, drawing.get("viewBox", "").split())
    for bar in drawing.iter("{http://www.w3.org/2000/svg}rect"):
        assert int(bar.get("x", "")) + int(bar.get("width", "")) < width
        assert int(bar.get("y", "")) + int(bar.get("height", "")) < height
    styles = "".join(drawing.itertext())
    assert re.search(r"prefers-color-scheme: dark", styles)
