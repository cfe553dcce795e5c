"""What a connection leaves behind is gone at once: nothing waits for Python's collector of reference cycles.

The server makes the collector look seldom, since its looking stops everybody. That is only right while this holds.
"""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import Iterator

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from asklight.gateway.followers import Follower
from asklight.guard.outlet import Outlet
from asklight.guard.protocol import GuardedProtocol
from proxy.gateway.relayed import ANSWER, START, Relayed, Visitor, reply, sse
from support.faults import Held, stall, streams

KINDS = (GuardedProtocol, Outlet, RequestResponseCycle, Follower)


@pytest.fixture(autouse=True)
def _without_the_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    _of_others[:] = [each for each in gc.get_objects() if isinstance(each, KINDS)]
    yield
    _of_others.clear()
    gc.enable()


_of_others: list[object] = []
"""What is still there of the tests before, which may have been run by a server that is only now ending."""


def alive() -> list[str]:
    """Which of the things a connection is made of are in memory."""
    others = {id(each) for each in _of_others}
    found = (each for each in gc.get_objects() if isinstance(each, KINDS))
    return [type(each).__name__ for each in found if id(each) not in others]


async def all_gone() -> bool:
    """Whether all of them go within a second, of which the connections need some to end."""
    for _ in range(100):
        if not alive():
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.fixture
async def visitor(relay: Relayed) -> Visitor:
    """A visitor whose every connection serves one request."""
    client = await relay.client()
    client.headers["connection"] = "close"
    answer = await client.post("/v2/identity/init", json={"apiKey": "demo"})
    client.headers["authorization"] = f"Bearer {answer.json()['sessionToken']}"
    return Visitor(client, relay.upstream)


async def test_an_answer_read_to_its_end_leaves_nothing(relay: Relayed, visitor: Visitor) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(ANSWER))
    assert (await visitor.ask(identity)).status_code == 200
    assert await all_gone(), alive()


async def test_an_answer_that_is_left_leaves_nothing(relay: Relayed, visitor: Visitor) -> None:
    identity = await visitor.converse()
    reply(relay.upstream, streams(sse(START), then=stall))
    async with visitor.reading(identity) as reading:
        await reading.next()
        assert alive(), "the control: what is open is found"
    assert await all_gone(), alive()


async def test_a_refusal_leaves_nothing(visitor: Visitor) -> None:
    assert (await visitor.request("GET", "/conversations/nobody")).status_code == 404
    assert await all_gone(), alive()


async def test_a_page_is_kept_no_longer_than_it_takes_to_send_it(
    relay: Relayed, visitor: Visitor
) -> None:
    """An answer can take minutes, and five thousand pages of 100 KB would be half a gigabyte."""
    asked = f"Why {uuid.uuid4()}?"  # unlike what other tests have asked
    body = {"content": asked, "stream": True, "pageContext": {"content": "A long page."}}

    def held() -> int:
        """How many questions with a page there are beside ours, whoever holds them."""
        dictionaries = (each for each in gc.get_objects() if type(each) is dict)
        questions = (each for each in dictionaries if "pageContext" in each)
        return sum(each.get("content") == asked and each is not body for each in questions)

    identity, answer = await visitor.converse(), Held()
    reply(relay.upstream, answer)
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(visitor.ask(identity, body))
        await answer.exchange()
        assert held() > 0, (
            "the control: until the upstream has answered it may have to be sent again"
        )
        await answer.open()
        await asyncio.sleep(0.1)
        assert held() == 0
        await answer.end()
    assert (await asking).status_code == 200
