"""Bytes in, cut anywhere; chunks out. Streams are lists of parts here, as an upstream's socket gives them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asklight.contract import CHUNK_FIELDS
from asklight.gateway.events import (
    DONE_CHUNK,
    ERROR_TEXT,
    Chunk,
    ChunkReader,
    MalformedStream,
)
from asklight.settings import Relaying

LIMIT_BYTES = Relaying().event_bytes
REFERENCE_PAGE = Path(__file__).parents[2] / "fixtures" / "streams" / "reference-page.sse"

HELLO = b'{"type":"text-delta","id":"1","delta":"Hello"}'
WORLD = b'{"type":"text-delta","id":"1","delta":"world"}'
ODD_CHARACTERS = (
    '{"type":"text-delta","id":"1","delta":"\u2028\u2029\u0085\x7f\u00a0 😀é"}'.encode()
)


def read(parts: Iterable[bytes], limit_bytes: int = LIMIT_BYTES) -> list[Chunk]:
    """All chunks of a stream that arrives in `parts` and then ends."""
    reader = ChunkReader(limit_bytes)
    chunks = [chunk for part in parts for chunk in reader.feed(part)]
    return chunks + list(reader.close())


def data_of(*parts: bytes) -> list[bytes]:
    return [chunk.data for chunk in read(parts)]


def events(*data: bytes, end: bytes = b"\n") -> bytes:
    return b"".join(b"data: " + one + end + end for one in data)


def assert_the_same_however_cut(stream: bytes, expected: Sequence[bytes]) -> None:
    """Cut once at every byte, and into single bytes."""
    single = [stream[position : position + 1] for position in range(len(stream))]
    assert data_of(*single) == list(expected)
    for position in range(len(stream) + 1):
        assert data_of(stream[:position], stream[position:]) == list(expected), position


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no mark", "byte order mark"])
def test_every_line_end_and_a_mark_are_read_wherever_the_stream_is_cut(
    end: bytes, mark: bytes
) -> None:
    stream = mark + events(HELLO, ODD_CHARACTERS, b"[DONE]", end=end)
    assert_the_same_however_cut(stream, [HELLO, ODD_CHARACTERS, b"[DONE]"])


def test_line_ends_may_be_mixed_within_one_stream() -> None:
    stream = b"data: " + HELLO + b"\r\n\r" + b"data: " + WORLD + b"\n\r\n\r\r\n" + events(HELLO)
    assert_the_same_however_cut(stream, [HELLO, WORLD, HELLO])


def test_comments_and_other_fields_are_passed_over() -> None:
    lines = [b": keep-alive", b"", b"event: message", b"id: 7", b"retry: 100", b"nonsense"]
    lines += [b"data: " + HELLO, b"database: no", b":", b"", b"data:" + WORLD, b"", b""]
    assert_the_same_however_cut(b"\n".join(lines), [HELLO, WORLD])


def test_the_stream_is_read_exactly_as_the_reference_page_prints_it() -> None:
    """No blank line stands between its events, nor after the last."""
    stream = REFERENCE_PAGE.read_bytes()
    assert b"\n\n" not in stream
    printed = [line.removeprefix(b"data: ") for line in stream.splitlines()]
    assert len(printed) == 14
    assert_the_same_however_cut(stream, printed)
    assert_the_same_however_cut(stream.rstrip(b"\n"), printed)


def test_a_last_event_without_its_line_end_is_read() -> None:
    assert data_of(events(HELLO) + b"data: [DONE]") == [HELLO, b"[DONE]"]


def test_separators_that_only_text_knows_do_not_end_a_line() -> None:
    """Fact 2: `aiter_lines` splits on U+2028, U+0085 and others that may stand inside JSON."""
    separators = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    raw = "".join(part for part in separators if part >= "\x7f")  # JSON escapes the others
    stream = events(
        json.dumps({"type": "text-delta", "id": "1", "delta": raw}, ensure_ascii=False).encode()
    )
    assert len(stream.decode().splitlines()) > 3, "the control: text lines would be cut here"
    [chunk] = read([stream])
    assert json.loads(chunk.data)["delta"] == raw


def test_data_over_several_lines_is_joined_into_one() -> None:
    stream = b'data: {"type":"text-delta",\ndata: "id":"1",\ndata: "delta":"a"}\n\n' + events(HELLO)
    expected = b'{"type":"text-delta","id":"1","delta":"a"}'
    assert_the_same_however_cut(stream, [expected, HELLO])


def test_no_event_waits_for_a_later_byte() -> None:
    """Not for the blank line, not for the second half of CRLF, not for the next event."""
    for end in (b"\n", b"\r", b"\r\n"):
        reader = ChunkReader(LIMIT_BYTES)
        for data in (HELLO, WORLD, b"[DONE]"):
            line = b"data: " + data + end[:1]
            assert list(reader.feed(line[:-1])) == []
            assert [chunk.data for chunk in reader.feed(line[-1:])] == [data]
            assert list(reader.feed(end[1:] + end)) == []


@pytest.mark.parametrize("kind", sorted(CHUNK_FIELDS.keys() - {"error"}))
def test_a_known_chunk_passes_byte_for_byte(kind: str) -> None:
    fields = {name: {"deep": [1, 2.50, None]} for name in CHUNK_FIELDS[kind] - {"errorText"}}
    data = json.dumps({"type": kind, **fields}, indent=None, separators=(" , ", " :  ")).encode()
    assert data_of(events(data)) == [data]


def test_a_data_chunk_of_any_name_passes_byte_for_byte() -> None:
    data = b'{ "type" : "data-weather", "id":"w", "data":{"any":["thing"]},"transient":true }'
    assert data_of(events(data)) == [data]


def test_an_unknown_type_is_dropped_and_counted() -> None:
    reader = ChunkReader(LIMIT_BYTES)
    stream = events(b'{"type":"sparkle","x":1}', HELLO, b'{"type":"done"}', b'{"type":"database"}')
    assert [chunk.data for chunk in reader.feed(stream)] == [HELLO]
    assert reader.dropped == 3


@pytest.mark.parametrize("kind", [*sorted(CHUNK_FIELDS.keys() - {"error"}), "data-weather"])
def test_an_unknown_field_is_taken_out_of_every_type(kind: str) -> None:
    [chunk] = read([events(json.dumps({"evil": 1, "type": kind, "__proto__": {}}).encode())])
    assert json.loads(chunk.data) == {"type": kind}


@pytest.mark.parametrize("kind", ["error", "tool-input-error", "tool-output-error"])
def test_an_error_text_is_ours(kind: str) -> None:
    """The upstream's could hold a secret."""
    data = json.dumps({"type": kind, "toolCallId": "1", "errorText": "bad key sk-canary"}).encode()
    [chunk] = read([events(data)])
    assert b"canary" not in chunk.data
    assert json.loads(chunk.data)["errorText"] == ERROR_TEXT


def test_an_error_without_a_text_gets_ours() -> None:
    [chunk] = read([events(b'{"type":"error"}')])
    assert json.loads(chunk.data) == {"type": "error", "errorText": ERROR_TEXT}


def test_the_message_id_is_read_from_a_start_alone() -> None:
    stream = events(
        b'{"type":"start","messageId":"m-1"}',
        b'{"type":"start","messageId":5}',
        b'{"type":"data-x","messageId":"m-2","data":1}',
    )
    assert [chunk.message_id for chunk in read([stream])] == ["m-1", None, None]


def test_half_a_surrogate_pair_survives_with_and_without_a_change() -> None:
    """Models split an emoji between two deltas."""
    untouched = rb'{"type":"text-delta","id":"1","delta":"\ud83d"}'
    changed = rb'{"type":"text-delta","id":"1","delta":"\ude00","evil":1}'
    first, second = read([events(untouched, changed)])
    assert first.data == untouched
    assert json.loads(second.data) == {"type": "text-delta", "id": "1", "delta": "\ude00"}
    second.data.decode("ascii")


MALFORMED = {
    "NaN": b'{"type":"data-x","data":NaN}',
    "infinity": b'{"type":"data-x","data":-Infinity}',
    "a number read as infinity": b'{"type":"data-x","data":1e999,"evil":1}',
    "an integer of 5,000 digits": b'{"type":"data-x","data":' + b"9" * 5_000 + b"}",
    "an array": b'[{"type":"finish"}]',
    "a text": b'"finish"',
    "a number": b"5",
    "null": b"null",
    "nothing": b"",
    "no type": b'{"messageId":"1"}',
    "a type that is no text": b'{"type":["finish"]}',
    "half of JSON": b'{"type":"finish"',
    "two values": b'{"type":"finish"}{"type":"finish"}',
    "a raw control character": b'{"type":"text-delta","id":"1","delta":"\x00"}',
    "invalid UTF-8": b'{"type":"text-delta","id":"1","delta":"\xff"}',
    "half a character": b'{"type":"text-delta","id":"1","delta":"\xe2\x82"}',
    "a surrogate in UTF-8": b'{"type":"text-delta","id":"1","delta":"\xed\xa0\xbd"}',
    "HTML": b"<!doctype html>",
    "100,000 levels": b'{"type":"data-x","data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_chunk_is_malformed_and_what_came_before_it_is_out(data: bytes) -> None:
    """Fact 10: NaN, deep nesting, huge integers and invalid UTF-8 each fail, in words of ours."""
    reader = ChunkReader(LIMIT_BYTES)
    assert [chunk.data for chunk in reader.feed(events(HELLO))] == [HELLO]
    with pytest.raises(MalformedStream) as caught:
        list(reader.feed(events(data)))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_no_depth_of_nesting_fails_in_any_other_way() -> None:
    """There is a depth that can still be read but no longer be written."""
    refused = 0
    for depth in range(1, 1_200):
        data = b'{"type":"data-x","evil":1,"data":' + b"[" * depth + b"]" * depth + b"}"
        try:
            read([events(data)])
        except MalformedStream:
            refused += 1
    assert 0 < refused < 1_100


def test_an_event_of_the_limit_passes_and_one_byte_more_does_not() -> None:
    empty = b'{"type":"text-delta","id":"1","delta":""}'
    fitting = empty.replace(b'""', b'"' + b"x" * (200 - len(empty)) + b'"')
    over = fitting.replace(b"xx", b"xxx", 1)
    assert len(fitting) == 200
    assert read([events(fitting)], 200)[0].data == fitting
    for cut_at in (0, 100, 205, 206, 207):
        with pytest.raises(MalformedStream):
            read([events(over)[:cut_at], events(over)[cut_at:]], 200)


def test_a_line_or_an_event_that_never_ends_is_given_up_at_the_limit() -> None:
    for endless in (b"data: x", b"x", b": comment ", b"data: x\n"):
        reader = ChunkReader(1_000)
        with pytest.raises(MalformedStream):
            for _ in range(2_000):
                assert list(reader.feed(endless)) == []


def test_a_long_event_in_many_small_parts_costs_time_in_proportion_to_its_length() -> None:
    """Looking at the whole of it again for each part would stop the event loop for seconds."""
    data = b'{"type":"text-delta","id":"1","delta":"' + b"x" * 900_000 + b'"}'
    stream = events(data)
    began = time.process_time()
    assert data_of(*(stream[at : at + 64] for at in range(0, len(stream), 64))) == [data]
    assert time.process_time() - began < 1.5


_lines = st.sampled_from(
    [
        b"data: " + HELLO,
        b"data:" + ODD_CHARACTERS,
        b'data: {"type":"text-delta",',
        b'data: "id":"1","delta":"a"}',
        b'data: {"type":"sparkle"}',
        b'data: {"type":"finish","evil":1}',
        b"data: [DONE]",
        b"data: nonsense",
        b"data",
        b": comment",
        b"id: 1",
        b"",
    ]
)
_ends = st.sampled_from([b"\n", b"\r", b"\r\n"])


@st.composite
def _streams(draw: st.DrawFn) -> bytes:
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return mark + b"".join(draw(_lines) + draw(_ends) for _ in range(draw(st.integers(0, 12))))


def outcome(parts: Iterable[bytes]) -> tuple[list[Chunk], bool]:
    """The chunks until the end or the fault, and whether there was one."""
    reader = ChunkReader(LIMIT_BYTES)
    chunks: list[Chunk] = []
    try:
        for part in parts:
            chunks.extend(reader.feed(part))
        chunks.extend(reader.close())
    except MalformedStream:
        return chunks, True
    return chunks, False


@given(_streams(), st.lists(st.integers(0, 2_000), max_size=20))
def test_any_cutting_gives_the_same_chunks_and_the_same_fault(
    stream: bytes, cuts: list[int]
) -> None:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    parts = [stream[start:end] for start, end in pairwise(places)]
    assert outcome(parts) == outcome([stream])


@given(st.binary(max_size=200))
def test_any_bytes_give_chunks_or_a_fault_and_nothing_else(stream: bytes) -> None:
    chunks, _ = outcome([stream])
    assert all(chunk == DONE_CHUNK or isinstance(json.loads(chunk.data), dict) for chunk in chunks)


_delta_parts = st.lists(
    st.sampled_from(
        [
            *("a", " ", "é", "😀", "\u2028", "\x7f", '\\"', "\\\\", "\\n", "\\u00e9", "\\ud83d"),
            *('"', "\\", "\\x", "\\u12", "\n", "\r", "\t", "\x00", "}", '","evil":1,"x":"'),
        ]
    ),
    max_size=6,
)


@given(
    deltas=st.lists(st.tuples(st.sampled_from(["1", "2", "", '"']), _delta_parts), max_size=4),
    tail=st.sampled_from(["\n\n", "\n", "\r\n\r\n", "\n\nx", ""]),
)
@example(deltas=[("1", ["a"])], tail="\n\n")
@example(deltas=[("2", ["😀", "\\n"]), ("2", ["a"])], tail="\n\n")
def test_what_passes_as_a_plain_delta_is_what_reading_it_gives(
    deltas: list[tuple[str, list[str]]], tail: str
) -> None:
    reader = between_events()
    for identity, parts in deltas:  # each as if the one before had the same head, or another
        data = f'{{"type":"text-delta","id":"{identity}","delta":"{"".join(parts)}"}}'.encode()
        event = b"data: " + data + tail.encode()
        if reader.is_plain_delta(event):
            assert [chunk.data for chunk in reader.feed(event)] == [data]
            assert reader.is_between_events


@given(
    parts=st.lists(_delta_parts, max_size=4), tail=st.sampled_from(["", "data: ", "\r\n", ": x\n"])
)
def test_plain_deltas_that_come_together_are_what_reading_them_gives(
    parts: list[list[str]], tail: str
) -> None:
    datas = [
        f'{{"type":"text-delta","id":"1","delta":"{"".join(part)}"}}'.encode() for part in parts
    ]
    piece = b"".join(b"data: %b\n\n" % data for data in datas) + tail.encode()
    reader, control = between_events(), between_events()
    taken = list(reader.plain_deltas(piece))
    assert piece.startswith(b"".join(taken))
    rest = piece[len(b"".join(taken)) :]
    try:
        told = list(control.feed(piece))
    except MalformedStream:
        return  # which feeding the rest tells as well, unless it was in a plain delta
    both = [event[6:-2] for event in taken] + [chunk.data for chunk in reader.feed(rest)]
    assert both == [chunk.data for chunk in told]


@pytest.mark.parametrize(
    "event",
    [
        b'data: {"type":"text-delta","id":"1","delta":"\xff"}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"\xed\xa0\x80"}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"a"}\r\n',
        b'data: {"type":"text-delta","id":"1","delta":"a\\"}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"a","evil":1}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"\t"}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"a"}\n\ndata: {"type":"finish"}\n\n',
        b'data: {"type":"text-delta","id":"1","delta":"%s"}\n\n' % (b"x" * LIMIT_BYTES),
    ],
)
def test_whatever_has_to_be_looked_at_is_no_plain_delta(event: bytes) -> None:
    reader = between_events()
    for before in (b'data: {"type":"text-delta","id":"2","delta":"a"}\n\n', events(HELLO)):
        assert not reader.is_plain_delta(event)
        assert reader.is_plain_delta(before)
    assert not reader.is_plain_delta(event)


def test_an_ordinary_delta_is_a_plain_one() -> None:
    assert between_events().is_plain_delta(events(HELLO))
    assert between_events().is_plain_delta(events(ODD_CHARACTERS))


@pytest.mark.parametrize("before", [b"", b"da", b"data: {", b"data: nonsense\n", b"\r"])
def test_in_the_middle_of_an_event_nothing_passes(before: bytes) -> None:
    """At the start neither: a byte order mark may still come."""
    reader = ChunkReader(LIMIT_BYTES)
    if before:
        list(reader.feed(b"\n" + before))
    assert not reader.is_between_events


def between_events() -> ChunkReader:
    """A reader that has seen the start of a stream."""
    reader = ChunkReader(LIMIT_BYTES)
    assert list(reader.feed(b"\n")) == []
    assert reader.is_between_events
    return reader
