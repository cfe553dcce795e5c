"""The stream, from an upstream's socket to a reader's: at once, untouched, and its ending always told."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from proxy.gateway.relayed import (
    ABORT,
    ANSWER,
    DELTA,
    DONE,
    FINISH,
    START,
    TOKEN,
    Frame,
    Relayed,
    Visitor,
    answering,
    refused,
    relayed,
    reply,
    sse,
)
from support.faults import (
    STREAM_HEADERS,
    Exchange,
    Held,
    Script,
    answers,
    cut,
    drips,
    stall,
    streams,
)

LEAVING_SECONDS = 1.0
"""Within this the upstream must be free of a reader that left; it takes milliseconds."""


async def ask(relay: Relayed, visitor: Visitor, script: Script) -> list[Frame]:
    """The events of one answer, checked to be numbered without gaps and to end once, with ``[DONE]``."""
    identity = await visitor.converse()
    reply(relay.upstream, script)
    async with visitor.reading(identity) as reading:
        frames = await reading.rest()
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))
    assert len({frame.turn for frame in frames}) == 1
    assert [frame.data for frame in frames].count(DONE) == 1
    assert frames[-1].data == DONE
    return frames


def assert_told_as_broken(frames: list[Frame], *before: bytes) -> None:
    """What came before the break, an ``error`` chunk with words of ours, ``[DONE]``."""
    assert [frame.data for frame in frames[:-2]] == list(before)
    error = frames[-2].value
    assert error.keys() == {"type", "errorText"}
    assert error["type"] == "error"
    assert error["errorText"].startswith("The a")
    assert TOKEN not in error["errorText"]


async def test_each_event_arrives_before_the_next_is_sent(relay: Relayed, visitor: Visitor) -> None:
    async with answering(relay, visitor) as (_, held, reading):
        for data in (START, DELTA, b'{"type":"text-delta","id":"1","delta":"house"}', FINISH):
            await held.event(data)
            assert await reading.data() == data
        assert await reading.data() == DONE, "it is told that the answer is over, whatever follows"
        await held.end()
        assert await reading.rest() == []


async def test_an_event_arrives_before_its_blank_line_is_sent(
    relay: Relayed, visitor: Visitor
) -> None:
    async with answering(relay, visitor) as (_, held, reading):
        exchange = await held.exchange()
        await exchange.chunk(b"data: " + START[:5])
        await exchange.chunk(START[5:] + b"\r")
        assert await reading.data() == START
        await exchange.chunk(b"\n\r\ndata: " + FINISH + b"\n")
        assert await reading.data() == FINISH
        await held.end()


async def test_a_stream_says_what_it_is_and_that_nobody_may_hold_it_back(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    secrets = {"set-cookie": "a=b", "x-request-id": "r", "server": "s", "cache-control": "public"}
    reply(relay.upstream, streams(ANSWER, headers=secrets))
    answer = await visitor.ask(identity)
    assert answer.status_code == 200
    assert dict(answer.headers).keys() - {"date", "server"} == {
        "content-type",
        "cache-control",
        "x-vercel-ai-ui-message-stream",
        "x-accel-buffering",
        "transfer-encoding",
        "vary",
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-expose-headers",
    }
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["cache-control"] == "no-cache, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert answer.headers["access-control-allow-origin"] == visitor.origin


async def test_odd_characters_and_odd_framing_go_through_byte_for_byte(
    relay: Relayed, visitor: Visitor
) -> None:
    """Fact 2, on the wire: U+2028 and U+0085 stand within one event."""
    odd = '{ "type":"text-delta", "id":"1",  "delta":"\u2028\u0085😀" }'.encode()
    half = rb'{"type":"text-delta","id":"1","delta":"\ud83d"}'
    stream = b"\xef\xbb\xbf: hello\r\rid: 9\rdata:" + odd + b"\r\ndata: " + half + b"\n\n"
    frames = await ask(relay, visitor, drips(stream + sse(FINISH)))
    assert [frame.data for frame in frames] == [odd, half, FINISH, DONE]


async def test_what_clients_do_not_know_is_taken_out(relay: Relayed, visitor: Visitor) -> None:
    frames = await ask(
        relay,
        visitor,
        streams(sse(b'{"type":"start","x":1}', b'{"type":"sparkle"}', DELTA, FINISH, DONE)),
    )
    assert [frame.data for frame in frames] == [START, DELTA, FINISH, DONE]


async def test_a_stream_cut_after_any_byte_is_told_as_cut(relay: Relayed, visitor: Visitor) -> None:
    """Fact 13: the end of a connection is not the end of an answer. The control is the HTTP client itself."""
    identity = await visitor.converse()
    close_delimited = {"content-type": "text/event-stream", "connection": "close"}
    events_so_far = [(0, []), (len(sse(START)), [START]), (len(sse(START, DELTA)), [START, DELTA])]
    whole = len(sse(START, DELTA, FINISH)) - 2  # its line, without the two line ends

    for length in range(len(ANSWER)):
        reply(relay.upstream, _cut_after(answers(200, close_delimited, ANSWER[:length])))
        async with visitor.reading(identity) as reading:
            frames = await reading.rest()
        if length >= whole:
            assert [frame.data for frame in frames] == [START, DELTA, FINISH, DONE], length
        else:
            # An event is there with its last brace: a line that alone is JSON needs no line end when all is over.
            told = [data for end, data in events_so_far if end - 2 * bool(data) <= length][-1]
            assert_told_as_broken(frames, *told)

    control = httpx2.AsyncClient(trust_env=False)
    async with control, control.stream("POST", f"{relay.upstream.url}/messages") as response:
        assert await response.aread() == ANSWER[: len(ANSWER) - 1], "cut, and no error"


def _cut_after(script: Script) -> Script:
    async def scripted(exchange: Exchange) -> None:
        await script(exchange)
        await exchange.cut()

    return scripted


BREAKS: dict[str, Script] = {
    "cut": streams(sse(START, DELTA), then=cut),
    "cut within an event": streams(sse(START, DELTA) + b'data: {"type":"fin', then=cut),
    "ended within an event": streams(sse(START, DELTA) + b'data: {"type":"fin'),
    "ended without a finish": streams(sse(START, DELTA)),
    "the end mark without a finish": streams(sse(START, DELTA, DONE)),
    "no JSON": streams(sse(START, DELTA, b"{")),
    "HTML": streams(sse(START, DELTA) + b"data: <html>\n\n"),
    "an array": streams(sse(START, DELTA, b"[1]")),
    "NaN": streams(sse(START, DELTA, b'{"type":"data-x","data":NaN}')),
    "100,000 levels": streams(sse(START, DELTA, b"[" * 100_000)),
    "invalid UTF-8": streams(sse(START, DELTA, b'{"type":"data-x","data":"\xff"}')),
    "an error of the upstream": streams(
        sse(START, DELTA, b'{"type":"error","errorText":"%s"}' % TOKEN.encode(), DONE)
    ),
    "an event over the limit": streams(sse(START, DELTA), b"data: " + b"x" * 1_100_000),
    "a broken chunk": streams(sse(START, DELTA), then=lambda exchange: exchange.send(b"zz\r\n")),
}


async def test_whatever_breaks_a_stream_is_told_within_it(relay: Relayed, visitor: Visitor) -> None:
    for script in BREAKS.values():
        assert_told_as_broken(await ask(relay, visitor, script), START, DELTA)


async def test_a_stream_that_breaks_says_so_and_not_that_nobody_was_reached(
    relay: Relayed, visitor: Visitor
) -> None:
    a_length = {"content-type": "text/event-stream", "content-length": "999"}
    for script in (
        BREAKS["cut"],
        BREAKS["a broken chunk"],
        _cut_after(answers(200, a_length, sse(START, DELTA))),
    ):
        frames = await ask(relay, visitor, script)
        assert frames[-2].value["errorText"] == "The answer broke off before its end."


async def test_why_a_stream_is_none_and_what_was_left_out_of_it_stands_in_the_log(
    relay: Relayed, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    """At the level that is logged unless somebody asks for more; of the stream itself nothing."""
    caplog.set_level(logging.WARNING)
    unknown = b'{"type":"never-heard-of","secret":"%s"}' % TOKEN.encode()
    await ask(relay, visitor, streams(sse(START, unknown, unknown, b"{" + TOKEN.encode())))
    said = [record.getMessage() for record in caplog.records if record.name == "asklight.relay"]
    assert said == [
        "the assistant service's stream is none: an event is not JSON",
        "events dropped, of types that clients do not know: 2",
    ]


async def test_a_reset_is_told_after_what_came_before_it(relay: Relayed, visitor: Visitor) -> None:
    async with answering(relay, visitor) as (_, held, reading):
        await held.event(START)
        assert await reading.data() == START
        await (await held.exchange()).reset()
        assert_told_as_broken(await reading.rest())
    held.let_go()


IMPATIENT = {"ASKLIGHT_FIRST_BYTE_SECONDS": "0.2", "ASKLIGHT_SILENCE_SECONDS": "0.1"}


@pytest.mark.parametrize("transport", ["relay", "httpx2"])
async def test_a_stalled_stream_is_told_as_broken(tmp_path: Path, transport: str) -> None:
    impatient = {**IMPATIENT, "ASKLIGHT_UPSTREAM_TRANSPORT": transport}
    async with relayed(tmp_path, impatient) as relay:
        visitor = await relay.visitor()
        frames = await ask(relay, visitor, streams(sse(START, DELTA), then=stall))
        assert_told_as_broken(frames, START, DELTA)
        assert frames[-2].value["errorText"] == "The answer stopped coming before its end."
        [sent] = relay.upstream.to("POST", "/messages")
        await sent.closed()


async def test_an_upstream_that_does_not_begin_to_answer_is_a_bad_gateway(tmp_path: Path) -> None:
    async with relayed(tmp_path, IMPATIENT) as relay:
        visitor = await relay.visitor()
        identity = await visitor.converse()
        reply(relay.upstream, stall)
        answer = await visitor.ask(identity)
        await refused(answer, 502, "BAD_GATEWAY")
        told = answer.json()["error"]["message"]
        assert told == "The assistant service did not answer in time."


async def test_an_answer_that_comments_keep_alive_still_has_an_end(tmp_path: Path) -> None:
    async with relayed(tmp_path, {"ASKLIGHT_ANSWER_SECONDS": "0.3"}) as relay:

        async def murmur(exchange: Exchange) -> None:
            await exchange.head(200, STREAM_HEADERS)
            await exchange.chunk(sse(START))
            while True:
                await exchange.chunk(b": still here\n\n")
                await asyncio.sleep(0.02)

        frames = await ask(relay, await relay.visitor(), murmur)
        assert_told_as_broken(frames, START)
        assert b"too long" in frames[-2].data
        [sent] = relay.upstream.to("POST", "/messages")
        await sent.closed(LEAVING_SECONDS)


@pytest.mark.parametrize("transport", ["relay", "httpx2"])
async def test_one_stream_too_many_is_refused_at_once_and_harms_no_other(
    tmp_path: Path, transport: str
) -> None:
    settings = {
        "ASKLIGHT_STREAMS": "1",
        "ASKLIGHT_UPSTREAM_TRANSPORT": transport,
        "ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": "2/day",
    }
    async with relayed(tmp_path, settings) as relay:
        visitor = await relay.visitor()
        one, other, held = await visitor.converse(), await visitor.converse(), Held()
        reply(relay.upstream, held)
        opening = asyncio.create_task(held.open())
        async with visitor.reading(one) as reading:
            await opening
            answer = await visitor.ask(other)
            details = await refused(answer, 503, "SERVICE_UNAVAILABLE")
            assert answer.headers["retry-after"] == str(details["retryAfter"])
            assert len(relay.upstream.to("POST", "/messages")) == 1, "nothing was asked"
            await visitor.converse()  # an answer's place is needed for answers alone
            for data in (START, FINISH):
                await held.event(data)
            assert [frame.data for frame in await reading.rest()] == [START, FINISH, DONE]
            await held.end()
        reply(relay.upstream, streams(ANSWER))
        assert (await visitor.ask(other)).status_code == 200, "what was refused was not counted"


@pytest.mark.parametrize("transport", ["relay", "httpx2"])
async def test_where_every_connection_is_taken_any_request_is_refused(
    tmp_path: Path, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asklight.gateway.upstream._SHORT_REQUESTS", 0)
    settings = {"ASKLIGHT_STREAMS": "1", "ASKLIGHT_UPSTREAM_TRANSPORT": transport}
    async with relayed(tmp_path, settings) as relay:
        visitor, held = await relay.visitor(), Held()
        identity = await visitor.converse()
        reply(relay.upstream, held)
        opening = asyncio.create_task(held.open())
        async with visitor.reading(identity):
            await opening
            answer = await visitor.request("POST", "/conversations")
            details = await refused(answer, 503, "SERVICE_UNAVAILABLE")
            assert answer.headers["retry-after"] == str(details["retryAfter"])


async def test_what_follows_a_finish_is_not_waited_for(relay: Relayed, visitor: Visitor) -> None:
    """Neither the end mark nor the end of the connection: the answer is whole."""
    for script in (
        streams(sse(START, DELTA, FINISH), then=cut),
        streams(sse(START, DELTA, FINISH), then=stall),
        streams(sse(START, DELTA, FINISH, DELTA, FINISH, b'{"type":"error"}', DONE)),
        streams(sse(START, DELTA, FINISH) + b"data: nonsense"),
    ):
        frames = await ask(relay, visitor, script)
        assert [frame.data for frame in frames] == [START, DELTA, FINISH, DONE]


async def test_an_upstream_that_aborts_is_passed_on_as_it_is(
    relay: Relayed, visitor: Visitor
) -> None:
    frames = await ask(relay, visitor, streams(sse(START, ABORT, DONE)))
    assert [frame.data for frame in frames] == [START, ABORT, DONE]


async def flood(exchange: Exchange) -> None:
    """An answer that never ends, as fast as it is taken."""
    await exchange.head(200, STREAM_HEADERS)
    while True:
        await exchange.chunk(sse(LONG_DELTA))


LONG_DELTA = b'{"type":"text-delta","id":"1","delta":"%s"}' % (b"x" * 1_000)


@pytest.mark.parametrize("transport", ["relay", "httpx2"])
async def test_an_answer_beyond_its_limit_ends_with_an_error_and_ends_the_upstream(
    tmp_path: Path, transport: str
) -> None:
    bound = {"ASKLIGHT_EVENT_BYTES": "2000", "ASKLIGHT_ANSWER_BYTES": "17000"}
    async with relayed(tmp_path, {"ASKLIGHT_UPSTREAM_TRANSPORT": transport, **bound}) as relay:
        visitor = await relay.visitor()
        frames = await ask(relay, visitor, flood)
        assert_told_as_broken(frames, *[LONG_DELTA] * 15)
        [sent] = relay.upstream.to("POST", "/messages")
        await sent.closed(LEAVING_SECONDS)


@pytest.mark.parametrize("size", [2_000, 2_001])
async def test_an_event_may_be_as_long_as_is_set_and_no_longer(tmp_path: Path, size: int) -> None:
    delta = b'{"type":"text-delta","id":"1","delta":"%s"}' % (b"x" * (size - len(DELTA) + 5))
    assert len(delta) == size
    async with relayed(tmp_path, {"ASKLIGHT_EVENT_BYTES": "2000"}) as relay:
        frames = await ask(relay, await relay.visitor(), streams(sse(START, delta, FINISH, DONE)))
    if size > 2_000:
        assert_told_as_broken(frames, START)
    else:
        assert [frame.data for frame in frames] == [START, delta, FINISH, DONE]


async def test_a_silent_answer_keeps_its_connection_open_with_comments_between_events(
    tmp_path: Path,
) -> None:
    async with AsyncExitStack() as stack:
        often = {"ASKLIGHT_KEEP_ALIVE_SECONDS": "0.02"}
        relay = await stack.enter_async_context(relayed(tmp_path, often))
        visitor = await relay.visitor()
        identity, held = await visitor.converse(), Held()
        reply(relay.upstream, held)
        opening = asyncio.create_task(held.open())
        reading = await stack.enter_async_context(visitor.reading(identity))
        await opening
        assert await reading.next() is None
        assert await reading.next() is None
        await held.event(START)
        while (frame := await reading.next()) is None:
            pass
        assert (frame.number, frame.data) == (1, START)
        await held.event(FINISH)
        assert [frame.data for frame in await reading.rest()] == [FINISH, DONE]
        await held.end()
