"""The room that all answers share, as those who ask meet it: on the wire, over either transport."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from asklight.gateway.turn import NO_ROOM
from proxy.gateway.relayed import ANSWER, DONE, FINISH, START, Frame, refused, relayed, reply
from support.faults import Held, streams

LEAVING_SECONDS = 1.0
DELTA = b'{"type":"text-delta","id":"1","delta":"%s"}' % (b"x" * 100_000)

TRANSPORTS = pytest.mark.parametrize("transport", ["relay", "httpx2"])


@TRANSPORTS
async def test_where_there_is_no_room_a_question_is_refused_and_the_running_answer_goes_on(
    tmp_path: Path, transport: str
) -> None:
    room = {"ASKLIGHT_ANSWER_BYTES": "1048576", "ASKLIGHT_ALL_ANSWERS_BYTES": "1048576"}
    async with relayed(tmp_path, {**room, "ASKLIGHT_UPSTREAM_TRANSPORT": transport}) as relay:
        visitor, other = await relay.visitor(), await relay.visitor()
        identity, theirs, held = await visitor.converse(), await other.converse(), Held()
        reply(relay.upstream, held)
        opening = asyncio.create_task(held.open())
        async with visitor.reading(identity) as reading:
            await opening
            await held.event(START)
            assert await reading.data() == START
            details = await refused(await other.ask(theirs), 503, "SERVICE_UNAVAILABLE")
            assert details["retryAfter"] > 0
            assert len(relay.upstream.to("POST", "/messages")) == 1, "nothing was asked"
            await held.event(FINISH)
            await held.end()
            assert [frame.data for frame in await reading.rest()] == [FINISH, DONE]
        reply(relay.upstream, streams(ANSWER))
        assert (await other.ask(theirs)).status_code == 200


@TRANSPORTS
async def test_when_the_room_is_full_the_longest_answer_is_told_and_ended_and_the_other_is_not(
    tmp_path: Path, transport: str
) -> None:
    room = {
        "ASKLIGHT_EVENT_BYTES": "200000",
        "ASKLIGHT_ANSWER_BYTES": "1000000",
        "ASKLIGHT_ALL_ANSWERS_BYTES": "1048576",
    }
    async with relayed(tmp_path, {**room, "ASKLIGHT_UPSTREAM_TRANSPORT": transport}) as relay:
        visitor = await relay.visitor()
        identities = [await visitor.converse(), await visitor.converse()]
        longest, shorter = Held(), Held()
        asked: list[asyncio.Task[list[Frame]]] = []

        async def read(identity: str) -> list[Frame]:
            async with visitor.reading(identity) as reading:
                return await reading.rest()

        for identity, held in zip(identities, (longest, shorter), strict=True):
            reply(relay.upstream, held)
            asked.append(asyncio.create_task(read(identity)))
            await held.exchange()  # both have begun before either is long
        for held in (longest, shorter):
            await held.open()
        for _ in range(6):
            await longest.event(DELTA)
        for _ in range(5):
            await shorter.event(DELTA)
        told = await asked[0]
        assert [frame.data for frame in told[:6]] == [DELTA] * 6
        assert told[6].value == {"type": "error", "errorText": NO_ROOM}
        assert told[7].data == DONE
        await (await longest.exchange()).request.closed(LEAVING_SECONDS)
        await shorter.event(FINISH)
        await shorter.end()
        assert [frame.data for frame in await asked[1]] == [*[DELTA] * 5, FINISH, DONE]
        longest.let_go()
