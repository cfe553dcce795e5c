"""The turns of this process: which of them runs, can be read again, or is what a repeated try asks for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from asklight.errors import Conflict, ServiceUnavailable
from asklight.gateway.logs import Logs
from asklight.gateway.rounds import Rounds
from asklight.gateway.turn import RESTART_SECONDS, Position, Turn, Writer
from asklight.settings import Relaying

KEEP_SECONDS: Final = 300
"""How long a turn can still be read after its end."""

KEEP_ATTEMPT_SECONDS: Final = 600
"""How long a repeated ``Idempotency-Key`` joins its turn, whose log is then kept as long."""

_RETRY_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at sending a message, by its ``Idempotency-Key``. `body_hash` tells a repeat from another message."""

    owner: str
    key: str
    body_hash: bytes


class Turns:
    """The turns of this process: at most one running for a conversation, the last one kept for a while."""

    def __init__(self, grace_seconds: float, bounds: Relaying | None = None) -> None:
        self._grace_seconds = grace_seconds
        self._bounds = bounds or Relaying()
        self._logs = Logs(self._bounds.all_answers_bytes, self._bounds.answer_bytes)
        self._rounds = Rounds(self._bounds.keep_alive_seconds / 2)
        self._turns: dict[str, Turn] = {}
        self._is_draining = False
        self._being_written: set[Turn] = set()
        self._attempts: dict[tuple[str, str, str], tuple[bytes, Turn]] = {}

    def repeated(self, conversation_id: str, attempt: Attempt) -> Turn | None:
        """The turn that an earlier try with the same key began, or None.

        A try that was refused before it began is forgotten: trying again is then a new try.

        :raises Conflict: the key was used for another message, or the answer is no longer kept.
        """
        known = self._attempts.get((attempt.owner, conversation_id, attempt.key))
        if known is None or known[1].refusal is not None:
            return None
        if known[0] != attempt.body_hash:
            raise Conflict(
                "This Idempotency-Key was used for another message.",
                resource="message",
                field="Idempotency-Key",
            )
        if known[1].is_given_up and known[1].form == "json":  # a stream tells it within
            raise Conflict(
                "The answer to this message is no longer kept here. Load the conversation.",
                resource="message",
                field="Idempotency-Key",
            )
        return known[1]

    def begin(
        self, conversation_id: str, write: Writer, attempt: Attempt | None, *, is_streamed: bool
    ) -> Turn:
        """A new turn, being written; or the one that an equal try, on its way at the same time, has just begun.

        :raises Conflict: another one is running, or the key was used for another message.
        :raises ServiceUnavailable: the server is stopping, or the running answers leave no room for another.
        """
        repeated = self.repeated(conversation_id, attempt) if attempt else None
        if repeated is not None:
            return repeated
        self.check_free(conversation_id)
        turn = Turn(
            conversation_id,
            self._grace_seconds,
            is_streamed=is_streamed,
            bounds=self._bounds,
            logs=self._logs,
            rounds=self._rounds,
        )
        self._logs.begin(turn)
        self._turns[conversation_id] = turn
        if attempt is not None:
            attempts = (attempt.owner, conversation_id, attempt.key)
            self._attempts[attempts] = (attempt.body_hash, turn)
        self._being_written.add(turn)
        turn.start(write).add_done_callback(lambda _: self._forget_later(turn, attempt))
        return turn

    def check_free(self, conversation_id: str) -> None:
        """:raises Conflict: an answer is being written in this conversation.

        :raises ServiceUnavailable: the server is stopping, or the running answers leave no room for another.
        """
        if self._is_draining:
            raise ServiceUnavailable(retry_after=RESTART_SECONDS)
        if len(self._being_written) >= self._bounds.streams:
            raise ServiceUnavailable(retry_after=_RETRY_SECONDS)
        if self.running(conversation_id) is not None:
            raise Conflict(
                "An answer is still being written. Stop it, or wait for its end.",
                resource="conversation",
                field="message",
            )
        self._logs.check_room()

    def running(self, conversation_id: str) -> Turn | None:
        """The conversation's turn that has not ended."""
        turn = self._turns.get(conversation_id)
        return turn if turn is not None and turn.ending is None else None

    def readable(self, conversation_id: str, after: Position | None) -> Turn | None:
        """The turn to go on reading: the running one, or the one `after` names while it has more."""
        turn = self._turns.get(conversation_id)
        if turn is None or not turn.is_streamed or turn.refusal is not None:
            return None
        if turn.ending is None:
            return turn
        is_behind = after is not None and after.turn == turn.id and after.number < len(turn.frames)
        return turn if is_behind else None

    async def forget(self, conversation_id: str) -> None:
        """Stops the conversation's turn and drops its log, and every ``Idempotency-Key`` that would join it."""
        turn = self._turns.pop(conversation_id, None)
        if turn is not None:
            turn.stop()
            await turn.ended()
        for attempt in [each for each in self._attempts if each[1] == conversation_id]:
            del self._attempts[attempt]

    async def drain(self, seconds: float) -> None:
        """Begins no more turns, lets the running ones end within `seconds`, and interrupts the rest."""
        self._is_draining = True
        writers = [turn.ended() for turn in self._being_written]
        if writers:
            await asyncio.wait(
                [asyncio.ensure_future(writer) for writer in writers], timeout=seconds
            )
        await self.close()

    async def close(self) -> None:
        """Interrupts every running turn and waits until their writers are gone."""
        turns = list(self._being_written)
        for turn in turns:
            turn.cancel()
        for turn in turns:
            await turn.ended()

    def _forget_later(self, turn: Turn, attempt: Attempt | None) -> None:
        self._being_written.discard(turn)
        loop = asyncio.get_running_loop()
        loop.call_later(KEEP_SECONDS, self._forget_turn, turn, attempt)
        if attempt is not None:
            loop.call_later(KEEP_ATTEMPT_SECONDS, self._forget_attempt, turn, attempt)

    def _forget_turn(self, turn: Turn, attempt: Attempt | None) -> None:
        if self._turns.get(turn.conversation_id) is turn:
            del self._turns[turn.conversation_id]
        if attempt is None:
            self._logs.remove(turn)

    def _forget_attempt(self, turn: Turn, attempt: Attempt) -> None:
        key = (attempt.owner, turn.conversation_id, attempt.key)
        if key in self._attempts and self._attempts[key][1] is turn:
            del self._attempts[key]
        self._logs.remove(turn)
