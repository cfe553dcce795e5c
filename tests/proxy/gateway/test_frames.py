"""The log's frames: whatever is put in comes out, in order and in whole frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asklight.gateway.frames import Frames

pieces = st.lists(
    st.one_of(
        st.binary(max_size=50),
        st.integers(0, 40_000).map(lambda size: b"x" * size),  # beyond a block or two
    ),
    max_size=30,
)


@given(pieces)
def test_what_is_put_in_comes_out(frames: list[bytes]) -> None:
    log = Frames(frames)
    assert list(log) == frames
    assert len(log) == len(frames)
    assert log.size == sum(map(len, frames))
    assert [log.size_until(number) for number in range(len(frames) + 1)] == [
        sum(map(len, frames[:number])) for number in range(len(frames) + 1)
    ]


@given(pieces.filter(bool), st.integers(0, 100_000), st.data())
def test_a_part_is_whole_frames_and_as_many_as_fit(
    frames: list[bytes], wanted: int, data: st.DataObject
) -> None:
    before = data.draw(st.integers(0, len(frames) - 1))
    part, last = Frames(frames).after(before, wanted)
    assert before < last <= len(frames)
    assert part == b"".join(frames[before:last])
    assert len(part) <= wanted or last == before + 1
    if last < len(frames):
        assert len(part) + len(frames[last]) > wanted, "one more had fitted"


def test_the_last_is_found_from_the_end() -> None:
    log = Frames([b"a", b"b"])
    assert (log[-1], log[0]) == (b"b", b"a")
    with pytest.raises(IndexError):
        log[2]
