"""A reader is stalled when something waits for it and it takes none of it."""

from __future__ import annotations

from asklight.guard.pace import Pace


def test_a_reader_that_takes_nothing_is_stalled_once_its_time_is_up() -> None:
    pace = Pace(10, now=0)
    assert not pace.is_stalled(5, taken=0, waiting=1)
    assert not pace.is_stalled(9, taken=0, waiting=1)
    assert pace.is_stalled(10, taken=0, waiting=1)


def test_taking_anything_begins_the_time_anew() -> None:
    pace = Pace(10, now=0)
    assert not pace.is_stalled(9, taken=1, waiting=1)
    assert not pace.is_stalled(18, taken=1, waiting=99)
    assert pace.is_stalled(19, taken=1, waiting=99)


def test_a_reader_for_whom_nothing_waits_is_never_stalled() -> None:
    pace = Pace(10, now=0)
    assert not pace.is_stalled(100, taken=0, waiting=0)
    assert not pace.is_stalled(109, taken=0, waiting=1)
