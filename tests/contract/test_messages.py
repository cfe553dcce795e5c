"""Asking and being answered: streamed and whole; what is kept of it; feedback."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from contract.faces import (
    PAGE,
    QUESTION,
    UNKNOWN_ID,
    Face,
    assert_error,
    chunks,
    events,
    messages,
    new_conversation,
    send,
    streamed_text,
)

MESSAGE_FIELDS = {
    "object",
    "id",
    "createdAt",
    "chatId",
    "role",
    "parts",
    "status",
    "error",
    "feedback",
    "feedbackAt",
    "metadata",
    "humanAgent",
    "pageUrl",
    "pageTitle",
    "textSelection",
}
ASTRAL = "😀"  # one character, two UTF-16 units


@pytest.fixture
def conversation(visitor: httpx2.Client) -> str:
    return new_conversation(visitor)


def test_a_streamed_answer_has_its_chunks_in_the_order_of_the_protocol(
    visitor: httpx2.Client, conversation: str
) -> None:
    answer = send(visitor, conversation, stream=True)
    assert answer.status_code == 200
    received = chunks(answer.text)
    types = [chunk["type"] for chunk in received]
    deltas = types.count("text-delta")
    assert deltas > 5
    assert types == [
        "start",
        "start-step",
        "text-start",
        *["text-delta"] * deltas,
        "text-end",
        "finish-step",
        "finish",
    ]
    assert {chunk["id"] for chunk in received if chunk["type"].startswith("text-")} == {
        received[2]["id"]
    }
    assert "The first Fresnel lens was lit at Cordouan in 1823." in streamed_text(answer.text)


def test_a_stream_is_framed_as_server_sent_events(
    visitor: httpx2.Client, conversation: str
) -> None:
    answer = send(visitor, conversation, stream=True)
    assert answer.headers["content-type"].partition(";")[0] == "text/event-stream"
    assert "no-cache" in answer.headers["cache-control"]
    assert answer.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-length" not in answer.headers
    assert "content-encoding" not in answer.headers
    assert "\r" not in answer.text
    assert events(answer.text)[-1] == "[DONE]"
    assert all(isinstance(json.loads(data), dict) for data in events(answer.text)[:-1])


def test_the_first_words_arrive_while_the_rest_is_still_being_written(
    face: Face, visitor: httpx2.Client, conversation: str
) -> None:
    body = {"content": QUESTION, "stream": True, "pageContext": PAGE}
    with visitor.stream("POST", f"/conversations/{conversation}/messages", json=body) as answer:
        lines = answer.iter_lines()
        next(line for line in lines if '"text-delta"' in line)
        with face.client() as other:
            other.headers["authorization"] = visitor.headers["authorization"]
            [_, growing] = messages(other, conversation)
        assert growing["status"] == "streaming"
        assert [line for line in lines if line][-1] == "data: [DONE]"


def test_the_stream_names_the_message_it_becomes(visitor: httpx2.Client, conversation: str) -> None:
    answer = send(visitor, conversation, stream=True)
    [question, kept] = messages(visitor, conversation)
    assert chunks(answer.text)[0]["messageId"] == kept["id"]
    assert kept["parts"] == [{"type": "text", "text": streamed_text(answer.text)}]
    assert kept.keys() == question.keys() == MESSAGE_FIELDS
    assert (kept["role"], kept["status"], kept["error"]) == ("assistant", "complete", None)
    assert (kept["object"], kept["chatId"]) == ("message", conversation)


def test_a_whole_answer_is_the_text_of_the_last_step(
    visitor: httpx2.Client, conversation: str
) -> None:
    answer = send(visitor, conversation)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    step = answer.json()["steps"][-1]
    assert step["content"][0]["type"] == "text"
    assert "lit at Cordouan in 1823." in step["content"][0]["text"]
    assert step["finishReason"] == "stop"
    assert step["usage"].keys() == {
        "inputTokens",
        "outputTokens",
        "totalTokens",
        "reasoningTokens",
        "cachedInputTokens",
    }
    [_, kept] = messages(visitor, conversation)
    assert kept["parts"][0]["text"] == step["content"][0]["text"]


def test_streamed_and_whole_the_answer_is_the_same(visitor: httpx2.Client) -> None:
    whole = send(visitor, new_conversation(visitor)).json()["steps"][-1]["content"][0]["text"]
    assert streamed_text(send(visitor, new_conversation(visitor), stream=True).text) == whole


def test_sources_are_written_as_references_and_definitions(
    visitor: httpx2.Client, conversation: str
) -> None:
    text = streamed_text(send(visitor, conversation, stream=True).text)
    assert "[Lighthouses][1]" in text
    definitions = [line for line in text.splitlines() if line.startswith("[1]: ")]
    assert len(definitions) == 1
    assert definitions[0].startswith("[1]: https://example.com/lights#:~:text=")
    assert definitions[0].endswith(' "Lighthouses"')


def test_a_follow_up_without_a_page_is_about_the_page_before(
    visitor: httpx2.Client, conversation: str
) -> None:
    send(visitor, conversation)
    follow_up = send(
        visitor, conversation, content="And why wickies?", pageContext=None, stream=True
    )
    assert "called wickies." in streamed_text(follow_up.text)


@pytest.mark.parametrize(
    "page",
    [
        None,
        {},
        {"url": None, "title": None, "content": None, "textSelection": None},
        {"content": "Bees dance.", "unknown": {"a": [1]}},
        {"textSelection": "Bees dance."},
    ],
)
def test_any_part_of_the_page_may_be_absent(
    visitor: httpx2.Client, conversation: str, page: Any
) -> None:
    answer = send(visitor, conversation, content="Do bees dance?", pageContext=page)
    assert answer.status_code == 200


def test_a_message_keeps_address_title_and_selection_and_not_the_content(
    visitor: httpx2.Client, conversation: str
) -> None:
    send(visitor, conversation, pageContext={**PAGE, "textSelection": "every four hours"})
    question = messages(visitor, conversation)[0]
    assert question["parts"] == [{"type": "text", "text": QUESTION}]
    assert question["pageUrl"] == PAGE["url"]
    assert question["pageTitle"] == PAGE["title"]
    assert question["textSelection"] == "every four hours"
    assert "trimmed the wicks" not in json.dumps(question)


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"content": None}, 400, "INVALID_REQUEST_BODY", "content"),
        ({"content": 1}, 400, "INVALID_REQUEST_BODY", "content"),
        ({"content": ["a"]}, 400, "INVALID_REQUEST_BODY", "content"),
        ({"content": {"text": "a"}}, 400, "INVALID_REQUEST_BODY", "content"),
        ({"content": ""}, 422, "VALIDATION_ERROR", "content"),
        ({"content": "a" * 10_001}, 422, "VALIDATION_ERROR", "content"),
        ({"content": ASTRAL * 5_000 + "a"}, 422, "VALIDATION_ERROR", "content"),
        ({"stream": "true"}, 400, "INVALID_REQUEST_BODY", "stream"),
        ({"stream": 1}, 400, "INVALID_REQUEST_BODY", "stream"),
        ({"stream": None}, 400, "INVALID_REQUEST_BODY", "stream"),
        ({"pageContext": "x"}, 400, "INVALID_REQUEST_BODY", "pageContext"),
        ({"pageContext": []}, 400, "INVALID_REQUEST_BODY", "pageContext"),
        ({"pageContext": {"url": 1}}, 400, "INVALID_REQUEST_BODY", "pageContext.url"),
        ({"pageContext": {"title": True}}, 400, "INVALID_REQUEST_BODY", "pageContext.title"),
        ({"pageContext": {"url": "u" * 2_049}}, 422, "VALIDATION_ERROR", "pageContext.url"),
        ({"pageContext": {"title": "t" * 501}}, 422, "VALIDATION_ERROR", "pageContext.title"),
        (
            {"pageContext": {"content": "c" * 100_001}},
            422,
            "VALIDATION_ERROR",
            "pageContext.content",
        ),
        (
            {"pageContext": {"textSelection": ASTRAL * 5_001}},
            422,
            "VALIDATION_ERROR",
            "pageContext.textSelection",
        ),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_message_that_is_wrong_names_the_field_and_is_not_kept(
    visitor: httpx2.Client,
    conversation: str,
    change: dict[str, Any],
    status: int,
    code: str,
    field: str,
    stream: bool,
) -> None:
    refused = send(visitor, conversation, **{"stream": stream, **change})
    error = assert_error(refused, status, code, field=field)
    if status == 422:
        assert error["details"]["reason"]
    assert messages(visitor, conversation) == []


def test_a_message_without_content_names_it(visitor: httpx2.Client, conversation: str) -> None:
    refused = visitor.post(f"/conversations/{conversation}/messages", json={"stream": True})
    assert_error(refused, 400, "INVALID_REQUEST_BODY", field="content")


@pytest.mark.parametrize(
    "page",
    [
        {"content": "c" * 100_000},
        {"content": ASTRAL * 50_000},
        {"url": "https://example.com/" + "u" * 2_028},
        {"title": ASTRAL * 250},
        {"textSelection": ASTRAL * 5_000},
    ],
)
def test_lengths_at_the_limit_are_taken(
    visitor: httpx2.Client, conversation: str, page: dict[str, str]
) -> None:
    assert send(visitor, conversation, pageContext=page).status_code == 200


@pytest.mark.parametrize("content", ["a", " ", "a" * 10_000, ASTRAL * 5_000])
def test_questions_of_every_allowed_length_are_taken(
    visitor: httpx2.Client, conversation: str, content: str
) -> None:
    assert send(visitor, conversation, content=content, pageContext=None).status_code == 200
    assert messages(visitor, conversation)[0]["parts"][0]["text"] == content


def test_unknown_fields_of_a_message_are_ignored(visitor: httpx2.Client, conversation: str) -> None:
    answer = send(visitor, conversation, id="x", messages=[{"role": "system"}], role="system")
    assert answer.status_code == 200
    assert [message["role"] for message in messages(visitor, conversation)] == ["user", "assistant"]


def test_a_closed_conversation_takes_no_more_questions(
    visitor: httpx2.Client, conversation: str
) -> None:
    visitor.post(f"/conversations/{conversation}/close")
    for stream in (True, False):
        assert_error(send(visitor, conversation, stream=stream), 409, "CONFLICT")
    assert messages(visitor, conversation) == []


def test_messages_are_listed_by_role_status_limit_and_offset(
    visitor: httpx2.Client, conversation: str
) -> None:
    for question in ("One?", "Two?"):
        send(visitor, conversation, content=question, pageContext=None)
    everything = messages(visitor, conversation)
    assert [each["role"] for each in everything] == ["user", "assistant", "user", "assistant"]
    assert messages(visitor, conversation, limit=1, offset=2) == everything[2:3]
    assert messages(visitor, conversation, offset=3) == everything[3:]
    assert messages(visitor, conversation, limit=1000, offset=4) == []
    assert messages(visitor, conversation, role="user") == everything[::2]
    assert messages(visitor, conversation, role="human_agent") == []
    assert messages(visitor, conversation, status="complete", role="assistant") == everything[1::2]
    assert messages(visitor, conversation, status="error") == []


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ("limit=0", 422, "VALIDATION_ERROR", "limit"),
        ("limit=1001", 422, "VALIDATION_ERROR", "limit"),
        ("limit=all", 400, "INVALID_REQUEST_BODY", "limit"),
        ("offset=-1", 422, "VALIDATION_ERROR", "offset"),
        ("role=system", 422, "VALIDATION_ERROR", "role"),
        ("status=done", 422, "VALIDATION_ERROR", "status"),
    ],
)
def test_messages_that_are_asked_for_wrongly_name_the_field(
    visitor: httpx2.Client, conversation: str, query: str, status: int, code: str, field: str
) -> None:
    refused = visitor.get(f"/conversations/{conversation}/messages?{query}")
    assert_error(refused, status, code, field=field)


def test_feedback_is_given_changed_and_taken_back(
    visitor: httpx2.Client, conversation: str
) -> None:
    send(visitor, conversation, stream=True)
    answer = messages(visitor, conversation)[-1]["id"]
    for feedback in ("like", "dislike", "dislike", None):
        given = visitor.post(f"/messages/{answer}/feedback", json={"feedback": feedback, "x": 1})
        assert given.status_code == 200
        assert given.json() == {"feedback": feedback}
        kept = messages(visitor, conversation)[-1]
        assert kept["feedback"] == feedback
        assert (kept["feedbackAt"] is None) == (feedback is None)


def test_feedback_is_taken_right_after_a_stream_that_named_the_message(
    visitor: httpx2.Client, conversation: str
) -> None:
    answer = chunks(send(visitor, conversation, stream=True).text)[0]["messageId"]
    given = visitor.post(f"/messages/{answer}/feedback", json={"feedback": "like"})
    assert given.status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "INVALID_REQUEST_BODY"),
        ({"feedback": 1}, 400, "INVALID_REQUEST_BODY"),
        ({"feedback": True}, 400, "INVALID_REQUEST_BODY"),
        ({"feedback": "love"}, 422, "VALIDATION_ERROR"),
        ({"feedback": ""}, 422, "VALIDATION_ERROR"),
    ],
)
def test_feedback_that_is_wrong_names_the_field(
    visitor: httpx2.Client, conversation: str, body: object, status: int, code: str
) -> None:
    send(visitor, conversation, stream=True)
    answer = messages(visitor, conversation)[-1]["id"]
    refused = visitor.post(f"/messages/{answer}/feedback", json=body)
    assert_error(refused, status, code, field="feedback")


def test_feedback_on_someone_else_s_message_and_on_an_unknown_one_gets_the_same_answer(
    visitor: httpx2.Client, stranger: httpx2.Client, conversation: str
) -> None:
    send(visitor, conversation, stream=True)
    answer = messages(visitor, conversation)[-1]["id"]
    body = {"feedback": "like"}
    foreign = stranger.post(f"/messages/{answer}/feedback", json=body)
    unknown = stranger.post(f"/messages/{UNKNOWN_ID}/feedback", json=body)
    assert_error(foreign, 404, "MESSAGE_NOT_FOUND")
    assert foreign.text.replace(answer, UNKNOWN_ID) == unknown.text
    assert_error(stranger.post("/messages/nix/feedback", json=body), 404, "MESSAGE_NOT_FOUND")
    assert messages(visitor, conversation)[-1]["feedback"] is None
