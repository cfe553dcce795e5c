"""Readers of a running answer: those who leave, come back, stop it, or ask the same thing twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from proxy.gateway.relayed import (
    ABORT,
    ANSWER,
    DELTA,
    DONE,
    FINISH,
    QUESTION,
    START,
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
    answers,
    cut,
    reset,
    streams,
)

LEAVING_SECONDS = 1.0
"""Within this the upstream must be free of a reader that left; it takes milliseconds."""


async def _before_headers(held: Held) -> None:
    await held.exchange()


async def _while_silent(held: Held) -> None:
    await held.open()
    await held.event(START)


PHASES = {"before the headers": _before_headers, "while silent": _while_silent}


async def _within_json(held: Held) -> None:
    await (await held.exchange()).head(200, {"content-type": "application/json"})


@pytest.mark.parametrize(
    ("stream", "reach"),
    [
        (True, _before_headers),
        (True, _while_silent),
        (False, _before_headers),
        (False, _within_json),
    ],
)
async def test_a_reader_that_leaves_ends_the_upstream_request(
    stream: bool, reach: Callable[[Held], Awaitable[None]], relay: Relayed, visitor: Visitor
) -> None:
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    asking = asyncio.create_task(visitor.ask(identity, {**QUESTION, "stream": stream}))
    await reach(held)
    [sent] = relay.upstream.to("POST", "/messages")
    assert not sent.connection.closed_by_peer.done()
    asking.cancel()
    await sent.closed(LEAVING_SECONDS)
    assert await visitor.stop(identity) is False, "it is stopped already"


async def test_a_reader_that_leaves_while_events_come_ends_the_upstream_request(
    relay: Relayed, visitor: Visitor
) -> None:
    async def babble(exchange: Exchange) -> None:
        await exchange.head(200, STREAM_HEADERS)
        while True:
            await exchange.chunk(sse(DELTA))
            await asyncio.sleep(0.001)

    identity = await visitor.converse()
    reply(relay.upstream, babble)
    async with visitor.reading(identity) as reading:
        assert await reading.data() == DELTA
    [sent] = relay.upstream.to("POST", "/messages")
    await sent.closed(LEAVING_SECONDS)


async def test_a_reader_that_leaves_and_comes_back_in_time_misses_nothing(tmp_path: Path) -> None:
    async with relayed(tmp_path, {"ASKLIGHT_GRACE_SECONDS": "30"}) as relay:
        visitor = await relay.visitor()
        identity, held = await visitor.converse(), Held()
        reply(relay.upstream, held)
        opening = asyncio.create_task(held.open())
        async with visitor.reading(identity) as reading:
            await opening
            await held.event(START)
            seen = await reading.next()
            assert seen is not None
        await held.event(DELTA)
        async with visitor.resuming(identity, after=seen.id) as reading:
            assert await reading.data() == DELTA
            await held.event(FINISH)
            await held.end()
            rest = await reading.rest()
        assert [(frame.number, frame.data) for frame in rest] == [(3, FINISH), (4, DONE)]


async def test_a_reader_that_does_not_come_back_in_time_ends_the_upstream_request(
    tmp_path: Path,
) -> None:
    async with relayed(tmp_path, {"ASKLIGHT_GRACE_SECONDS": "0.2"}) as relay:
        visitor = await relay.visitor()
        identity, held = await visitor.converse(), Held()
        reply(relay.upstream, held)
        asking = asyncio.create_task(visitor.ask(identity))
        await _while_silent(held)
        asking.cancel()
        left = asyncio.get_running_loop().time()
        [sent] = relay.upstream.to("POST", "/messages")
        assert await sent.closed() - left >= 0.19


@pytest.mark.parametrize("reach", PHASES.values(), ids=PHASES.keys())
async def test_stop_ends_the_stream_with_an_abort_and_the_upstream_request_with_it(
    reach: Callable[[Held], Awaitable[None]], relay: Relayed, visitor: Visitor
) -> None:
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    asking = asyncio.create_task(visitor.ask(identity))
    await reach(held)
    assert await visitor.stop(identity) is True
    answer = await asking
    assert answer.status_code == 200
    aborted, done, rest = answer.text.split("\n\n")[-3:]
    assert aborted.endswith(f"\ndata: {ABORT.decode()}")
    assert done.endswith("\ndata: [DONE]")
    assert rest == ""
    [sent] = relay.upstream.to("POST", "/messages")
    await sent.closed(LEAVING_SECONDS)
    assert await visitor.stop(identity) is False


async def test_stop_tells_a_sender_that_wanted_no_stream_so_in_json(
    relay: Relayed, visitor: Visitor
) -> None:
    """Whoever asked for JSON cannot read a piece of a stream."""
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    asking = asyncio.create_task(visitor.ask(identity, {**QUESTION, "stream": False}))
    await held.exchange()
    assert await visitor.stop(identity) is True
    await refused(await asking, 409, "CONFLICT")
    [sent] = relay.upstream.to("POST", "/messages")
    await sent.closed(LEAVING_SECONDS)


async def test_stop_without_a_running_answer_stops_nothing(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    assert await visitor.stop(identity) is False
    reply(relay.upstream, streams(ANSWER))
    await visitor.ask(identity)
    assert await visitor.stop(identity) is False


# Reading a running answer again


async def test_a_second_reader_gets_everything_from_the_start_and_follows(
    relay: Relayed, visitor: Visitor
) -> None:
    async with answering(relay, visitor) as (identity, held, first):
        await held.event(START)
        assert await first.data() == START
        async with visitor.resuming(identity) as second:
            assert await second.data() == START
            await held.event(FINISH)
            await held.end()
            for reading in (first, second):
                assert [frame.data for frame in await reading.rest()] == [FINISH, DONE]


async def test_a_position_of_no_turn_is_the_start(relay: Relayed, visitor: Visitor) -> None:
    async with answering(relay, visitor) as (identity, held, first):
        await held.event(START)
        assert await first.data() == START
        for after in ("nonsense", "other:1", ":", "1", "", "other:99999999999"):
            async with visitor.resuming(identity, after) as second:
                assert await second.data() == START
    held.let_go()


async def test_a_reader_that_claims_more_than_there_is_still_learns_the_end(
    relay: Relayed, visitor: Visitor
) -> None:
    async with answering(relay, visitor) as (identity, held, first):
        await held.event(START)
        frame = await first.next()
        assert frame is not None
        async with visitor.resuming(identity, f"{frame.turn}:900") as second:
            await held.event(FINISH)
            await held.end()
            assert [frame.data for frame in await second.rest()] == [FINISH, DONE]


async def test_who_asks_for_the_head_alone_gets_it_and_reads_nothing(
    relay: Relayed, visitor: Visitor
) -> None:
    """It ends at once, although the stream does not, and keeps no answer running."""
    async with answering(relay, visitor) as (identity, held, _):
        for path in ("stream", "events"):
            answer = await visitor.request("HEAD", f"/conversations/{identity}/{path}")
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/event-stream"
            assert "content-length" not in answer.headers
    await (await held.exchange()).request.closed()
    held.let_go()


async def test_where_no_answer_runs_there_is_nothing_to_read_again(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    path = f"/conversations/{identity}/stream"
    assert (await visitor.request("GET", path)).status_code == 204
    reply(relay.upstream, streams(ANSWER))
    async with visitor.reading(identity) as reading:
        frames = await reading.rest()
    assert (await visitor.request("GET", path)).status_code == 204
    everything = {"last-event-id": frames[-1].id}
    assert (await visitor.request("GET", path, headers=everything)).status_code == 204
    reply(relay.upstream, answers(204))
    await refused(await visitor.ask(identity), 502, "BAD_GATEWAY")
    assert (await visitor.request("GET", path)).status_code == 204


async def test_what_was_missed_of_an_answer_that_is_over_can_still_be_read(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    async with visitor.reading(identity) as reading:
        frames = await reading.rest()
    async with visitor.resuming(identity, frames[1].id) as again:
        assert await again.rest() == frames[2:]


async def test_an_answer_that_is_no_stream_cannot_be_read_as_one(
    relay: Relayed, visitor: Visitor
) -> None:
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    asking = asyncio.create_task(visitor.ask(identity, {**QUESTION, "stream": False}))
    await held.exchange()
    resumed = await visitor.request("GET", f"/conversations/{identity}/stream")
    assert resumed.status_code == 204
    asking.cancel()
    held.let_go()


# Sending twice


async def test_a_second_question_while_an_answer_runs_is_a_conflict(
    relay: Relayed, visitor: Visitor
) -> None:
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    asking = asyncio.create_task(visitor.ask(identity))
    await held.exchange()
    details = await refused(await visitor.ask(identity), 409, "CONFLICT")
    assert details == {"resource": "conversation", "conflictingField": "message"}
    await visitor.stop(identity)
    await asking
    held.let_go()
    reply(relay.upstream, streams(ANSWER))
    assert (await visitor.ask(identity)).status_code == 200


async def test_a_repeat_with_the_same_key_joins_the_answer_and_asks_nobody_twice(
    relay: Relayed, visitor: Visitor
) -> None:
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    key = {"idempotency-key": "one"}
    asking = asyncio.create_task(visitor.ask(identity, headers=key))
    await held.open()
    again = asyncio.create_task(visitor.ask(identity, headers=key))
    await held.event(START)
    await held.event(FINISH)
    await held.end()
    first, second = await asking, await again
    third = await visitor.ask(identity, headers=key)
    assert first.text == second.text == third.text
    assert len(relay.upstream.to("POST", "/messages")) == 1


async def test_repeats_sent_at_the_same_moment_ask_once(relay: Relayed, visitor: Visitor) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    key = {"idempotency-key": "one"}
    sent = [visitor.ask(identity, headers=key) for _ in range(8)]
    texts = {answer.text for answer in await asyncio.gather(*sent)}
    assert len(texts) == 1
    assert FINISH.decode() in texts.pop()
    assert len(relay.upstream.to("POST", "/messages")) == 1


async def test_the_same_key_for_another_message_is_a_conflict(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    key = {"idempotency-key": "one"}
    assert (await visitor.ask(identity, headers=key)).status_code == 200
    other = {**QUESTION, "content": "And a buoy?"}
    details = await refused(await visitor.ask(identity, other, key), 409, "CONFLICT")
    assert details == {"resource": "message", "conflictingField": "Idempotency-Key"}
    assert len(relay.upstream.to("POST", "/messages")) == 1


async def test_a_key_means_nothing_in_another_conversation(
    relay: Relayed, visitor: Visitor
) -> None:
    reply(relay.upstream, streams(ANSWER))
    for content in ("One?", "Two?"):
        identity = await visitor.converse()
        body = {**QUESTION, "content": content}
        assert (await visitor.ask(identity, body, {"idempotency-key": "one"})).status_code == 200
    assert len(relay.upstream.to("POST", "/messages")) == 2


async def test_a_try_that_was_refused_is_forgotten(relay: Relayed, visitor: Visitor) -> None:
    identity = await visitor.converse()
    key = {"idempotency-key": "one"}
    reply(relay.upstream, answers(204))
    await refused(await visitor.ask(identity, headers=key), 502, "BAD_GATEWAY")
    reply(relay.upstream, streams(ANSWER))
    assert (await visitor.ask(identity, headers=key)).status_code == 200


@pytest.mark.parametrize("stream", [True, False], ids=["handed over", "whole"])
async def test_an_answer_without_a_stream_is_repeated_too(
    stream: bool, relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    body: dict[str, Any] = {"steps": [{"content": [{"type": "text", "text": "Light"}]}]}
    whole = json.dumps(body).encode()
    described = {"content-type": "application/json", "content-length": str(len(whole))}
    reply(relay.upstream, answers(200, described, whole))
    if stream:
        reply(relay.upstream, answers(202, {"content-type": "text/plain", "content-length": "0"}))
    key = {"idempotency-key": "one"}
    first = await visitor.ask(identity, {**QUESTION, "stream": stream}, key)
    again = await visitor.ask(identity, {**QUESTION, "stream": stream}, key)
    assert first.status_code == again.status_code == (202 if stream else 200)
    assert first.text == again.text
    assert len(relay.upstream.to("POST", "/messages")) == 1


# What is left behind


async def test_nothing_is_left_of_many_answers_however_they_ended(
    relay: Relayed, visitor: Visitor
) -> None:
    identities = [await visitor.converse() for _ in range(10)]
    before = asyncio.all_tasks()

    async def leave(identity: str, reach: Callable[[Held], Awaitable[None]]) -> None:
        held = Held()
        reply(relay.upstream, held)
        asking = asyncio.create_task(visitor.ask(identity))
        await reach(held)
        asking.cancel()
        await (await held.exchange()).request.closed(LEAVING_SECONDS)

    for _ in range(3):
        for identity in identities:
            await leave(identity, _before_headers)
            await leave(identity, _while_silent)
            for script in (streams(sse(START), then=cut), reset, streams(ANSWER)):
                reply(relay.upstream, script)
                await visitor.ask(identity)

    async with asyncio.timeout(LEAVING_SECONDS):
        while left := {task for task in asyncio.all_tasks() - before if not _is_idle(task)}:
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
    await relay.upstream.until(lambda: relay.upstream.open_connections <= 1, LEAVING_SECONDS)


def _is_idle(task: asyncio.Task[Any]) -> bool:
    """Whether it belongs to an open connection of the fault server, waiting for the next request."""
    return "_serve" in str(task.get_coro())
