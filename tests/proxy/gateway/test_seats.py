"""How many streams one session reads at once: answers and people's events together."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from proxy.gateway.relayed import (
    QUESTION,
    START,
    Relayed,
    Visitor,
    conversation,
    refused,
    relayed,
    reply,
)
from support.faults import PATIENCE_SECONDS, Held, answers_json, in_turn

MANY = 8
"""As shipped."""


async def _asked(stack: AsyncExitStack, relay: Relayed, visitor: Visitor) -> tuple[str, Held]:
    """A question whose answer has begun and is being read."""
    identity, held = await visitor.converse(), Held()
    reply(relay.upstream, held)
    opening = asyncio.create_task(held.open())
    reading = await stack.enter_async_context(visitor.reading(identity))
    await opening
    await held.event(START)
    assert await reading.data() == START
    stack.callback(held.let_go)
    return identity, held


async def _too_many(visitor: Visitor, method: str, path: str, body: Any = None) -> None:
    details = await refused(await visitor.request(method, path, body), 429, "RATE_LIMIT_EXCEEDED")
    assert details["retryAfter"] > 0


async def test_answers_and_events_are_counted_together_and_leaving_frees_the_place(
    relay: Relayed, visitor: Visitor
) -> None:
    relay.upstream.on("GET", "/messages", answers_json({"object": "list", "data": []}))
    before = asyncio.all_tasks()
    async with AsyncExitStack() as stack:
        identity, _ = await _asked(stack, relay, visitor)
        relay.upstream.on("GET", f"/conversations/{identity}", answers_json(conversation(identity)))
        for _ in range(3):
            again = await stack.enter_async_context(visitor.resuming(identity))
            assert await again.data() == START
        events = f"/conversations/{identity}/events"
        for _ in range(MANY - 4):
            response = await stack.enter_async_context(
                visitor._client.stream("GET", f"/v2{events}")
            )
            assert response.status_code == 200
        asked = len(relay.upstream.to("POST", "/messages"))
        other = await visitor.converse()
        await _too_many(visitor, "GET", events)
        await _too_many(visitor, "GET", f"/conversations/{identity}/stream")
        await _too_many(visitor, "POST", f"/conversations/{other}/messages", QUESTION)
        await _too_many(
            visitor, "POST", f"/conversations/{other}/messages", {**QUESTION, "stream": False}
        )
        assert len(relay.upstream.to("POST", "/messages")) == asked, "nothing was asked"
        assert await visitor.stop(other) is False, "no turn was begun"
        stranger = await relay.visitor()
        async with AsyncExitStack() as theirs:
            await _asked(theirs, relay, stranger)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while left := [task for task in asyncio.all_tasks() - before if "_serve" not in repr(task)]:
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
    async with AsyncExitStack() as stack:
        for _ in range(MANY):
            await _asked(stack, relay, visitor)


async def test_refusals_and_what_is_short_leave_no_place_taken(
    relay: Relayed, visitor: Visitor
) -> None:
    identity = await visitor.converse()
    reply(
        relay.upstream,
        in_turn(*[answers_json({"error": {"message": "no"}}, 409)] * (3 * MANY)),
    )
    for _ in range(MANY * 2):
        await refused(await visitor.ask(identity), 409, "CONFLICT")
        gone = await visitor.request("GET", f"/conversations/{identity}/stream")
        assert gone.status_code == 204
    async with AsyncExitStack() as stack:
        running, _ = await _asked(stack, relay, visitor)
        for _ in range(MANY * 2):
            await refused(await visitor.ask(running), 409, "CONFLICT")  # one is running
        for _ in range(MANY - 1):
            await _asked(stack, relay, visitor)


async def test_an_operator_may_allow_fewer(tmp_path: Path) -> None:
    async with relayed(tmp_path, {"ASKLIGHT_READERS_PER_SESSION": "1"}) as relay:
        visitor = await relay.visitor()
        async with AsyncExitStack() as stack:
            identity, _ = await _asked(stack, relay, visitor)
            await _too_many(visitor, "GET", f"/conversations/{identity}/stream")
