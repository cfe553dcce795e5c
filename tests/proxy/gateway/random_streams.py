"""Random streams of an upstream, and a simple model of what is told of them.

A stream is put together from events whose fate is known from how they were made: which pass untouched, which lose a
field that was put in, which are dropped, which end the answer or break it. So nothing here reads events: the model
only counts bytes. The streams are as untidy as the format allows: LF, CRLF and CR, with and without blank lines, a
byte order mark, comments, other fields, JSON over several lines, halves of surrogate pairs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any, Final, Literal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CASES_VARIABLE: Final = "ASKLIGHT_TEST_CASES"
"""So many cases each property plays, instead of those of the normal suite: new ones each time."""

ERROR_TEXT: Final = "The assistant service reported an error."

Ends = Literal["", "finish", "error", "stopped", "fault"]
"""What an event does to the answer: nothing, one of the endings an upstream may tell, or it breaks it."""

Json = Literal["compact", "unicode", "spaced", "lines"]

Outcome = bytes | dict[str, Any] | None
"""What a reader gets of an event: these bytes, JSON that means this, or nothing."""


def cases(normally: int) -> settings:
    """The same `normally` many cases in every run, or as many new ones as the environment says."""
    wanted = os.environ.get(CASES_VARIABLE)
    return settings(
        max_examples=int(wanted) if wanted else normally,
        derandomize=not wanted,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# Events


@dataclass(frozen=True)
class Payload:
    """An event's value, or its data where that is no JSON object, and its fate."""

    value: dict[str, Any] | bytes
    told: dict[str, Any] | None
    ends: Ends = ""


@dataclass(frozen=True)
class Style:
    """How an event is written."""

    before: bytes = b""
    line_end: bytes = b"\n"
    is_blank_after: bool = True
    colon: bytes = b"data: "
    json: Json = "compact"


@dataclass(frozen=True)
class Event:
    """An event in its stream: `written_at` is where its data has been sent, `complete_at` where it is known to be
    over, both counted from the start of the stream.
    """

    written_at: int
    complete_at: int
    told: Outcome
    ends: Ends


_TEXTS: Final = (
    "Light",
    "",
    "naïve – ö",
    "\u2028\u2029\u0085\ufeff",
    "🗼",
    "\ud83d",  # half of a pair, the other half being the next one
    "\uddfc",
    'say "x" \\ /',
    "line\nbreak\r\n\ttab\x00",
    "data: [DONE]\n\n",
    "x" * 300,
)


def _known(text: str) -> Iterator[dict[str, Any]]:
    """One chunk of every type that does not end an answer."""
    call = {"toolCallId": "call", "toolName": text, "dynamic": True}
    yield {"type": "text-delta", "id": "1", "delta": text}
    yield {"type": "start", "messageId": "m", "messageMetadata": {"a": text}}
    yield {"type": "start-step"}
    yield {"type": "finish-step"}
    yield {"type": "text-start", "id": text}
    yield {"type": "text-end", "id": "1", "providerMetadata": {"p": {"q": text}}}
    yield {"type": "reasoning-start", "id": "r"}
    yield {"type": "reasoning-delta", "delta": text, "id": "r"}
    yield {"type": "reasoning-end", "id": text}
    yield {"type": "source-url", "sourceId": "s", "url": "https://x.example/", "title": text}
    yield {"type": "source-document", "sourceId": "s", "mediaType": "text/plain", "title": text}
    yield {"type": "file", "url": "data:,x", "mediaType": text}
    yield {"type": "tool-input-start", **call}
    yield {"type": "tool-input-delta", "toolCallId": "call", "inputTextDelta": text}
    yield {"type": "tool-input-available", **call, "input": {"deep": [[{"er": text}], 1.5]}}
    yield {"type": "tool-input-error", **call, "input": None, "errorText": "secret " + text}
    yield {"type": "tool-output-available", "toolCallId": "call", "output": [text, -1, True]}
    yield {"type": "tool-output-error", "toolCallId": "call", "errorText": "secret"}
    yield {"type": "message-metadata", "messageMetadata": {"\u2028": text}}
    yield {"type": "data-weather", "id": "1", "data": text, "transient": False}


ENDINGS: Final[tuple[tuple[dict[str, Any], Ends], ...]] = (
    ({"type": "finish"}, "finish"),
    ({"type": "finish", "finishReason": "stop", "messageMetadata": {"n": 1}}, "finish"),
    ({"type": "error", "errorText": "secret"}, "error"),
    ({"type": "abort"}, "stopped"),
)

KNOWN: Final = [chunk for text in _TEXTS for chunk in _known(text)]

_UNKNOWN_FIELDS: Final[tuple[dict[str, Any], ...]] = ({"tokens": 3}, {"x": {"type": "finish"}})
_UNKNOWN_TYPES: Final = (
    {"type": "usage", "tokens": 3},
    {"type": "finish-message"},
    {"type": "Text-Delta", "id": "1", "delta": "no"},
    {"type": ""},
)
_MALFORMED: Final = (
    b'{"type":"text-delta","id":"1","delta":"\xff"}',
    b'{"type":"text-delta","id":"1"',
    b"[]",
    b'"finish"',
    b"<html>",
    b'{"type":3}',
    b"{}",
    b'{"type":"finish","n":NaN}',
)


def _passing(value: dict[str, Any], ends: Ends = "") -> Payload:
    """A chunk that passes; an error's text is the proxy's own."""
    own = {"errorText": ERROR_TEXT} if "errorText" in value else {}
    return Payload(value, value | own, ends)


def _with_unknown_fields(chunk: dict[str, Any]) -> Iterator[Payload]:
    for fields in _UNKNOWN_FIELDS:
        yield replace(_passing(chunk), value={**fields, **chunk})


_PASSING: Final = [_passing(chunk) for chunk in KNOWN]
_CLEANED: Final = [payload for chunk in KNOWN for payload in _with_unknown_fields(chunk)]
_DROPPED: Final = [Payload(dict(value), None) for value in _UNKNOWN_TYPES]
_ENDING: Final = [_passing(value, ends) for value, ends in ENDINGS]
_BREAKING: Final = [Payload(data, None, "fault") for data in (*_MALFORMED, b"[DONE]")]

_payloads: Final = st.one_of(
    st.sampled_from(_PASSING),
    st.sampled_from(_PASSING),
    st.sampled_from(_CLEANED + _DROPPED * 10),
)
_last_payloads: Final = st.sampled_from(_ENDING * 4 + _BREAKING)
_JSON: Final[tuple[Json, ...]] = ("compact", "unicode", "spaced", "lines")
_styles: Final = st.sampled_from(
    [Style()] * 300  # as most upstreams write
    + [
        Style(*written)
        for written in product(
            (b"", b": a comment", b"event: message", b"id: 7", b"retry", b"data-x: {}"),
            (b"\n", b"\r\n", b"\r"),
            (True, False),
            (b"data: ", b"data:", b"data:  "),
            _JSON,
        )
    ]
)


def _lines(value: dict[str, Any] | bytes, style: Style) -> list[bytes]:
    """The data, line by line."""
    match value, style.json:
        case bytes(), _:
            return [value]
        case dict(), "lines":
            return json.dumps(value, indent=1).encode().split(b"\n")
        case dict(), "spaced":
            return [json.dumps(value).encode()]
        case dict(), "unicode" if "\\ud" not in json.dumps(value):  # no halves: they have no UTF-8
            return [json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()]
        case _:
            return [json.dumps(value, separators=(",", ":")).encode()]


def _written(payload: Payload, style: Style, start: int) -> tuple[bytes, Event]:
    """The bytes of an event that begins at `start`, and what is known of it."""
    lines = _lines(payload.value, style)
    is_blank_after = style.is_blank_after or len(lines) > 1 or payload.ends == "fault"
    line_end = style.line_end
    before = style.before + line_end if style.before else b""
    data = before + line_end.join(style.colon + line for line in lines)
    wire = data + line_end + (line_end if is_blank_after else b"")
    waits_for_blank = len(lines) > 1
    # A CR already ends a line, whether or not an LF follows.
    complete = len(data) + (len(line_end) if waits_for_blank else 0) + 1
    told: Outcome = payload.told
    if told == payload.value and len(lines) == 1:  # untouched: byte for byte
        told = style.colon.removeprefix(b"data:").removeprefix(b" ") + lines[0]
    return wire, Event(start + len(data), start + complete, told, payload.ends)


# Streams


@dataclass(frozen=True)
class Stream:
    """What an upstream sends: its bytes in pieces, and the events in them, of which the last may not be whole."""

    pieces: tuple[bytes, ...]
    events: tuple[Event, ...]

    def told(self, sent: int, *, is_closed: bool) -> tuple[list[Outcome], Ends]:
        """What is told of the first `sent` bytes, and what these did to the answer.

        :param is_closed: whether the body then ended in good order, which ends a last line, too.
        """
        told: list[Outcome] = []
        for event in self.events:
            if (event.written_at if is_closed else event.complete_at) > sent:
                break
            if event.told is not None:
                told.append(event.told)
            if event.ends:
                return told, event.ends
        return told, ""


@st.composite
def streams(draw: st.DrawFn, most_events: int = 8) -> Stream:
    """A stream, ended properly, broken or just over; often cut off somewhere; in pieces of any size."""
    payloads = draw(st.lists(_payloads, max_size=most_events))
    if draw(st.integers(0, 3)):
        payloads.append(draw(_last_payloads))
        payloads += draw(st.sampled_from(([], [Payload(b"[DONE]", None)], _PASSING[:2])))
    body = b"\xef\xbb\xbf" if draw(st.integers(0, 5)) == 5 else b""
    events: list[Event] = []
    boundaries: list[int] = []
    for payload in payloads:
        wire, event = _written(payload, draw(_styles), len(body))
        body += wire
        events.append(event)
        boundaries.append(len(body))
    if draw(st.integers(0, 2)) == 2:
        body = body[: draw(st.integers(0, len(body)))]
    return Stream(_cut(body, _places(draw, body, boundaries)), tuple(events))


def _places(draw: st.DrawFn, body: bytes, boundaries: list[int]) -> list[int]:
    """Where to cut `body`: between its events, anywhere, or after every byte."""
    match draw(st.sampled_from(("events", "anywhere", "both", "bytes"))):
        case "events":
            return boundaries
        case "bytes" if len(body) < 400:
            return list(range(len(body)))
        case "both":
            return boundaries + [place + 1 for place in boundaries]
        case _:
            return draw(st.lists(st.integers(0, len(body)), max_size=6))


def _cut(body: bytes, places: list[int]) -> tuple[bytes, ...]:
    edges = sorted({0, len(body), *(place for place in places if place < len(body))})
    return tuple(body[a:b] for a, b in pairwise(edges))


# What a reader may have


def means(told: Outcome, data: bytes) -> bool:
    """Whether `data` is what was to be told."""
    return data == told if isinstance(told, bytes) else json.loads(data) == told


def check_prefix(data: list[bytes], told: list[Outcome]) -> None:
    """Checks that `data` is the beginning of what was to be told."""
    assert len(data) <= len(told), f"more than was sent: {data[len(told) :]}"
    for one, expected in zip(data, told, strict=False):
        assert means(expected, one), f"{one!r} is not {expected!r}"


def told_ending(data: list[bytes]) -> tuple[list[bytes], str]:
    """What came before a broken-off answer's own ending, and that ending's type."""
    assert data[-1:] == [b"[DONE]"]
    assert len(data) > 1, "a silent end"
    *before, last, _ = data
    ending = json.loads(last)
    assert ending["type"] == "abort" or ending.keys() == {"type", "errorText"}, ending
    return before, ending["type"]
