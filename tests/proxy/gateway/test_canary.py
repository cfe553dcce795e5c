"""The API token is searched for wherever it could come out: answers, headers, the log, the browser's files."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from asklight.app import STATIC
from proxy.gateway.relayed import (
    DONE,
    FINISH,
    QUESTION,
    START,
    Relayed,
    Visitor,
    relayed,
    reply,
    sse,
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
    reset,
    streams,
)

CANARY = "sk-canary-9d41f6c2aa7e"
TOLD = f"Illegal header value b'Bearer {CANARY}'"
"""What an upstream says that repeats its caller's credential."""


def repeating() -> dict[str, Script]:
    """Answers in which the upstream says the token, in every place that an answer has."""
    error = {"error": {"message": TOLD, "code": CANARY, "details": {"field": CANARY}}}
    headers = {"x-echo": CANARY, "set-cookie": f"token={CANARY}", "www-authenticate": CANARY}
    scripts: dict[str, Script] = {
        f"status {status}": answers_json(error, status, headers)
        for status in (400, 401, 402, 403, 404, 409, 418, 422, 429, 500, 502, 503)
    }
    failed = {"type": "tool-output-error", "toolCallId": "1", "errorText": TOLD}
    events = [{"type": "error", "errorText": TOLD}, failed, {"type": CANARY}, {"x": TOLD}]
    for number, event in enumerate(events):
        scripts[f"event {number}"] = streams(
            sse(START, json.dumps(event).encode()), headers=headers
        )
    return scripts | {
        "HTML": answers_text(500, "text/html", TOLD, headers),
        "a redirect": answers_text(302, "text/html", TOLD, {"location": f"/{CANARY}"}),
        "a type": answers_text(200, f"text/{CANARY}", TOLD),
        "a text": answers_text(200, "text/plain", TOLD),
        "an encoding": answers_text(200, "application/json", "{}", {"content-encoding": CANARY}),
        "no HTTP": _says_no_http,
        "a header that is none": _says_a_broken_header,
        "cut": cut,
        "reset": reset,
        "a good answer": streams(sse(START, FINISH, DONE), headers=headers),
    }


async def _says_no_http(exchange: Exchange) -> None:
    await exchange.send(TOLD.encode() + b"\r\n\r\n")
    await exchange.cut()


async def _says_a_broken_header(exchange: Exchange) -> None:
    await exchange.send(f"HTTP/1.1 200 OK\r\n{CANARY} x\0: {CANARY}\r\n\r\n".encode())
    await exchange.cut()


async def everything_answered(
    client: httpx2.AsyncClient, upstream: FaultUpstream, scripts: Iterable[Script]
) -> list[str]:
    """Every operation against each of `scripts`, and every page; what a reader can see of each answer."""
    seen: list[str] = []

    async def see(method: str, path: str, body: object = None) -> httpx2.Response:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await client.request(method, path, json=body)
        seen.append(f"{answer.status_code} {answer.reason_phrase} {answer.headers!r} {answer.text}")
        return answer

    begun = await see("POST", "/v2/identity/init", {"apiKey": "demo"})
    client.headers["authorization"] = f"Bearer {begun.json()['sessionToken']}"
    identity, message = str(uuid.uuid4()), str(uuid.uuid4())
    upstream.on("POST", "/conversations", answers_json({"id": identity, "evil": CANARY}, 201))
    await see("POST", "/v2/conversations")
    one, path = f"/v2/conversations/{identity}", f"/conversations/{identity}"
    stored = {"id": message, "role": "assistant", "error": TOLD, "evil": CANARY}
    upstream.on("GET", path, answers_json({"id": identity, "messages": [stored], "x": CANARY}))
    await see("GET", one)
    for script in scripts:
        for method, ending in (
            ("POST", "/conversations"),
            ("GET", path),
            ("GET", "/messages"),
            ("POST", "/messages"),
            ("POST", "/close"),
            ("POST", "/feedback"),
        ):
            upstream.on(method, ending, script)
        await see("POST", "/v2/conversations")
        await see("GET", "/v2/conversations")
        await see("GET", one)
        await see("POST", f"{one}/messages", dict(QUESTION))
        await see("POST", f"{one}/messages", {**QUESTION, "stream": False})
        await see("GET", f"{one}/messages")
        await see("POST", f"{one}/close")
        await see("POST", f"/v2/messages/{message}/feedback", {"feedback": "like"})
        await see("POST", f"{one}/stop")
    for page in ("/", "/chat?site=demo", "/embed.js", "/healthz", "/nothing", "/v2/nothing"):
        await see("GET", page)
    for page in ("/v2/projects/current?apiKey=demo", "/v2/identity/me"):
        await see("GET", page)
    return seen


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """A file with the token in it and a line break after it, as editors leave one."""
    path = tmp_path / "token"
    path.write_text(f"{CANARY}\n")
    return path


@pytest.fixture
async def relay(tmp_path: Path, token_file: Path) -> AsyncIterator[Relayed]:
    data = tmp_path / "data"
    data.mkdir()
    async with relayed(data, {"ASKLIGHT_UPSTREAM_TOKEN_FILE": str(token_file)}) as running:
        yield running


async def test_the_token_is_in_no_answer_header_or_log_line(
    relay: Relayed,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Fact 1, with the token from a file that ends in a line break and everybody logging all they can."""
    caplog.set_level("DEBUG")
    # httpx2 and its transport log the upstream's headers at this level, which here hold what the upstream repeats.
    for chatty in ("httpcore2", "httpx2"):
        caplog.set_level("INFO", logger=chatty)
    seen = await everything_answered(await relay.client(), relay.upstream, repeating().values())
    assert len(seen) > 200
    assert [line for line in seen if CANARY in line] == []
    assert CANARY not in caplog.text
    assert "asklight.upstream" in caplog.text, "the control: the log was on"
    captured = capfd.readouterr()
    assert CANARY not in captured.out + captured.err
    sent = {request.header("authorization") for request in relay.upstream.received}
    assert sent == {f"Bearer {CANARY}"}, "the control: it was in use all the while"


async def test_what_the_http_client_logs_in_detail_holds_no_request_header(
    relay: Relayed, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    """Its own debugging log is somebody else's code: it must not hold what we send."""
    caplog.set_level("DEBUG")
    identity = await visitor.converse()
    for script in (streams(sse(START, FINISH)), cut, reset):
        reply(relay.upstream, script)
        await visitor.ask(identity)
    assert CANARY not in caplog.text


async def test_a_line_break_within_a_token_would_leak_it_through_the_http_client() -> None:
    """The control of fact 1: this is the text that must never be logged or told, and why the token is checked first."""
    async with fault_upstream() as upstream, httpx2.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx2.LocalProtocolError, match=CANARY):
            await client.get(upstream.url, headers={"authorization": f"Bearer {CANARY}\n"})


async def test_the_files_for_the_browser_do_not_hold_the_token(relay: Relayed) -> None:
    client = await relay.client()
    paths = [path for path in STATIC.rglob("*") if path.is_file()]
    assert any(path.name == "embed.js" for path in paths)
    for path in paths:
        assert CANARY.encode() not in path.read_bytes()
        answer = await client.get(f"/{path.relative_to(STATIC).as_posix()}")
        assert CANARY.encode() not in answer.content
        assert CANARY not in str(answer.headers)


@asynccontextmanager
async def served(
    environment: dict[str, str],
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """``asklight serve`` as it is shipped, in a process of its own; gives it and its address."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-X", "dev", "-m", "asklight", "serve"),
        env={**os.environ, "ASKLIGHT_PORT": "0", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            first = (await process.stdout.readline()).decode()
        assert first.startswith("Asklight is at http"), first
        yield process, first.split()[-1]
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_the_token_is_in_nothing_that_the_shipped_server_prints(
    tmp_path: Path, token_file: Path
) -> None:
    """In Python's development mode, which makes asyncio and others say more."""
    worst = [repeating()[name] for name in ("status 401", "event 0", "no HTTP", "reset", "HTML")]
    async with fault_upstream() as upstream:
        settings = {
            "ASKLIGHT_DATA_DIR": str(tmp_path / "served"),
            "ASKLIGHT_UPSTREAM_URL": upstream.url,
            "ASKLIGHT_UPSTREAM_TOKEN_FILE": str(token_file),
            **{f"ASKLIGHT_LIMIT_{name}": "9999/minute" for name in _LIMITS},
        }
        async with served(settings) as (process, address):
            headers = {"origin": address}
            async with httpx2.AsyncClient(
                base_url=address, headers=headers, trust_env=False
            ) as client:
                seen = await everything_answered(client, upstream, worst)
            process.terminate()
            async with asyncio.timeout(30):
                out, err = await process.communicate()
        assert process.returncode == 0
    assert len(seen) > 40
    assert CANARY not in "".join(seen)
    assert CANARY not in (out + err).decode()
    assert b"asklight.upstream" in err, "the control: it did print its log"


_LIMITS = (
    "MESSAGES_PER_SESSION",
    "MESSAGES_PER_ADDRESS",
    "CONVERSATIONS_PER_SESSION",
    "SESSIONS_PER_ADDRESS",
)


async def test_a_token_that_cannot_be_a_header_is_refused_at_the_start_without_being_shown(
    tmp_path: Path,
) -> None:
    """A line break inside, as when two tokens stand in one file."""
    path = tmp_path / "token"
    path.write_text(f"{CANARY}\n{CANARY}\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "asklight", "serve"),
        env={**os.environ, "ASKLIGHT_PORT": "0", "ASKLIGHT_UPSTREAM_TOKEN_FILE": str(path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    assert process.returncode == 1
    assert b"ASKLIGHT_UPSTREAM_TOKEN" in err
    assert CANARY not in (out + err).decode()
