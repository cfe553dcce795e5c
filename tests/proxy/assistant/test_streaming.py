"""Streaming over a real unix socket: piece by piece, kept as it grows, stopped when nobody reads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx2
import pytest

from asklight.assistant import generation
from asklight.assistant.answers import Inquiry
from asklight.assistant.generation import FAILED
from asklight.contract import STOPPED
from proxy.assistant.served import Serve


class SteppedAnswerer:
    """Gives a piece each time the test lets it, and notes when it was stopped."""

    def __init__(self) -> None:
        self.steps: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.started = asyncio.Event()
        self.stopped = asyncio.Event()

    async def __call__(self, inquiry: Inquiry) -> AsyncGenerator[str, None]:
        self.started.set()
        try:
            while (step := await self.steps.get()) is not None:
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.stopped.set()


class Reader:
    """Reads the chunks of one stream, one at a time."""

    def __init__(self, response: httpx2.Response) -> None:
        self._lines: AsyncIterator[str] = response.aiter_lines()

    async def next(self) -> dict[str, Any] | str:
        async with asyncio.timeout(5):
            async for line in self._lines:
                if data := line.removeprefix("data: "):
                    return "[DONE]" if data == "[DONE]" else dict(json.loads(data))
        raise AssertionError("the stream ended")

    async def rest(self) -> list[str]:
        """The types of all chunks still to come."""
        types: list[str] = []
        while (chunk := await self.next()) != "[DONE]":
            assert isinstance(chunk, dict)
            types.append(chunk["type"])
        return types


async def _conversation(client: httpx2.AsyncClient) -> str:
    return str((await client.post("/conversations")).json()["id"])


async def _last_message(client: httpx2.AsyncClient, conversation: str) -> dict[str, Any]:
    listed = await client.get(f"/conversations/{conversation}/messages")
    return dict(listed.json()["data"][-1])


async def _stopped_message(client: httpx2.AsyncClient, conversation: str) -> dict[str, Any]:
    """The last message, once it is no longer being written."""
    for _ in range(500):
        message = await _last_message(client, conversation)
        if message["status"] != "streaming":
            return message
        await asyncio.sleep(0.01)
    raise AssertionError("the answer goes on")


def _asking(client: httpx2.AsyncClient, conversation: str, *, stream: bool = True) -> Any:
    body = {"content": "Why?", "stream": stream}
    return client.stream("POST", f"/conversations/{conversation}/messages", json=body)


async def test_each_piece_arrives_before_the_next_is_made(serve: Serve) -> None:
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)
        async with _asking(client, conversation) as response:
            reader = Reader(response)
            start = await reader.next()
            assert isinstance(start, dict)
            text = start["messageId"]
            assert await reader.next() == {"type": "start-step"}
            assert await reader.next() == {"type": "text-start", "id": text}
            for piece in ("One ", "two ", "three."):
                answerer.steps.put_nowait(piece)
                assert await reader.next() == {"type": "text-delta", "id": text, "delta": piece}
            answerer.steps.put_nowait(None)
            assert await reader.rest() == ["text-end", "finish-step", "finish"]
        message = await _last_message(client, conversation)
    assert message["id"] == text
    assert message["parts"] == [{"type": "text", "text": "One two three."}]
    assert (message["status"], message["error"]) == ("complete", None)


async def test_a_reader_that_leaves_stops_the_answer_and_what_there_is_of_it_is_kept(
    serve: Serve,
) -> None:
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)
        async with _asking(client, conversation) as response:
            reader = Reader(response)
            answerer.steps.put_nowait("Half an ")
            for _ in range(4):
                await reader.next()
        await asyncio.wait_for(answerer.stopped.wait(), 1)
        message = await _stopped_message(client, conversation)
    assert message["parts"] == [{"type": "text", "text": "Half an "}]
    assert (message["status"], message["error"]) == ("error", STOPPED)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_reader_that_leaves_before_the_first_word_stops_the_answer(
    serve: Serve, stream: bool
) -> None:
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)

        async def ask() -> None:
            async with _asking(client, conversation, stream=stream) as response:
                await response.aread()

        asking = asyncio.create_task(ask())
        await asyncio.wait_for(answerer.started.wait(), 5)
        asking.cancel()
        await asyncio.wait_for(answerer.stopped.wait(), 1)
        message = await _stopped_message(client, conversation)
    assert (message["status"], message["error"]) == ("error", STOPPED)


async def test_an_answer_that_fails_ends_with_an_error_and_what_came_is_kept(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)
        async with _asking(client, conversation) as response:
            reader = Reader(response)
            answerer.steps.put_nowait("Half an ")
            answerer.steps.put_nowait(ValueError("sk-secret"))
            assert (await reader.rest())[-2:] == ["text-delta", "error"]
        message = await _last_message(client, conversation)
        whole = await _failed_whole(client, answerer)
    assert message["parts"] == [{"type": "text", "text": "Half an "}]
    assert (message["status"], message["error"]) == ("error", FAILED)
    assert whole == (500, "INTERNAL_SERVER_ERROR")
    assert "ValueError" in caplog.text
    assert "sk-secret" not in caplog.text


async def _failed_whole(client: httpx2.AsyncClient, answerer: SteppedAnswerer) -> tuple[int, str]:
    answerer.steps.put_nowait(ValueError("sk-secret"))
    body = {"content": "Why?"}
    answer = await client.post(f"/conversations/{await _conversation(client)}/messages", json=body)
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_growing_answer_is_kept_now_and_then(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "KEEP_EVERY_SECONDS", 0.0)
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)
        async with _asking(client, conversation) as response:
            reader = Reader(response)
            for piece in ("One ", "two "):
                answerer.steps.put_nowait(piece)
            for _ in range(5):
                await reader.next()
            message = await _last_message(client, conversation)
            assert message["status"] == "streaming"
            assert message["parts"][0]["text"].startswith("One ")


async def test_stopping_the_server_keeps_what_there_is_of_running_answers(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asklight.assistant.server._STOP_SECONDS", 0.1)
    answerer = SteppedAnswerer()
    async with serve(answerer) as client:
        conversation = await _conversation(client)
        context = _asking(client, conversation)
        reader = Reader(await context.__aenter__())
        answerer.steps.put_nowait("Half an ")
        for _ in range(4):
            await reader.next()
    async with serve() as client:
        message = await _last_message(client, conversation)
    assert message["parts"] == [{"type": "text", "text": "Half an "}]
    assert (message["status"], message["error"]) == ("error", STOPPED)


async def test_characters_of_any_script_and_line_separators_pass_unharmed(serve: Serve) -> None:
    answerer = SteppedAnswerer()
    text = '灯塔 \u2028 \x85 \r\n 👩‍🚀 " \\ data: x'
    async with serve(answerer) as client:
        conversation = await _conversation(client)
        answerer.steps.put_nowait(text)
        answerer.steps.put_nowait(None)
        async with _asking(client, conversation) as response:
            body = (await response.aread()).decode()
    events = body.removesuffix("\n\n").split("\n\n")
    assert events[-1] == "data: [DONE]"
    deltas = [json.loads(event.removeprefix("data: ")).get("delta") for event in events[:-1]]
    assert text in deltas
