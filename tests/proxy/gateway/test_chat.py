"""``/v2/chat``: what the AI SDK's default transport sends is a question in a conversation of the sender's."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from proxy.gateway.relayed import (
    ABORT,
    ANSWER,
    DELTA,
    DONE,
    FINISH,
    START,
    Relayed,
    Visitor,
    conversation,
    refused,
    relayed,
    reply,
    sse,
)
from support.faults import FaultUpstream, Held, answers_json, answers_text, in_turn, streams

CHAT = "Zy3Kqf0aX1"  # as the SDK makes them


def said(role: str, *texts: str, **more: Any) -> dict[str, Any]:
    """A UI message of the SDK's."""
    parts = [{"type": "text", "text": text} for text in texts]
    return {"id": "m1", "role": role, "parts": parts, **more}


def body_of(*messages: dict[str, Any], chat: str = CHAT, **more: Any) -> dict[str, Any]:
    """The SDK's default body; `messageId` is left out of its JSON where it is undefined."""
    return {
        "id": chat,
        "messages": list(messages or [said("user", "What is a lighthouse?")]),
        "trigger": "submit-message",
        **more,
    }


def begins(upstream: FaultUpstream, number: int = 1) -> list[str]:
    """So many conversations are begun at `upstream` from now on; gives their ids, in order."""
    identities = [str(uuid.uuid4()) for _ in range(number)]
    made = [answers_json(conversation(identity), 201) for identity in identities]
    upstream.on("POST", "/conversations", in_turn(*made))
    return identities


def asked(upstream: FaultUpstream) -> list[Any]:
    """The bodies of the messages that reached the upstream."""
    return [request.json() for request in upstream.to("POST", "/messages")]


class TestAsking:
    async def test_the_answer_streams_as_that_of_any_message(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        async with visitor.streaming("POST", "/chat", body_of()) as reading:
            assert reading.response.headers["x-vercel-ai-ui-message-stream"] == "v1"
            frames = await reading.rest()
        assert [frame.data for frame in frames] == [START, DELTA, FINISH, DONE]
        assert [frame.number for frame in frames] == [1, 2, 3, 4]
        assert asked(relay.upstream) == [{"content": "What is a lighthouse?", "stream": True}]

    async def test_the_last_user_message_is_the_question_and_no_other_leaves(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        history = [
            said("user", "First."),
            said("assistant", "Answer."),
            said("user", "Second", "and third."),
            said("assistant", "Half an answ"),
        ]
        await visitor.request("POST", "/chat", body_of(*history, extra={"of": "the page's"}))
        assert asked(relay.upstream) == [{"content": "Second\n\nand third.", "stream": True}]

    async def test_parts_that_are_no_text_are_passed_over(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        message = said("user", "Why?")
        message["parts"].insert(0, {"type": "data-mood", "data": {"text": "no"}})
        await visitor.request("POST", "/chat", body_of(message))
        assert asked(relay.upstream)[0]["content"] == "Why?"

    async def test_the_pages_context_goes_along_and_its_address_begins_the_conversation(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        page = {"url": "https://example.com/a", "title": None, "unknown": 1}
        await visitor.request("POST", "/chat", body_of(pageContext=page))
        begun = relay.upstream.to("POST", "/conversations")[0].json()
        assert begun == {"context": {"pageUrl": "https://example.com/a"}}
        assert asked(relay.upstream)[0]["pageContext"] == {
            "url": "https://example.com/a",
            "title": None,
        }

    async def test_regenerating_asks_the_last_question_again_in_the_same_conversation(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        await visitor.request("POST", "/chat", body_of())
        again = body_of(trigger="regenerate-message", messageId="m2")
        answer = await visitor.request("POST", "/chat", again)
        assert answer.status_code == 200
        assert [body["content"] for body in asked(relay.upstream)] == ["What is a lighthouse?"] * 2
        assert len({one.path for one in relay.upstream.to("POST", "/messages")}) == 1

    async def test_a_person_who_has_the_conversation_is_told_of_as_everywhere(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, answers_text(202, "text/plain", "Message sent"))
        answer = await visitor.request("POST", "/chat", body_of())
        assert (answer.status_code, answer.text) == (202, "Message sent")


class TestNames:
    async def test_one_name_is_one_conversation_and_another_name_another(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        first, second = begins(relay.upstream, 2)
        reply(relay.upstream, streams(ANSWER))
        for chat in ("a", "b", "a"):
            await visitor.request("POST", "/chat", body_of(chat=chat))
        paths = [request.path for request in relay.upstream.to("POST", "/messages")]
        assert [path.split("/")[-2] for path in paths] == [first, second, first]

    async def test_two_first_questions_at_once_begin_one_conversation(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream, 2)
        reply(relay.upstream, streams(ANSWER))
        together = (visitor.request("POST", "/chat", body_of()) for _ in range(2))
        statuses = sorted([answer.status_code for answer in await asyncio.gather(*together)])
        assert statuses in ([200, 200], [200, 409])
        assert len(relay.upstream.to("POST", "/conversations")) == 1

    async def test_another_session_with_the_same_name_has_a_conversation_of_its_own(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        mine, theirs = begins(relay.upstream, 2)
        held = Held()
        reply(relay.upstream, streams(sse(START), then=held))
        other = await relay.visitor()
        async with visitor.streaming("POST", "/chat", body_of()) as reading:
            await reading.next()
            assert (await other.request("GET", f"/chat/{CHAT}/stream")).status_code == 204
            stopped = await other.request("POST", f"/chat/{CHAT}/stop")
            assert stopped.json() == {"stopped": False}
            reply(relay.upstream, streams(ANSWER))
            await other.request("POST", "/chat", body_of())
            await held.event(FINISH)
            await held.end()
            assert [frame.data for frame in await reading.rest()] == [FINISH, DONE]
        paths = [request.path for request in relay.upstream.to("POST", "/messages")]
        assert [path.split("/")[-2] for path in paths] == [mine, theirs]

    async def test_the_id_of_ones_own_conversation_names_it(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        identity = await visitor.converse()
        reply(relay.upstream, streams(ANSWER))
        await visitor.request("POST", "/chat", body_of(chat=identity))
        assert relay.upstream.to("POST", "/messages")[0].path.split("/")[-2] == identity
        assert len(relay.upstream.to("POST", "/conversations")) == 1

    async def test_the_id_of_someone_elses_conversation_is_a_name_like_any_other(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        theirs = await (await relay.visitor()).converse()
        (mine,) = begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        await visitor.request("POST", "/chat", body_of(chat=theirs))
        assert relay.upstream.to("POST", "/messages")[0].path.split("/")[-2] == mine

    async def test_a_name_lasts_over_a_restart(self, tmp_path: Path) -> None:
        async with relayed(tmp_path) as before:
            visitor = await before.visitor()
            (identity,) = begins(before.upstream)
            reply(before.upstream, streams(ANSWER))
            await visitor.request("POST", "/chat", body_of())
        async with relayed(tmp_path) as after:
            reply(after.upstream, streams(ANSWER))
            returned = await after.visitor(visitor.token, visitor.origin)
            await returned.request("POST", "/chat", body_of())
            assert after.upstream.to("POST", "/messages")[0].path.split("/")[-2] == identity

    async def test_the_conversation_is_listed_among_the_sessions_own(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        (identity,) = begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        relay.upstream.on("GET", identity, answers_json(conversation(identity)))
        await visitor.request("POST", "/chat", body_of())
        listed = (await visitor.request("GET", "/conversations")).json()
        assert [one["id"] for one in listed["data"]] == [identity]


class TestTurns:
    async def test_a_running_answer_is_replayed_from_its_start(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        held = Held()
        reply(relay.upstream, streams(sse(START), then=held))
        async with visitor.streaming("POST", "/chat", body_of()) as reading:
            first = await reading.next()
            async with visitor.streaming("GET", f"/chat/{CHAT}/stream") as resumed:
                assert await resumed.next() == first
                await held.event(FINISH)
                await held.end()
                assert [frame.data for frame in await resumed.rest()] == [FINISH, DONE]

    async def test_it_goes_on_after_the_last_event_that_is_named(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        async with visitor.streaming("POST", "/chat", body_of()) as reading:
            first, *later = await reading.rest()
        path, headers = f"/chat/{CHAT}/stream", {"last-event-id": first.id}
        async with visitor.streaming("GET", path, headers=headers) as resumed:
            assert await resumed.rest() == later

    async def test_with_nothing_to_resume_there_is_no_content(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        assert (await visitor.request("GET", f"/chat/{CHAT}/stream")).status_code == 204
        await visitor.request("POST", "/chat", body_of())
        answer = await visitor.request("GET", f"/chat/{CHAT}/stream")
        assert (answer.status_code, answer.content) == (204, b"")

    async def test_stopping_ends_the_answer_and_the_upstreams_request(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        held = Held()
        reply(relay.upstream, streams(sse(START), then=held))
        async with visitor.streaming("POST", "/chat", body_of()) as reading:
            await reading.next()
            answer = await visitor.request("POST", f"/chat/{CHAT}/stop")
            assert answer.json() == {"stopped": True}
            assert [frame.data for frame in await reading.rest()] == [ABORT, DONE]
        await relay.upstream.to("POST", "/messages")[0].closed()
        held.let_go()
        again = await visitor.request("POST", f"/chat/{CHAT}/stop")
        assert again.json() == {"stopped": False}

    async def test_a_question_while_an_answer_is_written_is_a_conflict(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        held = Held()
        reply(relay.upstream, streams(sse(START), then=held))
        async with visitor.streaming("POST", "/chat", body_of()) as reading:
            await reading.next()
            await refused(await visitor.request("POST", "/chat", body_of()), 409, "CONFLICT")
            held.let_go()

    async def test_a_repeat_with_the_same_key_joins_the_answer(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        key = {"idempotency-key": "one"}
        texts = [(await visitor.request("POST", "/chat", body_of(), key)).text for _ in range(2)]
        assert texts[0] == texts[1]
        assert len(asked(relay.upstream)) == 1

    async def test_a_key_is_bound_to_the_whole_body(self, visitor: Visitor, relay: Relayed) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        key = {"idempotency-key": "one"}
        await visitor.request("POST", "/chat", body_of(), key)
        other = body_of(trigger="regenerate-message")
        await refused(await visitor.request("POST", "/chat", other, key), 409, "CONFLICT")


class TestAddresses:
    @pytest.mark.parametrize("chat", ["a/b", "a b", "100%", "x" * 255, "?", "a/stream", "..a"])
    async def test_whatever_a_name_holds_its_stream_is_found(
        self, visitor: Visitor, relay: Relayed, chat: str
    ) -> None:
        begins(relay.upstream)
        held = Held()
        reply(relay.upstream, streams(sse(START), then=held))
        async with visitor.streaming("POST", "/chat", body_of(chat=chat)):
            async with visitor.streaming("GET", f"/chat/{quote(chat, safe='')}/stream") as resumed:
                assert await resumed.data() == START
            held.let_go()


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "status", "code", "field"),
        [
            ({"messages": []}, 400, "INVALID_REQUEST_BODY", "id"),
            ({"id": CHAT}, 400, "INVALID_REQUEST_BODY", "messages"),
            (body_of(said("assistant", "Yes?")), 400, "INVALID_REQUEST_BODY", "messages"),
            ({"id": CHAT, "messages": ["Why?"]}, 400, "INVALID_REQUEST_BODY", "messages.0"),
            (body_of({"role": "user"}), 400, "INVALID_REQUEST_BODY", "messages"),
            (body_of(said("user", parts=["Why?"])), 400, "INVALID_REQUEST_BODY", "messages"),
            (body_of(said("user")), 422, "VALIDATION_ERROR", "content"),
            (body_of(said("user", "x" * 10_001)), 422, "VALIDATION_ERROR", "content"),
            (body_of(said("user", "🗼" * 5_001)), 422, "VALIDATION_ERROR", "content"),
            (body_of(chat=""), 422, "VALIDATION_ERROR", "id"),
            (body_of(chat="x" * 256), 422, "VALIDATION_ERROR", "id"),
            (body_of(chat="ü"), 422, "VALIDATION_ERROR", "id"),
            (body_of(chat="a\nb"), 422, "VALIDATION_ERROR", "id"),
            (body_of(trigger="resume-stream"), 422, "VALIDATION_ERROR", "trigger"),
            (
                body_of(pageContext={"title": "x" * 501}),
                422,
                "VALIDATION_ERROR",
                "pageContext.title",
            ),
            (
                body_of(said("user", parts=[{"type": "file", "url": "data:,"}])),
                422,
                "VALIDATION_ERROR",
                "messages",
            ),
        ],
    )
    async def test_what_is_no_question_is_refused_before_a_conversation_is_begun(
        self,
        visitor: Visitor,
        relay: Relayed,
        body: dict[str, Any],
        status: int,
        code: str,
        field: str,
    ) -> None:
        details = await refused(await visitor.request("POST", "/chat", body), status, code)
        assert details["field"] == field
        assert relay.upstream.received == []

    async def test_the_longest_question_is_taken(self, visitor: Visitor, relay: Relayed) -> None:
        begins(relay.upstream)
        reply(relay.upstream, streams(ANSWER))
        body = body_of(said("user", "🗼" * 5_000))
        assert (await visitor.request("POST", "/chat", body)).status_code == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [("POST", "/chat"), ("GET", f"/chat/{CHAT}/stream"), ("POST", f"/chat/{CHAT}/stop")],
    )
    async def test_nothing_is_answered_without_a_session(
        self, relay: Relayed, method: str, path: str
    ) -> None:
        client = await relay.client()
        body = body_of() if path == "/chat" else None
        answer = await client.request(method, f"/v2{path}", json=body)
        await refused(answer, 401, "UNAUTHORIZED")

    async def test_nor_to_another_origin(self, visitor: Visitor) -> None:
        headers = {"origin": "https://elsewhere.example"}
        answer = await visitor.request("POST", "/chat", body_of(), headers)
        await refused(answer, 403, "FORBIDDEN")

    async def test_the_upstreams_refusal_comes_in_the_contracts_shape(
        self, visitor: Visitor, relay: Relayed
    ) -> None:
        begins(relay.upstream)
        reply(relay.upstream, answers_json({"error": {"message": "sk-canary"}}, 402))
        answer = await visitor.request("POST", "/chat", body_of())
        await refused(answer, 402, "PAYMENT_REQUIRED")
        assert "canary" not in answer.text

    async def test_questions_and_conversations_count_against_the_limits(
        self, tmp_path: Path
    ) -> None:
        limits = {
            "ASKLIGHT_LIMIT_CONVERSATIONS_PER_SESSION": "1/hour",
            "ASKLIGHT_LIMIT_MESSAGES_PER_SESSION": "2/hour",
        }
        async with relayed(tmp_path, limits) as relay:
            visitor = await relay.visitor()
            begins(relay.upstream)
            reply(relay.upstream, streams(ANSWER))
            answers = [
                await visitor.request("POST", "/chat", body_of(chat=chat))
                for chat in ("a", "b", "a", "a")
            ]
            assert [answer.status_code for answer in answers] == [200, 429, 200, 429]
            await refused(answers[1], 429, "RATE_LIMIT_EXCEEDED")
            assert len(asked(relay.upstream)) == 2
