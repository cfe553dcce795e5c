"""A chat of a published `ai` package in a Node of its own (``chat.ts``), led by a test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from support.node import NODE, node_environment

_PROGRAM: Final = Path(__file__).parent / "chat.ts"
_PATIENCE_SECONDS: Final = 20  # Node has to start and to load the package

Door = Literal["chat", "contract"]


@dataclass(frozen=True)
class Seen:
    """What the user sees: ``ready``, ``submitted``, ``streaming`` or ``error``, and the messages."""

    status: str = "ready"
    error: str | None = None
    messages: Sequence[dict[str, Any]] = ()

    @property
    def answer(self) -> str | None:
        """The text of the last message, if it is an answer."""
        last = self.messages[-1] if self.messages else None
        return str(last["text"]) if last is not None and last["role"] == "assistant" else None


@dataclass
class Led:
    """The chat. `seen` is all its user has seen so far, in order."""

    token: str
    seen: list[Seen]
    endings: list[dict[str, bool]] = field(default_factory=list)
    _process: asyncio.subprocess.Process = field(kw_only=True)

    @property
    def now(self) -> Seen:
        """What its user sees now."""
        return self.seen[-1]

    async def do(self, deed: str, **more: Any) -> None:
        """Has the user do something: ``send``, ``regenerate``, ``stop`` or ``resume``."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": deed, **more}).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, condition: Callable[[Seen], bool]) -> Seen:
        """What the user sees, once it fulfils `condition`."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not condition(self.now):
                await self._read()
        return self.now

    async def shows(self, answer: str) -> Seen:
        """What the user sees, once the answer so far is exactly this."""
        return await self.until(lambda seen: seen.answer == answer)

    async def done(self, deed: str) -> Seen:
        """What the user sees when what they did is over."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await self._read()).get("done") != deed:
                pass
        return self.now

    async def _read(self) -> dict[str, Any]:
        line = await _line(self._process)
        if "status" in line:
            self.seen.append(Seen(**line))
        elif "isAbort" in line:
            self.endings.append(line)
        return line

    async def leave(self) -> None:
        """Closes the page."""
        if self._process.returncode is None:
            self._process.kill()
            await self._process.communicate()


@asynccontextmanager
async def led(
    sdk: str,
    origin: str,
    *,
    door: Door = "chat",
    chat: str = "Zy3Kqf0aX1",
    token: str | None = None,
    history: Sequence[dict[str, Any]] = (),
) -> AsyncIterator[Led]:
    """A chat of the package `sdk` at the proxy, with a session of its own or the one of `token`."""
    settings = {"sdk": sdk, "origin": origin, "door": door, "chat": chat, "history": history}
    if token is not None:
        settings["token"] = token
    process = await asyncio.create_subprocess_exec(
        NODE,
        "--experimental-strip-types",
        "--no-warnings",
        str(_PROGRAM),
        json.dumps(settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=node_environment(),
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            begun = await _line(process)
        client = Led(begun["token"], [Seen(messages=list(history))], _process=process)
        yield client
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    assert line, "the client has ended; its own output says why"
    value: dict[str, Any] = json.loads(line)
    return value
