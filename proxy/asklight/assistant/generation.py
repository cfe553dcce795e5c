"""One answer as it comes to be: kept while it grows, and stopped at once when nobody reads it any more."""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final

from asklight.assistant.answers import Answerer
from asklight.assistant.store import Store, Turn
from asklight.contract import STOPPED

FAILED: Final = "The answer could not be completed."
"""The `error` of an answer that failed on the way."""

KEEP_EVERY_SECONDS: Final = 1.0
"""A crash costs at most the words of the last so many seconds."""

logger = logging.getLogger(__name__)


class GenerationFailed(Exception):
    """The answerer failed; what there is of the answer is kept, and the log says why."""


class Generations:
    """Begins answers, and knows which are under way."""

    def __init__(self, answerer: Answerer, store: Store) -> None:
        self._answerer = answerer
        self._store = store
        self._running: dict[asyncio.Task[Any], str] = {}

    def of(self, turn: Turn) -> Generation:
        """The answer to `turn`, not yet begun."""
        return Generation(turn, self._answerer, self._store, self._running)

    async def stop(self) -> None:
        """Stop every answer under way; when this returns, what there was of each is kept."""
        await _end(list(self._running))

    async def stop_in(self, conversation_id: str) -> None:
        """Stop the answers under way in one conversation."""
        await _end([task for task, of in self._running.items() if of == conversation_id])


async def _end(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Generation:
    """The answer to one turn, run at most once."""

    def __init__(
        self, turn: Turn, answerer: Answerer, store: Store, running: dict[asyncio.Task[Any], str]
    ) -> None:
        self.turn = turn
        self.text = ""
        self._answerer = answerer
        self._store = store
        self._running = running

    async def run(self, emit: Callable[[str], Awaitable[None]]) -> None:
        """Generate, giving each piece to `emit`. However this ends, the answer is kept as far as it came.

        :raises GenerationFailed: the answerer failed.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._running[task] = self.turn.conversation_id
        try:
            await self._run(emit)
        finally:
            self._running.pop(task, None)

    async def _run(self, emit: Callable[[str], Awaitable[None]]) -> None:
        try:
            await self._generate(emit)
        except asyncio.CancelledError:
            await self._keep("error", STOPPED)
            raise
        except Exception as error:
            # Without the exception's text, which may quote a secret.
            trace = "".join(traceback.format_tb(error.__traceback__))
            logger.error("an answer failed: %s\n%s", type(error).__name__, trace)
            await self._keep("error", FAILED)
            raise GenerationFailed from None
        await self._keep("complete")

    async def _generate(self, emit: Callable[[str], Awaitable[None]]) -> None:
        kept_at = time.monotonic()
        async with aclosing(self._answerer(self.turn.inquiry)) as pieces:
            async for piece in pieces:
                self.text += piece
                await emit(piece)
                if time.monotonic() - kept_at >= KEEP_EVERY_SECONDS:
                    await self._keep("streaming")
                    kept_at = time.monotonic()

    async def _keep(self, status: str, error: str | None = None) -> None:
        # Shielded: a write that was begun is finished, whoever leaves meanwhile.
        await asyncio.shield(self._store.keep_answer(self.turn, self.text, status, error))
