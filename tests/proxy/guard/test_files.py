"""The number of connections fits the number of files that may be open."""

from __future__ import annotations

import resource

import pytest

from asklight.guard.files import FILES_PER_CONNECTION, RESERVED_FILES, room_for

ENOUGH = 100 * FILES_PER_CONNECTION + RESERVED_FILES
NO_END = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("limits", "room", "raised_to"),
    [
        ((ENOUGH, ENOUGH), 100, None),
        ((20, ENOUGH * 9), 100, (ENOUGH, ENOUGH * 9)),
        ((20, NO_END), 100, (ENOUGH, NO_END)),
        ((20, ENOUGH - 1), 99, (ENOUGH - 1, ENOUGH - 1)),
        ((20, 20), 1, (20, 20)),
        ((NO_END, NO_END), 100, None),
    ],
)
def test_the_limit_is_raised_as_far_as_allowed_and_the_rest_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int],
    room: int,
    raised_to: tuple[int, int] | None,
) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: raised.append(new))
    assert room_for(100) == room
    assert raised == ([raised_to] if raised_to else [])
