"""The published `ai` packages, as they are, at the running proxy: what their users see of an answer."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from asklight.gateway.streams import BROKE_OFF
from clients.led import Door, Led, led
from proxy.gateway.relayed import Relayed, conversation, relayed, reply, sse
from support.faults import Held, Script, answers_json, cut, in_turn, streams

SDKS = ["ai5", "ai6", "ai7"]
QUESTION = "What is a lighthouse?"
HISTORY = [{"id": "u1", "role": "user", "parts": [{"type": "text", "text": QUESTION}]}]

START = b'{"type":"start","messageId":"3f7e2d1c-0b5a-4c8e-9d6f-1a2b3c4d5e6f"}'
STEP = b'{"type":"start-step"}'
TEXT = b'{"type":"text-start","id":"t1"}'
LIGHT = b'{"type":"text-delta","id":"t1","delta":"Light"}'
HOUSE = b'{"type":"text-delta","id":"t1","delta":"house."}'
TEXT_END = b'{"type":"text-end","id":"t1"}'
STEP_END = b'{"type":"finish-step"}'
FINISH = b'{"type":"finish"}'
DONE = b"[DONE]"
BEGINNING = sse(START, STEP, TEXT, LIGHT)
END = sse(HOUSE, TEXT_END, STEP_END, FINISH, DONE)

pytestmark = pytest.mark.parametrize("sdk", SDKS)


@pytest.fixture
def grace_seconds() -> str:
    """How long an answer runs on without a reader: as shipped."""
    return "30"


@pytest.fixture
async def relay(tmp_path: Path, grace_seconds: str) -> AsyncIterator[Relayed]:
    """The proxy in front of an upstream that fails on command and begins one conversation."""
    async with relayed(tmp_path, {"ASKLIGHT_GRACE_SECONDS": grace_seconds}) as running:
        begun = answers_json(conversation(str(uuid.uuid4())), 201)
        running.upstream.on("POST", "/conversations", begun)
        yield running


def half(held: Held) -> Script:
    """Half an answer; the test sends the rest."""
    return streams(BEGINNING, then=held)


def ended(client: Led, *, abort: bool = False, error: bool = False) -> None:
    """Checks how the client's own ``onFinish`` was told of the last answer's end."""
    assert client.endings[-1]["isAbort"] == abort
    assert client.endings[-1]["isError"] == error


@pytest.mark.parametrize("door", ["chat", "contract"])
async def test_an_answer_arrives_delta_by_delta(sdk: str, door: Door, relay: Relayed) -> None:
    held = Held()
    reply(relay.upstream, half(held))
    async with led(sdk, relay.origin, door=door) as client:
        await client.do("send", text=QUESTION)
        seen = await client.shows("Light")
        assert (seen.status, seen.error) == ("streaming", None)
        await (await held.exchange()).chunk(END)
        await held.end()
        seen = await client.done("send")
        assert (seen.status, seen.error, seen.answer) == ("ready", None, "Lighthouse.")
        assert [message["role"] for message in seen.messages] == ["user", "assistant"]
        assert seen.messages[1]["id"] == "3f7e2d1c-0b5a-4c8e-9d6f-1a2b3c4d5e6f"
        ended(client)
    assert [one.json() for one in relay.upstream.to("POST", "/messages")] == [
        {"content": QUESTION, "stream": True}
    ]


@pytest.mark.parametrize("door", ["chat", "contract"])
async def test_an_answer_that_is_cut_is_an_error_and_no_success(
    sdk: str, door: Door, relay: Relayed
) -> None:
    reply(relay.upstream, streams(BEGINNING, then=cut))
    async with led(sdk, relay.origin, door=door) as client:
        await client.do("send", text=QUESTION)
        seen = await client.done("send")
        assert (seen.status, seen.answer) == ("error", "Light")
        assert seen.error == BROKE_OFF
        ended(client, error=True)


async def test_a_polite_end_without_finish_is_an_error_too(sdk: str, relay: Relayed) -> None:
    reply(relay.upstream, streams(BEGINNING, sse(DONE)))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        assert (await client.done("send")).status == "error"


async def test_what_the_client_does_not_know_does_not_reach_it(sdk: str, relay: Relayed) -> None:
    strange = [
        b'{"type":"start","messageId":"3f7e2d1c-0b5a-4c8e-9d6f-1a2b3c4d5e6f","weather":"fair"}',
        b'{"type":"weather","value":1}',
        b'{"type":"data-weather","data":{"of":"today"},"more":1}',
        b'{"type":"text-start","id":"t1","usage":{"tokens":1}}',
        b'{"type":"text-delta","id":"t1","delta":"Lighthouse.","index":0}',
        TEXT_END,
        b'{"type":"source-url","sourceId":"1","url":"https://example.com","rank":3}',
        b'{"type":"finish","finishReason":"stop","usage":{"tokens":9}}',
    ]
    reply(relay.upstream, streams(b": hello\nretry: 5\n\n" + sse(*strange, DONE)))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        seen = await client.done("send")
        assert (seen.status, seen.error, seen.answer) == ("ready", None, "Lighthouse.")


async def test_a_refusal_is_shown_in_our_words(sdk: str, relay: Relayed) -> None:
    reply(relay.upstream, answers_json({"error": {"message": "sk-canary"}}, 402))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        seen = await client.done("send")
        assert seen.status == "error"
        assert seen.error is not None
        assert "plan does not allow this" in seen.error
        assert "canary" not in seen.error


async def test_another_question_follows_in_the_same_conversation(sdk: str, relay: Relayed) -> None:
    other = BEGINNING.replace(b"3f7e2d1c", b"4a8b9c0d")
    reply(relay.upstream, in_turn(streams(BEGINNING, END), streams(other, END)))
    async with led(sdk, relay.origin) as client:
        page = {"url": "https://example.com/a", "title": "A"}
        await client.do("send", text=QUESTION, body={"pageContext": page})
        await client.done("send")
        await client.do("send", text="Who keeps it?")
        seen = await client.done("send")
        assert (seen.status, len(seen.messages)) == ("ready", 4)
    first, second = relay.upstream.to("POST", "/messages")
    assert first.path == second.path
    assert first.json() == {"content": QUESTION, "stream": True, "pageContext": page}
    assert second.json() == {"content": "Who keeps it?", "stream": True}


async def test_regenerating_replaces_the_answer_with_a_new_one(sdk: str, relay: Relayed) -> None:
    reply(relay.upstream, streams(BEGINNING, END))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        await client.done("send")
        reply(relay.upstream, streams(sse(START, STEP, TEXT, HOUSE, TEXT_END, STEP_END, FINISH)))
        await client.do("regenerate")
        seen = await client.done("regenerate")
        assert (seen.status, seen.answer, len(seen.messages)) == ("ready", "house.", 2)
    asked = [one.json()["content"] for one in relay.upstream.to("POST", "/messages")]
    assert asked == [QUESTION, QUESTION]


@pytest.mark.parametrize("grace_seconds", ["0"])
async def test_stopping_in_the_client_is_a_reader_leaving(sdk: str, relay: Relayed) -> None:
    held = Held()
    reply(relay.upstream, half(held))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        await client.shows("Light")
        await client.do("stop")
        seen = await client.done("send")
        assert (seen.status, seen.error, seen.answer) == ("ready", None, "Light")
        ended(client, abort=True)
        await relay.upstream.to("POST", "/messages")[0].closed()
        held.let_go()


async def test_an_answer_stopped_at_the_proxy_is_no_error(sdk: str, relay: Relayed) -> None:
    held = Held()
    reply(relay.upstream, half(held))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        await client.shows("Light")
        visitor = await relay.visitor(client.token)
        stopped = await visitor.request("POST", "/chat/Zy3Kqf0aX1/stop")
        assert stopped.json() == {"stopped": True}
        seen = await client.done("send")
        assert (seen.status, seen.error, seen.answer) == ("ready", None, "Light")
        held.let_go()


@pytest.mark.parametrize("history", [HISTORY, []], ids=["question kept", "nothing kept"])
async def test_after_a_reload_the_answer_is_replayed_and_goes_on(
    sdk: str, history: list[dict[str, object]], relay: Relayed
) -> None:
    held = Held()
    reply(relay.upstream, half(held))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        await client.shows("Light")
        await client.leave()
    async with led(sdk, relay.origin, token=client.token, history=history) as again:
        await again.do("resume")
        assert (await again.shows("Light")).status == "streaming"
        await (await held.exchange()).chunk(END)
        await held.end()
        seen = await again.done("resume")
        assert (seen.status, seen.error, seen.answer) == ("ready", None, "Lighthouse.")
        assert len(seen.messages) == len(history) + 1
    assert len(relay.upstream.to("POST", "/messages")) == 1


async def test_resuming_where_half_the_answer_is_shown_replays_it(sdk: str, relay: Relayed) -> None:
    """Version 5 takes the replay for more of the message it has; such a page drops its half first."""
    held = Held()
    reply(relay.upstream, half(held))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        await client.shows("Light")
        await client.do("stop")
        await client.done("send")
        await client.do("resume")
        await client.until(lambda seen: seen.status == "streaming")
        await (await held.exchange()).chunk(END)
        await held.end()
        seen = await client.done("resume")
        assert (seen.status, seen.error, len(seen.messages)) == ("ready", None, 2)
        assert seen.answer == ("LightLighthouse." if sdk == "ai5" else "Lighthouse.")


async def test_a_question_while_an_answer_is_written_is_refused_in_words(
    sdk: str, relay: Relayed
) -> None:
    held = Held()
    reply(relay.upstream, half(held))
    async with led(sdk, relay.origin) as client:
        await client.do("send", text=QUESTION)
        await client.shows("Light")
        await client.do("stop")
        await client.done("send")
        await client.do("send", text="Who keeps it?")
        seen = await client.done("send")
        assert seen.status == "error"
        assert "An answer is still being written." in str(seen.error)
        held.let_go()


async def test_with_nothing_to_resume_nothing_happens(sdk: str, relay: Relayed) -> None:
    async with led(sdk, relay.origin) as client:
        await client.do("resume")
        seen = await client.done("resume")
        assert (seen.status, seen.error, seen.messages) == ("ready", None, [])
