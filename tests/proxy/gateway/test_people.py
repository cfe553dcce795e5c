"""A person takes a conversation over: what they write reaches whoever reads, once, over sockets and without."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from wsproto.events import CloseConnection, TextMessage

from asklight.gateway import listening, people, sockets
from asklight.gateway.human_events import Place, read_said
from proxy.gateway.relayed import (
    TOKEN,
    Relayed,
    Visitor,
    conversation,
    refused,
    relayed,
    reply,
)
from support.faults import (
    PATIENCE_SECONDS,
    Exchange,
    FaultUpstream,
    Script,
    answers_json,
    answers_text,
    cut,
    fault_upstream,
    in_turn,
    reset,
    stall,
)
from support.faults_http2 import certificates
from support.websockets import Talk

KEY = "pk_canary_71c0e5"
SOON_SECONDS = 0.02
NOBODY = str(uuid.UUID(int=7, version=4))
"""Where there is no message."""


def human(text: str = "Hello, I am Ada.", **facts: Any) -> dict[str, Any]:
    """A message that a person wrote, as an upstream tells it."""
    parts = [{"type": "text", "text": text}]
    identity = str(uuid.uuid4())
    return {"object": "message", "id": identity, "role": "human_agent", "parts": parts, **facts}


@dataclass(frozen=True)
class Told:
    """One event as a reader gets it; a place alone has no value."""

    id: str
    value: dict[str, Any] | None

    @property
    def text(self) -> str:
        """What a message says, or the event's type."""
        assert self.value is not None
        if self.value["type"] == "human_assigned":
            return "joined"
        text: str = self.value["message"]["parts"][0]["text"]
        return text


class Reading:
    """An events stream, read one event at a time."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._parts = response.aiter_raw()
        self._buffer = b""

    async def block(self) -> bytes:
        """What stands before the next blank line."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while b"\n\n" not in self._buffer:
                self._buffer += await anext(self._parts)
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        return block

    async def next(self) -> Told:
        """The next event; comments are passed over."""
        while (block := await self.block()).startswith(b":"):
            pass
        identity, _, data = block.partition(b"\n")
        assert identity.startswith(b"id: ")
        assert not data or data.startswith(b"data: ")
        value = json.loads(data.removeprefix(b"data: ")) if data else None
        return Told(identity.removeprefix(b"id: ").decode(), value)

    async def texts(self, count: int) -> list[str]:
        """What the next events say."""
        return [(await self.next()).text for _ in range(count)]


class Desk:
    """The service as far as people are concerned: the messages of one conversation, and whether a person has it."""

    def __init__(self, upstream: FaultUpstream, identity: str, *, has_person: bool = False) -> None:
        self.upstream = upstream
        self.identity = identity
        self.messages: list[dict[str, Any]] = []
        self.has_person = has_person
        upstream.on("GET", f"/conversations/{identity}", self._tell)
        upstream.on("GET", f"/{identity}/messages", self._list)

    def write(self, text: str, **facts: Any) -> dict[str, Any]:
        """A person writes; gives the message."""
        self.messages.append(human(text, **facts))
        return self.messages[-1]

    @property
    def looks(self) -> int:
        """How often the service was asked what there is."""
        asked = self.upstream.to("GET", "/messages")
        return len(asked) + len(self.upstream.to("GET", f"/conversations/{self.identity}"))

    async def looked(self, more: int = 1) -> None:
        """Waits for so many more looks."""
        wanted = self.looks + more
        await self.upstream.until(lambda: self.looks >= wanted)

    async def _tell(self, exchange: Exchange) -> None:
        told = conversation(self.identity, messages=self.messages, isHumanHandled=self.has_person)
        await answers_json(told)(exchange)

    async def _list(self, exchange: Exchange) -> None:
        await answers_json({"object": "list", "data": self.messages})(exchange)


class Readers:
    """Opens events streams of one visitor."""

    def __init__(self, relay: Relayed, visitor: Visitor) -> None:
        self._relay = relay
        self._visitor = visitor

    @asynccontextmanager
    async def of(self, identity: str, after: str | None = None) -> AsyncIterator[Reading]:
        """The events of a conversation; leaving the block closes the connection."""
        headers = {"authorization": f"Bearer {self._visitor.token}"}
        if after is not None:
            headers["last-event-id"] = after
        client = await self._relay.client(self._visitor.origin)
        path = f"/v2/conversations/{identity}/events"
        async with client.stream("GET", path, headers=headers) as response:
            assert response.status_code == 200, await response.aread()
            yield Reading(response)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SHORTEST_SECONDS", SOON_SECONDS)
    monkeypatch.setattr(listening, "LONGEST_SECONDS", SOON_SECONDS)


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy with a publishable key, so that it has the service's WebSocket."""
    configured = {
        "ASKLIGHT_UPSTREAM_KEY": KEY,
        "ASKLIGHT_UPSTREAM_ORIGIN": "https://shop.example",
    }
    async with relayed(tmp_path, configured) as running:
        visitors = answers_json({"sessionToken": "visitor-token", "visitor": {}}, 201)
        running.upstream.on("POST", "/identity/init", visitors)
        yield running


@pytest.fixture
async def polling(tmp_path: Path) -> AsyncIterator[Relayed]:
    """The proxy with an API token, with which there is no WebSocket."""
    async with relayed(tmp_path) as running:
        yield running


@dataclass(frozen=True)
class Scene:
    """A conversation, who may read it, and the service behind it."""

    relay: Relayed
    visitor: Visitor
    readers: Readers
    identity: str
    desk: Desk

    def reading(self, after: str | None = None) -> Any:
        return self.readers.of(self.identity, after)


async def begun(relay: Relayed, *, has_person: bool = False) -> Scene:
    visitor = await relay.visitor()
    identity = await visitor.converse()
    desk = Desk(relay.upstream, identity, has_person=has_person)
    return Scene(relay, visitor, Readers(relay, visitor), identity, desk)


# Over the service's WebSocket


async def test_what_a_person_writes_reaches_two_readers_once_each(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    async with scene.reading() as one, scene.reading() as other:
        for reading in (one, other):
            assert await reading.next() == Told(":0", None)
        await talk.tell({"type": "human_assigned", "chatId": scene.identity})
        written = human()
        await talk.tell({"type": "new_message", "chatId": scene.identity, "message": written})
        await talk.tell({"type": "new_message", "chatId": scene.identity, "message": written})
        await talk.tell({"type": "new_message", "message": human("Still there?")})
        for reading in (one, other):
            joined, first, second = [await reading.next() for _ in range(3)]
            assert joined == Told(":1", {"type": "human_assigned", "chatId": scene.identity})
            assert first.id == f"{written['id']}:1"
            assert first.value is not None
            assert first.value.keys() == {"type", "chatId", "message"}
            assert first.value["type"] == "new_message"
            assert first.value["chatId"] == scene.identity
            assert first.value["message"]["parts"] == written["parts"]
            assert second.text == "Still there?"
    assert len(relay.upstream.to("GET", "/ws")) == 1, "one source for both"


async def test_a_reader_stands_before_what_was_said_while_it_began(relay: Relayed) -> None:
    """Or what it is told next would be lost to it, were its connection lost first."""
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    written = human()

    async def saying_before_answering(exchange: Exchange) -> None:
        await talk.tell({"type": "human_assigned", "chatId": scene.identity})
        await talk.tell({"type": "new_message", "chatId": scene.identity, "message": written})
        await answers_json(conversation(scene.identity))(exchange)

    path = f"/conversations/{scene.identity}"
    relay.upstream.on("GET", path, saying_before_answering)
    async with scene.reading() as reading:
        assert await reading.next() == Told(":0", None)
        assert [(await reading.next()).id for _ in range(2)] == [":1", f"{written['id']}:1"]


async def test_the_socket_is_asked_for_as_the_contract_has_it(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    async with scene.reading():
        request = await talk.opened()
    assert request.target == f"/v2/conversations/{scene.identity}/ws?apiKey={KEY}"
    assert request.header("origin") == "https://shop.example"
    assert request.header("authorization") is None
    assert request.header("host") == f"127.0.0.1:{relay.upstream.port}"


async def test_the_stream_has_a_streams_headers_and_is_readable_where_the_page_is(
    relay: Relayed,
) -> None:
    scene = await begun(relay)
    relay.upstream.on("GET", "/ws", Talk())
    async with scene.reading() as reading:
        headers = reading.response.headers
    assert headers["content-type"] == "text/event-stream"
    assert headers["cache-control"] == "no-cache, no-transform"
    assert headers["x-accel-buffering"] == "no"
    assert headers["access-control-allow-origin"] == scene.visitor.origin


async def test_a_service_with_an_authority_of_its_own_has_its_socket_too(tmp_path: Path) -> None:
    tls, ca_file = certificates(tmp_path)
    async with fault_upstream(tls) as upstream:
        settings = {
            "ASKLIGHT_UPSTREAM_KEY": KEY,
            "ASKLIGHT_UPSTREAM_URL": f"https://localhost:{upstream.port}/v2",
            "ASKLIGHT_UPSTREAM_CA_FILE": str(ca_file),
        }
        async with relayed(tmp_path, settings, upstream=upstream) as relay:
            upstream.on("POST", "/identity/init", answers_json({"sessionToken": "t"}, 201))
            scene, talk = await begun(relay), Talk()
            upstream.on("GET", "/ws", talk)
            async with scene.reading() as reading:
                await reading.next()
                await talk.tell({"type": "new_message", "message": human("Privately")})
                assert await reading.texts(1) == ["Privately"]


async def test_a_message_in_fragments_is_one_message(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    async with scene.reading() as reading:
        await reading.next()
        await talk.tell_in_pieces({"type": "new_message", "message": human("Whole")})
        assert await reading.texts(1) == ["Whole"]


async def test_a_new_message_that_is_not_told_is_asked_for(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    async with scene.reading() as reading:
        await reading.next()
        scene.desk.write("Look it up")
        await talk.tell({"type": "new_message", "chatId": scene.identity})
        assert await reading.texts(1) == ["Look it up"]


async def test_only_people_in_this_conversation_are_told_of(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    async with scene.reading() as reading:
        await reading.next()
        for message in (human("mine", role="user"), human("a model's", role="assistant")):
            await talk.tell({"type": "new_message", "message": message})
        await talk.tell({"type": "new_message", "chatId": "other", "message": human("theirs")})
        await talk.tell({"type": "typing"})
        await talk.tell(["no", "event"])
        await talk.say(TextMessage(data="{"))
        await talk.tell({"type": "new_message", "message": human("Ada's")})
        assert await reading.texts(1) == ["Ada's"]


@pytest.mark.parametrize("lose", [Talk.cut, Talk.close], ids=["cut", "closed"])
async def test_a_lost_socket_is_opened_again_and_what_was_missed_is_told_once(
    lose: Callable[[Talk], Any], relay: Relayed
) -> None:
    scene, before, after = await begun(relay, has_person=True), Talk(), Talk()
    relay.upstream.on("GET", "/ws", in_turn(before, after))
    async with scene.reading() as reading:
        await reading.next()
        first = scene.desk.write("Before")
        await before.tell({"type": "new_message", "message": first})
        assert await reading.texts(1) == ["Before"]
        scene.desk.write("Meanwhile")
        await lose(before)
        await after.opened()
        assert await reading.texts(1) == ["Meanwhile"]
        await after.tell({"type": "new_message", "message": human("After")})
        assert await reading.texts(1) == ["After"]


async def test_a_socket_is_pinged_and_one_that_does_not_answer_is_opened_again(
    relay: Relayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.05)
    scene, awake, asleep = await begun(relay), Talk(), Talk(is_awake=False)
    relay.upstream.on("GET", "/ws", in_turn(asleep, awake))
    async with scene.reading() as reading:
        await reading.next()
        gone = await asleep.opened()
        await gone.closed()
        await awake.hears(4)
        assert asleep.heard == ["ping"]
        assert len(relay.upstream.to("GET", "/ws")) == 2
        await awake.tell({"type": "new_message", "message": human()})
        assert await reading.texts(1) == ["Hello, I am Ada."], "a pong is no event"


async def test_a_socket_that_says_too_much_is_given_up(
    relay: Relayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "MESSAGE_LIMIT_BYTES", 1_000)
    scene, loud, calm = await begun(relay), Talk(), Talk()
    relay.upstream.on("GET", "/ws", in_turn(loud, calm))
    async with scene.reading() as reading:
        await reading.next()
        await loud.say(TextMessage(data="x" * 2_000, message_finished=False))
        await calm.tell({"type": "new_message", "message": human("Calm")})
        assert await reading.texts(1) == ["Calm"]


# Without a WebSocket


REFUSALS: dict[str, Script] = {
    "404": answers_json({"error": {"message": KEY}}, 404),
    "HTML": answers_text(200, "text/html", "<p>hello"),
    "a redirect": answers_text(302, "text/html", "", {"location": "http://127.0.0.1:1/"}),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
async def test_where_the_service_has_no_socket_its_messages_are_asked_for(
    refusal: Script, relay: Relayed
) -> None:
    scene = await begun(relay)
    relay.upstream.on("GET", "/ws", refusal)
    await _told_by_asking(scene)
    assert len(relay.upstream.to("GET", "/ws")) == 1, "it is not asked for again"


async def test_with_a_token_messages_are_asked_for(polling: Relayed) -> None:
    await _told_by_asking(await begun(polling))
    assert polling.upstream.to("GET", "/ws") == []


async def _told_by_asking(scene: Scene) -> None:
    old = scene.desk.write("Old")
    async with scene.reading() as one, scene.reading() as other:
        for reading in (one, other):
            assert await reading.next() == Told(f"{old['id']}:0", None), "the old is not new"
        scene.desk.write("mine", role="user")
        scene.desk.write("New")
        scene.desk.has_person = True
        for reading in (one, other):
            assert await reading.texts(2) == ["joined", "New"]
        scene.desk.write("Newer")
        for reading in (one, other):
            assert await reading.texts(1) == ["Newer"]
    asked = scene.relay.upstream.to("GET", "/messages")
    assert {sent.target.partition("?")[2] for sent in asked} == {"role=human_agent"}


async def test_however_many_read_the_service_is_asked_no_more_often(polling: Relayed) -> None:
    scene = await begun(polling, has_person=True)
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(scene.reading()) for _ in range(6)]
        for reading in readers:
            await reading.next()
        loop = asyncio.get_running_loop()
        began, before = loop.time(), scene.desk.looks
        await scene.desk.looked(12)
        each = (loop.time() - began) / (scene.desk.looks - before)
        assert each > SOON_SECONDS / 2, "six sources would look six times as often"
        scene.desk.write("To all")
        for reading in readers:
            assert await reading.texts(1) == ["To all"]


FAILURES: dict[str, Script] = {
    "cut": cut,
    "reset": reset,
    "500": answers_json({"error": {}}, 500),
    "503": answers_json({"error": {}}, 503, {"retry-after": "1"}),
    "HTML": answers_text(502, "text/html", "<p>down"),
}


@pytest.mark.parametrize("failure", ["cut", "reset", "500", "HTML"])
async def test_a_service_that_is_away_for_a_while_ends_no_stream(
    failure: str, polling: Relayed
) -> None:
    scene = await begun(polling, has_person=True)
    async with scene.reading() as reading:
        await reading.next()
        polling.upstream.on("GET", "/messages", FAILURES[failure])
        await scene.desk.looked(3)
        scene.desk.write("Back")
        scene.relay.upstream.on("GET", "/messages", scene.desk._list)
        assert await reading.texts(1) == ["Back"]


async def test_the_longer_nothing_happens_the_longer_it_takes_to_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(listening, "SHORTEST_SECONDS", 3)
    monkeypatch.setattr(listening, "LONGEST_SECONDS", 30)
    monkeypatch.setattr(asyncio, "sleep", wait)
    pause = listening.Pause()
    for _ in range(10):
        await pause.wait()
    assert 2.2 < waited[0] < 3.8
    assert 22 < waited[-1] < 38
    assert waited[5] > 2 * waited[0]
    pause.shorten()
    await pause.wait()
    assert waited[-1] < 3.8
    await pause.wait(at_least=120)
    assert waited[-1] >= 90, "the service said how long to leave it alone"


# Coming back


async def test_a_reader_that_comes_back_misses_nothing_and_gets_nothing_twice(
    polling: Relayed,
) -> None:
    scene = await begun(polling)
    scene.desk.write("Old")
    async with scene.reading() as reading:
        at_first = await reading.next()
        scene.desk.write("One")
        one = await reading.next()
        assert one.text == "One"
    scene.desk.has_person = True
    for text in ("Two", "Three"):
        scene.desk.write(text)
    scene.desk.write("mine", role="user")
    async with scene.reading(one.id) as reading:
        assert await reading.next() == Told(one.id, None)
        assert await reading.texts(3) == ["joined", "Two", "Three"]
        scene.desk.write("Four")
        four = await reading.next()
        assert four.text == "Four"
    async with scene.reading(four.id) as reading, scene.reading(at_first.id) as second:
        for stream in (reading, second):
            await stream.next()
        scene.desk.write("Five")
        assert await reading.texts(1) == ["Five"]
        assert await second.texts(6) == ["joined", "One", "Two", "Three", "Four", "Five"]


async def test_the_id_of_any_message_is_a_place_too(polling: Relayed) -> None:
    """So a page that has loaded the conversation reads on from there, with no gap."""
    scene = await begun(polling)
    scene.desk.write("Old")
    mine = scene.desk.write("mine", role="user")
    scene.desk.write("Since")
    async with scene.reading(mine["id"]) as reading:
        assert (await reading.next()).value is None
        assert await reading.texts(1) == ["Since"]


@pytest.mark.parametrize("after", ["nonsense", NOBODY, f"{NOBODY}:0", ":", ":7"])
async def test_a_place_that_nobody_knows_is_now(after: str, polling: Relayed) -> None:
    scene = await begun(polling)
    old = scene.desk.write("Old")
    async with scene.reading(after) as reading:
        assert await reading.next() == Told(f"{old['id']}:0", None)
        scene.desk.write("New")
        assert await reading.texts(1) == ["New"]


def test_a_place_is_read_as_it_is_written() -> None:
    for place in (Place("", False), Place("", True), Place(str(uuid.uuid4()), False)):
        assert Place.parse(str(place)) == place
    assert Place.parse(None) is None
    assert Place.parse("") is None


def test_what_a_socket_says_is_read_tolerantly() -> None:
    nested = "[" * 100_000
    for text in ("", "pong", nested, "null", '{"type":7}', '{"type":"new_message","chatId":"b"}'):
        said = read_said(text, "a")
        assert (said.message, said.has_joined, said.is_vague) == (None, False, False)
    assert read_said('{"type":"new_message","message":{"id":"../x"}}', "a").is_vague


# Refusals


async def test_anothers_conversation_and_an_unknown_one_get_the_same_404(relay: Relayed) -> None:
    scene = await begun(relay)
    stranger = await relay.visitor()
    unknown = str(uuid.uuid4())
    for identity in (scene.identity, unknown):
        answer = await stranger.request("GET", f"/conversations/{identity}/events")
        details = await refused(answer, 404, "CONVERSATION_NOT_FOUND")
        assert details == {"conversationId": identity}
    assert relay.upstream.to("GET", "/ws") == []


async def test_without_a_session_there_is_nothing_to_read(relay: Relayed) -> None:
    scene = await begun(relay)
    client = await relay.client()
    answer = await client.get(f"/v2/conversations/{scene.identity}/events")
    await refused(answer, 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ("cut", 502, "BAD_GATEWAY"),
        ("HTML", 502, "BAD_GATEWAY"),
        ("503", 503, "SERVICE_UNAVAILABLE"),
    ],
)
async def test_a_service_that_fails_at_first_is_told_as_the_contracts_error(
    failure: str, status: int, code: str, polling: Relayed
) -> None:
    scene = await begun(polling)
    path = f"/conversations/{scene.identity}"
    polling.upstream.on("GET", path, FAILURES[failure])
    for _ in range(2):  # the first try leaves nothing that the second would meet
        answer = await scene.visitor.request("GET", f"{path}/events")
        await refused(answer, status, code)


async def test_a_conversation_that_is_gone_ends_the_stream(polling: Relayed) -> None:
    scene = await begun(polling)
    gone = answers_json({"error": {"message": "gone"}}, 404)
    async with scene.reading() as reading:
        await reading.next()
        polling.upstream.on("GET", f"/conversations/{scene.identity}", gone)
        with pytest.raises(StopAsyncIteration):
            await reading.next()
    answer = await scene.visitor.request("GET", f"/conversations/{scene.identity}/events")
    await refused(answer, 404, "CONVERSATION_NOT_FOUND")


async def test_so_many_conversations_are_listened_to_and_no_more(
    polling: Relayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LISTENING_LIMIT", 1)
    one, other = await begun(polling), await begun(polling)
    async with one.reading() as reading:
        await reading.next()
        answer = await other.visitor.request("GET", f"/conversations/{other.identity}/events")
        await refused(answer, 503, "SERVICE_UNAVAILABLE")


async def test_a_person_who_has_the_conversation_is_written_to_while_it_is_read(
    relay: Relayed,
) -> None:
    """The message itself is answered with 202 and ``Message sent``; what they write comes on the events."""
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    reply(relay.upstream, answers_text(202, "text/plain", "Message sent"))
    async with scene.reading() as reading:
        await reading.next()
        answer = await scene.visitor.ask(scene.identity)
        assert (answer.status_code, answer.text) == (202, "Message sent")
        assert answer.headers["content-type"].startswith("text/plain")
        await talk.tell({"type": "new_message", "message": human("On it")})
        assert await reading.texts(1) == ["On it"]


async def test_what_a_person_wrote_can_be_judged_once_it_was_told(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    relay.upstream.on("POST", "/feedback", answers_json({"feedback": "like"}))
    written = human()
    path = f"/messages/{written['id']}/feedback"
    async with scene.reading() as reading:
        await reading.next()
        before = await scene.visitor.request("POST", path, {"feedback": "like"})
        await refused(before, 404, "MESSAGE_NOT_FOUND")
        await talk.tell({"type": "new_message", "message": written})
        await reading.next()
    assert (await scene.visitor.request("POST", path, {"feedback": "like"})).status_code == 200


# What is kept open, and what is left behind


async def test_a_silent_stream_is_kept_alive(tmp_path: Path) -> None:
    often = {"ASKLIGHT_UPSTREAM_KEY": KEY, "ASKLIGHT_KEEP_ALIVE_SECONDS": "0.02"}
    async with relayed(tmp_path, often) as relay:
        relay.upstream.on("POST", "/identity/init", answers_json({"sessionToken": "t"}, 201))
        scene = await begun(relay)
        relay.upstream.on("GET", "/ws", Talk())
        async with scene.reading() as reading:
            await reading.block()
            for _ in range(3):
                assert await reading.block() == b": keep-alive"


async def test_the_socket_stays_until_the_last_reader_leaves(relay: Relayed) -> None:
    scene, talk = await begun(relay), Talk()
    relay.upstream.on("GET", "/ws", talk)
    async with AsyncExitStack() as stack:
        last = await stack.enter_async_context(scene.reading())
        async with scene.reading() as first:
            await first.next()
        await last.next()
        socket = (await talk.opened()).connection
        await talk.tell({"type": "new_message", "message": human("Stay")})
        assert await last.texts(1) == ["Stay"]
        assert not socket.closed_by_peer.done()
    await (await talk.opened()).closed(1)


async def test_a_reader_that_leaves_before_the_service_has_answered_ends_it_all(
    relay: Relayed,
) -> None:
    scene = await begun(relay)
    relay.upstream.on("GET", "/ws", stall)
    path = f"/conversations/{scene.identity}/events"
    before = asyncio.all_tasks()
    reading = asyncio.create_task(scene.visitor.request("GET", path))
    sent = await relay.upstream.wait_for("GET", "/ws")
    reading.cancel()
    await sent.closed(2)
    await _only(before)


async def test_nothing_is_left_of_many_readers_however_it_ended(relay: Relayed) -> None:
    scene = await begun(relay)
    before = asyncio.all_tasks()
    for number in range(20):
        script = (Talk(), cut, reset, REFUSALS["404"])[number % 4]
        relay.upstream.on("GET", "/ws", script)
        async with scene.reading() as one, scene.reading() as other:
            await one.next()
            await other.next()
    await _only(before)
    await relay.upstream.until(lambda: relay.upstream.open_connections <= 2)


async def _only(before: set[asyncio.Task[Any]]) -> None:
    """Waits until no task is left but those of `before`, and of the fault server's open connections."""
    async with asyncio.timeout(2):
        while left := {
            task
            for task in asyncio.all_tasks() - before
            if "Connection._serve" not in str(task.get_coro())
        }:
            await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)


async def test_stopping_ends_every_stream_in_good_order_and_takes_no_more(
    polling: Relayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[people.People] = []
    begin = people.People._begin

    def spy(self: people.People, *arguments: Any) -> listening.Listening:
        made.append(self)
        return begin(self, *arguments)

    monkeypatch.setattr(people.People, "_begin", spy)
    scene = await begun(polling)
    async with scene.reading() as reading:
        await reading.next()
        await made[0].close()
        with pytest.raises(StopAsyncIteration):
            await reading.next()
    answer = await scene.visitor.request("GET", f"/conversations/{scene.identity}/events")
    await refused(answer, 503, "SERVICE_UNAVAILABLE")


async def test_a_reader_too_far_behind_is_let_go_and_comes_back_to_where_it_was(
    relay: Relayed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "READER_LIMIT_BYTES", 2_000)
    scene, talk = await begun(relay, has_person=True), Talk()
    relay.upstream.on("GET", "/ws", talk)
    written = [scene.desk.write(f"{number} {'x' * 500}") for number in range(9)]
    seen: list[str] = []
    place = ":1"
    while len(seen) < len(written):
        async with scene.reading(place) as reading:
            with suppress(StopAsyncIteration):
                while len(seen) < len(written):
                    told = await reading.next()
                    place = told.id
                    seen += [] if told.value is None else [told.text]
        relay.upstream.on("GET", "/ws", Talk())
    assert seen == [message["parts"][0]["text"] for message in written]


async def test_the_key_and_the_token_are_in_no_answer_and_no_log(
    relay: Relayed, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    scene = await begun(relay)
    echo = {"message": KEY, "code": KEY}
    seen: list[str] = []
    scripts: list[Script] = [
        cut,
        reset,
        _says(f"HTTP/1.1 200 OK\r\n{KEY} x\0: {KEY}\r\n\r\n"),
        _says(f"{KEY}\r\n\r\n"),
        _says(f"HTTP/1.1 101 {KEY}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
        *(answers_json({"error": echo}, status) for status in (400, 401, 403, 404, 429, 500)),
    ]
    for script in scripts:
        relay.upstream.on("GET", "/ws", script)
        async with scene.reading() as reading:
            seen += [str(await reading.next()), str(reading.response.headers)]
    rude, talk = Talk(), Talk()
    relay.upstream.on("GET", "/ws", in_turn(rude, talk))
    async with scene.reading() as reading:
        seen.append(str(await reading.next()))
        await rude.say(CloseConnection(code=1011, reason=KEY))
        await talk.opened()
        await talk.tell({"type": "new_message", "message": human(error=KEY), "evil": KEY})
        seen.append(str(await reading.next()))
    sockets_asked = relay.upstream.to("GET", "/ws")
    assert len(sockets_asked) >= len(scripts) + 2
    assert all(KEY in sent.target for sent in sockets_asked), "the control: it was in use"
    assert "asklight.upstream" in caplog.text, "the control: the log was on"
    captured = capfd.readouterr()
    for text in (*seen, caplog.text, captured.out, captured.err):
        assert KEY not in text
        assert TOKEN not in text
        assert "/ws?" not in text


def _says(text: str) -> Script:
    async def script(exchange: Exchange) -> None:
        await exchange.send(text.encode())
        await exchange.cut()

    return script


async def test_the_http_clients_own_log_would_hold_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The control of the last test, and why the socket's address never goes through that client."""
    caplog.set_level("INFO")
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200))
    async with httpx2.AsyncClient(transport=transport) as client:
        await client.get("http://service/ws", params={"apiKey": KEY})
    assert KEY in caplog.text
