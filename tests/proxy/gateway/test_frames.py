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


def log_of(events: list[bytes]) -> Frames:
    log = Frames("t")
    for number, event in enumerate(events, start=1):
        assert log.append(event) == b"id: t:%d\n%b" % (number, event)
        if log.size >= log.packed_at:
            log.pack()
    return log


def frames_of(events: list[bytes]) -> list[bytes]:
    return [b"id: t:%d\n%b" % each for each in enumerate(events, start=1)]


@given(pieces)
def test_what_is_put_in_comes_out_numbered(events: list[bytes]) -> None:
    log, frames = log_of(events), frames_of(events)
    assert list(log) == frames
    assert len(log) == len(frames)
    assert log.size == sum(map(len, frames))
    assert [log.size_until(number) for number in range(len(frames) + 1)] == [
        sum(map(len, frames[:number])) for number in range(len(frames) + 1)
    ]


@given(pieces.filter(bool), st.integers(0, 100_000), st.data())
def test_a_part_is_whole_frames_and_as_many_as_fit(
    events: list[bytes], wanted: int, data: st.DataObject
) -> None:
    frames = frames_of(events)
    before = data.draw(st.integers(0, len(frames) - 1))
    part, last = log_of(events).after(before, wanted)
    assert before < last <= len(frames)
    assert part == b"".join(frames[before:last])
    assert len(part) <= wanted or last == before + 1
    if last < len(frames):
        assert len(part) + len(frames[last]) > wanted, "one more had fitted"


@given(pieces.filter(lambda events: len(events) > 1))
def test_of_a_log_that_is_dropped_the_end_is_kept_under_its_number(events: list[bytes]) -> None:
    log, count = log_of(events), len(events)
    log.keep_last(b"told")
    told = b"id: t:%d\ntold" % (count - 1)
    assert list(log) == [b""] * (count - 2) + [told, frames_of(events)[-1]]
    assert log.size == sum(map(len, log))
    assert log.after(count - 2, 10**6) == (told + frames_of(events)[-1], count)


def test_the_last_is_found_from_the_end() -> None:
    log = log_of([b"a", b"b"])
    assert (log[-1], log[0]) == (b"id: t:2\nb", b"id: t:1\na")
    with pytest.raises(IndexError):
        log[2]
