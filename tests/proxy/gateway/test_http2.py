"""HTTP/2 to the upstream, over TLS on real sockets: streams share a connection, and each pauses, fails and ends alone.

The relay's and the readers' own tests run over it too; below them stands what only HTTP/2 has.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from h2.errors import ErrorCodes

from asklight.gateway.http2 import Multiplexed
from proxy.gateway.relayed import (
    ANSWER,
    DELTA,
    DONE,
    FINISH,
    QUESTION,
    START,
    TOKEN,
    Reading,
    Relayed,
    Visitor,
    refused,
    relayed,
    reply,
    sse,
)
from proxy.gateway.test_readers import (  # noqa: F401 - the same suite, over this transport
    test_a_reader_that_leaves_ends_the_upstream_request,
    test_a_reader_that_leaves_while_events_come_ends_the_upstream_request,
    test_a_repeat_with_the_same_key_joins_the_answer_and_asks_nobody_twice,
    test_a_second_question_while_an_answer_runs_is_a_conflict,
    test_a_second_reader_gets_everything_from_the_start_and_follows,
    test_stop_ends_the_stream_with_an_abort_and_the_upstream_request_with_it,
    test_stop_tells_a_sender_that_wanted_no_stream_so_in_json,
    test_what_was_missed_of_an_answer_that_is_over_can_still_be_read,
)
from proxy.gateway.test_relay import (  # noqa: F401 - the same suite, over this transport
    BREAKS,
    ask,
    assert_told_as_broken,
    test_a_reset_is_told_after_what_came_before_it,
    test_an_event_arrives_before_its_blank_line_is_sent,
    test_an_upstream_that_aborts_is_passed_on_as_it_is,
    test_each_event_arrives_before_the_next_is_sent,
    test_odd_characters_and_odd_framing_go_through_byte_for_byte,
    test_what_clients_do_not_know_is_taken_out,
    test_what_follows_a_finish_is_not_waited_for,
)
from proxy.gateway.test_upstream import (  # noqa: F401 - the same suite, over this transport
    test_a_compressed_body_is_never_unpacked,
    test_a_question_handed_to_a_person_is_told_as_the_contract_does,
    test_a_status_of_the_contract_is_kept_with_words_of_ours,
    test_a_streamed_question_answered_whole_and_the_reverse_are_bad_gateways,
)
from support.faults import (
    Exchange,
    Held,
    Script,
    cut,
    fault_upstream,
    in_turn,
    reset,
    stall,
    streams,
)
from support.faults_http2 import Http2Exchange, Http2Upstream, certificates, http2_upstream

LEAVING_SECONDS = 1.0
LONG_DELTA = b'{"type":"text-delta","id":"1","delta":"%s"}' % (b"x" * 1_000)


@pytest.fixture
async def upstream(tmp_path: Path) -> AsyncIterator[Http2Upstream]:
    """An upstream that speaks HTTP/2."""
    async with http2_upstream(tmp_path) as running:
        yield running


@pytest.fixture
async def relay(upstream: Http2Upstream, tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy in front of it, with a grace period of 0."""
    async with relayed(tmp_path, upstream.settings, upstream=upstream) as running:
        yield running


class Answers:
    """Answers that run side by side, each in a conversation of its own."""

    def __init__(self, relay: Relayed, visitor: Visitor, stack: AsyncExitStack) -> None:
        self._relay = relay
        self._visitor = visitor
        self._stack = stack

    async def begin(self) -> tuple[str, Held, Reading]:
        """One more, of which the first event was read."""
        identity, held = await self._visitor.converse(), Held()
        reply(self._relay.upstream, held)
        opening = asyncio.create_task(held.open())
        reading = await self._stack.enter_async_context(self._visitor.reading(identity))
        await opening
        await held.event(START)
        assert await reading.data() == START
        return identity, held, reading


@pytest.fixture
async def answers(relay: Relayed, visitor: Visitor) -> AsyncIterator[Answers]:
    """Answers that run side by side."""
    async with AsyncExitStack() as stack:
        yield Answers(relay, visitor, stack)


async def finished(held: Held, reading: Reading) -> None:
    """Checks that an answer goes on to its end."""
    await held.event(DELTA)
    assert await reading.data() == DELTA
    await held.event(FINISH)
    await held.end()
    assert [frame.data for frame in await reading.rest()] == [FINISH, DONE]


@pytest.mark.parametrize("name", sorted(BREAKS.keys() - {"a broken chunk"}))  # HTTP/2 has none
async def test_whatever_breaks_a_stream_is_told_within_it(
    name: str, relay: Relayed, visitor: Visitor
) -> None:
    assert_told_as_broken(await ask(relay, visitor, BREAKS[name]), START, DELTA)


async def test_answers_share_a_connection_and_carry_the_token(
    upstream: Http2Upstream, answers: Answers
) -> None:
    running = [await answers.begin() for _ in range(5)]
    assert len(upstream.lines) == 1
    assert upstream.open_streams == 5
    for _, held, reading in running:
        await finished(held, reading)
    sent = upstream.to("POST", "/messages")
    assert {request.header("authorization") for request in sent} == {f"Bearer {TOKEN}"}
    assert [request.json() for request in sent] == [QUESTION] * 5
    assert upstream.lines[0].resets == []


async def test_stop_resets_its_own_stream_alone_and_at_once(
    upstream: Http2Upstream, visitor: Visitor, answers: Answers
) -> None:
    (identity, _, reading), (_, held, other) = await answers.begin(), await answers.begin()
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await visitor.stop(identity)
    gone = await upstream.to("POST", "/messages")[0].closed(LEAVING_SECONDS)
    assert gone - began < 0.1
    assert [frame.data for frame in await reading.rest()] == [b'{"type":"abort"}', DONE]
    assert len(upstream.lines[0].resets) == 1
    await finished(held, other)
    assert len(upstream.lines) == 1


async def test_a_stream_that_the_upstream_resets_is_told_and_the_others_go_on(
    upstream: Http2Upstream, answers: Answers
) -> None:
    (_, broken, reading), (_, held, other) = await answers.begin(), await answers.begin()
    await (await broken.exchange()).reset()
    error, done = await reading.rest()
    assert error.value["type"] == "error"
    assert done.data == DONE
    await finished(held, other)
    assert len(upstream.lines) == 1


async def test_a_connection_that_breaks_is_told_to_all_and_the_next_question_has_a_new_one(
    upstream: Http2Upstream, answers: Answers
) -> None:
    running = [await answers.begin() for _ in range(3)]
    await (await running[0][1].exchange()).cut()
    for _, _, reading in running:
        error, done = await reading.rest()
        assert error.value["type"] == "error"
        assert done.data == DONE
    _, held, reading = await answers.begin()
    await finished(held, reading)
    assert len(upstream.lines) == 2


async def test_an_upstream_that_goes_away_finishes_what_it_has_begun(
    upstream: Http2Upstream, answers: Answers
) -> None:
    """As nginx does after some thousand requests, and every server that restarts."""
    _, held, reading = await answers.begin()
    [line] = upstream.lines
    line.go_away(last=2**31 - 1)
    _, later_held, later = await answers.begin()
    assert len(upstream.lines) == 2, "nothing new on the old one"
    await finished(held, reading)
    async with asyncio.timeout(LEAVING_SECONDS):
        await line.is_gone.wait()
    await finished(later_held, later)


async def test_an_upstream_that_goes_away_with_an_error_in_the_middle_is_told(
    upstream: Http2Upstream, answers: Answers
) -> None:
    _, _, reading = await answers.begin()
    [line] = upstream.lines
    line.go_away(last=2**31 - 1, code=ErrorCodes.INTERNAL_ERROR)
    line.transport.close()
    error, done = await reading.rest()
    assert error.value["type"] == "error"
    assert done.data == DONE


# Sending again


async def refuse(exchange: Exchange) -> None:
    assert isinstance(exchange, Http2Exchange)
    await exchange.refuse()


async def go_away_before(exchange: Exchange) -> None:
    """Says that this request was not acted on, and answers no more on this connection."""
    assert isinstance(exchange, Http2Exchange)
    exchange._stream.line.go_away(last=exchange._stream.number - 2)


async def go_away_after(exchange: Exchange) -> None:
    """Says that this request may have been acted on, and closes."""
    assert isinstance(exchange, Http2Exchange)
    exchange._stream.line.go_away(last=exchange._stream.number)
    exchange._stream.line.transport.close()


@pytest.mark.parametrize("refusal", [refuse, go_away_before])
async def test_a_message_that_was_surely_not_acted_on_is_sent_again(
    refusal: Script, upstream: Http2Upstream, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(upstream, in_turn(refusal, streams(ANSWER)))
    assert (await visitor.ask(identity)).status_code == 200
    assert len(upstream.to("POST", "/messages")) == 2


@pytest.mark.parametrize("break_off", [go_away_after, cut, reset])
async def test_a_message_that_may_have_been_acted_on_is_not_sent_again(
    break_off: Script, upstream: Http2Upstream, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(upstream, in_turn(break_off, streams(ANSWER)))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    assert len(upstream.to("POST", "/messages")) == 1


async def test_a_message_that_is_refused_again_and_again_is_told(
    upstream: Http2Upstream, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(upstream, refuse)
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    assert 1 < len(upstream.to("POST", "/messages")) <= 3


# Flow and limits


async def test_a_stream_whose_reader_stalls_is_held_back_and_no_other_is(
    upstream: Http2Upstream, answers: Answers, visitor: Visitor
) -> None:
    sent = 0

    async def flood(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.head(200, {"content-type": "text/event-stream"})
        while True:
            await exchange.chunk(sse(LONG_DELTA))
            sent += len(LONG_DELTA)

    _, held, other = await answers.begin()
    identity = await visitor.converse()
    reply(upstream, flood)
    async with visitor.reading(identity) as stalled:
        assert await stalled.data() == LONG_DELTA
        before = -1
        while sent > before:  # until it is held back
            before = sent
            for _ in range(20):
                await held.event(DELTA)
                assert await other.data() == DELTA
        assert sent < 3_000_000
    await finished(held, other)


async def test_more_answers_than_one_connection_takes_have_another(
    upstream: Http2Upstream, answers: Answers
) -> None:
    upstream.streams_at_once = 2
    running = [await answers.begin() for _ in range(5)]
    assert sorted(len(line.streams) for line in upstream.lines)[-3:] in ([1, 2, 2], [2, 2, 1])
    assert upstream.open_streams == 5
    for _, held, reading in running:
        await finished(held, reading)


async def test_one_stream_too_many_is_refused_though_they_share_a_connection(
    upstream: Http2Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asklight.gateway.upstream._SHORT_REQUESTS", 0)
    async with (
        relayed(
            tmp_path, {**upstream.settings, "ASKLIGHT_STREAMS": "2"}, upstream=upstream
        ) as relay,
        AsyncExitStack() as stack,
    ):
        visitor = await relay.visitor()
        answers, third = Answers(relay, visitor, stack), await visitor.converse()
        identity, held, reading = await answers.begin()
        reply(upstream, Held())
        second = asyncio.create_task(visitor.ask(await visitor.converse()))
        await upstream.wait_for("POST", "/messages", 2)
        await refused(await visitor.request("POST", "/conversations"), 503, "SERVICE_UNAVAILABLE")
        assert await visitor.stop(identity)
        await upstream.to("POST", "/messages")[0].closed(LEAVING_SECONDS)
        reply(upstream, streams(ANSWER))
        assert (await visitor.ask(third)).status_code == 200
        second.cancel()
        del held, reading


async def test_a_stream_that_stalls_is_told_as_broken_while_another_goes_on(
    upstream: Http2Upstream, tmp_path: Path
) -> None:
    impatient = {**upstream.settings, "ASKLIGHT_SILENCE_SECONDS": "0.2"}
    async with relayed(tmp_path, impatient, upstream=upstream) as relay, AsyncExitStack() as stack:
        visitor = await relay.visitor()
        _, held, other = await Answers(relay, visitor, stack).begin()
        identity = await visitor.converse()
        reply(upstream, streams(sse(START), then=stall))
        stalled = asyncio.create_task(visitor.ask(identity))
        while not stalled.done():
            await held.event(DELTA)
            assert await other.data() == DELTA
            await asyncio.sleep(0.01)
        assert '"type":"error"' in stalled.result().text
        await finished(held, other)


async def test_an_upstream_that_does_not_begin_to_answer_is_told(
    upstream: Http2Upstream, tmp_path: Path
) -> None:
    impatient = {**upstream.settings, "ASKLIGHT_FIRST_BYTE_SECONDS": "0.2"}
    async with relayed(tmp_path, impatient, upstream=upstream) as relay, AsyncExitStack() as stack:
        visitor = await relay.visitor()
        _, held, other = await Answers(relay, visitor, stack).begin()
        identity = await visitor.converse()
        reply(upstream, stall)
        await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
        await upstream.to("POST", "/messages")[1].closed(LEAVING_SECONDS)
        await finished(held, other)


async def test_a_long_question_waits_for_the_upstreams_window(
    upstream: Http2Upstream, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(upstream, streams(ANSWER))
    page = {"url": "https://example.com/", "title": "T", "content": "x" * 100_000}
    body = {**QUESTION, "pageContext": page}
    assert (await visitor.ask(identity, body)).status_code == 200
    [sent] = upstream.to("POST", "/messages")
    assert sent.json()["pageContext"]["content"] == page["content"]
    assert len(sent.body) > 65_535, "more than a window"


async def test_what_is_no_http2_is_told(upstream: Http2Upstream, visitor: Visitor) -> None:
    async def garbage(exchange: Exchange) -> None:
        assert isinstance(exchange, Http2Exchange)
        exchange._stream.line.transport.write(b"HTTP/1.1 200 OK\r\n\r\nhello, this is no frame")

    async def huge_frame(exchange: Exchange) -> None:
        assert isinstance(exchange, Http2Exchange)
        exchange._stream.line.transport.write(b"\xff\xff\xff\x00\x00\x00\x00\x00\x01")

    for script in (garbage, huge_frame):
        identity = await visitor.converse()
        reply(upstream, script)
        await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")


async def test_nothing_is_left_of_many_streams_however_they_ended(
    upstream: Http2Upstream, relay: Relayed, visitor: Visitor
) -> None:
    identities = [await visitor.converse() for _ in range(5)]
    for _ in range(10):
        for identity in identities:
            for script in (streams(ANSWER), streams(sse(START), then=reset), refuse):
                reply(upstream, script)
                await visitor.ask(identity)
            held = Held()
            reply(upstream, held)
            asking = asyncio.create_task(visitor.ask(identity))
            await held.exchange()
            asking.cancel()
            await upstream.until(lambda: upstream.open_streams == 0, LEAVING_SECONDS)
    assert len(upstream.lines) == 1


# TLS


@pytest.mark.parametrize("transport", ["relay", "relay-http2", "httpx2"])
async def test_an_upstream_of_an_authority_of_ones_own_is_reached_once_that_is_named(
    transport: str, tmp_path: Path
) -> None:
    tls, ca_file = certificates(tmp_path)
    tls.set_alpn_protocols(["http/1.1"])
    async with fault_upstream(tls) as upstream:
        secure = {
            "ASKLIGHT_UPSTREAM_URL": f"https://localhost:{upstream.port}/v2",
            "ASKLIGHT_UPSTREAM_TRANSPORT": transport,
        }
        named = {**secure, "ASKLIGHT_UPSTREAM_CA_FILE": str(ca_file)}
        async with relayed(_folder(tmp_path, "named"), named, upstream=upstream) as relay:
            visitor = await relay.visitor()
            identity = await visitor.converse()
            reply(upstream, streams(ANSWER))
            for _ in range(2):
                answer = await visitor.ask(identity)
                assert answer.status_code == 200, "HTTP/1.1 where the upstream has nothing else"
            assert upstream.open_connections == 1
        async with relayed(_folder(tmp_path, "unnamed"), secure, upstream=upstream) as relay:
            visitor = await relay.visitor()
            received = len(upstream.received)
            answer = await visitor.request("POST", "/conversations")
            await refused(answer, 502, "BAD_GATEWAY")
            assert len(upstream.received) == received, "nothing was sent to a stranger"


def _folder(inside: Path, name: str) -> Path:
    folder = inside / name
    folder.mkdir()
    return folder


class Nowhere(asyncio.Transport):
    """A transport that leads nowhere."""

    reads = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True


async def test_a_connection_takes_a_hundred_streams_until_the_upstream_says_how_many() -> None:
    """It says so one way over the network after the first could be sent; what is too much is refused by it."""
    connection = Multiplexed(lambda _: None)
    connection.connection_made(Nowhere())
    fields = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"a"), (b":path", b"/")]
    async with asyncio.TaskGroup() as group:
        running = []
        for _ in range(100):
            assert connection.has_room
            exchange = connection.exchange(fields, b"", None, None)
            running.append(group.create_task(exchange))
            await asyncio.sleep(0)
        assert not connection.has_room
        connection.data_received(bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))  # SETTINGS, without a limit
        assert connection.has_room
        for task in running:
            task.cancel()


async def test_an_upstream_that_takes_no_answers_is_not_read_from() -> None:
    """Each PING asks for one: they would pile up here."""
    transport = Nowhere()
    connection = Multiplexed(lambda _: None)
    connection.connection_made(transport)
    connection.pause_writing()
    assert not transport.reads
    connection.resume_writing()
    assert transport.reads
